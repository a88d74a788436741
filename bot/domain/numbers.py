"""The numbers of requests and orders, as people see and type them: R-8 is a request, 8.2 its second order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

_T = TypeVar("_T")

#: Fifteen digits fit the integers of SQLite (64 bits) and of JSON (53 bits), and no count of orders comes near.
MOST_DIGITS: Final = 15

#: A number as people type it. A place has no zero before it: 8.02 is an amount.
_TYPED: Final = re.compile(
    rf"(?P<mark>#?(?:[Rr]-?)?)(?P<request>[0-9]{{1,{MOST_DIGITS}}})(?:\.(?P<place>[1-9][0-9]{{0,3}}))?"
)


@dataclass(frozen=True, slots=True)
class Number:
    """The number of a request, and so of its only order, or of one of its several orders.

    Attributes:
        request_id: of the request.
        place: of the order among those of the request, from 1; 0 where none is named.
        may_be_amount: it was typed as an amount is, with two digits after the point: 8.20.
    """

    request_id: int
    place: int = 0
    may_be_amount: bool = False

    @classmethod
    def of(cls, text: str) -> "Number | None":
        """Return the number that was typed, as 8, #8, R-8, r8 or 8.2; None where the text is none."""
        typed = _TYPED.fullmatch(text)
        if typed is None:
            return None
        place = int(typed["place"] or 0)
        return cls(int(typed["request"]), place, may_be_amount=place > 9 and not typed["mark"])

    def pick(self, orders: Sequence[_T]) -> _T | None:
        """Return the order that is meant among those of the request; None where it is none, or one of several."""
        place = self.place or (1 if len(orders) == 1 else 0)
        return orders[place - 1] if 0 < place <= len(orders) else None


def number_of(text: str) -> int | None:
    """Return the number that the text is; None where it is none, or none that a row could have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def request_number(request_id: int) -> str:
    """Return the number by which people know a request: R-8."""
    return f"R-{request_id}"


def order_number(request_id: int, place: int) -> str:
    """Return the number by which people know an order: 8.2, or 8 for the only order of its request (place 0)."""
    return f"{request_id}.{place}" if place else str(request_id)


def named_number(number: str) -> str:
    """Write the number of an order so that it is known for one: 8.2, or R-8 for the only order of its request."""
    return number if "." in number else f"R-{number}"
