"""Block Kit's limits, as Slack enforces them: pure functions from blocks or a view to a list of problems.

Each problem is worded as Slack words it, with the place as a JSON pointer:
``must be less than 3001 characters [json-pointer:/blocks/0/text/text]``. No problem: an empty list.

Source of every number: Slack docs, "Block Kit" reference (blocks, block elements, composition objects, views).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from math import isfinite
from typing import Any, Final
from urllib.parse import urlsplit

from bot.sandbox.slack.blockkit_elements import ELEMENTS, check_element
from bot.sandbox.slack.problems import Problems, Where
from bot.sandbox.slack.properties import ALLOWED

#: Slack docs, chat.postMessage: a text of at most 40,000 characters, and 50 blocks.
MESSAGE_TEXT: Final = 40_000
MESSAGE_BLOCKS: Final = 50

#: Characters of all words in a message's blocks together: people meet ``msg_blocks_too_long`` at about so many. Slack's
#: docs have the error without a number, and this number for the markdown blocks of a message together.
BLOCKS_TEXT: Final = 12_000

#: Slack docs, "Data table block": the words of all cells together. One source has twice as many.
DATA_TABLE_TEXT: Final = 10_000

#: Slack docs, chat.update: a longer text is refused, where chat.postMessage takes ten times as much.
UPDATED_TEXT: Final = 4_000

#: Slack docs, "Views": a modal or a home tab has at most 100 blocks.
VIEW_BLOCKS: Final = 100

_BLOCKS_AT: Final = Where("/blocks")

#: A host that may be on the internet: a name with a dot that is no address, and no name of one's own network.
_PUBLIC_HOST: Final = re.compile(r"(?!.*\.(?:local|localhost|internal|invalid)$)[\w-]+(?:\.[\w-]+)*\.[a-z][a-z0-9-]+")

_ACTION_ELEMENTS: Final = (
    "button", "checkboxes", "datepicker", "datetimepicker", "overflow", "radio_buttons", "timepicker",
    "static_select", "external_select", "users_select", "conversations_select", "channels_select",
    "multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select",
    "multi_channels_select", "workflow_button",
)  # fmt: skip
_ACCESSORIES: Final = (*_ACTION_ELEMENTS, "image")
_INPUTS: Final = (
    "checkboxes", "datepicker", "datetimepicker", "email_text_input", "file_input", "number_input",
    "plain_text_input", "radio_buttons", "rich_text_input", "timepicker", "url_text_input",
    "static_select", "external_select", "users_select", "conversations_select", "channels_select",
    "multi_static_select", "multi_external_select", "multi_users_select", "multi_conversations_select",
    "multi_channels_select",
)  # fmt: skip


def message_problems(blocks: list[dict[str, Any]], text: str = "") -> list[str]:
    """Return what Slack would refuse in a message (``invalid_blocks``, ``msg_too_long``)."""
    problems = Problems()
    if len(text) > MESSAGE_TEXT:
        problems.add(Where("/text"), f"must be less than {MESSAGE_TEXT + 1} characters")
    _check_blocks(problems, blocks, Where("/blocks"), most=MESSAGE_BLOCKS, surface="message")
    return problems.found


def length_of(part: Any) -> int:
    """Return the characters of all words in blocks or a part of them, with those of links and confirm dialogs."""
    if isinstance(part, list | tuple):
        return sum(length_of(one) for one in part)
    if not isinstance(part, dict):
        return 0
    own = sum(len(part[key]) for key in ("text", "url", "alt_text") if isinstance(part.get(key), str))
    return own + sum(length_of(value) for value in part.values())


def places(blocks: list[dict[str, Any]], what: str, where: Where = _BLOCKS_AT) -> Iterator[Where]:
    """Yield where blocks have a part of this type, or a link or a picture that begins so."""
    for at, part in _parts(blocks, where):
        if part.get("type") == what:
            yield at / "type"
        for key in ("url", "image_url"):
            if str(part.get(key, "")).startswith(what):
                yield at / key


def unreachable_pictures(blocks: list[dict[str, Any]], where: Where = _BLOCKS_AT) -> Iterator[Where]:
    """Yield where blocks have a picture that Slack can't fetch: its servers reach public hosts alone."""
    for at, part in _parts(blocks, where):
        if "image_url" in part and not _is_public(str(part["image_url"])):
            yield at / "image_url"


def _is_public(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and _PUBLIC_HOST.fullmatch(parts.hostname or "") is not None


def _parts(part: Any, where: Where) -> Iterator[tuple[Where, dict[str, Any]]]:
    """Yield every object in blocks, with its place."""
    if isinstance(part, dict):
        yield where, part
    inner: Iterable[tuple[Any, Any]] = (
        part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    )
    for key, one in inner:
        yield from _parts(one, where / key)


def view_problems(view: dict[str, Any]) -> list[str]:
    """Return what Slack would refuse in a modal or a home tab (``invalid_arguments``)."""
    problems = Problems()
    where = Where("/view")
    kind = view.get("type")
    if kind not in {"modal", "home"}:
        problems.add(where / "type", "must be one of modal, home")
    problems.limit(view.get("private_metadata"), where / "private_metadata", 3000)
    problems.limit(view.get("callback_id"), where / "callback_id", 255)
    problems.limit(view.get("external_id"), where / "external_id", 255)
    if kind == "modal":
        problems.text(view.get("title"), where / "title", 24, plain=True, required=True)
    for label in ("submit", "close"):
        problems.text(view.get(label), where / label, 24, plain=True)
    blocks = view.get("blocks")
    _check_blocks(problems, blocks, where / "blocks", most=VIEW_BLOCKS, surface=str(kind))
    has_input = isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
    if kind == "modal" and has_input and not view.get("submit"):
        problems.add(where / "submit", "must be provided when there is an input block")
    return problems.found


def _check_blocks(problems: Problems, blocks: Any, where: Where, *, most: int, surface: str) -> None:
    if not isinstance(blocks, list):
        problems.add(where, "must be an array")
        return
    if len(blocks) > most:
        problems.add(where, f"no more than {most} items allowed")
    seen: set[str] = set()
    focused = 0
    for kind, limit in _MOST_OF_KIND.items():
        if Counter(block.get("type") for block in blocks if isinstance(block, dict))[kind] > limit:
            problems.add(where, f"no more than {limit} {kind} blocks allowed")
    for index, block in enumerate(blocks):
        at = where / index
        if not isinstance(block, dict):
            problems.add(at, "must be an object")
            continue
        check = _BLOCKS.get(str(block.get("type")))
        if check is None:
            problems.add(at / "type", f"unsupported type: {block.get('type')}")
            continue
        problems.properties(block, at, ALLOWED.get(str(block["type"])))
        block_id = block.get("block_id")
        problems.limit(block_id, at / "block_id", 255)
        if block_id is not None and block_id in seen:
            problems.add(at / "block_id", f'`block_id` "{block_id}" is used more than once')
        seen.add(str(block_id))
        check(problems, block, at, surface)
        focused += str(block).count("'focus_on_load': True")
    if focused > 1:
        problems.add(where, "only one element may have focus_on_load")


def _section(problems: Problems, block: dict[str, Any], at: Where, surface: str) -> None:
    text, fields = block.get("text"), block.get("fields")
    if text is None and fields is None:
        problems.add(at, "must provide either text or fields")
    problems.text(text, at / "text", 3000)
    if fields is not None:
        for index, field in problems.items(fields, at / "fields", most=10):
            problems.text(field, at / "fields" / index, 2000, required=True)
    if block.get("accessory") is not None:
        check_element(problems, block["accessory"], at / "accessory", _ACCESSORIES, surface)


def _actions(problems: Problems, block: dict[str, Any], at: Where, surface: str) -> None:
    seen: set[str] = set()
    for index, element in problems.items(block.get("elements"), at / "elements", most=25):
        check_element(problems, element, at / "elements" / index, _ACTION_ELEMENTS, surface)
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if action_id is not None and action_id in seen:
            problems.add(at / "elements" / index / "action_id", f'`action_id` "{action_id}" is used more than once')
        seen.add(str(action_id))


def _context(problems: Problems, block: dict[str, Any], at: Where, surface: str) -> None:
    for index, element in problems.items(block.get("elements"), at / "elements", most=10):
        where = at / "elements" / index
        if isinstance(element, dict) and element.get("type") == "image":
            check_element(problems, element, where, ("image",), surface)
        else:
            problems.text(element, where, 3000, required=True)


def _header(problems: Problems, block: dict[str, Any], at: Where, _surface: str) -> None:
    problems.text(block.get("text"), at / "text", 150, plain=True, required=True)


def _input(problems: Problems, block: dict[str, Any], at: Where, surface: str) -> None:
    if surface == "message":
        problems.add(at, "input blocks are not supported in messages")
    problems.text(block.get("label"), at / "label", 2000, plain=True, required=True)
    problems.text(block.get("hint"), at / "hint", 2000, plain=True)
    element = block.get("element")
    check_element(problems, element, at / "element", _INPUTS, surface)
    if block.get("dispatch_action") and isinstance(element, dict) and element.get("type") == "file_input":
        problems.add(at / "dispatch_action", "is not supported for file_input")


def _divider(_problems: Problems, _block: dict[str, Any], _at: Where, _surface: str) -> None:
    return


def _image(problems: Problems, block: dict[str, Any], at: Where, surface: str) -> None:
    ELEMENTS["image"](problems, block, at, surface)
    problems.text(block.get("title"), at / "title", 2000, plain=True)


def _rich_text(problems: Problems, block: dict[str, Any], at: Where, _surface: str) -> None:
    allowed = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    for index, element in problems.items(block.get("elements"), at / "elements", most=None):
        if not isinstance(element, dict) or element.get("type") not in allowed:
            problems.add(at / "elements" / index / "type", f"must be one of {', '.join(sorted(allowed))}")
            continue
        lines = element.get("elements", []) if element["type"] == "rich_text_list" else [element]
        for line in lines:
            for piece in line.get("elements", []):
                _rich_piece(problems, piece, at / "elements" / index / "elements")


def _rich_piece(problems: Problems, piece: dict[str, Any], at: Where) -> None:
    if piece.get("type") == "text" and not piece.get("text"):
        problems.add(at / "text", "must be more than 0 characters")
    if piece.get("type") == "link" and (not piece.get("url") or piece.get("text") == ""):
        problems.add(at / "url", "must be a link with words")


def _context_actions(problems: Problems, block: dict[str, Any], at: Where, surface: str) -> None:
    if surface != "message":
        problems.add(at, "context_actions blocks are only supported in messages")
    for index, element in problems.items(block.get("elements"), at / "elements", most=5):
        check_element(problems, element, at / "elements" / index, ("feedback_buttons", "icon_button"), surface)


def _markdown(problems: Problems, block: dict[str, Any], at: Where, surface: str) -> None:
    if surface != "message":
        problems.add(at, "markdown blocks are only supported in messages")
    problems.limit(block.get("text"), at / "text", 12_000, required=True)


def _file(problems: Problems, block: dict[str, Any], at: Where, surface: str) -> None:
    if surface != "message":
        problems.add(at, "file blocks are only supported in messages")
    problems.limit(block.get("external_id"), at / "external_id", 255, required=True)


def _video(problems: Problems, block: dict[str, Any], at: Where, _surface: str) -> None:
    problems.text(block.get("title"), at / "title", 199, plain=True, required=True)
    problems.limit(block.get("alt_text"), at / "alt_text", 2000, required=True)
    for key in ("video_url", "thumbnail_url"):
        problems.limit(block.get(key), at / key, 3000, required=True)


def _data_table(problems: Problems, block: dict[str, Any], at: Where, surface: str) -> None:
    if surface != "message":
        problems.add(at, "data_table blocks are only supported in messages")
    problems.limit(block.get("caption"), at / "caption", 2000, required=True)
    rows = block.get("rows")
    width = len(rows[0]) if isinstance(rows, list) and rows and isinstance(rows[0], list) else 0
    words = 0
    for index, row in problems.items(rows, at / "rows", most=101, least=2):
        if not isinstance(row, list) or len(row) != width or not 1 <= width <= 20:
            problems.add(at / "rows" / index, "all rows must have the same number of cells, 1 to 20")
            continue
        for place, cell in enumerate(row):
            _data_cell(problems, cell, at / "rows" / index / place, is_head=index == 0)
            words += len(str(cell.get("text", ""))) if isinstance(cell, dict) else 0
    if words > DATA_TABLE_TEXT:
        problems.add(at / "rows", f"must be less than {DATA_TABLE_TEXT + 1} characters")


def _data_cell(problems: Problems, cell: Any, at: Where, *, is_head: bool) -> None:
    kind = cell.get("type") if isinstance(cell, dict) else None
    if kind not in ({"raw_text", "raw_number"} if is_head else {"raw_text", "raw_number", "rich_text"}):
        problems.add(at / "type", "must be one of raw_text, raw_number, rich_text")
    elif kind == "raw_number" and not _is_number(cell.get("value")):
        problems.add(at / "value", "must be a number")
    elif kind == "raw_text":
        problems.limit(cell.get("text"), at / "text", 2000, required=True)


def _data_visualization(problems: Problems, block: dict[str, Any], at: Where, surface: str) -> None:
    if surface != "message":
        problems.add(at, "data_visualization blocks are only supported in messages")
    problems.limit(block.get("title"), at / "title", 50, required=True)
    chart = block.get("chart")
    if not isinstance(chart, dict) or chart.get("type") not in {"bar", "line", "area"}:
        problems.add(at / "chart" / "type", "must be one of bar, line, area")
        return
    axis = chart.get("axis_config") or {}
    categories = [label for _, label in problems.items(axis.get("categories"), at / "chart" / "axis_config", most=20)]
    if len(set(categories)) < len(categories):
        problems.add(at / "chart" / "axis_config" / "categories", "must be unique")
    for label in categories:
        problems.limit(label, at / "chart" / "axis_config" / "categories", 20, required=True)
    for index, series in problems.items(chart.get("series"), at / "chart" / "series", most=12):
        where = at / "chart" / "series" / index
        problems.limit(series.get("name"), where / "name", 20, required=True)
        points = series.get("data") or []
        if [point.get("label") for point in points] != categories:
            problems.add(where / "data", "must have a value for each category")
        if not all(_is_number(point.get("value")) for point in points):
            problems.add(where / "data", "must be numbers")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _table(problems: Problems, block: dict[str, Any], at: Where, surface: str) -> None:
    if surface != "message":
        problems.add(at, "table blocks are only supported in messages")
    for index, row in problems.items(block.get("rows"), at / "rows", most=100):
        if not isinstance(row, list) or len(row) > 20:
            problems.add(at / "rows" / index, "no more than 20 items allowed")


#: Slack docs, "Data table block" and "Data visualization block": the most of one message.
_MOST_OF_KIND: Final = {"data_table": 1, "data_visualization": 2}

_BLOCKS: Final[dict[str, Callable[[Problems, dict[str, Any], Where, str], None]]] = {
    "section": _section,
    "actions": _actions,
    "context": _context,
    "header": _header,
    "input": _input,
    "divider": _divider,
    "image": _image,
    "rich_text": _rich_text,
    "context_actions": _context_actions,
    "markdown": _markdown,
    "file": _file,
    "video": _video,
    "table": _table,
    "data_table": _data_table,
    "data_visualization": _data_visualization,
}
