"""What the tables say of what the audit log says too: who decided, and how much was asked for."""

from collections.abc import Mapping, Sequence
from typing import Final

from storage.database import Database, Row

_REQUESTS: Final = """
SELECT id, requester_id, amount_minor, currency, utid, status, first_approved_by, decided_by FROM requests
WHERE id IN (SELECT value FROM json_each(:ids))
"""
_ORDERS: Final = """
SELECT id, external_ref_id, amount_minor, currency, utid, recipient_id FROM orders
WHERE id IN (SELECT value FROM json_each(:ids))
"""
_ALL_REQUESTS: Final = """
SELECT id, requester_id, status, first_approved_by, decided_by FROM requests WHERE id > :id ORDER BY id LIMIT :most
"""
_ALL_ORDERS: Final = "SELECT id FROM orders WHERE id > :id ORDER BY id LIMIT :most"


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
        return {row["id"] for row in self._db.each(_ALL_REQUESTS) if row["status"] == "approved"}

    def all_orders(self) -> set[int]:
        """Return the ids of all orders."""
        return {row["id"] for row in self._db.each(_ALL_ORDERS)}

    def self_approvals(self) -> int:
        """Return how many requests their requester approved. The database refuses it, so that there is none."""
        return sum(
            row["status"] == "approved" and row["requester_id"] in (row["decided_by"], row["first_approved_by"])
            for row in self._db.each(_ALL_REQUESTS)
        )
