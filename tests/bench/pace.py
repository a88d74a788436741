"""Orders a second at the limit of one, and how many come early; beside what one would write instead."""

import importlib.util
import shutil
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

from tests.bench.bench import Bench
from tests.bench.enqueue import fill
from tests.bench.figures import Table, median_of
from tests.bench.machine import lateness, spread
from tests.bench.processes import Bot, Process, StandIn, Tango

_KUDOS: Final = "Kudos"
_CELERY: Final = "celery"
_WAYS: Final = {
    _KUDOS: _KUDOS,
    "sleep": "loop: await the answer, sleep(1)",
    "ticks": "loop on absolute ticks, in threads",
    "apscheduler": "APScheduler, one-second interval job",
    _CELERY: 'Celery on Redis, rate_limit="1/s"',
}

#: Seconds that an answer takes. Tango's own take one or two; its suppliers may take many.
_ANSWERS: Final = (0.05, 1.5, 5.0, 30.0)
#: What the promise names is held to in a line of its own; the one more is measured with the quickest.
_PROMISED: Final = (0.05, 3.0)

_ROUNDS: Final = 5
_ORDERS: Final = 30
#: Seconds: thirty orders at the pace, and one.
_WINDOW: Final = 31
#: Until all have begun to wait for the start; Celery takes longest.
_LEAD: Final = 5.0
_LEAST: Final = 0.99
_LEAST_PROMISED: Final = 0.97


@dataclass(frozen=True, slots=True)
class _Run:
    """What arrived in one run.

    Attributes:
        rate: accepted orders a second.
        shortest: the shortest time between two arrivals.
        early: arrivals before their time.
        refused: answered 429.
        orders: accepted.
    """

    rate: float
    shortest: float
    early: int
    refused: int
    orders: int


class _Contest:
    """One way to send, against a Tango of its own."""

    def __init__(self, open_: ExitStack, folder: Path, way: str, answer: float, slack: str) -> None:
        self.way = way
        self.answer = answer
        self._folder = folder
        self._tango = open_.enter_context(Tango(folder, seconds=answer))
        self._bot = None if way != _KUDOS else Bot(folder, slack=slack, tango=self._tango.url)
        if self._bot is not None:
            open_.callback(self._bot.kill)
        self.runs: list[_Run] = []

    def prepare(self) -> None:
        """Be ready to be given orders."""
        if self._bot is not None:
            self._bot.wait()

    def begin(self, start: float, until: float, orders: int) -> Process | None:
        """Send from `start` on."""
        if self._bot is not None:
            due = datetime.now(UTC) + timedelta(seconds=start - time.monotonic())
            fill(self._bot.database, orders, due=due)
            return None
        command = ["tests.bench.rivals", self.way, self._tango.url, str(start), str(until)]
        if self.way == _CELERY:
            command = ["tests.bench.celery_rival", self._tango.url, str(start), str(until), str(self._folder)]
        return Process(["-m", *command], self._folder / "rival.log")

    def end(self, start: float) -> None:
        """Look at what arrived since the start."""
        seen = self._tango.arrivals(since=start - 0.5)
        times = [one["monotonic"] for one in seen]
        # An answer that is still under way has no status yet; it was let in.
        accepted = [one["monotonic"] for one in seen if one["status"] in (None, 200, 201) and not one["early"]]
        span = accepted[-1] - accepted[0] if len(accepted) > 1 else 0.0
        self.runs.append(
            _Run(
                rate=(len(accepted) - 1) / span if span else 0.0,
                shortest=min((later - earlier for earlier, later in pairwise(times)), default=0.0),
                early=sum(one["early"] for one in seen),
                refused=sum(one["status"] == 429 for one in seen),
                orders=len(accepted),
            )
        )


def measure(bench: Bench) -> list[Table]:
    """All ways side by side, several times over; for one kind of answer after the other.

    All kinds at once would be twenty queues: on a small machine their processes get into each other's way by
    milliseconds, which is what is measured.
    """
    with bench.doing("the machine's own jitter"):
        idle = lateness(bench.either(5, 1))
    answers = _ANSWERS if not bench.quick else _ANSWERS[:2]
    ways = [way for way in _WAYS if way != _CELERY or not _missing()]
    orders, window = bench.either(_ORDERS, 6), bench.either(_WINDOW, 8)
    contests: list[_Contest] = []
    busy: list[float] = []
    with StandIn(bench.new_folder(), "slack") as slack:
        for answer in answers:
            pairs = [(way, answer) for way in ways]
            if answer == answers[0]:
                pairs += [(_KUDOS, more) for more in _PROMISED if more not in answers]
            with ExitStack() as open_:
                group = [_Contest(open_, bench.new_folder(), *pair, slack.url) for pair in pairs]
                for contest in group:
                    contest.prepare()
                for number in range(_ROUNDS if not bench.quick else 1):
                    what = f"pace: {len(group)} queues, answers after {answer:g} s, round {number + 1} of {_ROUNDS}"
                    with bench.doing(what):
                        busy += _round(group, orders, window)
            contests += group
    return [_table(contests, answers, orders, idle, busy), _promise(contests, orders)]


def _round(contests: Sequence[_Contest], orders: int, window: int) -> list[float]:
    """One run of all; what the machine added to sleeps meanwhile."""
    start = time.monotonic() + _LEAD
    # Not all in the same instant: the queues of different installations are not in step either.
    starts = [start + number / len(contests) for number in range(len(contests))]
    with ExitStack() as open_:
        for contest, at in zip(contests, starts, strict=True):
            process = contest.begin(at, at + window - 1, orders)
            if process is not None:
                open_.enter_context(process)
        time.sleep(max(start + 1 - time.monotonic(), 0))
        late = lateness(window - 1)
        time.sleep(1)
        for contest, at in zip(contests, starts, strict=True):
            contest.end(at)
    return late


def _table(
    contests: Sequence[_Contest], answers: Sequence[float], orders: int, idle: Sequence[float], busy: Sequence[float]
) -> Table:
    rounds = len(contests[0].runs)
    table = Table(
        "Pace: orders a second at the limit of 1",
        ("Answers after", "Way", "orders/s", "shortest gap", "early", "429"),
    )
    table.note(
        f"{orders} orders, or as many as fit into the time that these take. Each way has a Tango of its own, which "
        "refuses an order less than 1.000 s after the last. orders/s: accepted orders, median of "
        f"{rounds} runs. Shortest gap, early arrivals and refusals: over all runs."
    )
    table.note(
        "The ways run side by side, each in a process of its own, for one kind of answer after the other. The machine "
        f"adds this to a sleep of 10 ms: idle {spread(idle)}; meanwhile {spread(busy)}."
    )
    missing = _missing()
    if missing:
        table.note(f"Celery is not here, because there is no {' and no '.join(missing)}.")
    else:
        table.note(
            "Celery has a Redis and a worker for these tasks alone, with a thread for each order that can be under "
            "way. It has the finest timer that its documentation names. Its limit is a token bucket, which spaces "
            "starts within the worker, not arrivals."
        )
    for contest in contests:
        if contest.answer not in answers:
            continue
        rate = median_of(run.rate for run in contest.runs)
        early = sum(run.early for run in contest.runs)
        ours = contest.way == _KUDOS
        table.add(
            f"{contest.answer:g} s",
            _WAYS[contest.way],
            f"{rate:.3f}",
            f"{min(run.shortest for run in contest.runs):.3f} s",
            str(early),
            str(sum(run.refused for run in contest.runs)),
            target=f"≥ {_LEAST}, none early" if ours else "",
            met=(rate >= _LEAST and not early) if ours else None,
        )
    return table


def _promise(contests: Sequence[_Contest], orders: int) -> Table:
    runs = [run for one in contests if one.way == _KUDOS and one.answer in _PROMISED for run in one.runs]
    shortest, slowest = min(run.shortest for run in runs), min(run.rate for run in runs)
    refused, fewest = sum(run.refused for run in runs), min(run.orders for run in runs)
    table = Table("The pace, as promised", ("", "fewest orders", "shortest gap", "slowest run", "429"))
    table.add(
        f"{orders} approved orders, answers after {' s and after '.join(f'{one:g}' for one in _PROMISED)} s",
        str(fewest),
        f"{shortest:.3f} s",
        f"{slowest:.3f}/s",
        str(refused),
        target=f"all, ≥ 1.000 s, ≥ {_LEAST_PROMISED}/s, 0",
        met=fewest == orders and shortest >= 1.0 and slowest >= _LEAST_PROMISED and not refused,
    )
    return table


def _missing() -> list[str]:
    """What Celery's contest needs and this machine does not have, with how to get it."""
    missing = []
    if importlib.util.find_spec("celery") is None:
        missing.append("celery (`make bench` installs it where it reaches a package index)")
    if shutil.which("redis-server") is None:
        missing.append("redis-server (on Debian: `apt-get install redis-server`)")
    return missing
