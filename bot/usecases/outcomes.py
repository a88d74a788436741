"""Recording outcomes: Tango's answer about an order becomes its move, its history, and notices.

Every method runs in its caller's transaction, so that all of it is stored or none. What follows from a move is
stored only where this call made the move: a late answer to an attempt that was given up changes nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from bot.domain.attempt import AttemptOutcome
from bot.domain.audit import AuditEvent
from bot.domain.charge import Charge
from bot.domain.notices import (
    ADMINS,
    RECIPIENT_LEFT,
    Notice,
    OrderCanceled,
    OrderFailed,
    OrderNeedsAttention,
    OrderOvercharged,
    OrderUnfinished,
    OutcomeStillAmbiguous,
    RewardDelivery,
    RewardOnItsWay,
)
from bot.domain.order import ATTEMPTS_BEFORE_ALARM, BY_HAND, Order, OrderMove, OrderStatus, wait_before_retry
from bot.domain.problem import HttpStatus, Problem, TangoKey
from bot.domain.queue import HaltCause
from bot.domain.request import Delivery
from bot.domain.tango_status import Standing, standing_of, wait_before_watch
from bot.tango.differences import differences, missing
from bot.tango.models import OrderDetail, TangoOrder
from bot.tango.outcomes import (
    Accepted,
    Ambiguous,
    Halted,
    Outcome,
    Reason,
    Rejected,
    Throttled,
)
from bot.usecases.halts import Halts
from storage import Storage

logger = logging.getLogger(__name__)


#: The problems of which Tango is asked before people are told: nobody knows whether Tango has the order.
_IN_DOUBT: Final = frozenset(
    {Problem.PAST_IDEMPOTENCY, Problem.REFUSED_AFTER_AMBIGUOUS, Problem.UNCLEAR_ALONE, Problem.UNRECORDED}
)

#: The problems by which an order may be at Tango, whatever was known of it before.
_MAYBE_MADE: Final = frozenset({Problem.DIFFERS, Problem.UNCONFIRMED, Problem.UNCLEAR_ALONE, Problem.UNRECORDED})


def what_differs(order: Order, made: TangoOrder) -> tuple[str, ...]:
    """Name what differs between an approved order and Tango's, by Tango's number too where that is known."""
    fields = differences(order.body, made, currency=order.amount.currency)
    return fields if order.reference_order_id in (None, made.reference_order_id) else ("referenceOrderID", *fields)


class Outcomes:
    """Records what Tango answered.

    Args:
        storage: of the orders.
        admins: return who is told when a person is needed (Slack ids); None while that is not known.
        halts: halts the queue, and lets it go on.
    """

    def __init__(self, *, storage: Storage, admins: Callable[[], frozenset[str] | None], halts: Halts) -> None:
        self._storage = storage
        self._halts = halts
        self._admins = admins

    def record_attempt(self, order: Order, attempt_id: int, outcome: Outcome, now: datetime) -> None:
        """Record what an attempt came to: the order's move, and what follows for the queue."""
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
                self._halts.pass_on(order, attempt_id, now, made=outcome.status == 201)
                self._accept(order, outcome, now)
            case Rejected():
                self._halts.pass_on(order, attempt_id, now, made=False)
                self._reject(order, outcome, now)
            case Throttled(wait=wait):
                # The order keeps its place; the whole queue waits, because the limit is the platform's.
                self._storage.queue.throttle(now + timedelta(seconds=wait))
                self._halts.note_answer(attempt_id, now)
                if self._halts.is_early_for_ever(order):
                    self._hold_up(order, attempt_id, outcome, HaltCause.THROTTLED, now)
                else:
                    self._put_back(order, now)
            case Ambiguous():
                self._try_later(order, attempt_id, outcome, now)
            case Halted(cause=cause):
                self._hold_up(order, attempt_id, outcome, cause, now)
            case _:
                assert_never(outcome)
        self._halts.answer_askers(now)

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
            self._storage.outbox.refresh_of(order, now)

    def record_charge(self, order: Order, charge: Charge | None, now: datetime) -> bool:
        """Keep what an accepted order cost, once; flag a charge to the admins that the order's value does not explain.

        Return whether the charge was news. The order stays accepted, because Tango has it.
        """
        if charge is None or not self._storage.charges.set(order.id, charge):
            return False
        self._storage.gift_log.record(order.id, now)
        self._storage.outbox.refresh_of(order, now)
        if charge.exceeds(order.amount, self._storage.charges.fee_of(order.utid)):
            self._audit(order, AuditEvent.ORDER_OVERCHARGED, now, total=str(charge.total), currency=charge.currency)
            self.tell_admins(OrderOvercharged(order.id), now)
        return True

    def give_up_watch(self, order: Order, now: datetime) -> None:
        """End the watch of an order that Tango has not finished in all that time, and tell the admins."""
        if self._storage.tango_status.give_up(order.id):
            self._tell_unfinished(order, now)

    def set_aside(
        self, order: Order, problem: Problem, detail: str | None, now: datetime, reference: str | None = None
    ) -> None:
        """Leave an order to a person, because a machine could only guess.

        Where nobody knows whether Tango has the order, Tango is asked first, and people are told when that is over.

        Args:
            order: as it was read.
            problem: why.
            detail: Tango's words, or what differs.
            now: UTC.
            reference: Tango's id of the order that differs, for the audit log.
        """
        unknown = True if problem in _MAYBE_MADE else None
        if not self._storage.orders.move(
            order, OrderMove.SET_ASIDE, now=now, outcome_unknown=unknown, problem=problem, problem_detail=detail
        ):
            return
        self._audit(order, AuditEvent.ORDER_NEEDS_ATTENTION, now, problem=problem, reference_order_id=reference)
        if problem in _IN_DOUBT or (order.outcome_unknown and problem not in _MAYBE_MADE):
            self._storage.inquiries.open(order.id, now=now, quiet=True)
        else:
            self.tell_attention(order, now)

    def call_off(self, order: Order, now: datetime) -> None:
        """Cancel an order whose recipient has left before its date, and tell the requester: nobody has to decide."""
        if self._storage.orders.move(order, OrderMove.CANCEL, now=now):
            self._audit(order, AuditEvent.ORDER_CANCELED, now, reason=RECIPIENT_LEFT)
            self._tell_requester(order, OrderCanceled(order.id, RECIPIENT_LEFT), now)
            self._storage.outbox.refresh_of(order, now)

    def tell_attention(self, order: Order, now: datetime) -> None:
        """Tell the requester and the admins that an order needs a person; no open inquiry tells it again."""
        self._storage.inquiries.end_quiet(order.id)
        self.tell_admins(OrderNeedsAttention(order.id), now)
        self._tell_requester(order, OrderNeedsAttention(order.id), now)
        self._storage.outbox.refresh_of(order, now)

    def accept(self, order: Order, made: TangoOrder, now: datetime, **facts: str | int | None) -> bool:
        """Accept an order that Tango has as it was approved, with all that follows; return whether this call did.

        Args:
            order: as it was read.
            made: Tango's order.
            now: UTC.
            **facts: how that is known, for the audit log.
        """
        status = made.current_status
        if not self._storage.orders.move(
            order,
            OrderMove.ACCEPT,
            now=now,
            outcome_unknown=False,
            reference_order_id=made.reference_order_id,
            tango_status=status,
        ):
            return False
        self._audit(order, AuditEvent.ORDER_ACCEPTED, now, **facts)
        self._storage.tango_status.watch(order.id, now + (wait_before_watch(0) or timedelta(0)))
        accepted = replace(order, status=OrderStatus.ACCEPTED, claimed_at=None, tango_status=status)
        if not self.record_charge(accepted, made.charge, now):
            self._storage.gift_log.record(order.id, now)  # without a charge: Tango has told none yet
        self._learn(accepted, status, now)
        self._storage.outbox.refresh_of(order, now)
        return True

    def tell_admins(self, notice: Notice, now: datetime) -> None:
        """Write a notice to each admin; to ADMINS while it is not known who they are."""
        admins = self._admins()
        for admin in [ADMINS] if admins is None else sorted(admins):
            self._storage.outbox.add(notice, admin, now)

    def _tell_requester(self, order: Order, notice: Notice, now: datetime) -> None:
        """Write a notice about an order to who asked for it; of a batch, the receipt counts what went wrong."""
        if order.priority == BY_HAND:
            self._storage.outbox.add(notice, order.requester_id, now)

    # ------------------------------------------------------------------------------------- attempts

    def _accept(self, order: Order, outcome: Accepted, now: datetime) -> None:
        if self._is_confirmed(order, outcome, now):
            self.accept(
                order,
                outcome.order,
                now,
                status=outcome.status,
                reference_order_id=outcome.order.reference_order_id,
                tango_request_id=outcome.request_id,
            )

    def _is_confirmed(self, order: Order, outcome: Accepted, now: datetime) -> bool:
        """Return whether Tango's order is the approved one; where it is not, or Tango does not say so, go on as needed.

        What the answer to a sent order leaves out is asked for, at the order's next turn.
        """
        made, asked = outcome.order, order.reference_order_id is not None
        problem, fields = Problem.DIFFERS, what_differs(order, made)
        if not fields:
            problem, fields = Problem.UNCONFIRMED, missing(order.body, made, currency=order.amount.currency)
        if not fields:
            return True
        logger.error(
            "Order %s: %s: %s",
            order.number,
            "Tango has another order under this reference" if problem is Problem.DIFFERS else "Tango left out",
            ", ".join(fields),
            extra={"request_id": order.request_id, "order": order.number, "tango_request_id": outcome.request_id},
        )
        if problem is Problem.UNCONFIRMED and not asked:
            reference = made.reference_order_id
            self._put_back(order, now, outcome_unknown=True, reference_order_id=reference)
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
        self._tell_requester(order, OrderFailed(order.id), now)
        self._storage.outbox.refresh_of(order, now)

    def _hold_up(
        self, order: Order, attempt_id: int, outcome: Throttled | Halted, cause: HaltCause, now: datetime
    ) -> None:
        """Put back an order that met what may stop every order; set it aside if it alone meets it."""
        if self._halts.is_refused_alone(order, attempt_id, cause):
            unknown = order.outcome_unknown
            self.set_aside(order, Problem.REFUSED_AFTER_AMBIGUOUS if unknown else Problem.REFUSED_ALONE, None, now)
            self._halts.forgive(order, now)
        elif self._put_back(order, now):
            key, request_id = outcome.i18n_key, outcome.request_id
            self._halts.meet(order, attempt_id, cause, now, i18n_key=key, tango_request_id=request_id)

    def _try_later(self, order: Order, attempt_id: int, outcome: Ambiguous, now: datetime) -> None:
        least = timedelta(seconds=outcome.minimum_wait)
        alone = outcome.may_be_of_one_order and self._halts.is_unclear_alone(order, attempt_id)
        if alone and self._halts.is_unclear_for_ever(order):
            self.set_aside(order, Problem.UNCLEAR_ALONE, None, now)
            return
        in_outage = outcome.is_of_everyone and not alone and self._halts.is_outage()
        if outcome.reason is Reason.IN_FLIGHT:
            self._halts.note_answer(attempt_id, now)
        # What every order meets is not counted against this one, nor told of it.
        uncounted = in_outage or (outcome.reason is Reason.IN_FLIGHT and order.is_in_flight(now))
        attempts = order.attempts + (not uncounted)
        moved = self._put_back(
            order,
            now,
            available_at=now + (least if uncounted else wait_before_retry(attempts, least)),
            counted=not uncounted,
            outcome_unknown=None if outcome.reason is Reason.NOT_CONNECTED else True,
        )
        if moved and outcome.is_of_everyone and not alone:
            self._halts.count_unclear(order, now)
        if moved and attempts == ATTEMPTS_BEFORE_ALARM and not uncounted:
            self.tell_admins(OutcomeStillAmbiguous(order.id), now)

    def _put_back(self, order: Order, now: datetime, **changes: Any) -> bool:
        """Put an order back into the queue; return whether this call did.

        Card and receipt are rewritten where it can't be canceled any more. On hold they say so already, because what
        is being tried waits like the others.
        """
        moved = self._storage.orders.move(order, OrderMove.RESCHEDULE, now=now, **changes)
        if moved and changes.get("outcome_unknown") and not order.outcome_unknown:
            self._storage.outbox.refresh_of(order, now)
        return moved

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
                self._storage.outbox.add_for_recipient(notice(order.id), order, now)
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
            self._storage.gift_log.record(order.id, now)
            self._audit(order, AuditEvent.ORDER_ENDED_AT_TANGO, now, status=tango_status)
            self._tell_requester(order, OrderFailed(order.id), now)
            self.tell_admins(OrderFailed(order.id), now)
        return ended

    def _tell_unfinished(self, order: Order, now: datetime) -> None:
        self._audit(order, AuditEvent.ORDER_WATCH_ENDED, now)
        self.tell_admins(OrderUnfinished(order.id), now)

    def _audit(self, order: Order, event: AuditEvent, now: datetime, **facts: Any) -> None:
        self._storage.audit.add(event, now=now, request_id=order.request_id, order_id=order.id, **facts)
