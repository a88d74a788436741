"""What is posted to the bot in http mode, over real sockets, through the very server that runs it."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPResponse
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest

from bot.sandbox.slack import SlackSandbox, people
from handlers.bolt.builder import is_slacks_url
from handlers.bolt.server import bind, build_server
from tests.kit.bot import PATIENCE, SIGNING_SECRET, World
from tests.kit.payloads import a_click, a_command
from tests.kit.raw_server import RawServer, http

EVENTS: Final = "/slack/events"
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, int]]:
    """A bot, and the port of its own server."""
    with World(tmp_path_factory.mktemp("door")) as world, served(world) as port:
        yield world, port


@contextmanager
def served(world: World) -> Iterator[int]:
    listener = bind("127.0.0.1", 0)
    server = build_server(world.bot.web_app(), lambda: None)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()


def head_of(headers: dict[str, str], *, path: str = EVENTS) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: kudos", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode()


def status_of(connection: socket.socket) -> int:
    """The status of the answer, which is read to its end."""
    answer = HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        yield connection


def is_hung_up(connection: socket.socket) -> bool:
    """Wait for the end, which is no answer."""
    try:
        return connection.recv(65_536) == b""
    except ConnectionError:
        return True


def post(port: int, body: bytes, headers: dict[str, str], *, path: str = EVENTS) -> int:
    with connected(port) as connection:
        connection.sendall(head_of({"Content-Length": str(len(body)), **headers}, path=path) + body)
        return status_of(connection)


def signed(world: World, body: bytes, timestamp: int | None = None) -> dict[str, str]:
    return FORM | world.slack.sign(body, timestamp)


def a_help(world: World) -> bytes:
    return urlencode(a_command(world.slack, people.MAYA, "/kudos", "help")).encode()


# ------------------------------------------------------------------------------------- the size


def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(door: tuple[World, int]):
    world, port = door
    with connected(port) as connection:
        connection.sendall(head_of({"Content-Length": "300000000", **signed(world, b"")}))
        assert status_of(connection) == 413


def test_a_body_in_chunks_is_read_no_further_than_a_megabyte(door: tuple[World, int]):
    world, port = door
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    with connected(port) as connection:
        connection.sendall(head_of({"Transfer-Encoding": "chunked", **signed(world, b"")}) + chunk * 15)
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(PATIENCE)
        connection.sendall(chunk)
        assert status_of(connection) == 413


def test_an_unsigned_body_is_read_no_further_than_a_page(door: tuple[World, int]):
    _, port = door
    for headers in ({"Content-Length": "5000"}, {"Transfer-Encoding": "chunked"}):
        with connected(port) as connection:
            connection.sendall(head_of(headers) + b"1100\r\n" + b"a" * 4_200)
            assert status_of(connection) == 401


def test_slacks_look_at_the_certificate_is_answered_without_a_signature(door: tuple[World, int]):
    _, port = door
    assert post(port, b"ssl_check=1&token=abc", FORM) == 200
    assert post(port, b"ssl_check=0&token=abc", FORM) == 401
    assert post(port, b"ssl_check=1&token=" + b"a" * 5_000, FORM) == 401


def test_a_body_as_large_as_slacks_largest_is_taken(door: tuple[World, int]):
    world, port = door
    click = a_click(world.slack, people.MAYA, "approve", "1") | {"padding": "a" * 300_000}
    body = urlencode({"payload": json.dumps(click)}).encode()
    assert post(port, body, signed(world, body)) == 200


# ------------------------------------------------------------------------------------- the time


#: What is begun of a request, and never ended.
BEGUN: Final[dict[str, bytes]] = {
    "half a head": b"POST /slack/events HT",
    "half a body": head_of({"Content-Length": "5000"}) + b"half of it",
    "half a chunk": head_of({"Transfer-Encoding": "chunked"}) + b"5\r\nabc",
}


class Slow:
    """What takes the server's ten seconds, all at the same time."""

    def __init__(self, world: World, port: int, pool: ThreadPoolExecutor) -> None:
        self._world = world
        self._port = port
        self.half_sent = {name: pool.submit(self._send_half, begun) for name, begun in BEGUN.items()}
        self.drip = pool.submit(self._drip)
        self.idle = pool.submit(self._ask_twice)

    def _send_half(self, begun: bytes) -> bool:
        headers = self._world.slack.sign(b"")
        begun = begun.replace(b"\r\n\r\n", b"\r\n" + head_of(headers).split(b"\r\n", 2)[2], 1)
        with connected(self._port) as connection:
            connection.sendall(begun)
            return is_hung_up(connection)

    def _drip(self) -> bool:
        with connected(self._port) as connection:
            with suppress(ConnectionError):
                for byte in b"POST /slack/events HTTP/1.1 and so on":
                    connection.sendall(bytes([byte]))
                    time.sleep(0.5)
            return is_hung_up(connection)

    def _ask_twice(self) -> list[int]:
        statuses = []
        with connected(self._port) as connection:
            for pause in (12, 0):  # longer than a request may take, and than most servers' keep-alive
                body = a_help(self._world)
                connection.sendall(head_of({"Content-Length": str(len(body)), **signed(self._world, body)}) + body)
                statuses.append(status_of(connection))
                time.sleep(pause)
        return statuses


@pytest.fixture(scope="module")
def slow(door: tuple[World, int]) -> Iterator[Slow]:
    """Begin it all."""
    with ThreadPoolExecutor() as pool:
        yield Slow(*door, pool)


@pytest.mark.parametrize("begun", BEGUN)
def test_a_half_sent_request_ends(slow: Slow, begun: str):
    assert slow.half_sent[begun].result()


def test_a_drip_of_bytes_is_no_whole_request(slow: Slow):
    assert slow.drip.result()


def test_an_idle_connection_is_kept(slow: Slow):
    assert slow.idle.result() == [200, 200]


def test_who_hangs_up_in_the_middle_fills_no_log(door: tuple[World, int], caplog: pytest.LogCaptureFixture):
    world, port = door
    with connected(port) as connection:
        connection.sendall(head_of({"Content-Length": "5000", **world.slack.sign(b"")}) + b"half of it")
    assert post(port, b"", {}) == 401
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


# ------------------------------------------------------------------------------------- the form

MALFORMED: Final[dict[str, bytes]] = {
    "no text": b"payload=\xff\xfe",
    "not form data": b"\xff\xfe\x00",
    "nothing": b"",
    "no JSON": b"payload=%7Bhalf",
    "a list": b"payload=[1,2]",
    "a number": b"payload=7",
    "null": b"payload=null",
    "without a type": b"payload={}",
    "too deep": b"payload=" + b"[" * 100_000,
    "a user that is a number": b'payload={"type":"block_actions","user":7,"actions":[{"action_id":"approve"}]}',
    "no action": b'payload={"type":"block_actions","user":{"id":"U1"},"actions":[]}',
    "a command without a name": b"text=help&user_id=U1",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_signed_payload_that_is_malformed_is_refused(door: tuple[World, int], body: bytes):
    world, port = door
    assert post(port, body, signed(world, body)) == 400
    assert post(port, body, FORM) == 401


def test_a_slash_at_the_end_is_served(door: tuple[World, int]):
    world, port = door
    body = a_help(world)
    assert post(port, body, signed(world, body), path=f"{EVENTS}/") == 200


def test_a_right_signature_with_a_wrong_time_tells_both_clocks(
    door: tuple[World, int], caplog: pytest.LogCaptureFixture
):
    world, port = door
    body = a_help(world)
    assert post(port, body, signed(world, body, 1_700_000_000)) == 401
    (told,) = [record.getMessage() for record in caplog.records if record.name == "handlers.bolt.posts"]
    assert "Slack's clock says 2023-11-14T22:13:20+00:00, this machine's says 20" in told
    assert SIGNING_SECRET not in told
    assert signed(world, body, 1_700_000_000)["X-Slack-Signature"] not in told
    caplog.clear()
    assert post(port, body, FORM | world.slack.sign(body, 1_700_000_000, secret="another")) == 401
    assert caplog.records == [], "strangers cannot fill the log"


# ------------------------------------------------------------------------------ the response_url


@pytest.mark.parametrize(
    ("url", "is_slacks"),
    [
        ("https://hooks.slack.com/commands/T1/2/x", True),
        ("https://hooks.slack-gov.com/commands/T1/2/x", True),
        ("https://slack.example:8443/actions/T1/2/x", True),
        ("http://hooks.slack.com/commands/T1/2/x", False),
        ("http://slack.example/commands/T1/2/x", False),
        ("https://hooks.slack.com.evil.example/x", False),
        ("https://evil.example/hooks.slack.com", False),
        ("https://hooks.slack.com@evil.example/x", False),
        ("https://[hooks.slack.com/x", False),
        ("file:///etc/passwd", False),
        ("//hooks.slack.com/x", False),
        ("hooks.slack.com", False),
    ],
)
def test_only_slacks_url_is_answered(url: str, *, is_slacks: bool):
    assert is_slacks_url(url, api_url="https://slack.example/api/") is is_slacks


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda slack: ("slash_commands", a_command(slack, people.MAYA, "/kudos", "x y z")), id="command"),
        pytest.param(lambda slack: ("interactive", a_click(slack, people.MAYA, "approve", "1")), id="click"),
    ],
)
def test_nothing_is_posted_where_slack_is_not(
    door: tuple[World, int], make: Callable[[SlackSandbox], tuple[str, dict[str, Any]]]
):
    world, port = door

    def play(server: RawServer, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(http("200 OK", b"ok"))

    with RawServer(play) as stranger:
        kind, payload = make(world.slack)
        payload["response_url"] = stranger.url.replace("127.0.0.1", "localhost")
        content = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        body = urlencode(content).encode()
        assert post(port, body, signed(world, body)) == 400
        world.settle()
        assert stranger.received == []


def test_a_payload_from_elsewhere_is_not_answered_over_a_socket_either(tmp_path: Path):
    with World(tmp_path, mode="socket") as world:
        world.slack._courier.ack_seconds = 1
        command = a_command(world.slack, people.MAYA, "/kudos", "help") | {"response_url": "https://evil.example/x"}
        with pytest.raises(Exception, match="operation_timeout"):
            world.slack.deliver("slash_commands", command)
