"""Forms and lists."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from bot.domain.catalog import Catalog
from bot.domain.search import OrderSearch
from bot.tango.limits import RESULT_WINDOW
from bot.usecases.search_pages import OwnPage, TangoPage
from handlers.views import batch, forms, search
from handlers.views.blocks import Message
from handlers.views.states import REQUEST_STATES
from tests.kit.factories import a_request
from tests.kit.wording.common import words_in

_FORM: Final = forms.build_request_form(forms.FormState(), forms.FormFacts(catalog=Catalog([])))

#: The form's title, and the button that submits it.
FORM_TITLE: Final[str] = _FORM["title"]["text"]

#: The title of the form for many rewards.
BATCH_TITLE: Final[str] = batch.build_batch_form()["title"]["text"]
SUBMIT: Final[str] = _FORM["submit"]["text"]


def _page(*, everyone: bool, at_tango: bool = False) -> Message:
    turns = search.PageButtons(same="{}")
    if at_tango:
        page = TangoPage(found=[], count=0, next_skip=None, everyone=everyone)
        return search.build_tango_page(page, OrderSearch(), turns, viewer_id="")
    own = OwnPage(everyone=everyone)
    return search.build_order_page(own, OrderSearch(), turns, viewer_id="", may_send=True)


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
            viewer_id="",
        ).blocks
    ).splitlines()
    if f"{RESULT_WINDOW:,}" in line
)

#: On a page of Tango's list on which nothing is the viewer's, while there are older ones.
MAYBE_OLDER: Final[str] = search.build_tango_page(
    TangoPage(found=[], count=None, next_skip=1, everyone=False),
    OrderSearch(),
    search.PageButtons(same="{}", older="{}"),
    viewer_id="",
).blocks[-2]["text"]["text"]


def request_found(request_id: int) -> str:
    """Return the end of what is shown of a request that waits, to who typed its number."""
    return search.build_request_found(a_request(id=request_id), [], "").text.rpartition(": ")[2]


#: In a list without orders.
NO_ORDERS: Final[str] = _page(everyone=False).blocks[-2]["text"]["text"]

_NONE_FOUND: Final = OwnPage(everyone=False)

#: The same, to who may send none.
NO_ORDERS_TO_GUESTS: Final[str] = search.build_order_page(
    _NONE_FOUND, OrderSearch(), search.PageButtons(same="{}"), viewer_id="", may_send=False
).blocks[-2]["text"]["text"]

#: Over the rewards that somebody received.
RECEIVED: Final = _title(
    search.build_order_page(
        OwnPage(everyone=False, of_recipient=True),
        OrderSearch(),
        search.PageButtons(same="{}"),
        viewer_id="",
        may_send=True,
    )
)

#: In a list in which what was looked for is not.
NOTHING_FOUND: Final[str] = search.build_order_page(
    _NONE_FOUND, OrderSearch(utid="U1"), search.PageButtons(same="{}"), viewer_id="", may_send=True
).blocks[-2]["text"]["text"]


#: How the first line of an entry begins: an icon, where it is of Kudos, and who is given the reward. A title has its
#: icon inside.
_ENTRY: Final = re.compile(r"(?:\S+ )?\*[\w<][^*]*\* · ")

#: How the second line of the entry of a request begins.
_REQUESTS: Final = tuple(state.word for state in REQUEST_STATES.values())


def _entries(words: str) -> Iterator[tuple[str, bool]]:
    """Yield the number of each entry of a list, and whether it is a request's."""
    for first, second in pairwise(words.splitlines()):
        if _ENTRY.match(first) and " · " in second:
            yield second.rpartition(" · ")[2], second.startswith(_REQUESTS)


def listed_orders(words: str) -> list[str]:
    """Return the numbers of the orders in a list: R-8, 8.2, or Tango's of an order that was placed elsewhere."""
    return [number for number, is_request in _entries(words) if not is_request]


def listed_requests(words: str) -> list[str]:
    """Return the numbers of the requests in a list: R-8."""
    return [number for number, is_request in _entries(words) if is_request]
