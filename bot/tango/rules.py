"""Tango's rules on orders and resends, checked before sending, while a person can still put the form right.

Pure functions. A breach is a value (field, rule, facts); handlers/views words it.

Source, where no other is named: Tango docs, Manage orders, the table of POST /orders.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from bot.faults import FaultCode
from bot.tango.bodies import NewOrder, ResendBody
from bot.tango.fields import Breach, check_email, check_identifier, check_pattern, check_required, check_text
from bot.tango.limits import (
    ALPHANUMERIC,
    AMOUNT_DECIMALS,
    AMOUNT_DIGITS,
    CAMPAIGN_LIMIT,
    CITY,
    CITY_LIMIT,
    ETID,
    EXPIRATION_LEAST,
    MESSAGE_LIMIT,
    NAME,
    NAME_LIMIT,
    NOTES_LIMIT,
    PHYSICAL_NAME,
    PHYSICAL_NAME_LIMIT,
    POSTAL_CODE,
    PTID,
    PURCHASE_ORDER_LIMIT,
    REFERENCE_LIMIT,
    REGION_LIMIT,
    STREET,
    STREET_LIMIT,
    SUBJECT_LIMIT,
    US_ZIP,
)
from bot.tango.models import TangoAddress, TangoPerson
from bot.tango.places import CANADIAN_PROVINCES, COUNTRIES, US_STATES


def order_breaches(
    order: NewOrder,
    *,
    now: datetime,
    physical: bool = False,
    printed: bool = False,
    promo: bool = False,
) -> list[Breach]:
    """Return all that Tango would refuse about the form of an order, in the order of its table.

    Args:
        order: what would be sent.
        now: the time, for expiration dates.
        physical: the reward is posted: an address is needed, and names are short and plain.
        printed: it is a printed Reward Link: a `ptid` is needed as well.
        promo: it is a Promo Link, which alone may have an expiration date.
    """
    return list(_order(order, now, physical=physical or printed, printed=printed, promo=promo))


def resend_breaches(changes: ResendBody) -> list[Breach]:
    """Return all that Tango would refuse about the changes of a resend.

    Source: Tango docs, Manage orders, POST /orders/{referenceOrderID}/resends; an address as in POST /orders.
    """
    return [*check_email("newEmail", changes.new_email), *check_pattern("newEtid", changes.new_etid, ETID)]


def _order(order: NewOrder, now: datetime, *, physical: bool, printed: bool, promo: bool) -> Iterator[Breach]:
    yield from check_text("externalRefID", order.external_ref_id, REFERENCE_LIMIT, ALPHANUMERIC)
    yield from check_required("customerIdentifier", order.customer_identifier)
    yield from check_identifier("customerIdentifier", order.customer_identifier)
    yield from check_required("accountIdentifier", order.account_identifier)
    yield from check_identifier("accountIdentifier", order.account_identifier)
    yield from check_required("utid", order.utid)
    if printed:
        yield from check_required("ptid", order.ptid)
    yield from check_pattern("ptid", order.ptid, PTID)
    yield from _amount(order.amount)
    sender, recipient = order.sender or TangoPerson(), order.recipient or TangoPerson()
    yield from check_text("sender.firstName", sender.first_name, NAME_LIMIT, NAME)
    yield from check_text("sender.lastName", sender.last_name, NAME_LIMIT, NAME)
    yield from check_email("sender.email", sender.email)
    yield from _recipient(recipient, mailed=order.send_email, physical=physical)
    yield from check_text("emailSubject", order.email_subject, SUBJECT_LIMIT)
    yield from check_text("message", order.message, MESSAGE_LIMIT)
    if order.etid is not None and not order.send_email:
        yield Breach("etid", FaultCode.NOT_APPLICABLE)
    yield from check_pattern("etid", order.etid, ETID)
    yield from check_text("campaign", order.campaign, CAMPAIGN_LIMIT)
    yield from check_text("purchaseOrderNumber", order.purchase_order_number, PURCHASE_ORDER_LIMIT)
    yield from check_text("notes", order.notes, NOTES_LIMIT)
    yield from _expiration(order.expiration_date, now, promo=promo)


def _recipient(person: TangoPerson, *, mailed: bool, physical: bool) -> Iterator[Breach]:
    limit, allowed = (PHYSICAL_NAME_LIMIT, PHYSICAL_NAME) if physical else (NAME_LIMIT, NAME)
    if mailed or physical:
        yield from check_required("recipient.firstName", person.first_name)
    yield from check_text("recipient.firstName", person.first_name, limit, allowed)
    if physical:
        yield from check_required("recipient.lastName", person.last_name)
    yield from check_text("recipient.lastName", person.last_name, limit, allowed)
    if mailed:
        yield from check_required("recipient.email", person.email)
    yield from check_email("recipient.email", person.email)
    if physical and person.address is None:
        yield Breach("recipient.address", FaultCode.REQUIRED)
    elif physical and person.address is not None:
        yield from _address(person.address)
    elif person.address is not None:
        yield Breach("recipient.address", FaultCode.NOT_APPLICABLE)


def _address(address: TangoAddress) -> Iterator[Breach]:
    at = "recipient.address."
    yield from check_required(f"{at}streetLine1", address.street_line1)
    yield from check_text(f"{at}streetLine1", address.street_line1, STREET_LIMIT, STREET)
    yield from check_text(f"{at}streetLine2", address.street_line2, STREET_LIMIT, STREET)
    yield from check_required(f"{at}city", address.city)
    yield from check_text(f"{at}city", address.city, CITY_LIMIT, CITY)
    country, region = address.country, address.state_or_province
    yield from check_required(f"{at}stateOrProvince", region)
    codes = {"US": US_STATES, "CA": CANADIAN_PROVINCES}.get(country or "")
    if region is not None and codes is not None and region not in codes:
        yield Breach(f"{at}stateOrProvince", FaultCode.UNKNOWN_CODE, {"country": country})
    elif codes is None:
        yield from check_text(f"{at}stateOrProvince", region, REGION_LIMIT)
    yield from check_required(f"{at}postalCode", address.postal_code)
    if country == "US":
        yield from check_pattern(f"{at}postalCode", address.postal_code, US_ZIP)
    else:
        yield from check_text(f"{at}postalCode", address.postal_code, None, POSTAL_CODE)
    yield from check_required(f"{at}country", country)
    if country and country not in COUNTRIES:
        yield Breach(f"{at}country", FaultCode.UNKNOWN_CODE, {"country": country})


def _amount(amount: Decimal) -> Iterator[Breach]:
    if not amount.is_finite():
        yield Breach("amount", FaultCode.MALFORMED)
    elif amount <= 0:
        yield Breach("amount", FaultCode.NOT_POSITIVE)
    elif amount.adjusted() >= AMOUNT_DIGITS:
        yield Breach("amount", FaultCode.TOO_LARGE, {"limit": Decimal(10) ** AMOUNT_DIGITS})
    elif amount != round(amount, AMOUNT_DECIMALS):
        yield Breach("amount", FaultCode.TOO_MANY_DECIMALS, {"limit": AMOUNT_DECIMALS})


def _expiration(moment: datetime | None, now: datetime, *, promo: bool) -> Iterator[Breach]:
    if moment is None:
        return
    least, limit = now + EXPIRATION_LEAST, _year_after(now)
    if not promo:
        yield Breach("expirationDate", FaultCode.NOT_APPLICABLE)
    elif moment < least:
        yield Breach("expirationDate", FaultCode.TOO_SOON, {"least": least})
    elif moment > limit:
        yield Breach("expirationDate", FaultCode.TOO_LATE, {"limit": limit})


def _year_after(now: datetime) -> datetime:
    leap_day = (now.month, now.day) == (2, 29)
    return now.replace(year=now.year + 1, day=28 if leap_day else now.day)
