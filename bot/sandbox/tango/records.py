"""The records of the stand-in: values that never change, so that a snapshot is safe in any thread."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

#: Accepted, not finished: Tango's word for an order that is still under review.
PENDING: Final = "PENDING"

#: Finished: the reward exists.
COMPLETE: Final = "COMPLETE"

#: Finished without a reward; the account was refunded.
FAILED: Final = "FAILED"


@dataclass(frozen=True, slots=True)
class Account:
    """An account that pays for orders (GET /accounts)."""

    identifier: str
    number: str
    customer: str
    currency: str
    balance: Decimal
    status: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Order:
    """An order as Tango keeps it. Names as in Tango docs, Manage orders, in this language's spelling.

    `sender` and `recipient` are kept under their names on the wire: `firstName`, `lastName`, `email`, `address`.
    """

    reference_order_id: str
    external_ref_id: str | None
    customer_identifier: str
    account_identifier: str
    account_number: str
    utid: str
    ptid: str | None
    reward_name: str
    amount: Decimal
    """The face value, in `currency_code`."""
    currency_code: str
    charged_value: Decimal
    """The face value in the account's currency."""
    charged_currency: str
    exchange_rate: Decimal | None
    """What one unit of the reward's currency costs in the account's; None where both are the same."""
    fee: Decimal | None
    charged_total: Decimal
    """What left the account: `charged_value` and the fee."""
    sender: dict[str, Any]
    recipient: dict[str, Any]
    email_subject: str | None
    message: str | None
    send_email: bool
    etid: str | None
    status: str
    campaign: str | None
    notes: str | None
    purchase_order_number: str | None
    expiration_date: datetime | None
    created_at: datetime
    link: str
    """Where the reward is redeemed; empty where it goes by mail."""
    code: str
    """The credential that is shown as a text, or behind the link."""
    end_status: str | None = None
    """What a PENDING order becomes."""
    gets_left: int | None = None
    """How many more GETs see it PENDING; None where time decides."""
    ends_at: datetime | None = None
    """When it stops being PENDING; None where GETs decide."""
    email_status: str = "DELIVERED"
    """What became of its last email, as GET /lineItems words it."""

    @property
    def recipient_email(self) -> str:
        """Return the address that it was ordered for; empty where none was given."""
        return str(self.recipient.get("email", ""))


@dataclass(frozen=True, slots=True)
class Email:
    """A reward email that the stand-in "sent"."""

    order: str
    """The referenceOrderID."""
    external_ref_id: str | None
    kind: str
    """`original` or `resend`."""
    to: str
    to_name: str
    sender_name: str
    subject: str
    message: str
    etid: str
    reward_name: str
    amount: Decimal
    currency_code: str
    link: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Resend:
    """A resend that was granted."""

    id: int
    order: str
    """The referenceOrderID."""
    email: str
    etid: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """One POST /orders as it came in, whatever became of it."""

    number: int
    """From 1, in the order in which they arrived."""
    monotonic: float
    """Seconds on the monotonic clock when it reached the app: what the pace is judged by."""
    wall: datetime
    request_id: str
    early: bool
    """It came before the interval since the one before it was over."""
    body: bytes = b""
    """Exactly the bytes that were sent."""
    external_ref_id: str | None = None
    recipient_email: str | None = None
    status: int | None = None
    """The status answered; None while it is under way, and for good where the connection was cut."""
    reference_order_id: str | None = None
    """The order that it placed or found, also where the answer did not get to say so."""


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request to the API, of any kind."""

    method: str
    path: str
    """The path below `/raas/v2`, like `/orders`."""
    query: dict[str, str]
    request_id: str
    wall: datetime
    monotonic: float
    status: int | None = None
    """None where the connection was cut."""
    headers: dict[str, str] = field(default_factory=dict)
    """What was sent along, in lower case and without Authorization."""
