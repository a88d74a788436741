"""Tango is asked before a person is: what became of an order whose outcome nobody knows, and how an admin ends it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import SecretStr

from bot.domain.inquiry import InquiryFinding
from bot.domain.order import OrderStatus
from bot.domain.problem import Problem
from bot.errors import Wish, WrongState
from bot.faults import FaultCode
from bot.ops.console import check_order, close_order
from bot.sandbox.slack import Person, ShownMessage
from bot.tango.client import TangoClient
from bot.tango.models import PlacedOrder
from bot.tango.outcomes import Accepted
from bot.usecases.holds import Holds
from bot.usecases.queue import QueueControl
from handlers.ids import Action
from handlers.views.timeline import found_text
from storage import Storage, back_up, restore
from tests.kit import wording
from tests.kit.bot import PLATFORM_KEY, World

_HOUR: Final = 3_600
_DAY: Final = 86_400


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    with World(tmp_path, where=database) as world:
        yield world


def _in_doubt(world: World, fault: str, **more: Any) -> int:
    """Have an order approved whose first attempt goes unanswered; return the request's id."""
    world.tango.faults.set(fault, times=1, **more)
    request_id = world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND attempts = 1"), step=0)
    return request_id


def _refused(world: World, fault: str = "unavailable_before") -> int:
    """Have an order that Tango refuses after an attempt that went unanswered; return the request's id."""
    request_id = _in_doubt(world, fault)
    world.tango.faults.set("rejected", endpoint="create")
    world.settle()
    return request_id


def _order(world: World, order_id: int = 1) -> dict[str, Any]:
    return world.one("SELECT status, problem, problem_detail, outcome_unknown FROM orders WHERE id = :id", id=order_id)


def _asked(world: World) -> int:
    """Return how often Tango was asked for a reference."""
    return sum(one.method == "GET" and "externalRefID" in one.query for one in world.tango.requests)


def _findings(world: World) -> list[str]:
    rows = world.rows("SELECT facts FROM audit WHERE event = 'order.inquiry_finished' ORDER BY id")
    return [json.loads(row["facts"])["finding"] for row in rows]


def _has_findings(world: World, count: int) -> bool:
    return len(_findings(world)) == count


def _told(who: Person, words: str) -> int:
    return sum(words in message.text + message.words for message in who.dms())


def _detail(world: World, who: Person, order_id: int = 1) -> ShownMessage:
    told = who.command("/orders", str(order_id), channel="general").ephemeral
    assert told is not None
    return told


# -------------------------------------------------------------------------- before a person is asked


def test_past_the_90_days_an_order_that_tango_has_is_accepted_and_nobody_is_asked(world: World):
    request_id = _in_doubt(world, "cut_after")
    world.clock.advance(91 * _DAY)
    world.until(lambda: _order(world)["status"] == "accepted")
    world.settle()
    (made,) = world.tango.orders
    assert world.one("SELECT reference_order_id AS id, json_extract(charge, '$.total') AS total FROM orders") == {
        "id": made.reference_order_id,
        "total": "25.0",
    }
    assert len(world.tango.arrivals) == 1
    assert _findings(world) == ["same"]
    assert wording.ORDER_PLACED in world.card(request_id).words
    world.said(world.slack.person("rob"), wording.ON_ITS_WAY)
    assert _told(world.ada, wording.NEEDS_A_PERSON) == _told(world.maya, wording.HELD_UP) == 0


def test_a_refusal_after_an_unanswered_attempt_is_settled_by_what_tango_has(world: World):
    """The first attempt made the order. Tango no longer takes the second one for the same, and refuses it."""
    _in_doubt(world, "cut_after")
    world.tango.faults.set("rejected", endpoint="create")
    world.settle()
    assert _order(world) == {"status": "accepted", "problem": None, "problem_detail": None, "outcome_unknown": 0}
    assert len(world.tango.orders) == 1
    assert _told(world.ada, wording.NEEDS_A_PERSON) == 0


def test_another_order_under_the_reference_needs_a_person_who_hears_what_differs(world: World):
    world.tango.faults.set("mismatch", times=1, field="recipient")
    _in_doubt(world, "unavailable_after")
    world.clock.advance(91 * _DAY)
    world.until(lambda: _findings(world))
    world.settle()
    assert _order(world) == {
        "status": "needs_attention",
        "problem": "differs",
        "problem_detail": "recipient",
        "outcome_unknown": 1,
    }
    assert wording.found(Problem.DIFFERS) in world.said(world.ada, wording.NEEDS_A_PERSON).words
    detail = _detail(world, world.ada)
    assert {Action.ORDER_INQUIRE} <= set(detail.action_ids)
    assert not {Action.ORDER_SENT_AS, Action.ORDER_CLOSE, Action.ORDER_RETRY} & set(detail.action_ids)


def test_not_found_so_soon_after_the_attempt_is_no_answer_and_is_asked_again_an_hour_later(world: World):
    _refused(world)
    assert _order(world)["problem"] == "refused_after_unknown"
    told = world.said(world.ada, wording.NEEDS_A_PERSON)
    assert wording.finding(InquiryFinding.TOO_SOON) in told.words
    assert Action.ORDER_CLOSE not in _detail(world, world.ada).action_ids
    assert _findings(world) == ["too_soon"]
    world.until(lambda: len(_findings(world)) == 2, step=60)
    world.settle()
    assert _findings(world) == ["too_soon", "absent"]
    assert _order(world)["outcome_unknown"] == 0
    world.said(world.ada, wording.finding(InquiryFinding.ABSENT))
    assert {Action.ORDER_RETRY, Action.ORDER_CLOSE} <= set(_detail(world, world.ada).action_ids)


def test_what_is_no_answer_of_tangos_is_asked_again_and_then_left_to_a_person(world: World):
    _in_doubt(world, "unavailable_before")
    world.tango.faults.set("bad_gateway", endpoint="list")
    world.clock.advance(91 * _DAY)
    world.until(lambda: _findings(world))
    world.settle()
    assert _asked(world) == 5
    assert wording.finding(InquiryFinding.UNANSWERED) in world.said(world.ada, wording.NEEDS_A_PERSON).words
    detail = _detail(world, world.ada)
    assert Action.ORDER_CLOSE not in detail.action_ids
    faults = ("unavailable_before", "cut_before", "unreadable", "forbidden", "portal_page", "other_orders")
    for said, fault in enumerate(faults, start=1):
        world.tango.faults.clear()
        world.tango.faults.set(fault, endpoint="list")
        world.ada.click(detail, Action.ORDER_INQUIRE)
        world.until(partial(_has_findings, world, said + 1))
    assert _findings(world) == ["unanswered"] * (1 + len(faults))
    assert _order(world) == {
        "status": "needs_attention",
        "problem": "past_idempotency",
        "problem_detail": None,
        "outcome_unknown": 1,
    }


def test_what_the_list_leaves_out_is_asked_for_by_tangos_number(world: World):
    _in_doubt(world, "cut_after")
    world.tango.faults.set("left_out", endpoint="list", field="recipient")
    world.clock.advance(91 * _DAY)
    world.until(lambda: _order(world)["status"] == "accepted")
    assert [one.path for one in world.tango.requests if one.path.startswith("/orders/")] == [
        f"/orders/{world.tango.orders[0].reference_order_id}"
    ]


def test_a_kill_while_tango_is_asked_loses_nothing(world: World):
    _in_doubt(world, "cut_after")
    world.tango.faults.set("slow", endpoint="list", seconds=30, times=1)
    world.clock.advance(91 * _DAY)
    world.until(lambda: world.rows("SELECT 1 FROM inquiries WHERE tries = 1"))
    world.stop()
    world.tango.faults.clear()
    world.start()
    world.until(lambda: _order(world)["status"] == "accepted", step=5)
    assert len(world.tango.orders) == 1


# ------------------------------------------------------------------------------------ Check with Tango


@pytest.mark.parametrize("name", ["ada", "maya"])
def test_who_may_see_it_has_tango_asked_and_an_order_that_is_there_is_accepted(world: World, name: str):
    who = world.slack.person(name)
    world.tango.faults.set("unavailable_before", endpoint="list")
    _in_doubt(world, "cut_after")
    world.clock.advance(91 * _DAY)
    world.until(lambda: _findings(world))
    world.tango.faults.clear()
    detail = _detail(world, who)
    # Both have heard that it needs somebody: what comes next is the answer.
    world.until(lambda: not world.rows("SELECT 1 FROM outbox WHERE status IN ('pending', 'sending')"))
    told = world.answer(who, lambda: who.click(detail, Action.ORDER_INQUIRE))
    assert wording.inquiring(1) in told.text
    world.until(lambda: _order(world)["status"] == "accepted")
    world.settle()
    for reader in (world.ada, world.maya):
        assert _told(reader, wording.TANGO_HAS_IT) == 1
    assert len(world.tango.arrivals) == 1


def test_an_order_in_the_queue_is_settled_by_a_check_also_while_tango_takes_no_orders(world: World):
    _in_doubt(world, "cut_after")
    with_storage(world, lambda control: control.pause_queue("console"))
    detail = _detail(world, world.maya)
    world.maya.click(detail, Action.ORDER_INQUIRE)
    world.until(lambda: _order(world)["status"] == "accepted")
    assert len(world.tango.arrivals) == 1


def test_an_order_in_the_queue_that_tango_does_not_have_counts_as_never_sent(world: World):
    _in_doubt(world, "unavailable_before")
    with_storage(world, lambda control: control.pause_queue("console"))
    world.clock.advance(_HOUR + 1)
    world.maya.click(_detail(world, world.maya), Action.ORDER_INQUIRE)
    world.until(lambda: _findings(world) == ["absent"])
    assert _order(world) == {"status": "queued", "problem": None, "problem_detail": None, "outcome_unknown": 0}
    world.said(world.maya, wording.finding(InquiryFinding.ABSENT, OrderStatus.QUEUED))


def test_twenty_clicks_ask_once_and_once_more_if_tango_answers_meanwhile(world: World):
    _refused(world)
    before, detail = _asked(world), _detail(world, world.maya)
    for _ in range(20):  # the clock stands still: the pace lets one question start
        world.maya.click(detail, Action.ORDER_INQUIRE)
    world.settle()
    assert 1 <= _asked(world) - before <= 2
    told = _told(world.maya, wording.finding(InquiryFinding.TOO_SOON))
    assert told == _asked(world) - before


# ------------------------------------------------------------------------------------------ the exits


def _absent(world: World) -> int:
    """Have an order that needs a person, and that Tango does not have; return the request's id."""
    request_id = _refused(world)
    world.clock.advance(_HOUR)
    world.until(lambda: _findings(world)[-1:] == ["absent"])
    world.settle()
    return request_id


def test_an_admin_closes_what_tango_does_not_have(world: World):
    request_id = _absent(world)
    detail = _detail(world, world.ada)
    world.ada.click(detail, Action.ORDER_CLOSE, confirm=False)
    assert _order(world)["status"] == "needs_attention"
    world.ada.click(detail, Action.ORDER_CLOSE)
    world.settle()
    assert _order(world) == {"status": "failed", "problem": "closed", "problem_detail": None, "outcome_unknown": 0}
    for who in (world.ada, world.maya):
        told = world.said(who, wording.CLOSED)
        assert f"<@{world.ada.id}>" in told.text
        assert Action.ORDER_ANEW in told.action_ids
    assert "❌ Failed" in world.card(request_id).words
    assert "❌ Failed" in world.receipt(request_id).words
    assert world.one("SELECT actor FROM audit WHERE event = 'order.closed'")["actor"] == world.ada.id
    assert world.tango.orders == []


def test_an_admin_who_asked_for_the_reward_hears_each_thing_once(world: World):
    world.tango.faults.set("unavailable_before", times=1)
    world.approve(who=world.ada)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND attempts = 1"), step=0)
    world.tango.faults.set("rejected", endpoint="create")
    world.until(lambda: "absent" in _findings(world), step=60)
    world.settle()
    world.clock.advance(5)  # nothing that was said before holds up what is said now
    world.ada.click(_detail(world, world.ada), Action.ORDER_CLOSE)
    world.settle()
    assert _told(world.ada, wording.CLOSED) == 1


def test_an_admin_sends_what_tango_does_not_have_again_under_the_same_reference(world: World):
    _absent(world)
    world.tango.faults.clear()
    world.ada.click(_detail(world, world.ada), Action.ORDER_RETRY)
    world.settle()
    assert _order(world)["status"] == "accepted"
    assert len({arrival.body for arrival in world.tango.arrivals}) == 1
    for who in (world.ada, world.maya):
        assert _told(who, wording.SENT_ONCE_MORE) == 1


def test_past_the_90_days_what_tango_does_not_have_is_closed_and_not_sent(world: World):
    _in_doubt(world, "unavailable_before")
    world.clock.advance(91 * _DAY)
    world.until(lambda: _findings(world) == ["absent"])
    world.settle()
    buttons = set(_detail(world, world.ada).action_ids)
    assert {Action.ORDER_INQUIRE, Action.ORDER_SENT_AS, Action.ORDER_CLOSE} <= buttons
    assert Action.ORDER_RETRY not in buttons
    world.ada.click(_detail(world, world.ada), Action.ORDER_CLOSE)
    world.settle()
    assert _order(world)["status"] == "failed"


def test_two_admins_at_once_make_one_move_and_one_is_told_that_it_was_made(world: World):
    _absent(world)
    detail, other = _detail(world, world.ada), _detail(world, world.ada)
    world.ada.click(detail, Action.ORDER_CLOSE)
    told = world.answer(world.ada, lambda: world.ada.click(other, Action.ORDER_RETRY))
    assert told.text == wording.wrong_state(1, OrderStatus.FAILED, Wish.RETRY)
    world.settle()
    assert [
        row["event"] for row in world.rows("SELECT event FROM audit WHERE event IN ('order.closed','order.retried')")
    ] == ["order.closed"]


def _placed_by_hand(world: World, **changes: Any) -> PlacedOrder:
    """Have the first order's content ordered under no reference of ours, as in Tango's portal; Tango's order."""
    body = json.loads(world.one("SELECT body FROM orders WHERE id = 1")["body"]) | {"externalRefID": "byhand"} | changes
    client = TangoClient(
        base_url=f"{world.tango_server.url}/raas/v2", platform_name="KudosDemo", platform_key=SecretStr(PLATFORM_KEY)
    )
    outcome = client.create_order(json.dumps(body).encode())
    client.close()
    assert isinstance(outcome, Accepted)
    return outcome.order


def _said_to_be(world: World, number: str) -> Any:
    """Say that the first order was sent as `number`; the form after that."""
    form = world.ada.click(_detail(world, world.ada), Action.ORDER_SENT_AS).modal
    assert form is not None
    return world.ada.submit(form, {"sent_as": number})


def test_it_was_sent_as_another_order_of_the_same_content_is_accepted(world: World):
    _absent(world)
    world.tango.faults.clear()
    made = _placed_by_hand(world)
    _said_to_be(world, f" {made.reference_order_id.lower()} ")
    world.until(lambda: _order(world)["status"] == "accepted")
    world.settle()
    assert world.one("SELECT reference_order_id AS id FROM orders")["id"] == made.reference_order_id
    for who in (world.ada, world.maya):
        assert _told(who, wording.TANGO_HAS_IT) == 1
    asked = world.one(
        "SELECT actor, json_extract(facts, '$.sent_as') AS sent_as FROM audit WHERE event LIKE '%requested'"
    )
    assert asked == {"actor": world.ada.id, "sent_as": made.reference_order_id}


def test_it_was_sent_as_is_refused_with_what_differs(world: World):
    _absent(world)
    world.tango.faults.clear()
    other = _placed_by_hand(world, amount=26.0).reference_order_id
    ours = world.place(recipients=["kim"])
    (placed,) = world.rows(
        "SELECT id, reference_order_id AS number, reward_name FROM orders WHERE request_id = :id", id=ours
    )
    assert not _said_to_be(world, "RA1").closed
    assert _said_to_be(world, placed["number"]).errors == {
        "sent_as": wording.fault(
            "sent_as",
            FaultCode.TAKEN,
            name="Kim Park",
            amount="$25.00",
            reward=placed["reward_name"],
            number="2",
        )
    }
    for number, finding, detail in (
        (other, InquiryFinding.DIFFERS, "amount"),
        ("RA260314-9-99", InquiryFinding.NO_SUCH_NUMBER, ""),
    ):
        world.ada.close(everything=True)
        _said_to_be(world, number)
        world.said(world.ada, wording.sent_as_told(finding, number, detail))
    assert _order(world)["status"] == "needs_attention"


# -------------------------------------------------------------------------------- a restore, the console


@pytest.mark.file
def test_after_a_restore_tango_is_asked_before_anything_is_sent(world: World):
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    world.stop()
    back_up(world.database, world.folder / "backup.db")
    world.tango.faults.clear()
    world.start()
    world.settle(step=30)
    assert _order(world)["status"] == "accepted"
    world.stop()
    now = world.clock.now()
    restore(world.database, world.folder / "backup.db", now=now, known_since=now - timedelta(days=89), actor="console")
    posted = len(world.tango.arrivals)
    world.tango.faults.set("rejected", endpoint="create")
    world.start()
    world.until(lambda: _order(world)["status"] == "accepted")
    assert len(world.tango.arrivals) == posted
    assert len(world.tango.orders) == 1


@pytest.mark.file
def test_after_a_restore_an_order_that_tango_does_not_have_is_sent(world: World):
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    world.stop()
    back_up(world.database, world.folder / "backup.db")
    now = world.clock.now()
    restore(world.database, world.folder / "backup.db", now=now, known_since=now - timedelta(days=89), actor="console")
    world.tango.faults.clear()
    world.start()
    world.settle(step=30)
    assert _order(world)["status"] == "accepted"
    assert _findings(world) == ["too_soon"]


def _by_the_machines_clock(world: World) -> None:
    """Let time pass until it is the machine's, by which the commands go."""
    world.clock.advance((datetime.now(UTC) - world.clock.now()).total_seconds())


def test_the_operator_has_tango_asked_and_closes_an_order(world: World):
    _by_the_machines_clock(world)
    _absent(world)
    settings = world._settings()
    world.clock.advance(1)  # the pace
    assert found_text(InquiryFinding.ABSENT, None) in check_order(settings, "1")
    assert "closed" in close_order(settings, "1")
    with pytest.raises(WrongState):
        check_order(settings, "1")
    world.settle()
    assert _order(world)["status"] == "failed"
    world.said(world.maya, wording.CLOSED)


def test_the_console_says_where_to_look_where_no_bot_asks(world: World):
    _by_the_machines_clock(world)
    _refused(world)
    world.stop()
    said = check_order(world._settings(), "1", patience=timedelta(0))
    assert "kudos queue show 1" in said
    world.start()
    world.until(lambda: len(_findings(world)) == 2)


def with_storage(world: World, act: Any) -> None:
    storage = Storage.visit(world.where)
    try:
        holds = Holds(storage=storage, clock=world.clock)
        act(QueueControl(storage=storage, clock=world.clock, holds=holds))
    finally:
        storage.close()
