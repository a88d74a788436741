"""Lengths of texts, counted in UTF-16 units: a letter is one, most emoji are two.

Slack and Tango do not say what they count. Nothing counts more than UTF-16 units do, so what fits them fits everywhere.
"""


def length(text: str) -> int:
    """Return the length of a text in UTF-16 units."""
    if text.isascii():  # most fields of a form are, and a submit has fifteen
        return len(text)
    return len(text) + sum(1 for letter in text if ord(letter) > 0xFFFF)


def cut(text: str, most: int) -> str:
    """Return the beginning of a text that has at most that many UTF-16 units; no character is cut in two."""
    if length(text) <= most:
        return text
    kept = text[:most]
    while length(kept) > most:
        kept = kept[:-1]
    return kept
