"""Tango's answers about orders and accounts (Tango docs, Manage orders, Manage accounts).

Texts about people and the values of credentials are left out of every `repr`, so that a model in a
log line or a traceback tells nothing private. The deprecated `credentials` map is not read.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

from bot.domain.charge import Charge
from bot.domain.money import nearest_amount
from bot.tango.wire import (
    AS_WIRE,
    OBJECT,
    OBJECTS,
    Flag,
    Identifier,
    Moment,
    Number,
    Secret,
    Text,
    Wire,
)


class TangoAmount(Wire):
    """An amount of money: the charge to the account, or the reward's face value.

    `total` leaves the account, in its currency; rate and fee come only where there is one.
    """

    value: Number = None
    currency_code: Text = None
    exchange_rate: Number = None
    fee: Number = None
    total: Number = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TangoAddress:
    """The postal address of a physical reward, as it is sent and answered."""

    __pydantic_config__: ClassVar[ConfigDict] = AS_WIRE

    street_line1: Text = field(default=None, repr=False)
    street_line2: Text = field(default=None, repr=False)
    city: Text = field(default=None, repr=False)
    state_or_province: Text = field(default=None, repr=False)
    postal_code: Text = field(default=None, repr=False)
    country: Text = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TangoPerson:
    """A sender or a recipient. Tango answers empty texts for fields that were not given: they read as None."""

    __pydantic_config__: ClassVar[ConfigDict] = AS_WIRE

    first_name: Text = field(default=None, repr=False)
    last_name: Text = field(default=None, repr=False)
    email: Text = field(default=None, repr=False)
    address: Annotated[TangoAddress | None, OBJECT] = field(default=None, repr=False)


class Credential(Wire):
    """One entry of `credentialList`: a code, a link, a barcode or a date. The value is secret.

    `type` and `credential_type` are stable; `label` is for display.
    """

    label: Text = None
    value: Secret = None
    type: Text = None
    credential_type: Text = None


class TangoReward(Wire):
    """The reward of an order: what its recipient gets. `redemption_instructions` may be HTML."""

    credential_list: Annotated[tuple[Credential, ...], OBJECTS] = ()
    redemption_instructions: Text = Field(default=None, repr=False)


class TangoOrder(Wire):
    """The fields that every answer about an order has."""

    reference_order_id: Identifier
    external_ref_id: Text = None
    customer_identifier: Text = None
    account_identifier: Text = None
    account_number: Text = None
    amount_charged: Annotated[TangoAmount | None, OBJECT] = None
    denomination: Annotated[TangoAmount | None, OBJECT] = None
    utid: Text = None
    ptid: Text = None
    reward_name: Text = None
    sender: Annotated[TangoPerson | None, OBJECT] = None
    recipient: Annotated[TangoPerson | None, OBJECT] = None
    email_subject: Text = Field(default=None, repr=False)
    message: Text = Field(default=None, repr=False)
    send_email: Flag = None
    etid: Text = None
    status: Text = None
    order_status: Text = None
    campaign: Text = None
    purchase_order_number: Text = None
    notes: Text = Field(default=None, repr=False)
    created_at: Moment = None

    @property
    def current_status(self) -> str | None:
        """Return the order's status, which newer versions of the API call `orderStatus`."""
        return self.status or self.order_status

    @property
    def charge(self) -> Charge | None:
        """Return what the order cost the account; None where Tango does not say."""
        charged = self.amount_charged or TangoAmount()
        total = charged.value if charged.total is None else charged.total
        if total is None or charged.currency_code is None:
            return None
        currency = charged.currency_code.upper()

        def nearest(amount: Decimal | None) -> Decimal | None:
            return nearest_amount(amount, currency) if amount else None

        return Charge(
            total=nearest_amount(total, currency),
            currency=currency,
            value=nearest(charged.value),
            fee=nearest(charged.fee),
            rate=charged.exchange_rate or None,
        )


class PlacedOrder(TangoOrder):
    """The answer to POST /orders, for a new order (201) and for one that existed (200).

    Source: Tango docs, Manage orders, POST /orders.
    """

    reward: Annotated[TangoReward | None, OBJECT] = None
    redemption_instructions: Text = Field(default=None, repr=False)


class OrderDetail(TangoOrder):
    """The answer to GET /orders/{referenceOrderID}.

    Source: Tango docs, Manage orders, GET /orders/{referenceOrderID}.
    """

    reward: Annotated[TangoReward | None, OBJECT] = None
    order_client_source: Text = None
    line_item_status: Text = None


class ResentMail(Wire):
    """The answer to POST /orders/{referenceOrderID}/resends. `email` is the address that was used."""

    id: Text = None
    legacy_id: Text = None
    created_at: Moment = None
    email: Text = Field(default=None, repr=False)


class Account(Wire):
    """An account that orders are charged to. The balance is in `currency_code`."""

    account_identifier: Identifier
    account_number: Text = None
    display_name: Text = None
    currency_code: Text = None
    current_balance: Number = None
    status: Text = None
    created_at: Moment = None
