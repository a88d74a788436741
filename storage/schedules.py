"""Orders that are held until a civil time (bot/domain/schedule.py)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.request import Request
from bot.domain.schedule import Schedule, civil_from, civil_text
from storage.database import Database, Row, Touched, from_ms, to_ms
from storage.requests import details_to_json

_ALL: Final = """
SELECT id, request_id, requester_id, send_at, send_zone, not_before FROM orders INDEXED BY orders_scheduled
WHERE is_held = 1 AND send_at IS NOT NULL ORDER BY not_before
"""
_DUE: Final = """
SELECT id, request_id, requester_id, send_at, send_zone, not_before FROM orders INDEXED BY orders_scheduled
WHERE is_held = 1 AND send_at IS NOT NULL AND not_before <= :now ORDER BY not_before
"""
# Both at once: what is held is never due before the end of its hold. Compare-and-set: the date may have been changed.
_MOVE: Final = """
UPDATE orders SET not_before = :at, available_at = :at WHERE id = :id AND is_held = 1 AND send_at = :send_at
"""
_RELEASE: Final = """
UPDATE orders SET is_held = 0, available_at = min(available_at, :now)
WHERE is_held = 1 AND send_at IS NOT NULL AND id IN (SELECT value FROM json_each(:ids))
"""
_CHANGE: Final = """
UPDATE orders SET send_at = :send_at, send_zone = :zone, not_before = :at, available_at = :at
WHERE id = :id AND is_held = 1 AND send_at IS NOT NULL
"""
_SET: Final = "UPDATE requests SET details = :details WHERE id = :id AND status = 'approved'"


@dataclass(frozen=True, slots=True)
class ScheduledOrder:
    """An order that is held until a civil time.

    Attributes:
        id: the order's.
        request_id: of its request.
        requester_id: who asked for it, by Slack id.
        schedule: the civil time, in the zone that counts.
        not_before: the moment as it was found last, UTC.
    """

    id: int
    request_id: int
    requester_id: str
    schedule: Schedule
    not_before: datetime


class ScheduleStore:
    """The civil times of held orders."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def all(self) -> Sequence[ScheduledOrder]:
        """Return the orders that are held until a civil time, the first ones first."""
        return [_scheduled(row) for row in self._db.query(_ALL)]

    def due(self, now: datetime) -> Sequence[ScheduledOrder]:
        """Return those of them whose moment has come, as it was found last."""
        return [_scheduled(row) for row in self._db.query(_DUE, {"now": to_ms(now)})]

    def move(self, order: ScheduledOrder, at: datetime) -> None:
        """Keep that the civil time of an order is at another moment (UTC) than it was found to be."""
        params = {"id": order.id, "send_at": civil_text(order.schedule.at), "at": to_ms(at)}
        self._db.execute(_MOVE, params)

    def release(self, order_ids: Iterable[int], now: datetime) -> None:
        """End the hold of those of the orders that are still held."""
        if self._db.execute(_RELEASE, {"ids": list(order_ids), "now": to_ms(now)}):
            self._db.touch(Touched.ORDERS)

    def change(self, request: Request, moments: Mapping[int, tuple[Schedule, datetime]]) -> None:
        """Keep another date of an approved request.

        Args:
            request: with the new date in its details.
            moments: of its held orders by id: the civil time in the zone that counts, and the moment, UTC.
        """
        self._db.execute(_SET, {"id": request.id, "details": details_to_json(request.details)})
        many = [
            {"id": order_id, "send_at": civil_text(schedule.at), "zone": schedule.zone, "at": to_ms(at)}
            for order_id, (schedule, at) in moments.items()
        ]
        self._db.execute_many(_CHANGE, many)


def _scheduled(row: Row) -> ScheduledOrder:
    return ScheduledOrder(
        id=row["id"],
        request_id=row["request_id"],
        requester_id=row["requester_id"],
        schedule=Schedule(civil_from(row["send_at"]), row["send_zone"]),
        not_before=from_ms(row["not_before"]),
    )
