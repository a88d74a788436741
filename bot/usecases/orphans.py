"""Orphans: copies of a card or a receipt that are not rewritten any more.

A process that dies after it posted a card, and before it stored where, posts the card again. And a new card takes the
place of one that Slack no longer lets the bot rewrite. Nobody looks for orphans: that would need history scopes.
"""

from bot.clock import Clock
from bot.domain.notices import ApprovalCard, CardMoved, Receipt, ReceiptMoved
from storage import Post, Storage


class Orphans:
    """Has orphans replaced by pointers to the current message.

    Args:
        storage: of the requests, and of the places of their messages.
        clock: tells the time.
    """

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def point_from(self, reference: str, kind: type[ApprovalCard | Receipt], there: Post) -> None:
        """Have a message replaced, if it is an orphan: another message of that kind is the request's in the same place.

        A message of another conversation is left as it is: it may be there for a reason.

        Args:
            reference: of the request whose buttons the message has.
            kind: of the message.
            there: where it is.
        """
        request = self._storage.requests.by_reference(reference)
        current = self._current(request.id, kind, there.channel) if request else None
        if request is None or current is None or current == there or current.channel != there.channel:
            return
        moved = CardMoved if kind is ApprovalCard else ReceiptMoved
        with self._storage.transaction():
            self._storage.outbox.add(moved(request.id, there.channel, there.ts), there.channel, self._clock.now())

    def _current(self, request_id: int, kind: type[ApprovalCard | Receipt], channel: str) -> Post | None:
        copy = self._storage.copies.find_in(request_id, channel) if kind is ApprovalCard else None
        return copy or self._storage.outbox.find_post(kind.kind, request_id)
