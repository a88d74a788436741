"""The queue, as people control it: admins on Slack, and the operator on the machine.

The caller checks the rights: by who clicked, or by the rights of the file. Each method is one transaction.
"""

from datetime import datetime
from typing import Final

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.notices import AttentionEnded, OrderCanceled
from bot.domain.order import Order, OrderMove
from bot.domain.queue import ProbeAnswer
from bot.errors import MadeElsewhere, PastIdempotency, QueuePaused
from bot.usecases.find_order import find_by_id
from bot.usecases.holds import Holds
from storage import Storage

#: The actor of what the operator does on the machine. No Slack id looks like it.
CONSOLE: Final = "console"


class QueueControl:
    """Pauses, probes and resumes the queue; retries and cancels orders.

    Args:
        storage: of the queue.
        clock: tells the time.
        holds: tells of pauses.
    """

    def __init__(self, *, storage: Storage, clock: Clock, holds: Holds) -> None:
        self._storage = storage
        self._clock = clock
        self._holds = holds

    def retry_order(self, order_id: int, actor: str) -> None:
        """Send an order that needs a person once more, under its own reference.

        Raises:
            NotFound: there is no such order.
            WrongState: the order does not need a person.
            PastIdempotency: the reference is too old to be safe.
            MadeElsewhere: Tango would make a second order.
        """
        with self._storage.transaction():
            now = self._clock.now()
            order = find_by_id(self._storage, order_id)
            order.check(OrderMove.RETRY)
            if order.is_past_idempotency(now):
                raise PastIdempotency(order.number)
            if order.is_elsewhere:
                raise MadeElsewhere(order.number)
            self._storage.orders.move(order, OrderMove.RETRY, now=now, available_at=now)
            self._storage.inquiries.end(order.id, now)
            self._audit(order, AuditEvent.ORDER_RETRIED, actor, now)
            self._storage.outbox.refresh_of(order, now)
            notice = AttentionEnded(order.id, AuditEvent.ORDER_RETRIED, actor)
            self._storage.outbox.add_for_requester_and_admins(notice, order.requester_id, now)

    def cancel_order(self, order_id: int, actor: str) -> None:
        """Take an order out of the queue that Tango surely does not have, and tell the requester who did.

        Raises:
            NotFound: there is no such order.
            WrongState: Tango may have the order, an attempt is under way, or the order waits no more.
        """
        with self._storage.transaction():
            now = self._clock.now()
            order = find_by_id(self._storage, order_id)
            order.check(OrderMove.CANCEL)
            self._storage.orders.move(order, OrderMove.CANCEL, now=now)
            self._audit(order, AuditEvent.ORDER_CANCELED, actor, now)
            if actor != order.requester_id:
                self._storage.outbox.add(OrderCanceled(order.id, actor), order.requester_id, now)
            self._storage.outbox.refresh_of(order, now)

    def probe_queue(self, actor: str) -> ProbeAnswer:
        """Make the probe of a halted queue due now; return whether an order is tried. On Slack, its result follows.

        Raises:
            QueuePaused: the queue is paused, and a probe would not end that.
        """
        with self._storage.transaction():
            now = self._clock.now()
            if self._storage.queue.state().is_paused:
                raise QueuePaused
            if not self._storage.queue.probe_now(now, None if actor == CONSOLE else actor):
                return ProbeAnswer.NOT_HALTED
            self._storage.audit.add(AuditEvent.QUEUE_PROBE_REQUESTED, now=now, actor=actor)
            is_tried = self._storage.probes.is_trying() or self._storage.orders.next_due(now) is not None
        return ProbeAnswer.TRYING if is_tried else ProbeAnswer.NOTHING_WAITS

    def pause_queue(self, actor: str) -> bool:
        """Send no orders until somebody resumes the queue; return whether it was not paused before.

        What is under way is still answered and recorded. Resends and questions about accepted orders go on.
        """
        with self._storage.transaction():
            now = self._clock.now()
            paused = self._storage.queue.pause(now)
            if paused:
                self._storage.audit.add(AuditEvent.QUEUE_PAUSED, now=now, actor=actor)
                self._holds.tell(now)
                self._holds.answer_askers(now)
        return paused

    def resume_queue(self, actor: str) -> bool:
        """End a pause, or make the probe of a halted queue due now; return whether the queue stood still."""
        with self._storage.transaction():
            now = self._clock.now()
            paused = self._storage.queue.unpause()
            if paused:
                self._storage.audit.add(AuditEvent.QUEUE_UNPAUSED, now=now, actor=actor)
                self._holds.tell(now)
        if paused:
            return True
        return self.probe_queue(actor) is not ProbeAnswer.NOT_HALTED

    def _audit(self, order: Order, event: AuditEvent, actor: str, now: datetime) -> None:
        self._storage.audit.add(event, now=now, actor=actor, request_id=order.request_id, order_id=order.id)
