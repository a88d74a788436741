"""An app manifest's rules for shortcuts and functions, as Slack enforces them when an app is made from it.

Source: Slack docs, "App manifest reference", features.shortcuts; "Implementing shortcuts".
"""

import re
from typing import Final

from bot.sandbox.slack.functions import OPTIONS_SELECT, PRIMITIVES
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.problems import Problems, Where

#: Slack docs, "App manifest reference": shortcuts of an app, and the characters of each part.
_SHORTCUTS: Final = 10
_LENGTHS: Final = {"name": 24, "callback_id": 255, "description": 150}

_PARTS: Final = frozenset({"type", *_LENGTHS})


def problems_of_shortcuts(manifest: Json) -> list[str]:
    """Return what Slack would refuse in ``features.shortcuts``."""
    problems = Problems()
    at = Where("/features/shortcuts")
    shortcuts = manifest.get("features", {}).get("shortcuts", [])
    seen: set[str] = set()
    for index, one in problems.items(shortcuts, at, most=_SHORTCUTS, least=0):
        where = at / index
        if one.get("type") not in {"global", "message"}:
            problems.add(where / "type", "must be global or message")
        for part, most in _LENGTHS.items():
            problems.limit(one.get(part), where / part, most, required=True)
        problems.properties(one, where, _PARTS)
        if one.get("callback_id") in seen:
            problems.add(where / "callback_id", "is used more than once")
        seen.add(str(one.get("callback_id")))
    interactivity = manifest.get("settings", {}).get("interactivity", {})
    if shortcuts and not interactivity.get("is_enabled"):
        problems.add(Where("/settings/interactivity"), "shortcuts need interactivity")
    return problems.found


#: Slack docs, "App manifest reference", functions: the name of one, the characters of its title.
_CALLBACK_ID: Final = re.compile(r"[a-z][a-z0-9_]{0,99}")
_TITLE: Final = 255

#: The types of parameters that the stand-in knows.
_TYPES: Final = frozenset({*PRIMITIVES, OPTIONS_SELECT, "slack#/types/user_id"})

_PARAMETER: Final = frozenset({"type", "name", "title", "description", "is_required", "hint", "dynamic_options"})

#: A variable in the inputs of a list: what is typed, or another input of the step.
_VARIABLE: Final = re.compile(r"\{\{(?:client\.query|input_parameters\.(?P<name>\w+))\}\}")


def problems_of_functions(manifest: Json) -> list[str]:
    """Return what Slack would refuse in ``functions``, and in the settings that they need.

    Source: Slack docs, "App manifest reference" (version 1), "Custom Steps for Workflow Builder", "Custom Steps dynamic
    options".
    """
    functions = manifest.get("functions")
    if functions is None:
        return []
    problems, settings = Problems(), manifest.get("settings", {})
    if not settings.get("org_deploy_enabled"):
        problems.add(Where("/settings/org_deploy_enabled"), "functions need an app that is ready for an organization")
    if settings.get("function_runtime") != "remote":
        problems.add(Where("/settings/function_runtime"), "must be remote")
    for callback_id, function in functions.items():
        at = Where("/functions") / callback_id
        if not _CALLBACK_ID.fullmatch(callback_id):
            problems.add(at, "must be in snake_case")
        problems.properties(function, at, frozenset({"title", "description", "input_parameters", "output_parameters"}))
        problems.limit(function.get("title"), at / "title", _TITLE, required=True)
        problems.limit(function.get("description"), at / "description", _TITLE, required=True)
        for kind in ("input_parameters", "output_parameters"):
            for name, parameter in function.get(kind, {}).items():
                _parameter(problems, functions, function, parameter, name, at=at / kind / name)
    return problems.found


def _parameter(problems: Problems, functions: Json, function: Json, parameter: Json, name: str, *, at: Where) -> None:
    problems.properties(parameter, at, _PARAMETER)
    problems.limit(parameter.get("title"), at / "title", _TITLE, required=True)
    if parameter.get("type") not in _TYPES:
        problems.add(at / "type", "is no type of a parameter")
    if parameter.get("name") != name:
        problems.add(at / "name", "must be the parameter's own")
    if "dynamic_options" in parameter:
        _list(problems, functions, function, parameter, at / "dynamic_options")


def _list(problems: Problems, functions: Json, function: Json, parameter: Json, at: Where) -> None:
    """Check where a list has its options from: a function that has them as its output, and what that is given."""
    wanted = parameter["dynamic_options"]
    source = functions.get(str(wanted.get("function", "")).removeprefix("#/functions/"))
    if parameter.get("type") not in {"string", "array"}:
        problems.add(at, "only a string or an array can have a list")
    if source is None or source.get("output_parameters", {}).get("options", {}).get("type") != OPTIONS_SELECT:
        problems.add(at / "function", "is no function with options as its output")
        return
    inputs, given = source.get("input_parameters", {}), wanted.get("inputs", {})
    for name in given.keys() - inputs.keys():
        problems.add(at / "inputs" / name, "is no input of the function")
    for name, one in inputs.items():
        if one.get("is_required") and name not in given:
            problems.add(at / "inputs" / name, "is required")
    for name, one in given.items():
        variable = _VARIABLE.fullmatch(str(one.get("value")))
        if variable is None or (variable["name"] or "") not in {"", *function["input_parameters"]}:
            problems.add(at / "inputs" / name / "value", "is no variable")
