"""A month of 5,000 orders in three currencies: whatever shows them agrees to the cent, and goes on doing so."""

import csv
import io
import json
import random
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from bot.domain.attempt import AttemptOutcome
from bot.domain.charge import Charge
from bot.domain.days import Period
from bot.domain.money import Money, decimals_of
from bot.domain.occasion import Occasion
from bot.domain.order import Order, OrderMove
from bot.domain.problem import Problem
from bot.domain.report import Report, ReportBy
from bot.domain.report_words import ReportAsked
from bot.usecases.person import erase_person
from bot.usecases.report_files import gift_log_csv, report_csv, report_json
from bot.usecases.reports import Ledger
from bot.worker.gift_log import remove_names
from bot.worker.retention import clear_old
from handlers.views.plain import plainer
from handlers.views.report import FileSent, build_report, total_texts
from storage import Storage
from storage.database import to_ms
from tests.kit.factories import FakeClock, a_recipient, approve, file_request
from tests.kit.wording.common import words_in

ORDERS: Final = 5_000
ZONE: Final = "Europe/Berlin"
OCTOBER: Final = Period(date(2026, 10, 1), date(2026, 10, 31))
#: The first moment of October in Berlin, and the first after it: the clocks are put back within.
SINCE: Final = datetime(2026, 9, 30, 22, tzinfo=UTC)
UNTIL: Final = datetime(2026, 10, 31, 23, tzinfo=UTC)
LATER: Final = UNTIL + timedelta(days=40)

pytestmark = pytest.mark.timeout(600)  # PostgreSQL is asked a hundred thousand times, and the machine may be busy

# Of orders and attempts alone: what Tango accepted in October, less what it ended in October.
_ACCEPTED: Final = """
SELECT orders.currency, count(*) AS n, sum(orders.amount_minor) AS minor
FROM orders JOIN attempts ON attempts.order_id = orders.id
WHERE attempts.outcome = 'accepted' AND attempts.finished_at >= :since AND attempts.finished_at < :until
GROUP BY orders.currency
"""
_ENDED: Final = """
SELECT currency, count(*) AS n, sum(amount_minor) AS minor FROM orders
WHERE problem = 'ended_at_tango' AND finalized_at >= :since AND finalized_at < :until GROUP BY currency
"""

Sums = Counter[str]


class History:
    """Some weeks drawn at random: people, amounts, occasions, later charges, and rewards that Tango ends.

    Attributes:
        charged: what left the account in October, in cents of US dollars.
    """

    def __init__(self, storage: Storage, seed: int) -> None:
        self._storage = storage
        self._draw = random.Random(seed)
        self.charged = 0

    def live(self) -> None:
        made = 0
        while made < ORDERS:
            made += len(self._ask())

    def _ask(self) -> list[Order]:
        draw = self._draw
        at = SINCE - timedelta(days=3) + timedelta(milliseconds=draw.randrange(37 * 86_400_000))
        people = draw.sample(range(400), draw.randint(5, 30))
        request = file_request(
            self._storage,
            now=at,
            requester_id=f"U0M{draw.randrange(40):06d}",
            recipients=tuple(a_recipient(f"U0R{one:06d}", first_name="Person", last_name=str(one)) for one in people),
            amount=Money(draw.randrange(100, 50_000), draw.choice(["USD", "EUR", "JPY"])),
            occasion=draw.choice([None, Occasion("Birthday", is_taxable=False), Occasion("Work anniversary")]),
        )
        orders = approve(self._storage, request, now=at)
        with self._storage.transaction():
            for order in orders:
                self._send(order, at + timedelta(seconds=draw.randrange(90_000)))
        return orders

    def _send(self, order: Order, at: datetime) -> None:
        storage, draw = self._storage, self._draw
        claimed = storage.orders.claim_this(order.id, at)
        assert claimed is not None
        attempt = storage.attempts.start(order.id, at)
        storage.attempts.finish(
            attempt,
            now=at,
            outcome=AttemptOutcome.ACCEPTED,
            http_status=201,
            i18n_key=None,
            tango_request_id=None,
            detail=None,
        )
        reference = f"RA261001-{order.id}-42"
        assert storage.orders.move(claimed, OrderMove.ACCEPT, now=at, reference_order_id=reference)
        cost = self._charge(order, at, 0)
        later = at + timedelta(days=draw.randrange(1, 9))
        if draw.random() < 0.05:
            cost = self._charge(order, later, cost)
        if draw.random() < 0.05:
            sent = storage.orders.get(order.id)
            assert sent is not None
            assert storage.orders.move(sent, OrderMove.FAIL, now=later, problem=Problem.ENDED_AT_TANGO)
            storage.gift_log.record(order.id, later)
            self._count(later, -cost)

    def _charge(self, order: Order, at: datetime, before: int) -> int:
        """Have Tango tell a charge; return it, in cents."""
        cents = self._draw.randrange(100, 60_000)
        self._storage.charges.set(order.id, Charge(total=Decimal(cents).scaleb(-2), currency="USD"))
        self._storage.gift_log.record(order.id, at)
        self._count(at, cents - before)
        return cents

    def _count(self, at: datetime, cents: int) -> None:
        if SINCE <= at < UNTIL:
            self.charged += cents


def independent(storage: Storage) -> tuple[Sums, Sums]:
    """Face values in minor units, and rewards, by currency: by SQL that knows nothing of the gift log."""
    params = {"since": to_ms(SINCE), "until": to_ms(UNTIL)}
    minor: Sums = Counter()
    rewards: Sums = Counter()
    for sql, sign in ((_ACCEPTED, 1), (_ENDED, -1)):
        for row in storage._database.query(sql, params):
            minor[row["currency"]] += sign * int(row["minor"])
            rewards[row["currency"]] += sign * row["n"]
    return minor, rewards


def in_table(report: Report) -> tuple[Sums, Sums, int]:
    """Face values and rewards by currency, and all that was charged, in cents of US dollars."""
    (table,) = [block for block in build_report(report, FileSent.OFF).blocks if block["type"] == "data_table"]
    minor: Sums = Counter()
    rewards: Sums = Counter()
    charged = 0
    for _, count, face, charge, currency in table["rows"][1:]:
        minor[currency["text"]] += cents(face["value"], currency["text"])
        rewards[currency["text"]] += count["value"]
        charged += cents(charge["value"], "USD")
    return minor, rewards, charged


def in_text(report: Report) -> tuple[Sums, Sums, int]:
    """The same of the lines that arrive where Slack refuses the table."""
    plain = next(plainer(build_report(report, FileSent.OFF)))
    minor: Sums = Counter()
    rewards: Sums = Counter()
    charged = 0
    for count, face, charge, currency in re.findall(_ROW, words_in(plain.blocks), re.MULTILINE):
        minor[currency] += cents(_digits(face), currency)
        rewards[currency] += int(count.replace(",", ""))
        charged += cents(_digits(charge), "USD")
    return minor, rewards, charged


#: A row of the table as text, behind the name.
_ROW: Final = r" · ([\d,]+) · (\S+) · (\S+) · ([A-Z]{3})$"


def _digits(shown: str) -> str:
    return re.sub(r"[^\d.-]", "", shown)


def in_charts(report: Report) -> Sums:
    blocks: list[Any] = [b for b in build_report(report, FileSent.OFF).blocks if b["type"] == "data_visualization"]
    series = [block["chart"]["series"][0] for block in blocks]
    return Counter({one["name"]: sum(cents(point["value"], one["name"]) for point in one["data"]) for one in series})


def in_csv(text: str) -> tuple[Sums, int]:
    """Face values by currency, and all that was charged, in cents of US dollars."""
    minor: Sums = Counter()
    charged = 0
    for row in csv.DictReader(io.StringIO(text)):
        minor[row["currency"]] += cents(row["face_value"], row["currency"])
        charged += cents(row["charged"], "USD") if row["charged"] else 0
    return minor, charged


def cents(amount: float | str, currency: str) -> int:
    return int(Decimal(str(amount)).scaleb(decimals_of(currency)))


def files(storage: Storage) -> list[str]:
    """All that can be had of the month as a file."""
    ledger = Ledger(storage, ZONE)
    reports = [ledger.report(ReportAsked(OCTOBER, by), LATER) for by in ReportBy]
    listed = ledger.payroll(ReportAsked(OCTOBER, is_payroll=True), LATER).rows
    return [gift_log_csv(listed, ZONE), *map(report_csv, reports), *map(report_json, reports)]


def test_a_month_of_5000_orders_agrees_to_the_cent_and_is_the_same_when_it_is_made_again(storage: Storage):
    history = History(storage, seed=16)
    history.live()
    ledger = Ledger(storage, ZONE)
    minor, rewards = independent(storage)
    assert set(minor) == {"USD", "EUR", "JPY"}

    for by in ReportBy:
        report = ledger.report(ReportAsked(OCTOBER, by), LATER)
        said = {f"{Money(minor[currency], currency)} in {rewards[currency]:,} rewards" for currency in minor}
        assert {text.partition(", $")[0] for text in total_texts(report)} == said
        assert in_table(report) == in_text(report) == (minor, rewards, history.charged)
        charted = in_charts(report)
        assert len(charted) == 2
        assert charted == Counter({currency: minor[currency] for currency in charted})
        assert in_csv(report_csv(report)) == (minor, history.charged)
        assert report.is_over
    listed = ledger.payroll(ReportAsked(OCTOBER, is_payroll=True), LATER)
    assert in_csv(gift_log_csv(listed.rows, ZONE)) == (minor, history.charged)
    once = Counter(row.order_id for row in listed.rows if row.kind == "sent")
    assert set(once.values()) == {1}, "every reward exactly once"

    before = files(storage)
    for person in (*(f"U0R{number:06d}" for number in range(0, 400, 50)), "U0M000001"):
        erased = erase_person(storage, person, LATER, "an operator")
        assert erased.requests > 0
        assert not erased.open
    assert files(storage) == before, "erasure takes nothing from the gift log"
    clear_old(storage, FakeClock(LATER), timedelta(days=1))
    assert storage._database.query("SELECT 1 FROM orders WHERE email <> '' LIMIT 1") == []
    assert files(storage) == before, "nor does retention, while the log's years last"
    remove_names(storage, FakeClock(LATER), timedelta(days=1))
    left = [json.loads(text) for text in files(storage) if text.startswith("{")]
    assert [one["totals"] for one in left] == [json.loads(text)["totals"] for text in before if text.startswith("{")]
