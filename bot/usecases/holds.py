"""Holds: who hears that orders wait for a cause to go, or for a person.

Admins have one message, which is rewritten as the hold changes, and a new one each day that it lasts. Cards and
receipts of the orders that wait are rewritten when a hold begins, changes or ends: a few at a time, so that other
notices never wait behind thousands of them.
"""

from datetime import datetime
from typing import Final

from bot.clock import Clock
from bot.domain.notices import ADMINS, ProbeFinished, QueueHold
from storage import Storage

#: Requests whose card and receipt are rewritten at each look (bot/scheduler.py): 24 a minute. Slack takes about fifty
#: rewrites a minute (Slack docs, chat.update), and a request has two.
_REQUESTS_AT_A_TIME: Final = 4

#: While more notices than this wait for their turn, no card is rewritten for a hold: they go first.
_MOST_IN_OUTBOX: Final = 20


class Holds:
    """Tells of holds.

    Args:
        storage: of the queue.
        clock: tells the time.
    """

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def tell(self, now: datetime) -> None:
        """Have the hold told as it is now, in the transaction of the move: it began, changed or ended."""
        self._tell_admins(now)
        self._storage.holds.set_rewritten_to(0)
        self._rewrite_some(now)

    def answer_askers(self, now: datetime) -> None:
        """Tell everybody who asked for a probe what came of it, or that a person has paused the queue."""
        askers = self._storage.queue.state().asked_by
        if askers:
            self._storage.queue.forget_askers()
        for asker in askers:
            self._storage.outbox.add(ProbeFinished(), asker, now)

    def look(self) -> None:
        """Remind admins of a hold that lasts, and rewrite some more cards and receipts."""
        if self._storage.holds.telling().rewritten_to is None and not self._is_reminder_due(self._clock.now()):
            return
        with self._storage.transaction():
            now = self._clock.now()
            if self._is_reminder_due(now):
                self._tell_admins(now)
            self._rewrite_some(now)

    def _tell_admins(self, now: datetime) -> None:
        telling = self._storage.holds.telling()
        due = telling.is_due(self._storage.queue.state(), now)
        number = self._storage.holds.tell_anew(now) if due else telling.number
        if number:
            self._storage.outbox.add(QueueHold(number), ADMINS, now)

    def _is_reminder_due(self, now: datetime) -> bool:
        """Return whether admins are to be reminded: of a pause, and of a halt while an order waits."""
        state = self._storage.queue.state()
        due = self._storage.holds.telling().is_due(state, now)
        return due and (state.is_paused or self._storage.holds.next_waiting(0) is not None)

    def _rewrite_some(self, now: datetime) -> None:
        reached = self._storage.holds.telling().rewritten_to
        if reached is None or self._storage.outbox.is_longer_than(_MOST_IN_OUTBOX):
            return
        for _ in range(_REQUESTS_AT_A_TIME):
            waiting = self._storage.holds.next_waiting(reached)
            if waiting is None:
                self._storage.holds.set_rewritten_to(None)
                return
            self._storage.outbox.refresh_request(waiting.request_id, waiting.requester_id, now)
            reached = waiting.last_order_id
        self._storage.holds.set_rewritten_to(reached)
