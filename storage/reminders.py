"""Who was reminded of a request, and whom its requester has asked to look at it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from storage.database import Database, to_ms

_TOLD: Final = "SELECT approver_id, told FROM reminders WHERE request_id = :request_id ORDER BY approver_id"
_ASKED: Final = """
SELECT approver_id FROM reminders WHERE request_id = :request_id AND asked_at IS NOT NULL ORDER BY asked_at, approver_id
"""
_TELL: Final = """
INSERT INTO reminders (request_id, approver_id, told) VALUES (:request_id, :approver_id, :told)
ON CONFLICT (request_id, approver_id) DO UPDATE SET told = excluded.told
"""
# Once a day for each approver, whichever bot looks.
_BEGIN: Final = """
INSERT INTO digests (approver_id, day) VALUES (:approver_id, :day)
ON CONFLICT (approver_id) DO UPDATE SET day = excluded.day WHERE digests.day <> excluded.day
"""
# Compare-and-set: an approver is asked once, whoever clicks at the same moment.
_ASK: Final = """
INSERT INTO reminders (request_id, approver_id, asked_at) VALUES (:request_id, :approver_id, :now)
ON CONFLICT (request_id, approver_id) DO UPDATE SET asked_at = excluded.asked_at WHERE reminders.asked_at IS NULL
"""


class ReminderStore:
    """The tables of reminders and of their digests."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin_digest(self, approver_id: str, day: date) -> bool:
        """Note that an approver gets the digest of a day where they are; return whether they had none that day."""
        return self._db.execute(_BEGIN, {"approver_id": approver_id, "day": day.isoformat()}) == 1

    def told(self, request_id: int) -> Mapping[str, int]:
        """Return how many reminders of a request each approver has had; who had none may be missing."""
        return {row["approver_id"]: row["told"] for row in self._db.query(_TOLD, {"request_id": request_id})}

    def tell(self, request_id: int, approver_id: str, told: int) -> None:
        """Note that an approver has had so many reminders of a request."""
        self._db.execute(_TELL, {"request_id": request_id, "approver_id": approver_id, "told": told})

    def asked(self, request_id: int) -> list[str]:
        """Return whom the requester has asked, in that order."""
        return [row["approver_id"] for row in self._db.query(_ASKED, {"request_id": request_id})]

    def ask(self, request_id: int, approver_id: str, now: datetime) -> bool:
        """Note that the requester asks an approver; return whether they were not asked before."""
        params = {"request_id": request_id, "approver_id": approver_id, "now": to_ms(now)}
        return self._db.execute(_ASK, params) == 1
