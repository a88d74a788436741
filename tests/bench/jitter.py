"""Orders a second through a network that jitters: what the margin of the pace learns, beside the best fixed margin."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import sqrt
from random import Random
from threading import Event, Thread
from typing import Any, Final, Self
from urllib.parse import urlsplit, urlunsplit

from tests.bench.bench import Bench
from tests.bench.enqueue import fill
from tests.bench.figures import Table
from tests.bench.processes import Bot, StandIn, Tango

#: Milliseconds of standard deviation, and the orders a second of the best fixed margin for it. That margin was found by
#: simulation (tests/unit/test_worker_pace.py): 5, 25, 67 and 133 ms.
_BEST_FIXED: Final = {0: 0.995, 5: 0.974, 20: 0.924, 50: 0.852}

#: Seconds that every request takes longer, as to a host on another continent.
_DELAY: Final = 0.03

#: Enough for the margin to have learnt, and for a share of three percent to be told from two.
_ORDERS: Final = 300

#: Seconds in which every answer is given.
_LATELY: Final = 10.0

#: The answers of the time in which the margin learns from nothing.
_LEARNING: Final = 20

_SHARE_OF_BEST: Final = 0.97
_MOST_REFUSED: Final = 0.03


class Network:
    """A TCP proxy that delays what a client sends; what comes back is not delayed.

    Args:
        url: of the server behind it.
        deviation: standard deviation of the delay, in seconds; its distribution is a gamma distribution of shape 2.
    """

    def __init__(self, url: str, deviation: float) -> None:
        self._target = urlsplit(url)
        self._scale = deviation / sqrt(2)
        self._random = Random(7)
        self._loop = asyncio.new_event_loop()
        self._ready = Event()
        self._thread = Thread(target=self._run, daemon=True)
        self._port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    @property
    def url(self) -> str:
        """The address of the proxy."""
        return urlunsplit(self._target._replace(netloc=f"127.0.0.1:{self._port}"))

    def _run(self) -> None:
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection(self._target.hostname, self._target.port)
        chunks: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        with suppress(asyncio.CancelledError):  # the measure is over
            await asyncio.gather(
                self._delay(reader, chunks), self._forward(chunks, forth), _copy(back, writer), return_exceptions=True
            )

    async def _delay(self, reader: asyncio.StreamReader, chunks: asyncio.Queue[tuple[float, bytes]]) -> None:
        due = 0.0
        while True:
            chunk = await reader.read(65_536)
            jitter = self._random.gammavariate(2, self._scale) if self._scale else 0.0
            due = max(due, self._loop.time() + _DELAY + jitter)  # TCP keeps the order within a connection
            chunks.put_nowait((due, chunk))
            if not chunk:
                return

    async def _forward(self, chunks: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        while True:
            due, chunk = await chunks.get()
            await asyncio.sleep(due - self._loop.time())
            if not chunk:
                writer.close()
                return
            writer.write(chunk)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65_536):
        writer.write(chunk)
    writer.close()


@dataclass(frozen=True, slots=True)
class _Run:
    """What arrived: accepted orders a second, and the share that was refused once the margin had learnt."""

    rate: float
    refused: float
    orders: int


def measure(bench: Bench) -> list[Table]:
    """Send the same number of orders through four networks side by side."""
    orders = bench.either(_ORDERS, 12)
    with ExitStack() as open_:
        slack = open_.enter_context(StandIn(bench.new_folder(), "slack"))
        tangos: dict[int, Tango] = {}
        bots: list[Bot] = []
        for deviation in _BEST_FIXED:
            folder = bench.new_folder()
            tangos[deviation] = open_.enter_context(Tango(folder, seconds=0.05))
            network = open_.enter_context(Network(tangos[deviation].url, deviation / 1_000))
            bot = Bot(folder, slack=slack.url, tango=network.url)
            open_.callback(bot.kill)
            bots.append(bot)
        for bot in bots:
            bot.wait()
        start = time.monotonic() + 1
        for bot in bots:
            fill(bot.database, orders, due=datetime.now(UTC) + timedelta(seconds=1))
        with bench.doing(f"pace through four networks, {orders} orders each"):
            seen = _watch(tangos, orders, start)
    return [_table({deviation: _run(arrivals) for deviation, arrivals in seen.items()}, quick=bench.quick)]


def _watch(tangos: Mapping[int, Tango], orders: int, start: float) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    """Collect what arrives, oldest first, until each Tango has accepted all orders: it tells of the last few alone."""
    seen: dict[int, dict[float, Mapping[str, Any]]] = {deviation: {} for deviation in tangos}
    deadline = start + 3 * orders + 60
    while time.monotonic() < deadline:
        for deviation, tango in tangos.items():
            # Once more what came lately: an answer that was under way has its status now.
            since = max(seen[deviation], default=start + _LATELY) - _LATELY
            seen[deviation] |= {one["monotonic"]: one for one in tango.arrivals(since=since)}
        if all(len(_accepted(arrivals.values())) >= orders for arrivals in seen.values()):
            break
        time.sleep(1)
    return {deviation: [arrivals[at] for at in sorted(arrivals)] for deviation, arrivals in seen.items()}


def _accepted(arrivals: Iterable[Mapping[str, Any]]) -> list[float]:
    return [one["monotonic"] for one in arrivals if one["status"] in (200, 201)]


def _run(arrivals: Sequence[Mapping[str, Any]]) -> _Run:
    accepted, later = _accepted(arrivals), arrivals[_LEARNING:]
    return _Run(
        rate=(len(accepted) - 1) / (accepted[-1] - accepted[0]),
        refused=sum(one["status"] == 429 for one in later) / max(len(later), 1),
        orders=len(accepted),
    )


def _table(runs: Mapping[int, _Run], *, quick: bool) -> Table:
    table = Table(
        "Pace: a network that jitters",
        ("Standard deviation", "orders", "orders/s", "of the best fixed margin", "refused after the first twenty"),
    )
    table.note(
        "Each request is delayed by 30 ms and a random time (gamma, shape 2). Tango refuses what arrives less than "
        "1.000 s after the last. The best fixed margin differs from network to network, and was found by simulation."
    )
    for deviation, run in runs.items():
        of_best = run.rate / _BEST_FIXED[deviation]
        table.add(
            f"{deviation} ms",
            str(run.orders),
            f"{run.rate:.3f}",
            f"{of_best:.1%}",
            f"{run.refused:.1%}",
            target=f"≥ {_SHARE_OF_BEST:.0%}, ≤ {_MOST_REFUSED:.0%}",
            met=None if quick else of_best >= _SHARE_OF_BEST and run.refused <= _MOST_REFUSED,
        )
    return table
