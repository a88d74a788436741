"""Forms and lists."""

from typing import Final

from bot.domain.catalog import Catalog
from bot.domain.search import OrderSearch
from bot.tango.limits import RESULT_WINDOW
from bot.usecases.search import OwnPage, TangoPage
from handlers.views import forms, search
from handlers.views.blocks import Message
from tests.kit.factories import a_request
from tests.kit.wording.common import words_in

_FORM: Final = forms.build_request_form(forms.FormState(), Catalog([]), [])

#: The form's title, and the button that submits it.
FORM_TITLE: Final[str] = _FORM["title"]["text"]
SUBMIT: Final[str] = _FORM["submit"]["text"]


def _page(*, everyone: bool, at_tango: bool = False) -> Message:
    turns = search.PageButtons(same="{}")
    if at_tango:
        page = TangoPage(found=[], count=0, next_skip=None, everyone=everyone)
        return search.build_tango_page(page, OrderSearch(), turns)
    own = OwnPage(everyone=everyone)
    return search.build_order_page(own, OrderSearch(), turns, may_send=True)


def _title(message: Message) -> str:
    found: str = message.blocks[0]["text"]["text"]
    return found


#: Over lists.
OWN_ORDERS: Final = _title(_page(everyone=False))
ALL_ORDERS: Final = _title(_page(everyone=True))
ALL_AT_TANGO: Final = _title(_page(everyone=True, at_tango=True))
OWN_AT_TANGO: Final = _title(_page(everyone=False, at_tango=True))

#: Under a page of Tango's list that is not all there is.
CUT: Final = next(
    line
    for line in words_in(
        search.build_tango_page(
            TangoPage(found=[], count=RESULT_WINDOW + 9, next_skip=None, everyone=True),
            OrderSearch(),
            search.PageButtons(same="{}"),
        ).blocks
    ).splitlines()
    if f"{RESULT_WINDOW:,}" in line
)

#: On a page of Tango's list on which nothing is the viewer's, while there are older ones.
MAYBE_OLDER: Final[str] = search.build_tango_page(
    TangoPage(found=[], count=None, next_skip=1, everyone=False),
    OrderSearch(),
    search.PageButtons(same="{}", older="{}"),
).blocks[-2]["text"]["text"]


def request_found(request_id: int) -> str:
    """Return what is shown of a request that waits, to who typed its number."""
    return search.build_request_found(a_request(id=request_id), []).text


#: In a list without orders.
NO_ORDERS: Final[str] = _page(everyone=False).blocks[-2]["text"]["text"]

_NONE_FOUND: Final = OwnPage(everyone=False)

#: The same, to who may send none.
NO_ORDERS_TO_GUESTS: Final[str] = search.build_order_page(
    _NONE_FOUND, OrderSearch(), search.PageButtons(same="{}"), may_send=False
).blocks[-2]["text"]["text"]

#: Over the rewards that somebody received.
RECEIVED: Final = _title(
    search.build_order_page(
        OwnPage(everyone=False, of_recipient=True), OrderSearch(), search.PageButtons(same="{}"), may_send=True
    )
)

#: In a list in which what was looked for is not.
NOTHING_FOUND: Final[str] = search.build_order_page(
    _NONE_FOUND, OrderSearch(utid="U1"), search.PageButtons(same="{}"), may_send=True
).blocks[-2]["text"]["text"]
