"""What is kept of people for a time only, and what stays."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.notices import Decided
from bot.domain.occasion import Occasion
from bot.domain.order import Order, OrderMove
from bot.domain.problem import Problem
from bot.domain.request import Request, RequestMove
from bot.domain.workflow import NewWorkflowRun, WorkflowRunMove
from bot.sandbox.slack import people
from bot.worker.retention import clear_old
from storage import Storage
from tests.kit.bot import World
from tests.kit.engines import REFUSED
from tests.kit.factories import (
    ALEX,
    MAYA,
    NOON,
    ROB,
    FakeClock,
    a_new_request,
    a_recipient,
    accept,
    again,
    claim,
    enqueue,
    file_request,
)

YEAR: Final = timedelta(days=365)
#: Bodies that a change may name.
BODIES: Final = {"empty": b"{}", "other": b'{"amount": 9}'}
LATER: Final = NOON + YEAR + timedelta(hours=1)

#: Words that are in what is stored of a request, and must be nowhere in the file when it is cleared.
PRIVATE: Final = ("Recognisable", "Findable", "recognisable@example.com", "Europe/Nowhere")


def an_old_order(storage: Storage, **facts: Any) -> Order:
    """A queued order in which everything private can be recognised."""
    return enqueue(
        storage,
        requester_name="Recognisable Lopez",
        message="Recognisable thanks",
        recipients=(
            a_recipient(
                first_name="Findable",
                last_name="Recognisable",
                email="recognisable@example.com",
                zone="Europe/Nowhere",
            ),
        ),
        **facts,
    )


def clear(storage: Storage, now: datetime = LATER) -> None:
    """What the daily tick does, a year being how long things are kept."""
    clear_old(storage, FakeClock(now), YEAR)


def request_of(storage: Storage, order: Order) -> Request:
    request = storage.requests.get(order.request_id)
    assert request is not None
    return request


def is_cleared(storage: Storage, order: Order) -> bool:
    return not again(storage, order).recipient.email


def test_of_a_finished_order_ids_amounts_statuses_and_references_stay(storage: Storage):
    order = accept(storage, an_old_order(storage))
    before = again(storage, order)
    clear(storage)
    after, request = again(storage, order), request_of(storage, order)

    assert (after.recipient.first_name, after.recipient.last_name, after.recipient.email) == ("", "", "")
    assert after.recipient.name == ""
    assert after.body == b"{}"
    assert (request.requester_name, request.message, request.reason) == ("", "", None)
    for kept in (
        "id",
        "status",
        "amount",
        "utid",
        "external_ref_id",
        "reference_order_id",
        "finalized_at",
        "requester_id",
    ):
        assert getattr(after, kept) == getattr(before, kept)
    assert (request.requester_id, request.decided_by, request.amount) == (MAYA, ALEX, order.amount)
    assert [entry.event for entry in storage.audit.story(request_id=request.id, order_id=order.id)] == [
        "request.cleared"
    ]


def test_an_occasion_goes_with_the_texts_because_it_may_tell_of_a_person(storage: Storage):
    order = accept(storage, an_old_order(storage, occasion=Occasion("Parental leave", is_taxable=False)))
    assert request_of(storage, order).occasion == Occasion("Parental leave", is_taxable=False)
    clear(storage)

    assert request_of(storage, order).occasion is None


def test_nothing_private_is_left_in_the_bytes_of_the_file(storage: Storage, database_path: Path):
    order = accept(storage, an_old_order(storage))
    clear(storage)
    assert is_cleared(storage, order)
    storage.close()  # the log is taken over into the file
    held = database_path.read_bytes()

    assert [word for word in PRIVATE if word.encode() in held] == []


def test_nothing_private_is_left_in_the_log_while_the_bot_runs(storage: Storage, database_path: Path):
    accept(storage, an_old_order(storage))
    log = database_path.with_name(f"{database_path.name}-wal")
    assert PRIVATE[0].encode() in log.read_bytes()
    clear(storage)
    held = database_path.read_bytes() + log.read_bytes()

    assert [word for word in PRIVATE if word.encode() in held] == []


def test_a_reader_at_the_log_holds_up_nothing(storage: Storage, database_path: Path):
    order = accept(storage, an_old_order(storage))
    with closing(sqlite3.connect(database_path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM orders").fetchone()
        clear(storage)
        reader.execute("ROLLBACK")
    assert is_cleared(storage, order)
    clear(storage)  # the next look, an hour later
    log = database_path.with_name(f"{database_path.name}-wal")
    assert PRIVATE[0].encode() not in log.read_bytes()


def test_a_declined_request_is_cleared_with_its_reason(storage: Storage):
    request = file_request(storage, message="Recognisable thanks", permalink="https://acme.slack.com/archives/C1/p1")
    with storage.transaction():
        storage.requests.move(request.id, RequestMove.DECLINE, by=ALEX, now=NOON, reason="Recognisable reason")
    clear(storage)
    cleared = storage.requests.get(request.id)

    assert cleared is not None
    assert (cleared.message, cleared.permalink, cleared.reason, cleared.recipients[0].email) == ("", "", None, "")


def queued(storage: Storage) -> Order:
    return an_old_order(storage)


def submitting(storage: Storage) -> Order:
    return claim(storage, an_old_order(storage))


def needing_a_person(storage: Storage) -> Order:
    order = claim(storage, an_old_order(storage))
    with storage.transaction():
        storage.orders.move(order, OrderMove.SET_ASIDE, now=NOON, problem=Problem.DIFFERS)
    return order


def watched(storage: Storage) -> Order:
    order = accept(storage, an_old_order(storage), tango_status="PENDING")
    storage.tango_status.watch(order.id, NOON)
    return order


def finished_yesterday(storage: Storage) -> Order:
    order = an_old_order(storage)
    return accept(storage, order, now=LATER - timedelta(days=1))


@pytest.mark.parametrize(
    "made", [queued, submitting, needing_a_person, watched, finished_yesterday], ids=lambda made: made.__name__
)
def test_what_is_not_done_or_not_old_is_kept(storage: Storage, made: Any):
    order = made(storage)
    clear(storage)

    assert not is_cleared(storage, order)
    assert request_of(storage, order).message == "Recognisable thanks"


def test_a_request_that_waits_for_a_decision_is_kept(storage: Storage):
    request = file_request(storage)
    clear(storage)

    assert storage.requests.get(request.id) == request


def test_a_request_is_cleared_with_the_last_of_its_orders(storage: Storage):
    recipients = (a_recipient(ROB), a_recipient("U0KIM0001"))
    first = enqueue(storage, recipients=recipients)
    accept(storage, first)
    clear(storage)
    assert not is_cleared(storage, first)

    second = next(order for order in storage.orders.of_request(first.request_id) if order.id != first.id)
    accept(storage, second)
    clear(storage)
    assert is_cleared(storage, first)
    assert is_cleared(storage, second)


def test_more_than_a_batch_is_cleared_in_one_tick_and_once(storage: Storage):
    with storage.transaction():
        ids = [file_request_in_passing(storage, number) for number in range(250)]
    clear(storage)
    clear(storage)

    assert all((found := storage.requests.get(number)) and not found.message for number in ids)
    assert storage._database.query("SELECT count(*) AS n FROM audit WHERE event = 'request.cleared'") == [{"n": 250}]


def file_request_in_passing(storage: Storage, number: int) -> int:
    """A withdrawn request, in a transaction that is open already."""
    request_id = storage.requests.add(a_new_request(submission_id=f"V{number}"), NOON)
    assert request_id is not None
    storage.requests.move(request_id, RequestMove.WITHDRAW, by=MAYA, now=NOON)
    return request_id


def test_reminders_are_forgotten_with_their_request(storage: Storage):
    old = request_of(storage, accept(storage, an_old_order(storage)))
    waiting = file_request(storage)
    for request in (old, waiting):
        storage.reminders.tell(request.id, ALEX, 2)
    clear(storage)
    assert (storage.reminders.told(old.id), storage.reminders.told(waiting.id)) == ({}, {ALEX: 2})


def test_settled_notices_are_forgotten_and_open_ones_are_not(storage: Storage):
    storage.outbox.add(Decided(1), MAYA, NOON)
    told = storage.outbox.claim()
    assert told is not None
    storage.outbox.mark_sent(told, NOON)
    storage.outbox.add(Decided(2), MAYA, NOON)
    clear(storage)

    assert storage._database.query("SELECT facts FROM outbox") == [{"facts": '{"request_id": 2}'}]


@pytest.mark.parametrize(
    "change",
    [
        "body = :other",
        "body = :empty, amount_minor = 1",
        "body = :empty, external_ref_id = 'another'",
        "body = :empty, utid = 'U1'",
        "body = :empty, currency = 'EUR'",
        "amount_minor = 1",
    ],
)
def test_the_file_allows_a_finished_body_to_be_emptied_and_nothing_else(storage: Storage, change: str):
    accept(storage, enqueue(storage))

    with pytest.raises(REFUSED, match="frozen"):
        storage._database.execute(f"UPDATE orders SET {change}", BODIES)  # noqa: S608 (the list above)


@pytest.mark.parametrize("made", [queued, submitting, needing_a_person, watched], ids=lambda made: made.__name__)
def test_the_file_itself_keeps_the_body_of_an_order_that_is_not_done(storage: Storage, made: Any):
    made(storage)

    with pytest.raises(REFUSED, match="frozen"):
        storage._database.execute("UPDATE orders SET body = :empty", BODIES)


def test_a_bot_clears_what_is_old_and_still_shows_it(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings={"storage": {"retention_days": 30}}) as world:
        world.place(message="Recognisable thanks")
        world.clock.advance(timedelta(days=31).total_seconds())
        world.stop()
        world.start()  # the tick is run at the start, and then daily
        world.until(lambda: world.rows("SELECT 1 FROM requests WHERE message = ''"))
        listed = world.answer(world.maya, lambda: world.maya.command("/orders"))
        told = world.answer(world.ada, lambda: world.ada.command("/orders", "1"))

        assert "R-1" in listed.words
        assert "no longer kept" in told.words
        with world.bot._storage.transaction():
            world.bot._storage.outbox.refresh_request(1, people.MAYA, world.clock.now())
        world.settle()
        for shown in (world.card(1), world.receipt(1), listed, told):
            assert people.ROB not in shown.words.replace(f"<@{people.ROB}>", ""), "a raw id is nobody's name"
        world.answer(world.maya, lambda: world.maya.command("/orders", "for:@rob"))
        world.answer(world.maya, lambda: world.maya.command("/orders", "sender:maya@example.com"))


def test_the_runs_of_workflows_go_with_it(storage: Storage, clock: FakeClock):
    answered, waiting = (
        NewWorkflowRun(execution_id=name, recipient_id=ROB, utid="U1", amount="25", message="Thank you")
        for name in ("Fx1", "Fx2")
    )
    with storage.transaction():
        storage.workflows.add(answered, NOON)
        storage.workflows.add(waiting, NOON)
        storage.workflows.move("Fx1", WorkflowRunMove.REFUSE, refusal="Kim is a guest")
        storage.workflows.mark_answered("Fx1", NOON)
    clock.set(LATER)
    clear_old(storage, clock, YEAR)
    assert storage.workflows.get("Fx1") is None
    assert storage.workflows.get("Fx2") is not None
