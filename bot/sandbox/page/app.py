"""The page's application: its files, the stand-ins' control APIs under one origin, and one socket of events."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.lamps import Lamps
from bot.sandbox.page.event_socket import EventSocket
from bot.sandbox.page.guard import Guard
from bot.sandbox.slack.sandbox import SlackSandbox
from bot.sandbox.tango.sandbox import TangoSandbox

STATIC: Final = Path(__file__).parent / "static"


def create_page_app(slack: SlackSandbox, tango: TangoSandbox, lamps: Lamps | None = None) -> Starlette:
    """Make the page in front of these two, for :func:`bot.sandbox.serve.serve` to run on loopback.

    It needs no server of the stand-ins: it calls their applications in process. The bot does need them, on ports of
    their own. With `lamps` the page also shows the bots.
    """
    sources: dict[str, ASGIApp] = {"slack": slack.app, "tango": tango.app}
    mounts = [
        Mount("/slack", app=Below("/slack", slack.app, ["/_sandbox/"])),
        Mount("/tango", app=Below("/tango", tango.app, ["/_sandbox/", "/r/"])),
    ]
    if lamps is not None:
        sources["bots"] = lamps.app
        mounts.append(Mount("/bots", app=Below("/bots", lamps.app, ["/_sandbox/"])))

    async def index(_request: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    async def freeze(request: Request) -> Response:
        body = await request.json()
        tango.freeze(frozen=bool(body["frozen"]))
        return JSONResponse({"ok": True})

    return Starlette(
        routes=[
            Route("/", index),
            Mount("/assets", app=_Assets(directory=STATIC)),
            Route("/freeze", freeze, methods=["POST"]),
            WebSocketRoute("/events", EventSocket(sources).endpoint),
            *mounts,
        ],
        middleware=[Middleware(Guard)],
    )


class Below:
    """Another application under a prefix, and of it only what begins with one of these paths."""

    def __init__(self, prefix: str, app: ASGIApp, paths: Iterable[str]) -> None:
        self._prefix = prefix
        self._app = app
        self._paths = tuple(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on as if it had been made there."""
        path = scope["path"].removeprefix(self._prefix)
        if scope["type"] != "http" or not path.startswith(self._paths):
            await PlainTextResponse("There is nothing here.", 404)(scope, receive, send)
            return
        # No address: the stand-in must not take the page's for its own.
        inner = {**scope, "path": path, "raw_path": path.encode(), "root_path": "", "server": None}
        await self._app(inner, receive, send)


class _Assets(StaticFiles):
    """The page's files, asked for each time: the files of yesterday's demo must not show today."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Answer with the file, not to be used again without asking."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
