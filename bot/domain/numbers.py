"""The numbers of requests and orders, as people type them and buttons carry them."""

from typing import Final

#: More digits than any number will have, and few enough that SQLite's 64-bit integers hold every such number.
_MOST_DIGITS: Final = 15


def number_from(text: str) -> int | None:
    """Return the number that `text` is; None where it is none, or longer than any that is stored."""
    if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    return None
