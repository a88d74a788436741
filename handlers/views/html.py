"""HTML from elsewhere as text that Slack shows: no tags, no scripts, links to https alone, nothing that mentions."""

import re
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

from handlers.views.blocks import escape

#: Elements whose content is not for reading.
_UNREAD: Final = frozenset({"head", "noscript", "object", "script", "style", "template", "title"})

#: Elements that begin and end a line.
_LINES: Final = frozenset(
    {"address", "article", "blockquote", "div", "dl", "dt", "dd", "footer", "form", "header", "hr", "li", "ol"}
    | {"p", "pre", "section", "table", "tr", "ul", "h1", "h2", "h3", "h4", "h5", "h6"}
)

#: Characters that are not printed, line breaks and tabs aside.
_UNPRINTED: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")

#: Characters that browsers drop or turn round, so that an address would lead elsewhere than it says.
_NOT_IN_URL: Final = re.compile(r"[\s\x00-\x1f\x7f\\]")

#: The address of a button or a picture, in characters (Slack docs, Block Kit reference).
_MOST_IN_URL: Final = 3_000


def readable(html: str, most: int) -> str:
    """Turn HTML, or plain text, into mrkdwn of at most `most` characters.

    Entities are decoded, lists have bullets. A link to https stays one; of others the address is shown where it is a
    web address, and left out where it is not (`javascript:`). Whole words are left out where they do not fit,
    with an ellipsis. Show it with `verbatim`, so that Slack makes nothing of its words.
    """
    reader = _Reader(plain="<" not in html)
    reader.feed(html)
    reader.close()
    return _joined(reader.lines, most)


def web_url(text: str) -> str | None:
    """Return an address that is safe to open: of the web, with a host, and without a user's name; else None."""
    url = text.strip()
    if len(url) > _MOST_IN_URL or _NOT_IN_URL.search(url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # what stands there is a number, or this raises
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname and parts.username is None else None


def https_url(text: str) -> str | None:
    """Return an address that is safe to open and that nobody on the way can read or change; else None."""
    url = web_url(text)
    return url if url is not None and url.lower().startswith("https:") else None


class _Reader(HTMLParser):
    """Collects lines of words. A link is one word, so that it is never cut."""

    def __init__(self, *, plain: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[str]] = [[]]
        self._plain = plain
        self._unread: list[str] = []
        self._gap = True  # what comes next is a word of its own
        self._link: str | None = None
        self._label: list[str] = []
        self._gap_before_link = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD:
            self._unread.append(tag)
        elif tag == "a":
            self._end_link()
            self._link = dict(attrs).get("href") or ""
            self._gap_before_link, self._gap = self._gap, True
        elif tag in ("td", "th"):
            self._gap = True
        elif tag == "br" or tag in _LINES:
            self._break()
            if tag == "li":
                self._put("•")
                self._gap = True

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNREAD:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unread:
            while self._unread.pop() != tag:
                pass
        elif tag == "a":
            self._end_link()
        elif tag in _LINES:
            self._break()

    def handle_data(self, data: str) -> None:
        if self._unread:
            return
        text = _UNPRINTED.sub("", data)
        for number, line in enumerate(text.split("\n") if self._plain else [text]):
            if number:
                self._break()
            self._gap = self._gap or line[:1].isspace()
            for word in line.split():
                self._put(escape(word))
                self._gap = True
            self._gap = self._gap and not (line and not line[-1].isspace())

    def close(self) -> None:
        super().close()
        self._end_link()

    def _put(self, word: str) -> None:
        """Another word of this line, or of the link; or the rest of the last one, where there was a tag within."""
        words = self.lines[-1] if self._link is None else self._label
        if self._gap or not words:
            words.append(word)
        else:
            words[-1] += word

    def _break(self) -> None:
        self._end_link()
        self._gap = True
        if self.lines[-1]:
            self.lines.append([])

    def _end_link(self) -> None:
        link, label = self._link, " ".join(self._label)
        if link is None:
            return
        self._link, self._label, self._gap = None, [], self._gap_before_link
        if (url := https_url(link)) is not None:
            address = escape(url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E"))
            self._put(f"<{address}|{label or address}>")
        else:
            if label:
                self._put(label)
            if (url := web_url(link)) is not None and escape(url) != label:
                self._gap = True
                self._put(f"({escape(url)})")
        self._gap = False


def _joined(lines: list[list[str]], most: int) -> str:
    text = ""
    for line in lines:
        for number, word in enumerate(line):
            before = "" if not text else " " if number else "\n"
            if len(text) + len(before) + len(word) > most - 2:  # room for the ellipsis
                return f"{text} …".strip()
            text += before + word
    return text
