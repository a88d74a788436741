"""The few block shapes that the views share, with Block Kit's limits (Slack docs, Block Kit reference)."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from string import Formatter
from typing import Any, Final

Json = dict[str, Any]

#: A message's `text` (Slack docs, chat.update: longer ones are refused; a first posting may have ten times as many).
MOST_IN_TEXT: Final = 4_000
#: All words of a message's blocks: Slack refuses about 12,000 (`msg_blocks_too_long`) and doesn't say what it counts.
MOST_IN_BLOCKS: Final = 11_000
#: A message's blocks.
MOST_BLOCKS: Final = 50
#: A section's text, and a field of one.
MOST_IN_SECTION: Final = 3_000
MOST_IN_FIELD: Final = 2_000
#: A button's label, an option's text.
MOST_IN_LABEL: Final = 75
#: A confirm dialog's text.
MOST_IN_CONFIRM: Final = 300
#: A typed amount: the longest that Tango allows has ten characters, the rest is room for a code, spaces and slips.
MOST_IN_AMOUNT: Final = 40
#: A static select's options.
MOST_OPTIONS: Final = 100
#: The value of a box that is ticked.
TICKED: Final = "yes"


@dataclass(frozen=True, slots=True)
class Message:
    """A message: `text` carries the gist, for notifications and screen readers; `blocks` show it."""

    text: str
    blocks: Sequence[Json] = field(default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _clip_marked(self.text, MOST_IN_TEXT))
        object.__setattr__(self, "blocks", _fitted(self.blocks))


def escape(text: str) -> str:
    """Escape what people typed, so that it cannot mention, link or ping (Slack docs, Formatting text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


#: The signs by which Slack formats words and makes emoji, and others that look like them.
_SIGNS: Final = str.maketrans("*_~`:", "\u2217\u02cd\u223c\u02cb\u2236")


def name_text(name: str) -> str:
    """Escape a name, which is its owner's to choose, so that it is not formatted either, and is no emoji."""
    return escape(name.translate(_SIGNS))


def clip(text: str, most: int) -> str:
    """Cut a text to that many characters, with an ellipsis where some are left out."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _clip_marked(text: str, most: int) -> str:
    """Cut formatted text: `&amp;` or a mention is left out whole, as half of it would be shown as it is."""
    return text if len(text) <= most else re.sub(r"(?:&[a-z]{0,3}|<[^<>]*)…$", "…", clip(text, most))


def length_of(blocks: Sequence[Json]) -> int:
    """Return how many characters the blocks hold together, of the `MOST_IN_BLOCKS` of a message."""
    return sum(length for length, _ in _lengths(blocks))


def _fitted(blocks: Sequence[Json]) -> Sequence[Json]:
    """Shorten the longest texts of the blocks, all to one length, until all of them together are short enough."""
    lengths = sorted(_lengths(blocks))
    room = MOST_IN_BLOCKS - sum(length for length, is_text in lengths if not is_text)
    texts = [length for length, is_text in lengths if is_text]
    if sum(texts) <= room:
        return blocks
    for shorter, length in enumerate(texts):
        most = room // (len(texts) - shorter)
        if length > most:
            break
        room -= length
    return [_cut_to(block, most) for block in blocks]


def _lengths(part: Any) -> Iterator[tuple[int, bool]]:
    """Yield the length of each text in blocks or a part of them, and of what can't be cut: links."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            if isinstance(value, str):
                if key in {"text", "url", "image_url", "alt_text"}:
                    yield len(value), key == "text"
            else:
                yield from _lengths(value)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _lengths(one)


def _cut_to(part: Any, most: int) -> Any:
    if isinstance(part, list | tuple):
        return [_cut_to(one, most) for one in part]
    if not isinstance(part, Mapping):
        return part
    cut = {key: _cut_to(value, most) for key, value in part.items()}
    if isinstance(text := part.get("text"), str):
        cut["text"] = _clip_marked(text, most)
    return cut


def sentence(words: str) -> str:
    """Return the words with the first letter as a sentence begins with."""
    return f"{words[:1].upper()}{words[1:]}"


def say(told: str, **facts: object) -> str:
    """Fill in a whole sentence, so that a translation can replace it. "a {amount}" becomes "an $8.00" where it must.

    Args:
        told: the sentence, with the names of its facts in braces.
        **facts: escaped, as they are shown.
    """
    leading = re.search(r"\d+", str(facts.get("amount", "")))
    if leading is not None and (leading[0].startswith("8") or leading[0] in ("11", "18")):
        told = re.sub(r"\ba {amount}", "an {amount}", told)
    return told.format(**facts)


def time_of(at: datetime) -> str:
    """Write a moment in the reader's zone, with UTC where Slack does not format it."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} at {{time}}|{at:%Y-%m-%d %H:%M} UTC>"


def clock_time_of(at: datetime) -> str:
    """Write a moment of today to the second, never too early, in the reader's zone."""
    second = math.ceil(at.timestamp())
    return f"<!date^{second}^{{time_secs}}|{datetime.fromtimestamp(second, UTC):%H:%M:%S} UTC>"


def mention(user_id: str) -> str:
    """Mention a person, by the name that they have now."""
    return f"<@{user_id}>"


def plain(text: str, most: int) -> Json:
    """Build a text without formatting, cut to the room of its place. Codes such as `:tada:` stay as they were typed."""
    return {"type": "plain_text", "text": clip(text, most), "emoji": False}


def section(text: str, accessory: Json | None = None) -> Json:
    """Build a paragraph."""
    block: Json = {"type": "section", "text": _marked(text)}
    if accessory is not None:
        block["accessory"] = accessory
    return block


def fields(pairs: Sequence[tuple[str, str]]) -> Json:
    """Build labelled values in two columns; ten at the most."""
    texts = [{"type": "mrkdwn", "text": _clip_marked(f"*{label}*\n{value}", MOST_IN_FIELD)} for label, value in pairs]
    return {"type": "section", "fields": texts}


def verbatim(text: str) -> Json:
    """Show what a person typed, as they typed it: nothing in it is formatted, linked or pinged."""
    return {"type": "section", "text": plain(text, MOST_IN_SECTION)}


def rich_text(*parts: Json) -> Json:
    """Build a block of paragraphs, lists and quotes, in which Slack formats nothing by itself."""
    return {"type": "rich_text", "elements": list(parts)}


def paragraph(*pieces: Json) -> Json:
    """Build a paragraph of words and links."""
    return {"type": "rich_text_section", "elements": list(pieces)}


def bullets(items: Iterable[Sequence[Json]]) -> Json:
    """Build a list with an item a line."""
    return {"type": "rich_text_list", "style": "bullet", "elements": [paragraph(*pieces) for pieces in items]}


def quote(text: str) -> Json:
    """Build a quotation, as it was typed: nothing in it is formatted, linked, pinged or made a picture."""
    return rich_text({"type": "rich_text_quote", "elements": [words(clip(text, MOST_IN_SECTION))]})


def words(text: str, *, bold: bool = False) -> Json:
    """Build words of a paragraph, as they are."""
    piece: Json = {"type": "text", "text": text}
    return {**piece, "style": {"bold": True}} if bold else piece


def link(url: str, text: str, *, bold: bool = False) -> Json:
    """Build a link in a paragraph."""
    piece: Json = {"type": "link", "url": url, "text": text}
    return {**piece, "style": {"bold": True}} if bold else piece


def pieces_of(sentence: str, *, bold: bool = False, **parts: Sequence[Json]) -> list[Json]:
    """Build the pieces of a whole sentence that has links in it.

    Args:
        sentence: with the name of each part in braces, so that the words around it may stand in any order.
        bold: whether the words between the parts are bold.
        **parts: the pieces that take the place of the names.
    """
    found: list[Json] = []
    for said, name, _, _ in Formatter().parse(sentence):
        found += [words(said, bold=bold)] if said else []
        found += parts[name] if name else []
    return found


def small_print(text: str) -> Json:
    """Build a small line that shows what people typed, as they typed it."""
    return {"type": "context", "elements": [plain(text, MOST_IN_SECTION)]}


def context(text: str) -> Json:
    """Build a small line."""
    return {"type": "context", "elements": [_marked(text)]}


def _marked(text: str) -> Json:
    """Build formatted text in which Slack makes no links of its own: a name may look like an address."""
    return {"type": "mrkdwn", "text": _clip_marked(text, MOST_IN_SECTION), "verbatim": True}


def header(text: str) -> Json:
    """Build a title."""
    return {"type": "header", "text": plain(text, 150)}


def actions(*elements: Json) -> Json:
    """Build a row of buttons."""
    return {"type": "actions", "elements": list(elements)}


def button(label: str, action_id: str, value: str, *, style: str | None = None, confirm: Json | None = None) -> Json:
    """Build a button that carries a reference or a search and nothing else; never a number, which is used again."""
    element: Json = {
        "type": "button",
        "text": plain(label, MOST_IN_LABEL),
        "action_id": str(action_id),
        "value": value,
    }
    if style is not None:
        element["style"] = style
    if confirm is not None:
        element["confirm"] = confirm
    return element


def overflow(action_id: str, choices: Sequence[Json]) -> Json:
    """Build a menu of what can be done with an entry of a list: two to five options, each of which acts at once."""
    return {"type": "overflow", "action_id": str(action_id), "options": list(choices)}


def confirm(*, title: str, text: str, yes: str, no: str = "Go back", danger: bool = False) -> Json:
    """Build a question that is asked before a button takes effect."""
    return {
        "title": plain(title, 100),
        "text": plain(text, MOST_IN_CONFIRM),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
        "style": "danger" if danger else "primary",
    }


def input_block(
    block_id: str, label: str, element: Json, *, hint: str | None = None, optional: bool = False, dispatch: bool = False
) -> Json:
    """Build a field of a form; a fault is said under it by its `block_id`."""
    block: Json = {
        "type": "input",
        "block_id": str(block_id),
        "label": plain(label, 2_000),
        "element": element,
        "optional": optional,
    }
    if hint is not None:
        block["hint"] = plain(hint, 2_000)
    if dispatch:
        block["dispatch_action"] = True
    return block


def tick_box(action_id: str, text: str, description: str, *, ticked: bool) -> Json:
    """Build a box to tick, with formatted text beside it and a line in plain text under it."""
    choice: Json = {"text": {"type": "mrkdwn", "text": text}, "value": TICKED, "description": plain(description, 75)}
    box: Json = {"type": "checkboxes", "action_id": str(action_id), "options": [choice]}
    return {**box, "initial_options": [choice]} if ticked else box


def option(text: str, value: str, description: str | None = None) -> Json:
    """Build one choice of a select."""
    choice: Json = {"text": plain(text, MOST_IN_LABEL), "value": value}
    if description:
        choice["description"] = plain(description, MOST_IN_LABEL)
    return choice
