"""Tango's wire models, after the Tango docs, Manage orders, and the catalog and account pages.

Texts about people and the values of credentials are left out of every `repr`, so that a model in a
log line or a traceback tells nothing private. The deprecated `credentials` map is not read.
"""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Self

from pydantic import AwareDatetime, ConfigDict, Field, field_serializer

from bot.tango.wire import (
    BRANDS,
    ITEMS,
    OBJECT,
    OBJECTS,
    Flag,
    Identifier,
    Moment,
    Number,
    Secret,
    Text,
    TextMap,
    Texts,
    Wire,
    read_json,
)

# ---------------------------------------------------------------------------------- what is answered


class Charge(Wire):
    """An amount of money: what the account is charged, or the reward's face value.

    `total` is what leaves the account, in its currency; rate and fee come only where there is one.
    """

    value: Number = None
    currency_code: Text = None
    exchange_rate: Number = None
    fee: Number = None
    total: Number = None


class Address(Wire):
    """Where a physical reward goes. The same shape is sent and answered."""

    street_line1: Text = Field(default=None, repr=False)
    street_line2: Text = Field(default=None, repr=False)
    city: Text = Field(default=None, repr=False)
    state_or_province: Text = Field(default=None, repr=False)
    postal_code: Text = Field(default=None, repr=False)
    country: Text = None


class Person(Wire):
    """A sender or a recipient. Tango answers empty texts for what was not given: they read as None."""

    first_name: Text = Field(default=None, repr=False)
    last_name: Text = Field(default=None, repr=False)
    email: Text = Field(default=None, repr=False)
    address: Annotated[Address | None, OBJECT] = Field(default=None, repr=False)


class Credential(Wire):
    """One entry of `credentialList`: a code, a link, a barcode or a date. The value is secret.

    `type` and `credential_type` are stable; `label` is for display.
    """

    label: Text = None
    value: Secret = None
    type: Text = None
    credential_type: Text = None


class Reward(Wire):
    """What the recipient gets. `redemption_instructions` may be HTML."""

    credential_list: Annotated[tuple[Credential, ...], OBJECTS] = ()
    redemption_instructions: Text = Field(default=None, repr=False)


class _Order(Wire):
    """What every answer about an order has in common."""

    reference_order_id: Identifier = Field(alias="referenceOrderID")
    external_ref_id: Text = Field(default=None, alias="externalRefID")
    customer_identifier: Text = None
    account_identifier: Text = None
    account_number: Text = None
    amount_charged: Annotated[Charge | None, OBJECT] = None
    denomination: Annotated[Charge | None, OBJECT] = None
    utid: Text = None
    ptid: Text = None
    reward_name: Text = None
    sender: Annotated[Person | None, OBJECT] = None
    recipient: Annotated[Person | None, OBJECT] = None
    email_subject: Text = Field(default=None, repr=False)
    message: Text = Field(default=None, repr=False)
    send_email: Flag = None
    etid: Text = None
    status: Text = None
    campaign: Text = None
    purchase_order_number: Text = None
    notes: Text = Field(default=None, repr=False)
    created_at: Moment = None


class PlacedOrder(_Order):
    """The answer to POST /orders, for a new order (201) and for one that existed (200).

    Source: Tango docs, Manage orders, POST /orders.
    """

    reward: Annotated[Reward | None, OBJECT] = None
    redemption_instructions: Text = Field(default=None, repr=False)


class OrderDetail(_Order):
    """The answer to GET /orders/{referenceOrderID}.

    Source: Tango docs, Manage orders, GET /orders/{referenceOrderID}.
    """

    reward: Annotated[Reward | None, OBJECT] = None
    order_client_source: Text = None
    order_status: Text = None
    line_item_status: Text = None

    @property
    def current_status(self) -> str | None:
        """Where the order stands; newer versions of the API say it as `orderStatus`."""
        return self.status or self.order_status


class OrderSummary(_Order):
    """One row of GET /orders: an order without its reward."""

    order_client_source: Text = None
    order_status: Text = None


class PageInfo(Wire):
    """Where in the result a page stands. Pages count from 0; `result_count` is of this page alone."""

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
        """How many orders the query meets, over all pages; those of this page where Tango does not say."""
        told = self.page.total_count if self.page else None
        return len(self.orders) if told is None else int(told)


class ResentMail(Wire):
    """The answer to POST /orders/{referenceOrderID}/resends. `email` is the address that was used."""

    id: Text = None
    legacy_id: Text = None
    created_at: Moment = None
    email: Text = Field(default=None, repr=False)


class CatalogItem(Wire):
    """One reward that can be ordered: fixed (`face_value`) or variable (`min_value` to `max_value`)."""

    utid: Identifier
    reward_name: Text = None
    currency_code: Text = None
    status: Text = None
    value_type: Text = None
    reward_type: Text = None
    face_value: Number = None
    min_value: Number = None
    max_value: Number = None
    is_whole_amount_value_required: Flag = None
    is_expirable: Flag = None
    countries: Texts = ()
    credential_types: Texts = ()
    redemption_instructions: Text = Field(default=None, repr=False)
    fulfillment_type: Text = None
    created_date: Moment = None
    last_update_date: Moment = None


class Brand(Wire):
    """A brand and its rewards. `terms` may be HTML; `image_urls` are by size, such as "80w-326ppi"."""

    brand_key: Identifier
    brand_name: Text = None
    status: Text = None
    description: Text = Field(default=None, repr=False)
    short_description: Text = Field(default=None, repr=False)
    terms: Text = Field(default=None, repr=False)
    disclaimer: Text = Field(default=None, repr=False)
    image_urls: TextMap = Field(default_factory=dict, repr=False)
    items: Annotated[tuple[CatalogItem, ...], ITEMS] = ()


class Catalog(Wire):
    """The answer to GET /catalogs. Entries without their key cannot be ordered and are left out."""

    catalog_name: Text = None
    brands: Annotated[tuple[Brand, ...], BRANDS]


class Account(Wire):
    """An account that orders are charged to. The balance is in `currency_code`."""

    account_identifier: Identifier
    account_number: Text = None
    display_name: Text = None
    currency_code: Text = None
    current_balance: Number = None
    status: Text = None
    created_at: Moment = None


# -------------------------------------------------------------------------------------- what is sent


class NewOrder(Wire):
    """The body of POST /orders, every field of it. What is None is not sent.

    Source: Tango docs, Manage orders, POST /orders. The rules on lengths and characters are in
    `bot.tango.rules`: a body can be made that breaks them, so that all faults can be told at once.
    """

    model_config = ConfigDict(extra="forbid")

    external_ref_id: str | None = Field(default=None, alias="externalRefID")
    customer_identifier: str
    account_identifier: str
    utid: str
    ptid: str | None = None
    amount: Decimal
    sender: Person | None = None
    recipient: Person | None = None
    email_subject: str | None = Field(default=None, repr=False)
    message: str | None = Field(default=None, repr=False)
    send_email: bool
    etid: str | None = None
    campaign: str | None = None
    purchase_order_number: str | None = None
    notes: str | None = Field(default=None, repr=False)
    expiration_date: AwareDatetime | None = None

    @field_serializer("expiration_date")
    def _write_expiration(self, moment: datetime | None) -> str | None:
        return None if moment is None else _rfc3339(moment)

    def to_bytes(self) -> bytes:
        """The body, frozen: the same order always makes the same bytes.

        UTF-8 JSON in the order of the API page's table; the amount is a number written out exactly,
        without trailing zeros, so that 25 and 25.00 are the same body.
        """
        fields = self.model_dump(by_alias=True, exclude_none=True)
        entries = (f"{json.dumps(name)}:{_as_json(value)}" for name, value in fields.items())
        return ("{" + ",".join(entries) + "}").encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> Self:
        """The order that `to_bytes` froze.

        Raises:
            ValueError: these bytes are no such body.
        """
        return cls.model_validate(read_json(body))


class ResendBody(Wire):
    """The body of POST /orders/{referenceOrderID}/resends. What is None is not sent.

    Source: Tango docs, Manage orders, POST /orders/{referenceOrderID}/resends.
    """

    new_email: str | None = Field(default=None, repr=False)
    new_etid: str | None = None


class OrderQuery(Wire):
    """The query of GET /orders, every parameter of it. What is None is not asked for.

    Dates are a day or a moment with its offset. Pages count from 0.
    Source: Tango docs, Manage orders, GET /orders.
    """

    model_config = ConfigDict(extra="forbid")

    account_identifier: str | None = None
    customer_identifier: str | None = None
    external_ref_id: str | None = Field(default=None, alias="externalRefID")
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
        """The query parameters by Tango's names, as text."""
        return {name: _as_param(value) for name, value in self.model_dump(by_alias=True, exclude_none=True).items()}


# ----------------------------------------------------------------------------------- how it is written


def _as_json(value: object) -> str:
    if isinstance(value, Decimal):
        return _plain(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _as_param(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, datetime):
        return _rfc3339(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(number: Decimal) -> str:
    """The number without an exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rfc3339(moment: datetime) -> str:
    """The moment in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
