"""Slack's side of http mode: signed requests over a connection that is kept alive.

Written on bare sockets: an HTTP client's own half millisecond would be in both sides of a ratio, and make every ratio
look better than it is.
"""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from tests.bench.cast import SIGNING_SECRET

_VERIFIER = SignatureVerifier(SIGNING_SECRET)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, and how long it took from the first byte sent to the last byte received."""

    seconds: float
    status: int
    body: bytes


def signed(payload: dict[str, Any]) -> bytes:
    """An interaction as Slack posts it, head and body; good for five minutes."""
    body = urlencode({"payload": json.dumps(payload)})
    timestamp = str(int(time.time()))
    signature = _VERIFIER.generate_signature(timestamp=timestamp, body=body)
    head = (
        "POST /slack/events HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
        "Accept: application/json,*/*\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Slack-Request-Timestamp: {timestamp}\r\n"
        f"X-Slack-Signature: {signature}\r\n\r\n"
    )
    return (head + body).encode()


class Line:
    """One connection, kept alive; one request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, port: int) -> Self:
        """Connect."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: bytes) -> Answered:
        """Send a request and read its answer."""
        began = time.perf_counter()
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = 0
        for line in head.split("\r\n")[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                length = int(value)
        body = await self._reader.readexactly(length)
        return Answered(time.perf_counter() - began, int(head.split(" ", 2)[1]), body)

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        await self._writer.wait_closed()
