"""Resends in a real file: the clock is set before the call, by one, and never for an order that was not mailed."""

from datetime import timedelta

import pytest

from bot.domain.order import Order, OrderMove, OrderStatus
from bot.domain.request import Delivery
from bot.domain.resend import RESEND_COOLDOWN, ResendChanges, ResendMove, ResendStatus
from storage import Storage
from tests.kit.factories import ADA, MAYA, NOON, accept, again, at, claim, enqueue, together

DUE = NOON + RESEND_COOLDOWN
LATER = NOON + timedelta(minutes=5)
MILLISECOND = timedelta(milliseconds=1)


def ask(storage: Storage, order: Order, *, now: object = LATER, by: str = MAYA) -> int | None:
    assert isinstance(now, type(NOON))
    with storage.transaction():
        return storage.resends.claim(order, requested_by=by, sent_before=now - RESEND_COOLDOWN, now=now)


def take(storage: Storage, number: int | None) -> None:
    taken = storage.resends.take()
    assert taken is not None
    assert taken.id == number


def test_a_resend_is_claimed_taken_and_finished(storage: Storage):
    order = accept(storage, enqueue(storage))

    resend_id = ask(storage, order, by=ADA)
    assert resend_id is not None
    claimed = storage.resends.get(resend_id)
    taken = storage.resends.take()
    finished = storage.resends.finish(
        resend_id,
        ResendMove.REFUSE,
        now=LATER + MILLISECOND,
        http_status=403,
        i18n_key="403.005",
        tango_request_id="req-1",
        detail="too soon",
    )

    assert claimed is not None
    assert (claimed.order_id, claimed.requested_by, claimed.requested_at) == (order.id, ADA, LATER)
    assert (claimed.previous_sent_at, claimed.status) == (NOON, ResendStatus.CLAIMED)
    assert taken is not None
    assert (taken.id, taken.status) == (resend_id, ResendStatus.SENDING)
    assert finished
    [resend] = storage.resends.of_order(order.id, 5)
    assert resend == storage.resends.get(resend_id)
    assert (resend.status, resend.finished_at) == (ResendStatus.REFUSED, LATER + MILLISECOND)
    assert (resend.http_status, resend.i18n_key, resend.tango_request_id) == (403, "403.005", "req-1")
    assert resend.detail == "too soon"
    assert again(storage, order).last_sent_at == LATER


def test_the_cooldown_counts_from_the_first_email_on_to_the_millisecond(storage: Storage):
    order = accept(storage, enqueue(storage))

    assert ask(storage, order, now=NOON) is None
    assert ask(storage, order, now=DUE - MILLISECOND) is None
    assert again(storage, order) == order
    assert ask(storage, order, now=DUE) is not None
    assert ask(storage, again(storage, order), now=DUE + RESEND_COOLDOWN - MILLISECOND) is None
    assert ask(storage, again(storage, order), now=DUE + RESEND_COOLDOWN) is not None
    assert len(storage.resends.of_order(order.id, 5)) == 2


def test_a_copy_that_was_read_before_another_resend_does_not_claim_a_second(storage: Storage):
    order = accept(storage, enqueue(storage))

    assert ask(storage, order) is not None
    assert ask(storage, order) is None
    assert ask(storage, at(order, last_sent_at=NOON - timedelta(days=1))) is None, "the file's clock counts"


def test_a_clock_that_was_put_back_sends_nothing_early(storage: Storage):
    order = accept(storage, enqueue(storage))

    assert ask(storage, order, now=NOON - timedelta(hours=1)) is None


def test_eight_who_ask_at_once_get_one_email(storage: Storage):
    for _ in range(10):
        order = accept(storage, enqueue(storage))

        def work(_: int, order: Order = order) -> int | None:
            return ask(storage, order)

        claimed = [resend_id for resend_id in together(8, work) if resend_id is not None]

        assert [resend.id for resend in storage.resends.of_order(order.id, 9)] == claimed
        assert len(claimed) == 1


@pytest.mark.parametrize("delivery", [Delivery.MESSAGE, Delivery.POST], ids=str)
def test_an_order_that_tango_did_not_mail_is_not_mailed_again(storage: Storage, delivery: Delivery):
    order = accept(storage, enqueue(storage, delivery=delivery))

    assert ask(storage, order) is None
    assert ask(storage, accept(storage, enqueue(storage, delivery=delivery), last_sent_at=NOON)) is None


def test_an_order_that_is_not_placed_is_not_mailed(storage: Storage):
    order = enqueue(storage)

    assert ask(storage, at(order, status=OrderStatus.ACCEPTED, last_sent_at=NOON)) is None
    assert ask(storage, claim(storage, order)) is None
    assert storage.resends.of_order(order.id, 5) == []


def test_an_order_that_tango_has_ended_is_not_mailed_again(storage: Storage):
    order = accept(storage, enqueue(storage))
    assert storage.orders.move(order, OrderMove.FAIL, now=NOON)

    assert ask(storage, order) is None
    assert again(storage, order).last_sent_at == NOON


@pytest.mark.parametrize(
    ("end", "counts"), [(ResendMove.CONFIRM, True), (ResendMove.LOSE, True), (ResendMove.REFUSE, False), (None, True)]
)
def test_another_address_counts_unless_tango_refused_it(storage: Storage, end: ResendMove | None, *, counts: bool):
    order = accept(storage, enqueue(storage))
    plain = ask(storage, order)
    take(storage, plain)
    assert storage.resends.last_readdressed_at(order.id) is None, "the same address"

    moment = LATER + timedelta(minutes=1)
    elsewhere = ResendChanges(email="rob@new.example")
    readdressed = storage.resends.claim(order, requested_by=ADA, sent_before=LATER, now=moment, changes=elsewhere)
    assert readdressed is not None
    take(storage, readdressed)
    if end is not None:
        assert storage.resends.finish(readdressed, end, now=moment)

    assert storage.resends.last_readdressed_at(order.id) == (moment if counts else None)


def test_resends_are_taken_each_once_the_oldest_first(storage: Storage):
    ids = [ask(storage, accept(storage, enqueue(storage))) for _ in range(12)]

    def work(_: int) -> list[int]:
        taken = []
        while resend := storage.resends.take():
            taken.append(resend.id)
        return taken

    by_thread = together(4, work)

    assert sorted(resend_id for taken in by_thread for resend_id in taken) == ids
    assert all(taken == sorted(taken) for taken in by_thread)
    assert storage.resends.take() is None


def test_a_resend_is_finished_once_and_only_while_it_is_being_sent(storage: Storage):
    resend_id = ask(storage, accept(storage, enqueue(storage)))
    assert resend_id is not None

    assert not storage.resends.finish(resend_id, ResendMove.CONFIRM, now=LATER), "not taken yet"
    take(storage, resend_id)
    assert storage.resends.finish(resend_id, ResendMove.CONFIRM, now=LATER)
    assert not storage.resends.finish(resend_id, ResendMove.LOSE, now=LATER)
    resend = storage.resends.get(resend_id)
    assert resend is not None
    assert resend.status is ResendStatus.SENT


def test_the_rescue_closes_what_was_being_sent_and_leaves_what_was_not_begun(storage: Storage):
    sending, waiting = (ask(storage, accept(storage, enqueue(storage))) for _ in range(2))
    take(storage, sending)

    [rescued] = storage.resends.rescue(requested_before=None, now=LATER + MILLISECOND)

    assert (rescued.id, rescued.status, rescued.detail) == (sending, ResendStatus.AMBIGUOUS, "interrupted")
    assert rescued.finished_at == LATER + MILLISECOND
    assert again(storage, at_order(storage, rescued.order_id)).last_sent_at == LATER, "the clock stands"
    assert storage.resends.rescue(requested_before=None, now=LATER) == []
    take(storage, waiting)


def test_the_rescue_leaves_what_is_still_awaited_and_takes_what_a_wrong_clock_claimed(storage: Storage):
    awaited, future, present = (
        ask(storage, accept(storage, enqueue(storage)), now=now) for now in (LATER, LATER + MILLISECOND, LATER)
    )
    for number in (awaited, future, present):
        take(storage, number)
    assert awaited is not None

    found = [
        [resend.id for resend in storage.resends.rescue(requested_before=before, under_way=[awaited, 99], now=LATER)]
        for before in (NOON, LATER, None)
    ]

    assert found == [[future], [], [present]]
    resend = storage.resends.get(awaited)
    assert resend is not None
    assert resend.status is ResendStatus.SENDING


def test_another_address_is_kept_until_the_call_is_over(storage: Storage):
    for end in ("finished", "rescued"):
        order = accept(storage, enqueue(storage))
        changes = ResendChanges(email="rob@new.example", template="E000002")
        with storage.transaction():
            resend_id = storage.resends.claim(order, requested_by=ADA, sent_before=NOON, now=LATER, changes=changes)
        taken = storage.resends.take()
        assert taken is not None
        assert (taken.changes, taken.readdressed) == (changes, True)
        assert "rob@new" not in repr(taken)
        if end == "finished":
            storage.resends.finish(taken.id, ResendMove.CONFIRM, now=LATER)
        else:
            [rescued] = storage.resends.rescue(requested_before=None, now=LATER)
            assert rescued.changes.email is None
        assert resend_id is not None
        kept = storage.resends.get(resend_id)
        assert kept is not None
        assert (kept.changes, kept.readdressed) == (ResendChanges(template="E000002"), True), end


def test_what_can_be_mailed_again_newest_first(storage: Storage):
    mine, other = accept(storage, enqueue(storage)), accept(storage, enqueue(storage, requester_id=ADA))
    accept(storage, enqueue(storage, delivery=Delivery.MESSAGE))
    enqueue(storage)

    assert [order.id for order in storage.resends.find_mailed(requester_id=None, most=9)] == [other.id, mine.id]
    assert [order.id for order in storage.resends.find_mailed(requester_id=None, most=1)] == [other.id]
    assert [order.id for order in storage.resends.find_mailed(requester_id=MAYA, most=9)] == [mine.id]


def at_order(storage: Storage, order_id: int) -> Order:
    order = storage.orders.get(order_id)
    assert order is not None
    return order


def test_the_clock_is_corrected_only_where_nobody_has_set_it_since(storage: Storage):
    order = accept(storage, enqueue(storage))
    ask(storage, order)

    storage.resends.set_last_sent(order.id, NOON - MILLISECOND, expected=NOON)
    assert again(storage, order).last_sent_at == LATER

    storage.resends.set_last_sent(order.id, NOON, expected=LATER)
    assert again(storage, order) == order


def test_resends_of_one_order_newest_first_and_none_of_another(storage: Storage):
    order, other = (accept(storage, enqueue(storage)) for _ in range(2))
    ids = [ask(storage, order, now=LATER + number * RESEND_COOLDOWN) for number in range(4)]
    ask(storage, other)

    assert [resend.id for resend in storage.resends.of_order(order.id, 3)] == ids[:0:-1]
    assert storage.resends.get(99) is None
