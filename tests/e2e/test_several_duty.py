"""Several bots on PostgreSQL: whoever is on duty dies, freezes or is cut off, and each order is placed once.

The long forms, which last as long as they say, run where `KUDOS_TEST_CHAOS` is set. How soon another bot takes over is
measured by `make bench`.
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from bot.sandbox.postgres import PostgresServer
from tests.kit.asked import Asked
from tests.kit.crash import BUSY_PACE, Gate
from tests.kit.several import Several

pytestmark = pytest.mark.timeout(300)  # the machine may be busy with the other tests

NIGHTLY: Final = os.environ.get("KUDOS_TEST_CHAOS") is not None

ROB: Final = Asked("maya", ("rob",), 25, "Thank you for the launch")

#: Seconds for which the one on duty stands still, and for which Tango thinks, without a change of duty. The short ones
#: leave a machine that is busy with other tests room before the three seconds are over; an answer takes longer anyway.
STILL: Final = 2.0 if NIGHTLY else 0.8
THINKS: Final = 30.0 if NIGHTLY else 4.0


@pytest.fixture
def play(postgres: PostgresServer, tmp_path: Path) -> Iterator[Several]:
    with Several(tmp_path, postgres) as play:
        yield play


@pytest.fixture
def busy(postgres: PostgresServer, tmp_path: Path) -> Iterator[Several]:
    """Bots with a server of their own, which may be killed, and much to send."""
    with postgres.another() as server, Several(tmp_path, server, orders_per_second=BUSY_PACE, extras=21) as play:
        yield play


def test_another_sends_the_order_of_a_bot_that_was_killed_before_tangos_answer(play: Several):
    with Gate(play.tango_url) as gate:
        first = play.wait_until_ready(play.begin(tango_url=gate.url))
        assert play.on_duty() is first
        play.start(2)
        card = play.ask(ROB)
        gate.hold(answers=True)
        play.alex.click(card, "approve")
        play.wait_for_arrival()
        first.kill()
        gate.cut()
        play.next_on_duty(first)
        play.settle()
        play.check_the_end(ROB)
    assert len({arrival.external_ref_id for arrival in play.tango.arrivals}) == 1
    assert len(play.tango.arrivals) > 1, "the same reference came again"


def test_a_frozen_bot_is_followed_and_sends_nothing_when_it_wakes(postgres: PostgresServer, tmp_path: Path):
    with Several(tmp_path, postgres, extras=21) as play, Gate(play.tango_url) as gate:
        first = play.wait_until_ready(play.begin(tango_url=gate.url))
        [second] = play.start()
        play.until(lambda: "standing by" in play.log.read_text(), "the second to say that it stands by")
        asked = play.a_crowd(0)
        play.approve(asked)
        play.until(lambda: len(play.tango.arrivals) > 2, "some of the orders")
        first.send(signal.SIGSTOP)
        play.next_on_duty(first)
        gate.hold(requests=True)  # and note whether there is one
        assert play.statuses()["queued"] > 2, "it finds much to send when it wakes"
        first.send(signal.SIGCONT)
        play.until(lambda: "No longer on duty" in play.log.read_text(), "the first to notice")
        play.settle()
        assert not gate.request_came.is_set()

        # The next to die is the one that took over: the first has the duty again, as a bot that never stood still.
        gate.requests_pass.set()
        second.kill()
        assert play.on_duty() is first
        play.approve(ROB)
        play.settle()
        play.check_the_end(asked, ROB)
    assert gate.request_came.is_set()


def check_nothing_is_written(play: Several, gate: Gate) -> None:
    """The one bot behind the gate ends its attempt without a request."""
    ended = "POST /orders: not connected"
    play.until(lambda: gate.request_came.is_set() or ended in play.log.read_text(), "the end of the attempt")
    assert not gate.request_came.is_set()


def test_a_bot_that_froze_before_it_wrote_a_request_does_not_write_it_when_it_wakes(play: Several):
    """It has claimed the order, and waits for the connection, which comes about while it stands still."""
    with Gate(play.tango_url) as gate:
        first = play.wait_until_ready(play.begin(tango_url=gate.url))
        assert play.on_duty() is first
        play.start()
        card = play.ask(ROB)
        gate.shut()
        play.alex.click(card, "approve")
        play.until(lambda: play.statuses()["submitting"], "the claim")
        first.send(signal.SIGSTOP)
        gate.open()
        play.next_on_duty(first)
        play.settle()
        gate.request_came.clear()
        first.send(signal.SIGCONT)
        check_nothing_is_written(play, gate)
        play.check_the_end(ROB)
    assert len(play.tango.arrivals) == 1


def test_a_bot_that_does_not_know_that_the_server_ended_its_line_writes_nothing_once_another_has_begun(play: Several):
    """It has claimed the order, and waits for the connection, which comes about when another bot has begun."""
    with Gate(play.url) as line, Gate(play.tango_url) as gate:
        first = play.wait_until_ready(play.begin(url=line.url, tango_url=gate.url))
        assert play.on_duty() is first
        play.start()
        card = play.ask(ROB)
        gate.shut()
        play.alex.click(card, "approve")
        play.until(lambda: play.statuses()["submitting"], "the claim")
        line.hold(answers=True)
        play.end_line()
        gate.request_came.clear()
        play.until(lambda: play.tango.arrivals, "the other to begin")
        gate.open()
        play.settle()
        check_nothing_is_written(play, gate)
        line.cut()
        play.check_the_end(ROB)
    assert len(play.tango.arrivals) == 1


def test_a_bot_that_stands_still_for_a_moment_and_a_slow_tango_change_no_duty(play: Several):
    [first, _] = play.start(2)
    play.tango.faults.set("slow", seconds=THINKS, times=1)
    play.approve(ROB)
    play.wait_for_arrival()
    first.send(signal.SIGSTOP)
    time.sleep(STILL)
    first.send(signal.SIGCONT)
    play.settle()
    assert play.on_duty() is first
    assert play.term() == 1
    play.check_the_end(ROB)
    assert len(play.tango.arrivals) == 1


def test_a_bot_whose_line_to_the_database_swallows_everything_is_followed(play: Several):
    with Gate(play.url) as line, Gate(play.tango_url) as gate:
        first = play.wait_until_ready(play.begin(url=line.url, tango_url=gate.url))
        play.start()
        card = play.ask(ROB)
        gate.hold(answers=True)
        play.alex.click(card, "approve")
        play.wait_for_arrival()
        line.hold(requests=True, answers=True)
        play.next_on_duty(first)
        gate.hold(requests=True)
        gate.answers_pass.set()  # what Tango said is known to a bot that can't record it
        play.until(lambda: play.statuses()["accepted"] == 1, "the other to be told the same")
        assert not gate.request_came.is_set()
        line.cut()
        play.wait_until_ready(first)
        play.settle()
        play.check_the_end(ROB)
    assert {arrival.status for arrival in play.tango.arrivals} == {201, 200}


def test_nothing_is_lost_while_the_databases_server_is_killed(busy: Several):
    busy.start(2)
    asked = [busy.a_crowd(number) for number in range(2)]
    for each in asked:
        busy.approve(each)
    busy.until(lambda: len(busy.tango.arrivals) > 5, "some of the orders")
    busy.kill_server()
    time.sleep(1)  # nobody can be on duty
    busy.start_server()
    busy.on_duty()
    busy.settle()
    busy.check_the_end(*asked)


def test_bots_are_stopped_and_started_one_after_another_and_orders_go_on(busy: Several):
    old = busy.start(2)
    asked = [busy.a_crowd(number) for number in range(3)]
    for each in asked:
        busy.approve(each)
    for bot in old:
        busy.until(lambda: len(busy.tango.arrivals), "orders")
        assert bot.stop() == 0
        busy.start()
    busy.settle()
    busy.check_the_end(*asked)
    assert len(busy.tango.arrivals) == 60, "each order was sent once"
