"""Somebody acts in a modal twice, faster than the modal changes: both acts show, and the newest one last."""

from functools import partial
from typing import Any

import pytest

from bot.sandbox.slack import ShownView, people
from handlers.ids import Action, Block
from tests.kit.bot import FIXED, World
from tests.kit.payloads import an_act_in

Json = dict[str, Any]

in_each_order = pytest.mark.parametrize("order", ["reward first", "more first"])


def _acts(world: World, form: ShownView, order: str) -> list[Json]:
    """What Slack sends of a choice of reward and of *More options*, both done before the form changed."""
    option = {"text": {"type": "plain_text", "text": "A reward"}, "value": FIXED}
    chosen = {Block.REWARD.value: {Action.REWARD.value: {"type": "static_select", "selected_option": option}}}
    choose = an_act_in(world.slack, people.MAYA, form, Action.REWARD, **chosen)
    more = partial(an_act_in, world.slack, people.MAYA, form, Action.MORE)
    return [choose, more(**chosen)] if order == "reward first" else [more(), choose]


def _modal(world: World) -> ShownView:
    assert world.maya.modal is not None
    return world.maya.modal


def _fields(shown: ShownView) -> set[str]:
    return {block["block_id"] for block in shown.blocks}


def _shows_both(world: World) -> bool:
    """Whether the fields behind *More options* are there, and the amount is not: the reward has its own."""
    fields = _fields(_modal(world))
    return Block.CAMPAIGN in fields and Block.AMOUNT not in fields


@in_each_order
def test_an_act_on_a_screen_that_is_behind_shows_as_well(world: World, order: str):
    form = world.form()
    assert Block.AMOUNT in _fields(form)
    first, second = _acts(world, form, order)
    world.slack.deliver("interactive", first)
    world.maya.wait_for(lambda: _modal(world).data["hash"] != form.data["hash"])
    world.slack.deliver("interactive", second)
    assert world.maya.wait_for(partial(_shows_both, world))


@in_each_order
def test_an_act_while_the_form_is_changing_shows_as_well(world: World, order: str):
    first, second = _acts(world, world.form(), order)
    world.slack.faults.set("slow", method="views.update", seconds=0.5, times=1)
    world.slack.deliver("interactive", first)
    world.slack.deliver("interactive", second)
    assert world.maya.wait_for(partial(_shows_both, world))


@pytest.mark.parametrize("fault", ["outage", "rate_limited", "cut"])
def test_an_act_shows_once_a_hiccup_of_slacks_is_over(world: World, fault: str):
    form = world.form()
    world.slack.faults.set(fault, method="views.update", times=2)
    world.maya.click(form, Action.MORE)
    assert world.maya.wait_for(lambda: Block.CAMPAIGN in _fields(_modal(world)))


def test_what_was_looked_up_shows_once_a_hiccup_of_slacks_is_over(world: World):
    world.slack.faults.set("outage", method="views.update", times=2)
    form = world.form(text="rob 25")  # a name, which is looked up behind a window that is open already
    assert world.maya.wait_for(lambda: Block.MESSAGE in _fields(_modal(world)))
    assert form.id == _modal(world).id


def test_an_act_after_a_change_that_slack_did_not_answer_shows_both(world: World):
    first, second = _acts(world, world.form(), "more first")
    world.slack.faults.set("cut", method="views.update", times=6)  # three tries; slack_sdk makes two of each
    world.slack.deliver("interactive", first)
    world.until(lambda: not world.slack.faults.to_page())
    world.slack.deliver("interactive", second)
    assert world.maya.wait_for(partial(_shows_both, world))


def test_a_change_by_another_bot_does_not_lose_an_act(world: World):
    form = world.form()
    _, second = _acts(world, form, "reward first")
    another = world.slack._state.workspace
    view = another.view(form.id)
    assert view is not None
    another.replace_view(view, view.body)  # the same fields, with another hash
    world.slack.deliver("interactive", second)
    assert world.maya.wait_for(partial(_shows_both, world))
