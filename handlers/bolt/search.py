"""A search for orders as Slack's payloads carry it: as a reference, in a button's value, in the Filter form."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from bot.domain.money import read_amount
from bot.domain.search import EVERYTHING, OrderSearch
from bot.errors import InvalidForm, NotFound, SearchNotUnderstood
from bot.faults import Fault, FaultCode, SearchFault
from handlers.bolt.payloads import Entered
from handlers.views.filters import ANY, FIELDS, FieldKind

#: The characters that a search may take of a button's value, which holds 2,000 (Slack docs, Block Kit, button): the
#: rest is for `after`.
_MOST_IN_VALUE: Final = 1_950

#: Our `external_ref_id`: 32 hexadecimal digits.
_OUR_REFERENCE: Final = re.compile(r"[0-9a-fA-F]{32}")

#: Tango's `reference_order_id`, also of the first version of its API.
_TANGO_NUMBER: Final = re.compile(r"(?:[A-Za-z]{2}[0-9]{6}|[0-9]{3})-[0-9]+-[0-9]+")


# ------------------------------------------------------------------------------------- references


def is_reference(text: str) -> bool:
    """Tell whether the text names one order: by our reference, or by Tango's number."""
    return any(form.fullmatch(text) for form in (_OUR_REFERENCE, _TANGO_NUMBER))


def is_tango_number(text: str) -> bool:
    """Tell whether the text is a `reference_order_id` of Tango's."""
    return _TANGO_NUMBER.fullmatch(text) is not None


# ---------------------------------------------------------------------------------------- buttons


@dataclass(frozen=True, slots=True)
class SearchCursor:
    """The page that a button leads to: a search, and how far it is. Whose orders are shown is decided by who clicks.

    Attributes:
        wanted: the search.
        after: in our list, the last id that was shown; in Tango's, the number of orders looked at. None on the first
            page.
    """

    wanted: OrderSearch = EVERYTHING
    after: Annotated[int, Field(ge=0, lt=10**15)] | None = None

    @property
    def value(self) -> str:
        """The text that a button carries."""
        return _CURSOR.dump_json(self, exclude_defaults=True).decode()

    def check_fits(self) -> None:
        """Refuse a search that a button cannot carry on.

        Raises:
            SearchNotUnderstood: it is too long.
        """
        if len(self.value) > _MOST_IN_VALUE:
            raise SearchNotUnderstood(SearchFault.TOO_LONG, "")

    @classmethod
    def of(cls, value: str) -> "SearchCursor":
        """Parse the value of a button.

        Raises:
            NotFound: it is no page; ours always are, so somebody made it by hand.
        """
        try:
            return _CURSOR.validate_json(value)
        except ValidationError:
            raise NotFound(value[:40]) from None


_CURSOR: Final = TypeAdapter(SearchCursor)
_SEARCH: Final = TypeAdapter(OrderSearch)


# ------------------------------------------------------------------------------------ Filter form


def entered_search(entered: Entered, zone: str) -> OrderSearch:
    """Return the search that is filled in.

    Args:
        entered: the fields of the Filter form.
        zone: of the days, as an IANA name.

    Raises:
        InvalidForm: an amount is no number.
        NotFound: a choice was not offered, so somebody made it by hand.
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
