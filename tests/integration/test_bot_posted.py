"""A posted reward goes where the requester typed: who sees how much of the address, and who can dispute it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.sandbox.slack import ShownMessage, people
from handlers.views.choices import country_choices
from tests.kit import wording
from tests.kit.bot import World
from tests.kit.payloads import a_click
from tests.kit.posted import ADDRESS, ask_posted

#: What of the address only the requester and who may decide are shown.
_PRIVATE = ("Main St", "62701", "IL")


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    with World(tmp_path, where=database) as world:
        yield world


def shows(message: ShownMessage, part: str) -> bool:
    """Tell whether a message has these words: two letters may be in any id."""
    return re.search(rf"\b{re.escape(part)}\b", str(message.data)) is not None


def _posted(world: World) -> ShownMessage:
    """Have a posted reward approved and accepted; what its recipient is told."""
    world.alex.click(world.card(ask_posted(world)), "approve")
    world.settle()
    return world.said(world.slack.person("rob"), wording.POSTED)


def test_the_card_names_town_and_country_and_who_typed_the_address_and_no_more(world: World):
    card = world.card(ask_posted(world))
    assert f"Springfield, United States · <@{people.MAYA}>" in card.words
    assert not [part for part in _PRIVATE if shows(card, part)]


def test_who_may_decide_sees_the_whole_address_alone_and_that_is_written_down(world: World):
    card = world.card(ask_posted(world))
    shown = world.answer(world.alex, lambda: world.alex.click(card, "address_show"))
    assert wording.ADDRESS_SHOWN in shown.text
    assert all(part in shown.words for part in ADDRESS.values())
    assert not [part for part in _PRIVATE if part in shown.text], "a notification shows the text on a locked screen"
    assert world.rows("SELECT actor, facts FROM audit WHERE event = 'request.address_shown'") == [
        {"actor": people.ALEX, "facts": "{}"}
    ]
    assert not any("Main St" in str(message.data) for message in world.sam.ephemerals())


def test_a_request_that_is_not_posted_has_no_address_to_show(world: World):
    request_id = world.ask()
    assert "address_show" not in world.card(request_id).action_ids
    reference = world.reference("requests", request_id)
    click = a_click(world.slack, people.ALEX, "address_show", reference, channel=people.APPROVALS)
    told = world.answer(world.alex, lambda: world.slack.deliver("interactive", click))
    assert told.text == wording.STALE


def test_the_recipient_is_told_the_town_and_postal_code_alone(world: World):
    told = _posted(world)
    assert "Springfield, 62701" in told.text
    assert "Main St" not in str(told.data)


def test_that_is_not_my_address_tells_the_requester_and_the_admins_once(world: World):
    told, rob = _posted(world), world.slack.person("rob")
    for _ in range(2):
        noted = world.answer(rob, lambda: rob.click(told, "address_wrong"))
        assert wording.ADDRESS_NOTED in noted.text
        world.settle()
    for who in (world.maya, world.ada):
        (heard,) = (message for message in who.dms() if wording.ADDRESS_DISPUTED in message.text)
        assert not [part for part in (*_PRIVATE, "Springfield") if shows(heard, part)]
    assert world.rows("SELECT actor FROM audit WHERE event = 'order.address_disputed'") == [{"actor": people.ROB}]
    assert world.one("SELECT status FROM orders") == {"status": "accepted"}


def test_nothing_of_the_address_is_in_the_channel_after_the_decision(world: World):
    _posted(world)
    card = world.card(1)
    assert not [part for part in _PRIVATE if shows(card, part)]
    assert "address_show" not in card.action_ids


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("united st", ["United States", "United States Minor Outlying Islands"]),
        ("united states", ["United States", "United States Minor Outlying Islands"]),
        ("  United   States ", ["United States", "United States Minor Outlying Islands"]),
        ("us", ["United States"]),
        ("niger", ["Niger", "Nigeria"]),
        ("guinea", ["Guinea", "Guinea-Bissau"]),
        ("congo", ["Congo"]),
        ("in", ["India"]),
    ],
)
def test_the_country_that_is_meant_comes_first(typed: str, first: list[str]):
    offered = [choice["text"]["text"] for choice in country_choices(typed)["options"]]
    assert offered[: len(first)] == first


def test_the_form_offers_the_country_that_is_meant_first(world: World):
    who = world.maya
    who.select(world.form(who), "request_reward", "U700801")
    form = world.until(lambda: found if (found := who.modal) and "city" in found.entered else None)
    assert who.options(form, "request_country", "united st")[0]["value"] == "US"
