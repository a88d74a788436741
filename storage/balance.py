"""What the account at Tango held when it was last asked, and what was spent of it."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from bot.domain.balance import AccountBalance
from bot.domain.money import Money, decimals_of
from storage.database import Database, Row, from_ms, from_ms_or_none, to_ms
from storage.order_rows import charge_of

_GET: Final = "SELECT * FROM balance WHERE id = 1"
_SET: Final = """
INSERT INTO balance (id, minor, currency, told_at, below_since, spent_minor, spent_at)
VALUES (1, :minor, :currency, :told_at, :below_since, :spent_minor, :spent_at)
ON CONFLICT (id) DO UPDATE SET minor = excluded.minor, currency = excluded.currency, told_at = excluded.told_at,
    below_since = excluded.below_since, spent_minor = excluded.spent_minor, spent_at = excluded.spent_at
"""
# Newest first, until they are too old.
_SENT: Final = """
SELECT id, created_at, amount_minor, currency, charge FROM orders INDEXED BY orders_by_status
WHERE status = 'accepted' AND id < :id ORDER BY id DESC LIMIT :most
"""

#: Beyond every id.
_LAST: Final = 2**63 - 1


class BalanceStore:
    """The one row of the balance."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def get(self) -> AccountBalance | None:
        """Return what Tango last told; None where it was never asked for an alert."""
        row = self._db.one(_GET)
        if row is None:
            return None
        return AccountBalance(
            held=Money(row["minor"], row["currency"]),
            told_at=from_ms(row["told_at"]),
            spent=Money(row["spent_minor"], row["currency"]),
            spent_at=from_ms(row["spent_at"]),
            below_since=from_ms_or_none(row["below_since"]),
        )

    def set(self, balance: AccountBalance) -> None:
        """Keep what Tango told."""
        self._db.execute(
            _SET,
            {
                "minor": balance.held.minor,
                "currency": balance.held.currency,
                "told_at": to_ms(balance.told_at),
                "below_since": to_ms(balance.below_since) if balance.below_since else None,
                "spent_minor": balance.spent.minor,
                "spent_at": to_ms(balance.spent_at),
            },
        )

    def spent_since(self, since: datetime, currency: str) -> Money:
        """Return what the account was charged for orders of that time or later, in its currency.

        An order whose charge Tango didn't tell counts by its value, if that is in the same currency.
        """
        total = Decimal(0)
        for row in self._db.each(_SENT, behind={"id": _LAST}):
            if row["created_at"] < to_ms(since):
                break
            total += _charged(row, currency)
        return _rounded(total, currency)


def _charged(row: Row, currency: str) -> Decimal:
    if row["charge"]:
        charge = charge_of(row["charge"])
        return charge.total if charge.currency == currency else Decimal(0)
    return Money(row["amount_minor"], row["currency"]).amount if row["currency"] == currency else Decimal(0)


def _rounded(total: Decimal, currency: str) -> Money:
    return Money(int(total.scaleb(decimals_of(currency)).to_integral_value()), currency)
