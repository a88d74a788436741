"""Several bots on PostgreSQL, beside one on a file: acks, the way to Tango, the pace, and what a long history costs."""

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx

from bot.sandbox.postgres import PostgresServer, find_server
from tests.bench import latency, takeover
from tests.bench.ack import check, submit_until_taken, waiting
from tests.bench.bench import Bench
from tests.bench.cast import APPROVERS, MANAGERS, RECIPIENTS
from tests.bench.enqueue import fill
from tests.bench.figures import Table, median_of, ms, percentile
from tests.bench.growth import Side, compare
from tests.bench.history import ORDERS, build
from tests.bench.payloads import approval, submission
from tests.bench.processes import Bot, StandIn, Tango
from tests.bench.wire import Line, signed
from tests.kit.postgres import fresh_schema

_ROUNDS: Final = 5

#: Between two requests, and between two times that all send at once: what one leaves to be done is not in the next.
_PAUSE: Final = 0.02
_PAUSE_OF_ALL: Final = 0.3

#: Of a pace that the bots of a measure of latency have.
_QUICK_PACE: Final = 5.0

_P99_TOGETHER: Final = 0.500
_MOST_FOR_A_CLAIM: Final = 0.005
_MOST_TO_TANGO: Final = 0.020
_LEAST_PACE: Final = 0.985
_BOTS: Final = 3

_ON_FILE: Final = "one bot on a file"
_ON_POSTGRES: Final = "on PostgreSQL"


def measure(bench: Bench) -> list[Table]:
    """All that there is about PostgreSQL, beside the file."""
    programs = find_server()
    if programs is None:
        table = Table("Several bots on PostgreSQL", ("",))
        table.note("Not measured: there is no PostgreSQL (on Debian: `apt-get install postgresql`).")
        return [table]
    server = PostgresServer(programs, durable=True)
    server.start()
    try:
        return [
            _acks(bench, server),
            _to_tango(bench, server),
            _claims(bench, server),
            _pace(bench, server),
            takeover.measure(bench, server),
            _growth(bench, server),
        ]
    finally:
        server.stop()


@contextmanager
def _pair(bench: Bench, server: PostgresServer, pace: float) -> Iterator[dict[str, tuple[Bot, Tango]]]:
    """A bot on a file, and one on PostgreSQL that is not on duty; each with its Tango."""
    with ExitStack() as open_:
        slack = open_.enter_context(StandIn(bench.new_folder(), "slack"))
        bots = {}
        for name, url in ((_ON_FILE, None), (_ON_POSTGRES, fresh_schema(server))):
            tango = open_.enter_context(Tango(bench.new_folder(), min_interval=0))
            for _ in range(2 if url else 1):
                bot = Bot(bench.new_folder(), slack=slack.url, tango=tango.url, orders_per_second=pace, url=url)
                open_.callback(bot.kill)
                bot.wait()
            bots[name] = bot, tango
        yield bots


def _acks(bench: Bench, server: PostgresServer) -> Table:
    table = Table("Ack, on a file and on PostgreSQL", ("", "", "p50", "p99"))
    table.note(
        "From the first byte sent to the last byte received, over a kept-alive connection, commit included. The file "
        "and PostgreSQL take turns; both put each commit on the disk first. The bot on PostgreSQL is not the one on "
        f"duty. All at once: {len(MANAGERS)} people in the same instant. Medians of {_ROUNDS} rounds."
    )
    with _pair(bench, server, 1.0) as bots, bench.doing("acks on a file and on PostgreSQL"):
        for name, took in asyncio.run(_ask(bench, {name: bot for name, (bot, _) in bots.items()})).items():
            what, engine = name
            together = "at once" in what and engine == _ON_POSTGRES
            p99 = median_of(percentile(one, 99) for one in took)
            table.add(
                what,
                engine,
                ms(median_of(percentile(one, 50) for one in took)),
                ms(p99),
                target=f"p99 < {_P99_TOGETHER * 1000:.0f} ms" if together else "",
                met=p99 < _P99_TOGETHER if together else None,
            )
    return table


async def _ask(bench: Bench, bots: dict[str, Bot]) -> dict[tuple[str, str], list[list[float]]]:
    """The seconds of each kind of ack, for each engine, by rounds."""
    each, people = bench.either(100, 10), len(MANAGERS)
    bursts = bench.either(2, 1)
    lines = {name: [await Line.to(bot.port) for _ in MANAGERS] for name, bot in bots.items()}
    found: dict[tuple[str, str], list[list[float]]] = {}
    for name in bots:
        await submit_until_taken(lines[name][0])
        for manager, recipient in zip(MANAGERS, RECIPIENTS, strict=True):
            check(await lines[name][0].ask(signed(submission(manager, recipient))))
    for what in ("submit of /kudos", "Approve"):
        alone = {name: _payloads(what, bot, _ROUNDS * (each + bursts * people)) for name, bot in bots.items()}
        for _ in range(_ROUNDS):
            took = {name: await _in_turn(lines[name][0], alone[name], each) for name in bots}
            together = {name: await _at_once(lines[name], alone[name], bursts) for name in bots}
            for name in bots:
                found.setdefault((what, name), []).append(took[name])
                found.setdefault((f"{what}, {people} at once", name), []).append(together[name])
    for line in itertools.chain(*lines.values()):
        await line.close()
    return found


def _payloads(what: str, bot: Bot, count: int) -> Iterator[dict[str, Any]]:
    if what == "Approve":
        for number, (reference, ts) in enumerate(waiting(bot.where, count)):
            yield approval(APPROVERS[number % len(APPROVERS)], reference, ts)
    else:
        for manager, recipient in itertools.islice(itertools.cycle(zip(MANAGERS, RECIPIENTS, strict=True)), count):
            yield submission(manager, recipient)


async def _in_turn(line: Line, payloads: Iterator[dict[str, Any]], count: int) -> list[float]:
    took = []
    for payload in itertools.islice(payloads, count):
        took.append(check(await line.ask(signed(payload))))
        await asyncio.sleep(_PAUSE)
    return took


async def _at_once(lines: Sequence[Line], payloads: Iterator[dict[str, Any]], bursts: int) -> list[float]:
    took: list[float] = []
    for _ in range(bursts):
        posts = [signed(payload) for payload in itertools.islice(payloads, len(lines))]
        answered = await asyncio.gather(*(line.ask(post) for line, post in zip(lines, posts, strict=True)))
        took += map(check, answered)
        await asyncio.sleep(_PAUSE_OF_ALL)
    return took


def _to_tango(bench: Bench, server: PostgresServer) -> Table:
    table = Table("Approve on one bot → the POST from another", ("", "p50", "p95", "slowest"))
    table.note(
        "From the first byte of the click until the stand-in has read the head of POST /orders. On PostgreSQL the bot "
        "that is clicked is not on duty: in between are its commit, NOTIFY, and the claim of the one on duty."
    )
    clicks = bench.either(_ROUNDS * 20, 4)
    with _pair(bench, server, _QUICK_PACE) as bots:
        for name, (bot, tango) in bots.items():
            with bench.doing(f"Approve to the POST, {name}"):
                clicked = asyncio.run(latency.click(bot, clicks))
            arrived = [arrival["monotonic"] for arrival in tango.arrivals()]
            took = [there - here for here, there in zip(clicked, arrived, strict=True)]
            p50, ours = percentile(took, 50), name == _ON_POSTGRES
            table.add(
                name,
                ms(p50),
                ms(percentile(took, 95)),
                ms(max(took)),
                target=f"p50 < {_MOST_TO_TANGO * 1000:.0f} ms" if ours else "",
                met=p50 < _MOST_TO_TANGO if ours else None,
            )
    return table


def _claims(bench: Bench, server: PostgresServer) -> Table:
    table = Table(f"The claim of an order, of {ORDERS:,}", ("", "p50", "p99"))
    table.note("With its commit, on the disk. The two take turns.")
    folder = bench.new_folder()
    sides = {}
    for name, where in ((_ON_FILE, folder / "claims.db"), (_ON_POSTGRES, fresh_schema(server))):
        build(where, 1)
        sides[name] = Side(where, ORDERS)
    works = {name: side.works()["claim, with its commit"] for name, side in sides.items()}
    took: dict[str, list[float]] = {name: [] for name in works}
    with bench.doing("claims"):
        for _ in range(bench.either(500, 20)):
            for name, work in works.items():
                took[name].append(work())
    for name, seconds in took.items():
        p50, ours = percentile(seconds, 50), name == _ON_POSTGRES
        table.add(
            name,
            ms(p50),
            ms(percentile(seconds, 99)),
            target=f"p50 < {_MOST_FOR_A_CLAIM * 1000:.0f} ms" if ours else "",
            met=p50 < _MOST_FOR_A_CLAIM if ours else None,
        )
        sides[name].close()
    return table


def _pace(bench: Bench, server: PostgresServer) -> Table:
    seconds = bench.either(120, 8)
    table = Table(
        f"The pace over {_BOTS} bots", ("", "orders/s", "shortest gap", "early", "early by the writer", "429")
    )
    table.note(
        f"{seconds} s against a Tango that refuses an order less than 1.000 s after the last. By the writer: gaps "
        "below a second between two requests as the bot wrote them."
    )
    url = fresh_schema(server)
    with ExitStack() as open_:
        slack = open_.enter_context(StandIn(bench.new_folder(), "slack"))
        tango = open_.enter_context(Tango(bench.new_folder(), seconds=1.5))
        bots = []
        for _ in range(_BOTS):
            bots.append(Bot(bench.new_folder(), slack=slack.url, tango=tango.url, url=url))
            open_.callback(bots[-1].kill)
            bots[-1].wait()
        fill(url, seconds, due=datetime.now(UTC) + timedelta(seconds=1))
        with bench.doing(f"the pace over {_BOTS} bots"):
            time.sleep(seconds + 3)
        seen = tango.arrivals()
        written_early = sum(_early(bot) for bot in bots)
    times = [one["monotonic"] for one in seen]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    rate = (len(times) - 1) / (times[-1] - times[0])
    early, refused = sum(one["early"] for one in seen), sum(one["status"] == 429 for one in seen)
    table.add(
        f"{len(times)} orders",
        f"{rate:.4f}",
        f"{min(gaps):.3f} s",
        str(early),
        str(written_early),
        str(refused),
        target=f"≥ {_LEAST_PACE}, none early by the writer",
        met=rate >= _LEAST_PACE and not written_early,
    )
    return table


def _early(bot: Bot) -> int:
    """How many requests the bot wrote less than a second after the one before, by its own clock."""
    told = httpx.get(f"{bot.url}/metrics", timeout=10).text
    [line] = [line for line in told.splitlines() if line.startswith('kudos_pace_gap_seconds_bucket{le="1.0"}')]
    return int(float(line.rpartition(" ")[2]))


def _growth(bench: Bench, server: PostgresServer) -> Table:
    copies = bench.either(1_000, 50)
    table = Table(
        f"Growth on PostgreSQL: {ORDERS:,} and {ORDERS * copies:,} orders",
        ("", f"{ORDERS:,}", f"{ORDERS * copies:,}", "ratio"),
    )
    table.note(
        "The same histories as in the files, in two schemas of one server, whose shared_buffers are a quarter of the "
        "machine's memory. They take turns."
    )
    urls = fresh_schema(server), fresh_schema(server)
    with bench.doing(f"making {ORDERS * copies:,} orders in PostgreSQL"):
        for url, times_over in zip(urls, (1, copies), strict=True):
            build(url, times_over)
    compare(bench, table, Side(urls[0], ORDERS), Side(urls[1], ORDERS * copies))
    return table
