"""Who has opened the Home tab lately: Slack tells of the opening, and not of the closing."""

from datetime import datetime
from typing import Final

from storage.database import Database, to_ms

_OPEN: Final = """
INSERT INTO homes (user_id, opened_at) VALUES (:user_id, :now)
ON CONFLICT (user_id) DO UPDATE SET opened_at = excluded.opened_at
"""
_FORGET: Final = "DELETE FROM homes WHERE opened_at < :before"
_OPENED: Final = "SELECT user_id FROM homes WHERE opened_at >= :since"


class HomeStore:
    """The table of the Home tabs that are open."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def open(self, user_id: str, now: datetime, *, forget_before: datetime) -> None:
        """Note that a person opens Home now, and forget who opened it last before that time."""
        self._db.execute(_FORGET, {"before": to_ms(forget_before)})
        self._db.execute(_OPEN, {"user_id": user_id, "now": to_ms(now)})

    def opened_since(self, since: datetime) -> frozenset[str]:
        """Return who has opened Home since then."""
        return frozenset(str(row["user_id"]) for row in self._db.query(_OPENED, {"since": to_ms(since)}))
