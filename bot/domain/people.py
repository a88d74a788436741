"""What people can't choose freely about themselves: when two accounts are one person, and when two names look the same.

A name is its owner's to set. So a name is shown without what can't be seen in it, and compared as eyes compare it.
"""

import re
import unicodedata
from typing import Final

#: Invisible characters that Unicode does not file under "format": fillers, the braille blank, variation selectors
#: (Unicode, Default_Ignorable_Code_Point).
_BLANKS: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)

#: Categories without anything to see: format characters (direction marks, zero-width ones, tags), control, surrogate,
#: private-use and unassigned characters.
_UNSEEN: Final = frozenset({"Cf", "Cc", "Cs", "Co", "Cn"})

#: Capitals of other scripts, and figures, that look like a Latin letter whatever their small form looks like (Unicode
#: Technical Standard 39, confusables). A capital I looks like a small l in Slack's typeface.
_CAPITALS: Final = str.maketrans(
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧАВЕКМНОРСТУХІЈЅІԚԜӀI1|0",  # noqa: RUF001 (look-alikes are the subject)
    "ABEZHlKMNOPTYXABEKMHOPCTYXlJSlQWllllO",
)

#: Small letters, after folding the case. Only what is seen in names: Cyrillic, Greek, and Latin letters that no
#: normalization takes apart.
_SMALL: Final = str.maketrans(
    "аеорсухіјѕԁԛԝһӏвкмнтαοιεκνρτυχγıłøđħŧʟɑɡ",
    "aeopcyxijsdqwhlbkmhtaoiekvptuxyilodhtlag",
)


def visible_name(name: str) -> str:
    """Return the name without what can't be seen: direction marks, zero-width and invisible characters.

    Letters of scripts that are written from right to left stay. Line breaks and runs of spaces become one space.
    """
    if name.isascii() and name.isprintable():  # all of it is seen, and a submit looks at seven names
        return " ".join(name.split())
    spaced = "".join(" " if letter.isspace() else letter for letter in name)
    seen = "".join(letter for letter in _BLANKS.sub("", spaced) if unicodedata.category(letter) not in _UNSEEN)
    return " ".join(seen.split())


def has_visible_letter(name: str) -> bool:
    """Return whether there is a letter to read in the name."""
    return any(map(str.isalpha, visible_name(name)))


def name_keys(name: str) -> frozenset[str]:
    """Return what the name looks like, folded: two names that share a key can't be told apart at a glance.

    Case, accents, spaces, punctuation and letters that look alike don't count. There are two keys: in one a capital is
    read as its small letter, in the other as the Latin letter that it looks like. Empty where nothing can be read.
    """
    apart = unicodedata.normalize("NFKD", visible_name(name))
    letters = "".join(one for one in apart if not unicodedata.combining(one))  # vowel signs of Indic scripts stay
    keys = (_folded(letters), _folded(letters.translate(_CAPITALS)))
    return frozenset(key for key in keys if key)


def plain_name(name: str) -> str:
    """Return the name as it is compared with a typed one: case and accents don't count, look-alike letters do."""
    apart = unicodedata.normalize("NFKD", visible_name(name))
    return "".join(one for one in apart if not unicodedata.combining(one)).casefold()


def _folded(letters: str) -> str:
    small = unicodedata.normalize("NFKD", letters.casefold()).translate(_SMALL).replace("rn", "m")
    return "".join(one for one in small if one.isalnum() or unicodedata.category(one).startswith("M"))
