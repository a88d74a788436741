"""Several bots on PostgreSQL are killed, frozen and stopped at random, and so is the database's server.

Whatever happens, every approved order is placed exactly once as it was approved, the audit log is complete, and nobody
is told more twice than was in hand when something ended. `KUDOS_TEST_CHAOS` says how many orders are approved; without
it, a few. `KUDOS_TEST_SEED` draws again what was drawn.
"""

import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from bot.sandbox.bot_process import BotProcess
from bot.sandbox.postgres import PostgresServer
from tests.kit.several import Several

CHAOS: Final = os.environ.get("KUDOS_TEST_CHAOS")
SEED: Final = os.environ.get("KUDOS_TEST_SEED")

#: In these strokes there is one of each kind.
SHORT_AND_BAD: Final = 288

BOTS: Final = 3

#: Orders in a request: so many requests are enough.
PER_REQUEST: Final = 5

#: A notice and a delivery are in hand at the same time, at the most.
IN_HAND: Final = 2


class Chaos:
    """What goes wrong.

    Args:
        play: whose bots and server it hits.
        drawn: by what it is drawn.
    """

    def __init__(self, play: Several, drawn: random.Random) -> None:
        self._play = play
        self._random = drawn
        self.strokes: list[str] = []

    def strike(self) -> None:
        """Let something go wrong, and what has ended be started again."""
        kind = self._random.choice((self.kill, self.kill, self.freeze, self.stop, self.restart_server, self.end_line))
        self.strokes.append(kind.__name__)
        kind()
        self.fill_up()
        time.sleep(self._random.uniform(0.5, 3))

    def fill_up(self) -> None:
        """Start as many bots as are missing; return before they serve."""
        while len(self._alive()) < BOTS:
            self._play.begin()

    def kill(self) -> None:
        """Kill a bot."""
        self._one().kill()

    def stop(self) -> None:
        """Ask a bot to end."""
        self._one().send(signal.SIGTERM)

    def freeze(self) -> None:
        """Let a bot stand still, for shorter than the duty lasts or for longer."""
        bot = self._one()
        bot.send(signal.SIGSTOP)
        time.sleep(self._random.uniform(0.5, 6))
        bot.send(signal.SIGCONT)

    def restart_server(self) -> None:
        """Kill the database's server."""
        self._play.kill_server()
        time.sleep(self._random.uniform(0, 2))
        self._play.start_server()

    def end_line(self) -> None:
        """Have the server end the connection that has the duty, under a bot that goes on."""
        self._play.end_line()

    def _one(self) -> BotProcess:
        return self._random.choice(self._alive())

    def _alive(self) -> list[BotProcess]:
        return [bot for bot in self._play.running if bot.is_running]


@pytest.mark.timeout(0 if CHAOS else 300)
def test_whatever_ends_each_order_is_placed_once_and_told(postgres: PostgresServer, tmp_path: Path):
    orders, seed = int(CHAOS or 20), int(SEED or (random.randrange(2**32) if CHAOS else SHORT_AND_BAD))
    print(f"KUDOS_TEST_SEED={seed} draws this again")  # noqa: T201 - shown where it fails
    with postgres.another() as server, Several(tmp_path, server, extras=PER_REQUEST + 1) as play:
        play.slack._courier.ack_seconds = 3.0
        play.start(BOTS)
        asked = [play.a_crowd(number) for number in range(orders // PER_REQUEST)]
        chaos = Chaos(play, random.Random(seed))
        with ThreadPoolExecutor(1) as people:
            done = people.submit(play.ask_patiently, *asked)
            while len(chaos.strokes) < orders // 4 or not done.done():
                chaos.strike()
            done.result()
        chaos.fill_up()
        play.settle()
        play.check_the_end(*asked)
        play.check_the_audit(asked)
        assert play.told_twice(asked) <= IN_HAND * len(chaos.strokes), chaos.strokes
        assert set(chaos.strokes) == {"kill", "freeze", "stop", "restart_server", "end_line"}
