"""The shortcuts: the form from anywhere, and from a message for who wrote it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bot.faults import FaultCode
from bot.sandbox.slack import Person, ShownMessage, ShownView, people
from bot.sandbox.slack.model import Channel
from bot.tango.limits import MESSAGE_LIMIT
from handlers.ids import Shortcut
from handlers.views import shortcuts as words
from handlers.views.messages import unopened_text
from tests.kit.bot import CARD, World
from tests.kit.payloads import a_choice, a_submission, meant

#: What is chosen has nothing to do with the engine.
pytestmark = pytest.mark.file

FORM: Final = "request"


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all: each test opens a form of its own."""
    folder: Path = tmp_path_factory.mktemp("shortcuts")
    with World(folder) as world:
        yield world


@pytest.fixture
def desk(lent: World) -> World:
    for who in (lent.maya, lent.slack.person("gus")):
        if who.modal is not None:
            who.close(everything=True)
    return lent


def chosen(message: ShownMessage, who: Person) -> ShownView:
    """The form, once its author is looked up; or what is said in its place."""
    who.message_shortcut(Shortcut.REWARD_THIS, message)
    view: ShownView = who.wait_for(
        lambda: next((one for one in who.modals if words.looking_at_text() not in one.words), None)
    )
    return view


def typed(form: ShownView) -> tuple[list[str], str]:
    return list(form.entered["recipients"]["request_recipients"] or []), form.entered["message"][
        "request_message"
    ] or ""


def test_a_reward_can_be_sent_from_anywhere(desk: World):
    form = desk.maya.shortcut(Shortcut.SEND).modal
    assert form is not None
    assert form.callback_id == FORM
    assert typed(form) == ([], "")


def test_a_guest_is_refused_in_words(desk: World):
    gus = desk.slack.person("gus")
    refused = gus.shortcut(Shortcut.SEND).modal
    assert refused is not None
    assert refused.callback_id != FORM
    assert "Guests" in refused.words


def test_a_message_chooses_its_author_and_its_text(desk: World):
    message = desk.slack.person("kim").say("Fixed x < y & co", channel="general")
    form = chosen(message, desk.maya)
    assert form.callback_id == FORM
    assert typed(form) == ([people.KIM], "Fixed x < y & co")
    assert words.linked_text() in form.words


def test_a_text_is_plain(desk: World):
    text = f"Ask <@{people.LI}> in <#C00GENERAL|general>: &lt;3 <https://acme.example/1|this>"
    desk.slack.deliver("interactive", a_choice(desk.slack, people.MAYA, Shortcut.REWARD_THIS, people.KIM, text))
    form = desk.maya.wait_for(lambda: next((one for one in desk.maya.modals if one.callback_id == FORM), None))
    li = desk.slack.workspace.users[people.LI].real_name
    assert typed(form)[1] == f"Ask @{li} in #general: <3 this (https://acme.example/1)"


def test_the_card_links_the_message(desk: World):
    root = desk.slack.person("kim").say("Who can help?", channel="general")
    reply = desk.slack.person("rob").say("I did", channel="general", thread_ts=root.ts)
    form = chosen(reply, desk.maya)
    assert typed(form) == ([people.ROB], "I did")
    assert desk.maya.submit(form, {"reward": CARD, "amount": "25", "message": "He did"}).closed
    request_id = desk.one("SELECT max(id) AS id FROM requests")["id"]
    desk.until(lambda: desk.is_posted("approval_card", request_id))
    card = desk.card(request_id)
    (url,) = {one["url"] for one in _links(card.blocks) if one["text"] == "this message"}
    place = f"/archives/{people.GENERAL}/p{reply.ts.replace('.', '')}"
    assert url == f"{desk.slack.url}{place}?thread_ts={root.ts}&cid={people.GENERAL}"
    assert "He did" in card.words


def test_a_message_where_the_bot_is_not_is_rewarded_without_a_link(desk: World):
    with desk.slack.workspace.lock:
        desk.slack.workspace.channels["C0BACKROOM"] = Channel(
            "C0BACKROOM", "back-room", is_private=True, members=[people.KIM, people.MAYA]
        )
    message = desk.slack.person("kim").say("Done", channel="C0BACKROOM")
    form = chosen(message, desk.maya)
    assert typed(form) == ([people.KIM], "Done")
    assert words.linked_text() not in form.words


def test_a_text_that_is_too_long_is_cut_and_the_form_says_so(desk: World):
    message = desk.slack.person("kim").say("long " * 700, channel="general")
    form = chosen(message, desk.maya)
    assert 0 < len(typed(form)[1]) <= MESSAGE_LIMIT
    assert words.shortened_text(MESSAGE_LIMIT) in form.words


@pytest.mark.parametrize(
    ("author", "code"),
    [
        ("maya", FaultCode.IS_ONESELF),
        ("gus", FaultCode.IS_GUEST),
        ("olga", FaultCode.IS_OUTSIDER),
        ("dora", FaultCode.IS_DEACTIVATED),
        ("lunchbot", FaultCode.IS_BOT),
    ],
)
def test_who_cant_be_rewarded_is_refused_in_words(desk: World, author: str, code: FaultCode):
    who = desk.slack.person(author)
    body = a_choice(desk.slack, people.MAYA, Shortcut.REWARD_THIS, who.id)
    desk.slack.deliver("interactive", body)
    said = words.refused_text(code, who.id)
    desk.maya.wait_for(lambda: next((one for one in desk.maya.modals if said in one.words), None))
    assert not [one for one in desk.maya.modals if one.callback_id == FORM]


def test_a_message_of_a_webhook_has_nobody_to_reward(desk: World):
    desk.slack.webhook("general", "Build failed", username="ci")
    message = desk.maya.messages("general")[-1]
    assert words.app_wrote_text() in chosen(message, desk.maya).words


def test_a_link_that_is_not_slacks_gets_on_no_card(desk: World):
    for n, url in enumerate(
        ("https://evil.example/archives/C0/p1", "https://acme.slack.com.evil.example/archives/C01/p1234567890123456")
    ):
        values: dict[str, Any] = {
            "recipients": {"request_recipients": {"type": "multi_users_select", "selected_users": [people.KIM]}},
            "reward": {"request_reward": {"type": "static_select", "selected_option": {"value": CARD}}},
            "amount": {"request_amount": {"type": "plain_text_input", "value": "5"}},
        }
        metadata = json.dumps(json.loads(meant(values)) | {"permalink": url})
        form = a_submission(desk.slack, people.MAYA, FORM, values, private_metadata=metadata, view_id=f"VFORGED{n}")
        desk.slack.deliver("interactive", form)
        stored = desk.one("SELECT permalink FROM requests WHERE submission_id = :id", id=f"VFORGED{n}")
        assert stored["permalink"] == ""


def test_a_modal_that_slack_does_not_open_is_told_in_person(desk: World):
    body = a_choice(desk.slack, people.MAYA, Shortcut.SEND) | {"trigger_id": "1.2.stale"}
    desk.slack.deliver("interactive", body)
    desk.maya.wait_for(lambda: next((one for one in desk.maya.dms() if unopened_text() in one.text), None))


def _links(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        if part.get("type") == "link":
            yield part
        for one in part.values():
            yield from _links(one)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _links(one)
