"""Tango's error envelope, and the headers of its answers.

Source: Tango docs, Manage orders, the frozen-account answer of POST /orders, and the response classes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from bot.tango.wire import read_json, read_moment, read_text

#: In seconds. Tango documents no Retry-After. A gateway's is followed up to here, so that a typing error there
#: cannot stop the queue for a day.
_LONGEST_WAIT: Final = 60.0

#: Tango quotes wrong values, and its texts are kept and shown: an email address must not be among them.
_ADDRESS: Final = re.compile(r"""[^\s@<>()",;:=]+@[^\s@<>()"',;:=]+""")

#: In characters: enough for a few of Tango's sentences, which are kept with each attempt.
_LONGEST_MESSAGE: Final = 500

#: In characters: longer than any identifier of Tango's, and short enough for a log line.
_LONGEST_ID: Final = 100

#: The encoding that an answer's Content-Type names.
_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBody:
    """Tango's error envelope: the first error with a key, or the top level.

    `is_tangos` tells whether the body has the envelope's form, and so comes from Tango and not from a gateway in
    between. `request_id` is the `X-REQUEST-ID` header, or the body's `requestId`. `replacements` fill the message's
    places in order; `at` is the moment of the answer by Tango's clock. The message names no email address.
    """

    is_tangos: bool
    request_id: str | None
    i18n_key: str | None
    message: str = dataclass_field(repr=False)
    field: str | None
    replacements: tuple[str, ...] = dataclass_field(repr=False)
    at: datetime | None


def read_error(headers: Mapping[str, str], body: bytes) -> ErrorBody:
    """Read an error answer of any shape. A body that is no JSON object reads as an empty one."""
    try:
        found = read_answer(headers, body)
    except ValueError:
        found = None
    top = found if isinstance(found, dict) else {}
    listed = top.get("errors")
    errors = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    main = next((entry for entry in errors if read_text(entry.get("i18nKey"))), errors[0] if errors else {})
    messages = [text for entry in [*errors, top] if (text := read_text(entry.get("message")))]
    tokens = main.get("i18nTokenReplacements") or top.get("i18nTokenReplacements")
    return ErrorBody(
        is_tangos=_is_tangos(top, errors),
        request_id=request_id_of(headers) or _short(read_text(top.get("requestId"))),
        i18n_key=_short(read_text(main.get("i18nKey")) or read_text(top.get("i18nKey"))),
        message=_message(messages),
        field=_short(read_text(main.get("path"))),  # the top level's `path` is the URL's
        replacements=tuple(str(token) for token in tokens) if isinstance(tokens, list) else (),
        at=_date_header(headers) or read_moment(top.get("timestamp")),
    )


def read_answer(headers: Mapping[str, str], body: bytes) -> Any:
    """Read the JSON value of an answer, in the encoding that its bytes show, or else its head names.

    Raises:
        ValueError: the body is no JSON, or is nested beyond reason.
    """
    named = _CHARSET.search(_header(headers, "content-type") or "")
    return read_json(body, named[1] if named else None)


def _is_tangos(top: Mapping[str, Any], errors: list[dict[str, Any]]) -> bool:
    """Tell Tango's envelope from what gateways, proxies and firewalls answer in its place.

    All of Tango's errors have an `i18nKey`, or a `requestId` beside `errors` or `httpCode`; a message alone is
    anybody's (Tango docs, Manage orders, POST /orders, and Response classes).
    """
    if any(read_text(entry.get("i18nKey")) for entry in [top, *errors]):
        return True
    return read_text(top.get("requestId")) is not None and bool(errors or read_text(top.get("httpCode")))


def _message(messages: list[str]) -> str:
    """Join Tango's texts, each once, and take out email addresses, before the cut would leave half of one."""
    return _ADDRESS.sub("(address)", "; ".join(dict.fromkeys(messages))[: 2 * _LONGEST_MESSAGE])[:_LONGEST_MESSAGE]


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """Return Tango's `X-REQUEST-ID`, which its support asks for."""
    return _short(_header(headers, "x-request-id"))


def wait_of(headers: Mapping[str, str], least: float) -> float:
    """Return the seconds to wait: `least`, or a longer `Retry-After`, within reason."""
    asked = _header(headers, "retry-after") or ""
    seconds = float(asked) if asked.isascii() and asked.isdecimal() else 0.0
    return min(max(seconds, least), _LONGEST_WAIT)


def _date_header(headers: Mapping[str, str]) -> datetime | None:
    try:
        return read_moment(parsedate_to_datetime(_header(headers, "date") or ""))
    except (ValueError, OverflowError):
        return None


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value.strip() for key, value in headers.items() if key.lower() == name), None)


def _short(text: str | None) -> str | None:
    """Make an identifier fit for a log line: printable and not long."""
    if text is None:
        return None
    return "".join(letter for letter in text if letter.isprintable())[:_LONGEST_ID] or None
