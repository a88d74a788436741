"""A load balancer before several bots, for the tests in HTTP mode."""

import threading
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Self

from tests.kit.crash import PATIENCE


class Front:
    """An HTTP proxy before the bots, as a load balancer is: each request goes to the next one that can be reached.

    A request that a bot has begun to read is not sent again: who clicked is told that it failed.

    Args:
        ports: of the bots, at this moment.
    """

    def __init__(self, ports: Callable[[], Sequence[int]]) -> None:
        self.answered: set[int] = set()

        class Server(ThreadingHTTPServer):
            request_queue_size = 128  # as many as come at the same instant

        turns, answered = count(), self.answered

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                there = ports()
                first = next(turns)
                for number in range(len(there)):
                    port = there[(first + number) % len(there)]
                    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                    try:
                        connection.connect()
                    except OSError:
                        continue
                    try:
                        self._pass_on(connection, body)
                        answered.add(port)
                    except (OSError, HTTPException):
                        self.send_error(502)
                    finally:
                        connection.close()
                    return
                self.send_error(503)

            def _pass_on(self, connection: HTTPConnection, body: bytes) -> None:
                connection.request("POST", self.path, body, dict(self.headers))
                answer = connection.getresponse()
                content = answer.read()
                self.send_response(answer.status)
                if kind := answer.getheader("Content-Type"):
                    self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
