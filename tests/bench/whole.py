"""The process as a whole: how soon it serves with a long queue, what it occupies, how soon the command line answers."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.bench.bench import Bench
from tests.bench.cast import CROWD
from tests.bench.enqueue import fill
from tests.bench.figures import Table, median_of, ms, times
from tests.bench.processes import Bot, StandIn, Tango

_ROUNDS: Final = 5

_QUEUED: Final = 100_000
_MOST_TO_SERVE: Final = 2.0

#: Beyond what the bot's own commits allow: it sends as fast as it can.
_RAISED_PACE: Final = 10_000.0
_MARKS: Final = (10_000, 25_000, 50_000, 100_000)
_MOST_GROWTH: Final = 1.10
#: Seconds: at 120 orders a second sixty are under way, as many as may be, from the start. With fewer, the thread that
#: the bot starts when there is one more than ever before would look like growth over time.
_ANSWER: Final = 0.5
#: Seconds between two looks at how many were sent: sixty orders or so.
_GLANCE: Final = 0.5
#: No order takes this long, unless the queue stands still.
_PATIENCE: Final = 30.0

_MOST_FOR_HELP: Final = 0.3


def measure(bench: Bench) -> list[Table]:
    """Start, memory, command line."""
    with ExitStack() as open_:
        folder = bench.new_folder()
        slack = open_.enter_context(StandIn(folder, "slack")).url
        return [_start(bench, slack), _memory(bench, slack), _command_line(bench)]


def _start(bench: Bench, slack: str) -> Table:
    queued = bench.either(_QUEUED, 2_000)
    table = Table(
        "Start to serving",
        ("", "median", "slowest"),
    )
    table.note(f"From the process's start until /readyz answers 200. {_ROUNDS} starts each, taking turns.")
    with ExitStack() as open_:
        folders = [bench.new_folder() for _ in range(2)]
        tango = open_.enter_context(Tango(bench.new_folder())).url
        with bench.doing(f"queueing {queued:,} orders"):
            fill(folders[1] / "kudos.db", queued, due=datetime.now(UTC), in_one_commit=1_000)
        took: list[list[float]] = [[], []]
        with bench.doing("start to serving"):
            for _ in range(_ROUNDS):
                for folder, seconds in zip(folders, took, strict=True):
                    with Bot(folder, slack=slack, tango=tango) as bot:
                        seconds.append(bot.wait())
    table.add("with an empty file", f"{median_of(took[0]):.2f} s", f"{max(took[0]):.2f} s")
    table.add(
        f"with {queued:,} queued orders",
        f"{median_of(took[1]):.2f} s",
        f"{max(took[1]):.2f} s",
        target=f"< {_MOST_TO_SERVE:g} s",
        met=median_of(took[1]) < _MOST_TO_SERVE,
    )
    return table


def _memory(bench: Bench, slack: str) -> Table:
    marks = _MARKS if not bench.quick else tuple(mark // 100 for mark in _MARKS)
    table = Table(
        "Memory over a long run", ("After", "resident", "to the first mark", "orders/s since the last", "told")
    )
    table.note(
        "Resident memory of the whole bot, in one run. The pace is so high that the bot's own work limits it: two "
        "commits and a request before the next start, and what the pace adds to each interval (6 ms). Answers take "
        f"{_ANSWER:g} s, so that as many orders are under way as ever may be. {len(CROWD):,} people get the rewards "
        "and the messages. told is the part of the notices that Slack has accepted by then. It accepts one a second "
        "for each person and channel, so the cards of the approvals channel wait in the file."
    )
    with ExitStack() as open_:
        folder = bench.new_folder()
        tango = open_.enter_context(Tango(folder, min_interval=0, seconds=_ANSWER)).url
        with bench.doing("queueing"):
            fill(folder / "kudos.db", marks[-1], due=datetime.now(UTC), in_one_commit=100, people=CROWD)
        bot = open_.enter_context(Bot(folder, slack=slack, tango=tango, orders_per_second=_RAISED_PACE))
        bot.wait()
        first, before, since = 0, 0, time.monotonic()
        for mark in marks:
            with bench.doing(f"memory: until {mark:,} orders are sent"):
                sent = _until_sent(bot, mark)
            resident, now = bot.resident, time.monotonic()
            judged = first > 0 and not bench.quick  # the first orders bring the threads that send them
            first = first or resident
            table.add(
                f"{sent:,} orders",
                f"{resident / 2**20:.1f} MiB",
                times(resident / first),
                f"{(sent - before) / (now - since):.0f}",
                f"{_told(bot.database):.1%}",
                target=f"≤ {_MOST_GROWTH:.2f} ×" if judged else "",
                met=resident / first <= _MOST_GROWTH if judged else None,
            )
            before, since = sent, now
    return table


def _command_line(bench: Bench) -> Table:
    command = Path(sys.executable).with_name("kudos")
    ways: Sequence[tuple[str, list[str]]] = (
        ("python -c pass", [sys.executable, "-c", "pass"]),
        ("kudos --help", [str(command), "--help"]),
    )
    took: list[list[float]] = [[], []]
    with bench.doing("kudos --help"):
        for _ in range(bench.either(15, 5)):
            for (_, words), seconds in zip(ways, took, strict=True):
                seconds.append(_run(words))
    table = Table("Command line", ("", "median", "slowest"))
    table.note("Whole processes, taking turns.")
    table.add(ways[0][0], ms(median_of(took[0])), ms(max(took[0])))
    met = median_of(took[1]) < _MOST_FOR_HELP
    table.add(ways[1][0], ms(median_of(took[1])), ms(max(took[1])), target=f"< {_MOST_FOR_HELP:g} s", met=met)
    return table


def _run(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _until_sent(bot: Bot, mark: int) -> int:
    """Wait until that many orders were sent; how many they are by then."""
    last, moved = 0, time.monotonic()
    with closing(sqlite3.connect(f"file:{bot.database}?mode=ro", uri=True)) as connection:
        while True:
            # Each order is sent once, to a stand-in that refuses none. A table's last row is found at once; to count
            # would be to read all that there are, time and again, beside what is measured.
            sent: int = connection.execute("SELECT coalesce(max(id), 0) FROM attempts").fetchone()[0]
            if sent >= mark:
                return sent
            if sent > last:
                last, moved = sent, time.monotonic()
            if time.monotonic() > moved + _PATIENCE:
                raise RuntimeError(f"The bot sends no orders:\n{bot.errors()}")
            time.sleep(_GLANCE)


def _told(database: Path) -> float:
    """The part of the notices that were told."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        waiting, last = connection.execute(
            "SELECT count(*), (SELECT max(id) FROM outbox) FROM outbox WHERE status IN ('pending', 'sending')"
        ).fetchone()
        return 1.0 - float(waiting / last)
