"""Control over HTTP, for the demo and its page: `/_sandbox/…`; and the page that a reward's link opens.

Only pages from this machine may call it: others get no CORS headers, and every change needs a JSON body or a method
for which a browser asks first.
"""

import html
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot.sandbox.event_stream import event_stream
from bot.sandbox.json_lines import to_json
from bot.sandbox.tango.catalog import Catalog
from bot.sandbox.tango.desk import Desk
from bot.sandbox.tango.faults import NAMES, Faults
from bot.sandbox.tango.ledger import Ledger
from bot.sandbox.tango.middleware import Pace
from bot.sandbox.tango.records import Order

#: The control begins here.
PREFIX: Final = "/_sandbox"

_LOOPBACK: Final = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"

#: The state shows so many of each kind, the newest: enough for a page. The counts are of all.
_SHOWN: Final = 200

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{reward}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; margin: 0; background: #f4f1ea; color: #22201c; }}
main {{ max-width: 26rem; margin: 12vh auto; padding: 2rem; background: #fff; border-radius: 12px; }}
h1 {{ font-size: 1.25rem; margin: 0; }}
.amount {{ font-size: 2.5rem; margin: .5rem 0; }}
code {{ display: block; padding: .75rem; background: #f4f1ea; border-radius: 8px; font-size: 1.1rem; }}
</style>
</head>
<body>
<main>
<h1>{reward}</h1>
<p class="amount">{amount}</p>
<p>{message}</p>
<code>{code}</code>
<p>A demo: nothing here has any value.</p>
</main>
</body>
</html>
"""


class Control:
    """The routes by which a stand-in is watched and switched. `account` is the first one, whose balance can be set."""

    def __init__(
        self, ledger: Ledger, catalog: Catalog, faults: Faults, desk: Desk, pace: Pace, *, account: str
    ) -> None:
        self._ledger = ledger
        self._catalog = catalog
        self._faults = faults
        self._desk = desk
        self._pace = pace
        self._account = account

    def routes(self) -> list[BaseRoute]:
        """Return the routes of the control and of the rewards' page."""
        control = Starlette(
            routes=[
                Route("/state", self._state),
                Route("/events", self._events),
                Route("/faults", self._set_fault, methods=["POST"]),
                Route("/faults", self._clear_faults, methods=["DELETE"]),
                Route("/faults/{name}", self._clear_faults, methods=["DELETE"]),
                Route("/balance", self._set_balance, methods=["POST"]),
                Route("/orders/{reference}", self._finish, methods=["POST"]),
            ],
            middleware=[
                Middleware(
                    CORSMiddleware,
                    allow_origin_regex=_LOOPBACK,
                    allow_methods=["GET", "POST", "DELETE"],
                    allow_headers=["content-type"],
                )
            ],
        )
        return [Mount(PREFIX, app=control), Route("/r/1/{token}", self._reward)]

    async def _state(self, _request: Request) -> Response:
        with self._ledger.lock:
            return _json(self._snapshot(self._ledger))

    def _snapshot(self, ledger: Ledger) -> dict[str, Any]:
        arrivals, accounts = ledger.arrivals(), ledger.accounts()
        lists: dict[str, list[Any]] = {
            "orders": ledger.orders(),
            "arrivals": arrivals,
            "emails": ledger.emails(),
            "resends": ledger.resends(),
        }
        return {
            **{name: some[-_SHOWN:] for name, some in lists.items()},
            "counts": {name: len(some) for name, some in lists.items()},
            "early": sum(arrival.early for arrival in arrivals),
            "balance": next(account.balance for account in accounts if account.identifier == self._account),
            "accounts": accounts,
            "faults": self._faults.active(),
            "faultNames": NAMES,
            "catalog": {"items": len(self._catalog), "brands": len(self._catalog.brands)},
            "resendCooldown": self._desk.resend_cooldown,
            "minInterval": self._pace.interval,
            "now": ledger.now(),
            "seq": ledger.event_log.seq,  # last: an order may be settled by looking, which is an event
        }

    async def _set_fault(self, request: Request) -> Response:
        body = await _body(request)
        try:
            fault = self._faults.set(**body)
        except (TypeError, ValueError) as error:
            return _json({"error": str(error)}, 400)
        return _json(fault, 201)

    async def _clear_faults(self, request: Request) -> Response:
        self._faults.clear(request.path_params.get("name"))
        return Response(status_code=204)

    async def _set_balance(self, request: Request) -> Response:
        body = await _body(request)
        try:
            account = self._ledger.set_balance(self._account, Decimal(str(body["balance"])))
        except (KeyError, ValueError, InvalidOperation):
            return _json({"error": 'The body is {"balance": "1000.00"}.'}, 400)
        return _json({"balance": account.balance})

    async def _finish(self, request: Request) -> Response:
        body = await _body(request)
        if body.get("status") not in {"COMPLETE", "FAILED"}:
            return _json({"error": 'The body is {"status": "COMPLETE"} or {"status": "FAILED"}.'}, 400)
        try:
            order = self._ledger.finish(request.path_params["reference"], body["status"])
        except KeyError:
            return _json({"error": "There is no such order."}, 404)
        return _json(order)

    async def _events(self, request: Request) -> Response:
        return event_stream(self._ledger.event_log, request, lambda event: event.data)

    async def _reward(self, request: Request) -> Response:
        ending = f"/r/1/{request.path_params['token']}"
        order = next((order for order in self._ledger.orders() if order.link.endswith(ending)), None)
        if order is None:
            return HTMLResponse("<!doctype html><title>No reward</title><p>There is no reward here.</p>", 404)
        return HTMLResponse(_reward_page(order), headers=_REWARD_HEADERS)


_REWARD_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors *",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def _reward_page(order: Order) -> str:
    return _PAGE.format(
        reward=html.escape(order.reward_name),
        amount=html.escape(f"{order.amount} {order.currency_code}"),
        message=html.escape(order.message or "Thank you."),
        code=html.escape(order.code),
    )


async def _body(request: Request) -> dict[str, Any]:
    """Return the JSON object that was sent; an empty one for anything else, which every route refuses."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return {}
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _json(content: Any, status: int = 200) -> Response:
    return Response(to_json(content), status, media_type="application/json")
