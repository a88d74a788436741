"""Answers on the wire: JSON, times and the error envelope (Tango docs, Manage orders and response classes)."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from starlette.responses import Response

#: The API begins here on its host.
API: Final = "/raas/v2"

#: The `code` of a refusal by a rule of business rather than of form, as in Tango's example.
BUSINESS_RULE: Final = 400500

#: The `code` of the frozen account (Tango docs, Manage orders, POST /orders).
FROZEN: Final = 422001

_MISSING: Final[Any] = object()
_RFC_3339: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?)?", re.ASCII)


def moment(when: datetime) -> str:
    """Write a time as Tango does: RFC 3339 in UTC with milliseconds, `2023-10-12T16:28:34.439Z`."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_of(text: str) -> datetime | None:
    """Read a date, or a date and time, in RFC 3339; None where it is neither. Without an offset it is in UTC."""
    if _RFC_3339.fullmatch(text) is None:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def is_date(text: str) -> bool:
    """Tell whether a text has the length of a date without a time."""
    return len(text) <= len("2026-01-01")


def number(value: Decimal) -> float:
    """Return an amount as the double that goes over the wire."""
    return float(value)


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make a JSON answer; bytes are JSON already."""
    if isinstance(content, bytes):
        body = content
    else:
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, dict(headers or {}), media_type="application/json")


def fault_of(
    key: str,
    message: str,
    *,
    path: str | None = None,
    code: int | None = None,
    constraint: str | None = None,
    invalid: Any = _MISSING,
    tokens: Sequence[str] = (),
) -> dict[str, Any]:
    """Make one entry of `errors`. `tokens` fill the places {0}, {1} … of the message's translation."""
    entry: dict[str, Any] = {}
    if path is not None:
        entry["path"] = path
    if code is not None:
        entry["code"] = code
    entry["i18nKey"] = key
    entry["message"] = message
    if invalid is not _MISSING:
        entry["invalidValue"] = float(invalid) if isinstance(invalid, Decimal) else invalid
    if constraint is not None:
        entry["constraint"] = constraint
    if tokens:
        entry["i18nTokenReplacements"] = list(tokens)
    return entry


class Problem(Exception):
    """A refusal on its way out: its status and the entries of `errors`.

    A `plain` one says its key and message at the top instead, as Tango does for 401 and 404.
    """

    def __init__(self, status: int, *errors: dict[str, Any], plain: bool = False) -> None:
        super().__init__(status, *errors)
        self.status = status
        self.errors = errors
        self.plain = plain

    def response(self, *, path: str, request_id: str, now: datetime) -> Response:
        """Return the answer in Tango's envelope; its requestId is the X-REQUEST-ID of the same answer."""
        body: dict[str, Any] = {
            "timestamp": now.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "requestId": request_id,
            "path": path,
            "httpCode": self.status,
            "httpPhrase": HTTPStatus(self.status).phrase,
        }
        if self.plain:
            body.update(self.errors[0])
        else:
            body["errors"] = list(self.errors)
        headers = {"WWW-Authenticate": 'Basic realm="Tango"'} if self.status == 401 else {}
        return answer(body, self.status, headers)


def refusal(status: int, key: str, message: str, **details: Any) -> Problem:
    """Make a refusal with one entry."""
    return Problem(status, fault_of(key, message, **details))
