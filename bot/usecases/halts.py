"""Halts: what Tango's answers mean for the queue as a whole.

Every method runs in its caller's transaction.
"""

from datetime import datetime

from bot.domain.attempt import AttemptOutcome
from bot.domain.audit import AuditEvent
from bot.domain.money import Money
from bot.domain.order import UNSENT, Order
from bot.domain.queue import (
    EARLY_BEFORE_HALT,
    UNCLEAR_BEFORE_OUTAGE,
    UNCLEAR_BEFORE_SET_ASIDE,
    HaltCause,
    QueueState,
    QueueStatus,
    wait_before_probe,
)
from bot.usecases.holds import Holds
from storage import Storage


class Halts:
    """Halts the queue, and lets it go on.

    Args:
        storage: of the queue.
        holds: tells of halts.
    """

    def __init__(self, *, storage: Storage, holds: Holds) -> None:
        self._storage = storage
        self._holds = holds

    # ------------------------------------------------------------------------------------- refusals

    def is_refused_alone(self, order: Order, attempt_id: int, cause: HaltCause) -> bool:
        """Return whether Tango refuses this order while it takes others, or has so refused another of its request.

        A lack of funds never counts: a smaller order passes, and the larger one waits for funds.
        """
        if cause is HaltCause.INSUFFICIENT_FUNDS:
            return False
        probes = self._storage.probes
        return probes.others_passed(order, attempt_id) or probes.sibling_is_set_aside(order)

    def is_early_for_ever(self, order: Order) -> bool:
        """Return whether an order that came too early meets more than the pace: as it did before, or as the suspect."""
        if self._has_ended(order.id, AttemptOutcome.THROTTLED, EARLY_BEFORE_HALT):
            return True
        state = self._storage.queue.state()
        suspected = not state.is_on_hold and state.suspect not in (None, order.id)
        return suspected and self._has_ended(state.suspect or 0, AttemptOutcome.THROTTLED, 1)

    def _has_ended(self, order_id: int, outcome: AttemptOutcome, times: int) -> bool:
        """Return whether the last so many attempts at an order came to that."""
        attempts = [one for one in self._storage.attempts.of_order(order_id, times + 1) if one.outcome is not None]
        last = attempts[:times]
        return len(last) == times and all(one.outcome is outcome for one in last)

    def forgive(self, order: Order, now: datetime) -> None:
        """Let the queue go on without an order that was set aside, if it was held up for this one."""
        state = self._storage.queue.state()
        if state.suspect == order.id and not state.is_paused:
            self._resume(state, now)

    def meet(
        self,
        order: Order,
        attempt_id: int,
        cause: HaltCause,
        now: datetime,
        *,
        i18n_key: str | None,
        tango_request_id: str | None,
    ) -> None:
        """Suspect or halt the queue, because an order met what may stop every order.

        It is suspected while another request's order waits that has not met the cause. Neither happens where a later
        attempt was answered sooner, and made its order: the same order, tried at once, tells if it is refused alone.
        """
        short = cause is HaltCause.INSUFFICIENT_FUNDS
        if not short and self._storage.probes.later_passed(attempt_id):
            return
        state = self._storage.queue.state()
        if short and not state.is_paused:
            self._storage.queue.set_lack(_less(state, order.amount))
        if not state.is_on_hold and self._may_be_alone(state, order, now):
            self._storage.queue.suspect(order)
            return
        if not self._halt(cause, now, order.id, i18n_key=i18n_key, tango_request_id=tango_request_id):
            return
        if not short:
            self._storage.queue.set_lack(None)
        if state.suspect is None:
            self._storage.queue.blame(order)

    def _may_be_alone(self, state: QueueState, order: Order, now: datetime) -> bool:
        if not self._storage.probes.others_wait(order, now):
            return False
        if state.suspect is None:
            return True
        suspect = self._storage.orders.get(state.suspect)
        return state.suspect != order.id and suspect is not None and suspect.request_id == order.request_id

    # -------------------------------------------------------------------------------------- outages

    def is_unclear_alone(self, order: Order, attempt_id: int) -> bool:
        """Return whether an unclear answer may be about this order alone: another was made since its first one."""
        return not self._storage.queue.state().is_outage and self._storage.probes.others_passed_meanwhile(
            order, attempt_id
        )

    def is_unclear_for_ever(self, order: Order) -> bool:
        """Return whether an order has had so many unclear answers that another would tell no more."""
        return self._has_ended(order.id, AttemptOutcome.AMBIGUOUS, UNCLEAR_BEFORE_SET_ASIDE)

    def is_outage(self) -> bool:
        """Return whether one more unclear answer is an outage's: there is one, or that makes it one."""
        state = self._storage.queue.state()
        return state.is_outage or (not state.is_paused and state.unclear + 1 >= UNCLEAR_BEFORE_OUTAGE)

    def count_unclear(self, order: Order, now: datetime) -> None:
        """Count an unclear answer, and halt the queue at the fifth in a row."""
        state = self._storage.queue.state()
        if state.is_outage or state.is_paused or self._storage.queue.count_unclear() < UNCLEAR_BEFORE_OUTAGE:
            return
        if self._halt(HaltCause.OUTAGE, now, order.id, i18n_key=None, tango_request_id=None):
            self._storage.queue.set_lack(None)
            self._storage.queue.blame(order)

    # ----------------------------------------------------------------------------------- what passes

    def pass_on(self, order: Order, attempt_id: int, now: datetime, *, made: bool) -> None:
        """Let the queue go on, if this answer shows that the cause is gone: accepted or rejected, `made` now (201)."""
        state = self._storage.queue.state()
        self._note_answer(state)
        if state.is_cured_by(attempt_id, made=made, amount=order.amount):
            self._resume(state, now)
        elif made and state.lack is not None and state.is_later(attempt_id):
            if self._suspect_waits(state, order):
                self._storage.queue.go_on(now)  # what the account covers is sent at the pace
            else:
                self._resume(state, now)

    def note_answer(self, attempt_id: int, now: datetime) -> None:
        """End an outage, because Tango has answered, if only that it was too early or is still at work."""
        state = self._storage.queue.state()
        self._note_answer(state)
        if state.is_outage and state.is_later(attempt_id):
            self._resume(state, now)

    def answer_askers(self, now: datetime) -> None:
        """Tell everybody who asked for a probe what came of it."""
        self._holds.answer_askers(now)

    def _note_answer(self, state: QueueState) -> None:
        if state.unclear:
            self._storage.queue.forget_unclear()

    def _suspect_waits(self, state: QueueState, passed: Order) -> bool:
        suspect = self._storage.orders.get(state.suspect) if state.suspect is not None else None
        return suspect is not None and suspect.id != passed.id and suspect.status in UNSENT

    # ---------------------------------------------------------------------------------------- moves

    def _halt(
        self, cause: HaltCause, now: datetime, order_id: int, *, i18n_key: str | None, tango_request_id: str | None
    ) -> bool:
        state = self._storage.queue.state()
        probes = state.probes + 1 if state.is_flapping(now) else 0
        halted = self._storage.queue.halt(
            cause,
            now=now,
            probe_at=now + wait_before_probe(probes),
            probes=probes,
            i18n_key=i18n_key,
            tango_request_id=tango_request_id,
        )
        if halted:
            self._storage.audit.add(AuditEvent.QUEUE_HALTED, now=now, cause=cause, order_id=order_id)
            self._holds.tell(now)
        return halted

    def _resume(self, state: QueueState, now: datetime) -> None:
        if self._storage.queue.resume(now) and state.status(now) is not QueueStatus.SUSPECTED:
            self._storage.audit.add(AuditEvent.QUEUE_RESUMED, now=now, cause=state.halt_cause)
            self._holds.tell(now)


def _less(state: QueueState, refused: Money) -> Money:
    """Return what is known not to be covered, once an order of this amount was refused for lack of funds."""
    return refused if state.covers(refused) else state.lack or refused
