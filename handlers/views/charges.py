"""The costs of orders for the Tango account, in words: for requesters and admins, never in a channel."""

from collections.abc import Sequence
from decimal import Decimal

from bot.domain.charge import Charge
from bot.domain.money import money_text
from bot.domain.order import Order
from handlers.ids import Action
from handlers.views.blocks import Message, actions, button, escape
from handlers.views.names import about, of_order


def charge_text(charge: Charge) -> str:
    """Say what an order cost, with the fee and the rate that are in it."""
    parts = [f"fee {money_text(charge.fee, charge.currency)}"] if charge.fee else []
    parts += [f"rate {charge.rate:f}"] if charge.rate else []
    return escape(f"{charge} ({', '.join(parts)})" if parts else f"{charge}")


def charges_text(charges: Sequence[Charge]) -> str:
    """Say what the orders of a request cost together, by currency."""
    if len(charges) == 1:
        return charge_text(charges[0])
    currencies = dict.fromkeys(charge.currency for charge in charges)
    return ", ".join(charge_text(_sum(charges, currency)) for currency in currencies)


def build_overcharged(order: Order) -> Message:
    """Tell admins that Tango charged far more than the order's value explains."""
    if order.charge:
        told = "⚠️ Tango charged {charged} for {name}'s {amount} {reward}."
    else:
        told = "⚠️ Tango charged more than expected for {name}'s {amount} {reward}."
    text = of_order(
        order,
        f"{told} The value, fee and exchange rate don't explain that. The reward is sent. "
        "Please ask Tango about the charge.",
        charged=charge_text(order.charge) if order.charge else "",
    )
    return about(order, text, actions(button("Details", Action.ORDER_DETAILS, order.external_ref_id)))


def _sum(charges: Sequence[Charge], currency: str) -> Charge:
    """Add the charges in one currency. Rates are left out, because each order has its own."""
    of_currency = [charge for charge in charges if charge.currency == currency]
    return Charge(
        total=sum((charge.total for charge in of_currency), Decimal(0)),
        currency=currency,
        fee=sum((charge.fee or Decimal(0) for charge in of_currency), Decimal(0)),
    )
