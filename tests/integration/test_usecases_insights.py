"""What helps an approver to decide: the requester's month, recipients' last rewards, and what the account covers."""

from datetime import timedelta
from decimal import Decimal
from typing import Final

import pytest

from bot.domain.insight import Month
from bot.domain.money import Money
from bot.domain.order import OrderMove
from bot.domain.problem import TangoKey
from bot.usecases.insights import Balance, Insights
from storage import Storage
from tests.kit.factories import ADA, MAYA, NOON, ROB, FakeClock, a_recipient, accept, claim, enqueue, file_request

LI: Final = "U0LI00001"

DAY: Final = timedelta(days=1)


class Gathered:
    """Insights whose balance and zone a test sets."""

    def __init__(self, storage: Storage) -> None:
        self.balance: Balance | None = None
        self.clock = FakeClock()
        self._storage = storage

    def insights(self, zone: str = "UTC") -> Insights:
        return Insights(storage=self._storage, clock=self.clock, zone=zone, balance=lambda: self.balance)


@pytest.fixture
def gathered(storage: Storage) -> Gathered:
    return Gathered(storage)


def test_the_month_of_the_requester_counts_what_was_approved_in_it_and_came_to_something(
    storage: Storage, gathered: Gathered
):
    enqueue(storage, now=NOON - 14 * DAY)  # the 28th of the month before
    enqueue(storage)
    enqueue(storage, amount=Money(10_00, "EUR"))
    enqueue(storage, requester_id=ADA)
    request = file_request(storage)

    month = gathered.insights().of(request).month

    assert month == Month(rewards=2, totals=[Money(10_00, "EUR"), Money(25_00, "USD")])


def test_an_order_that_failed_is_no_reward_of_the_month(storage: Storage, gathered: Gathered):
    order = claim(storage, enqueue(storage))
    with storage.transaction():
        storage.orders.move(order, OrderMove.FAIL, now=NOON, problem=TangoKey("422.025"))

    assert gathered.insights().of(file_request(storage)).month is None


def test_the_month_begins_where_the_installation_is(storage: Storage, gathered: Gathered):
    first = NOON.replace(month=4, day=1, hour=3)
    enqueue(storage, now=first - timedelta(hours=4))  # the 31st by UTC, the 1st in Berlin
    gathered.clock.set(first)
    request = file_request(storage)

    assert gathered.insights("UTC").of(request).month is None
    assert gathered.insights("Europe/Berlin").of(request).month is not None


def test_the_last_rewards_of_each_recipient_are_those_that_were_sent_newest_first(storage: Storage, gathered: Gathered):
    for number in range(4):
        accept(storage, enqueue(storage, requester_id=MAYA if number else ADA), now=NOON)
    enqueue(storage)  # is still to be sent
    request = file_request(storage, recipients=(a_recipient(ROB), a_recipient(LI)))

    rewards = gathered.insights().of(request).rewards

    assert [order.requester_id for order in rewards[ROB]] == [MAYA] * 3
    assert LI not in rewards, "nothing is said of who had none"


@pytest.mark.parametrize(
    ("balance", "left"), [("100", 50_00), ("10.50", -39_50), ("10.555", None)], ids=["enough", "too little", "no money"]
)
def test_the_account_covers_what_waits_and_this(storage: Storage, gathered: Gathered, balance: str, left: int | None):
    enqueue(storage)
    enqueue(storage, amount=Money(10_00, "EUR"))
    gathered.balance = (Decimal(balance), "USD", NOON)

    cover = gathered.insights().of(file_request(storage)).cover

    assert (None if cover is None else cover.left) == (None if left is None else Money(left, "USD"))
    assert cover is None or (cover.waiting, cover.at) == (Money(25_00, "USD"), NOON)


def test_of_another_currency_and_of_no_balance_nothing_is_worked_out(storage: Storage, gathered: Gathered):
    request = file_request(storage, amount=Money(10_00, "EUR"))
    assert gathered.insights().of(request).cover is None
    gathered.balance = (Decimal(100), "USD", NOON)
    cover = gathered.insights().of(request).cover
    assert cover is not None
    assert cover.left is None
