"""The audit log, the queue's row and the catalog in a real file."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest

from bot.domain.audit import AuditEvent
from bot.domain.catalog import RewardKind
from bot.domain.charge import Fee
from bot.domain.queue import QUEUE_MOVES, HaltCause, QueueMove, QueueStatus
from bot.domain.request import RequestMove
from storage import Storage
from storage.database import from_ms, to_ms
from storage.queue import QueueStore
from tests.kit.engines import REFUSED
from tests.kit.factories import (
    ALEX,
    MAYA,
    NOON,
    a_recipient,
    a_reward,
    accept,
    an_order,
    approve,
    file_request,
    together,
)

LATER = NOON + timedelta(minutes=5)

# ----------------------------------------------------------------------------------------- audit log


def test_an_orders_story_is_its_own_and_its_requests_and_not_its_siblings(storage: Storage):
    request = file_request(storage, recipients=(a_recipient("U0P000001"), a_recipient("U0P000002")))
    first, second = approve(storage, request)
    other = file_request(storage)
    add = storage.audit.add
    add(AuditEvent.REQUEST_FILED, now=NOON, actor=MAYA, request_id=request.id, recipients=2, utid="U1", nothing=None)
    add(AuditEvent.REQUEST_APPROVED, now=NOON, actor=ALEX, request_id=request.id)
    add(AuditEvent.ORDER_QUEUED, now=NOON, request_id=request.id, order_id=first.id)
    add(AuditEvent.ORDER_QUEUED, now=NOON, request_id=request.id, order_id=second.id)
    add(AuditEvent.REQUEST_FILED, now=NOON, request_id=other.id)
    add(AuditEvent.QUEUE_HALTED, now=NOON, cause="frozen")
    add(AuditEvent.ORDER_ACCEPTED, now=LATER, request_id=request.id, order_id=first.id, status=201)

    story = storage.audit.story(request_id=request.id, order_id=first.id)

    assert [entry.event for entry in story] == ["request.filed", "request.approved", "order.queued", "order.accepted"]
    assert (story[0].at, story[0].actor, story[0].facts) == (NOON, MAYA, {"recipients": 2, "utid": "U1"})
    assert (story[3].at, story[3].actor, story[3].facts) == (LATER, None, {"status": 201})
    assert (story[3].request_id, story[3].order_id) == (request.id, first.id)
    assert storage.audit.story(request_id=99, order_id=99) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET actor = 'U0NOBODY1'",
        "UPDATE audit SET facts = facts WHERE id = 1",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 1",
    ],
)
def test_the_audit_log_is_appended_to_and_never_changed(storage: Storage, change: str):
    storage.audit.add(AuditEvent.REQUEST_APPROVED, now=NOON, actor=ALEX, request_id=1)
    before = storage.audit.story(request_id=1, order_id=1)

    with pytest.raises(REFUSED, match="the audit log is append-only"):
        storage._database.execute(change)

    assert storage.audit.story(request_id=1, order_id=1) == before


# --------------------------------------------------------------------------------------- queue's row


def test_what_the_log_has_of_a_request_and_of_its_orders_is_told_apart(storage: Storage):
    request = file_request(storage)
    one, other = AuditEvent.REQUEST_REQUESTER_UNTOLD, AuditEvent.ORDER_RECIPIENT_UNTOLD
    storage.audit.add(one, now=NOON, request_id=request.id)
    storage.audit.add(other, now=NOON, request_id=request.id, order_id=7)
    assert storage.audit.has(one, request_id=request.id)
    assert storage.audit.has(other, request_id=request.id, order_id=7)
    assert not storage.audit.has(other, request_id=request.id)
    assert not storage.audit.has(other, request_id=request.id, order_id=8)
    assert not storage.audit.has(one, request_id=request.id + 1)


def test_cards_that_slack_refused_are_found_for_as_long_as_they_are_news(storage: Storage):
    hour = timedelta(hours=1)
    for request_id, at, why in ((1, NOON - hour, "old"), (2, NOON, "is_archived"), (3, NOON + hour, "to come")):
        storage.audit.add(AuditEvent.REQUEST_CARD_REFUSED, now=at, request_id=request_id, why=why)
    storage.audit.add(AuditEvent.REQUEST_APPROVED, now=NOON, request_id=4)
    found = storage.audit.refused_cards(NOON - hour / 2, NOON)
    assert [(entry.request_id, entry.facts["why"]) for entry in found] == [(2, "is_archived")]


def test_a_fresh_queue_runs_and_may_start_at_once(storage: Storage):
    state = storage.queue.state()

    assert state.next_start_at == from_ms(0)
    assert (state.halted_at, state.halt_cause, state.probes, state.probe_at) == (None, None, 0, None)


def test_the_next_start_is_kept(storage: Storage):
    storage.queue.set_next_start(LATER)
    storage.queue.set_next_start(NOON)

    assert storage.queue.state().next_start_at == NOON


def test_a_halt_is_news_once_for_each_cause(storage: Storage):
    assert storage.queue.halt(HaltCause.ACCOUNT_FROZEN, now=NOON, probe_at=LATER)
    assert not storage.queue.halt(HaltCause.ACCOUNT_FROZEN, now=LATER, probe_at=NOON)
    state = storage.queue.state()
    assert (state.halted_at, state.halt_cause, state.probes, state.probe_at) == (NOON, "account_frozen", 0, LATER)

    assert storage.queue.halt(HaltCause.INSUFFICIENT_FUNDS, now=LATER, probe_at=LATER)
    assert storage.queue.state().halt_cause == "insufficient_funds"


def test_of_eight_orders_that_meet_the_same_wall_one_halts_the_queue(storage: Storage):
    news = together(8, lambda _: storage.queue.halt(HaltCause.ACCOUNT_FROZEN, now=NOON, probe_at=LATER))

    assert sum(news) == 1


def test_probes_are_counted_and_a_person_may_ask_for_one_now(storage: Storage):
    storage.queue.halt(HaltCause.ACCOUNT_FROZEN, now=NOON, probe_at=NOON)
    storage.queue.postpone_probe(LATER)
    storage.queue.postpone_probe(LATER)
    assert (storage.queue.state().probes, storage.queue.state().probe_at) == (2, LATER)

    assert storage.queue.probe_now(NOON)
    assert (storage.queue.state().probes, storage.queue.state().probe_at) == (0, NOON)
    assert storage.queue.state().halted_at == NOON, "asking is not resuming"


def test_a_queue_goes_on_once_and_keeps_its_pace(storage: Storage):
    storage.queue.set_next_start(LATER)
    storage.queue.halt(HaltCause.ACCOUNT_FROZEN, now=NOON, probe_at=NOON)

    assert storage.queue.resume(LATER)
    assert not storage.queue.resume(LATER)
    state = storage.queue.state()
    assert (state.halted_at, state.halt_cause, state.probe_at) == (None, None, None)
    assert state.next_start_at == LATER


def test_a_queue_that_runs_has_no_probes(storage: Storage):
    before = storage.queue.state()

    storage.queue.postpone_probe(NOON)

    assert not storage.queue.probe_now(NOON)
    assert storage.queue.state() == before


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO queue (id, next_start_at) VALUES (2, 0)",
        "UPDATE queue SET halted_at = 1",
        "UPDATE queue SET halt_cause = 'frozen'",
        "UPDATE queue SET probe_at = 1",
        "UPDATE queue SET next_start_at = NULL",
    ],
)
def test_the_file_itself_refuses_a_second_queue_and_half_a_halt(storage: Storage, change: str):
    before = storage.queue.state()

    with pytest.raises(REFUSED):
        storage._database.execute(change)

    assert storage.queue.state() == before


# ---------------------------------------------------------------------------------------------- homes


def test_who_opened_home_is_known_until_a_time_and_then_forgotten(storage: Storage):
    homes = storage.homes
    homes.open(MAYA, NOON, forget_before=NOON)
    homes.open(ALEX, LATER, forget_before=NOON)
    assert homes.opened_since(NOON) == {MAYA, ALEX}
    assert homes.opened_since(LATER) == {ALEX}
    homes.open(ALEX, LATER, forget_before=LATER)
    assert homes.opened_since(NOON) == {ALEX}, "the other one is gone"


# ------------------------------------------------------------------------------------------- catalog


def test_the_catalog_is_kept_whole_until_tango_gives_the_next(storage: Storage):
    first = [
        a_reward(utid="U1", name="Straße & <Söhne>", whole=True, fee=Fee(Decimal("1.50"))),
        a_reward(utid="U2", fixed=25_00, minimum=None, maximum=None, currency="EUR"),
        a_reward(
            utid="U3",
            brand="",
            minimum=None,
            maximum=None,
            kind=RewardKind.PRINTED,
            fee=Fee(Decimal("2.5"), is_percentage=True),
            is_donation=True,
            picture="https://images.example/u2.png",
            disclaimer="<p>Not ours.</p>",
        ),
    ]
    assert storage.catalog.all() == []
    assert storage.catalog.fetched_at() is None

    with storage.transaction():
        storage.catalog.replace(first, NOON)
    assert sorted(storage.catalog.all(), key=lambda reward: reward.utid) == first
    assert [storage.charges.fee_of(utid) for utid in ("U1", "U2", "U9")] == [first[0].fee, None, None]
    assert [storage.catalog.get(utid) for utid in ("U1", "U2", "U3", "U9")] == [*first, None]
    assert storage.catalog.fetched_at() == NOON

    with storage.transaction():
        storage.catalog.replace([first[1]], LATER)
    assert storage.catalog.all() == [first[1]]
    assert storage.catalog.fetched_at() == LATER


def test_a_utid_that_is_listed_under_two_brands_is_kept_once(storage: Storage):
    with storage.transaction():
        storage.catalog.replace([a_reward(brand="first"), a_reward(brand="second")], NOON)

    assert [reward.brand for reward in storage.catalog.all()] == ["first"]


def test_a_catalog_that_cannot_be_stored_leaves_the_one_there_is(storage: Storage):
    kept = [a_reward()]
    with storage.transaction():
        storage.catalog.replace(kept, NOON)

    def replace() -> None:
        with storage.transaction():
            storage.catalog.replace([a_reward(utid="U9"), a_reward(utid="U8", name=None)], LATER)

    with pytest.raises(REFUSED):
        replace()

    assert storage.catalog.all() == kept
    assert storage.catalog.fetched_at() == NOON


_STANDS: Final = {
    QueueStatus.RUNNING: "halted_at = NULL, halt_cause = NULL, probe_at = NULL",
    QueueStatus.SUSPECTED: "halted_at = NULL, halt_cause = NULL, probe_at = NULL, suspect = 5",
    QueueStatus.HALTED: "halted_at = 1, halt_cause = 'unauthorized', probe_at = :later",
    QueueStatus.PROBING: "halted_at = 1, halt_cause = 'unauthorized', probe_at = :now",
    QueueStatus.PAUSED: "halted_at = 1, halt_cause = 'paused', probe_at = NULL",
}
_QUEUE_MOVES: Final[dict[QueueMove, Callable[[QueueStore], object]]] = {
    QueueMove.HALT: lambda queue: queue.halt(HaltCause.FORBIDDEN, now=NOON, probe_at=LATER),
    QueueMove.SUSPECT: lambda queue: queue.suspect(an_order(id=5)),
    QueueMove.PROBE: lambda queue: queue.probe_now(NOON),
    QueueMove.POSTPONE: lambda queue: queue.postpone_probe(LATER),
    QueueMove.RESUME: lambda queue: queue.resume(NOON),
    QueueMove.PAUSE: lambda queue: queue.pause(NOON),
    QueueMove.UNPAUSE: lambda queue: queue.unpause(),
}


@pytest.mark.parametrize("move", QueueMove)
@pytest.mark.parametrize("status", QueueStatus)
def test_the_row_moves_as_the_table_says(storage: Storage, status: QueueStatus, move: QueueMove):
    storage._database.execute(f"UPDATE queue SET {_STANDS[status]}", {"now": to_ms(NOON), "later": to_ms(LATER)})  # noqa: S608 (fixed words)
    before = storage.queue.state()
    assert before.status(NOON) is status

    made = _QUEUE_MOVES[move](storage.queue)

    legal = (status, move) in QUEUE_MOVES
    assert storage.queue.state().status(NOON) is QUEUE_MOVES.get((status, move), status)
    assert (storage.queue.state() != before) is legal or (status, move) == (QueueStatus.PROBING, QueueMove.PROBE)
    assert made in (None, legal)


def test_what_tango_asked_for_is_never_shortened(storage: Storage):
    for seconds in (30, 5, 31):
        storage.queue.throttle(NOON + timedelta(seconds=seconds))
        storage.queue.set_next_start(NOON + timedelta(seconds=1))
        assert storage.queue.state().next_start_at == NOON + timedelta(seconds=max(seconds, 30))


def test_only_a_halted_queue_has_probes_and_a_person_begins_their_waits_anew(storage: Storage):
    minute = timedelta(minutes=1)
    for state in ("running", "paused"):
        if state == "paused":
            assert storage.queue.pause(NOON)
        before = storage.queue.state()
        storage.queue.postpone_probe(NOON + minute)
        assert not storage.queue.probe_now(NOON)
        assert not storage.queue.resume(NOON)
        assert storage.queue.state() == before, state
    assert not storage.queue.halt(HaltCause.FORBIDDEN, now=NOON, probe_at=NOON + minute), "a pause stands above"
    assert storage.queue.unpause()

    assert storage.queue.halt(HaltCause.FORBIDDEN, now=NOON, probe_at=NOON + minute)
    storage.queue.postpone_probe(NOON + 2 * minute)
    assert (storage.queue.state().probes, storage.queue.state().probe_at) == (1, NOON + 2 * minute)
    assert storage.queue.probe_now(NOON)
    assert (storage.queue.state().probes, storage.queue.state().probe_at) == (0, NOON)


def test_a_refused_attempt_counts_for_less_than_its_time(storage: Storage):
    storage.audit.add(AuditEvent.ATTEMPT_REFUSED, now=NOON, actor=MAYA, request_id=7)

    def is_noted(since: datetime, *, actor: str = MAYA, request_id: int | None = 7) -> bool:
        return storage.audit.is_refused_since(since, now=NOON, actor=actor, request_id=request_id)

    assert is_noted(NOON - timedelta(milliseconds=1))
    assert not is_noted(NOON)
    assert not is_noted(NOON - timedelta(hours=1), actor=ALEX)
    for request_id in (8, None):
        assert not is_noted(NOON - timedelta(hours=1), request_id=request_id)


def test_a_request_is_cleared_once_all_of_it_is_older_than_asked_for(storage: Storage):
    moment = timedelta(milliseconds=1)
    (order,) = approve(storage, file_request(storage))
    accept(storage, order, now=LATER)

    for before in (NOON, NOON + moment, LATER):
        assert storage.retention.clear_requests(before, LATER) == []
    assert storage.retention.clear_requests(LATER + moment, LATER) == [order.request_id]

    declined = file_request(storage)
    storage.requests.move(declined.id, RequestMove.DECLINE, by=ALEX, now=NOON, reason="no")
    assert storage.retention.clear_requests(NOON, LATER) == []
    assert storage.retention.clear_requests(NOON + moment, LATER) == [declined.id]
