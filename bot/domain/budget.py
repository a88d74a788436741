"""Budgets and limits: what a requester may still ask for, and what one reward or one person may get at most.

There is no counter. The row of a request is its reservation: at filing the face value of all its rewards, bound to the
budgets that name the requester at that moment and to the month of that day. It is freed with the request, or with its
orders, and settled by what Tango charged. What is used is the sum of these rows.

Pure: the sums come from storage (storage/budgets.py), the members of user groups from Slack.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP
from enum import StrEnum
from typing import ClassVar, Final

from bot.domain.approval import is_group
from bot.domain.charge import Charge
from bot.domain.days import zone_of
from bot.domain.money import Money, decimals_of
from bot.errors import GroupUnknown
from bot.faults import Fault, FaultCode

#: In `senders`: every requester.
EVERYONE: Final = "*"

#: Per cent of a budget at which the admins are warned: while there is time to act, and when it is too late.
WARN_AT: Final = (80, 100)

#: The members of each user group that Slack has told of.
Groups = Mapping[str, frozenset[str]]


class Per(StrEnum):
    """The time for which a budget is given: by the calendar, in the installation's time zone."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


#: Quarters begin in January, April, July and October.
_MONTHS: Final[Mapping[Per, int]] = {Per.MONTH: 1, Per.QUARTER: 3, Per.YEAR: 12}


def month_of(now: datetime, zone: str) -> int:
    """Return the month in which `now` is in that zone, counted from the year 0: consecutive months are consecutive."""
    there = now.astimezone(zone_of(zone))
    return there.year * 12 + there.month - 1


def year_of(month: int) -> "BudgetPeriod":
    """Return the calendar year of a month."""
    return BudgetPeriod.around(month, Per.YEAR)


@dataclass(frozen=True, slots=True)
class BudgetPeriod:
    """Whole months, both included, counted as `month_of` does."""

    first: int
    last: int

    @classmethod
    def around(cls, month: int, per: Per) -> "BudgetPeriod":
        """Return the month, quarter or year in which a month is."""
        length = _MONTHS[per]
        first = month - month % length
        return cls(first, first + length - 1)

    @property
    def first_day(self) -> date:
        """Return its first day."""
        return _first_day(self.first)

    @property
    def last_day(self) -> date:
        """Return its last day."""
        return _first_day(self.last + 1) - timedelta(days=1)


def _first_day(month: int) -> date:
    year, place = divmod(month, 12)
    return date(year, place + 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A budget of the settings.

    Attributes:
        name: tells it from the others, for people and in storage: under a new name it starts over.
        senders: for whom it is: user ids, ids of user groups, or `"*"`.
        each: whether each of them has the amount for themselves; otherwise they share it.
        amount: in one currency.
        per: how long it lasts.
    """

    name: str
    senders: frozenset[str]
    each: bool
    amount: Money
    per: Per

    def names(self, requester_id: str, groups: Groups) -> bool:
        """Return whether the budget is for this requester.

        Raises:
            GroupUnknown: it depends on a user group of which Slack doesn't tell who is in it.
        """
        if self.surely_names(requester_id, groups):
            return True
        if not groups.keys() >= self._groups:
            raise GroupUnknown
        return False

    def surely_names(self, requester_id: str, groups: Groups) -> bool:
        """Return whether the budget is surely for this requester: a group that is missing has nobody in it."""
        if self.senders & {EVERYONE, requester_id}:
            return True
        return any(requester_id in groups.get(group, ()) for group in self._groups)

    @property
    def _groups(self) -> frozenset[str]:
        return frozenset(filter(is_group, self.senders))

    def period(self, month: int) -> BudgetPeriod:
        """Return the period in which a month is."""
        return BudgetPeriod.around(month, self.per)


@dataclass(frozen=True, slots=True)
class Reserved:
    """What the requests of one month have reserved that are bound to the same budgets.

    Attributes:
        budgets: the names of these budgets.
        month: as `month_of` counts.
        minor: in minor units of the budgets' currency.
    """

    budgets: frozenset[str]
    month: int
    minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What is reserved of a requester's budgets in one currency: by everyone, and by the requester alone."""

    by_all: Sequence[Reserved] = ()
    by_one: Sequence[Reserved] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What one budget has left for a requester, in the period that runs.

    Attributes:
        budget: which.
        period: the one that runs.
        used: what is reserved or spent. It may exceed the budget: by a fee, or because the budget was lowered.
    """

    budget: Budget
    period: BudgetPeriod
    used: Money

    @property
    def left(self) -> Money:
        """Return what may still be asked for; nothing where more is used than the budget has."""
        return Money(max(self.budget.amount.minor - self.used.minor, 0), self.used.currency)

    def holds(self, total: Money) -> bool:
        """Return whether there is room for so much more."""
        return total.minor <= self.left.minor

    def after(self, total: Money) -> "Room":
        """Return the room once so much more is used."""
        return Room(budget=self.budget, period=self.period, used=Money(self.used.minor + total.minor, total.currency))

    @property
    def warnings(self) -> tuple[int, ...]:
        """Return the levels of `WARN_AT` that are reached, in per cent."""
        return tuple(level for level in WARN_AT if self.used.minor * 100 >= self.budget.amount.minor * level)


def budgets_of(budgets: Iterable[Budget], requester_id: str, groups: Groups) -> tuple[Budget, ...]:
    """Return the budgets that name a requester, in any currency.

    Raises:
        GroupUnknown: it depends on a user group of which Slack doesn't tell who is in it.
    """
    return tuple(budget for budget in budgets if budget.names(requester_id, groups))


def in_currency(budgets: Iterable[Budget], currency: str) -> tuple[Budget, ...]:
    """Return the budgets in that currency: those that a request in it is held against."""
    return tuple(budget for budget in budgets if budget.amount.currency == currency)


def currency_fault(budgets: Sequence[Budget], currency: str) -> Fault | None:
    """Return why a requester whom these budgets name can't give rewards in that currency, or None.

    Whoever has a budget has it in certain currencies; whom no budget names may give in any.
    """
    if not budgets or in_currency(budgets, currency):
        return None
    currencies = sorted({budget.amount.currency for budget in budgets})
    return Fault(FaultCode.NO_BUDGET_IN_CURRENCY, {"currency": currency, "currencies": currencies})


def rooms_of(budgets: Iterable[Budget], sums: Sums, month: int) -> tuple[Room, ...]:
    """Return what each of a requester's budgets has left in the period in which `month` is."""
    return tuple(_room(budget, sums.by_one if budget.each else sums.by_all, month) for budget in budgets)


def _room(budget: Budget, reserved: Iterable[Reserved], month: int) -> Room:
    period = budget.period(month)
    used = sum(row.minor for row in reserved if budget.name in row.budgets and period.first <= row.month <= period.last)
    return Room(budget=budget, period=period, used=Money(used, budget.amount.currency))


def room_fault(rooms: Iterable[Room], total: Money) -> Fault | None:
    """Return why the budgets have no room for so much more, or None; of several budgets the one with the least left."""
    short = [room for room in rooms if not room.holds(total)]
    if not short:
        return None
    room = min(short, key=lambda one: one.left.minor)
    return Fault(FaultCode.OVER_BUDGET, {"room": room, "total": total})


@dataclass(frozen=True, slots=True)
class Drawn:
    """A budget as a request has found it: what the card says of it.

    Attributes:
        name: the budget's.
        each: whether the requester has it alone.
        left: before the request.
    """

    name: str
    each: bool
    left: Money


def settled(face: Money, charge: Charge | None) -> int:
    """Return what an order of that face value takes of its budgets, in minor units.

    It is what Tango charged, where that is in the budgets' currency: they have the reward's.
    """
    if charge is None or charge.currency != face.currency:
        return face.minor
    return int(charge.total.scaleb(decimals_of(face.currency)).to_integral_value(ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class BudgetUsed:
    """To admins: a budget is nearly or wholly used. A notice (bot/domain/notices.py), once a level and period.

    It says how things were when that was noticed: a later one has a higher level.

    Attributes:
        name: the budget's.
        owner: the Slack id of whose it is, of a budget that each has for themselves; empty where it is shared.
        percent: the level of `WARN_AT`.
        used_minor: what is used, in minor units.
        amount_minor: the whole budget.
        currency: of both.
        last_day: of the period, in ISO 8601.
        is_over: whether the period had ended when that was noticed.
    """

    kind: ClassVar[str] = "budget_used"
    name: str
    owner: str
    percent: int
    used_minor: int
    amount_minor: int
    currency: str
    last_day: str
    is_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one reward, and one person in a calendar year, may get: by currency. Empty: no limit is set.

    Attributes:
        per_reward: for one recipient.
        per_recipient_per_year: over all requesters, by the day of filing in the installation's time zone.
    """

    per_reward: Mapping[str, Money] = field(default_factory=dict)
    per_recipient_per_year: Mapping[str, Money] = field(default_factory=dict)

    def currency_fault(self, currency: str) -> Fault | None:
        """Return why no reward may be given in that currency, or None: a limit that is set must list it."""
        currencies = self.currencies_but(currency)
        if not currencies:
            return None
        return Fault(FaultCode.NO_LIMIT_IN_CURRENCY, {"currency": currency, "currencies": currencies})

    def currencies_but(self, currency: str) -> Sequence[str]:
        """Return the currencies of a limit that doesn't list this one; none where each limit that is set lists it."""
        for limits in filter(None, (self.per_reward, self.per_recipient_per_year)):
            if currency not in limits:
                return sorted(limits)
        return ()

    def reward_fault(self, amount: Money) -> Fault | None:
        """Return why one reward may not be worth so much, or None."""
        limit = self.per_reward.get(amount.currency)
        if limit is None or amount.minor <= limit.minor:
            return None
        return Fault(FaultCode.OVER_LIMIT, {"limit": limit})

    def recipient_fault(self, name: str, amount: Money, given: Money) -> Fault | None:
        """Return why a person may not get so much more this year, or None.

        What they were given is no fact of it: nobody learns what others have given.

        Args:
            name: the person's.
            amount: what they would get.
            given: what they were given this year, or may still be.
        """
        limit = self.per_recipient_per_year.get(amount.currency)
        if limit is None or given.minor + amount.minor <= limit.minor:
            return None
        return Fault(FaultCode.OVER_YEARLY_LIMIT, {"name": name, "limit": limit})
