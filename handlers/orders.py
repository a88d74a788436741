"""`/orders` and a number: a request or an order, and what can be done with it. Lists are in handlers/search.py."""

from bot.domain.days import is_year
from bot.domain.numbers import Number
from bot.domain.search import OrderSearch
from bot.errors import NotAllowed, NotFound
from handlers.bolt.answers import Done, Open, Replace, Say, SayLater, ShowAll
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, SlashCommand, Submission
from handlers.bolt.search import SearchCursor, is_reference, is_tango_number
from handlers.ids import Block
from handlers.search import find, look_elsewhere, show_page
from handlers.views.blocks import Message
from handlers.views.inquiry import build_inquiring, build_sent_as_form
from handlers.views.orders import build_order_detail, build_public_order
from handlers.views.queue import build_probing
from handlers.views.search import build_request_found


def look_up(desk: Desk, command: SlashCommand) -> Say | SayLater:
    """Show one request or order by its number or reference, or the orders that match the typed words.

    What names one thing comes first. A year is a period: the request of that number is `R-2026`.
    """
    text, people = " ".join(command.words()), command.mentions()
    if not people:
        number = None if is_year(text) else Number.of(text)
        if number is not None and (found := _look_up_number(desk, command.user_id, number, text)) is not None:
            return found
        if is_reference(text):
            return _look_up_one(desk, command.user_id, text)
    return find(desk, command.user_id, text, people)


def _look_up_number(desk: Desk, actor_id: str, number: Number, typed: str) -> Say | None:
    """Show the order of a number, or the request with its orders; None where it is neither, and may be an amount."""
    try:
        request, orders = desk.orders.find_request(actor_id, number, typed)
    except (NotFound, NotAllowed):
        if number.may_be_amount:
            return None
        raise
    order = number.pick(orders)
    if order is not None:
        return Say(build_order_detail(desk.orders.story(actor_id, order.external_ref_id)))
    if not number.place:
        return Say(build_request_found(request, orders, actor_id, desk.orders.hold_cause()))
    if number.may_be_amount:
        return None
    raise NotFound(typed)


def _look_up_one(desk: Desk, actor_id: str, reference: str) -> Say | SayLater:
    """Show one of our orders now; to admins, also one that only Tango knows, when Tango has answered."""
    try:
        return Say(build_order_detail(desk.orders.story(actor_id, reference)))
    except NotFound:
        if not desk.searches.sees_everything(actor_id):
            raise
    if is_tango_number(reference):
        return look_elsewhere(desk, actor_id, reference)
    return show_page(desk, actor_id, SearchCursor(OrderSearch(external_ref_id=reference)))


def show_details(desk: Desk, click: Click) -> Say:
    """Show one order below the list."""
    return Say(_detail(desk, click))


def show_in_channel(desk: Desk, click: Click) -> ShowAll:
    """Post one order, without private data, where the command was typed."""
    return ShowAll(build_public_order(desk.orders.story(click.user_id, click.reference).order))


def retry(desk: Desk, click: Click) -> Replace:
    """Send an order that needs attention once more. Admins only."""
    desk.orders.retry(click.reference, click.user_id)
    return Replace(_detail(desk, click))


def cancel(desk: Desk, click: Click) -> Replace:
    """Cancel a queued order by the button in its detail."""
    desk.orders.cancel(click.reference, click.user_id)
    return Replace(_detail(desk, click))


def inquire(desk: Desk, click: Click) -> Say:
    """Have Tango asked what became of an order. The requester and admins."""
    return Say(build_inquiring(desk.inquiries.ask(click.reference, click.user_id)))


def ask_sent_as(desk: Desk, click: Click) -> Open:
    """Open the form for Tango's number of an order. Admins only."""
    return Open(build_sent_as_form(desk.inquiries.find_to_say(click.reference, click.user_id)))


def say_sent_as(desk: Desk, submission: Submission) -> Replace:
    """Have Tango asked whether an order was sent under that number. Admins only."""
    modal = submission.modal
    order = desk.inquiries.say_sent_as(modal.reference, submission.user_id, modal.entered.text(Block.SENT_AS))
    return Replace(build_inquiring(order))


def close(desk: Desk, click: Click) -> Replace:
    """End an order that Tango does not have, without sending it. Admins only."""
    desk.inquiries.close(click.reference, click.user_id)
    return Replace(_detail(desk, click))


def cancel_from_receipt(desk: Desk, click: Click) -> Done:
    """Cancel a queued order by the button on the receipt, which the outbox rewrites."""
    desk.orders.cancel(click.reference, click.user_id)
    return Done()


def resume_queue(desk: Desk, click: Click) -> Say:
    """Have one order tried on a halted queue; the result follows as a message. Admins only."""
    return Say(build_probing(desk.orders.probe_queue(click.user_id)))


def _detail(desk: Desk, click: Click) -> Message:
    return build_order_detail(desk.orders.story(click.user_id, click.reference))
