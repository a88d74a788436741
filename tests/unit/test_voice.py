"""The voice, as far as a machine can hear it, over all that people read: Slack, the console, the documents.

The words themselves are in tests/kit/voice.py.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from handlers.views.blocks import Message
from tests.kit.voice import (
    avoided,
    begins_with_a_machine_fact,
    help_texts,
    literals,
    long_sentences,
    nobody_in_particular,
    prose,
)
from tests.unit.test_views import CASES

ROOT: Final = Path(__file__).parents[2]

#: Modules whose texts people read: in Slack, on the console, in the log.
SPOKEN: Final = sorted(
    {
        *ROOT.glob("handlers/*.py"),
        *ROOT.glob("handlers/views/*.py"),
        *ROOT.glob("handlers/bolt/*.py"),
        *ROOT.glob("handlers/outbox/*.py"),
        *ROOT.glob("bot/*.py"),
        *ROOT.glob("bot/ops/*.py"),
        *ROOT.glob("bot/usecases/*.py"),
        *ROOT.glob("bot/worker/*.py"),
        *ROOT.glob("storage/*.py"),
        *ROOT.glob("bot/sandbox/*.py"),
    }
)

#: Modules of commands, whose docstrings click shows as help.
COMMANDS: Final = frozenset({"bot/__main__.py", "bot/ops/records.py"})

WRITTEN: Final = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "app.yaml"})


def _named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def _faults(text: str) -> list[str]:
    return [*(f"{word!r}: {text[:100]}" for word in avoided(text)), *long_sentences(text)]


@pytest.mark.parametrize("name", _named(SPOKEN))
def test_a_module_says_what_a_colleague_would_say(name: str):
    texts = [*literals(ROOT / name), *(help_texts(ROOT / name) if name in COMMANDS else ())]
    assert [fault for text in texts for fault in _faults(text)] == []


@pytest.mark.parametrize("name", _named(WRITTEN))
def test_a_document_says_what_a_colleague_would_say(name: str):
    text = (ROOT / name).read_text(encoding="utf-8")
    if name == "app.yaml":
        text = "\n\n".join(line.partition("#")[2] for line in text.splitlines())
    assert [fault for part in prose(text) for fault in _faults(part)] == []


# ------------------------------------------------------------------------------------- as they are built


def _texts(part: Any, *, small: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield each text of blocks, and whether it is in a context block, which is small."""
    if isinstance(part, list | tuple):
        for one in part:
            yield from _texts(one, small=small)
    elif isinstance(part, dict):
        small = small or part.get("type") == "context"
        if part.get("type") in ("mrkdwn", "plain_text", "text") and isinstance(part.get("text"), str):
            yield part["text"], small
        for value in part.values():
            yield from _texts(value, small=small)


def _built(builder: str) -> tuple[set[str], set[str]]:
    """Return the small and the large texts of a builder's cases, but those as long as can be, which mean nothing."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for case in CASES:
        if case.build.__name__ != builder or "longest" in case.name:
            continue
        made = case.made
        shown = [(made.text, False), *_texts(made.blocks)] if isinstance(made, Message) else _texts(made)
        for text, is_small in shown:
            if "&amp;&" not in text:
                found[is_small].add(text)
    return found[True], found[False]


BUILDERS: Final = sorted({case.build.__name__ for case in CASES})


@pytest.mark.parametrize("builder", BUILDERS)
def test_a_message_says_what_a_colleague_would_say_and_begins_with_it(builder: str):
    small, large = _built(builder)
    found = [fault for text in small | large for fault in _faults(text)]
    found += [f"begins with a machine's fact: {text[:100]}" for text in large if begins_with_a_machine_fact(text)]
    found += [f"speaks of {word}: {text[:100]}" for text in small | large for word in nobody_in_particular(text)]
    assert found == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Filed today at 15:44", ["Filed"]),
        ("The e-mail was placed anew", ["e-mail", "placed", "anew"]),
        ("The stand-in takes over and stands by", []),
        ("It takes 5 to 500 USD", []),
        ("Type `filed:today`", []),
    ],
)
def test_the_check_hears_words_and_no_code(text: str, words: list[str]):
    assert avoided(text) == words


def test_the_check_hears_who_is_nobody_in_particular():
    assert nobody_in_particular("Somebody has to approve it. A person who may, can.") == ["Somebody", "A person who"]
    assert nobody_in_particular("Alex or Sam will review this. Please ask someone else.") == []


def test_the_check_hears_a_sentence_that_is_too_long_and_a_fact_that_is_too_early():
    assert long_sentences("word " * 25 + "and. Another one.") == [("word " * 25 + "and.")]
    assert long_sentences("word " * 25) == []
    assert begins_with_a_machine_fact("Orders wait (Tango 402.001)")
    assert not begins_with_a_machine_fact("Rewards are on hold. Tango 402.001")
