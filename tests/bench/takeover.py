"""How soon another bot goes on where the one on duty dies, stands still or is cut off, or the server does."""

import itertools
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from bot.sandbox.postgres import PostgresServer
from tests.bench.ack import read
from tests.bench.bench import Bench
from tests.bench.enqueue import fill
from tests.bench.figures import Table, median_of
from tests.bench.processes import Bot, StandIn, Tango
from tests.kit.crash import Gate
from tests.kit.postgres import fresh_schema
from tests.kit.several import pid_of

T = TypeVar("T")

#: Seconds between two looks, and after which nothing comes any more.
_GLANCE: Final = 0.02
_PATIENCE: Final = 60.0

#: Seconds that Tango takes to answer: the one on duty is hit meanwhile.
_ANSWER: Final = 1.0

#: Seconds that a bot stands still: so long that another takes over, and so long that none does.
_FROZEN: Final = 8.0
_STILL: Final = 2.0

#: Seconds: the most that each may take.
_MOST_AFTER_A_KILL: Final = 2.5
_MOST_AFTER_SILENCE: Final = 5.0
_MOST_AFTER_THE_SERVER: Final = 3.0
_MOST_WHILE_RESTARTED: Final = 3.0


class _Crew:
    """Two bots on one schema, each behind a proxy to the database, and what hits the one on duty."""

    def __init__(self, bench: Bench, server: PostgresServer, open_: ExitStack) -> None:
        self._bench = bench
        self._open = open_
        self._server = server
        self._url = fresh_schema(server)
        self._slack = open_.enter_context(StandIn(bench.new_folder(), "slack"))
        self.tango = open_.enter_context(Tango(bench.new_folder(), seconds=_ANSWER))
        self._lines: dict[int, Gate] = {}
        self.bots: list[Bot] = []
        for _ in range(2):
            self.start()

    def start(self) -> Bot:
        """Start one more bot, and wait until it serves."""
        line = self._open.enter_context(Gate(self._url))
        bot = Bot(self._bench.new_folder(), slack=self._slack.url, tango=self.tango.url, url=line.url)
        self._open.callback(bot.kill)
        self._lines[bot.pid] = line
        self.bots.append(bot)
        bot.wait()
        return bot

    def on_duty(self) -> Bot:
        """The bot that is on duty."""
        return _until(self._holder, "a bot to be on duty")

    def _holder(self) -> Bot | None:
        [(holder,)] = read(self._url, "SELECT holder FROM queue")
        return next((bot for bot in self.bots if bot.pid == pid_of(holder) and bot.is_running), None)

    def term(self) -> int:
        """The number of the term."""
        [(term,)] = read(self._url, "SELECT term FROM queue")
        return int(term)

    def order(self, orders: int = 1) -> dict[str, Any]:
        """Approve orders; the first of them to arrive, as soon as it does."""
        since = time.monotonic()
        fill(self._url, orders, due=datetime.now(UTC))
        return self.next(since)

    def next(self, since: float) -> dict[str, Any]:
        """The first arrival after that moment, as soon as its reference is read."""

        def look() -> dict[str, Any] | None:
            first = next(iter(self.tango.arrivals(since)), None)
            return first if first and first["external_ref_id"] else None

        return _until(look, "an arrival")

    def settle(self) -> None:
        """Wait until nothing is under way."""
        under_way = "SELECT 1 FROM orders WHERE status IN ('queued', 'submitting')"
        _until(lambda: not read(self._url, under_way), "the orders to be done")

    # ---------------------------------------------------------------------- one round of each kind

    def kill(self) -> float:
        """Kill the one on duty in mid-order; the seconds until the same reference comes again."""
        return self._hit(lambda bot: bot.kill(), lambda _: self.start())

    def freeze(self) -> float:
        """Let the one on duty stand still; the same. It sends nothing when it wakes."""
        begun = time.monotonic()

        def wake(bot: Bot) -> None:
            time.sleep(max(begun + _FROZEN - time.monotonic(), 0))
            self._wake(bot, lambda: bot.send(signal.SIGCONT))

        return self._hit(lambda bot: bot.send(signal.SIGSTOP), wake)

    def swallow(self) -> float:
        """Swallow all between the one on duty and the database; the same."""
        return self._hit(
            lambda bot: self._lines[bot.pid].hold(requests=True, answers=True),
            lambda bot: self._wake(bot, self._lines[bot.pid].cut),
        )

    def restart_server(self) -> float:
        """Kill the server and start it; the seconds until the next order comes."""
        self.order(4)
        self._server.kill()
        time.sleep(1)
        self._server.start()
        up = time.monotonic()
        arrived = float(self.next(up)["monotonic"])
        self.settle()
        return arrived - up

    def stand_still(self) -> int:
        """Let the one on duty stand still for a moment; by how much the term is higher."""
        term, bot = self.term(), self.on_duty()
        bot.send(signal.SIGSTOP)
        time.sleep(_STILL)
        bot.send(signal.SIGCONT)
        time.sleep(_STILL)
        return self.term() - term

    def _hit(self, hit: Callable[[Bot], object], mend: Callable[[Bot], object]) -> float:
        bot, first = self.on_duty(), self.order()
        at = time.monotonic()
        hit(bot)
        again = self.next(at)
        if again["external_ref_id"] != first["external_ref_id"]:
            raise RuntimeError("Another reference came after the takeover")
        mend(bot)
        self.settle()
        return float(again["monotonic"]) - at

    def _wake(self, bot: Bot, wake: Callable[[], object]) -> None:
        """Let a deposed bot go on; it sends nothing."""
        self.settle()
        at = time.monotonic()
        wake()
        bot.wait()
        time.sleep(1)
        if self.tango.arrivals(at):
            raise RuntimeError("A deposed bot has sent an order")


def measure(bench: Bench, server: PostgresServer) -> Table:
    """Each kind, some times over."""
    table = Table("Another bot goes on", ("The one on duty …", "times", "p50", "slowest"))
    table.note(
        "From the moment at which the one on duty is hit until the same reference comes to Tango again, from another. "
        f"Tango has an order meanwhile, and has not answered. One that stood still for {_FROZEN:g} s, or whose line to "
        "the database swallowed everything, sends nothing when it is back. The server counts from when it answers "
        "again; the restart's is the longest gap between two orders."
    )
    with ExitStack() as open_:
        crew = _Crew(bench, server, open_)
        kinds: Mapping[str, tuple[Callable[[], float], int, float]] = {
            "is killed (kill -9)": (crew.kill, bench.either(20, 2), _MOST_AFTER_A_KILL),
            f"stands still for {_FROZEN:g} s": (crew.freeze, bench.either(5, 1), _MOST_AFTER_SILENCE),
            "is cut off without a word": (crew.swallow, bench.either(5, 1), _MOST_AFTER_SILENCE),
            "loses its server, which comes back": (crew.restart_server, bench.either(5, 1), _MOST_AFTER_THE_SERVER),
        }
        for name, (once, rounds, most) in kinds.items():
            with bench.doing(f"the one on duty {name}"):
                took = [once() for _ in range(rounds)]
            _add(table, name, took, most)
        with bench.doing("a moment of standing still"):
            changes = sum(crew.stand_still() for _ in range(bench.either(5, 1)))
        table.add(
            f"stands still for {_STILL:g} s: changes of duty",
            str(bench.either(5, 1)),
            str(changes),
            "",
            target="0",
            met=not changes,
        )
        with bench.doing("a rolling restart"):
            gaps = list(_rolling(crew))
        _add(table, "is stopped (SIGTERM), as each bot in turn", gaps, _MOST_WHILE_RESTARTED)
    return table


def _rolling(crew: _Crew) -> Iterator[float]:
    """Stop each bot and start another while orders go on; the longest gap around each stop."""
    since = float(crew.order(30)["monotonic"])
    for bot in [bot for bot in crew.bots if bot.is_running]:
        bot.stop()
        crew.start()
    crew.settle()
    times = [one["monotonic"] for one in crew.tango.arrivals(since)]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    yield from sorted(gaps, reverse=True)[:2]


def _add(table: Table, name: str, took: list[float], most: float) -> None:
    slowest = max(took)
    table.add(
        name,
        str(len(took)),
        f"{median_of(took):.2f} s",
        f"{slowest:.2f} s",
        target=f"≤ {most:g} s",
        met=slowest <= most,
    )


def _until(look: Callable[[], T | None], what: str) -> T:
    end = time.monotonic() + _PATIENCE
    while not (found := look()):
        if time.monotonic() > end:
            raise RuntimeError(f"Waited for {what}")
        time.sleep(_GLANCE)
    return found
