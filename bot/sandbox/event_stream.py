"""A stand-in's events as server-sent events: resumed by number, silent while nothing happens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import StreamingResponse

from bot.sandbox.event_log import Event, EventLog
from bot.sandbox.json_lines import to_json

#: A comment this often tells a dead connection from a quiet one, well within a minute's idle time-out.
KEEP_ALIVE_SECONDS: Final = 15.0

_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}

#: Gives an event's data as its reader may see them; None where the event is none of the reader's business.
Render = Callable[[Event], Any]


def event_stream(
    log: EventLog,
    request: Request,
    render: Render,
    *,
    user: str | None = None,
    repeating: frozenset[str] = frozenset(),
) -> StreamingResponse:
    """Stream the events since the reader left off (`Last-Event-ID`, `since`), or from now.

    Args:
        log: the log to follow.
        request: the reader's request.
        render: gives the data of an event.
        user: who reads; events that concern somebody else alone are left out.
        repeating: types of events that say all there is to say of a thing: of several at hand the last is enough.
    """
    asked = request.headers.get("last-event-id") or request.query_params.get("since")
    since = int(asked) if asked else log.seq
    lines = _lines(log, since, render, user, repeating)
    return StreamingResponse(lines, media_type="text/event-stream", headers=_HEADERS)


async def _lines(
    log: EventLog, since: int, render: Render, user: str | None, repeating: frozenset[str]
) -> AsyncIterator[str]:
    loop, woken = asyncio.get_running_loop(), asyncio.Event()

    def wake(_event: Event) -> None:
        with suppress(RuntimeError):  # the reader's server has stopped meanwhile
            loop.call_soon_threadsafe(woken.set)

    unsubscribe = log.subscribe(wake)
    try:
        yield ": hello\n\n"
        while True:
            woken.clear()
            events = log.since(since)
            if events is None:
                since = log.seq
                yield _line(since, "reset", {})
                continue
            for event in _latest([event for event in events if event.user in (None, user)], repeating):
                data = render(event)
                if data is not None:
                    yield _line(event.seq, event.type, data)
            since = events[-1].seq if events else since
            try:
                await asyncio.wait_for(woken.wait(), KEEP_ALIVE_SECONDS)
            except TimeoutError:
                yield ": still here\n\n"
    finally:
        unsubscribe()


def _latest(events: list[Event], repeating: frozenset[str]) -> list[Event]:
    """Leave out the events that a later one says over again."""
    last = {(event.type, *event.data.values()): event.seq for event in events if event.type in repeating}
    return [e for e in events if e.type not in repeating or last[e.type, *e.data.values()] == e.seq]


def _line(seq: int, kind: str, data: Any) -> str:
    return f"id: {seq}\nevent: {kind}\ndata: {to_json(data)}\n\n"
