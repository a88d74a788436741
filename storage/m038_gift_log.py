"""The step m038: the gift log: who got what, when and why, from whom, and who approved it.

It holds names, which are kept for as long as `storage.gift_log_years` says, whatever is removed elsewhere. A campaign
and a purchase order are typed by people, and go with the names.
"""

from typing import Final

# A row is a reward that Tango has made (sent), a charge that was told or changed later (charged), or the end of a
# reward that came to nothing (ended): what was logged of it, with a minus. So the rows of a period never change, and
# the sums of all rows are what was paid. at: when that was known here; reports go by it. number: the order's.
# face_minor and charged_minor: in minor units of their currencies; NULL where Tango has not told the charge.
# taxable: NULL where the settings didn't say. team: the budgets that the request drew on.
M038: Final = """
CREATE TABLE gift_log (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    order_id          INTEGER NOT NULL REFERENCES orders (id),
    kind              TEXT    NOT NULL CHECK (kind IN ('sent', 'charged', 'ended')),
    at                INTEGER NOT NULL,
    number            TEXT    NOT NULL,
    requester_id      TEXT    NOT NULL,
    requester_name    TEXT    NOT NULL,
    recipient_id      TEXT    NOT NULL,
    recipient_name    TEXT    NOT NULL,
    approved_by       TEXT    NOT NULL,
    first_approved_by TEXT    NOT NULL,
    utid              TEXT    NOT NULL,
    reward_name       TEXT    NOT NULL,
    brand             TEXT    NOT NULL,
    currency          TEXT    NOT NULL CHECK (length(currency) = 3),
    face_minor        INTEGER NOT NULL CHECK ((kind = 'charged') = (face_minor = 0)),
    charged_minor     INTEGER,
    charged_currency  TEXT,
    occasion          TEXT    NOT NULL,
    taxable           INTEGER CHECK (taxable IN (0, 1)),
    team              TEXT    NOT NULL,
    campaign          TEXT    NOT NULL,
    purchase_order    TEXT    NOT NULL,
    CHECK ((charged_minor IS NULL) = (charged_currency IS NULL))
) STRICT;;
CREATE INDEX gift_log_by_time ON gift_log (at, id);;
CREATE INDEX gift_log_by_order ON gift_log (order_id, id);;
CREATE INDEX gift_log_named ON gift_log (at, id) WHERE recipient_name <> '';;
CREATE UNIQUE INDEX gift_log_sent_once ON gift_log (order_id) WHERE kind = 'sent';;
CREATE TRIGGER gift_log_is_append_only_update BEFORE UPDATE OF order_id, kind, at, number, requester_id, recipient_id,
    approved_by, first_approved_by, utid, reward_name, brand, currency, face_minor, charged_minor, charged_currency,
    occasion, taxable, team ON gift_log
BEGIN SELECT RAISE(ABORT, 'the gift log is append-only'); END;;
CREATE TRIGGER gift_log_names_are_only_removed BEFORE UPDATE OF requester_name, recipient_name, campaign,
    purchase_order ON gift_log
WHEN NOT (NEW.requester_name = '' AND NEW.recipient_name = '' AND NEW.campaign = '' AND NEW.purchase_order = '')
BEGIN SELECT RAISE(ABORT, 'names are only removed from the gift log'); END;;
CREATE TRIGGER gift_log_is_append_only_delete BEFORE DELETE ON gift_log
BEGIN SELECT RAISE(ABORT, 'the gift log is append-only'); END
"""
