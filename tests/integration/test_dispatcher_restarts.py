"""The queue over deaths and restarts, and its pace by a clock of our own."""

import itertools
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import closing
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from bot.app import Kudos
from bot.domain.order import OrderMove
from bot.domain.problem import Problem
from bot.errors import DatabaseUnwritable
from bot.sandbox.slack import people
from bot.worker.jobs import Claimed
from tests.kit import wording
from tests.kit.bot import PLATFORM_KEY, World, shift_of, take_duty
from tests.kit.factories import NOON, a_recipient, file_request

# ------------------------------------------------------------------------------------------- deaths


def _died_while_submitting(world: World) -> dict[str, Any]:
    """An order as a dead bot leaves it, between the claim and the record of its outcome; the order then."""
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued'"), step=0)
    world.stop()
    world.tango.faults.clear()
    now = int(world.clock.now().timestamp() * 1_000)
    world.write("UPDATE queue SET halted_at = NULL, halt_cause = NULL, probes = 0, probe_at = NULL")
    world.write("UPDATE orders SET status = 'submitting', claimed_at = :now", now=now)
    world.write("INSERT INTO attempts (order_id, started_at) VALUES (1, :now)", now=now)
    return world.one("SELECT external_ref_id, body FROM orders")


@pytest.mark.parametrize("had_arrived", [False, True], ids=["before the POST arrived", "after the POST arrived"])
def test_an_order_that_was_under_way_is_sent_again_under_its_reference(world: World, had_arrived: bool):  # noqa: FBT001
    order = _died_while_submitting(world)
    if had_arrived:
        answer = httpx.post(
            f"{world.tango_server.url}/raas/v2/orders",
            content=order["body"],
            headers={"Content-Type": "application/json"},
            auth=("KudosDemo", PLATFORM_KEY),
            trust_env=False,
        )
        assert answer.status_code == 201
    world.start()
    world.settle()
    (placed,) = world.tango.orders
    assert placed.external_ref_id == order["external_ref_id"]
    assert {arrival.body for arrival in world.tango.arrivals} == {order["body"]}
    assert world.one("SELECT status, outcome_unknown FROM orders") == {"status": "accepted", "outcome_unknown": 0}
    attempts = world.rows("SELECT outcome, detail, http_status FROM attempts ORDER BY id")
    assert {"outcome": "ambiguous", "detail": "interrupted", "http_status": None} in attempts
    assert attempts[-1]["http_status"] == (200 if had_arrived else 201)
    assert len(world.tango.emails) == 1
    assert sum(wording.SENT in m.words for m in world.maya.dms()) == 1
    assert world.rows("SELECT 1 FROM audit WHERE event = 'order.rescued'")


def _died_with_a_resend(world: World, status: str) -> int:
    """A resend as a dead bot leaves it; when it was claimed, in milliseconds."""
    world.place()
    world.stop()
    before = world.one("SELECT last_sent_at FROM orders")["last_sent_at"]
    now = int(world.clock.advance(31).timestamp() * 1_000)
    world.write("UPDATE orders SET last_sent_at = :now", now=now)
    world.write(
        "INSERT INTO resends (order_id, requested_by, requested_at, previous_sent_at, status, readdressed)"
        " VALUES (1, :by, :now, :before, :status, 0)",
        by=people.MAYA,
        now=now,
        before=before,
        status=status,
    )
    return now


def test_a_resend_that_was_under_way_is_not_sent_again_and_its_clock_stands(world: World):
    claimed_at = _died_with_a_resend(world, "sending")
    world.start()
    world.settle()
    assert world.tango.resends == []
    assert world.one("SELECT status FROM resends")["status"] == "unclear"
    assert world.one("SELECT last_sent_at FROM orders")["last_sent_at"] == claimed_at
    world.said(world.maya, wording.UNCLEAR_RESEND)


def test_a_resend_that_was_claimed_is_made_after_the_restart(world: World):
    _died_with_a_resend(world, "claimed")
    world.start()
    world.settle()
    assert len(world.tango.resends) == 1
    assert world.one("SELECT status FROM resends")["status"] == "sent"


# --------------------------------------------------------------------------------------------- pace


class Paced:
    """A bot that is not started: its queue is worked step by step, by a clock that moves when nothing is under way."""

    def __init__(self, world: World) -> None:
        self.world = world
        world.stop()
        world.tango.min_interval = 1.0
        self.bot = self.opened()

    def opened(self) -> Kudos:
        bot = Kudos(self.world._settings(), self.world.clock)
        bot._slack.identify()
        bot._directory.refresh_roles()
        take_duty(bot)
        return bot

    def restart(self) -> None:
        self.bot.stop()
        self.bot = self.opened()

    def approve(self, count: int) -> None:
        for n in range(count):
            recipients = (a_recipient(f"U0MANY{n:03d}"),)
            request = file_request(self.bot._storage, recipients=recipients, requester_id=people.MAYA)
            self.bot._requests.approve(request.reference, people.ALEX)

    def step(self) -> timedelta:
        """Start what may be started; how long until there may be more."""
        return shift_of(self.bot).dispatcher.run_once()

    def finish(self) -> None:
        """Wait until nothing is under way."""
        self._wait_for("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE finished_at IS NULL)")

    def wait_until_written(self, count: int) -> None:
        """Wait until that many POSTs have arrived, and the last is known to have been written."""
        hold = int((self.world.clock.now() + timedelta(seconds=5)).timestamp() * 1_000)
        self._wait_for(f"SELECT 1 FROM queue WHERE next_start_at < {hold}")  # noqa: S608 (a number)
        with self.world.slack.workspace.changed:
            self.world.slack.workspace.changed.wait_for(lambda: len(self.world.tango.arrivals) >= count, 0)

    def _wait_for(self, sql: str) -> None:
        for _ in range(10_000):
            if self.world.rows(sql):
                return
            time.sleep(0.01)
        raise AssertionError("it did not happen")


@pytest.fixture
def paced(tmp_path: Path, database: Path | str) -> Iterator[Paced]:
    """The pace that Tango asks for, on both sides."""
    with World(tmp_path, where=database, settings={"tango": {"orders_per_second": 1.0}}) as world:
        paced = Paced(world)
        yield paced
        paced.bot.stop()


@pytest.mark.file  # PostgreSQL has another way to be busy, and the dispatcher the same way to go on
def test_a_pace_that_could_not_be_stored_is_stored_with_the_next_start(paced: Paced):
    paced.approve(2)
    dispatcher = shift_of(paced.bot).dispatcher
    job = dispatcher._unwritten = dispatcher._claim()  # type: ignore[assignment]
    with closing(sqlite3.connect(paced.world.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # for longer than the bot waits
        dispatcher._mark_written(job)  # type: ignore[arg-type]
    assert isinstance(dispatcher._claim(), timedelta), "not before the second is over"
    paced.world.clock.advance(1.1)
    assert isinstance(dispatcher._claim(), Claimed)


def test_orders_start_a_second_apart_and_no_more(paced: Paced):
    paced.approve(8)
    while len(paced.world.tango.orders) < 8:
        wait = paced.step()
        paced.finish()
        if wait > timedelta(0):
            paced.world.clock.advance(wait.total_seconds())
    times = [arrival.monotonic for arrival in paced.world.tango.arrivals]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) == 7
    assert all(1.0 <= gap <= 1.03 for gap in gaps), gaps
    assert paced.world.tango.early == 0


def test_a_fresh_approval_on_an_idle_queue_starts_at_once(paced: Paced):
    assert paced.step() > timedelta(0)
    paced.approve(1)
    before = paced.world.clock.now()
    assert paced.step() == timedelta(0)
    paced.finish()
    assert len(paced.world.tango.orders) == 1
    assert paced.world.clock.now() == before


def test_a_slow_answer_holds_up_nobody(paced: Paced):
    paced.world.tango.faults.set("slow", seconds=600)
    paced.approve(3)
    for n in range(1, 4):
        assert paced.step() == timedelta(0)
        paced.wait_until_written(n)
        assert paced.step() > timedelta(0), "the next may not start yet"
        paced.world.clock.advance(1.01)
    assert paced.world.one("SELECT count(*) AS n FROM orders WHERE status = 'submitting'")["n"] == 3
    assert paced.world.one("SELECT count(*) AS n FROM attempts WHERE finished_at IS NULL")["n"] == 3
    paced.world.tango_server.stop()
    paced.finish()
    paced.world.tango_server.start()


def _resend(paced: Paced) -> int:
    """A resend that is to be made; its id."""
    storage = paced.bot._storage
    (order,) = storage.resends.find_mailed(requester_id=None, most=1)
    now = paced.world.clock.advance(31)
    claimed = storage.resends.claim(order, requested_by=people.MAYA, sent_before=now, now=now)
    assert claimed is not None
    return claimed


def test_a_rescue_never_takes_what_this_process_still_awaits(paced: Paced):
    paced.approve(1)
    assert paced.step() == timedelta(0)
    paced.finish()
    resend_id = _resend(paced)
    paced.approve(1)
    for endpoint in ("resend", "create"):
        paced.world.tango.faults.set("slow", seconds=600, endpoint=endpoint)
    for arrivals in (1, 2):  # the resend goes first
        assert paced.step() == timedelta(0)
        paced.wait_until_written(arrivals)
        paced.world.clock.advance(1.01)
    begun = paced.world.rows("SELECT * FROM audit")
    paced.world.clock.advance(600)
    for _ in range(2):
        shift_of(paced.bot).dispatcher.rescue_stale(timedelta(minutes=3))
        assert paced.world.rows("SELECT * FROM audit") == begun
        assert paced.world.rows("SELECT 1 FROM orders WHERE status = 'submitting'")
        assert paced.world.rows("SELECT 1 FROM resends WHERE id = :id AND status = 'sending'", id=resend_id)
        paced.world.clock.set(NOON - timedelta(days=1))  # then their claims lie in the future
    paced.world.tango_server.stop()
    paced.finish()
    paced.world.tango_server.start()


@pytest.mark.parametrize("job", ["order", "resend", "question"])
def test_a_process_that_dies_before_it_has_written_costs_half_a_minute(paced: Paced, job: str):
    """Nobody knows when its request arrived; whatever the kind of request, the next process keeps its distance."""
    paced.approve(1)
    if job != "order":
        assert paced.step() == timedelta(0)
        paced.finish()
        paced.world.clock.advance(1.01)
    if job == "resend":
        _resend(paced)
    if job == "question":
        now = paced.world.clock.now()
        assert paced.bot._storage.tango_status.watch(1, now)
    assert not isinstance(shift_of(paced.bot).dispatcher._claim(), timedelta), "and then it dies"
    paced.restart()
    paced.approve(1)
    paced.world.clock.advance(29)
    assert paced.step() > timedelta(0)
    paced.world.clock.advance(2)
    assert paced.step() == timedelta(0)
    paced._wait_for("SELECT 1 FROM orders WHERE id = (SELECT max(id) FROM orders) AND status = 'accepted'")


def _rescued(paced: Paced) -> None:
    """An order that a dead process left is put back by the next one."""
    paced.approve(1)
    assert not isinstance(shift_of(paced.bot).dispatcher._claim(), timedelta)
    paced.restart()
    paced.world.clock.advance(60)
    shift_of(paced.bot).dispatcher.rescue_all()


def test_what_was_rescued_is_sent_an_interval_later_also_by_a_clock_that_is_put_forward(paced: Paced):
    _rescued(paced)
    paced.world.clock.set(paced.world.clock.now() + timedelta(seconds=2))
    assert paced.step() > timedelta(0)
    paced.world.clock.advance(1.01)
    assert paced.step() == timedelta(0)
    paced.finish()


def test_what_was_rescued_is_sent_an_interval_later_also_after_another_restart(paced: Paced):
    _rescued(paced)
    paced.restart()
    assert paced.step() > timedelta(0)
    paced.world.clock.advance(1.01)
    assert paced.step() == timedelta(0)
    paced.finish()


def test_the_pace_holds_over_a_restart(paced: Paced):
    paced.approve(2)
    paced.step()
    paced.finish()
    paced.restart()
    assert paced.step() > timedelta(0)
    paced.world.clock.advance(1.01)
    assert paced.step() == timedelta(0)
    paced.finish()
    assert paced.world.tango.early == 0
    assert len(paced.world.tango.orders) == 2


def test_a_429_widens_the_margin_and_a_restart_remembers_it(paced: Paced):
    paced.world.tango.faults.set("too_many", times=2)
    paced.approve(2)
    for _ in range(3):  # two refusals, and the order that passes
        assert paced.step() == timedelta(0)
        paced.finish()
        paced.world.clock.advance(2)
    learnt = paced.bot._storage.queue.state().margin
    assert learnt > timedelta(milliseconds=25)
    assert f"kudos_pace_margin_seconds {learnt.total_seconds()}" in paced.bot._metrics.render().decode()
    paced.restart()
    assert paced.step() == timedelta(0)
    paced.finish()
    paced.world.clock.advance(1.02)  # enough for a bot that begins to learn anew
    paced.approve(1)
    assert paced.step() > timedelta(0)
    paced.world.clock.advance(0.02)
    assert paced.step() == timedelta(0)
    paced.finish()


def test_the_pace_holds_although_the_clock_is_put_forward(paced: Paced):
    paced.approve(2)
    paced.step()
    paced.finish()
    paced.world.clock.set(paced.world.clock.now() + timedelta(seconds=2))
    paced.world.clock.advance(0.99)
    assert paced.step() > timedelta(0)
    paced.world.clock.advance(0.02)
    assert paced.step() == timedelta(0)
    paced.finish()


def test_nothing_begins_before_the_last_is_written_however_long_that_takes(paced: Paced):
    paced.approve(2)
    dispatcher, gate = shift_of(paced.bot).dispatcher, Event()
    busy = [dispatcher._slots._pool.submit(gate.wait) for _ in range(60)]
    paced.step()  # waits for a thread, as it might for a name server
    paced.world.clock.advance(600)
    assert paced.step() > timedelta(0)
    assert paced.world.one("SELECT count(*) AS n FROM orders WHERE status = 'submitting'")["n"] == 1
    gate.set()
    wait(busy)
    paced.finish()


def test_what_tango_asked_for_is_not_forgotten_when_another_is_written(paced: Paced):
    storage = paced.bot._storage
    storage.queue.throttle(paced.world.clock.now() + timedelta(seconds=30))
    storage.queue.set_next_start(paced.world.clock.now() + timedelta(seconds=1))
    paced.approve(1)
    paced.world.clock.advance(29)
    assert paced.step() > timedelta(0)
    paced.world.clock.advance(2)
    assert paced.step() == timedelta(0)
    paced.finish()


def test_orders_that_a_wrong_clock_put_off_are_sent_when_it_is_right_again(paced: Paced):
    paced.world.clock.set(NOON + timedelta(days=2))
    paced.approve(2)
    paced.bot._storage.orders.claim(paced.world.clock.now())  # and then the bot dies
    paced.bot.stop()
    paced.world.clock.set(NOON)
    paced.bot = paced.opened()
    shift_of(paced.bot).dispatcher.rescue_all()
    for _ in range(2):
        paced.world.clock.advance(1.01)
        assert paced.step() == timedelta(0)
        paced.finish()
    assert len(paced.world.tango.orders) == 2
    assert paced.world.tango.early == 0


@pytest.mark.parametrize("kind", ["resends", "watches", "inquiries"])
def test_while_orders_wait_everything_else_has_every_second_start_at_the_most(paced: Paced, kind: str):
    storage, clock = paced.bot._storage, paced.world.clock
    paced.approve(4)
    for number in range(1, 5):
        order, now = storage.orders.claim(clock.now()), clock.now()
        assert order is not None
        if kind == "inquiries":
            storage.orders.move(order, OrderMove.SET_ASIDE, now=now, outcome_unknown=True, problem=Problem.UNRECORDED)
            storage.inquiries.open(order.id, now=now)
            continue
        storage.orders.move(order, OrderMove.ACCEPT, now=now, reference_order_id=f"RA{number}", last_sent_at=now)
        if kind == "watches":
            storage.tango_status.watch(order.id, now)
        else:
            assert storage.resends.claim(order, requested_by=people.MAYA, sent_before=now, now=now)
    clock.advance(31)
    paced.approve(3)
    before = len(paced.world.tango.requests)
    while len(paced.world.tango.requests) < before + 7:
        if (wait := paced.step()) > timedelta(0):
            clock.advance(max(wait.total_seconds(), 0.01))
        paced.finish()
    methods = [(one.method, one.path.endswith("/resends")) for one in paced.world.tango.requests[before:][:7]]
    other, placing = ("POST", True) if kind == "resends" else ("GET", False), ("POST", False)
    assert methods == [placing, other, placing, other, placing, other, other]


def test_the_clock_may_be_put_back(paced: Paced):
    paced.approve(2)
    paced.step()
    paced.finish()
    paced.world.clock.set(NOON - timedelta(days=1))
    assert paced.step() <= timedelta(seconds=1.1), "an hour's wait would be an hour without orders"


def test_the_clock_may_be_put_back_after_a_start_that_could_not_be_stored(
    paced: Paced, monkeypatch: pytest.MonkeyPatch
):
    paced.approve(1)
    queue, calls = shift_of(paced.bot).dispatcher._storage.queue, itertools.count()
    stored = queue.set_next_start

    def fails_once(at: datetime) -> None:
        if next(calls) == 1:  # the first is the hold of the claim
            raise DatabaseUnwritable("The disk is full.")
        stored(at)

    monkeypatch.setattr(queue, "set_next_start", fails_once)
    paced.step()
    paced.finish()
    paced.world.clock.advance(2)
    paced.step()  # nothing is due; the start is stored now
    paced.world.clock.set(NOON - timedelta(days=1))
    paced.approve(1)
    for _ in range(5):
        paced.world.clock.advance(paced.step().total_seconds() + 0.01)
    paced.finish()
    assert len(paced.world.tango.orders) == 2
    assert paced.world.tango.early == 0
