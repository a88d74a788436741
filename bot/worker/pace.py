"""The pace: how far apart two requests to Tango start. Pure: storage keeps the times.

Tango takes one POST /orders a second and answers 429 to one that arrives earlier (Tango docs, Manage orders, Create an
order). Arrivals count. So the interval runs from the moment at which the previous request was *written* to its socket:
after a slow handshake it would otherwise arrive close before the next.
"""

from datetime import datetime, timedelta
from typing import Final

#: Added to the interval, because a request does not arrive when it is written. Measured over loopback, with idle and
#: busy processors: with 5 ms no request arrived early in any run; without, every third gap was short.
_MARGIN: Final = timedelta(milliseconds=5)

#: While a request has begun and is not yet written, no other starts. If the process dies there, the next process waits
#: this long; within a process the dispatcher waits for as long as it takes. A handshake is given up after 5 s for each
#: address of the host, and after 5 s more for TLS (bot/tango/client.py); the rest is for a slow name server.
_HOLD: Final = timedelta(seconds=30)

#: The next start is never further ahead: a Retry-After is honoured up to 60 s (bot/tango/envelope.py).
_LONGEST: Final = timedelta(seconds=61)


class Pace:
    """At most `orders_per_second` starts, over all threads and restarts.

    Args:
        orders_per_second: Tango allows 1.0; more is for a stand-in.
    """

    def __init__(self, orders_per_second: float) -> None:
        self._interval = timedelta(seconds=1 / orders_per_second) + _MARGIN

    @property
    def interval(self) -> timedelta:
        """Return the time from one start to the next."""
        return self._interval

    def hold(self, now: datetime) -> datetime:
        """Return the earliest next start (UTC) while the request that begins now is not written."""
        return now + _HOLD

    def next_start(self, written_at: datetime) -> datetime:
        """Return the earliest next start (UTC) once a request was written, rounded up to storage's milliseconds."""
        return written_at + self._interval + timedelta(milliseconds=1)

    def believes(self, next_start_at: datetime, now: datetime) -> bool:
        """Return whether a start can be so far ahead; else the machine's clock was put back in the meantime."""
        return next_start_at - now <= max(_LONGEST, 2 * self._interval)
