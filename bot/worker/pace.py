"""The pace: how far apart two requests to Tango start. Pure: storage keeps the times and the margin.

Tango takes one POST /orders a second and answers 429 to one that arrives earlier (Tango docs, Manage orders, Create an
order). Arrivals count. So the interval runs from the moment at which the previous request was *written* to its socket:
after a slow handshake it would otherwise arrive close before the next.

A network that jitters brings a request early by the difference of two delays, so the interval has a margin, and the
margin learns: each 429 raises it, each accepted order lowers it a little (`next_margin`).
"""

from datetime import datetime, timedelta
from typing import Final

#: The least margin, and the first. Measured over loopback, with idle and busy processors: with 5 ms no request arrived
#: early in any run; without, every third gap was short.
LEAST_MARGIN: Final = timedelta(milliseconds=5)

#: The largest margin. A network that needs more jitters by half a second; at two thirds of the pace orders still flow,
#: and the 429s show what is wrong.
MOST_MARGIN: Final = timedelta(milliseconds=500)

#: A 429 raises the margin by this and by a quarter of itself: the first steps count where the margin is small, and a
#: bad network is met within the first twenty orders.
_RAISE: Final = timedelta(milliseconds=10)
_RAISE_SHARE: Final = 0.25

#: An accepted order lowers the margin by this share. One 429 in about forty orders then keeps the margin where it is.
#: Simulated with delays of a gamma distribution (shape 2) and a standard deviation of 5, 20 and 50 ms, against the best
#: fixed margin for each: 0.965, 0.910 and 0.831 orders a second against 0.974, 0.924 and 0.852.
_LOWER_SHARE: Final = 0.005

#: While a request has begun and is not yet written, no other starts. If the process dies there, the next process waits
#: this long; within a process the dispatcher waits for as long as it takes. A handshake is given up after 5 s for each
#: address of the host, and after 5 s more for TLS (bot/tango/client.py); the rest is for a slow name server.
_HOLD: Final = timedelta(seconds=30)

#: The next start is never further ahead: a Retry-After is honoured up to 60 s (bot/tango/envelope.py).
_LONGEST: Final = timedelta(seconds=61)

#: By how much the clocks of two bots may differ: each follows PostgreSQL's, to within half of a beat's round trip. A
#: server that answers no beat in a tenth of a second is too slow for three bots anyway.
_CLOCKS_DIFFER: Final = timedelta(milliseconds=50)


def next_margin(margin: timedelta, *, throttled: bool) -> timedelta:
    """Return the margin after an answer of Tango's: larger after a 429, a little smaller after an accepted order."""
    if throttled:
        return min(margin * (1 + _RAISE_SHARE) + _RAISE, MOST_MARGIN)
    return max(margin * (1 - _LOWER_SHARE), LEAST_MARGIN)


class Pace:
    """At most `orders_per_second` starts, over all threads and restarts.

    Args:
        orders_per_second: Tango allows 1.0; more is for a stand-in.
    """

    def __init__(self, orders_per_second: float) -> None:
        self._interval = timedelta(seconds=1 / orders_per_second)

    def interval(self, margin: timedelta) -> timedelta:
        """Return the time from one start to the next."""
        return self._interval + margin

    def hold(self, now: datetime) -> datetime:
        """Return the earliest next start (UTC) while the request that begins now is not written."""
        return now + _HOLD

    def next_start(self, written_at: datetime, margin: timedelta) -> datetime:
        """Return the earliest next start (UTC) once a request was written, rounded up to storage's milliseconds."""
        return written_at + self.interval(margin) + timedelta(milliseconds=1)

    def taken_over(self, written_by: datetime, margin: timedelta, stored: datetime | None) -> datetime:
        """Return the earliest next start (UTC) of a bot that goes on where another ended.

        Args:
            written_by: the other bot writes its last request before then: one interval later is far enough.
            margin: as the other bot left it.
            stored: the next start as the other bot stored it, by its own clock; None where it may have written since.
        """
        latest = self.next_start(written_by, margin)
        return latest if stored is None else min(stored + _CLOCKS_DIFFER, latest)

    def believes(self, next_start_at: datetime, now: datetime) -> bool:
        """Return whether a start can be so far ahead; else the machine's clock was put back in the meantime."""
        return next_start_at - now <= max(_LONGEST, 2 * self.interval(MOST_MARGIN))
