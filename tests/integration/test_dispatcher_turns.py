"""Whose turn it is at Tango: nobody's trouble, late look or stream of resends holds up the orders that wait."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.sandbox.slack import people
from bot.usecases.holds import Holds
from bot.usecases.queue import CONSOLE, QueueControl
from tests.kit.bot import World


def _approve(world: World, **values: Any) -> int:
    """Have an order approved; its id."""
    request_id = world.approve(**values)
    return int(world.one("SELECT id FROM orders WHERE request_id = :id", id=request_id)["id"])


def _status(world: World, order_id: int) -> str:
    return str(world.one("SELECT status FROM orders WHERE id = :id", id=order_id)["status"])


@contextmanager
def _no_threads(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that has no thread left for what goes to Tango."""
    start: Callable[[threading.Thread], None] = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("tango"):
            raise RuntimeError("can't start new thread")
        start(thread)

    with patch.context() as for_now:
        for_now.setattr(threading.Thread, "start", refuse)
        yield


def test_a_thread_that_cannot_be_started_stops_the_queue_for_no_longer_than_that(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    with _no_threads(monkeypatch):
        order_id = _approve(world)
        world.until(lambda: world.rows("SELECT 1 FROM attempts WHERE finished_at IS NOT NULL"))
        assert _status(world, order_id) == "queued", "it surely was not sent"
        world.until(lambda: world.bot.unready() == "the queue's worker stands still", step=5)
    world.settle(step=60)
    world.until(lambda: world.bot.unready() is None, step=0)
    assert _status(world, order_id) == "accepted"
    assert len(world.tango.arrivals) == len(world.tango.orders) == 1
    detail = world.rows("SELECT DISTINCT detail FROM attempts WHERE outcome = 'ambiguous'")
    assert detail == [{"detail": "not connected"}]
    assert world.rows("SELECT 1 FROM orders WHERE outcome_unknown = 1") == []


def test_a_resend_for_which_no_thread_could_be_started_gives_the_clock_back(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    world.place()
    world.stop()
    world.start()  # with no thread yet
    world.clock.advance(31)
    before = world.one("SELECT last_sent_at FROM orders")["last_sent_at"]
    with _no_threads(monkeypatch):
        world.maya.command("/resend", "1")
        world.settle_resends()
    assert world.one("SELECT status, detail FROM resends") == {"status": "refused", "detail": "not connected"}
    assert world.one("SELECT last_sent_at FROM orders")["last_sent_at"] == before
    assert world.tango.resends == []


@pytest.mark.file
def test_what_breaks_off_before_its_call_does_not_stop_the_queue(world: World):
    world.place()
    world.stop()
    world.write("DELETE FROM attempts")
    world.write("DELETE FROM orders")
    world.write(
        "INSERT INTO resends (order_id, requested_by, requested_at, previous_sent_at, status, readdressed)"
        " VALUES (1, :by, :now, :now, 'claimed', 0)",
        by=people.MAYA,
        now=int(world.clock.now().timestamp() * 1_000),
    )
    world.start()
    world.until(lambda: world.one("SELECT status FROM resends")["status"] == "sending")
    order_id = _approve(world)
    world.until(lambda: _status(world, order_id) == "accepted")


def test_while_slack_is_slow_a_late_orders_look_holds_up_no_other_order(world: World):
    storage = world.bot._storage
    control = QueueControl(storage=storage, clock=world.clock, holds=Holds(storage=storage, clock=world.clock))
    control.pause_queue(CONSOLE)
    late = _approve(world, recipients=["rob"])
    world.clock.advance(3_601)
    fresh = _approve(world, recipients=["kim"])
    world.slack.faults.set("slow", method="users.info", seconds=2)
    control.resume_queue(CONSOLE)
    world.until(lambda: _status(world, fresh) == "accepted", step=0.1)
    assert [row["order_id"] for row in world.rows("SELECT order_id FROM attempts")] == [fresh]
    world.slack.faults.clear()
    world.settle()
    assert _status(world, late) == "accepted"
    assert len(world.tango.orders) == 2
