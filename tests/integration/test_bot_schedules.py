"""A request is approved today and sent on its date; until then its requester can change it or take it back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bot.faults import Fault, FaultCode
from bot.sandbox.slack import Person, ShownView, people
from handlers.ids import Action, Block
from handlers.views.faults import fault_text
from handlers.views.undo import goes_out_text
from storage.database import from_ms
from tests.kit.bot import CARD, World

#: Nine in the morning of New York, where Maya is, after the clocks of Europe have been put forward.
AT: Final = datetime(2026, 3, 30, 13, tzinfo=UTC)
DAY: Final = "2026-03-30"


def unfolded(who: Person, form: ShownView) -> ShownView:
    who.click(form, Action.MORE)
    return who.wait_for(lambda: now if (now := who.modal) and Block.SEND_ON in now.entered else None)


def filled(world: World, **values: Any) -> ShownView:
    """The form with a date; it is submitted."""
    form = unfolded(world.maya, world.form())
    usual = {"recipients": [people.ROB], "reward": CARD, "amount": "25", "send_on": DAY, "send_zone": "mine"}
    world.maya.submit(form, {**usual, **values})
    return form


def ask_on(world: World, **values: Any) -> int:
    """Ask for a reward on a date; the request's id, once its card is posted."""
    filled(world, **values)
    assert world.maya.modal is None
    found: int = world.one("SELECT max(id) AS id FROM requests")["id"]
    world.until(lambda: world.is_posted("approval_card", found) and world.is_posted("receipt", found))
    return found


def approved_on(world: World, **values: Any) -> int:
    request_id = ask_on(world, **values)
    world.alex.click(world.card(request_id), Action.APPROVE)
    world.until(lambda: Action.UNDO in world.receipt(request_id).action_ids)
    return request_id


def pass_until(world: World, moment: datetime) -> None:
    """Let time pass at once, and have the bot look."""
    world.clock.advance((moment - world.clock.now()).total_seconds())
    world.tick("schedules")
    world.wake()


def test_what_is_approved_today_is_sent_on_its_date(world: World):
    request_id = approved_on(world)
    assert f"{DAY} at 09:00, America/New York" in world.card(request_id).words
    assert goes_out_text(AT, is_scheduled=True) in world.card(request_id).words
    assert from_ms(world.one("SELECT not_before FROM orders")["not_before"]) == AT

    pass_until(world, AT - timedelta(seconds=20))
    assert world.tango.orders == []
    pass_until(world, AT + timedelta(seconds=1))
    world.settle()
    assert len(world.tango.orders) == 1
    assert Action.UNDO not in world.receipt(request_id).action_ids


def test_a_restart_changes_nothing(world: World):
    approved_on(world)
    world.stop()
    world.start()
    pass_until(world, AT - timedelta(seconds=20))
    assert world.tango.orders == []
    pass_until(world, AT + timedelta(seconds=1))
    world.settle()
    assert len(world.tango.orders) == 1


def test_each_person_has_the_own_clock(world: World):
    approved_on(world, recipients=[people.ROB, people.KIM], send_zone="theirs")
    rows = world.rows("SELECT recipient_id, send_at, send_zone, not_before FROM orders ORDER BY id")
    assert {row["send_at"] for row in rows} == {f"{DAY}T09:00"}
    zones = {person: world.bot._directory.person(person).zone for person in (people.ROB, people.KIM)}
    assert {row["recipient_id"]: row["send_zone"] for row in rows} == zones


def test_who_has_left_by_then_is_not_paid_and_the_requester_hears_it(world: World):
    request_id = approved_on(world)
    world.slack.change_user("rob", deleted=True)
    world.bot._directory._people.clear()
    pass_until(world, AT + timedelta(seconds=1))
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'needs_attention'"))
    assert world.tango.orders == []
    world.until(lambda: "Needs attention" in world.receipt(request_id).words)


def test_the_requester_takes_it_back_until_then(world: World):
    request_id = approved_on(world)
    world.maya.click(world.receipt(request_id), Action.UNDO)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'canceled'"))
    pass_until(world, AT + timedelta(days=1))
    assert world.tango.orders == []


def test_the_requester_chooses_another_date(world: World):
    request_id = approved_on(world)
    form = world.maya.click(world.receipt(request_id), Action.SCHEDULE_CHANGE).modal
    assert form is not None
    assert world.maya.submit(form, {"send_on": "2026-04-01", "send_at": "10:30", "send_zone": "mine"}).closed
    later = datetime(2026, 4, 1, 14, 30, tzinfo=UTC)
    world.until(lambda: goes_out_text(later, is_scheduled=True) in world.receipt(request_id).words)
    pass_until(world, AT + timedelta(hours=1))
    assert world.tango.orders == []
    pass_until(world, later)
    world.settle()
    assert len(world.tango.orders) == 1


def test_a_date_that_is_over_is_said_under_its_field(world: World):
    filled(world, send_on="2026-03-13")
    assert fault_text("send_on", Fault(FaultCode.TOO_SOON)) in str(world.maya.modal and world.maya.modal.errors)
    assert world.rows("SELECT 1 FROM requests") == []


@pytest.mark.file
def test_scheduled_ones_are_found(tmp_path: Path):
    with World(tmp_path) as world:
        request_id = approved_on(world)
        world.place(amount="10")
        found = world.maya.command("/orders", "scheduled")
        [listed] = found.ephemerals
        assert f"· {request_id}" in listed.words
        assert listed.words.count("Marlow") == 1
