"""From the click on Approve to the order's arrival at Tango, while nothing else is to do."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Final

from tests.bench.ack import check, submit_until_taken, waiting
from tests.bench.bench import Bench
from tests.bench.cast import APPROVERS, MANAGERS, RECIPIENTS
from tests.bench.figures import Table, median_of, ms, percentile
from tests.bench.payloads import approval, submission
from tests.bench.processes import Bot, StandIn, Tango
from tests.bench.wire import Line, signed

_ROUNDS: Final = 5
_PACE: Final = 5.0

#: After one order, until the pace allows the next, and notices are out.
_QUIET: Final = 0.4
_MOST: Final = 0.020


def measure(bench: Bench) -> list[Table]:
    """Click, commit, claim, commit, POST."""
    folder = bench.new_folder()
    each = bench.either(20, 4)
    with ExitStack() as open_:
        slack = open_.enter_context(StandIn(folder, "slack"))
        tango = open_.enter_context(Tango(folder, min_interval=0))
        bot = open_.enter_context(Bot(folder, slack=slack.url, tango=tango.url, orders_per_second=_PACE))
        bot.wait()
        with bench.doing("Approve to the POST"):
            clicked = asyncio.run(click(bot, _ROUNDS * each))
        arrived = [arrival["monotonic"] for arrival in tango.arrivals()]
    if len(arrived) != len(clicked):
        raise RuntimeError(f"{len(clicked)} were approved, {len(arrived)} arrived")
    took = [there - here for here, there in zip(clicked, arrived, strict=True)]
    rounds = [took[first : first + each] for first in range(0, len(took), each)]
    return [_table(rounds)]


async def click(bot: Bot, clicks: int) -> list[float]:
    """Approve so many requests, one after another; when each click was made."""
    line = await Line.to(bot.port)
    await submit_until_taken(line)
    for number in range(clicks):
        check(await line.ask(signed(submission(MANAGERS[number % 50], RECIPIENTS[number % 50]))))
    clicked = []
    for number, (reference, ts) in enumerate(waiting(bot.where, clicks)):
        request = signed(approval(APPROVERS[number % 50], reference, ts))
        await asyncio.sleep(_QUIET)
        clicked.append(time.monotonic())
        check(await line.ask(request))
    await asyncio.sleep(_QUIET)
    await line.close()
    return clicked


def _table(rounds: Sequence[Sequence[float]]) -> Table:
    table = Table(
        "Approve to the POST, on an idle queue",
        ("", "p50", "p95", "slowest"),
    )
    table.note(
        "From the first byte of the click until the stand-in has read the head of POST /orders, both by the machine's "
        "monotonic clock. In between are the approval's commit, the claim's commit and the request. "
        f"{len(rounds)} rounds of {len(rounds[0])} clicks, {_QUIET} s apart. Medians of the rounds."
    )
    p50 = median_of(percentile(took, 50) for took in rounds)
    table.add(
        "Approve → POST /orders",
        ms(p50),
        ms(median_of(percentile(took, 95) for took in rounds)),
        ms(median_of(map(max, rounds))),
        target=f"p50 < {_MOST * 1000:.0f} ms",
        met=p50 < _MOST,
    )
    return table
