"""`/orders` as a list, through the bot's own doors: words, the Filter form, pages, and what only Tango knows.

Most of it looks at one shelf of orders: Maya's and Priya's by Kudos, and others that were placed elsewhere.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.attempt import AttemptOutcome
from bot.domain.audit import AuditEvent
from bot.domain.resend import ResendStatus
from bot.domain.tango_status import LineItemStatus
from bot.errors import Rule, SearchNotUnderstood, TangoUnavailable
from bot.faults import FaultCode, SearchFault
from bot.sandbox.slack import Person, ShownMessage, ShownView, people
from bot.tango.outcomes import Accepted
from bot.tango.queries import OrderQuery
from handlers.views.blocks import escape
from handlers.views.messages import asking_text, refusal_text, trouble_text
from handlers.views.tango import words_of
from tests.kit import wording
from tests.kit.bot import CARD, PATIENCE, World, open_details

#: A code of an order that was placed elsewhere must be on nobody's screen.
ELSEWHERE: Final = {"email": "guest@else.example", "firstName": "Gwen", "lastName": "Else"}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, module_database: Path | str) -> Iterator[World]:
    """Orders 1 and 2 of Maya's, 3 of Priya's, and one that was placed elsewhere."""
    with World(tmp_path_factory.mktemp("shelf"), where=module_database) as world:
        world.place(amount="25")
        form = world.form(world.maya)
        world.maya.click(form, "request_more")
        form = world.maya.wait_for(lambda: _modal_with(world.maya, "campaign"), PATIENCE)
        books = {"campaign": "Launch", "purchase_order": "PO-7", "notes": "For the board"}
        usual = {"recipients": ["kim"], "reward": CARD, "amount": "60", "message": "Thanks"}
        assert world.maya.submit(form, usual | books).closed
        world.until(lambda: world.is_posted("approval_card", 2))
        world.alex.click(world.card(2), "approve")
        world.settle()
        world.place(world.slack.person("priya"), recipients=["li"], amount="10")
        place_elsewhere(world)
        yield world


def place_elsewhere(world: World, count: int = 1) -> None:
    """Orders that Kudos knows nothing of."""
    body = {
        "customerIdentifier": world.tango.customer,
        "accountIdentifier": world.tango.account,
        "utid": CARD,
        "amount": 40,
        "sendEmail": False,
        "recipient": ELSEWHERE,
        "externalRefID": "portal7",
        "campaign": "Portal & <more>",
    }
    assert isinstance(world.bot._tango.create_order(json.dumps(body).encode()), Accepted)
    placed = world.tango.orders[-1]
    for number in range(1, count):
        other = f"{placed.reference_order_id[:-2]}{number:05d}-{placed.reference_order_id[-2:]}"
        world.tango._ledger.place(replace(placed, reference_order_id=other, external_ref_id=None))


def _modal_with(who: Person, block_id: str) -> ShownView | None:
    return next((view for view in who.modals if any(block["block_id"] == block_id for block in view.blocks)), None)


def look(world: World, who: Person, text: str, channel: str | None = None) -> ShownMessage:
    """`/orders`, and what is told in the end."""
    before = {message.ts for message in (*who.ephemerals(), *who.dms())}
    who.command("/orders", text, channel=channel)
    return who.wait_for(lambda: _told(who, before), PATIENCE)


def press(world: World, who: Person, message: ShownMessage, action: str) -> ShownMessage:
    """Press a button that puts something in the place of the message; that."""
    was = message.words
    who.click(message, action)

    def changed() -> ShownMessage | None:
        now = who.now(message)
        return now if now.words != was else None

    return who.wait_for(changed, PATIENCE)


def _told(who: Person, before: set[str]) -> ShownMessage | None:
    # Where the bot knows that it is alone with somebody, it answers by ordinary messages.
    told = [message for message in (*who.ephemerals(), *who.dms()) if message.ts not in before]
    return next((message for message in told if message.text != asking_text()), None)


def shown(page: ShownMessage | ShownView) -> list[str]:
    """The orders on a page: by their numbers, and others by Tango's."""
    return wording.listed_orders(page.words)


def last_query(world: World) -> dict[str, str]:
    """What Tango was asked for last, but for what the settings say."""
    asked = [request.query for request in world.tango.requests if (request.method, request.path) == ("GET", "/orders")][
        -1
    ]
    settled = {"customerIdentifier": world.tango.customer, "accountIdentifier": world.tango.account}
    assert settled.items() <= asked.items()
    return {name: value for name, value in asked.items() if name not in settled}


# --------------------------------------------------------------------------------------- in words


OWN: Final = {
    "": ["R-2", "R-1"],
    "@kim": ["R-2"],
    "placed": ["R-2", "R-1"],
    "failed": [],
    "status:COMPLETE over 50": ["R-2"],
    "rob@acme.example": ["R-1"],
    "25 usd": ["R-1"],
    "50-100 usd": ["R-2"],
    "$20-$30": ["R-1"],
    "eur": [],
    "last 7 days": ["R-2", "R-1"],
    "until 2026-03-01": [],
    "campaign:launch": ["R-2"],
    "po:po-7": ["R-2"],
    'notes:"the board"': ["R-2"],
    "reward:marlow": ["R-2", "R-1"],
    f"utid:{CARD} first:rob": ["R-1"],
    "last:Hale": ["R-1"],
    "sender-first:maya sender-last:Lindqvist sender:maya@acme.example": ["R-2", "R-1"],
    "mailed": ["R-2", "R-1"],
    "not mailed": [],
    # what Tango alone knows, and none of the others'
    "item:COMPLETE": ["R-2", "R-1"],
    'item-notes:"For the board"': ["R-2"],
    "item:RETURNED": [],
    # theirs are all that Tango has of theirs
    "tango": ["R-2", "R-1"],
}


@pytest.mark.parametrize(("text", "found"), OWN.items(), ids=OWN)
def test_a_sender_finds_their_own(shelf: World, text: str, found: list[str]):
    page = look(shelf, shelf.maya, text)
    assert shown(page) == found
    assert page.words.startswith((wording.OWN_ORDERS, wording.OWN_AT_TANGO))
    assert "Priya" not in page.words
    assert "Gwen" not in page.words
    if not found:
        assert wording.NOTHING_FOUND in page.words


EVERYONES: Final = {
    "": ["R-3", "R-2", "R-1"],
    "@kim": ["R-2"],
    "placed": ["R-3", "R-2", "R-1"],
    "failed": [],
    "failed campaign:launch": [],
    # all that Tango knows
    "tango": ["RA", "R-3", "R-2", "R-1"],
    "tango placed over 20": ["R-2", "R-1"],
    "tango over 30": ["RA", "R-2"],
    "tango @kim last week until today": ["R-2"],
    "tango guest@else.example": ["RA"],
    "tango first:gwen last:else": ["RA"],
    "tango not mailed": ["RA"],
    "tango ref:portal7": ["RA"],
    'tango campaign:"Portal & <more>"': ["RA"],
    "tango under 20 reward:marlow": ["R-3"],
    # the same words mean the same as to a sender: what Kudos ordered
    "placed over 20": ["R-2", "R-1"],
    "over 30": ["R-2"],
    "@kim last week until today": ["R-2"],
    "guest@else.example": [],
    "not mailed": [],
    "reward:marlow": ["R-3", "R-2", "R-1"],
    "under 20 reward:marlow & finch": ["R-3"],
    "campaign:launch": ["R-2"],
    "kim": ["R-2"],
    "li": ["R-3"],
    "rob hale placed": ["R-1"],
    "50+": ["R-2"],
    ">$20 <50": ["R-1"],
    "approved": ["R-3", "R-2", "R-1"],
    "all": ["R-3", "R-2", "R-1"],
    "mine": [],
    "pending": [],
    "declined": [],
}


@pytest.mark.parametrize(("text", "found"), EVERYONES.items(), ids=EVERYONES)
def test_an_admin_finds_everyones(shelf: World, text: str, found: list[str]):
    page = look(shelf, shelf.ada, text.replace("last week until today", "since 2026-03-01"))
    assert [one.partition("RA")[1] or one for one in shown(page)] == found
    assert page.words.startswith((wording.ALL_ORDERS, wording.ALL_AT_TANGO))
    counted = f"{len(found)} order" if text.startswith("tango") else f"{len(found)} sent"
    assert not found or counted in page.words or text.startswith("tango"), "of Tango's list, others' may be counted too"


def test_the_day_is_the_day_where_the_person_is(shelf: World):
    shelf.bot._directory.person(people.ADA)
    shelf.bot._directory.person(people.PRIYA)
    look(shelf, shelf.ada, "today tango")
    zone = next(user.tz for user in shelf.slack.workspace.users.values() if user.id == people.ADA)
    assert f"({zone})" in look(shelf, shelf.ada, "today tango").words
    assert "(Asia/Kolkata)" in look(shelf, shelf.slack.person("priya"), "since yesterday").words


#: Every parameter of GET /orders: the words that say it, and what Tango is asked.
PARAMETERS: Final[dict[str, tuple[str, str]]] = {
    "externalRefID": ("ref:abc123", "abc123"),
    "startDate": ("since 2026-03-02", "2026-03-02T00:00:00Z"),
    "endDate": ("until 2026-03-02", "2026-03-02T23:59:59Z"),
    "elementsPerBlock": ("tango", "10"),
    "page": ("tango", "0"),
    "minAmount": ("over 50.50", "50.5"),
    "maxAmount": ("under $100", "100"),
    "currencyCode": ("usd", "USD"),
    "utid": ("u561593", "U561593"),
    "ptid": ("ptid:P000001", "P000001"),
    "rewardName": ("reward:marlow", "Marlow & Finch gift card"),
    "senderFirstName": ('sender-first:"Maya L"', "Maya L"),
    "senderLastName": ("sender-last:L", "L"),
    "senderEmail": ("sender:maya@acme.example", "maya@acme.example"),
    "recipientEmail": ("Rob@acme.example", "Rob@acme.example"),
    "recipientFirstName": ("first:Rob", "Rob"),
    "recipientLastName": ("last:Hale", "Hale"),
    "sendEmail": ("not mailed", "false"),
    "status": ("status:pending", "PENDING"),
    "lineItemStatus": ("item:returned", "RETURNED"),
    "campaign": ("campaign:launch", "launch"),
    "notes": ('notes:"for the board"', "for the board"),
    "lineItemNotes": ("item-notes:x", "x"),
    "purchaseOrderNumber": ("po:7", "7"),
}


@pytest.fixture(scope="module")
def utc_shelf(shelf: World) -> World:
    """The same, with an admin whose days are UTC's."""
    shelf.slack.change_user("ada", tz="UTC")
    shelf.bot._directory._people.clear()
    return shelf


@pytest.mark.parametrize(("parameter", "said"), PARAMETERS.items(), ids=PARAMETERS)
def test_every_parameter_of_the_query_can_be_said_in_words(utc_shelf: World, parameter: str, said: tuple[str, str]):
    words, asked = said
    look(utc_shelf, utc_shelf.ada, words if words == "tango" else f"tango {words}")
    assert last_query(utc_shelf) == {"page": "0", "elementsPerBlock": "10", parameter: asked}


def test_no_parameter_of_the_query_is_left_out():
    aliases = {field.alias for field in OrderQuery.model_fields.values()}
    assert set(PARAMETERS) | {"accountIdentifier", "customerIdentifier"} == aliases


def _fault(fault: SearchFault, word: str = "", known: Sequence[str] = ()) -> str:
    return refusal_text(SearchNotUnderstood(fault, word, known=known))


UNKNOWN: Final = {
    "gibberish": _fault(SearchFault.UNKNOWN, "gibberish"),
    "item:ours": _fault(SearchFault.VALUE, "item:ours", tuple(LineItemStatus)),
    "failed placed": _fault(SearchFault.TWICE, "placed"),
    "over 50 under 20": _fault(SearchFault.REVERSED, "over 50 under 20"),
    "@rob @kim": _fault(SearchFault.ONE_PERSON),
    "<!channel>": _fault(SearchFault.UNKNOWN, "<!channel>"),
    "ref:a-b": wording.fault("notes", FaultCode.CHARACTERS, found="-"),
    "first:a<b": escape(wording.fault("notes", FaultCode.CHARACTERS, found="<")),
    f"campaign:{'x' * 101}": wording.fault("notes", FaultCode.TOO_LONG, limit=100, length=101),
}


@pytest.mark.parametrize(("text", "told"), UNKNOWN.items(), ids=UNKNOWN)
def test_what_cannot_be_looked_for_is_said_before_tango_is_asked(shelf: World, text: str, told: str):
    asked = len(shelf.tango.requests)
    assert told in look(shelf, shelf.ada, text).words
    assert len(shelf.tango.requests) == asked


def test_a_person_without_an_address_is_looked_for_otherwise(shelf: World):
    assert wording.NO_ADDRESS in look(shelf, shelf.ada, "@noemail usd tango").words
    assert shown(look(shelf, shelf.ada, "@noemail")) == []


# ---------------------------------------------------------------------------------------- one order


def test_an_order_placed_elsewhere_is_shown_without_what_its_recipient_got(shelf: World):
    page = look(shelf, shelf.ada, "tango ref:portal7")
    assert "Ordered elsewhere" in page.words
    detail = shelf.answer(shelf.ada, lambda: shelf.ada.click(page, "order_elsewhere"))
    for words in ("guest@else.example", "Gwen Else", "$40.00", "COMPLETE", "Portal &amp; &lt;more&gt;", "portal7"):
        assert words in detail.words, words
    order = next(order for order in shelf.tango.orders if order.external_ref_id == "portal7")
    assert order.code not in json.dumps(detail.data)
    assert order.link not in json.dumps(detail.data)
    assert look(shelf, shelf.ada, order.reference_order_id).words == detail.words


def test_an_order_of_ours_in_tangos_list_leads_to_its_own_detail(shelf: World):
    page = look(shelf, shelf.ada, "tango campaign:launch")
    detail = shelf.answer(shelf.ada, lambda: open_details(shelf.ada, page))
    assert wording.order_detail(2) in detail.words


def test_others_orders_are_shown_to_admins_alone(shelf: World):
    order = next(order for order in shelf.tango.orders if order.external_ref_id == "portal7")
    refused = look(shelf, shelf.maya, order.reference_order_id)
    assert wording.NOT_FOUND in refused.words
    page = look(shelf, shelf.maya, "@kim")
    forged = forge(page, "orders_filter", "order_elsewhere", order.reference_order_id)
    told = shelf.answer(shelf.maya, lambda: deliver(shelf, shelf.maya, page, forged))
    assert wording.not_allowed(Rule.ADMINS_ONLY) in told.words


def test_a_button_is_believed_no_further_than_a_filter(shelf: World):
    page = look(shelf, shelf.maya, "@kim")
    theirs = json.dumps({"wanted": {"requester_id": people.PRIYA, "at_tango": True}})
    deliver(shelf, shelf.maya, page, forge(page, "orders_filter", "orders_older", theirs))
    assert shelf.maya.wait_for(lambda: "R-1" in shelf.maya.now(page).words, PATIENCE)
    assert "Li" not in shelf.maya.now(page).words
    for value in ("", "{}}", "[]", '{"after": -1}', '{"wanted": {"status": "paid"}}', '{"after": 1e30}'):
        click = forge(page, "orders_filter", "orders_older", value)
        refused = shelf.answer(shelf.maya, partial(deliver, shelf, shelf.maya, page, click))
        assert wording.STALE in refused.words


def forge(page: ShownMessage, of: str, action_id: str, value: str) -> dict[str, Any]:
    """A click that no client would send."""
    one = page.find(of)
    return {"action_id": action_id, "block_id": one.block_id, "type": "button", "value": value}


def deliver(world: World, who: Person, page: ShownMessage, action: dict[str, Any]) -> None:
    """Send it all the same."""
    url = world.slack._state.issue_response_url("actions", who.id, page.channel, message_ts=page.ts)
    world.slack.deliver(
        "interactive",
        {
            "type": "block_actions",
            "team": {"id": people.TEAM_ID},
            "user": {"id": who.id, "team_id": people.TEAM_ID},
            "trigger_id": "1.2.x",
            "response_url": url,
            "actions": [action],
        },
    )


# --------------------------------------------------------------------------------------- the filter


def open_filter(who: Person, page: ShownMessage | ShownView) -> ShownView:
    """Press Filter; the form."""
    who.click(page, "orders_filter")
    form = who.wait_for(lambda: _modal_with(who, "recipient_id"), PATIENCE)
    if "orders_more_filters" in form.action_ids:
        who.click(form, "orders_more_filters")
        form = who.wait_for(lambda: _modal_with(who, "utid"), PATIENCE)
    return form


def found_in(who: Person, title: str) -> ShownView:
    """The window that shows what was found."""

    def there() -> ShownView | None:
        return who.modal if who.modal and who.modal.words.startswith(title) else None

    return who.wait_for(there, PATIENCE)


FILLED_IN: Final[dict[str, Any]] = {
    "recipient_email": "rob@acme.example",
    "tango_status": "COMPLETE",
    "since": "2026-03-02",
    "until": "2026-03-30",
    "min_amount": "$1,000",
    "max_amount": "2000.50",
    "currency_code": "usd",
    "reward_name": "Coffee",
    "campaign": "Launch",
    "purchase_order_number": "PO-7",
    "notes": "For the board",
    "send_email": "true",
    "recipient_first_name": "Rob",
    "recipient_last_name": "Hale",
    "sender_first_name": "Maya",
    "sender_last_name": "Lopez",
    "sender_email": "maya@acme.example",
    "external_ref_id": "abc123",
    "utid": "u561593",
    "ptid": "P000001",
    "line_item_status": "RETURNED",
    "line_item_notes": "late",
}


def test_every_parameter_of_the_query_has_its_field(utc_shelf: World):
    world = utc_shelf
    form = open_filter(world.ada, look(world, world.ada, ""))
    world.ada.submit(form, FILLED_IN)
    window = found_in(world.ada, wording.ALL_AT_TANGO)
    assert last_query(world) == {
        "page": "0",
        "elementsPerBlock": "10",
        "externalRefID": "abc123",
        "startDate": "2026-03-02T00:00:00Z",
        "endDate": "2026-03-30T23:59:59Z",
        "minAmount": "1000",
        "maxAmount": "2000.5",
        "currencyCode": "USD",
        "utid": "U561593",
        "ptid": "P000001",
        "rewardName": "Coffee",
        "senderFirstName": "Maya",
        "senderLastName": "Lopez",
        "senderEmail": "maya@acme.example",
        "recipientEmail": "rob@acme.example",
        "recipientFirstName": "Rob",
        "recipientLastName": "Hale",
        "sendEmail": "true",
        "status": "COMPLETE",
        "lineItemStatus": "RETURNED",
        "campaign": "Launch",
        "notes": "For the board",
        "lineItemNotes": "late",
        "purchaseOrderNumber": "PO-7",
    }
    assert set(last_query(world)) == set(PARAMETERS)
    again = open_filter(world.ada, window)
    held = {block_id: value for block_id, fields in again.entered.items() for value in fields.values()}
    asked = {
        name: {"min_amount": "1000", "currency_code": "USD", "utid": "U561593"}.get(name, value)
        for name, value in FILLED_IN.items()
    }
    assert held.items() >= asked.items(), "what is looked for stands in the form"
    world.ada.close(everything=True)


def test_what_is_found_takes_the_place_of_the_form(shelf: World):
    maya = shelf.maya
    form = open_filter(maya, look(shelf, maya, "over 50"))
    assert form.entered["min_amount"]["find_min_amount"] == "50"
    assert not {"requester_id", "at_tango"} & set(form.entered), "for admins alone"
    outcome = maya.submit(form, {"min_amount": None, "recipient_id": "rob", "status": "accepted"})
    window = outcome.modal
    assert window is not None
    assert shown(window) == ["R-1"]
    detail = open_details(maya, window).modal
    assert detail is not None
    assert wording.order_detail(1) in detail.words
    assert len(maya.modals) == 2, "on top of the list"
    assert "order_show" not in detail.action_ids, "a window is nobody else's"
    maya.close(everything=True)


def test_an_admin_finds_everyones_in_the_window(shelf: World):
    ada = shelf.ada
    form = open_filter(ada, look(shelf, ada, ""))
    ada.submit(form, {"requester_id": "priya"})
    assert shown(found_in(ada, f"{wording.ALL_ORDERS}\n")) == ["R-3"]
    ada.submit(open_filter(ada, found_in(ada, f"{wording.ALL_ORDERS}\n")), {"requester_id": None, "at_tango": "true"})
    window = found_in(ada, wording.ALL_AT_TANGO)
    assert shown(window)[1:] == ["R-3", "R-2", "R-1"]
    detail = ada.click(window, "order_elsewhere").modal
    assert detail is not None
    assert asking_text() in detail.words or "Gwen" in detail.words
    assert "Gwen Else" in ada.wait_for(lambda: ada.modal if ada.modal and "Gwen" in ada.modal.words else None).words
    ada.close(everything=True)


def _refused(found: str) -> str:
    return wording.fault("notes", FaultCode.CHARACTERS, found=found)


WRONG: Final[dict[str, tuple[dict[str, Any], dict[str, str]]]] = {
    "an amount": ({"min_amount": "lots"}, {"min_amount": wording.fault("min_amount", FaultCode.NOT_A_NUMBER)}),
    "two amounts": (
        {"min_amount": "5", "max_amount": "4"},
        {"max_amount": wording.fault("max_amount", FaultCode.REVERSED)},
    ),
    "two days": ({"since": "2026-03-02", "until": "2026-03-01"}, {"until": wording.fault("until", FaultCode.REVERSED)}),
    "a currency": ({"currency_code": "US"}, {"currency_code": wording.fault("currency_code", FaultCode.MALFORMED)}),
    "a name": ({"recipient_first_name": "a<b"}, {"recipient_first_name": _refused("<")}),
    "a reference": ({"external_ref_id": "a-b"}, {"external_ref_id": _refused("-")}),
    "several": (
        {"sender_last_name": "a/b", "external_ref_id": "ü"},
        {"sender_last_name": _refused("/"), "external_ref_id": _refused("ü")},
    ),
}


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_wrong_is_said_under_its_field(shelf: World, wrong: str):
    entered, told = WRONG[wrong]
    form = open_filter(shelf.maya, look(shelf, shelf.maya, ""))
    errors = shelf.maya.submit(form, entered).errors or {}
    shelf.maya.close(everything=True)
    assert set(errors) == set(told)
    assert errors == told


def test_a_search_too_long_for_its_buttons_is_said_to_be(shelf: World):
    form = open_filter(shelf.maya, look(shelf, shelf.maya, ""))
    long = dict.fromkeys(("reward_name", "notes", "utid", "ptid", "line_item_notes"), "\\" * 150)
    less_long = dict.fromkeys(("campaign", "purchase_order_number"), "\\" * 100)
    errors = shelf.maya.submit(form, long | less_long).errors
    assert errors == {"recipient_id": _fault(SearchFault.TOO_LONG)}
    shelf.maya.close(everything=True)


def test_the_form_opens_by_a_word(shelf: World):
    form = shelf.maya.command("/orders", "filter").modal
    assert form is not None
    assert form.title == "Find rewards"
    shelf.maya.close(everything=True)


# -------------------------------------------------------------------------------------------- pages


def test_our_pages_turn_and_count(world: World):
    for _ in range(4):
        world.place(recipients=["rob", "kim", "li"], amount="5")
    first = look(world, world.maya, "over 4")
    assert "from 4 · 12 sent" in first.words
    assert shown(first) == [f"{n}.{place}" for n in (4, 3, 2) for place in (3, 2, 1)] + ["1.3"]
    second = press(world, world.maya, first, "orders_older")
    assert shown(second) == ["1.2", "1.1"]
    assert "from 4" in second.words
    assert "orders_older" not in second.action_ids
    assert shown(press(world, world.maya, second, "orders_newer")) == shown(first)


def test_tangos_pages_turn_and_count(world: World):
    place_elsewhere(world, 25)
    first = look(world, world.ada, "tango over 1")
    assert "from 1 · 25 orders" in first.words
    assert len(shown(first)) == 10
    second = press(world, world.ada, first, "orders_older")
    assert last_query(world)["page"] == "1"
    third = press(world, world.ada, second, "orders_older")
    assert len(shown(third)) == 5
    assert "orders_older" not in third.action_ids
    assert len({*shown(first), *shown(second), *shown(third)}) == 25
    assert shown(press(world, world.ada, third, "orders_newer")) == shown(first)


def test_all_at_tango_is_one_click_away(world: World):
    place_elsewhere(world)
    page = look(world, world.ada, "")
    assert shown(page) == []
    assert len(shown(press(world, world.ada, page, "orders_at_tango"))) == 1
    assert "orders_at_tango" not in look(world, world.maya, "").action_ids


def test_the_ten_thousand_that_tango_lists_are_said_to_be_all_it_lists(world: World):
    place_elsewhere(world, 10_003)
    page = look(world, world.ada, "tango")
    assert "10,003 orders" in page.words
    assert wording.CUT in page.words
    last = json.dumps({"wanted": {"at_tango": True}, "after": 9_990})
    deliver(world, world.ada, page, forge(page, "orders_filter", "orders_older", last))
    end = world.ada.wait_for(lambda: _ended(world.ada.now(page)), PATIENCE)
    assert len(shown(end)) == 10
    assert last_query(world)["page"] == "999"
    beyond = json.dumps({"wanted": {"at_tango": True}, "after": 10_000})
    deliver(world, world.ada, page, forge(page, "orders_filter", "orders_older", beyond))
    world.ada.wait_for(lambda: world.ada.now(page).words != end.words, PATIENCE)
    assert last_query(world)["page"] == "0"


def _ended(page: ShownMessage) -> ShownMessage | None:
    return page if "orders_older" not in page.action_ids else None


def test_a_sender_pages_through_tangos_list_past_what_is_not_theirs(world: World):
    world.place()
    place_elsewhere(world, 620)
    first = look(world, world.maya, "item:COMPLETE")
    assert shown(first) == []
    assert wording.MAYBE_OLDER in first.words
    assert shown(press(world, world.maya, first, "orders_older")) == ["R-1"]


# -------------------------------------------------------------------------------------------- Tango


_NO_ANSWER: Final = trouble_text(TangoUnavailable(reason="timeout"))

DOWN: Final = {
    "unavailable_before": _NO_ANSWER,
    "cut_before": _NO_ANSWER,
    "unreadable": _NO_ANSWER,
    "unauthorized": words_of("http_401", None).remedy,
    "too_many": _NO_ANSWER,
}


@pytest.mark.parametrize(("fault", "told"), DOWN.items(), ids=DOWN)
def test_what_tango_does_not_tell_is_said(shelf: World, fault: str, told: str):
    page = look(shelf, shelf.ada, "tango")
    shelf.tango.faults.set(fault, endpoint="list")
    try:
        assert told in look(shelf, shelf.ada, "tango over 7").words
        beside = shelf.answer(shelf.ada, lambda: shelf.ada.click(look_again(page), "orders_older"))
        assert told in beside.words
        assert shown(shelf.ada.now(page)) == shown(page), "the list stays"
        form = open_filter(shelf.ada, page)
        shelf.ada.submit(form, {"campaign": "x"})
        window = shelf.ada.wait_for(lambda: _said(shelf.ada, told), PATIENCE)
        assert told in window.words
    finally:
        shelf.tango.faults.clear()
        shelf.ada.close(everything=True)


def look_again(page: ShownMessage) -> ShownMessage:
    """The page with an Older button, which a page of four does not have."""
    data = json.loads(json.dumps(page.data))
    for block in data["blocks"]:
        for element in block.get("elements", ()):
            if element.get("action_id") == "orders_filter":
                element["action_id"] = "orders_older"
    return ShownMessage(data)


def _said(who: Person, told: str) -> ShownView | None:
    return who.modal if who.modal and told in who.modal.words else None


def test_nobody_waits_for_a_slow_tango(world: World):
    place_elsewhere(world)
    world.tango.faults.set("slow", endpoint="list", seconds=1)
    told = world.ada.command("/orders", "tango").ephemeral
    assert told is not None
    assert told.text == asking_text()
    answer: Callable[[], ShownMessage | None] = lambda: _told(world.ada, set())  # noqa: E731
    assert len(shown(world.ada.wait_for(answer, PATIENCE))) == 1


def test_socket_mode_is_no_different(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, mode="socket") as world:
        place_elsewhere(world)
        page = look(world, world.ada, "tango")
        assert len(shown(page)) == 1
        world.ada.submit(open_filter(world.ada, page), {"recipient_last_name": "Else"})
        assert len(shown(found_in(world.ada, f"{wording.ALL_AT_TANGO}\nlast name Else"))) == 1


# ------------------------------------------------------------------------------------------- detail


def test_the_timeline_tells_each_resend_once(world: World):
    world.place()
    world.clock.advance(31)
    world.maya.command("/resend", "1")
    world.settle()
    detail = look(world, world.maya, "1")
    timeline = detail.words.split("Timeline")[1]
    assert [line.partition(" · ")[2] for line in timeline.splitlines() if line.startswith("•")] == [
        wording.event(AuditEvent.REQUEST_FILED, people.MAYA),
        wording.event(AuditEvent.REQUEST_APPROVED, people.ALEX),
        wording.event(AuditEvent.ORDER_QUEUED),
        f"{wording.attempt(AttemptOutcome.ACCEPTED, 201)})",
        wording.event(AuditEvent.ORDER_ACCEPTED),
        wording.resent(ResendStatus.SENT, people.MAYA),
    ]
    assert "COMPLETE" in detail.words


def test_what_is_shown_in_the_channel_has_nothing_private(world: World):
    world.place()
    page = look(world, world.maya, "1", channel="general")
    world.maya.click(page, "order_show")
    public = world.maya.wait_for(
        lambda: next(
            (m for m in world.maya.messages("general") if not m.ephemeral and wording.public_order(1) in m.words), None
        ),
        PATIENCE,
    )
    stored = world.one("SELECT * FROM orders")
    references = (stored["external_ref_id"], stored["reference_order_id"])
    for private in ("rob@acme.example", "<@", "$25", *references, "Thank you"):
        assert private not in json.dumps(public.data), private
