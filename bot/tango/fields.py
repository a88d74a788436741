"""The checks of one field: each returns the breaches.

Lengths are counted in UTF-16 units: Tango does not say what it counts, and nothing counts more.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from bot.domain.lengths import length
from bot.faults import FaultCode
from bot.tango.limits import EMAIL, EMAIL_LIMIT, IDENTIFIER, IDENTIFIER_LEAST, IDENTIFIER_LIMIT


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule of Tango's that one field breaks.

    Attributes:
        field: Tango's dotted name, such as `recipient.address.city`.
        code: the rule.
        facts: what the sentence needs; see `FaultCode`.
    """

    field: str
    code: FaultCode
    facts: Mapping[str, object] = dataclass_field(default_factory=dict)


def check_required(field: str, value: str | None) -> Sequence[Breach]:
    """Refuse a field that is missing or blank."""
    return [Breach(field, FaultCode.REQUIRED)] if value is None or not value.strip() else []


def check_text(
    field: str, value: str | None, limit: int | None, allowed: re.Pattern[str] | None = None
) -> Sequence[Breach]:
    """Refuse a text that is too long or has characters beyond `allowed`, which matches any text of those allowed."""
    if value is None:
        return []
    breaches = []
    if limit is not None and length(value) > limit:
        breaches.append(Breach(field, FaultCode.TOO_LONG, {"limit": limit, "length": length(value)}))
    if allowed is not None and not allowed.fullmatch(value):
        found = "".join(dict.fromkeys(letter for letter in value if not allowed.fullmatch(letter)))
        breaches.append(Breach(field, FaultCode.CHARACTERS, {"found": found}))
    return breaches


def check_identifier(field: str, value: str | None) -> Sequence[Breach]:
    """Refuse what cannot be a customer or an account."""
    is_short = value and len(value) < IDENTIFIER_LEAST
    short = [Breach(field, FaultCode.TOO_SHORT, {"least": IDENTIFIER_LEAST})] if is_short else []
    return [*short, *check_text(field, value, IDENTIFIER_LIMIT, IDENTIFIER)]


def check_pattern(field: str, value: str | None, pattern: re.Pattern[str]) -> Sequence[Breach]:
    """Refuse a value that is not of this form."""
    return [Breach(field, FaultCode.MALFORMED)] if value is not None and not pattern.fullmatch(value) else []


def check_email(field: str, value: str | None) -> Sequence[Breach]:
    """Refuse what is no email address."""
    return [*check_text(field, value, EMAIL_LIMIT), *check_pattern(field, value, EMAIL)]


def is_email(value: str) -> bool:
    """Tell whether Tango takes this as an email address."""
    return not check_email("email", value)
