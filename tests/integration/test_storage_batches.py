"""Batches in the database: kept for a day, asked for once, and never approved by a bot that knows none."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from bot.domain.audit import AuditEvent
from bot.domain.batch import Batch
from bot.domain.money import Money
from bot.domain.notices import Receipt, RewardOnItsWay
from bot.domain.order import OrderMove, OrderStatus
from storage import Storage
from tests.kit.engines import REFUSED
from tests.kit.factories import (
    ADA,
    ALEX,
    MAYA,
    NOON,
    a_batch,
    a_new_request,
    approve,
    claim,
    enqueue,
    file_request,
    some_gifts,
)

DAY = timedelta(days=1)


def a_checked(count: int = 3, digest: str = "d") -> Batch:
    reference = uuid4().hex
    new = a_new_request(**a_batch(count), reference=reference, submission_id=reference)
    return Batch(reference=reference, digest=digest, new=new, is_guessed=True)


def test_a_batch_is_read_as_it_was_checked(storage: Storage):
    batch = a_checked()
    storage.batches.add(batch, NOON)
    assert storage.batches.by_reference(batch.reference) == batch
    assert storage.batches.by_reference("0" * 32) is None


def test_a_request_of_a_batch_is_read_as_it_was_asked_for(storage: Storage):
    gifts = some_gifts(3)
    request = file_request(storage, **a_batch(recipients=gifts))
    assert request.is_batch
    assert request.recipients == gifts
    assert (request.total, request.amount) == (Money(6_00, "USD"), Money(3_00, "USD"))
    assert [request.message_for(one) for one in request.recipients] == ["Thanks, 1", "Thanks, 2", "Thanks, 3"]
    assert not file_request(storage).is_batch


def test_the_same_list_is_found_for_a_day_and_for_its_person_alone(storage: Storage):
    batch = a_checked()
    storage.batches.add(batch, NOON)
    assert storage.batches.latest(MAYA, "d", NOON - DAY) == batch
    assert storage.batches.latest(MAYA, "d", NOON) is None
    assert storage.batches.latest(MAYA, "other", NOON - DAY) is None
    assert storage.batches.latest(ADA, "d", NOON - DAY) is None


def test_a_batch_is_asked_for_once_and_emptied(storage: Storage):
    batch = a_checked()
    storage.batches.add(batch, NOON)
    with storage.transaction():
        request_id = storage.requests.add(batch.new, NOON)
        assert request_id is not None
        assert storage.batches.mark_asked(batch, request_id)
        assert not storage.batches.mark_asked(batch, request_id)
    asked = storage.batches.by_reference(batch.reference)
    assert asked is not None
    assert (asked.request_id, asked.new.recipients) == (request_id, ())
    storage.batches.replace(batch, NOON)
    assert storage.batches.by_reference(batch.reference) == asked, "what was asked for stays"


def test_what_nobody_asks_for_is_forgotten(storage: Storage):
    old, new, asked = a_checked(), a_checked(), a_checked()
    storage.batches.add(old, NOON)
    storage.batches.add(asked, NOON)
    storage.batches.add(new, NOON + DAY)
    storage.batches.mark_asked(asked, 1)
    assert storage.batches.forget(NOON + DAY) == 1
    found = [storage.batches.by_reference(one.reference) is not None for one in (old, new, asked)]
    assert found == [False, True, True]


def test_after_a_restore_a_batch_may_have_been_asked_for(storage: Storage):
    batch = a_checked()
    storage.batches.add(batch, NOON)
    file_request(storage)
    with storage.transaction():
        storage.audit.add(AuditEvent.REQUEST_FILED, now=NOON)  # the last event tells since when
        storage.doubt.mark(now=NOON + DAY, known_since=NOON - DAY, actor=ADA)
    doubted = storage.batches.by_reference(batch.reference)
    assert doubted == replace(batch, in_doubt_since=NOON)
    with storage.transaction():
        request_id = storage.requests.add(batch.new, NOON)
        assert request_id is not None
        storage.batches.mark_asked(doubted, request_id)
    request = storage.requests.get(request_id)
    assert request is not None
    assert request.in_doubt_since == NOON


def test_a_bot_of_the_version_before_approves_no_batch(storage: Storage):
    """It would give each recipient the largest amount."""
    request = file_request(storage, **a_batch())
    as_before = "UPDATE requests SET status = 'approved', decided_by = :by, decided_at = 1 WHERE id = :id"
    with pytest.raises(REFUSED):
        storage._database.execute(as_before, {"id": request.id, "by": ALEX})
    assert [order.amount for order in approve(storage, request)] == [Money(n * 100, "USD") for n in (1, 2, 3)]


def test_the_progress_of_very_many_is_counted(storage: Storage):
    few, many = (approve(storage, file_request(storage, **a_batch(count))) for count in (3, 40))
    for orders in (few, many):
        claimed = claim(storage, orders[0])
        with storage.transaction():
            storage.orders.move(claimed, OrderMove.FAIL, now=NOON)
            storage.orders.cancel_queued(orders[0].request_id, NOON)
    for orders in (few, many):
        progress = storage.orders.progress(orders[0].request_id)
        assert progress.counts == {OrderStatus.FAILED: 1, OrderStatus.CANCELED: len(orders) - 1}
        assert list(progress.failed) == ["Person 1"]
        assert progress.is_settled
        assert progress.undo_until is None


def test_what_is_held_of_very_many_can_be_undone_until_the_first_is_sent(storage: Storage):
    later = NOON + timedelta(minutes=5)
    orders = approve(storage, file_request(storage, **a_batch(40)), not_before=later)
    assert storage.orders.progress(orders[0].request_id).undo_until == later


def test_only_what_tango_surely_does_not_have_is_canceled(storage: Storage):
    sent, in_doubt, waiting = approve(storage, file_request(storage, **a_batch()))
    other = enqueue(storage)
    storage.orders.move(claim(storage, other), OrderMove.RESCHEDULE, now=NOON)
    with storage.transaction():
        storage.orders.claim(NOON, least=1)
        taken = storage.orders.claim(NOON, least=1)
        assert taken is not None
        assert taken.id == in_doubt.id
        storage.orders.move(taken, OrderMove.RESCHEDULE, now=NOON, outcome_unknown=True)
        assert storage.orders.cancel_queued(sent.request_id, NOON) == [waiting.id]
    found = [order.status for order in storage.orders.of_request(sent.request_id)]
    assert found == [OrderStatus.SUBMITTING, OrderStatus.QUEUED, OrderStatus.CANCELED]


def test_a_batch_that_moved_is_told_once(storage: Storage):
    orders = approve(storage, file_request(storage, **a_batch()))
    assert not storage.outbox.has_untold_batches()
    for order in orders:
        storage.outbox.refresh_of(order, NOON)
    assert storage.outbox.has_untold_batches()
    assert not storage.outbox.is_longer_than(0), "not for each order"
    with storage.transaction():
        storage.outbox.tell_batches(NOON)
    assert not storage.outbox.has_untold_batches()
    assert storage.outbox.is_longer_than(1)
    assert not storage.outbox.is_longer_than(2), "the card and the receipt"


def test_retention_removes_the_message_of_each_recipient(storage: Storage):
    request = file_request(storage, **a_batch())
    for order in approve(storage, request):
        storage.orders.move(claim(storage, order), OrderMove.FAIL, now=NOON)
    with storage.transaction():
        assert storage.retention.clear_requests(NOON + DAY, NOON + DAY) == [request.id]
    cleared = storage.requests.get(request.id)
    assert cleared is not None
    assert {cleared.message_for(one) for one in cleared.recipients} == {""}
    assert cleared.total == request.total, "finance needs the amounts"


def test_of_many_writes_all_are_made_or_none(storage: Storage):
    add = "INSERT INTO conversations (channel) VALUES (:channel)"
    many = [{"channel": f"D{number}"} for number in range(1_200)]

    with pytest.raises(REFUSED):
        storage._database.execute_many(add, [*many, many[0]])
    with storage.transaction():
        storage._database.execute_many(add, many)

    assert len(storage._database.query("SELECT channel FROM conversations")) == len(many)


def test_who_waits_at_the_screen_is_told_before_the_recipients_of_a_batch(storage: Storage):
    orders = approve(storage, file_request(storage, **a_batch(3)))
    by_hand = enqueue(storage)
    with storage.transaction():
        for order in (*orders, by_hand):
            storage.outbox.add_for_recipient(RewardOnItsWay(order.id), order, NOON)
        for number in (1, 2):
            storage.outbox.add(Receipt(number), MAYA, NOON)
    with storage.transaction():
        told = [notice for _ in range(6) if (notice := storage.outbox.claim()) is not None]
    assert [notice.facts for notice in told[:3]] == [{"order_id": by_hand.id}, {"request_id": 1}, {"request_id": 2}]
    assert [notice.kind for notice in told[3:]] == [RewardOnItsWay.kind] * 3
