"""The charge of an order: what it cost the Tango account, and whether that is more than its value explains."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.domain.money import Money, money_text

#: Suppliers' fees and a day's movement of a rate stay below this share of what was expected.
_TOLERATED_SHARE: Final = Decimal("0.15")

#: About 5 US dollars in each currency of a Tango account (Tango docs, Get exchange rates): below this no admin looks.
#: Round, because only the size matters. A currency that is not here has the share alone.
_TOLERATED: Final[Mapping[str, Decimal]] = {
    "USD": Decimal(5),
    "EUR": Decimal("4.50"),
    "GBP": Decimal(4),
    "CAD": Decimal(7),
    "AUD": Decimal(8),
    "SGD": Decimal("6.50"),
    "PLN": Decimal(20),
    "MXN": Decimal(95),
}


@dataclass(frozen=True, slots=True)
class Fee:
    """The fee of a reward, as the catalog names it (Tango docs, GET /catalogs, fee).

    Attributes:
        value: in major units of the account's currency, or a percentage of the face value.
        is_percentage: which of the two.
    """

    value: Decimal
    is_percentage: bool = False

    def of(self, worth: Decimal) -> Decimal:
        """Return the fee of a face value that is worth so much, both in the account's currency."""
        return worth * self.value / 100 if self.is_percentage else self.value

    def __str__(self) -> str:
        """Return the fee as it is stored."""
        return f"{self.value}{'%' if self.is_percentage else ''}"

    @classmethod
    def from_text(cls, stored: str) -> "Fee":
        """Return the fee that is stored as this."""
        return cls(Decimal(stored.removesuffix("%")), stored.endswith("%"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """The cost of an order for the account (Tango docs, Manage orders, amountCharged), in major units of its currency.

    Attributes:
        total: what left the account.
        currency: the account's, ISO 4217.
        value: the face value in that currency; None where Tango does not say.
        fee: the fee, as Tango says; None where there is none.
        rate: what one unit of the reward's currency cost; None where both currencies are the same.
    """

    total: Decimal
    currency: str
    value: Decimal | None = None
    fee: Decimal | None = None
    rate: Decimal | None = None

    def exceeds(self, face: Money, fee: Fee | None) -> bool:
        """Return whether this is far more than the face value, at Tango's rate and with the fee of the catalog.

        A fee that only the charge itself names explains nothing: nobody knew it when the reward was approved. A
        charge in another currency without a rate can't be held against anything.
        """
        rate = Decimal(1) if face.currency == self.currency else self.rate
        if rate is None or rate <= 0:
            return False
        worth = face.amount * rate
        expected = worth + (fee.of(worth) if fee else 0)
        excess = self.total - expected
        return excess > expected * _TOLERATED_SHARE and excess > _TOLERATED.get(self.currency, Decimal(0))

    def __str__(self) -> str:
        return money_text(self.total, self.currency)
