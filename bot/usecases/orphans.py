"""Messages that were posted twice: one is kept and rewritten, the other is an orphan.

A process that dies after it posted a card, and before it stored where, posts the card again. And a new card takes the
place of one that Slack no longer lets the bot rewrite.
"""

from bot.domain.request import Request
from storage import Post, Storage


class Orphans:
    """Tells orphans from the messages that are rewritten.

    Args:
        storage: of the requests, and of the places of their messages.
    """

    def __init__(self, *, storage: Storage) -> None:
        self._storage = storage

    def find_current(self, kind: str, reference: str, there: Post) -> tuple[Request, Post] | None:
        """Return the request and its current message of that kind, if the one `there` is an orphan of it.

        A message of another conversation is none: it may be there for a reason.
        """
        request = self._storage.requests.by_reference(reference)
        if request is None:
            return None
        current = self._storage.outbox.find_post(kind, request.id)
        if current is None or current == there or current.channel != there.channel:
            return None
        return request, current
