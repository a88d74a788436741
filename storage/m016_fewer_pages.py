"""The step m016: indexes that a submit and an approval need not write."""

from typing import Final

# Each index that a row is written to is a page of 4 KB more in the commit that a person waits for. So an index holds
# only the rows that are looked for by it: audit lines by the request or order that they have, requests to clear once
# they are decided, notices that are being sent, and rewards that the deliverer sends. One's own pending requests are
# found among all that are pending: a request expires.
M016: Final = """
DROP INDEX audit_by_request;;
CREATE INDEX audit_by_request ON audit (request_id, id) WHERE request_id IS NOT NULL;;
DROP INDEX audit_by_order;;
CREATE INDEX audit_by_order ON audit (order_id, id) WHERE order_id IS NOT NULL;;
DROP INDEX requests_to_clear;;
CREATE INDEX requests_to_clear ON requests (decided_at, id) WHERE cleared_at IS NULL AND decided_at IS NOT NULL;;
DROP INDEX requests_pending_of;;
DROP INDEX outbox_open;;
CREATE INDEX outbox_sending ON outbox (id) WHERE status = 'sending';;
DROP INDEX outbox_of_kind;;
CREATE INDEX outbox_deliveries ON outbox (turn, id) WHERE status = 'pending' AND kind = 'reward_delivery'
"""
