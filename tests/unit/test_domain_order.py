"""The order's state machine and its times, as tables: what is not in the table does not happen."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from bot.domain.order import FINAL, IDEMPOTENCY_HORIZON, ORDER_MOVES, OrderMove, OrderStatus, wait_before_retry
from bot.domain.problem import Problem
from bot.domain.progress import Progress
from bot.errors import Wish, WrongState
from tests.kit.factories import NOON, an_order

# Written out by hand, so that a slip in the product's table shows here.
LEGAL = {
    ("queued", "claim"): "submitting",
    ("queued", "cancel"): "canceled",
    ("queued", "set_aside"): "needs_attention",
    ("submitting", "accept"): "accepted",
    ("submitting", "fail"): "failed",
    ("submitting", "reschedule"): "queued",
    ("submitting", "rescue"): "queued",
    ("submitting", "set_aside"): "needs_attention",
    ("needs_attention", "accept"): "accepted",
    ("needs_attention", "close"): "failed",
    ("needs_attention", "retry"): "queued",
    ("needs_attention", "set_aside"): "needs_attention",
    ("accepted", "fail"): "failed",
}
EVERY_PAIR = list(itertools.product(OrderStatus, OrderMove))


def test_the_states_and_moves_are_these():
    assert {status.value for status in OrderStatus} == {
        "queued",
        "submitting",
        "accepted",
        "failed",
        "needs_attention",
        "canceled",
    }
    assert {move.value for move in OrderMove} == {move for _, move in LEGAL}


@pytest.mark.parametrize(("status", "move"), EVERY_PAIR, ids=str)
def test_every_move_from_every_state_is_in_the_table_or_refused(status: OrderStatus, move: OrderMove):
    legal = (status, move) in LEGAL
    assert an_order(status=status, problem=Problem.CHANGED).allows(move) is legal
    assert ((status, move) in ORDER_MOVES) is legal
    if legal:
        assert ORDER_MOVES[status, move] == LEGAL[status, move]


@pytest.mark.parametrize("move", [OrderMove.RETRY, OrderMove.CANCEL, OrderMove.CLOSE])
@pytest.mark.parametrize("status", OrderStatus)
def test_a_persons_move_is_refused_where_the_table_has_none(
    status: OrderStatus, move: Literal[OrderMove.RETRY, OrderMove.CANCEL, OrderMove.CLOSE]
):
    order = an_order(request_id=8, place=2, status=status, problem=Problem.CHANGED)
    if (status, move) in LEGAL:
        order.check(move)
        return
    with pytest.raises(WrongState) as refusal:
        order.check(move)
    assert (refusal.value.number, refusal.value.status, refusal.value.move) == ("8.2", status, Wish(move))


def test_nothing_leaves_a_final_state_but_what_tango_fails_later_and_everything_else_can_be_left():
    left = {status for status, _ in ORDER_MOVES}

    assert {"accepted", "failed", "canceled"} == FINAL
    assert left == set(OrderStatus) - FINAL | {"accepted"}
    assert {to for (status, _), to in ORDER_MOVES.items() if status == "accepted"} == {"failed"}


def test_every_state_can_be_reached_from_queued():
    reached = {OrderStatus.QUEUED}
    for _ in OrderStatus:
        reached |= {to for (status, _), to in ORDER_MOVES.items() if status in reached}

    assert reached == set(OrderStatus)


def test_an_order_is_canceled_unless_tango_may_have_it_or_an_attempt_is_under_way():
    assert an_order().allows(OrderMove.CANCEL)
    assert an_order(first_attempt_at=NOON, attempts=3).allows(OrderMove.CANCEL), "each attempt was surely refused"
    assert not an_order(status=OrderStatus.SUBMITTING, first_attempt_at=NOON).allows(OrderMove.CANCEL)

    in_doubt = an_order(first_attempt_at=NOON, outcome_unknown=True)
    assert not in_doubt.allows(OrderMove.CANCEL)
    assert in_doubt.allows(OrderMove.CLAIM)
    with pytest.raises(WrongState):
        in_doubt.check(OrderMove.CANCEL)


@pytest.mark.parametrize("problem", Problem)
def test_an_order_that_needs_a_person_is_closed_only_where_tango_surely_does_not_have_it(problem: Problem):
    known = problem in (Problem.DIFFERS, Problem.UNCONFIRMED)
    order = an_order(status=OrderStatus.NEEDS_ATTENTION, problem=problem)
    assert order.allows(OrderMove.CLOSE) is not known
    assert order.can_be_sent_as is not known
    assert not replace(order, outcome_unknown=True).allows(OrderMove.CLOSE)
    numbered = replace(order, reference_order_id="RA1")
    assert not numbered.allows(OrderMove.CLOSE)
    assert not numbered.can_be_sent_as


def test_an_inquiry_is_about_an_order_that_needs_a_person_or_waits_in_doubt():
    asked_about = {
        (status, unknown)
        for status in OrderStatus
        for unknown in (False, True)
        if an_order(status=status, outcome_unknown=unknown).can_be_asked_about
    }
    assert asked_about == {("queued", True), ("needs_attention", False), ("needs_attention", True)}


def test_an_order_is_reviewed_an_hour_after_its_approval_or_last_review_unless_tango_may_have_it():
    hour, moment = timedelta(hours=1), timedelta(milliseconds=1)
    assert not an_order().needs_review(NOON + hour - moment)
    assert an_order().needs_review(NOON + hour)
    assert not an_order(reviewed_at=NOON + hour).needs_review(NOON + 2 * hour - moment)
    assert an_order(reviewed_at=NOON + hour).needs_review(NOON + 2 * hour)
    assert not an_order(outcome_unknown=True).needs_review(NOON + 9 * hour)


@pytest.mark.parametrize(
    ("age", "past"),
    [
        pytest.param(None, False, id="never attempted"),
        pytest.param(timedelta(0), False, id="just now"),
        pytest.param(IDEMPOTENCY_HORIZON - timedelta(microseconds=1), False, id="the last moment of day 90"),
        pytest.param(IDEMPOTENCY_HORIZON, True, id="90 days"),
        pytest.param(IDEMPOTENCY_HORIZON + timedelta(days=1), True, id="91 days"),
        pytest.param(timedelta(hours=-1), False, id="the clock was put back"),
    ],
)
def test_the_idempotency_horizon(age: timedelta | None, past: bool):  # noqa: FBT001 (a column of the table)
    order = an_order(first_attempt_at=None if age is None else NOON - age)

    assert order.is_past_idempotency(NOON) is past


def test_the_horizon_counts_from_the_first_attempt_and_is_tangos_90_days():
    order = an_order(created_at=NOON - timedelta(days=400), first_attempt_at=NOON - timedelta(days=89))

    assert not order.is_past_idempotency(NOON)
    assert timedelta(days=90) == IDEMPOTENCY_HORIZON


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(1, 2), (2, 4), (3, 8), (4, 16), (5, 32), (9, 512), (10, 600), (11, 600), (17, 600), (18, 600), (10**9, 600)],
)
def test_waits_double_from_two_seconds_up_to_ten_minutes(attempts: int, seconds: int):
    assert wait_before_retry(attempts) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("attempts", "minimum", "seconds"),
    [(1, 1, 2), (1, 2, 2), (1, 30, 30), (4, 15.5, 16), (4, 16.5, 16.5), (12, 900, 900)],
)
def test_a_wait_that_tango_asks_for_is_the_least_also_beyond_the_longest(attempts: int, minimum: float, seconds: float):
    assert wait_before_retry(attempts, timedelta(seconds=minimum)) == timedelta(seconds=seconds)


def test_an_order_is_in_flight_for_less_than_two_minutes_after_its_first_attempt():
    order = an_order(first_attempt_at=NOON)
    limit = NOON + timedelta(minutes=2)
    assert order.is_in_flight(limit - timedelta(microseconds=1))
    assert not order.is_in_flight(limit)
    assert not an_order().is_in_flight(NOON)


@pytest.mark.parametrize(
    ("counts", "unfinished", "settled"),
    [
        ({OrderStatus.ACCEPTED: 2}, 0, True),
        ({OrderStatus.ACCEPTED: 2}, 1, False),
        ({OrderStatus.ACCEPTED: 1, OrderStatus.FAILED: 1, OrderStatus.CANCELED: 1}, 0, True),
        *[({OrderStatus.ACCEPTED: 1, status: 1}, 0, False) for status in set(OrderStatus) - FINAL],
    ],
)
def test_a_request_is_settled_once_the_end_of_each_order_is_known(
    counts: dict[OrderStatus, int], unfinished: int, *, settled: bool
):
    assert Progress(counts=counts, unfinished=unfinished).is_settled is settled


def test_on_hold_an_order_that_is_being_tried_waits_like_the_others():
    counts = {OrderStatus.ACCEPTED: 2, OrderStatus.QUEUED: 3, OrderStatus.SUBMITTING: 1}
    progress = Progress(counts=counts, delivered=1)
    assert progress.on_hold() == Progress(counts={OrderStatus.ACCEPTED: 2, OrderStatus.QUEUED: 4}, delivered=1)
    assert Progress(counts={OrderStatus.ACCEPTED: 1}).on_hold() == Progress(counts={OrderStatus.ACCEPTED: 1})
