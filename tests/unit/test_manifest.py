"""The app manifest: valid by Slack's own schema, and in step with what the bot listens to."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft7Validator

from bot.sandbox.slack.manifest import problems_of_functions, problems_of_shortcuts
from handlers import CLICKS, COMMANDS, EVENTS, FUNCTIONS, OPTIONS, SHORTCUTS, SUBMISSIONS
from handlers.ids import Action, Command, Event, Function, Input, Shortcut, View
from handlers.manifest import FILE_SCOPES, SCOPES, build_manifest

#: Slack's published schema of manifests, version 2.
_SCHEMA: Final = json.loads((Path(__file__).parents[1] / "schemas" / "slack-manifest-2.0.0.json").read_text("utf-8"))
_URL: Final = "https://kudos.example/slack/events"

both_modes = pytest.mark.parametrize(
    "manifest", [build_manifest(), build_manifest(request_url=_URL)], ids=["socket", "http"]
)

with_the_step = pytest.mark.parametrize(
    "manifest",
    [
        build_manifest(workflows=True, occasions=True),
        build_manifest(request_url=_URL, workflows=True, occasions=True),
    ],
    ids=["socket", "http"],
)


@both_modes
def test_slack_takes_it(manifest: dict[str, Any]):
    assert _faults(manifest) == []


@with_the_step
def test_slack_takes_it_with_the_step_for_workflows(manifest: dict[str, Any]):
    assert problems_of_functions(manifest) == []
    functions = manifest.pop("functions")  # in the form of version 1: the schema knows that of version 2 alone
    assert _faults(manifest) == []
    assert list(functions) == [function.value for function in FUNCTIONS]


def test_without_occasions_the_step_asks_for_none():
    manifest = build_manifest(workflows=True)
    assert problems_of_functions(manifest) == []
    assert Function.OCCASIONS_ON_OFFER not in manifest["functions"]
    assert Input.OCCASION not in manifest["functions"][Function.ASK_FOR_REWARD]["input_parameters"]


@with_the_step
def test_the_step_brings_its_event_and_no_scope(manifest: dict[str, Any]):
    without = build_manifest(request_url=_URL if "request_url" in manifest["settings"]["interactivity"] else None)
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == [
        *without["settings"]["event_subscriptions"]["bot_events"],
        "function_executed",
    ]
    assert manifest["settings"]["org_deploy_enabled"] is True
    assert manifest["settings"]["function_runtime"] == "remote"
    assert {**manifest, "settings": None, "functions": None} == {**without, "settings": None, "functions": None}


@both_modes
def test_without_the_setting_there_is_no_trace_of_a_step(manifest: dict[str, Any]):
    assert "functions" not in manifest
    assert manifest["settings"]["org_deploy_enabled"] is False
    assert "function_runtime" not in manifest["settings"]


def test_the_schema_tells_wrong_from_right():
    wrong = build_manifest()
    wrong["features"]["slash_commands"][0]["command"] = "kudos with spaces"
    wrong["oauth_config"]["scopes"]["bot"] = "commands"
    del wrong["display_information"]["name"]
    assert len(list(Draft7Validator(_SCHEMA).iter_errors(wrong))) >= 2


@both_modes
def test_its_commands_are_those_that_are_listened_to(manifest: dict[str, Any]):
    commands = manifest["features"]["slash_commands"]
    assert [one["command"] for one in commands] == [command.value for command in COMMANDS]
    assert all(one["should_escape"] for one in commands), "mentions must arrive as ids"
    assert all(one["description"] and one["usage_hint"] for one in commands)


def test_over_http_everything_is_posted_to_one_address():
    manifest = build_manifest(request_url=_URL)
    assert {one["url"] for one in manifest["features"]["slash_commands"]} == {_URL}
    assert manifest["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": _URL,
        "message_menu_options_url": _URL,
    }
    assert manifest["settings"]["socket_mode_enabled"] is False


def test_over_a_socket_no_address_is_named():
    manifest = build_manifest()
    assert "url" not in json.dumps(manifest)
    assert manifest["settings"]["socket_mode_enabled"] is True


@both_modes
def test_home_is_on_and_the_tab_of_the_direct_messages_takes_messages(manifest: dict[str, Any]):
    assert manifest["features"]["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


@both_modes
def test_its_shortcuts_are_those_that_are_listened_to(manifest: dict[str, Any]):
    shortcuts = manifest["features"]["shortcuts"]
    assert [one["callback_id"] for one in shortcuts] == [shortcut.value for shortcut in SHORTCUTS]
    assert {one["type"] for one in shortcuts} == {"global", "message"}
    assert problems_of_shortcuts(manifest) == []


@both_modes
def test_its_events_are_those_that_are_listened_to(manifest: dict[str, Any]):
    assert manifest["settings"]["event_subscriptions"]["bot_events"] == [event.value for event in EVENTS]
    assert list(EVENTS) == list(Event)


def test_over_http_events_are_posted_to_the_same_address():
    assert build_manifest(request_url=_URL)["settings"]["event_subscriptions"]["request_url"] == _URL


@both_modes
def test_it_asks_for_no_more_than_the_job_needs(manifest: dict[str, Any]):
    scopes = manifest["oauth_config"]["scopes"]["bot"]
    assert scopes == list(SCOPES)
    assert all(SCOPES.values()), "each scope says what for"
    assert not [
        scope
        for scope in scopes
        if "history" in scope or "admin" in scope or scope in ("chat:write.public", "im:write")
    ]


def test_files_need_two_scopes_more():
    with_files = build_manifest(files=True)["oauth_config"]["scopes"]["bot"]
    assert with_files == [*SCOPES, *FILE_SCOPES]
    assert list(FILE_SCOPES) == ["files:read", "files:write"]


def test_everything_with_a_name_is_listened_to():
    assert set(COMMANDS) == set(Command)
    assert set(SHORTCUTS) == set(Shortcut)
    assert set(FUNCTIONS) == set(Function)
    assert set(SUBMISSIONS) == set(View)
    assert set(CLICKS) | set(OPTIONS) <= set(Action)


def _faults(manifest: dict[str, Any]) -> list[str]:
    """What the schema finds wrong."""
    found = Draft7Validator(_SCHEMA).iter_errors(manifest)
    return [f"{'/'.join(map(str, fault.absolute_path))}: {fault.message}" for fault in found]
