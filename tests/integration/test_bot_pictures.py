"""The picture of a reward's brand: on the card and with the present, and left out where Slack refuses it."""

from collections.abc import Iterator
from typing import Any

import pytest

from bot.sandbox.slack import ShownMessage
from tests.kit import wording
from tests.kit.bot import World

#: A gift card of the stand-in's catalog whose brand wants its disclaimer shown.
STRICT = "U701001"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("pictures")) as world:
        yield world


def pictures(message: ShownMessage) -> list[Any]:
    return [one for block in message.blocks if (one := block.get("accessory", {})).get("type") == "image"]


def test_the_card_and_the_present_show_the_brand_and_what_it_wants_said(world: World):
    request_id = world.ask(reward=STRICT, amount="25")
    [picture] = pictures(world.card(request_id))
    assert picture["image_url"].startswith("https://images.example/brands/B100210-200w")
    assert picture["alt_text"] == "Velvet & Vine"
    disclaimer = "Velvet &amp; Vine is not a sponsor of this program."
    assert disclaimer in world.card(request_id).words
    world.alex.click(world.card(request_id), "approve")
    present = world.said(world.slack.person("rob"), wording.ON_ITS_WAY)
    assert pictures(present) == [picture]
    assert disclaimer in present.words


def test_a_picture_that_slack_refuses_is_left_out_and_all_else_stays(world: World):
    world.slack.faults.set("refused", block="https://images.example/")
    request_id = world.ask()
    card = world.card(request_id)
    assert pictures(card) == []
    assert {"approve", "decline"} <= set(card.action_ids)
    assert any(block["type"] == "actions" for block in card.blocks), "it looks as meant otherwise"
    world.slack.faults.clear()
