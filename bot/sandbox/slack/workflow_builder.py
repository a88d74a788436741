"""Workflow Builder: choosing in a step's lists, and running a workflow that has the step.

Sources: Slack docs, function_executed, "Custom Steps for Workflow Builder", "Custom Steps dynamic options".
"""

from typing import Any, Final

from bot.sandbox.slack import ids, payloads
from bot.sandbox.slack.delivery import Courier, Unanswered
from bot.sandbox.slack.errors import NotPossible, SlackTrouble
from bot.sandbox.slack.functions import Execution, problems_of_values
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.problems import Where
from bot.sandbox.slack.state import State

#: The event that executes a function.
EVENT: Final = "function_executed"

_NO_OPTIONS: Final = "The options could not be loaded."


class WorkflowBuilder:
    """A workspace's workflows, each of one step: it is built and run at once."""

    def __init__(self, state: State, courier: Courier) -> None:
        self._state = state
        self._workspace = state.workspace
        self._courier = courier

    def run(self, callback_id: str, inputs: Json) -> Execution:
        """Run a workflow that has this step, with these inputs; return the execution, which the app may end later."""
        function = self._function(callback_id)
        self._check(function, inputs)
        execution = self._execution(callback_id, inputs)
        self._courier.deliver_event(self._payload(execution, function))
        return execution

    def options(self, callback_id: str, name: str, query: str = "", inputs: Json | None = None) -> list[Json]:
        """Type into a list of a step that is being built; return the options that the app offers.

        Slack waits for no event after the app's answer: the function must have ended by then.
        """
        parameter = self._function(callback_id)["input_parameters"][name]
        if "dynamic_options" not in parameter:
            raise NotPossible(f"The input {name} has no list")
        wanted = parameter["dynamic_options"]
        chosen = wanted["function"].removeprefix("#/functions/")
        given = {one: _filled(value["value"], query, inputs or {}) for one, value in wanted["inputs"].items()}
        execution = self._execution(chosen, {one: value for one, value in given.items() if value is not None})
        try:
            self._courier.deliver("events_api", self._payload(execution, self._function(chosen)))
        except Unanswered as error:
            raise SlackTrouble(_NO_OPTIONS, code=error.code, status=error.status, detail=error.detail) from None
        if execution.status == "failed":
            raise SlackTrouble(execution.error, code="function_failed")
        if execution.status != "completed":
            raise SlackTrouble(_NO_OPTIONS, code="function_not_completed", detail="the answer came before the options")
        found: list[Json] = execution.outputs["options"]
        return found

    def _function(self, callback_id: str) -> Json:
        function = self._state.functions.get(callback_id)
        if function is None or EVENT not in (self._state.events or ()):
            raise NotPossible(f"There is no step {callback_id!r} in Workflow Builder")
        return function

    def _check(self, function: Json, inputs: Json) -> None:
        """Refuse what Workflow Builder lets nobody save: a required input without a value, or an unknown person."""
        parameters = function["input_parameters"]
        empty = [
            one["title"] for name, one in parameters.items() if one.get("is_required") and inputs.get(name) is None
        ]
        if empty:
            raise NotPossible(f"Please fill in: {', '.join(empty)}.")
        wrong = problems_of_values(parameters, inputs, Where("/inputs"))
        for name, value in inputs.items():
            kind = parameters.get(name, {}).get("type")
            if kind == "slack#/types/user_id" and value not in self._workspace.users:
                wrong.append(f"{name}: nobody has the id {value}")
        if wrong:
            raise NotPossible("; ".join(wrong))

    def _execution(self, callback_id: str, inputs: Json) -> Execution:
        execution = Execution(
            id=ids.object_id("Fx"),
            callback_id=callback_id,
            inputs=inputs,
            token=f"xwfp-{ids.token()}",
            issued=self._workspace.now(),
        )
        with self._workspace.lock:
            self._state.executions[execution.id] = execution
        return execution

    def _payload(self, execution: Execution, function: Json) -> Json:
        return payloads.event_callback(self._state, payloads.function_executed(self._state, execution, function))


def _filled(value: str, query: str, inputs: Json) -> Any:
    """Put what is typed, or another input of the step, in the place of a variable."""
    if value == "{{client.query}}":
        return query
    name = value.removeprefix("{{input_parameters.").removesuffix("}}")
    return inputs.get(name) if name != value else value
