"""Who was reminded of a request, and whom its requester has asked to look at it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from storage.database import Database, to_ms

_TOLD: Final = "SELECT approver_id, told FROM reminders WHERE request_id = :request_id ORDER BY approver_id"
_ASKED: Final = """
SELECT approver_id FROM reminders WHERE request_id = :request_id AND asked_at IS NOT NULL ORDER BY asked_at, approver_id
"""
# Compare-and-set: a reminder is told once, and an approver is asked once, whoever looks or clicks at the same moment.
_TELL: Final = """
INSERT INTO reminders (request_id, approver_id, told) VALUES (:request_id, :approver_id, :told)
ON CONFLICT (request_id, approver_id) DO UPDATE SET told = excluded.told WHERE reminders.told < excluded.told
"""
_ASK: Final = """
INSERT INTO reminders (request_id, approver_id, asked_at) VALUES (:request_id, :approver_id, :now)
ON CONFLICT (request_id, approver_id) DO UPDATE SET asked_at = excluded.asked_at WHERE reminders.asked_at IS NULL
"""


class ReminderStore:
    """The table of reminders."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def told(self, request_id: int) -> Mapping[str, int]:
        """Return how many reminders of a request each approver has had; who had none may be missing."""
        return {row["approver_id"]: row["told"] for row in self._db.query(_TOLD, {"request_id": request_id})}

    def tell(self, request_id: int, approver_id: str, told: int) -> bool:
        """Note that an approver has had so many reminders of a request; return whether that is news."""
        params = {"request_id": request_id, "approver_id": approver_id, "told": told}
        return self._db.execute(_TELL, params) == 1

    def asked(self, request_id: int) -> list[str]:
        """Return whom the requester has asked, in that order."""
        return [row["approver_id"] for row in self._db.query(_ASKED, {"request_id": request_id})]

    def ask(self, request_id: int, approver_id: str, now: datetime) -> bool:
        """Note that the requester asks an approver; return whether they were not asked before."""
        params = {"request_id": request_id, "approver_id": approver_id, "now": to_ms(now)}
        return self._db.execute(_ASK, params) == 1
