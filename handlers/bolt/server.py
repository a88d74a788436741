"""The doors: HTTP and Socket Mode, to the same listeners.

Over HTTP: `/slack/events` in http mode; in both, for whoever runs the bot, `/healthz`, `/readyz` and `/metrics`.
"""

import re
from collections.abc import Callable
from typing import Final

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.metrics import CONTENT_TYPE

#: Seconds since 1970, as Slack writes them (Slack docs, Verifying requests).
_TIMESTAMP: Final = re.compile(r"[0-9]{1,15}")


def build_web_app(
    *,
    is_ready: Callable[[], bool],
    unready: Callable[[], str | None],
    metrics: Callable[[], bytes],
    bolt: App | None,
) -> Starlette:
    """The web application.

    Args:
        is_ready: whether the bot can serve.
        unready: why it could not answer a click at this moment; None if it could.
        metrics: its figures, for Prometheus.
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


def _can_be_verified(request: Request, body: bytes) -> bool:
    """Whether it has the form of what Slack signs. Bolt's own check raises at what has not, and answers 500."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    return bool(_TIMESTAMP.fullmatch(timestamp)) and request.headers.get("x-slack-signature", "").isascii()


class SocketDoor:
    """Socket Mode: the bot calls Slack, and no address of ours is public."""

    def __init__(self, bolt: App, app_token: str) -> None:
        self._handler = SocketModeHandler(bolt, app_token)

    def open(self) -> None:
        """Connect; reconnects by itself from then on."""
        self._handler.connect()  # type: ignore[no-untyped-call]  # Bolt has no type here

    def is_open(self) -> bool:
        """Whether Slack can reach us now."""
        return bool(self._handler.client.is_connected())

    def close(self) -> None:
        """Hang up."""
        try:
            self._handler.close()  # type: ignore[no-untyped-call]  # the same
        except AttributeError:
            # Its receiver hung up in the same moment: slack_sdk looks before it locks. The rest is still to be done.
            self._handler.close()  # type: ignore[no-untyped-call]  # the same
