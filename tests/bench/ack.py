"""The ack of the form's submit and of Approve, commit included: beside what it cannot be faster than."""

import asyncio
import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any, Final

import psycopg

from tests.bench.bench import Bench
from tests.bench.cast import APPROVERS, MANAGERS, RECIPIENTS
from tests.bench.figures import Table, median_of, ms, percentile, times
from tests.bench.payloads import approval, submission
from tests.bench.processes import Bot, Process, StandIn, Tango, free_port
from tests.bench.wire import Answered, Line, signed

_ROUNDS: Final = 5

#: Between two requests, so that what one leaves to be done behind its ack is not in the other's time.
_PAUSE: Final = 0.02

#: The same for fifty.
_PAUSE_OF_ALL: Final = 0.2

#: At most so many times an empty listener and a bare commit together.
_MOST: Final = 1.4
_P99_TOGETHER: Final = 0.100

Payloads = Iterator[dict[str, Any]]


def measure(bench: Bench) -> list[Table]:
    """Both acks, alone and with fifty people at once."""
    folder = bench.new_folder()
    with ExitStack() as open_:
        slack = open_.enter_context(StandIn(folder, "slack"))
        tango = open_.enter_context(Tango(folder, seconds=1.5))
        bot = open_.enter_context(Bot(folder, slack=slack.url, tango=tango.url))
        port = free_port()
        open_.enter_context(Process(["-m", "tests.bench.empty_app", str(port)], folder / "empty.log"))
        bot.wait()
        return asyncio.run(_Acks(bench, bot, port, folder).measure())


class _Acks:
    def __init__(self, bench: Bench, bot: Bot, empty_port: int, folder: Path) -> None:
        self._bench = bench
        self._bot = bot
        self._empty_port = empty_port
        self._folder = folder

    async def measure(self) -> list[Table]:
        alone = Table(
            "Ack, one person",
            ("", "p50", "p99", "empty listener p50", "p99", "INSERT + commit p50", "p99", "p50 to the sum", "p99"),
        )
        alone.note(
            "An ack is timed from the first byte sent to the last byte received, over a kept-alive connection. The "
            "bot's ack includes its commit (WAL, synchronous=FULL). The empty listener is in the same Bolt app behind "
            "the same server. INSERT + commit is one row, in a file on the same disk. Requests take turns: bot, "
            f"empty listener, INSERT. Medians of {_ROUNDS} rounds."
        )
        await self._warm_up()
        each = self._bench.either(100, 20)
        with self._bench.doing("ack of the submit"):
            rounds = [await self._round(self._submissions(), each) for _ in range(_ROUNDS)]
        _judge(alone, "submit of /kudos", rounds)
        with self._bench.doing("ack of Approve"):
            rounds = [await self._round(self._approvals(each), each) for _ in range(_ROUNDS)]
        _judge(alone, "Approve", rounds)
        return [alone, await self._together(), await self._in_flight()]

    async def _warm_up(self) -> None:
        """Let the bot get to know everyone, as it does when people open and fill in the form."""
        until = time.monotonic() + 20
        line = await _patient_line(self._empty_port, until)
        await line.close()
        line = await Line.to(self._bot.port)
        await submit_until_taken(line)
        for manager, recipient in zip(MANAGERS, RECIPIENTS, strict=True):
            check(await line.ask(signed(submission(manager, recipient))))
        await line.close()

    async def _round(self, payloads: Payloads, count: int) -> list[list[float]]:
        """The bot's times, the empty listener's, the bare commit's."""
        samples: list[list[float]] = [[], [], []]
        bot, empty = await Line.to(self._bot.port), await Line.to(self._empty_port)
        with bare_commit(self._folder / "bare.db") as commit:
            for _ in range(count):
                request = signed(next(payloads))
                samples[0].append(check(await bot.ask(request)))
                await asyncio.sleep(_PAUSE)
                samples[1].append(check(await empty.ask(request)))
                await asyncio.sleep(_PAUSE)
                samples[2].append(commit())
                await asyncio.sleep(_PAUSE)
        await bot.close()
        await empty.close()
        return samples

    async def _together(self) -> Table:
        people = len(MANAGERS)
        table = Table(
            f"Ack, {people} people at once",
            ("", "p50", "p99", "empty listener p50", "p99"),
        )
        table.note(
            f"{people} connections, one for each person. In the same instant: all send at once and wait for their "
            "answers, and then again. Within the same second: each sends at a random moment of that second. "
            "Meanwhile the queue sends an order a second, each answered after 1.5 s, and notices are sent. "
            f"Bot and empty listener take turns. Medians of {_ROUNDS} rounds."
        )
        both = await self._lines_of_all()
        each = self._bench.either(5, 1)
        for when, spread in (("in the same instant", 0.0), ("within the same second", 1.0)):
            for what, payloads in (
                ("submit of /kudos", self._submissions()),
                ("Approve", self._approvals(_ROUNDS * each * people)),
            ):
                with self._bench.doing(f"ack of {what}, {people} people {when}"):
                    rounds = [await _bursts(both, payloads, each, spread) for _ in range(_ROUNDS)]
                figures = [
                    median_of(percentile(samples[side], percent) for samples in rounds)
                    for side in range(2)
                    for percent in (50, 99)
                ]
                met = figures[1] < _P99_TOGETHER
                target = f"p99 < {_P99_TOGETHER * 1000:.0f} ms"
                table.add(f"{what}, {when}", *map(ms, figures), target=target, met=met)
        for line in itertools.chain(*both):
            await line.close()
        return table

    async def _in_flight(self) -> Table:
        people = len(MANAGERS)
        table = Table(
            f"Answers a second, {people} people kept in flight", ("", "bot", "each in", "empty listener", "each in")
        )
        table.note(
            f"{people} connections, one for each person, who sends again as soon as the answer is there. Bot and empty "
            f"listener take turns. Medians of {_ROUNDS} rounds."
        )
        both = await self._lines_of_all()
        each = self._bench.either(10, 2)
        for what, payloads in (
            ("submit of /kudos", self._submissions()),
            ("Approve", self._approvals(_ROUNDS * each * people)),
        ):
            with self._bench.doing(f"{what}, {people} people kept in flight"):
                rounds = [await _without_pause(both, payloads, each) for _ in range(_ROUNDS)]
            took = [median_of(sides[side] for sides in rounds) for side in range(2)]
            table.add(what, *itertools.chain(*((f"{1 / one:,.0f}", ms(one)) for one in took)))
        for line in itertools.chain(*both):
            await line.close()
        return table

    async def _lines_of_all(self) -> list[list[Line]]:
        """A connection for each person: to the bot, and to the empty listener."""
        return [[await Line.to(port) for _ in MANAGERS] for port in (self._bot.port, self._empty_port)]

    def _submissions(self) -> Payloads:
        while True:
            for manager, recipient in zip(MANAGERS, RECIPIENTS, strict=True):
                yield submission(manager, recipient)

    def _approvals(self, count: int) -> Payloads:
        """Clicks on requests that wait, each on another."""
        for number, (reference, ts) in enumerate(waiting(self._bot.database, count)):
            yield approval(APPROVERS[number % len(APPROVERS)], reference, ts)


async def _bursts(both: Sequence[Sequence[Line]], payloads: Payloads, bursts: int, spread: float) -> list[list[float]]:
    """Everyone sends something, some times over: the bot's times, the empty listener's."""
    samples: list[list[float]] = [[], []]
    moments = Random(bursts)
    for _ in range(bursts):
        sent = [next(payloads) for _ in both[0]]
        for side, lines in enumerate(both):
            asked = [
                _after(moments.random() * spread, line, payload) for line, payload in zip(lines, sent, strict=True)
            ]
            samples[side] += map(check, await asyncio.gather(*asked))
            await asyncio.sleep(_PAUSE_OF_ALL)
    return samples


async def _without_pause(both: Sequence[Sequence[Line]], payloads: Payloads, each: int) -> list[float]:
    """Everyone sends one after another: the seconds that an answer takes of the bot's time, and of the listener's."""
    sent = [[next(payloads) for _ in range(each)] for _ in both[0]]
    took = []
    for side in both:
        # Signed before, because the clients' time is the bot's: they share the machine.
        posts = [[signed(payload) for payload in payloads] for payloads in sent]
        began = time.perf_counter()
        await asyncio.gather(*map(_in_turn, side, posts))
        took.append((time.perf_counter() - began) / (each * len(side)))
        await asyncio.sleep(_PAUSE_OF_ALL)
    return took


async def _in_turn(line: Line, posts: Sequence[bytes]) -> None:
    for post in posts:
        check(await line.ask(post))


async def _after(wait: float, line: Line, payload: dict[str, Any]) -> Answered:
    request = signed(payload)
    await asyncio.sleep(wait)
    return await line.ask(request)


def _judge(table: Table, name: str, rounds: Sequence[Sequence[Sequence[float]]]) -> None:
    def of(side: int, percent: float) -> list[float]:
        return [percentile(samples[side], percent) for samples in rounds]

    ratio = {}
    for percent in (50, 99):
        sides = zip(of(0, percent), of(1, percent), of(2, percent), strict=True)
        ratio[percent] = median_of(bot / (empty + commit) for bot, empty, commit in sides)
    figures = [ms(median_of(of(side, percent))) for side in range(3) for percent in (50, 99)]
    met = ratio[50] <= _MOST
    table.add(name, *figures, times(ratio[50]), times(ratio[99]), target=f"≤ {_MOST} × the sum", met=met)


async def submit_until_taken(line: Line) -> None:
    """File a request as soon as the catalog is there."""
    for _ in range(200):
        if not (await line.ask(signed(submission(MANAGERS[0], RECIPIENTS[0])))).body:
            return
        await asyncio.sleep(0.1)
    raise RuntimeError("No request can be filed")


def check(answered: Answered) -> float:
    """The time, of an answer that says yes: a refusal might be faster."""
    if answered.status != 200 or answered.body:
        raise RuntimeError(f"Not acked: {answered.status} {answered.body[:300]!r}")
    return answered.seconds


def waiting(database: Path | str, count: int) -> list[tuple[str, str]]:
    """The references of requests that wait for a decision, each with where its card is, if it is posted."""
    rows = read(
        database,
        "SELECT reference, coalesce(ts, '') FROM requests LEFT JOIN posts ON request_id = requests.id"
        " AND kind = 'approval_card' WHERE status = 'pending_approval' ORDER BY requests.id",
    )
    if len(rows) < count:
        raise RuntimeError(f"Only {len(rows)} requests wait for a decision; {count} are needed")
    return [(row[0], row[1]) for row in rows[:count]]


def read(database: Path | str, sql: str) -> list[tuple[Any, ...]]:
    """What a bot's database holds, read beside the bot."""
    if isinstance(database, str):
        with psycopg.connect(database, autocommit=True) as connection:
            return connection.execute(sql.encode()).fetchall()
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as file:
        return file.execute(sql).fetchall()


@contextmanager
def bare_commit(path: Path) -> Iterator[Callable[[], float]]:
    """A function that inserts a row, commits, and says how long that took."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT")

        def commit() -> float:
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO bare (text) VALUES (?)", ("Thank you for the launch",))
            connection.execute("COMMIT")
            return time.perf_counter() - began

        yield commit


async def _patient_line(port: int, until: float) -> Line:
    while True:
        try:
            return await Line.to(port)
        except OSError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.05)
