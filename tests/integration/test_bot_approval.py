"""The policy at the wire: two approvers, none, or others by the requester's group; it stays as a request was filed."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.approval import BY_RULE
from bot.domain.money import Money
from bot.errors import GroupUnknown, Rule
from bot.faults import FaultCode
from bot.sandbox.slack import Person, ShownMessage, people
from bot.sandbox.slack.people import User, UserGroup
from bot.usecases.approval import Expected
from handlers.ids import Action
from handlers.views.approval import approved_clause, approved_text, first_text, rule_text
from handlers.views.budgets import drawn_texts
from handlers.views.form_notes import review_text
from handlers.views.messages import refusal_text
from storage import Storage
from tests.kit import wording
from tests.kit.bot import World
from tests.kit.factories import together
from tests.kit.posted import ask_posted

#: Who decides about the requests of Sales, which is Priya: Ada, and Rob.
BOARD: Final = "S00BOARD0"
SALES: Final = "S00SALES0"

BUDGET: Final = {"name": "Managers", "senders": [people.MAYA], "amount": "500 USD", "per": "month"}
ROUTE: Final = {"senders": [SALES], "channel": people.TEAM_BLUE, "approvers": [BOARD]}
POLICY: Final[Mapping[str, Any]] = {
    "approvals": {"second_above": ["250 USD"], "automatic_up_to": ["25 USD"], "routes": [ROUTE]},
    "budgets": [BUDGET],
}


def _world(folder: Path, database: Path | str, settings: Mapping[str, Any] = POLICY) -> World:
    world = World(folder, where=database, settings=settings)
    groups = world.slack.workspace.usergroups
    groups[BOARD] = UserGroup(BOARD, "board", "The board", [people.ADA, people.ROB])
    groups[SALES] = UserGroup(SALES, "sales", "Sales", [people.PRIYA])
    return world


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    """A world with all of the policy."""
    with _world(tmp_path, database) as world:
        yield world


def _request(world: World, request_id: int) -> Any:
    storage: Storage = world.bot._storage
    request = storage.requests.get(request_id)
    assert request is not None
    return request


def _refused(world: World, who: Person, request_id: int, action: Action = Action.APPROVE) -> str:
    """What somebody is told who presses a button of the card."""
    return world.answer(who, lambda: who.click(world.card(request_id), action)).text


def _restart(world: World, settings: Mapping[str, Any]) -> None:
    world.stop()
    world._more = settings
    world.start()


def _members(world: World, group: str, *user_ids: str) -> None:
    with world.slack.workspace.lock:
        world.slack.workspace.usergroups[group].users[:] = user_ids
    world.refresh_roles()


def _listed(who: Person) -> ShownMessage:
    listed = who.command("/orders", "pending").ephemeral
    assert listed is not None
    return listed


# ------------------------------------------------------------------------------------ two approvers


def test_two_different_people_approve_what_is_above(world: World):
    request_id = world.ask(amount="250.01")
    request = _request(world, request_id)
    assert rule_text(request) in world.card(request_id).words
    assert rule_text(request) in world.receipt(request_id).words

    world.alex.click(world.card(request_id), Action.APPROVE)
    world.settle()
    assert world.tango.orders == []
    once = _request(world, request_id)
    assert once.is_pending
    for shown in (world.card(request_id), world.receipt(request_id)):
        assert first_text(once) in shown.words
    assert Action.APPROVE in world.card(request_id).action_ids

    assert _refused(world, world.alex, request_id) == wording.not_allowed(Rule.ANOTHER_APPROVER, people.SAM, waits=True)
    assert world.tango.orders == []

    world.sam.click(world.card(request_id), Action.APPROVE)
    world.settle()
    assert len(world.tango.orders) == 1
    approved = _request(world, request_id)
    assert (approved.first_approved_by, approved.decided_by) == (people.ALEX, people.SAM)
    assert approved_text(approved) in world.card(request_id).words
    assert approved_clause(approved) in world.receipt(request_id).words
    noted = world.rows("SELECT event, actor FROM audit WHERE request_id = :id ORDER BY id", id=request_id)
    assert [(row["event"], row["actor"]) for row in noted if "approved" in row["event"]] == [
        ("request.first_approved", people.ALEX),
        ("request.approved", people.SAM),
    ]


def test_the_same_click_twice_is_one_approval(world: World):
    request_id = world.approve(amount="300")
    world.slack.deliver("interactive", world.slack.deliveries[-1].payload)
    world.settle()
    assert _request(world, request_id).first_approved_by == people.ALEX
    assert world.tango.orders == []


def test_two_who_click_at_once_are_the_two(world: World):
    request_id = world.ask(amount="300")
    card, approvers = world.card(request_id), (world.alex, world.sam)
    together(4, lambda number: approvers[number % 2].click(card, Action.APPROVE))
    world.settle()
    approved = _request(world, request_id)
    assert {approved.first_approved_by, approved.decided_by} == {people.ALEX, people.SAM}
    assert len(world.tango.orders) == 1


def test_two_accounts_of_one_person_are_not_two_approvers(world: World):
    lex = User("U00LEX000", "lex", "Alex Again", email="Alex+second@acme.example")
    world.slack.workspace.users[lex.id] = lex
    world.slack.workspace.channels[people.APPROVALS].members.append(lex.id)
    _members(world, people.APPROVERS_GROUP, people.ALEX, lex.id, people.SAM)
    request_id = world.ask(amount="300")
    world.slack.person("lex").click(world.card(request_id), Action.APPROVE)
    world.settle()
    assert _refused(world, world.alex, request_id) == wording.not_allowed(Rule.ANOTHER_APPROVER, people.SAM, waits=True)
    # Neither once the first account approves nothing any more, nor after a restart.
    _members(world, people.APPROVERS_GROUP, people.ALEX, people.SAM)
    _restart(world, POLICY)
    assert _refused(world, world.alex, request_id) == wording.not_allowed(Rule.ANOTHER_APPROVER, people.SAM, waits=True)
    assert world.tango.orders == []


def test_the_first_of_two_has_it_no_longer_in_the_list_and_can_still_decline(world: World):
    request_id = world.ask(amount="300")
    world.alex.click(_listed(world.alex), Action.APPROVE_LISTED)
    world.settle()
    assert wording.NOTHING_PENDING in _listed(world.alex).words
    assert Action.APPROVE_LISTED in _listed(world.sam).action_ids
    form = world.alex.click(world.card(request_id), Action.DECLINE).modal
    assert form is not None
    assert world.alex.submit(form, {"reason_choice": "over_budget"}).closed
    world.settle()
    assert wording.DECLINED in world.said(world.maya, wording.DECLINED).text
    assert world.tango.orders == []


def test_at_the_amount_one_approver_is_enough(world: World):
    request_id = world.ask(amount="250")
    assert _request(world, request_id).approvals_needed == 1
    world.alex.click(world.card(request_id), Action.APPROVE)
    world.settle()
    assert len(world.tango.orders) == 1


def test_what_several_get_together_counts(world: World):
    assert _request(world, world.ask(recipients=["rob", "kim"], amount="125.01")).approvals_needed == 2


# ------------------------------------------------------------------------------------- no approver


def test_a_rule_approves_what_is_below_and_no_person_is_named(world: World):
    request_id = world.ask(amount="25")
    world.settle()
    request = _request(world, request_id)
    assert request.decided_by == BY_RULE
    assert len(world.tango.orders) == 1
    card = world.card(request_id)
    assert approved_text(request) in card.words
    assert rule_text(request) in card.words
    assert Action.APPROVE not in card.action_ids
    assert approved_clause(request) in world.receipt(request_id).words
    noted = world.one(
        "SELECT actor, json_extract(facts, '$.rule') AS rule FROM audit WHERE event = 'request.approved'"
        " AND request_id = :id",
        id=request_id,
    )
    assert noted == {"actor": None, "rule": BY_RULE}


@pytest.mark.parametrize(("who", "amount"), [("maya", "25.01"), ("alex", "25")])
def test_no_rule_approves_what_is_above_or_in_no_budget(world: World, who: str, amount: str):
    request_id = world.ask(world.slack.person(who), amount=amount)
    assert _request(world, request_id).is_pending


def test_no_rule_approves_what_is_posted(world: World):
    assert _request(world, ask_posted(world)).is_pending


def test_approvers_see_what_a_rule_approved_also_where_cards_go_to_each(tmp_path: Path, database: Path | str):
    settings = {"approvals": {"channel": "dm", "automatic_up_to": ["25 USD"]}, "budgets": [BUDGET]}
    with _world(tmp_path, database, settings) as world:
        assert world.fill_in(amount="25").closed
        world.settle()
        request = _request(world, 1)
        for who in (world.alex, world.sam):
            [card] = [message for message in who.dms() if approved_text(request) in message.words]
            assert rule_text(request) in card.words
            assert drawn_texts(request)[0] in card.words
            assert wording.ORDER_PLACED in card.words, "rewritten where it stands"
            assert Action.APPROVE not in card.action_ids


def test_no_rule_approves_by_a_group_that_slack_has_been_silent_about(tmp_path: Path, database: Path | str):
    """Who is in it counts for the budget. Whether they still are is looked at by a person."""
    settings = {"approvals": {"automatic_up_to": ["25 USD"]}, "budgets": [BUDGET | {"senders": [SALES]}]}
    with _world(tmp_path, database, settings) as world:
        priya = world.slack.person("priya")
        assert _request(world, world.ask(priya, amount="25")).decided_by == BY_RULE
        world.slack.faults.set("outage", method="usergroups.users.list")
        world.clock.advance(660)
        later = _request(world, world.ask(priya, amount="25"))
        assert later.is_pending
        assert [drawn.name for drawn in later.budgets] == [BUDGET["name"]]


# ------------------------------------------------------------------------------------------ routes


def test_the_requesters_group_decides_channel_and_approvers(world: World):
    priya = world.slack.person("priya")
    request_id = world.ask(priya, amount="30")
    card = world.card(request_id)
    assert card.channel == people.TEAM_BLUE
    assert review_text([people.ADA, people.ROB], Expected(currency="USD", second_above=Money(250_00, "USD"))) in (
        world.form(priya).words
    )
    refused = wording.not_allowed(Rule.OTHER_APPROVERS, people.ADA, waits=True)
    assert world.answer(world.alex, lambda: _click_as(world, world.alex, card)).text == refused
    assert wording.NOTHING_PENDING in _listed(world.alex).words
    assert Action.APPROVE_LISTED in _listed(world.ada).action_ids
    world.ada.click(_listed(world.ada), Action.APPROVE_LISTED)
    world.settle()
    assert len(world.tango.orders) == 1


def test_a_requester_who_joins_or_leaves_a_group_has_the_other_route(world: World):
    priya = world.slack.person("priya")
    _members(world, SALES, people.MAYA)
    assert world.card(world.ask(amount="30")).channel == people.TEAM_BLUE
    assert world.card(world.ask(priya, amount="30")).channel == people.APPROVALS


@pytest.mark.parametrize("gone", ["no_such_subteam", "missing_scope"])
def test_a_group_that_is_gone_leads_to_no_other_route(world: World, gone: str):
    world.slack.workspace.usergroups[SALES].gone = gone
    world.refresh_roles()
    outcome = world.fill_in(world.slack.person("priya"), amount="30")
    assert outcome.errors == {"recipients": refusal_text(GroupUnknown())}
    assert world.rows("SELECT 1 FROM requests") == []


def test_the_card_warns_of_who_reads_the_channel_of_its_route(world: World):
    request_id = world.ask(world.slack.person("priya"), amount="30", recipients=["kim", "sam"])
    world.until(lambda: _request(world, request_id).recipients[0].in_channel is not None)
    assert [one.in_channel for one in _request(world, request_id).recipients] == [True, False]
    usual = world.ask(amount="30", recipients=["li", "sam"])
    world.until(lambda: _request(world, usual).recipients[0].in_channel is not None)
    assert [one.in_channel for one in _request(world, usual).recipients] == [False, True]


def _click_as(world: World, who: Person, card: ShownMessage) -> None:
    """Press the button of a card in a channel that one is not in."""
    with world.slack.workspace.lock:
        world.slack.workspace.channels[card.channel].members.append(who.id)
    who.click(card, Action.APPROVE)


def test_who_is_in_a_group_counts_at_the_click(world: World):
    request_id = world.ask(world.slack.person("priya"), amount="30", recipients=["kim"])
    _members(world, BOARD, people.LI)
    rob, li = world.slack.person("rob"), world.slack.person("li")
    assert _refused(world, rob, request_id) == wording.not_allowed(Rule.APPROVERS_ONLY, people.LI, waits=True)
    li.click(world.card(request_id), Action.APPROVE)
    world.settle()
    assert len(world.tango.orders) == 1


def test_a_route_by_direct_message_hands_out_copies(tmp_path: Path, database: Path | str):
    by_dm = {"approvals": {"routes": [ROUTE | {"channel": "dm"}]}}
    with _world(tmp_path, database, by_dm) as world:
        rob, priya = world.slack.person("rob"), world.slack.person("priya")
        assert world.fill_in(priya, recipients=["kim"]).closed
        usual = world.ask()
        world.settle()
        for who in (world.ada, rob):
            assert len([message for message in who.dms() if Action.APPROVE in message.action_ids]) == 1
        assert [message for message in world.alex.dms() if Action.APPROVE in message.action_ids] == []
        assert world.card(usual).channel == people.APPROVALS


# ------------------------------------------------------------------------------------------ frozen


def test_other_settings_change_nothing_of_a_request_that_waits(world: World):
    """Not the number of approvers, nor who and where they are, nor the words on the card."""
    both = world.ask(amount="300")
    routed = world.ask(world.slack.person("priya"), amount="30", recipients=["kim"])
    before = _request(world, both), _request(world, routed)
    _restart(world, {"approvals": {"approvers": [people.KIM]}})
    assert (_request(world, both), _request(world, routed)) == before
    assert rule_text(before[0]) in world.card(both).words
    for press in (world.alex, world.sam):
        press.click(world.card(both), Action.APPROVE)
    world.slack.person("rob").click(world.card(routed), Action.APPROVE)
    world.settle()
    assert len(world.tango.orders) == 2
    new = world.ask(amount="300")
    assert _request(world, new).policy is None
    world.refresh_roles()
    assert _refused(world, world.alex, new) == wording.not_allowed(Rule.APPROVERS_ONLY, people.KIM, waits=True)


def test_without_a_policy_cards_follow_the_settings(tmp_path: Path, database: Path | str):
    with _world(tmp_path, database, {}) as world:
        request_id = world.ask(amount="900")
        assert _request(world, request_id).policy is None
        _restart(world, POLICY)
        world.alex.click(world.card(request_id), Action.APPROVE)
        world.settle()
        assert len(world.tango.orders) == 1


# --------------------------------------------------------------------------------------- dead ends


@pytest.mark.parametrize(
    ("who", "values", "code"),
    [
        ("alex", {"recipients": ["sam"]}, FaultCode.NOBODY_APPROVES),
        ("maya", {"recipients": ["sam", "alex"]}, FaultCode.NOBODY_APPROVES),
        ("alex", {"recipients": ["rob"], "amount": "300"}, FaultCode.ONE_APPROVER_LEFT),
        ("maya", {"recipients": ["rob", "sam"], "amount": "150"}, FaultCode.ONE_APPROVER_LEFT),
    ],
)
def test_who_asks_for_what_nobody_could_approve_hears_it_in_the_form(
    world: World, who: str, values: dict[str, Any], code: FaultCode
):
    outcome = world.fill_in(world.slack.person(who), **({"amount": "30"} | values))
    assert outcome.errors == {"recipients": wording.fault("recipients", code)}
    assert world.rows("SELECT 1 FROM requests") == []


def test_a_rule_needs_nobody_to_be_left(world: World):
    request_id = world.ask(recipients=["sam", "alex"], amount="12")
    assert _request(world, request_id).decided_by == BY_RULE
