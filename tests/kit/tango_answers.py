"""In front of the stand-in for Tango: answers of the test's own, where the stand-in would not give them."""

import asyncio
import json
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any, Final

from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.kit.bot import World

#: Tango's `X-REQUEST-ID` of every answer that is given here.
REQUEST_ID: Final = "d3b07384-d113-4ec2-9c8e-0f1e2d3c4b5a"


class Answers:
    """An ASGI app that gives the answers it was told to, and passes on everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._next: dict[str, deque[tuple[int, Any]]] = {"/orders": deque(), "/resends": deque()}
        self._for_words: dict[bytes, tuple[int, Any]] = {}
        self._goes_on = Event()
        self._goes_on.set()

    def orders(self, status: int, body: Any, times: int = 1) -> None:
        """Give this to the next POST /orders."""
        self._next["/orders"].extend([(status, body)] * times)

    def resends(self, status: int, body: Any, times: int = 1) -> None:
        """Give this to the next POST /orders/{referenceOrderID}/resends."""
        self._next["/resends"].extend([(status, body)] * times)

    def orders_with(self, words: str, status: int, body: Any) -> None:
        """Give this to every POST /orders whose body has these words in it, as a firewall does; a text is its page."""
        self._for_words[words.encode()] = status, body

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold what comes of each POST /orders back until the end: what is sent is tried all the time."""
        self._goes_on.clear()
        try:
            yield
        finally:
            self._goes_on.set()

    def clear(self) -> None:
        """Give nothing more."""
        self._for_words.clear()
        for answers in self._next.values():
            answers.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if _is_order(scope) and not self._goes_on.is_set():
            await asyncio.to_thread(self._goes_on.wait)
        mine = self._mine(scope)
        if not mine and not (self._for_words and _is_order(scope)):
            await self._app(scope, receive, send)
            return
        asked = b""
        more = True
        while more:
            part = await receive()
            asked, more = asked + part.get("body", b""), part.get("more_body", False)
        answer = mine.popleft() if mine else next((a for words, a in self._for_words.items() if words in asked), None)
        if answer is None:
            await self._app(scope, _again(asked), send)
            return
        status, body = answer
        if isinstance(body, str):
            await HTMLResponse(body, status)(scope, receive, send)
        else:
            await JSONResponse(body, status, headers={"X-REQUEST-ID": REQUEST_ID})(scope, receive, send)

    def _mine(self, scope: Scope) -> deque[tuple[int, Any]]:
        if scope["type"] != "http" or scope["method"] != "POST":
            return deque()
        return next((answers for end, answers in self._next.items() if scope["path"].endswith(end)), deque())


def _is_order(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "POST" and scope["path"].endswith("/orders"))


def _again(body: bytes) -> Receive:
    """A request's body once more, for whom it was read before."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


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
