"""One web socket for a window, with the event streams of both stand-ins.

A browser opens at most six connections to one address for all its windows together. An event stream holds one each;
a socket is not counted, so that as many windows can watch as one likes.
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message, Scope
from starlette.websockets import WebSocket, WebSocketDisconnect

#: Each stand-in has its event stream here.
EVENTS_PATH: Final = "/_sandbox/events"


class EventSocket:
    """Passes the streams of several stand-ins on, each event marked with its source."""

    def __init__(self, sources: Mapping[str, ASGIApp]) -> None:
        self._sources = sources

    async def endpoint(self, socket: WebSocket) -> None:
        """Follow for the person ``?as=``; each source goes on after the event that the query names for it.

        The socket is accepted once every source is listened to: what a window reads after that is not older than what
        it is told.
        """
        asked = socket.query_params
        accepted = asyncio.Event()
        relays = []
        for name, app in self._sources.items():
            query = {"as": asked.get("as", ""), **({"since": asked[name]} if name in asked else {})}
            relays.append(_Relay(app, name, query, socket, accepted))
        streams = [asyncio.create_task(relay.run()) for relay in relays]
        waiting: asyncio.Task[None] | None = None
        try:
            await asyncio.gather(*(relay.listening.wait() for relay in relays))
            await socket.accept()
            accepted.set()
            waiting = asyncio.create_task(_until_closed(socket))
            await asyncio.wait([waiting, *streams], return_when=asyncio.FIRST_COMPLETED)
        finally:
            tasks = [*streams, *([waiting] if waiting is not None else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the window is gone already
            await socket.close()


async def _until_closed(socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.receive_text()


class _Relay:
    """Asks a stand-in for its event stream, as a browser would, and sends each event on as JSON."""

    def __init__(
        self, app: ASGIApp, source: str, query: Mapping[str, str], socket: WebSocket, accepted: asyncio.Event
    ) -> None:
        self._app = app
        self._source = source
        self._query = query
        self._socket = socket
        self._accepted = accepted
        self._parser = Parser()
        self.listening = asyncio.Event()
        """Set once the stream has begun, or will not."""

    async def run(self) -> None:
        """Pass events on until the stream or the socket ends."""
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": EVENTS_PATH,
            "raw_path": EVENTS_PATH.encode(),
            "root_path": "",
            "query_string": urlencode(self._query).encode(),
            "headers": [(b"host", b"127.0.0.1")],
            "client": None,
            "server": None,
        }
        try:
            with contextlib.suppress(WebSocketDisconnect):
                await self._app(scope, _nothing, self._send)
        finally:
            self.listening.set()

    async def _send(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            return
        self.listening.set()
        await self._accepted.wait()
        for event in self._parser.feed(message.get("body", b"")):
            await self._socket.send_text(json.dumps({"source": self._source, **event}))


async def _nothing() -> Message:
    """Wait for ever: a request without a body ends with its task."""
    await asyncio.Event().wait()
    raise AssertionError


class Parser:
    """Reads server-sent events out of the pieces in which they come."""

    def __init__(self) -> None:
        self._rest = ""

    def feed(self, piece: bytes) -> list[dict[str, Any]]:
        """Return the events that this piece completes: ``id`` (or None), ``type``, ``data``."""
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
