"""The client on real sockets: whatever the other side does, an order's attempt comes to an outcome."""

import base64
import contextlib
import gzip
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pydantic import SecretStr

from bot.domain.queue import HaltCause
from bot.errors import TangoRefused, TangoUnavailable
from bot.tango.client import TangoClient
from bot.tango.outcomes import (
    Accepted,
    Ambiguous,
    Halted,
    Reason,
    Rejected,
    ResendAmbiguous,
    ResendRefused,
    Resent,
    Throttled,
)
from bot.tango.queries import OrderQuery
from tests.kit.raw_server import RawServer, answering, http, reset, unused_address

KEY = "key-of-the-platform"
BODY = b'{"externalRefID":"abc","amount":25.1,"message":"\xe8\xb0\xa2"}'
PLACED = http("201 Created", b'{"referenceOrderID":"RA1-1-1","status":"COMPLETE"}')
PAGE_502 = b"<html><body>502 Bad Gateway</body></html>"


@contextlib.contextmanager
def client_of(url: str, timeout: float = 20.0) -> Iterator[TangoClient]:
    client = TangoClient(base_url=url, platform_name="KudosTest", platform_key=SecretStr(KEY), timeout=timeout)
    try:
        yield client
    finally:
        client.close()


def cut_at_once(_server: RawServer, connection: socket.socket) -> None:
    reset(connection)


def cut_while_reading(_server: RawServer, connection: socket.socket) -> None:
    connection.recv(1)
    reset(connection)


def cut_after_reading(server: RawServer, connection: socket.socket) -> None:
    server.receive(connection)
    reset(connection)


def close_after_reading(server: RawServer, connection: socket.socket) -> None:
    server.receive(connection)


def sending(data: bytes) -> Callable[[RawServer, socket.socket], None]:
    def play(server: RawServer, connection: socket.socket) -> None:
        server.receive(connection)
        connection.sendall(data)

    return play


def never_answering(server: RawServer, connection: socket.socket) -> None:
    server.receive(connection)
    connection.recv(1)  # returns when the client gives up


def dripping(server: RawServer, connection: socket.socket) -> None:
    server.receive(connection)
    connection.sendall(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n")
    gone = threading.Event()
    while not gone.wait(0.01):
        connection.sendall(b"1\r\n \r\n")


@pytest.mark.parametrize(
    ("play", "reason", "status"),
    [
        pytest.param(cut_while_reading, Reason.CONNECTION_CUT, None, id="cut while reading"),
        pytest.param(cut_after_reading, Reason.CONNECTION_CUT, None, id="cut after reading"),
        pytest.param(close_after_reading, Reason.CONNECTION_CUT, None, id="closed after reading"),
        pytest.param(sending(PLACED[:20]), Reason.CONNECTION_CUT, None, id="cut within the head"),
        pytest.param(sending(PLACED[:-5]), Reason.CONNECTION_CUT, None, id="cut within the body"),
        pytest.param(sending(b"\x00\x01\x02 no HTTP\r\n\r\n"), Reason.CONNECTION_CUT, None, id="no HTTP"),
        pytest.param(
            sending(http("201 Created", b"no gzip", "Content-Encoding: gzip")),
            Reason.UNREADABLE,
            None,
            id="broken compression",
        ),
        pytest.param(sending(http("201 Created", b'{"referenceOr')), Reason.UNREADABLE, 201, id="broken JSON"),
        pytest.param(sending(http("200 OK", PAGE_502)), Reason.UNREADABLE, 200, id="200 with HTML"),
        pytest.param(sending(http("201 Created")), Reason.UNREADABLE, 201, id="201 with nothing"),
        pytest.param(sending(http("502 Bad Gateway", PAGE_502)), Reason.SERVER_ERROR, 502, id="502 with HTML"),
        pytest.param(sending(http("503 Service Unavailable")), Reason.SERVER_ERROR, 503, id="503"),
        pytest.param(sending(http("409 Conflict", b'{"i18nKey":"409.002"}')), Reason.IN_FLIGHT, 409, id="409"),
        pytest.param(sending(http("409 Conflict")), Reason.FOREIGN, 409, id="409 of a gateway"),
        pytest.param(sending(http("404 Not Found", PAGE_502)), Reason.FOREIGN, 404, id="404 with HTML"),
        pytest.param(
            sending(http("307 Temporary Redirect", b"", "Location: http://127.0.0.1:1/elsewhere")),
            Reason.UNEXPECTED,
            307,
            id="redirect, not followed",
        ),
    ],
)
def test_what_leaves_the_order_in_doubt_is_ambiguous(play, reason, status):
    written: list[str] = []
    with RawServer(play) as server, client_of(server.url) as client:
        outcome = client.create_order(BODY, on_written=lambda: written.append("written"))
    assert isinstance(outcome, Ambiguous)
    assert (outcome.reason, outcome.status) == (reason, status)
    assert written == ["written"]


@pytest.mark.parametrize("play", [never_answering, dripping])
def test_an_answer_that_does_not_come_is_a_timeout(play):
    written: list[str] = []
    with RawServer(play) as server, client_of(server.url, timeout=0.2) as client:
        outcome = client.create_order(BODY, on_written=lambda: written.append("written"))
    assert isinstance(outcome, Ambiguous)
    assert (outcome.reason, outcome.status) == (Reason.TIMEOUT, None)
    assert written == ["written"]


def test_a_connection_cut_at_once_may_count_as_none():
    """Whether the client notices before or after its handshake is the kernel's choice."""
    written: list[str] = []
    with RawServer(cut_at_once) as server, client_of(server.url) as client:
        outcome = client.create_order(BODY, on_written=lambda: written.append("written"))
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason in {Reason.CONNECTION_CUT, Reason.NOT_CONNECTED}
    assert written == ["written"]


def test_a_closed_port_is_not_connected():
    written: list[str] = []
    with client_of(unused_address()) as client:
        outcome = client.create_order(BODY, on_written=lambda: written.append("written"))
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason is Reason.NOT_CONNECTED
    assert written == ["written"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (PLACED, Accepted),
        (http("200 OK", b'{"referenceOrderID":"RA1-1-1"}'), Accepted),
        (http("400 Bad Request", b'{"errors":[{"i18nKey":"422.134"}]}'), Rejected),
        (http("401 Unauthorized", b'{"i18nKey":"401.501"}'), Halted),
        (http("402 Payment Required", b'{"i18nKey":"402.001"}'), Halted),
        (http("403 Forbidden", b'{"i18nKey":"403.007"}'), Halted),
        (http("429 Too Many Requests", b'{"i18nKey":"429.008"}'), Throttled),
    ],
)
def test_on_written_is_called_once_whatever_the_answer(answer, kind):
    written: list[str] = []
    with answering(answer) as server, client_of(server.url) as client:
        outcome = client.create_order(BODY, on_written=lambda: written.append("written"))
    assert isinstance(outcome, kind)
    assert outcome.request_id == "req-1"
    assert written == ["written"]


def test_on_written_is_called_before_the_answer():
    written = threading.Event()

    def play(server: RawServer, connection: socket.socket) -> None:
        server.receive(connection)
        assert written.wait(20)
        connection.sendall(PLACED)

    with RawServer(play) as server, client_of(server.url) as client:
        assert isinstance(client.create_order(BODY, on_written=written.set), Accepted)


def test_a_refusal_before_the_body_is_read_is_heard():
    """Whoever answers without reading and closes still gets its answer taken, if it arrives."""

    def play(_server: RawServer, connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(http("401 Unauthorized", b'{"i18nKey":"401.501"}', "Connection: close"))
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1 << 20):
            pass

    written: list[str] = []
    with RawServer(play) as server, client_of(server.url) as client:
        outcome = client.create_order(b"x" * 10_000_000, on_written=lambda: written.append("written"))
    assert isinstance(outcome, Halted)
    assert outcome.cause is HaltCause.UNAUTHORIZED
    assert written == ["written"]


def test_exactly_these_bytes_are_sent_with_basic_auth():
    with answering(PLACED) as server, client_of(server.url + "/") as client:
        client.create_order(BODY)
    (request,) = server.received
    assert request.line == "POST /raas/v2/orders HTTP/1.1"
    assert request.body == BODY
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(f"KudosTest:{KEY}".encode()).decode()


def test_the_environment_gives_no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, unused_address())
    with answering(PLACED) as server, client_of(server.url) as client:
        assert isinstance(client.create_order(BODY), Accepted)


def test_a_compressed_answer_is_read():
    body = gzip.compress(b'{"referenceOrderID":"RA9"}')
    with answering(http("201 Created", body, "Content-Encoding: gzip")) as server, client_of(server.url) as client:
        outcome = client.create_order(BODY)
    assert isinstance(outcome, Accepted)
    assert outcome.order.reference_order_id == "RA9"


def test_a_connection_is_kept_and_one_that_died_meanwhile_is_not_used():
    connections: list[int] = []

    def play(server: RawServer, connection: socket.socket) -> None:
        connections.append(1)
        for _ in range(2):
            server.receive(connection)
            connection.sendall(PLACED)

    with RawServer(play) as server, client_of(server.url) as client:
        outcomes = [client.create_order(BODY) for _ in range(2)]
        assert len(connections) == 1
        server.wait_until_closed(1)
        outcomes += [client.create_order(BODY) for _ in range(2)]
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len(connections) == 2


def test_sixty_orders_and_a_read_are_in_flight_side_by_side():
    all_here = threading.Barrier(61)

    def play(server: RawServer, connection: socket.socket) -> None:
        request = server.receive(connection)
        all_here.wait(30)
        posted = request.line.startswith("POST")
        connection.sendall(PLACED if posted else http("200 OK", b'{"referenceOrderID":"RA1"}'))

    with RawServer(play) as server, client_of(server.url) as client, ThreadPoolExecutor(61) as pool:
        posts = [pool.submit(client.create_order, BODY) for _ in range(60)]
        read = pool.submit(client.get_order, "RA1")
        assert all(isinstance(post.result(), Accepted) for post in posts)
        assert read.result().reference_order_id == "RA1"


def test_the_log_tells_each_call_and_nothing_private(caplog):
    caplog.set_level(logging.DEBUG)
    mail = "rob.private@example.com"
    page = http("200 OK", b'{"orders":[{"referenceOrderID":"RA1","recipient":{"email":"%s"}}]}' % mail.encode())
    placed = http(
        "201 Created",
        b'{"referenceOrderID":"RA1","reward":{"credentialList":[{"value":"code-77","type":"text"}]}}',
    )
    with answering(placed, page) as server, client_of(server.url) as client:
        client.create_order(b'{"recipient":{"email":"%s"}}' % mail.encode())
        client.list_orders(OrderQuery(recipient_email=mail))
        client.resend_order("RA1", new_email=mail)
    for private in (mail, "rob.private", "code-77", KEY, "KudosTest", "Basic "):
        assert private not in caplog.text
    ours = [record.getMessage() for record in caplog.records if record.name == "bot.tango.transport"]
    assert [line.split(" after ")[0] for line in ours] == [
        "POST /orders: 201",
        "GET /orders: 200",
        "POST /orders/{id}/resends: 200",
    ]
    assert all(line.endswith(", request req-1") for line in ours)


def test_an_attempt_without_an_answer_is_logged(caplog):
    with client_of(unused_address()) as client:
        client.create_order(BODY)
    (record,) = [record for record in caplog.records if record.name == "bot.tango.transport"]
    assert record.levelname == "WARNING"
    assert record.getMessage().startswith("POST /orders: not connected after ")


@pytest.mark.parametrize(
    "url", ["", "integration-api.tangocard.com/raas/v2", "ftp://example.com", "http://example.com:port", "https://"]
)
def test_an_address_that_is_none_is_refused_at_the_start(url):
    with pytest.raises(ValueError, match="address"):
        TangoClient(base_url=url, platform_name="KudosTest", platform_key=SecretStr(KEY))


# -------------------------------------------------------------------------------------------- reads


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http("500 Internal Server Error"), Reason.SERVER_ERROR),
        (http("429 Too Many Requests", b'{"i18nKey":"429.008"}'), Reason.TOO_MANY),
        (http("429 Too Many Requests"), Reason.FOREIGN),
        (http("404 Not Found", PAGE_502), Reason.FOREIGN),
        (http("403 Forbidden", b'{"message":"Forbidden"}'), Reason.FOREIGN),
        (http("302 Found", b"", "Location: /login"), Reason.UNEXPECTED),
        (http("204 No Content"), Reason.UNEXPECTED),
        (http("200 OK", PAGE_502), Reason.UNREADABLE),
        (http("200 OK", b'"text"'), Reason.UNREADABLE),
        (http("200 OK", b"7"), Reason.UNREADABLE),
    ],
)
def test_reads_that_cannot_be_had_are_unavailable(answer, reason):
    calls: list[Callable[[TangoClient], object]] = [
        lambda client: client.get_order("RA1"),
        lambda client: client.list_orders(OrderQuery()),
        lambda client: client.list_catalog(),
        lambda client: client.get_account("acme-rewards"),
    ]
    with answering(answer) as server, client_of(server.url) as client:
        for call in calls:
            with pytest.raises(TangoUnavailable) as caught:
                call(client)
            assert (caught.value.reason, caught.value.request_id) == (reason, "req-1")


def test_a_read_without_a_connection_is_unavailable():
    with client_of(unused_address()) as client, pytest.raises(TangoUnavailable) as caught:
        client.get_order("RA1")
    assert (caught.value.reason, caught.value.status) == (Reason.NOT_CONNECTED, None)


def test_a_refused_read_tells_why():
    body = b'{"i18nKey":"404.005","message":"unknown order"}'
    with (
        answering(http("404 Not Found", body)) as server,
        client_of(server.url) as client,
        pytest.raises(TangoRefused) as caught,
    ):
        client.get_order("RA1")
    error = caught.value
    assert (error.status, error.i18n_key, error.message) == (404, "404.005", "unknown order")
    assert (error.request_id, error.field) == ("req-1", None)


@pytest.mark.parametrize(
    "typed", ["", ".", "..", "../accounts", "RA1/resends", "RA1?x=1", "RA1#", "RA1\n", "é", "x" * 101]
)
def test_what_is_no_order_number_asks_nothing(typed):
    with answering(PLACED) as server, client_of(server.url) as client:
        for call in (client.get_order, client.get_account):
            with pytest.raises(TangoRefused) as caught:
                call(typed)
            assert caught.value.status == 404
        assert isinstance(client.resend_order(typed), ResendRefused)
        assert server.received == []


def test_the_catalog_may_be_asked_for_in_short():
    with answering(http("200 OK", b'{"brands":[]}')) as server, client_of(server.url) as client:
        client.list_catalog()
        client.list_catalog(verbose=False)
    assert [request.line for request in server.received] == [
        "GET /raas/v2/catalogs?verbose=true HTTP/1.1",
        "GET /raas/v2/catalogs?verbose=false HTTP/1.1",
    ]


# ------------------------------------------------------------------------------------------ resends


def test_a_resend_says_only_what_changes():
    with answering(http("201 Created", b'{"id":1}')) as server, client_of(server.url) as client:
        assert isinstance(client.resend_order("RA1"), Resent)
        client.resend_order("RA1", new_email="rob@example.com")
        client.resend_order("RA1", new_etid="E000001")
    assert [request.body for request in server.received] == [
        b"{}",
        b'{"newEmail":"rob@example.com"}',
        b'{"newEtid":"E000001"}',
    ]
    assert server.received[0].line == "POST /raas/v2/orders/RA1/resends HTTP/1.1"


@pytest.mark.parametrize(
    ("play", "reason"),
    [
        (cut_after_reading, Reason.CONNECTION_CUT),
        (sending(http("503 Service Unavailable")), Reason.SERVER_ERROR),
        (sending(http("201 Created", b"{")), Reason.UNREADABLE),
    ],
)
def test_a_resend_in_doubt_is_unclear(play, reason):
    with RawServer(play) as server, client_of(server.url) as client:
        outcome = client.resend_order("RA1")
    assert isinstance(outcome, ResendAmbiguous)
    assert outcome.reason is reason


def test_a_resend_that_never_left_is_told():
    with client_of(unused_address()) as client:
        outcome = client.resend_order("RA1")
    assert outcome == ResendAmbiguous(status=None, reason=Reason.NOT_CONNECTED, request_id=None)


# -------------------------------------------------------------------------------------------- on duty


@pytest.mark.parametrize("asked_in_vain", [1, 2], ids=["before the head", "between head and body"])
def test_what_may_not_be_written_any_more_is_not_sent(asked_in_vain: int):
    """The duty may end while the request waits for its connection, or between its two writes."""
    asked: list[bool] = []

    def may_write() -> bool:
        asked.append(len(asked) + 1 < asked_in_vain)
        return asked[-1]

    written: list[str] = []
    with RawServer(cut_after_reading) as server, client_of(server.url) as client:
        outcome = client.fenced(may_write).create_order(BODY, on_written=lambda: written.append("told"))
    assert isinstance(outcome, Ambiguous)
    assert outcome.reason is Reason.NOT_CONNECTED, "Tango surely has no order"
    assert written == ["told"]
    assert server.received == []


def test_a_read_for_a_person_asks_nobody_whether_it_may():
    with RawServer(sending(PLACED)) as server, client_of(server.url) as client:
        client.fenced(lambda: False)
        assert isinstance(client.create_order(BODY), Accepted)
