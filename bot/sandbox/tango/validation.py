"""The form of an order: fields, lengths and characters (Tango docs, Manage orders, POST /orders).

Every fault of form is found, not just the first; each is an entry of `errors`. Refusals of form are answered with
400 although their keys begin with 422. Where the documents name no key for a rule, the nearest one stands in; a
client should not tell those apart. Characters are counted as UTF-16 units, the strictest
that Tango may do.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from bot.sandbox.tango.country_codes import CANADIAN_PROVINCES, COUNTRIES, US_STATES
from bot.sandbox.tango.items import Item
from bot.sandbox.tango.wire import Problem, fault_of, is_date, time_of

_EMAIL: Final = re.compile(r"[^\s@<>()\[\],;:\\\"]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_IDENTIFIER: Final = re.compile(r"[-a-zA-Z0-9]{5,100}")
_ALPHANUMERIC: Final = re.compile(r"[a-zA-Z0-9]*")
_ETID: Final = re.compile(r"[eE][0-9]{6}")
_PTID: Final = re.compile(r"[pP][0-9]+")
_MAILED_NAME: Final = re.compile(r"[0-9a-zA-Z .,-]*")
_STREET: Final = re.compile(r"[0-9a-zA-Z .,\-/']*")
_CITY: Final = re.compile(r"[0-9a-zA-Z .\-']*")
_POSTAL: Final = re.compile(r"[0-9a-zA-Z]+")
_ZIP: Final = re.compile(r"[0-9]{5}")


#: Tango docs, Manage orders, POST /orders: the lengths of fields, in characters.
_MAX_EMAIL: Final = 100
_MAX_NAME: Final = 100
_MAX_MAILED_NAME: Final = 25
_MAX_REGION: Final = 35  # "less than 36 characters"

#: Tango docs, Manage orders, POST /orders: an amount has up to six digits before the point and two after it.
_MAX_INTEGER_DIGITS: Final = 6
_CENT: Final = Decimal("0.01")
_LENGTHS: Final = {"campaign": 100, "purchaseOrderNumber": 100, "notes": 150, "message": 3000}
_STREET_LINES: Final = {"streetLine1": (35, _STREET), "streetLine2": (35, _STREET), "city": (30, _CITY)}
_REQUIRED_OF_ADDRESS: Final = ("streetLine1", "city", "stateOrProvince", "postalCode", "country")

#: The email template that is used where none is named (Tango docs, Manage orders, resends).
DEFAULT_ETID: Final = "E000000"

#: The email templates of this platform.
TEMPLATES: Final = frozenset({DEFAULT_ETID, "E000001", "E000002"})

#: The templates for printed reward links of this platform.
PRINT_TEMPLATES: Final = frozenset({"P000001", "P000002"})

_Errors = list[dict[str, Any]]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def text_of(body: Mapping[str, Any], name: str) -> str | None:
    """Return a text field; None where it is absent or null. A value of another type makes the body unreadable."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise unreadable(name)
    return value


def unreadable(path: str | None = None) -> Problem:
    """Return the refusal of a body that cannot be read, or of a field of the wrong type."""
    return Problem(400, fault_of("400.009", "The request could not be read. Check its JSON.", path=path))


def check_email(value: str, path: str) -> _Errors:
    """Return the faults of an email address."""
    if _units(value) > _MAX_EMAIL:
        return [_too_long(path, value, _MAX_EMAIL)]
    if _EMAIL.fullmatch(value) is None:
        return [
            fault_of(
                "422.134",
                "must be a well-formed email address",
                path=path,
                constraint="Email",
                invalid=value,
            )
        ]
    return []


def check_etid(value: str, path: str) -> _Errors:
    """Return the faults of an email template's identifier."""
    if _ETID.fullmatch(value) is None:
        return [fault_of("422.124", "etid must be E and six digits", path=path, constraint="Pattern", invalid=value)]
    if value.upper() not in TEMPLATES:
        return [fault_of("422.031", "The email template does not exist.", path=path, invalid=value)]
    return []


def check_order(body: Mapping[str, Any], item: Item | None, now: datetime) -> None:
    """Raise a `Problem` with every fault of form. Where the item is unknown, what depends on it is left."""
    errors: _Errors = []
    errors += _check_identifiers(body)
    errors += _check_amount(body)
    for name, longest in _LENGTHS.items():
        value = text_of(body, name)
        if value is not None and _units(value) > longest:
            errors.append(_too_long(name, value, longest, "422.502" if name == "campaign" else "422.006"))
    text_of(body, "emailSubject")
    send = body.get("sendEmail")
    if send is None:
        errors.append(_missing("sendEmail"))
    elif not isinstance(send, bool):
        raise unreadable("sendEmail")
    etid = text_of(body, "etid")
    if etid:
        errors += check_etid(etid, "etid")
    errors += _check_sender(body)
    errors += _check_recipient(body, item, send=bool(send))
    errors += _check_print_template(body, item)
    errors += _check_expiration(body, item, now)
    if errors:
        raise Problem(400, *errors)


def expiration_of(body: Mapping[str, Any]) -> datetime | None:
    """Return the expiration date of an order; None where none is given or it is no time."""
    text = text_of(body, "expirationDate")
    return None if text is None or is_date(text) else time_of(text)


def _check_identifiers(body: Mapping[str, Any]) -> _Errors:
    errors: _Errors = []
    reference = text_of(body, "externalRefID")
    if reference and (len(reference) > 100 or _ALPHANUMERIC.fullmatch(reference) is None):
        errors.append(
            fault_of(
                "422.110",
                "externalRefID must have at most 100 alphanumeric characters",
                path="externalRefID",
                constraint="Pattern",
                invalid=reference,
            )
        )
    for name in ("customerIdentifier", "accountIdentifier"):
        value = text_of(body, name)
        if not value:
            errors.append(_missing(name, empty=value == ""))
        elif _IDENTIFIER.fullmatch(value) is None:
            errors.append(
                fault_of(
                    "422.501",
                    f"{name} must have 5 to 100 letters, digits or hyphens",
                    path=name,
                    constraint="Pattern",
                    invalid=value,
                )
            )
    utid = text_of(body, "utid")
    if not utid:
        errors.append(_missing("utid", empty=utid == ""))
    return errors


def _check_amount(body: Mapping[str, Any]) -> _Errors:
    amount = body.get("amount")
    if amount is None:
        return [_missing("amount")]
    if not isinstance(amount, Decimal):
        raise unreadable("amount")
    if amount < 0:
        return [
            fault_of(
                "422.141",
                "amount must not be below 0",
                path="amount",
                constraint="DecimalMin",
                invalid=amount,
            )
        ]
    large = bool(amount) and amount.adjusted() >= _MAX_INTEGER_DIGITS
    if large or amount != amount.quantize(_CENT):
        return [
            fault_of(
                "422.105" if large else "422.140",
                "amount must have at most 6 digits before the point and 2 after it",
                path="amount",
                constraint="Digits",
                invalid=str(amount),
            )
        ]
    return []


def _check_sender(body: Mapping[str, Any]) -> _Errors:
    sender = _object_of(body, "sender")
    errors: _Errors = []
    for name in ("firstName", "lastName"):
        errors += _check_name(text_of(sender, name), f"sender.{name}")
    email = text_of(sender, "email")
    return errors + (check_email(email, "sender.email") if email else [])


def _check_recipient(body: Mapping[str, Any], item: Item | None, *, send: bool) -> _Errors:
    recipient = _object_of(body, "recipient")
    mailed = item is not None and item.physical
    errors: _Errors = []
    for name in ("firstName", "lastName"):
        value, path = text_of(recipient, name), f"recipient.{name}"
        errors += _check_mailed_name(value, path) if mailed else _check_name(value, path)
        if not (value or "").strip() and (mailed or (send and name == "firstName")):
            errors.append(_incomplete(path))
    email = text_of(recipient, "email")
    if email:
        errors += check_email(email, "recipient.email")
    elif send:
        errors.append(fault_of("422.029", "The recipient's email is missing.", path="recipient.email"))
    address = _object_of(recipient, "address") if recipient.get("address") is not None else None
    if item is None:
        return errors
    if not mailed:
        if address is not None:
            refused = "An address cannot be given for a digital reward."
            errors.append(fault_of("422.168", refused, path="recipient.address"))
        return errors
    if address is None:
        needed = "An address is needed for a physical reward."
        return [*errors, fault_of("422.169", needed, path="recipient.address")]
    return errors + _check_address(address)


def _check_address(address: Mapping[str, Any]) -> _Errors:
    errors: _Errors = []
    for name in _REQUIRED_OF_ADDRESS:
        if not (text_of(address, name) or "").strip():
            needed = f"{name} is needed for a physical reward."
            errors.append(fault_of("422.167", needed, path=f"recipient.address.{name}", tokens=(name,)))
    for name, (longest, allowed) in _STREET_LINES.items():
        value, path = text_of(address, name) or "", f"recipient.address.{name}"
        if _units(value) > longest:
            errors.append(_too_long(path, value, longest))
        if allowed.fullmatch(value) is None:
            errors.append(_forbidden(path, value))
    country = text_of(address, "country")
    if country and country not in COUNTRIES:
        errors.append(_not_a_code("country", country))
    state, postal = text_of(address, "stateOrProvince"), text_of(address, "postalCode")
    if state and not _is_region(state, country):
        errors.append(_not_a_code("stateOrProvince", state))
    if postal and (_ZIP if country == "US" else _POSTAL).fullmatch(postal) is None:
        errors.append(_not_a_code("postalCode", postal))
    return errors


def _is_region(state: str, country: str | None) -> bool:
    if country == "US":
        return state in US_STATES
    if country == "CA":
        return state in CANADIAN_PROVINCES
    return _units(state) <= _MAX_REGION


def _check_print_template(body: Mapping[str, Any], item: Item | None) -> _Errors:
    ptid = text_of(body, "ptid")
    if item is None or not item.printed_link:
        return []
    if not ptid:
        return [_missing("ptid", empty=ptid == "")]
    if _PTID.fullmatch(ptid) is None or ptid.upper() not in PRINT_TEMPLATES:
        return [fault_of("422.007", "ptid is not a template of this platform.", path="ptid", invalid=ptid)]
    return []


def _check_expiration(body: Mapping[str, Any], item: Item | None, now: datetime) -> _Errors:
    text = text_of(body, "expirationDate")
    if text is None:
        return []
    path = "expirationDate"
    if item is not None and not item.promo:
        return [fault_of("422.162", "Only Promo Links have an expiration date.", path=path, invalid=text)]
    when = expiration_of(body)
    if when is None:
        wrong = "expirationDate must be a date and time in ISO 8601."
        return [fault_of("422.044", wrong, path=path, invalid=text)]
    if not now + timedelta(days=1) <= when <= _year_after(now):
        wrong = "expirationDate must be at least a day and at most a year ahead."
        return [fault_of("422.045", wrong, path=path, invalid=text)]
    return []


def _year_after(now: datetime) -> datetime:
    try:
        return now.replace(year=now.year + 1)
    except ValueError:  # 29 February
        return now.replace(year=now.year + 1, day=28)


def _check_name(value: str | None, path: str) -> _Errors:
    if value is None:
        return []
    errors: _Errors = []
    if _units(value) > _MAX_NAME:
        errors.append(_too_long(path, value, _MAX_NAME))
    if any(character in value for character in "<>/"):
        errors.append(_forbidden(path, value))
    return errors


def _check_mailed_name(value: str | None, path: str) -> _Errors:
    if value is None:
        return []
    errors: _Errors = []
    if _units(value) > _MAX_MAILED_NAME:
        errors.append(_too_long(path, value, _MAX_MAILED_NAME))
    if _MAILED_NAME.fullmatch(value) is None:
        errors.append(_forbidden(path, value))
    return errors


def _object_of(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise unreadable(name)
    return value


def _missing(path: str, *, empty: bool = False) -> dict[str, Any]:
    if empty:
        return fault_of("422.135", "must not be empty", path=path, constraint="NotEmpty", invalid="")
    return fault_of("422.128", "must not be null", path=path, constraint="NotNull", invalid=None)


def _incomplete(path: str) -> dict[str, Any]:
    return fault_of("422.028", f"{path} is missing.", path=path, tokens=(path,))


def _not_a_code(name: str, value: str) -> dict[str, Any]:
    path = f"recipient.address.{name}"
    return fault_of("422.028", f"{path} is not valid.", path=path, invalid=value, tokens=(path,))


def _too_long(path: str, value: str, longest: int, key: str = "422.006") -> dict[str, Any]:
    return fault_of(key, f"size must be between 0 and {longest}", path=path, constraint="Size", invalid=value)


def _forbidden(path: str, value: str) -> dict[str, Any]:
    return fault_of("422.111", "has characters that are not allowed", path=path, constraint="Pattern", invalid=value)
