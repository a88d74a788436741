"""Socket Mode, Slack's side of it: tickets, the handshake's hello, envelopes and their acks, disconnects.

Source: Slack docs, "Using Socket Mode".
"""

import asyncio
import contextlib
import itertools
import json
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.serve import GO_DEAF
from bot.sandbox.slack import ids, people
from bot.sandbox.slack.model import Json

#: Slack docs, "Using Socket Mode": up to 10 connections at once.
MOST_CONNECTIONS: Final = 10

#: Hello announces this as ``approximate_connection_time``: Slack asks a client to come back about every hour.
CONNECTION_SECONDS: Final = 3600


class _Connection:
    """One open socket, and the event loop that it lives in."""

    def __init__(self, socket: WebSocket) -> None:
        self.socket = socket
        self.loop = asyncio.get_running_loop()
        self.draining = False

    def send(self, message: Json) -> None:
        """Send from any thread, without waiting."""
        asyncio.run_coroutine_threadsafe(self._send(json.dumps(message)), self.loop)

    async def _send(self, text: str) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the peer went first: the ack will be missed
            await self.socket.send_text(text)

    def close(self) -> None:
        """Close from any thread, without waiting."""
        asyncio.run_coroutine_threadsafe(self._close(), self.loop)

    async def _close(self) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await self.socket.close(1000)

    def drop(self) -> None:
        """Die from any thread as if a cable was cut: no CLOSE frame, no end of the stream, no answer to a ping."""
        self.loop.call_soon_threadsafe(self.socket.scope["extensions"][GO_DEAF])


class Sockets:
    """The app's open connections. ``on_change`` hears when one comes or goes."""

    def __init__(self, on_change: Callable[[], None]) -> None:
        self._lock = threading.Lock()
        self._connections: list[_Connection] = []
        self._tickets: set[str] = set()
        self._waiting: dict[str, Future[Any]] = {}
        self._turn = itertools.count()
        self._on_change = on_change
        self.used = False

    @property
    def connected(self) -> bool:
        """Tell whether at least one connection is open."""
        return bool(self._connections)

    @property
    def full(self) -> bool:
        """Tell whether no further connection is allowed."""
        return len(self._connections) >= MOST_CONNECTIONS

    def ticket(self) -> str:
        """Make a one-time path for ``apps.connections.open`` to hand out."""
        ticket = ids.token(32)
        with self._lock:
            self._tickets.add(ticket)
        return ticket

    async def endpoint(self, socket: WebSocket) -> None:
        """Serve the WebSocket route ``/socket/{ticket}``."""
        ticket = socket.path_params["ticket"]
        with self._lock:
            known = ticket in self._tickets
            self._tickets.discard(ticket)
        if not known:
            await socket.close(1008)
            return
        await socket.accept()
        connection = _Connection(socket)
        await socket.send_text(
            json.dumps(
                {
                    "type": "hello",
                    "num_connections": len(self._connections) + 1,
                    "debug_info": {
                        "host": "applink-sandbox",
                        "build_number": 1,
                        "approximate_connection_time": CONNECTION_SECONDS,
                    },
                    "connection_info": {"app_id": people.APP_ID},
                }
            )
        )
        with self._lock:
            self._connections.append(connection)
            self.used = True
        self._on_change()
        try:
            while True:
                self._answered(await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self._forget(connection)

    def _forget(self, connection: _Connection) -> None:
        with self._lock:
            if connection not in self._connections:
                return
            self._connections.remove(connection)
        self._on_change()

    def _answered(self, text: str) -> None:
        with contextlib.suppress(ValueError):
            message = json.loads(text)
            if isinstance(message, dict):
                with self._lock:
                    waiting = self._waiting.pop(str(message.get("envelope_id")), None)
                if waiting is not None:
                    waiting.set_result(message.get("payload"))

    def deliver(self, kind: str, payload: Json, *, timeout: float, retry: tuple[int, str] | None = None) -> Any:
        """Send an envelope and wait for its ack; return the ack's payload, None where it has none.

        Raises TimeoutError where no ack comes, ConnectionError where no connection is open.
        """
        envelope: Json = {
            "envelope_id": str(uuid.uuid4()),
            "type": kind,
            "accepts_response_payload": kind != "events_api",
            "payload": payload,
        }
        if kind == "events_api":
            number, reason = retry or (0, "")
            envelope |= {"retry_attempt": number, "retry_reason": reason}
        waiting: Future[Any] = Future()
        with self._lock:
            if not self._connections:
                raise ConnectionError("no socket is open")
            # A connection that was asked to go may have nobody listening any more, though it is still open.
            usable = [one for one in self._connections if not one.draining] or self._connections
            connection = usable[next(self._turn) % len(usable)]
            self._waiting[envelope["envelope_id"]] = waiting
        connection.send(envelope)
        try:
            return waiting.result(timeout) or None
        finally:
            with self._lock:
                self._waiting.pop(envelope["envelope_id"], None)

    def refresh(self, reason: str = "refresh_requested") -> None:
        """Ask every client to come back on a new connection (``warning`` or ``refresh_requested``)."""
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.draining = True
            connection.send({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-sandbox"}})

    def disconnect(self) -> None:
        """Close every connection now."""
        for connection in self._taken():
            connection.close()
        self._on_change()

    def drop(self) -> None:
        """Let every connection die now without a word to the client."""
        for connection in self._taken():
            connection.drop()
        self._on_change()

    def _taken(self) -> list[_Connection]:
        """Return every connection, and forget it."""
        with self._lock:
            connections = list(self._connections)
            self._connections.clear()
        return connections
