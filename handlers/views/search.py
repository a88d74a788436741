"""Lists of orders on the screen: pages of ours and of Tango's, and an order placed elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.domain.money import Money
from bot.domain.order import Order
from bot.domain.request import Delivery, Request, RequestStatus
from bot.domain.search import OrderSearch
from bot.errors import SearchNotUnderstood
from bot.tango.limits import RESULT_WINDOW
from bot.tango.models import OrderDetail, TangoAmount, TangoPerson
from bot.usecases.search import MOST_COUNTED, PAGE, Found, OwnPage, TangoPage
from handlers.ids import Action
from handlers.views.blocks import (
    Json,
    Message,
    actions,
    button,
    clip,
    context,
    escape,
    fields,
    header,
    mention,
    section,
    time_of,
)
from handlers.views.filters import search_text
from handlers.views.messages import DECIDED, refusal_text
from handlers.views.orders import since_text, status_text
from handlers.views.requests import card_again_button

#: The states of a request, as a list says them.
_REQUESTS: Final[Mapping[RequestStatus, str]] = {
    RequestStatus.PENDING_APPROVAL: "Waiting for approval",
    **{status: word.capitalize() for status, word in DECIDED.items()},
}

#: The characters shown of one of Tango's texts: as many as its longest note has.
_MOST_OF_TEXT: Final = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class PageButtons:
    """The values of the buttons under a page; None where a button is not there.

    Attributes:
        same: the search.
        older: the next page.
        newest: the first page.
        at_tango: the same search among all that Tango knows.
    """

    same: str
    older: str | None = None
    newest: str | None = None
    at_tango: str | None = None


# ------------------------------------------------------------------------------------------- pages


def build_order_page(page: OwnPage, wanted: OrderSearch, page_buttons: PageButtons, *, may_send: bool) -> Message:
    """Show a page of the orders that Kudos made, to the viewer alone; how to send one, to who `may_send`."""
    title = "All orders" if page.everyone else "Rewards you received" if page.of_recipient else "Your orders"
    count = _counted(page, wanted)
    blocks = [header(title), context(_joined([search_text(wanted), count], ": "))]
    if page.requests:
        blocks += _of_requests(page.requests)
    if page.received and not page.of_recipient:
        blocks.append(section("*Rewards you received*: `/orders received` shows all."))
    blocks += [_received(order) for order in page.received]
    if page.orders and page.received:
        blocks.append(section("*Rewards you sent*"))
    blocks += [
        section(_own_line(order), button("Details", Action.ORDER_DETAILS, order.external_ref_id))
        for order in page.orders
    ]
    if not page.orders and not page.requests and not page.received:
        blocks.append(section(_nothing(wanted, may_send=may_send)))
    blocks.append(_buttons(page_buttons))
    return Message(f"{title}: {count}.", blocks)


def build_not_understood(refusal: SearchNotUnderstood, meant: str | None) -> Message:
    """Say which word is not understood; `meant` is the search with the word that was probably meant."""
    text = refusal_text(refusal)
    blocks = [section(text)]
    if meant is not None:
        blocks.append(actions(button(f"Search for {refusal.known[0]}", Action.ORDERS_MEANT, meant)))
    else:
        blocks.append(context("`/orders help` shows what I understand."))
    return Message(text, blocks)


def build_request_found(request: Request, orders: Sequence[Order]) -> Message:
    """Show a request that was named by its number, with its orders."""
    title = f"Request #{request.id}"
    blocks = [header(title), section(_request_line(request))]
    blocks += [
        section(_own_line(order), button("Details", Action.ORDER_DETAILS, order.external_ref_id)) for order in orders
    ]
    return Message(f"{title}: {_REQUESTS[request.status]}.", blocks)


def build_tango_page(page: TangoPage, wanted: OrderSearch, page_buttons: PageButtons) -> Message:
    """Show a page of Tango's list, to the viewer alone."""
    title = "All orders at Tango" if page.everyone else "Your orders, by Tango's list"
    count = "Tango's list has others between these" if page.count is None else _orders(page.count)
    blocks = [header(title), context(_joined([search_text(wanted), count], ": "))]
    if page.is_cut:
        blocks.append(context(f"Tango lists only the first {RESULT_WINDOW:,}: narrow it down, by days or amounts."))
    blocks += [_found_line(found) for found in page.found]
    if not page.found:
        more = (
            "None on this page, but there may be older ones."
            if page_buttons.older
            else _nothing(wanted, may_send=False)
        )
        blocks.append(section(more))
    blocks.append(_buttons(page_buttons))
    return Message(f"{title}: {count}.", blocks)


def build_elsewhere(order: OrderDetail) -> Message:
    """Show an admin an order that was placed elsewhere, as Tango knows it, without its reward."""
    title = f"Order {order.reference_order_id} at Tango"
    recipient, sender = order.recipient or TangoPerson(), order.sender or TangoPerson()
    facts = {
        "For": _joined([_name(recipient), recipient.email], "\n"),
        "Reward": _joined([order.reward_name, order.utid, order.ptid], "\n"),
        "Face value": _money(order.denomination),
        "Charged": _charged(order.amount_charged),
        "From": _joined([_name(sender), sender.email], "\n"),
        "Tango's status": _joined([order.status, order.line_item_status and f"item {order.line_item_status}"]),
        "Reference": order.external_ref_id,
        "Placed": order.created_at and time_of(order.created_at),
        "Campaign": order.campaign,
        "Purchase order": order.purchase_order_number,
        "Notes": order.notes,
        "E-mail": None if order.send_email is None else "by Tango" if order.send_email else "none by Tango",
        "Template": order.etid,
        "Placed by": order.order_client_source,
    }
    said = [(label, text if label == "Placed" else _clipped(text)) for label, text in facts.items() if text]
    blocks = [header(title), section("Placed elsewhere: Kudos knows no more of it than Tango does.")]
    blocks += [fields(said[at : at + 10]) for at in range(0, len(said), 10)]
    return Message(f"{escape(title)}: {escape(order.status or 'no status')}", blocks)


# ------------------------------------------------------------------------------------------- parts


def _own_line(order: Order) -> str:
    return (
        f"*#{order.id}* {escape(order.recipient.name)}: {escape(order.reward_name)}, {order.amount}\n"
        f"{status_text(order)}{since_text(order)}"
    )


def _found_line(found: Found) -> Json:
    summary, order = found.summary, found.order
    at_tango = f"Tango: {_clipped(summary.status or 'no status')}"
    placed = f", {time_of(summary.created_at)}" if summary.created_at else ""
    if order is not None:
        what = f"*#{order.id}* {escape(order.recipient.name)}: {escape(order.reward_name)}, {order.amount}"
        details = button("Details", Action.ORDER_DETAILS, order.external_ref_id)
        return section(f"{what}\n{status_text(order)}; {at_tango}{placed}", details)
    person = summary.recipient or TangoPerson()
    whom = _clipped(_name(person) or person.email or "no recipient named")
    reward = _clipped(_joined([summary.reward_name or summary.utid or "a reward", _money(summary.denomination)]))
    details = button("Details", Action.ORDER_ELSEWHERE, summary.reference_order_id)
    number = _clipped(summary.reference_order_id)
    return section(f"*{number}* {whom}: {reward}\nplaced elsewhere; {at_tango}{placed}", details)


def _of_requests(requests: Sequence[Request]) -> list[Json]:
    """Build the requests, all of one status, below their status."""
    blocks = [section(f"*{_REQUESTS[requests[0].status]}*")]
    for request in requests:
        again = card_again_button(request) if request.is_pending else None
        blocks.append(section(_request_line(request), again))
    return blocks


def _request_line(request: Request) -> str:
    names = escape(", ".join(one.name for one in request.recipients[:3]))
    others = " and others" if len(request.recipients) > 3 else ""
    what = f"Request #{request.id}: {request.total} ({escape(request.reward_name)}) for {names}{others}"
    if request.is_pending:
        return f"{what}, {time_of(request.created_at)}"
    by = f" by {mention(request.decided_by)}" if request.decided_by else ""
    when = f", {time_of(request.decided_at)}" if request.decided_at else ""
    why = f": {_clipped(request.reason)}" if request.reason else ""
    return f"{what}\n{_REQUESTS[request.status]}{by}{when}{why}"


def _received(order: Order) -> Json:
    """Build a reward as its recipient sees it, who knows no number of it."""
    text = f"🎉 {mention(order.requester_id)}: {escape(order.reward_name)}, {order.amount}{since_text(order)}"
    if order.delivery is Delivery.MESSAGE:
        return section(text, button("Show my reward", Action.REWARD_SHOW, order.external_ref_id))
    if order.can_be_mailed_again:
        return section(text, button("Details", Action.RECEIVED_DETAILS, order.external_ref_id))
    return section(text)


def _counted(page: OwnPage, wanted: OrderSearch) -> str:
    """Say how many there are: requests, as far as they are shown, and orders."""
    more = page.next_before is not None or len(page.requests) == PAGE
    said = []
    if page.requests:
        status = _REQUESTS[page.requests[0].status].lower()
        said.append(f"{len(page.requests)}{' or more' if more else ''} {status}")
    if wanted.finds_orders or not said:
        what = "reward" if page.of_recipient else "order"
        many = f"more than {MOST_COUNTED:,} {what}s"
        said.append(many if page.count > MOST_COUNTED else _count(page.count, what))
    return ", ".join(said)


def _buttons(page_buttons: PageButtons) -> Json:
    buttons = [
        ("Newest", Action.ORDERS_NEWER, page_buttons.newest),
        ("Older", Action.ORDERS_OLDER, page_buttons.older),
        ("Filter", Action.ORDERS_FILTER, page_buttons.same),
        ("Also look at Tango", Action.ORDERS_AT_TANGO, page_buttons.at_tango),
    ]
    return actions(*(button(label, action, value) for label, action, value in buttons if value is not None))


def _nothing(wanted: OrderSearch, *, may_send: bool) -> str:
    if not wanted.is_everything:
        return "Nothing was found. Press Filter to look for something else."
    return "No orders here. `/kudos` sends a reward." if may_send else "No orders here."


def _orders(count: int) -> str:
    return _count(count, "order")


def _count(count: int, what: str) -> str:
    return f"1 {what}" if count == 1 else f"{count:,} {what}s"


def _name(person: TangoPerson) -> str:
    return _joined([person.first_name, person.last_name], " ")


def _money(charge: TangoAmount | None) -> str | None:
    if charge is None or charge.value is None:
        return None
    return _amount(charge.value, charge.currency_code)


def _charged(charge: TangoAmount | None) -> str | None:
    """Say what the account was charged, in its currency."""
    if charge is None or charge.total is None:
        return None
    fee = f"with a fee of {_amount(charge.fee, charge.currency_code)}" if charge.fee else None
    rate = f"at a rate of {charge.exchange_rate:,}" if charge.exchange_rate else None
    return _joined([_amount(charge.total, charge.currency_code), fee, rate])


def _amount(value: Decimal, currency: str | None) -> str:
    """Write an amount as everywhere; as Tango has it where that is no money."""
    try:
        return str(Money.of(value, currency or ""))
    except ValueError:
        return _joined([f"{value:,}", currency], " ")


def _clipped(text: str) -> str:
    return escape(clip(text, _MOST_OF_TEXT))


def _joined(texts: Iterable[str | None], between: str = ", ") -> str:
    return between.join(text for text in texts if text)
