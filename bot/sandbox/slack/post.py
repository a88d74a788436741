"""Posts to the app over HTTP, on connections that stay open between the posts."""

import select
import socket
import threading
from collections import defaultdict
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Final
from urllib.parse import urlsplit

#: What Slack's own posts say of who sends them.
_AGENT: Final = {"User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app answered, whatever it is."""

    status_code: int
    content: bytes

    @property
    def text(self) -> str:
        """Return the content as text, also where it is none."""
        return self.content.decode(errors="replace")


class Poster:
    """Posts from any thread. A connection carries one post at a time, and the next one after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: defaultdict[str, list[HTTPConnection]] = defaultdict(list)
        self._is_closed = False

    def post(self, url: str, body: bytes, headers: dict[str, str], *, timeout: float) -> Answer:
        """POST and return the answer.

        Args:
            url: where, without TLS.
            body: these very bytes.
            headers: these, besides what HTTP itself needs.
            timeout: the seconds that each step may take: to connect, and to answer.

        Raises:
            TimeoutError: a step took longer.
            OSError: there was no connection, or it broke.
            HTTPException: the answer is not HTTP.
        """
        target = urlsplit(url)
        connection = self._take(target.netloc, timeout)
        try:
            connection.request("POST", target.path or "/", body, _AGENT | headers)
            with connection.getresponse() as response:
                answer = Answer(response.status, response.read())
        except BaseException:
            connection.close()
            raise
        self._give_back(target.netloc, connection)
        return answer

    def _take(self, server: str, timeout: float) -> HTTPConnection:
        """Return a connection that the server has not closed meanwhile, or one that is still to be opened."""
        while True:
            with self._lock:
                idle = self._idle[server]
                connection = idle.pop() if idle else HTTPConnection(server)
            connection.timeout = timeout
            if connection.sock is None:
                return connection
            if not _has_something_to_read(connection.sock):  # nothing was asked: it would be the end
                connection.sock.settimeout(timeout)
                return connection
            connection.close()

    def _give_back(self, server: str, connection: HTTPConnection) -> None:
        with self._lock:
            if not self._is_closed:
                self._idle[server].append(connection)
                return
        connection.close()  # a retry that was under way when the others were closed

    def close(self) -> None:
        """Close the connections, also those that carry something once that is over."""
        with self._lock:
            self._is_closed = True
            idle = [connection for server in self._idle.values() for connection in server]
            self._idle.clear()
        for connection in idle:
            connection.close()


def _has_something_to_read(open_socket: socket.socket) -> bool:
    looked_at = select.poll()  # not `select.select`, which takes no more than 1,024 files
    looked_at.register(open_socket, select.POLLIN)
    return bool(looked_at.poll(0))
