"""Orders that Tango takes and does not finish at once: asked for again, told once it is known, and ordered anew."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

import pytest

from bot.domain.order import OrderStatus
from bot.domain.progress import Progress
from bot.domain.tango_status import wait_before_watch
from bot.errors import NotMailed, Rule, Wish
from bot.sandbox.slack import people
from handlers.views.messages import refusal_text
from tests.kit import wording
from tests.kit.bot import CARD, World
from tests.kit.payloads import a_click

_UNFINISHED: Final = Progress(counts={OrderStatus.ACCEPTED: 1}, unfinished=1)
_OPEN: Final = ("PENDING", "QUEUED", "PENDING_MR", "ON_HOLD", "PENDING_KYB", "PENDING_PAYMENT", "SOMETHING_NEW")


def _pend(world: World, *, status: str = "PENDING", **values: Any) -> int:
    """A request whose order Tango has taken and leaves as `status`; its id."""
    world.tango.faults.set("pending_then_complete", after_gets=1_000_000)
    request_id = world.approve(**values)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'accepted'"))
    world.tango.faults.clear()
    if status != "PENDING":
        _finish(world, status)
    return request_id


def _finish(world: World, status: str) -> None:
    world.tango.finish(world.tango.orders[-1].reference_order_id, status)


def _asked(world: World) -> list[float]:
    """When Tango was asked for an order, by its own clock."""
    return [r.wall.timestamp() for r in world.tango.requests if r.method == "GET" and r.path.startswith("/orders/")]


def _order(world: World) -> dict[str, Any]:
    return world.rows("SELECT * FROM orders ORDER BY id DESC LIMIT 1")[0]


def _until_known(world: World, status: str) -> None:
    world.until(lambda: _order(world)["tango_status"] == status, step=60)


def _until_asked(world: World, times: int) -> None:
    before = _order(world)["watches"]
    world.until(lambda: _order(world)["watches"] >= before + times, step=60)


def _events(world: World) -> list[str]:
    return [row["event"] for row in world.rows("SELECT event FROM audit WHERE order_id IS NOT NULL ORDER BY id")]


# ---------------------------------------------------------------------------------------- the watch


def test_an_order_that_tango_finishes_later_is_asked_for_until_then(world: World):
    world.tango.faults.set("pending_then_complete", after_gets=4)
    request_id = world.approve()
    world.until(lambda: wording.standing(_UNFINISHED) in world.receipt(request_id).words)
    world.until(lambda: wording.standing(_UNFINISHED) in world.card(request_id).words)
    rob = world.slack.person("rob")
    assert rob.dms() == [], "he would look for an e-mail that was not sent"

    world.said(rob, wording.ON_ITS_WAY)
    world.settle()
    assert "Rob Hale's $25.00 Marlow &amp; Finch gift card" in world.said(world.maya, wording.SENT).words
    for message in (world.card(request_id), world.receipt(request_id)):
        assert "not finished" not in message.words
    gaps = [after - before for before, after in pairwise(_asked(world))]
    assert len(gaps) == 4
    assert gaps[3] > 2 * gaps[0], f"less and less often: {gaps}"
    order = _order(world)
    assert (order["status"], order["tango_status"], order["watch_at"]) == ("accepted", "COMPLETE", None)
    assert order["last_sent_at"] == order["tango_status_at"], "only now was it mailed"
    assert _events(world) == ["order.queued", "order.accepted", "order.completed"]
    world.clock.advance(timedelta(days=2).total_seconds())
    world.settle()
    assert len(_asked(world)) == 5, "what is finished is not asked for"


def test_whatever_tango_calls_it_what_is_not_finished_is_kept_verbatim_and_asked_for(world: World):
    _pend(world)
    for status in _OPEN:
        _finish(world, status)
        _until_known(world, status)
        assert _order(world)["watch_at"] is not None
        detail = world.maya.command("/orders", "1").ephemeral
        assert detail is not None
        assert f"{status}, <!date^" in detail.words
        assert "next check <!date^" in detail.words
    _finish(world, "COMPLETE")
    _until_known(world, "COMPLETE")


def test_a_reward_that_the_bot_gives_is_given_once_tango_has_made_it(world: World):
    _pend(world, delivery="message")
    rob = world.slack.person("rob")
    world.until(lambda: len(_asked(world)) >= 3)
    assert rob.dms() == []
    _finish(world, "COMPLETE")
    world.said(rob, wording.GIVEN)
    world.said(world.maya, "Delivered")


def test_an_order_is_not_sent_again_before_tango_has_sent_it(world: World):
    _pend(world)
    told = world.maya.command("/resend", "1").ephemeral
    assert told is not None
    assert told.text == refusal_text(NotMailed())
    _finish(world, "COMPLETE")
    world.until(lambda: _order(world)["last_sent_at"])
    world.clock.advance(31)
    told = world.maya.command("/resend", "1").ephemeral
    assert told is not None
    assert wording.sending_again(1) in told.text


def test_a_tango_that_does_not_say_is_asked_again_and_nothing_is_guessed(world: World):
    request_id = _pend(world)
    for fault in ("unavailable_before", "unreadable", "cut_before", "too_many", "forbidden"):
        world.tango.faults.set(fault, endpoint="get")
        _until_asked(world, 2)
        world.tango.faults.clear()
    assert _order(world)["tango_status"] == "PENDING"
    assert wording.standing(_UNFINISHED) in world.card(request_id).words
    _finish(world, "COMPLETE")
    _until_known(world, "COMPLETE")


def test_the_watch_goes_on_after_a_restart(world: World):
    _pend(world)
    world.until(lambda: _order(world)["watches"] >= 2)
    world.stop()
    _finish(world, "COMPLETE")
    world.start()
    world.said(world.slack.person("rob"), wording.ON_ITS_WAY)


def test_the_watch_goes_on_while_the_queue_is_on_hold(world: World):
    _pend(world)
    world.tango.freeze()
    world.approve(recipients=["kim"])
    world.said(world.ada, wording.ON_HOLD)
    _finish(world, "COMPLETE")
    world.said(world.slack.person("rob"), wording.ON_ITS_WAY)
    assert world.rows("SELECT halt_cause FROM queue") == [{"halt_cause": "account_frozen"}]


def test_one_unfinished_of_several_holds_back_the_word_that_all_is_done(world: World):
    world.tango.faults.set("pending_then_complete", email="kim@acme.example", after_gets=2)
    request_id = world.approve(recipients=["rob", "kim"])
    world.until(
        lambda: wording.standing(replace(_UNFINISHED, counts={OrderStatus.ACCEPTED: 2})) in world.card(request_id).words
    )
    assert wording.SENT not in world.receipt(request_id).words
    world.until(lambda: wording.SENT in world.receipt(request_id).words)


def test_one_that_fails_of_several_is_not_said_of_all(world: World):
    world.tango.faults.set("rejected", endpoint="create", email="kim@acme.example")
    request_id = world.approve(recipients=["rob", "kim"])
    told = wording.standing(Progress(counts={OrderStatus.ACCEPTED: 1, OrderStatus.FAILED: 1}))
    for shown in (world.receipt, world.card):
        world.until(lambda shown=shown: told in shown(request_id).words)  # type: ignore[misc]  # a default binds it
    listed = world.maya.command("/orders", str(request_id)).ephemeral
    assert listed is not None
    assert told in listed.words


# ------------------------------------------------------------------------------------- without an end


def _as_a_month_leaves_it(world: World) -> None:
    """All questions but the last have been asked."""
    watches = 0
    while wait_before_watch(watches + 1) is not None:
        watches += 1
    with closing(sqlite3.connect(world.database, timeout=10)) as db:
        db.execute("UPDATE orders SET watches = ?", (watches,))
        db.commit()


@pytest.mark.file
def test_after_a_month_an_admin_is_told_and_can_have_tango_asked_again(world: World):
    _pend(world, status="ON_HOLD")
    _until_known(world, "ON_HOLD")
    _as_a_month_leaves_it(world)
    told = world.until(lambda: next((m for m in world.ada.dms() if wording.UNFINISHED in m.text), None), step=3_600)
    assert "Tango says ON_HOLD" in told.text
    assert world.tango.orders[0].reference_order_id in told.text
    assert _order(world)["watch_at"] is None
    assert not any(wording.UNFINISHED in message.text for message in world.maya.dms())

    answer = world.answer(world.ada, lambda: world.ada.click(told, "order_ask"))
    assert wording.asking_tango(1) in answer.text
    world.until(lambda: _order(world)["watches"] >= 2)
    _finish(world, "COMPLETE")
    world.said(world.slack.person("rob"), wording.ON_ITS_WAY)
    answer = world.answer(world.ada, lambda: world.ada.click(told, "order_ask"))
    assert answer.text == wording.wrong_state(1, OrderStatus.ACCEPTED, Wish.ASK)


def test_an_end_that_one_order_cannot_have_is_shown_to_an_admin(world: World):
    _pend(world, status="PARTIAL")
    world.said(world.ada, "Tango says PARTIAL")
    assert world.slack.person("rob").dms() == []
    assert _order(world)["status"] == "accepted"


# ------------------------------------------------------------------------------------------ failed


def _fails_later(world: World) -> int:
    world.tango.faults.set("pending_then_failed", after_gets=1)
    return world.place(message="Well done", delivery="message")


def _fails_at_once(world: World) -> int:
    world.tango.faults.set("pending_then_failed", after_gets=0)
    return world.place(message="Well done", delivery="message")


@pytest.mark.parametrize("fail", [_fails_later, _fails_at_once], ids=["later", "at the first question"])
def test_an_order_that_tango_fails_is_told_to_requester_card_and_admins(world: World, fail: Callable[[World], int]):
    balance = world.tango.balance
    request_id = fail(world)
    told = world.until(lambda: next((m for m in world.maya.dms() if wording.FAILED in m.text), None))
    world.settle()
    assert "FAILED" in told.words
    assert wording.NOTHING_PAID not in told.words, "it was paid, and paid back"
    assert "order_anew" in told.action_ids
    world.said(world.ada, wording.FAILED)
    for message in (world.card(request_id), world.receipt(request_id)):
        assert wording.ORDER_FAILED in message.words
    assert world.slack.person("rob").dms() == []
    assert not any(wording.SENT in message.words for message in world.maya.dms())
    assert world.tango.balance == balance
    order = _order(world)
    assert (order["status"], order["tango_status"], order["watch_at"]) == ("failed", "FAILED", None)
    assert _events(world)[-1] == "order.ended_at_tango"
    listed = world.maya.command("/orders", "failed").ephemeral
    assert listed is not None
    assert "Rob Hale" in listed.words


def test_an_order_anew_is_a_new_request_with_a_new_decision_and_a_new_reference(world: World):
    _fails_later(world)
    told = world.said(world.maya, wording.FAILED)
    world.tango.faults.clear()

    form = world.maya.click(told, "order_anew").modal
    assert form is not None
    entered = {name: value for fields in form.entered.values() for name, value in fields.items()}
    assert entered["request_recipients"] == [people.ROB]
    assert entered["request_reward"] == CARD
    assert entered["request_amount"] == "25.00"
    assert entered["request_message"] == "Well done"
    assert entered["request_delivery"] == "message"

    assert world.maya.submit(form).closed
    world.until(lambda: world.is_posted("approval_card", 2))
    assert len(world.tango.orders) == 1, "nothing is sent before somebody has approved it"
    world.alex.click(world.card(2), "approve")
    world.settle()
    first, second = world.tango.orders
    assert first.external_ref_id != second.external_ref_id
    assert second.status == "COMPLETE"
    assert world.rows("SELECT status FROM orders ORDER BY id") == [{"status": "failed"}, {"status": "accepted"}]
    world.said(world.slack.person("rob"), wording.GIVEN)


def test_only_who_asked_for_it_and_admins_order_anew_and_only_admins_ask_tango(world: World):
    _fails_later(world)
    world.said(world.maya, wording.FAILED)

    def answer_to(user_id: str, action: str) -> str:
        who = world.slack.person(user_id)
        click = a_click(world.slack, user_id, action, world.reference("orders", 1), channel=who.dm_channel)
        return world.answer(who, lambda: world.slack.deliver("interactive", click)).text

    for nosy in (people.ROB, people.ALEX, people.KIM):
        assert answer_to(nosy, "order_anew") == wording.STALE
        assert answer_to(nosy, "order_ask") == wording.not_allowed(Rule.ADMINS_ONLY)
    assert answer_to(people.MAYA, "order_ask") == wording.not_allowed(Rule.ADMINS_ONLY)
    assert wording.wrong_state(1, OrderStatus.FAILED, Wish.ASK) == answer_to(people.ADA, "order_ask")
    click = a_click(world.slack, people.ADA, "order_anew", world.reference("orders", 1))
    world.slack.deliver("interactive", click)
    assert world.ada.modal is not None
    assert world.ada.modal.title == wording.FORM_TITLE


@pytest.mark.file
def test_what_may_still_come_to_something_is_not_ordered_anew(world: World):
    world.tango.faults.set("pending_then_failed", after_gets=1)
    world.place()
    told = world.said(world.maya, wording.FAILED)
    with closing(sqlite3.connect(world.database, timeout=10)) as db:
        db.execute("UPDATE orders SET status = 'accepted'")
        db.commit()
    answer = world.answer(world.maya, lambda: world.maya.click(told, "order_anew"))
    assert answer.text == wording.wrong_state(1, OrderStatus.ACCEPTED, Wish.REPEAT)


@pytest.mark.parametrize("status", ["CANCELLED", "DELETED"])
def test_an_order_that_tango_cancels_is_failed_too(world: World, status: str):
    _pend(world, status=status)
    told = world.said(world.maya, wording.FAILED)
    assert status in told.words
    assert _order(world)["status"] == "failed"
