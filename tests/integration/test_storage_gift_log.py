"""The gift log: in step with the orders, only appended to, and with names for as long as its own years."""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from bot.domain.budget import Budget, Per, Room
from bot.domain.charge import Charge
from bot.domain.gift_log import GiftKind, GiftRecord
from bot.domain.money import Money
from bot.domain.occasion import Occasion
from bot.domain.order import Order, OrderMove
from bot.domain.problem import Problem
from bot.domain.request import Details
from bot.worker.gift_log import catch_up, remove_names
from bot.worker.retention import clear_old
from storage import Storage
from tests.kit.engines import REFUSED
from tests.kit.factories import ALEX, MAYA, NOON, ROB, FakeClock, a_recipient, accept, again, enqueue

COST: Final = Charge(total=Decimal("27.31"), currency="EUR")
YEAR: Final = timedelta(days=366)


def a_sent(storage: Storage, cost: Charge | None = COST, **facts: Any) -> Order:
    """An order that Tango has made, logged as the bot does it."""
    order = accept(storage, enqueue(storage, **facts))
    with storage.transaction():
        if cost is not None:
            storage.charges.set(order.id, cost)
        storage.gift_log.record(order.id, NOON)
    return again(storage, order)


def end(storage: Storage, order: Order, *, log: bool = True) -> None:
    """Have Tango end it without a reward, an hour later."""
    later = NOON + timedelta(hours=1)
    with storage.transaction():
        assert storage.orders.move(order, OrderMove.FAIL, now=later, problem=Problem.ENDED_AT_TANGO)
        if log:
            storage.gift_log.record(order.id, later)


def logged(storage: Storage, requester_id: str | None = None) -> list[GiftRecord]:
    return list(storage.gift_log.rows(NOON - YEAR, NOON + YEAR, requester_id))


def test_a_sent_reward_is_logged_with_all_that_finance_asks_for(storage: Storage):
    order = a_sent(
        storage,
        occasion=Occasion("Work anniversary", is_taxable=True),
        details=Details(campaign="Five years", purchase_order="PO-7"),
    )
    (row,) = logged(storage)

    assert (row.kind, row.at, row.number, row.order_id) == (GiftKind.SENT, NOON, order.number, order.id)
    assert (row.requester_id, row.requester_name) == (MAYA, "Maya Lopez")
    assert (row.recipient_id, row.recipient_name) == (ROB, "Rob Weiss")
    assert (row.approved_by, row.first_approved_by) == (ALEX, "")
    assert (row.utid, row.reward_name, row.brand) == ("U561593", "Reward Link Preferred", "Reward Link Preferred")
    assert (row.face, row.charged) == (Money(25_00, "USD"), Money(27_31, "EUR"))
    assert (row.occasion, row.is_taxable) == ("Work anniversary", True)
    assert (row.team, row.campaign, row.purchase_order) == ("", "Five years", "PO-7")


def test_the_team_is_the_budgets_that_the_request_drew_on(storage: Storage):
    order = accept(storage, enqueue(storage))
    budget = Budget(name="Sales", senders=frozenset({"*"}), each=False, amount=Money(500_00, "USD"), per=Per.MONTH)
    room = Room(budget=budget, period=budget.period(24_314), used=Money(0, "USD"))
    with storage.transaction():
        storage.budgets.reserve(order.request_id, [room], order.amount, 24_314)
        storage.gift_log.record(order.id, NOON)

    assert [row.team for row in logged(storage)] == ["Sales"]


def test_to_record_once_more_appends_nothing(storage: Storage):
    order = a_sent(storage)
    before = logged(storage)
    for _ in range(3):
        storage.gift_log.record(order.id, NOON + timedelta(days=1))

    assert logged(storage) == before


def test_a_charge_that_is_told_later_and_the_end_are_rows_of_their_own(storage: Storage):
    order = a_sent(storage, cost=None)
    with storage.transaction():
        storage.charges.set(order.id, COST)
        storage.gift_log.record(order.id, NOON + timedelta(minutes=9))
    end(storage, again(storage, order))
    rows = logged(storage)

    assert [(row.kind, row.face.minor, row.charged) for row in rows] == [
        (GiftKind.SENT, 25_00, None),
        (GiftKind.CHARGED, 0, Money(27_31, "EUR")),
        (GiftKind.ENDED, -25_00, Money(-27_31, "EUR")),
    ]
    assert len({(row.number, row.recipient_name, row.occasion) for row in rows}) == 1


def test_an_order_that_was_not_sent_is_not_logged(storage: Storage):
    order = enqueue(storage)
    storage.gift_log.record(order.id, NOON)

    assert logged(storage) == []


def test_what_others_gave_is_left_out_and_so_is_another_time(storage: Storage):
    a_sent(storage)
    a_sent(storage, requester_id="U0PRIYA01")

    assert [row.requester_id for row in logged(storage, "U0PRIYA01")] == ["U0PRIYA01"]
    assert len(logged(storage)) == 2
    assert list(storage.gift_log.rows(NOON, NOON)) == []
    assert list(storage.gift_log.rows(NOON + timedelta(milliseconds=1), NOON + YEAR)) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE gift_log SET face_minor = 1",
        "UPDATE gift_log SET approved_by = 'U0EVIL001'",
        "UPDATE gift_log SET at = 1",
        "UPDATE gift_log SET recipient_name = 'Somebody Else'",
        "UPDATE gift_log SET recipient_name = ''",  # alone: the other names would stay
        "DELETE FROM gift_log",
        "INSERT INTO gift_log SELECT * FROM gift_log",
    ],
)
def test_the_database_itself_keeps_what_is_logged(storage: Storage, change: str):
    a_sent(storage)
    with pytest.raises(REFUSED):
        storage._database.execute(change)

    assert len(logged(storage)) == 1


def test_names_go_after_the_logs_own_years_and_sums_stay(storage: Storage):
    order = a_sent(storage, details=Details(campaign="Five years"))
    clear_old(storage, FakeClock(NOON + timedelta(days=40)), timedelta(days=30))
    (kept,) = logged(storage)
    assert again(storage, order).recipient.name == "", "retention has removed it elsewhere"
    assert (kept.recipient_name, kept.requester_name, kept.campaign) == ("Rob Weiss", "Maya Lopez", "Five years")

    remove_names(storage, FakeClock(NOON + YEAR - timedelta(days=1)), YEAR)
    assert logged(storage) == [kept]
    remove_names(storage, FakeClock(NOON + YEAR + timedelta(days=1)), YEAR)
    (left,) = logged(storage)

    assert (left.recipient_name, left.requester_name, left.campaign, left.purchase_order) == ("", "", "", "")
    assert (left.face, left.charged, left.recipient_id, left.at) == (kept.face, kept.charged, ROB, NOON)


def test_what_a_bot_of_the_version_before_has_done_is_logged_at_the_time_of_its_own(storage: Storage):
    people = [a_recipient(f"U0R{number:06d}") for number in range(3)]
    unlogged = [accept(storage, enqueue(storage, recipients=(person,))) for person in people]
    ended = a_sent(storage)
    end(storage, ended, log=False)
    catch_up(storage, FakeClock(NOON + timedelta(days=2)))
    rows = logged(storage)

    assert [row.order_id for row in rows if row.kind is GiftKind.SENT and row.at == NOON] == sorted(
        [ended.id, *(order.id for order in unlogged)], key=lambda order_id: (order_id != ended.id, order_id)
    )
    assert [(row.order_id, row.at) for row in rows if row.kind is GiftKind.ENDED] == [
        (ended.id, NOON + timedelta(days=2))
    ]
    catch_up(storage, FakeClock(NOON + timedelta(days=3)))
    assert logged(storage) == rows
