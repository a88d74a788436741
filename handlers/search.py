"""`/orders` as a list: the search, in words or by the Filter form, and the pages of its result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from bot.domain.money import read_amount
from bot.domain.search import EVERYTHING, OrderSearch
from bot.errors import InvalidForm, NotFound, SearchFault, SearchNotUnderstood
from bot.faults import Fault, FaultCode
from handlers.bolt.binding import Answer, AskAgain, Desk, Later, Open, Replace, Say, Update
from handlers.bolt.payloads import Click, Entered, Modal, Submission
from handlers.ids import Command
from handlers.views.blocks import Message
from handlers.views.filters import ANY, FIELDS, FieldKind, build_search_form
from handlers.views.help import build_help
from handlers.views.messages import refusal_text
from handlers.views.search import PageButtons, build_elsewhere, build_order_page, build_tango_page

#: The characters that a search may have of a button's value, which holds 2,000 (Slack docs, Block Kit, button): the
#: rest is for `after`.
_MOST_IN_VALUE: Final = 1_950


@dataclass(frozen=True, slots=True)
class SearchCursor:
    """The page that a button leads to: a search, and how far it is. Whose orders are shown is decided by who clicks.

    Attributes:
        wanted: the search.
        after: in our list, the last id that was shown; in Tango's, the number of orders read. None on the first page.
    """

    wanted: OrderSearch = EVERYTHING
    after: Annotated[int, Field(ge=0, lt=10**15)] | None = None

    @property
    def value(self) -> str:
        """Return the text that a button carries."""
        return _CURSOR.dump_json(self, exclude_defaults=True).decode()

    @classmethod
    def of(cls, value: str) -> "SearchCursor":
        """Read the text that a button carries.

        Raises:
            NotFound: it is none; ours always are, so somebody made it by hand.
        """
        try:
            return _CURSOR.validate_json(value)
        except ValidationError:
            raise NotFound(value[:40]) from None


_CURSOR: Final = TypeAdapter(SearchCursor)
_SEARCH: Final = TypeAdapter(OrderSearch)


def find(desk: Desk, actor_id: str, text: str, people: list[str]) -> Answer:
    """`/orders` with words that are not one order's: what they look for."""
    try:
        wanted = desk.searches.read(text, people, zone=_zone(desk, actor_id))
    except SearchNotUnderstood as refusal:
        return Say(build_help(Command.ORDERS, refusal_text(refusal)))
    return show(desk, actor_id, SearchCursor(wanted))


def show(desk: Desk, actor_id: str, cursor: SearchCursor, *, in_place: bool = False) -> Answer:
    """A page: ours at once, Tango's when Tango has answered.

    Raises:
        SearchNotUnderstood: it is more than a button can carry on.
    """
    if len(cursor.value) > _MOST_IN_VALUE:
        raise SearchNotUnderstood(SearchFault.TOO_LONG, "")
    if desk.searches.goes_to_tango(actor_id, cursor.wanted):
        return Later(partial(_page_at_tango, desk, actor_id, cursor), in_place=in_place)
    message = _own_page(desk, actor_id, cursor)
    return Replace(message) if in_place else Say(message)


def turn_page(desk: Desk, click: Click) -> Answer:
    """Older, or back to the newest, or the same among all that Tango knows: in place."""
    return show(desk, click.user_id, SearchCursor.of(click.value), in_place=True)


def ask_for_filter(desk: Desk, click: Click) -> Answer:
    """Open the Filter form, filled in with the present search."""
    return open_filter(desk, click.user_id, SearchCursor.of(click.value).wanted, click.modal)


def open_filter(desk: Desk, actor_id: str, wanted: OrderSearch, modal: Modal | None = None) -> Answer:
    """Open the Filter form, in the place of `modal` if there is one."""
    form = build_search_form(wanted, everyone=desk.searches.sees_everything(actor_id))
    return Update(modal, form) if modal is not None else Open(form)


def apply_filter(desk: Desk, submission: Submission) -> Answer:
    """Search by the submitted Filter form: the result takes its place."""
    wanted = _entered(submission.modal.entered, _zone(desk, submission.user_id))
    desk.searches.check(wanted)
    try:
        return show(desk, submission.user_id, SearchCursor(wanted), in_place=True)
    except SearchNotUnderstood as refusal:
        return AskAgain(Message(refusal_text(refusal)))


def show_elsewhere(desk: Desk, click: Click) -> Answer:
    """One order that was placed elsewhere."""
    return look_elsewhere(desk, click.user_id, click.value)


def look_elsewhere(desk: Desk, actor_id: str, reference: str) -> Answer:
    """One order by Tango's number, as Tango knows it. Admins only."""
    desk.searches.check_may_see_elsewhere(actor_id)
    return Later(lambda: build_elsewhere(desk.searches.order_at_tango(actor_id, reference)))


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
    """Where the person is, as far as that is remembered; the next time it will be."""
    person = desk.directory.known(actor_id)
    if person is None:
        desk.background.submit(desk.directory.person, actor_id)
        return "UTC"
    return person.zone


def _entered(entered: Entered, zone: str) -> OrderSearch:
    """Return the search that is filled in.

    Raises:
        InvalidForm: an amount that is none.
        NotFound: a choice that was not offered: somebody made this by hand.
    """
    read: Mapping[FieldKind, Callable[[str], str]] = {
        FieldKind.TEXT: lambda name: entered.text(name).strip(),
        FieldKind.PERSON: entered.user,
        FieldKind.DAY: lambda name: str(entered.day(name) or ""),
        FieldKind.CHOICE: lambda name: entered.option(name).removeprefix(ANY),
    }
    found = {field.name: read[field.kind](field.name) for field in FIELDS}
    found |= {name: found[name].upper() for name in ("currency_code", "utid", "ptid")}
    faults: dict[str, Fault] = {}
    for name in ("min_amount", "max_amount"):
        amount = read_amount(found[name])
        if found[name] and amount is None:
            faults[name] = Fault(FaultCode.NOT_A_NUMBER)
        found[name] = str(amount[0]) if amount else ""
    if faults:
        raise InvalidForm(faults)
    try:
        return _SEARCH.validate_python({"zone": zone, **{name: said for name, said in found.items() if said}})
    except ValidationError:
        raise NotFound("filter") from None
