"""What has changed since: on the card, at the click, and before an order that has waited for long is sent."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import pytest

from bot.domain.review import ObstacleCode
from bot.errors import ChangedSince
from bot.sandbox.slack import people
from handlers.ids import Action
from handlers.views.messages import refusal_text
from handlers.views.review import obstacles_text
from tests.kit import wording
from tests.kit.bot import CARD, World

HOUR: Final = timedelta(hours=1).total_seconds()
DAY: Final = 24 * HOUR
PROMO: Final = "U561610"
REWARD: Final = "Marlow & Finch gift card"

#: What becomes of Rob, and what is said of it.
OF_ROB: Final[dict[str, tuple[dict[str, Any], ObstacleCode]]] = {
    "left": ({"deleted": True}, ObstacleCode.LEFT),
    "a guest": ({"is_restricted": True}, ObstacleCode.GUEST),
    "a guest of one channel": ({"is_ultra_restricted": True}, ObstacleCode.GUEST),
    "of another company": ({"team_id": people.OTHER_TEAM_ID}, ObstacleCode.OUTSIDER),
    "another address": ({"email": "rob@elsewhere.example"}, ObstacleCode.ADDRESS),
    "no address": ({"email": None}, ObstacleCode.ADDRESS),
}


def _look_over(world: World) -> None:
    """Let an hour pass, and the bot look, as it does every hour."""
    world.clock.advance(HOUR)
    world.tick("review")
    world.settle()


def _refusal(*obstacles: tuple[str, str]) -> str:
    return refusal_text(ChangedSince(obstacles))


def _approve(world: World, request_id: int) -> str:
    """Click Approve; what is answered."""
    return world.answer(world.alex, lambda: world.alex.click(world.card(request_id), "approve")).text


def _is_untouched(world: World) -> bool:
    pending = world.one("SELECT status FROM requests")["status"] == "pending_approval"
    return pending and not world.rows("SELECT 1 FROM orders") and not world.tango.arrivals


# ------------------------------------------------------------------------------- while it is pending


@pytest.mark.parametrize(("change", "code"), OF_ROB.values(), ids=OF_ROB)
def test_who_has_changed_is_named_on_the_card_and_is_not_paid(world: World, change: dict[str, Any], code: ObstacleCode):
    request_id = world.ask()
    world.slack.change_user("rob", **change)
    _look_over(world)
    said = obstacles_text([(code, "Rob Hale")])
    assert said in world.card(request_id).words
    assert said in world.receipt(request_id).words
    assert "elsewhere.example" not in world.card(request_id).words
    assert _approve(world, request_id) == _refusal((code, "Rob Hale"))
    assert _is_untouched(world)


def test_the_requester_hears_of_it_once_and_asks_again_with_one_button(world: World):
    request_id = world.ask()
    world.slack.change_user("rob", email="rob@elsewhere.example")
    _look_over(world)
    _look_over(world)
    told = world.said(world.maya, wording.CHANGED)
    assert len([message for message in world.maya.dms() if wording.CHANGED in message.text]) == 1
    form = world.maya.click(told, Action.REQUEST_AGAIN).modal
    assert form is not None
    assert world.maya.submit(form).closed
    world.until(lambda: world.is_posted("approval_card", request_id + 1))
    world.alex.click(world.card(request_id + 1), "approve")
    world.settle()
    (order,) = world.tango.orders
    assert order.recipient["email"] == "rob@elsewhere.example"


def test_an_address_in_other_letters_is_the_same(world: World):
    request_id = world.ask()
    world.slack.change_user("rob", email="Rob@ACME.example")
    _look_over(world)
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    assert len(world.tango.orders) == 1


def test_another_address_is_no_matter_where_kudos_gives_the_reward(world: World):
    request_id = world.ask(delivery="message")
    world.slack.change_user("rob", email="rob@elsewhere.example")
    _look_over(world)
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    assert len(world.tango.orders) == 1


def test_a_requester_who_has_left_pays_nobody(world: World):
    request_id = world.ask()
    world.slack.change_user("maya", deleted=True)
    world.clock.advance(HOUR)
    world.tick("review")
    said = obstacles_text([(ObstacleCode.LEFT, "Maya Lindqvist")])
    world.until(lambda: said in world.card(request_id).words)
    assert _approve(world, request_id) == _refusal((ObstacleCode.LEFT, "Maya Lindqvist"))
    assert _is_untouched(world)


def test_what_is_put_right_again_can_be_approved(world: World):
    request_id = world.ask()
    world.slack.change_user("rob", deleted=True)
    _look_over(world)
    world.slack.change_user("rob", deleted=False)
    _look_over(world)
    assert obstacles_text([(ObstacleCode.LEFT, "Rob Hale")]) not in world.card(request_id).words
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    assert len(world.tango.orders) == 1


def test_what_was_found_holds_over_a_restart_while_slack_tells_nothing(world: World):
    request_id = world.ask()
    world.slack.change_user("rob", deleted=True)
    _look_over(world)
    world.stop()
    world.start()  # who decides is confirmed, and then Slack tells nothing of the recipient
    world.slack.faults.set("outage", method="users.info")
    world.tick("review")
    assert _approve(world, request_id) == _refusal((ObstacleCode.LEFT, "Rob Hale"))
    assert _is_untouched(world)


def test_the_click_asks_slack_nothing(world: World):
    request_id = world.ask()
    world.clock.advance(DAY)
    world.slack.faults.set("outage", method="users.info")
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    assert len(world.tango.orders) == 1


def _take_out(world: World) -> None:
    world.tango.catalog.remove(CARD)


def _raise_minimum(world: World) -> None:
    _change_item(world, low=Decimal(30))


def _change_currency(world: World) -> None:
    _change_item(world, currency="EUR")


def _change_item(world: World, **facts: Any) -> None:
    for brand in world.tango.catalog.brands:
        if any(item.utid == CARD for item in brand.items):
            items = tuple(replace(item, **facts) if item.utid == CARD else item for item in brand.items)
            world.tango.catalog.add(replace(brand, items=items))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_take_out, ObstacleCode.REWARD_GONE),
        (_raise_minimum, ObstacleCode.REWARD_AMOUNT),
        (_change_currency, ObstacleCode.REWARD_AMOUNT),
    ],
    ids=["gone", "other limits", "another currency"],
)
def test_a_reward_that_has_changed_is_refused_at_the_click_and_said_on_the_card(
    world: World, change: Callable[[World], None], code: ObstacleCode
):
    request_id = world.ask()
    change(world)
    world.bot._catalog.refresh()
    assert _approve(world, request_id) == _refusal((code, REWARD))
    world.until(lambda: obstacles_text([(code, REWARD)]) in world.card(request_id).words)
    assert _is_untouched(world)


def test_a_promo_link_whose_date_has_come_too_near_is_refused_at_the_click(world: World):
    form = world.form()
    world.maya.select(form, "request_reward", PROMO)
    form = world.until(lambda: found if (found := world.maya.modal) and "expires_on" in found.entered else None)
    last_day = world.clock.now().date() + timedelta(days=10)
    outcome = world.maya.submit(form, {"recipients": ["rob"], "amount": "25", "expires_on": last_day.isoformat()})
    assert outcome.closed, outcome.errors
    world.until(lambda: world.is_posted("approval_card", 1))
    world.clock.advance(10 * DAY)
    name = world.one("SELECT reward_name FROM requests")["reward_name"]
    assert _approve(world, 1) == _refusal((ObstacleCode.DATE, name))
    assert _is_untouched(world)


# ----------------------------------------------------------------------- before a late order is sent


def _place_late(world: World, change: Callable[[], None], **values: Any) -> None:
    """Have a request approved while Tango takes no orders, `change` something, and let Tango go on an hour later."""
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt(**values)
    change()
    world.clock.advance(HOUR)
    world.tango.faults.clear()


@pytest.mark.parametrize(("change", "code"), OF_ROB.values(), ids=OF_ROB)
def test_a_late_order_for_who_has_changed_is_set_aside_and_not_sent(
    world: World, change: dict[str, Any], code: ObstacleCode
):
    _place_late(world, lambda: world.slack.change_user("rob", **change))
    world.settle()
    assert world.tango.orders == []
    row = world.one("SELECT status, problem, problem_detail FROM orders")
    assert row == {"status": "needs_attention", "problem": "changed", "problem_detail": code}
    said = obstacles_text([(code, "Rob Hale")])
    for who, words in ((world.maya, wording.HELD_UP), (world.ada, wording.NEEDS_A_PERSON)):
        assert said in world.said(who, words).words


def test_a_late_order_is_sent_where_nothing_has_changed(world: World):
    _place_late(world, lambda: None)
    world.settle()
    assert len(world.tango.orders) == 1
    assert world.one("SELECT status FROM orders")["status"] == "accepted"
    assert world.one("SELECT count(*) AS n FROM orders WHERE reviewed_at IS NOT NULL") == {"n": 1}


def test_late_orders_keep_their_places(world: World):
    _place_late(world, lambda: None, recipients=["rob", "kim", "li"])
    world.settle()
    emails = [order.recipient["email"] for order in world.tango.orders]
    assert [email.partition("@")[0] for email in emails] == ["rob", "kim", "li"]


def test_a_late_order_of_a_reward_that_is_gone_is_set_aside(world: World):
    def take_out() -> None:
        _take_out(world)
        world.bot._catalog.refresh()

    _place_late(world, take_out)
    world.settle()
    assert world.tango.orders == []
    assert world.one("SELECT problem_detail FROM orders")["problem_detail"] == "reward_gone"


def test_a_late_order_waits_for_slack_and_is_then_sent(world: World):
    _place_late(world, lambda: world.slack.faults.set("outage", method="users.info"))
    since = world.clock.now()
    world.until(lambda: world.clock.now() - since > timedelta(minutes=5), step=10)
    assert world.tango.orders == []
    assert world.one("SELECT status FROM orders")["status"] == "queued"
    world.slack.faults.clear()
    world.settle()
    assert len(world.tango.orders) == 1


def test_an_order_that_tango_may_have_is_sent_again_whoever_has_left(world: World):
    request_id = world.ask()
    world.tango.faults.set("unavailable_after", times=1)
    world.tango.faults.set("unavailable_before")
    world.alex.click(world.card(request_id), "approve")
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE outcome_unknown = 1"))
    world.slack.change_user("rob", deleted=True)
    world.clock.advance(2 * HOUR)
    world.tango.faults.clear()
    world.settle()
    assert world.one("SELECT status FROM orders")["status"] == "accepted"
    assert len(world.tango.orders) == 1


def test_an_admin_closes_what_was_set_aside_and_it_is_asked_for_again(world: World):
    _place_late(world, lambda: world.slack.change_user("rob", email="rob@elsewhere.example"))
    world.settle()
    detail = world.answer(world.ada, lambda: world.ada.command("/orders", "1"))
    world.ada.click(detail, Action.ORDER_CLOSE)
    assert world.one("SELECT status FROM orders")["status"] == "failed"
    mine = world.answer(world.maya, lambda: world.maya.command("/orders", "1"))
    assert Action.ORDER_ANEW in mine.action_ids


def test_an_admin_retries_it_in_vain_until_it_is_put_right(world: World):
    _place_late(world, lambda: world.slack.change_user("rob", deleted=True))
    world.settle()
    for gone in (True, False):
        world.slack.change_user("rob", deleted=gone)
        detail = world.answer(world.ada, lambda: world.ada.command("/orders", "1"))
        world.clock.advance(HOUR)
        world.ada.click(detail, Action.ORDER_RETRY)
        world.settle()
        assert len(world.tango.orders) == (not gone)
