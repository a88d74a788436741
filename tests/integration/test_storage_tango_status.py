"""What the file keeps of placed orders: who is watched, and that each end comes once."""

from datetime import timedelta

from bot.domain.order import Order, OrderMove
from bot.domain.problem import Problem
from bot.domain.progress import Progress
from bot.domain.request import Delivery
from storage import Storage
from tests.kit.factories import NOON, accept, again, enqueue, together

LATER = NOON + timedelta(hours=1)


def _watched(storage: Storage) -> Order:
    order = accept(storage, enqueue(storage, delivery=Delivery.MESSAGE), tango_status="PENDING")
    assert storage.tango_status.watch(order.id, LATER)
    return again(storage, order)


def test_the_order_that_is_due_longest_is_asked_for_first(storage: Storage):
    first, second = _watched(storage), _watched(storage)
    assert storage.tango_status.watch(second.id, LATER - timedelta(minutes=1))

    assert storage.tango_status.due(NOON) is None
    assert storage.tango_status.next_watch_at() == LATER - timedelta(minutes=1)
    assert storage.tango_status.due(LATER) == again(storage, second)
    assert storage.tango_status.ask(second.id, LATER + timedelta(hours=1))
    assert storage.tango_status.due(LATER) == first
    assert (again(storage, second).watches, again(storage, first).watches) == (1, 0)


def test_a_watch_ends_once_however_many_see_the_end(storage: Storage):
    order = _watched(storage)
    seen = together(8, lambda _: storage.tango_status.finish(order.id, "COMPLETE", LATER, mailed_at=None))

    assert sorted(seen) == [False] * 7 + [True]
    ended = again(storage, order)
    assert (ended.tango_status, ended.tango_status_at, ended.watch_at) == ("COMPLETE", LATER, None)
    assert storage.tango_status.next_watch_at() is None
    assert not storage.tango_status.give_up(order.id)
    assert not storage.tango_status.ask(order.id, LATER)


def test_the_first_mail_sets_the_clock_and_no_later_word_moves_it(storage: Storage):
    order = _watched(storage)
    assert storage.tango_status.finish(order.id, "COMPLETE", LATER, mailed_at=LATER)
    assert again(storage, order).last_sent_at == LATER
    assert storage.tango_status.watch(order.id, LATER)
    assert storage.tango_status.finish(order.id, "COMPLETE", LATER, mailed_at=LATER + timedelta(days=1))
    assert again(storage, order).last_sent_at == LATER


def test_a_reward_is_delivered_for_the_first_time_once(storage: Storage):
    order = _watched(storage)
    mailed = accept(storage, enqueue(storage))

    assert sorted(together(8, lambda _: storage.deliveries.mark_delivered(order.id, LATER))) == [False] * 7 + [True]
    assert again(storage, order).delivered_at == LATER
    assert not storage.deliveries.mark_delivered(mailed.id, LATER), "Tango sees to that one"
    assert storage.orders.progress(order.request_id) == Progress(counts={order.status: 1}, unfinished=1, delivered=1)


def test_an_order_that_failed_is_not_watched_nor_delivered(storage: Storage):
    order = _watched(storage)
    with storage.transaction():
        assert storage.orders.move(
            order, OrderMove.FAIL, now=LATER, tango_status="FAILED", problem=Problem.ENDED_AT_TANGO
        )
    failed = again(storage, order)

    assert (failed.tango_status, failed.tango_status_at, failed.watch_at) == ("FAILED", LATER, None)
    assert not storage.tango_status.watch(order.id, LATER)
    assert not storage.tango_status.learn(order.id, "PENDING", LATER)
    assert not storage.tango_status.finish(order.id, "COMPLETE", LATER, mailed_at=None)
    assert not storage.deliveries.mark_delivered(order.id, LATER)
    assert again(storage, order) == failed


def test_a_watch_that_begins_anew_counts_anew(storage: Storage):
    order = accept(storage, enqueue(storage), tango_status="PENDING", last_sent_at=None)
    assert storage.tango_status.watch(order.id, NOON)
    assert storage.tango_status.ask(order.id, NOON)
    assert again(storage, order).watches == 1

    assert storage.tango_status.watch(order.id, NOON)
    assert again(storage, order).watches == 0


def test_the_address_of_a_posted_reward_is_disputed_once_and_of_no_other(storage: Storage):
    posted, mailed = (accept(storage, enqueue(storage, delivery=how)) for how in (Delivery.POST, Delivery.EMAIL))
    waits = enqueue(storage, delivery=Delivery.POST)

    assert [storage.tango_status.dispute_address(posted.id, NOON) for _ in range(2)] == [True, False]
    assert not storage.tango_status.dispute_address(mailed.id, NOON)
    assert not storage.tango_status.dispute_address(waits.id, NOON)
