"""When the machine's clock was last believed: one row."""

from datetime import datetime
from typing import Final

from storage.database import Database, from_ms_or_none, to_ms

_SEEN_AT: Final = "SELECT seen_at FROM clock WHERE id = 1"
_SET_SEEN: Final = "UPDATE clock SET seen_at = :at WHERE id = 1"


class TimekeeperStore:
    """The one row of the clock."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def seen_at(self) -> datetime | None:
        """Return when the clock was last believed, UTC; None in a fresh file."""
        return from_ms_or_none(self._db.query(_SEEN_AT)[0]["seen_at"])

    def set_seen(self, at: datetime) -> None:
        """Keep that the clock was believed at `at`."""
        self._db.execute(_SET_SEEN, {"at": to_ms(at)})
