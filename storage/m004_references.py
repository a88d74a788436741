"""The step m004: references, which buttons and forms carry in place of numbers."""

from typing import Final

# requests.reference: carried by the buttons and forms about a request. recipients.external_ref_id: the reference of the
# recipient's order, made with the request, so that a decision that is made again after a restore orders under the same
# one; buttons about the order carry it too. Both are 128 random bits, and are never changed. Orders that exist keep
# theirs. The cards and receipts that wait are rewritten, because their buttons carry numbers, which are refused now.
# requests.in_doubt_since: of a request that waits in a restored backup, the end of the backup: from then on, the file
# that was replaced may have ordered it.
# tango_account: whose orders the file holds: set once, at the first start.
M004: Final = """
ALTER TABLE requests ADD COLUMN reference TEXT CHECK (length(reference) BETWEEN 32 AND 100);;
UPDATE requests SET reference = lower(hex(randomblob(16)));;
CREATE UNIQUE INDEX requests_by_reference ON requests (reference);;
ALTER TABLE recipients ADD COLUMN external_ref_id TEXT CHECK (length(external_ref_id) BETWEEN 1 AND 100);;
UPDATE recipients SET external_ref_id = coalesce(
    (
        SELECT orders.external_ref_id FROM orders
        WHERE orders.request_id = recipients.request_id AND orders.recipient_id = recipients.user_id
    ),
    lower(hex(randomblob(16)))
);;
CREATE UNIQUE INDEX recipients_by_external_ref_id ON recipients (external_ref_id);;
ALTER TABLE requests ADD COLUMN in_doubt_since INTEGER;;
CREATE TABLE tango_account (
    id       INTEGER PRIMARY KEY CHECK (id = 1),
    host     TEXT NOT NULL,
    platform TEXT NOT NULL,
    customer TEXT NOT NULL,
    account  TEXT NOT NULL
) STRICT;;
CREATE TRIGGER requests_reference_is_frozen BEFORE UPDATE OF reference ON requests
BEGIN SELECT RAISE(ABORT, 'a reference is never changed'); END;;
CREATE TRIGGER recipients_reference_is_frozen BEFORE UPDATE OF external_ref_id ON recipients
BEGIN SELECT RAISE(ABORT, 'a reference is never changed'); END;;
INSERT INTO outbox (kind, audience, facts, created_at)
SELECT 'approval_card', 'approvals', printf('{"request_id": %d}', id), CAST(strftime('%s', 'now') AS INTEGER) * 1000
FROM requests INDEXED BY requests_pending WHERE status = 'pending_approval' ORDER BY id
ON CONFLICT (kind, audience, facts) WHERE status = 'pending' DO NOTHING;;
INSERT INTO outbox (kind, audience, facts, created_at)
SELECT 'receipt', requester_id, printf('{"request_id": %d}', id), CAST(strftime('%s', 'now') AS INTEGER) * 1000
FROM requests INDEXED BY requests_pending WHERE status = 'pending_approval' ORDER BY id
ON CONFLICT (kind, audience, facts) WHERE status = 'pending' DO NOTHING
"""
