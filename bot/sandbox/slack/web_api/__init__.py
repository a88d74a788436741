"""Slack's Web API at ``/api/…``: who may call, what is granted, what is too fast, and the methods themselves."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.sandbox.serve import HANG_UP
from bot.sandbox.slack.errors import ApiError
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.socket_mode import Sockets
from bot.sandbox.slack.state import State
from bot.sandbox.slack.web_api import blocks, chat, conversations, files, functions, people_methods, views
from bot.sandbox.slack.web_api.call import METHODS, Call, Method

__all__ = ["WebApi", "blocks", "chat", "conversations", "files", "functions", "people_methods", "views"]


class WebApi:
    """The routes of the Web API, of response URLs and of files."""

    def __init__(self, state: State, sockets: Sockets) -> None:
        self._state = state
        self._sockets = sockets

    def routes(self) -> list[Route]:
        """Return what to mount on the application."""
        hooks = [
            Route(f"/{kind}/{{team}}/{{at}}/{{token}}", self._respond, methods=["POST"])
            for kind in ("commands", "actions", "app")
        ]
        return [
            Route("/api/{method:path}", self._call, methods=["GET", "POST"]),
            *hooks,
            Route("/upload/v1/{token}", self._upload, methods=["POST"]),
            Route("/files-pri/{path:path}", self._download),
        ]

    async def _call(self, request: Request) -> Response:
        name = request.path_params["method"]
        faulty = await self._fault(name)
        if faulty is not None:
            return faulty
        try:
            call = Call.read(
                name,
                query=request.url.query,
                content_type=request.headers.get("content-type", ""),
                body=await request.body(),
                authorization=request.headers.get("authorization"),
            )
            answer = {"ok": True, **self._answer(call)}
        except chat.RateLimited as error:
            return _too_fast(error.retry_after)
        except ApiError as error:
            answer = error.body()
        headers = {"x-oauth-scopes": ",".join(sorted(self._state.scopes)), "x-slack-req-id": "sandbox"}
        method = METHODS.get(name)
        if method is not None and method.scopes:
            headers["x-accepted-oauth-scopes"] = ",".join(method.scopes)
        return JSONResponse(answer, headers=headers)

    def _answer(self, call: Call) -> Json:
        if call.method == "apps.connections.open":
            return self._open_connection(call)
        found = METHODS.get(call.method)
        if found is None:
            raise ApiError("unknown_method", req_method=call.method)
        self._authorize(call, found)
        return found.handler(self._state, call)

    def _authorize(self, call: Call, found: Method) -> None:
        if found.open:
            return
        if call.token is None:
            raise ApiError("not_authed")
        if call.token == self._state.app_token:
            raise ApiError("not_allowed_token_type")
        execution = self._state.execution_of(call.token)
        if execution is not None:
            execution.check_token(self._state.workspace.now())
        elif call.token != self._state.bot_token:
            raise ApiError("invalid_auth")
        if found.scopes:
            self._state.needs(*found.scopes)

    def _open_connection(self, call: Call) -> Json:
        if call.token is None:
            raise ApiError("not_authed")
        if call.token == self._state.bot_token:
            raise ApiError("not_allowed_token_type")
        if call.token != self._state.app_token:
            raise ApiError("invalid_auth")
        if self._sockets.full or self._state.faults.take("too_many_websockets"):
            raise ApiError("too_many_websockets")
        address = self._state.url.replace("http", "ws", 1)
        return {"url": f"{address}/socket/{self._sockets.ticket()}?app_id=A00KUDOS0"}

    async def _fault(self, name: str) -> Response | None:
        faults = self._state.faults
        slow = faults.take("slow", name)
        if slow is not None:
            await asyncio.sleep(slow.seconds)
        if faults.take("cut", name) is not None:
            return _HangUp()
        if faults.take("outage", name) is not None:
            return PlainTextResponse("upstream unavailable", status_code=503)
        limited = faults.take("rate_limited", name)
        if limited is not None:
            return _too_fast(limited.retry_after)
        if faults.take("internal_error", name) is not None:
            return JSONResponse({"ok": False, "error": "internal_error"})
        return None

    async def _respond(self, request: Request) -> Response:
        faulty = await self._fault("response_url")
        if faulty is not None:
            return faulty
        try:
            body = await request.json()
            chat.respond(self._state, request.path_params["token"], body)
        except ValueError:
            return PlainTextResponse("invalid_payload", status_code=400)
        except ApiError as error:
            if error.code in {"invalid_url", "expired_url", "used_url"}:
                return JSONResponse({"ok": False, "error": error.code}, status_code=404)
            return JSONResponse(error.body(), status_code=400)
        return PlainTextResponse("ok")

    async def _upload(self, request: Request) -> Response:
        faulty = await self._fault("upload")
        if faulty is not None:
            return faulty
        try:
            stored = files.receive(self._state, request.path_params["token"], await request.body())
        except ApiError as error:
            return PlainTextResponse(error.code, status_code=404)
        return PlainTextResponse(f"OK - {len(stored.content)}")

    async def _download(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self._state.bot_token}":
            # Slack sends those it does not know to its sign-in page.
            return Response(status_code=302, headers={"location": self._state.url + "/signin"})
        identifier = request.path_params["path"].partition("-")[2].partition("/")[0]
        stored = self._state.workspace.files.get(identifier)
        if stored is None:
            return PlainTextResponse("not found", status_code=404)
        return Response(stored.content, media_type=stored.mimetype)


class _HangUp(Response):
    """Closes the connection without an answer, where the server knows how to; else an empty 502."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hang_up = scope.get("extensions", {}).get(HANG_UP)
        if hang_up is not None:
            await hang_up()
        else:
            await PlainTextResponse("", status_code=502)(scope, receive, send)


def _too_fast(retry_after: int) -> Response:
    return JSONResponse(
        {"ok": False, "error": "ratelimited"}, status_code=429, headers={"Retry-After": str(retry_after)}
    )
