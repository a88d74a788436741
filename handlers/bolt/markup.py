"""Slack's markup in a command's text, read as a person would have written it (Slack docs, Formatting text)."""

import re
from collections.abc import Callable
from typing import Final

#: A mention, a link or a command of Slack's. What people type themselves arrives with `&lt;` and `&gt;` instead.
MARKUP: Final = re.compile(r"<(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")

#: A person, in the target of a markup.
PERSON: Final = re.compile(r"@([UW][A-Z0-9]+)")

#: A user group, in the same place.
GROUP: Final = re.compile(r"!subteam\^(S[A-Z0-9]+)")

#: The three words that mention everyone, and a channel.
CROWD: Final = re.compile(r"!(?:here|channel|everyone)|#[A-Z0-9]+")


def _nobody(_user_id: str) -> None:
    return None


def as_written(text: str, name_of: Callable[[str], str | None] = _nobody) -> str:
    """Return the text as a person would have written it, without markup and entities.

    Args:
        text: as Slack sends it.
        name_of: returns the name of a mentioned person; None for the name that Slack gives in the mention.
    """
    parts, at = [], 0
    for found in MARKUP.finditer(text):
        parts += [unescape(text[at : found.start()]), _written(found, name_of)]
        at = found.end()
    return "".join([*parts, unescape(text[at:])])


def people_in(text: str) -> list[str]:
    """Return the user ids of those whom the text mentions, each once."""
    found = (PERSON.fullmatch(markup["target"]) for markup in MARKUP.finditer(text))
    return list(dict.fromkeys(person[1] for person in found if person))


def unescape(text: str) -> str:
    """Replace the entities that Slack sends for `& < >`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _written(found: re.Match[str], name_of: Callable[[str], str | None]) -> str:
    target, label = unescape(found["target"]), unescape(found["label"] or "")
    if person := PERSON.fullmatch(target):
        return f"@{name_of(person[1]) or label.removeprefix('@') or 'someone'}"
    if GROUP.fullmatch(target):
        return label or "@group"
    if target.startswith("#"):
        return f"#{label.removeprefix('#') or 'channel'}"
    if CROWD.fullmatch(target):
        return f"@{target[1:]}"
    if target.startswith("!"):
        return label
    return _link(target, label)


def _link(target: str, label: str) -> str:
    address = target.removeprefix("mailto:").removeprefix("tel:")
    if address != target or not label:
        return address
    return label if label in target else f"{label} ({target})"
