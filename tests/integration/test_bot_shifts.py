"""Several bots on one PostgreSQL: each serves Slack, one sends, and another takes over when that one is gone."""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import psycopg
import pytest

from bot.app import Kudos
from bot.errors import ConfigurationError, DatabaseInUse
from bot.sandbox.serve import serve
from bot.worker.jobs import Claimed
from storage.postgres_connection import WRITERS_LOCK
from tests.kit import wording
from tests.kit.bot import CARD, PATIENCE, World, tellers_of

#: The connections that hold the lock of the duty.
HOLDERS: Final = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 1801807874 AND granted"


@pytest.fixture
def world(tmp_path: Path, url: str) -> Iterator[World]:
    """A world whose bot, the first of two, is on duty."""
    with World(tmp_path, where=url) as world:
        yield world


@pytest.fixture
def second(world: World) -> Iterator[Kudos]:
    """The second bot, which stands by, and gets all that people do on Slack."""
    bot = Kudos(world._settings(), world.clock)
    bot.start()
    first = world.slack.request_url
    with serve(bot.web_app()) as door:
        world.slack.request_url = f"{door.url}/slack/events"
        world.until(lambda: bot.unready() is None, step=0)
        yield bot
        world.slack.request_url = first
    bot.stop()


def wait_for_duty(world: World, bot: Kudos) -> None:
    world.until(lambda: bot._shifts.current, step=0)


@contextmanager
def silent(url: str) -> Iterator[None]:
    """Have PostgreSQL answer nothing to the bot on duty, on the connection of the duty."""
    with psycopg.connect(url, autocommit=True) as operator:
        [(pid,)] = operator.execute(HOLDERS).fetchall()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_what_another_bot_took_is_sent_once_by_the_bot_on_duty(world: World, second: Kudos):
    request_id = world.ask()
    assert second._shifts.current is None
    world.alex.click(world.card(request_id), "approve")
    world.settle()

    assert len(world.tango.orders) == len(world.tango.emails) == 1
    assert wording.ORDER_PLACED in world.card(request_id).words
    assert sum(wording.SENT in message.words for message in world.maya.dms()) == 1
    assert second._shifts.current is None
    assert world.one("SELECT term FROM queue")["term"] == 1


def test_a_bot_that_stands_by_is_ready_and_says_so_in_its_figures(world: World, second: Kudos):
    assert world.bot.unready() is None
    assert second.unready() is None
    first, other = (bot._metrics.render().decode() for bot in (world.bot, second))
    assert "kudos_on_duty 1.0" in first
    assert "kudos_duty_changes_total 1.0" in first
    assert "kudos_on_duty 0.0" in other
    assert "kudos_duty_changes_total 0.0" in other
    assert "kudos_account_balance" not in other


def test_when_the_bot_on_duty_stops_the_other_takes_over(world: World, second: Kudos):
    first = world.ask()
    world.tango.faults.set("unavailable_before")
    world.alex.click(world.card(first), "approve")
    world.until(lambda: world.rows("SELECT 1 FROM attempts WHERE outcome = 'ambiguous'"), step=0)
    world.bot.stop()
    wait_for_duty(world, second)
    world.tango.faults.clear()
    world._bot, stopped = second, world._bot
    try:
        world.place()
        world.settle(step=30)
    finally:
        world._bot = stopped

    assert len(world.tango.orders) == 2
    assert len({order.external_ref_id for order in world.tango.orders}) == 2
    assert world.one("SELECT term FROM queue")["term"] == 2


def test_who_was_deposed_sends_nothing_more(world: World, url: str):
    """As a process that stood still: it goes on in the midst of what it was about to send."""
    request_id = world.ask()
    first, deposed = world.bot, world.shift
    notifier, deliverer = tellers_of(first)
    for worker in (deposed.dispatcher, notifier, deliverer):
        worker._worker.stop()
    world.alex.click(world.card(request_id), "approve")
    job = deposed.dispatcher._claim()
    assert isinstance(job, Claimed)
    to_maya = (claimed for claimed in iter(notifier._storage.outbox.claim, None) if claimed.audience == world.maya.id)
    notice = next(to_maya)
    first._duty._stopping.set()  # type: ignore[attr-defined]  # it does not try again
    with psycopg.connect(url, autocommit=True) as operator:
        operator.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE classid = 1801807874 AND granted")

    world._bot = successor = Kudos(world._settings(), world.clock)
    successor.start()
    try:
        wait_for_duty(world, successor)
        world.settle()
        sent, told = len(world.tango.requests), [message.ts for message in world.maya.dms()]
        with pytest.raises(DatabaseInUse, match="nothing was changed"):
            deposed.dispatcher._submit(job)
        with pytest.raises(DatabaseInUse, match="nothing was sent"):
            notifier._try(notice)
    finally:
        world._bot = first
        successor.stop()

    assert [order.external_ref_id for order in world.tango.orders] == [job.order.external_ref_id]
    assert len(world.tango.requests) == sent
    assert [message.ts for message in world.maya.dms()] == told
    assert world.rows("SELECT 1 FROM audit WHERE event = 'order.rescued'")


def test_a_bot_whose_duty_is_in_doubt_sends_nothing(world: World, url: str):
    request_id = world.ask()
    with silent(url):
        world.until(lambda: world.bot._shifts.current is None, step=0)
        world.alex.click(world.card(request_id), "approve")
        assert world.rows("SELECT 1 FROM orders WHERE status = 'queued'")
        assert world.bot.unready() is None, "it serves Slack"
    wait_for_duty(world, world.bot)
    world.settle()
    assert len(world.tango.orders) == 1
    assert "kudos_database_errors_total 0.0" not in world.bot._metrics.render().decode()


class Stuck(logging.Handler):
    """A log that takes no line of a thread, as a pipe that nobody reads. It holds up no other thread."""

    def __init__(self, thread: threading.Thread) -> None:
        super().__init__()
        self._thread = thread
        self.holds, self.passes = threading.Event(), threading.Event()

    def createLock(self) -> None:  # noqa: N802 (of logging)
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread.ident:
            self.holds.set()
            self.passes.wait()


def test_a_bot_whose_queues_worker_hangs_gives_the_duty_up(
    world: World, second: Kudos, url: str, monkeypatch: pytest.MonkeyPatch
):
    request_id = world.ask()
    log = Stuck(world.shift.dispatcher._worker._thread)
    logging.getLogger().addHandler(log)
    try:
        with psycopg.connect(url) as writer:
            writer.execute(f"SELECT {WRITERS_LOCK}".encode())  # until the worker fails, and logs that
            assert log.holds.wait(PATIENCE)
        right = time.clock_gettime
        monkeypatch.setattr(time, "clock_gettime", lambda clock: right(clock) + 21)
        wait_for_duty(world, second)
        world.until(lambda: world.bot._shifts.current is None, step=0)
        world.alex.click(world.card(request_id), "approve")
        world.settle()
    finally:
        log.passes.set()
        logging.getLogger().removeHandler(log)
    assert second._shifts.current is not None
    assert len(world.tango.orders) == 1
    assert world.bot.unready() is None, "it serves Slack, and takes the duty when the other one goes"


def test_a_catalog_that_one_bot_fetched_is_offered_by_all(world: World, second: Kudos):
    world.tango.catalog.remove(CARD)
    world.clock.advance(1)
    world.bot._catalog.refresh()
    world.until(lambda: second._catalog.current.get(CARD) is None, step=0)


def test_the_hold_of_a_bot_that_died_is_not_waited_for(world: World):
    world.stop()
    died_at = int(world.clock.now().timestamp() * 1_000)
    world.write("UPDATE queue SET next_start_at = :held", held=died_at + 30_000)  # in the milliseconds of a watch
    world.start()
    assert world.one("SELECT next_start_at AS at FROM queue")["at"] <= died_at + 1_000


def test_the_first_order_after_a_handover_starts_when_the_other_bot_would_have_started_it(world: World):
    world.stop()
    given_at = int(world.clock.now().timestamp() * 1_000)
    due = given_at - 1_000
    world.write("UPDATE queue SET next_start_at = :due", due=due)
    world.start()
    assert due < world.one("SELECT next_start_at AS at FROM queue")["at"] < given_at, "but for the two clocks"


def test_the_first_order_waits_until_a_bot_that_did_not_give_the_duty_back_has_stopped(world: World):
    world.stop()
    died_at = int(world.clock.now().timestamp() * 1_000)
    world.write("UPDATE queue SET holder = 'another bot'")
    world.start()
    pace = timedelta(seconds=1) / 50
    overlap = world.shift.term.overlap
    assert overlap > timedelta(0)
    wait = (overlap + pace) // timedelta(milliseconds=1)
    assert world.one("SELECT next_start_at AS at FROM queue")["at"] >= died_at + wait


def test_who_adopts_the_database_ends_the_term_of_who_is_on_duty(world: World, url: str):
    world.place()
    first = world.bot
    settings = world._settings()
    other = settings.tango.model_copy(update={"account": "another-account"})
    adopting = Kudos(settings.model_copy(update={"tango": other}), world.clock, adopt=True)
    try:
        world.until(lambda: first._refusal, step=0)
        assert isinstance(first._refusal, ConfigurationError)
        first.stop()
        adopting._shifts.start(adopting._hear)
        wait_for_duty(world, adopting)
    finally:
        adopting.stop()
    with pytest.raises(ConfigurationError, match="another-account"):
        Kudos(world._settings(), world.clock)
