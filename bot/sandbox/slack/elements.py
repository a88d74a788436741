"""Interactive elements: where they stand in blocks, what a person may put into them, and how Slack writes that.

Sources: Slack docs, "Block elements", "block_actions payload" and "view_submission payload".
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.sandbox.slack import ids
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.model import Json

STATELESS = frozenset({"button", "workflow_button", "overflow", "icon_button", "feedback_buttons"})
"""Elements that are acted on and hold nothing: they are never in ``state.values``."""

TEXT_INPUTS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})

_ONE_OPTION = frozenset({"static_select", "external_select", "radio_buttons", "overflow"})
_MANY_OPTIONS = frozenset({"multi_static_select", "multi_external_select", "checkboxes"})
_ONE_ID = {
    "users_select": "user",
    "channels_select": "channel",
    "conversations_select": "conversation",
}
_MANY_IDS = {
    "multi_users_select": "users",
    "multi_channels_select": "channels",
    "multi_conversations_select": "conversations",
}
_DATED = {"datepicker": "date", "timepicker": "time", "datetimepicker": "date_time"}


@dataclass(frozen=True, slots=True)
class Placed:
    """An element and the block that holds it."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        """The block's id."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """The element's id."""
        return str(self.element["action_id"])

    @property
    def type(self) -> str:
        """The element's type."""
        return str(self.element["type"])

    @property
    def in_input(self) -> bool:
        """Whether it stands in an input block, which sends nothing by itself."""
        return self.block["type"] == "input"

    @property
    def dispatches(self) -> bool:
        """Whether using it sends a ``block_actions`` payload."""
        return not self.in_input or bool(self.block.get("dispatch_action"))


def placed(blocks: list[Json]) -> Iterator[Placed]:
    """Every interactive element of these blocks, in reading order."""
    for block in blocks:
        for key in ("elements",) if block["type"] in {"actions", "context_actions"} else ("accessory", "element"):
            found = block.get(key)
            for element in found if isinstance(found, list) else [found]:
                if isinstance(element, dict) and "action_id" in element:
                    yield Placed(block, element)


def normalized(blocks: list[Json]) -> list[Json]:
    """A copy as Slack stores it: ids filled in, ``emoji`` and ``verbatim`` said, nothing shared with the caller's."""
    return [_normalized(block, is_block=True) for block in blocks]


def normalized_text(text: Json | None) -> Json | None:
    """A title, submit or close label as Slack stores it."""
    return None if text is None else _normalized(text)


_WITH_ACTION_ID = (
    STATELESS | TEXT_INPUTS | _ONE_OPTION | _MANY_OPTIONS | set(_ONE_ID) | set(_MANY_IDS) | set(_DATED)
) | {"file_input", "rich_text_input"}


def _normalized(part: Any, *, is_block: bool = False) -> Any:
    if isinstance(part, list):
        return [_normalized(one) for one in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "rich_text" and not is_block:
        return part
    copy = {key: _normalized(value) for key, value in part.items() if value is not None}
    kind = part.get("type")
    if kind == "plain_text":
        copy.setdefault("emoji", True)
    elif kind == "mrkdwn":
        copy.setdefault("verbatim", False)
    elif is_block:
        copy.setdefault("block_id", ids.block_id())
    elif kind in _WITH_ACTION_ID:
        copy.setdefault("action_id", ids.block_id())
    return copy


def options_of(element: Json) -> list[Json]:
    """The options written into an element, those in groups too."""
    grouped = (option for group in element.get("option_groups") or () for option in group.get("options") or ())
    return [*(element.get("options") or ()), *grouped]


def initial(element: Json) -> Json:
    """An element's piece of ``state.values`` before anybody touched it."""
    kind = element["type"]
    if kind in TEXT_INPUTS:
        return {"type": kind, "value": element.get("initial_value")}
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": element.get("initial_option")}
    if kind in _MANY_OPTIONS:
        return {"type": kind, "selected_options": element.get("initial_options") or []}
    if kind in _ONE_ID:
        return {"type": kind, f"selected_{_ONE_ID[kind]}": element.get(f"initial_{_ONE_ID[kind]}")}
    if kind in _MANY_IDS:
        return {"type": kind, f"selected_{_MANY_IDS[kind]}": element.get(f"initial_{_MANY_IDS[kind]}") or []}
    if kind in _DATED:
        return {"type": kind, f"selected_{_DATED[kind]}": element.get(f"initial_{_DATED[kind]}")}
    if kind == "file_input":
        return {"type": kind, "files": []}
    return {"type": kind, "rich_text_value": element.get("initial_value")}


def initial_state(blocks: list[Json], kept: dict[tuple[str, str], Json] | None = None) -> dict[tuple[str, str], Json]:
    """The state of fresh blocks; what was entered stays where block_id, action_id and type stayed.

    (Slack docs, "Updating modals": input is preserved by keeping both ids.)
    """
    found = {}
    for one in placed(blocks):
        if one.type in STATELESS:
            continue
        key = (one.block_id, one.action_id)
        before = (kept or {}).get(key)
        found[key] = before if before is not None and before["type"] == one.type else initial(one.element)
    return found


def is_empty(value: Json) -> bool:
    """Whether nothing is entered."""
    return not next((held for key, held in value.items() if key != "type"), None)


def simple(value: Json) -> Any:
    """A piece of state as the plain value a person entered: a string, an id, an option's value, or a list of them."""
    held = next((held for key, held in value.items() if key != "type"), None)
    if isinstance(held, dict) and "value" in held:
        return held["value"]
    if isinstance(held, list):
        return [one.get("value", one.get("id")) if isinstance(one, dict) else one for one in held]
    return held


def entered(element: Json, value: Any, *, options: list[Json], file: Callable[[str], Json]) -> Json:
    """The piece of ``state.values`` for a person entering ``value``.

    ``options`` are those on offer; ``file`` turns a file's id into its object.
    """
    kind = element["type"]
    if kind in TEXT_INPUTS:
        return {"type": kind, "value": None if value in (None, "") else str(value)}
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": None if value is None else _option(options, value)}
    if kind in _MANY_OPTIONS:
        return {"type": kind, "selected_options": [_option(options, one) for one in value or ()]}
    if kind in _ONE_ID:
        return {"type": kind, f"selected_{_ONE_ID[kind]}": value or None}
    if kind in _MANY_IDS:
        chosen = list(value or ())
        most = element.get("max_selected_items")
        if most is not None and len(chosen) > most:
            raise NotPossible(f"You can choose at most {most}")
        return {"type": kind, f"selected_{_MANY_IDS[kind]}": chosen}
    if kind in _DATED:
        return {"type": kind, f"selected_{_DATED[kind]}": _moment(kind, value)}
    if kind == "file_input":
        return {"type": kind, "files": [file(one) for one in value or ()]}
    if kind == "rich_text_input":
        return {"type": kind, "rich_text_value": rich_text(value) if isinstance(value, str) else value}
    raise NotPossible(f"Nothing can be entered into a {kind}")


def rich_text(text: str) -> Json:
    """Plain words as a ``rich_text`` value."""
    words = [{"type": "text", "text": text}] if text else []
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": words}]}


def _option(options: list[Json], value: Any) -> Json:
    for option in options:
        if option.get("value") == value:
            return option
    raise NotPossible(f"There is no option {value!r} to choose")


def _moment(kind: str, value: Any) -> Any:
    if value in (None, ""):
        return None
    if kind == "datetimepicker":
        return int(value)
    try:
        if kind == "datepicker":
            return dt.date.fromisoformat(str(value)).isoformat()
        return dt.time.fromisoformat(str(value)).strftime("%H:%M")
    except ValueError:
        raise NotPossible(f"A {kind} has no {value!r}") from None


def complaint(one: Placed, value: Json) -> str | None:
    """What Slack itself says under a field before it sends anything, or None."""
    element = one.element
    text = value.get("value")
    if is_empty(value):
        return None if one.block.get("optional") else "Please complete this required field."
    if one.type == "plain_text_input":
        if len(text) < (element.get("min_length") or 0):
            return f"This field requires at least {element['min_length']} characters."
        if len(text) > (element.get("max_length") or 3000):
            return f"This field accepts at most {element.get('max_length') or 3000} characters."
    if one.type == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        return "Please enter a valid email address."
    if one.type == "url_text_input" and not re.fullmatch(r"https?://\S+", text):
        return "Please enter a valid URL."
    if one.type == "number_input":
        return _number_complaint(element, text)
    return None


def _number_complaint(element: Json, text: str) -> str | None:
    pattern = r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+"
    if not re.fullmatch(pattern, text, re.ASCII):
        return "Please enter a valid number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and float(text) < float(low):
        return f"Please enter a number of at least {low}."
    if high is not None and float(text) > float(high):
        return f"Please enter a number of at most {high}."
    return None
