"""Collects what is wrong with a piece of JSON, each fault with its place as a JSON pointer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

_TEXT_PROPERTIES: Final = frozenset({"type", "text", "emoji", "verbatim"})


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a document; ``where / "text" / 0`` goes deeper."""

    pointer: str

    def __truediv__(self, key: str | int) -> "Where":
        return Where(f"{self.pointer}/{key}")


class Problems:
    """The problems found so far, and the checks that every part of Block Kit shares."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, where: Where, words: str) -> None:
        """Add a problem."""
        self.found.append(f"{words} [json-pointer:{where.pointer}]")

    def limit(self, value: Any, where: Where, most: int, *, required: bool = False, least: int = 0) -> None:
        """Check that a value is a string of at most ``most`` characters; a required one is not empty."""
        if value is None:
            if required:
                self.add(where, "missing required field")
        elif not isinstance(value, str):
            self.add(where, "must be a string")
        elif len(value) > most:
            self.add(where, f"must be less than {most + 1} characters")
        elif len(value) < (least or int(required)):
            self.add(where, f"must be more than {(least or 1) - 1} characters")

    def text(self, value: Any, where: Where, most: int, *, plain: bool = False, required: bool = False) -> None:
        """Check a text object of 1 to ``most`` characters; ``plain``: plain_text only."""
        if value is None:
            if required:
                self.add(where, "missing required field")
            return
        if not isinstance(value, dict):
            self.add(where, "must be a text object")
            return
        kinds = ("plain_text",) if plain else ("plain_text", "mrkdwn")
        if value.get("type") not in kinds:
            self.add(where / "type", f"must be {' or '.join(kinds)}")
        self.properties(value, where, _TEXT_PROPERTIES)
        if value.get("type") == "mrkdwn" and "emoji" in value:
            self.add(where / "emoji", "is only allowed with plain_text")
        self.limit(value.get("text"), where / "text", most, required=True)

    def properties(self, value: dict[str, Any], where: Where, allowed: frozenset[str] | None) -> None:
        """Check that nothing but the ``allowed`` properties is there, where they are known."""
        for name in sorted(set(value) - allowed if allowed is not None else ()):
            self.add(where, f"invalid additional property: {name}")

    def items(self, value: Any, where: Where, *, most: int | None, least: int = 1) -> Iterator[tuple[int, Any]]:
        """Yield the items of an array of ``least`` to ``most``, with their numbers."""
        if not isinstance(value, list):
            self.add(where, "must be an array" if value is not None else "missing required field")
            return
        if len(value) < least:
            self.add(where, f"no fewer than {least} items allowed")
        if most is not None and len(value) > most:
            self.add(where, f"no more than {most} items allowed")
        yield from enumerate(value)
