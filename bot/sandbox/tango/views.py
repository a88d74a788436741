"""Records as they look on the wire. A field that is not set is left out, as Tango does."""

from typing import Any, Final

from bot.sandbox.tango.items import RATE, USD_PER_UNIT, Item
from bot.sandbox.tango.records import COMPLETE, Account, Order
from bot.sandbox.tango.wire import moment, number

#: The answer to POST /orders leaves these out; later answers have them.
_ONLY_LATER: Final = ("etid", "notes", "orderClientSource")


def order_view(order: Order, *, reward: bool = True, item: Item | None = None) -> dict[str, Any]:
    """Write an order as GET shows it; in a list without its `reward`. `item` tells which credentials it has."""
    optional = {
        "externalRefID": order.external_ref_id,
        "ptid": order.ptid,
        "emailSubject": order.email_subject,
        "message": order.message,
        "etid": order.etid,
        "campaign": order.campaign,
        "notes": order.notes,
        "purchaseOrderNumber": order.purchase_order_number,
    }
    charged: dict[str, Any] = {"value": number(order.charged_value), "currencyCode": order.charged_currency}
    if order.exchange_rate is not None:
        charged["exchangeRate"] = number(order.exchange_rate)
    if order.fee is not None:
        charged["fee"] = number(order.fee)
    charged["total"] = number(order.charged_total)
    view = {
        "referenceOrderID": order.reference_order_id,
        "customerIdentifier": order.customer_identifier,
        "accountIdentifier": order.account_identifier,
        "accountNumber": order.account_number,
        "amountCharged": charged,
        "denomination": {"value": number(order.amount), "currencyCode": order.currency_code},
        "utid": order.utid,
        "rewardName": order.reward_name,
        "sender": order.sender,
        "recipient": order.recipient,
        "sendEmail": order.send_email,
        "status": order.status,
        "createdAt": moment(order.created_at),
        "orderClientSource": "API",
        **{name: value for name, value in optional.items() if value is not None},
    }
    if reward and order.status == COMPLETE:
        view["reward"] = _reward(order, item)
    return view


def created_view(order: Order, item: Item | None) -> dict[str, Any]:
    """Write an order as the answer to POST /orders shows it."""
    return {name: value for name, value in order_view(order, item=item).items() if name not in _ONLY_LATER}


def account_view(account: Account, *, balance: bool = True) -> dict[str, Any]:
    """Write an account as GET /accounts shows it; within a customer without its balance."""
    view: dict[str, Any] = {
        "accountIdentifier": account.identifier,
        "accountNumber": account.number,
        "displayName": account.identifier.replace("-", " ").title(),
        "currencyCode": account.currency,
        "createdAt": moment(account.created_at),
        "status": account.status,
        "contactEmail": "finance@example.com",
    }
    if balance:
        view["currentBalance"] = number(account.balance)
    return view


def customers_view(accounts: list[Account]) -> list[dict[str, Any]]:
    """Write the customers with their accounts, as GET /customers shows them."""
    return [
        {
            "customerIdentifier": customer,
            "displayName": customer.replace("-", " ").title(),
            "status": "active",
            "createdAt": min(moment(account.created_at) for account in accounts if account.customer == customer),
            "accounts": [account_view(account, balance=False) for account in accounts if account.customer == customer],
        }
        for customer in sorted({account.customer for account in accounts})
    ]


def rates_view(today: str) -> dict[str, Any]:
    """Return what GET /exchangerates shows."""
    return {
        "disclaimer": "Rates are for information; the rate at the time of the order counts.",
        "exchangeRates": [
            {
                "lastModifiedDate": f"{today}T12:00:00Z",
                "rewardCurrency": reward,
                "baseCurrency": base,
                "baseFx": number((of_reward / of_base).quantize(RATE)),
            }
            for base, of_base in USD_PER_UNIT.items()
            for reward, of_reward in USD_PER_UNIT.items()
            if base != reward
        ],
    }


def _reward(order: Order, item: Item | None) -> dict[str, Any]:
    kinds = item.credentials if item is not None else ("redemptionUrl",)
    listed = [_credential(kind, order) for kind in kinds]
    return {
        "credentials": {entry["label"]: entry["value"] for entry in listed},
        "credentialList": listed,
        "redemptionInstructions": item.instructions if item is not None else "",
    }


def _credential(kind: str, order: Order) -> dict[str, str]:
    digits = order.code.replace("-", "")
    expires = "" if order.expiration_date is None else moment(order.expiration_date)
    label, value, of_type = {
        "redemptionUrl": ("Redemption Link", order.link, "url"),
        "claimCode": ("Claim Code", order.code, "text"),
        "cardNumber": ("Card Number", digits, "text"),
        "PIN": ("PIN", digits[-4:], "text"),
        "securityCode": ("Security Code", digits[:3], "text"),
        "barcode": ("Barcode", f"https://images.example/barcodes/{digits}.png", "barcode"),
        "expirationDate": ("Expiration Date", expires, "date"),
    }[kind]
    return {"label": label, "value": value, "type": of_type, "credentialType": kind}
