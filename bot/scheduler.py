"""APScheduler's jobs: they wake and tidy, and hold no state. The pace is not theirs: see bot/worker/pace.py."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.clock import Clock
from bot.loop import Worker

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

#: A date is named to the minute, and nobody minds some seconds.
SCHEDULES_EVERY: Final = timedelta(seconds=10)

#: A batch has one message, which Slack takes about once a second at the most: people see it move, and other messages
#: have their turn.
BATCHES_EVERY: Final = timedelta(seconds=3)

#: Admins hear soon that a budget runs out, and the metrics show it as soon as Prometheus asks again.
BUDGETS_EVERY: Final = timedelta(minutes=1)

#: Cards and receipts are rewritten at these distances when a hold begins or ends, as many as Slack takes
#: (bot/usecases/holds.py).
HOLDS_EVERY: Final = timedelta(seconds=10)

#: What has changed is on the card of a pending request an hour later; Slack is asked for each of its people.
REVIEW_EVERY: Final = timedelta(hours=1)

#: A clock that jumps is doubted once it has jumped by a day: when that began is known well enough.
CLOCK_EVERY: Final = timedelta(minutes=10)

#: Requests expire after days.
EXPIRY_EVERY: Final = timedelta(minutes=10)

#: A reminder is due after hours, and is told within a quarter of one: it need not come to the minute.
REMINDERS_EVERY: Final = timedelta(minutes=15)

#: Tango is asked for emails that failed every ten minutes, as soon as no order waits; for one status after the other.
EMAILS_EVERY: Final = timedelta(minutes=1)

#: Tango is asked for its templates twice a day; what a bot missed while it was stopped comes soon after its start.
TEMPLATES_EVERY: Final = timedelta(hours=1)

#: Within the hour of the night that is for it, the lists are compared once.
LISTS_EVERY: Final = timedelta(minutes=30)

#: A role that somebody got or lost is noted within the hour: a review gives days.
ACCESS_EVERY: Final = timedelta(hours=1)

#: Each row of the audit log is behind a head that left the file a day after it was written, and an hour later at most.
HEADS_EVERY: Final = timedelta(hours=1)

#: Retention is set in days. A look by a clock that is in doubt removes nothing, and the next look comes soon enough.
RETENTION_EVERY: Final = timedelta(hours=1)

#: Names go after years. What another version has sent is logged at the first look, which is at once.
GIFT_LOG_EVERY: Final = timedelta(hours=1)

#: How often the machine's clock is compared with the monotonic one, and the difference that counts: a job of every
#: minute is late by ten seconds at the most. NTP corrects less than that without a jump.
_COMPARE_EVERY: Final = timedelta(seconds=10)
_SET: Final = timedelta(seconds=5)


class Interval(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Fires at once, and then each time `every` has passed since the last look.

    APScheduler's own would make up for each minute of the years that a wrong clock jumped ahead.
    """

    def __init__(self, every: timedelta) -> None:
        self._every = every

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return when to fire next."""
        return now if previous_fire_time is None else now + self._every


class Scheduler:
    """Runs jobs at intervals, each in a thread of its own, and never the same job twice at a time.

    APScheduler reckons by the machine's clock: after it was put back an hour no job would run for that hour. So the
    clock is watched, and when somebody has set it, every job runs at once and its interval begins anew.

    Args:
        clock: the machine's, by which APScheduler reckons.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._zero = self._clock.zero()
        self._scheduler = BackgroundScheduler(timezone=UTC)
        self._comparing = Worker("scheduler", self.compare)

    def every(self, interval: timedelta, job: Callable[[], object], *, name: str) -> None:
        """Run `job` once at the start, and then every `interval`. What `job` raises is logged."""
        self._scheduler.add_job(
            job,
            Interval(interval),
            name=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()
        self._comparing.start()

    def compare(self) -> timedelta:
        """Run every job now if somebody has set the machine's clock; return how long until the next comparison."""
        zero = self._clock.zero()
        if abs(zero - self._zero) > _SET:
            logger.warning("The machine's clock was set by %s: every job runs now", zero - self._zero)
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC))
        self._zero = zero
        return _COMPARE_EVERY

    def stop(self) -> None:
        """End, without waiting for a job that waits for the network."""
        self._comparing.stop()
        if self._scheduler.running:  # APScheduler refuses to end what never began
            self._scheduler.shutdown(wait=False)
