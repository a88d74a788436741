"""The kinds of values that a setting can have. The text of a fault is a sentence about the value: "This isn't …"."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, SecretStr, TypeAdapter, ValidationError

from bot.domain.approval import BY_DM
from bot.domain.lengths import length
from bot.domain.money import Money, decimals_of
from bot.settings_words import meant
from bot.tango.limits import (
    EMAIL,
    ETID,
    FORBIDDEN_IN_NAMES,
    IDENTIFIER,
    IDENTIFIER_LEAST,
    IDENTIFIER_LIMIT,
    NAME,
)

_URL: Final = TypeAdapter(HttpUrl)

#: The values of the repository's app.yaml that stand for an installation's own.
_EXAMPLES: Final = frozenset({"your-customer", "your-account", "C0123456789", "U0123456789", "S0123456789"})
#: What the README has in the place of a secret.
_ELLIPSIS: Final = "…"

#: What an HTTP header carries everywhere (RFC 9110, field values).
_PRINTABLE: Final = re.compile(r"[ -~]*")

_QUOTES: Final = frozenset("\"'")

#: How an address of PostgreSQL begins (PostgreSQL docs, 34.1.1.2, Connection URIs).
_POSTGRES: Final = re.compile(r"postgres(ql)?://")
#: A password in such an address: behind the user, or among the parameters.
_PASSWORD: Final = re.compile(r"(?P<user>//[^/@:]*):[^@]+(?=@)|(?P<first>[?&])password=[^&]+&?")

#: An amount with its currency. More digits than any company's budget has, and fewer than a database's integer.
_AMOUNT: Final = re.compile(
    r"(?P<whole>[0-9]{1,3}(,[0-9]{3}){1,3}|[0-9]{1,12})(?P<rest>\.[0-9]+)? (?P<currency>[A-Z]{3})"
)


def matching(pattern: str, fault: str) -> AfterValidator:
    """Refuse what doesn't match `pattern`, by this sentence."""
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(fault)
        return value

    return AfterValidator(check)


def within(most: int) -> AfterValidator:
    """Refuse what is longer than Tango takes, counted as Tango may count."""

    def check(value: str) -> str:
        if length(value) > most:
            raise ValueError(f"This is too long. Use at most {most} characters.")
        return value

    return AfterValidator(check)


#: Characters of the name of an entry in a list: it stands in one line with two amounts, on a phone and in a report.
_MOST_IN_NAME: Final = 40

EntryName = Annotated[
    str, matching(r"\S+( \S+)*", "This isn't a name. Use words, with one space between two."), within(_MOST_IN_NAME)
]


def check_named_once(kind: str, names: Sequence[str], same: Callable[[str], str] = str) -> None:
    """Refuse two entries that have one name; `same` leaves out what doesn't tell names apart."""
    seen = Counter(map(same, names))
    for name in names:
        if seen[same(name)] > 1:
            raise ValueError(f"Two {kind} are called {name!r}. Give each a name of its own.")


def _own(value: str) -> str:
    """Refuse what the example has: whose customer, channel or approver that is, nobody knows."""
    if value in _EXAMPLES:
        raise ValueError("This is still the example. Put your own here.")
    return value


def _url(value: str) -> str:
    try:
        url = _URL.validate_python(value)
    except ValidationError:
        raise ValueError("This isn't an address. Use one that begins with https://.") from None
    if url.scheme != "https" and url.host not in ("127.0.0.1", "localhost", "[::1]"):
        raise ValueError("Keys and tokens would travel unencrypted to this address. Use one that begins with https://.")
    return value


def _identifier(value: str) -> str:
    """Refuse what cannot be a customer or an account at Tango."""
    if not IDENTIFIER_LEAST <= len(value) <= IDENTIFIER_LIMIT or not IDENTIFIER.fullmatch(value):
        right = f"{IDENTIFIER_LEAST} to {IDENTIFIER_LIMIT} letters, digits or hyphens"
        raise ValueError(f"This isn't one of Tango's identifiers. Use {right}.")
    return value


def _listed(value: object) -> object:
    """Read a list from the environment, which has it as JSON."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError('This isn\'t a list. Write one, such as ["U0ALEX001"].') from None


def _entries(value: object) -> object:
    """Read a list of entries, each with settings of its own; from the environment as JSON."""
    try:
        read = _listed(value)
    except ValueError:
        read = None
    if isinstance(read, list | tuple):  # a tuple is the default
        return read
    raise ValueError("This isn't a list. Begin each entry with a dash.")


def _all_or_listed(value: object) -> object:
    """Read "all", or a list."""
    try:
        read = value if value == "all" else _listed(value)
    except ValueError:
        read = None
    if read == "all" or isinstance(read, list):
        return read
    raise ValueError("This isn't a choice. Use all, or a list of utids such as [U561593].")


def _bare(value: object) -> object:
    """Take off the white space that a file leaves at the end of a line, and refuse quotes around the value.

    A shell takes quotes off; `docker run --env-file` and Kubernetes take them for a part of the value.
    """
    if not isinstance(value, str):
        return value
    bare = value.strip()
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in _QUOTES:
        raise ValueError("This begins and ends with a quote, which would be sent too. Take both quotes off.")
    if _ELLIPSIS in bare:
        raise ValueError("This is still the example. Put your own here.")
    return bare


def _can_be_sent(value: SecretStr) -> SecretStr:
    """Refuse a secret that no HTTP header can carry: the error of the HTTP client would quote it."""
    if not _PRINTABLE.fullmatch(value.get_secret_value()):
        raise ValueError("This has a line break or a letter that isn't ASCII in it. Copy it again.")
    return value


def _ascending(hours: tuple[int, ...]) -> tuple[int, ...]:
    """Refuse hours that are not in their order, or twice the same: one of the two is a slip of the finger."""
    if list(hours) != sorted(set(hours)):
        raise ValueError("This isn't in order. Write each number of hours once, the smallest first.")
    return hours


def _database_file(value: Path) -> Path:
    if str(value).startswith(("postgresql:/", "postgres:/")):  # a path keeps one slash of two
        raise ValueError("This is an address. Write it as storage.url.")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    if not _POSTGRES.match(value.get_secret_value()):
        raise ValueError("This isn't an address of PostgreSQL. Use one that begins with postgresql://.")
    return value


def has_password(url: str) -> bool:
    """Return whether an address of PostgreSQL has a password in it."""
    return _PASSWORD.search(url) is not None


def without_password(url: str) -> str:
    """Return an address of PostgreSQL without the password that may be in it."""
    return _PASSWORD.sub(lambda found: found["user"] or found["first"], url).rstrip("?&")


def amount_of(value: object) -> Money:
    """Read an amount with its currency, and refuse what is none, or is nothing."""
    written = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if written is None:
        raise ValueError("This isn't an amount with its currency. Write it like 25 USD.")
    currency = written["currency"]
    try:
        money = Money.of(Decimal(written["whole"].replace(",", "") + (written["rest"] or "")), currency)
    except ValueError:
        raise ValueError(f"This has more decimals than {currency}. Use at most {decimals_of(currency)}.") from None
    if money.minor == 0:
        raise ValueError("This is nothing. Write an amount above zero.")
    return money


def _amounts(value: object) -> dict[str, Money]:
    """Read a list of amounts, of each currency one."""
    try:
        read = _listed(value)
    except ValueError:
        read = None
    if not isinstance(read, list) or not read:
        raise ValueError('This isn\'t a list of amounts. Write one, such as ["25 USD"].')
    amounts = [amount_of(one) for one in read]
    by_currency = {amount.currency: amount for amount in amounts}
    if len(by_currency) < len(amounts):
        raise ValueError("This has two amounts in one currency. Keep one of them.")
    return by_currency


@lru_cache(1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(value: str) -> str:
    if value not in _zones():
        raise ValueError(f"This isn't a time zone.{meant(value, _zones()) or ' Use a name such as Europe/Berlin.'}")
    return value


#: Hours. A request expires within a year, and nobody is reminded of it after that.
HOURS_MOST: Final = 365 * 24

OWN: Final = AfterValidator(_own)
LISTED: Final = BeforeValidator(_listed)
ALL_OR_LISTED: Final = BeforeValidator(_all_or_listed)
ENTRIES: Final = BeforeValidator(_entries)
BARE: Final = BeforeValidator(_bare)

UserOrGroupId = Annotated[
    str,
    matching(
        r"[UWS][A-Z0-9]{5,}",
        "This isn't the id of a person (U…) or a user group (S…). A profile has it under ⋮, Copy member ID.",
    ),
    OWN,
]
PersonId = Annotated[
    str,
    matching(r"[UW][A-Z0-9]{5,}", "This isn't the id of a person (U…). A profile has it under ⋮, Copy member ID."),
    OWN,
]
SenderId = Annotated[
    str, matching(r"\*|[UWS][A-Z0-9]{5,}", 'This isn\'t the id of a person (U…) or a user group (S…), or "*".'), OWN
]
ChannelId = Annotated[
    str,
    matching(r"[CG][A-Z0-9]{5,}", "This isn't the id of a channel (C…). It's at the end of the channel's Copy link."),
    OWN,
]
ApprovalsChannel = Annotated[
    str,
    matching(
        rf"{BY_DM}|[CG][A-Z0-9]{{5,}}",
        f"This isn't the id of a channel (C…), or {BY_DM}. The id is at the end of the channel's Copy link.",
    ),
    OWN,
]
TangoIdentifier = Annotated[str, AfterValidator(_identifier), OWN]
Utid = Annotated[str, matching(r"[uU][0-9]+", "This isn't a utid such as U561593.")]
EmailAddress = Annotated[str, matching(rf"|{EMAIL.pattern}", "This isn't an email address such as rewards@acme.com.")]
Etid = Annotated[str, matching(rf"|{ETID.pattern}", "This isn't an etid such as E000000.")]
Url = Annotated[str, AfterValidator(_url)]
Secret = Annotated[SecretStr, AfterValidator(_can_be_sent), BARE]
BotToken = Annotated[str, matching(r"xoxb-[\w-]+", "This isn't a token that begins with xoxb-.")]
AppToken = Annotated[str, matching(r"xapp-[\w-]+", "This isn't a token that begins with xapp-.")]
PersonName = Annotated[
    str, matching(NAME.pattern, f"This isn't a name for Tango. Leave out {' '.join(FORBIDDEN_IN_NAMES)}.")
]
PlatformName = Annotated[str, BARE]
Amount = Annotated[Money, BeforeValidator(amount_of)]
#: In the order of their reminders.
Hours = Annotated[tuple[Annotated[int, Field(ge=1, le=HOURS_MOST)], ...], LISTED, AfterValidator(_ascending)]
#: By currency.
Amounts = Annotated[Mapping[str, Money], BeforeValidator(_amounts)]
TimeZone = Annotated[str, AfterValidator(_zone)]
DatabaseFile = Annotated[Path, AfterValidator(_database_file)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url), BARE]


def fault_in(value: str, kind: Any) -> str | None:
    """Say what is wrong with a value of that kind, and what would be right; None if nothing is. Don't repeat it."""
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        return str(error.errors(include_url=False)[0]["ctx"]["error"])
    return None
