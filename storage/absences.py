"""The approvers who are away, each until a day."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from storage.database import Database, to_ms

_SET: Final = """
INSERT INTO absences (user_id, until, until_day) VALUES (:user_id, :until, :day)
ON CONFLICT (user_id) DO UPDATE SET until = excluded.until, until_day = excluded.until_day
"""
_END: Final = "DELETE FROM absences WHERE user_id = :user_id"
_FORGET: Final = "DELETE FROM absences WHERE until <= :now RETURNING user_id"
_AWAY: Final = "SELECT user_id, until_day FROM absences WHERE until > :now ORDER BY until, user_id"


class AbsenceStore:
    """The table of absences."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def set(self, user_id: str, until: datetime, day: date) -> None:
        """Keep that a person is away until a moment, which is the beginning of `day` where they are."""
        self._db.execute(_SET, {"user_id": user_id, "until": to_ms(until), "day": day.isoformat()})

    def end(self, user_id: str) -> None:
        """Keep that a person is back."""
        self._db.execute(_END, {"user_id": user_id})

    def forget(self, now: datetime) -> list[str]:
        """Remove absences that are over; return whose they were."""
        return sorted(row["user_id"] for row in self._db.query(_FORGET, {"now": to_ms(now)}))

    def away(self, now: datetime) -> Mapping[str, date]:
        """Return who is away, each with the day until which."""
        return {
            row["user_id"]: date.fromisoformat(row["until_day"]) for row in self._db.query(_AWAY, {"now": to_ms(now)})
        }
