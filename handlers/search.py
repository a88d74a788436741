"""`/orders` as a list: by words, by the Filter form, and the buttons that turn its pages."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bot.domain.search import EVERYTHING, OrderSearch
from bot.errors import SearchNotUnderstood
from bot.faults import SearchFault
from handlers.bolt.answers import AskAgain, Open, Replace, ReplaceLater, Say, SayLater, Update
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, SlashCommand, Submission
from handlers.bolt.search import SearchCursor, entered_search
from handlers.ids import Command
from handlers.views.blocks import Json, Message
from handlers.views.filters import build_search_form
from handlers.views.help import build_help
from handlers.views.messages import refusal_text
from handlers.views.search import PageButtons, build_elsewhere, build_order_page, build_tango_page


def find(desk: Desk, actor_id: str, text: str, people: list[str]) -> Say | SayLater:
    """Show the orders that match the typed words; words that are not understood, with the help."""
    try:
        wanted = desk.searches.read(text, people, zone=_zone(desk, actor_id))
    except SearchNotUnderstood as refusal:
        return Say(build_help(Command.ORDERS, refusal_text(refusal)))
    return show_page(desk, actor_id, SearchCursor(wanted))


def show_page(desk: Desk, actor_id: str, cursor: SearchCursor) -> Say | SayLater:
    """Show a page: ours now, Tango's when Tango has answered.

    Raises:
        SearchNotUnderstood: a button cannot carry the search on.
    """
    make, at_tango = _page(desk, actor_id, cursor)
    return SayLater(make) if at_tango else Say(make())


def replace_page(desk: Desk, actor_id: str, cursor: SearchCursor) -> Replace | ReplaceLater:
    """Show a page in the place of what was pressed or submitted.

    Raises:
        SearchNotUnderstood: a button cannot carry the search on.
    """
    make, at_tango = _page(desk, actor_id, cursor)
    return ReplaceLater(make) if at_tango else Replace(make())


def turn_page(desk: Desk, click: Click) -> Replace | ReplaceLater:
    """Show older orders, the newest again, or the same search among all that Tango knows."""
    return replace_page(desk, click.user_id, SearchCursor.of(click.value))


def open_filter(desk: Desk, command: SlashCommand) -> Open:
    """Open the Filter form, empty."""
    return Open(_filter_form(desk, command.user_id, EVERYTHING))


def ask_for_filter(desk: Desk, click: Click) -> Open | Update:
    """Open the Filter form, filled in with the search of the page; in a modal, in the page's place."""
    form = _filter_form(desk, click.user_id, SearchCursor.of(click.value).wanted)
    return Update(click.modal, form) if click.modal is not None else Open(form)


def apply_filter(desk: Desk, submission: Submission) -> Replace | ReplaceLater | AskAgain:
    """Show the orders that match the submitted Filter form, in its place."""
    wanted = entered_search(submission.modal.entered, _zone(desk, submission.user_id))
    desk.searches.check(wanted)
    try:
        return replace_page(desk, submission.user_id, SearchCursor(wanted))
    except SearchNotUnderstood as refusal:
        return AskAgain(refusal_text(refusal))


def show_elsewhere(desk: Desk, click: Click) -> SayLater:
    """Show one order of a page of Tango's that was ordered elsewhere."""
    return look_elsewhere(desk, click.user_id, click.value)


def look_elsewhere(desk: Desk, actor_id: str, reference: str) -> SayLater:
    """Show one order by Tango's number, as Tango knows it. Admins only."""
    desk.searches.check_may_see_elsewhere(actor_id)
    return SayLater(lambda: build_elsewhere(desk.searches.order_at_tango(actor_id, reference)))


def _filter_form(desk: Desk, actor_id: str, wanted: OrderSearch) -> Json:
    return build_search_form(wanted, everyone=desk.searches.sees_everything(actor_id))


def _page(desk: Desk, actor_id: str, cursor: SearchCursor) -> tuple[Callable[[], Message], bool]:
    """Return what makes the page, and whether Tango is asked for it."""
    cursor.check_fits()
    at_tango = desk.searches.goes_to_tango(actor_id, cursor.wanted)
    return partial(_page_at_tango if at_tango else _own_page, desk, actor_id, cursor), at_tango


def _own_page(desk: Desk, actor_id: str, cursor: SearchCursor) -> Message:
    page = desk.searches.page(actor_id, cursor.wanted, before=cursor.after)
    return build_order_page(page, cursor.wanted, _buttons(cursor, page.next_before, at_tango=page.everyone))


def _page_at_tango(desk: Desk, actor_id: str, cursor: SearchCursor) -> Message:
    wanted = cursor.wanted
    if wanted.recipient_id and not wanted.recipient_email and desk.searches.sees_everything(actor_id):
        # Others' orders know their recipients by the address alone.
        person = desk.directory.person(wanted.recipient_id)
        if person.email is None:
            raise SearchNotUnderstood(SearchFault.NO_ADDRESS, person.name)
        wanted = replace(wanted, recipient_id=None, recipient_email=person.email)
    page = desk.searches.page_at_tango(actor_id, wanted, skip=cursor.after or 0)
    return build_tango_page(page, cursor.wanted, _buttons(cursor, page.next_skip))


def _buttons(cursor: SearchCursor, after: int | None, *, at_tango: bool = False) -> PageButtons:
    first = SearchCursor(cursor.wanted)
    return PageButtons(
        same=first.value,
        older=SearchCursor(cursor.wanted, after).value if after is not None else None,
        newest=first.value if cursor.after is not None else None,
        at_tango=SearchCursor(replace(cursor.wanted, status=None, at_tango=True)).value if at_tango else None,
    )


def _zone(desk: Desk, actor_id: str) -> str:
    """Return the person's zone if it is remembered, else UTC; the next time it will be."""
    person = desk.directory.known(actor_id)
    if person is None:
        desk.background.submit(desk.directory.person, actor_id)
        return "UTC"
    return person.zone
