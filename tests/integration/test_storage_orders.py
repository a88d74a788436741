"""Orders in a real file: claimed once, moved by compare-and-set, frozen as approved, found by every reference."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.attempt import AttemptOutcome
from bot.domain.money import Money
from bot.domain.numbers import Number
from bot.domain.order import FINAL, OF_BATCH, ORDER_MOVES, ApprovedOrder, Order, OrderMove, OrderStatus
from bot.domain.problem import HttpStatus, Problem
from bot.domain.progress import Progress
from bot.domain.request import Delivery
from bot.domain.search import OrderSearch, SearchStatus
from storage import Storage
from tests.kit.engines import REFUSED
from tests.kit.factories import (
    ADA,
    ALEX,
    MAYA,
    NOON,
    ROB,
    a_recipient,
    accept,
    again,
    an_approved_order,
    approve,
    at,
    claim,
    enqueue,
    file_request,
    together,
)

SECOND = timedelta(seconds=1)
LATER = NOON + timedelta(minutes=5)


def test_the_oldest_order_that_waits_is_queued_or_being_sent(storage: Storage):
    assert storage.backlog.size().oldest_order_at is None
    older = enqueue(storage)
    enqueue(storage, now=LATER)
    assert storage.backlog.size().oldest_order_at == NOON
    claimed = claim(storage, older)
    assert storage.backlog.size().oldest_order_at == NOON
    with storage.transaction():
        storage.orders.move(claimed, OrderMove.FAIL, now=LATER)
    assert storage.backlog.size().oldest_order_at == LATER


def test_an_order_is_read_as_it_was_approved(storage: Storage):
    request = file_request(storage)
    new = an_approved_order(
        request.id,
        recipient=a_recipient(ROB, first_name="Zoë", last_name=""),
        amount=Money(12_345, "KWD"),
        body=b'{"message":"\\u2026"}\x00\xff',
        delivery=Delivery.MESSAGE,
    )

    with storage.transaction():
        order_id = storage.orders.enqueue(new, NOON)
    order = storage.orders.get(order_id)

    assert order is not None
    for name in ApprovedOrder.__dataclass_fields__.keys() - {"in_doubt_since"}:
        assert getattr(order, name) == getattr(new, name), name
    assert (order.status, order.attempts, order.outcome_unknown) == (OrderStatus.QUEUED, 0, False)
    assert (order.created_at, order.available_at) == (NOON, NOON)
    times = ("claimed_at", "first_attempt_at", "finalized_at", "last_sent_at", "delivered_at")
    words = ("reference_order_id", "tango_status", "problem", "problem_detail")
    assert {getattr(order, name) for name in (*times, *words)} == {None}


# ------------------------------------------------------------------------------------------ the claim


def test_orders_are_claimed_in_the_order_of_approval_each_once(storage: Storage):
    recipients = tuple(a_recipient(f"U0P{number:05d}") for number in range(3))
    orders = [*approve(storage, file_request(storage, recipients=recipients)), enqueue(storage), enqueue(storage)]

    claimed = [storage.orders.claim(NOON) for _ in range(6)]

    assert [order.id if order else None for order in claimed] == [*(order.id for order in orders), None]


def test_an_order_by_hand_goes_before_those_of_a_batch_however_long_these_have_waited(storage: Storage):
    many = tuple(a_recipient(f"U0P{number:05d}") for number in range(3))
    batch = approve(storage, file_request(storage, recipients=many), priority=OF_BATCH)
    by_hand = enqueue(storage, now=NOON + SECOND)

    assert storage.orders.next_due(NOON) == batch[0]
    assert storage.orders.next_due(LATER) == by_hand
    assert [storage.orders.ahead_of(order, 100) for order in (by_hand, batch[0], batch[2])] == [0, 1, 3]
    claimed = [storage.orders.claim(LATER) for _ in range(2)]
    assert [order.id if order else None for order in claimed] == [by_hand.id, batch[0].id]


def test_a_batch_whose_turn_it_is_goes_first(storage: Storage):
    [of_batch] = approve(storage, file_request(storage), priority=OF_BATCH)
    by_hand = enqueue(storage)

    assert storage.orders.next_due(LATER, least=OF_BATCH) == of_batch
    assert [one.id for _ in range(2) if (one := storage.orders.claim(LATER, least=OF_BATCH))] == [of_batch.id]
    assert [one.id for _ in range(2) if (one := storage.orders.claim(LATER))] == [by_hand.id]


def test_the_next_order_of_either_kind_is_waited_for(storage: Storage):
    [of_batch] = approve(storage, file_request(storage), priority=OF_BATCH)
    by_hand = enqueue(storage)
    taken = claim(storage, by_hand)
    storage.orders.move(taken, OrderMove.RESCHEDULE, now=NOON, available_at=LATER)
    assert storage.orders.next_available_at() == NOON
    taken = claim(storage, of_batch)
    storage.orders.move(taken, OrderMove.RESCHEDULE, now=NOON, available_at=LATER + SECOND)
    assert storage.orders.next_available_at() == LATER


def test_a_claimed_order_is_told_with_its_claim_and_keeps_its_first_one(storage: Storage):
    order = enqueue(storage)

    first = claim(storage, order, now=NOON)
    storage.orders.move(first, OrderMove.RESCHEDULE, now=NOON, available_at=LATER)
    second = claim(storage, order, now=LATER)

    assert first == at(order, status=OrderStatus.SUBMITTING, claimed_at=NOON, first_attempt_at=NOON)
    assert (second.claimed_at, second.first_attempt_at) == (LATER, NOON)
    assert second == again(storage, order)


def test_an_order_is_due_from_its_millisecond_on_and_not_before(storage: Storage):
    order = enqueue(storage)
    due = NOON + timedelta(milliseconds=1_500)
    storage.orders.move(claim(storage, order), OrderMove.RESCHEDULE, now=NOON, available_at=due)

    assert storage.orders.next_available_at() == due
    assert storage.orders.claim(due - timedelta(microseconds=1)) is None
    assert storage.orders.claim(due - timedelta(milliseconds=1)) is None
    claim(storage, order, now=due)


def test_what_is_due_longest_goes_first_and_the_id_breaks_ties(storage: Storage):
    first, second, third = (enqueue(storage) for _ in range(3))
    storage.orders.move(claim(storage, first), OrderMove.RESCHEDULE, now=NOON, available_at=LATER)
    storage.orders.move(claim(storage, second), OrderMove.RESCHEDULE, now=NOON, available_at=NOON + SECOND)

    assert [storage.orders.claim(LATER).id for _ in range(3)] == [third.id, second.id, first.id]  # type: ignore[union-attr]


def test_an_order_that_was_throttled_keeps_its_place(storage: Storage):
    first, second = enqueue(storage), enqueue(storage)

    storage.orders.move(claim(storage, first), OrderMove.RESCHEDULE, now=LATER)

    assert storage.orders.next_available_at() == NOON
    claim(storage, first, now=LATER)
    claim(storage, second, now=LATER)


def test_an_empty_queue(storage: Storage):
    accept(storage, enqueue(storage))

    assert storage.orders.claim(LATER) is None
    assert storage.orders.next_available_at() is None


@pytest.mark.parametrize("status", [status for status in OrderStatus if status is not OrderStatus.QUEUED], ids=str)
def test_only_queued_orders_are_claimed(storage: Storage, status: OrderStatus):
    in_state(storage, status)

    assert storage.orders.claim(LATER) is None


def test_eight_threads_claim_forty_orders_each_once_and_in_order(storage: Storage):
    orders = [enqueue(storage, now=NOON + number * SECOND) for number in range(40)]

    def work(_: int) -> list[int]:
        claimed = []
        while order := storage.orders.claim(LATER):
            claimed.append(order.id)
        return claimed

    by_thread = together(8, work)

    assert sorted(order_id for ids in by_thread for order_id in ids) == [order.id for order in orders]
    for ids in by_thread:
        assert ids == sorted(ids), "the oldest that was left, each time"


def test_two_connections_claim_each_order_once(storage: Storage, database: Path | str):
    orders = [enqueue(storage) for _ in range(30)]
    others = [Storage.open(database) for _ in range(2)]

    def work(number: int) -> list[int]:
        claimed: list[int] = []
        while True:
            with others[number].transaction():
                order = others[number].orders.claim(LATER)
            if order is None:
                return claimed
            claimed.append(order.id)

    try:
        claimed = together(2, work)
    finally:
        for other in others:
            other.close()

    assert sorted(claimed[0] + claimed[1]) == [order.id for order in orders]


# ------------------------------------------------------------------------------------------- the moves


def in_state(storage: Storage, status: OrderStatus) -> Order:
    """An order brought to a state by the moves that lead there."""
    order = enqueue(storage)
    path = {
        OrderStatus.QUEUED: [],
        OrderStatus.SUBMITTING: [OrderMove.CLAIM],
        OrderStatus.ACCEPTED: [OrderMove.CLAIM, OrderMove.ACCEPT],
        OrderStatus.FAILED: [OrderMove.CLAIM, OrderMove.FAIL],
        OrderStatus.NEEDS_ATTENTION: [OrderMove.CLAIM, OrderMove.SET_ASIDE],
        OrderStatus.CANCELED: [OrderMove.CANCEL],
    }[status]
    for move in path:
        if move is OrderMove.CLAIM:
            order = claim(storage, order)
        else:
            assert storage.orders.move(order, move, now=NOON, **what_a_move_needs(move, order))
            order = again(storage, order)
    assert order.status is status
    return order


def what_a_move_needs(move: OrderMove, order: Order) -> dict[str, Any]:
    if move is OrderMove.SET_ASIDE:  # each time for another reason
        return {"problem": Problem.DIFFERS, "problem_detail": f"after {order.problem}"}
    return {"reference_order_id": f"RA260314-{order.id}-1"} if move is OrderMove.ACCEPT else {}


BY_MOVE = [pair for pair in ORDER_MOVES if pair[1] not in (OrderMove.CLAIM, OrderMove.RESCUE)]


@pytest.mark.parametrize(("status", "move"), BY_MOVE, ids=str)
def test_every_move_of_the_table_leads_where_it_says_and_is_made_once(
    storage: Storage, status: OrderStatus, move: OrderMove
):
    order = in_state(storage, status)

    assert storage.orders.move(order, move, now=LATER, **what_a_move_needs(move, order))
    moved = again(storage, order)

    assert moved.status is ORDER_MOVES[status, move]
    assert moved.finalized_at == (LATER if moved.status in FINAL else None)
    assert moved.claimed_at is None
    assert not storage.orders.move(order, move, now=LATER, **what_a_move_needs(move, order)), "the copy is stale"
    assert again(storage, order) == moved


@pytest.mark.parametrize("stands", OrderStatus, ids=str)
@pytest.mark.parametrize(("status", "move"), BY_MOVE, ids=str)
def test_a_move_from_a_state_in_which_the_order_is_not_changes_nothing(
    storage: Storage, stands: OrderStatus, status: OrderStatus, move: OrderMove
):
    order = in_state(storage, stands)
    believed = at(order, status=status)

    moved = storage.orders.move(believed, move, now=LATER, **what_a_move_needs(move, order))

    assert moved is (status is stands)
    assert (again(storage, order) == order) is (status is not stands)


def test_a_move_that_is_not_in_the_table_is_a_mistake(storage: Storage):
    order = in_state(storage, OrderStatus.ACCEPTED)

    with pytest.raises(KeyError):
        storage.orders.move(order, OrderMove.RETRY, now=LATER)

    assert again(storage, order) == order


@pytest.mark.parametrize("move", [OrderMove.ACCEPT, OrderMove.FAIL, OrderMove.RESCHEDULE, OrderMove.SET_ASIDE], ids=str)
def test_the_late_answer_to_an_attempt_that_was_given_up_does_not_move_the_next_attempt(
    storage: Storage, move: OrderMove
):
    """A refusal that comes late must not fail an order that is being placed right now."""
    order = enqueue(storage)
    given_up = claim(storage, order, now=NOON)
    storage.orders.rescue(claimed_before=LATER, now=LATER)
    under_way = claim(storage, order, now=LATER)

    assert not storage.orders.move(given_up, move, now=LATER, **what_a_move_needs(move, order))
    assert again(storage, order) == under_way
    assert storage.orders.move(under_way, OrderMove.ACCEPT, now=LATER, reference_order_id="RA1")


def test_an_order_that_was_claimed_since_it_was_looked_at_is_not_canceled(storage: Storage):
    """It is queued as before, but Tango may have it."""
    looked_at = enqueue(storage)
    storage.orders.move(claim(storage, looked_at), OrderMove.RESCHEDULE, now=NOON, outcome_unknown=True)

    assert again(storage, looked_at).status is looked_at.status
    assert not storage.orders.move(looked_at, OrderMove.CANCEL, now=LATER)
    assert again(storage, looked_at).status is OrderStatus.QUEUED


def test_of_a_claim_and_a_cancel_at_the_same_moment_one_happens(storage: Storage):
    for _ in range(10):
        order = enqueue(storage)

        def work(number: int, order: Order = order) -> bool:
            if number:
                return storage.orders.move(order, OrderMove.CANCEL, now=NOON)
            return storage.orders.claim(NOON) is not None

        claimed, canceled = together(2, work)

        assert claimed is not canceled
        assert again(storage, order).status == ("submitting" if claimed else "canceled")


def test_what_a_move_tells_is_kept_and_what_it_does_not_tell_stays(storage: Storage):
    order = enqueue(storage)
    unclear = {"outcome_unknown": True, "counted": True, "available_at": LATER, "problem": HttpStatus(503)}
    storage.orders.move(claim(storage, order), OrderMove.RESCHEDULE, now=NOON, **unclear)  # type: ignore[arg-type]
    waiting = again(storage, order)
    storage.orders.move(claim(storage, order, now=LATER), OrderMove.RESCHEDULE, now=LATER)
    throttled = again(storage, order)

    assert (waiting.attempts, waiting.outcome_unknown, waiting.available_at) == (1, True, LATER)
    assert waiting.problem == HttpStatus(503)
    assert (throttled.attempts, throttled.outcome_unknown, throttled.available_at) == (1, True, LATER)
    assert throttled.problem is None, "a problem is of one move"

    placed = {
        "outcome_unknown": False,
        "reference_order_id": "RA260314-1-1",
        "tango_status": "COMPLETE",
        "last_sent_at": LATER,
    }
    storage.orders.move(claim(storage, order, now=LATER), OrderMove.ACCEPT, now=LATER, **placed)  # type: ignore[arg-type]
    accepted = again(storage, order)

    assert {name: getattr(accepted, name) for name in placed} == placed
    assert (accepted.finalized_at, accepted.first_attempt_at) == (LATER, NOON)


def test_an_order_that_was_set_aside_goes_on_where_it_was(storage: Storage):
    order = in_state(storage, OrderStatus.NEEDS_ATTENTION)

    assert storage.orders.move(order, OrderMove.RETRY, now=LATER, available_at=LATER)
    retried = claim(storage, order, now=LATER)

    assert retried.first_attempt_at == NOON, "the 90 days count from the first"
    assert (retried.external_ref_id, retried.body) == (order.external_ref_id, order.body)


# ------------------------------------------------------------------------------------------ the rescue


def test_the_rescue_puts_back_what_was_under_way_before_and_nothing_else(storage: Storage):
    left, recent, waiting = (enqueue(storage, now=NOON + number * SECOND) for number in range(3))
    claim(storage, left, now=LATER - SECOND)
    claim(storage, recent, now=LATER)
    storage.attempts.start(left.id, LATER - SECOND)
    storage.attempts.start(recent.id, LATER)

    rescued = storage.orders.rescue(claimed_before=LATER, now=LATER + SECOND)

    assert [order.id for order in rescued] == [left.id]
    assert rescued == [again(storage, left)]
    assert (rescued[0].status, rescued[0].outcome_unknown) == (OrderStatus.QUEUED, True)
    assert (rescued[0].available_at, rescued[0].first_attempt_at) == (left.available_at, LATER - SECOND)
    assert rescued[0].attempts == 0, "an interrupted attempt counts against nobody"
    assert again(storage, recent).status is OrderStatus.SUBMITTING
    assert again(storage, waiting) == waiting
    [attempt], [running] = storage.attempts.of_order(left.id, 5), storage.attempts.of_order(recent.id, 5)
    assert (attempt.outcome, attempt.detail, attempt.finished_at) == ("ambiguous", "interrupted", LATER + SECOND)
    assert running.finished_at is None
    assert storage.orders.rescue(claimed_before=LATER, now=LATER) == []


def test_a_rescued_order_keeps_its_place_also_after_the_clock_was_put_back(storage: Storage):
    first, second = enqueue(storage, now=NOON), enqueue(storage, now=NOON + SECOND)
    claim(storage, first, now=LATER)
    storage.orders.rescue(claimed_before=None, now=LATER)
    assert storage.orders.next_due(LATER) == again(storage, first)

    claim(storage, first, now=LATER)
    storage.orders.rescue(claimed_before=None, now=NOON - SECOND)
    assert again(storage, first).available_at == NOON - SECOND
    assert again(storage, second).available_at == NOON + SECOND


def test_a_claim_can_pass_over_what_is_to_be_reviewed_first(storage: Storage):
    unknown = claim(storage, enqueue(storage, now=NOON))
    storage.orders.move(unknown, OrderMove.RESCHEDULE, now=NOON, outcome_unknown=True)
    late, fresh, reviewed = enqueue(storage, now=NOON), enqueue(storage, now=LATER), enqueue(storage, now=NOON)
    storage.orders.mark_reviewed(reviewed, LATER)

    taken = [storage.orders.claim(LATER, reviewed_after=LATER - SECOND) for _ in range(4)]

    assert [order and order.id for order in taken] == [unknown.id, reviewed.id, fresh.id, None]
    assert again(storage, late) == late


def test_a_rescue_leaves_what_is_still_awaited(storage: Storage):
    awaited, left = enqueue(storage), enqueue(storage)
    claim(storage, awaited), claim(storage, left)

    for claimed_before in (LATER, None):
        rescued = storage.orders.rescue(claimed_before=claimed_before, under_way=[awaited.id, 99], now=LATER)
        assert [order.id for order in rescued] == ([left.id] if claimed_before else [])
        assert again(storage, awaited).status is OrderStatus.SUBMITTING


def test_a_rescue_takes_what_was_claimed_by_a_clock_that_was_put_back_since(storage: Storage):
    future, present = enqueue(storage), enqueue(storage)
    claim(storage, future, now=LATER + timedelta(milliseconds=1))
    claim(storage, present, now=LATER)

    rescued = storage.orders.rescue(claimed_before=NOON, now=LATER)

    assert [order.id for order in rescued] == [future.id], "what was claimed at this very moment is no slip"
    assert rescued[0].available_at == future.available_at


def test_orders_are_brought_forward_that_are_further_ahead_than_any_wait(storage: Storage):
    far, near, under_way = (enqueue(storage, now=NOON + number * SECOND) for number in range(3))
    for order, due in ((far, LATER + timedelta(milliseconds=1)), (near, LATER)):
        storage.orders.move(
            claim(storage, order, now=NOON + 2 * SECOND), OrderMove.RESCHEDULE, now=NOON, available_at=due
        )
    claim(storage, under_way, now=NOON + 2 * SECOND)
    before = again(storage, under_way)

    storage.orders.bring_forward(latest=LATER, now=NOON + 3 * SECOND)

    assert again(storage, far).available_at == NOON + 3 * SECOND
    assert again(storage, near).available_at == LATER
    assert again(storage, under_way) == before


def test_an_order_is_put_off_and_reviewed_only_while_it_waits(storage: Storage):
    order = enqueue(storage)
    storage.orders.put_off(order, LATER)
    assert storage.orders.next_due(NOON) is None
    storage.orders.mark_reviewed(order, NOON + SECOND)
    reviewed = again(storage, order)
    assert (reviewed.available_at, reviewed.reviewed_at) == (NOON, NOON + SECOND), "it has its place back"

    under_way = claim(storage, order)
    storage.orders.put_off(order, LATER)
    storage.orders.mark_reviewed(order, LATER)
    assert again(storage, order) == under_way


def test_a_rescue_leaves_the_record_of_attempts_that_were_finished(storage: Storage):
    order = enqueue(storage)
    first = storage.attempts.start(claim(storage, order).id, NOON)
    storage.attempts.finish(first, now=NOON, outcome=AttemptOutcome.THROTTLED, **NO_ANSWER)
    storage.attempts.start(order.id, LATER)

    storage.orders.rescue(claimed_before=LATER, now=LATER)

    assert [attempt.outcome for attempt in storage.attempts.of_order(order.id, 5)] == ["ambiguous", "throttled"]


NO_ANSWER: dict[str, Any] = {"http_status": None, "i18n_key": None, "tango_request_id": None, "detail": None}


# ----------------------------------------------------------------------------------------- attempts


def test_attempts_are_told_newest_first_and_no_more_than_asked(storage: Storage):
    order, other = enqueue(storage), enqueue(storage)
    ids = [storage.attempts.start(order.id, NOON + number * SECOND) for number in range(4)]
    storage.attempts.start(other.id, NOON)
    storage.attempts.finish(
        ids[2],
        now=LATER,
        outcome=AttemptOutcome.AMBIGUOUS,
        http_status=503,
        i18n_key="unavailable",
        tango_request_id="req-1",
        detail="server error",
    )

    newest, finished, *_ = attempts = storage.attempts.of_order(order.id, 3)

    assert [attempt.started_at for attempt in attempts] == [NOON + number * SECOND for number in (3, 2, 1)]
    assert (newest.finished_at, newest.outcome) == (None, None)
    assert (finished.finished_at, finished.outcome, finished.http_status) == (LATER, "ambiguous", 503)
    assert (finished.i18n_key, finished.tango_request_id, finished.detail) == ("unavailable", "req-1", "server error")


def test_an_attempt_comes_to_one_of_five_outcomes(storage: Storage):
    order = enqueue(storage)

    for outcome in AttemptOutcome:
        attempt_id = storage.attempts.start(order.id, NOON)
        assert storage.attempts.finish(attempt_id, now=NOON, outcome=outcome, **NO_ANSWER)
        assert not storage.attempts.finish(attempt_id, now=NOON, outcome=AttemptOutcome.ACCEPTED, **NO_ANSWER), (
            "it is closed"
        )
    attempt_id = storage.attempts.start(order.id, NOON)
    with pytest.raises(REFUSED, match=r"(?i)check"):
        storage.attempts.finish(attempt_id, now=NOON, outcome="lost", **NO_ANSWER)  # type: ignore[arg-type]  # the file refuses it, too


def test_there_is_no_attempt_at_an_order_that_is_not_there(storage: Storage):
    with pytest.raises(REFUSED, match=r"(?i)foreign key"):
        storage.attempts.start(1, NOON)


# ----------------------------------------------------------------------------------------- look-ups


def test_an_order_is_found_by_each_of_its_references(storage: Storage):
    enqueue(storage)
    order = accept(storage, claim_free(storage), reference_order_id="RA260314-2-42")

    for reference in (
        order.number,
        f"00{order.number}",
        f"R-{order.number}",
        f"#{order.number}",
        f"{order.number}.1",
        order.external_ref_id,
        order.external_ref_id.upper(),
        "RA260314-2-42",
        "ra260314-2-42",
    ):
        assert storage.orders.find(reference) == order, reference


def claim_free(storage: Storage) -> Order:
    """A queued order that is next: what was before it is under way."""
    while storage.orders.claim(NOON):
        pass
    return enqueue(storage)


@pytest.mark.parametrize(
    "reference",
    [
        *(
            "",
            " ",
            "0",
            "2",
            "-1",
            "+1",
            "1.0",
            "1.2",
            "1.01",
            "1.",
            ".1",
            "R",
            "#",
            "R-",
            "R--1",
            "##1",
            "RR1",
            "1e0",
            " 1",
            "1 ",
            "0x1",
            "one",
            "%",
            "_",
            "*",
            "NULL",
        ),
        *("' OR 1=1 --", "1; DROP", "1\x00", "\x00", "١", "１", "²"),
        *("9" * 15, "9" * 16, "9" * 19, str(2**63), str(2**64 + 1), "9" * 5_000),
    ],
    ids=lambda value: repr(value[:20]),
)
def test_what_names_no_order_finds_none(storage: Storage, reference: str):
    enqueue(storage)

    assert storage.orders.find(reference) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(lambda text: Number.of(text) is None))
def test_whatever_is_typed_finding_answers(storage: Storage, reference: str):
    if storage.orders.get(1) is None:
        enqueue(storage)

    assert storage.orders.find(reference) is None


def test_the_orders_of_a_request_are_found_by_their_places_alone(storage: Storage):
    enqueue(storage)
    orders = approve(storage, file_request(storage, recipients=(a_recipient("U0P1"), a_recipient("U0P2"))))

    assert [order.number for order in orders] == ["2.1", "2.2"]
    for typed in ("{}", "#{}", "R-{}", "r{}"):
        assert [storage.orders.find(typed.format(order.number)) for order in orders] == orders
        assert storage.orders.find(typed.format("2")) is None, "it is the number of both"
        assert storage.orders.find(typed.format("3")) is None, "it is an id, which nobody sees"


def test_orders_that_got_no_place_get_it(storage: Storage):
    """A bot of the version before approves during an upgrade."""
    single = enqueue(storage)
    several = approve(storage, file_request(storage, recipients=(a_recipient("U0P1"), a_recipient("U0P2"))), place=0)
    assert [order.number for order in several] == ["2", "2"]
    assert storage.orders.find("2.2") == several[1], "found all the same"

    with storage.transaction():
        storage.orders.give_places()

    assert [order.number for order in storage.orders.of_request(2)] == ["2.1", "2.2"]
    assert again(storage, single).number == "1"


def test_a_reference_made_of_digits_is_found_where_no_order_has_that_number(storage: Storage):
    request = file_request(storage)
    [order] = approve(storage, request, external_ref_id="20260314")

    assert storage.orders.find("20260314") == order


def test_the_orders_of_a_request_and_how_many_are_where(storage: Storage):
    recipients = tuple(a_recipient(f"U0P{number:05d}") for number in range(4))
    orders = approve(storage, file_request(storage, recipients=recipients))
    other = enqueue(storage)
    accept(storage, orders[0])
    claim(storage, orders[1])

    request_id = orders[0].request_id
    found = storage.orders.of_request(request_id)
    assert [order.recipient for order in found] == list(recipients)
    assert [order.number for order in found] == ["1.1", "1.2", "1.3", "1.4"]
    assert [order.number for order in storage.orders.of_request(other.request_id)] == ["2"]
    assert storage.orders.progress(request_id) == Progress(
        counts={OrderStatus.ACCEPTED: 1, OrderStatus.SUBMITTING: 1, OrderStatus.QUEUED: 2},
        cancelable=tuple(order.external_ref_id for order in orders[1:]),
    )
    assert storage.orders.progress(other.request_id) == Progress(
        counts={OrderStatus.QUEUED: 1}, cancelable=(other.external_ref_id,)
    )
    assert storage.orders.progress(99) == Progress(counts={})
    assert storage.orders.of_request(99) == []


FILTERS = [
    OrderSearch(requester_id=requester, recipient_id=recipient, status=status)
    for requester in (None, MAYA)
    for recipient in (None, ROB)
    for status in (None, SearchStatus.QUEUED, SearchStatus.ACCEPTED)
]


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_pages_tell_every_order_that_is_wanted_once_newest_first(storage: Storage, wanted: OrderSearch):
    orders = []
    for number in range(24):
        order = enqueue(
            storage,
            requester_id=(MAYA, ADA)[number % 2],
            recipients=(a_recipient((ROB, ALEX)[number // 2 % 2]),),
        )
        if number % 3:
            order = accept(storage, claim_next(storage, order))
        orders.append(order)
    expected = [
        order.id
        for order in reversed(orders)
        if wanted.requester_id in (None, order.requester_id)
        and wanted.recipient_id in (None, order.recipient.user_id)
        and wanted.order_status in (None, order.status)
    ]

    told, before = [], None
    while page := storage.search.page(wanted, before=before, most=3):
        assert len(page) <= 3
        told += [order.id for order in page]
        before = page[-1].id

    assert told == expected
    assert len(expected) >= 2


def claim_next(storage: Storage, order: Order) -> Order:
    """Make this order the next that is due, by having the ones before it wait."""
    while (claimed := storage.orders.claim(NOON)) is not None and claimed.id != order.id:
        storage.orders.move(claimed, OrderMove.RESCHEDULE, now=NOON, available_at=LATER + timedelta(days=1))
    assert claimed is not None
    storage.orders.move(claimed, OrderMove.RESCHEDULE, now=NOON)
    return again(storage, order)


def test_an_order_that_is_placed_while_one_turns_pages_is_not_told_twice(storage: Storage):
    ids = [enqueue(storage).id for _ in range(4)]

    first = storage.search.page(OrderSearch(), before=None, most=2)
    enqueue(storage)
    second = storage.search.page(OrderSearch(), before=first[-1].id, most=2)

    assert [order.id for order in (*first, *second)] == ids[::-1]


def test_how_many_stand_before_an_order_in_the_queue(storage: Storage):
    orders = [enqueue(storage, now=NOON + number * SECOND) for number in range(6)]
    claim(storage, orders[0], now=LATER)
    same_moment = enqueue(storage, now=orders[5].available_at)

    assert [storage.orders.ahead_of(order, 100) for order in orders[1:]] == [0, 1, 2, 3, 4]
    assert storage.orders.ahead_of(same_moment, 100) == 5
    assert storage.orders.ahead_of(same_moment, 3) == 3, "counted no further than is worth saying"


# --------------------------------------------------------------------------- what the file itself refuses


@pytest.mark.parametrize(
    "change",
    [
        "body = :bytes",
        "body = body",
        "amount_minor = amount_minor + 1",
        "currency = 'EUR'",
        "utid = 'U1'",
        "external_ref_id = 'another'",
    ],
)
def test_what_was_approved_is_frozen(storage: Storage, change: str):
    order = enqueue(storage)

    with pytest.raises(REFUSED, match="what was approved is frozen"):
        storage._database.execute(f"UPDATE orders SET {change}", {"bytes": b"\x00"})  # noqa: S608 (the table above)

    assert again(storage, order) == order


@pytest.mark.parametrize(
    "change",
    [
        "status = 'lost'",
        "status = 'submitting'",
        "claimed_at = 1",
        "status = 'failed'",
        "finalized_at = 1",
        "status = 'accepted', finalized_at = 1",
        "attempts = -1",
        "attempts = NULL",
        "delivery = 'pigeon'",
        "outcome_unknown = 'perhaps'",
        "available_at = NULL",
        "available_at = 'soon'",
        "request_id = 99",
    ],
)
def test_the_file_itself_refuses_what_an_order_cannot_be(storage: Storage, change: str):
    order = enqueue(storage)

    with pytest.raises(REFUSED):
        storage._database.execute(f"UPDATE orders SET {change}")  # noqa: S608 (the table above)

    assert again(storage, order) == order


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        pytest.param({"recipient": a_recipient(ROB)}, "(?i)unique.*recipient_id", id="a second order for a recipient"),
        pytest.param({"external_ref_id": "taken"}, "(?i)unique.*external_ref_id", id="a reference twice"),
        pytest.param({"external_ref_id": ""}, "(?i)check", id="an empty reference"),
        pytest.param({"external_ref_id": "x" * 101}, "(?i)check", id="a reference of 101 characters"),
        pytest.param({"amount": Money(0, "USD")}, "(?i)check", id="nothing"),
        pytest.param({"request_id": 99}, "(?i)foreign key", id="of no request"),
    ],
)
def test_the_file_itself_refuses_a_second_order_for_what_was_approved_once(
    storage: Storage, facts: dict[str, Any], refused: str
):
    [order] = approve(storage, file_request(storage), external_ref_id="taken")
    usual: dict[str, Any] = {"request_id": order.request_id, "recipient": a_recipient(ADA)}
    new = an_approved_order(**(usual | facts))

    with pytest.raises(REFUSED, match=refused):
        storage.orders.enqueue(new, NOON)

    assert storage.orders.of_request(order.request_id) == [order]


def test_one_order_of_tangos_is_one_of_ours(storage: Storage):
    accept(storage, enqueue(storage), reference_order_id="RA1")
    other = claim(storage, enqueue(storage))

    with pytest.raises(REFUSED, match="reference_order_id"):
        storage.orders.move(other, OrderMove.ACCEPT, now=NOON, reference_order_id="RA1")
    with pytest.raises(REFUSED, match=r"(?i)check"):
        storage.orders.move(other, OrderMove.ACCEPT, now=NOON)

    assert again(storage, other) == other
