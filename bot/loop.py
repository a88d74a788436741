"""A thread that does one thing after another, sleeps while there is nothing to do, and survives its own mistakes."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

logger = logging.getLogger(__name__)

#: The wait after a failure, also of a worker that is woken meanwhile: while the database fails, thousands of wake-ups
#: would write a failure each to the log. None is lost, because the worker looks after the wait anyway.
_AFTER_FAILURE: Final = timedelta(seconds=2)


class Worker:
    """Does `work` in a thread of its own, again and again.

    What `work` raises is logged, and `work` is called again two seconds later: nobody would miss a thread that ended,
    until somebody asked where their reward is.

    Args:
        name: of the thread, and for the log.
        work: does the next thing, and returns how long to sleep until there may be another; None until woken.
        monotonic: tells the seconds by a clock that nobody sets.

    Attributes:
        rounds: how often `work` has come to its end without raising.
    """

    def __init__(
        self, name: str, work: Callable[[], timedelta | None], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._work = work
        self._monotonic = monotonic
        self._came_round_at = monotonic()
        self.rounds = 0
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._came_round_at = self._monotonic()
        self._thread.start()

    def idle_for(self) -> timedelta:
        """Return how long ago `work` last came to its end without raising, or the worker began."""
        return timedelta(seconds=self._monotonic() - self._came_round_at)

    def wake(self) -> None:
        """Have `work` called soon, because there may be something to do."""
        self._wake.set()

    def stop(self, grace: timedelta | None = None) -> None:
        """End after the `work` that is under way, and wait for it up to `grace`; also where nothing was begun."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(grace.total_seconds() if grace is not None else None)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                wait = self._work()
                self._came_round_at = self._monotonic()
                self.rounds += 1
            except Exception:
                if self._stopping.is_set():
                    return  # the file was closed under it: it took longer than the grace
                logger.exception("The %s could not go on; trying again", self._name)
                self._stopping.wait(_AFTER_FAILURE.total_seconds())
                continue
            if wait is not None and wait <= timedelta(0):
                continue
            self._wake.wait(None if wait is None else wait.total_seconds())
