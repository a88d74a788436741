"""Payloads travel: signed, once, again where an event failed, over sockets that come and go."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk.errors import SlackApiError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.serve import serve
from bot.sandbox.slack import NotPossible, SlackSandbox, SlackTrouble, people
from tests.kit.slack import Bot, field, modal, over_http, over_socket

MANIFEST = {
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/kudos", "description": "Send", "should_escape": True}],
        "shortcuts": [{"type": "global", "name": "Go", "callback_id": "go", "description": "Go on"}],
    },
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened"]},
        "interactivity": {"is_enabled": True},
    },
}


class Wire:
    """An app that keeps what it got, byte by byte, and answers what it is told to."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[Response] = []
        self.app = Starlette(routes=[Route("/slack/events", self.endpoint, methods=["POST"])])

    async def endpoint(self, request: Request) -> Response:
        self.requests.append((dict(request.headers), await request.body()))
        return self.answers.pop(0) if self.answers else PlainTextResponse("")


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def sandbox(wire: Wire) -> Iterator[SlackSandbox]:
    sandbox = SlackSandbox(ack_seconds=0.5, retry_waits=(0.0, 0.0, 0.0))
    with serve(wire.app) as server:
        sandbox.url = "http://127.0.0.1:1"
        sandbox.request_url = f"{server.url}/slack/events"
        yield sandbox
        sandbox.close()


def test_each_kind_has_its_encoding_and_is_signed(sandbox: SlackSandbox, wire: Wire):
    maya = sandbox.person("maya")
    sandbox.manifest(MANIFEST)
    maya.command("/kudos", "a & b", channel="general")
    maya.shortcut("go")
    maya.open_home()
    (command, form), (shortcut, payload), (event, body) = wire.requests
    assert command["content-type"] == shortcut["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(form.decode())["text"] == ["a &amp; b"]
    assert json.loads(parse_qs(payload.decode())["payload"][0])["type"] == "shortcut"
    assert event["content-type"] == "application/json"
    assert json.loads(body)["authorizations"][0]["user_id"] == people.BOT_USER
    for headers, sent in wire.requests:
        stamp = int(headers["x-slack-request-timestamp"])
        assert headers["x-slack-signature"] == sandbox.sign(sent, stamp)["X-Slack-Signature"]


def test_an_event_that_fails_comes_again_three_times_as_the_same_event(sandbox: SlackSandbox, wire: Wire):
    wire.answers = [PlainTextResponse("", status_code=500)] * 4
    maya = sandbox.person("maya")
    maya.open_home()
    deadline = time.monotonic() + 5
    while len(wire.requests) < 4 and time.monotonic() < deadline:
        time.sleep(0.005)
    retries = [headers.get("x-slack-retry-num") for headers, _ in wire.requests]
    assert retries == [None, "1", "2", "3"]
    assert {headers.get("x-slack-retry-reason") for headers, _ in wire.requests[1:]} == {"http_error"}
    assert len({json.loads(body)["event_id"] for _, body in wire.requests}) == 1


def test_an_event_for_an_app_that_is_down_comes_when_it_is_back(sandbox: SlackSandbox, wire: Wire):
    up, sandbox.request_url = sandbox.request_url, "http://127.0.0.1:1/slack/events"
    sandbox._courier.retry_waits = (0.1, 0.1, 0.1)
    sandbox.person("maya").dm_app("are you there?")
    sandbox.request_url = up
    deadline = time.monotonic() + 5
    while not wire.requests and time.monotonic() < deadline:
        time.sleep(0.005)
    headers, body = wire.requests[0]
    assert headers["x-slack-retry-reason"] == "connection_failed"
    assert json.loads(body)["event"]["text"] == "are you there?"


def test_an_app_that_errs_answers_nonsense_or_is_gone_is_trouble(sandbox: SlackSandbox, wire: Wire):
    maya = sandbox.person("maya")
    wire.answers = [PlainTextResponse("oops", status_code=500)]
    with pytest.raises(SlackTrouble, match='failed with the error "dispatch_failed"') as caught:
        maya.command("/kudos")
    assert (caught.value.status, sandbox.deliveries[-1].status) == (500, 500)
    sandbox.request_url = "http://127.0.0.1:1/slack/events"
    with pytest.raises(SlackTrouble, match="dispatch_failed"):
        maya.command("/kudos")
    sandbox.request_url = None
    with pytest.raises(SlackTrouble, match="not connected"):
        maya.command("/kudos")


def test_a_slow_app_is_given_up_on(wire: Wire):
    sandbox = SlackSandbox(ack_seconds=0.05)
    sandbox.url = "http://127.0.0.1:1"

    async def late(_request: Request) -> Response:
        await asyncio.sleep(0.3)
        return PlainTextResponse("")

    with serve(Starlette(routes=[Route("/slack/events", late, methods=["POST"])])) as server:
        sandbox.request_url = f"{server.url}/slack/events"
        with pytest.raises(SlackTrouble, match="operation_timeout"):
            sandbox.person("maya").command("/kudos")
        sandbox.close()


def test_a_connection_stays_open_until_the_app_ends(sandbox: SlackSandbox):
    came_from = []

    async def note(request: Request) -> Response:
        assert request.client is not None
        came_from.append(request.client.port)
        return PlainTextResponse("")

    app, maya = Starlette(routes=[Route("/slack/events", note, methods=["POST"])]), sandbox.person("maya")
    with serve(app) as server:
        sandbox.request_url = f"{server.url}/slack/events"
        maya.command("/kudos")
        maya.command("/kudos")
    with serve(app, port=server.port):
        maya.command("/kudos")
    first, second, after_the_start = came_from
    assert first == second != after_the_start


def test_bolt_refuses_forged_stale_and_altered_requests():
    with over_http(SlackSandbox()) as bot:
        sandbox = bot.sandbox
        body = urlencode({"command": "/kudos", "user_id": people.MAYA, "text": ""}).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert sandbox.deliver_raw(body, form | sandbox.sign(body)).status_code == 200
        assert sandbox.deliver_raw(body, form).status_code == 401
        assert sandbox.deliver_raw(body, form | sandbox.sign(body, secret="other")).status_code == 401
        assert sandbox.deliver_raw(body, form | sandbox.sign(body, int(time.time()) - 301)).status_code == 401
        assert sandbox.deliver_raw(body + b"x", form | sandbox.sign(body)).status_code == 401
        assert len(bot.seen) == 1


def test_a_hand_made_payload_reaches_the_app():
    with over_http(SlackSandbox()) as bot:
        maya = bot.sandbox.person("maya")
        maya.command("/kudos")
        view = modal(field("a", {"type": "plain_text_input"}), private_metadata="forged")
        payload = {"type": "view_submission", "user": {"id": maya.id}, "view": view | {"state": {"values": {}}}}
        assert bot.sandbox.deliver("interactive", payload) is None
        assert bot.last["view"]["private_metadata"] == "forged"


@pytest.fixture(scope="module")
def socketed() -> Iterator[Bot]:
    with over_socket(SlackSandbox(ack_seconds=2.0)) as bot:
        yield bot


def waits(bot: Bot, look: Any) -> None:
    bot.sandbox.person("maya").wait_for(look, 10)


def test_a_client_comes_back_after_a_refresh(socketed: Bot):
    sessions = len(socketed.sandbox._sockets._tickets)
    socketed.sandbox.refresh_sockets()
    before = socketed.sandbox.workspace.event_log.seq
    waits(socketed, lambda: socketed.sandbox.workspace.event_log.seq >= before + 2)
    waits(socketed, lambda: socketed.sandbox.mode == "socket")
    socketed.sandbox.person("maya").command("/kudos")
    assert len(socketed.sandbox._sockets._tickets) == sessions


def test_a_client_comes_back_after_its_socket_was_cut(socketed: Bot):
    socketed.sandbox.faults.set("socket_disconnect")
    assert socketed.sandbox.mode is None
    with pytest.raises(SlackTrouble, match="dispatch_failed"):
        socketed.sandbox.person("maya").command("/kudos")
    waits(socketed, lambda: socketed.sandbox.mode == "socket")
    socketed.sandbox.person("maya").command("/kudos")


def test_a_dropped_socket_dies_without_a_word(socketed: Bot):
    with socket.socket() as client:
        address = urlsplit(socketed.client.apps_connections_open(app_token="xapp-demo")["url"])
        client.connect((address.hostname, address.port))
        client.settimeout(10)
        key = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        head = f"GET {address.path} HTTP/1.1\r\nHost: sandbox\r\n{key}Sec-WebSocket-Version: 13\r\n\r\n"
        client.sendall(head.encode())
        received = b""
        while b'"hello"' not in received:
            received += client.recv(4_096)
        ping = bytes([0x89, 0x80, 0, 0, 0, 0])
        client.sendall(ping)
        assert b"\x8a\x00" in client.recv(4_096), "it answers a ping"

        socketed.sandbox.faults.set("socket_drop")
        assert socketed.sandbox.mode is None
        client.settimeout(0.5)
        client.sendall(ping)
        with pytest.raises(TimeoutError):
            client.recv(4_096)


def test_an_unhandled_command_is_never_acked_over_a_socket():
    with over_socket(SlackSandbox(ack_seconds=0.2)) as bot:

        def fail(_args: Any) -> None:
            raise ValueError("listener failed")

        bot.on["command"] = fail
        with pytest.raises(SlackTrouble, match="operation_timeout"):
            bot.sandbox.person("maya").command("/kudos")


def test_connections_are_refused_while_there_are_too_many(socketed: Bot):
    socketed.sandbox.faults.set("too_many_websockets", times=1)
    with pytest.raises(SlackApiError, match="too_many_websockets"):
        socketed.client.apps_connections_open(app_token="xapp-demo")


def test_changed_and_new_accounts_are_events():
    with over_http(SlackSandbox()) as bot:
        bot.sandbox.change_user("rob", email=None, deleted=True)
        assert bot.last["event"]["type"] == "user_change"
        assert "email" not in bot.last["event"]["user"]["profile"]
        bot.sandbox.add_user(people.User("U00ZOE000", "zoe", "Zoe New", email="zoe@acme.example"))
        assert bot.last["event"]["user"]["name"] == "zoe"
        bot.sandbox.invite("kudos", "random", inviter="maya")
        assert bot.last["event"]["type"] == "member_joined_channel"
        assert bot.client.chat_postMessage(channel=people.RANDOM, text="Hello")["ok"]
        with pytest.raises(NotPossible, match="no channel"):
            bot.sandbox.invite("kudos", "nowhere", inviter="maya")
