"""The outermost layer of the API: takes the time, gives the request its id, judges the pace, keeps the record."""

import base64
import binascii
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.sandbox.serve import HANG_UP
from bot.sandbox.tango.ledger import Ledger
from bot.sandbox.tango.records import RequestRecord
from bot.sandbox.tango.wire import API

#: The key of the `Exchange` in the scope of a request.
EXCHANGE: Final = "tango.exchange"


@dataclass(slots=True)
class Exchange:
    """One request to the API while it is under way."""

    arrived: float
    """Seconds on the monotonic clock."""
    request_id: str
    authorized: bool
    early: bool
    arrival: int | None = None
    """The number of the arrival, for a POST /orders."""
    order: str | None = None
    """The referenceOrderID that the answer names."""


class Pace:
    """Judges whether a request comes too early: less than `interval` seconds after the one before it.

    A refused one counts as one that came. Each limiter has a name and a time of its own.
    """

    def __init__(self, interval: float) -> None:
        self.interval = interval
        """Seconds; 1.0 is the 1 TPS of Tango docs, Manage orders."""
        self._last: dict[str, float] = {}

    def early(self, limiter: str, arrived: float) -> bool:
        """Tell whether a request is too early, and note it as the last one."""
        last = self._last.get(limiter)
        self._last[limiter] = arrived
        return last is not None and arrived - last < self.interval


class ExchangeMiddleware:
    """The outermost ASGI app: takes the time first of all, gives each answer its X-REQUEST-ID, keeps the records."""

    def __init__(
        self,
        app: ASGIApp,
        ledger: Ledger,
        pace: Pace,
        *,
        key: str,
        monotonic: Callable[[], float],
        date: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._ledger = ledger
        self._pace = pace
        self._key = key
        self._monotonic = monotonic
        self._date = date
        self.limit_all = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other kinds of ASGI events are passed on."""
        arrived = self._monotonic()
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(API):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        placing = scope["method"] == "POST" and path == f"{API}/orders"
        exchange = Exchange(arrived, str(uuid.uuid4()), _has_key(headers, self._key), early=False)
        if exchange.authorized and (placing or self.limit_all):
            limiter = f"{scope['method']} /{path.removeprefix(API).strip('/').partition('/')[0]}"
            exchange.early = self._pace.early(limiter, arrived)
        if placing:
            exchange.arrival = self._ledger.arrive(arrived, exchange.request_id, early=exchange.early)
        scope[EXCHANGE] = exchange
        extensions = scope.setdefault("extensions", {})
        hang_up = extensions.get(HANG_UP)

        async def answering(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                answered["X-REQUEST-ID"] = exchange.request_id
                answered["Date"] = format_datetime(self._date(), usegmt=True)
                self._record(scope, headers, exchange, message["status"])
            await send(message)

        async def hanging_up() -> None:
            self._record(scope, headers, exchange, None)
            await hang_up()

        if hang_up is not None:
            extensions[HANG_UP] = hanging_up
        await self._app(scope, receive, answering)

    def _record(self, scope: Scope, headers: Headers, exchange: Exchange, status: int | None) -> None:
        """Record the request before the answer goes out, so that who has the answer finds the record."""
        self._ledger.note(
            RequestRecord(
                method=scope["method"],
                path=scope["path"].removeprefix(API),
                query=dict(QueryParams(scope["query_string"])),
                request_id=exchange.request_id,
                wall=self._ledger.now(),
                monotonic=exchange.arrived,
                status=status,
                headers={name: value for name, value in headers.items() if name != "authorization"},
            )
        )
        if exchange.arrival is not None:
            arrival = self._ledger.amend_arrival(exchange.arrival, status=status, reference_order_id=exchange.order)
            self._ledger.event_log.publish("answer", arrival=arrival)


def _has_key(headers: Headers, key: str) -> bool:
    """Tell whether HTTP Basic credentials are the platform's."""
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return False
    return secrets.compare_digest(given, key.encode())
