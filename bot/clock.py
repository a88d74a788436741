"""Time, passed in, so that hours test in milliseconds."""

import time
from datetime import UTC, datetime


class Clock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that pass evenly, also where somebody sets the time; they mean nothing to another process."""
        return time.monotonic()
