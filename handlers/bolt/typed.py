"""The text after `/kudos`: `[@people] [amount] [message]`, read as it was meant.

Recipients are the people and groups before the amount or the first other word. Whoever is mentioned later is part of
the message, by name and without a ping.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from bot.domain.money import split_amount
from handlers.bolt.markup import CROWD, GROUP, MARKUP, PERSON, as_written, unescape

#: What stands between two recipients: `@a, @b and @c`.
_BETWEEN: Final = re.compile(r"(?:\s|[,;+]|&amp;|\b(?i:and)\b)*")

#: A person's name has up to three words here: with more, a text is a message that has a number in it.
_MOST_WORDS: Final = 3

#: A word of a name; an `@` is there where Slack knew no such handle.
_NAME_WORD: Final = re.compile(r"@?[^\W\d_][\w.'\u2019-]*")

#: What separates two typed names.
_NAMES_APART: Final = re.compile(r"\s*[,;+&]\s*|\s+(?i:and)\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedRequest:
    """A request as it was typed.

    Attributes:
        people: the ids of the recipients, each once.
        groups: the ids of user groups among the recipients, each with its handle.
        crowds: what cannot be given a reward, as it was typed: `@here`, `#general`.
        names: of recipients who are not mentioned: `rob 25`.
        amount: with its sign or currency; may be empty.
        message: the rest.
        text: the whole, as it was typed: the message, where the names are of nobody.
    """

    people: tuple[str, ...] = ()
    groups: tuple[tuple[str, str], ...] = ()
    crowds: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    amount: str = ""
    message: str = ""
    text: str = ""


def read_typed(text: str, currencies: Collection[str], name_of: Callable[[str], str | None]) -> TypedRequest:
    """Read the text of a command.

    Args:
        text: as Slack sends it.
        currencies: those of the rewards on offer.
        name_of: returns the name of a person who is mentioned in the message, if it is known.
    """
    targets, rest = _split_recipients(text)
    amount, rest = split_amount(rest, currencies)
    if amount and not targets:  # `25 @rob`
        targets, rest = _split_recipients(rest)
    names: tuple[str, ...] = ()
    if not amount and not targets:
        names, amount, rest = _split_names(rest, currencies)
    people = [found[1] for target, _ in targets if (found := PERSON.fullmatch(target))]
    groups = [(found[1], label) for target, label in targets if (found := GROUP.fullmatch(target))]
    crowds = [as_written(f"<{target}|{label}>") for target, label in targets if CROWD.fullmatch(target)]
    return TypedRequest(
        people=tuple(dict.fromkeys(people)),
        groups=tuple(dict(groups).items()),
        crowds=tuple(dict.fromkeys(crowds)),
        names=names,
        amount=amount,
        message=as_written(rest, name_of).strip(),
        text=as_written(text, name_of).strip(),
    )


def _split_recipients(text: str) -> tuple[list[tuple[str, str]], str]:
    """Return the targets of the mentions with which the text begins, each with its label, and the rest."""
    targets: list[tuple[str, str]] = []
    at = 0
    while found := MARKUP.match(text, _end_of_gap(text, at)):
        target = unescape(found["target"])
        if not any(form.fullmatch(target) for form in (PERSON, GROUP, CROWD)):
            break
        targets.append((target, found["label"] or ""))
        at = found.end()
    return targets, text[at:].lstrip(" \t\r\n,;:") if targets else text


def _end_of_gap(text: str, at: int) -> int:
    gap = _BETWEEN.match(text, at)
    return gap.end() if gap else at


def _split_names(text: str, currencies: Collection[str]) -> tuple[tuple[str, ...], str, str]:
    """Return the names with which the text begins where an amount follows, the amount, and the rest."""
    for gap in re.finditer(r"\s+", text):
        names = _NAMES_APART.split(text[: gap.start()].strip(" ,;:"))
        if not all(_is_name(name) for name in names):
            break
        amount, rest = split_amount(text[gap.end() :], currencies)
        if amount:
            return tuple(name.replace("@", "") for name in names), amount, rest
    return (), "", text


def _is_name(text: str) -> bool:
    words = text.split()
    return 0 < len(words) <= _MOST_WORDS and all(_NAME_WORD.fullmatch(word) for word in words)
