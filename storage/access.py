"""Who has which role, since when: kept so that a review can say what has changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.domain.access import Held, RoleName
from storage.database import Database, Row, from_ms, from_ms_or_none, to_ms

_HELD: Final = "SELECT * FROM access INDEXED BY access_held WHERE until IS NULL ORDER BY role, user_id, since"
# Someone who loses a role and has it again within a millisecond keeps the first row.
_BEGIN: Final = """
INSERT INTO access (role, user_id, since) VALUES (:role, :user_id, :now)
ON CONFLICT (role, user_id, since) DO UPDATE SET until = NULL
"""
_END: Final = "UPDATE access SET until = :now WHERE role = :role AND user_id = :user_id AND until IS NULL"
_CHANGED: Final = "SELECT * FROM access WHERE since > :since OR until > :since ORDER BY role, user_id, since"


class AccessStore:
    """The table of roles that people have and had."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def held(self) -> Sequence[Held]:
        """Return every role that somebody has, by the last look."""
        return [_held(row) for row in self._db.query(_HELD)]

    def begin(self, role: RoleName, user_id: str, now: datetime) -> None:
        """Note that a person has a role now."""
        self._db.execute(_BEGIN, {"role": role, "user_id": user_id, "now": to_ms(now)})

    def end(self, role: RoleName, user_id: str, now: datetime) -> None:
        """Note that a person has a role no longer."""
        self._db.execute(_END, {"role": role, "user_id": user_id, "now": to_ms(now)})

    def changed_since(self, since: datetime) -> Sequence[Held]:
        """Return the roles that somebody got or lost after that time."""
        return [_held(row) for row in self._db.query(_CHANGED, {"since": to_ms(since)})]


def _held(row: Row) -> Held:
    return Held(
        role=RoleName(row["role"]),
        user_id=row["user_id"],
        since=from_ms(row["since"]),
        until=from_ms_or_none(row["until"]),
    )
