"""The orders desk: placing, looking up and sending again (Tango docs, Manage orders)."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from bot.sandbox.tango.catalog import Catalog
from bot.sandbox.tango.faults import Fault, Faults
from bot.sandbox.tango.items import RATE, USD_PER_UNIT, Item
from bot.sandbox.tango.ledger import Ledger
from bot.sandbox.tango.records import COMPLETE, FAILED, PENDING, Account, Order
from bot.sandbox.tango.validation import (
    DEFAULT_ETID,
    check_email,
    check_etid,
    check_order,
    expiration_of,
    text_of,
)
from bot.sandbox.tango.wire import BUSINESS_RULE, FROZEN, Problem, moment, refusal

_CENT: Final = Decimal("0.01")

#: The running number of the first order: any will do, and this one looks like those in Tango's samples.
_FIRST_NUMBER: Final = 1401


class Desk:
    """Applies the rules of business to requests whose JSON was readable."""

    def __init__(self, ledger: Ledger, catalog: Catalog, faults: Faults, *, resend_cooldown: float) -> None:
        self._ledger = ledger
        self._catalog = catalog
        self._faults = faults
        self.resend_cooldown = resend_cooldown

    def create(self, body: Mapping[str, Any], base_url: str) -> tuple[int, Order]:
        """Do POST /orders: return the status and the order. A known reference means its order, whatever the body."""
        known = self._known(body)
        if known is not None:
            return 200, known
        utid = body.get("utid")
        item = self._catalog.item(utid) if isinstance(utid, str) else None
        check_order(body, item, self._ledger.now())
        email = (body.get("recipient") or {}).get("email")
        account = self._account(body, email)
        item = self._orderable(item, email)
        _check_value(item, body["amount"])
        order = self._drafted(body, item, account, base_url)
        if order.charged_total > account.balance or self._takes("insufficient_funds", email):
            raise refusal(402, "402.001", "Not enough funds in the account.", code=402001)
        fault = self._taken("mismatch", email)
        if fault is not None:
            self._ledger.place(self._altered(order, item, fault))
            return 200, self._found(order.reference_order_id)
        self._ledger.place(self._mailed(self._delayed(self._charged(order, email), email), email))
        return 201, self._found(order.reference_order_id)

    def get(self, reference: str) -> Order:
        """Do GET /orders/{referenceOrderID}."""
        order = self._ledger.count_get(reference)
        if order is None:
            raise _unknown(reference)
        return order

    def resend(self, reference: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Do POST /orders/{referenceOrderID}/resends: return the answer. A refusal leaves the clock as it is."""
        order = self._found(reference)
        email, etid = text_of(body, "newEmail"), text_of(body, "newEtid")
        errors = (check_email(email, "newEmail") if email is not None else []) + (
            check_etid(etid, "newEtid") if etid is not None else []
        )
        if errors:
            raise Problem(400, *errors)
        if order.status == PENDING:
            raise refusal(500, "500.021", "The order is not complete yet.", code=500021)
        last = self._ledger.last_sent(reference)
        if not order.send_email or order.status == FAILED or last is None:
            raise refusal(
                403,
                "403.003",
                "Tango did not send the original email of this order; look the order up instead.",
                code=403003,
            )
        if self._ledger.now() - last < timedelta(seconds=self.resend_cooldown):
            seconds = f"{self.resend_cooldown:g}"
            raise refusal(
                403,
                "403.005",
                f"An order can be resent once every {seconds} seconds. It was last sent at {moment(last)}.",
                code=403005,
                tokens=(seconds, moment(last)),
            )
        sent = self._ledger.send_again(order, email or order.recipient_email, etid or order.etid or DEFAULT_ETID)
        if email is not None and email.casefold() != order.recipient_email.casefold():
            self._ledger.set_email_status(reference, "DELIVERED")
        return {"id": sent.id, "createdAt": moment(sent.created_at), "email": sent.email}

    def _known(self, body: Mapping[str, Any]) -> Order | None:
        account, reference = body.get("accountIdentifier"), body.get("externalRefID")
        if not isinstance(account, str) or not isinstance(reference, str) or not reference:
            return None
        return self._ledger.by_reference(account, reference)

    def _found(self, reference: str) -> Order:
        order = self._ledger.order(reference)
        if order is None:
            raise _unknown(reference)
        return order

    def _account(self, body: Mapping[str, Any], email: str | None) -> Account:
        customer, identifier = body["customerIdentifier"], body["accountIdentifier"]
        if all(account.customer != customer for account in self._ledger.accounts()):
            raise _rule("404.002", "The customer does not exist on this platform.", "customerIdentifier")
        account = self._ledger.account(identifier)
        if account is None or account.customer != customer:
            raise _rule("404.003", "The account does not exist for this customer.", "accountIdentifier")
        if account.status == "INACTIVE":
            raise _rule("422.053", "The account must be ACTIVE.", "accountIdentifier")
        if account.status == "FROZEN" or self._takes("frozen", email):
            raise refusal(
                422,
                "404.142",
                "Account has been frozen, please contact your Tango CSM or email cs@tango.example",
                code=FROZEN,
            )
        return account

    def _orderable(self, item: Item | None, email: str | None) -> Item:
        if item is None:
            raise _rule("422.024", "The utid is not in the catalog of this platform.", "utid")
        if item.status != "active":
            raise _rule("422.030", "The item is not active.", "utid")
        if self._takes("item_out", email):
            raise refusal(503, "503.002", "The item is out of stock. Try again in 24 hours.", code=503002)
        return item

    def _drafted(self, body: Mapping[str, Any], item: Item, account: Account, base_url: str) -> Order:
        now = self._ledger.now()
        amount = body["amount"].quantize(_CENT)
        rate = None
        if item.currency != account.currency:
            rate = (USD_PER_UNIT[item.currency] / USD_PER_UNIT[account.currency]).quantize(RATE)
        charged = amount if rate is None else (amount * rate).quantize(_CENT, ROUND_HALF_UP)
        number = _FIRST_NUMBER + self._ledger.count()
        expires = expiration_of(body)
        if item.promo and expires is None:
            expires = now + timedelta(days=365)
        return Order(
            reference_order_id=f"RA{now:%y%m%d}-{number}-{secrets.randbelow(90) + 10}",
            external_ref_id=text_of(body, "externalRefID") or None,
            customer_identifier=account.customer,
            account_identifier=account.identifier,
            account_number=account.number,
            utid=item.utid,
            ptid=text_of(body, "ptid"),
            reward_name=item.reward_name,
            amount=amount,
            currency_code=item.currency,
            charged_value=charged,
            charged_currency=account.currency,
            exchange_rate=rate,
            fee=item.fee,
            charged_total=charged + (item.fee or 0),
            sender=_person(body.get("sender")),
            recipient=_person(body.get("recipient")),
            email_subject=text_of(body, "emailSubject"),
            message=text_of(body, "message"),
            send_email=body["sendEmail"],
            etid=(text_of(body, "etid") or DEFAULT_ETID) if body["sendEmail"] else None,
            status=COMPLETE,
            campaign=text_of(body, "campaign"),
            notes=text_of(body, "notes"),
            purchase_order_number=text_of(body, "purchaseOrderNumber"),
            expiration_date=expires,
            created_at=now,
            link="" if item.physical else f"{base_url}/r/1/{secrets.token_urlsafe(32)}",
            code="-".join(f"{secrets.randbelow(10_000):04}" for _ in range(4)),
        )

    def _charged(self, order: Order, email: str | None) -> Order:
        """Return the order at its price, or at twice that where the fault is on."""
        if not self._takes("overcharge", email):
            return order
        return replace(order, charged_value=order.charged_value * 2, charged_total=order.charged_total * 2)

    def _delayed(self, order: Order, email: str | None) -> Order:
        for name, end in (("pending_then_complete", COMPLETE), ("pending_then_failed", FAILED)):
            fault = self._taken(name, email)
            if fault is not None:
                ends = None if fault.seconds is None else order.created_at + timedelta(seconds=fault.seconds)
                return replace(order, status=PENDING, end_status=end, gets_left=fault.after_gets, ends_at=ends)
        return order

    def _mailed(self, order: Order, email: str | None) -> Order:
        """Return the order with what becomes of its email."""
        fault = self._taken("bounced", email)
        return order if fault is None else replace(order, email_status=fault.field or "BOUNCE")

    def _altered(self, order: Order, item: Item, fault: Fault) -> Order:
        """Return the order that somebody else placed under the same reference."""
        match fault.field:
            case "utid":
                other = next(item for brand in self._catalog.brands for item in brand.items if item.utid != order.utid)
                return replace(order, utid=other.utid, reward_name=other.reward_name)
            case "recipient":
                return replace(order, recipient=order.recipient | {"email": "someone.else@example.com"})
            case "currency":
                return replace(order, currency_code="USD" if order.currency_code != "USD" else "EUR")
            case "externalRefID":
                return replace(order, external_ref_id=f"x{order.external_ref_id}")
            case "customerIdentifier":
                return replace(order, customer_identifier="another-customer")
            case "accountIdentifier":
                return replace(order, account_identifier=self._other_account(order.account_identifier))
            case "sendEmail":
                return replace(order, send_email=not order.send_email)
            case _:
                more = order.amount + 1
                rate = order.exchange_rate or 1
                charged = (more * rate).quantize(_CENT, ROUND_HALF_UP)
                return replace(order, amount=more, charged_value=charged, charged_total=charged + (item.fee or 0))

    def _other_account(self, identifier: str) -> str:
        """Return another account of the same customer, opened where there is none."""
        accounts = {account.identifier: account for account in self._ledger.accounts()}
        other = f"{identifier}-2"
        self._ledger.set_account(replace(accounts.get(other, accounts[identifier]), identifier=other))
        return other

    def _taken(self, name: str, email: str | None) -> Fault | None:
        return self._faults.take(name, endpoint="create", email=email)

    def _takes(self, name: str, email: str | None) -> bool:
        return self._taken(name, email) is not None


def _check_value(item: Item, amount: Decimal) -> None:
    if item.face is not None and amount != item.face:
        raise _rule("422.027", f"amount must be {item.face}", "amount", amount, (str(item.face),))
    if item.whole and amount != amount.to_integral_value():
        raise _rule("422.026", "amount must be a whole number", "amount", amount)
    if item.low is not None and item.high is not None and not item.low <= amount <= item.high:
        span = f"amount must be between {item.low} and {item.high}"
        raise _rule("422.025", span, "amount", amount, (str(item.low), str(item.high)))


def _person(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Write a person as Tango answers: names and address empty where none were given."""
    given = given or {}
    person: dict[str, Any] = {name: given.get(name) or "" for name in ("firstName", "lastName", "email")}
    if given.get("address"):
        person["address"] = {name: value for name, value in given["address"].items() if value is not None}
    return person


def _rule(key: str, message: str, path: str, invalid: Any = None, tokens: tuple[str, ...] = ()) -> Problem:
    details = {} if invalid is None else {"invalid": invalid}
    return refusal(400, key, message, path=path, code=BUSINESS_RULE, tokens=tokens, **details)


def _unknown(reference: str) -> Problem:
    message = f"The order {reference} does not exist on this platform."
    return Problem(404, {"i18nKey": "404.005", "message": message}, plain=True)
