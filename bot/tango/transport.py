"""HTTP to Tango: one call, its whole answer, one line in the log. The one place that knows httpx.

Head and body leave in two writes, at once: httpcore sets TCP_NODELAY on every connection, so the second does
not wait for the first to be acknowledged.
"""

import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, Final

import httpx
from pydantic import SecretStr

from bot.tango.envelope import request_id_of
from bot.tango.outcomes import Reason

logger = logging.getLogger(__name__)

#: A host that takes longer than this to shake hands is down, and nothing has been sent yet: asking again is
#: free. The long wait is for answers: Tango's suppliers may be slow.
_CONNECT_TIMEOUT: Final = 5.0

#: At most 60 orders are in flight (one a second, each awaited for up to 60 s); the rest is for reads and
#: resends that people wait for. A connection beyond that waits as long as a handshake may.
_MAX_CONNECTIONS: Final = 80

#: An idle connection is dropped before a load balancer does (60 s is the common limit), so that an order is
#: rarely written to one that has just died.
_KEEPALIVE_SECONDS: Final = 30.0

#: As many as a burst of people at work keeps busy; each costs a socket while it idles.
_MAX_IDLE_CONNECTIONS: Final = 20

#: An order's answer is a few kilobytes, a full catalog some megabytes. More than this is not Tango speaking.
_MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024

Trace = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An answer, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoAnswer(Exception):
    """No whole answer came back; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


class Written:
    """Calls `tell` once: when the request is on the socket, or will never be. A GET ends with an empty body.

    Args:
        tell: called once.
        may_write: asked before each of the two writes, because a process may stand still for seconds before either.
    """

    _BEGINS: Final = frozenset({"http11.send_request_headers.started", "http11.send_request_body.started"})

    #: After a failed write the answer is still awaited (a server may refuse early), but no more is written.
    _ENDS: Final = frozenset(
        {
            "http11.send_request_body.complete",
            "http11.send_request_body.failed",
            "http11.send_request_headers.failed",
        }
    )

    def __init__(self, tell: Callable[[], None], may_write: Callable[[], bool]) -> None:
        self._tell = tell
        self._may_write = may_write
        self._told = False

    def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        """Hear an event of httpx's "trace" extension.

        Raises:
            NoAnswer: the request may not be written any more.
        """
        if event in self._BEGINS and not self._may_write():
            raise NoAnswer(Reason.NOT_CONNECTED)
        if event in self._ENDS:
            self.tell()

    def tell(self) -> None:
        """Call `tell`, unless that was done before."""
        if not self._told:
            self._told = True
            self._tell()


@cache
def _ssl_context() -> ssl.SSLContext:
    """Return the one context of all connections to Tango: reading the certificates takes about 20 ms each time."""
    return httpx.create_ssl_context(trust_env=False)


class Transport:
    """The connections to Tango, over HTTP Basic. Safe to use from many threads.

    Args:
        base_url: the base of the API, such as `https://integration-api.tangocard.com/raas/v2`.
        platform_name: the user of HTTP Basic.
        platform_key: its password.
        timeout: seconds that Tango may take to answer.
        on_date: told the time, UTC, of each answer's `Date`.

    Raises:
        ValueError: `base_url` is no http or https address.
    """

    def __init__(
        self,
        *,
        base_url: str,
        platform_name: str,
        platform_key: SecretStr,
        timeout: float,
        on_date: Callable[[datetime], None],
    ) -> None:
        self._base = base_url.rstrip("/")
        self._timeout = timeout
        self._on_date = on_date
        try:
            url = httpx.URL(self._base)
        except httpx.InvalidURL:
            raise ValueError("not an address") from None
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("not an http or https address")
        # httpx logs every URL in full, and a query may hold an email address. Ours are logged below.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._http = httpx.Client(
            auth=httpx.BasicAuth(platform_name, platform_key.get_secret_value()),
            headers={"Accept": "application/json", "User-Agent": "kudos"},
            timeout=httpx.Timeout(timeout, connect=_CONNECT_TIMEOUT, pool=_CONNECT_TIMEOUT),
            limits=httpx.Limits(
                max_connections=_MAX_CONNECTIONS,
                max_keepalive_connections=_MAX_IDLE_CONNECTIONS,
                keepalive_expiry=_KEEPALIVE_SECONDS,
            ),
            follow_redirects=False,  # a redirect would carry an order, or its credentials, elsewhere
            verify=_ssl_context(),
            # Nothing from the environment: a proxy named there would see which rewards go to whom, and a
            # ~/.netrc would be read. Where a proxy is wanted, it is an address of its own in `base_url`.
            trust_env=False,
        )

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def call(
        self,
        method: str,
        template: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        trace: Trace | None = None,
    ) -> HttpAnswer:
        """Send a request, once, read its answer whole, and log the two in a line.

        Args:
            method: of HTTP.
            template: the path as the log shows it, without what identifies an order or an account.
            path: after the base.
            params: the query.
            body: JSON.
            trace: hears the events of httpx's "trace" extension.

        Raises:
            NoAnswer: none came back whole.
        """
        started = time.monotonic()
        request = self._http.build_request(
            method,
            self._base + path,
            params=params,
            content=body,
            headers=None if body is None else {"Content-Type": "application/json"},
            extensions=None if trace is None else {"trace": trace},
        )
        try:
            answer = self._send(request, started)
        except NoAnswer as nothing:
            logger.warning("%s %s: %s after %d ms", method, template, nothing.reason, _ms_since(started))
            raise
        if (date := _date_of(answer.headers)) is not None:
            self._on_date(date)
        level = logging.INFO if answer.status < 400 else logging.WARNING
        request_id = request_id_of(answer.headers)
        logger.log(
            level,
            "%s %s: %d after %d ms, request %s",
            method,
            template,
            answer.status,
            _ms_since(started),
            request_id,
            extra={"tango_request_id": request_id},
        )
        return answer

    def _send(self, request: httpx.Request, started: float) -> HttpAnswer:
        """Return the answer, whole.

        httpx's own limit is between two reads; an answer that drips is cut off when twice the time is up.

        Raises:
            NoAnswer: with why.
        """
        deadline = started + 2 * self._timeout
        try:
            response = self._http.send(request, stream=True)
            try:
                received = bytearray()
                for piece in response.iter_bytes():
                    received += piece
                    if len(received) > _MAX_ANSWER_BYTES:
                        raise NoAnswer(Reason.UNREADABLE)
                    if time.monotonic() > deadline:
                        raise NoAnswer(Reason.TIMEOUT)
                return HttpAnswer(response.status_code, response.headers, bytes(received))
            finally:
                response.close()
        except httpx.RequestError as error:
            raise NoAnswer(_reason(error)) from error


def _date_of(headers: Mapping[str, str]) -> datetime | None:
    """Return the time of the answer by the server's clock, UTC (RFC 9110, Date); None where there is none to read."""
    try:
        date = parsedate_to_datetime(headers.get("Date", ""))
        return date.astimezone(UTC) if date.tzinfo is not None else None
    except (TypeError, ValueError, OverflowError):
        return None


def _reason(error: httpx.RequestError) -> Reason:
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout():
            return Reason.NOT_CONNECTED
        case httpx.TimeoutException():
            return Reason.TIMEOUT
        case httpx.DecodingError():
            return Reason.UNREADABLE
        case _:
            return Reason.CONNECTION_CUT


def _ms_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
