"""Serves a stand-in's ASGI app on a real port, inside this process.

Both stand-ins are reached over real sockets, by the tests and by the demo alike, because what the bot must
survive (a cut connection, a slow answer, sixty requests side by side) happens there and nowhere else.
"""

import asyncio
import contextlib
import socket
import threading
from email.utils import formatdate
from types import TracebackType
from typing import Any, Final, Self

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from wsproto.utilities import LocalProtocolError

#: Key in an ASGI scope's `extensions`: a coroutine function that closes the connection without an answer.
HANG_UP: Final = "sandbox.hang_up"

#: The same for a WebSocket: a function that reads nothing more of what the peer sends, and says nothing of it.
GO_DEAF: Final = "sandbox.go_deaf"

#: Seconds that an idle connection stays open: longer than the pauses within a test.
KEEP_ALIVE_SECONDS: Final = 60

#: Seconds within which a server must accept; a machine that is busy compiling needs less than one.
START_SECONDS: Final = 10.0


class _Server(uvicorn.Server):
    """Uvicorn's server, but it tells when it accepts and, asked to stop, drops the answers under way."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.accepting = threading.Event()
        self.stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        await super().startup(sockets)
        self.accepting.set()

    async def main_loop(self) -> None:
        assert self._stop is not None  # noqa: S101 - uvicorn calls startup first
        counter = 0
        while not await self.on_tick(counter):
            counter += 10  # in tenths of a second
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), timeout=1.0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.stopping = True
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for connection in list(self.server_state.connections):
            with contextlib.suppress(LocalProtocolError):  # its page said goodbye first
                connection.shutdown()  # idle ones close, web sockets say goodbye
        await asyncio.sleep(0)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in self.servers:
            await server.wait_closed()
        await self.lifespan.shutdown()

    def stop(self) -> None:
        """Ask the server to stop, from any thread."""
        self.should_exit = True
        if self._loop is not None and self._stop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stop.set)


class Served:
    """A running server: `with serve(app) as server: server.url`.

    It runs in a thread of its own and ends with the block. Answers still under way then are dropped.
    Each request's scope carries a `HANG_UP` extension.
    """

    def __init__(self, app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._app = app
        self._host = host
        self._wanted_port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self.host = host
        """The address it listens on."""
        self.port = port
        """The port it listens on: a free one where 0 was asked for."""

    @property
    def url(self) -> str:
        """Return scheme, host and port, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> Self:
        """Listen; return once connections are accepted.

        Raises:
            OSError: the port is taken.
            RuntimeError: the server did not come up within `START_SECONDS`.
        """
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        # With the protocol named, asyncio sets TCP_NODELAY on what is accepted; without, each answer waits 40 ms.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((self._host, self._wanted_port))
        except OSError:
            listener.close()
            raise
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            self._guarded,
            access_log=False,
            date_header=False,  # `_dated` sees to it: an app may have a clock of its own
            http="h11",
            interface="asgi3",
            log_config=None,
            loop="asyncio",
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            ws="wsproto",
        )
        server = _Server(config)
        thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])),
            name=f"sandbox-{self.port}",
            daemon=True,
        )
        self._server, self._thread = server, thread
        thread.start()
        if not server.accepting.wait(START_SECONDS):
            self.stop()
            listener.close()
            raise RuntimeError(f"No server came up on {self.url}.")
        return self

    def stop(self) -> None:
        """Stop listening, close every connection and wait for the thread. A second call does nothing."""
        server, self._server = self._server, None
        thread, self._thread = self._thread, None
        if server is not None and thread is not None:
            server.stop()
            thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, with the means to hang up; being cancelled by `stop` is no error."""
        if scope["type"] == "http":
            scope.setdefault("extensions", {})[HANG_UP] = _hanger_up(receive, send)
            send = _dated(send)
        elif scope["type"] == "websocket":
            scope.setdefault("extensions", {})[GO_DEAF] = lambda: _transport_of(send).pause_reading()
        server = self._server
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            if server is not None and not server.stopping:
                raise


def _hanger_up(receive: Receive, send: Send) -> Any:
    """Return a coroutine function that closes this request's connection and returns once it is closed."""

    async def hang_up() -> None:
        # Closed here, before any byte of an answer, the connection looks like a dropped one.
        _transport_of(send).abort()
        while (await receive())["type"] != "http.disconnect":
            pass

    return hang_up


def _dated(send: Send) -> Send:
    """Return a `send` that adds a Date to answers without one, as every server does (RFC 9110, Date)."""

    async def dated(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).setdefault("Date", formatdate(usegmt=True))
        await send(message)

    return dated


def _transport_of(send: Send) -> asyncio.Transport:
    """Return the connection itself: ASGI has no word for it, but uvicorn's `send` is a method of what owns it."""
    owner = getattr(send, "__self__")  # noqa: B009 - to mypy a plain callable has no owner
    transport: asyncio.Transport = owner.transport
    return transport


def serve(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Served:
    """Make a server for an app; it starts with the `with` block (or `start`). Port 0 picks a free one."""
    return Served(app, host=host, port=port)
