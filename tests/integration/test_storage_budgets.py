"""What requests reserve of budgets: stored, summed, freed and settled."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest

from bot.domain.budget import Budget, Per, rooms_of
from bot.domain.charge import Charge
from bot.domain.money import Money
from bot.domain.order import Order, OrderMove
from bot.domain.problem import Problem
from bot.domain.request import Request, RequestMove
from storage import Storage
from tests.kit.factories import (
    ALEX,
    MAYA,
    NOON,
    ROB,
    a_recipient,
    accept,
    again,
    approve,
    claim,
    file_request,
)
from tests.kit.reservations import check_reservations

MARCH: Final = 2026 * 12 + 2
KIM: Final = "U0KIM0001"

OWN: Final = Budget(name="Own", senders=frozenset({MAYA}), each=True, amount=Money(500_00, "USD"), per=Per.MONTH)
ALL: Final = Budget(name="All", senders=frozenset({"*"}), each=False, amount=Money(900_00, "USD"), per=Per.YEAR)


def reserve(
    storage: Storage, *budgets: Budget, by: str = MAYA, month: int = MARCH, people: tuple[str, ...] = (ROB,)
) -> Request:
    """A request of 25 dollars for each that reserves them of these budgets."""
    request = file_request(storage, requester_id=by, recipients=tuple(map(a_recipient, people)))
    with storage.transaction():
        sums = storage.budgets.sums(budgets, by, month)
        storage.budgets.reserve(request.id, rooms_of(budgets, sums, month), request.total, month)
    return request


def used(storage: Storage, *budgets: Budget, by: str = MAYA, month: int = MARCH) -> list[int]:
    """What is used of these budgets, in cents."""
    check_reservations(storage._database.query)
    return [room.used.minor for room in rooms_of(budgets, storage.budgets.sums(budgets, by, month), month)]


def test_requests_count_in_their_budgets_months_and_for_their_requesters(storage: Storage):
    reserve(storage, OWN, ALL)
    reserve(storage, OWN, ALL, month=MARCH - 1)
    reserve(storage, ALL, by=ALEX, people=(ROB, KIM))
    reserve(storage, ALL, by=ALEX, month=MARCH - 3)  # of the year before
    reserve(storage, replace(OWN, name="Another"))

    assert used(storage, OWN, ALL) == [25_00, 100_00]
    assert used(storage, OWN, ALL, by=ALEX) == [0, 100_00]
    assert used(storage, OWN, ALL, month=MARCH - 1) == [25_00, 100_00]
    assert used(storage, replace(OWN, amount=Money(1, "EUR"))) == [0], "another currency is another budget"
    assert used(storage) == []


def test_the_request_keeps_what_it_has_found(storage: Storage):
    reserve(storage, OWN, ALL)
    second = storage.requests.get(reserve(storage, OWN, ALL).id)

    assert second is not None
    assert [(one.name, one.each, one.left.minor) for one in second.budgets] == [
        ("Own", True, 475_00),
        ("All", False, 875_00),
    ]


@pytest.mark.parametrize("move", [RequestMove.DECLINE, RequestMove.WITHDRAW, RequestMove.EXPIRE])
def test_what_comes_to_nothing_frees_its_amount_once(storage: Storage, move: RequestMove):
    request = reserve(storage, ALL)
    reserve(storage, ALL)

    for is_first in (True, False):
        assert storage.requests.move(request.id, move, by=MAYA, now=NOON) is is_first
        assert used(storage, ALL) == [25_00]


def _fail(storage: Storage, order: Order) -> None:
    assert storage.orders.move(claim(storage, order), OrderMove.FAIL, now=NOON, problem=Problem.UNRECORDED)


def _cancel(storage: Storage, order: Order) -> None:
    assert storage.orders.move(order, OrderMove.CANCEL, now=NOON)


def _end(storage: Storage, order: Order) -> None:
    """Tango ends what it had accepted, and charged for."""
    accepted = accept(storage, order)
    storage.charges.set(accepted.id, Charge(total=Decimal("26.50"), currency="USD"))
    assert storage.orders.move(again(storage, accepted), OrderMove.FAIL, now=NOON, problem=Problem.UNRECORDED)


@pytest.mark.parametrize("end", [_fail, _cancel, _end])
def test_an_order_of_several_frees_its_own_part(storage: Storage, end: object):
    request = reserve(storage, ALL, people=(ROB, KIM))
    first, _ = approve(storage, request)
    assert used(storage, ALL) == [50_00]

    end(storage, first)  # type: ignore[operator]  # one of those above

    assert used(storage, ALL) == [25_00]


@pytest.mark.parametrize(
    ("charge", "takes"),
    [
        (Charge(total=Decimal("26.50"), currency="USD", fee=Decimal("1.50")), 51_50),
        (Charge(total=Decimal("23.10"), currency="EUR", rate=Decimal("0.92")), 50_00),
    ],
)
def test_an_order_is_settled_by_its_charge_in_the_budgets_currency(storage: Storage, charge: Charge, takes: int):
    request = reserve(storage, ALL, people=(ROB, KIM))
    first, _ = approve(storage, request)
    accepted = accept(storage, first)

    for _ in range(2):
        storage.charges.set(accepted.id, charge)
        assert used(storage, ALL) == [takes]


def test_a_request_without_budgets_reserves_nothing(storage: Storage):
    request = file_request(storage)
    (order,) = approve(storage, request)
    storage.charges.set(accept(storage, order).id, Charge(total=Decimal(30), currency="USD"))

    assert storage._database.query("SELECT budget_set, reserved_minor FROM requests") == [
        {"budget_set": None, "reserved_minor": 0}
    ]
    assert used(storage, ALL) == [0]


def test_what_a_person_was_given_is_of_all_senders_and_of_this_year(storage: Storage):
    def given(since: datetime = NOON - timedelta(days=30), *, but: int = 0) -> dict[str, int]:
        return dict(storage.budgets.given([ROB, KIM], "USD", since, but=but))

    pending = file_request(storage)
    approved = file_request(storage, requester_id=ALEX, recipients=(a_recipient(), a_recipient(KIM)))
    for_rob, _ = approve(storage, approved, by=MAYA)
    declined = file_request(storage)
    storage.requests.move(declined.id, RequestMove.DECLINE, by=ALEX, now=NOON)
    file_request(storage, now=NOON - timedelta(days=60))
    file_request(storage, amount=Money(10_00, "EUR"))
    assert given() == {ROB: 50_00, KIM: 25_00}
    assert given(but=pending.id) == {ROB: 25_00, KIM: 25_00}
    assert given(NOON - timedelta(days=61)) == {ROB: 75_00, KIM: 25_00}

    _fail(storage, for_rob)
    assert given() == {ROB: 25_00, KIM: 25_00}


def test_a_warning_is_new_once_for_each_level_period_and_owner(storage: Storage):
    for owner, first, percent in (("", MARCH, 80), ("", MARCH, 100), ("", MARCH + 1, 80), (MAYA, MARCH, 80)):
        assert storage.budgets.warn(ALL, first, owner, percent)
        assert not storage.budgets.warn(ALL, first, owner, percent)
