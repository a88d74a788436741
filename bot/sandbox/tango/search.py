"""GET /orders: every query parameter filters (Tango docs, Manage orders, "Get a list of orders").

Texts are compared without regard to case, identifiers exactly; a parameter that Tango does not know is ignored.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from bot.sandbox.tango.records import Order
from bot.sandbox.tango.views import order_view
from bot.sandbox.tango.wire import Problem, fault_of, is_date, time_of

#: Elements in a block where none are asked for. Tango does not say; its other lists begin with 10.
DEFAULT_BLOCK: Final = 10

#: Tango docs, "Get a list of orders": the most elements in a block; more is 422.042.
MAX_BLOCK: Final = 100

#: Tango docs, "Get a list of orders": paging ends here ("currently only returns 10K results").
WINDOW: Final = 10_000

_EXACT: Final[dict[str, Callable[[Order], str | None]]] = {
    "accountIdentifier": lambda order: order.account_identifier,
    "customerIdentifier": lambda order: order.customer_identifier,
    "externalRefID": lambda order: order.external_ref_id,
    "utid": lambda order: order.utid,
    "ptid": lambda order: order.ptid,
}
_TEXTS: Final[dict[str, Callable[[Order], str | None]]] = {
    "currencyCode": lambda order: order.currency_code,
    "rewardName": lambda order: order.reward_name,
    "senderFirstName": lambda order: order.sender["firstName"],
    "senderLastName": lambda order: order.sender["lastName"],
    "senderEmail": lambda order: order.sender["email"],
    "recipientEmail": lambda order: order.recipient["email"],
    "recipientFirstName": lambda order: order.recipient["firstName"],
    "recipientLastName": lambda order: order.recipient["lastName"],
    "status": lambda order: order.status,
    "lineItemStatus": lambda order: order.status,
    "campaign": lambda order: order.campaign,
    "notes": lambda order: order.notes,
    "lineItemNotes": lambda order: order.notes,
    "purchaseOrderNumber": lambda order: order.purchase_order_number,
}
_LENGTHS: Final = {
    "accountIdentifier": (5, 100, "422.501"),
    "customerIdentifier": (5, 100, "422.501"),
    "externalRefID": (0, 100, "422.110"),
    "currencyCode": (3, 3, "422.006"),
    "senderFirstName": (0, 100, "422.006"),
    "senderLastName": (0, 100, "422.006"),
    "recipientFirstName": (0, 100, "422.006"),
    "recipientLastName": (0, 100, "422.006"),
    "campaign": (0, 100, "422.502"),
    "notes": (0, 150, "422.006"),
}
_NAMES: Final = ("senderFirstName", "senderLastName", "recipientFirstName", "recipientLastName")


def search(orders: list[Order], query: Mapping[str, str]) -> dict[str, Any]:
    """Return one page of the orders that match, newest first. `orders` come oldest first."""
    errors: list[dict[str, Any]] = []
    asked = {name: value for name, value in query.items() if value != ""}
    for name, (shortest, longest, key) in _LENGTHS.items():
        if name in asked and not shortest <= len(asked[name]) <= longest:
            size = f"size must be between {shortest} and {longest}"
            errors.append(fault_of(key, size, path=name, constraint="Size", invalid=asked[name]))
    errors += [
        fault_of("422.111", "has characters that are not allowed", path=name, invalid=asked[name])
        for name in _NAMES
        if any(character in asked.get(name, "") for character in "<>/")
    ]
    start, end = _time(asked, "startDate", errors), _time(asked, "endDate", errors)
    low, high = _amount(asked, "minAmount", errors), _amount(asked, "maxAmount", errors)
    send = _boolean(asked, "sendEmail", errors)
    page = _whole(asked, "page", 0, 0, errors)
    block = _whole(asked, "elementsPerBlock", DEFAULT_BLOCK, 1, errors)
    if start is not None and end is not None and end < start:
        errors.append(fault_of("422.041", "endDate must not be before startDate", path="endDate"))
    if block > MAX_BLOCK:
        most = f"elementsPerBlock must be at most {MAX_BLOCK}"
        errors.append(fault_of("422.042", most, path="elementsPerBlock", invalid=block))
    if errors:
        raise Problem(400, *errors)
    if (page + 1) * block > WINDOW:
        beyond = f"Only the first {WINDOW} results can be had. Narrow the search."
        raise Problem(400, fault_of("400.021", beyond, path="page", code=400021, invalid=page))
    found = [
        order
        for order in reversed(orders)
        if _matches(order, asked)
        and (start is None or order.created_at >= start)
        and (end is None or order.created_at <= end)
        and (low is None or order.amount >= low)
        and (high is None or order.amount <= high)
        and (send is None or order.send_email is send)
    ]
    shown = found[page * block : (page + 1) * block]
    return {
        "page": {
            "number": page,
            "elementsPerBlock": block,
            "resultCount": len(shown),
            "totalCount": len(found),
        },
        "orders": [order_view(order, reward=False) for order in shown],
    }


def _matches(order: Order, asked: Mapping[str, str]) -> bool:
    return all(asked[name] == of(order) for name, of in _EXACT.items() if name in asked) and all(
        asked[name].casefold() == (of(order) or "").casefold() for name, of in _TEXTS.items() if name in asked
    )


def _time(asked: Mapping[str, str], name: str, errors: list[dict[str, Any]]) -> datetime | None:
    """Read a date or a date and time in RFC 3339; a date alone means its whole day, in UTC."""
    text = asked.get(name)
    if text is None:
        return None
    when = time_of(text)
    if when is None:
        errors.append(fault_of("422.044", f"{name} must be RFC 3339", path=name, invalid=text))
    elif is_date(text) and name == "endDate":
        when += timedelta(days=1) - timedelta(microseconds=1)
    return when


def _amount(asked: Mapping[str, str], name: str, errors: list[dict[str, Any]]) -> Decimal | None:
    if name not in asked:
        return None
    try:
        amount = Decimal(asked[name])
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        errors.append(_wrong(name, asked[name]))
        return None
    return amount


def _boolean(asked: Mapping[str, str], name: str, errors: list[dict[str, Any]]) -> bool | None:
    if name not in asked:
        return None
    value = {"true": True, "false": False}.get(asked[name].lower())
    if value is None:
        errors.append(_wrong(name, asked[name]))
    return value


def _whole(asked: Mapping[str, str], name: str, default: int, least: int, errors: list[dict[str, Any]]) -> int:
    text = asked.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < least:
        errors.append(_wrong(name, text))
        return default
    return int(text)


def _wrong(name: str, value: str) -> dict[str, Any]:
    return fault_of("400.009", f"{name} has a value of the wrong type", path=name, invalid=value)
