"""Requests that nobody decides about: they expire, once, and are asked for again with one button."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from bot.domain.request import RequestStatus
from bot.errors import AlreadyDecided
from bot.sandbox.slack import ShownMessage, people
from handlers.ids import Action
from handlers.views.messages import refusal_text
from tests.kit import wording
from tests.kit.bot import CARD, World
from tests.kit.factories import NOON
from tests.kit.payloads import a_click
from tests.kit.rights import seen_by

DAY: Final = timedelta(days=1).total_seconds()


def _look(world: World) -> None:
    """Let the bot look for overdue requests, as it does every ten minutes."""
    world.tick("expiry")


def _status(world: World) -> str:
    return str(world.one("SELECT status FROM requests")["status"])


def _told(world: World) -> list[ShownMessage]:
    return [message for message in world.maya.dms() if wording.EXPIRED in message.text]


@pytest.fixture
def waiting(world: World) -> tuple[World, int]:
    """A request that was made on a bot that has looked once."""
    _look(world)
    return world, world.ask(message="Thank you & see <you>")


def test_a_request_expires_after_thirty_days_and_its_card_has_no_buttons(waiting: tuple[World, int]):
    world, request_id = waiting
    world.clock.advance(30 * DAY - 600)
    _look(world)
    assert _status(world) == "pending_approval"
    world.clock.advance(600)
    _look(world)
    row = world.one("SELECT status, decided_by, decided_at FROM requests")
    assert (row["status"], row["decided_by"]) == ("expired", None)
    world.settle()
    for message in (world.card(request_id), world.receipt(request_id)):
        assert message.action_ids == [], "nothing is left to press"
        assert wording.DECIDED_EXPIRED in message.words
    entry = world.one("SELECT * FROM audit WHERE event = 'request.expired'")
    assert (entry["actor"], entry["request_id"], entry["facts"]) == (None, request_id, "{}")


def test_its_requester_asks_again_with_one_button(waiting: tuple[World, int]):
    world, request_id = waiting
    world.clock.advance(30 * DAY)
    _look(world)
    told = world.said(world.maya, wording.EXPIRED)
    form = world.maya.click(told, Action.REQUEST_AGAIN).modal
    assert form is not None
    assert form.entered["recipients"]["request_recipients"] == [people.ROB]
    assert form.entered["amount"]["request_amount"] == "25.00"
    assert form.entered["message"]["request_message"] == "Thank you & see <you>"
    assert world.maya.submit(form).closed
    again = world.one("SELECT * FROM requests WHERE id <> :id", id=request_id)
    assert (again["status"], again["utid"]) == ("pending_approval", CARD)
    assert world.one("SELECT status FROM requests WHERE id = :id", id=request_id)["status"] == "expired"


def test_an_overdue_request_is_refused_at_the_click_though_nobody_has_looked(waiting: tuple[World, int]):
    world, request_id = waiting
    since = world.one("SELECT waits_since FROM requests")["waits_since"]
    world.clock.advance(30 * DAY)
    card = world.card(request_id)
    at = NOON.fromtimestamp(since / 1_000, NOON.tzinfo) + timedelta(days=30)
    refusal = refusal_text(AlreadyDecided(status=RequestStatus.EXPIRED, by=None, at=at))
    for action in (Action.APPROVE, Action.DECLINE):
        refused = world.answer(world.alex, lambda action=action: world.alex.click(card, action))  # type: ignore[misc]
        assert refused.text == refusal
    assert _status(world) == "pending_approval"
    assert world.rows("SELECT * FROM orders") == []


def test_what_was_pending_at_an_upgrade_expires_so_long_after_the_upgrade(waiting: tuple[World, int]):
    world, _ = waiting
    world.stop()
    world.write("UPDATE requests SET waits_since = NULL")  # as the migration leaves it
    world.clock.advance(100 * DAY)
    world.start()
    _look(world)
    _look(world)
    world.clock.advance(29 * DAY)
    _look(world)
    assert _status(world) == "pending_approval"
    world.clock.advance(DAY)
    _look(world)
    assert _status(world) == "expired"


def test_a_clock_that_jumps_ahead_expires_nothing_until_it_has_stayed_there(waiting: tuple[World, int]):
    world, _ = waiting
    right = world.clock.now()
    world.clock.set(right + timedelta(days=4_000))
    _look(world)
    assert _status(world) == "pending_approval"
    world.clock.set(right)
    _look(world)
    _look(world)
    assert _status(world) == "pending_approval"


def test_a_start_expires_nothing_at_its_first_look(waiting: tuple[World, int]):
    world, _ = waiting
    world.stop()
    world.clock.set(world.clock.now() + timedelta(days=4_000))
    world.start()
    assert _status(world) == "pending_approval"


def test_a_restart_while_requests_expire_tells_nobody_twice(waiting: tuple[World, int]):
    world, _ = waiting
    world.ask(recipients=["kim"])
    world.clock.advance(30 * DAY)
    world.slack.faults.set("outage", method="chat.postMessage")
    _look(world)
    world.stop()
    world.slack.faults.clear()
    world.start()
    _look(world)
    _look(world)
    world.settle()
    assert len(_told(world)) == 2
    assert len(world.rows("SELECT 1 FROM audit WHERE event = 'request.expired'")) == 2


def test_how_long_a_request_waits_is_set(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings={"approvals": {"expire_after_days": 2}}) as world:
        _look(world)
        world.ask()
        world.clock.advance(2 * DAY - 60)
        _look(world)
        assert _status(world) == "pending_approval"
        world.clock.advance(60)
        _look(world)
        assert _status(world) == "expired"


def test_nobody_else_asks_again(waiting: tuple[World, int]):
    world, _ = waiting
    world.clock.advance(30 * DAY)
    _look(world)
    told = world.said(world.maya, wording.EXPIRED)
    value = told.find(Action.REQUEST_AGAIN).element["value"]
    since = world.slack.workspace.event_log.seq
    world.slack.deliver("interactive", a_click(world.slack, people.PRIYA, Action.REQUEST_AGAIN, value))
    priya = world.slack.person("priya")
    priya.wait_for(lambda: seen_by(world.slack, priya, since, others=False))
    assert priya.modal is None
    screens = seen_by(world.slack, priya, since, others=False)
    assert any(wording.STALE in text for screen in screens for text in screen)


def test_an_undecided_request_falls_under_retention_once_it_has_expired(tmp_path: Path, database: Path | str):
    storage = {"retention_days": 10}
    with World(tmp_path, where=database, settings={"storage": storage}) as world:
        _look(world)
        world.ask(message="Recognisable thanks")
        world.clock.advance(30 * DAY)
        _look(world)
        world.settle()
        world.clock.advance(11 * DAY)
        world.stop()
        world.start()  # retention looks at the start, and then daily
        world.until(lambda: world.rows("SELECT 1 FROM requests WHERE message = ''"))
        row = world.one("SELECT * FROM requests JOIN recipients ON request_id = id")
        assert (row["status"], row["email"], row["details"]) == ("expired", "", "{}")
