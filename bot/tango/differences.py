"""An order that Tango answers, held against the one that was approved and sent: what differs, what was left out."""

import html
import unicodedata
from collections.abc import Iterator
from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from typing import Final

from bot.domain.money import is_same_amount
from bot.tango.bodies import NewOrder
from bot.tango.models import PlacedOrder, TangoAddress, TangoAmount, TangoOrder, TangoPerson
from bot.tango.wire import read_moment, word_of

#: Tango may write an expiration date in another zone than it was sent in.
_SAME_DAY: Final = timedelta(days=1)

#: The characters of a message after which GET /orders/{referenceOrderID} may cut it.
_MESSAGE_ANSWERED: Final = 1_024

#: A fact by its name, as it was approved and as it came back.
_Pair = tuple[str, object, object]

#: The same of a text.
_TextPair = tuple[str, str, str | None]


def differences(sent: NewOrder | bytes, answered: TangoOrder, *, currency: str) -> tuple[str, ...]:
    """Name what differs between the frozen body and Tango's answer.

    Tango answers a known reference with the order as it was first made (200), whatever the body says now, and gives
    no warning. All that came back is compared but the sender, which serves Tango's tracking alone. A field that the
    answer leaves out is no difference: see `missing`. Nor is a field that was not sent and that Tango fills in from
    its settings. Texts are compared by their letters and digits.

    Args:
        sent: the body.
        answered: Tango's answer.
        currency: the approved amount's, which no body names.

    Raises:
        ValueError: `sent` is no body that `NewOrder.to_bytes` made.
    """
    order = _order(sent)
    identity, details = _identity(order, answered, currency), _details(order, answered)
    found = [name for name, ours, theirs in identity if theirs is not None and _differ(ours, theirs, currency)]
    found += [name for name, ours, theirs in details if theirs is not None and _plain(ours) != _plain(theirs)]
    if _other_person(order.recipient or TangoPerson(), answered.recipient or TangoPerson()):
        found.append("recipient")
    if order.message is not None and answered.message is not None and _other_message(order.message, answered.message):
        found.append("message")
    if _expires_otherwise(order, answered):
        found.append("expirationDate")
    return tuple(found)


def missing(sent: NewOrder | bytes, answered: TangoOrder, *, currency: str) -> tuple[str, ...]:
    """Name what Tango's answer leaves out of who gets what, how, and who pays: without it nothing is confirmed.

    Args:
        sent: the body.
        answered: Tango's answer.
        currency: the approved amount's.

    Raises:
        ValueError: `sent` is no body that `NewOrder.to_bytes` made.
    """
    order = _order(sent)
    left_out = [name for name, ours, theirs in _identity(order, answered, currency) if ours is not None is theirs]
    if _names_nobody(order.recipient or TangoPerson(), answered.recipient or TangoPerson()):
        left_out.append("recipient")
    return tuple(left_out)


def _order(sent: NewOrder | bytes) -> NewOrder:
    return NewOrder.from_bytes(sent) if isinstance(sent, bytes) else sent


def _identity(order: NewOrder, answered: TangoOrder, currency: str) -> Iterator[_Pair]:
    """Yield the facts without which an order is not the approved one."""
    value = answered.denomination or TangoAmount()
    yield "amount", order.amount, value.value
    yield "currency", currency, value.currency_code
    yield "utid", order.utid, answered.utid
    yield "externalRefID", order.external_ref_id, answered.external_ref_id
    yield "customerIdentifier", order.customer_identifier, answered.customer_identifier
    yield "accountIdentifier", order.account_identifier, answered.account_identifier
    yield "sendEmail", order.send_email, answered.send_email


def _details(order: NewOrder, answered: TangoOrder) -> Iterator[_TextPair]:
    """Yield the further facts that were sent: Tango leaves some out of some answers."""
    facts = (
        ("ptid", order.ptid, answered.ptid),
        ("emailSubject", order.email_subject, answered.email_subject),
        ("etid", order.etid, answered.etid),
        ("campaign", order.campaign, answered.campaign),
        ("purchaseOrderNumber", order.purchase_order_number, answered.purchase_order_number),
        ("notes", order.notes, answered.notes),
    )
    yield from ((name, ours, theirs) for name, ours, theirs in facts if ours is not None)


def _other_person(sent: TangoPerson, answered: TangoPerson) -> bool:
    """Tell recipients apart by email address and postal address; by name where neither came back."""
    if answered.email is not None and _exact(sent.email) != _exact(answered.email):
        return True
    if answered.address is not None and _other_address(sent.address or TangoAddress(), answered.address):
        return True
    if sent.email is not None or answered.email is not None:
        return False
    names = ((sent.first_name, answered.first_name), (sent.last_name, answered.last_name))
    return any(theirs is not None and _exact(ours) != _exact(theirs) for ours, theirs in names)


def _other_address(sent: TangoAddress, answered: TangoAddress) -> bool:
    return any(
        theirs is not None and _plain(getattr(sent, one.name)) != _plain(theirs)
        for one in fields(TangoAddress)
        if (theirs := getattr(answered, one.name)) is not None
    )


def _names_nobody(sent: TangoPerson, answered: TangoPerson) -> bool:
    if sent.email is not None and answered.email is None:
        return True
    if sent.address is not None and answered.address is None:
        return True
    return sent.first_name is not None and answered.email is None and answered.first_name is None


def _expires_otherwise(order: NewOrder, answered: TangoOrder) -> bool:
    """Compare a Promo Link's last moment, which comes back among the credentials."""
    if order.expiration_date is None or not isinstance(answered, PlacedOrder) or answered.reward is None:
        return False
    for credential in answered.reward.credential_list:
        if word_of(credential.credential_type) == "expirationdate" and credential.value is not None:
            moment = read_moment(credential.value.get_secret_value())
            return moment is not None and abs(moment - order.expiration_date) > _SAME_DAY
    return False


def _other_message(sent: str, answered: str) -> bool:
    ours, theirs = _plain(sent), _plain(answered)
    return not ours.startswith(theirs) if len(answered) >= _MESSAGE_ANSWERED else ours != theirs


def _differ(ours: object, theirs: object, currency: str) -> bool:
    if isinstance(ours, Decimal) and isinstance(theirs, Decimal):
        return not is_same_amount(ours, theirs, currency)
    return _exact(ours) != _exact(theirs)


def _exact(fact: object) -> object:
    """Return a text in any case of letters as one; a number or a flag as it is."""
    if fact is not None and not isinstance(fact, str):
        return fact
    return unicodedata.normalize("NFC", (fact or "").strip()).casefold()


def _plain(text: str | None) -> str:
    """Return a text's letters and digits: spaces, signs and entities may come back in another form."""
    letters = unicodedata.normalize("NFC", html.unescape(text or "")).casefold()
    return "".join(letter for letter in letters if letter.isalnum())
