"""Recording outcomes: what follows from an answer follows once, and from a late answer nothing does.

Held against the whole file: an order that is not moved, a notice that is not written and a line that is not in the
audit log show as a file that has not changed.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from bot.domain.notices import ADMINS, APPROVALS, Receipt
from bot.domain.order import ATTEMPTS_BEFORE_ALARM, Order, OrderMove, OrderStatus
from bot.domain.problem import Problem
from bot.domain.queue import HaltCause
from bot.domain.resend import RESEND_COOLDOWN, Resend
from bot.tango.models import OrderDetail, PlacedOrder, TangoAmount, TangoPerson
from bot.tango.outcomes import (
    Accepted,
    Ambiguous,
    Halted,
    Outcome,
    Reason,
    Rejected,
    ResendAmbiguous,
    ResendOutcome,
    ResendRefused,
    ResendThrottled,
    Resent,
    Throttled,
)
from bot.usecases.holds import Holds
from bot.usecases.outcomes import Outcomes
from bot.usecases.queue import CONSOLE, QueueControl
from bot.usecases.resend_outcomes import record_interrupted_resend, record_resend
from bot.worker.rescue import rescue
from storage import Storage, as_stored
from tests.kit.factories import (
    ADA,
    MAYA,
    NOON,
    ROB,
    FakeClock,
    a_body,
    accept,
    again,
    approve,
    at,
    claim,
    enqueue,
    file_request,
    some_outcomes,
)

LATER: Final = NOON + timedelta(minutes=5)

Json = dict[str, Any]

#: What tells of an outcome. Attempts are left out: each is closed with the answer that it got.
_TABLES: Final = ("requests", "orders", "resends", "outbox", "audit", "queue")

#: Card and receipt are rewritten whenever an order has moved.
_REWRITTEN: Final[set[tuple[str, str | None]]] = {("approval_card", APPROVALS), ("receipt", MAYA)}


@pytest.fixture
def outcomes(storage: Storage) -> Outcomes:
    return some_outcomes(storage)


def _file(storage: Storage) -> dict[str, list[Json]]:
    """All that the file tells of outcomes."""
    return {
        table: [dict(row) for row in storage._database.query(f"SELECT * FROM {table}")]  # noqa: S608 (our names)
        for table in _TABLES
    }


def _grew(before: dict[str, list[Json]], after: dict[str, list[Json]]) -> list[tuple[str, str | None]]:
    """The notices and events that were written in between, each with who is told or who acted."""
    notices = [(row["kind"], row["audience"]) for row in after["outbox"][len(before["outbox"]) :]]
    return notices + [(row["event"], row["actor"]) for row in after["audit"][len(before["audit"]) :]]


# ------------------------------------------------------------------------------------ orders at Tango

_REFERENCE: Final = "a" * 32

_BODY: Final = a_body(_REFERENCE)

_BARE: Final = PlacedOrder(reference_order_id="RA1")
_WHOLE: Final = _BARE.model_copy(
    update={
        "external_ref_id": _REFERENCE,
        "customer_identifier": "kudos-demo",
        "account_identifier": "kudos-demo-usd",
        "denomination": TangoAmount(value=Decimal(25), currency_code="USD"),
        "amount_charged": TangoAmount(value=Decimal(90), currency_code="USD", total=Decimal(90)),
        "utid": "U561593",
        "send_email": True,
        "recipient": TangoPerson(email="rob@example.com"),
        "status": "COMPLETE",
    }
)


def _placed(order: PlacedOrder, *, status: int = 201) -> Accepted:
    return Accepted(status=status, request_id="req-late", order=order)


def _refused(key: str | None = "422.024") -> Rejected:
    return Rejected(status=400, i18n_key=key, request_id="req-late", message="said", field=None)


def _unclear(reason: Reason) -> Ambiguous:
    return Ambiguous(status=503, i18n_key=None, request_id="req-late", reason=reason, minimum_wait=1.0)


_LATE: Final[dict[str, Outcome]] = {
    "made": _placed(_WHOLE),
    "made before": _placed(_WHOLE, status=200),
    "made, not finished": _placed(_WHOLE.model_copy(update={"status": "PENDING"})),
    "made, ended without a reward": _placed(_WHOLE.model_copy(update={"status": "FAILED"})),
    "made, ended oddly": _placed(_WHOLE.model_copy(update={"status": "PARTIAL"})),
    "made, another order": _placed(_WHOLE.model_copy(update={"utid": "U1"})),
    "made, not confirmed": _placed(_BARE),
    "refused": _refused(),
    "refused without a key": _refused(None),
    "nobody knows": _unclear(Reason.SERVER_ERROR),
    "in flight": _unclear(Reason.IN_FLIGHT),
    "not connected": _unclear(Reason.NOT_CONNECTED),
}

late = pytest.mark.parametrize("answer", _LATE.values(), ids=_LATE.keys())


def _queued(storage: Storage) -> Order:
    """An order that has failed to be clear so often that one more ambiguous attempt alarms the admins."""
    (order,) = approve(storage, file_request(storage), external_ref_id=_REFERENCE, body=_BODY.to_bytes())
    storage._database.execute(
        "UPDATE orders SET attempts = :n WHERE id = :id", {"n": ATTEMPTS_BEFORE_ALARM - 1, "id": order.id}
    )
    return again(storage, order)


def _given_up(storage: Storage) -> tuple[Order, int]:
    """An order whose attempt was given up, as the attempt has it, and the attempt's id."""
    order = claim(storage, _queued(storage))
    attempt_id = storage.attempts.start(order.id, NOON)
    assert storage.orders.rescue(claimed_before=LATER, now=LATER)
    return order, attempt_id


def _record(storage: Storage, outcomes: Outcomes, order: Order, attempt_id: int, answer: Outcome) -> None:
    with storage.transaction():
        outcomes.record_attempt(order, attempt_id, answer, LATER)


@late
def test_a_late_answer_to_an_attempt_that_was_given_up_is_told_to_nobody(
    storage: Storage, outcomes: Outcomes, answer: Outcome
):
    given_up, attempt_id = _given_up(storage)
    waits = _file(storage)
    _record(storage, outcomes, given_up, attempt_id, answer)
    assert _file(storage) == waits, "it waits for its next attempt"

    under_way = claim(storage, again(storage, given_up), now=LATER)
    second = storage.attempts.start(given_up.id, LATER)
    begun = _file(storage)
    _record(storage, outcomes, given_up, attempt_id, answer)
    assert _file(storage) == begun, "the next attempt is under way"

    _record(storage, outcomes, under_way, second, _placed(_WHOLE))
    assert again(storage, given_up).status is OrderStatus.ACCEPTED
    accepted = _file(storage)
    _record(storage, outcomes, given_up, attempt_id, answer)
    assert _file(storage) == accepted, "Tango has it"


@late
def test_the_same_answer_in_time_is_told(storage: Storage, outcomes: Outcomes, answer: Outcome):
    """The answers above are no blanks: each of them moves the order of an attempt that is under way."""
    order = claim(storage, _queued(storage))
    attempt_id = storage.attempts.start(order.id, NOON)
    _record(storage, outcomes, order, attempt_id, answer)
    assert again(storage, order).status is not OrderStatus.SUBMITTING
    assert again(storage, order).claimed_at is None


def test_a_late_429_moves_no_order(storage: Storage, outcomes: Outcomes):
    given_up, attempt_id = _given_up(storage)
    before = _file(storage)
    _record(storage, outcomes, given_up, attempt_id, Throttled(status=429, i18n_key=None, request_id=None, wait=1.0))
    after = _file(storage)
    assert {name: rows for name, rows in after.items() if name != "queue"} == {
        name: rows for name, rows in before.items() if name != "queue"
    }


def test_what_cannot_be_recorded_late_is_told_to_nobody(storage: Storage, outcomes: Outcomes):
    given_up, attempt_id = _given_up(storage)
    claim(storage, again(storage, given_up), now=LATER)
    before = _file(storage)
    with storage.transaction():
        outcomes.give_up_recording(given_up, attempt_id, _placed(_WHOLE), LATER)
        outcomes.set_aside(given_up, Problem.PAST_IDEMPOTENCY, None, LATER)
    assert _file(storage) == before


def test_admins_are_alarmed_at_one_ambiguous_attempt_and_at_no_other(storage: Storage, outcomes: Outcomes):
    order = claim(storage, _queued(storage))
    alarms = []
    for _ in range(3):
        before = _file(storage)
        _record(storage, outcomes, order, storage.attempts.start(order.id, NOON), _unclear(Reason.SERVER_ERROR))
        alarms.append(set(_grew(before, _file(storage))))
        order = again(storage, order)
        order = claim(storage, order, now=order.available_at)
    assert alarms == [{("outcome_still_unknown", ADA)} | _REWRITTEN, set(), set()]


# ----------------------------------------------------------------------------- once Tango has accepted


def _answered(status: str, **facts: Any) -> OrderDetail:
    return OrderDetail(reference_order_id="RA1", status=status, **facts)


def _watched(storage: Storage) -> Order:
    order = accept(storage, enqueue(storage), reference_order_id="RA1", tango_status="PENDING", last_sent_at=None)
    assert storage.tango_status.watch(order.id, NOON)
    return again(storage, order)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (
            "COMPLETE",
            {("order.completed", None), ("reward_on_its_way", ROB)},
        ),
        (
            "FAILED",
            {("order.ended_at_tango", None), ("order_failed", ADA), ("order_failed", MAYA)},
        ),
        (
            "PARTIAL",
            {("order.watch_ended", None), ("order_unfinished", ADA)},
        ),
    ],
)
def test_the_end_at_tango_is_told_once_however_often_tango_says_it(
    storage: Storage, outcomes: Outcomes, status: str, told: set[tuple[str, str | None]]
):
    order = _watched(storage)
    before = _file(storage)
    with storage.transaction():
        outcomes.record_answer(order, _answered(status), LATER)
    ended = _file(storage)
    assert Counter(_grew(before, ended)) == Counter(told | _REWRITTEN)
    for answer in ("COMPLETE", "FAILED", "PARTIAL") if status == "FAILED" else (status, "COMPLETE", "PARTIAL"):
        with storage.transaction():
            outcomes.record_answer(order, _answered(answer), LATER + timedelta(hours=1))
    assert _file(storage) == ended, "what was read before the end is an old copy"


def test_a_watch_that_is_over_is_given_up_by_nobody(storage: Storage, outcomes: Outcomes):
    order = _watched(storage)
    with storage.transaction():
        outcomes.give_up_watch(order, LATER)
    given_up = _file(storage)
    assert ("order_unfinished", ADA) in _grew({"outbox": [], "audit": []}, given_up)
    with storage.transaction():
        outcomes.give_up_watch(order, LATER)
    assert _file(storage) == given_up


def test_a_charge_is_flagged_once(storage: Storage, outcomes: Outcomes):
    order = _watched(storage)
    charged = TangoAmount(value=Decimal(90), currency_code="USD", total=Decimal(90))
    before = _file(storage)
    with storage.transaction():
        outcomes.record_answer(order, _answered("PENDING", amount_charged=charged), LATER)
    flagged = _file(storage)
    assert {("order_overcharged", ADA), ("order.overcharged", None)} <= set(_grew(before, flagged))
    with storage.transaction():
        outcomes.record_charge(order, _answered("PENDING", amount_charged=charged).charge, LATER)
    assert _file(storage) == flagged


def test_an_order_that_tango_has_ended_costs_nothing_more(storage: Storage, outcomes: Outcomes):
    order = _watched(storage)
    with storage.transaction():
        outcomes.record_answer(order, _answered("FAILED"), LATER)
    ended = _file(storage)
    charged = TangoAmount(value=Decimal(90), currency_code="USD", total=Decimal(90))
    with storage.transaction():
        outcomes.record_answer(order, _answered("FAILED", amount_charged=charged), LATER)
    assert _file(storage) == ended


# -------------------------------------------------------------------------------------------- resends

_RESENT: Final[dict[str, ResendOutcome]] = {
    "sent": Resent(email="rob@example.com", created_at=LATER, request_id=None),
    "too soon": ResendThrottled(seconds_left=20, last_sent_at=LATER, request_id=None),
    "too soon, by its own words": ResendThrottled(seconds_left=None, last_sent_at=LATER, request_id=None),
    "refused": ResendRefused(status=404, i18n_key="404.005", message="said", request_id=None),
    "not connected": ResendAmbiguous(status=None, reason=Reason.NOT_CONNECTED, request_id=None),
    "too many": ResendAmbiguous(status=429, reason=Reason.TOO_MANY, request_id=None),
    "nobody knows": ResendAmbiguous(status=503, reason=Reason.SERVER_ERROR, request_id=None),
}


def _sending(storage: Storage) -> tuple[Order, Resend]:
    order = accept(storage, enqueue(storage))
    with storage.transaction():
        claimed = storage.resends.claim(order, requested_by=MAYA, sent_before=LATER - RESEND_COOLDOWN, now=LATER)
        taken = storage.resends.take()
    assert taken is not None
    assert taken.id == claimed
    return again(storage, order), taken


@pytest.mark.parametrize("answer", _RESENT.values(), ids=_RESENT.keys())
def test_a_late_answer_to_a_resend_that_was_given_up_is_told_to_nobody(storage: Storage, answer: ResendOutcome):
    order, resend = _sending(storage)
    with storage.transaction():
        (interrupted,) = storage.resends.rescue(requested_before=None, now=LATER)
        record_interrupted_resend(storage, interrupted, LATER)
    before = _file(storage)
    assert ("resend_finished", MAYA) in _grew({"outbox": [], "audit": []}, before)
    with storage.transaction():
        record_resend(storage, order, resend, answer, LATER + timedelta(minutes=1))
    assert _file(storage) == before


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        (_RESENT["sent"], "order.resend_sent"),
        (_RESENT["too soon"], "order.resend_refused"),
        (_RESENT["refused"], "order.resend_refused"),
        (_RESENT["not connected"], "order.resend_refused"),
        (_RESENT["too many"], "order.resend_refused"),
        (_RESENT["nobody knows"], "order.resend_unclear"),
    ],
)
def test_an_answer_to_a_resend_is_told_once(storage: Storage, answer: ResendOutcome, event: str):
    order, resend = _sending(storage)
    before = _file(storage)
    with storage.transaction():
        record_resend(storage, order, resend, answer, LATER)
    after = _file(storage)
    assert _grew(before, after) == [("resend_finished", MAYA), (event, MAYA)]
    with storage.transaction():
        record_resend(storage, order, resend, answer, LATER + timedelta(minutes=1))
    assert _file(storage) == after


@pytest.mark.parametrize(
    ("answer", "begins"),
    [
        (_RESENT["sent"], LATER),
        (_RESENT["too soon"], LATER - timedelta(seconds=10)),
        (_RESENT["too soon, by its own words"], LATER),
        (_RESENT["refused"], NOON),
        (_RESENT["not connected"], NOON),
        (_RESENT["too many"], NOON),
        (_RESENT["nobody knows"], LATER),
    ],
)
def test_the_cooldown_counts_from_what_tango_says_was_the_last_send(
    storage: Storage, answer: ResendOutcome, begins: object
):
    order, resend = _sending(storage)
    with storage.transaction():
        record_resend(storage, order, resend, answer, LATER)
    assert again(storage, order).last_sent_at == begins


# ---------------------------------------------------------------------------------------------- halts


def _two_under_way(storage: Storage) -> tuple[tuple[Order, int], tuple[Order, int]]:
    """Two orders whose attempts are under way, the first begun first; they are not the first attempts of all."""
    first = claim(storage, _queued(storage))
    storage.attempts.start(first.id, NOON)
    began = storage.attempts.start(first.id, NOON)
    second = claim(storage, enqueue(storage))
    return (first, began), (second, storage.attempts.start(second.id, NOON))


def _halt(storage: Storage, outcomes: Outcomes, order: Order, attempt_id: int, cause: HaltCause) -> None:
    halted = Halted(status=402, i18n_key="402.001", request_id=None, cause=cause)
    _record(storage, outcomes, order, attempt_id, halted)
    assert storage.queue.state().halt_cause == cause


_SHOWS: Final[dict[str, Callable[[], Outcome]]] = {
    "made": lambda: _placed(_WHOLE),
    "made before": lambda: _placed(_WHOLE, status=200),
    "refused": _refused,
}


@pytest.mark.parametrize("cause", HaltCause)
@pytest.mark.parametrize("shows", _SHOWS)
@pytest.mark.parametrize("begun", ["first", "last"])
def test_an_attempt_that_began_before_the_halt_does_not_end_it(
    storage: Storage, outcomes: Outcomes, cause: HaltCause, shows: str, begun: str
):
    """Tango took it while the money lasted."""
    early, halting = _two_under_way(storage)
    if begun == "last":
        early = early[0], storage.attempts.start(early[0].id, NOON)
    _halt(storage, outcomes, *halting, cause)
    before = _file(storage)
    _record(storage, outcomes, *early, _SHOWS[shows]())
    after = _file(storage)
    assert after["queue"] == before["queue"]
    assert not {name for name, _ in _grew(before, after)} & {"queue_hold", "queue.resumed"}


@pytest.mark.parametrize("cause", HaltCause)
@pytest.mark.parametrize("shows", _SHOWS)
def test_an_attempt_after_the_halt_ends_it_where_its_cause_would_have_prevented_the_answer(
    storage: Storage, outcomes: Outcomes, cause: HaltCause, shows: str
):
    probe, halting = _two_under_way(storage)
    _halt(storage, outcomes, *halting, cause)
    before = _file(storage)
    _record(storage, outcomes, probe[0], storage.attempts.start(probe[0].id, LATER), _SHOWS[shows]())
    told = [name for name, _ in _grew(before, _file(storage)) if name == "queue.resumed"]
    checked_last = {HaltCause.INSUFFICIENT_FUNDS, HaltCause.ACCOUNT_FROZEN, HaltCause.ACCOUNT_UNUSABLE}
    ends = shows == "made" or cause not in checked_last
    assert told == (["queue.resumed"] if ends else [])
    assert (storage.queue.state().halted_at is None) is ends


def test_a_halt_is_told_once_though_many_orders_meet_it(storage: Storage, outcomes: Outcomes):
    first, second = _two_under_way(storage)
    before = _file(storage)
    for order, attempt_id in (first, second):
        _halt(storage, outcomes, order, attempt_id, HaltCause.INSUFFICIENT_FUNDS)
    assert sorted(_grew(before, _file(storage)), key=str) == sorted(
        [*_REWRITTEN, *_REWRITTEN, ("queue_hold", ADMINS), ("queue.halted", None)], key=str
    )
    assert [again(storage, order).status for order, _ in (first, second)] == [OrderStatus.QUEUED] * 2


_BACK_IN_QUEUE: Final[dict[str, Outcome]] = {
    "too early": Throttled(status=429, i18n_key=None, request_id=None, wait=1.0),
    "refused with all": Halted(status=403, i18n_key=None, request_id=None, cause=HaltCause.FORBIDDEN),
    "not connected": _unclear(Reason.NOT_CONNECTED),
}


@pytest.mark.parametrize("answer", _BACK_IN_QUEUE.values(), ids=_BACK_IN_QUEUE.keys())
@pytest.mark.parametrize("hold", ["halted", "paused"])
def test_what_was_under_way_when_a_hold_began_says_so_once_it_waits(
    storage: Storage, outcomes: Outcomes, answer: Outcome, hold: str
):
    (first, began), halting = _two_under_way(storage)
    storage._database.execute("UPDATE outbox SET status = 'sent'")
    if hold == "halted":
        _halt(storage, outcomes, *halting, HaltCause.FORBIDDEN)
    else:
        clock = FakeClock()
        holds = Holds(storage=storage, clock=clock)
        QueueControl(storage=storage, clock=clock, holds=holds).pause_queue(CONSOLE)
    _record(storage, outcomes, first, began, answer)
    assert again(storage, first).status is OrderStatus.QUEUED
    told = storage._database.query("SELECT kind, audience, facts FROM outbox WHERE status = 'pending'")
    facts = as_stored(Receipt(first.request_id))
    assert {(row["kind"], row["audience"]) for row in told if row["facts"] == facts} == _REWRITTEN


@pytest.mark.parametrize("cause", [HaltCause.FORBIDDEN, HaltCause.THROTTLED, HaltCause.INSUFFICIENT_FUNDS])
def test_an_order_that_is_refused_after_a_later_one_was_made_halts_nothing_but_for_funds(
    storage: Storage, outcomes: Outcomes, cause: HaltCause
):
    """Its answer took longer. It is tried again at once, and set aside if it is refused again."""
    (later, _), (refused, began) = _two_under_way(storage)
    _record(storage, outcomes, later, storage.attempts.start(later.id, NOON), _placed(_WHOLE))
    _record(storage, outcomes, refused, began, Halted(status=403, i18n_key=None, request_id=None, cause=cause))
    assert again(storage, refused).status is OrderStatus.QUEUED
    assert storage.queue.state().is_on_hold is (cause is HaltCause.INSUFFICIENT_FUNDS)


def test_a_probe_in_vain_rewrites_nothing(storage: Storage, outcomes: Outcomes):
    (first, _), halting = _two_under_way(storage)
    _halt(storage, outcomes, *halting, HaltCause.FORBIDDEN)
    storage._database.execute("UPDATE outbox SET status = 'sent'")
    before = _file(storage)
    _record(storage, outcomes, first, storage.attempts.start(first.id, LATER), _BACK_IN_QUEUE["refused with all"])
    assert _grew(before, _file(storage)) == []


def test_what_tango_did_not_confirm_can_be_canceled_no_more_and_says_so(storage: Storage, outcomes: Outcomes):
    order = claim(storage, _queued(storage))
    before = _file(storage)
    _record(storage, outcomes, order, storage.attempts.start(order.id, NOON), _placed(_BARE))
    assert again(storage, order).status is OrderStatus.QUEUED
    assert set(_grew(before, _file(storage))) == _REWRITTEN


def test_what_is_rescued_can_be_canceled_no_more_and_says_so(storage: Storage):
    claim(storage, enqueue(storage))
    before = _file(storage)
    with storage.transaction():
        assert rescue(storage, begun_before=None, sent=(), resent=(), now=LATER)
    assert set(_grew(before, _file(storage))) == {*_REWRITTEN, ("order.rescued", None)}


# ------------------------------------------------------------------------- refusals of what is in doubt


def test_a_refusal_fails_an_order_and_says_why(storage: Storage, outcomes: Outcomes):
    order = claim(storage, enqueue(storage))
    before = _file(storage)
    _record(storage, outcomes, order, storage.attempts.start(order.id, NOON), _refused())
    failed, after = again(storage, order), _file(storage)
    assert (failed.status, str(failed.problem), failed.problem_detail) == (OrderStatus.FAILED, "422.024", "said")
    assert Counter(_grew(before, after)) == Counter({("order.failed", None), ("order_failed", MAYA)} | _REWRITTEN)
    (line,) = [row for row in after["audit"] if row["event"] == "order.failed"]
    assert line["facts"] == '{"status": 400, "i18n_key": "422.024", "tango_request_id": "req-late"}'


def test_a_refusal_of_an_order_in_doubt_is_for_a_person_once_tango_was_asked(storage: Storage, outcomes: Outcomes):
    order = enqueue(storage)
    storage.orders.move(claim(storage, order), OrderMove.RESCHEDULE, now=NOON, outcome_unknown=True)
    sent = claim(storage, again(storage, order))
    before = _file(storage)
    _record(storage, outcomes, sent, storage.attempts.start(order.id, NOON), _refused())
    assert again(storage, order).status is OrderStatus.NEEDS_ATTENTION
    assert _grew(before, _file(storage)) == [("order.needs_attention", None)]
    assert storage.inquiries.open_until(order.id) is not None


def test_what_was_accepted_is_told_with_both_references(storage: Storage, outcomes: Outcomes):
    order = claim(storage, _queued(storage))
    _record(storage, outcomes, order, storage.attempts.start(order.id, NOON), _placed(_WHOLE))
    (line,) = storage._database.query("SELECT facts FROM audit WHERE event = 'order.accepted'")
    assert line["facts"] == '{"status": 201, "reference_order_id": "RA1", "tango_request_id": "req-late"}'
    accepted = again(storage, order)
    assert (accepted.outcome_unknown, accepted.watch_at) == (False, None)
    assert accepted.charge is not None


def test_an_order_that_tango_has_not_finished_is_watched(storage: Storage, outcomes: Outcomes):
    order = claim(storage, _queued(storage))
    answer = _placed(_WHOLE.model_copy(update={"status": "PENDING"}))
    _record(storage, outcomes, order, storage.attempts.start(order.id, NOON), answer)
    accepted = again(storage, order)
    assert (accepted.tango_status, accepted.last_sent_at) == ("PENDING", None)
    assert accepted.watch_at is not None
    assert at(accepted, watch_at=None) != accepted
