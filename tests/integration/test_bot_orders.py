"""`/orders` and `/resend`: where is it, whose may be seen, and what admins can mend."""

import re
from typing import Final

import pytest

from bot.domain.attempt import AttemptOutcome
from bot.domain.audit import AuditEvent
from bot.domain.order import OrderStatus
from bot.domain.progress import Progress
from bot.errors import MadeElsewhere, Wish
from bot.sandbox.slack import Person, ShownMessage, people
from handlers.ids import Action
from handlers.views.messages import refusal_text
from tests.kit import wording
from tests.kit.bot import World, open_details
from tests.kit.payloads import a_click, a_request_form, a_submission

#: An event as the audit log names it; on the screen there are words instead.
_EVENT: Final = re.compile(r"\b(?:request|order|queue)\.[a-z_]+", re.IGNORECASE)


def _orders(world: World, who: Person, text: str = "", channel: str = "general") -> ShownMessage:
    told = who.command("/orders", text, channel=channel).ephemeral
    assert told is not None
    return told


def _listed(message: ShownMessage) -> list[str]:
    return wording.listed_orders(message.words)


def _turned(world: World, who: Person, page: ShownMessage, action: str) -> ShownMessage:
    """Turn a page in its place; the page as it is then."""
    who.click(page, action)
    return world.until(lambda: now if (now := who.now(page)).words != page.words else None)


def _place_many(world: World, count: int, *, reward: str = "U666425") -> None:
    """File and approve without looking: `count` orders, for Rob and Kim in turn."""
    for n in range(count):
        recipient = [people.ROB, people.KIM][n % 2]
        payload = a_submission(world.slack, people.MAYA, "request", a_request_form([recipient], reward, "5"))
        world.slack.deliver("interactive", payload)
        request_id = world.one("SELECT max(id) AS id FROM requests")["id"]
        world.bot._requests.approve(world.reference("requests", request_id), people.ALEX)
    world.settle()


# ------------------------------------------------------------------------------------------- pages


def test_senders_see_their_own_and_admins_see_all(world: World):
    world.place()
    world.place(world.slack.person("priya"), recipients=["kim"])
    assert _listed(_orders(world, world.maya)) == ["R-1"]
    assert _listed(_orders(world, world.slack.person("priya"))) == ["R-2"]
    assert _listed(_orders(world, world.alex)) == [], "approving gives no right to see"
    everyone = _orders(world, world.ada)
    assert _listed(everyone) == ["R-2", "R-1"]
    assert wording.ALL_ORDERS in everyone.words
    assert wording.OWN_ORDERS in _orders(world, world.maya).words


def test_an_empty_page_says_what_to_do(calm: World):
    _orders(calm, calm.maya)  # Slack is asked who she is
    told = calm.maya.wait_for(lambda: next((one for one in calm.maya.ephemerals() if one.blocks), None))
    assert wording.NO_ORDERS in told.words


def test_requests_that_wait_stand_above_the_orders(world: World):
    world.ask(message="one")
    told = _orders(world, world.maya)
    assert wording.listed_requests(told.words) == ["R-1"]
    assert "⏳ *Rob Hale* · $25.00 Marlow &amp; Finch gift card\nWaiting for approval since" in told.words
    assert "Waiting for approval" not in _orders(world, world.slack.person("priya")).words


def test_a_list_is_narrowed_to_a_person_or_a_status(world: World):
    world.place(recipients=["rob", "kim"])
    world.tango.faults.set("mismatch", times=1)
    world.place(recipients=["rob"])
    assert _listed(_orders(world, world.maya, "@rob")) == ["R-2", "1.1"]
    assert _listed(_orders(world, world.maya, "@kim")) == ["1.2"]
    assert _listed(_orders(world, world.maya, "placed")) == ["1.2", "1.1"]
    assert _listed(_orders(world, world.maya, "needs attention")) == ["R-2"]
    assert _listed(_orders(world, world.maya, "Attention")) == ["R-2"]
    assert _listed(_orders(world, world.maya, "placed @kim")) == ["1.2"]
    assert _listed(_orders(world, world.maya, "failed")) == []


def test_pages_turn_in_place(world: World):
    _place_many(world, 25)
    page = _orders(world, world.maya)
    seen = [_listed(page)]
    assert set(page.buttons) >= {"Older"}
    assert "Newest" not in page.buttons
    for _ in range(2):
        page = _turned(world, world.maya, page, "orders_older")
        seen.append(_listed(page))
    assert seen == [[f"R-{n}" for n in range(last + 10, last, -1) if n > 0] for last in (15, 5, -5)]
    assert "Older" not in page.buttons
    assert _listed(_turned(world, world.maya, page, "orders_newer")) == seen[0]
    assert len(world.maya.ephemerals("general")) == 1, "the page is turned, not posted anew"


def test_a_narrowed_list_stays_narrow_when_it_is_turned(world: World):
    _place_many(world, 22)
    page = _orders(world, world.ada, "@rob")
    assert len(_listed(page)) == 10
    assert _listed(_turned(world, world.ada, page, "orders_older")) == ["R-1"]


# ------------------------------------------------------------------------------------------- details


def test_an_order_is_found_by_each_of_its_names(world: World):
    world.place()
    stored = world.one("SELECT * FROM orders")
    names = ["1", "#1", stored["external_ref_id"], stored["external_ref_id"].upper(), stored["reference_order_id"]]
    for name in names:
        told = _orders(world, world.maya, name)
        for words in (
            wording.order_detail(1),
            "✅ Sent",
            "rob@acme.example",
            stored["reference_order_id"],
            stored["external_ref_id"],
            "COMPLETE",
            wording.event(AuditEvent.REQUEST_FILED, people.MAYA),
            wording.event(AuditEvent.REQUEST_APPROVED, people.ALEX),
            wording.event(AuditEvent.ORDER_QUEUED),
            wording.attempt(AttemptOutcome.ACCEPTED, 201),
            wording.event(AuditEvent.ORDER_ACCEPTED),
        ):
            assert words in told.words, name


def test_details_open_from_the_list(world: World):
    world.place()
    page = _orders(world, world.maya)
    told = world.answer(world.maya, lambda: open_details(world.maya, page))
    assert wording.order_detail(1) in told.words
    assert told.ephemeral


def test_the_timeline_tells_of_doubt_and_of_halts_in_words(world: World):
    world.tango.faults.set("unavailable_before", times=2)
    world.tango.faults.set("in_flight", times=1)
    world.tango.faults.set("insufficient_funds", times=1)
    world.place()
    told = _orders(world, world.ada, "1")
    assert wording.attempt(AttemptOutcome.AMBIGUOUS, 503) in told.words
    assert wording.attempt(AttemptOutcome.HALTED, 402) in told.words
    assert wording.attempt(AttemptOutcome.ACCEPTED, 20) in told.words, "200 or 201"
    assert _EVENT.findall(told.words) == []


def test_others_cannot_tell_an_order_from_none(world: World):
    world.place()
    stored = world.one("SELECT * FROM orders")
    priya = world.slack.person("priya")
    for name in ("1", stored["external_ref_id"], stored["reference_order_id"]):
        for command in ("/orders", "/resend"):
            told = priya.command(command, name).ephemeral
            assert told is not None
            assert told.text == wording.not_found(name)


def test_others_cannot_tell_a_request_of_several_from_none_and_their_tries_are_noted(world: World):
    world.place(recipients=["rob", "kim"])
    priya = world.slack.person("priya")
    for name in ("1", "R-1", "1.2", "1.3", "2"):
        for command in ("/orders", "/resend"):
            told = priya.command(command, name).ephemeral
            assert told is not None
            assert told.text == wording.not_found(name)
    noted = world.rows("SELECT actor, request_id FROM audit WHERE event = 'attempt.refused'")
    assert noted == [{"actor": people.PRIYA, "request_id": 1}], "once an hour"


def test_an_order_is_shown_in_the_channel_without_anything_private(world: World):
    world.place(message="a private word")
    stored = world.one("SELECT * FROM orders")
    detail = _orders(world, world.maya, "1", channel="team-blue")
    before = len(world.maya.messages("team-blue"))
    world.maya.click(detail, "order_show", confirm=False)
    world.settle()
    assert len(world.maya.messages("team-blue")) == before, "they thought better of it"
    world.maya.click(detail, "order_show")
    kim = world.slack.person("kim")
    shown = kim.wait_for(
        lambda: next((m for m in kim.messages("team-blue") if wording.public_order(1) in m.words), None)
    )
    assert not shown.ephemeral
    assert "Marlow &amp; Finch gift card" in shown.words
    assert "✅ Sent" in shown.words
    assert "$25" not in shown.words
    everything = str(shown.data)
    for private in ("rob@acme.example", stored["external_ref_id"], stored["reference_order_id"], "a private word"):
        assert private not in everything
    assert world.tango.orders[0].code not in everything
    assert world.tango.orders[0].link not in everything


# ------------------------------------------------------------------------------------------- mending


def test_only_admins_see_retry(world: World):
    world.tango.faults.set("mismatch", times=1)
    world.place()
    assert "order_retry" in _orders(world, world.ada, "1").action_ids
    assert "order_retry" not in _orders(world, world.maya, "1").action_ids


def test_an_admin_retries_what_needs_attention_under_the_same_reference(world: World):
    world.tango.faults.set("mismatch", times=1, field="amount")
    world.place()
    assert world.one("SELECT status FROM orders")["status"] == "needs_attention"
    world.ada.click(_orders(world, world.ada, "1"), "order_retry")
    world.settle()
    # Tango still has the other order under this reference: asking again cannot make a second one.
    assert world.one("SELECT status FROM orders")["status"] == "needs_attention"
    assert len(world.tango.orders) == 1
    first, second = world.tango.arrivals
    assert first.body == second.body
    assert wording.event(AuditEvent.ORDER_RETRIED, people.ADA) in _orders(world, world.ada, "1").words


@pytest.mark.parametrize("field", ["accountIdentifier", "customerIdentifier", "externalRefID"])
def test_what_tango_has_elsewhere_is_not_sent_again(world: World, field: str):
    """Tango knows the references of each account alone, so that it would make a second order."""
    world.tango.faults.set("mismatch", times=1, field=field)
    world.place()
    detail = _orders(world, world.ada, "1")
    assert Action.ORDER_INQUIRE in detail.action_ids
    assert Action.ORDER_RETRY not in detail.action_ids
    reference = world.one("SELECT external_ref_id FROM orders")["external_ref_id"]
    click = a_click(world.slack, people.ADA, Action.ORDER_RETRY, reference, channel=world.ada.dm_channel)
    refused = world.answer(world.ada, lambda: world.slack.deliver("interactive", click))
    assert refusal_text(MadeElsewhere("1")) in refused.words
    world.settle()
    assert len(world.tango.orders) == 1


def test_an_admin_cancels_what_was_never_sent(world: World):
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    waiting = world.approve(recipients=["kim"])
    world.until_none_is_tried()
    detail = _orders(world, world.ada, "2")
    assert wording.WAITS_FOR_TANGO in detail.words
    world.ada.click(detail, "order_cancel", confirm=False)
    assert world.one("SELECT status FROM orders WHERE id = 2")["status"] == "queued"
    world.ada.click(detail, "order_cancel")
    now = world.ada.wait_for(lambda: now if "Canceled" in (now := world.ada.now(detail)).words else None)
    assert "order_cancel" not in now.action_ids
    world.tango.faults.clear()
    world.settle(step=30)
    assert [order.recipient["email"] for order in world.tango.orders] == ["rob@acme.example"]
    assert wording.standing(Progress(counts={OrderStatus.CANCELED: 1})) in world.card(waiting).words


# ------------------------------------------------------------------------------------------- resends


def test_a_resend_waits_for_the_cooldown_and_says_how_long(world: World):
    world.place()
    for since in (0, 4.2, 29, 29.5, 29.999):
        world.set_since_mailed(since)
        told = world.maya.command("/resend", "1").ephemeral
        assert told is not None
        assert wording.TOO_SOON in told.text
        wait = wording.seconds_to_resend(told.text, world.clock.now())
        assert wait is not None
        assert 30 - since <= wait + 0.001 < 31.001 - since, "never too early"
    world.set_since_mailed(30)
    told = world.maya.command("/resend", "#1").ephemeral
    assert told is not None
    assert wording.sending_again(1) in told.text
    world.said(world.maya, wording.sent_again(1))
    assert [mail.kind for mail in world.tango.emails] == ["original", "resend"]
    world.set_since_mailed(1)
    told = world.maya.command("/resend", "1").ephemeral
    assert told is not None
    assert wording.TOO_SOON in told.text, "the clock starts anew"


def test_the_cooldown_survives_a_restart(world: World):
    world.place()
    world.stop()
    world.start()
    world.set_since_mailed(20)
    told = world.maya.command("/resend", "1").ephemeral
    assert told is not None
    assert 10 <= (wording.seconds_to_resend(told.text, world.clock.now()) or 0) <= 11
    assert world.tango.resends == []


def test_the_button_in_the_details_resends(world: World):
    world.place()
    world.clock.advance(31)
    detail = _orders(world, world.maya, "1")
    told = world.answer(world.maya, lambda: world.maya.click(detail, "order_resend"))
    assert wording.sending_again(1) in told.text
    world.settle()
    assert len(world.tango.resends) == 1


@pytest.mark.parametrize("fault", ["unavailable_before", "insufficient_funds"])
def test_what_is_not_placed_cannot_be_sent_again(world: World, fault: str):
    world.tango.faults.set(fault)
    world.approve()
    world.until(lambda: any(arrival.status for arrival in world.tango.arrivals))
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued'"))
    told = world.maya.command("/resend", "1").ephemeral
    assert told is not None
    states = (OrderStatus.QUEUED, OrderStatus.SUBMITTING)  # it may be tried again at this moment
    assert told.text in {wording.wrong_state(1, state, Wish.RESEND) for state in states}
    assert world.tango.resends == []
