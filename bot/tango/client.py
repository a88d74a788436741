"""The Tango Orders API over HTTP. The one place that knows httpx.

A client lasts as long as the process: making one reads the certificates (about 20 ms) and throws away the
connections that are kept alive. It is safe to use from many threads. It tries each call once: whoever calls
knows whether trying again is right.

Head and body leave in two writes, at once: httpcore sets TCP_NODELAY on every connection, so the second does
not wait for the first to be acknowledged.
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx
from pydantic import SecretStr

from bot.errors import TangoRefused, TangoUnavailable
from bot.tango import outcomes
from bot.tango.envelope import read_error, request_id_of
from bot.tango.models import Account, Catalog, OrderDetail, OrderPage, OrderQuery, ResendBody
from bot.tango.outcomes import Outcome, Reason, ResendAmbiguous, ResendOutcome, ResendRefused
from bot.tango.wire import Wire, read_json

logger = logging.getLogger(__name__)

# A host that takes longer than this to shake hands is down, and nothing has been sent yet: asking again is
# free. The long wait is for answers, which Tango's suppliers may take their time over.
_CONNECT_TIMEOUT = 5.0

# At most 60 orders are in flight (one a second, each awaited for up to 60 s); the rest is for reads and
# resends that people wait for. A connection beyond that waits as long as a handshake may.
_MAX_CONNECTIONS = 80
# An idle connection is dropped before a load balancer does (60 s is the common limit), so that an order is
# rarely written to one that has just died.
_KEEPALIVE_SECONDS = 30.0
_MAX_IDLE_CONNECTIONS = 20

# An order's answer is a few kilobytes, a full catalog some megabytes. More than this is not Tango speaking.
_MAX_ANSWER_BYTES = 64 * 1024 * 1024

# What order numbers look like: RA180426-1401-64, or 115-0112257739-30 in the first version of the API. What
# a person typed must not become another path.
_ORDER_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,100}")

_M = TypeVar("_M", bound=Wire)
_Trace = Callable[[str, Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class _NoAnswer(Exception):
    """Nothing whole came back."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


class _Written:
    """Calls `tell` once: when the request is on the socket, or will never be. A GET ends with an empty body."""

    # After a failed write the answer is still awaited (a server may refuse early), but no more is written.
    _ENDS = frozenset(
        {
            "http11.send_request_body.complete",
            "http11.send_request_body.failed",
            "http11.send_request_headers.failed",
        }
    )

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._told = False

    def trace(self, event: str, _info: Mapping[str, Any]) -> None:
        """Take an event of httpx's "trace" extension."""
        if event in self._ENDS:
            self.tell()

    def tell(self) -> None:
        """Tell, unless told."""
        if not self._told:
            self._told = True
            self._tell()


def _nobody() -> None:
    """The `on_written` of who does not care."""


class TangoClient:
    """Tango's endpoints, one method each, over HTTP Basic.

    Args:
        base_url: the base of the API, such as `https://integration-api.tangocard.com/raas/v2`.
        platform_name: the user of HTTP Basic.
        platform_key: its password.
        timeout: seconds that Tango may take to answer.

    Raises:
        ValueError: `base_url` is no http or https address.
    """

    def __init__(
        self,
        *,
        base_url: str,
        platform_name: str,
        platform_key: SecretStr,
        timeout: float = 60.0,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._timeout = timeout
        try:
            url = httpx.URL(self._base)
        except httpx.InvalidURL:
            raise ValueError("not an address") from None
        if url.scheme not in {"http", "https"} or not url.host:
            raise ValueError("not an http or https address")
        # httpx logs every URL in full, and a query may hold an e-mail address. Ours are logged below.
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
            # Nothing from the environment: a proxy named there would see which rewards go to whom, and a
            # ~/.netrc would be read. Where a proxy is wanted, it is an address of its own in `base_url`.
            trust_env=False,
        )

    def close(self) -> None:
        """Close every connection."""
        self._http.close()

    def create_order(self, body: bytes, *, on_written: Callable[[], None] = _nobody) -> Outcome:
        """Send an order: exactly these bytes, once.

        Never raises for anything that Tango or the network does.

        Args:
            body: the frozen body, as `NewOrder.to_bytes` made it.
            on_written: called once, from this thread, before this returns: when the body has been written to
                the socket, or as soon as it is known that it never will be.

        Source: Tango docs, Manage orders, POST /orders.
        """
        written = _Written(on_written)
        try:
            answer = self._call("POST", "/orders", "/orders", body=body, trace=written.trace)
        except _NoAnswer as nothing:
            return outcomes.unanswered(nothing.reason)
        finally:
            written.tell()
        return outcomes.classify(answer.status, answer.headers, answer.body)

    def get_order(self, reference_order_id: str, *, on_written: Callable[[], None] = _nobody) -> OrderDetail:
        """One order, with its reward. An id that no order can have is answered with 404, unasked.

        `on_written` is called as by `create_order`.

        Raises:
            TangoRefused: Tango answered 4xx; 404 where it knows no such order.
            TangoUnavailable: no readable answer came.

        Source: Tango docs, Manage orders, GET /orders/{referenceOrderID}.
        """
        written = _Written(on_written)
        try:
            if not _ORDER_NUMBER.fullmatch(reference_order_id):
                raise TangoRefused(status=404)
            path = f"/orders/{reference_order_id}"
            return self._read(OrderDetail, "/orders/{id}", path, trace=written.trace)
        finally:
            written.tell()

    def list_orders(self, query: OrderQuery) -> OrderPage:
        """One page of the orders of this platform.

        Raises:
            TangoRefused: Tango answered 4xx.
            TangoUnavailable: no readable answer came.

        Source: Tango docs, Manage orders, GET /orders.
        """
        return self._read(OrderPage, "/orders", "/orders", query.to_params())

    def resend_order(
        self,
        reference_order_id: str,
        *,
        new_email: str | None = None,
        new_etid: str | None = None,
        on_written: Callable[[], None] = _nobody,
    ) -> ResendOutcome:
        """Have Tango send the e-mail of an order again; to a new address or by another template if given.

        Never raises for anything that Tango or the network does. Not idempotent: after an unclear answer
        the e-mail may be under way. `on_written` is called as by `create_order`.

        Source: Tango docs, Manage orders, POST /orders/{referenceOrderID}/resends.
        """
        written = _Written(on_written)
        if not _ORDER_NUMBER.fullmatch(reference_order_id):
            written.tell()
            return ResendRefused(status=404, i18n_key=None, message="", request_id=None)
        changes = ResendBody(new_email=new_email, new_etid=new_etid)
        body = changes.model_dump_json(by_alias=True, exclude_none=True).encode()
        path = f"/orders/{reference_order_id}/resends"
        try:
            answer = self._call("POST", "/orders/{id}/resends", path, body=body, trace=written.trace)
        except _NoAnswer as nothing:
            return ResendAmbiguous(status=None, reason=nothing.reason, request_id=None)
        finally:
            written.tell()
        return outcomes.classify_resend(answer.status, answer.headers, answer.body)

    def list_catalog(self, *, verbose: bool = True) -> Catalog:
        """Every reward that this platform may order; `verbose` with descriptions, terms and pictures.

        Tango wants this asked about twice a day, never per order.

        Raises:
            TangoRefused: Tango answered 4xx.
            TangoUnavailable: no readable answer came.

        Source: Tango docs, Manage catalog, GET /catalogs.
        """
        return self._read(Catalog, "/catalogs", "/catalogs", {"verbose": "true" if verbose else "false"})

    def get_account(self, identifier: str) -> Account:
        """One account, with its balance.

        Raises:
            TangoRefused: Tango answered 4xx; 404 where it knows no such account.
            TangoUnavailable: no readable answer came.

        Source: Tango docs, Manage accounts, GET /accounts/{accountIdentifier}.
        """
        if not _ORDER_NUMBER.fullmatch(identifier):
            raise TangoRefused(status=404)
        return self._read(Account, "/accounts/{id}", f"/accounts/{identifier}")

    def list_accounts(self) -> tuple[Account, ...]:
        """Every account of this platform.

        Raises:
            TangoRefused: Tango answered 4xx.
            TangoUnavailable: no readable answer came.

        Source: Tango docs, Manage accounts, GET /accounts.
        """
        answer = self._fetch("/accounts", "/accounts")
        try:
            found = read_json(answer.body)
            listed: Any = found.get("items") if isinstance(found, dict) else found  # where Tango answers in pages
            return tuple(Account.model_validate(entry) for entry in listed)
        except (ValueError, TypeError):
            raise _unreadable(answer) from None

    def _read(
        self,
        model: type[_M],
        template: str,
        path: str,
        params: Mapping[str, str] | None = None,
        trace: _Trace | None = None,
    ) -> _M:
        answer = self._fetch(template, path, params, trace)
        try:
            return model.model_validate(read_json(answer.body))
        except ValueError:
            raise _unreadable(answer) from None

    def _fetch(
        self, template: str, path: str, params: Mapping[str, str] | None = None, trace: _Trace | None = None
    ) -> _Answer:
        """A read's answer, if it is a 200."""
        try:
            answer = self._call("GET", template, path, params=params, trace=trace)
        except _NoAnswer as nothing:
            raise TangoUnavailable(reason=nothing.reason) from nothing
        if answer.status == 200:
            return answer
        error = read_error(answer.headers, answer.body)
        reason = outcomes.doubt(answer.status)
        if reason is not None:
            raise TangoUnavailable(reason=reason, status=answer.status, request_id=error.request_id)
        raise TangoRefused(
            status=answer.status,
            i18n_key=error.i18n_key,
            message=error.message,
            request_id=error.request_id,
            field=error.field,
        )

    def _call(
        self,
        method: str,
        template: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: bytes | None = None,
        trace: _Trace | None = None,
    ) -> _Answer:
        """Send a request, once, read its answer whole, and log the two in a line."""
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
        except _NoAnswer as nothing:
            logger.warning("%s %s: %s after %d ms", method, template, nothing.reason, _ms_since(started))
            raise
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

    def _send(self, request: httpx.Request, started: float) -> _Answer:
        """The answer, whole.

        httpx's own limit is between two reads; an answer that drips is cut off when twice the time is up.

        Raises:
            _NoAnswer: with why.
        """
        deadline = started + 2 * self._timeout
        try:
            response = self._http.send(request, stream=True)
            try:
                received = bytearray()
                for piece in response.iter_bytes():
                    received += piece
                    if len(received) > _MAX_ANSWER_BYTES:
                        raise _NoAnswer(Reason.UNREADABLE)
                    if time.monotonic() > deadline:
                        raise _NoAnswer(Reason.TIMEOUT)
                return _Answer(response.status_code, response.headers, bytes(received))
            finally:
                response.close()
        except httpx.RequestError as error:
            raise _NoAnswer(_reason(error)) from error


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


def _unreadable(answer: _Answer) -> TangoUnavailable:
    request_id = request_id_of(answer.headers)
    return TangoUnavailable(reason=Reason.UNREADABLE, status=answer.status, request_id=request_id)


def _ms_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
