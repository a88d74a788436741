"""The choice of the order that is sent next.

While the queue runs, the one that has been due longest: first of those by hand, because somebody waits for them, and
now and then of a batch, so that neither starves. While it is halted or suspected, orders are tried in turn, so that one
bad order stops nobody; of another request each time, because what is wrong with one order is mostly wrong with all of
its request. Where funds are short, the next order that they may cover is tried. In an outage orders whose outcome is
unknown anyway are tried before fresh ones.
"""

from datetime import datetime
from typing import Final

from bot.domain.order import BY_HAND, OF_BATCH, REVIEW_AFTER, Order
from bot.domain.queue import QueueState, QueueStatus, wait_before_probe
from storage import Storage

#: How many orders are looked at for one that the account may cover, in one transaction: a millisecond. If none is, the
#: next look begins behind them.
_WINDOW: Final = 500

#: After so many orders by hand in a row one of a batch is sent, if one waits. An order by hand waits one start longer
#: for it: two seconds at the most. A batch gets a fifth of the pace while others send without a break.
_BY_HAND_IN_A_ROW: Final = 4


class Choice:
    """Chooses the order to send, and claims it. Both methods run in their caller's transaction.

    Args:
        storage: of the queue.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._by_hand = 0  # orders by hand that were sent since the last one of a batch

    def next(self, state: QueueState, now: datetime) -> Order | None:
        """Return the order to send; None where none is due, may be sent, or was found yet."""
        if not state.takes_orders(now):
            return None
        if state.status(now) is QueueStatus.RUNNING:
            return self._next_in_turn(now)
        if state.lack is not None:
            return self._next_covered(state, now)
        if state.is_outage and state.probes % 2 == 0 and (doubtful := self._storage.probes.in_doubt(now)):
            # Every other probe alone takes a fresh order: what is in doubt may never be answered.
            return doubtful
        after = state.tried and self._storage.probes.next_of_others(state.tried, now)
        return after or self._storage.orders.next_due(now)

    def claim(self, turn: Order, state: QueueState, now: datetime) -> Order | None:
        """Claim the order; while the queue is halted or suspected, keep whose turn it was."""
        if state.status(now) is QueueStatus.RUNNING:
            return self._claimed(self._storage.orders.claim(now, least=turn.priority))
        self._storage.queue.set_tried(turn.available_at, turn.id)
        self._storage.queue.postpone_probe(now + wait_before_probe(state.probes + 1))
        return self._storage.orders.claim_this(turn.id, now)

    def claim_reviewed(self, state: QueueState, now: datetime) -> Order | None:
        """Claim the next order that needs no review; None where none does, or the queue is halted or suspected."""
        if state.status(now) is not QueueStatus.RUNNING:
            return None
        return self._claimed(self._storage.orders.claim(now, reviewed_after=now - REVIEW_AFTER))

    def _next_in_turn(self, now: datetime) -> Order | None:
        """Return the next order by hand, or of a batch where it is the batch's turn; of the others if there is none."""
        is_of_batch = self._by_hand >= _BY_HAND_IN_A_ROW
        turn = self._storage.orders.next_due(now, least=OF_BATCH) if is_of_batch else None
        return turn or self._storage.orders.next_due(now)

    def _claimed(self, order: Order | None) -> Order | None:
        """Count what was claimed, for whose turn it is next."""
        if order is not None:
            self._by_hand = self._by_hand + 1 if order.priority == BY_HAND else 0
        return order

    def _next_covered(self, state: QueueState, now: datetime) -> Order | None:
        """Return the next order that the account may cover; at the end of the queue its first order, whatever it costs.

        The first order tells whether funds were added.
        """
        window = self._storage.probes.window(state.tried, now, _WINDOW)
        for candidate in window:
            if state.covers(candidate.amount):
                return self._storage.orders.get(candidate.place.order_id)
        if len(window) < _WINDOW:
            return self._storage.orders.next_due(now)
        self._storage.queue.set_tried(window[-1].place.available_at, window[-1].place.order_id)
        return None
