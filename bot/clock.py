"""Time, passed in, so that hours test in milliseconds."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that pass evenly, also where somebody sets the time; they mean nothing to another process."""
        return time.monotonic()

    def zero(self) -> datetime:
        """The time, in UTC, at which `monotonic` was 0. It moves only where somebody sets the machine's clock."""
        return self.now() - timedelta(seconds=self.monotonic())
