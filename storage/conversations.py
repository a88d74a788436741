"""The app's own conversations: where it is known to be alone with somebody."""

from typing import Final

from storage.database import Database

_ADD: Final = "INSERT INTO conversations (channel) VALUES (:channel) ON CONFLICT (channel) DO NOTHING"
_HAS: Final = "SELECT 1 FROM conversations WHERE channel = :channel"


class ConversationStore:
    """The table of the app's own conversations."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, channel: str) -> None:
        """Note that the app is alone with somebody there."""
        self._db.execute(_ADD, {"channel": channel})

    def has(self, channel: str) -> bool:
        """Return whether the app is known to be alone with somebody there."""
        return self._db.one(_HAS, {"channel": channel}) is not None
