"""The balance at Tango: kept as it was last told, told once when it comes below a limit, and compared with cards."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bot.clock import Clock
from bot.domain.alerts import BalanceLow
from bot.domain.balance import PACE_OVER, AccountBalance
from bot.domain.money import Money, nearest_amount
from bot.domain.notices import APPROVALS, ApprovalCard
from bot.domain.request import Request
from storage import Storage

#: What was spent is added up again so often: a day's spending moves a month's pace by a thirtieth.
_ADDED_UP_FOR: Final = timedelta(hours=1)


class BalanceWatch:
    """Hears what the account holds. There is one only where the settings name an amount.

    Args:
        storage: keeps it.
        clock: tells the time.
        below: the amounts below which admins hear of it, by currency.
        audiences: who hears of it.
    """

    def __init__(self, *, storage: Storage, clock: Clock, below: Mapping[str, Money], audiences: Sequence[str]) -> None:
        self._storage = storage
        self._clock = clock
        self._below = below
        self._audiences = audiences
        self._uncovered: frozenset[int] | None = None

    def hear(self, amount: Decimal | None, currency: str | None) -> None:
        """Keep what Tango told; tell admins that it has come below its limit, and cards what it is too little for."""
        if amount is None or currency is None:
            return
        try:
            held = Money.of(nearest_amount(amount, currency), currency)
        except ValueError:
            return  # finer than its currency, so nothing is worked out from it
        now, known = self._clock.now(), self._storage.balance.get()
        balance = self._added_up(held, known, now)
        limit = self._below.get(currency)
        is_below = limit is not None and held.minor < limit.minor
        with self._storage.transaction():
            known = self._storage.balance.get()
            was_below = known is not None and known.below_since is not None
            since = (known.below_since if known else None) or now
            self._storage.balance.set(replace(balance, below_since=since if is_below else None))
            if is_below and not was_below and limit is not None:
                for audience in self._audiences:
                    notice = BalanceLow(held.minor, limit.minor, currency, balance.days)
                    self._storage.outbox.add(notice, audience, now)
        self._refresh_cards(known or balance, balance, now)

    def _refresh_cards(self, before: AccountBalance, balance: AccountBalance, now: datetime) -> None:
        """Have the cards rewritten of pending requests that the account covers now and didn't before, or no longer."""
        pending = list(self._storage.requests.each_pending())
        waiting = self._storage.insights.waiting()

        def uncovered_by(one: AccountBalance) -> frozenset[int]:
            return frozenset(request.id for request in pending if not one.covers(request.total, waiting))

        said = uncovered_by(before) if self._uncovered is None else self._uncovered
        self._uncovered = uncovered_by(balance)
        changed = (said ^ self._uncovered) & {request.id for request in pending}
        if changed:
            with self._storage.transaction():
                for request_id in sorted(changed):
                    self._storage.outbox.add(ApprovalCard(request_id), APPROVALS, now)

    def _added_up(self, held: Money, known: AccountBalance | None, now: datetime) -> AccountBalance:
        is_same = known is not None and known.spent.currency == held.currency
        if known is not None and is_same and abs(now - known.spent_at) < _ADDED_UP_FOR:
            return AccountBalance(held=held, told_at=now, spent=known.spent, spent_at=known.spent_at)
        spent = self._storage.balance.spent_since(now - PACE_OVER, held.currency)
        return AccountBalance(held=held, told_at=now, spent=spent, spent_at=now)


def fresh_balance(storage: Storage, now: datetime) -> AccountBalance | None:
    """Return what the account holds, if Tango has told lately; None also where the settings name no limit."""
    balance = storage.balance.get()
    return balance if balance is not None and balance.is_fresh(now) else None


def with_cover(storage: Storage, requests: Sequence[Request], now: datetime) -> Sequence[Request]:
    """Return requests; of each that waits, whether the account covers it beside the orders still to be sent."""
    balance = fresh_balance(storage, now) if any(request.is_pending for request in requests) else None
    if balance is None:
        return requests
    waiting = storage.insights.waiting()
    return [
        replace(one, is_uncovered=True) if one.is_pending and not balance.covers(one.total, waiting) else one
        for one in requests
    ]
