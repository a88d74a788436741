"""Time, passed in, so that hours test in milliseconds."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

#: CLOCK_MONOTONIC stands still while a machine sleeps, and what was believed before would be believed on. Linux has a
#: clock that goes on.
_EVEN: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that pass evenly, also where somebody sets the time or the machine sleeps.

        They mean nothing to another process.
        """
        return time.clock_gettime(_EVEN)

    def zero(self) -> datetime:
        """The time, in UTC, at which `monotonic` was 0. It moves only where somebody sets the machine's clock."""
        return self.now() - timedelta(seconds=self.monotonic())
