"""The answers to an inquiry: which orders Tango has under a reference or a number, told apart here and nowhere else.

That Tango has none is believed only where Tango's own answer says so. A gateway's page, an answer that is cut, and one
about another reference say nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.tango.envelope import read_answer, read_error, request_id_of
from bot.tango.models import OrderDetail, TangoOrder
from bot.tango.outcomes import Reason, doubt
from bot.tango.queries import OrderSummary
from bot.tango.wire import read_number, read_text

#: "The order does not exist on this platform" begins so (Tango docs, i18nkey codes): a gateway's 404 has no such key.
_NOT_FOUND: Final = "404."


@dataclass(frozen=True, slots=True)
class AtTango:
    """Tango's own answer: the orders that it has there, each without its reward; none if there are none."""

    orders: tuple[TangoOrder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """No answer that counts, and why."""

    reason: str
    status: int | None
    request_id: str | None


InquiryAnswer = AtTango | Unsaid


def read_listed(external_ref_id: str, status: int, headers: Mapping[str, str], body: bytes) -> InquiryAnswer:
    """Read the answer to GET /orders?externalRefID=. Never raises.

    Tango does not document whether its filters match whole values. So each order's reference is compared, and a page
    that has only others' says nothing.

    Source: Tango docs, Manage orders, GET /orders.
    """
    if status != 200:
        return _unsaid(status, headers, body)
    rows = _rows(headers, body)
    if rows is None:
        return Unsaid(reason=Reason.UNREADABLE, status=status, request_id=request_id_of(headers))
    try:
        ours = [row for row in rows if _reference_of(row) == external_ref_id.casefold()]
        orders = tuple(OrderSummary.model_validate(row) for row in ours)
    except ValueError:  # an order without its number
        return Unsaid(reason=Reason.UNREADABLE, status=status, request_id=request_id_of(headers))
    if rows and not orders:
        return Unsaid(reason="other orders", status=status, request_id=request_id_of(headers))
    return AtTango(orders)


def read_named(reference_order_id: str, status: int, headers: Mapping[str, str], body: bytes) -> InquiryAnswer:
    """Read the answer to GET /orders/{referenceOrderID}. Never raises.

    Source: Tango docs, Manage orders, GET /orders/{referenceOrderID}.
    """
    if status == 404 and (read_error(headers, body).i18n_key or "").startswith(_NOT_FOUND):
        return AtTango(())
    if status != 200:
        return _unsaid(status, headers, body)
    try:
        order = OrderDetail.model_validate(read_answer(headers, body)).model_copy(update={"reward": None})
    except ValueError:
        return Unsaid(reason=Reason.UNREADABLE, status=status, request_id=request_id_of(headers))
    if order.reference_order_id.casefold() != reference_order_id.casefold():
        return Unsaid(reason="another order", status=status, request_id=request_id_of(headers))
    return AtTango((order,))


def _rows(headers: Mapping[str, str], body: bytes) -> list[Any] | None:
    """Return the rows of a page of Tango's; None if it is no such page, or is empty and says that there are orders."""
    try:
        found = read_answer(headers, body)
    except ValueError:
        return None
    page = found.get("page") if isinstance(found, dict) else None
    rows = found.get("orders") if isinstance(found, dict) else None
    if not isinstance(page, dict) or not isinstance(rows, list):
        return None
    counts = [read_number(page.get(name)) for name in ("resultCount", "totalCount")]
    return None if not rows and any(counts) else rows


def _reference_of(row: Any) -> str | None:
    reference = read_text(row.get("externalRefID")) if isinstance(row, dict) else None
    return None if reference is None else reference.casefold()


def _unsaid(status: int, headers: Mapping[str, str], body: bytes) -> Unsaid:
    reason = doubt(status, read_error(headers, body)) or Reason.UNEXPECTED
    return Unsaid(reason=reason, status=status, request_id=request_id_of(headers))
