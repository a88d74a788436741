"""The states of requests and orders on the screen: an icon and a word for each, always both, and the same everywhere.

Card, receipt, list, Home and detail say a state in the words of this table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.order import FINAL, UNSENT, Order, OrderStatus
from bot.domain.request import RequestStatus
from handlers.views.blocks import clock_time_of, time_of


@dataclass(frozen=True, slots=True)
class State:
    """A state on the screen.

    Attributes:
        icon: an emoji, which never stands without the word.
        word: the state in a word or a few, as a line begins with it.
        told: the same as a sentence about a reward.
        several: the word after a number above one, where it differs: "2 need attention".
    """

    icon: str
    word: str
    told: str = ""
    several: str = ""

    def __str__(self) -> str:
        return f"{self.icon} {self.word}"

    def counted(self, count: int, *, of: int | None = None) -> str:
        """Say how many are in this state, within a line; `of` how many, where not all are."""
        number = f"{count:,}" if of is None else f"{count:,} of {of:,}"
        return f"{number} {(self.several if count != 1 else '') or self.word.lower()}"


#: The icon of what waits, of what went well, and so on: more than one word has it.
_WAITING: Final = "⏳"
_DONE: Final = "✅"
_ENDED: Final = "🚫"

REQUEST_STATES: Final[Mapping[RequestStatus, State]] = {
    RequestStatus.PENDING_APPROVAL: State(_WAITING, "Waiting for approval"),
    RequestStatus.APPROVED: State(_DONE, "Approved"),
    RequestStatus.DECLINED: State(_ENDED, "Declined"),
    RequestStatus.WITHDRAWN: State("↩️", "Withdrawn"),
    RequestStatus.EXPIRED: State("⌛", "Expired"),
}

ORDER_STATES: Final[Mapping[OrderStatus, State]] = {
    OrderStatus.QUEUED: State(_WAITING, "Waiting to be sent", "The reward is waiting to be sent."),
    OrderStatus.SUBMITTING: State(_WAITING, "Being sent", "The reward is being sent."),
    OrderStatus.ACCEPTED: State(_DONE, "Sent", "The reward has been sent."),
    OrderStatus.FAILED: State("❌", "Failed", "The reward couldn't be sent."),
    OrderStatus.NEEDS_ATTENTION: State("⚠️", "Needs attention", "The reward needs attention.", "need attention"),
    OrderStatus.CANCELED: State(_ENDED, "Canceled", "The reward was canceled."),
}

#: An order whose outcome nobody knows yet: it is neither sent nor failed, and Kudos goes on asking.
CHECKING: Final = State(_WAITING, "Checking with Tango", "I'm checking with Tango what became of the reward.")

#: An order that waits because nothing is sent at present.
ON_HOLD: Final = State("⏸️", "On hold", "The reward is on hold.")

#: A reward that is made, and that Kudos could not give to its recipient yet.
UNDELIVERED: Final = State("⚠️", "Not delivered", "The reward hasn't been delivered.")


def order_state(order: Order, *, on_hold: bool = False) -> State:
    """Return the state of an order, as everybody reads it.

    Args:
        order: as it is now.
        on_hold: whether nothing is sent at present.
    """
    if on_hold and order.status in UNSENT and not order.is_held:
        return ON_HOLD
    if order.outcome_unknown and order.status not in FINAL and order.status is not OrderStatus.NEEDS_ATTENTION:
        return CHECKING
    return UNDELIVERED if order.is_undelivered else ORDER_STATES[order.status]


def goes_out_text(until: datetime, *, is_scheduled: bool = False) -> str:
    """Say when what is held goes out, as a part of a line: on a date, or within the hour."""
    return f"goes out {time_of(until)}" if is_scheduled else f"goes out at {clock_time_of(until)}"


def since_text(order: Order) -> str:
    """Say when the order came to its state, to follow the state's word."""
    if order.is_held and order.not_before is not None:
        return f" · {goes_out_text(order.not_before, is_scheduled=order.schedule is not None)}"
    if order.is_undelivered:
        return f" · paid {time_of(order.finalized_at or order.created_at)}"
    if order.status in FINAL:
        return f" {time_of(order.finalized_at or order.created_at)}"
    return f" · approved {time_of(order.created_at)}"
