"""The seconds that are left, counted down on the screen where somebody was told to wait.

Nobody waits for it, and nothing of it is kept: a restart leaves the last text standing.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.loop import Worker

logger = logging.getLogger(__name__)

#: Seconds left at which the screen is changed. A `response_url` takes five uses (Slack docs, Handling user
#: interaction): the refusal is the first, these are the others.
LIVE: Final = (20, 10, 5, 0)

#: A command's `response_url` cannot replace what it said before, only add to it: the end alone is worth a message.
AT_THE_END: Final = (0,)

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Count:
    """What is shown next, when, and at which marks after that."""

    show: Callable[[], int]
    due: datetime
    marks: Sequence[int]


class Countdown:
    """Shows what is left at each mark, in the background.

    Args:
        clock: what time it is.
        background: what shows it, over the network.
    """

    def __init__(self, clock: Clock, background: Executor) -> None:
        self._clock = clock
        self._background = background
        self._counts: dict[Key, _Count] = {}
        self._lock = threading.Lock()
        self._worker = Worker("countdown", self.run_once)

    def start(self) -> None:
        """Work in a thread until `stop`."""
        self._worker.start()

    def stop(self) -> None:
        """Show nothing more."""
        self._worker.stop()

    def wake(self) -> None:
        """Something may be due: look now."""
        self._worker.wake()

    def begin(self, key: Key, seconds_left: int, show: Callable[[], int], *, marks: Sequence[int] = LIVE) -> None:
        """Count down from now on.

        Args:
            key: whose, and of what: a person has one count of each order, the latest.
            seconds_left: from where.
            show: puts on the screen what is left by then, and answers that; 0 ends the count.
            marks: seconds left at which it is called.
        """
        with self._lock:
            self._put(key, self._clock.now(), seconds_left, show, marks)
        self._worker.wake()

    def run_once(self) -> timedelta | None:
        """Have shown what is due; how long until the next, or None if nothing counts."""
        now = self._clock.now()
        with self._lock:
            due = {key: count for key, count in self._counts.items() if count.due <= now}
            for key in due:
                del self._counts[key]
            waits = [count.due - now for count in self._counts.values()]
        for key, count in due.items():
            self._background.submit(self._show, key, count)
        return min(waits, default=None)

    def _put(self, key: Key, at: datetime, seconds_left: int, show: Callable[[], int], marks: Sequence[int]) -> None:
        """Keep the first mark that comes after `seconds_left`, as it was at `at`."""
        coming = [mark for mark in marks if mark < seconds_left]
        if coming:
            self._counts[key] = _Count(show, at + timedelta(seconds=seconds_left - coming[0]), coming[1:])

    def _show(self, key: Key, count: _Count) -> None:
        at = self._clock.now()  # before Slack is spoken to: that takes its time
        try:
            seconds_left = count.show()
        except Exception:
            # What was told before still holds, and the person can try by the button that it has.
            logger.exception("A countdown broke off")
            return
        with self._lock:
            if key not in self._counts:  # else it was begun anew in the meantime
                self._put(key, at, seconds_left, count.show, count.marks)
        self._worker.wake()
