"""The doors: HTTP (`/slack/events` in http mode, `/healthz` in both) and Socket Mode, to the same listeners."""

from collections.abc import Callable

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route


def build_web_app(*, is_ready: Callable[[], bool], bolt: App | None) -> Starlette:
    """The web application.

    Args:
        is_ready: whether the bot can serve.
        bolt: answers Slack in http mode; None in Socket Mode.
    """

    async def healthz(_request: Request) -> Response:
        ready = await run_in_threadpool(is_ready)
        return PlainTextResponse("ok" if ready else "not ready", status_code=200 if ready else 503)

    async def slack_events(request: Request) -> Response:
        assert bolt is not None  # noqa: S101 (the route exists only with it)
        incoming = to_bolt_request(request, await request.body())
        # Bolt's dispatch commits before it answers: in a thread, so that the loop goes on.
        return to_starlette_response(await run_in_threadpool(bolt.dispatch, incoming))

    routes = [Route("/healthz", healthz)]
    if bolt is not None:
        routes.append(Route("/slack/events", slack_events, methods=["POST"]))
    return Starlette(routes=routes)


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
        self._handler.close()  # type: ignore[no-untyped-call]  # the same
