"""Canceling an order that waits: by its requester or an admin, as long as Tango surely doesn't have it."""

from typing import Final

import pytest

from bot.domain.order import OrderStatus
from bot.domain.progress import Progress
from bot.errors import Wish, WrongState
from bot.sandbox.slack import Person, ShownMessage, people
from handlers.ids import Action
from handlers.views.messages import refusal_text
from tests.kit import wording
from tests.kit.bot import World
from tests.kit.payloads import a_click

#: What card and receipt say of an order that was canceled.
_CANCELED: Final = wording.standing(Progress(counts={OrderStatus.CANCELED: 1}))

#: Definite answers: the order was looked at and surely not made, or not looked at at all.
_DEFINITE = ["insufficient_funds", "forbidden", "frozen", "unauthorized"]


def _detail(world: World, who: Person) -> ShownMessage:
    told = who.command("/orders", "1", channel="general").ephemeral
    assert told is not None
    return told


def _status(world: World) -> str:
    return str(world.one("SELECT status FROM orders")["status"])


def _tried_once(world: World, fault: str) -> int:
    """Have an order approved that Tango refuses with the whole queue; its request's id, once it waits again."""
    world.tango.faults.set(fault)
    request_id = world.place_in_halt()
    world.until(lambda: Action.RECEIPT_CANCEL in world.receipt(request_id).action_ids)
    world.until_none_is_tried()
    return request_id


@pytest.mark.parametrize("fault", _DEFINITE)
def test_a_requester_cancels_by_the_receipt_what_was_surely_refused(world: World, fault: str):
    request_id = _tried_once(world, fault)
    world.maya.click(world.receipt(request_id), Action.RECEIPT_CANCEL)
    assert _status(world) == "canceled"
    world.tango.faults.clear()
    world.clock.advance(60 * 86_400)  # the funds come two months later
    world.settle(step=60)
    assert world.tango.orders == []
    assert _CANCELED in world.card(request_id).words
    assert _CANCELED in world.receipt(request_id).words
    assert Action.RECEIPT_CANCEL not in world.receipt(request_id).action_ids
    assert not any(wording.canceled(1, people.MAYA) in told.text for told in world.maya.dms()), "they did it themselves"
    assert world.one("SELECT actor FROM audit WHERE event = 'order.canceled'")["actor"] == people.MAYA


def test_a_requester_cancels_by_the_orders_detail(world: World):
    _tried_once(world, "insufficient_funds")
    detail = _detail(world, world.maya)
    world.maya.click(detail, Action.ORDER_CANCEL, confirm=False)
    assert _status(world) == "queued"
    world.maya.click(detail, Action.ORDER_CANCEL)
    assert _status(world) == "canceled"
    now = world.until(lambda: now if Action.ORDER_ANEW in (now := world.maya.now(detail)).action_ids else None)
    assert Action.ORDER_CANCEL not in now.action_ids


def test_a_requester_hears_that_an_admin_canceled_their_order(world: World):
    request_id = _tried_once(world, "insufficient_funds")
    world.ada.click(_detail(world, world.ada), Action.ORDER_CANCEL)
    told = world.said(world.maya, wording.canceled(1, people.ADA))
    assert Action.ORDER_ANEW in told.action_ids
    world.until(lambda: _CANCELED in world.receipt(request_id).words and _CANCELED in world.card(request_id).words)
    assert world.slack.person("rob").dms() == []


def test_what_tango_may_have_is_canceled_by_nobody(world: World):
    world.tango.faults.set("unavailable_after")
    request_id = world.ask()
    detail = []
    world.alex.click(world.card(request_id), "approve")
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND outcome_unknown = 1"), step=0)
    world.until(lambda: Action.RECEIPT_CANCEL not in world.receipt(request_id).action_ids)
    for who in (world.maya, world.ada):
        detail.append(_detail(world, who))
        assert Action.ORDER_CANCEL not in detail[-1].action_ids
    refused = world.answer(world.maya, lambda: _forge(world, world.maya))
    status = OrderStatus(_status(world))
    assert refused.text == refusal_text(WrongState(number="1", status=status, move=Wish.CANCEL))
    world.tango.faults.clear()
    world.settle(step=60)
    assert _status(world) == "accepted"


def test_an_order_under_way_is_canceled_by_nobody(world: World):
    world.tango.faults.set("slow", seconds=1, times=1)
    world.approve()
    world.until(lambda: _status(world) == "submitting", step=0)
    refused = world.answer(world.maya, lambda: _forge(world, world.maya))
    assert refused.text == refusal_text(WrongState(number="1", status=OrderStatus.SUBMITTING, move=Wish.CANCEL))
    world.settle()
    assert _status(world) == "accepted"


def _forge(world: World, who: Person) -> None:
    """Click the button that stood on the receipt before."""
    reference = world.reference("orders", 1)
    click = a_click(world.slack, who.id, Action.RECEIPT_CANCEL, reference, channel=who.dm_channel)
    world.slack.deliver("interactive", click)
