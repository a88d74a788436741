"""GET /orders: the query, Tango's rules on it, and the page that answers it.

Source: Tango docs, Manage orders, GET /orders.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field

from bot.faults import FaultCode
from bot.tango.fields import Breach, check_identifier, check_text
from bot.tango.limits import (
    ALPHANUMERIC,
    BLOCK_LIMIT,
    CAMPAIGN_LIMIT,
    CURRENCY_LENGTH,
    NAME,
    NAME_LIMIT,
    NOTES_LIMIT,
    REFERENCE_LIMIT,
    RESULT_WINDOW,
)
from bot.tango.models import TangoOrder
from bot.tango.wire import OBJECT, OBJECTS, Number, Text, Wire, write_moment, write_number


class OrderQuery(Wire):
    """The query of GET /orders, with every parameter. One that is None is left out.

    Dates are a day or a moment with its offset. Pages count from 0.
    Source: Tango docs, Manage orders, GET /orders.
    """

    model_config = ConfigDict(extra="forbid")

    account_identifier: str | None = None
    customer_identifier: str | None = None
    external_ref_id: str | None = None
    start_date: AwareDatetime | date | None = None
    end_date: AwareDatetime | date | None = None
    elements_per_block: int | None = None
    page: int | None = None
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None
    currency_code: str | None = None
    utid: str | None = None
    ptid: str | None = None
    reward_name: str | None = None
    sender_first_name: str | None = Field(default=None, repr=False)
    sender_last_name: str | None = Field(default=None, repr=False)
    sender_email: str | None = Field(default=None, repr=False)
    recipient_email: str | None = Field(default=None, repr=False)
    recipient_first_name: str | None = Field(default=None, repr=False)
    recipient_last_name: str | None = Field(default=None, repr=False)
    send_email: bool | None = None
    status: str | None = None
    line_item_status: str | None = None
    campaign: str | None = None
    notes: str | None = Field(default=None, repr=False)
    line_item_notes: str | None = Field(default=None, repr=False)
    purchase_order_number: str | None = None

    def to_params(self) -> dict[str, str]:
        """Return the parameters by Tango's names, as text."""
        return {name: _as_param(value) for name, value in self.model_dump(by_alias=True, exclude_none=True).items()}


class OrderSummary(TangoOrder):
    """One row of GET /orders: an order without its reward."""

    order_client_source: Text = None


class PageInfo(Wire):
    """The place of a page in the result. Pages count from 0; `result_count` is of this page alone."""

    number: Number = None
    elements_per_block: Number = None
    result_count: Number = None
    total_count: Number = None


class OrderPage(Wire):
    """The answer to GET /orders. Source: Tango docs, Manage orders, GET /orders."""

    page: Annotated[PageInfo | None, OBJECT] = None
    orders: Annotated[tuple[OrderSummary, ...], OBJECTS]

    @property
    def total(self) -> int:
        """Return how many orders all pages have together; those of this page where Tango does not say."""
        told = self.page.total_count if self.page else None
        return len(self.orders) if told is None else int(told)


def query_breaches(query: OrderQuery) -> list[Breach]:
    """Return all that Tango would refuse about a search."""
    return list(_query(query))


def _query(query: OrderQuery) -> Iterator[Breach]:
    yield from check_identifier("accountIdentifier", query.account_identifier)
    yield from check_identifier("customerIdentifier", query.customer_identifier)
    yield from check_text("externalRefID", query.external_ref_id, REFERENCE_LIMIT, ALPHANUMERIC)
    if query.start_date and query.end_date and _before(query.end_date, query.start_date):
        yield Breach("endDate", FaultCode.REVERSED)
    block, page = query.elements_per_block, query.page
    if block is not None and block < 1:
        yield Breach("elementsPerBlock", FaultCode.NOT_POSITIVE)
    elif block is not None and block > BLOCK_LIMIT:
        yield Breach("elementsPerBlock", FaultCode.TOO_LARGE, {"limit": BLOCK_LIMIT})
    if page is not None and page < 0:
        yield Breach("page", FaultCode.NOT_POSITIVE)
    elif page is not None and block is not None and (page + 1) * block > RESULT_WINDOW:
        yield Breach("page", FaultCode.TOO_LARGE, {"limit": RESULT_WINDOW // max(block, 1) - 1})
    low, high = query.min_amount, query.max_amount
    if low is not None and high is not None and high < low:
        yield Breach("maxAmount", FaultCode.REVERSED)
    currency = query.currency_code
    if currency is not None and len(currency) != CURRENCY_LENGTH:
        yield Breach("currencyCode", FaultCode.MALFORMED)
    for whose in ("sender", "recipient"):
        for which in ("first", "last"):
            name: str | None = getattr(query, f"{whose}_{which}_name")
            yield from check_text(f"{whose}{which.title()}Name", name, NAME_LIMIT, NAME)
    yield from check_text("campaign", query.campaign, CAMPAIGN_LIMIT)
    yield from check_text("notes", query.notes, NOTES_LIMIT)


def _before(one: date, other: date) -> bool:
    """Tell whether `one` is certainly earlier: moments are compared to the second, days by the day."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return _day(one) < _day(other)


def _day(when: date) -> date:
    return when.date() if isinstance(when, datetime) else when


def _as_param(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return write_number(value)
    if isinstance(value, datetime):
        return write_moment(value)
    return value.isoformat() if isinstance(value, date) else str(value)
