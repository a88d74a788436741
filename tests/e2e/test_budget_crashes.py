"""Budgets while bots die: a kill loses no cent and doubles none, on a file and with three bots on PostgreSQL."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest

from bot.sandbox.postgres import PostgresServer
from bot.sandbox.slack import people
from bot.sandbox.slack.delivery import Unanswered
from bot.sandbox.slack.errors import SlackTrouble
from tests.kit.asked import Asked
from tests.kit.crash import PATIENCE, REWARD, Gate, Play
from tests.kit.front import Front
from tests.kit.payloads import a_request_form, a_submission
from tests.kit.reservations import check_reservations
from tests.kit.several import Several

pytestmark = pytest.mark.timeout(300)  # the machine may be busy with the other tests

ROB: Final = Asked("maya", ("rob",), 25, "Thank you for the launch")

#: Room for seven rewards of 25 dollars, for each.
SEVEN: Final = "budgets: [{name: Everyone, each: true, amount: 175 USD, per: month}]\n"
BOTS: Final = 3
SUBMITS: Final = 50


def test_a_kill_between_commit_and_answer_reserves_once_and_frees_once(tmp_path: Path):
    with Play(tmp_path, http=True) as play:
        play.more = SEVEN
        play.start_bot()
        form = play.form(ROB)
        assert play.slack.request_url is not None
        with Gate(play.slack.request_url) as gate, ThreadPoolExecutor(1) as person:
            play.slack.request_url = gate.url
            gate.hold(answers=True)
            submitted = person.submit(play.maya.submit, form, play.values(ROB))
            play.until(lambda: play.rows("SELECT 1 FROM requests"), "the commit")
            play.kill_bot()
            gate.cut()
            with pytest.raises(SlackTrouble):
                submitted.result()
        play.start_bot()
        assert check_reservations(play.rows) == 25_00
        assert play.maya.submit(form, play.values(ROB)).closed
        assert check_reservations(play.rows) == 25_00

        card = play.until(lambda: play.card(ROB))
        with Gate(play.tango_url) as gate:
            play.kill_bot()
            play.start_bot(tango_url=gate.url)
            gate.hold(answers=True)
            play.alex.click(card, "approve")
            play.until(lambda: play.tango.arrivals, "the arrival")
            play.kill_bot()
            gate.cut()
        assert check_reservations(play.rows) == 25_00
        play.start_bot()
        play.settle()
        assert check_reservations(play.rows) == 25_00
        play.check_the_end(ROB)


def test_fifty_submits_to_three_bots_share_the_room_for_seven_though_one_is_killed(
    postgres: PostgresServer, tmp_path: Path
):
    with (
        Several(tmp_path, postgres, http=True) as play,
        Front(lambda: [bot.port for bot in play.running]) as front,
        ThreadPoolExecutor(SUBMITS) as everyone,
    ):
        play.more = SEVEN
        play.slack.request_url = f"{front.url}/slack/events"
        play.slack._courier.ack_seconds = PATIENCE
        bots = play.start(BOTS)

        def begin(who: str) -> list[Future[Any]]:
            return [everyone.submit(_submit, play, who, number) for number in range(SUBMITS)]

        answers = [answer.result() for answer in begin(people.MAYA)]
        assert front.answered == {bot.port for bot in bots}
        _check_shared(play, people.MAYA, answers)

        # One is killed while it takes some of the first: what it had not committed reserves nothing.
        first = begin(people.PRIYA)
        play.until(lambda: play.rows(_OF, who=people.PRIYA), "a request")
        bots[0].kill()
        for answer in first:
            answer.result()
        assert 175_00 < check_reservations(play.rows) <= 2 * 175_00
        _check_shared(play, people.PRIYA, [answer.result() for answer in begin(people.PRIYA)])


_OF: Final = "SELECT status FROM requests WHERE requester_id = :who"


def _submit(play: Several, who: str, number: int) -> Any:
    """Submit a form; the same one each time. Return what it is told, or None if that is nothing."""
    entered = a_request_form([people.ROB], REWARD, "25")
    form = a_submission(play.slack, who, "request", entered, view_id=f"V0{who}{number}")
    with suppress(Unanswered):  # of the bot that is killed
        return play.slack.deliver("interactive", form)
    return None


def _check_shared(play: Several, who: str, answers: Sequence[Any]) -> None:
    """Check that seven of somebody's fifty requests are there, and what the others were told."""
    refused = [answer["errors"] for answer in answers if answer]
    assert play.rows(_OF, who=who) == 7 * [{"status": "pending_approval"}]
    assert len(refused) == SUBMITS - 7
    assert all(list(errors) == ["amount"] and "$0.00" in errors["amount"] for errors in refused)
    assert check_reservations(play.rows) % 175_00 == 0
