"""Reminders in the reader's daytime, asking another approver, and approvers who are away."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import pytest

from bot.domain.money import Money
from bot.errors import Rule
from bot.faults import Fault, FaultCode
from bot.sandbox.slack import Person, ShownMessage, ShownView, people
from bot.usecases.approval import Expected
from handlers.ids import Action, Block
from handlers.views.cards import MOST_PENDING
from handlers.views.faults import fault_text
from handlers.views.form_notes import review_text
from handlers.views.reminders import day_text
from tests.kit import wording
from tests.kit.bot import World
from tests.kit.payloads import a_click

DAY: Final = timedelta(days=1)
#: Where it is night while it is noon in London.
FAR_AWAY: Final = "Pacific/Auckland"


@pytest.fixture
def by_dm(tmp_path: Path, database: Path | str) -> Iterator[World]:
    with World(tmp_path, where=database, settings={"approvals": {"channel": "dm"}}) as world:
        yield world


def pass_time(world: World, by: timedelta) -> None:
    """Let time pass, look at the approvers' profiles, and remind who is to be reminded."""
    world.clock.advance(by.total_seconds())
    world.refresh_roles()
    world.tick("reminders")
    world.settle()


def reminders(who: Person) -> list[ShownMessage]:
    return [told for told in who.dms() if wording.REMINDER in told.text]


def numbers_in(shown: ShownMessage) -> list[int]:
    """The numbers of the requests in a list of what waits."""
    return [int(number) for number in re.findall(r"R-([0-9]+)", shown.text)]


def open_home(world: World, who: Person) -> ShownView:
    who.open_home()
    return world.until(
        lambda: home if (home := who.home) and {Action.AWAY, Action.BACK} & set(home.action_ids) else None
    )


def leave(world: World, who: Person, until: date) -> None:
    """Set on Home that somebody is away."""
    form = who.click(open_home(world, who), Action.AWAY).modal
    assert form is not None
    assert who.submit(form, {Block.AWAY_UNTIL: until.isoformat()}).closed
    world.until(lambda: who.home is not None and Action.BACK in who.home.action_ids)


def form_of(world: World) -> list[str]:
    """What the form says to Maya, by line."""
    form = world.maya.command("/kudos").modal
    assert form is not None
    return form.words.splitlines()


def in_days(world: World, days: int) -> date:
    return world.clock.now().date() + timedelta(days=days)


# --------------------------------------------------------------------------------------- reminders


def test_who_can_act_is_reminded_once_after_a_day_and_once_after_three(world: World):
    first, second = world.ask(), world.ask(recipients=["sam"])
    pass_time(world, DAY - timedelta(minutes=5))
    assert reminders(world.alex) == reminders(world.sam) == []
    pass_time(world, timedelta(minutes=10))
    [of_two], [of_one] = reminders(world.alex), reminders(world.sam)
    assert all(f"R-{number}" in of_two.words for number in (first, second))
    assert f"R-{first}" in of_one.words
    assert f"R-{second}" not in of_one.words, "it is for Sam"
    assert reminders(world.maya) == reminders(world.ada) == []
    pass_time(world, timedelta(hours=1))
    assert len(reminders(world.alex)) == 1
    pass_time(world, 2 * DAY)
    assert len(reminders(world.alex)) == 2
    pass_time(world, DAY)
    assert len(reminders(world.alex)) == 2


def test_a_reminder_leads_to_what_waits(world: World):
    request_id = world.ask()
    pass_time(world, DAY + timedelta(minutes=5))
    [told] = reminders(world.sam)
    shown = world.answer(world.sam, lambda: world.sam.click(told, Action.PENDING_SHOW))
    world.sam.click(shown, Action.APPROVE_LISTED)
    world.settle()
    assert world.one("SELECT decided_by FROM requests WHERE id = :id", id=request_id)["decided_by"] == people.SAM


def test_nobody_is_reminded_at_night_or_of_what_was_decided(world: World):
    world.sam.account.tz = FAR_AWAY
    request_id = world.ask()
    pass_time(world, DAY + timedelta(minutes=5))
    assert (len(reminders(world.alex)), len(reminders(world.sam))) == (1, 0)
    pass_time(world, timedelta(hours=11))  # it is day in Auckland
    assert (len(reminders(world.alex)), len(reminders(world.sam))) == (1, 1)
    world.alex.click(world.card(request_id), Action.APPROVE)
    world.settle()
    pass_time(world, 3 * DAY)
    assert (len(reminders(world.alex)), len(reminders(world.sam))) == (1, 1)


def test_what_is_due_at_different_hours_is_one_message_a_day_which_names_all_that_waits(world: World):
    at_noon = world.ask()
    world.clock.advance(2 * 3_600)
    at_two = world.ask(recipients=["kim"])
    world.clock.advance(4 * 3_600)
    at_six = world.ask(recipients=["li"])
    pass_time(world, timedelta(hours=18, minutes=5))
    [first] = reminders(world.alex)
    assert all(f"R-{number}" in first.words for number in (at_noon, at_two, at_six))
    pass_time(world, timedelta(hours=2))
    assert len(reminders(world.alex)) == 1, "one a day"
    pass_time(world, DAY)
    [_, second] = reminders(world.alex)
    assert all(f"R-{number}" in second.words for number in (at_noon, at_two, at_six)), "the one of six o'clock was due"
    pass_time(world, timedelta(hours=1))
    assert len(reminders(world.alex)) == 2


def test_a_reminder_is_only_for_who_can_still_act_when_slack_takes_it(world: World):
    group = world.slack.workspace.usergroups[people.APPROVERS_GROUP]
    group.users.append(people.KIM)
    world.slack.person("kim").account.tz = world.sam.account.tz
    world.refresh_roles()
    world.ask()
    world.slack.faults.set("outage", method="chat.postMessage")
    world.clock.advance((DAY + timedelta(minutes=5)).total_seconds())
    world.refresh_roles()
    world.tick("reminders")
    assert len(world.rows("SELECT 1 FROM outbox WHERE kind = 'reminder'")) == 3
    leave(world, world.sam, in_days(world, 3))
    group.users.remove(people.KIM)
    world.refresh_roles()
    world.until(lambda: len(world.rows("SELECT 1 FROM outbox WHERE kind = 'reminder' AND status = 'sent'")) == 2)
    world.slack.faults.clear()
    world.settle(step=60)
    assert len(reminders(world.alex)) == 1
    assert reminders(world.sam) == reminders(world.slack.person("kim")) == []


def test_nobody_is_reminded_where_the_settings_name_no_hours(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings={"approvals": {"remind_after_hours": []}}) as world:
        world.ask()
        pass_time(world, 4 * DAY)
        assert reminders(world.alex) == []


# ------------------------------------------------------------------------------------- someone else


def test_a_requester_asks_each_other_approver_once_and_not_the_same_one_first(world: World):
    request_id = world.ask()
    for who in (world.sam, world.alex):
        told = world.answer(world.maya, lambda: world.maya.click(world.receipt(request_id), Action.ASK_ANOTHER))
        assert told.text == wording.asked(who.id, request_id)
        assert Action.PENDING_SHOW in world.said(who, wording.APPROVER_ASKED).action_ids
        world.clock.advance(1)
    told = world.answer(world.maya, lambda: world.maya.click(world.receipt(request_id), Action.ASK_ANOTHER))
    assert told.text == wording.asked_all(request_id, people.SAM, people.ALEX)
    world.settle()
    assert [len([m for m in who.dms() if wording.APPROVER_ASKED in m.text]) for who in (world.alex, world.sam)] == [
        1,
        1,
    ]
    noted = world.rows("SELECT actor FROM audit WHERE event = 'request.approver_asked'")
    assert [row["actor"] for row in noted] == [people.MAYA] * 2
    other = world.ask(recipients=["kim"])
    told = world.answer(world.maya, lambda: world.maya.click(world.receipt(other), Action.ASK_ANOTHER))
    assert told.text == wording.asked(people.ALEX, other, last_name="Park", first_name="Kim")


def test_who_is_asked_to_look_at_a_request_is_shown_it_first(world: World):
    older = [world.ask() for _ in range(MOST_PENDING)]
    request_id = world.ask()
    world.maya.click(world.receipt(request_id), Action.ASK_ANOTHER)
    asked = world.said(world.sam, wording.APPROVER_ASKED)
    shown = world.answer(world.sam, lambda: world.sam.click(asked, Action.PENDING_SHOW))
    assert numbers_in(shown) == [request_id]
    world.alex.click(world.card(request_id), Action.APPROVE)
    world.settle()
    shown = world.answer(world.sam, lambda: world.sam.click(asked, Action.PENDING_SHOW))
    assert numbers_in(shown) == older, "it waits no more"


# ------------------------------------------------------------------------------------------- away


def test_reminders_go_to_the_others_while_somebody_is_away(world: World):
    world.ask()
    until = in_days(world, 3)
    leave(world, world.sam, until)
    assert world.sam.home is not None
    assert day_text(until) in world.sam.home.words
    pass_time(world, DAY + timedelta(minutes=5))
    assert (len(reminders(world.alex)), len(reminders(world.sam))) == (1, 0)
    pass_time(world, 2 * DAY)
    assert len(reminders(world.sam)) == 1, "Sam is back"
    assert world.rows("SELECT 1 FROM absences") == []


def test_who_comes_back_early_is_reminded_again(world: World):
    world.ask()
    leave(world, world.sam, in_days(world, 9))
    world.sam.click(open_home(world, world.sam), Action.BACK)
    world.until(lambda: world.sam.home is not None and Action.AWAY in world.sam.home.action_ids)
    pass_time(world, DAY + timedelta(minutes=5))
    assert len(reminders(world.sam)) == 1


def test_cards_go_to_the_others_and_the_right_to_decide_stays(by_dm: World):
    world = by_dm
    leave(world, world.sam, in_days(world, 3))
    assert world.fill_in().closed
    world.settle()
    has_card = [any(Action.APPROVE in told.action_ids for told in who.dms()) for who in (world.alex, world.sam)]
    assert has_card == [True, False]
    assert not any(wording.APPROVERS_AWAY in told.text for told in world.maya.dms()), "Alex is there"
    click = a_click(
        world.slack, people.SAM, Action.APPROVE, world.reference("requests", 1), channel=world.sam.dm_channel
    )
    world.slack.deliver("interactive", click)
    assert world.one("SELECT decided_by FROM requests")["decided_by"] == people.SAM


def test_the_form_names_who_is_here(world: World):
    leave(world, world.alex, in_days(world, 3))
    assert review_text([people.SAM]) in form_of(world)
    leave(world, world.sam, in_days(world, 3))
    assert review_text([people.ALEX, people.SAM]) in form_of(world), "none is left"


def test_a_requester_hears_at_the_submit_that_everybody_is_away(by_dm: World):
    world = by_dm
    for who, days in ((world.alex, 5), (world.sam, 3)):
        leave(world, who, in_days(world, days))
    assert world.fill_in().closed
    told = world.said(world.maya, wording.APPROVERS_AWAY)
    assert day_text(in_days(world, 3)) in told.text
    assert day_text(in_days(world, 5)) in told.text
    world.settle()
    assert all(any(Action.APPROVE in m.action_ids for m in who.dms()) for who in (world.alex, world.sam)), (
        "none is left"
    )
    asked = world.answer(world.maya, lambda: world.maya.click(world.receipt(1), Action.ASK_ANOTHER))
    assert asked.text == wording.asked_nobody(1)
    world.ada.open_home()
    home = world.until(lambda: world.ada.home if world.ada.home and world.ada.home.action_ids else None)
    assert Action.AWAY not in home.action_ids, "who decides nothing is away from nothing"


def test_home_says_it_when_an_absence_is_over(world: World):
    leave(world, world.sam, in_days(world, 1))
    pass_time(world, DAY)
    world.until(lambda: world.sam.home is not None and Action.AWAY in world.sam.home.action_ids)


def test_where_two_are_needed_and_one_is_here_all_get_the_card(tmp_path: Path, database: Path | str):
    both = {"approvals": {"channel": "dm", "second_above": ["10 USD"]}}
    with World(tmp_path, where=database, settings=both) as world:
        leave(world, world.sam, in_days(world, 3))
        above = Expected(currency="USD", second_above=Money(10_00, "USD"))
        assert review_text([people.ALEX, people.SAM], above) in form_of(world)
        assert world.fill_in().closed
        world.said(world.maya, day_text(in_days(world, 3)))
        world.settle()
        assert all(any(Action.APPROVE in m.action_ids for m in who.dms()) for who in (world.alex, world.sam))


def test_what_a_rule_approved_is_seen_by_somebody_though_all_are_away(tmp_path: Path, database: Path | str):
    settings = {
        "approvals": {"channel": "dm", "automatic_up_to": ["25 USD"]},
        "budgets": [{"name": "Team leads", "amount": "500 USD", "per": "month"}],
    }
    with World(tmp_path, where=database, settings=settings) as world:
        for who in (world.alex, world.sam):
            leave(world, who, in_days(world, 3))
        assert world.fill_in(amount="25").closed
        world.settle()
        for who in (world.alex, world.sam):
            assert [m for m in who.dms() if wording.BY_RULE.lower() in m.words.lower()], "nobody else has the card"


def test_a_requester_hears_nothing_of_absences_that_are_over_when_slack_takes_it(by_dm: World):
    world = by_dm
    for who in (world.alex, world.sam):
        leave(world, who, in_days(world, 3))
    world.slack.faults.set("outage", method="chat.postMessage")
    assert world.fill_in().closed
    world.sam.click(open_home(world, world.sam), Action.BACK)
    world.until(lambda: len(world.rows("SELECT 1 FROM absences")) == 1, step=0)
    world.slack.faults.clear()
    world.settle(step=60)
    assert world.rows("SELECT 1 FROM outbox WHERE kind = 'approvers_away'")
    assert not any(wording.APPROVERS_AWAY in told.text for told in world.maya.dms())


def test_a_day_that_cannot_be_is_said_under_the_field(world: World):
    form = world.sam.click(open_home(world, world.sam), Action.AWAY).modal
    assert form is not None
    for days, code in ((0, FaultCode.TOO_SOON), (366, FaultCode.TOO_LATE)):
        errors = world.sam.submit(form, {Block.AWAY_UNTIL: in_days(world, days).isoformat()}).errors
        assert errors == {Block.AWAY_UNTIL: fault_text(Block.AWAY_UNTIL, Fault(code))}
    assert world.rows("SELECT 1 FROM absences") == []


def test_who_is_no_approver_is_away_from_nothing(world: World):
    click = a_click(world.slack, people.MAYA, Action.BACK, "back", channel=world.maya.dm_channel)
    told = world.answer(world.maya, lambda: world.slack.deliver("interactive", click))
    assert told.text == wording.not_allowed(Rule.APPROVERS_ONLY, people.ALEX, people.SAM)
