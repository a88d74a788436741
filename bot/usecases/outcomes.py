"""What is written down of Tango's answers about an order: its move, its history, and who is told.

Every method runs in its caller's transaction, so that all of it is stored or none. What follows from a move is
written only where this call made the move: a late answer to an attempt that was given up changes nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, assert_never

from bot.domain.notices import (
    ADMINS,
    ApprovalCard,
    Notice,
    OrderFailed,
    OrderNeedsAttention,
    OrdersSettled,
    OrderUnfinished,
    OutcomeStillUnknown,
    QueueHalted,
    QueueResumed,
    Receipt,
    ResendFinished,
    RewardDelivery,
    RewardOnItsWay,
)
from bot.domain.order import (
    ATTEMPTS_BEFORE_ALARM,
    Order,
    OrderMove,
    OrderStatus,
    Problem,
    wait_before_probe,
    wait_before_retry,
)
from bot.domain.request import Delivery
from bot.domain.resend import RESEND_COOLDOWN, Resend, ResendStatus
from bot.domain.tango_status import Standing, standing_of, wait_before_watch
from bot.tango.bodies import NewOrder
from bot.tango.differences import differences
from bot.tango.outcomes import (
    Accepted,
    Ambiguous,
    HaltCause,
    Halted,
    Outcome,
    Reason,
    Rejected,
    ResendOutcome,
    ResendRefused,
    ResendThrottled,
    ResendUnclear,
    Resent,
    Throttled,
)
from storage import Storage

logger = logging.getLogger(__name__)


#: Tango looks at an account and its balance after all else (observed; not documented): an order that it refuses, or
#: that it has already made, does not tell that these are well again. Only one that it makes does.
_MET_LAST: Final = frozenset({HaltCause.INSUFFICIENT_FUNDS, HaltCause.ACCOUNT_FROZEN})


class Recorder:
    """Writes down what Tango answered.

    Args:
        storage: where it is kept.
        admins: who is told when a person is needed (Slack ids), asked anew each time; None while that is not known.
        approvals_channel: where the request's card is.
    """

    def __init__(
        self, *, storage: Storage, admins: Callable[[], frozenset[str] | None], approvals_channel: str
    ) -> None:
        self._storage = storage
        self._admins = admins
        self._channel = approvals_channel

    def attempt(self, order: Order, attempt_id: int, outcome: Outcome, now: datetime) -> None:
        """What an attempt to place an order came to."""
        orders = self._storage.orders
        self._storage.attempts.finish(
            attempt_id,
            now=now,
            outcome=type(outcome).__name__.lower(),
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
                # It keeps its place; the whole queue waits, because the limit is the platform's.
                orders.move(order, OrderMove.RESCHEDULE, now=now)
                self._storage.queue.throttle(now + timedelta(seconds=wait))
            case Ambiguous():
                self._try_later(order, outcome, now)
            case Halted(cause=cause, i18n_key=key, request_id=request_id):
                orders.move(order, OrderMove.RESCHEDULE, now=now)
                if self._storage.queue.halt(cause, now=now, probe_at=now + wait_before_probe(0)):
                    self._storage.audit.add("queue.halted", now=now, cause=cause, order_id=order.id)
                    self.tell_admins(QueueHalted(cause, key, request_id), now)
            case _:
                assert_never(outcome)

    def unrecorded(self, order: Order, attempt_id: int, outcome: Outcome, now: datetime) -> None:
        """`attempt` could not write down what Tango answered, and never will: a person must look."""
        self._storage.attempts.finish(
            attempt_id,
            now=now,
            outcome="ambiguous",
            http_status=outcome.status,
            i18n_key=None,
            tango_request_id=outcome.request_id,
            detail="not recorded",
        )
        self.set_aside(order, Problem.UNRECORDED, None, now)

    def status(self, order: Order, tango_status: str | None, now: datetime) -> None:
        """What Tango says of a placed order now; once Tango has finished it, those who wait for that are told."""
        if self._learn(order, tango_status, now):
            self._tell_progress(order, now)

    def resend(self, order: Order, resend: Resend, outcome: ResendOutcome, now: datetime) -> None:
        """What sending an e-mail again came to."""
        status, clock, i18n_key, detail = _resend_record(resend, outcome, now)
        recorded = self._storage.resends.finish(
            resend.id,
            status,
            now=now,
            http_status=getattr(outcome, "status", None),
            i18n_key=i18n_key,
            tango_request_id=outcome.request_id,
            detail=detail,
        )
        if not recorded:
            return  # it was given up as unclear, and told so
        if clock is not None:
            self._storage.resends.set_last_sent(order.id, clock, expected=resend.requested_at)
        self._tell_resend(order, resend, status, now)

    def resend_interrupted(self, resend: Resend, now: datetime) -> None:
        """A process died over it: nobody knows whether it was sent, and who asked for it is told so."""
        order = self._storage.orders.get(resend.order_id)
        if order is not None:
            self._tell_resend(order, resend, ResendStatus.UNCLEAR, now)

    def give_up_watch(self, order: Order, now: datetime) -> None:
        """Tango has not finished the order in all that time: a person must look."""
        if self._storage.tango_status.give_up(order.id):
            self._unfinished(order, now)

    def set_aside(
        self, order: Order, problem: Problem, detail: str | None, now: datetime, reference: str | None = None
    ) -> None:
        """A machine could only guess about this order."""
        if not self._storage.orders.move(order, OrderMove.SET_ASIDE, now=now, problem=problem, problem_detail=detail):
            return
        self._audit(order, "order.needs_attention", now, problem=problem, reference_order_id=reference)
        self.tell_admins(OrderNeedsAttention(order.id), now)
        self._storage.outbox.add(OrderNeedsAttention(order.id), order.requester_id, now)
        self._tell_progress(order, now)

    def tell_admins(self, notice: Notice, now: datetime) -> None:
        """Each of them, in a message of their own; once it is known who they are."""
        admins = self._admins()
        for admin in [ADMINS] if admins is None else sorted(admins):
            self._storage.outbox.add(notice, admin, now)

    # ------------------------------------------------------------------------------------- attempts

    def _accept(self, order: Order, outcome: Accepted, now: datetime) -> None:
        placed = outcome.order
        differing = differences(NewOrder.from_bytes(order.body), placed)
        if differing:
            logger.error(
                "Order %d: Tango has another order under this reference: %s",
                order.id,
                ", ".join(differing),
                extra={"request_id": order.request_id, "order_id": order.id, "tango_request_id": outcome.request_id},
            )
            self.set_aside(order, Problem.DIFFERS, ", ".join(differing), now, placed.reference_order_id)
            return
        if not self._storage.orders.move(
            order,
            OrderMove.ACCEPT,
            now=now,
            outcome_unknown=False,
            reference_order_id=placed.reference_order_id,
            tango_status=placed.status,
        ):
            return
        self._audit(
            order,
            "order.accepted",
            now,
            status=outcome.status,
            reference_order_id=placed.reference_order_id,
            tango_request_id=outcome.request_id,
        )
        self._storage.tango_status.watch(order.id, now + (wait_before_watch(0) or timedelta(0)))
        accepted = replace(order, status=OrderStatus.ACCEPTED, claimed_at=None, tango_status=placed.status)
        self._learn(accepted, placed.status, now)
        self._tell_progress(order, now)

    def _reject(self, order: Order, outcome: Rejected, now: datetime) -> None:
        if order.outcome_unknown:
            self.set_aside(order, Problem.REFUSED_AFTER_UNKNOWN, outcome.message, now)
            return
        problem = outcome.i18n_key or f"http_{outcome.status}"
        if not self._storage.orders.move(
            order, OrderMove.FAIL, now=now, problem=problem, problem_detail=outcome.message or None
        ):
            return
        self._audit(
            order,
            "order.failed",
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
        if moved and attempts == ATTEMPTS_BEFORE_ALARM and not in_flight:
            self.tell_admins(OutcomeStillUnknown(order.id), now)

    def _resume_after(self, attempt_id: int, outcome: Accepted | Rejected, now: datetime) -> None:
        """Go on, if this attempt was begun after the halt and its outcome could not have been had while it held."""
        state = self._storage.queue.state()
        if state.halted_attempt is None or attempt_id <= state.halted_attempt:
            return
        if state.halt_cause in _MET_LAST and outcome.status != 201:
            return
        if self._storage.queue.resume():
            self._storage.audit.add("queue.resumed", now=now, cause=state.halt_cause)
            self.tell_admins(QueueResumed(state.halt_cause or ""), now)

    # --------------------------------------------------------------------------- after it was placed

    def _learn(self, order: Order, tango_status: str | None, now: datetime) -> bool:
        """Keep Tango's status and do what follows from it; whether it is the end, and news."""
        placed = self._storage.tango_status
        match standing_of(tango_status):
            case Standing.OPEN:
                placed.learn(order.id, tango_status, now)
                return False
            case Standing.COMPLETE:
                if not placed.finish(order.id, tango_status, now, mailed_at=now if order.is_mailed else None):
                    return False
                if standing_of(order.tango_status) is Standing.OPEN:
                    self._audit(order, "order.completed", now, status=tango_status)
                # Not before: a recipient would look for an e-mail that has not been sent.
                notice = RewardDelivery if order.delivery is Delivery.MESSAGE else RewardOnItsWay
                self._storage.outbox.add(notice(order.id), order.recipient.user_id, now)
            case Standing.FAILED:
                return self._end(order, tango_status, now)
            case Standing.UNCLEAR:
                if not placed.finish(order.id, tango_status, now, mailed_at=None):
                    return False
                self._unfinished(order, now)
            case standing:
                assert_never(standing)
        return True

    def _end(self, order: Order, tango_status: str | None, now: datetime) -> bool:
        """Tango had taken it, and ended it without a reward."""
        ended = self._storage.orders.move(
            order,
            OrderMove.FAIL,
            now=now,
            tango_status=tango_status,
            problem=Problem.ENDED_AT_TANGO,
            problem_detail=tango_status,
        )
        if ended:
            self._audit(order, "order.ended_at_tango", now, status=tango_status)
            self._storage.outbox.add(OrderFailed(order.id), order.requester_id, now)
            self.tell_admins(OrderFailed(order.id), now)
        return ended

    def _unfinished(self, order: Order, now: datetime) -> None:
        self._audit(order, "order.watch_ended", now)
        self.tell_admins(OrderUnfinished(order.id), now)

    def _tell_progress(self, order: Order, now: datetime) -> None:
        """The request's card and receipt show it; the last of its orders is told by message."""
        outbox = self._storage.outbox
        outbox.add(ApprovalCard(order.request_id), self._channel, now)
        outbox.add(Receipt(order.request_id), order.requester_id, now)
        progress = self._storage.orders.progress(order.request_id)
        if progress.is_settled and progress.placed:
            outbox.add(OrdersSettled(order.request_id), order.requester_id, now)

    def _tell_resend(self, order: Order, resend: Resend, status: ResendStatus, now: datetime) -> None:
        self._storage.audit.add(
            f"order.resend_{status}",
            now=now,
            actor=resend.requested_by,
            request_id=order.request_id,
            order_id=order.id,
        )
        self._storage.outbox.add(ResendFinished(resend.id), resend.requested_by, now)

    def _audit(self, order: Order, event: str, now: datetime, **facts: Any) -> None:
        self._storage.audit.add(event, now=now, request_id=order.request_id, order_id=order.id, **facts)


def _resend_record(
    resend: Resend, outcome: ResendOutcome, now: datetime
) -> tuple[ResendStatus, datetime | None, str | None, str | None]:
    """What is kept of a resend: its status, where the cooldown's clock goes (None: it stands), key, detail."""
    match outcome:
        case Resent():
            return ResendStatus.SENT, None, None, None
        case ResendThrottled(seconds_left=left, last_sent_at=last_sent_at):
            # Tango knows of a later send than we do, such as one from its portal: its clock is the right one. What
            # is left is taken over, not the time of the send, because the two clocks may show different times.
            clock = last_sent_at if left is None else now + timedelta(seconds=left) - RESEND_COOLDOWN
            return ResendStatus.REFUSED, clock, "403.005", None
        case ResendRefused(i18n_key=key, message=message):
            return ResendStatus.REFUSED, resend.previous_sent_at, key, message or None
        case ResendUnclear(reason=Reason.NOT_CONNECTED | Reason.TOO_MANY as reason):
            return ResendStatus.REFUSED, resend.previous_sent_at, None, reason
        case ResendUnclear(reason=reason):
            return ResendStatus.UNCLEAR, None, None, reason
        case _:
            assert_never(outcome)
