"""Answers whose `response_url` fails, and clicks on copies of a card: nobody who clicks is left without a word."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bot.sandbox.slack import ShownMessage, people
from bot.sandbox.slack.snapshots import message_data
from handlers.ids import Action
from handlers.views.cards import build_moved_card, build_moved_receipt
from handlers.views.messages import unshown_text
from tests.kit import wording
from tests.kit.bot import World, open_details
from tests.kit.payloads import a_click, a_command

#: How Slack is answered has nothing to do with the engine.
pytestmark = pytest.mark.file

#: A reference that no request has, so that the click is refused.
_NOBODYS: Final = "f" * 32


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database: Path | str) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("answers"), where=module_database) as world:
        yield world


@pytest.fixture(autouse=True)
def _no_faults(world: World) -> None:
    world.slack.faults.clear()


def _refused_click(world: World, who: str = people.ALEX, channel: str = people.APPROVALS) -> dict[str, Any]:
    return a_click(world.slack, who, "approve", _NOBODYS, channel=channel)


def _newest_url(world: World) -> Any:
    return list(world.slack._state.response_urls.values())[-1]


def _use_up(world: World) -> None:
    """Use the newest `response_url` as often as Slack lets anybody."""
    _newest_url(world).uses = 5


def test_an_answer_is_given_again_after_a_hiccup(world: World):
    world.slack.faults.set("outage", method="response_url", times=1)
    payload = _refused_click(world)
    told = world.answer(world.alex, lambda: world.slack.deliver("interactive", payload))
    assert wording.STALE in told.words
    assert _newest_url(world).uses == 1, "by the response_url, not by another call"


def test_an_answer_whose_url_is_used_up_is_told_to_the_person_alone(world: World):
    payload = _refused_click(world)
    _use_up(world)
    told = world.answer(world.alex, lambda: world.slack.deliver("interactive", payload))
    assert told.channel == people.APPROVALS
    assert wording.STALE in told.words


def test_an_answer_where_the_bot_is_no_member_comes_by_direct_message(world: World):
    payload = _refused_click(world, channel=people.RANDOM)
    _use_up(world)
    world.slack.deliver("interactive", payload)
    assert world.said(world.alex, wording.STALE)


def test_an_answer_whose_blocks_are_refused_comes_plainer(world: World):
    request_id = world.ask()
    world.slack.faults.set("refused", method="response_url", block="rich_text")
    told = world.answer(world.alex, lambda: world.alex.click(world.card(request_id), Action.CARD_DETAILS))
    assert {block["type"] for block in told.blocks} == {"section"}
    assert "rob@" in told.words


def test_what_cannot_be_shown_to_everyone_is_said_to_who_wanted_it(world: World):
    world.place()
    listed = world.answer(world.maya, lambda: world.maya.command("/orders", channel="general"))
    detail = world.answer(world.maya, lambda: open_details(world.maya, listed))
    world.slack.faults.set("refused", method="response_url", code="no_permission")
    told = world.answer(world.maya, lambda: world.maya.click(detail, "order_show"))
    assert told.words == unshown_text()


# ------------------------------------------------------------------------------ the app's own conversation


def test_with_the_app_alone_an_answer_is_an_ordinary_message(world: World):
    request_id = world.ask()
    told = world.answer(world.maya, lambda: world.maya.click(world.receipt(request_id), "card_again"))
    assert not told.ephemeral
    assert told.channel == world.maya.dm_channel
    typed = world.answer(world.maya, lambda: world.maya.command("/orders"))
    assert not typed.ephemeral
    elsewhere = world.answer(world.maya, lambda: world.maya.command("/orders", channel="general"))
    assert elsewhere.ephemeral


def test_who_opens_the_conversation_is_answered_there_by_ordinary_messages(world: World):
    world.alex.open_home()
    assert not world.answer(world.alex, lambda: world.alex.command("/orders")).ephemeral


def test_a_restart_forgets_no_conversation(world: World):
    request_id = world.ask()
    world.alex.open_home()
    world.answer(world.maya, lambda: world.maya.click(world.receipt(request_id), "card_again"))
    world.stop()
    world.start()
    for who in (world.maya, world.alex):
        assert not world.answer(who, lambda who=who: who.command("/orders")).ephemeral  # type: ignore[misc]  # a default binds it


def test_what_may_be_a_conversation_of_two_people_shows_an_answer_to_one_alone(world: World):
    typed = {**a_command(world.slack, people.MAYA, "/orders", "help"), "channel_id": "D0TWO0001"}
    assert world.slack.deliver("slash_commands", typed)["response_type"] == "ephemeral"


# -------------------------------------------------------------------------------------------- orphans


def _forget_post(world: World, kind: str, request_id: int) -> ShownMessage:
    """Have a message posted twice, as by a process that dies after the first and before it stored where; the first."""
    world.settle()  # what another request for the same person comes to has the card rewritten
    first = world._post(kind, request_id)
    world.stop()
    world.write("DELETE FROM posts WHERE kind = :kind AND request_id = :id", kind=kind, id=request_id)
    world.write(
        "UPDATE outbox SET status = 'sending'"
        " WHERE id = (SELECT max(id) FROM outbox WHERE kind = :kind AND facts ->> 'request_id' = :id)",
        kind=kind,
        id=request_id,
    )
    world.start()
    world.until(lambda: world.is_posted(kind, request_id))
    return first


def _now(world: World, message: ShownMessage) -> ShownMessage:
    stored = world.slack.workspace.message(message.channel, message.ts)
    assert stored is not None
    return ShownMessage(message_data(world.slack._state, stored))


@pytest.mark.parametrize(
    ("button", "became"),
    [("approve", "approved"), (Action.CARD_DETAILS, "pending_approval"), ("withdraw", "withdrawn")],
)
def test_a_click_on_an_orphan_acts_and_turns_it_into_a_pointer(world: World, button: str, became: str):
    is_card = button != "withdraw"
    kind, person = ("approval_card", world.alex) if is_card else ("receipt", world.maya)
    request_id = world.ask()
    orphan = _forget_post(world, kind, request_id)
    current = world._post(kind, request_id)
    assert current.ts != orphan.ts
    person.click(orphan, button)
    pointer = world.until(lambda: shown if (shown := _now(world, orphan)).words != orphan.words else None)
    build = build_moved_card if is_card else build_moved_receipt
    request = world.bot._storage.requests.get(request_id)
    assert request is not None
    assert pointer.text == build(request, None).text
    assert f"/archives/{current.channel}/p{current.ts.replace('.', '')}" in str(pointer.blocks)
    assert button not in str(pointer.blocks)
    world.until(lambda: world.one("SELECT status FROM requests WHERE id = :id", id=request_id)["status"] == became)


def test_a_click_on_the_current_card_or_elsewhere_moves_nothing(world: World):
    request_id = world.ask()
    card = world.card(request_id)
    reference = world.reference("requests", request_id)
    elsewhere = a_click(world.slack, people.ALEX, Action.CARD_DETAILS, reference, channel=people.GENERAL)
    alone = a_click(world.slack, people.ALEX, Action.CARD_DETAILS, reference)
    alone["container"]["is_ephemeral"] = True
    for click in (
        lambda: world.alex.click(card, Action.CARD_DETAILS),
        lambda: world.slack.deliver("interactive", elsewhere),
        lambda: world.slack.deliver("interactive", alone),
        lambda: world.alex.click(card, Action.CARD_DETAILS),  # by now the ones before were looked at
    ):
        world.answer(world.alex, click)
    world.settle()
    moved = f'%"request_id": {request_id},%'
    assert world.rows("SELECT 1 FROM outbox WHERE kind = 'card_moved' AND facts LIKE :moved", moved=moved) == []
    assert _now(world, card).words == card.words


def test_an_orphan_whose_current_card_was_deleted_stays(world: World):
    request_id = world.ask()
    orphan = _forget_post(world, "approval_card", request_id)
    current = world.slack.workspace.message(people.APPROVALS, world.card(request_id).ts)
    assert current is not None
    world.slack.workspace.delete(current)
    world.answer(world.alex, lambda: world.alex.click(orphan, Action.CARD_DETAILS))
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'card_moved'"))
    world.settle()
    assert _now(world, orphan).words == orphan.words
