"""The balance of the account at Tango: what it covers, and how long it lasts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.money import Money

#: The pace of spending is that of the last thirty days: a month has every weekday about as often as the next.
PACE_OVER: Final = timedelta(days=30)

#: A balance that Tango told longer ago says nothing of now: it is asked every five minutes (bot/scheduler.py).
_FRESH_FOR: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """What the account held when Tango last told.

    Attributes:
        held: the balance.
        told_at: when Tango told it, UTC.
        spent: what the account was charged in the thirty days before `spent_at`.
        spent_at: when that was added up, UTC.
        below_since: since when it is below the amount of the settings, UTC; None while it isn't.
    """

    held: Money
    told_at: datetime
    spent: Money
    spent_at: datetime
    below_since: datetime | None = None

    @property
    def days(self) -> int | None:
        """Return how many whole days it lasts at the pace of the last thirty; None where nothing was spent then."""
        if self.spent.minor <= 0:
            return None
        return max(self.held.minor, 0) * PACE_OVER.days // self.spent.minor

    def is_fresh(self, now: datetime) -> bool:
        """Return whether Tango has told it lately."""
        return abs(now - self.told_at) <= _FRESH_FOR

    def covers(self, total: Money, waiting: Sequence[Money]) -> bool:
        """Return whether it is enough for `total` beside what waits; also where they are in other currencies.

        Args:
            total: to be approved.
            waiting: what is approved and still to be sent, a sum for each currency.
        """
        if total.currency != self.held.currency:
            return True
        first = sum(one.minor for one in waiting if one.currency == self.held.currency)
        return total.minor <= self.held.minor - first
