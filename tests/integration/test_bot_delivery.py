"""Rewards that the bot gives itself: to whom, with what on the screen, and what nobody else ever sees."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.order import OrderStatus
from bot.domain.progress import Progress
from bot.errors import TangoUnavailable
from bot.sandbox.slack import Person, ShownMessage, ShownView, people
from bot.sandbox.tango.items import Brand, Item
from handlers.ids import Block
from handlers.views.messages import trouble_text
from tests.kit import wording
from tests.kit.bot import CARD, World
from tests.kit.payloads import FORGED_IDS, a_click

#: A reward with a credential of every type.
EVERYTHING: Final = "U900001"
PROMO: Final = "U561610"
PHYSICAL: Final = "U561601"

_ITEM: Final = Item(
    EVERYTHING,
    "Everything card",
    "USD",
    low=Decimal(1),
    high=Decimal(500),
    credentials=("redemptionUrl", "claimCode", "cardNumber", "PIN", "barcode", "expirationDate"),
    instructions=(
        "<p>Caf&eacute; &amp; bar: <a href='https://shop.example/redeem?a=1&b=2'>redeem it</a> &lt;!channel&gt;"
        "<script>alert('paid')</script><ul><li>once</li></ul></p>"
    ),
)


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    with World(tmp_path, where=database) as world:
        world.tango.catalog.add(Brand("B900001", "Everything", "All of it.", (_ITEM,)))
        world.bot._catalog.refresh()
        yield world


@pytest.fixture
def rob(world: World) -> Person:
    return world.slack.person("rob")


def _give(world: World, **values: Any) -> int:
    return world.place(**({"delivery": "message"} | values))


def _gift(who: Person) -> ShownMessage:
    """The one direct message with a reward."""
    (found,) = (message for message in who.dms() if "reward_show" in message.action_ids)
    return found


def _shown(world: World, who: Person, on: ShownMessage, words: str) -> ShownView:
    """Press Show my reward; the modal, once it has these words."""
    assert who.click(on, "reward_show").modal is not None

    def look() -> ShownView | None:
        modal = who.modal
        return modal if modal is not None and words in modal.words else None

    return world.until(look)


def _secrets(world: World) -> set[str]:
    """What of the placed rewards must be seen by their recipients alone."""
    found = {secret for order in world.tango.orders for secret in (order.code, order.link)}
    return {secret for secret in found if secret}


def _seen_by(world: World, who: Person) -> str:
    messages = [m for channel in (people.APPROVALS, people.GENERAL) if channel for m in _messages(world, who, channel)]
    return str([message.data for message in [*who.dms(), *messages]])


def _messages(world: World, who: Person, channel: str) -> list[ShownMessage]:
    room = world.slack.workspace.channels[channel]
    return who.messages(channel) if who.id in room.members else []


# ------------------------------------------------------------------------------------------ given


def test_a_reward_is_given_by_direct_message_to_its_recipient_alone(
    world: World, rob: Person, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    request_id = _give(world, message="Thank you & see <you>")
    (order,) = world.tango.orders
    assert not order.send_email
    assert world.tango.emails == []

    gift = _gift(rob)
    assert rob.dms() == [gift] or len(rob.dms()) == 1, "nothing else, and no word of an e-mail"
    assert gift.text == f"🎉 <@{people.MAYA}> {wording.GIVEN} $25.00 Marlow &amp; Finch gift card!"
    assert order.code not in gift.text, "notifications are shown on locked screens"
    assert f"*Claim Code*\n`{order.code}`" in gift.words
    assert "Thank you & see <you>" in gift.words, "what Maya wrote goes with it: Tango sends nothing"
    assert "Enter the code at checkout." in gift.words
    assert "<p>" not in gift.words

    assert f"{wording.ORDER_DELIVERED} Rob Hale" in world.card(request_id).words
    assert world.receipt(request_id).text.startswith(wording.DELIVERED)
    assert len(world.maya.dms()) == 1
    stored = world.one("SELECT status, delivered_at, last_sent_at FROM orders")
    assert (stored["status"], stored["last_sent_at"]) == ("accepted", None)
    assert stored["delivered_at"] is not None

    world.stop()
    kept = b"".join(path.read_bytes() for path in world.folder.iterdir() if path.is_file())
    for secret in _secrets(world):
        assert secret.encode() not in kept, "never stored"
        assert secret not in caplog.text, "never logged"
        for who in (world.maya, world.alex, world.sam, world.ada):
            assert secret not in _seen_by(world, who)


def test_each_kind_of_credential_is_shown_as_what_it_is(world: World, rob: Person):
    _give(world, reward=EVERYTHING)
    (order,) = world.tango.orders
    gift = _gift(rob)

    link = gift.find("reward_link").element
    assert link["url"] == order.link
    assert link["text"]["text"] == "Redemption Link"
    assert f"`{order.code}`" in gift.words
    digits = order.code.replace("-", "")
    assert f"*Card Number*\n`{digits}`" in gift.words
    assert f"*PIN*\n`{digits[-4:]}`" in gift.words
    (picture,) = (block for block in gift.blocks if block["type"] == "image")
    assert picture["image_url"] == f"https://images.example/barcodes/{digits}.png"
    assert digits not in picture["alt_text"]

    assert "Café &amp; bar: <https://shop.example/redeem?a=1&amp;b=2|redeem it> &lt;!channel&gt;\n• once" in gift.words
    assert "alert" not in gift.words
    rob.click(gift, "reward_link")  # Slack tells the app; nothing comes of it
    modal = _shown(world, rob, gift, order.code)
    assert "• once" in modal.words
    rob.click(modal, "reward_link")
    assert rob.ephemerals() == []


def test_a_promo_link_says_until_when_in_the_readers_zone(world: World, rob: Person):
    form = world.form()
    world.maya.select(form, "request_reward", PROMO)
    form = world.until(lambda: found if (found := world.maya.modal) and "expires_on" in found.entered else None)
    expires = (world.clock.now().date()).replace(year=world.clock.now().year + 1, day=1)
    values = {"recipients": ["rob"], "amount": "25", "delivery": "message", "expires_on": expires.isoformat()}
    outcome = world.maya.submit(form, values)
    assert outcome.closed, outcome.errors
    world.until(lambda: world.is_posted("approval_card", 1))
    world.alex.click(world.card(1), "approve")
    world.settle()

    (order,) = world.tango.orders
    assert order.expiration_date is not None
    assert f"<!date^{int(order.expiration_date.timestamp())}^" in _gift(rob).words


def test_tango_is_given_no_address_that_it_could_remind_of_a_promo_link(world: World, rob: Person):
    _give(world, reward=PROMO)

    (order,), (arrival,) = world.tango.orders, world.tango.arrivals
    assert json.loads(arrival.body)["recipient"] == {"firstName": "Rob", "lastName": "Hale"}
    assert order.code or order.link
    assert _gift(rob).words


def test_a_reward_whose_picture_slack_cannot_load_is_given_with_a_link(world: World, rob: Person):
    world.slack.faults.set("refused", block="image")
    _give(world, reward=EVERYTHING)
    gift = _gift(rob)
    assert not any(block["type"] == "image" for block in gift.blocks)
    assert "<https://images.example/barcodes/" in gift.words
    assert world.one("SELECT delivered_at FROM orders")["delivered_at"] is not None


def test_each_of_several_recipients_gets_their_own(world: World):
    request_id = _give(world, recipients=["rob", "kim", "li"])
    codes = {order.recipient["firstName"]: order.code for order in world.tango.orders}
    for handle, name in (("rob", "Rob"), ("kim", "Kim"), ("li", "Li")):
        words = _gift(world.slack.person(handle)).words
        assert [code in words for code in codes.values()] == [key == name for key in codes]
    (receipt,) = world.maya.dms()
    assert receipt.text.startswith(wording.DELIVERED)
    assert "$25.00 Marlow &amp; Finch gift card each for Rob Hale, Kim Park, Li Wei" in receipt.text
    delivered = wording.standing(Progress(counts={OrderStatus.ACCEPTED: 3}, delivered=3))
    assert delivered in world.card(request_id).words


def test_somebody_without_an_address_can_be_given_a_reward_by_message(world: World):
    world.slack.change_user("rob", email=None)
    _give(world)
    assert world.one("SELECT delivered_at FROM orders")["delivered_at"] is not None


def test_a_physical_reward_is_announced_and_not_shown(world: World, rob: Person):
    form = world.form()
    world.maya.select(form, "request_reward", PHYSICAL)
    form = world.until(lambda: found if (found := world.maya.modal) and "city" in found.entered else None)
    assert world.maya.options(form, "request_country", "US")
    values = {
        "recipients": ["rob"],
        "amount": "25",
        "street_line1": "1 Main St",
        "city": "Springfield",
        "state_or_province": "IL",
        "postal_code": "62701",
        "country": "US",
        "printed_template": "P000001",
    }
    outcome = world.maya.submit(form, values)
    assert outcome.closed, outcome.errors
    world.until(lambda: world.is_posted("approval_card", 1))
    world.alex.click(world.card(1), "approve")
    world.settle()
    (told,) = rob.dms()
    assert wording.POSTED in told.text
    assert "Main St" not in str(told.data)
    (order,) = world.tango.orders
    assert order.recipient["address"]["city"] == "Springfield", "Tango was told where to post it"
    refused = _forged(world, people.ROB, "reward_show", world.reference("orders", 1))
    assert refused.text == wording.STALE


# ------------------------------------------------------------------------------------------ shown


def test_show_my_reward_fetches_it_again_for_the_recipient(world: World, rob: Person):
    _give(world)
    (order,) = world.tango.orders
    asked = len(world.tango.requests)
    modal = _shown(world, rob, _gift(rob), order.code)
    assert f"`{order.code}`" in modal.words
    assert [r.path for r in world.tango.requests[asked:]] == [f"/orders/{order.reference_order_id}"]
    assert world.rows("SELECT actor FROM audit WHERE event = 'order.reward_shown'") == [{"actor": people.ROB}]
    assert len(rob.dms()) == 1, "it is on the screen and in no history"


def _forged(world: World, user_id: str, action: str, value: str) -> ShownMessage:
    """What a person is told in answer to a button that was never theirs."""
    who = world.slack.person(user_id)
    click = a_click(world.slack, user_id, action, value, channel=who.dm_channel)
    return world.answer(who, lambda: world.slack.deliver("interactive", click))


def test_nobody_else_is_shown_it_neither_requester_nor_admin(world: World):
    _give(world)
    asked = len(world.tango.requests)
    for nosy in (people.MAYA, people.ALEX, people.ADA, people.KIM):
        told = _forged(world, nosy, "reward_show", world.reference("orders", 1))
        assert told.text == wording.STALE
        assert world.slack.person(nosy).modal is None
    assert len(world.tango.requests) == asked, "Tango was not even asked"


@pytest.mark.parametrize("action", ["reward_show", "reward_deliver", "order_ask", "order_anew"])
@pytest.mark.parametrize("value", FORGED_IDS)
def test_made_up_ids_find_nothing(calm: World, action: str, value: str):
    who = people.ADA
    told = _forged(calm, who, action, value)
    assert wording.STALE in told.text


def test_what_tango_mails_is_not_shown(world: World):
    world.place(delivery="email")
    assert _forged(world, people.ROB, "reward_show", world.reference("orders", 1)).text == wording.STALE


def test_a_reward_that_cannot_be_fetched_says_so_and_can_be_asked_for_again(world: World, rob: Person):
    _give(world)
    (order,) = world.tango.orders
    for fault, words in (
        ("unavailable_before", trouble_text(TangoUnavailable(reason="timeout"))),
        ("forbidden", "403"),
    ):
        world.tango.faults.set(fault, endpoint="get")
        assert order.code not in _shown(world, rob, _gift(rob), words).words
        world.tango.faults.clear()
        rob.close()
    _shown(world, rob, _gift(rob), order.code)


# --------------------------------------------------------------------------- Tango down, Slack down


def test_a_tango_that_does_not_answer_delays_rewards_and_nothing_else(world: World, rob: Person):
    world.tango.faults.set("unavailable_before", endpoint="get")
    world.approve(delivery="message")
    world.until(lambda: wording.SENT in world.receipt(1).words)
    world.ask(amount="30")
    told = world.said(world.ada, wording.DELAYED)
    assert "R-1" in told.text
    assert rob.dms() == []
    assert len([message for message in world.ada.dms() if wording.DELAYED in message.text]) == 1
    world.tango.faults.clear()
    world.said(rob, wording.GIVEN)
    world.said(world.maya, wording.DELIVERED)


def test_waits_for_tango_grow(world: World):
    world.tango.faults.set("unavailable_before", endpoint="get", times=6)
    _give(world)
    at = [request.wall for request in world.tango.requests if request.path.startswith("/orders/")]
    gaps = [(after - before).total_seconds() for before, after in pairwise(at)]
    assert len(gaps) == 6
    assert gaps[5] > 4 * gaps[0], f"less and less often: {gaps}"


@pytest.mark.parametrize("fault", ["outage", "rate_limited"])
def test_a_slack_that_is_down_delays_a_reward_and_loses_none(world: World, rob: Person, fault: str):
    request_id = world.ask(delivery="message")
    world.slack.faults.set(fault, method="chat.postMessage")
    world.alex.click(world.card(request_id), "approve")
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'reward_delivery' AND attempts > 2"))
    assert rob.dms() == []
    assert world.one("SELECT delivered_at FROM orders")["delivered_at"] is None
    world.slack.faults.clear()
    world.settle()
    _gift(rob)
    assert world.one("SELECT count(*) AS n FROM audit WHERE event = 'order.delivered'") == {"n": 1}


def test_a_reward_that_is_still_owed_is_given_after_a_restart(world: World, rob: Person):
    world.tango.faults.set("unavailable_before", endpoint="get")
    world.approve(delivery="message")
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'reward_delivery' AND attempts > 1"))
    world.stop()
    world.tango.faults.clear()
    world.start()
    world.settle()
    _gift(rob)


def test_card_receipt_and_list_say_that_a_reward_could_not_be_delivered(world: World, rob: Person):
    request_id = world.ask(delivery="message")
    world.slack.change_user("rob", deleted=True)
    world.alex.click(world.card(request_id), "approve")
    world.until(lambda: wording.ORDER_UNDELIVERED in world.receipt(request_id).words)
    world.until(lambda: wording.ORDER_UNDELIVERED in world.card(request_id).words)
    for shown in (world.receipt(request_id), world.card(request_id)):
        assert wording.SENT not in shown.words
        assert wording.ORDER_PLACED not in shown.words
    for typed in ("", str(request_id)):
        listed = world.maya.command("/orders", typed).ephemeral
        assert listed is not None
        assert wording.ORDER_UNDELIVERED in listed.words

    world.slack.change_user("rob", deleted=False)
    world.maya.click(world.receipt(request_id), "reward_deliver")
    world.settle()
    _gift(rob)
    assert wording.DELIVERED in world.receipt(request_id).text
    assert wording.ORDER_DELIVERED in world.card(request_id).words
    assert "reward_deliver" not in world.receipt(request_id).action_ids


def test_a_recipient_who_has_left_is_told_of_and_can_be_given_it_later(world: World, rob: Person):
    request_id = world.ask(delivery="message")
    world.slack.change_user("rob", deleted=True)
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    told = world.said(world.maya, wording.NOT_DELIVERED)
    world.said(world.ada, wording.NOT_DELIVERED)
    assert not any(message.text.startswith(wording.DELIVERED) for message in world.maya.dms())
    assert world.one("SELECT delivered_at FROM orders")["delivered_at"] is None

    world.slack.change_user("rob", deleted=False)
    answer = world.answer(world.maya, lambda: world.maya.click(told, "reward_deliver"))
    assert wording.delivering(1) in answer.text
    world.settle()
    _gift(rob)
    world.said(world.maya, wording.DELIVERED)


def test_only_who_asked_for_it_and_admins_have_it_delivered_again(world: World, rob: Person):
    _give(world)
    world.clock.advance(31)
    for nosy in (people.ROB, people.ALEX, people.KIM):
        assert _forged(world, nosy, "reward_deliver", world.reference("orders", 1)).text == wording.STALE
    assert wording.delivering(1) in _forged(world, people.ADA, "reward_deliver", world.reference("orders", 1)).text
    world.settle()
    assert len([message for message in rob.dms() if "reward_show" in message.action_ids]) == 2
    told = [message for message in world.maya.dms() if message.text.startswith(wording.DELIVERED)]
    assert len(told) == 1, "the requester heard it the first time"


def test_who_asked_for_it_hears_once_of_each_delivery(world: World, rob: Person):
    form = world.form()
    world.maya.select(form, "request_delivery", "message")
    form = world.until(lambda: now if (now := world.maya.modal) and Block.TELL_DELIVERED in now.entered else None)
    values = {"recipients": ["rob", "kim"], "reward": CARD, "amount": "25", "tell_delivered": ["yes"]}
    assert world.maya.submit(form, values).closed
    world.until(lambda: world.is_posted("approval_card", 1))
    world.alex.click(world.card(1), "approve")

    def news() -> list[str]:
        return sorted(message.text for message in world.maya.dms() if wording.TOLD_OF_DELIVERY in message.text)

    told = world.until(lambda: found if len(found := news()) == 2 else None)
    assert sorted(text.rpartition(" ")[2] for text in told) == ["(1.1)", "(1.2)"]
    world.settle()
    world.clock.advance(31)
    _forged(world, people.ADA, "reward_deliver", world.reference("orders", 1))
    world.settle()
    assert len([message for message in rob.dms() if "reward_show" in message.action_ids]) == 2
    assert news() == told


def test_a_reward_that_tango_has_taken_back_is_not_given_and_the_requester_hears_it(world: World, rob: Person):
    world.tango.faults.set("unavailable_before", endpoint="get", times=2)
    request_id = world.approve(delivery="message")
    (order,) = world.until(lambda: world.tango.orders)
    with world.tango._ledger.lock:
        world.tango._ledger._keep(replace(order, status="CANCELLED"))
    world.settle()
    assert rob.dms() == []
    failed = world.said(world.maya, wording.FAILED)
    assert "CANCELLED" in failed.words
    assert wording.ORDER_FAILED in world.card(request_id).words
    assert world.one("SELECT status, tango_status FROM orders") == {"status": "failed", "tango_status": "CANCELLED"}


def test_a_mailed_reward_is_still_announced_as_one(world: World, rob: Person):
    world.place(reward=CARD)
    (told,) = rob.dms()
    assert wording.ON_ITS_WAY in told.text
    assert len(world.tango.emails) == 1
