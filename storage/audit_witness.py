"""What the tables say of what the audit log says too: who decided, and how much was asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from storage.database import Database, Row

#: Rows read at a time. The tables of years don't fit into memory.
_PAGE: Final = 1_000

_REQUESTS: Final = """
SELECT id, requester_id, amount_minor, currency, utid, status, first_approved_by, decided_by FROM requests
WHERE id IN (SELECT value FROM json_each(:ids))
"""
_ORDERS: Final = """
SELECT id, external_ref_id, amount_minor, currency, utid, recipient_id FROM orders
WHERE id IN (SELECT value FROM json_each(:ids))
"""
_REQUESTS_AFTER: Final = """
SELECT id, requester_id, status, first_approved_by, decided_by FROM requests WHERE id > :after ORDER BY id LIMIT :most
"""
_ORDERS_AFTER: Final = "SELECT id FROM orders WHERE id > :after ORDER BY id LIMIT :most"


class WitnessStore:
    """Reads requests and orders to hold them against the audit log."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def requests(self, ids: Sequence[int]) -> Mapping[int, Row]:
        """Return who asked and decided, and how much was asked for, by the request's id."""
        return {row["id"]: row for row in self._db.query(_REQUESTS, {"ids": list(ids)})}

    def orders(self, ids: Sequence[int]) -> Mapping[int, Row]:
        """Return the reference, the amount and the recipient of orders, by the order's id."""
        return {row["id"]: row for row in self._db.query(_ORDERS, {"ids": list(ids)})}

    def approved_requests(self) -> set[int]:
        """Return the ids of all approved requests."""
        return {row["id"] for row in _all_of(self._requests_after) if row["status"] == "approved"}

    def all_orders(self) -> set[int]:
        """Return the ids of all orders."""
        return {row["id"] for row in _all_of(self._orders_after)}

    def self_approvals(self) -> int:
        """Return how many requests their requester approved. The database refuses it, so that there is none."""
        return sum(
            row["status"] == "approved" and row["requester_id"] in (row["decided_by"], row["first_approved_by"])
            for row in _all_of(self._requests_after)
        )

    def _requests_after(self, after: int) -> Sequence[Row]:
        return self._db.query(_REQUESTS_AFTER, {"after": after, "most": _PAGE})

    def _orders_after(self, after: int) -> Sequence[Row]:
        return self._db.query(_ORDERS_AFTER, {"after": after, "most": _PAGE})


def _all_of(page_after: Callable[[int], Sequence[Row]]) -> Iterator[Row]:
    after = 0
    while page := page_after(after):
        yield from page
        after = page[-1]["id"]
