"""Functions of the app: the steps that it has for workflows, and each execution of one.

Sources: Slack docs, "App manifest reference" (functions), functions.completeSuccess, functions.completeError,
"Custom Steps dynamic options", options_select type; slackapi/bolt-python, issue 1075, on how long a token lasts.
"""

import threading
from dataclasses import dataclass, field
from typing import Any, Final

from bot.sandbox.slack.blockkit_elements import OPTIONS, option_problems
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.problems import Problems, Where

#: The token of an execution lasts for so long, or until the execution ends.
TOKEN_SECONDS: Final = 15 * 60.0

#: The type of a parameter that fills a menu.
OPTIONS_SELECT: Final = "slack#/types/options_select"

#: What Python makes of the JSON of a primitive type.
PRIMITIVES: Final[dict[str, type | tuple[type, ...]]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


@dataclass(slots=True)
class Execution:
    """One execution of a function: ``running``, ``completed`` with its outputs, or ``failed`` with its error."""

    id: str
    callback_id: str
    inputs: Json
    token: str
    issued: float
    status: str = "running"
    outputs: Json = field(default_factory=dict)
    error: str = ""
    _ended: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> bool:
        """Wait until the app has completed or failed it; tell whether it has."""
        return self._ended.wait(seconds)

    def check_token(self, now: float) -> None:
        """Refuse a token that has had its time."""
        if self.status != "running":
            raise ApiError("token_revoked")
        if now - self.issued > TOKEN_SECONDS:
            raise ApiError("token_expired")

    def complete(self, outputs: Json) -> None:
        """End it well."""
        self._end("completed", outputs=outputs)

    def fail(self, error: str) -> None:
        """End it badly."""
        self._end("failed", error=error)

    def _end(self, status: str, *, outputs: Json | None = None, error: str = "") -> None:
        if self.status != "running":
            raise ApiError("execution_not_in_running_state")
        self.outputs, self.error, self.status = outputs or {}, error, status
        self._ended.set()

    def to_page(self) -> Json:
        """Return what the control API says of it."""
        return {"id": self.id, "status": self.status, "outputs": self.outputs, "error": self.error}


def problems_of_values(parameters: Json, values: Any, at: Where) -> list[str]:
    """Return what is wrong with inputs or outputs: each required one is there, of its type, and there is no other."""
    problems = Problems()
    if not isinstance(values, dict):
        return ["must be an object"]
    for name in values.keys() - parameters.keys():
        problems.add(at / name, "is no parameter of the function")
    for name, parameter in parameters.items():
        value = values.get(name)
        if value is None:
            if parameter.get("is_required"):
                problems.add(at / name, "missing required parameter")
        elif parameter["type"] == OPTIONS_SELECT:
            for index, option in problems.items(value, at / name, most=OPTIONS, least=0):
                option_problems(problems, option, at / name / index)
        else:
            wanted = PRIMITIVES.get(parameter["type"], str)
            if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
                problems.add(at / name, f"is no {parameter['type']}")
    return problems.found
