"""`/resend` and every button that sends a reward e-mail again: one set of rules, told as it goes."""

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from bot.domain.resend import ResendStatus
from bot.errors import Rule
from bot.faults import FaultCode
from bot.sandbox.slack import NotPossible, Outcome, Person, ShownMessage, ShownView, elements, people
from handlers.ids import Command
from handlers.views.help import build_help
from tests.kit import wording
from tests.kit.bot import World
from tests.kit.factories import NOON
from tests.kit.payloads import a_click, a_submission
from tests.kit.tango_answers import Answers, answer_first, refusal

_NEW: Final = "rob@new.example"
_NO_TEMPLATE: Final = wording.fault("new_template", FaultCode.MALFORMED)
_NO_ADDRESS: Final = wording.fault("new_email", FaultCode.MALFORMED)


@pytest.fixture
def placed(world: World) -> World:
    """Maya's order #1 for Rob, placed and mailed this moment."""
    world.place()
    _sent_now(world)
    return world


@pytest.fixture
def answering(tmp_path: Path, database: Path | str) -> Iterator[tuple[World, Answers]]:
    """The same, with a Tango whose answers can be told."""
    world = World(tmp_path, where=database)
    answers = answer_first(world)
    with world:
        world.place()
        world.clock.advance(60)
        yield world, answers


def _sent_now(world: World) -> None:
    """Let the order have been mailed this moment, so that the seconds are known."""
    with world.bot._storage.transaction():
        order = world.bot._storage.orders.get(1)
        assert order is not None
        assert order.last_sent_at is not None
        world.bot._storage.resends.set_last_sent(1, world.clock.now(), expected=order.last_sent_at)


def _resend(world: World, who: Person, text: str = "") -> ShownMessage:
    told = who.command("/resend", text, channel="general").ephemeral
    assert told is not None
    return told


def _detail(world: World, who: Person) -> ShownMessage:
    told = who.command("/orders", "1", channel="general").ephemeral
    assert told is not None
    return told


def _form(world: World, who: Person) -> ShownView:
    form = who.click(_detail(world, who), "resend_changes").modal
    assert form is not None
    return form


def _rob(world: World) -> Person:
    return world.slack.person("rob")


def _dm(world: World) -> ShownMessage:
    return world.said(_rob(world), wording.ON_ITS_WAY)


def _press(who: Person, page: ShownMessage, action: str) -> Outcome:
    """Press a button, or choose the first line of a menu."""
    element = page.find(action).element
    if element["type"] == "overflow":
        return who.select(page, action, element["options"][0]["value"])
    return who.click(page, action)


def _waits(words: str) -> bool:
    return wording.seconds_to_resend(words, NOON) is not None


def _watch(world: World, who: Person, message: ShownMessage) -> ShownMessage:
    """Let thirty seconds pass, and see the message say so; as it is then."""
    url = list(world.slack._state.response_urls.values())[-1]
    for shown, (passed, left) in enumerate(((0, 30), (10, 20), (10, 10), (5, 5)), start=1):
        world.clock.advance(passed)
        # The answer to the click says the same as the message before it: it must be there before time passes.
        world.until(lambda n=shown: url.uses == n, step=0)  # type: ignore[misc]
        world.until(lambda: _waits(who.now(message).words), step=0)
        wait = wording.seconds_to_resend(who.now(message).words, world.clock.now())
        assert wait is not None
        assert left <= wait < left + 1.1
    world.clock.advance(5)
    return world.until(lambda: now if not _waits((now := who.now(message)).words) else None, step=0)


# --------------------------------------------------------------------------------- what is offered


def test_without_a_number_the_recent_ones_are_offered(world: World):
    for who, handle in ((world.maya, "rob"), (world.slack.person("priya"), "kim")):
        world.place(who, recipients=[handle])
    world.tango.faults.set("unavailable_before")
    world.approve(recipients=["li"])
    _sent_now(world)
    listed = _resend(world, world.maya)
    assert "*Rob Hale*" in listed.words
    assert 30 <= (wording.seconds_to_resend(listed.words, world.clock.now()) or 0) <= 31
    assert "R-2" not in listed.words, "somebody else's"
    assert "R-3" not in listed.words, "not placed"
    everyone = _resend(world, world.ada).words
    assert everyone.index("R-2") < everyone.index("R-1"), "the newest first"
    world.clock.advance(60)
    listed = _resend(world, world.maya)
    assert "; again in " not in listed.words
    told = world.answer(world.maya, lambda: _press(world.maya, listed, "resend_listed"))
    assert wording.sending_again(1) in told.text
    world.said(world.maya, wording.sent_again(1))
    assert [mail.order for mail in world.tango.emails if mail.kind == "resend"] == [
        world.tango.orders[0].reference_order_id
    ]


def test_the_menu_of_an_entry_also_offers_changes(placed: World):
    placed.clock.advance(31)
    listed = _resend(placed, placed.maya)
    (menu,) = [one for one in elements.placed(listed.blocks) if one.type == "overflow"]
    again, changes = (one["value"] for one in menu.element["options"])
    assert again == placed.reference("orders", 1)
    form = placed.maya.select(listed, menu.action_id, changes).modal
    assert form is not None
    assert placed.maya.submit(form, {"new_template": "E000002"}).modal is not None
    placed.said(placed.maya, wording.sent_again(1))
    assert [resend.etid for resend in placed.tango.resends] == ["E000002"]


def test_who_has_nothing_to_send_again_is_told_so(world: World):
    assert _resend(world, world.maya).text == wording.NO_EMAILS


# ------------------------------------------------------------------- the number of a request, and its orders


@pytest.fixture
def several(world: World) -> World:
    """Maya's R-1 became the orders 1.1 (Rob) and 1.2 (Li), her R-2 the order 2 (Kim), all mailed a minute ago."""
    world.place(recipients=["rob", "li"])
    world.place(recipients=["kim"])
    world.clock.advance(60)
    return world


def _mailed_again(world: World) -> list[str]:
    world.settle_resends()
    return [mail.to for mail in world.tango.emails if mail.kind == "resend"]


@pytest.mark.parametrize("number", ["1", "#1", "R-1", "r1"])
def test_the_orders_of_a_request_are_offered_before_anything_is_sent(several: World, number: str):
    world = several
    offered = _resend(world, world.maya, number)
    assert wording.RESEND_CHOICE in offered.text
    assert offered.words.index("Rob Hale") < offered.words.index("Li Wei")
    assert "Kim Park" not in offered.words
    assert world.rows("SELECT * FROM resends") == []
    assert not [one for one in elements.placed(offered.blocks) if one.type == "button"], "one menu per entry"
    reference = world.reference("orders", 2)
    world.maya.select(offered, "resend_refused", reference, block_id=offered.blocks[-1]["block_id"])
    assert _mailed_again(world) == ["li@acme.example"]


@pytest.mark.parametrize(
    ("number", "to"), [("1.2", "li"), ("R-1.2", "li"), ("2", "kim"), ("R-2", "kim"), ("2.1", "kim")]
)
def test_an_order_is_sent_again_by_its_number(several: World, number: str, to: str):
    assert wording.SENDING_AGAIN in _resend(several, several.maya, number).text
    assert _mailed_again(several) == [f"{to}@acme.example"]


def test_an_admin_names_an_order_of_several_to_send_it_elsewhere(several: World):
    assert wording.RESEND_CHOICE in _resend(several, several.ada, f"1 {_NEW}").text
    _resend(several, several.ada, f"1.1 {_NEW}")
    assert _mailed_again(several) == [_NEW]


def test_the_menu_of_an_offered_order_opens_the_form_for_changes(several: World):
    world = several
    offered = _resend(world, world.maya, "1")
    entry = offered.blocks[-1]
    changes = entry["accessory"]["options"][1]["value"]
    form = world.maya.select(offered, "resend_refused", changes, block_id=entry["block_id"]).modal
    assert form is not None
    assert "Li Wei" in form.words
    world.maya.submit(form, {"new_template": "E000002"})
    assert _mailed_again(world) == ["li@acme.example"]
    assert [resend.etid for resend in world.tango.resends] == ["E000002"]


def test_a_recipient_sends_their_own_again_and_finds_no_other(several: World):
    rob = _rob(several)
    for others in ("1", "1.2", "2", "1.3", "3"):
        assert _resend(several, rob, others).text == wording.not_found(others)
    assert "r…@acme.example again." in _resend(several, rob, "1.1").text
    assert _mailed_again(several) == ["rob@acme.example"]


def test_a_request_without_orders_is_shown(world: World):
    request_id = world.ask()
    for command in ("/orders", "/resend"):
        for number in (f"{request_id}", f"R-{request_id}"):
            assert wording.request_found(request_id) in _of(world.maya, command, number).text
        assert _of(world.maya, command, f"{request_id}.1").text == wording.not_found(f"{request_id}.1")
        assert _of(world.slack.person("priya"), command, f"{request_id}").text == wording.not_found(request_id)


def _of(who: Person, command: str, text: str) -> ShownMessage:
    told = who.command(command, text).ephemeral
    assert told is not None
    return told


# ------------------------------------------------------------------------- one cooldown for all ways

_WAYS: Final[dict[str, Callable[[World], Outcome]]] = {
    "the command": lambda world: world.maya.command("/resend", "1"),
    "the command, otherwise": lambda world: world.maya.command("/resend", "1 template E000002"),
    "the list": lambda world: _press(world.maya, _resend(world, world.maya), "resend_listed"),
    "the detail": lambda world: world.maya.click(_detail(world, world.maya), "order_resend"),
    "the refusal": lambda world: world.maya.click(_resend(world, world.maya, "1"), "resend_refused"),
    "the form": lambda world: world.maya.submit(_form(world, world.maya), {"new_template": "E000002"}),
    "an admin": lambda world: world.ada.command("/resend", f"1 {_NEW}"),
    "the recipient": lambda world: _rob(world).click(_dm(world), "resend_mine"),
}


def test_no_way_leads_around_the_cooldown(placed: World):
    for name, way in _WAYS.items():
        way(placed)
        assert placed.rows("SELECT * FROM resends") == [], name
    placed.clock.advance(40)
    for way in _WAYS.values():
        way(placed)
    placed.settle(step=0)
    (resend,) = placed.rows("SELECT * FROM resends")
    assert resend["status"] == "sent", "the first way took it, the others waited again"
    assert len(placed.tango.resends) == 1


# ---------------------------------------------------------------------------------- what is otherwise


def test_another_template_is_named_after_the_number(placed: World):
    placed.clock.advance(31)
    for wrong in ("1 template E02", "1 template"):
        told = _resend(placed, placed.maya, wrong).words
        assert _NO_TEMPLATE in told or build_help(Command.RESEND).text in told
    _resend(placed, placed.maya, "#1 template e000002")
    placed.said(placed.maya, wording.sent_again(1))
    (resend,) = placed.tango.resends
    assert (resend.etid.upper(), resend.email) == ("E000002", "rob@acme.example")
    assert "with template e000002" in _detail(placed, placed.maya).words


def test_an_admin_sends_it_to_another_address_which_is_then_forgotten(placed: World):
    placed.clock.advance(31)
    refused = _resend(placed, placed.maya, f"1 {_NEW}")
    assert refused.text == wording.not_allowed(Rule.ADMINS_ONLY)
    assert wording.SENDING_AGAIN in _resend(placed, placed.ada, f"1 {_NEW}").text
    placed.said(placed.ada, "again, to another address")
    (resend,) = placed.tango.resends
    assert resend.email == _NEW
    placed.settle()
    (row,) = placed.rows("SELECT * FROM resends")
    assert (row["new_email"], row["readdressed"], row["requested_by"]) == (None, 1, people.ADA)
    audit = placed.one("SELECT * FROM audit WHERE event = 'order.resend_requested'")
    facts = json.loads(audit["facts"])
    assert re.fullmatch("[0-9a-f]{64}", facts.pop("address_hash"))
    assert (audit["actor"], facts) == (
        people.ADA,
        {"resend_id": 1, "readdressed": 1, "address_domain": "new.example"},
    )
    told = wording.resent(ResendStatus.SENT, people.ADA, elsewhere=True)
    assert told in _detail(placed, placed.maya).words
    assert _columns_with(placed, _NEW) == set()


def test_another_address_is_in_one_column_while_it_is_under_way_and_gone_when_the_answer_is_lost(
    placed: World, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    placed.clock.advance(31)
    placed.tango.faults.set("slow", endpoint="resend", seconds=600)  # longer than any test
    _resend(placed, placed.ada, f"1 {_NEW}")
    placed.until(lambda: placed.rows("SELECT 1 FROM resends WHERE status = 'sending'"), step=0)
    assert _columns_with(placed, _NEW) == {("resends", "new_email")}
    placed.until(lambda: placed.tango.resends, step=0)
    placed.tango_server.stop()
    placed.said(placed.ada, "may or may not")
    placed.tango_server.start()
    assert _columns_with(placed, _NEW) == set()
    placed.stop()
    kept = b"".join(path.read_bytes() for path in placed.folder.iterdir() if path.is_file())
    assert _NEW.encode() not in kept
    assert _NEW not in caplog.text


def _columns_with(world: World, text: str) -> set[tuple[str, str]]:
    return {
        (table, column)
        for table in world.tables()
        for row in world.rows(f"SELECT * FROM {table}")  # noqa: S608 (our own)
        for column, value in row.items()
        if text in (value.decode() if isinstance(value, bytes) else str(value))
    }


def test_a_wrong_address_is_refused_before_tango_is_asked(placed: World):
    placed.clock.advance(31)
    assert _NO_ADDRESS in _resend(placed, placed.ada, "1 rob@nowhere").text
    long = f"{'r' * 60}@{'e' * 40}.example"
    both = _resend(placed, placed.ada, f"1 {long} template E2").text
    assert wording.fault("new_email", FaultCode.TOO_LONG, limit=100, length=109) in both
    assert _NO_TEMPLATE in both
    assert placed.rows("SELECT * FROM resends") == []


@pytest.mark.parametrize("text", ["1 soon", "1 template E000002 template E000003", f"1 {_NEW} {_NEW}", "1 @rob"])
def test_words_that_are_not_understood_send_nothing(placed: World, text: str):
    placed.clock.advance(31)
    assert build_help(Command.RESEND).text in _resend(placed, placed.ada, text).text
    assert placed.rows("SELECT * FROM resends") == []


def test_the_form_says_what_is_wrong_under_its_fields(placed: World):
    placed.clock.advance(31)
    form = _form(placed, placed.ada)
    assert f"<@{people.ROB}>" in form.blocks[-2]["elements"][0]["text"], "it must be the same person's"
    wrong = placed.ada.submit(form, {"new_template": "E2", "new_email": "rob at new"})
    assert wrong.errors is not None
    assert set(wrong.errors) == {"new_template", "new_email"}
    done = placed.ada.submit(form, {"new_template": "E000002", "new_email": _NEW})
    assert wording.SENDING_AGAIN in done.modals[-1].words
    placed.said(placed.ada, "again, to another address")
    (resend,) = placed.tango.resends
    assert (resend.etid, resend.email) == ("E000002", _NEW)


def test_only_an_admin_has_the_field_for_an_address(placed: World):
    placed.clock.advance(31)
    form = _form(placed, placed.maya)
    with pytest.raises(NotPossible):
        form.block("new_email")
    values = {"new_email": {"resend_new_email": {"type": "plain_text_input", "value": _NEW}}}
    payload = a_submission(placed.slack, people.MAYA, "resend", values, private_metadata=placed.reference("orders", 1))
    answered = placed.slack.deliver("interactive", payload)
    assert wording.not_allowed(Rule.ADMINS_ONLY) in json.dumps(answered), (
        "what a screen does not offer is refused as well"
    )
    assert placed.rows("SELECT * FROM resends") == []


# ------------------------------------------------------------------------------------- the recipient


def test_a_recipient_who_did_not_get_theirs_has_it_sent_again(placed: World):
    rob, dm = _rob(placed), _dm(placed)
    rob.click(dm, "resend_mine")
    again = _watch(placed, rob, dm)
    assert wording.mine("rob@acme.example") in again.words
    rob.click(again, "resend_mine")
    told = placed.said(rob, wording.sent_again_to_me("rob@acme.example"))
    assert "spam" in told.text
    assert "#1" not in told.words + rob.now(dm).words, "orders are for those who sent them"
    (resend,) = placed.tango.resends
    assert resend.email == "rob@acme.example"
    for words in (wording.SENT_AGAIN, wording.sent_again_to_me("rob@acme.example")):
        assert not [message for message in placed.maya.dms() if words in message.text]


def test_a_recipient_sees_nothing_of_the_order_but_their_reward(placed: World):
    placed.clock.advance(31)
    rob = _rob(placed)
    for command, text in (("/orders", "1"), ("/resend", "1 template E000002"), ("/resend", f"1 {_NEW}")):
        told = rob.command(command, text).ephemeral
        assert told is not None
        assert wording.NOT_FOUND in told.text, (command, text)
    assert _resend(placed, rob).text == wording.NO_EMAILS
    kim = placed.slack.person("kim").command("/resend", "1").ephemeral
    assert kim is not None
    assert kim.text == wording.not_found(1)
    assert placed.rows("SELECT * FROM resends") == []


def test_a_reward_that_waits_is_hidden_from_its_recipient(world: World):
    world.tango.faults.set("unavailable_before")
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM attempts"))
    assert _resend(world, _rob(world), "1").text == wording.not_found(1)


# -------------------------------------------------------------------------------------- live seconds


def test_a_refused_command_says_when_the_time_has_come_once(placed: World):
    told = _resend(placed, placed.maya, "1")
    assert wording.TOO_SOON in told.text
    _resend(placed, placed.maya, "1")
    now = placed.until(
        lambda: next((m for m in placed.maya.ephemerals() if wording.wait_is_over(1) in m.text), None), step=0.5
    )
    placed.clock.advance(60)
    placed.wake()
    placed.maya.click(now, "resend_refused")
    placed.said(placed.maya, wording.sent_again(1))
    assert len([m for m in placed.maya.ephemerals() if wording.wait_is_over(1) in m.text]) == 1


@pytest.mark.parametrize(
    ("command", "text", "action"),
    [("/resend", "1", "resend_refused"), ("/orders", "1", "order_resend"), ("/resend", "", "resend_listed")],
    ids=["refusal", "detail", "list"],
)
def test_a_click_counts_down_where_it_was_made(placed: World, command: str, text: str, action: str):
    maya = placed.maya
    message = maya.command(command, text).ephemeral
    assert message is not None
    _press(maya, message, action)
    last = _watch(placed, maya, message)
    assert max(right.uses for right in placed.slack._state.response_urls.values()) == 5, "as many as Slack takes"
    assert action in last.action_ids
    _press(maya, last, action)
    placed.said(maya, wording.sent_again(1))


@pytest.mark.parametrize(("action", "said"), [("order_resend", wording.STALE), ("resend_listed", wording.NO_EMAILS)])
def test_where_one_may_not_look_nothing_counts(placed: World, action: str, said: str):
    rob = _rob(placed)
    click = a_click(placed.slack, rob.id, action, placed.reference("orders", 1), channel=rob.dm_channel)
    told = placed.answer(rob, lambda: placed.slack.deliver("interactive", click))
    assert told.text == said, "the message of this button is its requester's"
    assert placed.bot._countdown._counts == {}


def test_the_end_is_not_announced_when_somebody_else_was_faster(placed: World):
    placed.bot._countdown.stop()  # it looks when it is told to, and so after Ada
    _resend(placed, placed.maya, "1")
    placed.clock.advance(30)
    placed.ada.command("/resend", "1")
    placed.bot._countdown.run_once()
    placed.wake()
    placed.said(placed.ada, wording.sent_again(1))
    assert not [m for m in placed.maya.ephemerals() if wording.wait_is_over(1) in m.text]


def test_a_stop_ends_the_counting(placed: World):
    _resend(placed, placed.maya, "1")
    placed.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "countdown"]
    placed.start()
    placed.clock.advance(60)
    placed.wake()
    placed.settle()
    assert not [m for m in placed.maya.ephemerals() if wording.wait_is_over(1) in m.text], "the last text stands"


# ------------------------------------------------------------------------------------- Tango's clock


@pytest.mark.parametrize(
    ("tokens", "left"),
    [(["30", "ten seconds ago"], {19, 20, 21}), (["11"], {11}), ([], {30})],
    ids=["the time of the send", "seconds alone", "nothing"],
)
def test_tangos_own_clock_is_taken_over(answering: tuple[World, Answers], tokens: list[str], left: set[int]):
    # Tango's clock is the machine's here, the bot's is months behind: what is left is the same by both.
    world, answers = answering
    sent_at = (datetime.now(UTC) - timedelta(seconds=10)).isoformat(timespec="seconds")
    told_by_tango = [sent_at if token == "ten seconds ago" else token for token in tokens]
    answers.resends(403, refusal("403.005", "Sent not long ago.", told_by_tango))
    _resend(world, world.maya, "1")
    told = world.until(lambda: next((m for m in world.maya.dms() if wording.NOT_SENT_AGAIN in m.text), None), step=0)
    assert wording.cause("403.005") in told.text
    found = int(wording.seconds_to_resend(told.text, world.clock.now()) or 0)
    assert found in left | {one + 1 for one in left}
    assert wording.TOO_SOON in _resend(world, world.maya, "1").text
    assert world.tango.resends == []
    world.clock.advance(found + 1)
    world.maya.click(told, "resend_refused")
    world.said(world.maya, wording.sent_again(1))


def test_after_an_unclear_answer_the_clock_stands(placed: World):
    placed.clock.advance(31)
    placed.tango.faults.set("cut_after", endpoint="resend", times=1)
    _resend(placed, placed.maya, "1")
    told = placed.until(lambda: next((m for m in placed.maya.dms() if wording.UNCLEAR_RESEND in m.text), None), step=0)
    assert 30 <= (wording.seconds_to_resend(told.text, placed.clock.now()) or 0) <= 31
    assert wording.TOO_SOON in _resend(placed, placed.maya, "1").text
    assert len(placed.tango.resends) == 1


def test_a_refusal_that_sent_nothing_gives_the_clock_back(answering: tuple[World, Answers]):
    world, answers = answering
    answers.resends(403, refusal("403.003", "Not ours."))
    _resend(world, world.maya, "1")
    told = world.said(world.maya, wording.not_sent_again(1))
    assert wording.cause("403.003") in told.text
    assert wording.CAN_BE_SENT_AGAIN in told.text
