"""The other side of the Slack stand-in in its tests: a Bolt app, over HTTP or over Socket Mode."""

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.kwargs_injection.args import Args
from slack_bolt.request import BoltRequest
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSandbox

#: A listener of anything.
ANY: Final = re.compile(".*")
Listener = Callable[[Args], Any]


class Bot:
    """A Bolt app whose listeners each test sets anew: ``bot.on["command"] = lambda args: …``. Unset, they ack."""

    def __init__(self, sandbox: SlackSandbox) -> None:
        self.sandbox = sandbox
        self.client = WebClient(token="xoxb-demo", base_url=f"{sandbox.url}/api/")
        self.on: dict[str, Listener] = {}
        self.seen: list[dict[str, Any]] = []
        self.headers: list[Any] = []
        self.app = App(
            client=self.client,
            signing_secret="demo-signing-secret",
            process_before_response=True,
            logger=logging.getLogger("sandbox-bot"),
        )
        self.app.command(ANY)(self._listener("command"))
        self.app.action(ANY)(self._listener("action"))
        self.app.options(ANY)(self._listener("options"))
        self.app.view(ANY)(self._listener("view"))
        self.app.view_closed(ANY)(self._listener("view_closed"))
        self.app.shortcut(ANY)(self._listener("shortcut"))
        self.app.event(ANY)(self._listener("event"))

    def _listener(self, kind: str) -> Callable[..., Any]:
        def listener(args: Args) -> None:
            self.seen.append(args.body)
            self.headers.append(args.request.headers)
            found = self.on.get(kind)
            if found is None:
                args.ack()
            else:
                found(args)

        return listener

    @property
    def last(self) -> dict[str, Any]:
        return self.seen[-1]

    async def endpoint(self, request: Request) -> Response:
        bolt = BoltRequest(body=(await request.body()).decode(), headers=dict(request.headers))
        answer = await run_in_threadpool(self.app.dispatch, bolt)
        headers = {name: values[0] for name, values in answer.headers.items()}
        return Response(answer.body, status_code=answer.status, headers=headers)


@contextmanager
def over_http(sandbox: SlackSandbox) -> Iterator[Bot]:
    """Serve a sandbox with a bot behind a request URL."""
    with serve(sandbox.app) as server:
        sandbox.url = server.url
        bot = Bot(sandbox)
        with serve(Starlette(routes=[Route("/slack/events", bot.endpoint, methods=["POST"])])) as bot_server:
            sandbox.request_url = f"{bot_server.url}/slack/events"
            yield bot
            sandbox.close()


@contextmanager
def over_socket(sandbox: SlackSandbox) -> Iterator[Bot]:
    """Serve a sandbox with a bot in Socket Mode."""
    with serve(sandbox.app) as server:
        sandbox.url = server.url
        bot = Bot(sandbox)
        handler = SocketModeHandler(bot.app, "xapp-demo", ping_interval=10)
        handler.connect()  # type: ignore[no-untyped-call]
        sandbox.person("maya").wait_for(lambda: sandbox.mode == "socket")
        yield bot
        handler.client.auto_reconnect_enabled = False
        sandbox.close()  # first, or the client waits three seconds for a word that does not come
        try:
            handler.close()  # type: ignore[no-untyped-call]
        except AttributeError:  # the receiver disconnected at the same moment: slack_sdk looks before it locks
            handler.close()  # type: ignore[no-untyped-call]


def text(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


def field(block_id: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    element = {"action_id": "entry", **element}
    return {"type": "input", "block_id": block_id, "label": text(block_id.title()), "element": element, **more}


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": text("A form"),
        "submit": text("Send"),
        "close": text("Cancel"),
        "blocks": list(blocks),
        **more,
    }


def button(action_id: str, label: str, value: str = "1", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": text(label), "value": value, **more}


def actions(*elements: dict[str, Any], block_id: str = "acts") -> dict[str, Any]:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def section(words: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": words}, **more}
