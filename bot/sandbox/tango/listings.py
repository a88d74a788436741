"""GET /lineItems and GET /digitalTemplates: lists that are read a page at a time.

Source: Tango docs, Manage line items and Manage digital templates; the names of the fields from its API specification.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.sandbox.tango.records import Order
from bot.sandbox.tango.search import DEFAULT_BLOCK, MAX_BLOCK
from bot.sandbox.tango.wire import Problem, fault_of, moment

#: Every status that an email can have.
_EMAIL_STATUSES: Final = (
    *("DELIVERED", "NOT_DELIVERED", "PENDING", "SENT"),
    *("DEFERRED", "DROPPED", "BOUNCE", "BLOCKED"),
)

#: The template that every platform has.
STANDARD: Final = {"etid": "E000000", "name": "Tango standard", "subject": "Your reward is here", "fromName": "Tango"}

#: What somebody made in the portal of the demo's platform.
MADE: Final = (
    {"etid": "E000001", "name": "Acme thanks", "subject": "A thank-you from Acme", "fromName": "Acme"},
    {"etid": "E000002", "name": "Acme anniversaries", "subject": "Happy anniversary!", "fromName": "Acme"},
)


def line_items(orders: Sequence[Order], query: Mapping[str, str]) -> dict[str, Any]:
    """Return one page of the line items that match, newest first. `orders` come oldest first, and have one each."""
    wanted = query.get("emailStatus")
    if wanted is not None and wanted not in _EMAIL_STATUSES:
        raise Problem(400, fault_of("400.009", "emailStatus is not known", path="emailStatus", invalid=wanted))
    exact = {"accountIdentifier": "account_identifier", "customerIdentifier": "customer_identifier"}
    found = [
        order
        for order in reversed(orders)
        if order.send_email
        and (wanted is None or order.email_status == wanted)
        and all(query[name] == getattr(order, kept) for name, kept in exact.items() if name in query)
    ]
    return _page("lineItems", [_line_item(order) for order in found], query)


def templates(made: Sequence[Mapping[str, str]], query: Mapping[str, str]) -> dict[str, Any]:
    """Return one page of the email templates: the standard one, and those that somebody made."""
    return _page("emailTemplates", [dict(one) for one in (STANDARD, *made)], query)


def _page(name: str, rows: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    page, block = int(query.get("page") or 0), int(query.get("elementsPerBlock") or DEFAULT_BLOCK)
    if not 1 <= block <= MAX_BLOCK:
        most = f"elementsPerBlock must be at most {MAX_BLOCK}"
        raise Problem(400, fault_of("422.042", most, path="elementsPerBlock", invalid=block))
    shown = rows[page * block : (page + 1) * block]
    counts = {"number": page, "elementsPerBlock": block, "resultCount": len(shown), "totalCount": len(rows)}
    return {"page": counts, name: shown}


def _line_item(order: Order) -> dict[str, Any]:
    return {
        "referenceLineItemID": f"{order.reference_order_id}-01",
        "referenceOrderID": order.reference_order_id,
        "externalRefID": order.external_ref_id,
        "emailStatus": order.email_status,
        "status": order.status,
        "dateIssued": moment(order.created_at),
    }
