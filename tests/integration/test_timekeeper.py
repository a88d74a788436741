"""The clock is doubted and believed again: in a process, over restarts, with and without a word of Tango's."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from bot.domain.audit import AuditEvent
from bot.errors import TangoUnavailable
from bot.tango.outcomes import Reason
from bot.usecases.timekeeper import Timekeeper
from storage import Storage
from tests.kit.factories import MAYA, NOON, FakeClock

YEARS: Final = timedelta(days=800)
DAY: Final = 86_400


def unreachable() -> None:
    """Be a Tango that does not answer."""
    raise TangoUnavailable(reason=Reason.NOT_CONNECTED)


def started(storage: Storage, clock: FakeClock, ask: Callable[[], object] = unreachable) -> Timekeeper:
    """Return the timekeeper of a bot that has just started."""
    return Timekeeper(storage=storage, clock=clock, ask=ask)


@pytest.fixture
def keeper(storage: Storage, clock: FakeClock) -> Timekeeper:
    """A bot that has been running, and has seen its clock."""
    keeper = started(storage, clock)
    assert keeper.confirms()
    return keeper


def test_a_fresh_file_has_nothing_to_lose(storage: Storage, clock: FakeClock):
    assert started(storage, clock).confirms()
    assert storage.timekeeper.seen_at() == NOON


def test_a_clock_that_jumps_is_doubted_until_it_is_back(keeper: Timekeeper, storage: Storage, clock: FakeClock):
    clock.set(NOON + YEARS)
    assert not keeper.believes()
    assert not keeper.confirms()
    assert storage.timekeeper.seen_at() == NOON
    clock.advance(60)
    clock.set(NOON + timedelta(seconds=60))
    assert keeper.confirms()


def test_a_restart_makes_a_wrong_clock_no_more_right(keeper: Timekeeper, storage: Storage, clock: FakeClock):
    del keeper
    clock.set(NOON + YEARS)
    for _ in range(3):
        clock.advance(DAY - 60)  # it stands, and the bot is started again before it has stood for a day
        again = started(storage, clock)
        assert not again.confirms()
        clock.advance(60)
        assert not again.believes()


def test_a_jump_is_believed_when_it_has_stood_for_a_day(keeper: Timekeeper, storage: Storage, clock: FakeClock):
    clock.set(NOON + YEARS)
    assert not keeper.confirms()
    clock.advance(DAY - 1)
    assert not keeper.confirms()
    clock.advance(1)
    assert keeper.confirms()
    assert storage.timekeeper.seen_at() == clock.now()
    assert started(storage, clock).believes()


def test_a_bot_that_was_off_for_weeks_asks_tango_once_and_goes_on(
    keeper: Timekeeper, storage: Storage, clock: FakeClock
):
    del keeper
    clock.set(NOON + timedelta(days=30))
    asked: list[None] = []

    def tango() -> None:
        asked.append(None)
        again.hear(clock.now())

    again = started(storage, clock, tango)
    assert not again.believes()
    assert again.confirms()
    assert again.confirms()
    assert len(asked) == 1


def test_tango_is_not_asked_while_nothing_is_in_doubt(keeper: Timekeeper, clock: FakeClock):
    clock.advance(90 * DAY)
    assert keeper.confirms(), "unreachable() would have failed to tell, and the jump would be doubted"


def test_a_clock_that_tango_contradicts_is_never_believed(keeper: Timekeeper, storage: Storage, clock: FakeClock):
    keeper.hear(NOON)
    clock.set(NOON + YEARS)
    for _ in range(5):
        clock.advance(DAY // 2)
        keeper.hear(clock.right())
        assert not keeper.confirms()
    assert storage.timekeeper.seen_at() == NOON


def test_an_upgrade_on_a_wrong_clock_is_noticed_by_the_last_event(tmp_path: Path):
    storage = Storage.open(tmp_path / "kudos.db")
    storage.audit.add(AuditEvent.REQUEST_WITHDRAWN, now=NOON, actor=MAYA, request_id=1)
    for statement in ("DROP TABLE clock", "DELETE FROM _sqlite_migrations WHERE name = 'm014_clock'"):
        storage._database.execute(statement)
    storage.close()
    storage = Storage.open(tmp_path / "kudos.db")
    assert storage.timekeeper.seen_at() == NOON
    assert not started(storage, FakeClock(NOON + YEARS)).confirms()
    storage.close()
