"""Who may ask the page's server for what. No browser is needed for that."""

import json
import re
import socket
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, RejectConnection, Request, TextMessage

from bot.sandbox.page import create_page_app
from bot.sandbox.page.app import STATIC
from bot.sandbox.page.event_socket import Parser
from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSandbox
from bot.sandbox.tango import TangoSandbox


@pytest.fixture
def tango() -> TangoSandbox:
    return TangoSandbox()


@pytest.fixture
def client(tango: TangoSandbox) -> Iterator[httpx.Client]:
    slack = SlackSandbox()
    slack.url = "http://127.0.0.1:9"
    with serve(create_page_app(slack, tango)) as server, httpx.Client(base_url=server.url) as opened:
        yield opened
    slack.close()


class Follower:
    """A socket to `/events`, as a browser or something else opens it."""

    def __init__(self, client: httpx.Client, query: str, headers: dict[str, str]) -> None:
        url = client.base_url
        self._line = socket.create_connection((url.host, url.port), timeout=5)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        host = headers.pop("host", f"{url.host}:{url.port}")
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._line.sendall(self._protocol.send(Request(host=host, target=f"/events?{query}", extra_headers=extra)))
        self._text = ""
        self.status = self._answer()

    def _answer(self) -> int:
        for event in self._events():
            if isinstance(event, AcceptConnection):
                return 101
            if isinstance(event, RejectConnection):
                return event.status_code
        raise AssertionError("no answer")

    def _events(self) -> Iterator[Any]:
        yield from self._protocol.events()
        while piece := self._line.recv(65_536):
            self._protocol.receive_data(piece)
            yield from self._protocol.events()

    def until(self, source: str, kind: str) -> dict[str, Any]:
        """Return the data of the next event of this kind; pass over others before it."""
        for event in self._events():
            self._text += event.data if isinstance(event, TextMessage) else ""
            if isinstance(event, TextMessage) and event.message_finished:
                told, self._text = json.loads(self._text), ""
                if (told["source"], told["type"]) == (source, kind):
                    data: dict[str, Any] = told["data"]
                    return data
        raise AssertionError(f"no {kind}")

    def close(self) -> None:
        """Hang up."""
        self._line.close()


def origin_of(client: httpx.Client) -> str:
    """Return the origin that a browser names which shows the page."""
    return f"http://{client.base_url.host}:{client.base_url.port}"


def test_the_page_allows_itself_nothing_from_elsewhere(client):
    answer = client.get("/")

    assert answer.status_code == HTTPStatus.OK
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http:" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "host", ["kudos.example", "127.0.0.1.kudos.example:8000", "10.0.0.1", "192.168.0.7:80", "localhost.kudos.example"]
)
def test_another_name_for_this_machine_is_refused(client, host):
    for path in ("/", "/assets/js/main.js", "/slack/_sandbox/people", "/tango/_sandbox/state"):
        assert client.get(path, headers={"host": host}).status_code == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST"])
def test_the_names_of_this_machine_are_served(client, host):
    assert client.get("/slack/_sandbox/people", headers={"host": host}).status_code == HTTPStatus.OK


@pytest.mark.parametrize("origin", ["http://kudos.example", "http://127.0.0.1:9", "https://127.0.0.1", "null"])
def test_another_origin_is_refused_and_told_nothing(client, tango, origin):
    for method, path in (
        ("GET", "/tango/_sandbox/state"),
        ("POST", "/tango/_sandbox/balance"),
        ("OPTIONS", "/tango/_sandbox/balance"),
        ("POST", "/freeze"),
    ):
        answer = client.request(method, path, headers={"origin": origin, "access-control-request-method": "POST"})
        assert answer.status_code == HTTPStatus.FORBIDDEN
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert tango.accounts[0].status == "ACTIVE"


def test_what_a_browser_says_of_a_foreign_page_is_believed(client):
    foreign = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}

    assert client.get("/tango/_sandbox/state", headers=foreign).status_code == HTTPStatus.FORBIDDEN
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/", headers=link).status_code == HTTPStatus.OK


def test_the_stand_ins_are_reached_by_their_control_alone(client):
    for path in (
        "/slack/api/auth.test",
        "/tango/raas/v2/orders",
        "/slack/socket/x",
        "/slack/_sandbox/../api/auth.test",
        "/nothing",
        "/assets/../app.py",
    ):
        assert client.post(path).status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}


def test_an_upload_passes_under_the_prefix(client):
    own = {"origin": origin_of(client)}
    answer = client.post("/slack/_sandbox/upload?as=U00MAYA00&filename=a.csv", content=b"a,b", headers=own)

    assert answer.json()["file"]["name"] == "a.csv"


def test_the_account_is_frozen_and_thawed(client, tango):
    client.post("/freeze", json={"frozen": True})
    assert tango.accounts[0].status == "FROZEN"
    client.post("/freeze", json={"frozen": False})
    assert tango.accounts[0].status == "ACTIVE"


def test_nobody_else_follows_what_happens(client):
    for headers in (
        {},
        {"origin": "http://kudos.example"},
        {"origin": "http://kudos.example", "host": "kudos.example"},
    ):
        follower = Follower(client, "as=U00MAYA00", headers)
        assert follower.status == HTTPStatus.FORBIDDEN
        follower.close()


def test_the_socket_tells_of_both_stand_ins(client):
    seq = client.get("/slack/_sandbox/state?as=U00MAYA00").json()["seq"]
    client.post("/slack/_sandbox/message", json={"as": "U00MAYA00", "channel": "C00GENERAL", "text": "hello"})
    follower = Follower(client, f"as=U00MAYA00&slack={seq}", {"origin": origin_of(client)})
    assert follower.until("slack", "message")["message"]["text"] == "hello"
    client.post("/tango/_sandbox/balance", json={"balance": "5"})
    assert follower.until("tango", "balance")["value"] == "5"
    follower.close()


def test_events_are_read_however_they_are_cut():
    stream = b': hello\n\nid: 7\nevent: app\ndata: {"mode": "socket"}\n\n'
    stream += b': still here\n\nevent: fault\ndata: {"active": []}\n\n'
    for cut in range(len(stream)):
        parser = Parser()
        events = parser.feed(stream[:cut]) + parser.feed(stream[cut:])
        assert events == [
            {"id": 7, "type": "app", "data": {"mode": "socket"}},
            {"id": None, "type": "fault", "data": {"active": []}},
        ]


def test_no_script_makes_html_of_text_or_asks_elsewhere():
    for script in Path(STATIC).rglob("*.js"):
        source = script.read_text()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setInterval", source
        ), script
        assert not re.search(r"(?:fetch|import)\(?\s*[\"'`]https?:", source), script
    assert "<script>" not in (STATIC / "index.html").read_text()
