"""Steps for workflows: Slack executes the app's function, once; the app completes it in time, or it fails."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, Final

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import NotPossible, SlackSandbox, SlackTrouble, people
from bot.sandbox.slack.functions import TOKEN_SECONDS
from bot.sandbox.slack.manifest import problems_of_functions
from tests.kit.slack import Bot, over_http, over_socket, text

PERSON: Final = "slack#/types/user_id"
OPTIONS: Final = "slack#/types/options_select"

#: The variable for what is typed.
_TYPED: Final = "{{client.query}}"

#: Where the input of a list is.
_LIST: Final = ("functions", "greet", "input_parameters", "how")


def _parameter(name: str, kind: str, *, is_required: bool = True, **more: Any) -> dict[str, Any]:
    return {"type": kind, "name": name, "title": name.title(), "description": name, "is_required": is_required, **more}


MANIFEST: Final[dict[str, Any]] = {
    "display_information": {"name": "Kudos"},
    "settings": {
        "event_subscriptions": {"bot_events": ["function_executed"]},
        "org_deploy_enabled": True,
        "function_runtime": "remote",
    },
    "functions": {
        "greet": {
            "title": "Greet",
            "description": "Greet somebody",
            "input_parameters": {
                "who": _parameter("who", PERSON),
                "how": _parameter(
                    "how",
                    "string",
                    dynamic_options={"function": "#/functions/ways", "inputs": {"query": {"value": _TYPED}}},
                ),
                "times": _parameter("times", "integer", is_required=False),
            },
            "output_parameters": {"said": _parameter("said", "string")},
        },
        "ways": {
            "title": "Ways",
            "description": "Ways to greet",
            "input_parameters": {"query": _parameter("query", "string", is_required=False)},
            "output_parameters": {"options": _parameter("options", OPTIONS)},
        },
    },
}

INPUTS: Final = {"who": people.ROB, "how": "warmly"}

Act = Callable[[Any], Any]


@pytest.fixture(params=[over_http, over_socket], ids=["http", "socket"])
def bot(request: pytest.FixtureRequest) -> Iterator[Bot]:
    sandbox = SlackSandbox(retry_waits=(0.0, 0.0, 0.0))
    with request.param(sandbox) as bot:
        sandbox.manifest(MANIFEST)
        yield bot


@pytest.fixture
def wired() -> Iterator[Bot]:
    sandbox = SlackSandbox(retry_waits=(0.0, 0.0, 0.0))
    with over_http(sandbox) as bot:
        sandbox.manifest(MANIFEST)
        yield bot


def _complete(**outputs: Any) -> Act:
    def complete(args: Any) -> None:
        execution_id = args.body["event"]["function_execution_id"]
        args.client.functions_completeSuccess(function_execution_id=execution_id, outputs=outputs)
        args.ack()

    return complete


def _option(name: str, value: str) -> dict[str, Any]:
    return {"text": text(name), "value": value}


def _refused(call: Callable[[], object]) -> str:
    with pytest.raises(SlackApiError) as refusal:
        call()
    return str(refusal.value.response["error"])


# -------------------------------------------------------------------------------------- an execution


def test_a_run_executes_the_function_and_the_app_completes_it_with_its_own_token(bot: Bot):
    tokens = []

    def complete(args: Any) -> None:
        tokens.append(args.client.token)
        _complete(said="Hello")(args)

    bot.on["event"] = complete
    execution = bot.sandbox.workflow_builder.run("greet", INPUTS)
    assert execution.wait(5)
    assert (execution.status, execution.outputs) == ("completed", {"said": "Hello"})
    event = bot.last["event"]
    assert (event["type"], event["function"]["callback_id"], event["inputs"]) == ("function_executed", "greet", INPUTS)
    assert event["function_execution_id"] == execution.id
    assert tokens == [event["bot_access_token"]] == [execution.token], "Bolt calls with the token of the function"


def test_the_app_fails_it_with_words(wired: Bot):
    execution = wired.sandbox.workflow_builder.run("greet", INPUTS)
    assert execution.status == "running", "an answer to the event is no end of the function"
    wired.client.functions_completeError(function_execution_id=execution.id, error="Not today")
    assert (execution.status, execution.error) == ("failed", "Not today")


def test_it_ends_once(wired: Bot):
    execution = wired.sandbox.workflow_builder.run("greet", INPUTS)
    complete: dict[str, Any] = {"function_execution_id": execution.id, "outputs": {"said": "Hello"}}
    wired.client.functions_completeSuccess(**complete)
    assert _refused(lambda: wired.client.functions_completeSuccess(**complete)) == "execution_not_in_running_state"
    again = {"function_execution_id": execution.id, "error": "No"}
    assert _refused(lambda: wired.client.functions_completeError(**again)) == "execution_not_in_running_state"
    assert execution.status == "completed"


def test_its_token_ends_with_it_and_after_a_quarter_of_an_hour(wired: Bot):
    builder = wired.sandbox.workflow_builder
    first, second = builder.run("greet", INPUTS), builder.run("greet", INPUTS)

    def complete(token: str, execution_id: str) -> None:
        client = WebClient(token=token, base_url=f"{wired.sandbox.url}/api/")
        client.functions_completeSuccess(function_execution_id=execution_id, outputs={"said": "Hello"})

    assert _refused(lambda: complete(first.token, second.id)) == "function_execution_not_found"
    complete(first.token, first.id)
    assert _refused(lambda: complete(first.token, first.id)) == "token_revoked"
    second.issued -= TOKEN_SECONDS + 1
    assert _refused(lambda: complete(second.token, second.id)) == "token_expired"
    assert _refused(lambda: complete("xwfp-unknown", second.id)) == "invalid_auth"
    complete("xoxb-demo", second.id)
    assert second.status == "completed"


@pytest.mark.parametrize("outputs", [{}, {"said": 1}, {"said": "Hello", "more": "x"}], ids=["none", "type", "another"])
def test_what_the_manifest_does_not_name_is_no_output(wired: Bot, outputs: dict[str, Any]):
    execution = wired.sandbox.workflow_builder.run("greet", INPUTS)
    complete: dict[str, Any] = {"function_execution_id": execution.id, "outputs": outputs}
    assert _refused(lambda: wired.client.functions_completeSuccess(**complete)) == "parameter_validation_failed"
    assert execution.status == "running"


def test_an_execution_that_is_not_there_cannot_end(wired: Bot):
    call = {"function_execution_id": "Fx00NOBODY", "error": "No"}
    assert _refused(lambda: wired.client.functions_completeError(**call)) == "function_execution_not_found"


def test_an_event_that_is_not_taken_comes_again_as_the_same_execution(wired: Bot):
    wired.sandbox.faults.set("drop_acks", times=2)
    wired.sandbox.workflow_builder.run("greet", INPUTS)
    maya = wired.sandbox.person("maya")
    assert maya.wait_for(lambda: len(wired.seen) == 3)
    assert len({body["event"]["function_execution_id"] for body in wired.seen}) == 1


@pytest.mark.parametrize(
    ("callback_id", "inputs", "words"),
    [
        ("unknown", INPUTS, "unknown"),
        ("greet", {"who": people.ROB}, "Please fill in: How"),
        ("greet", {"who": "U00NOBODY", "how": "warmly"}, "U00NOBODY"),
        ("greet", {**INPUTS, "times": "twice"}, "times"),
        ("greet", {**INPUTS, "more": "x"}, "more"),
    ],
    ids=["no step", "not filled in", "nobody", "type", "another input"],
)
def test_workflow_builder_lets_nobody_save_what_is_not_whole(
    wired: Bot, callback_id: str, inputs: dict[str, Any], words: str
):
    with pytest.raises(NotPossible, match=words):
        wired.sandbox.workflow_builder.run(callback_id, inputs)
    assert wired.seen == []


def test_without_the_event_there_is_no_step(wired: Bot):
    settings = {**MANIFEST["settings"], "event_subscriptions": {"bot_events": []}}
    wired.sandbox.manifest({**MANIFEST, "settings": settings})
    with pytest.raises(NotPossible):
        wired.sandbox.workflow_builder.run("greet", INPUTS)


# ------------------------------------------------------------------------------------------- a list


def test_the_function_of_a_list_is_told_what_is_typed_and_offers_options(bot: Bot):
    bot.on["event"] = _complete(options=[_option("Warmly", "warm"), _option("In a warm way", "way")])
    found = bot.sandbox.workflow_builder.options("greet", "how", "war")
    assert [option["value"] for option in found] == ["warm", "way"]
    assert bot.last["event"]["function"]["callback_id"] == "ways"
    assert bot.last["event"]["inputs"] == {"query": "war"}


def test_options_that_follow_the_answer_come_too_late(wired: Bot):
    with pytest.raises(SlackTrouble) as trouble:
        wired.sandbox.workflow_builder.options("greet", "how")
    assert trouble.value.code == "function_not_completed"


def test_a_function_that_fails_says_why_there_are_no_options(wired: Bot):
    def fail(args: Any) -> None:
        execution_id = args.body["event"]["function_execution_id"]
        args.client.functions_completeError(function_execution_id=execution_id, error="None today")

    wired.on["event"] = fail
    with pytest.raises(SlackTrouble) as trouble:
        wired.sandbox.workflow_builder.options("greet", "how")
    assert trouble.value.words == "None today"


@pytest.mark.parametrize(
    "options",
    [
        [_option("x", str(n)) for n in range(101)],
        [_option("x" * 76, "x")],
        [_option("x", "x" * 151)],
        [{"value": "x"}],
        [{"text": "x", "value": "x"}],
        "x",
    ],
    ids=["too many", "long text", "long value", "no text", "no object", "no list"],
)
def test_options_are_held_to_the_limits_of_block_kit(wired: Bot, options: Any):
    refused = []

    def complete(args: Any) -> None:
        refused.append(_refused(lambda: _complete(options=options)(args)))

    wired.on["event"] = complete
    with pytest.raises(SlackTrouble):
        wired.sandbox.workflow_builder.options("greet", "how")
    assert refused == ["parameter_validation_failed"]


def test_an_input_without_a_list_has_no_options(wired: Bot):
    with pytest.raises(NotPossible):
        wired.sandbox.workflow_builder.options("greet", "who")


# --------------------------------------------------------------------------------------- the manifest


def _without(*path: str) -> dict[str, Any]:
    made = deepcopy(MANIFEST)
    inner: dict[str, Any] = made
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return made


def _with(value: Any, *path: str) -> dict[str, Any]:
    made = deepcopy(MANIFEST)
    inner: dict[str, Any] = made
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    return made


@pytest.mark.parametrize(
    "manifest",
    [
        _without("settings", "org_deploy_enabled"),
        _without("settings", "function_runtime"),
        _without("functions", "greet", "title"),
        _without("functions", "greet", "description"),
        _without("functions", "ways"),
        _with(MANIFEST["functions"]["ways"], "functions", "Some Ways"),
        _with("x" * 256, "functions", "greet", "title"),
        _with("user", "functions", "greet", "input_parameters", "who", "type"),
        _with("whom", "functions", "greet", "input_parameters", "who", "name"),
        _with("x", "functions", "greet", "input_parameters", "who", "colour"),
        _with("integer", *_LIST, "type"),
        _with("{{what}}", *_LIST, "dynamic_options", "inputs", "query", "value"),
        _with("string", "functions", "ways", "output_parameters", "options", "type"),
    ],
)
def test_slack_refuses_a_manifest_whose_functions_cannot_work(wired: Bot, manifest: dict[str, Any]):
    assert problems_of_functions(manifest)
    with pytest.raises(ValueError, match="/"):
        wired.sandbox.manifest(manifest)


def test_a_manifest_that_is_right_has_no_problem():
    assert problems_of_functions(MANIFEST) == []
    assert problems_of_functions({}) == []


# ------------------------------------------------------------------------------------------- the page


def test_a_page_runs_a_workflow_and_chooses_from_its_list(wired: Bot):
    with httpx.Client(base_url=f"{wired.sandbox.url}/_sandbox", trust_env=False) as http:
        state = http.get("/state", params={"as": people.ALEX}).json()
        [step] = state["steps"]
        assert (step["callback_id"], step["title"]) == ("greet", "Greet")

        wired.on["event"] = _complete(options=[_option("Warmly", "warm")])
        asked = {"as": people.ALEX, "callback_id": "greet", "name": "how", "query": "w"}
        assert http.post("/step_options", json=asked).json()["options"] == [_option("Warmly", "warm")]

        wired.on["event"] = _complete(said="Hello")
        ran = http.post("/step", json={"as": people.ALEX, "callback_id": "greet", "inputs": INPUTS}).json()
        assert (ran["execution"]["status"], ran["execution"]["outputs"]) == ("completed", {"said": "Hello"})

        wrong = http.post("/step", json={"as": people.ALEX, "callback_id": "greet", "inputs": {}}).json()
        assert wrong["ok"] is False
