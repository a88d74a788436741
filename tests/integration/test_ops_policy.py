"""`kudos policy try`: what an operator reads before anybody asks for anything."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from click.testing import Result

from bot.domain.approval import ApprovalRule, Policy, Route
from bot.domain.money import Money
from bot.errors import NotAllowed, Rule
from bot.faults import Fault, FaultCode
from bot.sandbox.slack import people
from handlers.views.approval import policy_text
from handlers.views.faults import faults_text
from handlers.views.messages import refusal_text
from tests.kit.bot import World
from tests.kit.console import tried_policy, try_policy

ROUTE: Final = {"senders": [people.PRIYA], "channel": people.TEAM_BLUE, "approvers": [people.ADA, people.LI]}
#: As everyone's who has none.
USUAL: Final = {"senders": [people.KIM], "channel": people.APPROVALS, "approvers": [people.APPROVERS_GROUP]}
SETTINGS: Final[Mapping[str, Any]] = {
    "approvals": {
        "second_above": ["250 USD"],
        "automatic_up_to": ["25 USD"],
        "routes": [ROUTE | {"senders": [people.LI]}, ROUTE, USUAL],
    },
    "budgets": [{"name": "Managers", "senders": [people.MAYA], "amount": "500 USD", "per": "year"}],
    "limits": {"per_reward": ["400 USD"]},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A bot that runs, and has one request of thirty dollars."""
    with World(tmp_path_factory.mktemp("tried"), settings=SETTINGS) as world:
        world.clock.set(datetime.now(UTC))  # the command has the machine's clock
        world.ask(amount="30")
        yield world


def typed(world: World, sender: str, amount: str, *to: str) -> Result:
    return try_policy(world.folder / "app.yaml", sender, amount, *to)


def facts(world: World, sender: str, amount: str, *to: str) -> dict[str, str]:
    return tried_policy(world.folder / "app.yaml", sender, amount, *to)


def test_it_tells_route_approvers_budgets_and_limits(world: World):
    said = facts(world, people.MAYA, "150 USD", people.ROB, people.KIM)
    assert said["Request"].startswith("Maya Lindqvist asks for $150.00 each for Rob Hale, Kim Park, $300.00 in all")
    assert said["Route"].startswith("approvals, ")
    assert people.APPROVALS in said["Route"]
    assert said["Rule"].endswith("$250")
    assert (people.ALEX in said["Approvers"], people.SAM in said["Approvers"]) == (True, True)
    assert "$470.00" in said["Budgets"]
    assert "$400.00" in said["Limits"]
    assert said["Refused"] == "no"


def test_another_route_is_named_by_its_place(world: World):
    said = facts(world, people.PRIYA, "20 USD")
    assert "approvals.routes[2]" in said["Route"], "though another has the same channel and approvers"
    assert people.TEAM_BLUE in said["Route"]
    assert people.ADA in said["Approvers"]
    assert people.ALEX not in said["Approvers"]
    assert said["Budgets"] == "none"


@pytest.mark.parametrize(
    ("sender", "amount", "to", "code"),
    [
        (people.ALEX, "20 USD", [people.SAM], FaultCode.NOBODY_APPROVES),
        (people.ALEX, "300 USD", [people.ROB], FaultCode.ONE_APPROVER_LEFT),
        (people.MAYA, "20 USD", [people.MAYA], FaultCode.IS_ONESELF),
    ],
)
def test_it_says_what_the_form_would_say(world: World, sender: str, amount: str, to: list[str], code: FaultCode):
    assert facts(world, sender, amount, *to)["Refused"] == faults_text("recipients", [Fault(code)])


def test_it_says_of_a_rule_that_not_every_reward_is_approved_by_it(world: World):
    rule = Policy(Route("", frozenset()), ApprovalRule.AUTOMATIC_UP_TO, Money(25_00, "USD"))
    said = facts(world, people.MAYA, "20 USD", people.ROB)["Rule"]
    assert said.startswith(policy_text(rule, "USD"))
    assert said != policy_text(rule, "USD")


def test_it_says_that_there_is_no_room(world: World):
    assert "$470.00" in facts(world, people.MAYA, "250 USD", people.ROB, people.KIM)["Refused"]


def test_an_amount_without_a_currency_is_refused(world: World):
    result = typed(world, people.MAYA, "300")
    assert result.exit_code == 2
    assert "It says '300'." in result.output


def test_who_may_not_send_is_refused_as_in_slack(world: World):
    result = typed(world, people.GUS, "20 USD")
    assert result.exit_code == 1
    assert refusal_text(NotAllowed(Rule.GUESTS_MAY_NOT_SEND)) in result.output


def test_nothing_is_stored_and_nobody_is_told(world: World):
    before = world.rows("SELECT count(*) AS n FROM requests"), world.rows("SELECT count(*) AS n FROM outbox")
    typed(world, people.MAYA, "20 USD", people.ROB)
    assert (world.rows("SELECT count(*) AS n FROM requests"), world.rows("SELECT count(*) AS n FROM outbox")) == before
