"""Block Kit's limits for elements and composition objects: buttons, menus, inputs, options, confirm dialogs."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, Final

from bot.sandbox.slack.problems import Problems, Where
from bot.sandbox.slack.properties import ALLOWED, CONFIRM, OPTION

Check = Callable[[Problems, dict[str, Any], Where, str], None]

#: Slack docs, "Option object" and the menus' pages: options in a menu, and the characters of each.
OPTIONS: Final = 100
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150

#: Slack docs, "Overflow menu".
_OVERFLOW_OPTIONS: Final = 5

#: Slack docs, "Checkboxes", "Radio buttons": they show all of their options at once.
_VISIBLE_OPTIONS: Final = 10


def check_element(problems: Problems, element: Any, at: Where, allowed: tuple[str, ...], surface: str) -> None:
    """Check one element in a place that takes the ``allowed`` kinds."""
    if not isinstance(element, dict):
        problems.add(at, "missing required field" if element is None else "must be an object")
        return
    kind = str(element.get("type"))
    if kind not in allowed:
        problems.add(at / "type", f"unsupported element: {kind}")
        return
    problems.properties(element, at, ALLOWED.get(kind))
    if kind != "image":
        problems.limit(element.get("action_id"), at / "action_id", 255, least=1)
    if element.get("confirm") is not None:
        _confirm(problems, element["confirm"], at / "confirm")
    problems.text(element.get("placeholder"), at / "placeholder", 150, plain=True)
    ELEMENTS[kind](problems, element, at, surface)


def _confirm(problems: Problems, confirm: Any, at: Where) -> None:
    if not isinstance(confirm, dict):
        problems.add(at, "must be an object")
        return
    problems.properties(confirm, at, CONFIRM)
    problems.text(confirm.get("title"), at / "title", 100, plain=True, required=True)
    problems.text(confirm.get("text"), at / "text", 300, required=True)
    problems.text(confirm.get("confirm"), at / "confirm", 30, plain=True, required=True)
    problems.text(confirm.get("deny"), at / "deny", 30, plain=True, required=True)
    _style(problems, confirm, at)


def _style(problems: Problems, element: dict[str, Any], at: Where) -> None:
    if element.get("style") not in {None, "primary", "danger"}:
        problems.add(at / "style", "must be primary or danger")


def _button(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    problems.text(element.get("text"), at / "text", 75, plain=True, required=True)
    problems.limit(element.get("value"), at / "value", 2000)
    problems.limit(element.get("url"), at / "url", 3000)
    problems.limit(element.get("accessibility_label"), at / "accessibility_label", 75)
    _style(problems, element, at)


def _image(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    problems.limit(element.get("alt_text"), at / "alt_text", 2000, required=True)
    if element.get("slack_file") is None:
        problems.limit(element.get("image_url"), at / "image_url", 3000, required=True)


def option_problems(problems: Problems, option: Any, at: Where, *, plain: bool = True) -> None:
    """Check an option: what a person reads, what the app gets."""
    if not isinstance(option, dict):
        problems.add(at, "must be an option object")
        return
    problems.properties(option, at, OPTION)
    problems.text(option.get("text"), at / "text", OPTION_TEXT, plain=plain, required=True)
    problems.limit(option.get("value"), at / "value", OPTION_VALUE, required=True)
    problems.text(option.get("description"), at / "description", 75, plain=plain)


def _options(
    problems: Problems,
    element: dict[str, Any],
    at: Where,
    *,
    most: int = OPTIONS,
    groups: bool = True,
    plain: bool = True,
) -> list[Any]:
    """Check the options written into an element; return them all."""
    options, grouped = element.get("options"), element.get("option_groups")
    if not groups or grouped is None:
        if groups and options is None:
            problems.add(at, "must provide either options or option_groups")
            return []
        for index, option in problems.items(options, at / "options", most=most):
            option_problems(problems, option, at / "options" / index, plain=plain)
        return options if isinstance(options, list) else []
    if options is not None:
        problems.add(at, "must provide either options or option_groups, not both")
    found: list[Any] = []
    for index, group in problems.items(grouped, at / "option_groups", most=OPTIONS):
        where = at / "option_groups" / index
        if not isinstance(group, dict):
            problems.add(where, "must be an object")
            continue
        problems.text(group.get("label"), where / "label", 75, plain=True, required=True)
        for number, option in problems.items(group.get("options"), where / "options", most=OPTIONS):
            option_problems(problems, option, where / "options" / number, plain=plain)
        found += group.get("options") or []
    return found


def _same(option: Any) -> Any:
    """Return an option without what Slack fills in by itself."""
    if isinstance(option, dict):
        return {key: _same(value) for key, value in option.items() if key not in {"emoji", "verbatim"}}
    return option


def _initial(problems: Problems, element: dict[str, Any], at: Where, options: list[Any]) -> None:
    known = [_same(option) for option in options]
    if element.get("initial_option") is not None and _same(element["initial_option"]) not in known:
        problems.add(at / "initial_option", "must exactly match one of the provided options")
    chosen = element.get("initial_options")
    if chosen is not None:
        for index, option in problems.items(chosen, at / "initial_options", most=OPTIONS):
            if _same(option) not in known:
                problems.add(at / "initial_options" / index, "must exactly match one of the provided options")


def _unique_values(problems: Problems, options: list[Any], at: Where) -> None:
    values = [option.get("value") for option in options if isinstance(option, dict)]
    for value in sorted({str(value) for value in values if values.count(value) > 1}):
        problems.add(at / "options", f"option values must be unique: {value}")


def _static_select(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    options = _options(problems, element, at)
    _initial(problems, element, at, options)
    _unique_values(problems, options, at)
    _most_selected(problems, element, at)


def _external_select(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    least = element.get("min_query_length")
    if least is not None and (not isinstance(least, int) or least < 0):
        problems.add(at / "min_query_length", "must be a non-negative integer")
    if element.get("options") or element.get("option_groups"):
        problems.add(at, "options are not allowed in an external select")
    if element.get("initial_option") is not None:
        option_problems(problems, element["initial_option"], at / "initial_option")
    for index, option in enumerate(element.get("initial_options") or ()):
        option_problems(problems, option, at / "initial_options" / index)
    _most_selected(problems, element, at)


def _most_selected(problems: Problems, element: dict[str, Any], at: Where) -> None:
    most = element.get("max_selected_items")
    if most is not None and (not isinstance(most, int) or most < 1):
        problems.add(at / "max_selected_items", "must be a positive integer")


def _visible_options(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    options = _options(problems, element, at, most=_VISIBLE_OPTIONS, groups=False, plain=False)
    _initial(problems, element, at, options)
    _unique_values(problems, options, at)


def _overflow(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    _options(problems, element, at, most=_OVERFLOW_OPTIONS, groups=False)


def _id_select(problems: Problems, element: dict[str, Any], at: Where, surface: str) -> None:
    _most_selected(problems, element, at)
    if element.get("response_url_enabled") and surface != "modal":
        problems.add(at / "response_url_enabled", "is only available in modals")


def _plain_text_input(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    least, most = element.get("min_length"), element.get("max_length")
    if least is not None and not (isinstance(least, int) and 0 <= least <= 3000):
        problems.add(at / "min_length", "must be between 0 and 3000")
    if most is not None and not (isinstance(most, int) and 1 <= most <= 3000):
        problems.add(at / "max_length", "must be between 1 and 3000")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        problems.add(at / "min_length", "must not be greater than max_length")
    problems.limit(element.get("initial_value"), at / "initial_value", most if isinstance(most, int) else 3000)


def _line_input(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    problems.limit(element.get("initial_value"), at / "initial_value", 3000)


def _number_input(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    if not isinstance(element.get("is_decimal_allowed"), bool):
        problems.add(at / "is_decimal_allowed", "missing required field")
    for key in ("initial_value", "min_value", "max_value"):
        problems.limit(element.get(key), at / key, 255)


def _datepicker(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    value = element.get("initial_date")
    if value is not None and not _parses(dt.date.fromisoformat, value, r"\d{4}-\d{2}-\d{2}"):
        problems.add(at / "initial_date", "must be a date as YYYY-MM-DD")


def _timepicker(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    value = element.get("initial_time")
    if value is not None and not _parses(dt.time.fromisoformat, value, r"\d{2}:\d{2}"):
        problems.add(at / "initial_time", "must be a time as HH:mm")


def _datetimepicker(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    value = element.get("initial_date_time")
    if value is not None and not (isinstance(value, int) and len(str(value)) == 10):
        problems.add(at / "initial_date_time", "must be a Unix timestamp of 10 digits")


def _parses(read: Callable[[str], Any], value: Any, form: str) -> bool:
    if not isinstance(value, str) or not re.fullmatch(form, value, re.ASCII):
        return False
    try:
        read(value)
    except ValueError:
        return False
    return True


def _file_input(problems: Problems, element: dict[str, Any], at: Where, surface: str) -> None:
    if surface != "modal":
        problems.add(at, "file_input is only available in modals")
    most = element.get("max_files")
    if most is not None and not (isinstance(most, int) and 1 <= most <= 10):
        problems.add(at / "max_files", "must be between 1 and 10")


def _anything(_problems: Problems, _element: dict[str, Any], _at: Where, _surface: str) -> None:
    return


def _feedback_buttons(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    for key in ("positive_button", "negative_button"):
        button = element.get(key)
        if not isinstance(button, dict):
            problems.add(at / key, "missing required field")
            continue
        problems.text(button.get("text"), at / key / "text", 75, plain=True, required=True)
        problems.limit(button.get("value"), at / key / "value", 2000, required=True)


def _icon_button(problems: Problems, element: dict[str, Any], at: Where, _surface: str) -> None:
    problems.text(element.get("text"), at / "text", 75, plain=True, required=True)
    problems.limit(element.get("icon"), at / "icon", 255, required=True)
    problems.limit(element.get("value"), at / "value", 2000)


ELEMENTS: Final[dict[str, Check]] = {
    "button": _button,
    "workflow_button": _button,
    "image": _image,
    "static_select": _static_select,
    "multi_static_select": _static_select,
    "external_select": _external_select,
    "multi_external_select": _external_select,
    "users_select": _id_select,
    "multi_users_select": _id_select,
    "conversations_select": _id_select,
    "multi_conversations_select": _id_select,
    "channels_select": _id_select,
    "multi_channels_select": _id_select,
    "checkboxes": _visible_options,
    "radio_buttons": _visible_options,
    "overflow": _overflow,
    "plain_text_input": _plain_text_input,
    "email_text_input": _line_input,
    "url_text_input": _line_input,
    "number_input": _number_input,
    "datepicker": _datepicker,
    "timepicker": _timepicker,
    "datetimepicker": _datetimepicker,
    "file_input": _file_input,
    "rich_text_input": _anything,
    "feedback_buttons": _feedback_buttons,
    "icon_button": _icon_button,
}
