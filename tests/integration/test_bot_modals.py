"""Somebody acts in a modal twice, faster than the modal changes: both acts show, and the newest one last."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from threading import Event
from typing import Any

import pytest
from slack_sdk.web import WebClient

from bot.errors import NoRewards
from bot.sandbox.slack import ShownView, people
from handlers.bolt.afterwards import Jobs
from handlers.bolt.answers import Update, UpdateLater, UpdateThen
from handlers.bolt.modals import Modals
from handlers.bolt.payloads import Click, Modal
from handlers.ids import Action, Block
from handlers.views.decisions import build_notice
from handlers.views.messages import refusal_text
from tests.kit.bot import BOT_TOKEN, FIXED, World
from tests.kit.factories import FakeClock
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
    assert world.maya.wait_for(lambda: not world.slack.faults.to_page())
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


# ---------------------------------------------------------------- one bot's modals, act by act


at_either = pytest.mark.parametrize("where", ["at this bot", "at another bot"])


class OneBot:
    """A bot with the form open: what it puts into the modal, and what others put there."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = FakeClock()
        self.modals = Modals(self.clock)
        self.client = WebClient(token=BOT_TOKEN, base_url=f"{world.slack.url}/api/")
        self.jobs = Jobs(2)
        self.form = world.form()
        self.modal = Modal.of(self.form.data)

    def click(self) -> Click:
        """Press a button in the form as it was first."""
        return Click.of(an_act_in(self.world.slack, people.MAYA, self.form, Action.MORE))

    def change(self, words: str, *, modal: Modal | None = None) -> None:
        answer = Update(modal or self.modal, build_notice(words))
        self.modals.change(self.jobs, self.client, self.click(), answer)

    def change_later(self, make: Callable[[Modal], Json], click: Click) -> None:
        self.modals.change(self.jobs, self.client, click, UpdateLater(self.modal, make))

    def fill(self, make: Callable[[], Json]) -> None:
        self.modals.fill(self.jobs, self.client, UpdateThen(self.modal, make))

    def show(self, words: str) -> None:
        """Have Slack show something else: the answer to a submit, or another bot's view."""
        self.client.views_update(view_id=self.form.id, view=build_notice(words))

    def finish(self) -> str:
        """Wait for all that was begun; return the words of the modal then."""
        self.jobs.shutdown()
        self.jobs = Jobs(2)
        return _modal(self.world).words


@pytest.fixture
def bot(world: World) -> OneBot:
    return OneBot(world)


@pytest.mark.parametrize("acts", [1, 2])
@at_either
def test_a_view_that_waits_does_not_replace_the_answer_to_a_submit(bot: OneBot, acts: int, where: str):
    bot.world.slack.faults.set("outage", method="views.update", times=acts)
    for _ in range(acts):
        bot.change("From before the submit")
    bot.world.maya.wait_for(lambda: not bot.world.slack.faults.to_page())
    if where == "at this bot":
        bot.modals.leave(bot.modal)
    bot.show("The answer")
    assert "The answer" in bot.finish()


def test_what_was_typed_is_forgotten_some_time_after_the_last_act(bot: OneBot):
    bot.change("From long ago")
    bot.finish()
    bot.clock.advance(600)
    another = Modal.of(bot.world.form().data)
    bot.change("Just now", modal=another)
    bot.finish()
    assert list(bot.modals._shown) == [another.id]


def test_an_act_that_comes_after_the_submit_is_dropped_and_one_in_the_answer_shows(bot: OneBot):
    bot.modals.leave(bot.modal)
    bot.show("The answer")
    bot.change("From before the submit")
    assert "The answer" in bot.finish()
    bot.change("From the answer", modal=Modal.of(_modal(bot.world).data))
    assert "From the answer" in bot.finish()


@at_either
def test_what_tango_answers_does_not_replace_what_was_changed_meanwhile(bot: OneBot, where: str):
    changed = Event()

    def make() -> Json:
        assert changed.wait(20)
        return build_notice("Tango's answer")

    bot.fill(make)
    if where == "at this bot":
        bot.change("Changed")
        assert bot.world.maya.wait_for(lambda: "Changed" in _modal(bot.world).words)
    else:
        bot.show("Changed")
    changed.set()
    assert "Changed" in bot.finish()


def test_what_tango_answers_is_shown_where_nothing_was_changed(bot: OneBot):
    bot.fill(lambda: build_notice("Tango's answer"))
    assert "Tango's answer" in bot.finish()


def test_an_act_behind_one_that_breaks_still_shows(bot: OneBot):
    waits = Event()

    def make(_: Modal) -> Json:
        assert waits.wait(20)
        return build_notice("Broken") | {"title": object()}  # no JSON can be made of it

    bot.change_later(make, bot.click())
    first, bot.jobs = bot.jobs, Jobs(1)
    bot.change("Shown")
    bot.jobs.shutdown()  # it found the first one at work, and left its view to it
    waits.set()
    first.shutdown()
    assert "Shown" in bot.finish()


def _told_in_person(bot: OneBot) -> bool:
    return any(refusal_text(NoRewards()) in message.words for message in bot.world.maya.dms())


def test_an_act_that_is_refused_too_late_for_a_window_is_told_in_person(bot: OneBot):
    def make(_: Modal) -> Json:
        raise NoRewards

    bot.change_later(make, replace(bot.click(), trigger_id="too old"))
    bot.finish()
    assert _told_in_person(bot)


def test_an_act_that_is_refused_after_the_submit_says_nothing(bot: OneBot):
    def make(modal: Modal) -> Json:
        bot.modals.leave(modal)
        raise NoRewards

    bot.change_later(make, bot.click())
    bot.finish()
    assert [one.id for one in bot.world.maya.modals] == [bot.form.id]
    assert not _told_in_person(bot)
