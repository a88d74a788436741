"""Tango's rules on what may be sent, checked before sending, where a person can still mend it.

Pure functions. A breach is a value (field, rule, facts); its sentence is written where the other words on the
screen are. Lengths count characters as Python does, one for each code point.

Source, unless said otherwise: Tango docs, Manage orders, the tables of POST /orders and GET /orders.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from bot.tango.models import Address, NewOrder, OrderQuery, Person, PlacedOrder, ResendBody
from bot.tango.places import CANADIAN_PROVINCES, COUNTRIES, US_STATES

NAME_LIMIT = 100
PHYSICAL_NAME_LIMIT = 25
EMAIL_LIMIT = 100
MESSAGE_LIMIT = 3000  # the request's table; the 1024 in one answer of the page is older
NOTES_LIMIT = 150
CAMPAIGN_LIMIT = 100
PURCHASE_ORDER_LIMIT = 100
REFERENCE_LIMIT = 100
IDENTIFIER_LEAST, IDENTIFIER_LIMIT = 5, 100  # customerIdentifier, accountIdentifier
STREET_LIMIT = 35
CITY_LIMIT = 30
REGION_LIMIT = 35  # "less than 36 characters"
CURRENCY_LENGTH = 3
# Tango's validation keys 422.105 and 422.140: six digits before the point and two after it.
AMOUNT_DIGITS, AMOUNT_DECIMALS = 6, 2
# GET /orders gives 10,000 results at most (400.021), in blocks of at most 100 (422.042).
RESULT_WINDOW = 10_000
BLOCK_LIMIT = 100
# Promo Links: at least a day, at most a year ahead (Tango docs, Manage choice products).
EXPIRATION_LEAST = timedelta(days=1)

FORBIDDEN_IN_NAMES = "<>/"

_NAME = re.compile(rf"[^{FORBIDDEN_IN_NAMES}]*")
_PHYSICAL_NAME = re.compile(r"[0-9a-zA-Z .,-]*")
_STREET = re.compile(r"[0-9a-zA-Z .,\-/']*")
_CITY = re.compile(r"[0-9a-zA-Z .\-']*")
_POSTAL_CODE = re.compile(r"[0-9a-zA-Z]*")
_US_ZIP = re.compile(r"[0-9]{5}")
_ALPHANUMERIC = re.compile(r"[0-9a-zA-Z]*")
_IDENTIFIER = re.compile(r"[-0-9a-zA-Z]*")  # 422.501
_ETID = re.compile(r"[eE][0-9]{6}")  # 422.124
_PTID = re.compile(r"[pP][0-9]+")
# Simpler and stricter than the standard: what every mail system takes. Tango answers 400 with 422.134 to
# what it takes for malformed, and does not say how it tells.
_EMAIL = re.compile(
    r"(?=.{1,64}@)[0-9a-zA-Z!#$%&'*+/=?^_`{|}~-]+(?:\.[0-9a-zA-Z!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[0-9a-zA-Z](?:[0-9a-zA-Z-]{0,61}[0-9a-zA-Z])?\.)+[a-zA-Z]{2,63}"
)


class Breach(StrEnum):
    """A rule that a field breaks, with the facts that its `Problem` has beside it."""

    REQUIRED = "required"
    NOT_APPLICABLE = "not_applicable"  # the field is for another kind of reward
    TOO_SHORT = "too_short"  # least
    TOO_LONG = "too_long"  # limit, length
    CHARACTERS = "characters"  # found: the characters that are not allowed, each once
    MALFORMED = "malformed"
    NOT_POSITIVE = "not_positive"
    TOO_LARGE = "too_large"  # limit
    TOO_MANY_DECIMALS = "too_many_decimals"  # limit
    UNKNOWN_CODE = "unknown_code"  # country: the one whose states or provinces are meant
    TOO_SOON = "too_soon"  # least
    TOO_LATE = "too_late"  # limit
    REVERSED = "reversed"  # an end before its start


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with one field.

    Attributes:
        field: Tango's dotted name, such as `recipient.address.city`.
        code: the rule that it breaks.
        facts: what the sentence needs; see `Breach`.
    """

    field: str
    code: Breach
    facts: Mapping[str, object] = dataclass_field(default_factory=dict)


def problems(
    order: NewOrder,
    *,
    now: datetime,
    physical: bool = False,
    printed: bool = False,
    promo: bool = False,
) -> list[Problem]:
    """Everything that Tango would refuse about the form of an order, in the order of its table.

    Args:
        order: what would be sent.
        now: the time, for expiration dates.
        physical: the reward is posted: an address is needed, and names are short and plain.
        printed: it is a printed Reward Link: a `ptid` is needed as well.
        promo: it is a Promo Link, which alone may have an expiration date.
    """
    return list(_order_problems(order, now, physical=physical or printed, printed=printed, promo=promo))


def query_problems(query: OrderQuery) -> list[Problem]:
    """Everything that Tango would refuse about a search. Source: Tango docs, Manage orders, GET /orders."""
    return list(_query_problems(query))


def resend_problems(changes: ResendBody) -> list[Problem]:
    """Everything that Tango would refuse about what a resend has otherwise.

    Source: Tango docs, Manage orders, POST /orders/{referenceOrderID}/resends; an address as in POST /orders.
    """
    return [*_email("newEmail", changes.new_email), *_pattern("newEtid", changes.new_etid, _ETID)]


def clean_name(text: str, limit: int = NAME_LIMIT) -> str:
    """A name from a profile as Tango takes it: without `<`, `>` and `/`, spaces collapsed, composed, cut.

    What is taken out leaves a space. The cut is at `limit` characters and leaves no accent behind without
    its letter. May be empty. Cleaning twice is cleaning once.
    """
    kept = "".join(
        " " if letter in FORBIDDEN_IN_NAMES or unicodedata.category(letter) in {"Cc", "Cs"} else letter
        for letter in unicodedata.normalize("NFC", text)
    )
    name = unicodedata.normalize("NFC", " ".join(kept.split()))
    if len(name) <= limit:
        return name
    end = limit
    while end > 0 and _clings(name[end]):
        end -= 1
    return name[:end].rstrip("\N{ZERO WIDTH JOINER}").rstrip()


def differences(sent: NewOrder | bytes, answered: PlacedOrder) -> tuple[str, ...]:
    """Which of `amount`, `utid` and `recipient` Tango's answer has otherwise than the frozen body.

    Tango answers a known reference with the order as it was first made (200), whatever the body says now,
    and gives no warning. What the answer leaves out is no difference: Tango omits what is unset. The
    amount is held against the face value; a recipient is told by e-mail address in any case of letters, or
    by name where an order has no address. An address that was never sent is a difference.

    Raises:
        ValueError: `sent` is no body that `NewOrder.to_bytes` made.
    """
    order = NewOrder.from_bytes(sent) if isinstance(sent, bytes) else sent
    value = answered.denomination.value if answered.denomination else None
    found = {
        "amount": value is not None and value != order.amount,
        "utid": answered.utid is not None and answered.utid.casefold() != order.utid.casefold(),
        "recipient": _other_person(order.recipient or Person(), answered.recipient or Person()),
    }
    return tuple(name for name, differs in found.items() if differs)


def _other_person(sent: Person, answered: Person) -> bool:
    if answered.email is not None:
        return _plain(sent.email) != _plain(answered.email)
    if sent.email is not None:
        return False
    names = ((sent.first_name, answered.first_name), (sent.last_name, answered.last_name))
    return any(theirs is not None and _plain(ours) != _plain(theirs) for ours, theirs in names)


def _plain(text: str | None) -> str:
    return unicodedata.normalize("NFC", (text or "").strip()).casefold()


def _clings(letter: str) -> bool:
    """Whether the letter belongs to the one before it: accents, joiners, variation selectors."""
    return unicodedata.category(letter) in {"Mn", "Mc", "Me"} or letter == "\N{ZERO WIDTH JOINER}"


def _order_problems(order: NewOrder, now: datetime, *, physical: bool, printed: bool, promo: bool) -> Iterator[Problem]:
    yield from _text("externalRefID", order.external_ref_id, REFERENCE_LIMIT, _ALPHANUMERIC)
    yield from _required("customerIdentifier", order.customer_identifier)
    yield from _identifier("customerIdentifier", order.customer_identifier)
    yield from _required("accountIdentifier", order.account_identifier)
    yield from _identifier("accountIdentifier", order.account_identifier)
    yield from _required("utid", order.utid)
    if printed:
        yield from _required("ptid", order.ptid)
    yield from _pattern("ptid", order.ptid, _PTID)
    yield from _amount(order.amount)
    sender, recipient = order.sender or Person(), order.recipient or Person()
    yield from _text("sender.firstName", sender.first_name, NAME_LIMIT, _NAME)
    yield from _text("sender.lastName", sender.last_name, NAME_LIMIT, _NAME)
    yield from _email("sender.email", sender.email)
    yield from _recipient(recipient, mailed=order.send_email, physical=physical)
    yield from _text("message", order.message, MESSAGE_LIMIT)
    if order.etid is not None and not order.send_email:
        yield Problem("etid", Breach.NOT_APPLICABLE)
    yield from _pattern("etid", order.etid, _ETID)
    yield from _text("campaign", order.campaign, CAMPAIGN_LIMIT)
    yield from _text("purchaseOrderNumber", order.purchase_order_number, PURCHASE_ORDER_LIMIT)
    yield from _text("notes", order.notes, NOTES_LIMIT)
    yield from _expiration(order.expiration_date, now, promo=promo)


def _recipient(person: Person, *, mailed: bool, physical: bool) -> Iterator[Problem]:
    limit, allowed = (PHYSICAL_NAME_LIMIT, _PHYSICAL_NAME) if physical else (NAME_LIMIT, _NAME)
    if mailed or physical:
        yield from _required("recipient.firstName", person.first_name)
    yield from _text("recipient.firstName", person.first_name, limit, allowed)
    if physical:
        yield from _required("recipient.lastName", person.last_name)
    yield from _text("recipient.lastName", person.last_name, limit, allowed)
    if mailed:
        yield from _required("recipient.email", person.email)
    yield from _email("recipient.email", person.email)
    if physical and person.address is None:
        yield Problem("recipient.address", Breach.REQUIRED)
    elif physical and person.address is not None:
        yield from _address(person.address)
    elif person.address is not None:
        yield Problem("recipient.address", Breach.NOT_APPLICABLE)


def _address(address: Address) -> Iterator[Problem]:
    at = "recipient.address."
    yield from _required(f"{at}streetLine1", address.street_line1)
    yield from _text(f"{at}streetLine1", address.street_line1, STREET_LIMIT, _STREET)
    yield from _text(f"{at}streetLine2", address.street_line2, STREET_LIMIT, _STREET)
    yield from _required(f"{at}city", address.city)
    yield from _text(f"{at}city", address.city, CITY_LIMIT, _CITY)
    country, region = address.country, address.state_or_province
    yield from _required(f"{at}stateOrProvince", region)
    codes = {"US": US_STATES, "CA": CANADIAN_PROVINCES}.get(country or "")
    if region is not None and codes is not None and region not in codes:
        yield Problem(f"{at}stateOrProvince", Breach.UNKNOWN_CODE, {"country": country})
    elif codes is None:
        yield from _text(f"{at}stateOrProvince", region, REGION_LIMIT)
    yield from _required(f"{at}postalCode", address.postal_code)
    if country == "US":
        yield from _pattern(f"{at}postalCode", address.postal_code, _US_ZIP)
    else:
        yield from _text(f"{at}postalCode", address.postal_code, None, _POSTAL_CODE)
    yield from _required(f"{at}country", country)
    if country and country not in COUNTRIES:
        yield Problem(f"{at}country", Breach.UNKNOWN_CODE, {"country": country})


def _amount(amount: Decimal) -> Iterator[Problem]:
    if not amount.is_finite():
        yield Problem("amount", Breach.MALFORMED)
    elif amount <= 0:
        yield Problem("amount", Breach.NOT_POSITIVE)
    elif amount.adjusted() >= AMOUNT_DIGITS:
        yield Problem("amount", Breach.TOO_LARGE, {"limit": Decimal(10) ** AMOUNT_DIGITS})
    elif amount != round(amount, AMOUNT_DECIMALS):
        yield Problem("amount", Breach.TOO_MANY_DECIMALS, {"limit": AMOUNT_DECIMALS})


def _expiration(moment: datetime | None, now: datetime, *, promo: bool) -> Iterator[Problem]:
    if moment is None:
        return
    least, limit = now + EXPIRATION_LEAST, _year_after(now)
    if not promo:
        yield Problem("expirationDate", Breach.NOT_APPLICABLE)
    elif moment < least:
        yield Problem("expirationDate", Breach.TOO_SOON, {"least": least})
    elif moment > limit:
        yield Problem("expirationDate", Breach.TOO_LATE, {"limit": limit})


def _year_after(now: datetime) -> datetime:
    leap_day = (now.month, now.day) == (2, 29)
    return now.replace(year=now.year + 1, day=28 if leap_day else now.day)


def _query_problems(query: OrderQuery) -> Iterator[Problem]:
    yield from _identifier("accountIdentifier", query.account_identifier)
    yield from _identifier("customerIdentifier", query.customer_identifier)
    yield from _text("externalRefID", query.external_ref_id, REFERENCE_LIMIT, _ALPHANUMERIC)
    if query.start_date and query.end_date and _before(query.end_date, query.start_date):
        yield Problem("endDate", Breach.REVERSED)
    block, page = query.elements_per_block, query.page
    if block is not None and block < 1:
        yield Problem("elementsPerBlock", Breach.NOT_POSITIVE)
    elif block is not None and block > BLOCK_LIMIT:
        yield Problem("elementsPerBlock", Breach.TOO_LARGE, {"limit": BLOCK_LIMIT})
    if page is not None and page < 0:
        yield Problem("page", Breach.NOT_POSITIVE)
    elif page is not None and block is not None and (page + 1) * block > RESULT_WINDOW:
        yield Problem("page", Breach.TOO_LARGE, {"limit": RESULT_WINDOW // max(block, 1) - 1})
    low, high = query.min_amount, query.max_amount
    if low is not None and high is not None and high < low:
        yield Problem("maxAmount", Breach.REVERSED)
    currency = query.currency_code
    if currency is not None and len(currency) != CURRENCY_LENGTH:
        yield Problem("currencyCode", Breach.MALFORMED)
    for whose in ("sender", "recipient"):
        for which in ("first", "last"):
            name: str | None = getattr(query, f"{whose}_{which}_name")
            yield from _text(f"{whose}{which.title()}Name", name, NAME_LIMIT, _NAME)
    yield from _text("campaign", query.campaign, CAMPAIGN_LIMIT)
    yield from _text("notes", query.notes, NOTES_LIMIT)


def _before(one: date, other: date) -> bool:
    """Whether `one` is certainly earlier: two moments to the second, else by the day alone."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return _day(one) < _day(other)


def _day(when: date) -> date:
    return when.date() if isinstance(when, datetime) else when


def _required(field: str, value: str | None) -> Iterator[Problem]:
    if value is None or not value.strip():
        yield Problem(field, Breach.REQUIRED)


def _text(
    field: str, value: str | None, limit: int | None, allowed: re.Pattern[str] | None = None
) -> Iterator[Problem]:
    """Length and characters. `allowed` matches any text of the allowed characters."""
    if value is None:
        return
    if limit is not None and len(value) > limit:
        yield Problem(field, Breach.TOO_LONG, {"limit": limit, "length": len(value)})
    if allowed is not None and not allowed.fullmatch(value):
        found = "".join(dict.fromkeys(letter for letter in value if not allowed.fullmatch(letter)))
        yield Problem(field, Breach.CHARACTERS, {"found": found})


def _identifier(field: str, value: str | None) -> Iterator[Problem]:
    if value and len(value) < IDENTIFIER_LEAST:
        yield Problem(field, Breach.TOO_SHORT, {"least": IDENTIFIER_LEAST})
    yield from _text(field, value, IDENTIFIER_LIMIT, _IDENTIFIER)


def _pattern(field: str, value: str | None, pattern: re.Pattern[str]) -> Iterator[Problem]:
    if value is not None and not pattern.fullmatch(value):
        yield Problem(field, Breach.MALFORMED)


def _email(field: str, value: str | None) -> Iterator[Problem]:
    yield from _text(field, value, EMAIL_LIMIT)
    yield from _pattern(field, value, _EMAIL)
