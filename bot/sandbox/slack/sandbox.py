"""The stand-in as one object: the ASGI application, the people, the app's connection, the faults."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.sandbox.slack import people
from bot.sandbox.slack.control import Control
from bot.sandbox.slack.delivery import ACK_SECONDS, RETRY_WAITS, Courier, Delivery
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.faults import Fault, Faults, PostLimiter
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.model import Json, Message
from bot.sandbox.slack.people import User
from bot.sandbox.slack.person import Person
from bot.sandbox.slack.post import Answer
from bot.sandbox.slack.socket_mode import Sockets
from bot.sandbox.slack.state import State
from bot.sandbox.slack.store import Store
from bot.sandbox.slack.web_api import WebApi
from bot.sandbox.slack.workflow_builder import WorkflowBuilder
from bot.sandbox.slack.workspace import Workspace


class SlackSandbox:
    """A Slack workspace with one app installed.

    Serve ``app`` (with WebSockets) and point the bot's Web API base at ``<url>/api/``. With a Socket Mode client
    connected, deliveries go there; else to ``request_url`` (``<bot>/slack/events``), signed.

    ``path``: a file of JSON lines that keeps the workspace over a restart. ``seed``: start with Acme's people and
    channels. ``rate_limits``: enforce one post a second and channel. ``ack_seconds``: how long an act waits for the
    app. ``retry_waits``: seconds before each retry of a failed event. ``now``: the clock for ages (epoch seconds).
    """

    def __init__(
        self,
        *,
        bot_token: str = "xoxb-demo",  # noqa: S107 - a stand-in's token guards nothing
        app_token: str = "xapp-demo",  # noqa: S107 - the same
        signing_secret: str = "demo-signing-secret",  # noqa: S107 - the same
        request_url: str | None = None,
        path: Path | str | None = None,
        seed: bool = True,
        rate_limits: bool = False,
        ack_seconds: float = ACK_SECONDS,
        retry_waits: tuple[float, ...] = RETRY_WAITS,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.workspace = Workspace(now=now, store=Store(path), seed=seed)
        self._state = State(
            self.workspace,
            bot_token=bot_token,
            app_token=app_token,
            signing_secret=signing_secret,
            limiter=PostLimiter(now, enabled=rate_limits),
        )
        self._sockets = Sockets(lambda: self.workspace.event_log.publish("app"))
        self._state.faults.on_set = self._fault_set
        self._courier = Courier(
            self._state, self._sockets, request_url=request_url, ack_seconds=ack_seconds, retry_waits=retry_waits
        )
        self._interactions = Interactions(self._state, self._courier)
        self._events = Events(self._state, self._courier, self._interactions)
        self.workflow_builder = WorkflowBuilder(self._state, self._courier)
        self.app: ASGIApp = self._application()

    def _application(self) -> Starlette:
        control = Control(self._state, self._courier, self._interactions, self._events, self.workflow_builder)
        app = Starlette(
            routes=[
                *WebApi(self._state, self._sockets).routes(),
                *control.routes(),
                WebSocketRoute("/socket/{ticket}", self._sockets.endpoint),
            ]
        )
        app.add_middleware(_LearnAddress, state=self._state)
        return app

    def _fault_set(self, fault: Fault) -> None:
        if fault.name == "socket_disconnect":
            self._sockets.disconnect()
        elif fault.name == "socket_drop":
            self._sockets.drop()

    # The app's side -----------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Return where the stand-in is reached. Set it to the server's address, or let the first request tell."""
        return self._state.url

    @url.setter
    def url(self, url: str) -> None:
        self._state.url = url

    @property
    def request_url(self) -> str | None:
        """Return where payloads go over HTTP."""
        return self._courier.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self._courier.request_url = url
        self.workspace.event_log.publish("app")

    @property
    def mode(self) -> str | None:
        """Return ``socket`` while a Socket Mode client is connected, else ``http`` with a request_url, else None."""
        return self._courier.mode

    @property
    def faults(self) -> Faults:
        """Return the switches for what can go wrong."""
        return self._state.faults

    @property
    def deliveries(self) -> deque[Delivery]:
        """Return everything that was delivered, and what came of it, oldest first."""
        return self._courier.log

    def manifest(self, manifest: Json) -> None:
        """Install the app again from its manifest: commands, shortcuts, events, scopes."""
        self._state.install(manifest)

    def grant(self, scopes: Iterable[str]) -> None:
        """Grant the app these scopes and no others."""
        self._state.scopes = frozenset(scopes)

    def sign(self, body: bytes, timestamp: int | None = None, *, secret: str | None = None) -> dict[str, str]:
        """Sign a request: return the headers. Another ``secret`` or ``timestamp`` makes a forgery or a replay."""
        return self._courier.sign(body, timestamp, secret=secret)

    def deliver_raw(self, body: bytes, headers: dict[str, str]) -> Answer:
        """POST these bytes to ``request_url`` and return the bot's answer, whatever it is."""
        return self._courier.post_raw(body, headers)

    def deliver(self, kind: str, payload: Json) -> Any:
        """Deliver an ``interactive``, ``slash_commands`` or ``events_api`` payload; return the answer's content.

        For payloads that no client would send: a hand-made ``private_metadata``, a replayed submit.
        """
        return self._courier.deliver(kind, payload)

    def refresh_sockets(self) -> None:
        """Ask the Socket Mode clients to reconnect, as Slack does every hour or so."""
        self._sockets.refresh()

    # The people's side --------------------------------------------------------------------------------------------

    def person(self, named: str) -> Person:
        """Return a person by handle (``maya``) or id.

        Raises:
            KeyError: nobody is called so.
        """
        identifier = named if named in self.workspace.users else self.workspace.user_by_handle(named)
        if identifier is None:
            raise KeyError(f"Nobody is called {named!r}")
        return Person(self._state, self._interactions, self._events, self.workspace.users[identifier])

    def change_user(self, named: str, **fields: Any) -> None:
        """Change an account (``email=None``, ``deleted=True`` …) and tell the app."""
        self._events.change_user(self.person(named).id, **fields)

    def add_user(self, account: User) -> None:
        """Add an account and tell the app."""
        self._events.add_user(account)

    def invite(self, named: str, channel: str, *, inviter: str) -> None:
        """Add somebody (or the bot: ``kudos``) to a channel and tell the app."""
        room = self.workspace.channel_named(channel.removeprefix("#")) or channel
        self._events.invite(self.person(named).id, room, inviter=self.person(inviter).id)

    def webhook(self, channel: str, text: str, *, username: str) -> None:
        """Post into a channel as another app's incoming webhook does: under a name, and by nobody."""
        room = self.workspace.channel_named(channel.removeprefix("#")) or channel
        self.workspace.post(
            Message(
                channel=room,
                ts=self.workspace.stamps.ts(),
                user="",
                username=username,
                text=text,
                bot_id=people.OTHER_BOT_ID,
                subtype="bot_message",
            )
        )

    def close(self) -> None:
        """Close the sockets and the client."""
        self._sockets.disconnect()
        self._courier.close()


class _LearnAddress:
    """Tells the stand-in its own address, which response URLs and file links carry."""

    def __init__(self, app: ASGIApp, *, state: State) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            server = scope.get("server")
            if server is not None:
                self._state.learn_url(f"{server[0]}:{server[1]}")
        await self._app(scope, receive, send)
