"""Delivers payloads to the app, over HTTP or a socket, and waits for its answer."""

import hashlib
import hmac
import itertools
import json
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlencode

from bot.sandbox.slack.errors import SandboxError
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.post import Answer, Poster
from bot.sandbox.slack.socket_mode import Sockets
from bot.sandbox.slack.state import State

#: Slack docs, "Handling user interaction": an app must answer within 3 seconds.
ACK_SECONDS: Final = 3.0

#: Slack docs, "The Events API": a failed event comes again nearly at once, after a minute, after five minutes.
RETRY_WAITS: Final = (0.0, 60.0, 300.0)

#: Deliveries that are kept for looking at: more than any test or tour makes.
LOG_LENGTH: Final = 10_000


class Unanswered(SandboxError):
    """A delivery that came to nothing: ``operation_timeout`` or ``dispatch_failed``, and the HTTP status if any."""

    def __init__(self, code: str, *, status: int | None = None, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.status = status
        self.detail = detail


@dataclass(slots=True)
class Delivery:
    """One payload on its way: when (epoch seconds), what, and what came of it (``ack_seconds`` until the answer)."""

    id: int
    type: str
    at: float
    transport: str
    payload: Json
    ack_seconds: float | None = None
    status: int | None = None
    ack: Any = None
    error: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Courier:
    """Delivers one payload after another, from any thread; each call blocks until the app answered."""

    def __init__(
        self,
        state: State,
        sockets: Sockets,
        *,
        request_url: str | None,
        ack_seconds: float,
        retry_waits: tuple[float, ...],
    ) -> None:
        self._state = state
        self._sockets = sockets
        self._poster = Poster()
        self._count = itertools.count(1)
        self._closed = threading.Event()
        self.request_url = request_url
        self.ack_seconds = ack_seconds
        self.retry_waits = retry_waits
        self.log: deque[Delivery] = deque(maxlen=LOG_LENGTH)

    @property
    def mode(self) -> str | None:
        """Tell how the app is connected: ``socket``, ``http`` or (None) not at all."""
        return "socket" if self._sockets.connected else "http" if self.request_url else None

    @property
    def installed(self) -> bool:
        """Tell whether the app is connected, or was once: Slack tries to reach an app that is down for the moment."""
        return self.request_url is not None or self._sockets.used

    def sign(self, body: bytes, timestamp: int | None = None, *, secret: str | None = None) -> dict[str, str]:
        """Return the headers of a signed request (Slack docs, "Verifying requests from Slack", version v0)."""
        at = str(int(time.time()) if timestamp is None else timestamp)
        key = (self._state.signing_secret if secret is None else secret).encode()
        digest = hmac.new(key, b"v0:" + at.encode() + b":" + body, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}

    def deliver(self, kind: str, payload: Json, *, retry: tuple[int, str] | None = None) -> Any:
        """Deliver a ``slash_commands``, ``interactive`` or ``events_api`` payload; return the answer's content.

        The content is JSON where the app sent JSON, a string where it sent other text, None where it sent nothing.
        """
        mode = self.mode
        entry = Delivery(next(self._count), payload.get("type", kind), time.time(), mode or "none", payload)
        if entry.type == "event_callback":
            entry.type = payload["event"]["type"]
        self.log.append(entry)
        started = time.perf_counter()
        try:
            entry.ack = self._carry(entry, kind, payload, retry)
        except Unanswered as error:
            entry.error = error.code
            raise
        finally:
            entry.ack_seconds = time.perf_counter() - started
        return entry.ack

    def _carry(self, entry: Delivery, kind: str, payload: Json, retry: tuple[int, str] | None) -> Any:
        if entry.transport == "socket":
            try:
                ack = self._sockets.deliver(kind, payload, timeout=self.ack_seconds, retry=retry)
            except TimeoutError:
                raise Unanswered("operation_timeout") from None
            except ConnectionError as error:
                raise Unanswered("dispatch_failed", detail=str(error)) from None
        elif entry.transport == "http":
            ack = self._post(entry, kind, payload, retry)
        else:
            raise Unanswered("dispatch_failed", detail="the app is not connected")
        if self._state.faults.take("drop_acks"):
            raise Unanswered("operation_timeout", detail="the answer was lost (drop_acks)")
        return ack

    def deliver_event(self, payload: Json) -> None:
        """Deliver an event once, and let its retries follow by themselves where that failed."""
        try:
            self.deliver("events_api", payload)
        except Unanswered as error:
            # A daemon: waiting five minutes for the last retry must not keep the process alive.
            threading.Thread(target=self._retry, args=(payload, _reason(error)), daemon=True).start()

    def _retry(self, payload: Json, reason: str) -> None:
        for number, wait in enumerate(self.retry_waits, start=1):
            if self._closed.wait(wait):
                return
            try:
                self.deliver("events_api", payload, retry=(number, reason))
            except Unanswered as error:
                reason = _reason(error)
            else:
                return

    def _post(self, entry: Delivery, kind: str, payload: Json, retry: tuple[int, str] | None) -> Any:
        if kind == "slash_commands":
            body, content_type = urlencode(payload).encode(), "application/x-www-form-urlencoded"
        elif kind == "interactive":
            body = urlencode({"payload": json.dumps(payload)}).encode()
            content_type = "application/x-www-form-urlencoded"
        else:
            body, content_type = json.dumps(payload).encode(), "application/json"
        headers = {"Content-Type": content_type, **self.sign(body)}
        if retry is not None:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        entry.headers, entry.body = headers, body
        response = self.post_raw(body, headers)
        entry.status = response.status_code
        entry.ack = _content(response)
        if response.status_code != 200:
            raise Unanswered("dispatch_failed", status=response.status_code, detail=response.text[:200])
        return entry.ack

    def post_raw(self, body: bytes, headers: dict[str, str]) -> Answer:
        """POST these very bytes with these very headers to the app: for forgeries and replays."""
        if self.request_url is None:
            raise RuntimeError("There is no request_url to post to")
        try:
            return self._poster.post(self.request_url, body, headers, timeout=self.ack_seconds)
        except TimeoutError:
            raise Unanswered("operation_timeout") from None
        except (OSError, HTTPException) as error:
            raise Unanswered("dispatch_failed", detail=str(error)) from None

    def close(self) -> None:
        """Give up on retries and close the connections."""
        self._closed.set()
        self._poster.close()


def _reason(error: Unanswered) -> str:
    if error.code == "operation_timeout":
        return "http_timeout"
    return "connection_failed" if error.status is None else "http_error"


def _content(answer: Answer) -> Any:
    if not answer.content:
        return None
    try:
        return json.loads(answer.content)
    except ValueError:
        return answer.text
