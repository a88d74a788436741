"""Real processes that compete for the duty: one is killed, one is frozen. Another takes over, and nothing is undone."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Final

import pytest

from storage import Storage

ROOT: Final = Path(__file__).parents[2]

#: A change of duty takes three seconds at most; on a busy machine more.
PATIENCE: Final = 30

#: Writes its number again and again for as long as it believes in its duty, and says how that went.
BOT: Final = """
import sys, time
from datetime import timedelta
from bot.errors import StorageError
from storage import Storage
url, number = sys.argv[1:]
storage = Storage.open_for_run(url)
terms = []
def say(*words):  # in one write: print writes the end of the line apart, and two threads say something
    print(" ".join(words) + "\\n", end="", flush=True)
def lose():
    terms.clear()
    say("lost")
def gain(term):
    terms.append(term)
    say("gained", str(term.number))
duty = storage.duty(number)
duty.run(on_gain=gain, on_loss=lose, on_news=lambda news: None)
while True:
    for term in list(terms):
        try:
            storage.fenced(term).queue.set_margin(timedelta(microseconds=int(number)))
        except StorageError as error:
            say("refused", type(error).__name__)
    time.sleep(0.01)
"""


class Process:
    """A bot of that number, and what it says."""

    def __init__(self, url: str, number: int) -> None:
        self.number = number
        self.said: SimpleQueue[list[str]] = SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, "-c", BOT, url, str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.said.put(line.split())

    def send(self, how: signal.Signals) -> None:
        self._process.send_signal(how)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()


@pytest.fixture
def bots(url: str) -> Iterator[list[Process]]:
    """Two bots, of which the first is on duty."""
    with ExitStack() as stack:
        started = []
        for number in (1, 2):
            started.append(Process(url, number))
            stack.callback(started[-1].end)
            if number == 1:
                assert started[0].said.get(timeout=PATIENCE) == ["gained", "1"]
        yield started


def written(storage: Storage) -> int:
    """The number of the bot that wrote last."""
    return storage.queue.state().margin // timedelta(microseconds=1)


def wait_until_written(storage: Storage, number: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while written(storage) != number:
        assert time.monotonic() < deadline, "the bot on duty did not write"
        time.sleep(0.05)


def test_a_killed_bot_is_followed_by_another(bots: list[Process], url: str):
    first, second = bots
    with closing(Storage.open(url)) as storage:
        wait_until_written(storage, 1)
        first.send(signal.SIGKILL)
        assert second.said.get(timeout=PATIENCE) == ["gained", "2"]
        wait_until_written(storage, 2)


def test_a_frozen_bot_is_deposed_and_writes_nothing_when_it_wakes(bots: list[Process], url: str):
    first, second = bots
    with closing(Storage.open(url)) as storage:
        wait_until_written(storage, 1)
        first.send(signal.SIGSTOP)
        assert second.said.get(timeout=PATIENCE) == ["gained", "2"]
        wait_until_written(storage, 2)

        first.send(signal.SIGCONT)
        while (said := first.said.get(timeout=PATIENCE)) != ["lost"]:
            # What it was about to write when it froze, or writes before it knows, is refused.
            assert said[0] == "refused"
        assert written(storage) == 2
        assert second.said.empty(), "the duty stays where it is"
