"""Notices that Slack refuses, each for a reason of its own: the others are told all the same."""

from functools import partial
from pathlib import Path
from typing import Final

import pytest

from bot.domain.notices import ApprovalCard
from bot.domain.order import LONGEST_WAIT
from bot.domain.request import RequestStatus
from bot.sandbox.slack import people
from storage.outbox import as_stored
from tests.kit import wording
from tests.kit.bot import World

_DAY: Final = 86_400


def _open(world: World, kind: str) -> list[dict[str, object]]:
    return world.rows(
        "SELECT audience, attempts, problem FROM outbox WHERE kind = :kind AND status IN ('pending', 'sending')",
        kind=kind,
    )


def _cards_of(world: World, request_id: int) -> list[dict[str, object]]:
    """Each time that the card was asked for: while it was being rewritten, too."""
    facts = as_stored(ApprovalCard(request_id))
    return world.rows(
        "SELECT attempts, problem FROM outbox WHERE kind = 'approval_card' AND facts = :facts", facts=facts
    )


def _tries(world: World, request_id: int) -> int:
    return sum(int(str(row["attempts"])) for row in _cards_of(world, request_id))


def _is_tried_after(world: World, request_id: int, tries: int) -> bool:
    return _tries(world, request_id) > tries


def _refuse_updates_of(world: World, channel: str, code: str) -> None:
    world.slack.faults.set("refused", method="chat.update", channel=channel, code=code)


def test_cards_come_to_the_new_channel_after_the_old_one_is_archived(tmp_path: Path, database: Path | str):
    world = World(tmp_path, where=database)
    with world:
        old = world.ask()
        world.stop()
        world.slack.workspace.channels[people.APPROVALS].is_archived = True
        world._more = {"approvals": {"channel": people.TEAM_BLUE}}
        world.slack.workspace.channels[people.TEAM_BLUE].members.append(people.ALEX)
        world.start()
        world.maya.click(world.receipt(old), "withdraw")
        world.until(lambda: world.rows("SELECT 1 FROM requests WHERE status = 'withdrawn'"))
        new = world.ask()
        world.settle()
        assert world.card(new).channel == people.TEAM_BLUE
        assert world.card(old).channel == people.TEAM_BLUE, "who decides sees there what became of it"
        world.alex.click(world.card(new), "approve")
        world.settle()
        assert wording.ORDER_PLACED in world.card(new).words


def test_a_card_that_cannot_be_rewritten_is_posted_anew(world: World):
    request_id = world.ask()
    orphan = world.card(request_id)
    _refuse_updates_of(world, people.APPROVALS, "block_mismatch")
    world.alex.click(orphan, "approve")
    world.settle(step=10)
    assert world.card(request_id).ts != orphan.ts
    assert wording.ORDER_PLACED in world.card(request_id).words
    assert world.rows("SELECT problem FROM outbox WHERE problem IS NOT NULL") == []


@pytest.mark.parametrize("code", ["never_heard_of", "restricted_action"])
def test_a_card_that_cannot_be_rewritten_for_now_steps_aside(world: World, code: str):
    stuck = world.ask()
    _refuse_updates_of(world, people.APPROVALS, code)
    world.alex.click(world.card(stuck), "approve")
    world.until(lambda: world.tango.orders)
    others = [world.ask(recipients=[who]) for who in ("kim", "li", "sam")]  # the cards of others for Rob are rewritten
    assert all(world.is_posted("approval_card", request_id) for request_id in others)
    # The cards of others may be rewritten too, and refused, once it is known who can read the channel.
    world.until(lambda: code in [row["problem"] for row in _cards_of(world, stuck)], step=60)
    world.slack.faults.clear()
    world.settle(step=60)
    assert wording.ORDER_PLACED in world.card(stuck).words


def test_a_fault_that_passes_for_all_others_is_the_cards_own(world: World):
    stuck = world.ask()
    _refuse_updates_of(world, people.APPROVALS, "internal_error")
    world.alex.click(world.card(stuck), "approve")
    world.until(lambda: world.tango.orders)
    for number, who in enumerate(("kim", "li", "sam", "priya"), 2):  # the cards of others for Rob are rewritten too
        assert world.fill_in(recipients=[who]).closed
        world.until(partial(world.is_posted, "receipt", number))
        world.until(partial(_is_tried_after, world, stuck, _tries(world, stuck)))
    world.until(lambda: all(world.is_posted("approval_card", number) for number in range(2, 6)))
    assert {row["problem"] for row in _cards_of(world, stuck)} == {None}, "nobody is told so soon"


def test_where_little_is_sent_one_other_message_shows_that_the_fault_is_the_cards_own(world: World):
    stuck = world.ask()
    _refuse_updates_of(world, people.APPROVALS, "internal_error")
    world.alex.click(world.card(stuck), "approve")
    world.until(lambda: world.tango.orders)
    end = world.clock.monotonic() + _DAY
    world.until(lambda: world.clock.monotonic() > end, step=600)
    assert world.fill_in().closed
    since = world.clock.monotonic()
    world.until(partial(world.is_posted, "approval_card", 2), step=5)
    assert world.clock.monotonic() - since < 2 * LONGEST_WAIT.total_seconds(), "three tries, of which the first waits"


def test_a_direct_message_that_is_refused_for_a_day_is_tried_now_and_then(world: World):
    rob = world.slack.workspace.dm(people.ROB).id
    world.slack.faults.set("refused", channel=rob, code="restricted_action")
    world.approve()
    end = world.clock.monotonic() + _DAY
    world.until(lambda: world.clock.monotonic() > end, step=300)
    (row,) = _open(world, "reward_on_its_way")
    assert (row["audience"], row["problem"]) == (people.ROB, "restricted_action")
    assert 20 < int(str(row["attempts"])) < 40
    world.slack.faults.clear()
    world.settle(step=60)
    assert len(world.slack.person("rob").dms()) == 1


def test_once_one_of_a_persons_messages_is_taken_all_go_out(world: World):
    maya = world.slack.workspace.dm(people.MAYA).id
    world.slack.faults.set("refused", channel=maya, code="messages_tab_disabled")
    for request_id in (1, 2, 3):
        assert world.fill_in(message=f"Number {request_id}").closed
        world.until(partial(world.is_posted, "approval_card", request_id))
        world.alex.click(world.card(request_id), "approve")
    end = world.clock.monotonic() + _DAY / 4
    world.until(lambda: world.clock.monotonic() > end, step=300)
    assert len(world.rows("SELECT 1 FROM outbox WHERE status IN ('pending', 'sending')")) == 3
    world.slack.faults.clear()
    world.until(world.maya.dms, step=60)
    world.settle(step=0.1)  # at which an hour would outlast the test's patience


def test_somebody_elses_messages_and_the_persons_later_ones_pass_a_stuck_one(world: World):
    maya = world.slack.workspace.dm(people.MAYA).id
    request_id = world.ask()
    _refuse_updates_of(world, maya, "never_heard_of")
    form = world.alex.click(world.card(request_id), "decline").modal
    assert form is not None
    assert world.alex.submit(form, {"reason_choice": "over_budget"}).closed
    world.said(world.maya, wording.DECLINED)
    assert [row["problem"] for row in _open(world, "receipt")] == ["never_heard_of"]
    world.slack.faults.clear()
    world.settle(step=60)
    assert wording.decision(RequestStatus.DECLINED) in world.receipt(request_id).words


@pytest.mark.parametrize("code", ["msg_blocks_too_long", "invalid_blocks", "msg_too_long", "invalid_attachments"])
def test_a_card_whose_blocks_are_refused_arrives_and_is_decided(world: World, code: str):
    world.slack.faults.set("refused", block="rich_text", code=code)
    request_id = world.ask(message="Thank you *all*")
    card = world.card(request_id)
    assert {block["type"] for block in card.blocks} == {"section"}
    assert people.ROB in card.words
    assert "> Thank you *all*" in card.words
    world.alex.click(card, "approve")
    world.settle()
    assert wording.ORDER_PLACED in world.card(request_id).words
    world.slack.faults.clear()
