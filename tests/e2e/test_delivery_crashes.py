"""kill -9 of the bot while it gives a reward, then a start: the recipient has it, and the requester hears so once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.slack import ShownMessage
from tests.kit import wording
from tests.kit.asked import Asked
from tests.kit.crash import Gate, Play

ROB = Asked("maya", ("rob",), 25, "Thank you for the launch")


class Giving(Play):
    """A play in which rewards are given by direct message."""

    def values(self, asked: Asked) -> dict[str, Any]:
        return super().values(asked) | {"delivery": "message"}

    def gifts(self) -> list[ShownMessage]:
        """What Rob was given, each time with the code that Tango has for him."""
        (order,) = self.tango.orders
        return [message for message in self.slack.person("rob").dms() if order.code in message.words]

    def check_it_was_given(self) -> None:
        """The requester heard it, once, and it is written down."""
        told = [message for message in self.maya.dms() if message.text.startswith(wording.DELIVERED)]
        assert len(told) == 1
        (order,) = self.rows("SELECT delivered_at FROM orders")
        assert order["delivered_at"] is not None
        (code,) = {order.code for order in self.tango.orders}
        assert code.encode() not in self.database.read_bytes()
        assert code not in self.log.read_text()


@contextmanager
def nobody_can_write(database: Path) -> Iterator[None]:
    """Hold the file's one write lock."""
    with closing(sqlite3.connect(database, isolation_level=None, timeout=10)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


def approve_and_see_the_question(play: Giving, *, answered_after: float) -> None:
    """Have the order placed, and wait until Tango was asked for the reward, which it answers late."""
    play.tango.faults.set("slow", endpoint="get", seconds=answered_after, times=1)
    play.approve(ROB)
    play.until(lambda: not play.tango.faults.active(), "the question, which uses the fault up")


def test_killed_while_tango_was_asked_for_the_reward(tmp_path: Path):
    with Giving(tmp_path) as play, Gate(play.tango_url) as gate:
        play.start_bot(tango_url=gate.url)
        approve_and_see_the_question(play, answered_after=60)  # far longer than it takes to kill the bot
        play.kill_bot()
        gate.cut()
        assert play.gifts() == []
        play.start_bot()
        play.settle()
        assert len(play.gifts()) == 1
        play.check_it_was_given()
        play.check_the_end(ROB)


def test_killed_after_slack_took_the_reward_before_that_was_written(tmp_path: Path):
    with Giving(tmp_path) as play, Gate(play.tango_url) as gate:
        play.start_bot(tango_url=gate.url)
        approve_and_see_the_question(play, answered_after=3)
        gate.hold(answers=True)
        play.until(lambda: not play.rows("SELECT 1 FROM outbox WHERE status = 'pending'"), "the other notices")
        with nobody_can_write(play.database):
            gate.answers_pass.set()
            play.until(play.gifts, "the reward")
            play.kill_bot()
        play.start_bot()
        play.settle()
        assert len(play.gifts()) == 2, "told twice, never not at all"
        play.check_it_was_given()
        play.check_the_end(ROB)


@pytest.mark.parametrize("status", ["COMPLETE", "FAILED"])
def test_killed_while_tango_has_not_finished(tmp_path: Path, status: str):
    with Giving(tmp_path) as play:
        play.start_bot()
        play.tango.faults.set("pending_then_complete", after_gets=1_000)
        play.approve(ROB)
        play.until(lambda: play.rows("SELECT 1 FROM orders WHERE watch_at IS NOT NULL"), "the watch")
        play.kill_bot()
        (order,) = play.tango.orders
        play.tango.finish(order.reference_order_id, status)
        with closing(sqlite3.connect(play.database)) as db:  # as if ten seconds had passed
            db.execute("UPDATE orders SET watch_at = 0")
            db.commit()
        play.start_bot()
        play.until(lambda: play.rows("SELECT 1 FROM orders WHERE watch_at IS NULL"), "the end")
        play.settle()
        if status == "COMPLETE":
            assert len(play.gifts()) == 1
            play.check_it_was_given()
            play.check_the_end(ROB)
        else:
            assert any(wording.FAILED in message.text for message in play.maya.dms())
            assert play.slack.person("rob").dms() == []
