"""What a machine can hear of the voice: words that Kudos doesn't use, and sentences that need a second reading."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: Words that a colleague at the next desk would not use, and how they would say it.
AVOIDED: Final[dict[str, str]] = {
    r"e-mails?": "email",
    r"filed": "requested",
    r"placed": "sent",
    r"anew": "again",
    r"mend(s|ed|ing)?": "fix",
    r"otherwise": "differently, or else",
    r"whoever": "name them, or say you",
    r"(is|are) told": "hears, learns",
    r"stands(?! (by|still|in)\b)": "is",
    r"takes(?! (over|place|effect|the duty|about|up to|as long|longer|\w+ (seconds?|minutes?)|\d)\b)": "accepts, needs",
    r"(in|for) the books": "for your reports",
    r"Tango's own": "Tango's standard",
}

#: What is said of no reader: a message says "you", or names people. Documents speak of many people.
_NOBODY_IN_PARTICULAR: Final = re.compile(r"(?i)\b(somebody|a person who|people who)\b")

#: Words of a sentence that is read once.
MOST_WORDS: Final = 25

_AVOIDED: Final = re.compile(rf"(?i)\b({'|'.join(f'(?:{word})' for word in AVOIDED)})(?![\w-])")

#: Where a sentence ends: a stop, a colon, a new line, or what sets two thoughts apart.
_ENDS: Final = re.compile(r"(?<=[.!?:;…])[*_)\"”’]*\s+|\s[–·→]\s|\n+|; ")

#: What only a machine, or Tango's support, can use.
_MACHINE_FACT: Final = re.compile(r"\b(Tango \d{3}[.\d]*|request [0-9a-f-]{8,}|[0-9a-f]{32}|RA\d[\d-]{8,})\b")

#: Code, paths and addresses in a text, each of which counts as a word.
_CODE: Final = re.compile(r"`[^`]*`|https?://\S+|<[@#!][^>]*>|(#\d+(, | and )?)+")


def avoided(text: str) -> list[str]:
    """Return the words that Kudos doesn't use; code doesn't count."""
    return [match[0] for match in _AVOIDED.finditer(_CODE.sub("x", text))]


def nobody_in_particular(text: str) -> list[str]:
    """Return the words that speak of somebody, where a message says "you" or a name."""
    return [match[0] for match in _NOBODY_IN_PARTICULAR.finditer(text)]


def long_sentences(text: str) -> list[str]:
    """Return the sentences that have too many words."""
    told = (sentence.strip() for sentence in _ENDS.split(_CODE.sub("x", text)))
    return [sentence for sentence in told if len(sentence.split()) > MOST_WORDS]


def begins_with_a_machine_fact(text: str) -> bool:
    """Tell whether a machine's fact comes before the first sentence has ended; an example in a field is no sentence."""
    fact = _MACHINE_FACT.search(text)
    return fact is not None and fact[0] != text and not _ENDS.search(text[: fact.start()])


def prose(markdown: str) -> Iterator[str]:
    """Yield the paragraphs, points and cells of a document; no code, no diagram, no link's address."""
    text = re.sub(r"```.*?```|<!--.*?-->", "\n\n", markdown, flags=re.DOTALL)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    for part in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|\n(?=#)|\n(?=\|)| \| |^\| ", text):
        yield " ".join(part.split())


def literals(file: Path) -> Iterator[str]:
    """Yield each text of a module: docstrings don't count, and `…` is in the place of each value of an f-string."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts |= {id(part) for part in node.values}
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | parts:
            yield node.value


def help_texts(file: Path) -> Iterator[str]:
    """Yield the docstring of each function, which click shows as its help."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield from text.split("\n\n")
