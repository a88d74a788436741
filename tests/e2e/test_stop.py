"""SIGTERM: nothing new is begun, what Tango answers in time is recorded, and what it does not holds up nobody."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from bot.domain.numbers import order_number
from tests.kit.asked import Asked
from tests.kit.crash import COMMAND, PATIENCE, Gate, Play

#: Of three orders, two wait for the pace when the first has reached Tango.
ASKED = Asked("maya", ("rob", "kim", "sam"), 20, "Thanks, team")


@pytest.fixture
def play(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Play]:
    with Play(tmp_path, http=getattr(request, "param", "http") == "http", orders_per_second=0.5) as play:
        yield play


def test_what_tango_answers_in_time_is_recorded_and_the_rest_is_not_begun(play: Play):
    with Gate(play.tango_url) as gate:
        play.start_bot(tango_url=gate.url)
        approve_and_hold(play, gate)
        assert play.bots[0].process is not None
        play.bots[0].process.terminate()
        play.until(lambda: not answers(play), "the bot to stop serving")
        gate.answers_pass.set()
        assert play.bots[0].process.wait(PATIENCE) == 0

    assert play.statuses() == {"accepted": 1, "queued": 2}
    assert len(play.tango.orders) == 1
    go_on(play)


@pytest.mark.parametrize("play", ["socket"], indirect=True)
def test_a_tango_that_does_not_answer_holds_up_nobody(play: Play):
    with Gate(play.tango_url) as gate:
        play.start_bot(tango_url=gate.url)
        approve_and_hold(play, gate)
        # It would be waited for 60 s, by the bot and then once more by the interpreter.
        assert play.stop_bot() == 0

    assert play.statuses() == {"submitting": 1, "queued": 2}
    go_on(play)


def test_a_bot_that_is_stopped_while_it_starts_ends(play: Play):
    with Gate(play.tango_url) as gate:
        play.start_bot(tango_url=gate.url)  # writes the settings
        play.kill_bot()
        play.database.unlink()  # so that it asks for the catalog first
        gate.hold(answers=True)
        command = [*COMMAND, "--config", str(play.folder / "app.yaml")]
        with play.log.open("ab") as log:
            starting = subprocess.Popen(command, env=play._environment(), stderr=log)
        play.until(gate.answer_came.is_set, "Tango's catalog")
        starting.terminate()
        assert starting.wait(PATIENCE) == 0
    assert "stopped before it served" in play.log.read_text()


def test_the_log_is_json_with_the_ids_of_what_happened(play: Play):
    play.start_bot()
    play.approve(ASKED)
    play.settle()
    play.stop_bot()
    lines = [json.loads(line) for line in play.log.read_text().splitlines()]
    placed = [line for line in lines if line.get("outcome") == "accepted"]
    orders = {order_number(row["request_id"], row["place"]): row for row in play.rows("SELECT * FROM orders")}
    attempts = {row["order_id"]: row["tango_request_id"] for row in play.rows("SELECT * FROM attempts")}

    assert {line["order"] for line in placed} == set(orders)
    assert {orders[line["order"]]["id"]: line["tango_request_id"] for line in placed} == attempts
    assert {line["request_id"] for line in placed} == {1}
    assert lines[-1]["message"] == "Kudos has stopped"
    text = play.log.read_text()
    for private in [
        ASKED.message,
        *(row["email"] for row in orders.values()),
        "xoxb-",
        "xapp-",
        play.tango.platform_key,
    ]:
        assert private not in text


def approve_and_hold(play: Play, gate: Gate) -> None:
    """Approve three orders, and return when the first has reached Tango, whose answer is held."""
    card = play.ask(ASKED)
    gate.hold(answers=True)
    play.alex.click(card, "approve")
    play.until(lambda: play.tango.arrivals, "the first order to arrive")


def answers(play: Play) -> bool:
    """Whether the bot's own server still answers."""
    (port,) = re.findall(r"port: ([0-9]+)", (play.folder / "app.yaml").read_text())
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
            return True
    except (URLError, OSError):
        return False


def go_on(play: Play) -> None:
    """Start again: all that was approved is placed once, and told."""
    play.start_bot()
    play.settle()
    play.check_the_end(ASKED)
