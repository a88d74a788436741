"""The two ways in, to the same listeners: HTTP and Socket Mode.

HTTP serves `/slack/events` in http mode; in both modes, for the operator, `/healthz`, `/readyz` and `/metrics`.
"""

import re
from collections.abc import Callable
from typing import Final

import uvicorn
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.metrics import CONTENT_TYPE
from handlers.bolt.network import NO_ANSWER, cannot_start

#: The form of `x-slack-request-timestamp`: seconds since 1970 (Slack docs, Verifying requests).
_TIMESTAMP: Final = re.compile(r"[0-9]{1,15}")

#: Seconds that answers under way have to end when the server stops: an ack takes milliseconds.
_GRACE: Final = 1


def build_web_app(
    *,
    is_ready: Callable[[], bool],
    unready: Callable[[], str | None],
    metrics: Callable[[], bytes],
    bolt: App | None,
) -> Starlette:
    """Return the web application.

    Args:
        is_ready: tells whether the bot can serve.
        unready: says why the bot could not answer a click at this moment; None if it could.
        metrics: renders the figures for Prometheus.
        bolt: answers Slack in http mode; None in Socket Mode.
    """

    async def healthz(_request: Request) -> Response:
        ready = await run_in_threadpool(is_ready)
        return PlainTextResponse("ok" if ready else "not ready", status_code=200 if ready else 503)

    async def readyz(_request: Request) -> Response:
        reason = await run_in_threadpool(unready)
        return PlainTextResponse(reason or "ok", status_code=503 if reason else 200)

    async def figures(_request: Request) -> Response:
        return Response(await run_in_threadpool(metrics), media_type=CONTENT_TYPE)

    async def slack_events(request: Request) -> Response:
        assert bolt is not None  # noqa: S101 (the route exists only with it)
        body = await request.body()
        if not _can_be_verified(request, body):
            return PlainTextResponse("invalid request", status_code=401)
        incoming = to_bolt_request(request, body)
        # Bolt's dispatch commits before it answers: in a thread, so that the loop goes on.
        return to_starlette_response(await run_in_threadpool(bolt.dispatch, incoming))

    routes = [Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", figures)]
    if bolt is not None:
        routes.append(Route("/slack/events", slack_events, methods=["POST"]))
    return Starlette(routes=routes)


def build_server(app: Starlette, *, host: str, port: int) -> uvicorn.Server:
    """Return the server of the web application.

    Args:
        app: the web application.
        host: where the server listens.
        port: of the server; 0 is any free one.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,  # its loggers are configured like all others
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=_GRACE,
        )
    )


def _can_be_verified(request: Request, body: bytes) -> bool:
    """Tell whether the request has the form that Slack signs. Bolt's own check raises at any other, and answers 500."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    return bool(_TIMESTAMP.fullmatch(timestamp)) and request.headers.get("x-slack-signature", "").isascii()


class SocketDoor:
    """Socket Mode: the bot calls Slack, and needs no public address."""

    def __init__(self, bolt: App, app_token: str) -> None:
        self._handler = SocketModeHandler(bolt, app_token)

    def open(self) -> None:
        """Connect; from then on the handler reconnects by itself.

        Raises:
            ConfigurationError: Slack does not accept the app token, or cannot be reached.
        """
        try:
            self._handler.connect()  # type: ignore[no-untyped-call]  # Bolt has no type here
        except NO_ANSWER as error:
            remedy = "make an app-level token with connections:write"
            raise cannot_start(error, "SLACK_APP_TOKEN", remedy) from error

    def is_open(self) -> bool:
        """Tell whether Slack can reach the bot now."""
        return bool(self._handler.client.is_connected())

    def close(self) -> None:
        """Disconnect."""
        try:
            self._handler.close()  # type: ignore[no-untyped-call]  # the same
        except AttributeError:
            # The receiver disconnected at the same moment: slack_sdk looks before it locks. Close what is left.
            self._handler.close()  # type: ignore[no-untyped-call]  # the same
