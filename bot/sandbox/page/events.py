"""One web socket for a window: what happens in both stand-ins, as their event streams tell it.

A browser opens at most six connections to one address for all its windows together. An event stream holds one each;
a socket is not counted, so that as many windows can watch as one likes.
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message, Scope
from starlette.websockets import WebSocket, WebSocketDisconnect

PATH = "/_sandbox/events"
"""Where each stand-in has its event stream."""


class Events:
    """Passes the streams of several stand-ins on, each event marked with its source."""

    def __init__(self, sources: Mapping[str, ASGIApp]) -> None:
        self._sources = sources

    async def endpoint(self, socket: WebSocket) -> None:
        """Follow for the person ``?as=``; each source goes on after the event that the query names for it."""
        await socket.accept()
        asked = socket.query_params
        streams = []
        for name, app in self._sources.items():
            query = {"as": asked.get("as", ""), **({"since": asked[name]} if name in asked else {})}
            streams.append(asyncio.create_task(_relay(app, name, query, socket)))
        waiting = asyncio.create_task(_until_closed(socket))
        try:
            await asyncio.wait([waiting, *streams], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (waiting, *streams):
                task.cancel()
            await asyncio.gather(waiting, *streams, return_exceptions=True)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the window is gone already
            await socket.close()


async def _until_closed(socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


async def _relay(app: ASGIApp, source: str, query: Mapping[str, str], socket: WebSocket) -> None:
    """Ask a stand-in for its event stream, as a browser would, and send each event on as JSON."""
    parser = Parser()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            for event in parser.feed(message.get("body", b"")):
                await socket.send_text(json.dumps({"source": source, **event}))

    async def receive() -> Message:
        await asyncio.Event().wait()  # the request has no body, and its end is this task's end
        raise AssertionError

    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": PATH,
        "raw_path": PATH.encode(),
        "root_path": "",
        "query_string": urlencode(query).encode(),
        "headers": [(b"host", b"127.0.0.1")],
        "client": None,
        "server": None,
    }
    with contextlib.suppress(WebSocketDisconnect):
        await app(scope, receive, send)


class Parser:
    """Reads server-sent events out of the pieces in which they come."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: bytes) -> list[dict[str, Any]]:
        """The events that this piece completes: ``id`` (or None), ``type``, ``data``."""
        *whole, self._rest = (self._rest + piece.decode()).split("\n\n")
        return [event for text in whole if (event := _event(text)) is not None]


def _event(text: str) -> dict[str, Any] | None:
    fields = dict(line.split(": ", 1) for line in text.split("\n") if line and not line.startswith(":"))
    if "data" not in fields:
        return None
    number = fields.get("id")
    return {
        "id": int(number) if number is not None else None,
        "type": fields.get("event", "message"),
        "data": json.loads(fields["data"]),
    }
