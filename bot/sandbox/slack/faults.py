"""Switches for what can go wrong on Slack's side, and Slack's own limit on how fast an app may post."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

NAMES: Final = frozenset(
    {
        "rate_limited",
        "outage",
        "cut",
        "slow",
        "socket_disconnect",
        "socket_drop",
        "too_many_websockets",
        "drop_acks",
        "internal_error",
        "refused",
    }
)

#: Those that happen at once and are over.
_ONCE: Final = frozenset({"socket_disconnect", "socket_drop"})

#: Slack docs, "Rate limits": chat.postMessage, one message a second and channel, short bursts allowed.
POSTS_PER_SECOND: Final = 1.0

#: Messages in a short burst. Slack gives no number; few enough that an app that ignores the limit meets it.
BURST: Final = 4


@dataclass(slots=True)
class Fault:
    """One switch that is on. ``method`` None is every method; ``times`` None is until it is cleared."""

    name: str
    method: str | None = None
    times: int | None = None
    seconds: float = 0.0
    retry_after: int = 1
    code: str = "invalid_blocks"
    block: str | None = None
    channel: str | None = None


class Faults:
    """The faults that are on. ``on_set`` hears of each new fault, ``on_change`` of every change."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on: dict[tuple[str, str | None], Fault] = {}
        self.on_set: Callable[[Fault], None] = lambda _fault: None
        self.on_change: Callable[[], None] = lambda: None

    def set(
        self,
        name: str,
        *,
        method: str | None = None,
        times: int | None = None,
        seconds: float = 0.0,
        retry_after: int = 1,
        code: str = "invalid_blocks",
        block: str | None = None,
        channel: str | None = None,
    ) -> None:
        """Turn a fault on.

        ``rate_limited`` (429 with ``retry_after``), ``outage`` (503), ``cut`` (the connection is closed without an
        answer), ``slow`` (by ``seconds``), ``internal_error`` (``"ok": false``), ``too_many_websockets``, ``drop_acks``
        (the app's answers to deliveries are lost), ``refused`` (a message is refused with ``code``: any, or those with
        a ``block`` of this type, also as a part of a block, such as ``image``, or with a link or a picture that begins
        so, such as ``slack://`` or ``https://images.example/``; everywhere, or in this ``channel``. A view is refused
        for its ``block`` alone), ``socket_disconnect`` (closes the sockets, once),
        ``socket_drop`` (the sockets die without a CLOSE frame, once: nothing is answered any more, not even a ping).
        """
        if name not in NAMES:
            raise ValueError(f"{name!r} is no fault; there are {', '.join(sorted(NAMES))}")
        fault = Fault(name, method, times, seconds, retry_after, code, block, channel)
        if name not in _ONCE:
            with self._lock:
                self._on[name, method] = fault
        self.on_set(fault)
        self.on_change()

    def clear(self, name: str | None = None) -> None:
        """Turn a fault off; all of them without a name."""
        with self._lock:
            self._on = {key: fault for key, fault in self._on.items() if name is not None and key[0] != name}
        self.on_change()

    def take(
        self, name: str, method: str | None = None, applies: Callable[[Fault], bool] = lambda _fault: True
    ) -> Fault | None:
        """Return the fault, if it applies now, and use up one of its times."""
        if not self._on:
            return None
        with self._lock:
            for key in ((name, method), (name, None)):
                fault = self._on.get(key)
                if fault is not None and not applies(fault):
                    fault = None
                if fault is not None:
                    if fault.times is not None:
                        fault.times -= 1
                        if fault.times <= 0:
                            del self._on[key]
                    break
        if fault is not None and fault.times == 0:
            self.on_change()
        return fault

    def to_page(self) -> dict[str, Any]:
        """Return what is on, by name."""
        with self._lock:
            return {fault.name: asdict(fault) for fault in self._on.values()}


class PostLimiter:
    """A bucket for each channel: ``BURST`` messages at once, refilled at one a second."""

    def __init__(self, now: Callable[[], float], *, enabled: bool) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[float, float]] = {}
        self.enabled = enabled

    def wait_for(self, channel: str) -> int:
        """Take one place: return 0 where there is one, else the whole seconds of ``Retry-After``."""
        if not self.enabled:
            return 0
        with self._lock:
            now = self._now()
            left, at = self._buckets.get(channel, (float(BURST), now))
            left = min(float(BURST), left + (now - at) * POSTS_PER_SECOND)
            granted = left >= 1
            self._buckets[channel] = (left - 1 if granted else left, now)
            return 0 if granted else 1
