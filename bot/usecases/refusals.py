"""Refused attempts: who tried what without a right to it. The audit log has them, so that somebody can ask."""

from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.errors import NotAllowed, NotFound, StaleReference
from storage import Storage

#: One row per person, request and hour: enough to see that somebody tries, and nobody can fill the file by clicking.
_NOTED_FOR: Final = timedelta(hours=1)


class Refusals:
    """Notes refused attempts.

    Args:
        storage: of the audit log.
        clock: tells the time.
    """

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def note(self, refusal: NotAllowed | NotFound | StaleReference, *, actor_id: str, what: str) -> None:
        """Note who tried `what`, and why they were refused, unless their last try at this is in the log already.

        Args:
            refusal: why.
            actor_id: who.
            what: the command, button or form, by its name.
        """
        with self._storage.transaction():
            now = self._clock.now()
            order = None if refusal.order_id is None else self._storage.orders.get(refusal.order_id)
            request_id = order.request_id if order else getattr(refusal, "request_id", None)
            since = now - _NOTED_FOR
            if self._storage.audit.is_refused_since(since, actor=actor_id, request_id=request_id, now=now):
                return
            self._storage.audit.add(
                AuditEvent.ATTEMPT_REFUSED,
                now=now,
                actor=actor_id,
                request_id=request_id,
                order_id=order.id if order else None,
                what=what,
                why=refusal.rule if isinstance(refusal, NotAllowed) else "not_found",
            )
