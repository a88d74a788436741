"""The menus of a list's entries: a request or an order in detail, or what can be done with it at once."""

from dataclasses import replace

from bot.errors import ResendTooSoon
from handlers.bolt.answers import Open, Say
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click
from handlers.cards import post_again
from handlers.delivery import order_anew
from handlers.ids import Listed
from handlers.orders import inquire, show_details
from handlers.requests import ask_again
from handlers.schedules import ask_for_date, ask_for_date_of_order
from handlers.views.resend import build_resending, build_too_soon
from handlers.views.search import build_request_found


def choose_for_order(desk: Desk, click: Click) -> Say | Open:
    """Do what was chosen in the menu of an order. To cancel, its details have the button, which asks first."""
    chosen, click = _chosen(click)
    match chosen:
        case Listed.MAIL:
            return _send_again(desk, click)
        case Listed.CHECK:
            return inquire(desk, click)
        case Listed.AGAIN:
            return order_anew(desk, click)
        case Listed.DATE:
            return ask_for_date_of_order(desk, click)
        case _:
            return show_details(desk, click)


def choose_for_request(desk: Desk, click: Click) -> Say | Open:
    """Do what was chosen in the menu of a request. To withdraw, its details have the button, which asks first."""
    chosen, click = _chosen(click)
    match chosen:
        case Listed.CARD:
            return post_again(desk, click)
        case Listed.AGAIN:
            return ask_again(desk, click)
        case Listed.DATE:
            return ask_for_date(desk, click)
        case _:
            return show_request(desk, click)


def show_request(desk: Desk, click: Click) -> Say:
    """Show one request with its orders below the list."""
    found = desk.searches.request(click.user_id, click.reference)
    return Say(build_request_found(*found, click.user_id, desk.orders.hold_cause()))


def _chosen(click: Click) -> tuple[str, Click]:
    """Return the word of the menu's line, or nothing, and the click on what it is about."""
    word, _, reference = click.value.rpartition("-")
    return word, replace(click, value=reference)


def _send_again(desk: Desk, click: Click) -> Say:
    try:
        return Say(build_resending(desk.resends.send_again(click.user_id, click.reference), click.user_id))
    except ResendTooSoon:
        mailed = desk.resends.look_up(click.user_id, click.reference)
        return Say(build_too_soon(mailed.order, max(1, mailed.seconds_left)))
