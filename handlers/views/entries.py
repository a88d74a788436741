"""The entries of a list: an icon and a person first, then state and time, and one menu for what can be done."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.order import Order, OrderMove, OrderStatus
from bot.domain.request import Recipient, Request, RequestStatus
from handlers.ids import Action, Listed
from handlers.views.approval import approved_text
from handlers.views.blocks import Json, button, mention, option, overflow, plain, section, time_of
from handlers.views.names import details_button, number_text, recipient_text, reward_text
from handlers.views.people import few_of
from handlers.views.requests import of_request
from handlers.views.states import REQUEST_STATES, order_state, since_text
from handlers.views.workflows import asker_text

#: Where a request stands, with who decided, and since when. Of an approved one `by` says both.
_STANDING: Final[Mapping[RequestStatus, str]] = {
    RequestStatus.PENDING_APPROVAL: "Waiting for approval since {at}",
    RequestStatus.APPROVED: "{by} {at}",
    RequestStatus.DECLINED: "Declined by {by} {at}",
    RequestStatus.WITHDRAWN: "Withdrawn by {by} {at}",
    RequestStatus.EXPIRED: "Expired {at}",
}

#: A request that needs two approvers, once it has one.
_ONE_OF_TWO: Final = "Waiting for approval since {at} · one of two has approved"

#: The people of a request that its entry names: the others are counted.
_MOST_NAMED: Final = 3

#: The characters of a reason in an entry, which stays an entry.
_MOST_OF_REASON: Final = 150


def order_entry(order: Order, viewer_id: str, *, on_hold: bool = False, beside: str = "") -> Json:
    """Build the entry of an order, with its menu.

    Args:
        order: as it is now.
        viewer_id: who reads the list.
        on_hold: whether nothing is sent at present.
        beside: more about it, before its number.
    """
    return section(order_text_of_entry(order, on_hold=on_hold, beside=beside), _order_menu(order, viewer_id))


def order_text_of_entry(order: Order, *, on_hold: bool = False, beside: str = "") -> str:
    """Say in two lines who gets what, and where it stands; the number comes last."""
    state = order_state(order, on_hold=on_hold)
    more = f" · {beside}" if beside else ""
    return (
        f"{state.icon} *{recipient_text(order.recipient)}* · {reward_text(order)}\n"
        f"{state.word}{since_text(order)}{more} · {number_text(order)}"
    )


def _order_menu(order: Order, viewer_id: str) -> Json:
    """Build the menu of what can be done with an order; where that is to look at it, a button."""
    reference = order.external_ref_id
    choices = [option("Details", reference)]
    if order.can_be_mailed_again:
        choices.append(option("Send email again", f"{Listed.MAIL}-{reference}"))
    if order.allows(OrderMove.CANCEL):
        choices.append(option("Cancel…", f"{Listed.CANCEL}-{reference}"))
    if order.can_be_asked_about:
        choices.append(option("Check with Tango", f"{Listed.CHECK}-{reference}"))
    if order.status in (OrderStatus.FAILED, OrderStatus.CANCELED) and order.requester_id == viewer_id:
        choices.append(option("Ask again…", f"{Listed.AGAIN}-{reference}"))
    if len(choices) == 1:
        return details_button(order)
    return overflow(Action.ORDER_LISTED, choices)


def request_entry(request: Request, viewer_id: str) -> Json:
    """Build the entry of a request, with its menu."""
    return {**request_facts(request, viewer_id), "accessory": _request_menu(request, viewer_id)}


def request_facts(request: Request, viewer_id: str) -> Json:
    """Say where a request stands, and the reason of a decline: in a text of its own that Slack doesn't format."""
    said = section(request_text_of_entry(request, viewer_id))
    if not request.reason:
        return said
    return {**said, "fields": [plain(" ".join(request.reason.split()), _MOST_OF_REASON)]}


def request_text_of_entry(request: Request, viewer_id: str) -> str:
    """Say in two lines who is to get what, and what became of the request; the number comes last."""
    state = REQUEST_STATES[request.status]
    what = of_request(request, "{amount} {reward}", "{amount} {reward} each")
    facts = [_standing_text(request)]
    if request.requester_id != viewer_id:
        facts.append(f"requested by {asker_text(request)}")
    elif request.by_workflow:
        facts.append("requested by a workflow")
    return f"{state.icon} *{_people_text(request.recipients)}* · {what}\n{' · '.join([*facts, request.number])}"


def _standing_text(request: Request) -> str:
    told, at = _STANDING[request.status], request.decided_at or request.created_at
    if request.is_pending:
        told, at = _ONE_OF_TWO if request.first_approved_by else told, request.created_at
    by = approved_text(request) if request.status is RequestStatus.APPROVED else mention(request.decided_by or "")
    return told.format(by=by, at=time_of(at))


def _people_text(recipients: Sequence[Recipient]) -> str:
    return few_of([recipient_text(one) for one in recipients], _MOST_NAMED)


def _request_menu(request: Request, viewer_id: str) -> Json:
    reference = request.reference
    choices = [option("Details", reference)]
    if request.is_pending and request.requester_id == viewer_id:
        choices.append(option("Withdraw…", f"{Listed.WITHDRAW}-{reference}"))
    if request.is_pending:
        choices.append(option("Post the card again", f"{Listed.CARD}-{reference}"))
    came_to_nothing = not request.is_pending and request.status is not RequestStatus.APPROVED
    if request.requester_id == viewer_id and came_to_nothing and not request.is_batch:  # too many for a form
        choices.append(option("Ask again…", f"{Listed.AGAIN}-{reference}"))
    if len(choices) == 1:
        return button("Details", Action.REQUEST_DETAILS, reference)
    return overflow(Action.REQUEST_LISTED, choices)
