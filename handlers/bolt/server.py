"""The bot's own server: `/slack/events` in http mode; in both modes, for the operator, health and metrics."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final

import h11
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.errors import ConfigurationError
from bot.metrics import CONTENT_TYPE
from handlers.bolt.posts import Posts

#: Seconds that answers under way have to end when the server stops: an ack takes milliseconds.
_GRACE: Final = 1

#: Seconds that an idle connection is kept: longer than the 60 s of common proxies, which else meet a closed one.
_KEEP_ALIVE: Final = 75

#: Seconds from the first byte of a request to its last. Slack gives up after three.
_WHOLE_WITHIN: Final = 10


def build_web_app(
    *,
    is_alive: Callable[[], bool],
    unready: Callable[[], str | None],
    metrics: Callable[[], bytes],
    posts: Posts | None,
) -> Starlette:
    """Return the web application.

    Args:
        is_alive: tells whether the bot works, with or without Slack.
        unready: says why the bot could not answer a click at this moment; None if it could.
        metrics: renders the figures for Prometheus.
        posts: answers Slack in http mode; None in Socket Mode.
    """

    async def healthz(_request: Request) -> Response:
        alive = await run_in_threadpool(is_alive)
        return PlainTextResponse("ok" if alive else "starting or stopping", status_code=200 if alive else 503)

    async def readyz(_request: Request) -> Response:
        reason = await run_in_threadpool(unready)
        return PlainTextResponse(reason or "ok", status_code=503 if reason else 200)

    async def figures(_request: Request) -> Response:
        return Response(await run_in_threadpool(metrics), media_type=CONTENT_TYPE)

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", figures)]
    if posts is not None:
        # A redirect from one to the other would lose what was posted.
        routes += [Route(path, posts.answer, methods=["POST"]) for path in ("/slack/events", "/slack/events/")]
    return Starlette(routes=routes)


def bind(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Args:
        host: where to listen.
        port: of the server; 0 is any free one.

    Raises:
        ConfigurationError: the address is taken, or not this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        # With the protocol named, asyncio sets TCP_NODELAY on what is accepted; without, each answer waits 40 ms.
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise _cannot_listen(host, port, error) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # or a restart would wait for old connections
        listener.bind(address)
        listener.listen()  # a second bot could bind, but not listen
    except OSError as error:
        listener.close()
        raise _cannot_listen(host, port, error) from error
    return listener


def _cannot_listen(host: str, port: int, error: OSError) -> ConfigurationError:
    reason = error.strerror or type(error).__name__
    remedy = "Stop what listens there, or set another port."
    return ConfigurationError([f"slack.host, slack.port: I can't listen on {host}:{port} ({reason}). {remedy}"])


def build_server(app: Starlette, on_open: Callable[[], None]) -> uvicorn.Server:
    """Return the server of the web application; it calls `on_open` once its port is open."""
    config = uvicorn.Config(
        app,
        http=_PromptProtocol,
        log_config=None,  # its loggers are configured like all others
        log_level="warning",
        access_log=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
    )
    return _ServerThatTells(config, on_open)


class _ServerThatTells(uvicorn.Server):
    """uvicorn's server, which also tells when its port is open."""

    def __init__(self, config: uvicorn.Config, on_open: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_open = on_open

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port, and tell so."""
        await super().startup(sockets)
        if self.started:
            self._on_open()


class _PromptProtocol(H11Protocol):
    """uvicorn's protocol, which also hangs up on who sends half a request, or connects and sends nothing."""

    _half_sent: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Wait for the first request as long as for the next."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def data_received(self, data: bytes) -> None:
        """Take what came, and have the rest come in time."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Go on to the next request, of which a part may have come."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timers."""
        super().connection_lost(exc)
        self._unset_keepalive_if_required()
        self._unset_half_sent()

    def _watch(self) -> None:
        """Give a request that has begun its seconds; begun by its first byte, not anew by each."""
        if not self._is_half_sent():
            self._unset_half_sent()
        elif self._half_sent is None:
            self._half_sent = self.loop.call_later(_WHOLE_WITHIN, self.transport.abort)

    def _is_half_sent(self) -> bool:
        theirs: Any = self.conn.their_state
        return theirs is h11.SEND_BODY or (theirs is h11.IDLE and bool(self.conn.trailing_data[0]))

    def _unset_half_sent(self) -> None:
        if self._half_sent is not None:
            self._half_sent.cancel()
            self._half_sent = None
