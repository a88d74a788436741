"""The main job through the bot's own doors: a request, a decision, an order, and what everybody sees of it."""

import json
import logging
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from bot.domain.catalog import RewardGroup
from bot.domain.order import OrderStatus
from bot.domain.progress import Progress
from bot.domain.request import RequestStatus
from bot.faults import FaultCode
from bot.sandbox.slack import NotPossible, ShownMessage, ShownView, elements, people
from handlers.views.decisions import reason_text
from handlers.views.form_notes import review_text
from tests.kit import wording
from tests.kit.bot import CARD, FIXED, World

#: The fields that `/kudos` can fill in.
_TYPED: Final = ("recipients", "amount", "message")
_BUTTONS: Final = {"approve", "decline", "withdraw"}

#: A gift card of 5 to 500 euros.
EUROS: Final = "U700401"


@pytest.fixture(params=["http", "socket"])
def either(request: pytest.FixtureRequest, tmp_path: Path, database: Path | str) -> Iterator[World]:
    """The bot behind each of its two doors."""
    with World(tmp_path, where=database, mode=request.param) as world:
        yield world


def _acts(message: ShownMessage) -> set[str]:
    return _BUTTONS.intersection(message.action_ids)


# ------------------------------------------------------------------------------------------ the form


def test_text_after_the_command_fills_in_the_form(either: World):
    world = either
    form = world.form(text="@rob @kim $25.50 great launch & <more>")
    assert form.entered["recipients"]["request_recipients"] == [people.ROB, people.KIM]
    assert form.entered["amount"]["request_amount"] == "$25.50"
    assert form.entered["message"]["request_message"] == "great launch & <more>"


def test_the_form_opens_empty_without_text(world: World):
    form = world.form()
    assert form.title == wording.FORM_TITLE
    assert not any(form.entered[block] == {} or any(form.entered[block].values()) for block in _TYPED)
    assert review_text([people.ALEX, people.SAM]) in form.words


def test_the_form_names_no_reviewer_who_asks_or_gets_the_reward(world: World):
    form = world.form(world.alex, "@sam 25")
    assert review_text([]) in form.words


def test_the_cursor_is_in_the_first_field_that_is_empty(world: World):
    def focused(form: ShownView) -> list[str]:
        return [one.block_id for one in elements.placed(form.blocks) if one.element.get("focus_on_load")]

    assert focused(world.form()) == ["recipients"]
    form = world.form(text="@rob 25 well done")
    assert focused(form) == ["reward"]
    world.maya.select(form, "request_reward", CARD)
    world.until(lambda: world.maya.modal is not None and focused(world.maya.modal) == [])


def test_rewards_stand_in_groups_and_the_usual_currency_leads(world: World):
    def rewards(form: ShownView) -> dict[str, list[str]]:
        [select] = [one.element for one in elements.placed(form.blocks) if one.action_id == "request_reward"]
        return {group["label"]["text"]: [one["value"] for one in group["options"]] for group in select["option_groups"]}

    shown = rewards(world.form())
    catalog = {reward.utid: reward for reward in world.bot._catalog.current.rewards}
    assert {catalog[utid].group for utid in next(iter(shown.values()))} == {RewardGroup.GIFT_CARD}
    assert len(shown) == 3
    assert catalog[next(iter(shown.values()))[0]].currency == "USD"
    for _ in range(2):
        world.fill_in(reward=EUROS, amount="25")
    assert catalog[next(iter(rewards(world.form()).values()))[0]].currency == "EUR"


def test_rewards_are_typed_ahead_over_a_long_catalog(either: World):
    world = either
    world.tango.catalog.generate(300)
    world.bot._catalog.refresh()
    form = world.form()
    offered = world.maya.options(form, "request_reward", "alder books")
    assert offered
    assert all("Alder Books" in option["text"]["text"] for option in offered)
    assert world.maya.options(form, "request_reward", "no such brand") == []
    assert len(world.maya.options(form, "request_reward", "")) == 100, "Slack shows a hundred at the most"
    fixed = next(option for option in offered if " to " not in option["description"]["text"])
    world.maya.select(form, "request_reward", fixed["value"])
    form = world.until(lambda: found if (found := world.maya.modal) and "amount" not in found.entered else None)
    assert world.maya.submit(form, {"recipients": ["rob"]}).closed
    assert world.one("SELECT utid FROM requests")["utid"] == fixed["value"]


# ------------------------------------------------------------------------------------- what is decided


def test_a_request_is_approved_and_placed_once_as_it_was_approved(either: World):
    world = either
    request_id = world.ask(amount="$1,000", message="Thank you & see <you>")
    card, receipt = world.card(request_id), world.receipt(request_id)
    for words in ("Maya Lindqvist", "Rob Hale", "Marlow &amp; Finch gift card", "$1,000.00"):
        assert words in card.words
    assert "Thank you & see <you>" in card.words, "shown as typed, in plain text"
    assert _acts(card) == {"approve", "decline"}
    assert _acts(receipt) == {"withdraw"}
    assert wording.WAITS_FOR_APPROVER in receipt.words

    confirm = card.find("approve").element["confirm"]
    assert "$1,000.00" in confirm["text"]["text"]
    assert "Rob Hale" in confirm["text"]["text"]
    world.alex.click(card, "approve", confirm=False)
    assert world.one("SELECT status FROM requests")["status"] == "pending_approval", "he thought better of it"

    world.alex.click(card, "approve")
    world.settle()
    (order,) = world.tango.orders
    assert (order.utid, order.amount, order.currency_code) == (CARD, Decimal(1000), "USD")
    assert order.recipient["email"] == "rob@acme.example"
    assert (order.recipient["firstName"], order.recipient["lastName"]) == ("Rob", "Hale")
    assert f"{order.sender['firstName']} {order.sender['lastName']}".strip() == "Maya Lindqvist"
    assert order.message == "Thank you & see <you>"
    assert (order.account_identifier, order.customer_identifier) == (world.tango.account, world.tango.customer)
    assert order.send_email
    stored = world.one("SELECT * FROM orders")
    assert (stored["status"], stored["external_ref_id"]) == ("accepted", order.external_ref_id)
    assert stored["reference_order_id"] == order.reference_order_id
    (arrival,) = world.tango.arrivals
    assert arrival.body == stored["body"]

    card, receipt = world.card(request_id), world.receipt(request_id)
    assert _acts(card) == _acts(receipt) == set()
    assert card.edited
    for message in (card, receipt):
        assert f"<@{people.ALEX}>" in message.words
        assert "<!date^" in message.words
    assert f"{wording.decision(RequestStatus.APPROVED)} <@{people.ALEX}>* {wording.ORDER_PLACED} Rob Hale" in card.words
    assert wording.SENT in receipt.words
    assert "Rob Hale's $1,000.00 Marlow &amp; Finch gift card" in receipt.words
    assert [message.ts for message in world.maya.dms()] == [receipt.ts], "one living receipt, and no other message"
    world.said(world.slack.person("rob"), wording.ON_ITS_WAY)
    assert [mail.to for mail in world.tango.emails] == ["rob@acme.example"]


def test_a_recipient_hears_nothing_before_the_order_is_placed(world: World):
    request_id = world.ask()
    rob = world.slack.person("rob")
    assert rob.dms() == []
    world.tango.faults.set("insufficient_funds")
    world.alex.click(world.card(request_id), "approve")
    world.said(world.ada, wording.ON_HOLD)
    assert rob.dms() == []
    world.tango.faults.clear()
    world.settle()
    (told,) = rob.dms()
    assert wording.ON_ITS_WAY in told.text


def test_each_recipient_gets_an_order_of_their_own(world: World):
    request_id = world.ask(recipients=["rob", "kim", "li"], amount="10")
    for words in ("3", "$10.00 each", "$30.00", "Rob Hale"):
        assert words in world.card(request_id).words.splitlines()
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    placed = {order.recipient["email"]: order for order in world.tango.orders}
    assert set(placed) == {"rob@acme.example", "kim@acme.example", "li@acme.example"}
    assert len(world.tango.orders) == len({order.external_ref_id for order in world.tango.orders}) == 3
    assert all(order.amount == 10 for order in placed.values())
    assert wording.standing(Progress(counts={OrderStatus.ACCEPTED: 3})) in world.card(request_id).words
    assert wording.sent(people=3) in world.receipt(request_id).text
    for handle in ("rob", "kim", "li"):
        assert len(world.slack.person(handle).dms()) == 1


def test_a_fixed_reward_needs_no_amount(world: World):
    form = world.form()
    world.maya.select(form, "request_reward", FIXED)
    form = world.until(lambda: found if (found := world.maya.modal) and "amount" not in found.entered else None)
    assert world.maya.submit(form, {"recipients": ["rob"]}).closed
    world.until(lambda: world.is_posted("approval_card", 1))
    world.alex.click(world.card(1), "approve")
    world.settle()
    (order,) = world.tango.orders
    assert (order.utid, order.amount) == (FIXED, Decimal(25))


def test_a_decline_needs_a_reason_and_the_requester_gets_it(either: World):
    world = either
    request_id = world.ask()
    form = world.sam.click(world.card(request_id), "decline").modal
    assert form is not None
    assert wording.decline_form(request_id) in form.words.splitlines()
    assert f"<@{people.MAYA}>" in form.words
    assert "$25.00" in form.words
    blank = world.sam.submit(form, {"reason_choice": "other", "reason": "   "})
    assert blank.errors == {"reason": wording.fault("reason", FaultCode.REQUIRED)}
    done = world.sam.submit(form, {"reason_choice": "other", "reason": "Over budget <!channel> & twice"})
    assert done.closed
    world.settle()
    for message in (world.card(request_id), world.receipt(request_id)):
        assert f"{wording.decision(RequestStatus.DECLINED)} <@{people.SAM}>" in message.words
        assert _acts(message) == set()
    told = world.said(world.maya, wording.DECLINED)
    for message in (world.card(request_id), world.receipt(request_id), told):
        assert "Over budget <!channel> & twice" in message.words, "shown as typed, in plain text"
        assert "Over budget &lt;!channel&gt; &amp; twice" in message.text, "escaped where Slack would format it"
    assert world.tango.arrivals == []
    assert world.rows("SELECT * FROM orders") == []


def test_a_common_reason_is_picked_and_needs_no_words(world: World):
    request_id = world.ask()
    form = world.sam.click(world.card(request_id), "decline").modal
    assert form is not None
    assert world.sam.submit(form, {"reason_choice": "duplicate", "reason": "See R-0"}).closed
    world.settle()
    reason = reason_text("duplicate", "See R-0")
    assert world.one("SELECT reason FROM requests")["reason"] == reason
    for message in (world.card(request_id), world.receipt(request_id), world.said(world.maya, wording.DECLINED)):
        assert reason in message.words


def test_a_request_is_withdrawn_by_its_requester(either: World):
    world = either
    request_id = world.ask()
    stale = world.card(request_id)
    world.maya.click(world.receipt(request_id), "withdraw")
    world.settle()
    for message in (world.card(request_id), world.receipt(request_id)):
        assert f"{wording.decision(RequestStatus.WITHDRAWN)} <@{people.MAYA}>" in message.words
        assert _acts(message) == set()
    refused = world.answer(world.alex, lambda: world.alex.click(stale, "approve"))
    assert f"<@{people.MAYA}>" in refused.text
    assert wording.ALREADY_DECIDED in refused.text
    assert world.tango.arrivals == []


@pytest.mark.parametrize("command", ["/kudos", "/orders", "/resend"])
def test_help_says_how_a_command_is_used(world: World, command: str):
    told = world.maya.command(command, "help").ephemeral
    assert told is not None
    assert command in told.words
    assert told.text.strip()


def test_the_history_names_who_did_what(world: World):
    request_id = world.place()
    events = world.rows("SELECT event, actor, request_id FROM audit ORDER BY id")
    assert [(row["event"], row["actor"]) for row in events] == [
        ("request.filed", people.MAYA),
        ("request.approved", people.ALEX),
        ("order.queued", None),
        ("order.accepted", None),
    ]
    assert {row["request_id"] for row in events} == {request_id}


def test_a_card_whose_message_was_deleted_is_posted_anew(world: World):
    request_id = world.ask()
    card = world.card(request_id)
    message = world.slack.workspace.message(card.channel, card.ts)
    assert message is not None
    world.slack.workspace.delete(message)
    world.maya.click(world.receipt(request_id), "withdraw")
    world.settle()
    assert f"{wording.decision(RequestStatus.WITHDRAWN)} <@{people.MAYA}>" in world.card(request_id).words


def test_the_order_that_is_sent_holds_only_what_tango_asks_for(world: World):
    world.place()
    (arrival,) = world.tango.arrivals
    assert set(json.loads(arrival.body)) == {
        "externalRefID",
        "customerIdentifier",
        "accountIdentifier",
        "utid",
        "amount",
        "sender",
        "recipient",
        "message",
        "sendEmail",
    }


def test_a_start_raises_no_alarm(tmp_path: Path, database: Path | str, caplog: pytest.LogCaptureFixture):
    with World(tmp_path, where=database):
        # Looked at before it ends: an end breaks off what is being asked, and says so.
        alarms = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert alarms == []


def test_a_bystander_has_no_button_to_withdraw_with(world: World):
    request_id = world.ask()
    with pytest.raises(NotPossible):
        world.alex.click(world.card(request_id), "withdraw")
