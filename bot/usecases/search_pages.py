"""The pages of a search, as they are shown: of our orders, and of Tango's list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.domain.order import Order, OrderStatus
from bot.domain.request import Request
from bot.tango.limits import RESULT_WINDOW
from bot.tango.queries import OrderSummary

#: Orders on one page of /orders: a screen shows ten without much scrolling.
PAGE: Final = 10

#: The orders that a search finds are counted up to here: beyond, "more than 500" says enough, and each costs time.
MOST_COUNTED: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPage:
    """One page of the orders that Kudos made, newest first.

    Attributes:
        orders: on this page, but for those of `attention`.
        attention: the newest that need a person, on the first page of a search for any state: they come first.
        requests: those that have no orders yet, or never will; beside orders, on the first page only.
        received: the newest rewards that Tango made for the viewer, on the first page of what they sent.
        counts: how many orders there are in all, by status, counted up to MOST_COUNTED together. On the first page
            only.
        undelivered: how many of the accepted ones Kudos could not give to their recipients yet. On the first page only.
        on_hold: whether nothing is sent at present.
        is_partial: whether older ones were not looked at, which the next page does.
        more_requests: whether there may be more requests beside the orders than are shown.
        next_before: gives the next page; None on the last.
        everyone: whether these are everyone's orders, or the viewer's own.
        of_recipient: whether these are the rewards that the viewer received.
    """

    orders: Sequence[Order] = ()
    requests: Sequence[Request] = ()
    attention: Sequence[Order] = ()
    received: Sequence[Order] = ()
    counts: Mapping[OrderStatus, int] = field(default_factory=dict)
    undelivered: int = 0
    on_hold: bool = False
    is_partial: bool = False
    more_requests: bool = False
    next_before: int | None = None
    everyone: bool
    of_recipient: bool = False

    @property
    def count(self) -> int:
        """Return how many orders there are in all, counted up to MOST_COUNTED."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Found:
    """An order in Tango's list, and the same order in our file; None if it was placed elsewhere."""

    summary: OrderSummary
    order: Order | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TangoPage:
    """One page of Tango's list.

    Attributes:
        found: on this page.
        count: how many there are in all; None where Tango counts others' too.
        next_skip: gives the next page; None on the last.
        everyone: whether these are everyone's orders, or the viewer's own.
    """

    found: Sequence[Found]
    count: int | None
    next_skip: int | None
    everyone: bool

    @property
    def is_cut(self) -> bool:
        """Tell whether there are more than Tango lists (Tango docs, Manage orders: "only returns 10K results")."""
        return self.count is not None and self.count >= RESULT_WINDOW
