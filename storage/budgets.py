"""Budgets: what requests have reserved of them, and of which the admins were warned.

A request names the set of budgets to which it is bound. There are few sets, so that a sum reads the rows of some of
them, next to each other in one index.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.domain.budget import Budget, Drawn, Reserved, Room, Sums
from bot.domain.money import Money
from storage.database import Database, Row, to_json, to_ms

_SETS: Final = "SELECT id, names FROM budget_sets WHERE currency = :currency ORDER BY id"
_ADD_SET: Final = """
INSERT INTO budget_sets (currency, names) VALUES (:currency, :names)
RETURNING id
"""
_SET: Final = "SELECT id FROM budget_sets WHERE currency = :currency AND names = :names"
_RESERVE: Final = """
UPDATE requests SET budget_set = :budget_set, filed_month = :month, reserved_minor = :minor, budgets = :budgets
WHERE id = :id
"""

# INDEXED BY: the index holds all that is read. Each month is a plain sum of rows that are next to each other: less work
# than to group the rows of a year.
_BY_ALL: Final = """
WITH RECURSIVE months (month) AS (
    SELECT CAST(:first AS INTEGER) UNION ALL SELECT month + 1 FROM months WHERE month < :last
)
SELECT month, (
    SELECT sum(reserved_minor) FROM requests INDEXED BY requests_reserved
    WHERE budget_set = :budget_set AND filed_month = month
) AS minor
FROM months
"""
_BY_ONE: Final = """
WITH RECURSIVE months (month) AS (
    SELECT CAST(:first AS INTEGER) UNION ALL SELECT month + 1 FROM months WHERE month < :last
)
SELECT month, (
    SELECT sum(reserved_minor) FROM requests INDEXED BY requests_reserved
    WHERE budget_set = :budget_set AND filed_month = month AND requester_id = :requester_id
) AS minor
FROM months
"""
_BY_EACH: Final = """
SELECT requester_id, sum(reserved_minor) AS minor FROM requests INDEXED BY requests_reserved
WHERE budget_set = :budget_set AND filed_month BETWEEN :first AND :last GROUP BY requester_id
"""

# What a person was given since the year began, by the day on which it was asked for, or may still be. The requests are
# looked up one by one: PostgreSQL would pass over all of them to join them.
_GIVEN: Final = """
SELECT recipient_id, sum(amount_minor) AS minor FROM orders INDEXED BY orders_by_recipient
WHERE recipient_id IN (SELECT value FROM json_each(:people)) AND currency = :currency
  AND status NOT IN ('failed', 'canceled')
  AND (SELECT created_at FROM requests WHERE id = orders.request_id) >= :since
GROUP BY recipient_id
"""
_ASKED: Final = """
SELECT user_id AS recipient_id, sum(coalesce(own_minor, amount_minor)) AS minor
FROM requests INDEXED BY requests_pending JOIN recipients ON recipients.request_id = requests.id
WHERE status = 'pending_approval' AND currency = :currency AND created_at >= :since AND requests.id <> :but
  AND user_id IN (SELECT value FROM json_each(:people))
GROUP BY user_id
"""

_WARNED: Final = """
SELECT requester_id, percent FROM budget_warnings WHERE name = :name AND first_month = :first_month
"""
_WARN: Final = """
INSERT INTO budget_warnings (name, first_month, requester_id, percent)
VALUES (:name, :first_month, :requester_id, :percent)
ON CONFLICT DO NOTHING
"""


class BudgetStore:
    """The sums of what requests reserve. What is read inside a transaction stays true until its end."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def sums(self, budgets: Sequence[Budget], requester_id: str, month: int) -> Sums:
        """Return what is reserved of these budgets, which have one currency, in their periods around a month."""
        if not budgets:
            return Sums()
        sets = self._sets(budgets[0].amount.currency)
        by_all, by_one = [], []
        for set_id, names in sets.items():
            shared = _span(set_id, [one for one in budgets if not one.each and one.name in names], month)
            own = _span(set_id, [one for one in budgets if one.each and one.name in names], month)
            if shared:
                by_all += _reserved(names, self._db.query(_BY_ALL, shared))
            if own:
                by_one += _reserved(names, self._db.query(_BY_ONE, {**own, "requester_id": requester_id}))
        return Sums(by_all=by_all, by_one=by_one)

    def by_requester(self, budget: Budget, month: int) -> Mapping[str, int]:
        """Return what each requester has reserved of a budget in its period around a month, in minor units."""
        period, sums = budget.period(month), Counter[str]()
        for set_id, names in self._sets(budget.amount.currency).items():
            if budget.name in names:
                params = {"budget_set": set_id, "first": period.first, "last": period.last}
                sums.update({row["requester_id"]: int(row["minor"]) for row in self._db.query(_BY_EACH, params)})
        return sums

    def reserve(self, request_id: int, rooms: Sequence[Room], total: Money, month: int) -> None:
        """Have a request reserve `total` of each of these budgets, which have its currency.

        Args:
            request_id: of a request that was just stored.
            rooms: what each budget had left before.
            total: what all recipients get together.
            month: the month of the day on which it is filed.
        """
        drawn = [{"name": room.budget.name, "each": room.budget.each, "left": room.left.minor} for room in rooms]
        self._db.execute(
            _RESERVE,
            {
                "id": request_id,
                "budget_set": self._set_of(total.currency, sorted(room.budget.name for room in rooms)),
                "month": month,
                "minor": total.minor,
                "budgets": to_json(drawn),
            },
        )

    def given(self, people: Collection[str], currency: str, since: datetime, *, but: int = 0) -> Mapping[str, int]:
        """Return what each of these people was given, or may still be, of what was asked for since `since` (UTC).

        Args:
            people: recipients' Slack ids.
            currency: of the rewards.
            since: UTC.
            but: the id of a request that doesn't count.
        """
        params = {"people": list(people), "currency": currency, "since": to_ms(since)}
        given = Counter[str]()
        for rows in (self._db.query(_GIVEN, params), self._db.query(_ASKED, {**params, "but": but})):
            given.update({row["recipient_id"]: int(row["minor"]) for row in rows})
        return given

    def warned(self, budget: Budget, first_month: int) -> frozenset[tuple[str, int]]:
        """Return of what the admins were warned in the period that begins with a month: `requester_id` and per cent."""
        rows = self._db.query(_WARNED, {"name": budget.name, "first_month": first_month})
        return frozenset((row["requester_id"], row["percent"]) for row in rows)

    def warn(self, budget: Budget, first_month: int, requester_id: str, percent: int) -> bool:
        """Record that the admins are warned; return whether that is new.

        `requester_id` is that of who has the budget alone; empty where it is shared.
        """
        params = {
            "name": budget.name,
            "first_month": first_month,
            "requester_id": requester_id,
            "percent": percent,
        }
        return self._db.execute(_WARN, params) == 1

    def _sets(self, currency: str) -> Mapping[int, frozenset[str]]:
        """Return the names of the budgets of each set of that currency."""
        rows = self._db.query(_SETS, {"currency": currency})
        return {row["id"]: frozenset(json.loads(row["names"])) for row in rows}

    def _set_of(self, currency: str, names: Sequence[str]) -> int:
        params = {"currency": currency, "names": to_json(names)}
        row = self._db.one(_SET, params) or self._db.one(_ADD_SET, params)
        return int(row["id"])  # type: ignore[index]  # RETURNING answers a row


def _span(set_id: int, budgets: Sequence[Budget], month: int) -> Mapping[str, int]:
    """Return what sums a set of budgets over the longest period of these, which holds the others; empty for none."""
    periods = [budget.period(month) for budget in budgets]
    if not periods:
        return {}
    first, last = min(one.first for one in periods), max(one.last for one in periods)
    return {"budget_set": set_id, "first": first, "last": last}


def _reserved(names: frozenset[str], rows: Iterable[Row]) -> list[Reserved]:
    return [Reserved(names, row["month"], int(row["minor"])) for row in rows if row["minor"]]


def drawn_of(stored: str, currency: str) -> tuple[Drawn, ...]:
    """Return the budgets that a column of requests holds."""
    return tuple(Drawn(one["name"], one["each"], Money(one["left"], currency)) for one in json.loads(stored))
