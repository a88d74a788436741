"""Asking Tango what became of an order: what it said, what follows, and the form for Tango's number of an order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from bot.domain.audit import AuditEvent
from bot.domain.inquiry import Inquiry, InquiryFinding
from bot.domain.order import Order, OrderStatus
from bot.domain.problem import Problem
from handlers.ids import Action, Block, View
from handlers.views.blocks import (
    Json,
    Message,
    actions,
    button,
    confirm,
    escape,
    input_block,
    mention,
    plain,
    section,
    time_of,
)
from handlers.views.cancel import anew_button
from handlers.views.messages import STATUS
from handlers.views.people import name_of

#: In characters: an order's number has about twenty, and the field leaves room for what is pasted around it.
_NUMBER_FIELD: Final = 100

_FOUND: Final[Mapping[str, str]] = {
    InquiryFinding.SAME: "Tango has it",
    InquiryFinding.DIFFERS: "Tango has another order there",
    InquiryFinding.UNCONFIRMED: "Tango doesn't say if it is this one",
    InquiryFinding.ABSENT: "Tango doesn't have it",
    InquiryFinding.TOO_SOON: "Tango doesn't have it so far",
    InquiryFinding.NO_SUCH_NUMBER: "Tango doesn't know that number",
    InquiryFinding.UNANSWERED: "no answer",
    InquiryFinding.UNRECORDED: "the answer could not be saved",
}


def by_text(actor: str | None) -> str:
    """Say by whom, to follow what was done; empty where Kudos did it."""
    if actor is None:
        return ""
    return f" by {name_of(actor)}"


def event_text(facts: Mapping[str, Any]) -> str:
    """Say what an inquiry found out, by its entry in the audit log."""
    number = f" about {escape(str(facts['sent_as']))}" if "sent_as" in facts else ""
    return f"asked Tango{number}: {_FOUND.get(facts.get('finding', ''), 'no answer')}"


def finding_text(order: Order, inquiry: Inquiry | None, asked_at: datetime | None) -> str:
    """Say what Tango said last about an order whose outcome nobody knows, and what can be done; or that it is asked.

    Args:
        order: as it is now.
        inquiry: the last one that was answered, if any.
        asked_at: when Tango is asked next, UTC; None if it is not.
    """
    if inquiry is None:
        return "I'm asking Tango what became of it." if asked_at else ""
    at = time_of(inquiry.asked_at or inquiry.requested_at)
    again = f", so I'll ask again {time_of(asked_at)}" if asked_at else ""
    match inquiry.finding:
        case InquiryFinding.ABSENT if order.status is OrderStatus.QUEUED:
            return f"Tango doesn't have it ({at}), so nothing was paid. It keeps its place in the queue."
        case InquiryFinding.ABSENT:
            return f"Tango doesn't have it ({at}), so nothing was paid. {_choice(order)}"
        case InquiryFinding.TOO_SOON:
            return f"Tango doesn't have it so far ({at}). That is certain only an hour after the last attempt{again}."
        case InquiryFinding.UNANSWERED:
            return f"I asked Tango {at} and got no answer that counts{again}. *Check with Tango* asks at once."
        case InquiryFinding.UNRECORDED:
            return f"I asked Tango {at} and could not save the answer. The log says why."
        case _:  # the order's problem says it
            return ""


def _choice(order: Order) -> str:
    if order.problem == Problem.PAST_IDEMPOTENCY:
        return "An admin can close it. A new request makes a new order."
    return "An admin can send it again or close it."


def inquiry_buttons(order: Order, *, by_admin: bool, can_be_sent: bool, can_be_closed: bool) -> list[Json]:
    """Build the buttons with which an order that needs a person is settled, as far as the viewer may.

    Args:
        order: as it is now.
        by_admin: whether the viewer is an admin.
        can_be_sent: whether the order can be sent again.
        can_be_closed: whether Tango surely does not have it.
    """
    buttons = []
    if order.can_be_asked_about:
        buttons.append(check_button(order))
    if by_admin and can_be_sent:
        question = confirm(
            title="Send this order again?",
            text="It goes to Tango under the same reference, so it can't be paid twice.",
            yes="Send again",
        )
        buttons.append(button("Send again", Action.ORDER_RETRY, order.external_ref_id, confirm=question))
    if by_admin and order.can_be_sent_as:
        buttons.append(button("It was sent as RA…", Action.ORDER_SENT_AS, order.external_ref_id))
    if by_admin and can_be_closed:
        question = confirm(
            title="Close without sending?",
            text="Tango doesn't have this order, so nothing was paid, and nothing will be. You can't undo this.",
            yes="Close it",
            danger=True,
        )
        buttons.append(
            button("Close without sending", Action.ORDER_CLOSE, order.external_ref_id, style="danger", confirm=question)
        )
    return buttons


def check_button(order: Order) -> Json:
    """Build the button that has Tango asked."""
    return button("Check with Tango", Action.ORDER_INQUIRE, order.external_ref_id)


def build_inquiring(order: Order) -> Message:
    """Tell who had Tango asked that it begins."""
    text = f"I'm asking Tango about order #{order.id}. You'll hear what it says."
    return Message(text, [section(text)])


def build_sent_as_form(order: Order) -> Json:
    """Build the form that asks for Tango's number of an order."""
    number: Json = {
        "type": "plain_text_input",
        "action_id": Action.SENT_AS.value,
        "max_length": _NUMBER_FIELD,
        "placeholder": plain("RA180426-1401-64", 150),
    }
    what = f"{order.amount} ({escape(order.reward_name)}) for {mention(order.recipient.user_id)}"
    return {
        "type": "modal",
        "callback_id": View.SENT_AS.value,
        "title": plain("It was sent as…", 24),
        "submit": plain("Check with Tango", 24),
        "close": plain("Cancel", 24),
        "private_metadata": order.external_ref_id,
        "blocks": [
            section(f"Order #{order.id}: {what}"),
            input_block(
                Block.SENT_AS,
                "Tango's order number",
                number,
                hint="From the Tango portal. I'll ask Tango if that order has this reference, or the same content.",
            ),
        ],
    }


def build_inquiry_finished(order: Order, inquiry: Inquiry, asked_at: datetime | None) -> Message:
    """Tell who had Tango asked what it said."""
    if inquiry.sent_as is not None:
        text = _sent_as_text(order, inquiry, inquiry.sent_as)
    elif inquiry.finding is InquiryFinding.SAME:
        text = f"Tango has order #{order.id}, so it is {STATUS[order.status]}."
    elif inquiry.finding in (InquiryFinding.DIFFERS, InquiryFinding.UNCONFIRMED):
        text = f"Order #{order.id}: {_FOUND[inquiry.finding]} ({escape(inquiry.detail or '')}), as before."
    elif inquiry.finding is InquiryFinding.OVERTAKEN:
        text = f"Order #{order.id} was settled before Tango answered. It is {STATUS[order.status]}."
    else:
        text = f"Order #{order.id}: {finding_text(order, inquiry, asked_at)}"
    return Message(text, [section(text), actions(button("Details", Action.ORDER_DETAILS, order.external_ref_id))])


def _sent_as_text(order: Order, inquiry: Inquiry, number: str) -> str:
    detail = escape(inquiry.detail or "")
    match inquiry.finding:
        case InquiryFinding.DIFFERS:
            return f"{escape(number)} is not order #{order.id}. What differs: {detail}. Nothing was changed."
        case InquiryFinding.UNCONFIRMED:
            return (
                f"I can't tell if {escape(number)} is order #{order.id}. Tango leaves out: {detail}. "
                "Nothing was changed."
            )
        case InquiryFinding.NO_SUCH_NUMBER:
            return f"Tango has no order {escape(number)}. Check the number in the Tango portal."
        case InquiryFinding.OVERTAKEN:
            return f"Order #{order.id} was settled before Tango answered. It is {STATUS[order.status]}."
        case _:
            return f"Tango gave no answer about {escape(number)} that counts. Nothing was changed: please try again."


def build_attention_ended(order: Order, how: str, actor: str | None) -> Message:
    """Tell the requester and the admins how an order was settled that needed a person."""
    what = f"order #{order.id} ({order.amount}, {escape(order.reward_name)}) for {mention(order.recipient.user_id)}"
    details = button("Details", Action.ORDER_DETAILS, order.external_ref_id)
    match how:
        case AuditEvent.ORDER_CLOSED:
            text = f"Closed without sending{by_text(actor)}: {what}. Tango doesn't have it, so nothing was paid."
            return Message(text, [section(text), actions(anew_button(order), details)])
        case AuditEvent.ORDER_RETRIED:
            text = f"Sent again{by_text(actor)}: {what}. It goes to Tango under the same reference."
        case _ if order.status is OrderStatus.FAILED:
            text = f"Settled: Tango had {what}, and ended it without a reward. It needs nobody any more."
        case _:
            text = f"Settled: Tango has {what}. It was placed once, and needs nobody any more."
    return Message(text, [section(text), actions(details)])
