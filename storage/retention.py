"""Retention: removes names, addresses and texts that have been kept for long enough.

Ids, amounts, statuses, references and times of a request and its orders stay. The audit log stays whole, because it
holds nothing else.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from storage.database import Database, to_ms

#: Requests in one transaction. To clear so many takes some milliseconds: no click waits noticeably.
_BATCH: Final = 100

# A request is done once it is decided and nothing more will happen to its orders. An order that needs a person is not
# done, however old: whoever decides about it must know its recipient. INDEXED BY: the index has what is not cleared.
_DUE: Final = """
SELECT id FROM requests INDEXED BY requests_to_clear
WHERE cleared_at IS NULL AND decided_at < :before AND NOT EXISTS (
    SELECT 1 FROM orders WHERE orders.request_id = requests.id
    AND (orders.finalized_at IS NULL OR orders.finalized_at >= :before OR orders.watch_at IS NOT NULL)
)
ORDER BY decided_at, id LIMIT :most
"""
_CLEAR_REQUEST: Final = """
UPDATE requests SET requester_name = '', requester_email = '', message = '', details = '{}', permalink = '',
    occasion = '', reason = NULL, cleared_at = :now
WHERE id = :request_id
"""
CLEAR_RECIPIENTS: Final = """
UPDATE recipients SET first_name = '', last_name = '', email = '', zone = '', own_message = NULL
WHERE request_id = :request_id
"""
# The one change of a body that the file allows (storage/migrations.py): to an empty one, once it is not sent any more.
CLEAR_ORDERS: Final = """
UPDATE orders SET first_name = '', last_name = '', email = '', body = :emptied, problem_detail = NULL
WHERE request_id = :request_id
"""
CLEAR_RESENDS: Final = """
UPDATE resends SET detail = NULL, masked_email = NULL
WHERE order_id IN (SELECT id FROM orders WHERE request_id = :request_id)
"""
# Who was reminded of a request, nobody needs to know once it is decided.
_FORGET_REMINDERS: Final = "DELETE FROM reminders WHERE request_id = :request_id"
# Settled notices hold ids alone. They go because nobody needs them.
_FORGET_NOTICES: Final = """
DELETE FROM outbox WHERE id IN (
    SELECT id FROM outbox INDEXED BY outbox_settled WHERE settled_at < :before ORDER BY settled_at LIMIT :most
)
"""


class RetentionStore:
    """Removes what has been kept long enough, a batch at a time."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def clear_requests(self, before: datetime, now: datetime) -> Sequence[int]:
        """Remove the personal data of a batch of requests that were done before `before`.

        Return the requests' ids: when there are none, none are left.
        """
        rows = self._db.query(_DUE, {"before": to_ms(before), "most": _BATCH})
        for row in rows:
            params = {"request_id": row["id"]}
            self._db.execute(CLEAR_RESENDS, params)
            self._db.execute(CLEAR_ORDERS, {**params, "emptied": b"{}"})
            self._db.execute(CLEAR_RECIPIENTS, params)
            self._db.execute(_FORGET_REMINDERS, params)
            self._db.execute(_CLEAR_REQUEST, {**params, "now": to_ms(now)})
        return [row["id"] for row in rows]

    def forget_notices(self, before: datetime) -> int:
        """Remove a batch of notices that were settled before `before`; return how many: after 0, none are left."""
        return self._db.execute(_FORGET_NOTICES, {"before": to_ms(before), "most": _BATCH})
