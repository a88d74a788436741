"""The SQL of the step m011_inquiries of storage/migrations.py: the table of inquiries."""

from typing import Final

# inquiries: the questions to Tango what became of an order. due_at: when Tango is asked next, NULL once the inquiry is
# over. quiet: people are told that the order needs them when it is over. sent_as: Tango's number, as an admin gives it.
# found_as: Tango's number, as its list gives it. One open inquiry for each person (NULL: Kudos), order and number.
M011: Final = """
CREATE TABLE inquiries (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id     INTEGER NOT NULL REFERENCES orders (id),
    requested_by TEXT,
    requested_at INTEGER NOT NULL,
    quiet        INTEGER NOT NULL CHECK (quiet IN (0, 1)),
    sent_as      TEXT CHECK (length(sent_as) <= 100),
    found_as     TEXT,
    tries        INTEGER NOT NULL DEFAULT 0,
    due_at       INTEGER,
    asked_at     INTEGER,
    finished_at  INTEGER,
    finding      TEXT CHECK (finding IN ('same', 'differs', 'unconfirmed', 'absent', 'too_soon', 'no_such_number',
                                         'unanswered', 'unrecorded', 'overtaken')),
    detail       TEXT,
    CHECK ((due_at IS NULL) = (finished_at IS NOT NULL)),
    CHECK ((finding IS NULL) = (finished_at IS NULL))
) STRICT;;
CREATE INDEX inquiries_due ON inquiries (due_at, id) WHERE due_at IS NOT NULL;;
CREATE INDEX inquiries_by_order ON inquiries (order_id, id);;
CREATE UNIQUE INDEX inquiries_open_once ON inquiries (order_id, coalesce(requested_by, ''), coalesce(sent_as, ''))
WHERE due_at IS NOT NULL
"""
