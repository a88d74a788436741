"""What an answer sets off begins when the answer has left, by either door."""

import asyncio
import time
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from handlers.bolt.afterwards import held_back, start_after_answer, start_all
from handlers.bolt.posts import Posts
from handlers.bolt.server import build_web_app
from handlers.bolt.socket_mode import SocketDoor

SECRET: Final = "8f742231b10e8888abcd99yyyzzz85a5"
COMMAND: Final = {"command": "/kudos", "team_id": "T00ACME00", "user_id": "U00MAYA00", "text": ""}


@pytest.fixture
def seen() -> list[str]:
    return []


@pytest.fixture
def bolt(seen: list[str]) -> App:
    """An app whose one listener stores something: a worker is to look at it."""
    app = App(
        process_before_response=True,
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id="T00ACME00", bot_token="xoxb-1"),
        request_verification_enabled=False,
    )

    def listen(ack: Ack) -> None:
        start_after_answer(lambda: seen.append("worker woken"))
        seen.append("stored")
        ack("Done.")

    app.command("/kudos")(listen)
    return app


def test_over_http_the_worker_is_woken_when_the_answer_is_on_its_way(bolt: App, seen: list[str]):
    web = build_web_app(
        is_alive=lambda: True, unready=lambda: None, metrics=bytes, posts=Posts(bolt, SECRET, lambda: True)
    )
    body = urlencode(COMMAND).encode()
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
    assert signature is not None
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": signature,
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/slack/events",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            seen.append(f"answered {message['body'].decode()}")

    asyncio.run(web(scope, receive, send))

    assert seen == ["stored", "answered Done.", "worker woken"]


def test_over_a_socket_the_worker_is_woken_when_the_envelope_is_answered(bolt: App, seen: list[str]):
    class Client:
        logger = bolt.logger

        def send_socket_mode_response(self, response: SocketModeResponse) -> None:
            seen.append(f"answered {response.envelope_id}")

    door = SocketDoor(bolt, "xapp-1")
    envelope = SocketModeRequest(type="slash_commands", envelope_id="E1", payload=COMMAND)

    door._handler.handle(Client(), envelope)  # type: ignore[arg-type]  # as much of a client as Bolt uses

    assert seen == ["stored", "answered E1", "worker woken"]


def test_what_no_answer_waits_for_begins_at_once(seen: list[str]):
    with held_back() as held:
        start_after_answer(lambda: seen.append("held"))
        assert seen == []
    start_after_answer(lambda: seen.append("at once"))

    start_all(held)

    assert seen == ["at once", "held"]
