"""The numbers of requests and orders, as people see and type them: R-8 is a request, 8.2 its second order."""

from typing import Final

#: Fifteen digits fit the integers of SQLite (64 bits) and of JSON (53 bits), and no count of orders comes near.
MOST_DIGITS: Final = 15


def number_of(text: str) -> int | None:
    """Return the number that the text is; None where it is none, or none that a row could have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def request_number(request_id: int) -> str:
    """Return the number by which people know a request: R-8."""
    return f"R-{request_id}"


def order_number(request_id: int, place: int) -> str:
    """Return the number by which people know an order: 8.2, or 8 for the only order of its request (place 0)."""
    return f"{request_id}.{place}" if place else str(request_id)
