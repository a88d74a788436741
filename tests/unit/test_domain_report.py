"""A report: how it is asked for, and that its groups add up to its rows however it is shown."""

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from bot.domain.days import Period
from bot.domain.gift_log import GiftKind, GiftRecord
from bot.domain.money import Money
from bot.domain.report import Report, ReportBy, ReportRow, report_of
from bot.domain.report_words import ReportAsked, ReportNotUnderstood, read_report
from bot.usecases.report_files import gift_log_csv, gift_log_json, report_csv, report_json
from handlers.views.report import FileSent, build_report
from tests.kit.factories import MAYA, NOON, ROB

TODAY: Final = date(2026, 11, 27)  # a Friday
OCTOBER: Final = Period(date(2026, 10, 1), date(2026, 10, 31))

# ------------------------------------------------------------------------------- how it is asked for


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("typed", "period"),
    [
        ("", days("2026-11-01", "2026-11-27")),
        ("this month", days("2026-11-01", "2026-11-27")),
        ("last month", OCTOBER),
        ("last quarter", days("2026-07-01", "2026-09-30")),
        ("this quarter", days("2026-10-01", "2026-11-27")),
        ("Q3 2025", days("2025-07-01", "2025-09-30")),
        ("q4", days("2026-10-01", "2026-12-31")),
        ("2026-10", OCTOBER),
        ("for October", OCTOBER),
        ("october 2025", days("2025-10-01", "2025-10-31")),
        ("2025", days("2025-01-01", "2025-12-31")),
        ("yesterday", days("2026-11-26", "2026-11-26")),
        ("1 Oct to 14 Oct", days("2026-10-01", "2026-10-14")),
        ("Oct 1 - Oct 15", days("2026-10-01", "2026-10-15")),
        ("from 1 Oct 2025 until 15 Oct", days("2025-10-01", "2025-10-15")),
        ("2026-10-01..2026-10-15", days("2026-10-01", "2026-10-15")),
        ("2026-10-01\N{EN DASH}2026-10-15", days("2026-10-01", "2026-10-15")),
        ("20 Dec to 5 Jan", days("2025-12-20", "2026-01-05")),
        ("since 1 Oct", days("2026-10-01", "2026-11-27")),
        ("september to october", days("2026-09-01", "2026-10-31")),
        ("29 Feb 2024", days("2024-02-29", "2024-02-29")),
    ],
)
def test_a_period_is_read(typed: str, period: Period):
    assert read_report(typed, TODAY) == ReportAsked(period)


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("last month by team", ReportAsked(OCTOBER, ReportBy.TEAM)),
        ("by Occasions last month", ReportAsked(OCTOBER, ReportBy.OCCASION)),
        ("payroll 2026-10", ReportAsked(OCTOBER, is_payroll=True)),
        ("2026-10 payroll by recipient", ReportAsked(OCTOBER, ReportBy.RECIPIENT, is_payroll=True)),
    ],
)
def test_so_is_what_it_is_put_together_by(typed: str, asked: ReportAsked):
    assert read_report(typed, TODAY) == asked


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("last fortnight", "last"),
        ("by colour", "colour"),
        ("by", "by"),
        ("by team by sender", "sender"),
        ("2026-10 2026-11", "2026-11"),
        ("31 nov", "31"),
        ("2026-10-15 to 2026-10-01", ""),
        ("since 2027-01-01", ""),
        ("payroll payroll", "payroll"),
    ],
)
def test_what_has_no_meaning_is_named(typed: str, word: str):
    with pytest.raises(ReportNotUnderstood) as refusal:
        read_report(typed, TODAY)

    assert refusal.value.word == word


# --------------------------------------------------------------------------------- what it comes to


def a_gift(number: int = 1, **facts: Any) -> GiftRecord:
    usual: dict[str, Any] = {
        "id": number,
        "order_id": number,
        "kind": GiftKind.SENT,
        "at": NOON,
        "number": f"{number}",
        "requester_id": MAYA,
        "requester_name": "Maya Lopez",
        "recipient_id": ROB,
        "recipient_name": "Rob Weiss",
        "approved_by": "U0ALEX001",
        "first_approved_by": "",
        "utid": "U561593",
        "reward_name": "Reward Link Preferred",
        "brand": "Reward Link",
        "face": Money(25_00, "USD"),
        "charged": Money(25_00, "USD"),
        "occasion": "Birthday",
        "is_taxable": None,
        "team": "",
        "campaign": "",
        "purchase_order": "",
    }
    return GiftRecord(**(usual | facts))


def a_report(rows: Sequence[GiftRecord], by: ReportBy = ReportBy.RECIPIENT, **facts: Any) -> Report:
    usual: dict[str, Any] = {"period": OCTOBER, "zone": "UTC", "everyone": True, "is_over": True}
    return report_of(rows, by, **(usual | facts))


def test_currencies_are_apart_and_what_was_ended_is_taken_off():
    report = a_report(
        [
            a_gift(1),
            a_gift(2, face=Money(20_00, "EUR"), charged=Money(21_90, "USD")),
            a_gift(3),
            a_gift(4, kind=GiftKind.ENDED, face=Money(-25_00, "USD"), charged=Money(-25_00, "USD")),
            a_gift(5, kind=GiftKind.CHARGED, face=Money(0, "EUR"), charged=Money(-10, "USD")),
        ]
    )

    assert [(row.name, row.rewards, row.face, list(row.charged)) for row in report.rows] == [
        ("Rob Weiss", 1, Money(20_00, "EUR"), [Money(21_80, "USD")]),
        ("Rob Weiss", 1, Money(25_00, "USD"), [Money(25_00, "USD")]),
    ]


def test_a_reward_that_was_sent_and_ended_in_the_same_time_is_in_no_group():
    ended = a_gift(2, kind=GiftKind.ENDED, face=Money(-25_00, "USD"), charged=Money(-25_00, "USD"))

    assert a_report([a_gift(1), ended]).rows == []


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (ReportBy.SENDER, {"U1", "U2"}),
        (ReportBy.RECIPIENT, {ROB}),
        (ReportBy.REWARD, {"U000001", "U000002"}),
        (ReportBy.OCCASION, {"", "Birthday"}),
        (ReportBy.TEAM, {"", "Sales"}),
    ],
)
def test_it_is_put_together_by_ids_and_names(by: ReportBy, keys: set[str]):
    rows = [
        a_gift(1, requester_id="U1", utid="U000001", occasion="", team="Sales"),
        a_gift(2, requester_id="U2", utid="U000002", requester_name=""),
    ]

    assert {row.key for row in a_report(rows, by).rows} == keys


def a_month(seed: int, gifts: int = 2_000) -> list[GiftRecord]:
    """Gifts as they come: many people, three currencies, some ended, charges in one or two currencies."""
    draw = random.Random(seed)
    rows: list[GiftRecord] = []
    for number in range(1, gifts + 1):
        currency = draw.choice(["USD", "USD", "EUR", "JPY"])
        who = draw.randrange(250)
        cost = draw.choice([None, Money(draw.randrange(1, 99_999), draw.choice(["USD", "EUR"]))])
        facts: dict[str, Any] = {
            "requester_id": f"U0M{draw.randrange(40):06d}",
            "recipient_id": f"U0R{who:06d}",
            "recipient_name": f"Person Number {who % 90}",
            "utid": f"U{draw.randrange(9):06d}",
            "occasion": draw.choice(["", "Birthday", "=Launch"]),
            "team": draw.choice(["", "Sales"]),
            "face": Money(draw.randrange(1, 99_999), currency),
            "charged": cost,
        }
        rows.append(a_gift(len(rows) + 1, at=NOON + timedelta(minutes=number), **facts))
        if draw.random() < 0.1:
            taken = cost and Money(-cost.minor, cost.currency)
            back = {"face": Money(-facts["face"].minor, currency), "charged": taken}
            rows.append(a_gift(len(rows) + 1, **(facts | back | {"kind": GiftKind.ENDED})))
    return rows


Sums = Counter[tuple[str, str]]


def sums_of(rows: Sequence[GiftRecord] | Sequence[ReportRow]) -> Sums:
    """Face values and charges, in minor units, by currency."""
    found: Sums = Counter()
    for row in rows:
        found["face", row.face.currency] += row.face.minor
        charged = [row.charged] if isinstance(row.charged, Money) else row.charged or []
        for money in charged:
            found["charged", money.currency] += money.minor
    return Counter({key: minor for key, minor in found.items() if minor})


@pytest.mark.parametrize("by", ReportBy)
@pytest.mark.parametrize("seed", range(3))
def test_rows_groups_totals_chart_table_and_files_have_the_same_sums(by: ReportBy, seed: int):
    gifts = a_month(seed)
    report = a_report(gifts, by)
    wanted = sums_of(gifts)
    blocks = build_report(report, FileSent.OFF).blocks
    (table,) = [block for block in blocks if block["type"] == "data_table"]
    charts = [block for block in blocks if block["type"] == "data_visualization"]

    assert sums_of(report.rows) == wanted
    assert sums_of(report.totals) == wanted
    assert sum(row.rewards for row in report.totals) == sum(
        {GiftKind.SENT: 1, GiftKind.ENDED: -1}.get(gift.kind, 0) for gift in gifts
    )
    shown: Sums = Counter()
    for _, _, face, _, currency in table["rows"][1:]:
        shown["face", currency["text"]] += minor(face["value"], currency["text"])
    assert shown == Counter({key: value for key, value in wanted.items() if key[0] == "face"})
    for chart in charts:
        (series,) = chart["chart"]["series"]
        values = [minor(point["value"], series["name"]) for point in series["data"]]
        assert sum(values) == wanted["face", series["name"]]
        assert len({point["label"] for point in series["data"]}) == len(values)
    assert len(charts) == 2
    assert in_csv(report_csv(report)) == wanted
    assert in_csv(gift_log_csv(gifts, "UTC")) == wanted
    told = json.loads(report_json(report))
    assert sum(Decimal(row["face_value"]) for row in told["rows"] if row["currency"] == "USD") == Decimal(
        wanted["face", "USD"]
    ).scaleb(-2)


def minor(value: float, currency: str) -> int:
    return int(Decimal(str(value)).scaleb(0 if currency == "JPY" else 2))


def in_csv(text: str) -> Sums:
    """The same sums, as a spreadsheet reads them."""
    found: Sums = Counter()
    for row in csv.DictReader(io.StringIO(text)):
        found["face", row["currency"]] += minor_of(row["face_value"], row["currency"])
        if row["charged"]:
            found["charged", row["charged_currency"]] += minor_of(row["charged"], row["charged_currency"])
    return Counter({key: value for key, value in found.items() if value})


def minor_of(text: str, currency: str) -> int:
    return int(Decimal(text).scaleb(0 if currency == "JPY" else 2))


def test_a_table_that_is_too_long_has_what_is_left_over_in_its_last_rows():
    report = a_report(a_month(1))
    shown = report.shown(100)

    assert len(report.rows) > 100
    assert len(shown) == 100
    assert sums_of(shown) == sums_of(report.rows)
    assert {row.face.currency for row in shown if row.groups > 1} <= {"USD", "EUR", "JPY"}


# -------------------------------------------------------------------------------------------- files


def test_no_spreadsheet_runs_what_people_typed():
    rows = [a_gift(1, recipient_name="=1+1", campaign="@x", face=Money(-25_00, "USD"))]
    (row,) = csv.DictReader(io.StringIO(gift_log_csv(rows, "UTC")))

    assert (row["recipient"], row["campaign"], row["face_value"]) == ("'=1+1", "'@x", "-25.00")


def test_the_columns_of_the_gift_log_are_a_promise():
    """Whoever changes one makes a new version, and says so in docs/finance.md."""
    first, second = a_gift(7, charged=None, is_taxable=True), a_gift(8, face=Money(500, "JPY"))
    head, *lines = gift_log_csv([first, second], "Asia/Tokyo").splitlines()

    assert head == (
        "gift_log_v1,date,time_utc,kind,order,recipient_id,recipient,sender_id,sender,approved_by,first_approved_by,"
        "brand,reward,face_value,currency,charged,charged_currency,occasion,taxable,team,campaign,purchase_order"
    )
    assert lines == [
        (
            "7,2026-03-14,2026-03-14T12:00:00Z,sent,7,U0ROB0001,Rob Weiss,U0MAYA001,Maya Lopez,U0ALEX001,,Reward Link,"
            "Reward Link Preferred,25.00,USD,,,Birthday,yes,,,"
        ),
        (
            "8,2026-03-14,2026-03-14T12:00:00Z,sent,8,U0ROB0001,Rob Weiss,U0MAYA001,Maya Lopez,U0ALEX001,,Reward Link,"
            "Reward Link Preferred,500,JPY,25.00,USD,Birthday,,,,"
        ),
    ]
    assert json.loads(gift_log_json([first], "UTC"))[0]["face_value"] == "25.00"


def test_the_columns_of_a_report_are_a_promise_too():
    charged = a_gift(2, kind=GiftKind.CHARGED, face=Money(0, "USD"), charged=Money(3_00, "EUR"))

    assert report_csv(a_report([a_gift(1), charged])).splitlines() == [
        "report_v1,name,currency,rewards,face_value,charged,charged_currency",
        "U0ROB0001,Rob Weiss,USD,1,25.00,3.00,EUR",
        "U0ROB0001,Rob Weiss,USD,0,0.00,25.00,USD",
    ]
