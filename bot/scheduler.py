"""APScheduler's ticks: they wake and tidy, and hold no state. The pace is not theirs: see bot/worker/pace.py."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler

logger = logging.getLogger(__name__)

#: The catalog is asked for about twice a day at the most (Tango docs, Manage catalog).
CATALOG_EVERY: Final = timedelta(hours=12)

#: How soon a catalog that could not be had is asked for again, how old a group's membership may be at a click,
#: and how often unrecorded attempts are looked for.
MINUTE: Final = timedelta(minutes=1)

#: How old the account's balance may be among the metrics. It falls by an order a second at the most.
BALANCE_EVERY: Final = timedelta(minutes=5)

#: How often is looked for what has been kept long enough, in days.
DAY: Final = timedelta(days=1)


class Scheduler:
    """Runs jobs now and then, each in its own thread, none twice at a time."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def every(self, interval: timedelta, job: Callable[[], None], *, name: str) -> None:
        """Run `job` once at the start, and then every `interval`. What it raises is logged."""
        self._scheduler.add_job(
            job,
            "interval",
            seconds=interval.total_seconds(),
            name=name,
            next_run_time=datetime.now(UTC),
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """End, without waiting for a job that waits for the network."""
        if self._scheduler.running:  # what was never begun can be ended, too
            self._scheduler.shutdown(wait=False)
