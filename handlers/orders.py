"""`/orders`: where is it? One order in detail, and the buttons that mend; lists are in handlers/search.py."""

import re
from typing import Final

from bot.domain.search import EVERYTHING, OrderSearch
from bot.errors import NotFound
from handlers.bolt.binding import Answer, Desk, Replace, Say, ShowAll
from handlers.bolt.payloads import Click, SlashCommand
from handlers.ids import Command
from handlers.search import SearchCursor, find, look_elsewhere, open_filter, show
from handlers.views.help import build_help
from handlers.views.orders import build_order_detail, build_public_order
from handlers.views.queue import build_probing
from handlers.views.requests import build_request_instead

#: A short id, our reference (32 hexadecimal digits), or Tango's number, also of the first version of its API.
_SHORT_ID: Final = re.compile(r"[0-9]{1,15}")
_OUR_REFERENCE: Final = re.compile(r"[0-9a-fA-F]{32}")
_TANGO_NUMBER: Final = re.compile(r"(?:[A-Za-z]{2}[0-9]{6}|[0-9]{3})-[0-9]+-[0-9]+")


def look_up(desk: Desk, command: SlashCommand) -> Answer:
    """`/orders`, `/orders <id>`, or `/orders` and what is looked for."""
    text, people = " ".join(command.words()), command.mentions()
    reference = text.removeprefix("#")
    forms = (_SHORT_ID, _OUR_REFERENCE, _TANGO_NUMBER)
    if not people and any(form.fullmatch(reference) for form in forms):
        return _look_up_one(desk, command.user_id, reference)
    match text.lower():
        case "help":
            return Say(build_help(Command.ORDERS))
        case "filter":
            return open_filter(desk, command.user_id, EVERYTHING)
    return find(desk, command.user_id, text, people)


def _look_up_one(desk: Desk, actor_id: str, reference: str) -> Answer:
    """One of ours at once; for admins also one that only Tango knows."""
    try:
        return Say(build_order_detail(desk.orders.story(actor_id, reference)))
    except NotFound:
        if own := desk.orders.own_request(actor_id, reference):
            return Say(build_request_instead(*own))
        if _SHORT_ID.fullmatch(reference) or not desk.searches.sees_everything(actor_id):
            raise
    if _TANGO_NUMBER.fullmatch(reference):
        return look_elsewhere(desk, actor_id, reference)
    return show(desk, actor_id, SearchCursor(OrderSearch(external_ref_id=reference)))


def show_details(desk: Desk, click: Click) -> Answer:
    """One order, below the list."""
    return Say(build_order_detail(desk.orders.story(click.user_id, str(click.id))))


def show_in_channel(desk: Desk, click: Click) -> Answer:
    """Post a version without private data where the command was typed."""
    return ShowAll(build_public_order(desk.orders.story(click.user_id, str(click.id)).order))


def retry(desk: Desk, click: Click) -> Answer:
    """An admin has looked: send it once more."""
    desk.orders.retry(click.id, click.user_id)
    return Replace(build_order_detail(desk.orders.story(click.user_id, str(click.id))))


def cancel(desk: Desk, click: Click) -> Answer:
    """An admin takes it out of the queue."""
    desk.orders.cancel(click.id, click.user_id)
    return Replace(build_order_detail(desk.orders.story(click.user_id, str(click.id))))


def resume_queue(desk: Desk, click: Click) -> Answer:
    """An admin says that the cause of a halt is gone."""
    return Say(build_probing(halted=desk.orders.probe_queue(click.user_id)))
