"""APScheduler's jobs: they wake and tidy, and hold no state. The pace is not theirs: see bot/worker/pace.py."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler

logger = logging.getLogger(__name__)

#: A catalog that could not be fetched is fetched again this soon: without it nobody can ask for a reward.
CATALOG_RETRY_EVERY: Final = timedelta(minutes=1)

#: Groups decide who may approve and who is an admin: a change in Slack counts at a click a minute later. Names that
#: Slack did not tell when a request was made are asked for again as often.
GROUPS_EVERY: Final = timedelta(minutes=1)

#: An answer that could not be recorded is rare, and its order waits for longer than this anyway.
RESCUE_EVERY: Final = timedelta(minutes=1)

#: The account's balance falls by one order a second at the most: so old it still tells when funds will be out.
BALANCE_EVERY: Final = timedelta(minutes=5)

#: Cards and receipts are rewritten at these distances when a hold begins or ends, as many as Slack takes
#: (bot/usecases/holds.py).
HOLDS_EVERY: Final = timedelta(seconds=10)

#: What has changed is on the card of a pending request an hour later; Slack is asked for each of its people.
REVIEW_EVERY: Final = timedelta(hours=1)

#: Requests expire after days, and the first look after a start or a jump of the clock expires nothing.
EXPIRY_EVERY: Final = timedelta(minutes=10)

#: Retention is set in days.
RETENTION_EVERY: Final = timedelta(days=1)


class Scheduler:
    """Runs jobs at intervals, each in a thread of its own, and never the same job twice at a time."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(timezone=UTC)

    def every(self, interval: timedelta, job: Callable[[], object], *, name: str) -> None:
        """Run `job` once at the start, and then every `interval`. What `job` raises is logged."""
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
        if self._scheduler.running:  # APScheduler refuses to end what never began
            self._scheduler.shutdown(wait=False)
