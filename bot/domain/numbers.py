"""The numbers of requests and orders, as people type them."""

from typing import Final

#: Fifteen digits fit the integers of SQLite (64 bits) and of JSON (53 bits), and no count of orders comes near.
MOST_DIGITS: Final = 15


def number_of(text: str) -> int | None:
    """Return the number that the text is; None where it is none, or none that a row could have."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None
