"""Whether the machine's clock is believed, where what follows from it can't be taken back.

Names are removed, requests expire and references get too old by that clock. A clock that is wrong for a minute must do
none of this. So a clock that has jumped is doubted until somebody else's agrees, or until it has stood for a day.

Clocks are compared by their zero: the time that they had when the monotonic clock was at 0. A zero moves only where
somebody sets the clock, or where the machine slept.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

#: What is removed or ended was kept for days: a clock that is wrong by less does no harm. Nor is the clock doubted
#: after a bot was off for less.
JUMP: Final = timedelta(days=1)

#: A jump that has stood for so long is believed: somebody would have seen it, and a bot that can't ask anybody must not
#: keep names for ever.
STANDS_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """A clock, as it was read.

    Attributes:
        zero: the time of the clock, UTC, at which the monotonic clock was 0.
        at: when it was read, on the monotonic clock.
    """

    zero: datetime
    at: float

    def age(self, now: float) -> timedelta:
        """Return how long ago the clock was read."""
        return timedelta(seconds=now - self.at)

    def agrees(self, zero: datetime) -> bool:
        """Return whether a clock with this zero shows the same time, as far as it matters."""
        return abs(self.zero - zero) <= JUMP


def is_believed(now: Reading, *, seen: Reading, told: Reading | None, doubted: Reading | None) -> bool:
    """Return whether the machine's clock is believed.

    Args:
        now: the machine's clock.
        seen: the same, when it was last believed.
        told: Tango's clock, as its last answer had it; None before the first answer.
        doubted: the machine's clock when the doubt began.
    """
    if told is not None:
        return told.agrees(now.zero)
    if seen.agrees(now.zero):
        return True
    return doubted is not None and doubted.agrees(now.zero) and doubted.age(now.at) >= STANDS_AFTER
