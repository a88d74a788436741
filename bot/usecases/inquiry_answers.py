"""Recording inquiries: Tango's answer about an order whose outcome nobody knew becomes its move, and is told.

Every method runs in its caller's transaction. What follows is stored only where this call ended the inquiry: a person
who decides meanwhile ends it, and so does another answer.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, assert_never

from bot.domain.audit import AuditEvent
from bot.domain.inquiry import (
    ABSENCE_COUNTS_AFTER,
    Inquiry,
    InquiryFinding,
    absence_counts,
    wait_before_next_try,
)
from bot.domain.notices import AttentionEnded, InquiryFinished
from bot.domain.order import FINAL, Order, OrderMove, OrderStatus
from bot.domain.problem import Problem
from bot.tango.differences import differences, missing
from bot.tango.inquiry import AtTango, InquiryAnswer, Unsaid
from bot.tango.models import TangoOrder
from bot.usecases.outcomes import Outcomes, what_differs
from bot.usecases.queue import CONSOLE
from storage import Storage

logger = logging.getLogger(__name__)

#: The problem of an order of which Tango has another, or does not say what it has.
_PROBLEMS: Final = {
    InquiryFinding.DIFFERS: Problem.DIFFERS,
    InquiryFinding.UNCONFIRMED: Problem.UNCONFIRMED,
}

#: The findings after which Tango is asked once more, by itself.
_NOT_YET: Final = (InquiryFinding.TOO_SOON, InquiryFinding.UNANSWERED)

#: The detail where Tango has several orders under one reference.
_SEVERAL: Final = "several orders"

#: Named by `differences` and `missing`; an order that was sent by hand has another reference, or none.
_REFERENCE: Final = "externalRefID"


@dataclass(frozen=True, slots=True)
class Question:
    """An inquiry that is being asked, and its order as it was read for that; one from the queue is `submitting`."""

    inquiry: Inquiry
    order: Order


class InquiryAnswers:
    """Takes inquiries, and records what Tango answered.

    Args:
        storage: of orders and inquiries.
        outcomes: accepts orders and sets them aside, with all that follows.
        believes: return whether the machine's clock is believed: that Tango does not have an order counts by an hour.
    """

    def __init__(self, *, storage: Storage, outcomes: Outcomes, believes: Callable[[], bool]) -> None:
        self._storage = storage
        self._outcomes = outcomes
        self._believes = believes

    def take(self, now: datetime) -> Question | None:
        """Take the inquiry that is due, and its order out of the queue if it is there; None if none is due."""
        inquiries = self._storage.inquiries
        while inquiry := inquiries.take(now):
            order = self._storage.orders.claim_this(inquiry.order_id, now) or self._storage.orders.get(inquiry.order_id)
            if order is not None and order.status not in FINAL:
                return Question(inquiry, order)
            inquiries.finish(inquiry.id, InquiryFinding.OVERTAKEN, now=now)
            self._tell_asker(inquiry, now)
        return None

    def record(self, question: Question, answer: InquiryAnswer, now: datetime) -> InquiryFinding | None:
        """Record what Tango answered; return what the inquiry found out, None where Tango is asked again."""
        question = self._as_it_is_now(question)
        inquiry = question.inquiry
        match answer:
            case AtTango(()) if inquiry.sent_as is not None:
                return self._conclude(question, InquiryFinding.NO_SUCH_NUMBER, now)
            case AtTango(()) if inquiry.found_as is None:
                return self._conclude(question, self._absence(question, now), now)
            case AtTango((made,)) if inquiry.sent_as is not None:
                return self._record_sent_as(question, made, now)
            case AtTango((made,)):
                return self._record_found(question, made, now)
            case AtTango((_, _, *_)):
                return self._conclude(question, InquiryFinding.DIFFERS, now, _SEVERAL)
            case AtTango() | Unsaid():  # the list has it, and it can't be looked at yet
                return self._try_again(question, now)
            case _:
                assert_never(answer)

    def give_up(self, question: Question, now: datetime) -> None:
        """End an inquiry whose answer could not be recorded, for a reason that will not pass."""
        self._conclude(question, InquiryFinding.UNRECORDED, now)

    def _as_it_is_now(self, question: Question) -> Question:
        """Read anew what another answer may have said or told of an order that needs a person.

        A decision ends an inquiry.
        """
        order, inquiry = self._storage.orders.get(question.order.id), self._storage.inquiries.get(question.inquiry.id)
        both = {question.order.status, order.status if order else None}
        if order is None or inquiry is None or both != {OrderStatus.NEEDS_ATTENTION}:
            return question
        return Question(replace(question.inquiry, quiet=inquiry.quiet), order)

    # ---------------------------------------------------------------------------------- what Tango has

    def _record_found(self, question: Question, made: TangoOrder, now: datetime) -> InquiryFinding | None:
        """Record what Tango has under our reference. What its list leaves out is asked for by its number."""
        inquiry, order = question.inquiry, question.order
        if fields := what_differs(order, made):
            return self._conclude(question, InquiryFinding.DIFFERS, now, ", ".join(fields))
        left_out = missing(order.body, made, currency=order.amount.currency)
        if not left_out:
            return self._accept(question, made, now)
        if inquiry.found_as is not None:
            return self._conclude(question, InquiryFinding.UNCONFIRMED, now, ", ".join(left_out))
        self._put_back(order, now)
        self._storage.inquiries.ask_again(inquiry.id, now, found_as=made.reference_order_id)
        return None

    def _record_sent_as(self, question: Question, made: TangoOrder, now: datetime) -> InquiryFinding | None:
        """Record what Tango has under the number that an admin gave: the same reference, or the same content."""
        order = question.order
        if made.external_ref_id is not None and made.external_ref_id.casefold() == order.external_ref_id.casefold():
            return self._record_found(question, made, now)
        if self._is_of_another(order, made):
            return self._conclude(question, InquiryFinding.DIFFERS, now, _REFERENCE, claimed=True)
        currency = order.amount.currency
        if fields := _without_reference(differences(order.body, made, currency=currency)):
            return self._conclude(question, InquiryFinding.DIFFERS, now, ", ".join(fields), claimed=True)
        if fields := _without_reference(missing(order.body, made, currency=currency)):
            return self._conclude(question, InquiryFinding.UNCONFIRMED, now, ", ".join(fields), claimed=True)
        return self._accept(question, made, now)

    def _is_of_another(self, order: Order, made: TangoOrder) -> bool:
        """Return whether Tango's order is another of ours."""
        orders = self._storage.orders
        found = [orders.referenced(name) for name in (made.reference_order_id, made.external_ref_id) if name]
        return any(other is not None and other.id != order.id for other in found)

    def _absence(self, question: Question, now: datetime) -> InquiryFinding:
        """Return whether it counts that Tango does not have an order: only where it had an hour to make it."""
        order, since = question.order, self._storage.inquiries.last_attempt_at(question.order.id)
        had_time = self._believes() and absence_counts(since, question.inquiry.asked_at or now)
        return InquiryFinding.ABSENT if had_time or not order.outcome_unknown else InquiryFinding.TOO_SOON

    # ------------------------------------------------------------------------------------ what follows

    def _accept(self, question: Question, made: TangoOrder, now: datetime) -> InquiryFinding:
        inquiry, order = question.inquiry, question.order
        if not self._finish(question, InquiryFinding.SAME, now):
            logger.error("Order %s: Tango has it, which came too late", order.number, extra={"order": order.number})
        elif self._outcomes.accept(order, made, now, reference_order_id=made.reference_order_id, inquiry_id=inquiry.id):
            every = [inquiry, *self._storage.inquiries.end(order.id, now)]
            if order.status is OrderStatus.NEEDS_ATTENTION and not any(one.quiet for one in every):
                self._tell_ended(order, inquiry, now)
            else:
                for one in every:
                    self._tell_asker(one, now)
        return InquiryFinding.SAME

    def _conclude(
        self,
        question: Question,
        finding: InquiryFinding,
        now: datetime,
        detail: str | None = None,
        *,
        claimed: bool = False,
    ) -> InquiryFinding:
        """End an inquiry that does not accept the order, and tell whom it concerns.

        Args:
            question: the inquiry and its order.
            finding: what it found out.
            now: UTC.
            detail: what differs, or what Tango left out.
            claimed: it is about an order that only an admin takes for this one, and says nothing of this one.
        """
        inquiry, order = question.inquiry, question.order
        if not self._finish(question, finding, now, detail):
            self._put_back(order, now)
            return finding
        if finding in _PROBLEMS and not claimed:
            if (order.problem, order.problem_detail) != (_PROBLEMS[finding], detail):
                self._outcomes.set_aside(order, _PROBLEMS[finding], detail, now)
                return finding
        elif order.status is OrderStatus.SUBMITTING:
            self._put_back(order, now, absent=finding is InquiryFinding.ABSENT)
            if finding in _NOT_YET and order.waits_for_date and order.available_at > now + ABSENCE_COUNTS_AFTER:
                self._ask_later(order, now)  # there is time, and it can be undone once Tango surely does not have it
        elif finding in _NOT_YET and inquiry.sent_as is None:
            self._ask_later(order, now)
        news = finding is InquiryFinding.ABSENT and self._storage.inquiries.settle_absent(order.id)
        if order.status is OrderStatus.NEEDS_ATTENTION and (inquiry.quiet or news):
            self._outcomes.tell_attention(order, now)
        else:
            self._tell_asker(inquiry, now)
        return finding

    def _ask_later(self, order: Order, now: datetime) -> None:
        """Have Tango asked again when it counts that it does not have the order."""
        at = self._storage.inquiries.last_attempt_at(order.id) + ABSENCE_COUNTS_AFTER
        self._storage.inquiries.open(order.id, now=now, due_at=at if at > now else now + ABSENCE_COUNTS_AFTER)

    def _try_again(self, question: Question, now: datetime) -> InquiryFinding | None:
        wait = wait_before_next_try(question.inquiry.tries)
        if wait is None:
            return self._conclude(question, InquiryFinding.UNANSWERED, now)
        self._storage.inquiries.ask_again(question.inquiry.id, now + wait)
        self._put_back(question.order, now)
        return None

    def _finish(self, question: Question, finding: InquiryFinding, now: datetime, detail: str | None = None) -> bool:
        inquiry, order = question.inquiry, question.order
        if not self._storage.inquiries.finish(inquiry.id, finding, now=now, detail=detail):
            return False
        self._storage.audit.add(
            AuditEvent.ORDER_INQUIRY_FINISHED,
            now=now,
            request_id=order.request_id,
            order_id=order.id,
            finding=finding,
            sent_as=inquiry.sent_as,
        )
        return True

    def _put_back(self, order: Order, now: datetime, *, absent: bool = False) -> None:
        """Give an order of the queue its place back; one that Tango does not have counts as never sent."""
        if order.status is OrderStatus.SUBMITTING:
            unknown = False if absent else None
            moved = self._storage.orders.move(order, OrderMove.RESCHEDULE, now=now, outcome_unknown=unknown)
            if moved and absent:  # it can be canceled
                self._storage.inquiries.settle_unsent(order.id)
                self._storage.outbox.refresh_of(order, now)

    def _tell_ended(self, order: Order, inquiry: Inquiry, now: datetime) -> None:
        notice = AttentionEnded(order.id, AuditEvent.ORDER_ACCEPTED, inquiry.requested_by)
        self._storage.outbox.add(notice, order.requester_id, now)
        self._outcomes.tell_admins(notice, now)

    def _tell_asker(self, inquiry: Inquiry, now: datetime) -> None:
        if inquiry.requested_by not in (None, CONSOLE):
            self._storage.outbox.add(InquiryFinished(inquiry.id), inquiry.requested_by, now)


def _without_reference(fields: Collection[str]) -> list[str]:
    return [field for field in fields if field != _REFERENCE]
