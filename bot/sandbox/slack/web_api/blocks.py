"""blocks.validate: whether blocks, a message or a view would be taken, without showing them to anybody.

Source: Slack docs, blocks.validate.
"""

import re
from typing import Any, Final

from bot.sandbox.slack import blockkit
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.state import State
from bot.sandbox.slack.web_api.call import Call, method

#: What can be validated, one of them in each call.
_SUBJECTS: Final = ("blocks", "message", "view")

_PROBLEM: Final = re.compile(r"(?P<words>.*) \[json-pointer:(?P<pointer>[^]]*)]", re.DOTALL)


@method("blocks.validate", public=True)
def validate(_state: State, call: Call) -> Json:
    """Answer ``ok``, or every fault with its place. It needs no scope, and not even a token.

    The docs have JSON bodies too, but people who sent one were told that nothing was given: only a form is taken.
    """
    given = [name for name in _SUBJECTS if call.text(name) is not None]
    if len(given) != 1 or call.is_json:
        raise ApiError("invalid_arguments", messages=["must provide exactly one of `blocks`, `view`, or `message`"])
    (subject,) = given
    value = call.structure(subject, error=f"invalid_{subject}")
    errors = [_error(problem) for problem in _problems(subject, value)]
    if errors:
        raise ApiError(f"invalid_{subject}", errors=errors)
    return {}


def _problems(subject: str, value: Any) -> list[str]:
    """Return what is wrong; blocks by themselves are taken for those of a message."""
    if subject == "blocks":
        return [
            problem.replace("[json-pointer:/blocks", "[json-pointer:") for problem in blockkit.message_problems(value)
        ]
    if not isinstance(value, dict):
        return ["must be an object [json-pointer:]"]
    if subject == "view":
        return [problem.replace("[json-pointer:/view", "[json-pointer:") for problem in blockkit.view_problems(value)]
    return blockkit.message_problems(value.get("blocks", []), str(value.get("text") or ""))


def _error(problem: str) -> Json:
    match = _PROBLEM.fullmatch(problem)
    words, pointer = (match["words"], match["pointer"]) if match else (problem, "")
    return {"pointer": pointer, "code": "failed_constraint", "message": words}
