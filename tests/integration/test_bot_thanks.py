"""Thanks in public: posted once, when the rewards are sent, without amount or reward."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.slack import ShownMessage, people
from handlers.ids import Block
from handlers.views.thanks import build_thanks_refused
from tests.kit import wording
from tests.kit.asked import submit
from tests.kit.bot import CARD, World

MESSAGE = "You carried the *launch* over the line"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot whose settings name a channel for thanks."""
    with World(tmp_path_factory.mktemp("thanks"), settings={"thanks_channel": people.TEAM_BLUE}) as world:
        yield world


def thanks(world: World) -> list[ShownMessage]:
    """What the bot has posted in the channel for thanks."""
    return [message for message in world.maya.messages(people.TEAM_BLUE) if MESSAGE in message.words]


def test_the_sender_may_thank_in_public_once_the_rewards_are_sent(world: World):
    request_id = world.ask(recipients=["rob", "kim"], message=MESSAGE, in_public=["yes"])
    world.settle()
    assert thanks(world) == [], "nothing is sent yet"
    world.alex.click(world.card(request_id), "approve")
    world.until(lambda: len(thanks(world)) == 1)
    [posted] = thanks(world)
    for who in (people.MAYA, people.ROB, people.KIM):
        assert f"<@{who}>" in posted.words
    for private in ("25", "Marlow", "@acme.example", "http"):
        assert private not in posted.words + posted.text
    assert MESSAGE not in posted.text
    assert '"rich_text_quote"' in str(posted.blocks).replace("'", '"'), "typed signs format nothing"


def test_without_the_tick_nothing_is_said_in_public(world: World):
    before = len(world.maya.messages(people.TEAM_BLUE))
    world.place()
    world.settle()
    assert len(world.maya.messages(people.TEAM_BLUE)) == before


def test_what_is_ticked_survives_a_change_of_the_form(world: World):
    form = world.form(text="@rob 25")
    world.maya.select(form, "in_public", ["yes"])
    world.maya.click(form, "request_more")
    unfolded = world.until(lambda: now if (now := world.maya.modal) and "campaign" in now.entered else None)
    assert unfolded.entered[Block.IN_PUBLIC] == {"request_in_public": ["yes"]}
    assert submit(world.maya, unfolded, {"reward": CARD}).closed
    world.settle()
    kept = world.one("SELECT details FROM requests ORDER BY id DESC LIMIT 1")["details"]
    assert json.loads(kept)["in_public"] is True


def test_nobody_reads_of_a_present_in_public_before_its_recipient_has_it(world: World):
    before = len(thanks(world))
    rob = world.slack.person("rob")
    world.slack.faults.set("refused", method="chat.postMessage", channel=rob.dm_channel, code="restricted_action")
    request_id = world.approve(message=MESSAGE, in_public=["yes"], delivery="message")
    world.until(lambda: wording.SENT in world.receipt(request_id).words)
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'reward_delivery' AND problem IS NOT NULL"))
    assert len(thanks(world)) == before
    world.slack.faults.clear()
    world.until(lambda: len(thanks(world)) == before + 1, step=60)
    assert any(wording.GIVEN in message.text for message in rob.dms())


@pytest.mark.parametrize("code", ["user_disabled", "restricted_action"])
def test_the_thanks_are_posted_though_the_sender_cannot_be_told(world: World, code: str):
    before = len(thanks(world))
    request_id = world.ask(message=f"{MESSAGE} {code}", in_public=["yes"])
    channel = world.slack.person("maya").dm_channel
    world.slack.faults.set("refused", method="chat.update", channel=channel, code=code)
    world.alex.click(world.card(request_id), "approve")
    world.until(lambda: len(thanks(world)) == before + 1)
    world.slack.faults.clear()
    world.settle(step=60)
    assert len(thanks(world)) == before + 1


def test_refused_thanks_are_told_to_the_sender_once(world: World):
    world.slack.faults.set("refused", method="chat.postMessage", channel=people.TEAM_BLUE, code="is_archived")
    request_id = world.approve(message=MESSAGE, in_public=["yes"])
    request = world.bot._storage.requests.get(request_id)
    assert request is not None
    told = build_thanks_refused(request, "is_archived")
    world.until(lambda: [message.text for message in world.maya.dms()].count(told.text) == 1)


def test_no_setting_no_box(tmp_path: Path):
    with World(tmp_path) as world:
        assert Block.IN_PUBLIC not in world.form().entered
        assert world.form().title == wording.FORM_TITLE
