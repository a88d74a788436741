"""Budgets and limits, as pure rules: periods, who is named, what is left, what is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import pytest

from bot.domain.budget import (
    Budget,
    BudgetPeriod,
    Limits,
    Per,
    Reserved,
    Room,
    Sums,
    budgets_of,
    currency_fault,
    month_of,
    room_fault,
    rooms_of,
    settled,
    year_of,
)
from bot.domain.charge import Charge
from bot.domain.money import Money
from bot.errors import GroupUnknown
from bot.faults import FaultCode
from tests.kit.factories import ALEX, MAYA, ROB

LEADS: Final = "S0LEADS01"
NOVEMBER: Final = 2026 * 12 + 10


def dollars(amount: int) -> Money:
    return Money(amount * 100, "USD")


def a_budget(**facts: Any) -> Budget:
    """Maya has 500 dollars a month for herself."""
    usual: dict[str, Any] = {
        "name": "Team leads",
        "senders": frozenset({MAYA}),
        "each": True,
        "amount": dollars(500),
        "per": Per.MONTH,
    }
    return Budget(**(usual | facts))


@pytest.mark.parametrize(
    ("now", "zone", "month"),
    [
        (datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC), "Europe/Berlin", NOVEMBER),
        (datetime(2026, 11, 30, 23, 0, 0, tzinfo=UTC), "Europe/Berlin", NOVEMBER + 1),
        (datetime(2026, 12, 1, 4, 59, 59, tzinfo=UTC), "America/New_York", NOVEMBER),
        (datetime(2026, 12, 31, 11, 0, 0, tzinfo=UTC), "Pacific/Auckland", NOVEMBER + 2),
        (datetime(2026, 11, 30, 23, 0, 0, tzinfo=UTC), "UTC", NOVEMBER),
    ],
)
def test_a_month_begins_at_midnight_of_the_installations_zone(now: datetime, zone: str, month: int):
    assert month_of(now, zone) == month


@pytest.mark.parametrize(
    ("per", "month", "first", "last"),
    [
        (Per.MONTH, NOVEMBER, date(2026, 11, 1), date(2026, 11, 30)),
        (Per.MONTH, 2028 * 12 + 1, date(2028, 2, 1), date(2028, 2, 29)),
        (Per.QUARTER, NOVEMBER, date(2026, 10, 1), date(2026, 12, 31)),
        (Per.QUARTER, 2026 * 12, date(2026, 1, 1), date(2026, 3, 31)),
        (Per.YEAR, NOVEMBER, date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_periods_are_the_calendars(per: Per, month: int, first: date, last: date):
    period = BudgetPeriod.around(month, per)

    assert (period.first_day, period.last_day) == (first, last)


def test_a_budget_names_people_members_of_groups_and_everyone():
    groups = {LEADS: frozenset({ALEX})}
    named = {who: [budget.name for budget in budgets_of(_THREE, who, groups)] for who in (MAYA, ALEX, ROB)}

    assert named == {MAYA: ["hers", "all"], ALEX: ["leads", "all"], ROB: ["all"]}


_THREE: Final = (
    a_budget(name="hers"),
    a_budget(name="leads", senders=frozenset({LEADS})),
    a_budget(name="all", senders=frozenset({"*"})),
)


def test_a_group_that_slack_has_not_told_of_names_nobody_and_leaves_nobody_out():
    budget = a_budget(senders=frozenset({MAYA, LEADS}))

    assert budget.names(MAYA, {})
    with pytest.raises(GroupUnknown):
        budget.names(ROB, {})
    assert not budget.surely_names(ROB, {})
    assert not budget.names(ROB, {LEADS: frozenset()})


def test_what_is_used_is_of_the_budgets_own_period_and_people():
    mine = a_budget()
    ours = a_budget(name="All", each=False, per=Per.QUARTER)
    both, other = frozenset({"Team leads", "All"}), frozenset({"All"})
    sums = Sums(
        by_all=[
            Reserved(both, NOVEMBER, 300_00),
            Reserved(other, NOVEMBER - 1, 40_00),
            Reserved(other, NOVEMBER - 2, 7_00),  # of the quarter before
            Reserved(frozenset({"Another"}), NOVEMBER, 1_00),
        ],
        by_one=[Reserved(both, NOVEMBER, 120_00), Reserved(both, NOVEMBER - 1, 80_00)],
    )

    rooms = rooms_of([mine, ours], sums, NOVEMBER)

    assert [room.used for room in rooms] == [dollars(120), dollars(340)]
    assert [room.left for room in rooms] == [dollars(380), dollars(160)]


def a_room(used: int, **facts: Any) -> Room:
    budget = a_budget(**facts)
    return Room(budget=budget, period=budget.period(NOVEMBER), used=dollars(used))


def test_what_fits_exactly_fits_and_a_cent_more_does_not():
    assert room_fault([a_room(400)], dollars(100)) is None
    assert room_fault([a_room(400)], Money(100_01, "USD")) is not None
    assert room_fault([], dollars(10**6)) is None


def test_of_several_that_are_short_the_one_with_the_least_is_named():
    least = a_room(490)

    fault = room_fault([a_room(450), least, a_room(0)], dollars(100))

    assert fault is not None
    assert fault.facts == {"room": least, "total": dollars(100)}


def test_a_budget_that_was_lowered_has_nothing_left_and_no_less():
    room = a_room(600)

    assert room.left == dollars(0)
    assert not room.holds(Money(1, "USD"))


@pytest.mark.parametrize(
    ("used", "levels"), [(399, ()), (400, (80,)), (499, (80,)), (500, (80, 100)), (900, (80, 100))]
)
def test_levels_are_reached_at_their_amount(used: int, levels: tuple[int, ...]):
    assert a_room(used).warnings == levels


def test_whom_a_budget_names_has_it_in_its_currencies_alone():
    budgets = [a_budget(), a_budget(name="Euros", amount=Money(100_00, "EUR"))]

    assert currency_fault(budgets, "USD") is None
    assert currency_fault([], "CAD") is None
    fault = currency_fault(budgets, "CAD")
    assert fault is not None
    assert (fault.code, fault.facts["currencies"]) == (FaultCode.NO_BUDGET_IN_CURRENCY, ["EUR", "USD"])


def test_a_limit_is_passed_above_it_and_refuses_what_it_does_not_list():
    limits = Limits(per_reward={"USD": dollars(200)}, per_recipient_per_year={"USD": dollars(600)})

    assert limits.reward_fault(dollars(200)) is None
    assert limits.reward_fault(Money(200_01, "USD")) is not None
    assert limits.recipient_fault("Rob", dollars(100), dollars(500)) is None
    over = limits.recipient_fault("Rob", Money(100_01, "USD"), dollars(500))
    assert over is not None
    assert "500" not in str(over.facts), "nobody learns what others have given"
    assert limits.currency_fault("USD") is None
    assert limits.currency_fault("EUR") is not None
    assert Limits().currency_fault("EUR") is None


def test_each_limit_that_is_set_must_list_the_currency():
    limits = Limits(per_reward={"USD": dollars(1)}, per_recipient_per_year={"EUR": Money(1, "EUR")})

    assert all(limits.currency_fault(currency) for currency in ("USD", "EUR"))


@pytest.mark.parametrize(
    ("charge", "takes"),
    [
        (None, 25_00),
        (Charge(total=Decimal("26.505"), currency="USD"), 26_51),
        (Charge(total=Decimal(20), currency="USD"), 20_00),
        (Charge(total=Decimal(23), currency="EUR"), 25_00),
    ],
)
def test_a_charge_counts_in_the_budgets_currency(charge: Charge | None, takes: int):
    assert settled(dollars(25), charge) == takes


def test_the_year_of_a_limit_is_the_calendars():
    assert year_of(NOVEMBER).first_day == date(2026, 1, 1)
