"""What a long history costs: the same work at a thousand and at a million orders."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from pydantic import SecretStr

from bot.clock import Clock
from bot.domain.notices import ApprovalCard
from bot.domain.numbers import order_number
from bot.domain.order import OrderMove, OrderStatus
from bot.domain.policy import Roles
from bot.domain.search import OrderSearch
from bot.tango.client import TangoClient
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.form import Payer
from bot.usecases.holds import Holds
from bot.usecases.orders import Orders
from bot.usecases.queue import QueueControl
from bot.usecases.search import Searches
from handlers.views.blocks import MOST_OPTIONS
from handlers.views.choices import reward_choices
from storage import Storage
from tests.bench.bench import Bench
from tests.bench.cast import ACCOUNT, ADMIN, CUSTOMER, MANAGERS, RECIPIENTS
from tests.bench.figures import Table, median_of, ms, percentile, times
from tests.bench.history import ORDERS, PEOPLE, REWARDS, build

_ROUNDS: Final = 5
_MOST: Final = 1.5
_QUERIES: Final = ("r", "rew", "brand 4", "reward 12", "usd", "brand 4999")


class Side:
    """One database, and the bot's work on it. Each work says how long its own part took."""

    def __init__(self, where: Path | str, orders: int) -> None:
        self._storage = Storage.open(where)
        self._orders = orders
        self._random = Random(7)
        clock = Clock()
        tango = TangoClient(base_url="http://127.0.0.1:9/", platform_name="bench", platform_key=SecretStr("bench"))
        roles, payer = Roles(everyone_sends=True, admins=frozenset({ADMIN})), Payer(customer=CUSTOMER, account=ACCOUNT)
        self._catalog = CatalogKeeper(
            storage=self._storage, tango=tango, clock=clock, roles=lambda: roles, offered=None
        )
        queue = QueueControl(storage=self._storage, clock=clock, holds=Holds(storage=self._storage, clock=clock))
        self._stories = Orders(storage=self._storage, clock=clock, roles=lambda: roles, queue=queue)
        self._searches = Searches(
            storage=self._storage,
            tango=tango,
            clock=clock,
            roles=lambda: roles,
            payer=payer,
            catalog=lambda: self._catalog.current,
        )

    def works(self) -> Mapping[str, Callable[[], float]]:
        """By what they are called in the table."""
        page = self._page
        return {
            "claim, the statement": self._claim,
            "claim, with its commit": self._claim_and_commit,
            "/orders: own": lambda: page(self._manager()),
            "/orders: all": lambda: page(ADMIN),
            "/orders <status>: own, of the common one": lambda: page(self._manager(), status=OrderStatus.ACCEPTED),
            "/orders <status>: own, of a rare one": lambda: page(self._manager(), status=OrderStatus.FAILED),
            "/orders <status>: all, of the common one": lambda: page(ADMIN, status=OrderStatus.ACCEPTED),
            "/orders <status>: all, of a rare one": lambda: page(ADMIN, status=OrderStatus.FAILED),
            "/orders @person: own": lambda: page(self._manager(), recipient_id=self._recipient()),
            "/orders @person: all": lambda: page(ADMIN, recipient_id=self._recipient()),
            "/orders <id>: a sent one": self._story,
            "card update: what it reads": self._card,
            f"reward type-ahead, {REWARDS:,} rewards": self._type_ahead,
        }

    def close(self) -> None:
        """Close the file."""
        self._storage.close()

    def _manager(self) -> str:
        return MANAGERS[self._random.randrange(PEOPLE)]

    def _recipient(self) -> str:
        return RECIPIENTS[self._random.randrange(PEOPLE)]

    def _page(self, actor: str, **wanted: str | OrderStatus) -> float:
        return _timed(lambda: self._searches.page(actor, OrderSearch(**wanted)))  # type: ignore[arg-type]

    def _story(self) -> float:
        request_id = self._random.randrange(1, int(self._orders // 2 * 0.8))  # of two orders, both sent
        number = order_number(request_id, self._random.choice((1, 2)))
        return _timed(lambda: self._stories.story(ADMIN, number))

    def _card(self) -> float:
        request_id = self._random.randrange(1, self._orders // 2)

        def read() -> None:
            self._storage.requests.get(request_id)
            self._storage.orders.progress(request_id)
            self._storage.outbox.find_post(ApprovalCard.kind, request_id)

        return _timed(read)

    def _type_ahead(self) -> float:
        typed = self._random.choice(_QUERIES)
        return _timed(lambda: reward_choices(self._catalog.current.search(typed, MOST_OPTIONS)))

    def _claim(self) -> float:
        return self._claimed()[0]

    def _claim_and_commit(self) -> float:
        return self._claimed()[1]

    def _claimed(self) -> tuple[float, float]:
        now = datetime.now(UTC)
        began = time.perf_counter()
        with self._storage.transaction():
            before = time.perf_counter()
            order = self._storage.orders.claim(now)
            took = time.perf_counter() - before
        whole = time.perf_counter() - began
        assert order is not None
        with self._storage.transaction():  # back, behind all others
            self._storage.orders.move(order, OrderMove.RESCHEDULE, now=now, available_at=now)
        return took, whole


def measure(bench: Bench) -> list[Table]:
    """Each work at both sizes, taking turns."""
    folder = bench.new_folder()
    copies = bench.either(1_000, 50)
    paths = folder / "few.db", folder / "many.db"
    with bench.doing(f"making {ORDERS * copies:,} orders"):
        for path, times_over in zip(paths, (1, copies), strict=True):
            build(path, times_over)
    few, many = Side(paths[0], ORDERS), Side(paths[1], ORDERS * copies)
    table = Table(
        f"Growth: {ORDERS:,} and {ORDERS * copies:,} orders",
        ("", f"{ORDERS:,}", f"{ORDERS * copies:,}", "ratio"),
    )
    table.note(
        f"Both files have {PEOPLE} managers and {PEOPLE} recipients, a tenth of the orders in the queue and one in "
        f"fifty failed. The audit log and the outbox match; the larger is {paths[1].stat().st_size / 2**20:,.0f} MiB. "
        f"The two take turns, with other people and ids each time; p50 of {_ROUNDS} rounds, median of their ratios."
    )
    compare(bench, table, few, many)
    return [table]


def compare(bench: Bench, table: Table, few: Side, many: Side) -> None:
    """Add a line for each work, then close both."""
    each = bench.either(60, 15)
    with bench.doing("growth"):
        for name, works in zip(few.works(), zip(few.works().values(), many.works().values(), strict=True), strict=True):
            _measure(table, name, works, each)
    few.close()
    many.close()


def _measure(table: Table, name: str, works: tuple[Callable[[], float], Callable[[], float]], each: int) -> None:
    rounds = []
    for work in works * 3:  # what is read for the first time is no part of this
        work()
    for _ in range(_ROUNDS):
        samples: tuple[list[float], list[float]] = ([], [])
        for _ in range(each):
            for work, took in zip(works, samples, strict=True):
                took.append(work())
        rounds.append([percentile(took, 50) for took in samples])
    ratio = median_of(many / few for few, many in rounds)
    figures = [ms(median_of(one[side] for one in rounds)) for side in range(2)]
    table.add(name, *figures, times(ratio), target=f"≤ {_MOST} ×", met=ratio <= _MOST)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
