"""Budgets and limits on the screen: what is left, what is refused, what frees, and what the admins hear."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.budget import Budget, BudgetUsed, Per, Room, month_of
from bot.domain.money import Money
from bot.faults import Fault, FaultCode
from bot.sandbox.slack import people
from handlers.views.budgets import build_budget_used, left_text
from handlers.views.faults import fault_text
from storage.budgets import BudgetStore
from tests.kit.bot import CARD, World
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

    def start(*budgets: dict[str, Any], **settings: Any) -> World:
        world = World(tmp_path, where=database, settings={"budgets": list(budgets), **settings})
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


def test_the_form_the_card_and_home_tell_the_same_story(start: Callable[..., World]):
    world = start(LEADS, EVERYONE)
    world.ask(amount="100")
    world.ask(world.slack.person("priya"), amount="10")

    form = world.form()
    assert f"{left_text(room(world, LEADS, 100_00))}." in form.words
    assert f"{left_text(room(world, EVERYONE, 110_00))}." in form.words

    asked = world.ask(amount="25", recipients=["rob", "kim"])
    card = world.card(asked).words
    assert "Maya Lindqvist's budget “Team leads”: $75.00 → $25.00" in card
    assert "Budget “Everyone”: $890.00 → $840.00" in card

    world.maya.open_home()
    lines = [left_text(room(world, LEADS, 150_00)), left_text(room(world, EVERYONE, 160_00))]
    world.maya.wait_for(lambda: world.maya.home and all(line in world.maya.home.words for line in lines))

    assert world.fill_in(amount="25.01").errors == {"amount": over(world, LEADS, used=150_00, asked=25_01)}
    assert world.fill_in(amount="25").closed


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


def test_all_that_is_wrong_is_said_at_once(start: Callable[..., World]):
    world = start(LEADS, limits={"per_reward": ["100 USD"]})

    refused = world.fill_in(recipients=["maya"], amount="180").errors

    assert set(refused or ()) == {"recipients", "amount"}


def test_admins_are_warned_once_at_each_level(start: Callable[..., World]):
    world = start(LEADS)

    def warned(percent: int, used: int) -> str:
        last_day = room(world, LEADS, 0).period.last_day.isoformat()
        notice = BudgetUsed("Team leads", people.MAYA, percent, used, 175_00, "USD", last_day)
        return build_budget_used(notice).text

    def warnings() -> list[str]:
        world.tick("budgets")
        world.settle()
        return [message.text for message in world.ada.dms()]

    world.ask(amount="138.99")
    assert warnings() == []
    world.ask(amount="1.01")
    world.ask(amount="30")
    assert warnings() == [warned(80, 170_00)]
    assert warnings() == [warned(80, 170_00)]
    world.ask(amount="5")
    assert warnings() == [warned(80, 170_00), warned(100, 175_00)]
    assert b'kudos_budget_used_ratio{budget="Team leads"} 1.0' in world.bot._metrics.render()


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
