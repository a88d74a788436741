"""The app's own conversations: only one person and the app are there, so that an answer can be an ordinary message.

A direct message between two people has an id of the same form, and a slash command says the same of both. There an
answer is for who acted alone. So a conversation counts as the app's own once Slack has shown that it is: a person
opened it, or pressed a button in a message there that others could see. What was learnt is stored, so that every bot
knows it, and also after a restart.
"""

import logging
from typing import Final

from bot.errors import StorageError
from storage import Storage

logger = logging.getLogger(__name__)

#: The first letter of the ids of direct messages (Slack docs, Conversations).
_DIRECT: Final = "D"


class Conversations:
    """Remembers the app's own conversations. A store that fails costs no answer: it is then for one person alone.

    Args:
        storage: keeps them over restarts.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._own: set[str] = set()

    def learn(self, channel_id: str) -> None:
        """Remember that the app is alone with somebody there, if it is a direct message at all."""
        if not channel_id.startswith(_DIRECT) or channel_id in self._own:
            return
        self._own.add(channel_id)
        try:
            with self._storage.transaction():
                self._storage.conversations.add(channel_id)
        except StorageError as error:
            logger.warning("A conversation could not be kept: %s", error)

    def is_own(self, channel_id: str) -> bool:
        """Tell whether the app is known to be alone with somebody there."""
        if channel_id in self._own:
            return True
        if not channel_id.startswith(_DIRECT):
            return False
        try:
            known = self._storage.conversations.has(channel_id)
        except StorageError as error:
            logger.warning("A conversation could not be looked up: %s", error)
            return False
        if known:
            self._own.add(channel_id)
        return known
