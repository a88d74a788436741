"""One Web API call: its arguments, read leniently as Slack reads them, and the table of methods."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.state import State


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of a call, from JSON, a form or the query; everything may come as text."""

    method: str
    args: Json
    token: str | None
    is_json: bool = False

    @classmethod
    def read(cls, method: str, *, query: str, content_type: str, body: bytes, authorization: str | None) -> "Call":
        """Read a request as Slack does: JSON or form in the body, the token in the header or among the arguments."""
        args: Json = dict(parse_qsl(query, keep_blank_values=True))
        if body:
            if content_type.startswith("application/json"):
                try:
                    found = json.loads(body)
                except ValueError:
                    raise ApiError("invalid_json") from None
                if not isinstance(found, dict):
                    raise ApiError("json_not_object")
                args |= found
            else:
                try:
                    args |= dict(parse_qsl(body.decode(), keep_blank_values=True))
                except UnicodeDecodeError:
                    raise ApiError("invalid_form_data") from None
        token = args.pop("token", None)
        if authorization and authorization.startswith("Bearer "):
            token = authorization.removeprefix("Bearer ").strip()
        return cls(method, args, token, content_type.startswith("application/json"))

    def text(self, name: str) -> str | None:
        """Return a text argument; None where it is missing or empty."""
        value = self.args.get(name)
        return None if value in (None, "") else str(value)

    def need(self, name: str, *, error: str | None = None) -> str:
        """Return a text argument that must be there; Slack's answer for a missing one is ``invalid_arguments``."""
        value = self.text(name)
        if value is None:
            raise ApiError(error or "invalid_arguments", messages=[f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a yes-or-no argument: true, "true", 1, "1"."""
        value = self.args.get(name)
        return default if value is None else str(value).lower() in {"true", "1"}

    def number(self, name: str, *, default: int) -> int:
        """Return a whole number."""
        value = self.text(name)
        try:
            return default if value is None else int(value)
        except ValueError:
            raise ApiError("invalid_arguments", messages=[f"[ERROR] must be an integer: {name}"]) from None

    def structure(self, name: str, *, error: str = "invalid_arguments") -> Any:
        """Return an argument of JSON, itself or as text; None where it is missing."""
        value = self.args.get(name)
        if isinstance(value, str):
            if not value:
                return None
            try:
                return json.loads(value)
            except ValueError:
                raise ApiError(error) from None
        return value

    def listed(self, name: str) -> list[str]:
        """Return a list of ids, itself or separated by commas."""
        value = self.args.get(name)
        if isinstance(value, list):
            return [str(one) for one in value]
        return [one.strip() for one in str(value or "").split(",") if one.strip()]


Handler = Callable[[State, Call], Json]


@dataclass(frozen=True, slots=True)
class Method:
    """A Web API method. One of ``scopes`` must be granted; ``app_token``: called with the app-level token."""

    handler: Handler
    scopes: tuple[str, ...]
    app_token: bool = False
    open: bool = False


METHODS: Final[dict[str, Method]] = {}


def method(name: str, *scopes: str, app_token: bool = False, public: bool = False) -> Callable[[Handler], Handler]:
    """Register a method under Slack's name for it."""

    def register(handler: Handler) -> Handler:
        METHODS[name] = Method(handler, scopes, app_token, public)
        return handler

    return register


def page_of(items: list[Json], call: Call, *, default: int = 100) -> tuple[list[Json], str]:
    """Return one page by ``cursor`` and ``limit``, and the cursor of the next ("" at the end)."""
    limit = call.number("limit", default=default) or default
    if not 0 < limit <= 1000:
        raise ApiError("invalid_limit")
    cursor = call.text("cursor") or "from:0"
    head, _, digits = cursor.partition(":")
    if head != "from" or not digits.isascii() or not digits.isdigit():
        raise ApiError("invalid_cursor")
    start = int(digits)
    following = start + limit
    return items[start:following], f"from:{following}" if following < len(items) else ""
