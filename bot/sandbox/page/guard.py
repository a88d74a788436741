"""The guard of the page's server: only a browser on this machine that shows this very page may talk to it.

A server on loopback can be reached by every page that the browser has open, and under any name that resolves to
127.0.0.1; so the name it is called by and the page that calls are both checked.
"""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from bot.sandbox.slack.control import LOOPBACK

#: Everything from this server, nothing inline, nothing from elsewhere: whatever the bot posts.
CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

HEADERS: Final = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """Refuses what does not come from this page, and puts the page's rules on each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with 403 (a socket: without accepting it)."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        reason = refusal(scope)
        if reason is None:
            await self._app(scope, receive, _ruled(send))
        elif scope["type"] == "websocket":
            await WebSocketClose(code=1008, reason=reason)(scope, receive, send)
        else:
            await PlainTextResponse(reason, 403)(scope, receive, _ruled(send))


def refusal(scope: Scope) -> str | None:
    """Return why a request may not pass; None where it may."""
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        name = None
    if name not in LOOPBACK:
        return "This page is there for this machine alone: open it as http://127.0.0.1."
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "Only this page itself may ask this."
    if scope["type"] == "websocket":
        return None if origin is not None else "Only this page itself may follow what happens."
    entering = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
    if not entering and headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return "Only this page itself may ask this."
    return None


def _ruled(send: Send) -> Send:
    """Add the page's headers, save where an answer brings its own policy."""

    async def ruled(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return ruled
