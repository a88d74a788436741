"""The endpoints below `/raas/v2`, and what every request goes through.

The order of the checks: credentials 401, JSON 400, pace 429, whatever fault is switched on, a reference that is in
flight 409 or known 200, form 400, account 422, item 400 or 503, funds 402.
"""

import asyncio
import json
import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.sandbox.serve import HANG_UP
from bot.sandbox.tango.catalog import Catalog
from bot.sandbox.tango.desk import Desk
from bot.sandbox.tango.faults import ENCODINGS, Faults
from bot.sandbox.tango.ledger import Ledger
from bot.sandbox.tango.listings import line_items, templates
from bot.sandbox.tango.middleware import EXCHANGE, Exchange, Pace
from bot.sandbox.tango.records import Account
from bot.sandbox.tango.search import search
from bot.sandbox.tango.validation import unreadable
from bot.sandbox.tango.views import account_view, created_view, customers_view, order_view, rates_view
from bot.sandbox.tango.wire import Problem, answer, refusal

_GATEWAY_PAGE: Final = "<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>gateway</body></html>"

_PORTAL_PAGE: Final = "<html><head><title>Welcome</title></head><body><h1>Please log in</h1></body></html>"

_UNAVAILABLE: Final = (503, "503.502", "The service is temporarily unavailable. Try again later.", 503502)

#: The faults that are answered before any work is done.
_BEFORE: Final = {
    "forbidden": (403, "403.020", "The platform is not allowed to do this.", 403020),
    "unavailable_before": _UNAVAILABLE,
    "rejected": (400, "422.025", "amount must be between 1 and 1000", 422025),
    "internal_error": (500, "500.001", "Something went wrong.", 500001),
}

#: Does an endpoint's work on a request and its body: gives the status and the content of the answer.
Work = Callable[[Request, dict[str, Any]], tuple[int, Any]]


class _Cut(Response):
    """No answer: the connection is closed instead."""

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        """Close the connection."""
        hang_up = scope["extensions"].get(HANG_UP)
        if hang_up is None:
            raise ConnectionAbortedError("Without a socket there is no connection to cut.")
        await hang_up()


class Api:
    """Tango's API over a desk, a catalog and a ledger."""

    def __init__(self, ledger: Ledger, catalog: Catalog, faults: Faults, desk: Desk, pace: Pace) -> None:
        self._ledger = ledger
        self._catalog = catalog
        self._faults = faults
        self._desk = desk
        self._pace = pace
        self._in_flight: set[tuple[str, str]] = set()
        self.made_templates: list[Mapping[str, str]] = []

    def routes(self) -> list[Route]:
        """Return the endpoints, below the API's base."""
        return [
            self._route("GET", "/orders", "list", self._list),
            self._route("POST", "/orders", "create", self._create),
            self._route("GET", "/orders/{reference}", "get", self._get),
            self._route("POST", "/orders/{reference}/resends", "resend", self._resend),
            self._route("GET", "/catalogs", "catalogs", self._catalogs),
            self._route("GET", "/accounts", "accounts", self._accounts),
            self._route("GET", "/accounts/{identifier}", "accounts", self._account),
            self._route("GET", "/customers", "customers", self._customers),
            self._route("GET", "/exchangerates", "exchangerates", self._rates),
            self._route("GET", "/lineItems", "line_items", self._line_items),
            self._route("GET", "/digitalTemplates", "templates", self._templates),
        ]

    def error(self, request: Request, problem: Exception) -> Response:
        """Answer any refusal in Tango's envelope, those of the router included."""
        if isinstance(problem, HTTPException):
            key = {404: "404.001", 405: "405.001"}.get(problem.status_code, f"{problem.status_code}.001")
            problem = Problem(problem.status_code, {"i18nKey": key, "message": problem.detail}, plain=True)
        if not isinstance(problem, Problem):
            raise problem
        exchange: Exchange | None = request.scope.get(EXCHANGE)
        return problem.response(
            path=request.url.path,
            request_id=exchange.request_id if exchange is not None else "",
            now=self._ledger.now(),
        )

    # Endpoints

    def _list(self, request: Request, _body: dict[str, Any]) -> tuple[int, Any]:
        return 200, search(self._ledger.orders(), request.query_params)

    def _create(self, request: Request, body: dict[str, Any]) -> tuple[int, Any]:
        host, port = request.scope.get("server") or ("127.0.0.1", 80)
        status, order = self._desk.create(body, f"http://{host}:{port}")
        _exchange(request).order = order.reference_order_id
        return status, created_view(order, self._catalog.item(order.utid))

    def _get(self, request: Request, _body: dict[str, Any]) -> tuple[int, Any]:
        order = self._desk.get(request.path_params["reference"])
        return 200, order_view(order, item=self._catalog.item(order.utid))

    def _resend(self, request: Request, body: dict[str, Any]) -> tuple[int, Any]:
        return 201, self._desk.resend(request.path_params["reference"], body)

    def _catalogs(self, request: Request, _body: dict[str, Any]) -> tuple[int, Any]:
        if self._on("catalog_down", "catalogs", None):
            raise refusal(503, "503.502", "The catalog is temporarily unavailable.", code=503502)
        if self._on("catalog_empty", "catalogs", None):
            return 200, {"catalogName": "", "brands": []}
        return 200, self._catalog.json(request.query_params)

    def _accounts(self, _request: Request, _body: dict[str, Any]) -> tuple[int, Any]:
        return 200, [self._account_view(account) for account in self._ledger.accounts()]

    def _account(self, request: Request, _body: dict[str, Any]) -> tuple[int, Any]:
        account = self._ledger.account(request.path_params["identifier"])
        if account is None:
            message = "The account does not exist on this platform."
            raise Problem(404, {"i18nKey": "404.003", "message": message}, plain=True)
        return 200, self._account_view(account)

    def _account_view(self, account: Account) -> dict[str, Any]:
        view = account_view(account)
        return view | {"status": "FROZEN"} if self._faults.is_on("frozen") else view

    def _customers(self, _request: Request, _body: dict[str, Any]) -> tuple[int, Any]:
        return 200, customers_view(self._ledger.accounts())

    def _rates(self, _request: Request, _body: dict[str, Any]) -> tuple[int, Any]:
        return 200, rates_view(f"{self._ledger.now():%Y-%m-%d}")

    def _line_items(self, request: Request, _body: dict[str, Any]) -> tuple[int, Any]:
        return 200, line_items(self._ledger.orders(), request.query_params)

    def _templates(self, request: Request, _body: dict[str, Any]) -> tuple[int, Any]:
        return 200, templates(self.made_templates, request.query_params)

    # What every request goes through

    def _route(self, method: str, path: str, name: str, work: Work) -> Route:
        async def endpoint(request: Request) -> Response:
            exchange = _exchange(request)
            raw = await request.body()
            body, unread = self._read(request, raw)
            email = self._email(request, name, body)
            self._register(exchange, raw, body)
            if not exchange.authorized or self._on("unauthorized", name, email):
                raise _unauthorized(request)
            if unread is not None:
                raise unread
            if exchange.early or self._on("too_many", name, email):
                raise self._too_many(method, path)
            slow = self._faults.take("slow", endpoint=name, email=email)
            with self._hold(name, body, email):
                try:
                    if name == "catalogs":  # thousands of items; meanwhile orders arrive and are timed
                        outcome = await asyncio.to_thread(self._outcome, request, name, work, body, email)
                    else:
                        outcome = self._outcome(request, name, work, body, email)
                except Problem as problem:
                    outcome = self.error(request, problem)
                if slow is not None:
                    await asyncio.sleep(slow.seconds or 0)
            return outcome

        return Route(path, endpoint, methods=[method], name=name)

    def _read(self, request: Request, raw: bytes) -> tuple[dict[str, Any], Problem | None]:
        """Return the body, and why it cannot be read. Only a resend may come without one."""
        if not raw:
            return {}, unreadable() if request.method == "POST" and not request.path_params else None
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return {}, refusal(415, "415.001", "The content must be application/json.", code=415001)
        try:
            body = json.loads(raw.decode(), parse_float=Decimal, parse_int=Decimal, parse_constant=_no_constant)
            json.dumps(body, ensure_ascii=False, default=str).encode()  # half of a surrogate pair is no text
        except (ValueError, ArithmeticError, RecursionError):
            return {}, unreadable()
        return (body, None) if isinstance(body, dict) else ({}, unreadable())

    def _on(self, fault: str, name: str, email: str | None) -> bool:
        return self._faults.take(fault, endpoint=name, email=email) is not None

    def _email(self, request: Request, name: str, body: dict[str, Any]) -> str | None:
        """Return whom the request is about, for faults that wait for one recipient."""
        if name == "create":
            recipient = body.get("recipient")
            email = recipient.get("email") if isinstance(recipient, dict) else None
            return email if isinstance(email, str) else None
        order = self._ledger.order(request.path_params.get("reference", ""))
        return None if order is None else order.recipient_email

    def _register(self, exchange: Exchange, raw: bytes, body: dict[str, Any]) -> None:
        if exchange.arrival is None:
            return
        reference = body.get("externalRefID")
        recipient = body.get("recipient")
        arrival = self._ledger.amend_arrival(
            exchange.arrival,
            body=raw,
            external_ref_id=reference if isinstance(reference, str) else None,
            recipient_email=recipient.get("email") if isinstance(recipient, dict) else None,
        )
        self._ledger.event_log.publish("arrival", arrival=arrival)

    def _too_many(self, method: str, path: str) -> Problem:
        limiter = f"{method} {path}"
        rate = f"{1 / self._pace.interval if self._pace.interval else 0:g}"
        message = f"The rate limit {limiter} of {rate} TPS was exceeded. Wait 1 second and try again."
        return refusal(429, "429.008", message, code=429008, tokens=(limiter, rate))

    @contextmanager
    def _hold(self, name: str, body: dict[str, Any], email: str | None) -> Iterator[None]:
        """Keep a reference in flight while its order is worked on; a second request for it is refused."""
        account, reference = body.get("accountIdentifier"), body.get("externalRefID")
        if name != "create" or not isinstance(account, str) or not isinstance(reference, str) or not reference:
            yield
            return
        key = (account, reference)
        if key in self._in_flight or self._on("in_flight", name, email):
            message = "The same externalRefID is still in process. Wait 2 seconds or more and try again."
            raise refusal(409, "409.002", message, code=409002, path="externalRefID")
        self._in_flight.add(key)
        try:
            yield
        finally:
            self._in_flight.discard(key)

    def _outcome(self, request: Request, name: str, work: Work, body: dict[str, Any], email: str | None) -> Response:
        """Do the work, unless a fault is in the way before it; and answer, unless one is after it."""
        for fault, refused in _BEFORE.items():
            if self._on(fault, name, email):
                raise _refused(*refused)
        if self._on("bad_gateway", name, email):
            return _gateway_page(502)
        if self._on("portal_page", name, email):
            return HTMLResponse(_PORTAL_PAGE, 200)
        if page := self._faults.take("gateway_page", endpoint=name, email=email):
            return _gateway_page(page.status)
        if self._on("cut_before", name, email):
            return _Cut()
        status, content = work(request, body)
        if self._on("unavailable_after", name, email):
            raise _refused(*_UNAVAILABLE)
        if self._on("cut_after", name, email):
            return _Cut()
        if page := self._faults.take("gateway_page_after", endpoint=name, email=email):
            return _gateway_page(page.status)
        whole = answer(self._without(content, name, email), status)
        if encoded := self._faults.take("encoded", endpoint=name, email=email):
            return _encoded(whole, encoded.encoding)
        if self._on("unreadable", name, email):
            return Response(bytes(whole.body)[: len(whole.body) // 2], status, media_type="application/json")
        return whole

    def _without(self, content: Any, name: str, email: str | None) -> Any:
        """Leave out of an answer about an order what the fault says, and write its words as another fault says."""
        if name == "list":
            return self._listed_without(content)
        if name not in {"create", "get"}:
            return content
        if self._on("other_letters", name, email):
            content = _titled(content)
        if self._on("inexact", name, email):
            content = _inexact(content)
        fault = self._faults.take("left_out", endpoint=name, email=email)
        if fault is None:
            return content
        if fault.field is None:
            return {"referenceOrderID": content["referenceOrderID"]}
        return {name: value for name, value in content.items() if name != fault.field}

    def _listed_without(self, page: dict[str, Any]) -> dict[str, Any]:
        """Leave a field out of each order of a list, or list another order, as the faults say."""
        if self._on("other_orders", "list", None):
            other = {"referenceOrderID": "RA000101-1-11", "externalRefID": "another-reference", "status": "COMPLETE"}
            return {"page": page["page"] | {"resultCount": 1, "totalCount": 1}, "orders": [other]}
        fault = self._faults.take("left_out", endpoint="list")
        if fault is None or fault.field is None:
            return page
        return page | {"orders": [{n: v for n, v in row.items() if n != fault.field} for row in page["orders"]]}


def _refused(status: int, key: str, message: str, code: int) -> Problem:
    return refusal(status, key, message, code=code)


def _gateway_page(status: int | None) -> Response:
    known = status in set(HTTPStatus)
    title = f"{status} {HTTPStatus(status).phrase}" if known and status else str(status)
    return HTMLResponse(_GATEWAY_PAGE.format(title), status or 502)


def _encoded(whole: Response, encoding: str | None) -> Response:
    codec, content_type = ENCODINGS[encoding or "bom"]
    body = bytes(whole.body).decode().encode(codec, errors="xmlcharrefreplace")
    return Response(body, whole.status_code, {"Content-Type": content_type})


def _inexact(order: dict[str, Any]) -> dict[str, Any]:
    """Put every amount of an order off by the least that a double can be."""
    amounts = ("amountCharged", "denomination")
    return order | {
        name: {key: math.nextafter(said, 0) if isinstance(said, float) else said for key, said in order[name].items()}
        for name in amounts
    }


def _titled(order: dict[str, Any]) -> dict[str, Any]:
    """Write the words of an order with one capital; what people typed stays as it is."""
    amounts = ("amountCharged", "denomination")
    return {
        **order,
        "status": order["status"].title(),
        "utid": order["utid"].lower(),
        **{name: order[name] | {"currencyCode": order[name]["currencyCode"].title()} for name in amounts},
    }


def _exchange(request: Request) -> Exchange:
    exchange: Exchange = request.scope[EXCHANGE]
    return exchange


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON.")


def _unauthorized(request: Request) -> Problem:
    if "authorization" in request.headers:
        entry = {"i18nKey": "401.501", "message": "The platform name or key is wrong."}
    else:
        entry = {"i18nKey": "401.502", "message": "Credentials are needed."}
    return Problem(401, entry, plain=True)
