"""`/orders` as a list: by words, by the Filter form, and the buttons that turn its pages."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from bot.domain.search import EVERYTHING, OrderSearch
from bot.domain.search_parser import corrected
from bot.errors import InvalidForm, NotAllowed, SearchNotUnderstood
from bot.faults import SearchFault
from handlers.bolt.answers import AskAgain, Done, Open, Replace, ReplaceLater, Say, SayLater, Update
from handlers.bolt.desk import Desk
from handlers.bolt.payloads import Click, SlashCommand, Submission
from handlers.bolt.search import SearchCursor, entered_search
from handlers.views.blocks import Json, Message
from handlers.views.filters import build_search_form
from handlers.views.messages import refusal_text
from handlers.views.search import (
    PageButtons,
    build_elsewhere,
    build_not_understood,
    build_order_page,
    build_tango_page,
)

#: The zone in which words are read that name no day.
_ANY_ZONE: Final = "UTC"


def find(desk: Desk, actor_id: str, text: str, people: list[str]) -> Say | SayLater:
    """Show the orders that match the typed words; where a word is not understood, say which was probably meant.

    Slack is asked first who the person is, if it has not told yet and it matters: where their days begin, and whether
    they are told how to send a first reward.
    """
    zone = _known_zone(desk, actor_id)
    read = partial(_read, desk, actor_id, text, people)
    found = read(zone or _ANY_ZONE)
    if isinstance(found, Message):
        return Say(found)
    if zone is None and (found.names_days or desk.searches.has_nothing(actor_id, found)):
        return SayLater(lambda: _page_of_found(desk, actor_id, read(_zone(desk, actor_id))))
    return show_page(desk, actor_id, SearchCursor(found))


def _read(desk: Desk, actor_id: str, text: str, people: list[str], zone: str) -> OrderSearch | Message:
    """Return the search that was typed, or what to say of it."""
    try:
        return desk.searches.read(actor_id, text, people, zone=zone)
    except SearchNotUnderstood as refusal:
        return build_not_understood(refusal, _meant(desk, actor_id, corrected(text, refusal), people, zone))


def _meant(desk: Desk, actor_id: str, text: str | None, people: list[str], zone: str) -> str | None:
    """Return what a button carries for the search that was probably meant; None where that has no meaning either."""
    if text is None:
        return None
    try:
        cursor = SearchCursor(desk.searches.read(actor_id, text, people, zone=zone))
        cursor.check_fits()
    except (SearchNotUnderstood, InvalidForm):
        return None
    return cursor.value


def _page_of_found(desk: Desk, actor_id: str, found: OrderSearch | Message) -> Message:
    return found if isinstance(found, Message) else _page(desk, actor_id, SearchCursor(found))[0]()


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


def show_more_filters(desk: Desk, click: Click) -> Update | Done:
    """Show every field of the Filter form. What was typed into the first ones stays."""
    if click.modal is None:
        return Done()
    form = _filter_form(desk, click.user_id, SearchCursor.of(click.value).wanted, in_full=True)
    return Update(click.modal, form)


def apply_filter(desk: Desk, submission: Submission) -> Replace | ReplaceLater | AskAgain:
    """Show the orders that match the submitted Filter form, in its place."""
    actor_id, entered = submission.user_id, submission.modal.entered
    zone = _known_zone(desk, actor_id)
    wanted = entered_search(entered, zone or _ANY_ZONE)
    desk.searches.check(wanted)
    if zone is None and wanted.names_days:
        return ReplaceLater(lambda: _page_of_found(desk, actor_id, entered_search(entered, _zone(desk, actor_id))))
    try:
        return replace_page(desk, actor_id, SearchCursor(wanted))
    except SearchNotUnderstood as refusal:
        return AskAgain(refusal_text(refusal))


def show_elsewhere(desk: Desk, click: Click) -> SayLater:
    """Show one order of a page of Tango's that was ordered elsewhere."""
    return look_elsewhere(desk, click.user_id, click.value)


def look_elsewhere(desk: Desk, actor_id: str, reference: str) -> SayLater:
    """Show one order by Tango's number, as Tango knows it. Admins only."""
    desk.searches.check_may_see_elsewhere(actor_id)
    return SayLater(lambda: build_elsewhere(desk.searches.order_at_tango(actor_id, reference)))


def _filter_form(desk: Desk, actor_id: str, wanted: OrderSearch, *, in_full: bool = False) -> Json:
    everyone = desk.searches.sees_everything(actor_id)
    return build_search_form(wanted, SearchCursor(wanted).value, everyone=everyone, in_full=in_full)


def _page(desk: Desk, actor_id: str, cursor: SearchCursor) -> tuple[Callable[[], Message], bool]:
    """Return what makes the page, and whether Tango is asked for it."""
    cursor.check_fits()
    at_tango = desk.searches.goes_to_tango(actor_id, cursor.wanted)
    return partial(_page_at_tango if at_tango else _own_page, desk, actor_id, cursor), at_tango


def _own_page(desk: Desk, actor_id: str, cursor: SearchCursor) -> Message:
    page = desk.searches.page(actor_id, cursor.wanted, before=cursor.after)
    buttons = _buttons(cursor, page.next_before, at_tango=page.everyone)
    return build_order_page(page, cursor.wanted, buttons, viewer_id=actor_id, may_send=_may_send(desk, actor_id))


def _page_at_tango(desk: Desk, actor_id: str, cursor: SearchCursor) -> Message:
    wanted = cursor.wanted
    if wanted.recipient_id and not wanted.recipient_email and desk.searches.sees_everything(actor_id):
        # Others' orders know their recipients by the address alone.
        person = desk.directory.person(wanted.recipient_id)
        if person.email is None:
            raise SearchNotUnderstood(SearchFault.NO_ADDRESS, person.name)
        wanted = replace(wanted, recipient_id=None, recipient_email=person.email)
    page = desk.searches.page_at_tango(actor_id, wanted, skip=cursor.after or 0)
    return build_tango_page(page, cursor.wanted, _buttons(cursor, page.next_skip), viewer_id=actor_id)


def _buttons(cursor: SearchCursor, after: int | None, *, at_tango: bool = False) -> PageButtons:
    first = SearchCursor(cursor.wanted)
    return PageButtons(
        same=first.value,
        older=SearchCursor(cursor.wanted, after).value if after is not None else None,
        newest=first.value if cursor.after is not None else None,
        at_tango=SearchCursor(replace(cursor.wanted, status=None, at_tango=True)).value if at_tango else None,
    )


def _may_send(desk: Desk, actor_id: str) -> bool:
    """Tell whether this person may send rewards, by what Slack has told of them."""
    person = desk.directory.remembered(actor_id)
    if person is None:
        return False
    try:
        desk.requests.check_may_send(person)
    except NotAllowed:
        return False
    return True


def _known_zone(desk: Desk, actor_id: str) -> str | None:
    """Return the person's zone, as Slack last told it; None if it never did. What is old is asked for again."""
    if desk.directory.known(actor_id) is None:
        desk.background.submit(desk.directory.person, actor_id)
    person = desk.directory.remembered(actor_id)
    return person.zone if person is not None else None


def _zone(desk: Desk, actor_id: str) -> str:
    """Return the person's zone, from Slack if not from memory.

    Raises:
        SlackUnavailable: Slack did not say.
    """
    return desk.directory.person(actor_id).zone
