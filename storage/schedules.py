"""Orders that are held until a civil time (bot/domain/schedule.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.request import Request
from bot.domain.schedule import Schedule, civil_from, civil_text
from storage.database import Database, Row, Touched, from_ms, from_ms_or_none, to_ms
from storage.details import details_to_json

_FIRST: Final = """
SELECT min(not_before) AS at FROM orders INDEXED BY orders_scheduled WHERE is_held = 1 AND send_at IS NOT NULL
"""
_ALL: Final = """
SELECT id, send_at, send_zone, created_at, not_before FROM orders INDEXED BY orders_scheduled
WHERE is_held = 1 AND send_at IS NOT NULL ORDER BY not_before
"""
# Both at once: what is held is never due before the end of its hold.
_HOLD: Final = """
UPDATE orders SET not_before = :until, available_at = :until WHERE id = :id AND is_held = 1 AND send_at IS NOT NULL
"""
# All that is due in one statement, by the rows as they are: a date may just have been changed. By a machine's clock
# that is behind, they would be due in the future.
_RELEASE: Final = """
UPDATE orders INDEXED BY orders_scheduled SET is_held = 0, available_at = min(available_at, :now)
WHERE is_held = 1 AND send_at IS NOT NULL AND not_before <= :due_by
RETURNING request_id, requester_id
"""
_CHANGE: Final = """
UPDATE orders SET send_at = :send_at, send_zone = :zone, not_before = :until, available_at = :until
WHERE id = :id AND is_held = 1 AND send_at IS NOT NULL
"""
_SET: Final = """
UPDATE requests SET details = :details WHERE id = :id AND status IN ('pending_approval', 'approved')
"""


@dataclass(frozen=True, slots=True)
class ScheduledOrder:
    """An order that is held until a civil time.

    Attributes:
        id: the order's.
        schedule: the civil time, in the zone that counts.
        approved_at: UTC.
        not_before: the end of the hold as it was found last, UTC.
    """

    id: int
    schedule: Schedule
    approved_at: datetime
    not_before: datetime


class ScheduleStore:
    """The civil times of held orders."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def first(self) -> datetime | None:
        """Return the first end of a hold until a civil time, UTC; None where no order is held for one."""
        row = self._db.one(_FIRST)
        return from_ms_or_none(row["at"]) if row else None

    def all(self) -> Sequence[ScheduledOrder]:
        """Return the orders that are held until a civil time, the first ones first."""
        return [_scheduled(row) for row in self._db.query(_ALL)]

    def hold(self, order_id: int, until: datetime) -> None:
        """Keep that the hold of an order ends at another moment (UTC) than it was found to."""
        self._db.execute(_HOLD, {"id": order_id, "until": to_ms(until)})

    def release(self, *, due_by: datetime, now: datetime) -> set[tuple[int, str]]:
        """End the holds that are over; return the requests of these orders, each with its requester.

        Args:
            due_by: the world's time, UTC.
            now: the machine's time, UTC, by which orders are claimed.
        """
        rows = self._db.query(_RELEASE, {"due_by": to_ms(due_by), "now": to_ms(now)})
        if rows:
            self._db.touch(Touched.ORDERS)
        return {(row["request_id"], row["requester_id"]) for row in rows}

    def change(self, request: Request, holds: Mapping[int, tuple[Schedule, datetime]]) -> None:
        """Keep another date of a request that waits for approval or is approved.

        Args:
            request: with the new date in its details.
            holds: of its held orders by id: the civil time in the zone that counts, and the end of the hold, UTC.
        """
        self._db.execute(_SET, {"id": request.id, "details": details_to_json(request.details)})
        many = [
            {"id": order_id, "send_at": civil_text(schedule.at), "zone": schedule.zone, "until": to_ms(until)}
            for order_id, (schedule, until) in holds.items()
        ]
        self._db.execute_many(_CHANGE, many)


def _scheduled(row: Row) -> ScheduledOrder:
    return ScheduledOrder(
        id=row["id"],
        schedule=Schedule(civil_from(row["send_at"]), row["send_zone"]),
        approved_at=from_ms(row["created_at"]),
        not_before=from_ms(row["not_before"]),
    )
