"""Sums around a request: what its requester had approved lately, and what is still to be paid."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.domain.money import Money
from storage.database import Database, Row, to_ms

# The newest orders of a requester by their index, up to so many: an approver waits for the answer.
_SINCE: Final = """
SELECT currency, count(*) AS n, sum(amount_minor) AS total FROM (
    SELECT currency, amount_minor, status, created_at FROM orders
    WHERE requester_id = :requester_id ORDER BY id DESC LIMIT :most
) AS found
WHERE created_at >= :since AND status NOT IN ('failed', 'canceled')
GROUP BY currency ORDER BY currency
"""
_WAITING: Final = """
SELECT currency, count(*) AS n, sum(amount_minor) AS total FROM orders INDEXED BY orders_by_status
WHERE status IN ('queued', 'submitting') GROUP BY currency ORDER BY currency
"""

#: More orders than one person has approved in a month.
_MOST: Final = 2_000


class InsightStore:
    """Adds up orders, and changes nothing."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def approved_since(self, requester_id: str, since: datetime) -> tuple[int, Sequence[Money]]:
        """Return how many orders of a requester were approved since then and came to something; and their sums."""
        params = {"requester_id": requester_id, "since": to_ms(since), "most": _MOST}
        rows = self._db.query(_SINCE, params)
        return sum(row["n"] for row in rows), [_total(row) for row in rows]

    def waiting(self) -> Sequence[Money]:
        """Return the sums of the orders that are still to be sent, one for each currency."""
        return [_total(row) for row in self._db.query(_WAITING)]


def _total(row: Row) -> Money:
    return Money(int(row["total"]), row["currency"])
