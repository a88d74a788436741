"""The differences between the order that was approved and sent, and the one that Tango answers."""

import unicodedata

from bot.tango.bodies import NewOrder
from bot.tango.models import PlacedOrder, TangoPerson


def differences(sent: NewOrder | bytes, answered: PlacedOrder) -> tuple[str, ...]:
    """Name those of `amount`, `utid` and `recipient` that differ between the frozen body and Tango's answer.

    Tango answers a known reference with the order as it was first made (200), whatever the body says now,
    and gives no warning. A field that the answer leaves out is no difference: Tango omits what is unset. The
    amount is compared with the face value; recipients are compared by email address in any case of letters, or
    by name where an order has no address. An address that was never sent is a difference.

    Raises:
        ValueError: `sent` is no body that `NewOrder.to_bytes` made.
    """
    order = NewOrder.from_bytes(sent) if isinstance(sent, bytes) else sent
    value = answered.denomination.value if answered.denomination else None
    found = {
        "amount": value is not None and value != order.amount,
        "utid": answered.utid is not None and answered.utid.casefold() != order.utid.casefold(),
        "recipient": _other_person(order.recipient or TangoPerson(), answered.recipient or TangoPerson()),
    }
    return tuple(name for name, differs in found.items() if differs)


def _other_person(sent: TangoPerson, answered: TangoPerson) -> bool:
    if answered.email is not None:
        return _plain(sent.email) != _plain(answered.email)
    if sent.email is not None:
        return False
    names = ((sent.first_name, answered.first_name), (sent.last_name, answered.last_name))
    return any(theirs is not None and _plain(ours) != _plain(theirs) for ours, theirs in names)


def _plain(text: str | None) -> str:
    return unicodedata.normalize("NFC", (text or "").strip()).casefold()
