"""The event stream of the control API: server-sent events, resumed by number, silent while nothing happens."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.requests import Request
from starlette.responses import StreamingResponse

from bot.sandbox.slack.hub import Hub
from bot.sandbox.slack.screen import Screen

KEEP_ALIVE_SECONDS = 15.0
"""A comment this often tells a dead connection from a quiet one."""


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
            for change in changes:
                since = change.seq
                told = screen.told(user, change)
                if told is not None:
                    yield _event(since, *told)
            try:
                await asyncio.wait_for(woken.wait(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        hub.unwatch(watcher)


def _event(seq: int, name: str, data: Any) -> str:
    return f"id: {seq}\nevent: {name}\ndata: {json.dumps(data)}\n\n"
