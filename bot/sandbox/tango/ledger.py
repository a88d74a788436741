"""The stand-in's memory, behind one lock, and the log of what changes in it."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from bot.sandbox.event_log import EventLog
from bot.sandbox.tango.kept import KeptRecords, Record
from bot.sandbox.tango.records import (
    COMPLETE,
    FAILED,
    PENDING,
    Account,
    Arrival,
    Email,
    Order,
    RequestRecord,
    Resend,
)

#: A reference is remembered for so long: Tango promises no more than 90 days, so the stand-in gives no more.
IDEMPOTENCY: Final = timedelta(days=90)

#: Requests of every kind that are remembered: the arrivals of orders are kept whole, reads only for a look back.
_REQUESTS_KEPT: Final = 10_000


class Ledger:
    """Accounts, orders, emails, resends, arrivals and requests. Safe in any thread."""

    def __init__(self, accounts: list[Account], *, now: Callable[[], datetime], path: Path | None) -> None:
        self.lock = threading.RLock()
        self.event_log = EventLog(threading.Condition(self.lock))
        self.now = now
        self._accounts = {account.identifier: account for account in accounts}
        self._orders: dict[str, Order] = {}
        self._references: dict[tuple[str, str], str] = {}
        self._emails: list[Email] = []
        self._resends: list[Resend] = []
        self._arrivals: list[Arrival] = []
        self._requests: deque[RequestRecord] = deque(maxlen=_REQUESTS_KEPT)
        self._kept = KeptRecords(path)
        for record in self._kept.read():
            self._remember(record)
        self._kept.rewrite([*self._accounts.values(), *self._orders.values(), *self._emails, *self._resends])

    # Looking

    def orders(self) -> list[Order]:
        """Return all orders, oldest first."""
        with self.lock:
            for order in list(self._orders.values()):
                self._settle(order)
            return list(self._orders.values())

    def count(self) -> int:
        """Count the orders without looking at each: quick also after a hundred thousand."""
        with self.lock:
            return len(self._orders)

    def order(self, reference: str) -> Order | None:
        """Return one order, without counting this look as a GET."""
        with self.lock:
            order = self._orders.get(reference)
            return None if order is None else self._settle(order)

    def by_reference(self, account: str, external_ref_id: str) -> Order | None:
        """Return the order of a reference on an account."""
        with self.lock:
            known = self._references.get((account, external_ref_id))
            order = None if known is None else self.order(known)
            if order is None or self.now() - order.created_at > IDEMPOTENCY:
                return None
            return order

    def emails(self) -> list[Email]:
        """Return all emails, oldest first."""
        with self.lock:
            self.orders()
            return list(self._emails)

    def resends(self) -> list[Resend]:
        """Return all resends, oldest first."""
        with self.lock:
            return list(self._resends)

    def arrivals(self) -> list[Arrival]:
        """Return every POST /orders, oldest first."""
        with self.lock:
            return list(self._arrivals)

    def requests(self) -> list[RequestRecord]:
        """Return the last requests of every kind, oldest first."""
        with self.lock:
            return list(self._requests)

    def accounts(self) -> list[Account]:
        """Return all accounts."""
        with self.lock:
            return list(self._accounts.values())

    def account(self, identifier: str) -> Account | None:
        """Return one account."""
        with self.lock:
            return self._accounts.get(identifier)

    def last_sent(self, reference: str) -> datetime | None:
        """Return when an order's reward was last mailed; None where it never was."""
        with self.lock:
            return next((email.sent_at for email in reversed(self._emails) if email.order == reference), None)

    # Changing

    def set_account(self, account: Account) -> None:
        """Add or change an account."""
        with self.lock:
            self._keep(account)
            self.event_log.publish("balance", account=account.identifier, value=account.balance, status=account.status)

    def set_balance(self, identifier: str, balance: Decimal) -> Account:
        """Set how much an account holds.

        Raises:
            KeyError: there is no such account.
            ValueError: the balance is no number.
        """
        if not balance.is_finite():
            raise ValueError("A balance is a number.")
        return self._change_account(identifier, balance=balance)

    def freeze(self, identifier: str, *, frozen: bool) -> Account:
        """Freeze an account, or lift that.

        Raises:
            KeyError: there is no such account.
        """
        return self._change_account(identifier, status="FROZEN" if frozen else "ACTIVE")

    def close(self, identifier: str, *, closed: bool) -> Account:
        """Make an account inactive, or lift that.

        Raises:
            KeyError: there is no such account.
        """
        return self._change_account(identifier, status="INACTIVE" if closed else "ACTIVE")

    def place(self, order: Order) -> None:
        """Take an order in: the account pays, and a finished one is mailed."""
        with self.lock:
            self._keep(order)
            self._pay(order.account_identifier, -order.charged_total)
            self.event_log.publish("order", order=order)
            if order.status == COMPLETE:
                self._mail(order)

    def count_get(self, reference: str) -> Order | None:
        """Return one order as a GET sees it: a pending one may be brought nearer to its end by that."""
        with self.lock:
            order = self.order(reference)
            if order is None or order.status != PENDING or order.gets_left is None:
                return order
            if order.gets_left == 0:
                return self._finish(order, order.end_status or COMPLETE)
            self._keep(replace(order, gets_left=order.gets_left - 1))
            return order

    def finish(self, reference: str, status: str) -> Order:
        """End a pending order at once: COMPLETE is mailed, FAILED is refunded.

        Raises:
            KeyError: there is no such order.
        """
        with self.lock:
            order = self.order(reference)
            if order is None:
                raise KeyError(reference)
            return self._finish(order, status)

    def _finish(self, order: Order, status: str) -> Order:
        with self.lock:
            done = replace(order, status=status, end_status=None, gets_left=None, ends_at=None)
            self._keep(done)
            self.event_log.publish("order", order=done)
            if status == COMPLETE:
                self._mail(done)
            elif status == FAILED:
                self._pay(done.account_identifier, done.charged_total)
            return done

    def set_email_status(self, reference: str, status: str) -> Order:
        """Say what became of an order's email.

        Raises:
            KeyError: there is no such order.
        """
        with self.lock:
            changed = replace(self._orders[reference], email_status=status)
            self._keep(changed)
            self.event_log.publish("order", order=changed)
            return changed

    def send_again(self, order: Order, email: str, etid: str) -> Resend:
        """Mail a reward once more."""
        with self.lock:
            resend = Resend(len(self._resends) + 1, order.reference_order_id, email, etid, self.now())
            self._keep(resend)
            self.event_log.publish("resend", resend=resend)
            self._mail(order, kind="resend", to=email, etid=etid)
            return resend

    def arrive(self, monotonic: float, request_id: str, *, early: bool) -> int:
        """Note that a POST /orders came in; return its number."""
        with self.lock:
            number = len(self._arrivals) + 1
            self._arrivals.append(Arrival(number, monotonic, self.now(), request_id, early))
            return number

    def amend_arrival(self, number: int, **changes: Any) -> Arrival:
        """Fill in what became known of an arrival; return what it is now."""
        with self.lock:
            changed = replace(self._arrivals[number - 1], **changes)
            self._arrivals[number - 1] = changed
            return changed

    def note(self, request: RequestRecord) -> None:
        """Note a request of any kind."""
        with self.lock:
            self._requests.append(request)

    # Within

    def _settle(self, order: Order) -> Order:
        if order.status == PENDING and order.ends_at is not None and order.ends_at <= self.now():
            return self._finish(order, order.end_status or COMPLETE)
        return order

    def _pay(self, identifier: str, amount: Decimal) -> None:
        self._change_account(identifier, balance=self._accounts[identifier].balance + amount)

    def _change_account(self, identifier: str, **changes: Any) -> Account:
        with self.lock:
            account = replace(self._accounts[identifier], **changes)
            self.set_account(account)
            return account

    def _mail(self, order: Order, *, kind: str = "original", to: str | None = None, etid: str | None = None) -> None:
        if not order.send_email or not order.link:  # what is mailed on paper is not mailed as a link
            return
        email = Email(
            order=order.reference_order_id,
            external_ref_id=order.external_ref_id,
            kind=kind,
            to=to or order.recipient_email,
            to_name=_name(order.recipient),
            sender_name=_name(order.sender),
            subject=order.email_subject or f"Your {order.reward_name} is here",
            message=order.message or "",
            etid=etid or order.etid or "E000000",
            reward_name=order.reward_name,
            amount=order.amount,
            currency_code=order.currency_code,
            link=order.link,
            sent_at=self.now(),
        )
        self._keep(email)
        self.event_log.publish("email", email=email)

    def _keep(self, record: Record) -> None:
        self._remember(record)
        self._kept.append(record)

    def _remember(self, record: Record) -> None:
        match record:
            case Account():
                self._accounts[record.identifier] = record
            case Order():
                self._orders[record.reference_order_id] = record
                if record.external_ref_id:
                    key = (record.account_identifier, record.external_ref_id)
                    self._references[key] = record.reference_order_id
            case Email():
                self._emails.append(record)
            case Resend():
                self._resends.append(record)


def _name(person: dict[str, Any]) -> str:
    return " ".join(part for part in (person.get("firstName"), person.get("lastName")) if part)
