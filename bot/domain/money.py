"""Money in integer minor units with its currency, and amounts as people type them."""

import re
from collections.abc import Callable, Collection
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
    "us$": frozenset({"USD"}),
    "ca$": frozenset({"CAD"}),
    "au$": frozenset({"AUD"}),
    "nz$": frozenset({"NZD"}),
    "hk$": frozenset({"HKD"}),
    "mx$": frozenset({"MXN"}),
    "c$": frozenset({"CAD"}),
    "a$": frozenset({"AUD"}),
    "s$": frozenset({"SGD"}),
    "$": frozenset({"USD", "CAD", "AUD", "MXN", "SGD", "NZD", "HKD"}),
    "€": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "¥": frozenset({"JPY", "CNY"}),
    "zł": frozenset({"PLN"}),
}

#: The languages that write 1.000,00 where English writes 1,000.00 (Unicode CLDR, number symbols), and the places of
#: theirs that do not: Switzerland, and the Spanish of America, which writes both.
_COMMA_LANGUAGES: Final = re.compile(
    "bg|ca|cs|da|de|el|es|et|fi|fr|hr|hu|is|it|lt|lv|nb|nl|no|pl|pt|ro|ru|sk|sl|sr|sv|tr|uk", re.IGNORECASE
)
_POINT_PLACES: Final = frozenset({"CH", "LI", "LA", "MX", "US", "419"})

#: Tango refuses more than six integer digits (i18n key 422.105).
MOST_INTEGER_DIGITS: Final = 6

#: The signs under which people see an amount. A sign that several currencies share belongs to the most used one: a
#: Canadian reward is 25.00 CAD, and never $25.00.
_SHOWN_SIGNS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

_SIGN: Final = "|".join(map(re.escape, _SIGNS))

#: Direction marks and characters without a width, as copied text has them around a number.
_MARKS: Final = "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
_MARK: Final = re.compile(f"[{_MARKS}]")

#: What people put around a number: a sign or a code, before or after, and perhaps a minus (also the
#: typographic one). ASCII digits only: digits of other scripts are refused.
_TYPED: Final = re.compile(
    rf"(?P<minus>[-\u2212]?) ?(?P<before>[A-Za-z]{{3}}|(?i:{_SIGN}))? ?(?P<inner_minus>[-\u2212]?)"
    rf" ?(?P<number>[0-9.,](?:[0-9.,'\u2019 ]*[0-9.,])?) ?(?P<after>[A-Za-z]{{3}}|(?i:{_SIGN}))?"
)

#: An amount in one word: a number, and perhaps a sign before or after it.
_WORD: Final = re.compile(rf"(?P<before>(?i:{_SIGN}))?(?P<number>[0-9][0-9.,]*)(?P<after>(?i:{_SIGN}))?")

#: An amount with which a text begins. Only a space that does not break a line belongs to a number: `25 100 people`
#: has two.
_LEADING: Final = re.compile(
    rf"[\s{_MARKS}]*(?:(?P<before>[A-Za-z]{{3}}|(?i:{_SIGN}))[\s{_MARKS}]*)?"
    r"(?P<number>-?[0-9](?:[0-9.,'\u2019\u00a0\u2009\u202f]*[0-9])?)"
    rf"(?:[\s{_MARKS}]*(?P<after>[A-Za-z]{{3}}\b|(?i:{_SIGN})))?[{_MARKS}]*(?=[\s,;:.]|$)[,;:.]?"
)

#: Digits, in groups of three or in none, then decimals. No group starts with a zero: who writes `0,500` means half a
#: unit, not five hundred.
_NUMBER: Final = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?P<gap>[,' ])[0-9]{3}(?:(?P=gap)[0-9]{3})*|[0-9]+)(?:\.(?P<fraction>[0-9]*))?"
)
_DECIMAL_COMMA: Final = re.compile(r"[0-9.]+,[0-9]{1,2}|0[0-9]*,[0-9]+")

#: One or two decimals after a point: no locale reads that as thousands.
_DECIMAL_POINT: Final = re.compile(r"[0-9]+\.[0-9]{1,2}")


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

    @property
    def short(self) -> str:
        """Return it for people, without decimals where it is a whole amount: $2,000."""
        whole = self.amount == self.amount.to_integral_value()
        return _shown(f"{int(self.amount):,}" if whole else f"{self.amount:,}", self.currency)

    def __str__(self) -> str:
        return _shown(f"{self.amount:,}", self.currency)


def writes_decimal_comma(locale: str) -> bool:
    """Tell whether people of this locale, such as `de-DE`, write 1.000,00 for a thousand."""
    language, _, place = locale.replace("_", "-").partition("-")
    return bool(_COMMA_LANGUAGES.fullmatch(language)) and place.upper() not in _POINT_PLACES


def money_text(amount: Decimal, currency: str) -> str:
    """Write `amount` major units with the currency's decimals, or with more where the amount has more."""
    try:
        return str(Money.of(amount, currency))
    except ValueError:
        return _shown(f"{amount:,f}", currency)


def _shown(number: str, currency: str) -> str:
    sign = _SHOWN_SIGNS.get(currency)
    if sign is None:
        return f"{number} {currency}"
    return f"-{sign}{number[1:]}" if number.startswith("-") else f"{sign}{number}"


def is_same_amount(one: Decimal, other: Decimal, currency: str) -> bool:
    """Tell whether two amounts in major units are less than half a minor unit apart.

    An amount that passed through a binary fraction comes back as 25.099999999999998.
    """
    return abs(one - other).scaleb(decimals_of(currency)) * 2 < 1


def nearest_amount(amount: Decimal, currency: str) -> Decimal:
    """Return the amount in whole minor units where only a binary fraction put it off them, else as it is."""
    whole = Decimal(round(amount.scaleb(decimals_of(currency)))).scaleb(-decimals_of(currency))
    is_off = whole != amount and is_same_amount(whole * 1_000, amount * 1_000, currency)
    return whole if is_off else amount


def parse_amount(text: str, currency: str, *, decimal_comma: bool = False) -> Money:
    """Read an amount as people type it: `25`, `25.00`, `$25`, `1,000`, `25 USD`.

    A comma only separates thousands: `25,00` is refused, because a wrong guess costs a hundredfold.

    Args:
        text: as typed.
        currency: ISO 4217.
        decimal_comma: whether the person's locale writes `1.000,00`. Then `25,00` is read, and `1,000` is refused.

    Raises:
        InvalidAmount: it cannot be read as a positive amount of `currency`.
    """

    def refuse(fault: FaultCode) -> InvalidAmount:
        return InvalidAmount(fault, text=text.strip(), currency=currency)

    plain = plain_spaces(text)
    if not plain:
        raise refuse(FaultCode.EMPTY)
    typed = _TYPED.fullmatch(plain)
    number = _NUMBER.fullmatch(_with_point(typed["number"], decimal_comma=decimal_comma)) if typed else None
    if typed is None or number is None:
        comma = typed and _DECIMAL_COMMA.fullmatch(typed["number"])
        raise refuse(FaultCode.DECIMAL_COMMA if comma and not decimal_comma else FaultCode.NOT_A_NUMBER)
    for unit in filter(None, (typed["before"], typed["after"])):
        if currency not in _SIGNS.get(unit.lower(), {unit.upper()}):
            raise refuse(FaultCode.OTHER_CURRENCY)
    if typed["minus"] or typed["inner_minus"]:
        raise refuse(FaultCode.NEGATIVE)
    return _money_of(number, currency, refuse)


def _with_point(number: str, *, decimal_comma: bool) -> str:
    """Write a number with a decimal point and commas between thousands, whichever the person uses."""
    number = number.replace("\u2019", "'")
    if not decimal_comma or _DECIMAL_POINT.fullmatch(number):
        return number
    return number.translate(str.maketrans(",.", ".,"))


def _money_of(number: re.Match[str], currency: str, refuse: Callable[[FaultCode], InvalidAmount]) -> Money:
    fraction = number["fraction"] or ""
    if len(fraction) > decimals_of(currency):
        raise refuse(FaultCode.FINER_THAN_CURRENCY)
    whole = "".join(filter(str.isdigit, number["whole"])).lstrip("0") or "0"
    if len(whole) > MOST_INTEGER_DIGITS:
        raise refuse(FaultCode.TOO_LARGE)
    minor = int(whole + fraction.ljust(decimals_of(currency), "0"))
    if minor == 0:
        raise refuse(FaultCode.ZERO)
    return Money(minor, currency)


def plain_spaces(text: str) -> str:
    """Return a typed amount without direction marks, and with plain spaces alone, one between two words."""
    return " ".join(_MARK.sub("", text).split())


def split_amount(text: str, currencies: Collection[str]) -> tuple[str, str]:
    """Return the amount with which the text begins, empty where it begins with another word, and the rest.

    Args:
        text: as typed.
        currencies: those on offer. Other words of three letters are currencies only in capitals: `25 the` has none.
    """
    found = _LEADING.match(text)
    if found is None or not _is_unit(found["before"], currencies):
        return "", text
    end = found.end() if _is_unit(found["after"], currencies) else found.end("number")
    rest = text[end : end + 1]
    is_parted = text[end - 1] in ",;" and not rest.isdigit()
    if rest.strip() and not is_parted:  # the number was only the beginning of a word
        return "", text
    return plain_spaces(text[:end]).rstrip(",;:."), text[end:]


def _is_unit(word: str | None, currencies: Collection[str]) -> bool:
    return word is None or word.lower() in _SIGNS or word.isupper() or word.upper() in currencies


def read_amount(text: str) -> tuple[Decimal, str | None] | None:
    """Read an amount that is looked for, which need not be one that can be paid.

    Returns:
        The amount in major units, and the currency where the sign has only one; None where the text is no amount.
    """
    typed = _WORD.fullmatch(plain_spaces(text).lower())
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
