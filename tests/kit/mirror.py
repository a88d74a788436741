"""In front of a stand-in for Slack: something that shows callers what they sent, as a proxy may that fails."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Mirror:
    """An ASGI app that answers some calls with the token and the body that came with them, and passes on the others.

    Attributes:
        shown: what was answered so, oldest first.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._next: list[tuple[str, str, int, Mapping[str, str]]] = []
        self.shown: list[str] = []

    def hold_up(
        self,
        path: str,
        *,
        having: str = "",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next calls whose path has this in it, and whose body has that."""
        self._next += [(path, having, status, headers or {})] * times

    def let_go(self) -> None:
        """Answer no more."""
        self._next.clear()

    @property
    def done(self) -> bool:
        """Whether all that was asked for was shown."""
        return not self._next

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        if scope["type"] != "http" or not any(path in scope["path"] for path, *_ in self._next):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        body = (await request.body()).decode()
        mine = next((one for one in self._next if one[0] in scope["path"] and one[1] in body), None)
        if mine is None:
            await self._app(scope, _again(body), send)
            return
        self._next.remove(mine)
        said = f"{request.headers.get('authorization', '')} {body}"
        self.shown.append(said)
        await PlainTextResponse(said, mine[2], headers=mine[3])(scope, receive, send)


def _again(body: str) -> Receive:
    """Lets a body that was read be read once more."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body.encode(), "more_body": False}

    return receive
