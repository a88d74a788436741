"""Lists of orders on the screen: pages of ours and of Tango's, and an order placed elsewhere."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.domain.money import Money
from bot.domain.order import Order
from bot.domain.request import Request
from bot.domain.search import OrderSearch
from bot.tango.limits import RESULT_WINDOW
from bot.tango.models import OrderDetail, TangoAmount, TangoPerson
from bot.usecases.search import MOST_COUNTED, Found, OwnPage, TangoPage
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
    section,
    time_of,
)
from handlers.views.filters import search_text
from handlers.views.orders import since_text, status_text
from handlers.views.requests import card_again_button

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


def build_order_page(page: OwnPage, wanted: OrderSearch, page_buttons: PageButtons) -> Message:
    """Show a page of the orders that Kudos made, to the viewer alone."""
    title = "All orders" if page.everyone else "Your orders"
    count = f"more than {MOST_COUNTED:,} orders" if page.count > MOST_COUNTED else _orders(page.count)
    blocks = [header(title), context(_joined([search_text(wanted), count], ": "))]
    if page.pending:
        blocks.append(section("*Waiting for approval*"))
        blocks += [section(_pending_line(request), card_again_button(request)) for request in page.pending]
    blocks += [
        section(_own_line(order), button("Details", Action.ORDER_DETAILS, order.external_ref_id))
        for order in page.orders
    ]
    if not page.orders and not page.pending:
        blocks.append(section(_nothing(wanted)))
    blocks.append(_buttons(page_buttons))
    return Message(f"{title}: {count}.", blocks)


def build_tango_page(page: TangoPage, wanted: OrderSearch, page_buttons: PageButtons) -> Message:
    """Show a page of Tango's list, to the viewer alone."""
    title = "All orders at Tango" if page.everyone else "Your orders, by Tango's list"
    count = "Tango's list has others between these" if page.count is None else _orders(page.count)
    blocks = [header(title), context(_joined([search_text(wanted), count], ": "))]
    if page.is_cut:
        blocks.append(context(f"Tango lists only the first {RESULT_WINDOW:,}: narrow it down, by days or amounts."))
    blocks += [_found_line(found) for found in page.found]
    if not page.found:
        more = "None on this page, but there may be older ones." if page_buttons.older else _nothing(wanted)
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


def _pending_line(request: Request) -> str:
    return (
        f"Request #{request.id}: {request.total} ({escape(request.reward_name)}) for "
        f"{escape(', '.join(r.name for r in request.recipients[:3]))}"
        f"{' and others' if len(request.recipients) > 3 else ''}, {time_of(request.created_at)}"
    )


def _buttons(page_buttons: PageButtons) -> Json:
    buttons = [
        ("Newest", Action.ORDERS_NEWER, page_buttons.newest),
        ("Older", Action.ORDERS_OLDER, page_buttons.older),
        ("Filter", Action.ORDERS_FILTER, page_buttons.same),
        ("All at Tango", Action.ORDERS_AT_TANGO, page_buttons.at_tango),
    ]
    return actions(*(button(label, action, value) for label, action, value in buttons if value is not None))


def _nothing(wanted: OrderSearch) -> str:
    if wanted.is_everything:
        return "No orders here. `/kudos` sends a reward."
    return "Nothing was found. Press Filter to look for something else."


def _orders(count: int) -> str:
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
