"""A pooler that hands out one connection to PostgreSQL for each transaction, as PgBouncer does in transaction mode."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

#: "May I encrypt?", by TLS or by Kerberos (PostgreSQL docs, 53.7, Message Formats).
_MAY_ENCRYPT: Final = (80877103, 80877104)


@contextmanager
def pooled(server_port: int) -> Iterator[int]:
    """Yield the port of a pooler before the server on that port."""
    door = socket.create_server(("127.0.0.1", 0))
    pooler = _Pooler(server_port)
    threading.Thread(target=pooler.serve, args=(door,), daemon=True).start()
    try:
        yield door.getsockname()[1]
    finally:
        door.close()
        pooler.close()


class _Pooler:
    """One connection to the server, shared by all clients.

    Args:
        port: the server's.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._turn = threading.Lock()
        self._server: socket.socket | None = None
        self._greeting = b""

    def serve(self, door: socket.socket) -> None:
        """Let clients in until the door is closed."""
        while True:
            try:
                client, _ = door.accept()
            except OSError:
                return
            threading.Thread(target=self._attend, args=(client,), daemon=True).start()

    def close(self) -> None:
        """Hang up on the server."""
        if self._server is not None:
            self._server.close()

    def _attend(self, client: socket.socket) -> None:
        with client:
            try:
                server = self._connected(_startup(client))
                client.sendall(self._greeting)
                while (message := _message(client))[:1] != b"X":
                    with self._turn:
                        self._transact(client, server, message)
            except (EOFError, OSError):
                return

    def _connected(self, startup: bytes) -> socket.socket:
        with self._turn:
            if self._server is None:
                self._server = socket.create_connection(("127.0.0.1", self._port))
                self._server.sendall(startup)
                self._greeting, _ = _answers(self._server)
            return self._server

    def _transact(self, client: socket.socket, server: socket.socket, message: bytes) -> None:
        """Hand messages on until the server is in no transaction."""
        while True:
            server.sendall(message)
            if message[:1] in b"QS":
                answers, is_idle = _answers(server)
                client.sendall(answers)
                if is_idle:
                    return
            message = _message(client)


def _startup(client: socket.socket) -> bytes:
    while True:
        head = _exactly(client, 8)
        length, code = struct.unpack("!ii", head)
        body = _exactly(client, length - 8)
        if code not in _MAY_ENCRYPT:
            return head + body
        client.sendall(b"N")


def _answers(server: socket.socket) -> tuple[bytes, bool]:
    """All messages up to the one that says that the server is ready; whether it is in no transaction then."""
    answers = b""
    while True:
        message = _message(server)
        answers += message
        if message[:1] == b"Z":
            return answers, message[-1:] == b"I"


def _message(source: socket.socket) -> bytes:
    head = _exactly(source, 5)
    (length,) = struct.unpack("!i", head[1:])
    return head + _exactly(source, length - 4)


def _exactly(source: socket.socket, length: int) -> bytes:
    found = b""
    while len(found) < length:
        if not (part := source.recv(length - len(found))):
            raise EOFError
        found += part
    return found
