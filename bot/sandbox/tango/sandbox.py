"""The stand-in as one object: the ASGI app, its memory, its clocks, its faults."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from bot.sandbox.event_log import Subscriber
from bot.sandbox.tango.api import Api
from bot.sandbox.tango.catalog import Catalog
from bot.sandbox.tango.control import Control
from bot.sandbox.tango.desk import Desk
from bot.sandbox.tango.faults import Faults
from bot.sandbox.tango.ledger import Ledger
from bot.sandbox.tango.middleware import ExchangeMiddleware, Pace
from bot.sandbox.tango.records import Account, Arrival, Email, Order, RequestRecord, Resend
from bot.sandbox.tango.wire import API, Problem

#: The number of the first account: eight digits, as in Tango's samples.
_FIRST_ACCOUNT: Final = 32_386_768


def _utc_now() -> datetime:
    return datetime.now(UTC)


class TangoSandbox:
    """Tango's rewards API, to run the bot against: strict, with a memory, and able to misbehave.

    `app` is the ASGI app; the API is at `<url>/raas/v2`, its control at `<url>/_sandbox/`. What it remembers is in
    memory, and in the file of JSON lines at `path` where one is given. `resend_cooldown` and `min_interval` (between
    two POST /orders) are in seconds; Tango's own are 30 and 1. `now` and `monotonic` are its clocks; its answers' Date
    is `now`, if no `date` is given.
    """

    def __init__(
        self,
        *,
        platform_name: str = "KudosDemo",
        platform_key: str = "demo-key",
        customer: str = "kudos-demo",
        account: str = "kudos-demo-usd",
        balance: str | Decimal = "1000.00",
        currency: str = "USD",
        resend_cooldown: float = 30.0,
        min_interval: float = 1.0,
        limit_all: bool = False,
        path: str | Path | None = None,
        now: Callable[[], datetime] = _utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        date: Callable[[], datetime] | None = None,
    ) -> None:
        self.platform_name = platform_name
        self.platform_key = platform_key
        self.customer = customer
        self.account = account
        first = self._new_account(_FIRST_ACCOUNT, account, balance, currency, now())
        self._ledger = Ledger([first], now=now, path=None if path is None else Path(path))
        self.catalog = Catalog()
        """The catalog: `generate(5000)` adds items, `remove(utid)` takes one out."""
        self.faults = Faults(lambda active: self._ledger.event_log.publish("fault", active=active))
        """The switchboard of faults."""
        self._pace = Pace(min_interval)
        self._desk = Desk(self._ledger, self.catalog, self.faults, resend_cooldown=resend_cooldown)
        api = Api(self._ledger, self.catalog, self.faults, self._desk, self._pace)
        self.templates = api.made_templates
        """The email templates that somebody made in the portal; more can be added."""
        control = Control(self._ledger, self.catalog, self.faults, self._desk, self._pace, account=account)
        inner = Starlette(
            routes=[Mount(API, Router(api.routes(), redirect_slashes=False)), *control.routes()],
            exception_handlers={Problem: api.error, HTTPException: api.error},
        )
        self._middleware = ExchangeMiddleware(
            inner,
            self._ledger,
            self._pace,
            key=f"{platform_name}:{platform_key}",
            monotonic=monotonic,
            date=date or now,
        )
        self._middleware.limit_all = limit_all
        self.app: ASGIApp = self._middleware
        """The ASGI app."""

    # Looking: every list is a snapshot, oldest first

    @property
    def orders(self) -> list[Order]:
        """Return the orders that were placed."""
        return self._ledger.orders()

    @property
    def arrivals(self) -> list[Arrival]:
        """Return every POST /orders that came in, whatever became of it. Not kept over a restart."""
        return self._ledger.arrivals()

    @property
    def emails(self) -> list[Email]:
        """Return the emails that were "sent"."""
        return self._ledger.emails()

    @property
    def resends(self) -> list[Resend]:
        """Return the resends that were granted."""
        return self._ledger.resends()

    @property
    def requests(self) -> list[RequestRecord]:
        """Return the last ten thousand requests of every kind. Not kept over a restart."""
        return self._ledger.requests()

    @property
    def early(self) -> int:
        """Count the POST /orders that came before their time."""
        return sum(arrival.early for arrival in self.arrivals)

    @property
    def accounts(self) -> list[Account]:
        """Return the accounts that can pay."""
        return self._ledger.accounts()

    @property
    def balance(self) -> Decimal:
        """Return how much the first account holds. It can be set."""
        account = self._ledger.account(self.account)
        assert account is not None  # noqa: S101 - it is opened with the stand-in and never closed
        return account.balance

    @balance.setter
    def balance(self, value: str | Decimal) -> None:
        self._ledger.set_balance(self.account, Decimal(value))

    @property
    def limit_all(self) -> bool:
        """Tell whether every endpoint is held to the pace, each by itself, not POST /orders alone. It can be set."""
        return self._middleware.limit_all

    @limit_all.setter
    def limit_all(self, value: bool) -> None:
        self._middleware.limit_all = value

    @property
    def resend_cooldown(self) -> float:
        """Return the seconds between two sends of an order's email. They can be set."""
        return self._desk.resend_cooldown

    @resend_cooldown.setter
    def resend_cooldown(self, seconds: float) -> None:
        self._desk.resend_cooldown = seconds

    @property
    def min_interval(self) -> float:
        """Return the seconds between two POST /orders. They can be set."""
        return self._pace.interval

    @min_interval.setter
    def min_interval(self, seconds: float) -> None:
        self._pace.interval = seconds

    # Doing

    def now(self) -> datetime:
        """Return the time by this stand-in's clock."""
        return self._ledger.now()

    def add_account(self, identifier: str, *, balance: str | Decimal = "1000.00", currency: str = "USD") -> Account:
        """Open another account of the same customer."""
        number = _FIRST_ACCOUNT + len(self.accounts)
        account = self._new_account(number, identifier, balance, currency, self.now())
        self._ledger.set_account(account)
        return account

    def freeze(self, identifier: str | None = None, *, frozen: bool = True) -> None:
        """Freeze an account, the first where none is named; or lift that."""
        self._ledger.freeze(identifier or self.account, frozen=frozen)

    def close_account(self, identifier: str | None = None, *, closed: bool = True) -> None:
        """Make an account inactive, the first where none is named; or lift that."""
        self._ledger.close(identifier or self.account, closed=closed)

    def finish(self, reference_order_id: str, status: str) -> Order:
        """End a pending order at once: `COMPLETE` or `FAILED`."""
        return self._ledger.finish(reference_order_id, status)

    def bounce(self, reference_order_id: str, status: str = "BOUNCE") -> Order:
        """Have the email of an order come back: BOUNCE, DROPPED or BLOCKED."""
        return self._ledger.set_email_status(reference_order_id, status)

    def subscribe(self, callback: Subscriber) -> Callable[[], None]:
        """Call a function with each event, in the thread in which it happens; return the function that ends that."""
        return self._ledger.event_log.subscribe(callback)

    def _new_account(
        self, number: int, identifier: str, balance: str | Decimal, currency: str, now: datetime
    ) -> Account:
        return Account(
            identifier=identifier,
            number=f"A{number}",
            customer=self.customer,
            currency=currency,
            balance=Decimal(balance),
            status="ACTIVE",
            created_at=now,
        )
