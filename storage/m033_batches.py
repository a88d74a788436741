"""The step m033: batches, and the amount and message that each recipient of one has.

Personal data: recipients.own_message, and batches.asks_for, which is emptied when the batch is asked for and removed a
day after the check.
"""

from typing import Final

# requests.batch: 1 of a batch, 2 once it is approved, 0 of any other request. A bot of the version before would give
# each recipient requests.amount_minor, which is the largest: the CHECK lets it approve none. requests.untold: orders of
# a batch have moved since its card and receipt were rewritten. recipients.own_minor and own_message: NULL where the
# request says what each gets; other names than the request's have, because older bots read both tables at once.
# batches: what was checked. asks_for: the request as one JSON object, with the reference of each recipient's order.
# digest: of the list. request_id: once it was asked for. in_doubt_since: as of requests.
M033: Final = """
ALTER TABLE requests ADD COLUMN batch INTEGER NOT NULL DEFAULT 0
    CHECK (batch IN (0, 1, 2) AND (batch <> 1 OR status <> 'approved'));;
ALTER TABLE requests ADD COLUMN untold INTEGER NOT NULL DEFAULT 0 CHECK (untold IN (0, 1));;
CREATE INDEX requests_untold ON requests (id) WHERE untold = 1;;
ALTER TABLE recipients ADD COLUMN own_minor INTEGER CHECK (own_minor > 0);;
ALTER TABLE recipients ADD COLUMN own_message TEXT CHECK (length(own_message) <= 3000);;
CREATE TABLE batches (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    reference      TEXT    NOT NULL UNIQUE CHECK (length(reference) BETWEEN 32 AND 100),
    requester_id   TEXT    NOT NULL,
    digest         TEXT    NOT NULL,
    asks_for       TEXT    NOT NULL CHECK (json_valid(asks_for)),
    checked_at     INTEGER NOT NULL,
    request_id     INTEGER,
    in_doubt_since INTEGER
) STRICT;;
CREATE INDEX batches_checked ON batches (requester_id, checked_at);;
CREATE INDEX batches_unasked ON batches (checked_at) WHERE request_id IS NULL
"""
