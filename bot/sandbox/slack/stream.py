"""The event stream of the control API: server-sent events, resumed by number, silent while nothing happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse

from bot.sandbox.slack.hub import Change, Hub
from bot.sandbox.slack.screen import Screen

KEEP_ALIVE_SECONDS = 15.0
"""A comment this often tells a dead connection from a quiet one."""

WHOLE = frozenset({"channel", "modals", "home", "app", "manifest", "people", "faults"})
"""Events that say all there is to say of a thing: of several at hand the last is enough."""


def stream(screen: Screen, hub: Hub, user: str, request: Request) -> StreamingResponse:
    """Everything that changes for this person, since the page left off (``Last-Event-ID``, ``since``) or from now."""
    asked = request.headers.get("last-event-id") or request.query_params.get("since")
    since = int(asked) if asked else hub.seq
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_lines(screen, hub, user, since), media_type="text/event-stream", headers=headers)


async def _lines(screen: Screen, hub: Hub, user: str, since: int) -> AsyncIterator[str]:
    watcher = hub.watch()
    _, woken = watcher
    try:
        yield ": hello\n\n"
        while True:
            woken.clear()
            changes = hub.since(since)
            if changes is None:
                since = hub.seq
                yield _event(since, "reset", {})
                continue
            for change in _needed([change for change in changes if change.user in (None, user)]):
                told = screen.told(user, change)
                if told is not None:
                    yield _event(change.seq, *told)
            since = changes[-1].seq if changes else since
            try:
                await asyncio.wait_for(woken.wait(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        hub.unwatch(watcher)


def _needed(changes: list[Change]) -> list[Change]:
    """The changes without those that a later one says over again."""
    last = {(change.type, change.channel): change.seq for change in changes}
    return [c for c in changes if c.type not in WHOLE or last[c.type, c.channel] == c.seq]


def _event(seq: int, name: str, data: Any) -> str:
    return f"id: {seq}\nevent: {name}\ndata: {json.dumps(data)}\n\n"
