"""Names from profiles, made fit for Tango."""

import unicodedata

from bot.domain.lengths import cut
from bot.tango.limits import FORBIDDEN_IN_NAMES, NAME_LIMIT


def clean_name(text: str, limit: int = NAME_LIMIT) -> str:
    """Make a name from a profile fit for Tango: without `<`, `>` and `/`, spaces collapsed, composed, cut.

    A removed character leaves a space. The cut is at `limit` UTF-16 units and leaves no accent without its letter.
    The name may be empty. Cleaning it twice changes nothing more.
    """
    kept = "".join(
        " " if letter in FORBIDDEN_IN_NAMES or unicodedata.category(letter) in {"Cc", "Cs"} else letter
        for letter in unicodedata.normalize("NFC", text)
    )
    name = unicodedata.normalize("NFC", " ".join(kept.split()))
    end = len(cut(name, limit))
    if end == len(name):
        return name
    while end > 0 and _clings(name[end]):
        end -= 1
    return name[:end].rstrip("\N{ZERO WIDTH JOINER}").rstrip()


def _clings(letter: str) -> bool:
    """Tell whether the letter belongs to the one before it: accents, joiners, variation selectors."""
    return unicodedata.category(letter) in {"Mn", "Mc", "Me"} or letter == "\N{ZERO WIDTH JOINER}"
