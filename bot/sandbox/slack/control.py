"""The control API at ``/_sandbox/…``: what a browser page needs to show the workspace and to act as its people.

JSON in, JSON out. Loopback only: requests under another host's name, or from another origin, are refused, and so is a
body that a page elsewhere could send without being asked (anything but ``application/json``).
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.event_stream import event_stream
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.errors import NotPossible, SlackTrouble
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.faults import NAMES
from bot.sandbox.slack.interactions import NOTHING_CHOSEN, Interactions
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.screen import REPEATING, Screen
from bot.sandbox.slack.snapshots import Shown, ShownMessage, ShownView, message_data, view_data
from bot.sandbox.slack.state import State
from bot.sandbox.slack.versions import place_of
from bot.sandbox.slack.workflow_builder import WorkflowBuilder

#: The names under which a browser on this machine may ask for anything here.
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})

#: Seconds that a page waits for a run of a workflow: an app that is up has ended it long before.
STEP_SECONDS: Final = 10.0

#: What a caller may say of a fault.
_FAULT_DETAILS: Final = ("method", "times", "seconds", "retry_after", "code", "block", "channel")

Act = Callable[[str, Json], Json]
Endpoint = Callable[[Request], Awaitable[Response]]


class Control:
    """The routes of the control API."""

    def __init__(
        self,
        state: State,
        courier: Courier,
        interactions: Interactions,
        events: Events,
        workflow_builder: WorkflowBuilder,
    ) -> None:
        self._state = state
        self._workspace = state.workspace
        self._courier = courier
        self._interactions = interactions
        self._events = events
        self._workflow_builder = workflow_builder
        self._screen = Screen(state, courier)

    def routes(self) -> list[Route]:
        """Return what to mount on the application."""
        reads: dict[str, Callable[[Request], Json]] = {
            "state": lambda request: self._screen.state(self._who(request.query_params.get("as"))),
            "people": lambda _request: {"people": self._screen.people()},
            "channels": lambda request: {"channels": self._screen.channels(self._who(request.query_params.get("as")))},
            "messages": self._messages,
            "deliveries": lambda request: {
                "deliveries": self._screen.deliveries(int(request.query_params.get("limit", "50")))
            },
            "faults": lambda _request: {"faults": self._state.faults.to_page()},
        }
        acts: dict[str, Act] = {
            "command": self._command,
            "click": self._click,
            "select": self._select,
            "options": self._options,
            "submit": self._submit,
            "close": self._close,
            "shortcut": self._shortcut,
            "message_shortcut": self._message_shortcut,
            "home": self._home,
            "message": self._message,
            "read": self._read,
            "dismiss": self._dismiss,
            "step": self._step,
            "step_options": self._step_options,
        }
        return [
            *(Route(f"/_sandbox/{name}", self._reading(read), methods=["GET"]) for name, read in reads.items()),
            *(Route(f"/_sandbox/{name}", self._acting(act), methods=["POST"]) for name, act in acts.items()),
            Route("/_sandbox/faults", self._guarded(self._set_fault), methods=["POST"]),
            Route("/_sandbox/upload", self._guarded(self._upload), methods=["POST"]),
            Route("/_sandbox/files/{file}", self._guarded(self._file), methods=["GET"]),
            Route("/_sandbox/events", self._guarded(self._stream), methods=["GET"]),
        ]

    # Guards -------------------------------------------------------------------------------------------------------

    def _guarded(self, endpoint: Endpoint) -> Endpoint:
        """Refuse who is not at home, and turn this package's exceptions into answers."""

        async def guarded(request: Request) -> Response:
            refusal = refused(request)
            if refusal is not None:
                return refusal
            try:
                return await endpoint(request)
            except SlackTrouble as error:
                return _failure("trouble", error.code, error.words, status=error.status, detail=error.detail)
            except NotPossible as error:
                http_status = 404 if error.code == "nobody" else 200
                return _failure("not_possible", error.code, error.words, http_status=http_status)
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                return _failure("bad_request", "bad_request", f"{type(error).__name__}: {error}", http_status=400)

        return guarded

    def _reading(self, read: Callable[[Request], Json]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            return JSONResponse({"ok": True, **read(request)})

        return self._guarded(endpoint)

    def _acting(self, act: Act) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            body = await _json(request)
            user = self._who(body.get("as"))
            # An act waits for the app for up to three seconds: in a thread, so that others go on.
            return JSONResponse(await run_in_threadpool(act, user, body))

        return self._guarded(endpoint)

    def _who(self, identifier: Any) -> str:
        account = self._workspace.users.get(str(identifier))
        if account is None or account.is_bot or account.deleted:
            raise NotPossible(f"Nobody here is {identifier!r}", code="nobody")
        return account.id

    # Reading ------------------------------------------------------------------------------------------------------

    def _messages(self, request: Request) -> Json:
        asked = request.query_params
        user = self._who(asked.get("as"))
        channel = self._interactions.channel(user, asked["channel"]).id
        return self._screen.messages(
            user,
            channel,
            limit=min(max(int(asked.get("limit", "100")), 1), 1000),
            before=asked.get("before"),
            after=asked.get("after"),
            thread_ts=asked.get("thread_ts"),
        )

    async def _stream(self, request: Request) -> Response:
        user = self._who(request.query_params.get("as"))
        return event_stream(
            self._workspace.event_log,
            request,
            lambda event: self._screen.event_data(user, event),
            user=user,
            repeating=REPEATING,
        )

    async def _file(self, request: Request) -> Response:
        self._who(request.query_params.get("as"))
        stored = self._workspace.file(request.path_params["file"])
        # Never rendered under the page's own origin: whatever people upload is handed over as a download.
        headers = {
            "Content-Disposition": "attachment",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
        }
        return Response(stored.content, media_type=stored.mimetype, headers=headers)

    # Acting -------------------------------------------------------------------------------------------------------

    def _command(self, user: str, body: Json) -> Json:
        return self._interactions.command(user, body["command"], body.get("text", ""), body["channel"]).to_page()

    def _on(self, user: str, on: Json) -> Shown:
        """Return what was acted on, as the page showed it: ``hash`` and ``edited`` tell which version that was."""
        versions = self._workspace.versions
        if "view_id" in on:
            view = self._interactions.view(user, on["view_id"])
            before = versions.find(view.id, on.get("hash"))
            return ShownView(view_data(view) | ({} if before is None else {"blocks": before}))
        message = self._interactions.message(user, on["channel"], on["ts"])
        before = versions.find(place_of(message), on.get("edited"))
        return ShownMessage(message_data(self._state, message) | ({} if before is None else {"blocks": before}))

    def _click(self, user: str, body: Json) -> Json:
        on = self._on(user, body["on"])
        return self._interactions.use(
            user, on, body["action_id"], body.get("block_id"), values=body.get("values")
        ).to_page()

    def _select(self, user: str, body: Json) -> Json:
        on = self._on(user, body["on"])
        outcome = self._interactions.use(
            user,
            on,
            body["action_id"],
            body.get("block_id"),
            value=body.get("value", NOTHING_CHOSEN),
            values=body.get("values"),
        )
        return outcome.to_page()

    def _options(self, user: str, body: Json) -> Json:
        on = self._on(user, body["on"])
        found = self._interactions.options(
            user, on, body["action_id"], body.get("block_id"), str(body.get("query", ""))
        )
        return {"ok": True, **found}

    def _submit(self, user: str, body: Json) -> Json:
        return self._interactions.submit(user, body["view_id"], body.get("values") or {}).to_page()

    def _close(self, user: str, body: Json) -> Json:
        return self._interactions.close(user, body["view_id"], everything=bool(body.get("all"))).to_page()

    def _shortcut(self, user: str, body: Json) -> Json:
        return self._interactions.shortcut(user, body["callback_id"]).to_page()

    def _message_shortcut(self, user: str, body: Json) -> Json:
        return self._interactions.message_shortcut(user, body["callback_id"], body["channel"], body["ts"]).to_page()

    def _home(self, user: str, body: Json) -> Json:
        return self._events.open_home(user, body.get("tab", "home")).to_page()

    def _message(self, user: str, body: Json) -> Json:
        return self._events.say(
            user,
            body["channel"],
            str(body.get("text", "")),
            thread_ts=body.get("thread_ts"),
            files=tuple(body.get("files") or ()),
        ).to_page()

    def _read(self, user: str, body: Json) -> Json:
        channel = self._interactions.channel(user, body["channel"])
        self._workspace.read(user, channel.id, body.get("ts"))
        return {"ok": True}

    def _dismiss(self, user: str, body: Json) -> Json:
        message = self._interactions.message(user, body["channel"], body["ts"])
        if message.visible_to != user:
            raise NotPossible("Only what one alone sees can be dismissed")
        self._workspace.delete(message)
        return {"ok": True}

    def _step(self, _user: str, body: Json) -> Json:
        execution = self._workflow_builder.run(body["callback_id"], body.get("inputs") or {})
        execution.wait(STEP_SECONDS)
        return {"ok": True, "execution": execution.to_page()}

    def _step_options(self, _user: str, body: Json) -> Json:
        query, inputs = str(body.get("query", "")), body.get("inputs") or {}
        found = self._workflow_builder.options(body["callback_id"], body["name"], query, inputs)
        return {"ok": True, "options": found}

    async def _set_fault(self, request: Request) -> Response:
        body = await _json(request)
        name = str(body["name"])
        if name not in NAMES:
            raise NotPossible(f"There is no fault {name!r}")
        if body.get("on", True):
            wanted = {key: body[key] for key in _FAULT_DETAILS if key in body}
            self._state.faults.set(name, **wanted)
        else:
            self._state.faults.clear(name)
        return JSONResponse({"ok": True, "faults": self._state.faults.to_page()})

    async def _upload(self, request: Request) -> Response:
        user = self._who(request.query_params.get("as"))
        content = await request.body()
        stored = self._events.upload(user, request.query_params.get("filename", "file"), content)
        return JSONResponse({"ok": True, "file": stored.to_slack(self._state.url)})


def refused(request: Request) -> Response | None:
    """Return a refusal for a request that is not from this machine's own page; None for one that is."""
    host = request.headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in LOOPBACK:
        return _failure("forbidden", "wrong_host", "Only this machine may look in here", http_status=403)
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{host}":
        return _failure("forbidden", "wrong_origin", "Only this page may look in here", http_status=403)
    if request.method == "POST" and request.url.path != "/_sandbox/upload":
        content_type = request.headers.get("content-type", "").partition(";")[0].strip()
        if content_type != "application/json":
            return _failure("forbidden", "wrong_type", "A body of application/json is expected", http_status=415)
    if request.url.path == "/_sandbox/upload" and origin is None and request.headers.get("sec-fetch-site"):
        return _failure("forbidden", "wrong_origin", "Only this page may look in here", http_status=403)
    return None


async def _json(request: Request) -> Json:
    body = await request.json()
    if not isinstance(body, dict):
        raise TypeError("an object is expected")
    return body


def _failure(
    kind: str, code: str, words: str, *, status: int | None = None, detail: str = "", http_status: int = 200
) -> Response:
    error = {"kind": kind, "code": code, "words": words, "status": status, "detail": detail}
    return JSONResponse({"ok": False, "error": error}, status_code=http_status)
