"""A batch while its bot dies again and again: each row is placed once, as its file has it, and nobody by hand waits.

`KUDOS_TEST_BATCH` says how many rows the file has; 5,000 take a quarter of an hour.
"""

import csv
import os
from collections import Counter
from decimal import Decimal
from functools import partial
from pathlib import Path
from time import sleep
from typing import Final

import pytest

from bot.sandbox.slack import ShownMessage, people
from handlers.ids import Action
from tests.kit.asked import Asked
from tests.kit.crash import BUSY_PACE, REWARD, Play, console

COUNT: Final = int(os.environ.get("KUDOS_TEST_BATCH", "100"))

pytestmark = pytest.mark.timeout(300 + COUNT)  # the machine may be busy with the other tests

ROB: Final = Asked("sam", ("rob",), 25, "Thank you for the launch")

#: An amount and a message for each of the crowd.
ROWS: Final = [
    (f"extra-{number}@acme.example", Decimal(100 + number % 100) / 100, f"Hi {number}")
    for number in range(1, COUNT + 1)
]

#: Orders a second: more where there are thousands.
PACE: Final = max(BUSY_PACE, COUNT / 100)

#: How many orders are placed when the bot is killed.
KILLS: Final = range(step := max(COUNT // 12, 20), COUNT, step)

#: What is counted: orders that are placed, notices that wait, and batches whose messages are behind.
UNTOLD: Final = "SELECT count(*) AS n FROM requests WHERE untold = 1"
PLACED: Final = "SELECT count(*) AS n FROM orders WHERE status = 'accepted'"
WAITING: Final = "SELECT count(*) AS n FROM outbox WHERE status IN ('pending', 'sending')"

#: Seconds between two looks.
LOOK_EVERY: Final = 0.1

#: How long an order by hand may wait while a batch is sent, in seconds.
SOON: Final = 2


def ask_for_all(play: Play) -> ShownMessage:
    """Have the file checked on the terminal, and ask for it in Slack; its card."""
    file = play.folder / "many.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([("email", "amount", "message"), *ROWS])
    said = console(play, "batch", str(file), "--for", people.MAYA, "--reward", REWARD)
    assert said.returncode == 0, said.stderr
    ready = play.until(lambda: next((m for m in play.maya.dms() if Action.BATCH_ASK in m.action_ids), None), "the DM")
    play.maya.click(ready, Action.BATCH_ASK)
    return play.until(lambda: next(iter(cards(play)), None), "the card")


def cards(play: Play) -> list[ShownMessage]:
    return [card for card in play.alex.messages(people.APPROVALS) if Action.BATCH_ROWS in card.action_ids]


def approve(play: Play, card: ShownMessage) -> None:
    """Approve the batch, by two people where it is so large that it needs two."""
    play.alex.click(card, "approve")
    if play.rows("SELECT 1 FROM requests WHERE batch = 1 AND status = 'pending_approval'"):
        play.sam.click(cards(play)[-1], "approve")


def count(play: Play, sql: str) -> int:
    """A count of the bot's file; not taken without a break, because the bot is to be busy with the batch."""
    sleep(LOOK_EVERY)
    found: int = play.rows(sql)[0]["n"]
    return found


def wait_for_placed(play: Play, wanted: int) -> None:
    """Wait until so many orders are placed: as long as it takes, while more and more are."""
    while (placed := count(play, PLACED)) < wanted:
        play.until(partial(_is_more, play, placed), f"more than {placed} orders to be placed")


def _is_more(play: Play, placed: int) -> bool:
    return count(play, PLACED) > placed


def kill_at(play: Play, placed: int) -> None:
    wait_for_placed(play, placed)
    play.kill_bot()
    play.start_bot()


def wait_for_the_end(play: Play) -> None:
    """Wait until all is sent and told, in the same way."""
    wait_for_placed(play, COUNT + 1)
    play.until(lambda: not count(play, UNTOLD), "the last word")
    while waiting := count(play, WAITING):
        play.until(partial(_is_less, play, waiting), f"fewer than {waiting} notices")


def _is_less(play: Play, waiting: int) -> bool:
    return count(play, WAITING) < waiting


def test_each_row_is_placed_once_over_kills_and_an_order_by_hand_does_not_wait(tmp_path: Path):
    with Play(tmp_path, orders_per_second=PACE, extras=COUNT) as play:
        play.start_bot()
        approve(play, ask_for_all(play))
        first, *others = KILLS
        kill_at(play, first)
        card = play.ask(ROB)
        before = len(play.tango.arrivals)
        play.alex.click(card, "approve")
        play.until(lambda: any(order.message == ROB.message for order in play.tango.orders), "the order by hand")
        bodies = [arrival.body or b"" for arrival in play.tango.arrivals]
        place = next(number for number, body in enumerate(bodies) if ROB.message.encode() in body)
        assert place - before <= SOON * PACE
        for placed in others:
            kill_at(play, placed)
        wait_for_the_end(play)

        play.check_the_file()
        play.check_the_spacing()
        placed_for = Counter((order.recipient_email, order.amount, order.message) for order in play.tango.orders)
        assert placed_for == Counter([*ROWS, (str(play.slack.person("rob").account.email), Decimal(25), ROB.message)])
        assert play.rows("SELECT count(*) AS n FROM audit WHERE event = 'order.accepted'") == [{"n": COUNT + 1}]
