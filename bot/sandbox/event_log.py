"""The numbered log of what happens in a stand-in, for a page's event stream and for tests that wait."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

#: A page that was away for more events than these reads everything again, which takes it a moment.
KEPT_EVENTS: Final = 5_000

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened. `user` is the only person it concerns, if it concerns one only."""

    seq: int
    type: str
    data: Mapping[str, Any]
    user: str | None = None


Subscriber = Callable[[Event], None]


class EventLog:
    """The last events of a stand-in, under the lock of the condition that is given. Safe in any thread."""

    def __init__(self, condition: threading.Condition) -> None:
        self._condition = condition
        self._events: deque[Event] = deque(maxlen=KEPT_EVENTS)
        self._subscribers: tuple[Subscriber, ...] = ()
        self.seq = 0

    def publish(self, kind: str, *, user: str | None = None, **data: Any) -> None:
        """Log an event, wake who waits, and call the subscribers.

        A subscriber that fails is logged: it must not change what the stand-in answers.
        """
        with self._condition:
            self.seq += 1
            event = Event(self.seq, kind, data, user)
            self._events.append(event)
            self._condition.notify_all()
            subscribers = self._subscribers
        for subscriber in subscribers:
            try:
                subscriber(event)
            except Exception:  # noqa: BLE001 - whatever it is, the answer must not suffer
                _log.exception("A subscriber failed on the event %r.", kind)

    def since(self, seq: int) -> list[Event] | None:
        """Return the events after `seq`; None where some are forgotten, or where `seq` was never given out."""
        with self._condition:
            first = self._events[0].seq if self._events else self.seq + 1
            if seq + 1 < first or seq > self.seq:
                return None
            return list(islice(reversed(self._events), self.seq - seq))[::-1]  # mostly the last few of thousands

    def wait_beyond(self, seq: int, timeout: float) -> None:
        """Block until there is an event after `seq`, but no longer than `timeout` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self.seq > seq, timeout)

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call a function with each event, in the thread in which it happens; return the function that ends that."""
        with self._condition:
            self._subscribers = (*self._subscribers, subscriber)

        def unsubscribe() -> None:
            with self._condition:
                self._subscribers = tuple(other for other in self._subscribers if other is not subscriber)

        return unsubscribe
