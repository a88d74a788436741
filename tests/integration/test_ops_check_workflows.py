"""`kudos check` and `kudos manifest` with the step for workflows: who asks in a workflow's place can ask."""

import json
from collections.abc import Iterator
from typing import Final

import pytest
import yaml
from click.testing import CliRunner

from bot.__main__ import main
from bot.sandbox.slack import people
from handlers.check import Finding
from handlers.check_workflows import check_workflows
from tests.kit.bot import BOT_TOKEN, SECRETS, World, environment

ALL: Final = frozenset({"*"})


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("checked"), settings={"slack": {"workflow_requester": people.PRIYA}}) as world:
        yield world


def found(world: World, requester_id: str, senders: frozenset[str] = ALL) -> list[Finding]:
    """What the check finds."""
    url = f"{world.slack.url}/api/"
    return list(check_workflows(token=BOT_TOKEN, api_url=url, requester_id=requester_id, senders=senders))


@pytest.mark.parametrize(
    "senders", [ALL, frozenset({people.ALEX}), frozenset({people.APPROVERS_GROUP})], ids=["all", "person", "group"]
)
def test_who_may_send_is_named(world: World, senders: frozenset[str]):
    [finding] = found(world, people.ALEX, senders)
    assert finding.good
    assert people.ALEX in finding.text


@pytest.mark.parametrize("named", [people.GUS, people.DORA, people.OLGA, people.OTHER_BOT])
def test_who_cannot_send_is_a_fault(world: World, named: str):
    [finding] = found(world, named)
    assert not finding.good
    assert not finding.is_warning
    assert named in finding.text


def test_so_is_who_is_no_sender_and_who_is_nobody(world: World):
    for requester_id, senders in ((people.PRIYA, frozenset({people.ALEX})), ("U00NOBODY0", ALL)):
        [finding] = found(world, requester_id, senders)
        assert not finding.good
        assert requester_id in finding.text
        assert "slack.workflow_requester" in finding.remedy


def test_a_slack_that_does_not_answer_is_told_of_elsewhere(world: World):
    world.slack.faults.set("outage", method="users.info")
    assert found(world, people.PRIYA) == []
    world.slack.faults.clear()


@pytest.mark.parametrize("named", [people.PRIYA, None])
def test_the_commands_speak_of_workflows_where_the_setting_is_there(world: World, named: str | None):
    world._settings()  # written anew
    config = world.folder / "app.yaml"
    written = yaml.safe_load(config.read_text())
    written["slack"] = {key: value for key, value in written["slack"].items() if key != "workflow_requester"}
    written["slack"] |= {"workflow_requester": named} if named else {}
    config.write_text(yaml.safe_dump(written))
    with environment(SECRETS):
        checked = CliRunner().invoke(main, ["check", "--config", str(config)])
        printed = CliRunner().invoke(main, ["manifest", "--config", str(config)])
    assert (" Workflows: " in checked.output) is bool(named)
    assert ("functions" in json.loads(printed.output)) is bool(named)


def test_the_manifest_is_printed_before_there_are_settings(world: World):
    with environment({}):
        printed = CliRunner().invoke(main, ["manifest", "--config", str(world.folder / "none.yaml")])
    assert printed.exit_code == 0
    assert "functions" not in json.loads(printed.output)
