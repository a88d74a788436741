"""The pace: how far apart two POSTs to Tango start. Pure; what it decides is kept in storage.

Tango takes one POST /orders a second and answers 429 to the next that arrives early (Tango docs, Manage
orders, Create an order). What counts is when a request arrives, so spacing is counted from the moment the
previous one was *written* to its socket: a start that was held up by a slow handshake would otherwise arrive
close before the next.
"""

from datetime import datetime, timedelta
from typing import Final

#: Beyond the interval, for the difference between writing here and arriving there. Measured over loopback
#: with idle and busy processors: 5 ms gave no early arrival in any run; without it every third gap was short.
_MARGIN: Final = timedelta(milliseconds=5)

#: While a POST has begun and is not yet written, no other starts; if the process dies there, this long. Within a
#: process the worker waits for as long as it takes. A handshake is given up after 5 s for each address of the host,
#: and after 5 s more for TLS (bot/tango/client.py); the rest is for a slow name server.
_HOLD: Final = timedelta(seconds=30)

#: The furthest that the next start is ever put ahead: a Retry-After is honoured up to 60 s (bot/tango/envelope.py).
_LONGEST: Final = timedelta(seconds=61)


class Pace:
    """At most `orders_per_second` starts, over all threads and restarts.

    Args:
        orders_per_second: Tango allows 1.0; more only against a stand-in.
    """

    def __init__(self, orders_per_second: float) -> None:
        self._interval = timedelta(seconds=1 / orders_per_second) + _MARGIN

    @property
    def interval(self) -> timedelta:
        """From one start to the next."""
        return self._interval

    def hold(self, now: datetime) -> datetime:
        """No other start before this, unless the POST that begins now is written earlier."""
        return now + _HOLD

    def next_start(self, written_at: datetime) -> datetime:
        """When the next POST may start, after one was written. Rounded up to the millisecond kept in storage."""
        return written_at + self._interval + timedelta(milliseconds=1)

    def believes(self, next_start_at: datetime, now: datetime) -> bool:
        """Whether a start is ever put so far ahead; else the machine's clock was put back in the meantime."""
        return next_start_at - now <= max(_LONGEST, 2 * self._interval)
