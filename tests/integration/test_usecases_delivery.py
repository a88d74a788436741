"""What is recorded of a reward that Kudos gives: each time in the audit log, and told once."""

from typing import Any, Final, cast

import pytest

from bot.domain.notices import APPROVALS, RewardDelivery
from bot.domain.order import ATTEMPTS_BEFORE_ALARM, Order, OrderMove
from bot.domain.request import Delivery, Details
from bot.tango.client import TangoClient
from bot.usecases.delivery import Deliveries
from storage import QueuedNotice, Storage
from tests.kit.factories import (
    ADA,
    MAYA,
    NOON,
    ROB,
    FakeClock,
    a_recipient,
    accept,
    again,
    approve,
    file_request,
    some_outcomes,
    some_roles,
)

#: Card and receipt are rewritten when a reward is given for the first time.
_REWRITTEN: Final = [("approval_card", APPROVALS), ("receipt", MAYA)]


@pytest.fixture
def deliveries(storage: Storage) -> Deliveries:
    """What happens to rewards once Slack has answered; Tango is not asked."""
    return Deliveries(
        storage=storage,
        tango=cast("TangoClient", None),
        clock=FakeClock(),
        roles=some_roles,
        outcomes=some_outcomes(storage),
    )


def _given_by_us(storage: Storage, count: int = 1, **facts: Any) -> list[Order]:
    """Orders of one request that Tango has accepted, each with its reward on the way to Slack."""
    recipients = tuple(a_recipient(f"{ROB[:-1]}{n}") for n in range(count))
    orders = approve(storage, file_request(storage, recipients=recipients, **facts), delivery=Delivery.MESSAGE)
    return [accept(storage, order) for order in orders]


def _sent(storage: Storage, order: Order, *, attempts: int = 1) -> QueuedNotice:
    """The notice with the order's reward, as Slack has just got it for the last of so many times."""
    storage.outbox.add(RewardDelivery(order.id), order.recipient.user_id, NOON)
    taken = storage.outbox.claim(deliveries=True)
    assert taken is not None
    for _ in range(attempts - 1):
        storage.outbox.put_back(taken.id, NOON)
        taken = storage.outbox.claim(deliveries=True)
        assert taken is not None
    return taken


def _told(storage: Storage) -> list[tuple[str, str]]:
    rows = storage._database.query("SELECT kind, audience FROM outbox WHERE kind <> 'reward_delivery' ORDER BY id")
    return [(row["kind"], row["audience"]) for row in rows]


def _log(storage: Storage) -> list[tuple[Any, ...]]:
    rows = storage._database.query("SELECT event, order_id, facts FROM audit ORDER BY id")
    return [(row["event"], row["order_id"], row["facts"]) for row in rows]


def test_each_delivery_is_in_the_log_and_the_first_is_told(storage: Storage, deliveries: Deliveries):
    (order,) = _given_by_us(storage)
    deliveries.record_delivery(_sent(storage, order), order.id)
    assert _told(storage) == _REWRITTEN
    assert again(storage, order).delivered_at == NOON
    storage._database.execute("DELETE FROM outbox")
    deliveries.record_delivery(_sent(storage, order), order.id)
    assert _told(storage) == [], "it was given again"
    assert _log(storage) == [("order.delivered", order.id, "{}")] * 2


def test_each_delivery_of_a_request_rewrites_its_card_and_receipt(storage: Storage, deliveries: Deliveries):
    first, second = _given_by_us(storage, 2)
    deliveries.record_delivery(_sent(storage, first), first.id)
    assert _told(storage) == _REWRITTEN
    storage._database.execute("DELETE FROM outbox")
    deliveries.record_delivery(_sent(storage, second), second.id)
    assert _told(storage) == _REWRITTEN, "the receipt tells the last delivery too, and no message besides"


def test_a_requester_who_asked_for_it_is_told_once_for_each_reward(storage: Storage, deliveries: Deliveries):
    orders = _given_by_us(storage, 2, details=Details(delivery=Delivery.MESSAGE, tell_delivered=True))
    for order in orders * 2:
        deliveries.record_delivery(_sent(storage, order), order.id)
    news = storage._database.query("SELECT facts, audience FROM outbox WHERE kind = 'reward_delivered' ORDER BY id")
    assert [(row["facts"], row["audience"]) for row in news] == [
        (f'{{"order_id": {order.id}}}', MAYA) for order in orders
    ]


def test_what_cannot_be_given_is_in_the_log_and_told_to_requester_and_admins(storage: Storage, deliveries: Deliveries):
    (order,) = _given_by_us(storage)
    deliveries.record_failure(_sent(storage, order), order.id, "user_not_found")
    assert _told(storage) == [*_REWRITTEN, ("delivery_failed", MAYA), ("delivery_failed", ADA)]
    (shown,) = storage.orders.of_request(order.request_id)
    assert shown.is_undelivered
    assert _log(storage) == [("order.not_delivered", order.id, '{"reason": "user_not_found"}')]
    (notice,) = storage._database.query("SELECT status, problem FROM outbox WHERE kind = 'reward_delivery'")
    assert (notice["status"], notice["problem"]) == ("undeliverable", "user_not_found")


def test_of_an_order_that_tango_has_ended_nothing_more_is_told(storage: Storage, deliveries: Deliveries):
    (order,) = _given_by_us(storage)
    notice = _sent(storage, order)
    storage.orders.move(order, OrderMove.FAIL, now=NOON)
    deliveries.record_failure(notice, order.id, "user_not_found")
    assert (_told(storage), _log(storage)) == ([], [])


def test_admins_hear_once_of_a_reward_that_tango_does_not_give(storage: Storage, deliveries: Deliveries):
    (order,) = _given_by_us(storage)
    for attempts in (1, ATTEMPTS_BEFORE_ALARM - 1, ATTEMPTS_BEFORE_ALARM + 1):
        deliveries.record_delay(_sent(storage, order, attempts=attempts), order.id)
        assert _told(storage) == []
        storage._database.execute("DELETE FROM outbox")
    deliveries.record_delay(_sent(storage, order, attempts=ATTEMPTS_BEFORE_ALARM), order.id)
    assert _told(storage) == [("delivery_delayed", ADA)]
