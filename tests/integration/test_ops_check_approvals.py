"""`kudos check`: what of the policy of approvals is told before somebody waits for it."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
import yaml
from click.testing import CliRunner

from bot.__main__ import main
from bot.domain.approval import PolicySettings, Route, SenderRoute
from bot.domain.money import Money
from bot.sandbox.slack import people
from bot.sandbox.slack.people import User, UserGroup
from handlers.check import Finding
from handlers.check_approvals import check_approvals
from tests.kit.bot import BOT_TOKEN, SECRETS, World, environment

EMPTY: Final = "S00NOBODY"
USUAL: Final = Route(people.APPROVALS, frozenset({people.APPROVERS_GROUP}))
#: Another account of Alex.
LEX: Final = User("U00LEX000", "lex", "Alex Again", email="alex+two@acme.example")


def usd(amount: int) -> dict[str, Money]:
    return {"USD": Money(amount * 100, "USD")}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A workspace with a group that is empty, and a second account."""
    world = World(tmp_path_factory.mktemp("checked"))
    world.slack.workspace.users[LEX.id] = LEX
    world.slack.workspace.usergroups[EMPTY] = UserGroup(EMPTY, "nobody", "Nobody", [])
    with world:
        yield world


def found(world: World, **policy: Any) -> list[Finding]:
    """What the check finds that is not good."""
    settings = PolicySettings(**({"usual": USUAL} | policy))
    api_url = f"{world.slack.url}/api/"
    findings = check_approvals(token=BOT_TOKEN, api_url=api_url, policy=settings, budgeted=frozenset({"USD"}))
    return [finding for finding in findings if not finding.good]


def route(*senders: str, to: str = people.TEAM_BLUE, by: str = people.APPROVERS_GROUP) -> SenderRoute:
    return SenderRoute(frozenset(senders), Route(to, frozenset({by})))


def test_a_policy_that_works_has_no_line(world: World):
    routes = [route(people.PRIYA), route(people.MAYA, to="dm")]
    assert found(world) == found(world, second_above=usd(250), automatic_up_to=usd(25), routes=routes) == []


@pytest.mark.parametrize("channel", ["C00NOWHERE", people.RANDOM])
def test_a_route_to_a_channel_that_is_not_there_or_without_the_bot(world: World, channel: str):
    [finding] = found(world, routes=[route(people.PRIYA, to=channel)])
    assert not finding.is_warning
    assert finding.text + finding.remedy


def test_a_route_by_direct_message_on_which_nobody_can_be_sent_a_card(world: World):
    [finding] = found(world, routes=[route(people.PRIYA), route(people.MAYA, to="dm", by=EMPTY)])
    assert "approvals.routes[2].approvers" in finding.text


@pytest.mark.parametrize(
    ("usual", "named"),
    [
        (frozenset({people.ALEX}), "approvals.approvers"),
        (frozenset({people.ALEX, LEX.id}), "approvals.approvers"),
        (frozenset({people.ALEX, people.GUS}), "approvals.approvers"),
        (frozenset({EMPTY}), "approvals.approvers"),
    ],
    ids=["one", "two accounts of one", "one and a guest", "an empty group"],
)
def test_two_approvers_where_there_is_one(world: World, usual: frozenset[str], named: str):
    [finding] = found(world, usual=Route(people.APPROVALS, usual), second_above=usd(250))
    assert not finding.is_warning
    assert named in finding.text
    assert found(world, usual=Route(people.APPROVALS, usual)) == [], "where nothing needs two"


def test_two_approvers_are_looked_for_on_each_route(world: World):
    [finding] = found(world, routes=[route(people.MAYA), route(people.PRIYA, by=people.ADA)], second_above=usd(250))
    assert "approvals.routes[2].approvers" in finding.text


def test_routes_that_overlap_are_a_warning(world: World):
    routes = [route(people.MAYA, people.ALEX), route(people.PRIYA), route(people.APPROVERS_GROUP)]
    [finding] = found(world, routes=routes)
    assert finding.is_warning
    assert people.ALEX in finding.text
    assert "[1] and [3]" in finding.text


@pytest.mark.parametrize("above", [{"USD": Money(20_00, "USD")}, {"EUR": Money(20_00, "EUR")}])
def test_a_rule_that_would_approve_what_needs_two_is_a_warning(world: World, above: dict[str, Money]):
    [finding] = found(world, second_above=above, automatic_up_to=usd(25))
    assert finding.is_warning
    assert "$25" in finding.text


def test_a_rule_in_a_currency_without_a_budget_is_a_warning(world: World):
    [finding] = found(world, automatic_up_to=usd(25) | {"EUR": Money(25_00, "EUR")})
    assert finding.is_warning
    assert "EUR" in finding.text
    assert "USD" not in finding.text


def test_nothing_is_said_twice_of_a_slack_that_is_down(world: World):
    world.slack.faults.set("outage")
    try:
        assert found(world, routes=[route(people.PRIYA)], second_above=usd(250)) == []
    finally:
        world.slack.faults.clear()


def test_kudos_check_names_each_thing_that_a_route_lacks(world: World):
    world._settings()  # written anew
    config = world.folder / "app.yaml"
    written = yaml.safe_load(config.read_text())
    lost = {"senders": [people.PRIYA], "channel": "C00NOWHERE", "approvers": [EMPTY]}
    written["approvals"] |= {"second_above": ["250 USD"], "routes": [lost]}
    config.write_text(yaml.safe_dump(written))
    with environment(SECRETS):
        result = CliRunner().invoke(main, ["check", "--config", str(config)])
    failed = [line for line in result.output.splitlines() if line.startswith("FAIL")]
    assert result.exit_code == 1
    for named in ("C00NOWHERE", f"User group: {EMPTY}", "approvals.routes[1].approvers"):
        assert any(named in line for line in failed), result.output


def test_kudos_check_names_amounts_in_a_currency_that_no_reward_has(world: World):
    world._settings()  # written anew
    config = world.folder / "app.yaml"
    written = yaml.safe_load(config.read_text())
    written["approvals"] |= {"second_above": ["250 USD", "200 ERU"]}
    written |= {
        "budgets": [{"name": "Leads", "amount": "500 UDS", "per": "month"}],
        "limits": {"per_reward": ["9 USD"]},
    }
    config.write_text(yaml.safe_dump(written))
    with environment(SECRETS):
        result = CliRunner().invoke(main, ["check", "--config", str(config)])
    warned = [line for line in result.output.splitlines() if line.startswith("warn Currencies")]
    assert [("ERU" in line, "UDS" in line) for line in warned] == [(True, False), (False, True)], result.output
