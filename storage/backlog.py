"""What waits: orders and notices to be sent, requests for a decision. The metrics count it, the console lists it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.order import Order, OrderStatus
from storage.database import Database, from_ms_or_none, to_ms
from storage.order_rows import order_of

#: The states in which something is still to be done, by Kudos or by a person.
WAITING: Final = (OrderStatus.QUEUED, OrderStatus.SUBMITTING, OrderStatus.NEEDS_ATTENTION)

# Finished orders are not counted: there are as many as Kudos has ever sent. INDEXED BY: see storage/migrations.py.
_COUNTS: Final = """
SELECT status, count(*) AS n FROM orders INDEXED BY orders_by_status
WHERE status IN ('queued', 'submitting', 'needs_attention') GROUP BY status
"""
_HELD: Final = "SELECT count(*) AS n FROM orders INDEXED BY orders_due WHERE status = 'queued' AND is_held = 1"
# An order that was held waits since the end of its hold. One that is being tried still waits: while a halted queue
# tries its only order, none is queued.
_OLDEST: Final = """
SELECT min(coalesce(not_before, created_at)) AS oldest FROM orders WHERE id IN (
    (SELECT min(id) FROM orders INDEXED BY orders_by_status WHERE status = 'queued' AND is_held = 0),
    (SELECT min(id) FROM orders INDEXED BY orders_by_status WHERE status = 'submitting')
)
"""
_NOTICES: Final = """
SELECT count(*) AS n, min(created_at) AS oldest FROM outbox INDEXED BY outbox_lanes
WHERE status IN ('pending', 'sending')
"""
# By whole days, of 86,400,000 milliseconds. A request that was made before `waits_since` was kept waits from now on.
_REQUESTS: Final = """
SELECT min(max((:now - coalesce(waits_since, :now)) / 86400000, 0), :most) AS days, count(*) AS n
FROM requests INDEXED BY requests_pending WHERE status = 'pending_approval' GROUP BY 1
"""
_STEPPED_ASIDE: Final = """
SELECT problem, count(*) AS n FROM outbox INDEXED BY outbox_turns
WHERE status = 'pending' AND problem IS NOT NULL GROUP BY problem ORDER BY problem
"""
_LISTED: Final = """
SELECT * FROM orders INDEXED BY orders_due
WHERE status = :status AND is_held = :is_held ORDER BY priority, available_at, id LIMIT :most
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogSize:
    """The amount of what waits, and since when.

    Attributes:
        orders: how many orders are in each state of WAITING, without those that are held.
        held: how many queued orders are held: for these nobody waits yet.
        oldest_order_at: since when the oldest order that is queued or being sent waits, UTC: since its approval, or
            since the end of its hold. None where there is none, or all are held.
        notices: how many notices are still to be sent.
        oldest_notice_at: when the oldest of them was written, UTC; None where there is none.
    """

    orders: Mapping[OrderStatus, int]
    held: int
    oldest_order_at: datetime | None
    notices: int
    oldest_notice_at: datetime | None


class BacklogStore:
    """Reads what waits, and changes nothing."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def size(self) -> BacklogSize:
        """Return how much waits."""
        counts = {row["status"]: row["n"] for row in self._db.query(_COUNTS)}
        held = self._db.query(_HELD)[0]["n"]
        counts[OrderStatus.QUEUED] = max(counts.get(OrderStatus.QUEUED, 0) - held, 0)  # one may be approved in between
        [oldest] = self._db.query(_OLDEST)
        notices = self._db.query(_NOTICES)[0]
        return BacklogSize(
            orders={status: counts.get(status, 0) for status in WAITING},
            held=held,
            oldest_order_at=from_ms_or_none(oldest["oldest"]),
            notices=notices["n"],
            oldest_notice_at=from_ms_or_none(notices["oldest"]),
        )

    def requests(self, now: datetime, most: int) -> Mapping[int, int]:
        """Return how many requests wait for a decision, by the whole days that they have waited, up to `most`."""
        rows = self._db.query(_REQUESTS, {"now": to_ms(now), "most": most})
        return {row["days"]: row["n"] for row in rows}

    def refused_notices(self) -> Mapping[str, int]:
        """Return how many notices that Slack has refused so far still wait, by Slack's code."""
        return {row["problem"]: row["n"] for row in self._db.query(_STEPPED_ASIDE)}

    def orders(self, status: OrderStatus, most: int, *, held: bool = False) -> Sequence[Order]:
        """Return orders in that state, those first that are sent first: those that are held, or all others."""
        rows = self._db.query(_LISTED, {"status": status, "is_held": int(held), "most": most})
        return [order_of(row) for row in rows]
