"""The notices that leave the outbox, as values: what happened, to whom it is told, no words yet.

A notice holds ids only. Its words are made from the stored state when it is sent (handlers/outbox/notifier.py), so a
late notice tells how things are, and the outbox holds nothing private.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

#: The audience of what admins are told, where it is not known yet who they are: their group could not be looked up.
#: Resolved when the notice is sent. No Slack id looks like it.
ADMINS: Final = "admins"

#: The audience of approval cards: the channel where requests are decided. Which one it is is asked when a card is
#: sent, so that nobody who writes one must know it. No Slack id looks like it.
APPROVALS: Final = "approvals"


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    """The card in the approvals channel is to show the request as it now is."""

    kind: ClassVar[str] = "approval_card"
    request_id: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The requester's own copy of the request, with Withdraw, is to show it as it now is."""

    kind: ClassVar[str] = "receipt"
    request_id: int


@dataclass(frozen=True, slots=True)
class Decided:
    """To the requester: approved, declined or expired; by whom and why."""

    kind: ClassVar[str] = "decided"
    request_id: int


@dataclass(frozen=True, slots=True)
class OrdersSettled:
    """To the requester: nothing more will happen to the request's orders; how many were placed."""

    kind: ClassVar[str] = "orders_settled"
    request_id: int


@dataclass(frozen=True, slots=True)
class OrderFailed:
    """To the requester: Tango refused this order, and why. To an admin too, where Tango had taken it before."""

    kind: ClassVar[str] = "order_failed"
    order_id: int


@dataclass(frozen=True, slots=True)
class RewardOnItsWay:
    """To the recipient, once Tango has finished the order: look for the e-mail, or in the letter box."""

    kind: ClassVar[str] = "reward_on_its_way"
    order_id: int


@dataclass(frozen=True, slots=True)
class RewardDelivery:
    """To the recipient: the reward itself, which Tango is asked for when this is told."""

    kind: ClassVar[str] = "reward_delivery"
    order_id: int


@dataclass(frozen=True, slots=True)
class RewardsDelivered:
    """To the requester: the recipients have been given their rewards by direct message."""

    kind: ClassVar[str] = "rewards_delivered"
    request_id: int


@dataclass(frozen=True, slots=True)
class DeliveryFailed:
    """To the requester and admins: the recipient cannot be reached by direct message."""

    kind: ClassVar[str] = "delivery_failed"
    order_id: int


@dataclass(frozen=True, slots=True)
class DeliveryDelayed:
    """To an admin: Tango was asked for this reward several times and has not given it; it is still being tried."""

    kind: ClassVar[str] = "delivery_delayed"
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderUnfinished:
    """To an admin: Tango has this order and does not finish it; it is not asked any more."""

    kind: ClassVar[str] = "order_unfinished"
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderNeedsAttention:
    """To an admin: a machine could only guess about this order."""

    kind: ClassVar[str] = "order_needs_attention"
    order_id: int


@dataclass(frozen=True, slots=True)
class OutcomeStillAmbiguous:
    """To an admin: several attempts of this order went unanswered; it is still being tried."""

    kind: ClassVar[str] = "outcome_still_unknown"
    order_id: int


@dataclass(frozen=True, slots=True)
class QueueHalted:
    """To an admin: no orders are sent until the cause is gone."""

    kind: ClassVar[str] = "queue_halted"
    cause: str
    i18n_key: str | None
    tango_request_id: str | None


@dataclass(frozen=True, slots=True)
class QueueResumed:
    """To an admin: the cause is gone, orders are sent again."""

    kind: ClassVar[str] = "queue_resumed"
    cause: str


@dataclass(frozen=True, slots=True)
class ResendFinished:
    """To who asked for it: what became of the resend."""

    kind: ClassVar[str] = "resend_finished"
    resend_id: int


Notice = (
    ApprovalCard
    | Receipt
    | Decided
    | OrdersSettled
    | OrderFailed
    | RewardOnItsWay
    | RewardDelivery
    | RewardsDelivered
    | DeliveryFailed
    | DeliveryDelayed
    | OrderUnfinished
    | OrderNeedsAttention
    | OutcomeStillAmbiguous
    | QueueHalted
    | QueueResumed
    | ResendFinished
)

_BY_KIND: Final[Mapping[str, type[Notice]]] = {
    notice.kind: notice
    for notice in (
        ApprovalCard,
        Receipt,
        Decided,
        OrdersSettled,
        OrderFailed,
        RewardOnItsWay,
        RewardDelivery,
        RewardsDelivered,
        DeliveryFailed,
        DeliveryDelayed,
        OrderUnfinished,
        OrderNeedsAttention,
        OutcomeStillAmbiguous,
        QueueHalted,
        QueueResumed,
        ResendFinished,
    )
}


def notice_from(kind: str, facts: Mapping[str, Any]) -> Notice:
    """The notice of that kind with those ids.

    Raises:
        KeyError: no notice is of that kind.
    """
    return _BY_KIND[kind](**facts)
