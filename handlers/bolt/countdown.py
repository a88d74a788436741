"""The seconds that are left of a cooldown, counted down on the screen of who has to wait.

Nobody waits for a countdown, and no countdown is stored: a restart leaves the last text on the screen.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

from bot.clock import Clock
from bot.loop import Worker
from handlers.bolt.answers import Replace, Say
from handlers.bolt.replies import respond
from handlers.views.blocks import Message

logger = logging.getLogger(__name__)

#: Seconds left at which the screen is changed. A `response_url` takes five uses (Slack docs, Handling user
#: interaction): the refusal is the first, these are the others.
LIVE: Final = (20, 10, 5, 0)

#: A command's `response_url` cannot replace what it said before, only add to it: the end alone is worth a message.
AT_THE_END: Final = (0,)

#: Who waits, and for which order, by its number: a person has one count of each order, the latest.
Key = tuple[str, str]

#: Returns a message with a "Send again" button as it is now, and the seconds left that it tells of.
Look = Callable[[], tuple[Message, int]]


@dataclass(frozen=True, slots=True)
class _Count:
    """The next mark of a countdown.

    Attributes:
        show: puts the seconds left on the screen, and returns them.
        due: the time of the mark, on the monotonic clock.
        marks: the seconds left of the marks after it.
    """

    show: Callable[[], int]
    due: float
    marks: Sequence[int]


class Countdown:
    """Shows what is left at each mark, in the background.

    Args:
        clock: the bot's.
        background: runs what speaks to Slack.
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
        """Stop: nothing more is shown."""
        self._worker.stop()

    def wake(self) -> None:
        """Look now whether something is due."""
        self._worker.wake()

    def show(self, key: Key, look: Look, url: str | None) -> Message:
        """Return the message as it is now, and go on replacing it until the wait is over.

        Args:
            key: who waits, and for which order.
            look: returns the message; raises where it is not theirs to see, and then nothing counts.
            url: the `response_url` of the message; None in a modal, which stays as it is.
        """
        message, seconds_left = look()
        self.begin(key, seconds_left, partial(_replace, look, url))
        return message

    def tell_at_the_end(self, key: Key, look: Look, url: str) -> Message:
        """Return the message as it is now, and post it again when the wait is over.

        Args:
            key: who waits, and for which order.
            look: returns the message; raises where it is not theirs to see, and then nothing counts.
            url: the `response_url` of the command.
        """
        message, seconds_left = look()
        self.begin(key, seconds_left, partial(_tell, look, url), marks=AT_THE_END)
        return message

    def begin(self, key: Key, seconds_left: int, show: Callable[[], int], *, marks: Sequence[int] = LIVE) -> None:
        """Count down from now on.

        Args:
            key: who waits, and for which order.
            seconds_left: the start of the count.
            show: puts the seconds left by then on the screen, and returns them; 0 ends the count.
            marks: the seconds left at which `show` is called.
        """
        with self._lock:
            self._put(key, self._clock.monotonic(), seconds_left, show, marks)
        self._worker.wake()

    def run_once(self) -> timedelta | None:
        """Have every due mark shown; return the time until the next, or None if nothing counts."""
        now = self._clock.monotonic()
        with self._lock:
            due = {key: count for key, count in self._counts.items() if count.due <= now}
            for key in due:
                del self._counts[key]
            waits = [timedelta(seconds=count.due - now) for count in self._counts.values()]
        for key, count in due.items():
            self._background.submit(self._show, key, count)
        return min(waits, default=None)

    def _put(self, key: Key, at: float, seconds_left: int, show: Callable[[], int], marks: Sequence[int]) -> None:
        """Keep the first mark below the `seconds_left` that were left at `at`, on the monotonic clock."""
        coming = [mark for mark in marks if mark < seconds_left]
        if coming:
            self._counts[key] = _Count(show, at + seconds_left - coming[0], coming[1:])

    def _show(self, key: Key, count: _Count) -> None:
        at = self._clock.monotonic()  # before Slack is spoken to: that takes its time
        try:
            seconds_left = count.show()
        except Exception:
            # The text on the screen is still true, and its button still works.
            logger.exception("A countdown broke off")
            return
        with self._lock:
            if key not in self._counts:  # else another count of it has begun meanwhile
                self._put(key, at, seconds_left, count.show, count.marks)
        self._worker.wake()


def _replace(look: Look, url: str | None) -> int:
    message, seconds_left = look()
    if url is not None:
        respond(url, Replace(message))
    return seconds_left


def _tell(look: Look, url: str) -> int:
    message, seconds_left = look()
    if seconds_left == 0:  # else somebody else has sent it in the meantime
        respond(url, Say(message))
    return 0
