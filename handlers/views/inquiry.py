"""Asking Tango what became of an order: what it said, what follows, and the form for Tango's number of an order."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.domain.audit import AuditEvent
from bot.domain.inquiry import Inquiry, InquiryFinding
from bot.domain.order import Order, OrderStatus
from bot.domain.problem import Problem
from bot.usecases.queue import CONSOLE
from handlers.ids import Action, Block, View
from handlers.views.blocks import (
    Json,
    Message,
    actions,
    button,
    confirm,
    context,
    escape,
    input_block,
    mention,
    plain,
    section,
    time_of,
)
from handlers.views.cancel import anew_button
from handlers.views.names import about, details_button, number_text, of_order, order_text
from handlers.views.states import order_state

#: In characters: an order's number has about twenty, and the field leaves room for what is pasted around it.
_NUMBER_FIELD: Final = 100

#: How an admin settled an order: the operator on the machine, and a person.
_SETTLED: Final[Mapping[str, tuple[str, str]]] = {
    AuditEvent.ORDER_CLOSED: (
        (
            "The operator of Kudos closed {name}'s {amount} {reward} without sending it. Tango doesn't have it, so "
            "nothing was paid."
        ),
        "{by} closed {name}'s {amount} {reward} without sending it. Tango doesn't have it, so nothing was paid.",
    ),
    AuditEvent.ORDER_RETRIED: (
        (
            "The operator of Kudos is sending {name}'s {amount} {reward} again. It has the same reference, so it can't "
            "be paid twice."
        ),
        "{by} is sending {name}'s {amount} {reward} again. It has the same reference, so it can't be paid twice.",
    ),
}

#: How an order was settled by what Tango said: whether it failed, and then the same whoever asked.
_SETTLED_BY_TANGO: Final[Mapping[bool, tuple[str, str]]] = {
    True: ("{name}'s {amount} {reward} is settled: Tango had it, and ended it without a reward.",) * 2,
    False: ("{name}'s {amount} {reward} is settled: Tango has it, and it was sent once.",) * 2,
}


def finding_text(order: Order, inquiry: Inquiry | None, asked_at: datetime | None) -> str:
    """Say what Tango said last about an order whose outcome nobody knows, and what can be done; or that it is asked.

    Args:
        order: as it is now.
        inquiry: the last one that was answered, if any.
        asked_at: when Tango is asked next, UTC; None if it is not.
    """
    if inquiry is None:
        return "I'm asking Tango about it." if asked_at else ""
    at = time_of(inquiry.asked_at or inquiry.requested_at)
    again = f" I'll ask again {time_of(asked_at)}." if asked_at else ""
    match inquiry.finding:
        case InquiryFinding.ABSENT if order.status is OrderStatus.QUEUED:
            return f"Tango didn't have it when I asked {at}, so nothing was paid. It keeps its place in the queue."
        case InquiryFinding.ABSENT:
            return f"Tango didn't have it when I asked {at}, so nothing was paid. {_choice(order)}"
        case InquiryFinding.TOO_SOON:
            certain = "That's certain only an hour after the last attempt."
            return f"Tango didn't have it yet when I asked {at}. {certain}{again}"
        case InquiryFinding.UNANSWERED:
            return f"I asked Tango {at} and got no clear answer.{again} *Check with Tango* asks right away."
        case InquiryFinding.UNRECORDED:
            return f"I asked Tango {at} and couldn't save the answer. The log says why."
        case _:  # the order's problem says it
            return ""


def _choice(order: Order) -> str:
    if order.problem == Problem.PAST_IDEMPOTENCY:
        return "An admin can close it, and then you can ask for it again."
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
            text="It goes to Tango with the same reference, so it can't be paid twice.",
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


def what_to_do(order: Order) -> Json:
    """Build the buttons under a message about an order: its details, and to ask Tango where that helps."""
    return actions(details_button(order), *([check_button(order)] if order.can_be_asked_about else []))


def build_inquiring(order: Order) -> Message:
    """Tell who had Tango asked that it begins."""
    text = of_order(order, "I'm asking Tango about {name}'s {amount} {reward}. I'll tell you the answer.")
    return about(order, text)


def build_sent_as_form(order: Order) -> Json:
    """Build the form that asks for Tango's number of an order."""
    number: Json = {
        "type": "plain_text_input",
        "action_id": Action.SENT_AS.value,
        "max_length": _NUMBER_FIELD,
        "placeholder": plain("RA180426-1401-64", 150),
    }
    return {
        "type": "modal",
        "callback_id": View.SENT_AS.value,
        "title": plain("It was sent as…", 24),
        "submit": plain("Check with Tango", 24),
        "close": plain("Cancel", 24),
        "private_metadata": order.external_ref_id,
        "blocks": [
            section(order_text(order)),
            input_block(
                Block.SENT_AS,
                "Tango's order number",
                number,
                hint="From the Tango portal. I'll ask Tango if that order has this reference, or the same content.",
            ),
            context(number_text(order)),
        ],
    }


def build_inquiry_finished(order: Order, inquiry: Inquiry, asked_at: datetime | None) -> Message:
    """Tell who had Tango asked what it said."""
    details = actions(details_button(order))
    differs = escape(inquiry.detail or "")
    if inquiry.sent_as is not None:
        return about(order, _sent_as_text(order, inquiry, inquiry.sent_as), details, facts=differs)
    match inquiry.finding:
        case InquiryFinding.SAME:
            text = of_order(order, "Tango has {name}'s {amount} {reward}.")
            return about(order, f"{text} {order_state(order).told}", details)
        case InquiryFinding.DIFFERS:
            text = of_order(
                order, "Tango still has a different order with the reference of {name}'s {amount} {reward}."
            )
            return about(order, text, details, facts=differs)
        case InquiryFinding.UNCONFIRMED:
            text = of_order(order, "Tango still doesn't confirm that its order is {name}'s {amount} {reward}.")
            return about(order, text, details, facts=differs)
        case InquiryFinding.OVERTAKEN:
            return about(order, _overtaken_text(order), details)
        case _:
            return about(order, f"{order_text(order)}: {finding_text(order, inquiry, asked_at)}", what_to_do(order))


def _overtaken_text(order: Order) -> str:
    text = of_order(order, "{name}'s {amount} {reward} was settled before Tango answered.")
    return f"{text} {order_state(order).told}"


def _sent_as_text(order: Order, inquiry: Inquiry, number: str) -> str:
    match inquiry.finding:
        case InquiryFinding.DIFFERS:
            told = "{number} isn't {name}'s {amount} {reward}, so nothing was changed."
            return of_order(order, told, number=escape(number))
        case InquiryFinding.UNCONFIRMED:
            told = "Tango doesn't say if {number} is {name}'s {amount} {reward}, so nothing was changed."
            return of_order(order, told, number=escape(number))
        case InquiryFinding.NO_SUCH_NUMBER:
            return f"Tango has no order {escape(number)}. Please check the number in the Tango portal."
        case InquiryFinding.OVERTAKEN:
            return _overtaken_text(order)
        case _:
            return f"Tango gave no clear answer about {escape(number)}. Nothing was changed: please try again."


def build_attention_ended(order: Order, how: str, actor: str | None) -> Message:
    """Tell the requester and the admins how an order was settled that needed a person."""
    details = details_button(order)
    by_operator, by_person = _SETTLED.get(how, _SETTLED_BY_TANGO[order.status is OrderStatus.FAILED])
    text = of_order(order, by_operator if actor in (CONSOLE, None) else by_person, by=mention(actor or ""))
    again = [anew_button(order)] if how == AuditEvent.ORDER_CLOSED else []
    return about(order, text, actions(*again, details))
