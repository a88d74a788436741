"""How far the orders of a request are."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.charge import Charge
from bot.domain.order import FINAL, UNSENT, Order, OrderStatus, undoable


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The progress of a request's orders.

    Attributes:
        counts: how many orders are in which state.
        unfinished: how many accepted orders Tango has not finished.
        delivered: how many rewards Kudos has given to their recipients.
        undelivered: the references of the orders whose rewards Kudos could not give to their recipients yet.
        cancelable: the references of the orders that can be canceled, as `Order.allows` has it: now, or if the attempt
            that is under way is refused.
        charges: what the accepted orders cost, as far as Tango has said so.
        failed: the names of those whose orders failed; of very many, the first.
        undo_until: until when the approval can be undone, UTC; None where it can't be, or no more.
        goes_out_at: the first date on which some of it is to be sent, UTC; None where none of it waits for one.
    """

    counts: Mapping[OrderStatus, int]
    unfinished: int = 0
    delivered: int = 0
    undelivered: Sequence[str] = ()
    cancelable: Sequence[str] = ()
    charges: Sequence[Charge] = ()
    failed: Sequence[str] = ()
    undo_until: datetime | None = None
    goes_out_at: datetime | None = None

    @classmethod
    def of(cls, orders: Sequence[Order]) -> "Progress":
        """Return how far these orders are, which are all orders of a request."""
        accepted = [one for one in orders if one.status is OrderStatus.ACCEPTED]
        unsent = [one for one in orders if one.status in UNSENT and not one.outcome_unknown]
        return cls(
            counts=Counter(one.status for one in orders),
            unfinished=sum(one.watch_at is not None for one in orders),
            delivered=sum(one.delivered_at is not None for one in orders),
            undelivered=tuple(one.external_ref_id for one in orders if one.is_undelivered),
            cancelable=tuple(one.external_ref_id for one in unsent),
            charges=tuple(one.charge for one in accepted if one.charge is not None),
            failed=tuple(one.recipient.name for one in orders if one.status is OrderStatus.FAILED),
            undo_until=min((one.not_before for one in undoable(orders) if one.not_before), default=None),
            goes_out_at=min((one.not_before for one in orders if one.waits_for_date and one.not_before), default=None),
        )

    def on_hold(self) -> "Progress":
        """Return the progress as it is read while orders are on hold: one that is being tried waits like the others."""
        counts = Counter(self.counts)
        counts[OrderStatus.QUEUED] += counts.pop(OrderStatus.SUBMITTING, 0)
        return replace(self, counts=+counts)

    @property
    def accepted(self) -> int:
        """Return how many orders Tango has accepted, and not ended without a reward."""
        return self.counts.get(OrderStatus.ACCEPTED, 0)

    @property
    def is_settled(self) -> bool:
        """Return whether the end of every order is known."""
        return set(self.counts) <= FINAL and not self.unfinished
