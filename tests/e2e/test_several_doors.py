"""Several bots on PostgreSQL serve one Slack app: while some die, what people do is answered by the others."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.sandbox.postgres import PostgresServer
from tests.kit.crash import BUSY_PACE
from tests.kit.front import Front
from tests.kit.several import Several

pytestmark = pytest.mark.timeout(300)  # the machine may be busy with the other tests


def test_every_envelope_is_answered_while_two_of_three_bots_die(postgres: PostgresServer, tmp_path: Path):
    with Several(tmp_path, postgres, orders_per_second=BUSY_PACE, extras=4) as play:
        bots = play.start(3)
        asked = [play.a_crowd(number) for number in range(4)]
        play.slack._courier.ack_seconds = 5.0  # of a bot that dies, none comes
        with ThreadPoolExecutor(1) as people:
            done = people.submit(play.ask_patiently, *asked)
            play.until(lambda: len(play.tango.orders) > 2, "some orders")
            bots[0].kill()
            play.until(lambda: len(play.tango.orders) > 5, "more")
            bots[1].kill()
            done.result()
        play.settle()
        play.check_the_end(*asked)
        play.check_the_audit(asked)
    unanswered = [one for one in play.slack._courier.log if one.error]
    assert len(unanswered) <= 2, "one was in the hands of each bot that died, at the most"


def test_bots_behind_a_front_answer_in_turn_and_one_that_died_is_passed_over(postgres: PostgresServer, tmp_path: Path):
    with (
        Several(tmp_path, postgres, http=True, orders_per_second=BUSY_PACE, extras=4) as play,
        Front(lambda: [bot.port for bot in play.running]) as front,
    ):
        play.slack.request_url = f"{front.url}/slack/events"
        bots = play.start(3)
        asked = [play.a_crowd(number) for number in range(3)]
        play.approve(asked[0])
        assert front.answered == {bot.port for bot in bots}

        play.on_duty().kill()
        front.answered.clear()
        play.approve(asked[1])  # nobody is told that it failed
        bots[2].kill()
        play.approve(asked[2])
        assert front.answered == {bots[1].port, bots[2].port}
        play.settle()
        play.check_the_end(*asked)
        play.check_the_audit(asked)
