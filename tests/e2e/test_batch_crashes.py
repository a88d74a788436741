"""A batch while its bot dies again and again: each row is placed once, as it was typed, and nobody by hand waits."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from bot.sandbox.slack import ShownMessage, people
from handlers.ids import Action
from handlers.views.messages import asking_text
from tests.kit.asked import Asked
from tests.kit.crash import BUSY_PACE, REWARD, Play

pytestmark = pytest.mark.timeout(300)  # the machine may be busy with the other tests

ROB: Final = Asked("sam", ("rob",), 25, "Thank you for the launch")

#: As many as may be pasted. All together are below the amount for which two people have to approve.
ROWS: Final = [(f"U00X{number:05}", Decimal(number) / 100 + 1, f"Hi {number}") for number in range(1, 101)]

#: How many orders are placed when the bot is killed.
KILLS: Final = (20, 40, 60, 80)

#: How long an order by hand may wait while a batch is sent, in seconds.
SOON: Final = 2


def ask_for_all(play: Play) -> ShownMessage:
    """Paste the list and ask for it; its card."""
    form = play.until(lambda: play.maya.command("/kudos", "batch").modal, "the form")
    play.maya.options(form, Action.BATCH_REWARD, "")
    text = "\n".join(f"{user_id} {amount} {message}" for user_id, amount, message in ROWS)
    play.maya.submit(form, {"reward": REWARD, "list": text})
    window = play.until(lambda: now if (now := play.maya.modal) and asking_text() not in now.words else None)
    assert play.maya.submit(window).closed
    return play.until(lambda: next(iter(cards(play)), None), "the card")


def cards(play: Play) -> list[ShownMessage]:
    return [card for card in play.alex.messages(people.APPROVALS) if Action.BATCH_ROWS in card.action_ids]


def kill_at(play: Play, placed: int) -> None:
    play.until(lambda: play.statuses()["accepted"] >= placed, f"{placed} orders to be placed")
    play.kill_bot()
    play.start_bot()


def test_each_row_is_placed_once_over_kills_and_an_order_by_hand_does_not_wait(tmp_path: Path):
    with Play(tmp_path, orders_per_second=BUSY_PACE, extras=len(ROWS)) as play:
        play.start_bot()
        play.alex.click(ask_for_all(play), "approve")
        first, *others = KILLS
        kill_at(play, first)
        card = play.ask(ROB)
        before = len(play.tango.arrivals)
        play.alex.click(card, "approve")
        play.until(lambda: any(order.message == ROB.message for order in play.tango.orders), "the order by hand")
        bodies = [arrival.body or b"" for arrival in play.tango.arrivals]
        place = next(number for number, body in enumerate(bodies) if ROB.message.encode() in body)
        assert place - before <= SOON * BUSY_PACE
        for placed in others:
            kill_at(play, placed)
        play.until(lambda: play.statuses() == {"accepted": len(ROWS) + 1}, "all orders to be placed")
        play.until(lambda: not play.rows("SELECT 1 FROM requests WHERE untold = 1"), "the last word")
        play.settle()

        play.check_the_file()
        play.check_the_spacing()
        placed_for = Counter((order.recipient_email, order.amount, order.message) for order in play.tango.orders)
        users = {user_id: play.slack.person(handle) for (user_id, _, _), handle in zip(ROWS, play.crowd, strict=True)}
        wanted = [(str(users[user_id].account.email), amount, message) for user_id, amount, message in ROWS]
        assert placed_for == Counter([*wanted, (str(play.slack.person("rob").account.email), Decimal(25), ROB.message)])
        assert play.rows("SELECT count(*) AS n FROM audit WHERE event = 'order.accepted'") == [{"n": len(ROWS) + 1}]
