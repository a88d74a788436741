"""Putting the queue right by hand: what admins do on Slack, and whoever runs the bot does on its machine.

Who may is checked by the caller: by who clicked, or by the file's own rights. Each method is one transaction.
"""

from typing import Final

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.notices import OrdersSettled
from bot.domain.order import Order, OrderMove
from bot.errors import NotFound, PastIdempotency, QueuePaused
from storage import Storage

#: The actor of what is done by command on the bot's machine; no Slack id looks like it.
CONSOLE: Final = "console"


class QueueControl:
    """What can be done to the queue and to orders in it.

    Args:
        storage: where they are.
        clock: what time it is.
    """

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def retry_order(self, order_id: int, actor: str) -> None:
        """Send an order that needed a person once more, under its own reference.

        Raises:
            NotFound: no such order.
            WrongState: it does not wait for a person.
            PastIdempotency: its reference is too old to be safe.
        """
        with self._storage.transaction():
            now = self._clock.now()
            order = self._order(order_id)
            order.check(OrderMove.RETRY)
            if order.is_past_idempotency(now):
                raise PastIdempotency(order_id)
            self._storage.orders.move(order, OrderMove.RETRY, now=now, available_at=now)
            self._tell(order, AuditEvent.ORDER_RETRIED, actor)

    def cancel_order(self, order_id: int, actor: str) -> None:
        """Take an order out of the queue before it was first claimed.

        Raises:
            NotFound: no such order.
            WrongState: an attempt was already made.
        """
        with self._storage.transaction():
            now = self._clock.now()
            order = self._order(order_id)
            order.check(OrderMove.CANCEL)
            self._storage.orders.move(order, OrderMove.CANCEL, now=now)
            self._tell(order, AuditEvent.ORDER_CANCELED, actor)
            progress = self._storage.orders.progress(order.request_id)
            if progress.is_settled and progress.accepted:
                # It was the last that the requester was still to hear of.
                self._storage.outbox.add(OrdersSettled(order.request_id), order.requester_id, now)

    def probe_queue(self, actor: str) -> bool:
        """Try a halted queue now instead of at its next probe; whether it was halted.

        Raises:
            QueuePaused: it stands still because a person said so.
        """
        with self._storage.transaction():
            now = self._clock.now()
            if self._storage.queue.state().is_paused:
                raise QueuePaused
            halted = self._storage.queue.probe_now(now)
            if halted:
                self._storage.audit.add(AuditEvent.QUEUE_PROBE_REQUESTED, now=now, actor=actor)
        return halted

    def pause_queue(self, actor: str) -> bool:
        """Send no orders until somebody resumes the queue; whether it was not paused before.

        What is under way is still answered and recorded. Resends and questions about placed orders go on.
        """
        with self._storage.transaction():
            now = self._clock.now()
            paused = self._storage.queue.pause(now)
            if paused:
                self._storage.audit.add(AuditEvent.QUEUE_PAUSED, now=now, actor=actor)
        return paused

    def resume_queue(self, actor: str) -> bool:
        """End a pause, or try a halted queue now; whether it stood still."""
        with self._storage.transaction():
            now = self._clock.now()
            paused = self._storage.queue.unpause()
            if paused:
                self._storage.audit.add(AuditEvent.QUEUE_UNPAUSED, now=now, actor=actor)
        if paused:
            return True
        return self.probe_queue(actor)

    def _order(self, order_id: int) -> Order:
        order = self._storage.orders.get(order_id)
        if order is None:
            raise NotFound(str(order_id))
        return order

    def _tell(self, order: Order, event: AuditEvent, actor: str) -> None:
        now = self._clock.now()
        self._storage.audit.add(event, now=now, actor=actor, request_id=order.request_id, order_id=order.id)
        self._storage.outbox.refresh_request(order.request_id, order.requester_id, now)
