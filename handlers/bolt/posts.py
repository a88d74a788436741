"""Slack's posts in http mode: bounded, verified, well formed, and only then passed on to Bolt.

Source: Slack docs, Verifying requests from Slack; Slash commands (`ssl_check`).
"""

import hashlib
import hmac
import logging
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qs

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from handlers.bolt.afterwards import Start, held_back, start_all

#: The most bytes of a body that are read: a view with its state, Slack's largest payload, has at most 250 KB.
_MOST_BYTES: Final = 1_000_000

#: The most bytes that are read of a body that nobody signed: an `ssl_check` has fewer than a hundred.
_MOST_UNSIGNED_BYTES: Final = 4_096

#: Seconds between Slack's clock and this machine's after which a post may be one that was caught and sent again.
_TOLERANCE: Final = 300

#: The form of `x-slack-request-timestamp`: seconds since 1970.
_TIMESTAMP: Final = re.compile(r"[0-9]{1,15}")

#: The form of `x-slack-signature`, version v0.
_SIGNATURE: Final = re.compile(r"v0=[0-9a-f]{64}")

logger = logging.getLogger(__name__)


class Posts:
    """Answers Slack's posts.

    Args:
        bolt: answers what is Slack's and well formed.
        signing_secret: verifies what is Slack's.
        is_connected: tells whether the bot knows who it is; before that nobody's rights can be checked.
    """

    def __init__(self, bolt: App, signing_secret: str, is_connected: Callable[[], bool]) -> None:
        self._bolt = bolt
        self._secret = signing_secret.encode()
        self._is_connected = is_connected

    async def answer(self, request: Request) -> Response:
        """Answer a post."""
        try:
            return await self._answer(request)
        except ClientDisconnect:
            return PlainTextResponse("cut", status_code=400)  # nobody is left to read it

    async def _answer(self, request: Request) -> Response:
        if int(request.headers.get("content-length", "0")) > _MOST_BYTES:
            return PlainTextResponse("too large", status_code=413)
        claim = _Claim(request)
        body = await _read(request, _MOST_BYTES if claim.is_signed else _MOST_UNSIGNED_BYTES)
        if not claim.is_signed:
            if body is not None and _is_ssl_check(body):
                return Response()
            return PlainTextResponse("unsigned request", status_code=401)
        if body is None:
            return PlainTextResponse("too large", status_code=413)
        if not claim.is_valid(self._secret, body):
            return PlainTextResponse("invalid request", status_code=401)
        if not self._is_connected():
            return PlainTextResponse("not connected to Slack yet", status_code=503)
        # Bolt's dispatch commits before it answers: in a thread, so that the loop goes on.
        return await run_in_threadpool(self._dispatch, request, body)

    def _dispatch(self, request: Request, body: bytes) -> Response:
        incoming = _parsed(request, body)
        if incoming is None:
            return PlainTextResponse("malformed payload", status_code=400)
        with held_back() as held:
            answer = self._bolt.dispatch(incoming)
        if answer.status == 500:  # listeners raise nothing (bolt/binding.py): Bolt could not read the payload
            return PlainTextResponse("malformed payload", status_code=400)
        response = to_starlette_response(answer)
        if held:
            response.background = BackgroundTask(_start_all, held)
        return response


class _Claim:
    """The signature that a post comes with, and its time.

    Attributes:
        is_signed: both have Slack's form. Whether they are Slack's, only the body shows.
    """

    def __init__(self, request: Request) -> None:
        self._timestamp = request.headers.get("x-slack-request-timestamp", "")
        self._signature = request.headers.get("x-slack-signature", "")
        self.is_signed = bool(_TIMESTAMP.fullmatch(self._timestamp) and _SIGNATURE.fullmatch(self._signature))

    def is_valid(self, secret: bytes, body: bytes) -> bool:
        """Tell whether Slack signed this body, and lately."""
        signed = b"v0:" + self._timestamp.encode() + b":" + body
        right = "v0=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(right, self._signature):
            return False
        now, at = int(time.time()), int(self._timestamp)
        if abs(now - at) <= _TOLERANCE:
            return True
        logger.warning(
            "A post with the right signature was refused: Slack's clock says %s, this machine's says %s. "
            "If this machine's is wrong, set it; if not, somebody sent a caught post again",
            _clock(at),
            _clock(now),
        )
        return False


async def _read(request: Request, most: int) -> bytes | None:
    """Return the body; None where it has more than `most` bytes, of which the rest is not kept.

    Raises:
        ClientDisconnect: the body was cut, or took too long (bolt/server.py).
    """
    if int(request.headers.get("content-length", "0")) > most:
        return None
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            return None
    return bytes(body)


def _is_ssl_check(body: bytes) -> bool:
    """Tell whether Slack only looks at the certificate, which it does without a signature."""
    return parse_qs(body.decode("latin-1")).get("ssl_check") == ["1"]


def _parsed(request: Request, body: bytes) -> BoltRequest | None:
    """Return the post as Bolt takes it; None where it has not the form of any payload of Slack's."""
    try:
        incoming = to_bolt_request(request, body)
    except Exception as error:  # noqa: BLE001 (Bolt reads payloads with whatever may be in them)
        logger.warning("A signed payload can't be read: %s", type(error).__name__)
        return None
    names = (incoming.body.get("type"), incoming.body.get("command"), incoming.body.get("ssl_check"))
    return incoming if any(isinstance(name, str) for name in names) else None


async def _start_all(held: Sequence[Start]) -> None:
    """Start what was held back, on the loop: it is handed to other threads, and waits for nothing."""
    start_all(held)


def _clock(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError):
        return f"{seconds} s"
