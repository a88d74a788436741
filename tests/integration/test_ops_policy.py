"""`kudos policy try`: what an operator reads before anybody asks for anything."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.errors import NotAllowed, Rule
from bot.faults import Fault, FaultCode
from bot.sandbox.slack import people
from handlers.views.faults import faults_text
from handlers.views.messages import refusal_text
from tests.kit.bot import SECRETS, World, environment

ROUTE: Final = {"senders": [people.PRIYA], "channel": people.TEAM_BLUE, "approvers": [people.ADA, people.LI]}
SETTINGS: Final[Mapping[str, Any]] = {
    "approvals": {"second_above": ["250 USD"], "automatic_up_to": ["25 USD"], "routes": [ROUTE]},
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
    named = [word for one in to for word in ("--to", one)]
    config: Path = world.folder / "app.yaml"
    with environment(SECRETS):
        return CliRunner().invoke(
            main, ["policy", "try", "--sender", sender, "--amount", amount, *named, "--config", str(config)]
        )


def facts(world: World, sender: str, amount: str, *to: str) -> dict[str, str]:
    """What is printed, by the word with which a line begins."""
    result = typed(world, sender, amount, *to)
    assert result.exit_code == 0, result.output
    return dict(line.split(None, 1) for line in result.output.splitlines())


def test_it_tells_route_approvers_budgets_and_limits(world: World):
    said = facts(world, people.MAYA, "150 USD", people.ROB, people.KIM)
    assert said["Request"].startswith("Maya Lindqvist asks for $150.00 for Rob Hale, Kim Park, $300.00 in all")
    assert people.APPROVALS in said["Route"]
    assert said["Rule"].endswith("$250")
    assert (people.ALEX in said["Approvers"], people.SAM in said["Approvers"]) == (True, True)
    assert "$470.00" in said["Budgets"]
    assert "$400.00" in said["Limits"]
    assert said["Refused"] == "no"


def test_another_route_is_named_by_its_place(world: World):
    said = facts(world, people.PRIYA, "20 USD")
    assert "approvals.routes[1]" in said["Route"]
    assert people.TEAM_BLUE in said["Route"]
    assert people.ADA in said["Approvers"]
    assert people.ALEX not in said["Approvers"]
    assert said["Budgets"] == "none"


@pytest.mark.parametrize(
    ("sender", "amount", "to", "code"),
    [
        (people.ALEX, "20 USD", [people.SAM], FaultCode.NOBODY_APPROVES),
        (people.ALEX, "300 USD", [people.ROB], FaultCode.ONE_APPROVER_LEFT),
    ],
)
def test_it_says_what_the_form_would_say(world: World, sender: str, amount: str, to: list[str], code: FaultCode):
    assert facts(world, sender, amount, *to)["Refused"] == faults_text("recipients", [Fault(code)])


def test_it_says_that_there_is_no_room(world: World):
    assert "$470.00" in facts(world, people.MAYA, "250 USD", people.ROB, people.KIM)["Refused"]


def test_an_amount_without_a_currency_is_refused(world: World):
    result = typed(world, people.MAYA, "300")
    assert result.exit_code == 2
    assert "--amount: '300'" in result.output


def test_who_may_not_send_is_refused_as_in_slack(world: World):
    result = typed(world, people.GUS, "20 USD")
    assert result.exit_code == 1
    assert refusal_text(NotAllowed(Rule.GUESTS_MAY_NOT_SEND)) in result.output


def test_nothing_is_stored_and_nobody_is_told(world: World):
    before = world.rows("SELECT count(*) AS n FROM requests"), world.rows("SELECT count(*) AS n FROM outbox")
    typed(world, people.MAYA, "20 USD", people.ROB)
    assert (world.rows("SELECT count(*) AS n FROM requests"), world.rows("SELECT count(*) AS n FROM outbox")) == before
