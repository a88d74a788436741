"""Whose turn it is while the queue is halted or suspected: each order in turn, by an index, however many wait."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.attempt import AttemptOutcome
from bot.domain.money import Money
from bot.domain.order import OF_BATCH, Order, OrderMove
from bot.domain.queue import HaltCause
from bot.worker.choice import Choice
from storage import Storage
from tests.kit.factories import NOON, a_recipient, approve, claim, enqueue, file_request

PROBE = NOON + timedelta(minutes=1)


def _next(storage: Storage) -> Order | None:
    """Whose turn it is now; taken, and put back to its place as a refused order is."""
    choice, state = Choice(storage), replace(storage.queue.state(), probe_at=PROBE)
    turn = choice.next(state, PROBE)
    if turn is None:
        return None
    claimed = choice.claim(turn, state, PROBE)
    assert claimed is not None
    assert storage.orders.move(claimed, OrderMove.RESCHEDULE, now=PROBE)
    return turn


def _halt(storage: Storage, cause: HaltCause, met_by: Order) -> None:
    assert storage.queue.halt(cause, now=NOON, probe_at=PROBE)
    storage.queue.blame(met_by)


def test_each_probe_takes_the_next_order_of_another_request_and_begins_again_at_the_end(storage: Storage):
    whole = approve(storage, file_request(storage, recipients=tuple(a_recipient(f"U0A{n:06d}") for n in range(3))))
    others = [enqueue(storage) for _ in range(2)]
    _halt(storage, HaltCause.FORBIDDEN, whole[0])

    tried = [order.id for _ in range(4) if (order := _next(storage))]

    assert tried == [others[0].id, others[1].id, whole[0].id, others[0].id]


def test_while_others_send_without_a_break_a_batch_has_every_fifth_start(storage: Storage):
    many = tuple(a_recipient(f"U0A{n:06d}") for n in range(3))
    batch = approve(storage, file_request(storage, recipients=many), priority=OF_BATCH)
    by_hand = [enqueue(storage) for _ in range(9)]
    choice, state, sent = Choice(storage), storage.queue.state(), []

    while (turn := choice.next(state, NOON)) is not None:
        claimed = choice.claim(turn, state, NOON)
        assert claimed is not None
        assert claimed.id == turn.id
        sent.append(turn.id)

    hand, lot = [order.id for order in by_hand], [order.id for order in batch]
    assert sent == [*hand[:4], lot[0], *hand[4:8], lot[1], hand[8], lot[2]]


def test_a_probe_takes_orders_by_hand_first_and_then_goes_through_the_batch(storage: Storage):
    batch = [approve(storage, file_request(storage), priority=OF_BATCH)[0] for _ in range(2)]
    by_hand = [enqueue(storage) for _ in range(2)]
    _halt(storage, HaltCause.FORBIDDEN, by_hand[0])

    tried = [order.id for _ in range(4) if (order := _next(storage))]

    assert tried == [by_hand[1].id, batch[0].id, batch[1].id, by_hand[0].id]


def test_a_lone_order_is_tried_again(storage: Storage):
    order = enqueue(storage)
    _halt(storage, HaltCause.FORBIDDEN, order)

    assert [turn.id for _ in range(2) if (turn := _next(storage))] == [order.id, order.id]


def test_where_funds_are_short_the_next_order_that_they_cover_is_tried_then_the_first(storage: Storage):
    amounts = [500, 200, 10, 300, 20]
    orders = [enqueue(storage, amount=Money(amount * 100, "USD")) for amount in amounts]
    _halt(storage, HaltCause.INSUFFICIENT_FUNDS, orders[0])
    storage.queue.set_lack(Money(100_01, "USD"))

    tried = [turn.amount.minor // 100 for _ in range(3) if (turn := _next(storage))]

    assert tried == [10, 20, 500]


def test_of_many_orders_that_are_not_covered_each_look_passes_over_so_many(storage: Storage):
    many = tuple(a_recipient(f"U0A{n:06d}") for n in range(1_100))
    orders = approve(storage, file_request(storage, amount=Money(500_00, "USD"), recipients=many))
    small = enqueue(storage)
    _halt(storage, HaltCause.INSUFFICIENT_FUNDS, orders[0])
    storage.queue.set_lack(Money(100_00, "USD"))

    found = [_next(storage) for _ in range(3)]

    assert [turn and turn.id for turn in found] == [None, None, small.id]


def test_in_an_outage_every_other_probe_takes_an_order_that_is_in_doubt(storage: Storage):
    doubtful, *fresh = [enqueue(storage) for _ in range(4)]
    taken = claim(storage, doubtful)
    storage.orders.move(taken, OrderMove.RESCHEDULE, now=NOON, outcome_unknown=True)
    _halt(storage, HaltCause.OUTAGE, doubtful)

    tried = [turn.id for _ in range(4) if (turn := _next(storage))]

    assert tried == [doubtful.id, fresh[0].id, doubtful.id, fresh[0].id]


def test_an_order_that_tango_is_asked_about_is_no_other_that_waits(storage: Storage):
    bad, asked_about = enqueue(storage), enqueue(storage)
    assert storage.probes.others_wait(bad, NOON)
    storage.inquiries.open(asked_about.id, now=NOON)
    assert not storage.probes.others_wait(bad, NOON)


def _attempt(storage: Storage, order: Order, outcome: AttemptOutcome, status: int) -> int:
    attempt_id = storage.attempts.start(order.id, NOON)
    facts: dict[str, Any] = {"i18n_key": None, "tango_request_id": None, "detail": None}
    storage.attempts.finish(attempt_id, now=NOON, outcome=outcome, http_status=status, **facts)
    return attempt_id


@pytest.mark.parametrize(
    ("first", "between", "passed"),
    [
        ((AttemptOutcome.HALTED, 403), (AttemptOutcome.ACCEPTED, 201), True),
        ((AttemptOutcome.THROTTLED, 429), (AttemptOutcome.ACCEPTED, 201), True),
        ((AttemptOutcome.HALTED, 402), (AttemptOutcome.ACCEPTED, 201), False),
        ((AttemptOutcome.AMBIGUOUS, 503), (AttemptOutcome.ACCEPTED, 201), False),
        ((AttemptOutcome.HALTED, 403), (AttemptOutcome.ACCEPTED, 200), False),
        ((AttemptOutcome.HALTED, 403), (AttemptOutcome.REJECTED, 400), False),
        ((AttemptOutcome.HALTED, 403), (AttemptOutcome.HALTED, 403), False),
    ],
)
def test_an_order_is_refused_alone_if_another_was_made_in_between(
    storage: Storage,
    first: tuple[AttemptOutcome, int],
    between: tuple[AttemptOutcome, int],
    passed: bool,  # noqa: FBT001 (a column of the table)
):
    bad, good = enqueue(storage), enqueue(storage)
    _attempt(storage, bad, *first)
    _attempt(storage, good, *between)
    again = _attempt(storage, bad, AttemptOutcome.HALTED, 403)

    assert storage.probes.others_passed(bad, again) is passed


@pytest.mark.parametrize(
    ("first", "between", "passed"),
    [
        ((AttemptOutcome.AMBIGUOUS, 403), (AttemptOutcome.ACCEPTED, 201), True),
        ((AttemptOutcome.AMBIGUOUS, 403), (AttemptOutcome.ACCEPTED, 200), False),
        ((AttemptOutcome.AMBIGUOUS, 403), (AttemptOutcome.REJECTED, 400), False),
        ((AttemptOutcome.HALTED, 403), (AttemptOutcome.ACCEPTED, 201), False),
    ],
)
def test_an_order_is_unclear_alone_if_another_was_made_since_it_first_was(
    storage: Storage,
    first: tuple[AttemptOutcome, int],
    between: tuple[AttemptOutcome, int],
    passed: bool,  # noqa: FBT001 (a column of the table)
):
    bad, good = enqueue(storage), enqueue(storage)
    _attempt(storage, bad, *first)
    _attempt(storage, good, *between)
    again = _attempt(storage, bad, AttemptOutcome.AMBIGUOUS, 403)

    assert storage.probes.others_passed_meanwhile(bad, again) is passed
