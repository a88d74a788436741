"""kill -9 of the bot at each named point, then a start: each order placed once, every notice told."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.slack.errors import SlackTrouble
from tests.kit import wording
from tests.kit.asked import Asked
from tests.kit.crash import PATIENCE, Gate, Play, nobody_answers

pytestmark = pytest.mark.timeout(300)  # the machine may be busy with the other tests

ROB = Asked("maya", ("rob",), 25, "Thank you for the launch")
KIM = Asked("maya", ("kim",), 40, "Thank you for the drawings")


@contextmanager
def beside(act: Callable[[], Any]) -> Iterator[Future[Any]]:
    """Let a person act while the test goes on."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(act)


# ------------------------------------------------------------------------ after commit, before ack


def test_a_request_that_was_committed_but_not_acked_is_one_request_when_submitted_again(tmp_path: Path):
    with Play(tmp_path, http=True) as play:
        play.start_bot()
        form = play.form(ROB)
        assert play.slack.request_url is not None
        with Gate(play.slack.request_url) as gate:
            play.slack.request_url = gate.url
            gate.hold(answers=True)
            with beside(lambda: play.maya.submit(form, play.values(ROB))) as submitted:
                play.until(lambda: play.rows("SELECT 1 FROM requests"), "the commit")
                play.kill_bot()
                gate.cut()
                with pytest.raises(SlackTrouble, match="trouble connecting"):
                    submitted.result()
        play.start_bot()
        assert play.maya.submit(form, play.values(ROB)).closed  # it still stood there, with what was typed
        play.alex.click(play.until(lambda: play.card(ROB)), "approve")
        play.until(lambda: play.statuses()["accepted"] == 1, "the order to be placed")
        play.settle()
        play.check_the_end(ROB)
        assert play.rows("SELECT count(*) AS n FROM audit WHERE event = 'request.filed'") == [{"n": 1}]


def test_an_approval_that_was_committed_but_not_acked_is_one_order_when_clicked_again(tmp_path: Path):
    with Play(tmp_path, http=True) as play:
        play.start_bot()
        card = play.ask(ROB)
        assert play.slack.request_url is not None
        with Gate(play.slack.request_url) as gate:
            play.slack.request_url = gate.url
            gate.hold(answers=True)
            with beside(lambda: play.alex.click(card, "approve")) as clicked:
                play.until(lambda: play.rows("SELECT 1 FROM requests WHERE status = 'approved'"), "the commit")
                play.kill_bot()
                gate.cut()
                with pytest.raises(SlackTrouble, match="didn't respond"):
                    clicked.result()
        play.start_bot()
        play.alex.click(card, "approve")
        play.sam.click(card, "approve")
        for approver in (play.alex, play.sam):
            (refusal,) = approver.wait_for(approver.ephemerals, PATIENCE)
            assert "<@U00ALEX00> already approved" in refusal.text
        play.settle()
        play.check_the_end(ROB)


# ------------------------------------------------------------------------------- around the POST


def test_killed_after_the_claim_before_the_post_was_written(tmp_path: Path):
    with Play(tmp_path) as play, nobody_answers() as nobody:
        play.start_bot()  # the catalog is fetched now, and believed for half a day
        play.kill_bot()
        play.start_bot(tango_url=f"https://127.0.0.1:{nobody.getsockname()[1]}")
        play.alex.click(play.ask(ROB), "approve")
        play.until(lambda: play.statuses()["submitting"], "the claim")
        play.kill_bot()
        assert play.statuses() == {"submitting": 1}
        play.start_bot()
        play.settle()
        play.check_the_end(ROB)
        assert len(play.tango.arrivals) == 1


def test_killed_after_the_post_was_written_and_arrived(tmp_path: Path):
    with Play(tmp_path) as play, Gate(play.tango_url) as gate:
        play.start_bot(tango_url=gate.url)
        card = play.ask(ROB)
        gate.hold(answers=True)
        play.alex.click(card, "approve")
        play.wait_for_arrival()
        play.kill_bot()
        gate.cut()
        assert play.statuses() == {"submitting": 1}
        play.start_bot()
        play.settle()
        play.check_the_end(ROB)
        assert len(play.tango.arrivals) > 1  # the same reference came again, and made no second order


def test_killed_after_a_post_was_written_that_never_arrived(tmp_path: Path):
    with Play(tmp_path) as play, Gate(play.tango_url) as gate:
        play.start_bot(tango_url=gate.url)
        card = play.ask(ROB)
        gate.hold(requests=True)
        play.alex.click(card, "approve")
        play.until(gate.request_came.is_set, "the POST to be written")
        play.kill_bot()
        gate.cut()
        assert play.statuses() == {"submitting": 1}
        assert play.tango.arrivals == []
        play.start_bot()
        play.settle()
        play.check_the_end(ROB)
        assert [arrival.status for arrival in play.tango.arrivals] == [201]


def test_killed_after_the_answer_before_it_was_recorded(tmp_path: Path):
    with Play(tmp_path) as play, Gate(play.tango_url) as gate:
        play.start_bot(tango_url=gate.url)
        card = play.ask(ROB)
        gate.hold(answers=True)
        play.alex.click(card, "approve")
        play.until(gate.answer_came.is_set, "Tango's answer")
        # The pace was noted, so that the bot writes next when it records the answer.
        sql = "SELECT 1 FROM queue, orders WHERE next_start_at < claimed_at + 5000"
        play.until(lambda: play.rows(sql), "the pace")
        with closing(sqlite3.connect(play.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            gate.answers_pass.set()
            play.until(lambda: "POST /orders: 201" in play.log.read_text(), "the bot to have the answer")
            play.kill_bot()
            other.execute("ROLLBACK")
        assert play.statuses() == {"submitting": 1}
        play.start_bot()
        play.settle()
        play.check_the_end(ROB)
        assert [arrival.status for arrival in play.tango.arrivals] == [201, 200]


# ----------------------------------------------------------------------------------- the notices


def test_killed_after_the_record_before_the_notice(tmp_path: Path):
    with Play(tmp_path) as play:
        play.start_bot()
        card = play.ask(ROB)
        play.settle()
        play.slack.faults.set("slow", method="chat.postMessage", seconds=60)  # far longer than it takes to kill the bot
        play.alex.click(card, "approve")
        play.until(lambda: play.statuses()["accepted"], "the record")
        play.until(lambda: play.rows("SELECT 1 FROM outbox WHERE status = 'sending'"), "a try to tell")
        play.kill_bot()
        assert play.rows("SELECT 1 FROM outbox WHERE kind = 'reward_on_its_way' AND status <> 'sent'")
        play.slack.faults.clear()
        play.start_bot()
        play.settle()
        play.check_the_end(ROB)


# ----------------------------------------------------------------------------------- the resends


def put_back_the_mail_clock(play: Play) -> None:
    """As if half a minute had passed since the e-mail: the bot is down, and the stand-in waives its own wait."""
    with closing(sqlite3.connect(play.database)) as db:
        db.execute("UPDATE orders SET last_sent_at = last_sent_at - 31000")
        db.commit()
    play.tango.resend_cooldown = 0


def test_a_resend_is_never_lost_before_its_call_and_never_repeated_after_it(tmp_path: Path):
    with Play(tmp_path) as play, nobody_answers() as nobody:
        play.start_bot()
        play.alex.click(play.ask(ROB), "approve")
        play.settle()
        play.kill_bot()
        # Claimed and not begun: the POST before it cannot begin either, and holds it up.
        put_back_the_mail_clock(play)
        play.start_bot(tango_url=f"https://127.0.0.1:{nobody.getsockname()[1]}")
        play.alex.click(play.ask(KIM), "approve")
        play.until(lambda: play.statuses()["submitting"], "the claim")
        play.maya.command("/resend", "1")
        play.kill_bot()
        assert resends(play) == ["claimed"]
        play.start_bot()
        play.settle()
        assert resends(play) == ["sent"]
        play.kill_bot()
        # Its call under way: nobody knows, and a second mail is no remedy.
        put_back_the_mail_clock(play)
        play.tango.faults.set("slow", endpoint="resend", seconds=60, times=1)  # the same
        play.start_bot()
        assert "again" in play.maya.command("/resend", "1").ephemerals[0].text
        play.until(lambda: len(play.tango.resends) == 2, "the resend to arrive")
        play.kill_bot()
        assert resends(play) == ["sent", "sending"]
        play.start_bot()
        assert wording.TOO_SOON in play.maya.command("/resend", "1").ephemerals[0].text  # the cooldown stands
        play.settle()
        play.check_the_end(ROB, KIM)
        assert resends(play) == ["sent", "unclear"]
        assert len(play.tango.resends) == 2
        told = [message.text for message in play.maya.dms() if not message.ephemeral]
        assert sum("(R-1)" in text and wording.SENT_AGAIN in text for text in told) == 1
        assert sum("(R-1)" in text and wording.UNCLEAR_RESEND in text for text in told) == 1


def resends(play: Play) -> list[str]:
    return [row["status"] for row in play.rows("SELECT status FROM resends ORDER BY id")]


def test_stopped_politely_while_tango_thinks_it_records_the_answer_and_ends(tmp_path: Path):
    with Play(tmp_path) as play:
        play.start_bot()
        play.tango.faults.set("slow", seconds=1, times=1)
        play.alex.click(play.ask(ROB), "approve")
        play.wait_for_arrival()
        assert play.stop_bot() == 0
        assert play.statuses() == {"accepted": 1}
        play.start_bot()
        play.settle()
        play.check_the_end(ROB)
        assert len(play.tango.arrivals) == 1
