"""The step *Ask for a reward*: what a workflow asks for is a request like any other, and the workflow hears of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.numbers import request_number
from bot.domain.workflow import REMEMBER_FOR, RUN_WITHIN
from bot.errors import InvalidForm, NotAllowed, Rule, SlackUnavailable
from bot.faults import Fault, FaultCode
from bot.sandbox.slack import people
from bot.sandbox.slack.delivery import Unanswered
from bot.sandbox.slack.errors import SlackTrouble
from bot.sandbox.slack.functions import TOKEN_SECONDS, Execution
from handlers.ids import Action, Function, Input, Output
from handlers.manifest import build_manifest
from handlers.views.workflows import refused_text, turned_off_text
from tests.kit.bot import CARD, FIXED, World, tellers_of
from tests.kit.factories import at_once
from tests.kit.posted import POSTED_CARD
from tests.kit.rights_table import MAY, NEWCOMERS, ROLES

#: What a builder puts into the step: 25 dollars for Rob.
USUAL: Final = {
    Input.RECIPIENT: people.ROB,
    Input.REWARD: CARD,
    Input.AMOUNT: "25",
    Input.MESSAGE: "Happy anniversary",
}

NAMED: Final = {"slack": {"workflow_requester": people.PRIYA}}


def a_world(folder: Path, where: Path | str, *, mode: str = "http", **settings: Any) -> World:
    """Return a world whose workflows ask in Priya's name, with more settings."""
    world = World(folder, mode=mode, where=where, settings=NAMED | settings)
    world.slack.manifest(build_manifest(workflows=True))
    return world


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    """A world with nothing more than that."""
    with a_world(tmp_path, database) as world:
        yield world


def run(world: World, **inputs: Any) -> Execution:
    """Run a workflow; what is not named is as usual."""
    given = {name.value: value for name, value in USUAL.items()} | inputs
    return world.slack.workflow_builder.run(Function.ASK_FOR_REWARD, given)


def ran(world: World, **inputs: Any) -> Execution:
    """The same, and wait until the workflow has its answer."""
    execution = run(world, **inputs)
    world.settle()
    return execution


def event_of(world: World) -> dict[str, Any]:
    """Return the last event of a run, as it was delivered."""
    found = [one.payload for one in world.slack.deliveries if one.type == "function_executed"][-1]
    return {**found, "event": {**found["event"]}}


def refusal_of(**faults: FaultCode) -> str:
    """Return what a workflow is told of these faults, whose sentences need no facts."""
    return refused_text(InvalidForm({name: Fault(code) for name, code in faults.items()}))


def requests(world: World) -> list[dict[str, Any]]:
    return world.rows("SELECT * FROM requests ORDER BY id")


# ------------------------------------------------------------------------------------------ a run


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_a_run_makes_one_request_and_the_workflow_gets_its_number(tmp_path: Path, database: Path | str, mode: str):
    with a_world(tmp_path, database, mode=mode) as world:
        execution = ran(world)

        [request] = requests(world)
        assert (execution.status, execution.outputs) == (
            "completed",
            {Output.REQUEST_NUMBER.value: request_number(request["id"])},
        )
        assert (request["status"], request["requester_id"]) == ("pending_approval", people.PRIYA)
        assert (request["by_workflow"], request["amount_minor"]) == (1, 25_00)
        assert world.rows("SELECT user_id FROM recipients") == [{"user_id": people.ROB}]
        assert world.rows("SELECT 1 FROM orders") == []
        filed = world.one("SELECT actor, facts FROM audit WHERE event = 'request.filed'")
        assert filed["actor"] == people.PRIYA
        assert execution.id in str(filed["facts"])
        world.alex.click(world.card(request["id"]), Action.APPROVE)
        world.settle()
        assert len(world.tango.orders) == 1


def test_the_run_keeps_nothing_personal_once_it_is_answered_and_is_gone_a_day_later(world: World):
    ran(world)
    kept = world.one("SELECT amount, message, refusal, answered_at FROM workflow_runs")
    assert (kept["amount"], kept["message"], kept["refusal"]) == ("", "", "")
    assert kept["answered_at"] is not None
    world.clock.advance(REMEMBER_FOR.total_seconds() + 1)
    ran(world, recipient=people.KIM)
    assert len(world.rows("SELECT 1 FROM workflow_runs")) == 1


def test_what_is_delivered_again_is_one_run(world: World):
    execution = run(world)
    again = event_of(world)
    world.slack.deliver("events_api", again)
    world.settle()
    world.slack.deliver("events_api", again)
    world.settle()
    assert execution.status == "completed"
    assert len(requests(world)) == 1
    assert len(world.rows("SELECT 1 FROM outbox WHERE kind = 'workflow_answer'")) == 1


def test_what_is_delivered_several_times_at_once_is_one_run(world: World):
    world.slack.faults.set("drop_acks", times=1)
    execution = run(world)  # Slack delivers it again by itself, beside these
    again = event_of(world)
    at_once(*[lambda: world.slack.deliver("events_api", again)] * 4)
    world.settle()
    assert execution.status == "completed"
    assert len(requests(world)) == 1


def test_each_run_asks_anew(world: World):
    """Nobody is there who could say whether the second one is meant; the card shows it to the approver."""
    ran(world)
    ran(world)
    assert len(requests(world)) == 2


def test_who_asks_is_the_setting_and_nothing_in_the_event(world: World):
    run(world)
    forged = event_of(world)
    forged["event"]["function_execution_id"] = "Fx0FORGED0"
    for name in ("requester", "requester_id", "user", "user_id"):
        forged["event"]["inputs"] = {**forged["event"]["inputs"], name: people.MAYA}
        forged["event"][name] = people.MAYA
        forged[name] = people.MAYA
    world.slack.deliver("events_api", forged)
    world.settle(step=60)
    assert {request["requester_id"] for request in requests(world)} == {people.PRIYA}


def test_the_message_is_what_a_person_would_have_written(world: World):
    ran(world, message=f"Thanks <@{people.KIM}|kim> &amp; <https://acme.example|all>")
    [request] = requests(world)
    assert "<" not in request["message"]
    assert " & " in request["message"]


# ----------------------------------------------------------------------------------- never automatic


def test_it_is_never_approved_by_a_rule(tmp_path: Path, database: Path | str):
    approvals = {"automatic_up_to": ["100 USD"]}
    budgets = [{"name": "All", "senders": ["*"], "amount": "5000 USD", "per": "year"}]
    with a_world(tmp_path, database, approvals=approvals, budgets=budgets) as world:
        ran(world, amount="1")
        assert world.fill_in(world.slack.person("priya"), recipients=["kim"], amount="1").closed
        world.settle()
        by_workflow, by_hand = requests(world)
        assert by_workflow["status"] == "pending_approval"
        assert by_hand["status"] == "approved", "what is asked for by hand may be"


# ---------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("inputs", "fault"),
    [
        ({Input.RECIPIENT: people.PRIYA}, {"recipients": FaultCode.IS_ONESELF}),
        ({Input.RECIPIENT: people.NOEMAIL}, {"recipients": FaultCode.HAS_NO_EMAIL}),
        ({Input.REWARD: POSTED_CARD}, {"reward": FaultCode.NOT_APPLICABLE}),
        ({Input.REWARD: "U000000"}, {"reward": FaultCode.UNAVAILABLE}),
    ],
    ids=["in whose name", "no address", "by post", "no reward"],
)
def test_what_a_form_would_refuse_fails_with_our_words(
    world: World, inputs: dict[str, str], fault: dict[str, FaultCode]
):
    execution = ran(world, **inputs)
    assert (execution.status, execution.error) == ("failed", refusal_of(**fault))
    assert requests(world) == []


@pytest.mark.parametrize(
    "inputs",
    [
        {Input.RECIPIENT: people.GUS},
        {Input.RECIPIENT: people.DORA},
        {Input.RECIPIENT: people.OLGA},
        {Input.RECIPIENT: people.OTHER_BOT},
        {Input.AMOUNT: " "},
        {Input.AMOUNT: "lots"},
        {Input.AMOUNT: "-25"},
        {Input.AMOUNT: "1000000"},
        {Input.REWARD: FIXED, Input.AMOUNT: "7"},
        {Input.MESSAGE: "x" * 5_000},
    ],
    ids=lambda inputs: " ".join(str(value)[:8] for value in inputs.values()),
)
def test_so_does_every_other_fault(world: World, inputs: dict[str, str]):
    execution = ran(world, **inputs)
    assert execution.status == "failed"
    assert execution.error.startswith(refused_text(InvalidForm({})))
    assert requests(world) == []
    assert world.rows("SELECT message FROM workflow_runs") == [{"message": ""}]


@pytest.mark.parametrize("inputs", [{}, {"recipient": None}, {"recipient": ["U"], "amount": 25, "message": "\ud800"}])
def test_inputs_that_no_workflow_has_fail_too(world: World, inputs: dict[str, Any]):
    execution = run(world)
    made = event_of(world)
    world.settle()
    made["event"] |= {"function_execution_id": "Fx0MADE000", "inputs": inputs}
    world.slack.deliver("events_api", made)
    world.until(lambda: world.rows("SELECT 1 FROM workflow_runs WHERE status = 'refused'"))
    assert execution.status == "completed"
    assert len(requests(world)) == 1


def test_the_words_tell_nothing_of_budgets(tmp_path: Path, database: Path | str):
    budgets = [{"name": "Recognisable", "senders": ["*"], "amount": "20 USD", "per": "month"}]
    with a_world(tmp_path, database, budgets=budgets) as world:
        execution = ran(world)
        assert execution.status == "failed"
        assert "Recognisable" not in execution.error
        assert "20" not in execution.error
        assert requests(world) == []


@pytest.mark.parametrize("named", [people.GUS, people.DORA, people.OLGA, people.OTHER_BOT])
def test_who_may_not_send_lends_no_name_either(tmp_path: Path, database: Path | str, named: str):
    with a_world(tmp_path, database, slack={"workflow_requester": named}) as world:
        execution = ran(world)
        assert (execution.status, execution.error) == ("failed", refused_text(NotAllowed(Rule.COLLEAGUES_ONLY)))
        assert requests(world) == []


def test_who_may_send_lends_the_name_and_nobody_else(tmp_path: Path, database: Path | str):
    """The right to send, by role: that of the person whom the settings name, whoever runs the workflow."""
    world = a_world(tmp_path, database)
    world.slack.workspace.users |= {user.id: replace(user) for user in NEWCOMERS.values()}
    with world:
        answers = tellers_of(world.bot)[0]._workflow_answers
        for role in ROLES:
            answers._workflows.requester_id = world.slack.person(role.who).id
            execution = ran(world, recipient=people.KIM)
            assert execution.status == ("completed" if role.rights["send"] == MAY else "failed"), role.name


def test_without_the_setting_the_step_is_turned_off(tmp_path: Path, database: Path | str):
    with a_world(tmp_path, database, slack={}) as world:
        execution = ran(world)
        assert (execution.status, execution.error) == ("failed", turned_off_text())
        with pytest.raises(SlackTrouble) as refusal:
            world.slack.workflow_builder.options(Function.ASK_FOR_REWARD, Input.REWARD, "card")
        assert refusal.value.words == turned_off_text()
        assert requests(world) == []


# ----------------------------------------------------------------------------- what goes wrong on the way


@pytest.mark.parametrize("fault", ["rate_limited", "outage", "internal_error", "cut"])
@pytest.mark.parametrize("amount", ["25", "lots"])
def test_an_answer_that_slack_does_not_take_is_given_until_it_does(world: World, fault: str, amount: str):
    method = "functions.completeSuccess" if amount == "25" else "functions.completeError"
    world.slack.faults.set(fault, method=method, times=4, retry_after=3)
    execution = ran(world, amount=amount)
    assert world.slack.faults.take(fault, method) is None, "all of the fault was met"
    assert execution.status == ("completed" if amount == "25" else "failed")
    assert len(requests(world)) == (1 if amount == "25" else 0)
    assert world.rows("SELECT 1 FROM outbox WHERE problem IS NOT NULL") == []


def test_an_answer_outlives_a_restart_and_the_token_of_the_function(world: World):
    world.slack.faults.set("outage", method="functions.completeSuccess")
    execution = run(world)
    world.until(lambda: requests(world))
    world.stop()
    world.slack.faults.clear()
    world.start()
    world.settle()
    assert execution.status == "completed"
    assert len(requests(world)) == 1


def test_a_bot_that_died_before_it_noted_the_request_makes_no_second_one(world: World):
    world.slack.faults.set("outage", method="functions.completeSuccess")
    execution = run(world)
    world.until(lambda: world.rows("SELECT 1 FROM workflow_runs WHERE status = 'requested'"))
    world.stop()
    world.slack.faults.clear()
    world.write("UPDATE workflow_runs SET status = 'received', request_id = NULL, amount = '25', message = 'Thank you'")
    world.start()
    world.settle()
    [request] = requests(world)
    assert execution.outputs == {Output.REQUEST_NUMBER.value: request_number(request["id"])}


def test_a_token_that_has_had_its_time_is_no_end_of_it(world: World):
    world.slack.faults.set("outage", method="functions.completeSuccess")
    execution = run(world)
    world.until(lambda: requests(world))
    execution.issued -= TOKEN_SECONDS + 1  # by Slack's clock; the bot believes in it still
    world.slack.faults.clear()
    world.settle()
    assert execution.status == "completed"


def test_a_run_waits_until_slack_says_who_the_people_are(world: World):
    world.slack.faults.set("outage", method="users.info")
    execution = run(world, recipient=people.KIM)
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'workflow_answer' AND attempts >= 3"), step=10)
    assert (execution.status, requests(world)) == ("running", [])
    world.slack.faults.clear()
    world.settle()
    assert execution.status == "completed"


def test_a_day_later_it_is_refused(world: World):
    world.slack.faults.set("outage", method="users.info")
    started = world.clock.now()
    execution = run(world, recipient=people.KIM)
    world.until(lambda: execution.status != "running", step=1_800)
    assert (execution.status, execution.error) == ("failed", refused_text(SlackUnavailable("who somebody is")))
    assert world.clock.now() - started >= RUN_WITHIN
    world.slack.faults.clear()
    world.settle()
    assert requests(world) == []


def test_a_run_that_slack_has_ended_is_not_answered_for_ever(world: World):
    world.slack.faults.set("outage", method="functions.completeSuccess")
    execution = run(world)
    world.until(lambda: requests(world))
    execution.fail("The workflow was canceled")
    world.slack.faults.clear()
    world.settle()
    assert world.rows("SELECT status, problem FROM outbox WHERE kind = 'workflow_answer'") == [
        {"status": "sent", "problem": None}
    ]
    assert world.rows("SELECT 1 FROM workflow_runs WHERE answered_at IS NULL") == []


def test_an_answer_that_slack_will_never_take_is_given_up_and_forgotten(world: World):
    run(world)
    made = event_of(world)
    world.settle()
    made["event"] |= {"function_execution_id": "Fx0NEVER00", "bot_access_token": "xwfp-never"}
    world.slack.deliver("events_api", made)
    world.settle(step=60)
    given_up = world.rows("SELECT 1 FROM outbox WHERE kind = 'workflow_answer' AND status = 'undeliverable'")
    assert len(given_up) == 1
    world.clock.advance(timedelta(days=2).total_seconds())
    ran(world)
    assert len(world.rows("SELECT 1 FROM workflow_runs")) == 1


@pytest.mark.file
def test_a_database_that_cannot_serve_has_slack_deliver_the_run_again(world: World):
    run(world)
    made = event_of(world)
    world.settle()
    world.damage_file()
    made["event"] |= {"function_execution_id": "Fx0AGAIN00"}
    with pytest.raises(Unanswered) as refusal:
        world.slack.deliver("events_api", made)
    assert refusal.value.status == 503


def test_no_token_of_a_function_is_stored(world: World):
    world.slack.faults.set("outage", method="functions.completeSuccess")
    execution = run(world)
    world.until(lambda: requests(world))
    for table in world.tables():
        assert execution.token not in str(world.rows(f"SELECT * FROM {table}"))  # noqa: S608 (the tables there are)
    world.slack.faults.clear()
    world.settle()


# -------------------------------------------------------------------------------------- the list of rewards


def offered(world: World, typed: str = "") -> list[str]:
    """Return the rewards that the step offers, by utid."""
    found = world.slack.workflow_builder.options(Function.ASK_FOR_REWARD, Input.REWARD, typed)
    return [option["value"] for option in found]


@pytest.mark.parametrize("mode", ["http", "socket"])
def test_the_step_offers_the_rewards_of_the_catalog(tmp_path: Path, database: Path | str, mode: str):
    with a_world(tmp_path, database, mode=mode) as world:
        every = offered(world)
        assert {CARD, FIXED} <= set(every)
        assert POSTED_CARD not in every, "a workflow has no address"
        assert offered(world, "no such reward") == []
        name = world.one("SELECT name FROM catalog WHERE utid = :utid", utid=CARD)["name"]
        assert CARD in offered(world, name.upper())


def test_what_it_offers_it_takes(world: World):
    for utid in offered(world)[:3]:
        execution = ran(world, reward=utid, amount="")
        assert refusal_of(reward=FaultCode.UNAVAILABLE) != execution.error


def test_a_list_that_slack_does_not_take_is_asked_for_again(world: World):
    world.slack.faults.set("outage", method="functions.completeSuccess", times=1)
    with pytest.raises(SlackTrouble):
        offered(world)
    assert offered(world)
