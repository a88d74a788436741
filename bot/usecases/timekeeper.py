"""The timekeeper: tells whether the machine's clock is believed, before something is done that can't be taken back."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.domain.timekeeper import Reading, is_believed
from bot.errors import TangoError
from storage import Storage

logger = logging.getLogger(__name__)


class Timekeeper:
    """Compares the machine's clock with the monotonic one, with when it was last seen, and with Tango's.

    When the clock was last believed is in the file, so that a restart doesn't make a wrong clock right.

    Args:
        storage: remembers when the clock was last believed.
        clock: the machine's.
        ask: has Tango answer something, whose time `hear` is then told; raises TangoError.
    """

    def __init__(self, *, storage: Storage, clock: Clock, ask: Callable[[], object]) -> None:
        self._storage = storage
        self._clock = clock
        self._ask = ask
        self._lock = threading.Lock()
        seen_at = storage.timekeeper.seen_at()
        self._seen = self._read() if seen_at is None else self._reading_of(seen_at)
        self._told: Reading | None = None
        self._doubted: Reading | None = None

    def hear(self, at: datetime) -> None:
        """Take note of Tango's time, UTC, of an answer that has just come."""
        with self._lock:
            self._told = self._reading_of(at)

    def believes(self) -> bool:
        """Return whether the clock is believed, by what is known."""
        return self._is_believed(self._read())

    def confirms(self) -> bool:
        """Return whether the clock is believed; in doubt, ask Tango first. This waits for the network."""
        if not self.believes():
            try:
                self._ask()
            except TangoError as error:
                logger.warning("The machine's clock is in doubt, and Tango did not tell the time: %s", error)
        now = self._read()
        believed = self._is_believed(now)
        with self._lock:
            if believed:
                self._seen, self._doubted = now, None
            elif self._doubted is None or not self._doubted.agrees(now.zero):
                self._doubted = now
                logger.warning(
                    "The machine's clock is not believed: it is %s from %s. Nothing expires and nothing is removed",
                    abs(now.zero - (self._told or self._seen).zero),
                    "Tango's" if self._told else "when it was last seen",
                )
        if believed:
            self._storage.timekeeper.set_seen(now.zero + timedelta(seconds=now.at))
        return believed

    def time_at_tango(self) -> datetime | None:
        """Return the time, UTC, by Tango's clock, which nobody sets here; None while Tango doesn't tell it.

        This waits for the network where Tango has told no time since the start.
        """
        if self._told is None:
            try:
                self._ask()
            except TangoError as error:
                logger.warning("Tango did not tell the time: %s", error)
        with self._lock:
            told = self._told
        return None if told is None else told.zero + timedelta(seconds=self._clock.monotonic())

    def _is_believed(self, now: Reading) -> bool:
        with self._lock:
            return is_believed(now, seen=self._seen, told=self._told, doubted=self._doubted)

    def _read(self) -> Reading:
        return Reading(self._clock.zero(), self._clock.monotonic())

    def _reading_of(self, at: datetime) -> Reading:
        """Return the reading, now, of a clock that shows `at`."""
        now = self._clock.monotonic()
        return Reading(at - timedelta(seconds=now), now)
