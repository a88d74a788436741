"""An app manifest's rules for shortcuts, as Slack enforces them when an app is made from it.

Source: Slack docs, "App manifest reference", features.shortcuts; "Implementing shortcuts".
"""

from typing import Final

from bot.sandbox.slack.model import Json
from bot.sandbox.slack.problems import Problems, Where

#: Slack docs, "App manifest reference": shortcuts of an app, and the characters of each part.
_SHORTCUTS: Final = 10
_LENGTHS: Final = {"name": 24, "callback_id": 255, "description": 150}

_PARTS: Final = frozenset({"type", *_LENGTHS})


def problems_of_shortcuts(manifest: Json) -> list[str]:
    """Return what Slack would refuse in ``features.shortcuts``."""
    problems = Problems()
    at = Where("/features/shortcuts")
    shortcuts = manifest.get("features", {}).get("shortcuts", [])
    seen: set[str] = set()
    for index, one in problems.items(shortcuts, at, most=_SHORTCUTS, least=0):
        where = at / index
        if one.get("type") not in {"global", "message"}:
            problems.add(where / "type", "must be global or message")
        for part, most in _LENGTHS.items():
            problems.limit(one.get(part), where / part, most, required=True)
        problems.properties(one, where, _PARTS)
        if one.get("callback_id") in seen:
            problems.add(where / "callback_id", "is used more than once")
        seen.add(str(one.get("callback_id")))
    interactivity = manifest.get("settings", {}).get("interactivity", {})
    if shortcuts and not interactivity.get("is_enabled"):
        problems.add(Where("/settings/interactivity"), "shortcuts need interactivity")
    return problems.found
