"""Ids, timestamps and secrets in the forms that Slack gives them."""

import itertools
import random
import string
import threading
import time
from collections.abc import Callable
from typing import Final

_ALPHABET: Final = string.ascii_uppercase + string.digits
_BLOCK_ALPHABET: Final = string.ascii_letters + string.digits + "+=/"

#: Slack writes a timestamp in seconds with six decimals.
MICROSECONDS_PER_SECOND: Final = 1_000_000


def object_id(prefix: str) -> str:
    """Make an id such as ``V05ABCDEF12``: a letter for the kind, then ten of ``A-Z0-9``."""
    return prefix + "0" + "".join(random.choices(_ALPHABET, k=9))


def block_id() -> str:
    """Make an id for a block or an element that came without one: five characters, as Slack makes them."""
    return "".join(random.choices(_BLOCK_ALPHABET, k=5))


def token(length: int = 24) -> str:
    """Make an unguessable piece of a ``response_url`` or of a file's address."""
    return "".join(random.choices(string.ascii_letters + string.digits, k=length))


class Stamps:
    """Message timestamps: seconds with six decimals, never the same twice, always growing."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._last = 0
        self._lock = threading.Lock()
        self._count = itertools.count(1)

    def after(self, ts: str) -> None:
        """Let every later stamp be greater than ``ts`` (after a restart on a clock that went back)."""
        self._last = max(self._last, round(float(ts) * MICROSECONDS_PER_SECOND))

    def ts(self) -> str:
        """Return the next message timestamp, as in ``1700000000.000100``."""
        with self._lock:
            self._last = max(self._last + 1, int(self._now() * MICROSECONDS_PER_SECOND))
            return f"{self._last // MICROSECONDS_PER_SECOND}.{self._last % MICROSECONDS_PER_SECOND:06d}"

    def trigger_id(self) -> str:
        """Make a trigger id: three numbers-and-hex parts, as in ``13345224609.738474920.8088930838d88f00``."""
        return f"{int(self._now() * 1000)}.{next(self._count)}.{random.getrandbits(64):016x}"

    def view_hash(self) -> str:
        """Make the hash of a view's present version."""
        return f"{int(self._now())}.{random.getrandbits(32):08x}"
