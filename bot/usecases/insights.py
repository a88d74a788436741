"""Insights: what helps an approver to decide, gathered when *Details* is pressed. Nothing is asked of Tango for it."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Final

from bot.clock import Clock
from bot.domain.days import start_of, zone_of
from bot.domain.insight import Cover, Insight, Month
from bot.domain.money import Money
from bot.domain.request import Request
from bot.domain.search import OrderSearch, SearchStatus
from storage import Storage

#: The recipients whose last rewards are shown, and how many of each: with all else they fit on a screen.
_MOST_RECIPIENTS: Final = 5
_MOST_REWARDS: Final = 3

#: The account's balance in major units, its currency, and when Tango told it, UTC.
Balance = tuple[Decimal, str, datetime]


class Insights:
    """Gathers what is known around a request.

    Args:
        storage: of the orders.
        clock: tells the time.
        zone: in which months begin, as an IANA name.
        balance: return what Tango last told this bot; None where it wasn't told.
    """

    def __init__(self, *, storage: Storage, clock: Clock, zone: str, balance: Callable[[], Balance | None]) -> None:
        self._storage = storage
        self._clock = clock
        self._zone = zone
        self._balance = balance

    def of(self, request: Request) -> Insight:
        """Return what is known around a request. Whoever asks is an approver: that is checked by the caller."""
        rewards = {}
        for recipient in request.recipients[:_MOST_RECIPIENTS]:
            wanted = OrderSearch(recipient_id=recipient.user_id, status=SearchStatus.ACCEPTED)
            if orders := self._storage.search.page(wanted, before=None, most=_MOST_REWARDS):
                rewards[recipient.user_id] = orders
        return Insight(month=self._month(request.requester_id), rewards=rewards, cover=self._cover(request))

    def _month(self, requester_id: str) -> Month | None:
        today = self._clock.now().astimezone(zone_of(self._zone)).date()
        since = start_of(today.replace(day=1), self._zone)
        rewards, totals = self._storage.insights.approved_since(requester_id, since)
        return Month(rewards=rewards, totals=totals) if rewards else None

    def _cover(self, request: Request) -> Cover | None:
        """Return what the account has, and what is left of it after this request and the orders that are to be sent.

        Orders that need a person, and those in other currencies, are paid from the same account and aren't counted:
        whether the former are sent at all, and what the latter cost, nobody knows yet.
        """
        told = self._balance()
        if told is None:
            return None
        amount, currency, at = told
        try:
            balance = Money.of(amount, currency)
        except ValueError:
            return None  # finer than its currency can be paid, so nothing is worked out from it
        sums = {one.currency: one for one in self._storage.insights.waiting()}
        waiting = sums.get(currency, Money(0, currency))
        left = balance.minor - waiting.minor - request.total.minor
        is_same = request.total.currency == currency and request.is_pending
        return Cover(balance=balance, at=at, waiting=waiting, left=Money(left, currency) if is_same else None)
