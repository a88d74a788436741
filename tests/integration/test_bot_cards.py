"""The approval card can be had again, and what waits for a decision can be decided without it."""

from pathlib import Path
from typing import Final

import pytest

from bot.domain.notices import CardMoved
from bot.domain.request import RequestStatus
from bot.domain.review import ObstacleCode
from bot.errors import ChangedSince
from bot.sandbox.slack import Outcome, Person, ShownMessage, people
from handlers.ids import Action, Listed
from handlers.views.messages import refusal_text
from handlers.views.review import obstacles_text
from tests.kit import wording
from tests.kit.bot import World
from tests.kit.payloads import a_click
from tests.kit.posted import ask_posted

#: The buttons of a card.
_DECIDES: Final = {"approve", "decline"}


@pytest.fixture
def asked(world: World) -> int:
    """A request of Maya's for Rob, which waits."""
    return world.ask()


def _cards(world: World) -> list[ShownMessage]:
    return world.alex.messages(people.APPROVALS)


def _pending(who: Person) -> ShownMessage:
    """Return the list of what waits for that person's decision."""
    shown = who.command("/orders", "pending").ephemeral
    assert shown is not None
    return shown


def _press(world: World, who: Person, shown: ShownMessage, action: str = Action.CARD_AGAIN) -> str:
    """Press a button, and return what the person alone is told."""
    return world.answer(who, lambda: who.click(shown, action)).text


def _post_again(world: World, who: Person, shown: ShownMessage) -> str:
    """Ask for the card by its button, or by the menu of a list's entry, and return what the person alone is told."""
    if Action.CARD_AGAIN in shown.action_ids:
        return _press(world, who, shown)
    options = shown.find(Action.REQUEST_LISTED).element["options"]
    (line,) = (one["value"] for one in options if one["value"].startswith(f"{Listed.CARD.value}-"))
    return world.answer(who, lambda: who.select(shown, Action.REQUEST_LISTED, line)).text


def _replaced(world: World, old: ShownMessage) -> ShownMessage:
    """Wait until the old card has become a pointer; return it."""

    def pointer() -> ShownMessage | None:
        (shown,) = (one for one in _cards(world) if one.ts == old.ts)
        return shown if wording.MOVED in shown.words else None

    return world.until(pointer)


# ------------------------------------------------------------------------------------ the card again


@pytest.mark.parametrize(
    ("who", "typed"), [("maya", None), ("alex", "pending"), ("ada", "")], ids=["requester", "approver", "admin"]
)
def test_the_card_is_posted_again_and_the_old_one_points_to_it(world: World, asked: int, who: str, typed: str | None):
    person, old = world.slack.person(who), world.card(asked)
    shown = world.receipt(asked) if typed is None else person.command("/orders", typed).ephemeral
    assert shown is not None
    assert wording.posting_again(asked) in _post_again(world, person, shown)
    pointer = _replaced(world, old)
    new = world.card(asked)
    assert new.ts > old.ts
    assert set(new.action_ids) >= _DECIDES
    assert pointer.action_ids == []
    assert f"/archives/{people.APPROVALS}/p{new.ts.replace('.', '')}" in str(pointer.blocks)
    assert [one.ts for one in _cards(world)] == [old.ts, new.ts]
    world.alex.click(new, "approve")
    world.settle()
    assert wording.ORDER_PLACED in world.card(asked).words
    assert world.card(asked).ts == new.ts
    (entry,) = world.rows("SELECT actor, request_id FROM audit WHERE event = 'request.card_posted_again'")
    assert (entry["actor"], entry["request_id"]) == (person.id, asked)


def test_a_second_press_right_after_posts_nothing(world: World, asked: int):
    old = world.card(asked)
    assert wording.posting_again(asked) in _press(world, world.maya, world.receipt(asked))
    _replaced(world, old)
    for who, shown in ((world.maya, world.receipt(asked)), (world.alex, _pending(world.alex))):
        assert wording.posted_just_now(asked) in _press(world, who, shown)
    world.settle()
    assert len(_cards(world)) == 2
    world.clock.advance(60)
    assert wording.posting_again(asked) in _press(world, world.alex, _pending(world.alex))
    world.settle()
    assert len(_cards(world)) == 3
    assert sum("approve" in one.action_ids for one in _cards(world)) == 1


def test_a_card_that_somebody_deleted_comes_back(world: World, asked: int):
    card = world.card(asked)
    message = world.slack.workspace.message(card.channel, card.ts)
    assert message is not None
    world.slack.workspace.delete(message)
    _press(world, world.maya, world.receipt(asked))
    world.settle()
    (shown,) = _cards(world)
    assert set(shown.action_ids) >= _DECIDES


def test_a_card_that_was_clicked_before_its_place_was_stored_stays_a_card(world: World, asked: int):
    card = world.card(asked)
    moved = CardMoved(asked, people.APPROVALS, card.ts)
    with world.bot._storage.transaction():
        world.bot._storage.outbox.add(moved, people.APPROVALS, world.clock.now())
    world.settle()
    assert set(world.card(asked).action_ids) >= _DECIDES


def test_a_request_that_was_decided_needs_no_card(world: World, asked: int):
    receipt, listed = world.receipt(asked), _pending(world.alex)
    world.sam.click(world.card(asked), "approve")
    world.settle()
    for who, shown in ((world.maya, receipt), (world.alex, listed)):
        assert wording.ALREADY_DECIDED in _press(world, who, shown)
    assert len(_cards(world)) == 1


def test_the_decision_is_faster_than_the_new_card(world: World, asked: int):
    world.clock.advance(1)  # the channel takes a message again
    world.slack.faults.set("outage", method="chat.postMessage")
    _press(world, world.maya, world.receipt(asked))
    # A card that is being posted would be taken once the fault is over. Time stands still: no other try begins.
    refused = "SELECT 1 FROM outbox WHERE kind = 'card_again' AND status = 'pending' AND attempts = 1"
    world.until(lambda: world.rows(refused), step=0)
    world.alex.click(world.card(asked), "approve")
    world.slack.faults.clear()
    world.settle(step=60)
    (card,) = _cards(world)
    assert wording.ORDER_PLACED in card.words


def test_another_channel_gets_the_card_and_the_old_one_points_there(world: World, asked: int):
    old = world.card(asked)
    world.stop()
    world._more = {"approvals": {"channel": people.TEAM_BLUE}}
    world.start()
    _press(world, world.maya, world.receipt(asked))
    pointer, new = _replaced(world, old), world.card(asked)
    assert new.channel == people.TEAM_BLUE
    assert f"/archives/{people.TEAM_BLUE}/" in str(pointer.blocks)


# -------------------------------------------------------------------------------- without the card


def test_what_waits_is_decided_in_the_list(world: World):
    first, second = world.ask(), world.ask(message="For the docs", recipients=["kim"])
    shown = _pending(world.alex)
    for request_id in (first, second):
        assert wording.card_title(request_id) in shown.words
    assert "For the docs" in shown.words
    _click_of(world, world.alex, shown, Action.APPROVE_LISTED, second)
    left = _replacing(world, shown)
    assert wording.card_title(first) in left.words
    assert wording.card_title(second) not in left.words
    assert wording.APPROVED_IN_LIST in left.words
    world.settle()
    assert wording.ORDER_PLACED in world.card(second).words
    form = _click_of(world, world.alex, left, Action.DECLINE, first).modal
    assert form is not None
    assert world.alex.submit(form, {"reason_choice": "other", "reason": "Next quarter"}).closed
    world.settle()
    assert wording.decision(RequestStatus.DECLINED) in world.card(first).words
    assert wording.NOTHING_PENDING in _pending(world.alex).words


def _replacing(world: World, shown: ShownMessage) -> ShownMessage:
    """Wait until the list has become another in its place; return it."""

    def changed() -> ShownMessage | None:
        (now,) = (one for one in world.alex.ephemerals() if one.ts == shown.ts)
        return now if now.words != shown.words else None

    return world.alex.wait_for(changed)


def _click_of(world: World, who: Person, shown: ShownMessage, action: Action, request_id: int) -> Outcome:
    reference = world.reference("requests", request_id)
    (block,) = (
        block["block_id"]
        for block in shown.blocks
        for element in block.get("elements", ())
        if element.get("action_id") == action and element.get("value") == reference
    )
    return who.click(shown, action, block)


def test_the_list_says_what_the_card_says(world: World):
    request_id = ask_posted(world, world.maya, recipients=["rob"])
    world.slack.change_user("rob", deleted=True)
    world.clock.advance(3_600)
    world.tick("review")
    world.settle()
    shown = _pending(world.alex)
    card = world.card(request_id)
    missing = [line for line in card.words.splitlines() if line not in shown.words]
    assert missing == []
    assert obstacles_text([(ObstacleCode.LEFT, "Rob Hale")]) in shown.words
    assert {Action.CARD_DETAILS, Action.ADDRESS_SHOW} <= set(shown.action_ids)
    refused = world.answer(world.alex, lambda: world.alex.click(shown, Action.APPROVE_LISTED))
    assert refused.text == refusal_text(ChangedSince([(ObstacleCode.LEFT, "Rob Hale")]))


def test_nobody_is_offered_what_they_may_not_decide(world: World):
    own, for_sam, other = world.ask(world.alex), world.ask(recipients=["sam"]), world.ask()

    def listed(who: Person) -> set[int]:
        words = _pending(who).words
        return {one for one in (own, for_sam, other) if wording.card_title(one) in words}

    assert listed(world.alex) == {for_sam, other}
    assert listed(world.sam) == {own, other}


def test_the_list_has_pages(world: World):
    asked = [world.ask(message=f"Number {n}") for n in range(9)]
    shown, found = _pending(world.alex), []
    while True:
        page = [one for one in asked if wording.card_title(one) in shown.words]
        assert page
        found += page
        if Action.PENDING_MORE not in shown.action_ids:
            break
        world.alex.click(shown, Action.PENDING_MORE)
        shown = _replacing(world, shown)
    assert found == asked, "the oldest first, each once"


def test_an_overdue_request_is_not_offered(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings={"approvals": {"expire_after_days": 1}}) as world:
        world.ask()
        world.clock.advance(86_400)
        assert wording.NOTHING_PENDING in _pending(world.alex).words


def test_a_forged_page_is_refused(world: World, asked: int):
    for value in ("", "1", "f" * 32, '{"after": 1}'):
        told = world.answer(
            world.alex,
            lambda: world.slack.deliver(
                "interactive",
                a_click(world.slack, people.ALEX, Action.PENDING_MORE, value),  # noqa: B023
            ),
        )
        assert wording.STALE in told.text
