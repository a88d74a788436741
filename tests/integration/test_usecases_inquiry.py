"""An inquiry and what else happens to its order meanwhile: one answer, one move; a late one moves nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bot.domain.inquiry import ASKED_FOR, InquiryFinding
from bot.domain.order import Order, OrderMove, OrderStatus
from bot.domain.problem import Problem
from bot.errors import WrongState
from bot.tango.inquiry import AtTango, Unsaid
from bot.tango.models import OrderDetail, PlacedOrder, TangoAmount, TangoPerson
from bot.tango.outcomes import Accepted
from bot.usecases.holds import Holds
from bot.usecases.inquiry import InquiryControl
from bot.usecases.inquiry_answers import InquiryAnswers, Question
from bot.usecases.queue import QueueControl
from storage import Storage, back_up, restore
from tests.kit.factories import (
    ADA,
    MAYA,
    NOON,
    FakeClock,
    a_body,
    again,
    approve,
    claim,
    file_request,
    some_outcomes,
)

_REFERENCE = "a" * 32
_HOUR = timedelta(hours=1)
_BODY = a_body(_REFERENCE)
_MADE = OrderDetail(
    reference_order_id="RA260314-1-11",
    external_ref_id=_REFERENCE,
    customer_identifier="kudos-demo",
    account_identifier="kudos-demo-usd",
    denomination=TangoAmount(value=Decimal(25), currency_code="USD"),
    utid="U561593",
    send_email=True,
    recipient=TangoPerson(email="rob@example.com"),
    status="COMPLETE",
)
_THERE = AtTango((_MADE,))
_NOWHERE = AtTango(())
_NOTHING = Unsaid(reason="timeout", status=None, request_id=None)


class Desk:
    """The parts that settle an order, over one file and a clock that stands still."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.clock = FakeClock()
        self.outcomes = some_outcomes(storage)
        self.is_believed = True
        self.answers = InquiryAnswers(storage=storage, outcomes=self.outcomes, believes=lambda: self.is_believed)
        self.control = InquiryControl(storage=storage, clock=self.clock)
        holds = Holds(storage=storage, clock=self.clock)
        self.queue = QueueControl(storage=storage, clock=self.clock, holds=holds)

    def now(self) -> datetime:
        return self.clock.now()

    def take(self) -> Question | None:
        with self.storage.transaction():
            return self.answers.take(self.now())

    def record(self, question: Question | None, answer: AtTango | Unsaid) -> InquiryFinding | None:
        assert question is not None
        with self.storage.transaction():
            return self.answers.record(question, answer, self.now())

    def told(self) -> list[str]:
        """The kinds of the notices, each as often as it was written."""
        rows = self.storage._database.query("SELECT kind FROM outbox ORDER BY id")
        return [row["kind"] for row in rows if row["kind"] not in ("approval_card", "receipt")]

    def send(self) -> None:
        """Have all that is written sent: the same may be written again."""
        while queued := self.storage.outbox.claim():
            self.storage.outbox.mark_sent(queued, self.now())


@pytest.fixture
def desk(storage: Storage) -> Desk:
    return Desk(storage)


def _queued(desk: Desk, *, in_doubt: bool = False) -> Order:
    (order,) = approve(
        desk.storage,
        file_request(desk.storage),
        external_ref_id=_REFERENCE,
        body=_BODY.to_bytes(),
        in_doubt_since=NOON if in_doubt else None,
    )
    return order


def _set_aside(desk: Desk, problem: Problem = Problem.REFUSED_AFTER_AMBIGUOUS) -> Order:
    """Return an order that needs a person, after one attempt that ended at NOON."""
    in_doubt = problem is Problem.REFUSED_AFTER_AMBIGUOUS
    order = claim(desk.storage, _queued(desk, in_doubt=in_doubt))
    with desk.storage.transaction():
        desk.storage.attempts.start(order.id, NOON)
        desk.outcomes.set_aside(order, problem, None, NOON)
    return again(desk.storage, order)


def test_people_are_told_once_tango_was_asked_and_not_before(desk: Desk):
    _set_aside(desk)
    assert desk.told() == []
    assert desk.record(desk.take(), _NOWHERE) is InquiryFinding.TOO_SOON
    assert desk.told() == ["order_needs_attention"] * 2
    assert desk.take() is None
    desk.clock.advance(_HOUR.total_seconds())
    assert desk.record(desk.take(), _NOWHERE) is InquiryFinding.ABSENT
    assert desk.take() is None


@pytest.mark.parametrize("answer", [AtTango((_MADE.model_copy(update={"utid": "U1"}),)), _NOWHERE])
def test_who_asks_before_people_were_told_has_them_told_once(desk: Desk, answer: AtTango):
    order = _set_aside(desk)
    desk.clock.advance(_HOUR.total_seconds())
    desk.control.ask(order.id, ADA)
    questions = [desk.take(), desk.take()]
    for question in reversed(questions):
        desk.record(question, answer)
        desk.send()
    assert desk.told() == ["order_needs_attention"] * 2


def test_an_order_in_the_queue_that_tango_does_not_have_can_be_canceled_and_says_so(desk: Desk):
    order = _queued(desk, in_doubt=True)
    desk.control.ask(order.id, MAYA)
    desk.clock.advance(_HOUR.total_seconds())
    desk.send()
    assert desk.record(desk.take(), _NOWHERE) is InquiryFinding.ABSENT
    assert desk.storage.orders.progress(order.request_id).cancelable == (order.external_ref_id,)
    written = desk.storage._database.query("SELECT kind FROM outbox WHERE status = 'pending'")
    assert {row["kind"] for row in written} == {"approval_card", "receipt", "inquiry_finished"}


def test_who_asked_about_an_order_that_is_canceled_meanwhile_hears_so(desk: Desk):
    order = _queued(desk, in_doubt=True)
    for who in (MAYA, ADA):
        desk.control.ask(order.id, who)
    desk.clock.advance(_HOUR.total_seconds())
    assert desk.record(desk.take(), _NOWHERE) is InquiryFinding.ABSENT
    desk.queue.cancel_order(order.id, MAYA)
    assert desk.take() is None
    assert desk.told() == ["inquiry_finished"] * 2


def test_where_who_asks_finds_it_first_nobody_hears_that_it_needed_them(desk: Desk):
    order = _set_aside(desk)
    desk.control.ask(order.id, ADA)
    _, hers = desk.take(), desk.take()
    assert desk.record(hers, _THERE) is InquiryFinding.SAME
    assert set(desk.told()) == {"inquiry_finished", "reward_on_its_way"}


def test_not_found_counts_by_no_clock_that_is_in_doubt(desk: Desk):
    order = _set_aside(desk)
    desk.is_believed = False
    desk.clock.advance(_HOUR.total_seconds())
    assert desk.record(desk.take(), _NOWHERE) is InquiryFinding.TOO_SOON
    assert again(desk.storage, order).outcome_unknown
    assert desk.take() is None
    desk.is_believed = True
    desk.clock.advance(_HOUR.total_seconds())
    assert desk.record(desk.take(), _NOWHERE) is InquiryFinding.ABSENT


def test_one_that_is_there_is_accepted_and_nobody_hears_that_it_needed_them(desk: Desk):
    order = _set_aside(desk)
    assert desk.record(desk.take(), _THERE) is InquiryFinding.SAME
    accepted = again(desk.storage, order)
    assert (accepted.status, accepted.reference_order_id) == (OrderStatus.ACCEPTED, "RA260314-1-11")
    assert desk.told() == ["reward_on_its_way"]


@pytest.mark.parametrize("problem", [Problem.DIFFERS, Problem.UNCONFIRMED, Problem.CHANGED])
def test_of_what_is_known_people_are_told_at_once(desk: Desk, problem: Problem):
    _set_aside(desk, problem)
    assert desk.told() == ["order_needs_attention"] * 2
    assert desk.take() is None


def test_a_question_is_taken_once_and_again_only_when_its_answer_is_overdue(desk: Desk):
    order = _set_aside(desk)
    first = desk.take()
    assert desk.take() is None
    desk.clock.advance(ASKED_FOR.total_seconds() - 0.001)
    assert desk.take() is None
    desk.clock.advance(0.001)
    second = desk.take()
    assert desk.record(second, _THERE) is InquiryFinding.SAME
    told = desk.told()
    desk.record(first, _NOWHERE)
    assert again(desk.storage, order).status is OrderStatus.ACCEPTED
    assert desk.told() == told


def test_in_vain_it_is_asked_five_times_and_then_people_are_told(desk: Desk):
    order = _set_aside(desk)
    for wait in (2, 4, 8, 16):
        assert desk.record(desk.take(), _NOTHING) is None
        assert desk.take() is None
        desk.clock.advance(wait)
    assert desk.record(desk.take(), _NOTHING) is InquiryFinding.UNANSWERED
    assert desk.told() == ["order_needs_attention"] * 2
    assert again(desk.storage, order).outcome_unknown is order.outcome_unknown
    assert desk.take() is None
    desk.clock.advance(_HOUR.total_seconds())
    assert desk.record(desk.take(), _THERE) is InquiryFinding.SAME
    assert desk.told().count("attention_ended") == 2


Decide = Callable[[Desk, Order], None]


def _close(desk: Desk, order: Order) -> None:
    desk.control.close(order.id, ADA)


def _retry(desk: Desk, order: Order) -> None:
    desk.queue.retry_order(order.id, ADA)


@pytest.mark.parametrize("answer", [_THERE, _NOWHERE, _NOTHING, AtTango((_MADE, _MADE))])
@pytest.mark.parametrize("decide", [_close, _retry])
def test_an_answer_after_an_admin_has_decided_moves_nothing_and_tells_nobody(
    desk: Desk, decide: Decide, answer: AtTango | Unsaid
):
    order = _set_aside(desk, Problem.CHANGED)
    desk.control.ask(order.id, MAYA)
    question = desk.take()
    decide(desk, order)
    decided, told = again(desk.storage, order), desk.told()
    desk.record(question, answer)
    assert again(desk.storage, order) == decided
    assert desk.told() == told
    assert desk.take() is None


def test_the_late_answer_to_an_attempt_moves_nothing_that_was_set_aside(desk: Desk):
    order = claim(desk.storage, _queued(desk))
    with desk.storage.transaction():
        attempt = desk.storage.attempts.start(order.id, NOON)
        desk.outcomes.set_aside(order, Problem.UNRECORDED, None, NOON)
        before = again(desk.storage, order)
        made = PlacedOrder.model_validate(_MADE.model_dump())
        desk.outcomes.record_attempt(order, attempt, Accepted(status=201, request_id=None, order=made), NOON)
    assert again(desk.storage, order) == before
    assert desk.told() == []


def test_of_two_admins_one_closes_an_order(desk: Desk):
    order = _set_aside(desk, Problem.CHANGED)
    _close(desk, order)
    for late in (_close, _retry):
        with pytest.raises(WrongState):
            late(desk, order)
    assert desk.told().count("attention_ended") == 2


def test_an_order_that_tango_may_have_is_not_closed(desk: Desk):
    order = _set_aside(desk, Problem.UNRECORDED)
    with pytest.raises(WrongState):
        _close(desk, order)
    desk.clock.advance(_HOUR.total_seconds() * 2)
    desk.record(desk.take(), _NOWHERE)
    _close(desk, order)
    assert again(desk.storage, order).problem is Problem.CLOSED


def test_nothing_sends_an_order_while_tango_is_to_be_asked_about_it(desk: Desk):
    order = _queued(desk, in_doubt=True)
    with desk.storage.transaction():
        desk.storage.inquiries.open(order.id, now=NOON)
    assert desk.storage.orders.claim(NOON) is None
    assert desk.storage.orders.next_due(NOON) is None
    assert desk.storage.orders.next_available_at() is None
    desk.record(desk.take(), _NOWHERE)
    waits = again(desk.storage, order)
    assert (waits.status, waits.available_at, waits.outcome_unknown) == (OrderStatus.QUEUED, order.available_at, True)
    assert desk.storage.orders.claim(NOON) is not None


def test_an_order_from_the_queue_is_asked_about_again_after_a_kill(desk: Desk):
    order = _queued(desk, in_doubt=True)
    with desk.storage.transaction():
        desk.storage.inquiries.open(order.id, now=NOON)
    lost = desk.take()
    assert again(desk.storage, order).status is OrderStatus.SUBMITTING
    with desk.storage.transaction():
        desk.storage.orders.rescue(claimed_before=None, now=NOON)
    desk.clock.advance(ASKED_FOR.total_seconds())
    assert desk.record(desk.take(), _THERE) is InquiryFinding.SAME
    told = desk.told()
    desk.record(lost, _NOWHERE)
    assert again(desk.storage, order).status is OrderStatus.ACCEPTED
    assert desk.told() == told


def test_several_orders_under_one_reference_need_a_person(desk: Desk):
    order = _set_aside(desk)
    assert desk.record(desk.take(), AtTango((_MADE, _MADE))) is InquiryFinding.DIFFERS
    differs = again(desk.storage, order)
    assert (differs.problem, differs.outcome_unknown) == (Problem.DIFFERS, True)
    assert not differs.allows(OrderMove.CLOSE)


def test_two_answers_side_by_side_are_both_recorded_and_each_is_told(desk: Desk):
    order = _set_aside(desk, Problem.UNRECORDED)
    desk.control.ask(order.id, MAYA)
    desk.clock.advance(_HOUR.total_seconds())
    first, second = desk.take(), desk.take()
    assert desk.record(first, _NOWHERE) is InquiryFinding.ABSENT
    assert desk.record(second, _THERE) is InquiryFinding.SAME
    assert again(desk.storage, order).status is OrderStatus.ACCEPTED
    assert desk.told().count("attention_ended") == 2


def test_everybody_who_asked_about_an_order_in_the_queue_hears_of_its_end(desk: Desk):
    order = claim(desk.storage, _queued(desk))
    with desk.storage.transaction():
        desk.storage.orders.move(order, OrderMove.RESCHEDULE, now=NOON, outcome_unknown=True)
    for who in (MAYA, ADA, MAYA):
        desk.control.ask(order.id, who)
    assert desk.record(desk.take(), _THERE) is InquiryFinding.SAME
    assert desk.take() is None
    assert desk.told().count("inquiry_finished") == 2


def test_after_a_restore_what_needed_a_person_may_have_been_sent_since_and_is_asked_about(tmp_path: Path):
    path, restored_at = tmp_path / "kudos.db", NOON + 3 * _HOUR
    before = Desk(Storage.open(path))
    order = _set_aside(before, Problem.CHANGED)
    assert order.allows(OrderMove.CLOSE)
    back_up(path, tmp_path / "backup.db")
    before.storage.close()
    restore(path, tmp_path / "backup.db", now=restored_at, known_since=NOON - _HOUR, actor="console")
    desk = Desk(Storage.open(path))
    assert not again(desk.storage, order).allows(OrderMove.CLOSE)
    desk.clock.set(restored_at + _HOUR - timedelta(milliseconds=1))
    assert desk.record(desk.take(), _NOWHERE) is InquiryFinding.TOO_SOON
    desk.clock.advance(0.001)
    assert desk.record(desk.take(), _NOWHERE) is InquiryFinding.ABSENT
    assert again(desk.storage, order).allows(OrderMove.CLOSE)
    desk.storage.close()
