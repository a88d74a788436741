"""What messages and Home tabs showed before they were rewritten: a screen that is a moment behind still shows it."""

import threading
from typing import Final

from bot.sandbox.slack.model import Json, Message

#: Versions that are kept: far more than are rewritten while somebody reads a confirm dialog.
_KEPT: Final = 2_000


class Versions:
    """The blocks of earlier versions, by what they are of."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks: dict[tuple[str, str], list[Json]] = {}

    def keep(self, thing: str, version: str, blocks: list[Json]) -> None:
        """Keep the blocks that are about to be replaced."""
        with self._lock:
            self._blocks[thing, version] = blocks
            if len(self._blocks) > _KEPT:
                del self._blocks[next(iter(self._blocks))]

    def find(self, thing: str, version: str | None) -> list[Json] | None:
        """Return the blocks of an earlier version; None where there is none."""
        return None if version is None else self._blocks.get((thing, version))


def place_of(message: Message) -> str:
    """Return the name under which a message's versions are kept."""
    return f"{message.channel}/{message.ts}"


def version_of(message: Message) -> str:
    """Return the present version of a message: the time of its last change, and nothing until the first."""
    return str(message.edited["ts"]) if message.edited else ""
