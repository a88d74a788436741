"""Names from profiles, made fit for Tango."""

import unicodedata
from typing import Final

from bot.domain.lengths import cut
from bot.tango.limits import FORBIDDEN_IN_NAMES, NAME_LIMIT

_AS_SPACES: Final = str.maketrans(dict.fromkeys(FORBIDDEN_IN_NAMES, " "))


def clean_name(text: str, limit: int = NAME_LIMIT) -> str:
    """Make a name from a profile fit for Tango: without `<`, `>` and `/`, spaces collapsed, composed, cut.

    A removed character leaves a space. The cut is at `limit` UTF-16 units and leaves no accent without its letter.
    The name may be empty. Cleaning it twice changes nothing more.
    """
    name = _composed(text)
    end = len(cut(name, limit))
    if end == len(name):
        return name
    while end > 0 and _clings(name[end]):
        end -= 1
    return name[:end].rstrip("\N{ZERO WIDTH JOINER}").rstrip()


def _composed(text: str) -> str:
    if text.isascii() and text.isprintable():  # nothing to compose, and no control character
        return " ".join(text.translate(_AS_SPACES).split())
    kept = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cs"} else letter
        for letter in unicodedata.normalize("NFC", text).translate(_AS_SPACES)
    )
    return unicodedata.normalize("NFC", " ".join(kept.split()))


def _clings(letter: str) -> bool:
    """Tell whether the letter belongs to the one before it: accents, joiners, variation selectors."""
    return unicodedata.category(letter) in {"Mn", "Mc", "Me"} or letter == "\N{ZERO WIDTH JOINER}"
