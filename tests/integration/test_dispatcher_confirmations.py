"""What Tango leaves out of an answer is asked for before an order counts as accepted: once, also over a restart."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bot.domain.order import Order, OrderStatus
from bot.domain.problem import Problem
from bot.tango.models import PlacedOrder, TangoAmount, TangoPerson
from bot.tango.outcomes import Accepted
from storage import Storage
from tests.kit import wording
from tests.kit.bot import World
from tests.kit.factories import NOON, a_body, again, approve, claim, file_request, some_outcomes

#: What tells that an order is the approved one, by its name at Tango and in the problem.
_TOLD = {
    "denomination": "amount, currency",
    "utid": "utid",
    "externalRefID": "externalRefID",
    "customerIdentifier": "customerIdentifier",
    "accountIdentifier": "accountIdentifier",
    "sendEmail": "sendEmail",
    "recipient": "recipient",
}


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    with World(tmp_path, where=database) as world:
        yield world


def _order(world: World) -> dict[str, Any]:
    return world.one("SELECT status, problem, problem_detail FROM orders")


def _looks(world: World) -> int:
    return sum(request.method == "GET" and request.path.startswith("/orders/") for request in world.tango.requests)


@pytest.mark.parametrize("field", [None, *_TOLD])
def test_what_an_answer_leaves_out_is_asked_for_once(world: World, field: str | None):
    world.tango.faults.set("left_out", field=field, times=1)
    request_id = world.place()
    assert _order(world) == {"status": "accepted", "problem": None, "problem_detail": None}
    assert (len(world.tango.arrivals), _looks(world)) == (1, 1)
    (order,) = world.tango.orders
    assert world.one("SELECT reference_order_id AS id FROM orders")["id"] == order.reference_order_id
    assert wording.ORDER_PLACED in world.card(request_id).words
    world.said(world.slack.person("rob"), wording.ON_ITS_WAY)


def test_a_whole_answer_is_not_asked_for_again(world: World):
    world.place()
    assert (len(world.tango.arrivals), _looks(world)) == (1, 0)


@pytest.mark.parametrize("field", _TOLD)
def test_an_order_that_tango_never_confirms_needs_a_person(world: World, field: str):
    world.tango.faults.set("left_out", field=field, endpoint="*")
    world.place()
    assert _order(world) == {"status": "needs_attention", "problem": "unconfirmed", "problem_detail": _TOLD[field]}
    assert wording.found(Problem.UNCONFIRMED) in world.said(world.ada, wording.NEEDS_A_PERSON).words
    world.said(world.maya, wording.HELD_UP)
    assert world.slack.person("rob").dms() == []
    assert (len(world.tango.arrivals), _looks(world)) == (1, 1)


def test_an_admin_has_it_asked_for_again_and_never_sent_again(world: World):
    world.tango.faults.set("left_out", endpoint="*")
    world.place()
    world.tango.faults.clear()
    shown = world.answer(world.ada, lambda: world.ada.command("/orders", "1"))
    world.ada.click(shown, "order_retry")
    world.settle()
    assert _order(world)["status"] == "accepted"
    assert (len(world.tango.arrivals), _looks(world)) == (1, 2)


@pytest.mark.parametrize("field", ["currency", "accountIdentifier", "sendEmail", "amount"])
def test_what_is_found_when_it_is_asked_for_may_still_differ(world: World, field: str):
    world.tango.faults.set("left_out", times=1)
    world.tango.faults.set("mismatch", field=field, times=1)
    world.place()
    assert _order(world) == {"status": "needs_attention", "problem": "differs", "problem_detail": field}
    assert (len(world.tango.arrivals), _looks(world)) == (1, 1)


@pytest.mark.parametrize("fault", ["unavailable_before", "cut_before", "unreadable", "too_many", "bad_gateway"])
def test_a_question_in_vain_is_asked_again_and_the_order_is_not_sent_again(world: World, fault: str):
    world.tango.faults.set("left_out", times=1)
    world.tango.faults.set(fault, endpoint="get", times=2)
    world.place()
    assert _order(world)["status"] == "accepted"
    assert (len(world.tango.arrivals), _looks(world)) == (1, 3)


def test_a_question_that_tango_refuses_needs_a_person_and_holds_up_nobody(world: World):
    world.tango.faults.set("left_out", times=1)
    world.tango.faults.set("forbidden", endpoint="get")
    world.tango.faults.set("forbidden", endpoint="list")
    world.place()
    assert _order(world)["status"] == "needs_attention"
    assert world.one("SELECT halted_at FROM queue")["halted_at"] is None
    world.place(recipients=["kim"])
    assert [row["status"] for row in world.rows("SELECT status FROM orders ORDER BY id")] == [
        "needs_attention",
        "accepted",
    ]


def test_a_wrong_key_halts_the_question_like_an_order(world: World):
    world.tango.faults.set("left_out", times=1)
    world.tango.faults.set("unauthorized", endpoint="get", times=1)
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM queue WHERE halted_at IS NOT NULL"))
    world.settle(step=30)
    assert _order(world)["status"] == "accepted"
    assert len(world.tango.arrivals) == 1


def test_it_is_asked_for_after_a_restart(world: World):
    world.tango.faults.set("left_out", times=1)
    world.tango.faults.set("unavailable_before", endpoint="get")
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND attempts > 0"))
    world.stop()
    world.tango.faults.clear()
    world.start()
    world.settle()
    assert _order(world)["status"] == "accepted"
    assert len(world.tango.arrivals) == 1


def test_words_in_other_letters_are_the_same_words(world: World):
    world.tango.faults.set("other_letters", endpoint="*")
    world.place()
    order = world.one(
        "SELECT status, tango_status, watch_at, json_extract(charge, '$.currency') AS charged FROM orders"
    )
    assert order == {"status": "accepted", "tango_status": "Complete", "watch_at": None, "charged": "USD"}


def test_a_late_answer_moves_nothing(storage: Storage):
    reference = "a" * 32
    body = a_body(reference)
    outcomes = some_outcomes(storage)
    (queued,) = approve(storage, file_request(storage), external_ref_id=reference, body=body.to_bytes())
    bare = PlacedOrder(reference_order_id="RA1")
    whole = bare.model_copy(
        update={
            "external_ref_id": reference,
            "customer_identifier": "kudos-demo",
            "account_identifier": "kudos-demo-usd",
            "denomination": TangoAmount(value=Decimal(25), currency_code="USD"),
            "utid": "U561593",
            "send_email": True,
            "recipient": TangoPerson(email="rob@example.com"),
            "status": "COMPLETE",
        }
    )
    other = whole.model_copy(update={"account_identifier": "another"})

    def record(order: Order, answer: PlacedOrder) -> dict[str, object]:
        with storage.transaction():
            attempt = storage.attempts.start(order.id, NOON)
            outcomes.record_attempt(order, attempt, Accepted(status=200, request_id=None, order=answer), NOON)
        now = again(storage, order)
        return {"status": now.status, "reference": now.reference_order_id, "problem": now.problem}

    sent = claim(storage, queued)
    waits = record(sent, bare)
    assert waits == {"status": OrderStatus.QUEUED, "reference": "RA1", "problem": None}
    assert record(sent, whole) == waits, "the attempt was over"
    asked = claim(storage, again(storage, queued), now=NOON + timedelta(seconds=1))
    accepted = record(asked, whole)
    assert accepted == {"status": OrderStatus.ACCEPTED, "reference": "RA1", "problem": None}
    for late in (other, bare, whole.model_copy(update={"reference_order_id": "RA2"})):
        assert record(asked, late) == accepted
    assert [entry.event for entry in storage.audit.story(request_id=0, order_id=queued.id)].count("order.accepted") == 1
