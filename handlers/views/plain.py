"""A message in plainer forms, for when Slack refuses the one that it was built in: the same words and buttons."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from handlers.views.blocks import MOST_BLOCKS, MOST_IN_SECTION, Json, Message, actions, escape, plain, section

#: Stands beside each button but the first, because a section has one button and needs words.
_BETWEEN: Final = "or"


def plainer(message: Message) -> Iterator[Message]:
    """Yield the message in ever plainer forms, for as long as Slack refuses them.

    Without pictures it looks as meant: a picture that Slack can't load is the usual reason. Sections are the oldest of
    all blocks. Small print is for the case that Slack refuses even these. The gist alone is
    better than silence, unless somebody waits for the buttons.
    """
    if not message.blocks:
        return
    unpictured = [_without_picture(block) for block in message.blocks]
    if unpictured != message.blocks:
        yield Message(message.text, unpictured)
    parts = list(_joined(_parts(unpictured)))
    for blocks in (list(_in_sections(parts)), list(_in_small_print(parts))):
        if len(blocks) <= MOST_BLOCKS:
            yield Message(message.text, blocks)
    if not any(isinstance(part, _Button) for part in parts):
        yield Message(message.text)


def _without_picture(block: Json) -> Json:
    """Return the block without the picture beside it, which adorns it. A picture that is a block has a meaning."""
    if block.get("accessory", {}).get("type") != "image":
        return block
    return {name: value for name, value in block.items() if name != "accessory"}


# -------------------------------------------------------------------------------------------- parts


@dataclass(frozen=True, slots=True)
class _Passage:
    """Words that one text object holds; `marked` where Slack formats them, `verbatim` where it makes no links."""

    text: str
    marked: bool
    verbatim: bool = False

    def text_object(self) -> Json:
        if not self.marked:
            return plain(self.text, MOST_IN_SECTION)
        return {"type": "mrkdwn", "text": self.text, **({"verbatim": True} if self.verbatim else {})}

    def is_like(self, other: "_Passage") -> bool:
        return (self.marked, self.verbatim) == (other.marked, other.verbatim)


@dataclass(frozen=True, slots=True)
class _Button:
    element: Json

    @property
    def action_id(self) -> str:
        return str(self.element["action_id"])


_Part = _Passage | _Button


def _in_sections(parts: Iterable[_Part]) -> Iterator[Json]:
    """Say it in sections alone, each with one button at the most."""
    words: Json | None = None
    for part in parts:
        if isinstance(part, _Passage):
            if words is not None:
                yield words
            words = {"type": "section", "text": part.text_object()}
        else:
            yield (words or section(_BETWEEN)) | {"accessory": part.element}
            words = None
    if words is not None:
        yield words


def _in_small_print(parts: Iterable[_Part]) -> Iterator[Json]:
    """Say it in small print, with rows of buttons between. In a row, each action is there once."""
    row: dict[str, Json] = {}
    for part in parts:
        if isinstance(part, _Button) and part.action_id not in row:
            row[part.action_id] = part.element
            continue
        if row:
            yield actions(*row.values())
        row = {part.action_id: part.element} if isinstance(part, _Button) else {}
        if isinstance(part, _Passage):
            yield {"type": "context", "elements": [part.text_object()]}
    if row:
        yield actions(*row.values())


def _joined(parts: Iterator[_Part]) -> Iterator[_Part]:
    """Join words of one kind that follow each other, as far as a section holds them."""
    last: _Passage | None = None
    for part in parts:
        if isinstance(part, _Passage) and last is not None and last.is_like(part):
            both = f"{last.text}\n{part.text}"
            if len(both) <= MOST_IN_SECTION:
                last = _Passage(both, part.marked, part.verbatim)
                continue
        if last is not None:
            yield last
        last = part if isinstance(part, _Passage) else None
        if isinstance(part, _Button):
            yield part
    if last is not None:
        yield last


def _parts(blocks: Sequence[Json]) -> Iterator[_Part]:
    """Yield the words and buttons of blocks, in reading order."""
    for block in blocks:
        match block["type"]:
            case "rich_text":
                yield from _cut(_written(block["elements"]))
            case "actions" | "context":
                for element in block["elements"]:
                    yield from _of_element(element)
            case "image":
                yield from _of_element(block)
            case "data_table":
                yield from (_Passage(" · ".join(cell["text"] for cell in row), marked=False) for row in block["rows"])
            case "data_visualization":
                pass  # what it draws is in the table
            case _:
                for one in (block.get("text"), *block.get("fields", ()), block.get("accessory")):
                    if one is not None:
                        yield from _of_element(one)


def _of_element(element: Json) -> Iterator[_Part]:
    match element["type"]:
        case "mrkdwn":
            yield _Passage(element["text"], marked=True, verbatim=element.get("verbatim", False))
        case "plain_text":
            yield _Passage(element["text"], marked=False)
        case "image":
            link = f"<{escape(element['image_url'])}|{escape(element['alt_text'])}>"
            fits = len(link) <= MOST_IN_SECTION
            yield _Passage(link, marked=True) if fits else _Passage(element["alt_text"], marked=False)
        case _:
            yield _Button(element)


def _cut(text: str) -> Iterator[_Part]:
    for start in range(0, len(text), MOST_IN_SECTION):
        yield _Passage(text[start : start + MOST_IN_SECTION], marked=False)


def _written(elements: Sequence[Json]) -> str:
    """Write rich text with the signs that people use in plain text: a dot before an item, `>` before a quoted line."""
    lines: list[str] = []
    for element in elements:
        match element["type"]:
            case "rich_text_list":
                lines += [f"• {_line(item['elements'])}" for item in element["elements"]]
            case "rich_text_quote":
                lines += [f"> {line}" for line in _line(element["elements"]).split("\n")]
            case _:
                lines.append(_line(element["elements"]))
    return "\n".join(lines)


def _line(pieces: Sequence[Json]) -> str:
    return "".join(map(_piece, pieces))


def _piece(piece: Json) -> str:
    """Return the words of a piece; of a link also where it leads, because a name alone may be anybody's."""
    url = str(piece.get("url", ""))
    target = url.rpartition("id=")[2] if url.startswith("slack://user") else url
    return f"{piece['text']} ({target})" if target else str(piece["text"])
