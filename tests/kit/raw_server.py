"""A server of bare sockets: it does to a connection what a proper one never would."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


class RawServer:
    """Plays `play` on each connection, in a thread of its own; remembers what it read by `receive`."""

    def __init__(self, play: Callable[["RawServer", socket.socket], None]) -> None:
        self._play = play
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._closed = threading.Semaphore(0)
        self.received: list[Received] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/raas/v2"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(10)

    def receive(self, connection: socket.socket) -> Received:
        """Read one request whole."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._some(connection)
        head, _, body = data.partition(b"\r\n\r\n")
        line, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): text.strip() for name, _, text in (entry.partition(":") for entry in rest)}
        while len(body) < int(headers.get("content-length", "0")):
            body += self._some(connection)
        request = Received(line, headers, body)
        self.received.append(request)
        return request

    def _some(self, connection: socket.socket) -> bytes:
        data = connection.recv(65536)
        if not data:
            raise ConnectionError("the client hung up")
        return data

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            self._play(self, connection)
        self._closed.release()

    def wait_until_closed(self, connections: int) -> None:
        """Wait until this many more connections have been played to their end."""
        for _ in range(connections):
            self._closed.acquire(timeout=20)

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    """An answer as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "X-REQUEST-ID: req-1", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def reset(connection: socket.socket) -> None:
    """Cut the connection at once, unread bytes and all."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@contextlib.contextmanager
def answering(*answers: bytes) -> Iterator[RawServer]:
    """A server that gives these answers one after the other, the last one again and again."""
    left = list(answers)

    def play(server: RawServer, connection: socket.socket) -> None:
        while True:
            server.receive(connection)
            connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    with RawServer(play) as server:
        yield server


def unused_address() -> str:
    """The address of a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/raas/v2"
