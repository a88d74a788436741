"""Recording outcomes: Tango's answer about an order becomes its move, its history, and notices.

Every method runs in its caller's transaction, so that all of it is stored or none. What follows from a move is
stored only where this call made the move: a late answer to an attempt that was given up changes nothing.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from bot.domain.audit import AuditEvent
from bot.domain.charge import Charge
from bot.domain.notices import (
    ADMINS,
    Notice,
    OrderFailed,
    OrderNeedsAttention,
    OrderOvercharged,
    OrdersSettled,
    OrderUnfinished,
    OutcomeStillAmbiguous,
    QueueHalted,
    QueueResumed,
    ResendFinished,
    RewardDelivery,
    RewardOnItsWay,
)
from bot.domain.order import (
    ATTEMPTS_BEFORE_ALARM,
    AttemptOutcome,
    Order,
    OrderMove,
    OrderStatus,
    wait_before_retry,
)
from bot.domain.problem import HttpStatus, Problem, TangoKey
from bot.domain.queue import wait_before_probe
from bot.domain.request import Delivery
from bot.domain.resend import RESEND_COOLDOWN, RESEND_MOVES, Resend, ResendMove, ResendStatus
from bot.domain.tango_status import Standing, standing_of, wait_before_watch
from bot.tango.differences import differences, missing
from bot.tango.models import OrderDetail
from bot.tango.outcomes import (
    Accepted,
    Ambiguous,
    Halted,
    Outcome,
    Reason,
    Rejected,
    ResendAmbiguous,
    ResendOutcome,
    ResendRefused,
    ResendThrottled,
    Resent,
    Throttled,
)
from storage import Storage

logger = logging.getLogger(__name__)


_RESEND_EVENTS: Final[Mapping[ResendStatus, AuditEvent]] = {
    ResendStatus.SENT: AuditEvent.ORDER_RESEND_SENT,
    ResendStatus.REFUSED: AuditEvent.ORDER_RESEND_REFUSED,
    ResendStatus.AMBIGUOUS: AuditEvent.ORDER_RESEND_AMBIGUOUS,
}


class Outcomes:
    """Records what Tango answered.

    Args:
        storage: of the orders.
        admins: return who is told when a person is needed (Slack ids); None while that is not known.
    """

    def __init__(self, *, storage: Storage, admins: Callable[[], frozenset[str] | None]) -> None:
        self._storage = storage
        self._admins = admins

    def record_attempt(self, order: Order, attempt_id: int, outcome: Outcome, now: datetime) -> None:
        """Record what an attempt came to: the order's move, and what follows for the queue."""
        orders = self._storage.orders
        self._storage.attempts.finish(
            attempt_id,
            now=now,
            outcome=outcome.kind,
            http_status=outcome.status,
            i18n_key=None if isinstance(outcome, Accepted) else outcome.i18n_key,
            tango_request_id=outcome.request_id,
            detail=outcome.reason if isinstance(outcome, Ambiguous) else None,
        )
        match outcome:
            case Accepted():
                self._resume_after(attempt_id, outcome, now)
                self._accept(order, outcome, now)
            case Rejected():
                self._resume_after(attempt_id, outcome, now)
                self._reject(order, outcome, now)
            case Throttled(wait=wait):
                # The order keeps its place; the whole queue waits, because the limit is the platform's.
                orders.move(order, OrderMove.RESCHEDULE, now=now)
                self._storage.queue.throttle(now + timedelta(seconds=wait))
            case Ambiguous():
                self._try_later(order, outcome, now)
            case Halted(cause=cause, i18n_key=key, request_id=request_id):
                orders.move(order, OrderMove.RESCHEDULE, now=now)
                if self._storage.queue.halt(cause, now=now, probe_at=now + wait_before_probe(0)):
                    self._storage.audit.add(AuditEvent.QUEUE_HALTED, now=now, cause=cause, order_id=order.id)
                    self.tell_admins(QueueHalted(cause, key, request_id), now)
            case _:
                assert_never(outcome)

    def give_up_recording(self, order: Order, attempt_id: int, outcome: Outcome, now: datetime) -> None:
        """Set an order aside, because `record_attempt` failed for a reason that will not pass."""
        self._storage.attempts.finish(
            attempt_id,
            now=now,
            outcome=AttemptOutcome.AMBIGUOUS,
            http_status=outcome.status,
            i18n_key=None,
            tango_request_id=outcome.request_id,
            detail="not recorded",
        )
        self.set_aside(order, Problem.UNRECORDED, None, now)

    def record_answer(self, order: Order, answer: OrderDetail, now: datetime) -> None:
        """Record what Tango says now of an accepted order; once Tango has finished, tell those who wait for it."""
        self.record_charge(order, answer.charge, now)
        if self._learn(order, answer.current_status, now):
            self._tell_progress(order, now)

    def record_charge(self, order: Order, charge: Charge | None, now: datetime) -> None:
        """Keep what an accepted order cost, once; flag a charge to the admins that the order's value does not explain.

        The order stays accepted, because Tango has it.
        """
        if charge is None or not self._storage.charges.set(order.id, charge):
            return
        self._storage.outbox.refresh_request(order.request_id, order.requester_id, now)
        if charge.exceeds(order.amount, self._storage.charges.fee_of(order.utid)):
            self._audit(order, AuditEvent.ORDER_OVERCHARGED, now, total=str(charge.total), currency=charge.currency)
            self.tell_admins(OrderOvercharged(order.id), now)

    def record_resend(self, order: Order, resend: Resend, outcome: ResendOutcome, now: datetime) -> None:
        """Record what a resend came to, and tell whoever asked for it."""
        move, clock, i18n_key, detail = _resend_record(resend, outcome, now)
        recorded = self._storage.resends.finish(
            resend.id,
            move,
            now=now,
            http_status=getattr(outcome, "status", None),
            i18n_key=i18n_key,
            tango_request_id=outcome.request_id,
            detail=detail,
        )
        if not recorded:
            return  # the rescue closed it as ambiguous, and told so
        if clock is not None:
            self._storage.resends.set_last_sent(order.id, clock, expected=resend.requested_at)
        self._tell_resend(order, resend, RESEND_MOVES[ResendStatus.SENDING, move], now)

    def record_interrupted_resend(self, resend: Resend, now: datetime) -> None:
        """Tell whoever asked for a resend that nobody knows whether it was sent, because its process is gone."""
        order = self._storage.orders.get(resend.order_id)
        if order is not None:
            self._tell_resend(order, resend, ResendStatus.AMBIGUOUS, now)

    def give_up_watch(self, order: Order, now: datetime) -> None:
        """End the watch of an order that Tango has not finished in all that time, and tell the admins."""
        if self._storage.tango_status.give_up(order.id):
            self._tell_unfinished(order, now)

    def set_aside(
        self, order: Order, problem: Problem, detail: str | None, now: datetime, reference: str | None = None
    ) -> None:
        """Leave an order to a person, because a machine could only guess.

        Args:
            order: as it was read.
            problem: why.
            detail: Tango's words, or what differs.
            now: UTC.
            reference: Tango's id of the order that differs, for the audit log.
        """
        if not self._storage.orders.move(order, OrderMove.SET_ASIDE, now=now, problem=problem, problem_detail=detail):
            return
        self._audit(order, AuditEvent.ORDER_NEEDS_ATTENTION, now, problem=problem, reference_order_id=reference)
        self.tell_admins(OrderNeedsAttention(order.id), now)
        self._storage.outbox.add(OrderNeedsAttention(order.id), order.requester_id, now)
        self._tell_progress(order, now)

    def tell_admins(self, notice: Notice, now: datetime) -> None:
        """Write a notice to each admin; to ADMINS while it is not known who they are."""
        admins = self._admins()
        for admin in [ADMINS] if admins is None else sorted(admins):
            self._storage.outbox.add(notice, admin, now)

    # ------------------------------------------------------------------------------------- attempts

    def _accept(self, order: Order, outcome: Accepted, now: datetime) -> None:
        made = outcome.order
        if not self._is_confirmed(order, outcome, now):
            return
        if not self._storage.orders.move(
            order,
            OrderMove.ACCEPT,
            now=now,
            outcome_unknown=False,
            reference_order_id=made.reference_order_id,
            tango_status=made.status,
        ):
            return
        self._audit(
            order,
            AuditEvent.ORDER_ACCEPTED,
            now,
            status=outcome.status,
            reference_order_id=made.reference_order_id,
            tango_request_id=outcome.request_id,
        )
        self._storage.tango_status.watch(order.id, now + (wait_before_watch(0) or timedelta(0)))
        accepted = replace(order, status=OrderStatus.ACCEPTED, claimed_at=None, tango_status=made.status)
        self.record_charge(accepted, made.charge, now)
        self._learn(accepted, made.status, now)
        self._tell_progress(order, now)

    def _is_confirmed(self, order: Order, outcome: Accepted, now: datetime) -> bool:
        """Return whether Tango's order is the approved one; where it is not, or Tango does not say so, go on as needed.

        What the answer to a sent order leaves out is asked for, at the order's next turn.
        """
        made, currency = outcome.order, order.amount.currency
        asked = order.reference_order_id is not None
        problem, fields = Problem.DIFFERS, differences(order.body, made, currency=currency)
        if asked and made.reference_order_id != order.reference_order_id:
            fields = ("referenceOrderID", *fields)
        if not fields:
            problem, fields = Problem.UNCONFIRMED, missing(order.body, made, currency=currency)
        if not fields:
            return True
        logger.error(
            "Order %d: %s: %s",
            order.id,
            "Tango has another order under this reference" if problem is Problem.DIFFERS else "Tango left out",
            ", ".join(fields),
            extra={"request_id": order.request_id, "order_id": order.id, "tango_request_id": outcome.request_id},
        )
        if problem is Problem.UNCONFIRMED and not asked:
            reference = made.reference_order_id
            self._storage.orders.move(
                order, OrderMove.RESCHEDULE, now=now, outcome_unknown=True, reference_order_id=reference
            )
        else:
            self.set_aside(order, problem, ", ".join(fields), now, made.reference_order_id)
        return False

    def _reject(self, order: Order, outcome: Rejected, now: datetime) -> None:
        if order.outcome_unknown:
            self.set_aside(order, Problem.REFUSED_AFTER_AMBIGUOUS, outcome.message, now)
            return
        problem = TangoKey(outcome.i18n_key) if outcome.i18n_key else HttpStatus(outcome.status)
        if not self._storage.orders.move(
            order, OrderMove.FAIL, now=now, problem=problem, problem_detail=outcome.message or None
        ):
            return
        self._audit(
            order,
            AuditEvent.ORDER_FAILED,
            now,
            status=outcome.status,
            i18n_key=outcome.i18n_key,
            tango_request_id=outcome.request_id,
        )
        self._storage.outbox.add(OrderFailed(order.id), order.requester_id, now)
        self._tell_progress(order, now)

    def _try_later(self, order: Order, outcome: Ambiguous, now: datetime) -> None:
        least = timedelta(seconds=outcome.minimum_wait)
        in_flight = outcome.reason is Reason.IN_FLIGHT and order.is_in_flight(now)
        attempts = order.attempts + (not in_flight)
        moved = self._storage.orders.move(
            order,
            OrderMove.RESCHEDULE,
            now=now,
            available_at=now + (least if in_flight else wait_before_retry(attempts, least)),
            counted=not in_flight,
            outcome_unknown=None if outcome.reason is Reason.NOT_CONNECTED else True,
        )
        if moved and outcome.reason is not Reason.NOT_CONNECTED and not order.outcome_unknown:
            # It can't be canceled any more.
            self._storage.outbox.refresh_request(order.request_id, order.requester_id, now)
        if moved and attempts == ATTEMPTS_BEFORE_ALARM and not in_flight:
            self.tell_admins(OutcomeStillAmbiguous(order.id), now)

    def _resume_after(self, attempt_id: int, outcome: Accepted | Rejected, now: datetime) -> None:
        """Let the queue go on, if this outcome shows that the cause of a halt is gone."""
        state = self._storage.queue.state()
        if state.is_cured_by(attempt_id, made=outcome.status == 201) and self._storage.queue.resume():
            self._storage.audit.add(AuditEvent.QUEUE_RESUMED, now=now, cause=state.halt_cause)
            self.tell_admins(QueueResumed(state.halt_cause or ""), now)

    # ------------------------------------------------------------------------- after it was accepted

    def _learn(self, order: Order, tango_status: str | None, now: datetime) -> bool:
        """Keep Tango's status and do what follows from it; return whether it is the end, and news."""
        watched = self._storage.tango_status
        match standing_of(tango_status):
            case Standing.OPEN:
                watched.learn(order.id, tango_status, now)
                return False
            case Standing.COMPLETE:
                if not watched.finish(order.id, tango_status, now, mailed_at=now if order.is_mailed else None):
                    return False
                if standing_of(order.tango_status) is Standing.OPEN:
                    self._audit(order, AuditEvent.ORDER_COMPLETED, now, status=tango_status)
                # Not before Tango has finished: the recipient would look for an email that was not sent.
                notice = RewardDelivery if order.delivery is Delivery.MESSAGE else RewardOnItsWay
                self._storage.outbox.add(notice(order.id), order.recipient.user_id, now)
            case Standing.FAILED:
                return self._end(order, tango_status, now)
            case Standing.UNEXPECTED:
                if not watched.finish(order.id, tango_status, now, mailed_at=None):
                    return False
                self._tell_unfinished(order, now)
            case standing:
                assert_never(standing)
        return True

    def _end(self, order: Order, tango_status: str | None, now: datetime) -> bool:
        """Fail an accepted order, because Tango ended it without a reward."""
        ended = self._storage.orders.move(
            order,
            OrderMove.FAIL,
            now=now,
            tango_status=tango_status,
            problem=Problem.ENDED_AT_TANGO,
            problem_detail=tango_status,
        )
        if ended:
            self._audit(order, AuditEvent.ORDER_ENDED_AT_TANGO, now, status=tango_status)
            self._storage.outbox.add(OrderFailed(order.id), order.requester_id, now)
            self.tell_admins(OrderFailed(order.id), now)
        return ended

    def _tell_unfinished(self, order: Order, now: datetime) -> None:
        self._audit(order, AuditEvent.ORDER_WATCH_ENDED, now)
        self.tell_admins(OrderUnfinished(order.id), now)

    def _tell_progress(self, order: Order, now: datetime) -> None:
        """Have the request's card and receipt rewritten, and the end of its last order told by message."""
        outbox = self._storage.outbox
        outbox.refresh_request(order.request_id, order.requester_id, now)
        progress = self._storage.orders.progress(order.request_id)
        if progress.is_settled and progress.accepted:
            outbox.add(OrdersSettled(order.request_id), order.requester_id, now)

    def _tell_resend(self, order: Order, resend: Resend, status: ResendStatus, now: datetime) -> None:
        self._storage.audit.add(
            _RESEND_EVENTS[status],
            now=now,
            actor=resend.requested_by,
            request_id=order.request_id,
            order_id=order.id,
        )
        self._storage.outbox.add(ResendFinished(resend.id), resend.requested_by, now)

    def _audit(self, order: Order, event: AuditEvent, now: datetime, **facts: Any) -> None:
        self._storage.audit.add(event, now=now, request_id=order.request_id, order_id=order.id, **facts)


def _resend_record(
    resend: Resend, outcome: ResendOutcome, now: datetime
) -> tuple[ResendMove, datetime | None, str | None, str | None]:
    """Return what is kept of a resend: its move, the new start of the cooldown (None: as it is), key and detail."""
    match outcome:
        case Resent():
            return ResendMove.CONFIRM, None, None, None
        case ResendThrottled(seconds_left=left, last_sent_at=last_sent_at):
            # Tango knows of a later send than Kudos, such as one from Tango's portal, and so its cooldown counts. The
            # rest is taken over and not the time of the send, because the two clocks may differ.
            clock = last_sent_at if left is None else now + timedelta(seconds=left) - RESEND_COOLDOWN
            return ResendMove.REFUSE, clock, "403.005", None
        case ResendRefused(i18n_key=key, message=message):
            return ResendMove.REFUSE, resend.previous_sent_at, key, message or None
        case ResendAmbiguous(reason=Reason.NOT_CONNECTED | Reason.TOO_MANY as reason):
            return ResendMove.REFUSE, resend.previous_sent_at, None, reason
        case ResendAmbiguous(reason=reason):
            return ResendMove.LOSE, None, None, reason
        case _:
            assert_never(outcome)
