"""A request is approved today and sent on its date; until then its requester can change it or take it back."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from bot.app import Kudos
from bot.domain.notices import RECIPIENT_LEFT
from bot.domain.order import OrderStatus
from bot.domain.request import Details, Request
from bot.domain.review import ObstacleCode
from bot.domain.schedule import Schedule, civil_from
from bot.errors import Wish, WrongState
from bot.faults import Fault, FaultCode
from bot.sandbox.postgres import PostgresServer
from bot.sandbox.serve import serve
from bot.sandbox.slack import Person, ShownMessage, ShownView, people
from bot.sandbox.slack.people import UserGroup
from bot.sandbox.tango.listings import MADE
from handlers.ids import Action, Block, View
from handlers.views.faults import fault_text
from handlers.views.form_notes import date_notes, dropped_notes
from handlers.views.forms import hidden
from handlers.views.messages import refusal_text
from handlers.views.review import obstacles_text
from handlers.views.schedule import SendOn, schedule_text
from handlers.views.states import ORDER_STATES, goes_out_text
from storage import back_up, restore
from storage.database import from_ms
from tests.kit import wording
from tests.kit.bot import CARD, World, shift_of
from tests.kit.payloads import a_click
from tests.kit.postgres import fresh_schema

#: A Promo Link.
PROMO: Final = "U561610"
#: Nine in the morning of New York, where Maya is.
DAY: Final = "2026-03-30"
AT: Final = datetime(2026, 3, 30, 13, tzinfo=UTC)
NINE: Final = Schedule(civil_from(f"{DAY}T09:00"), "America/New_York")
#: Half past ten, two days later.
LATER: Final = {"send_on": "2026-04-01", "send_at": "10:30", "send_zone": "mine"}
LATER_AT: Final = datetime(2026, 4, 1, 14, 30, tzinfo=UTC)
HALF_PAST_TEN: Final = Schedule(civil_from("2026-04-01T10:30"), "America/New_York")
SECONDS: Final = timedelta(seconds=20)
HOURS: Final = timedelta(hours=12)
YEARS: Final = timedelta(days=800)


def with_date(who: Person, form: ShownView, day: str = DAY) -> ShownView:
    """Choose a day behind *More options*; the form then has fields for its time."""
    who.click(form, Action.MORE)
    more = who.wait_for(lambda: now if (now := who.modal) and Block.SEND_ON in now.entered else None)
    assert Block.SEND_AT not in more.entered
    who.select(more, Action.SEND_ON, day)
    return who.wait_for(lambda: now if (now := who.modal) and Block.SEND_AT in now.entered else None)


def filled(world: World, day: str = DAY, **values: Any) -> None:
    """Fill in the form with a date, and submit it."""
    form = with_date(world.maya, world.form(), day)
    usual = {"recipients": ["rob"], "reward": CARD, "amount": "25", "send_zone": "mine"}
    world.maya.submit(form, {**usual, **values})


def ask_on(world: World, **values: Any) -> int:
    """Ask for a reward on a date; the request's id, once its card is posted."""
    filled(world, **values)
    assert world.maya.modal is None, world.maya.modal
    found: int = world.one("SELECT max(id) AS id FROM requests")["id"]
    world.until(lambda: world.is_posted("approval_card", found) and world.is_posted("receipt", found))
    return found


def approved_on(world: World, **values: Any) -> int:
    request_id = ask_on(world, **values)
    world.alex.click(world.card(request_id), Action.APPROVE)
    world.until(lambda: Action.UNDO in world.receipt(request_id).action_ids)
    return request_id


def pass_until(world: World, moment: datetime) -> None:
    """Let time pass at once, and have the bot look: a little later, because Tango tells the time in whole seconds."""
    world.clock.advance((moment - world.clock.right()).total_seconds() + 2)
    world.tick("schedules")
    world.wake()


def change(
    world: World, shown: ShownMessage, action: Action = Action.SCHEDULE_CHANGE, **values: Any
) -> ShownView | None:
    """Choose another date; the form where it was refused."""
    form = world.maya.click(shown, action).modal
    assert form is not None
    world.maya.submit(form, {**LATER, **values})
    return world.maya.modal


def restarted_from(world: World, backup: Path) -> None:
    """Put a backup in the place of the database, as an operator does."""
    world.stop()
    now = world.clock.now()
    restore(world.database, backup, now=now, known_since=now - timedelta(days=89), actor="console")
    world.start()


# ----------------------------------------------------------------------------------------- when it is sent


def test_what_is_approved_today_is_sent_on_its_date(world: World):
    request_id = ask_on(world)
    assert schedule_text(NINE) in world.card(request_id).words
    world.alex.click(world.card(request_id), Action.APPROVE)
    world.until(lambda: goes_out_text(AT, is_scheduled=True) in world.card(request_id).words)
    assert from_ms(world.one("SELECT not_before FROM orders")["not_before"]) == AT

    pass_until(world, AT - SECONDS)
    assert world.tango.orders == []
    pass_until(world, AT)
    world.settle()
    assert len(world.tango.orders) == 1
    assert world.tango.orders[0].created_at >= AT
    assert Action.UNDO not in world.receipt(request_id).action_ids
    assert world.rows("SELECT 1 FROM orders WHERE reviewed_at IS NOT NULL"), "people and reward were looked at anew"


@pytest.mark.parametrize(
    ("day", "at", "moment"),
    [
        ("2026-11-01", "01:30", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # the clocks of New York show it twice
        ("2027-03-14", "02:30", datetime(2027, 3, 14, 7, 30, tzinfo=UTC)),  # they pass over it
    ],
)
def test_a_time_is_sent_once_whatever_the_clocks_do(world: World, day: str, at: str, moment: datetime):
    approved_on(world, day=day, send_at=at)
    pass_until(world, moment - SECONDS)
    assert world.tango.orders == []
    pass_until(world, moment)
    world.settle()
    pass_until(world, moment + timedelta(hours=2))
    world.settle()
    assert len(world.tango.orders) == 1


def test_each_person_has_the_own_clock(world: World):
    request_id = approved_on(world, recipients=["rob", "kim"], send_zone="theirs")
    rows = world.rows("SELECT send_at, send_zone, not_before FROM orders ORDER BY id")
    assert {row["send_at"] for row in rows} == {f"{DAY}T09:00"}
    assert [row["send_zone"] for row in rows] == ["America/Los_Angeles", "America/New_York"]
    assert [from_ms(row["not_before"]) - AT for row in rows] == [timedelta(hours=3), timedelta(0)]

    pass_until(world, AT)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'accepted'"))
    assert len(world.tango.orders) == 1
    world.until(lambda: Action.UNDO not in world.receipt(request_id).action_ids)
    assert Action.SCHEDULE_CHANGE in world.receipt(request_id).action_ids, "of who still waits"
    pass_until(world, AT + timedelta(hours=3))
    world.settle()
    assert len(world.tango.orders) == 2


def test_what_is_approved_after_its_date_is_sent_then(world: World):
    request_id = ask_on(world)
    world.clock.advance((AT - world.clock.now() + HOURS).total_seconds())
    world.alex.click(world.card(request_id), Action.APPROVE)
    world.until(lambda: world.rows("SELECT 1 FROM orders"))
    pass_until(world, world.clock.now())
    world.settle()
    assert len(world.tango.orders) == 1


def test_what_no_approver_is_needed_for_waits_as_well(tmp_path: Path, database: Path | str):
    settings = {
        "approvals": {"automatic_up_to": ["25 USD"]},
        "budgets": [{"name": "All", "senders": [people.MAYA], "amount": "100 USD", "per": "month"}],
    }
    with World(tmp_path, where=database, settings=settings) as world:
        request_id = ask_on(world)
        world.until(lambda: Action.UNDO in world.receipt(request_id).action_ids)
        assert world.one("SELECT reserved_minor FROM requests")["reserved_minor"] == 25_00, "from now on"
        world.maya.click(world.receipt(request_id), Action.UNDO)
        world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'canceled'"))
        assert world.one("SELECT reserved_minor FROM requests")["reserved_minor"] == 0


# --------------------------------------------------------------------- restarts, clocks, restores, several bots


def test_a_restart_changes_nothing(world: World):
    approved_on(world)
    world.stop()
    world.start()
    pass_until(world, AT - SECONDS)
    assert world.tango.orders == []
    world.stop()
    world.clock.advance(HOURS.total_seconds())
    world.start()
    world.tick("schedules")
    world.settle()
    assert len(world.tango.orders) == 1


@pytest.mark.parametrize(("put", "restarts"), [(HOURS, False), (YEARS, True), (-HOURS, True), (-YEARS, False)])
def test_a_date_is_by_the_worlds_clock_and_not_by_one_that_was_set(world: World, put: timedelta, *, restarts: bool):
    approved_on(world)
    pass_until(world, AT - timedelta(minutes=1))
    world.clock.set(world.clock.now() + put)
    if restarts:
        world.stop()
        world.start()
    world.tick("schedules")
    world.tick("rescue")
    world.wake()
    assert world.tango.arrivals == []
    assert world.rows("SELECT 1 FROM orders WHERE is_held = 1")
    pass_until(world, AT)
    world.until(lambda: world.tango.orders)
    assert len(world.tango.orders) == 1


@pytest.mark.file
@pytest.mark.parametrize("days", [16, 120])
def test_a_restored_date_is_kept_and_sent_once(world: World, days: int):
    """Also where it is longer ahead than Tango knows a reference."""
    moment = world.clock.now().replace(hour=9, minute=0, second=0) + timedelta(days=days)
    request_id = approved_on(world, day=f"{moment:%Y-%m-%d}")
    backup = world.folder / "backup.db"
    back_up(world.database, backup)
    restarted_from(world, backup)
    world.until(lambda: world.rows("SELECT 1 FROM inquiries WHERE finding IS NOT NULL"))
    world.clock.advance(timedelta(hours=1, minutes=5).total_seconds())
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE is_held = 1 AND outcome_unknown = 0"))
    world.until(lambda: Action.UNDO in world.receipt(request_id).action_ids)

    due = from_ms(world.one("SELECT not_before FROM orders")["not_before"])
    pass_until(world, due - SECONDS)
    assert world.tango.orders == []
    pass_until(world, due)
    world.settle()
    assert len(world.tango.orders) == 1
    assert world.one("SELECT status FROM orders")["status"] == "accepted"


@pytest.mark.file
def test_what_was_sent_after_the_backup_is_not_sent_again(world: World):
    approved_on(world)
    backup = world.folder / "backup.db"
    back_up(world.database, backup)
    pass_until(world, AT)
    world.settle()
    restarted_from(world, backup)
    world.tick("schedules")
    world.settle()
    assert len(world.tango.orders) == 1
    assert world.one("SELECT status FROM orders")["status"] == "accepted"


def test_a_date_survives_a_change_of_duty(tmp_path: Path, postgres: PostgresServer):
    with World(tmp_path, where=fresh_schema(postgres)) as world:
        request_id = approved_on(world)
        second = Kudos(world._settings(), world.clock)
        second.start()
        with serve(second.web_app()) as door:
            world.slack.request_url = f"{door.url}/slack/events"
            world.until(lambda: second.unready() is None, step=0)
            later = change(world, world.receipt(request_id))  # on the bot that stands by
            assert later is None
            first, world._bot = world.bot, second
            world.clock.advance((AT - world.clock.now()).total_seconds())
            tick(first)
            assert world.tango.orders == []
            first.stop()
            world.until(lambda: second._shifts.current, step=0)
            pass_until(world, LATER_AT - SECONDS)
            assert world.tango.orders == []
            pass_until(world, LATER_AT)
            world.settle()
            assert len(world.tango.orders) == 1
            world._bot = first
        second.stop()


def tick(bot: Kudos) -> None:
    """Have a certain bot look at what is due."""
    ticks: Any = shift_of(bot).ticks
    (job,) = [job for job in ticks._scheduler.get_jobs() if job.name == "schedules"]
    job.func()


# ------------------------------------------------------------------------------------ what has changed since


def test_who_has_left_by_then_is_not_paid_and_the_requester_hears_it(tmp_path: Path, database: Path | str):
    budgets = [{"name": "All", "senders": [people.MAYA], "amount": "100 USD", "per": "month"}]
    with World(tmp_path, where=database, settings={"budgets": budgets}) as world:
        request_id = approved_on(world)
        world.slack.change_user("rob", deleted=True)
        pass_until(world, AT)
        told = world.said(world.maya, wording.canceled(request_id, RECIPIENT_LEFT))
        assert "Rob Hale" in told.text
        world.until(lambda: str(ORDER_STATES[OrderStatus.CANCELED]) in world.receipt(request_id).words)
        assert world.tango.arrivals == []
        assert world.one("SELECT reserved_minor FROM requests")["reserved_minor"] == 0
        assert world.one("SELECT count(*) AS n FROM audit WHERE event = 'order.canceled' AND actor IS NULL")["n"] == 1
        assert Action.UNDO not in world.receipt(request_id).action_ids


def test_what_else_has_changed_waits_for_an_admin(world: World):
    approved_on(world)
    world.slack.change_user("rob", email="rob@elsewhere.example")
    pass_until(world, AT)
    told = world.said(world.maya, wording.HELD_UP)
    assert obstacles_text([(ObstacleCode.ADDRESS, "Rob Hale")]) in told.words
    assert world.tango.arrivals == []


# ---------------------------------------------------------------------------------------- until it is sent


def test_the_requester_takes_it_back_until_then(world: World):
    request_id = approved_on(world)
    world.maya.click(world.receipt(request_id), Action.UNDO)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'canceled'"))
    pass_until(world, AT + timedelta(days=1))
    assert world.tango.orders == []


def test_the_requester_chooses_another_date(world: World):
    request_id = approved_on(world)
    assert change(world, world.receipt(request_id)) is None
    for shown in (world.receipt, world.card):
        world.until(lambda shown=shown: goes_out_text(LATER_AT, is_scheduled=True) in shown(request_id).words)  # type: ignore[misc]
    assert world.rows("SELECT 1 FROM audit WHERE event = 'request.date_changed'")
    pass_until(world, AT + timedelta(hours=1))
    assert world.tango.orders == []
    pass_until(world, LATER_AT)
    world.settle()
    assert len(world.tango.orders) == 1


def test_the_requester_chooses_another_date_before_the_approval(world: World):
    request_id = ask_on(world)
    assert change(world, world.receipt(request_id)) is None
    later = schedule_text(HALF_PAST_TEN)
    world.until(lambda: later in world.card(request_id).words and later in world.receipt(request_id).words)
    world.alex.click(world.card(request_id), Action.APPROVE)
    world.until(lambda: world.rows("SELECT 1 FROM orders"))
    assert from_ms(world.one("SELECT not_before FROM orders")["not_before"]) == LATER_AT


def test_a_date_that_is_over_is_said_under_its_field(world: World):
    filled(world, day="2026-03-13")
    said = fault_text("send_on", Fault(FaultCode.TOO_SOON))
    assert world.maya.modal is not None
    assert world.maya.modal.errors == {Block.SEND_ON: said}
    assert world.rows("SELECT 1 FROM requests") == []
    world.maya.close(everything=True)
    request_id = ask_on(world)
    form = change(world, world.receipt(request_id), send_on="2026-03-13")
    assert form is not None
    assert form.errors == {Block.SEND_ON: said}


def test_what_was_sent_gets_no_other_date(world: World):
    request_id = approved_on(world)
    receipt = world.receipt(request_id)
    form = world.maya.click(receipt, Action.SCHEDULE_CHANGE).modal
    assert form is not None
    pass_until(world, AT)
    world.settle()
    refused = refusal_text(WrongState(number=str(request_id), status="accepted", move=Wish.CHANGE_DATE))
    outcome = world.maya.submit(form, LATER)
    assert refused in (outcome.modal.words if outcome.modal else ""), (outcome, world.maya.dms()[-1].words)
    world.maya.close(everything=True)
    assert world.answer(world.maya, lambda: world.maya.click(receipt, Action.SCHEDULE_CHANGE)).text == refused


def test_nobody_else_changes_it(world: World):
    request_id = approved_on(world)
    reference = world.reference("requests", request_id)
    for who in (world.alex, world.ada, world.slack.person("priya"), world.slack.person("rob")):
        click = a_click(world.slack, who.id, Action.SCHEDULE_CHANGE, reference, channel=who.dm_channel)
        told = world.answer(who, partial(world.slack.deliver, "interactive", click))
        assert told.text == wording.STALE
        assert who.modal is None
    assert from_ms(world.one("SELECT not_before FROM orders")["not_before"]) == AT


def test_a_repeated_request_has_the_same_date(world: World):
    request_id = ask_on(world)
    world.maya.click(world.receipt(request_id), Action.WITHDRAW)
    world.until(lambda: world.rows("SELECT 1 FROM requests WHERE status = 'withdrawn'"))
    listed = world.answer(world.maya, lambda: world.maya.command("/orders", "withdrawn"))
    menu = listed.find(Action.REQUEST_LISTED).element
    again = next(one["value"] for one in menu["options"] if one["value"].startswith("again-"))
    form = world.maya.select(listed, Action.REQUEST_LISTED, again).modal
    assert form is not None
    assert world.maya.submit(form, {}).closed
    second = world.bot._storage.requests.get(request_id + 1)
    assert second is not None
    assert second.details.schedule == NINE


# ----------------------------------------------------------------------------------------------- in lists


@pytest.mark.file
def test_what_waits_for_a_date_is_listed_and_changed_there(tmp_path: Path):
    with World(tmp_path) as world:
        held = approved_on(world)
        pending = ask_on(world, recipients=["kim"])
        world.ask(recipients=["li"])
        sent = world.approve(recipients=["priya"], amount="10")
        world.until(lambda: wording.ORDER_PLACED in world.card(sent).words)
        listed = world.answer(world.maya, lambda: world.maya.command("/orders", "scheduled"))
        for name, is_there in {"Rob": True, "Kim": True, "Li ": False, "Priya": False}.items():
            assert (name in listed.words) == is_there, listed.words
        for action, request_id in ((Action.ORDER_LISTED, held), (Action.REQUEST_LISTED, pending)):
            menu = listed.find(action).element
            date = next(one["value"] for one in menu["options"] if one["value"].startswith("date-"))
            form = world.maya.select(listed, action, date).modal
            assert form is not None
            assert world.maya.submit(form, LATER).closed
            changed = world.bot._storage.requests.get(request_id)
            assert changed is not None
            assert changed.details.schedule == HALF_PAST_TEN


# --------------------------------------------------------------------------------------------- in batches


def dated_batch(world: World) -> ShownView:
    """Fill in the form of a batch for two people, with a date; the modal that shows the batch."""
    form = world.maya.command("/kudos", "batch").modal
    assert form is not None
    world.maya.options(form, Action.BATCH_REWARD, "")
    world.maya.select(form, Action.BATCH_SEND_ON, DAY)
    dated = world.maya.wait_for(lambda: now if (now := world.maya.modal) and Block.SEND_AT in now.entered else None)
    world.maya.options(dated, Action.BATCH_REWARD, "")
    values = {"list": "rob@acme.example 5 Thanks\nkim@acme.example 10 Great", "reward": CARD, "send_zone": "mine"}
    world.maya.submit(dated, values)
    return world.maya.wait_for(lambda: now if (now := world.maya.modal) and now.callback_id == View.BATCH_ASK else None)


@pytest.mark.file
def test_a_batch_has_a_date(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        preview = dated_batch(world)
        assert schedule_text(NINE) in preview.words
        world.maya.submit(preview, {})
        world.until(lambda: world.is_posted("approval_card", 1) and world.is_posted("receipt", 1))
        assert schedule_text(NINE) in world.card(1).words
        world.alex.click(world.card(1), Action.APPROVE)
        world.until(lambda: Action.UNDO in world.receipt(1).action_ids)
        pass_until(world, AT - SECONDS)
        assert world.tango.orders == []
        pass_until(world, AT)
        world.settle()
        assert len(world.tango.orders) == 2


@pytest.mark.file
def test_what_is_tried_again_keeps_its_date_until_that_has_passed(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        preview = dated_batch(world)
        world.maya.submit(preview, {})
        passed = date_notes(1, 1)[0]

        again = withdrawn_and_tried_again(world, 1)
        assert schedule_text(NINE) in again.words
        assert passed not in again.words
        world.maya.click(again, Action.BATCH_ASK)
        kept = world.until(lambda: world.bot._storage.requests.get(2))
        assert kept.details.schedule == NINE

        world.until(lambda: world.is_posted("approval_card", 2) and world.is_posted("receipt", 2))
        pass_until(world, AT)
        again = withdrawn_and_tried_again(world, 2)
        assert schedule_text(NINE) not in again.words
        assert passed in again.words
        world.maya.click(again, Action.BATCH_ASK)
        undated = world.until(lambda: world.bot._storage.requests.get(3))
        assert undated.details.schedule is None


def withdrawn_and_tried_again(world: World, request_id: int) -> ShownMessage:
    """Withdraw a batch, and have it checked once more; what is shown then."""
    world.until(lambda: world.is_posted("receipt", request_id))
    world.maya.click(world.receipt(request_id), Action.WITHDRAW)
    world.settle()
    reference = world.reference("requests", request_id)
    click = a_click(world.slack, people.MAYA, Action.BATCH_AGAIN, reference, channel=people.GENERAL)
    return world.answer(world.maya, lambda: world.slack.deliver("interactive", click))


def design_made(world: World) -> None:
    """Make a user group of Rob, who is in Los Angeles, and Kim, who is in New York."""
    design = UserGroup("S00DESIGN", "design", "Design", [people.ROB, people.KIM])
    world.slack.workspace.usergroups[design.id] = design


def batch_asked(world: World, form: ShownView, **values: Any) -> Request:
    """Choose the group, which makes a batch, submit the form and its preview, and return the first request."""
    world.maya.options(form, Action.GROUPS, "design")
    world.maya.select(form, Action.GROUPS, ["S00DESIGN"])
    world.maya.submit(form, {"reward": CARD, "amount": "25", **values})
    preview = world.maya.wait_for(
        lambda: now if (now := world.maya.modal) and now.callback_id == View.BATCH_ASK else None
    )
    world.maya.submit(preview, {})
    return world.until(lambda: world.bot._storage.requests.get(1))


@pytest.mark.file
def test_a_date_that_has_passed_for_some_is_said_to_have_passed_for_some(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        design_made(world)
        batch_asked(world, with_date(world.maya, world.form()), send_zone="theirs")
        pass_until(world, AT)  # nine in New York, and six in Los Angeles
        again = withdrawn_and_tried_again(world, 1)
        assert date_notes(1, 2)[0] in again.words
        assert date_notes(2, 2)[0] not in again.words


@pytest.mark.file
def test_a_last_day_that_has_passed_and_a_template_that_is_gone_are_left_out_of_what_is_tried_again(
    tmp_path: Path,
) -> None:
    with World(tmp_path) as world:
        design_made(world)
        world.tango.templates.extend(MADE)
        world.clock.advance(HOURS.total_seconds())
        world.tick("templates")
        form = world.form()
        world.maya.click(form, Action.MORE)
        more = world.maya.wait_for(lambda: now if (now := world.maya.modal) and Block.TEMPLATE in now.entered else None)
        world.maya.select(more, Action.REWARD, PROMO)
        promo = world.maya.wait_for(
            lambda: now if (now := world.maya.modal) and Block.EXPIRES_ON in now.entered else None
        )
        world.maya.options(promo, Action.TEMPLATE, "E000002")
        asked = batch_asked(world, promo, reward=PROMO, expires_on=DAY, template="E000002")
        assert (asked.details.expires_on, asked.details.template) == (date.fromisoformat(DAY), "E000002")
        last_day, template = dropped_notes(asked.details, Details())

        pass_until(world, AT - timedelta(days=1))  # more than a day is left in both zones
        again = withdrawn_and_tried_again(world, 1)
        assert last_day not in again.words
        assert template not in again.words
        world.maya.click(again, Action.BATCH_ASK)
        kept = world.until(lambda: world.bot._storage.requests.get(2))
        assert kept.details == asked.details

        world.until(lambda: world.is_posted("approval_card", 2) and world.is_posted("receipt", 2))
        world.tango.templates.clear()
        pass_until(world, AT)  # less than a day is left
        world.tick("templates")
        again = withdrawn_and_tried_again(world, 2)
        assert last_day in again.words
        assert template in again.words
        world.maya.click(again, Action.BATCH_ASK)
        without = world.until(lambda: world.bot._storage.requests.get(3))
        assert without.details == replace(asked.details, expires_on=None, template="")


@pytest.mark.file
def test_what_is_tried_again_keeps_the_less_used_fields(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        design_made(world)
        texts = {"subject": "Thank you", "campaign": "Launch", "purchase_order": "PO 7", "notes": "For the board"}
        asked = batch_asked(world, with_date(world.maya, world.form()), **texts)
        assert asked.details.campaign == "Launch"
        world.maya.click(withdrawn_and_tried_again(world, 1), Action.BATCH_ASK)
        again = world.until(lambda: world.bot._storage.requests.get(2))
        assert again.details == asked.details


@pytest.mark.file
def test_a_request_that_is_asked_for_again_after_its_date_has_none(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        request_id = ask_on(world)
        world.maya.click(world.receipt(request_id), Action.WITHDRAW)
        world.settle()
        reference = world.reference("requests", request_id)
        again = partial(a_click, world.slack, people.MAYA, Action.REQUEST_AGAIN, reference)
        passed = date_notes(1, 1)[0]

        world.slack.deliver("interactive", again())
        form = world.until(lambda: world.maya.modal)
        assert passed not in form.words
        assert hidden(form.private_metadata)[Block.SEND_ON] == str(SendOn.of(NINE))
        world.maya.close()

        pass_until(world, AT)
        world.slack.deliver("interactive", again())
        form = world.until(lambda: world.maya.modal)
        assert passed in form.words
        assert world.maya.submit(form).closed
        world.until(lambda: world.is_posted("approval_card", 2))
        world.alex.click(world.card(2), Action.APPROVE)
        world.settle()
        assert len(world.tango.orders) == 1


@pytest.mark.file
def test_a_date_that_is_over_for_a_group_unfolds_its_field(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        design = UserGroup("S00DESIGN", "design", "Design", [people.ROB, people.KIM])
        world.slack.workspace.usergroups[design.id] = design
        form = with_date(world.maya, world.form(), "2026-03-13")
        world.maya.options(form, Action.GROUPS, "design")
        world.maya.select(form, Action.GROUPS, [design.id])
        world.maya.click(form, Action.FEWER)
        folded = world.maya.wait_for(
            lambda: now if (now := world.maya.modal) and Block.SEND_ON not in now.entered else None
        )
        world.maya.submit(folded, {"reward": CARD, "amount": "25"})
        said = fault_text("send_on", Fault(FaultCode.TOO_SOON))
        shown = world.maya.wait_for(lambda: now if (now := world.maya.modal) and said in now.words else None)
        assert Block.SEND_ON in shown.entered
