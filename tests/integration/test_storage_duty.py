"""The duty: one bot has it, another gets it, and who had it writes nothing more."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Final

import psycopg
import pytest

from bot.domain.notices import Decided
from bot.errors import DatabaseInUse
from storage import Storage, Term, Touched
from storage.postgres_duty import DatabaseClock
from tests.kit.crash import Gate
from tests.kit.factories import MAYA, NOON, file_request

#: A change of duty takes half a second to four; on a busy machine more.
PATIENCE: Final = 20

#: The connections that hold the lock of the duty.
HOLDERS: Final = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 1801807874 AND granted"


class Bot:
    """One of several bots: its stores, its duty, and what it was told of it."""

    def __init__(self, url: str, name: str) -> None:
        self.storage = Storage.open_for_run(url)
        self.duty = self.storage.duty(name)
        self.gained: SimpleQueue[Term] = SimpleQueue()
        self.lost: SimpleQueue[bool] = SimpleQueue()
        self.news: SimpleQueue[frozenset[Touched]] = SimpleQueue()

    def run(self) -> None:
        self.duty.run(on_gain=self.gained.put, on_loss=lambda: self.lost.put(True), on_news=self.news.put)

    def stop(self) -> None:
        self.duty.stop()
        self.storage.close()


@pytest.fixture
def a_bot(url: str) -> Iterator[Callable[..., Bot]]:
    """Start a bot on the schema."""
    with ExitStack() as stack:

        def start(name: str, way: str = url) -> Bot:
            bot = Bot(way, name)
            stack.callback(bot.stop)
            bot.run()
            return bot

        yield start


def has_nothing(queue: SimpleQueue[Term]) -> bool:
    """Whether nothing comes for longer than a bot waits before it tries again."""
    try:
        queue.get(timeout=1)
    except Empty:
        return True
    return False


def test_of_two_bots_one_is_on_duty_and_the_other_takes_over_when_it_stops(a_bot: Callable[[str], Bot], url: str):
    first = a_bot("first")
    assert first.gained.get(timeout=PATIENCE) == Term(1, "first")
    second = a_bot("second")
    assert has_nothing(second.gained)
    assert first.duty.is_held()
    assert not second.duty.is_held()

    first.duty.stop()

    assert first.lost.get(timeout=PATIENCE)
    assert not first.duty.is_held()
    term = second.gained.get(timeout=PATIENCE)
    assert term == Term(2, "second")
    assert second.duty.is_held()
    assert second.duty.is_sure(term)
    assert term.overlap == timedelta(0), "the first gave the duty back"


def test_who_takes_the_duty_of_a_bot_that_does_not_know_it_begins_when_that_one_has_stopped(
    a_bot: Callable[..., Bot], url: str
):
    """The server ends a connection, and the bot hears nothing of it."""
    with Gate(url) as line, psycopg.connect(url, autocommit=True) as operator:
        first = a_bot("first", line.url)
        old = first.gained.get(timeout=PATIENCE)
        second = a_bot("second")
        assert first.duty.is_sure(old)
        line.hold(answers=True)
        [(pid,)] = operator.execute(HOLDERS).fetchall()
        operator.execute("SELECT pg_terminate_backend(%s)", [pid])
        new = second.gained.get(timeout=PATIENCE)
        gained_at = time.monotonic()

        last_sure_at = 0.0
        while (asked_at := time.monotonic()) and first.duty.is_sure(old):
            last_sure_at = asked_at
        assert last_sure_at - gained_at <= new.overlap.total_seconds()
        assert new.overlap > timedelta(0)
        line.cut()
    assert second.duty.is_sure(new)
    assert not second.duty.is_sure(Term(2, "second")), "of another term with that number"


def test_a_machine_that_slept_makes_sure_before_it_sends(
    a_bot: Callable[..., Bot], url: str, monkeypatch: pytest.MonkeyPatch
):
    """CLOCK_MONOTONIC stands still while a machine sleeps; CLOCK_BOOTTIME goes on."""
    bot = a_bot("first")
    term = bot.gained.get(timeout=PATIENCE)
    with psycopg.connect(url, autocommit=True) as operator:
        [(pid,)] = operator.execute(HOLDERS).fetchall()
    right, slept = time.clock_gettime, {time.CLOCK_BOOTTIME: 3.0}
    os.kill(pid, signal.SIGSTOP)  # no beat is answered meanwhile
    try:
        assert bot.duty.is_held()
        monkeypatch.setattr(time, "clock_gettime", lambda clock: right(clock) + slept.get(clock, 0.0))
        assert not bot.duty.is_held()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert bot.duty.is_sure(term), "the next beat is waited for"


def test_who_was_deposed_writes_nothing_more(a_bot: Callable[[str], Bot]):
    first = a_bot("first")
    old = first.storage.fenced(first.gained.get(timeout=PATIENCE))
    request = file_request(old)
    first.duty.stop()
    second = a_bot("second")
    new = second.storage.fenced(second.gained.get(timeout=PATIENCE))

    with pytest.raises(DatabaseInUse, match="since term 1; nothing was changed"):
        file_request(old)
    with pytest.raises(DatabaseInUse):
        old.outbox.add(Decided(request.id), MAYA, NOON)  # a write of its own
    assert old.requests.get(request.id) == request, "reading is free"
    assert file_request(new).id > request.id
    assert file_request(first.storage).id, "a bot without the duty serves Slack"


def test_a_connection_that_is_ended_ends_the_duty(a_bot: Callable[[str], Bot], url: str):
    first = a_bot("first")
    first.gained.get(timeout=PATIENCE)
    second = a_bot("second")
    with psycopg.connect(url, autocommit=True) as operator:
        [(pid,)] = operator.execute(HOLDERS).fetchall()
        operator.execute("SELECT pg_terminate_backend(%s)", [pid])

    assert first.lost.get(timeout=PATIENCE)
    for bot in (first, second):  # whoever is faster
        if bot.duty.is_held():
            assert bot.gained.get(timeout=PATIENCE).number == 2


def test_the_duty_is_believed_no_longer_than_the_server_leaves_it(a_bot: Callable[[str], Bot], url: str):
    bot = a_bot("first")
    bot.gained.get(timeout=PATIENCE)
    with psycopg.connect(url, autocommit=True) as operator:
        [(pid,)] = operator.execute(HOLDERS).fetchall()
        os.kill(pid, signal.SIGSTOP)  # the server answers no more, and says nothing
        try:
            stopped = time.monotonic()
            bot.lost.get(timeout=PATIENCE)
            assert not bot.duty.is_held()
            assert time.monotonic() - stopped >= 2, "a short silence is no loss"
        finally:
            os.kill(pid, signal.SIGCONT)
    assert bot.gained.get(timeout=PATIENCE).number == 2


def test_bots_hear_of_each_others_commits_and_not_of_what_was_undone(a_bot: Callable[[str], Bot], url: str):
    listener = a_bot("first")
    listener.gained.get(timeout=PATIENCE)
    with closing(Storage.open(url)) as other:
        request = file_request(other)

        def change_ones_mind() -> None:
            with other.transaction():
                other.outbox.add(Decided(request.id), MAYA, NOON)
                raise LookupError

        with pytest.raises(LookupError):
            change_ones_mind()
        other.queue.pause(NOON)
        other.queue.unpause()

    assert listener.news.get(timeout=PATIENCE) == {Touched.QUEUE}


def test_a_bot_on_a_file_is_always_on_duty_and_each_start_is_a_new_term(tmp_path):
    for number in (1, 2):
        bot = Bot(str(tmp_path / "kudos.db"), "alone")
        assert not bot.duty.is_held()
        bot.run()
        term = bot.gained.get(timeout=PATIENCE)
        assert term == Term(number, "alone")
        assert bot.duty.is_held()
        assert file_request(bot.storage.fenced(term)).id == number
        bot.stop()
        assert bot.lost.get(timeout=PATIENCE)
        assert not bot.duty.is_held()


# ----------------------------------------------------------------------------------------- the clock

AT: Final = datetime(2026, 3, 14, tzinfo=UTC)


class Ticking(DatabaseClock):
    """With a monotonic clock that the test moves."""

    passed = 100.0

    def monotonic(self) -> float:
        return self.passed


def test_the_clock_is_the_databases_and_does_not_tremble_with_the_network():
    clock = Ticking()
    clock.measured(99.0, AT, 101.0)
    assert clock.now() == AT
    clock.passed = 110.0
    clock.measured(109.9, AT + timedelta(seconds=10.05), 110.3)
    assert clock.now() == AT + timedelta(seconds=10), "this agrees with what was measured before"
    clock.passed = 120.0
    clock.measured(119.9, AT + timedelta(seconds=50), 120.1)
    assert abs(clock.now() - AT - timedelta(seconds=50)) <= timedelta(seconds=0.11), "PostgreSQL's clock was set"
