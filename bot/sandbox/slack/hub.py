"""What changes in the workspace, in order, for those who watch: a browser page's event stream, and blocked tests."""

import asyncio
import contextlib
import threading
from collections import deque
from dataclasses import dataclass

KEPT = 5_000
"""Changes that are remembered: a page that was away longer reads its state anew."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``user`` is the only person it concerns, if it concerns one only."""

    seq: int
    type: str
    user: str | None = None
    channel: str | None = None
    ts: str | None = None


class Hub:
    """The numbered log of changes, under the workspace's lock."""

    def __init__(self, condition: threading.Condition) -> None:
        self._condition = condition
        self._log: deque[Change] = deque(maxlen=KEPT)
        self._watchers: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self.seq = 0

    def publish(self, kind: str, *, user: str | None = None, channel: str | None = None, ts: str | None = None) -> None:
        """Record a change and wake everybody who waits for one."""
        with self._condition:
            self.seq += 1
            self._log.append(Change(self.seq, kind, user, channel, ts))
            self._condition.notify_all()
            for loop, event in self._watchers:
                with contextlib.suppress(RuntimeError):  # its server has stopped meanwhile
                    loop.call_soon_threadsafe(event.set)

    def since(self, seq: int) -> list[Change] | None:
        """The changes after ``seq``, or None where some of them are forgotten (or ``seq`` was never given out)."""
        with self._condition:
            first = self._log[0].seq if self._log else self.seq + 1
            if seq + 1 < first or seq > self.seq:
                return None
            return [change for change in self._log if change.seq > seq]

    def wait_beyond(self, seq: int, timeout: float) -> None:
        """Block until there is a change after ``seq``, but no longer than ``timeout`` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self.seq > seq, timeout)

    def watch(self) -> tuple[asyncio.AbstractEventLoop, asyncio.Event]:
        """Register the running event loop's interest; the event is set at each change."""
        watcher = (asyncio.get_running_loop(), asyncio.Event())
        with self._condition:
            self._watchers.add(watcher)
        return watcher

    def unwatch(self, watcher: tuple[asyncio.AbstractEventLoop, asyncio.Event]) -> None:
        """End that interest."""
        with self._condition:
            self._watchers.discard(watcher)
