"""In front of the stand-in for Tango: answers of the test's own, where the stand-in would not give them."""

import json
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.kit.bot import World

#: Tango's `X-REQUEST-ID` of every answer that is given here.
REQUEST_ID: Final = "d3b07384-d113-4ec2-9c8e-0f1e2d3c4b5a"


class Answers:
    """An ASGI app that gives the answers it was told to, and passes on everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._next: dict[str, deque[tuple[int, Any]]] = {"/orders": deque(), "/resends": deque()}

    def orders(self, status: int, body: Any, times: int = 1) -> None:
        """Give this to the next POST /orders."""
        self._next["/orders"].extend([(status, body)] * times)

    def resends(self, status: int, body: Any, times: int = 1) -> None:
        """Give this to the next POST /orders/{referenceOrderID}/resends."""
        self._next["/resends"].extend([(status, body)] * times)

    def clear(self) -> None:
        """Give nothing more."""
        for answers in self._next.values():
            answers.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        mine = self._mine(scope)
        if not mine:
            await self._app(scope, receive, send)
            return
        while (await receive()).get("more_body"):
            pass
        status, body = mine.popleft()
        await JSONResponse(body, status, headers={"X-REQUEST-ID": REQUEST_ID})(scope, receive, send)

    def _mine(self, scope: Scope) -> deque[tuple[int, Any]]:
        if scope["type"] != "http" or scope["method"] != "POST":
            return deque()
        return next((answers for end, answers in self._next.items() if scope["path"].endswith(end)), deque())


def answer_first(world: World) -> Answers:
    """Put `Answers` in front of a world's Tango; before it starts."""
    answers = Answers(world.tango.app)
    world.tango.app = answers
    return answers


def refusal(key: str | None, said: str, tokens: Sequence[str] = ()) -> dict[str, Any]:
    """An error in Tango's envelope."""
    error = {
        "message": said,
        **({"i18nKey": key} if key else {}),
        **({"i18nTokenReplacements": tokens} if tokens else {}),
    }
    return json.loads(json.dumps({"requestId": REQUEST_ID, "path": "/raas/v2/orders", "errors": [error]}))  # type: ignore[no-any-return]
