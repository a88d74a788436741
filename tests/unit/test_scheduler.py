"""The jobs go on whatever the machine's clock is set to."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest

from bot.scheduler import Interval, Scheduler
from tests.kit.factories import NOON, FakeClock

#: Seconds after which a job that has not run will not.
PATIENCE: Final = 20


class Runs:
    """A job that tells how often it ran."""

    def __init__(self) -> None:
        self._ran = threading.Semaphore(0)

    def __call__(self) -> None:
        self._ran.release()

    def again(self, within: float = PATIENCE) -> bool:
        """Return whether it has run once more."""
        return self._ran.acquire(timeout=within)


@pytest.fixture
def job(clock: FakeClock) -> Iterator[tuple[Scheduler, Runs]]:
    """A scheduler with a job of every hour, which has run once."""
    scheduler, runs = Scheduler(clock), Runs()
    scheduler.every(timedelta(hours=1), runs, name="job")
    scheduler.start()
    assert runs.again(), "at the start"
    yield scheduler, runs
    scheduler.stop()


@pytest.mark.parametrize("by", [timedelta(hours=-1), timedelta(days=-800), timedelta(days=800)], ids=str)
def test_every_job_runs_at_once_when_somebody_has_set_the_clock(
    job: tuple[Scheduler, Runs], clock: FakeClock, by: timedelta
):
    scheduler, runs = job
    clock.set(clock.now() + by)
    scheduler.compare()
    assert runs.again()


def test_time_that_passes_and_a_corrected_second_run_nothing_early(job: tuple[Scheduler, Runs], clock: FakeClock):
    scheduler, runs = job
    clock.advance(600)
    scheduler.compare()
    clock.set(clock.now() - timedelta(seconds=1))
    scheduler.compare()
    assert not runs.again(within=0.2)


def test_a_clock_that_jumps_ahead_makes_up_for_nothing():
    every, years_later = timedelta(minutes=1), NOON + timedelta(days=800)
    assert Interval(every).get_next_fire_time(NOON, years_later) == years_later + every
