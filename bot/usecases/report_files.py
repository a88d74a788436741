"""A report and the gift log as files for spreadsheets and payroll: the same numbers as on the screen.

The columns are a promise, described in docs/finance.md: the first one's name has their version. A column may be added
at the end; any other change makes a new version. Amounts have a point and the decimals of their currency, and the
currency has a column of its own. Days are those of the installation's zone.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from bot.domain.csv_lines import csv_lines
from bot.domain.days import zone_of
from bot.domain.gift_log import GiftRecord
from bot.domain.money import Money
from bot.domain.report import Report, ReportRow

#: What Excel needs to read a CSV as UTF-8 (Unicode, 23.8, byte order mark).
BOM: Final = "\ufeff"

#: The versions of the columns, as the first column's name has them.
_REPORT_COLUMNS: Final = ("report_v1", "name", "currency", "rewards", "face_value", "charged", "charged_currency")
_GIFT_COLUMNS: Final = (
    *("gift_log_v1", "date", "time_utc", "kind", "order", "recipient_id", "recipient", "sender_id", "sender"),
    *("approved_by", "first_approved_by", "brand", "reward", "face_value", "currency", "charged", "charged_currency"),
    *("occasion", "taxable", "team", "campaign", "purchase_order"),
)

#: What is in a cell.
Cell = str | int | Decimal

#: Whether an occasion is taxable, as a column has it; empty where the settings didn't say.
_TAXABLE: Final = {True: "yes", False: "no", None: ""}


def report_csv(report: Report) -> str:
    """Return a report as CSV. A group that was charged in several currencies has a line for each.

    Its rewards and face value stand in the first one, so that each column may be added up by currency.
    """
    return "".join(csv_lines(chain([_REPORT_COLUMNS], *map(_lines, report.rows))))


def gift_log_csv(rows: Iterable[GiftRecord], zone: str) -> str:
    """Return rows of the gift log as CSV, each on a line; `zone` is that of the column of days."""
    there = zone_of(zone)
    return "".join(csv_lines(chain([_GIFT_COLUMNS], (_gift(row, there) for row in rows))))


def report_json(report: Report) -> str:
    """Return a report as JSON: amounts are texts, so that no reader rounds them."""
    said = {
        "version": 1,
        "from": report.period.first.isoformat(),
        "to": report.period.last.isoformat(),
        "timezone": report.zone,
        "is_over": report.is_over,
        "by": report.by.value,
        "rows": [{"key": row.key, "name": row.name, **_sums(row)} for row in report.rows],
        "totals": [_sums(row) for row in report.totals],
    }
    return json.dumps(said, indent=2, ensure_ascii=False)


def gift_log_json(rows: Iterable[GiftRecord], zone: str) -> str:
    """Return rows of the gift log as JSON, under the names of the columns of the CSV."""
    there = zone_of(zone)
    listed = [dict(zip(_GIFT_COLUMNS, _gift(row, there), strict=True)) for row in rows]
    return json.dumps(listed, indent=2, ensure_ascii=False, default=str)


def _sums(row: ReportRow) -> dict[str, Any]:
    return {
        "currency": row.face.currency,
        "rewards": row.rewards,
        "face_value": str(row.face.amount),
        "charged": [{"amount": str(money.amount), "currency": money.currency} for money in row.charged],
    }


def _lines(row: ReportRow) -> Iterator[Sequence[Cell]]:
    charged: Sequence[Money | None] = row.charged or [None]
    first, *others = charged
    currency = row.face.currency
    yield row.key, row.name, currency, row.rewards, row.face.amount, *_charged(first)
    for money in others:
        yield row.key, row.name, currency, 0, Money(0, currency).amount, *_charged(money)


def _gift(row: GiftRecord, zone: tzinfo) -> Sequence[Cell]:
    return (
        row.id,
        row.at.astimezone(zone).date().isoformat(),
        f"{row.at:%Y-%m-%dT%H:%M:%SZ}",
        row.kind.value,
        row.number,
        row.recipient_id,
        row.recipient_name,
        row.requester_id,
        row.requester_name,
        row.approved_by,
        row.first_approved_by,
        row.brand,
        row.reward_name,
        row.face.amount,
        row.face.currency,
        *_charged(row.charged),
        row.occasion,
        _TAXABLE[row.is_taxable],
        row.team,
        row.campaign,
        row.purchase_order,
    )


def _charged(money: Money | None) -> tuple[Cell, str]:
    return ("", "") if money is None else (money.amount, money.currency)
