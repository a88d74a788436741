"""Lists of orders on the screen: pages of ours and of Tango's, and an order placed elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.domain.money import Money
from bot.domain.order import Order, OrderStatus
from bot.domain.progress import Progress
from bot.domain.request import Delivery, Request
from bot.domain.search import OrderSearch
from bot.errors import SearchNotUnderstood
from bot.tango.limits import RESULT_WINDOW
from bot.tango.models import OrderDetail, TangoAmount, TangoPerson
from bot.usecases.search_pages import MOST_COUNTED, Found, OwnPage, TangoPage
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
from handlers.views.entries import order_entry, request_entry, request_facts
from handlers.views.filters import search_text
from handlers.views.headline import headline_of
from handlers.views.messages import refusal_text
from handlers.views.names import reward_text
from handlers.views.queue import Hold
from handlers.views.request_buttons import card_again_button, withdraw_button
from handlers.views.states import ORDER_STATES, REQUEST_STATES, UNDELIVERED

#: The counts over a list, in the order of who has to do something: what waits, what needs attention, what is done.
_COUNTED: Final = (
    ORDER_STATES[OrderStatus.QUEUED],
    ORDER_STATES[OrderStatus.SUBMITTING],
    ORDER_STATES[OrderStatus.NEEDS_ATTENTION],
    UNDELIVERED,
    ORDER_STATES[OrderStatus.ACCEPTED],
    ORDER_STATES[OrderStatus.FAILED],
    ORDER_STATES[OrderStatus.CANCELED],
)

_NOTHING_FOUND: Final = "I found nothing. Press Filter to look for something else."

#: The orders of a request that its page shows: all that it can have, with room for what stands around them.
_MOST_ORDERS: Final = 40

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


def build_order_page(
    page: OwnPage, wanted: OrderSearch, page_buttons: PageButtons, *, viewer_id: str, may_send: bool
) -> Message:
    """Show a page of the orders that Kudos made, to the viewer alone; how to send one, to who `may_send`."""
    title = "All rewards" if page.everyone else "Rewards you received" if page.of_recipient else "Your rewards"
    counts = _counted(page, wanted)
    blocks = [header(title)]
    if small := _joined([search_text(wanted), counts], " · "):
        blocks.append(context(small))
    blocks += [request_entry(request, viewer_id) for request in page.requests]
    blocks += [order_entry(order, viewer_id, on_hold=page.on_hold) for order in page.attention]
    if page.received and not page.of_recipient:
        blocks.append(section("*Rewards you received*\n`/orders received` shows all of them."))
    blocks += [_received(order) for order in page.received]
    if page.orders and page.received:
        blocks.append(section("*Rewards you sent*"))
    blocks += [order_entry(order, viewer_id, on_hold=page.on_hold) for order in page.orders]
    if not (page.orders or page.attention or page.requests or page.received):
        blocks.append(section(_nothing(wanted, page, may_send=may_send)))
    if page.is_partial:
        blocks.append(context("I haven't looked at everything yet. *Older* looks further back."))
    elif page.more_requests:
        blocks.append(context("There may be more requests. Please add `pending` to see all that wait."))
    blocks.append(_buttons(page_buttons))
    return Message(f"{title}: {counts}." if counts else f"{title}: none.", blocks)


def build_not_understood(refusal: SearchNotUnderstood, meant: str | None) -> Message:
    """Say which word is not understood; `meant` is the search with the word that was probably meant."""
    text = refusal_text(refusal)
    blocks = [section(text)]
    if meant is not None:
        blocks.append(actions(button(f"Search for {refusal.known[0]}", Action.ORDERS_MEANT, meant)))
    else:
        blocks.append(context("`/orders help` shows what I understand."))
    return Message(text, blocks)


def build_request_found(
    request: Request, orders: Sequence[Order], viewer_id: str, hold_cause: str | None = None
) -> Message:
    """Show a request with its orders, and what the viewer can do about it; `hold_cause` is why nothing is sent now."""
    progress, hold = Progress.of(orders), Hold(hold_cause) if hold_cause is not None else None
    headline = headline_of(request, progress if hold is None else progress.on_hold(), hold)
    blocks = [header("Reward request"), *([section(headline.marked)] if orders else [])]
    blocks.append(request_facts(request, viewer_id))
    blocks += [order_entry(order, viewer_id, on_hold=hold is not None) for order in orders[:_MOST_ORDERS]]
    buttons = [withdraw_button(request)] if request.is_pending and request.requester_id == viewer_id else []
    if request.is_pending:
        blocks.append(actions(*buttons, card_again_button(request)))
    return Message(f"{request.total} {escape(request.reward_name)}: {headline.text} ({request.number})", blocks)


def build_tango_page(page: TangoPage, wanted: OrderSearch, page_buttons: PageButtons, *, viewer_id: str) -> Message:
    """Show a page of Tango's list, to the viewer alone."""
    title = "All orders at Tango" if page.everyone else "Your orders at Tango"
    count = "" if page.count is None else _count(page.count)
    blocks = [header(title)]
    if small := _joined([search_text(wanted), count], " · "):
        blocks.append(context(small))
    if page.is_cut:
        blocks.append(
            context(f"Tango lists only the first {RESULT_WINDOW:,}. Please narrow it down by days or amounts.")
        )
    blocks += [_found_entry(found, viewer_id) for found in page.found]
    if not page.found:
        blocks.append(section("None on this page. There may be older ones." if page_buttons.older else _NOTHING_FOUND))
    blocks.append(_buttons(page_buttons))
    return Message(f"{title}: {count or len(page.found)}.", blocks)


def build_elsewhere(order: OrderDetail) -> Message:
    """Show an admin an order that was placed elsewhere, as Tango knows it, without its reward."""
    recipient, sender = order.recipient or TangoPerson(), order.sender or TangoPerson()
    title = f"{order.reward_name or 'A reward'} for {_name(recipient) or 'someone unnamed'}"
    facts = {
        "For": _joined([_name(recipient), recipient.email], "\n"),
        "Reward": order.reward_name,
        "Face value": _money(order.denomination),
        "Charged": _charged(order.amount_charged),
        "From": _joined([_name(sender), sender.email], "\n"),
        "Email": None if order.send_email is None else "sent by Tango" if order.send_email else "not sent by Tango",
        "Campaign": order.campaign,
        "Purchase order": order.purchase_order_number,
        "Notes": order.notes,
    }
    small = {
        "Tango's number": order.reference_order_id,
        "Tango's status": _joined([order.status, order.line_item_status and f"item {order.line_item_status}"]),
        "reference": order.external_ref_id,
        "reward": _joined([order.utid, order.ptid]),
        "template": order.etid,
        "ordered with": order.order_client_source,
    }
    said = [(label, _clipped(text)) for label, text in facts.items() if text]
    if order.created_at:
        said.append(("Ordered", time_of(order.created_at)))
    blocks = [header(title), section("This was ordered elsewhere, so I know only what Tango knows.")]
    blocks += [fields(said[at : at + 10]) for at in range(0, len(said), 10)]
    last = " · ".join(f"{label} {_clipped(text)}" for label, text in small.items() if text)
    return Message(f"{escape(title)} ({escape(order.reference_order_id)})", [*blocks, context(last)])


# ------------------------------------------------------------------------------------------- parts


def _found_entry(found: Found, viewer_id: str) -> Json:
    """Build an entry of Tango's list: of ours as we know it, of another as Tango does."""
    summary, order = found.summary, found.order
    at_tango = f"Tango: {_clipped(summary.status or 'no status')}"
    if order is not None:
        return order_entry(order, viewer_id, beside=at_tango)
    person = summary.recipient or TangoPerson()
    whom = _clipped(_name(person) or person.email or "no recipient named")
    reward = _clipped(_joined([_money(summary.denomination), summary.reward_name or summary.utid or "reward"], " "))
    ordered = f" {time_of(summary.created_at)}" if summary.created_at else ""
    details = button("Details", Action.ORDER_ELSEWHERE, summary.reference_order_id)
    number = _clipped(summary.reference_order_id)
    return section(f"*{whom}* · {reward}\nOrdered elsewhere{ordered} · {at_tango} · {number}", details)


def _received(order: Order) -> Json:
    """Build a reward as its recipient sees it, who knows no number of it."""
    at = order.last_sent_at or order.delivered_at or order.finalized_at or order.created_at
    text = f"🎉 *{mention(order.requester_id)}* · {reward_text(order)}\nSent to you {time_of(at)}"
    if order.delivery is Delivery.MESSAGE:
        return section(text, button("Show my reward", Action.REWARD_SHOW, order.external_ref_id))
    if order.can_be_mailed_again:
        return section(text, button("Details", Action.RECEIVED_DETAILS, order.external_ref_id))
    return section(text)


def _counted(page: OwnPage, wanted: OrderSearch) -> str:
    """Say how many there are of each kind: requests as far as they are shown, then orders."""
    said = []
    if page.requests:
        more = page.more_requests or (page.next_before is not None and not wanted.finds_orders)
        state = REQUEST_STATES[page.requests[0].status]
        said.append(_at_least(len(page.requests), state.word.lower(), more=more))
    if page.of_recipient:
        return _at_least(len(page.received), "received", more=page.next_before is not None)
    if page.count > MOST_COUNTED:
        said.append(f"more than {MOST_COUNTED:,} rewards")
    else:
        said += _by_state(page)
    return " · ".join(said)


def _at_least(count: int, what: str, *, more: bool) -> str:
    return f"{count} or more {what}" if more else f"{count} {what}"


def _by_state(page: OwnPage) -> list[str]:
    """Count orders by their states; one that could not be delivered is not counted as sent."""
    sent, left = ORDER_STATES[OrderStatus.ACCEPTED], page.undelivered
    found = {ORDER_STATES[status]: count for status, count in page.counts.items()}
    found |= {sent: found.get(sent, 0) - left, UNDELIVERED: left}
    return [state.counted(found[state]) for state in _COUNTED if found.get(state)]


def _buttons(page_buttons: PageButtons) -> Json:
    buttons = [
        ("Newest", Action.ORDERS_NEWER, page_buttons.newest),
        ("Older", Action.ORDERS_OLDER, page_buttons.older),
        ("Filter", Action.ORDERS_FILTER, page_buttons.same),
        ("Also look at Tango", Action.ORDERS_AT_TANGO, page_buttons.at_tango),
    ]
    return actions(*(button(label, action, value) for label, action, value in buttons if value is not None))


def _nothing(wanted: OrderSearch, page: OwnPage, *, may_send: bool) -> str:
    if page.is_partial:
        return "I found nothing so far."
    if not wanted.is_everything:
        return _NOTHING_FOUND
    return "Nothing here yet. `/kudos` sends a reward." if may_send else "Nothing here yet."


def _count(count: int) -> str:
    return "1 order" if count == 1 else f"{count:,} orders"


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
    fee = f"fee {_amount(charge.fee, charge.currency_code)}" if charge.fee else None
    rate = f"rate {charge.exchange_rate:,}" if charge.exchange_rate else None
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
