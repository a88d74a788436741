"""Asking Tango what became of an order: what is said of the answers, and how an order was settled."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from bot.domain.audit import AuditEvent
from bot.domain.inquiry import Inquiry, InquiryFinding
from bot.domain.order import OrderStatus
from bot.domain.problem import Problem
from handlers.views import inquiry
from tests.kit.factories import ADA, MAYA, NOON, an_order
from tests.kit.wording.common import common, told

_ASKED: Final = Inquiry(id=1, order_id=1, requested_at=NOON, asked_at=NOON, finished_at=NOON)


def finding(what: InquiryFinding, status: OrderStatus = OrderStatus.NEEDS_ATTENTION) -> str:
    """Say what Tango answered about an order whose outcome nobody knew."""
    problems = (Problem.PAST_IDEMPOTENCY, Problem.REFUSED_AFTER_AMBIGUOUS)
    orders = [an_order(status=status, problem=problem) for problem in problems]
    times = (NOON, NOON + timedelta(days=99, seconds=3_700))
    return common(
        *(
            inquiry.finding_text(order, replace(_ASKED, asked_at=at, finding=what), at)
            for order, at in zip(orders, times, strict=True)
        )
    )


def inquiring(order_id: int) -> str:
    """Return what who has Tango asked about an order is told at once."""
    return told(inquiry.build_inquiring, order_id)


def sent_as(what: InquiryFinding, number: str, detail: str = "") -> str:
    """Say what Tango answered about the number under which the first order was said to be sent."""
    asked = replace(_ASKED, finding=what, sent_as=number, detail=detail)
    return inquiry.build_inquiry_finished(an_order(), asked, None).text


def sent_as_told(what: InquiryFinding, number: str, detail: str = "") -> str:
    """Return what is said of it, whichever order that is."""
    asked = replace(_ASKED, finding=what, sent_as=number, detail=detail)
    return told(lambda order: inquiry.build_inquiry_finished(order, asked, None))


SENT_AS_FORM: Final[str] = inquiry.build_sent_as_form(an_order())["title"]["text"]


def closed(order_id: int) -> str:
    """Tell the requester and the admins which order an admin has closed without sending."""
    return told(lambda order: inquiry.build_attention_ended(order, AuditEvent.ORDER_CLOSED, ADA), order_id)


#: The requester and the admins hear that Tango has an order that needed a person.
TANGO_HAS_IT: Final = told(lambda order: inquiry.build_attention_ended(order, AuditEvent.ORDER_ACCEPTED, None))

#: They hear that an order is sent again, or was closed; and by whom, which is left out here.
SENT_ONCE_MORE: Final = told(lambda order: inquiry.build_attention_ended(order, AuditEvent.ORDER_RETRIED, MAYA))
CLOSED: Final = told(lambda order: inquiry.build_attention_ended(order, AuditEvent.ORDER_CLOSED, ADA))
