"""Deliveries by Kudos itself: when a recipient first had the reward, and the cooldown until it is given again."""

from datetime import datetime
from typing import Final

from bot.domain.problem import Problem
from storage.database import Database, from_ms_or_none, to_ms

_DELIVERED: Final = """
UPDATE orders SET delivered_at = :now, given_at = :now, problem = NULL
WHERE id = :id AND status = 'accepted' AND delivery = 'message' AND delivered_at IS NULL
"""
# Only a reward that its recipient never had: who has it can have it shown again.
_UNDELIVERED: Final = """
UPDATE orders SET problem = :problem
WHERE id = :id AND status = 'accepted' AND delivery = 'message' AND delivered_at IS NULL
"""
# The cooldown begins again before the message is sent, and only for whoever finds that it has passed. A time that is
# still to come was written by a clock that was put back.
_CLAIM_DELIVERY: Final = """
UPDATE orders SET given_at = :now
WHERE id = :id AND status = 'accepted' AND delivery = 'message'
  AND (given_at IS NULL OR given_at <= :given_before OR given_at > :now)
"""
_GIVEN_AT: Final = "SELECT given_at FROM orders WHERE id = :id"


class DeliveryStore:
    """The columns of an order whose reward Kudos gives by message."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def mark_delivered(self, order_id: int, now: datetime) -> bool:
        """Record that Kudos has given the reward to its recipient; only the first time counts."""
        return self._db.execute(_DELIVERED, {"id": order_id, "now": to_ms(now)}) == 1

    def mark_undelivered(self, order_id: int) -> None:
        """Record that Kudos could not give the reward to its recipient, who never had it."""
        self._db.execute(_UNDELIVERED, {"id": order_id, "problem": Problem.UNDELIVERED})

    def claim(self, order_id: int, *, given_before: datetime, now: datetime) -> bool:
        """Begin the cooldown again; return whether it had passed.

        Args:
            order_id: of an accepted order.
            given_before: the reward was first given, or last asked for, at this time (UTC) or earlier.
            now: UTC.
        """
        params = {"id": order_id, "given_before": to_ms(given_before), "now": to_ms(now)}
        return self._db.execute(_CLAIM_DELIVERY, params) == 1

    def given_at(self, order_id: int) -> datetime | None:
        """Return when the reward was first given, or last asked for, UTC; None if never."""
        row = self._db.one(_GIVEN_AT, {"id": order_id})
        return from_ms_or_none(row["given_at"]) if row else None
