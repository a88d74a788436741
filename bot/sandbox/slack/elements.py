"""Interactive elements: where they are in blocks, what a person may put into them, and how Slack writes that.

Sources: Slack docs, "Block elements", "block_actions payload" and "view_submission payload".
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from bot.sandbox.slack import ids
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.model import Json

#: Elements that are acted on and hold nothing: they are never in ``state.values``.
STATELESS: Final = frozenset({"button", "workflow_button", "overflow", "icon_button", "feedback_buttons"})

TEXT_INPUTS: Final = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})

#: Slack docs, "Plain-text input": max_length is 3000 at most, and where none is given.
TEXT_LENGTH: Final = 3000

_ONE_OPTION: Final = frozenset({"static_select", "external_select", "radio_buttons", "overflow"})
_MANY_OPTIONS: Final = frozenset({"multi_static_select", "multi_external_select", "checkboxes"})
_ONE_ID: Final = {
    "users_select": "user",
    "channels_select": "channel",
    "conversations_select": "conversation",
}
_MANY_IDS: Final = {
    "multi_users_select": "users",
    "multi_channels_select": "channels",
    "multi_conversations_select": "conversations",
}
_PLURAL: Final = _MANY_OPTIONS | set(_MANY_IDS) | {"file_input"}
_DATED: Final = {"datepicker": "date", "timepicker": "time", "datetimepicker": "date_time"}


@dataclass(frozen=True, slots=True)
class Placed:
    """An element and the block that holds it."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        """Return the block's id."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """Return the element's id."""
        return str(self.element["action_id"])

    @property
    def type(self) -> str:
        """Return the element's type."""
        return str(self.element["type"])

    @property
    def in_input(self) -> bool:
        """Tell whether the element is in an input block, which sends nothing by itself."""
        return str(self.block["type"]) == "input"

    @property
    def dispatches(self) -> bool:
        """Tell whether a use of the element sends a ``block_actions`` payload."""
        return not self.in_input or self.block.get("dispatch_action") is True


def placed(blocks: list[Json]) -> Iterator[Placed]:
    """Return every interactive element of these blocks, in reading order."""
    for block in blocks:
        for key in ("elements",) if block["type"] in {"actions", "context_actions"} else ("accessory", "element"):
            found = block.get(key)
            for element in found if isinstance(found, list) else [found]:
                if isinstance(element, dict) and "action_id" in element:
                    yield Placed(block, element)


def normalized(blocks: list[Json]) -> list[Json]:
    """Copy blocks as Slack stores them: ids filled in, ``emoji`` and ``verbatim`` said, nothing shared."""
    return [_normalized(block, is_block=True) for block in blocks]


def normalized_text(text: Json | None) -> Json | None:
    """Return a title, submit or close label as Slack stores it."""
    return None if text is None else _normalized(text)


_WITH_ACTION_ID: Final = (
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
    """Return the options written into an element, those in groups too."""
    grouped = (option for group in element.get("option_groups") or () for option in group.get("options") or ())
    return [*(element.get("options") or ()), *grouped]


def _key(kind: str) -> str:
    """Return the key under which an element's state holds its value."""
    for kinds, key in ((TEXT_INPUTS, "value"), (_ONE_OPTION, "selected_option"), (_MANY_OPTIONS, "selected_options")):
        if kind in kinds:
            return key
    named = {**_ONE_ID, **_MANY_IDS, **_DATED}.get(kind)
    if named is not None:
        return f"selected_{named}"
    return "files" if kind == "file_input" else "rich_text_value"


def initial(element: Json) -> Json:
    """Return an element's piece of ``state.values`` before anybody touched it."""
    kind = element["type"]
    key = _key(kind)
    first = element.get("initial_value" if key == "rich_text_value" else f"initial_{key.removeprefix('selected_')}")
    return {"type": kind, key: first if first is not None or kind not in _PLURAL else []}


def initial_state(
    blocks: list[Json], kept: dict[tuple[str, str], Json] | None = None, *, channel: str | None = None
) -> dict[tuple[str, str], Json]:
    """Return the state of fresh blocks; what was entered stays where block_id, action_id and type stayed.

    (Slack docs, "Updating modals": input is preserved by keeping both ids.) ``channel`` is what a select with
    ``default_to_current_conversation`` starts with.
    """
    found = {}
    for one in placed(blocks):
        if one.type in STATELESS:
            continue
        key = (one.block_id, one.action_id)
        before = (kept or {}).get(key)
        found[key] = before if before is not None and before["type"] == one.type else initial(one.element)
        if before is None and channel is not None and one.element.get("default_to_current_conversation"):
            many = one.type in _MANY_IDS
            found[key] = {"type": one.type, _key(one.type): [channel] if many else channel}
    return found


def is_empty(value: Json) -> bool:
    """Tell whether nothing is entered."""
    return not next((held for key, held in value.items() if key != "type"), None)


def simple(value: Json) -> Any:
    """Return the plain value in a piece of state: a string, an id, an option's value, or a list of them."""
    held = next((held for key, held in value.items() if key != "type"), None)
    if isinstance(held, dict) and "value" in held:
        return held["value"]
    if isinstance(held, list):
        return [one.get("value", one.get("id")) if isinstance(one, dict) else one for one in held]
    return held


def entered(element: Json, value: Any, *, options: list[Json], file: Callable[[str], Json]) -> Json:
    """Return the piece of ``state.values`` for a person entering ``value``.

    ``options`` are those on offer; ``file`` turns a file's id into its object.
    """
    kind = element["type"]
    if kind in _PLURAL:
        chosen = list(value or ())
        most = element.get("max_selected_items") or element.get("max_files") or len(chosen)
        if len(chosen) > most:
            raise NotPossible(f"You can choose at most {most}")
        if kind in _MANY_OPTIONS:
            held: Any = [_option(options, one) for one in chosen]
        else:
            held = [file(one) for one in chosen] if kind == "file_input" else chosen
    elif value in (None, ""):
        held = None
    elif kind in TEXT_INPUTS:
        held = str(value)
    elif kind in _ONE_OPTION:
        held = _option(options, value)
    elif kind in _DATED:
        held = _moment(kind, value)
    elif kind == "rich_text_input" and isinstance(value, str):
        held = rich_text(value)
    else:
        held = value
    return {"type": kind, _key(kind): held}


def rich_text(text: str) -> Json:
    """Write plain words as a ``rich_text`` value."""
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
    """Return what Slack itself says under a field before it sends anything; None where nothing is wrong."""
    if is_empty(value):
        return None if one.block.get("optional") else "Please complete this required field."
    check = _COMPLAINTS.get(one.type)
    return None if check is None else check(one.element, str(value.get("value")))


def _text_complaint(element: Json, text: str) -> str | None:
    least, most = element.get("min_length") or 0, element.get("max_length") or TEXT_LENGTH
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2  # as the JavaScript of Slack's page counts
    if units < least:
        return f"This field requires at least {least} characters."
    return f"This field accepts at most {most} characters." if units > most else None


def _email_complaint(_element: Json, text: str) -> str | None:
    return None if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) else "Please enter a valid email address."


def _url_complaint(_element: Json, text: str) -> str | None:
    return None if re.fullmatch(r"https?://\S+", text) else "Please enter a valid URL."


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


_COMPLAINTS: Final[dict[str, Callable[[Json, str], str | None]]] = {
    "plain_text_input": _text_complaint,
    "email_text_input": _email_complaint,
    "url_text_input": _url_complaint,
    "number_input": _number_complaint,
}
