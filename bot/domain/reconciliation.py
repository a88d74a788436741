"""Reconciliation: Tango's list of orders, held against ours. It finds differences, and repairs none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from bot.domain.money import is_same_amount
from bot.domain.order import Order, OrderStatus
from bot.domain.tango_status import Standing, standing_of

#: Here nothing was paid, or nobody knows. What is queued or being sent is asked about anyway.
_UNPAID: Final = frozenset({OrderStatus.FAILED, OrderStatus.CANCELED, OrderStatus.NEEDS_ATTENTION})


class DifferenceKind(StrEnum):
    """A way in which Tango's list and ours can differ."""

    MISSING = "missing"
    """We have it as accepted, and Tango doesn't have it."""
    UNKNOWN = "unknown"
    """Tango has it, and we don't know it."""
    TWICE = "twice"
    """Tango has more than one order under a reference of ours, or under another number than ours."""
    AMOUNT = "amount"
    """The amounts differ, or the currencies."""
    UNPAID = "unpaid"
    """Tango has it, and here it is failed, canceled, or waits for an admin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedOrder:
    """An order of Tango's list.

    Attributes:
        number: Tango's.
        reference: the reference under which it was sent; None where it has none.
        amount: the face value in major units; None where Tango doesn't say.
        currency: of the face value.
        status: as Tango words it.
    """

    number: str
    reference: str | None
    amount: Decimal | None
    currency: str | None
    status: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference.

    Attributes:
        kind: which.
        ours: our order, if we have one.
        listed: Tango's, if it has one.
    """

    kind: DifferenceKind
    ours: Order | None = None
    listed: ListedOrder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What a comparison came to.

    Attributes:
        since, until: the period, UTC.
        ours: how many accepted orders we have in it.
        listed: how many orders Tango lists in it.
        differences: what differs.
        unanswered: how many of ours are not in the list, and Tango gave no clear answer about them.
    """

    since: datetime
    until: datetime
    ours: int
    listed: int
    differences: Sequence[Difference]
    unanswered: int


def differences_of(listed: ListedOrder, ours: Order | None, *, is_again: bool) -> Iterator[Difference]:
    """Yield how an order of Tango's list differs from ours.

    Args:
        listed: Tango's.
        ours: the order with the same reference, if we have one.
        is_again: whether another of Tango's orders had the same reference.
    """

    def differs(kind: DifferenceKind) -> Difference:
        return Difference(kind=kind, ours=ours, listed=listed)

    if ours is None:
        yield differs(DifferenceKind.UNKNOWN)
        return
    if is_again or (ours.reference_order_id or listed.number).casefold() != listed.number.casefold():
        yield differs(DifferenceKind.TWICE)
    if not _is_same_value(listed, ours):
        yield differs(DifferenceKind.AMOUNT)
    if ours.status in _UNPAID and standing_of(listed.status) is not Standing.FAILED:
        yield differs(DifferenceKind.UNPAID)


def _is_same_value(listed: ListedOrder, ours: Order) -> bool:
    if listed.amount is None or listed.currency is None:
        return True
    currency = ours.amount.currency
    return listed.currency.upper() == currency and is_same_amount(listed.amount, ours.amount.amount, currency)
