"""Money in integer minor units with its currency, and amounts as people type them."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.errors import InvalidAmount
from bot.faults import FaultCode

#: ISO 4217 currencies whose minor unit is not a hundredth; every other one has two decimals.
UNUSUAL_DECIMALS: Final = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW"), 0),
    **dict.fromkeys(("PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}

#: The signs that people type, each with the currencies that it may mean.
_SIGNS: Final = {
    "$": frozenset({"USD", "CAD", "AUD", "MXN", "SGD", "NZD", "HKD"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "¥": frozenset({"JPY", "CNY"}),
    "zł": frozenset({"PLN"}),
}

#: Tango refuses more than six integer digits (i18n key 422.105).
MOST_INTEGER_DIGITS: Final = 6

_SIGN: Final = "|".join(map(re.escape, _SIGNS))

#: What people put around a number: a sign or a code, before or after, and perhaps a minus (also the
#: typographic one). ASCII digits only: digits of other scripts are refused.
_TYPED: Final = re.compile(
    rf"(?P<minus>[-\u2212]?)\s*(?P<before>[A-Za-z]{{3}}|{_SIGN})?\s*(?P<inner_minus>[-\u2212]?)"
    rf"\s*(?P<number>[0-9.,]+)\s*(?P<after>[A-Za-z]{{3}}|{_SIGN})?",
    re.ASCII,
)

#: An amount in one word: a number, and perhaps a sign before or after it.
_WORD: Final = re.compile(rf"(?P<before>{_SIGN})?(?P<number>[0-9][0-9.,]*)(?P<after>{_SIGN})?")

#: Digits, in groups of three or in none, then decimals after a point. No group starts with a zero: who writes
#: `0,500` means half a unit, not five hundred.
_NUMBER: Final = re.compile(r"(?P<whole>[1-9][0-9]{0,2}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<fraction>[0-9]*))?")
_DECIMAL_COMMA: Final = re.compile(r"[0-9.]+,[0-9]{1,2}|0[0-9]*,[0-9]+")


def decimals_of(currency: str) -> int:
    """Return the number of decimals that the currency has (ISO 4217)."""
    return UNUSUAL_DECIMALS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency.

    Attributes:
        minor: in minor units (cents; yen have none).
        currency: ISO 4217, three capitals.
    """

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "Money":
        """Return `amount` major units as money.

        Raises:
            ValueError: the amount has more decimals than the currency.
        """
        minor = amount.scaleb(decimals_of(currency))
        if minor != minor.to_integral_value():
            raise ValueError(f"{currency} has {decimals_of(currency)} decimals")
        return cls(int(minor), currency)

    @property
    def amount(self) -> Decimal:
        """Return it in major units, with the currency's own decimals."""
        return Decimal(self.minor).scaleb(-decimals_of(self.currency))

    def times(self, count: int) -> "Money":
        """Return this money, `count` times over."""
        return Money(self.minor * count, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency}"


def money_text(amount: Decimal, currency: str) -> str:
    """Write `amount` major units with the currency's decimals, or with more where the amount has more."""
    try:
        return str(Money.of(amount, currency))
    except ValueError:
        return f"{amount:,f} {currency}"


def parse_amount(text: str, currency: str) -> Money:
    """Read an amount as people type it: `25`, `25.00`, `$25`, `1,000`, `25 USD`.

    A comma only separates thousands: `25,00` is refused, because a wrong guess costs a hundredfold.

    Raises:
        InvalidAmount: it cannot be read as a positive amount of `currency`.
    """

    def refuse(fault: FaultCode) -> InvalidAmount:
        return InvalidAmount(fault, text=text.strip(), currency=currency)

    if not text.strip():
        raise refuse(FaultCode.EMPTY)
    typed = _TYPED.fullmatch(text.strip())
    number = _NUMBER.fullmatch(typed["number"]) if typed else None
    if typed is None or number is None:
        comma = typed and _DECIMAL_COMMA.fullmatch(typed["number"])
        raise refuse(FaultCode.DECIMAL_COMMA if comma else FaultCode.NOT_A_NUMBER)
    for unit in filter(None, (typed["before"], typed["after"])):
        if currency not in _SIGNS.get(unit, {unit.upper()}):
            raise refuse(FaultCode.OTHER_CURRENCY)
    if typed["minus"] or typed["inner_minus"]:
        raise refuse(FaultCode.NEGATIVE)
    fraction = number["fraction"] or ""
    if len(fraction) > decimals_of(currency):
        raise refuse(FaultCode.FINER_THAN_CURRENCY)
    whole = number["whole"].replace(",", "").lstrip("0") or "0"
    if len(whole) > MOST_INTEGER_DIGITS:
        raise refuse(FaultCode.TOO_LARGE)
    money = Money.of(Decimal(f"{whole}.{fraction or 0}"), currency)
    if money.minor == 0:
        raise refuse(FaultCode.ZERO)
    return money


def leading_amount(text: str) -> str:
    """Return the amount with which the text begins, as it was typed; empty where it begins with another word."""
    word = _WORD.match(text)
    return word[0] if word and not text[word.end() :][:1].strip() else ""


def read_amount(text: str) -> tuple[Decimal, str | None] | None:
    """Read an amount that is looked for, which need not be one that can be paid.

    Returns:
        The amount in major units, and the currency where the sign has only one; None where the text is no amount.
    """
    typed = _WORD.fullmatch(text.lower())
    if typed is None:
        return None
    try:
        amount = parse_amount(typed["number"], "USD").amount  # two decimals, as most currencies have
    except InvalidAmount:
        return None
    if amount == (whole := amount.to_integral_value()):
        amount = whole
    currencies = _SIGNS.get(typed["before"] or typed["after"] or "", frozenset())
    return amount, next(iter(currencies)) if len(currencies) == 1 else None
