"""What budgets cost who asks for a reward: filing with ten of them, and without, over a long history."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from secrets import token_hex
from shutil import copyfile
from typing import Any, Final

from pydantic import SecretStr

from bot.clock import Clock
from bot.domain.approval import PolicySettings, Route
from bot.domain.budget import Budget, Limits, Per, Sums, month_of, rooms_of
from bot.domain.money import Money
from bot.domain.policy import Person, Roles
from bot.domain.request import Details, RequestMove
from bot.tango.client import TangoClient
from bot.usecases.absences import Absences
from bot.usecases.approval import Approvals
from bot.usecases.budgets import Budgets
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.form import Payer, RequestForm, RequestForms
from bot.usecases.halts import Halts
from bot.usecases.holds import Holds
from bot.usecases.outcomes import Outcomes
from bot.usecases.requests import Requests
from bot.usecases.review import Review
from storage import Storage
from tests.bench.ack import check, submit_until_taken
from tests.bench.bench import Bench
from tests.bench.cast import ACCOUNT, ADMIN, APPROVERS, CUSTOMER, MANAGERS, RECIPIENTS
from tests.bench.figures import Table, median_of, ms, percentile, times
from tests.bench.payloads import submission
from tests.bench.processes import Bot, StandIn, Tango
from tests.bench.wire import Line, signed
from tests.kit.factories import a_person, a_recipient, a_reward, file_request

_ROUNDS: Final = 5
_MOST: Final = 1.5

#: Between two submits, so that what one leaves to be done behind its ack is not in the other's time.
_PAUSE: Final = 0.02

#: Of so many requests, so many are in the current month, quarter and year.
_REQUESTS: Final = 1_000_000
_CURRENT: Final = 10_000

#: Those who asked for them; those who ask while it is measured are among them.
_PEOPLE: Final = (*MANAGERS, *(f"U0REQ{number:04d}" for number in range(150)))

#: Everyone is named by each: of four each has their own, six are shared. None runs out.
_TEN: Final = [
    Budget(
        name=f"Budget {number}",
        senders=frozenset({"*"}),
        each=number < 4,
        amount=Money(10**12, "USD"),
        per=list(Per)[number % 3],
    )
    for number in range(10)
]


class Side:
    """Requests as they are filed with these budgets."""

    _numbers = count(1)

    def __init__(self, storage: Storage, budgets: list[Budget]) -> None:
        clock, roles = Clock(), Roles(everyone_sends=True, approvers=frozenset(APPROVERS))
        tango = TangoClient(base_url="http://127.0.0.1:9/", platform_name="bench", platform_key=SecretStr("bench"))
        catalog = CatalogKeeper(storage=storage, tango=tango, clock=clock, roles=lambda: roles, offered=None)
        holds = Holds(storage=storage, clock=clock)
        outcomes = Outcomes(storage=storage, admins=frozenset, halts=Halts(storage=storage, holds=holds))
        self._requests = Requests(
            storage=storage,
            clock=clock,
            roles=lambda: roles,
            forms=RequestForms(payer=Payer(customer=CUSTOMER, account=ACCOUNT), defaults=Details(), clock=clock),
            catalog=catalog,
            review=Review(
                storage=storage,
                clock=clock,
                roles=lambda: roles,
                catalog=lambda: catalog.current,
                ask=a_person,
                remembered=a_person,
                outcomes=outcomes,
            ),
            approvals=Approvals(
                settings=PolicySettings(usual=Route("C0REWARDS", frozenset(APPROVERS))),
                roles=lambda: roles,
                budgets=budgets,
            ),
            budgets=Budgets(
                storage=storage, clock=clock, roles=lambda: roles, budgets=budgets, limits=Limits(), zone="UTC"
            ),
            absences=Absences(storage=storage, clock=clock, roles=lambda: roles, zone_of=lambda _: "UTC"),
            expire_after=timedelta(days=30),
            settings_hash="",
        )

    def file(self) -> float:
        """File a request; the seconds that it took."""
        number = next(self._numbers)
        recipient = RECIPIENTS[number % len(RECIPIENTS)]
        form = RequestForm(
            requester=Person(user_id=MANAGERS[0], name="Maya", first_name="Maya", email="maya@example.com"),
            recipients=[a_person(recipient)],
            asked_about=frozenset({recipient}),  # everyone is given many rewards a day here
            utid="U561593",
            amount="25",
            message="Thank you for the launch",
            submission_id=f"V0BENCH{number}",
        )
        began = time.perf_counter()
        self._requests.file(form)
        return time.perf_counter() - began


def measure(bench: Bench) -> list[Table]:
    """File with ten budgets and without, in turns: as people do it, and by the use case alone."""
    folders, requests = [bench.new_folder() for _ in range(2)], bench.either(_REQUESTS, 2 * _CURRENT)
    with bench.doing(f"making {requests:,} requests"):
        build(folders[0] / "kudos.db", requests)
        copyfile(folders[0] / "kudos.db", folders[1] / "kudos.db")
    table = Table(
        f"Budgets: filing over {requests:,} requests",
        ("", "no budget", "ten budgets", "ratio"),
    )
    table.note(
        f"{_CURRENT:,} of the requests are in the current month, quarter and year, of {len(_PEOPLE)} requesters, among "
        "them those who are timed. Half of the requests are bound to all ten budgets, and half to six of them. All ten "
        "name everyone: four for each person, six shared, by month, quarter and year. A submit is timed from "
        "the first byte sent to the last byte received, of two bots on like files. The use case checks the form, and "
        f"stores and commits the request, on one file. The two take turns; p50 of {_ROUNDS} rounds, median of their "
        "ratios."
    )
    with ExitStack() as open_:
        slack = open_.enter_context(StandIn(bench.new_folder(), "slack"))
        tango = open_.enter_context(Tango(bench.new_folder()))
        budgets = {"budgets": [_written(budget) for budget in _TEN]}
        bots = [
            open_.enter_context(Bot(folder, slack=slack.url, tango=tango.url, more=more))
            for folder, more in zip(folders, ({}, budgets), strict=True)
        ]
        for bot in bots:
            bot.wait()
        with bench.doing("submits"):
            rounds = asyncio.run(_submits(bots, bench.either(100, 15)))
    _judge(table, "submit of /kudos", rounds, is_judged=True)
    with bench.doing("the use case"):
        rounds = _use_case(folders[0] / "kudos.db", bench.either(100, 15))
    _judge(table, "of it, the use case", rounds, is_judged=False)
    return [table]


def _written(budget: Budget) -> dict[str, Any]:
    amount = f"{budget.amount.minor // 100} USD"
    return {"name": budget.name, "each": budget.each, "amount": amount, "per": budget.per.value}


async def _submits(bots: Sequence[Bot], each: int) -> list[list[float]]:
    lines = [await Line.to(bot.port) for bot in bots]
    for line in lines:
        await submit_until_taken(line)
    rounds = []
    for _ in range(_ROUNDS):
        samples: tuple[list[float], list[float]] = ([], [])
        for number in range(each):
            for line, took in zip(lines, samples, strict=True):
                who = number % len(RECIPIENTS)
                took.append(check(await line.ask(signed(submission(MANAGERS[who], RECIPIENTS[who])))))
                await asyncio.sleep(_PAUSE)
        rounds.append([percentile(took, 50) for took in samples])
    for line in lines:
        await line.close()
    return rounds


def _use_case(where: Path, each: int) -> list[list[float]]:
    storage = Storage.open(where)
    sides = Side(storage, []), Side(storage, _TEN)
    for side in sides * 5:  # what is read for the first time is no part of this
        side.file()
    rounds = []
    for _ in range(_ROUNDS):
        samples: tuple[list[float], list[float]] = ([], [])
        for _ in range(each):
            for side, took in zip(sides, samples, strict=True):
                took.append(side.file())
        rounds.append([percentile(took, 50) for took in samples])
    storage.close()
    return rounds


def _judge(table: Table, name: str, rounds: Sequence[Sequence[float]], *, is_judged: bool) -> None:
    ratio = median_of(ten / none for none, ten in rounds)
    figures = [ms(median_of(one[side] for one in rounds)) for side in range(2)]
    if is_judged:
        table.add(name, *figures, times(ratio), target=f"≤ {_MOST} ×", met=ratio <= _MOST)
    else:
        table.add(name, *figures, times(ratio))


def build(where: Path, requests: int) -> None:
    """Make a file with a long history of requests, each bound to the ten budgets, or to the six that are shared."""
    storage = Storage.open(where)
    now = datetime.now(UTC)
    with storage.transaction():
        storage.catalog.replace([a_reward()], now)
    first = file_request(storage, now=now, requester_id=MANAGERS[0], recipients=(a_recipient(),))
    month = month_of(now, "UTC")
    rooms = rooms_of(_TEN, Sums(), month)
    with storage.transaction():
        storage.requests.move(first.id, RequestMove.APPROVE, by=ADMIN, now=now)
        for named in (rooms[4:], rooms):  # the sets 1 and 2
            storage.budgets.reserve(first.id, named, first.total, month)
    storage.close()
    with closing(sqlite3.connect(where, isolation_level=None)) as connection:
        for pragma in ("synchronous = OFF", "cache_size = -1000000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        for table, columns, rows in _history(lambda sql: _described(connection.execute(sql)), requests, month):
            places = ", ".join("?" * len(columns.split(",")))
            connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)  # noqa: S608
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _described(cursor: Any) -> tuple[list[str], Sequence[Any]]:
    return [column[0] for column in cursor.description], cursor.fetchone()


def _history(
    read: Callable[[str], tuple[list[str], Sequence[Any]]], requests: int, month: int
) -> Iterator[tuple[str, str, Iterator[Sequence[Any]]]]:
    """Yield each table with its columns and rows: copies of the first request, of other people, months and references.

    The newest are in the current month; the others are in months of the years before.
    """
    for table in ("requests", "recipients"):
        columns, first = read(f"SELECT * FROM {table}")  # noqa: S608
        yield table, ", ".join(columns), (_row(columns, first, n, requests, month) for n in range(2, requests + 1))


def _row(columns: Sequence[str], first: Sequence[Any], number: int, requests: int, month: int) -> Sequence[Any]:
    age = (requests - number) // _CURRENT
    changed = {
        "id": number,
        "request_id": number,
        "submission_id": f"V{token_hex(8)}",
        "reference": token_hex(16),
        "external_ref_id": token_hex(16),
        "requester_id": _PEOPLE[number % len(_PEOPLE)],
        "budget_set": 1 + number // len(_PEOPLE) % 2,
        "user_id": RECIPIENTS[number % len(RECIPIENTS)],
        "filed_month": month - (12 + age if age else 0),
    }
    return [changed.get(column, value) for column, value in zip(columns, first, strict=True)]
