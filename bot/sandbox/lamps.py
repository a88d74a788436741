"""The lamps of several bots, with a switch for each: what the page shows of them, and does to them."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from bot.sandbox.bot_process import BotProcess, Lamp
from bot.sandbox.event_log import Event, EventLog
from bot.sandbox.event_stream import event_stream

#: Seconds between two looks: a change of duty takes about one, and is to be seen when it happens.
_LOOK_SECONDS: Final = 0.3

#: Numbers in an event alone: what the lamp shows is read when the event is told.
_LAMP: Final = "lamp"


class Lamps:
    """The bots of a stage, looked at again and again. Use it as a context manager.

    Args:
        bots: the bots; the first has the number 1.
        launch: starts a bot, and returns at once.
    """

    def __init__(self, bots: Sequence[BotProcess], launch: Callable[[BotProcess], None]) -> None:
        self._bots: Mapping[int, BotProcess] = dict(enumerate(bots, 1))
        self._launch = launch
        self._shown: dict[int, Lamp] = {}
        self._switching = threading.Lock()
        self._woken = threading.Event()
        self._is_over = False
        self._thread = threading.Thread(target=self._watch, name="lamps", daemon=True)
        self.event_log = EventLog(threading.Condition())
        routes = [
            Route("/events", self._events),
            Route("/bots/{number:int}/kill", self._kill, methods=["POST"]),
            Route("/bots/{number:int}/start", self._start, methods=["POST"]),
        ]
        self.app = Starlette(routes=[Mount("/_sandbox", routes=routes)])

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        self._woken.set()
        self._thread.join()

    @property
    def shown(self) -> dict[int, Lamp]:
        """Return what each bot's lamp shows, by the bot's number."""
        return dict(self._shown)

    def kill(self, number: int) -> None:
        """End a bot at once (SIGKILL)."""
        with self._switching:
            self._bots[number].kill()
        self._woken.set()

    def start(self, number: int) -> None:
        """Start a bot that is dead, and return at once."""
        with self._switching:
            if not self._bots[number].is_running:
                self._launch(self._bots[number])
        self._woken.set()

    def _watch(self) -> None:
        while not self._is_over:
            self._woken.clear()
            self._look()
            self._woken.wait(_LOOK_SECONDS)

    def _look(self) -> None:
        for number, bot in self._bots.items():
            lamp = bot.lamp
            if lamp != self._shown.get(number):
                self._shown[number] = lamp
                self.event_log.publish(_LAMP, number=number)

    async def _events(self, request: Request) -> Response:
        return event_stream(self.event_log, request, self._rendered, repeating=frozenset({_LAMP}))

    def _rendered(self, event: Event) -> dict[str, Any]:
        return {**event.data, "lamp": self._shown[event.data["number"]]}

    def _kill(self, request: Request) -> Response:
        return self._switch(self.kill, request)

    def _start(self, request: Request) -> Response:
        return self._switch(self.start, request)

    def _switch(self, act: Callable[[int], None], request: Request) -> Response:
        number = request.path_params["number"]
        if number not in self._bots:
            return JSONResponse({"ok": False, "error": f"There is no bot {number}."}, 404)
        act(number)
        return JSONResponse({"ok": True})
