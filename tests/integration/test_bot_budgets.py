"""Budgets and limits on the screen: what is left, what is refused, what frees, and what the admins hear."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.approval import ApprovalRule, Policy, Route
from bot.domain.budget import Budget, BudgetUsed, Per, Room, month_of
from bot.domain.days import start_of
from bot.domain.money import Money
from bot.errors import GroupUnknown
from bot.faults import Fault, FaultCode
from bot.sandbox.slack import people
from bot.sandbox.slack.people import UserGroup
from bot.usecases.approval import Expected
from handlers.views.approval import expected_text, policy_text
from handlers.views.budgets import build_budget_used, day_text, left_text
from handlers.views.faults import fault_text
from handlers.views.messages import refusal_text
from storage.budgets import BudgetStore
from tests.kit.bot import CARD, World
from tests.kit.console import tried_policy
from tests.kit.factories import together
from tests.kit.payloads import a_request_form, a_submission

#: A gift card of 5 to 500 euros.
EUROS: Final = "U700401"

LEADS: Final = {
    "name": "Team leads",
    "senders": [people.MAYA, people.PRIYA],
    "each": True,
    "amount": "175 USD",
    "per": "month",
}
EVERYONE: Final = {"name": "Everyone", "amount": "1,000 USD", "per": "quarter"}

#: A user group in which Maya is, and a budget for it.
TEAM: Final = "S00TEAM00"
OF_TEAM: Final = {**LEADS, "senders": [TEAM]}


def _budget(written: dict[str, Any]) -> Budget:
    amount, currency = written["amount"].replace(",", "").split()
    return Budget(
        name=written["name"],
        senders=frozenset(written.get("senders", ["*"])),
        each=written.get("each", False),
        amount=Money(int(amount) * 100, currency),
        per=Per(written["per"]),
    )


def room(world: World, written: dict[str, Any], used: int) -> Room:
    """What a budget has left once so many cents are used."""
    budget = _budget(written)
    month = month_of(world.clock.now(), "UTC")
    return Room(budget=budget, period=budget.period(month), used=Money(used, budget.amount.currency))


def over(world: World, written: dict[str, Any], *, used: int, asked: int) -> str:
    return fault_text(
        "amount", Fault(FaultCode.OVER_BUDGET, {"room": room(world, written, used), "total": Money(asked, "USD")})
    )


def reserved(world: World) -> list[int]:
    return [row["reserved_minor"] for row in world.rows("SELECT reserved_minor FROM requests ORDER BY id")]


@pytest.fixture
def start(tmp_path: Path, database: Path | str) -> Iterator[Callable[..., World]]:
    """Start a world with these budgets and other settings."""
    worlds: list[World] = []

    def start(*budgets: dict[str, Any], groups_work: bool = True, **settings: Any) -> World:
        world = World(tmp_path, where=database, settings={"budgets": list(budgets), **settings})
        world.slack.workspace.usergroups[TEAM] = UserGroup(TEAM, "team", "The team", [people.MAYA])
        if not groups_work:
            world.slack.faults.set("outage", method="usergroups.users.list")
        worlds.append(world.__enter__())
        return world

    yield start
    for world in worlds:
        world.__exit__(None, None, None)


def test_fifty_submissions_at_the_same_instant_share_the_room_for_seven(start: Callable[..., World]):
    world = start(LEADS)

    def submit(number: int) -> Any:
        entered = a_request_form([people.ROB], CARD, "25")
        form = a_submission(world.slack, people.MAYA, "request", entered, view_id=f"V0FORM{number}")
        return world.slack.deliver("interactive", form)

    world.slack.deliver(
        "interactive", a_submission(world.slack, people.PRIYA, "request", a_request_form([people.ROB], CARD, "25"))
    )
    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(submit, range(50)))

    refused = [answer["errors"] for answer in answers if answer]
    assert len(refused) == 43
    assert {tuple(errors.items()) for errors in refused} == {
        (("amount", over(world, LEADS, used=175_00, asked=25_00)),)
    }
    assert world.rows("SELECT status, count(*) AS n FROM requests GROUP BY status") == [
        {"status": "pending_approval", "n": 8}
    ]
    assert sum(reserved(world)) == 200_00


def test_form_home_policy_try_and_card_tell_the_same_story(start: Callable[..., World]):
    """One request, of fifty dollars for two people: before it is asked for, and on its card."""
    world = start(LEADS, EVERYONE, approvals={"second_above": ["40 USD"]})
    world.clock.set(datetime.now(UTC))  # the command has the machine's clock
    world.ask(amount="40")
    world.ask(amount="40")
    world.ask(world.slack.person("priya"), amount="30")
    config, two = world.folder / "app.yaml", Money(40_00, "USD")
    rooms = [room(world, LEADS, 80_00), room(world, EVERYONE, 110_00)]
    left = [left_text(one) for one in rooms]

    form = world.form()
    assert all(line in form.words for line in left)
    assert expected_text(Expected(currency="USD", second_above=two)) in form.words

    world.maya.open_home()
    world.maya.wait_for(
        lambda: world.maya.home and all(line.removesuffix(".") in world.maya.home.words for line in left)
    )

    tried = tried_policy(config, people.MAYA, "25 USD", people.ROB, people.KIM)
    rule = policy_text(Policy(Route("", frozenset()), ApprovalRule.SECOND_ABOVE, two), "USD")
    assert all(
        f"“{one.budget.name}” has {one.left} of {one.budget.amount}" in tried["Budgets"]
        and day_text(one.period.last_day) in tried["Budgets"]
        for one in rooms
    )
    assert (tried["Rule"], tried["Refused"]) == (rule, "no")

    refused = {"amount": over(world, LEADS, used=80_00, asked=95_02)}
    assert world.fill_in(amount="47.51", recipients=["rob", "kim"]).errors == refused
    assert tried_policy(config, people.MAYA, "47.51 USD", people.ROB, people.KIM)["Refused"] == refused["amount"]

    card = world.card(world.ask(amount="25", recipients=["rob", "kim"])).words
    assert rule in card
    assert "Maya Lindqvist's budget “Team leads”: $95.00 → $45.00" in card
    assert "Budget “Everyone”: $890.00 → $840.00" in card


def test_what_comes_to_nothing_is_free_again(start: Callable[..., World]):
    world = start(LEADS)
    declined, withdrawn, expired, kept = (world.ask(amount="40") for _ in range(4))
    assert world.fill_in(amount="40").errors

    form = world.alex.click(world.card(declined), "decline").modal
    assert form is not None
    world.alex.submit(form, {"reason_choice": "other", "reason": "Not now"})
    world.maya.click(world.receipt(withdrawn), "withdraw")
    world.until(lambda: world.rows("SELECT 1 FROM requests WHERE status = 'withdrawn'"))
    world.clock.advance(31 * 86_400)
    world.tick("expiry")

    assert {row["status"] for row in world.rows("SELECT status FROM requests")} == {"declined", "withdrawn", "expired"}
    assert reserved(world) == [0, 0, 0, 0]
    assert (expired, kept) == (3, 4)


def test_an_order_settles_by_its_charge_and_frees_what_fails(start: Callable[..., World]):
    world = start({**LEADS, "amount": "1,000 USD"})
    world.tango.faults.set("overcharge", times=1)
    world.place(amount="100")
    assert reserved(world) == [200_00], "Tango charged more: that is gone"

    world.tango.faults.set("rejected", times=1)
    world.place(amount="100", recipients=["rob", "kim"])
    assert reserved(world) == [200_00, 100_00], "one of the two orders failed"

    room_left = room(world, {**LEADS, "amount": "1000 USD"}, 300_00)
    assert left_text(room_left) in world.form().words


# ---------------------------------------------------------------------------- for whom a budget is


def test_who_is_in_the_group_of_a_budget_at_the_request_has_it(start: Callable[..., World]):
    world = start(OF_TEAM)
    priya = world.slack.person("priya")
    refusal = {"amount": over(world, OF_TEAM, used=0, asked=176_00)}
    assert world.fill_in(amount="176").errors == refusal
    assert world.fill_in(priya, amount="176").closed, "she is not in it"

    with world.slack.workspace.lock:
        world.slack.workspace.usergroups[TEAM].users[:] = [people.PRIYA]
    world.refresh_roles()

    assert world.fill_in(amount="176").closed
    assert world.fill_in(priya, amount="176").errors == refusal


@pytest.mark.parametrize("gone", ["no_such_subteam", "plan_upgrade_required", "missing_scope"])
def test_a_group_that_is_gone_opens_no_budget(start: Callable[..., World], gone: str):
    world = start(OF_TEAM)
    world.slack.workspace.usergroups[TEAM].gone = gone
    world.refresh_roles()
    assert world.fill_in(amount="176").errors == {"recipients": refusal_text(GroupUnknown())}
    assert world.rows("SELECT 1 FROM requests") == []

    world.slack.workspace.usergroups[TEAM].gone = ""
    world.refresh_roles()
    assert world.fill_in(amount="175").closed


def test_a_group_that_slack_has_not_told_of_opens_no_budget(start: Callable[..., World]):
    world = start(OF_TEAM, groups_work=False)
    assert world.fill_in(amount="176").errors == {"recipients": refusal_text(GroupUnknown())}
    assert world.rows("SELECT 1 FROM requests") == []

    world.slack.faults.clear()
    world.refresh_roles()
    assert world.fill_in(amount="175").closed


def test_who_has_budgets_has_them_in_their_currencies(start: Callable[..., World]):
    world = start(LEADS)

    refused = world.fill_in(reward=EUROS, amount="10").errors
    facts = {"currency": "EUR", "currencies": ["USD"]}
    assert refused == {"reward": fault_text("reward", Fault(FaultCode.NO_BUDGET_IN_CURRENCY, facts))}
    assert world.fill_in(world.alex, reward=EUROS, amount="10").closed, "no budget names Alex"


def test_a_budget_that_is_lowered_below_what_is_reserved_breaks_nothing(start: Callable[..., World], tmp_path: Path):
    world = start(LEADS)
    asked = world.ask(amount="150")
    world.stop()
    world._more = {"budgets": [{**LEADS, "amount": "100 USD"}]}
    world.start()

    assert left_text(room(world, {**LEADS, "amount": "100 USD"}, 150_00)) in world.form().words
    refusal = over(world, {**LEADS, "amount": "100 USD"}, used=150_00, asked=1_00)
    assert world.fill_in(amount="1").errors == {"amount": refusal}
    world.alex.click(world.card(asked), "approve")
    world.settle()
    assert reserved(world) == [150_00]
    assert world.rows("SELECT 1 FROM orders WHERE status = 'accepted'")


def test_limits_are_for_one_reward_and_for_one_person_in_a_year(start: Callable[..., World]):
    world = start(limits={"per_reward": ["50 USD"], "per_recipient_per_year": ["100 USD"]})

    def fault(field: str, code: FaultCode, **facts: Any) -> dict[str, str]:
        return {field: fault_text(field, Fault(code, facts))}

    limit = Money(50_00, "USD")
    assert world.fill_in(amount="50.01").errors == fault("amount", FaultCode.OVER_LIMIT, limit=limit)
    world.ask(amount="50")
    world.place(world.slack.person("priya"), amount="40")
    yearly = {"name": "Rob Hale", "limit": Money(100_00, "USD")}
    assert world.fill_in(world.alex, amount="10.01", recipients=["rob", "kim"]).errors == fault(
        "recipients", FaultCode.OVER_YEARLY_LIMIT, **yearly
    )
    facts = {"currency": "EUR", "currencies": ["USD"]}
    assert world.fill_in(reward=EUROS, amount="10").errors == fault("reward", FaultCode.NO_LIMIT_IN_CURRENCY, **facts)
    assert world.fill_in(world.alex, amount="10").closed, "at the limit is not above it"


def test_ten_requests_at_the_same_instant_share_what_one_person_may_get(start: Callable[..., World]):
    world = start(limits={"per_recipient_per_year": ["75 USD"]})
    senders = [world.slack.person(name) for name in ("maya", "priya", "alex", "kim", "li")]

    def submit(number: int) -> Any:
        form = a_request_form([people.ROB], CARD, "25")
        who, view = senders[number % len(senders)].id, f"V0FORM{number}"
        return world.slack.deliver("interactive", a_submission(world.slack, who, "request", form, view_id=view))

    facts = {"name": "Rob Hale", "limit": Money(75_00, "USD")}
    refusal = {"recipients": fault_text("recipients", Fault(FaultCode.OVER_YEARLY_LIMIT, facts))}
    answers = together(10, submit)
    assert [answer["errors"] for answer in answers if answer] == 7 * [refusal]
    assert world.one("SELECT count(*) AS n FROM requests") == {"n": 3}

    # What comes to nothing is no part of the year.
    first = world.one("SELECT id, requester_id FROM requests ORDER BY id LIMIT 1")
    world.until(lambda: world.is_posted("receipt", first["id"]))
    requester = next(one for one in senders if one.id == first["requester_id"])
    requester.click(world.receipt(first["id"]), "withdraw")
    world.until(lambda: world.rows("SELECT 1 FROM requests WHERE status = 'withdrawn'"))
    assert not submit(10)
    assert submit(11)["errors"] == refusal


def test_all_that_is_wrong_is_said_at_once(start: Callable[..., World]):
    world = start(LEADS, limits={"per_reward": ["100 USD"]})

    def faulty(who: str, **values: Any) -> set[str]:
        return set(world.fill_in(world.slack.person(who), **values).errors or ())

    assert faulty("maya", recipients=["maya"], amount="180") == {"recipients", "amount"}
    assert faulty("maya", reward=EUROS, amount="lots") == {"reward", "amount"}
    assert faulty("alex", recipients=["sam"], amount="lots") == {"recipients", "amount"}, "nobody could approve it"


# ---------------------------------------------------------------------------------------- warnings


def warned(world: World, percent: int, used: int, owner: str = people.MAYA, *, is_over: bool = False) -> str:
    last_day = room(world, LEADS, 0).period.last_day.isoformat()
    notice = BudgetUsed("Team leads", owner, percent, used, 175_00, "USD", last_day, is_over)
    return build_budget_used(notice).text


def warnings(world: World) -> list[str]:
    """What the admin has been told by now."""
    world.tick("budgets")
    world.settle()
    return [message.text for message in world.ada.dms()]


def test_admins_are_warned_once_at_each_level(start: Callable[..., World]):
    world = start(LEADS)
    world.ask(amount="138.99")
    assert warnings(world) == []
    world.ask(amount="1.01")
    world.ask(amount="30")
    assert warnings(world) == [warned(world, 80, 170_00)]
    assert warnings(world) == [warned(world, 80, 170_00)]
    world.ask(amount="5")
    assert warnings(world) == [warned(world, 80, 170_00), warned(world, 100, 175_00)]
    assert b'kudos_budget_used_ratio{budget="Team leads"} 1.0' in world.bot._metrics.render()


def test_admins_are_warned_of_what_was_asked_for_at_the_end_of_a_period(start: Callable[..., World]):
    world = start({**LEADS, "each": False})
    world.ask(amount="170")
    told = [warned(world, 80, 170_00, owner="", is_over=True)]
    after = room(world, LEADS, 0).period.last_day + timedelta(days=1)
    world.clock.set(start_of(after, "UTC"))
    assert warnings(world) == told
    assert warnings(world) == told
    assert b'kudos_budget_used_ratio{budget="Team leads"} 0.0' in world.bot._metrics.render()


@pytest.mark.file
def test_budgets_are_looked_over_while_another_writes(start: Callable[..., World]):
    """The look reads all that was asked for in a year, and every submit would wait for it."""
    world = start(LEADS)
    world.ask(amount="35")
    world.settle()
    with closing(sqlite3.connect(world.database, isolation_level=None)) as beside:
        beside.execute("BEGIN IMMEDIATE")
        world.tick("budgets")
        beside.execute("ROLLBACK")
    assert b'kudos_budget_used_ratio{budget="Team leads"} 0.2' in world.bot._metrics.render()


def test_without_budgets_nothing_is_kept_of_them(start: Callable[..., World]):
    world = start()
    world.ask(amount="25")

    assert world.one("SELECT budget_set, filed_month, reserved_minor, budgets FROM requests") == {
        "budget_set": None,
        "filed_month": None,
        "reserved_minor": 0,
        "budgets": "[]",
    }
    assert not any(job.name == "budgets" for job in world.jobs())
    assert BudgetStore(world.bot._storage._database).sums((), people.MAYA, 0).by_all == ()
