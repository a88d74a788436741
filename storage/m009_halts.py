"""The step m009: what the queue remembers of halts, and what was told of them."""

from typing import Final

# suspect: the order that met the cause of a halt first. tried_*: the place of the order that was tried last, behind
# which the next probe looks. lack_*: an amount that the account doesn't cover. unclear: unclear answers in a row.
# resumed_at, last_cause: of the halt that ended last, for a halt that comes and goes. asked_by: the admins who wait for
# the result of a probe. telling, told_at: the number of admins' newest message about a hold, and when it was posted.
# rewritten_to: the order up to which cards and receipts say that orders are on hold, or again that they aren't; NULL
# once all do. hold_posts: where each admin has the message.
# orders_in_doubt: in an outage, orders whose outcome is unknown anyway are tried before fresh ones.
M009: Final = """
ALTER TABLE queue ADD COLUMN suspect INTEGER;;
ALTER TABLE queue ADD COLUMN tried_at INTEGER;;
ALTER TABLE queue ADD COLUMN tried_id INTEGER;;
ALTER TABLE queue ADD COLUMN lack_minor INTEGER;;
ALTER TABLE queue ADD COLUMN lack_currency TEXT;;
ALTER TABLE queue ADD COLUMN unclear INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE queue ADD COLUMN resumed_at INTEGER;;
ALTER TABLE queue ADD COLUMN last_cause TEXT;;
ALTER TABLE queue ADD COLUMN i18n_key TEXT;;
ALTER TABLE queue ADD COLUMN tango_request_id TEXT;;
ALTER TABLE queue ADD COLUMN asked_by TEXT;;
ALTER TABLE queue ADD COLUMN telling INTEGER NOT NULL DEFAULT 0;;
ALTER TABLE queue ADD COLUMN told_at INTEGER;;
ALTER TABLE queue ADD COLUMN rewritten_to INTEGER;;
CREATE TABLE hold_posts (
    audience TEXT    PRIMARY KEY,
    telling  INTEGER NOT NULL,
    channel  TEXT    NOT NULL,
    ts       TEXT    NOT NULL
) STRICT;;
CREATE INDEX orders_in_doubt ON orders (available_at, id) WHERE status = 'queued' AND outcome_unknown = 1
"""
