"""The notices that leave the outbox, as values: what happened, to whom it is told, no words yet.

A notice holds ids only. Its words are made from the stored state when it is sent (handlers/notifier.py), so a
late notice tells how things are, and the outbox holds nothing private.
"""

from dataclasses import asdict, dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ApprovalCard:
    """The card in the approvals channel is to show the request as it now is."""

    kind: ClassVar = "approval_card"
    request_id: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The requester's own copy of the request, with Withdraw, is to show it as it now is."""

    kind: ClassVar = "receipt"
    request_id: int


@dataclass(frozen=True, slots=True)
class Decided:
    """To the requester: approved, declined or expired; by whom and why."""

    kind: ClassVar = "decided"
    request_id: int


@dataclass(frozen=True, slots=True)
class OrdersSettled:
    """To the requester: nothing more will happen to the request's orders; how many were placed."""

    kind: ClassVar = "orders_settled"
    request_id: int


@dataclass(frozen=True, slots=True)
class OrderFailed:
    """To the requester: Tango refused this order, and why."""

    kind: ClassVar = "order_failed"
    order_id: int


@dataclass(frozen=True, slots=True)
class RewardOnItsWay:
    """To the recipient, once the order is placed: look for the e-mail."""

    kind: ClassVar = "reward_on_its_way"
    order_id: int


@dataclass(frozen=True, slots=True)
class OrderNeedsAttention:
    """To an admin: a machine could only guess about this order."""

    kind: ClassVar = "order_needs_attention"
    order_id: int


@dataclass(frozen=True, slots=True)
class OutcomeStillUnknown:
    """To an admin: several attempts of this order went unanswered; it is still being tried."""

    kind: ClassVar = "outcome_still_unknown"
    order_id: int


@dataclass(frozen=True, slots=True)
class QueueHalted:
    """To an admin: no orders are sent until the cause is gone."""

    kind: ClassVar = "queue_halted"
    cause: str


@dataclass(frozen=True, slots=True)
class QueueResumed:
    """To an admin: the cause is gone, orders are sent again."""

    kind: ClassVar = "queue_resumed"
    cause: str


@dataclass(frozen=True, slots=True)
class ResendFinished:
    """To who asked for it: what became of the resend."""

    kind: ClassVar = "resend_finished"
    resend_id: int


Notice = (
    ApprovalCard
    | Receipt
    | Decided
    | OrdersSettled
    | OrderFailed
    | RewardOnItsWay
    | OrderNeedsAttention
    | OutcomeStillUnknown
    | QueueHalted
    | QueueResumed
    | ResendFinished
)

_BY_KIND: dict[str, type[Notice]] = {
    notice.kind: notice
    for notice in (
        ApprovalCard,
        Receipt,
        Decided,
        OrdersSettled,
        OrderFailed,
        RewardOnItsWay,
        OrderNeedsAttention,
        OutcomeStillUnknown,
        QueueHalted,
        QueueResumed,
        ResendFinished,
    )
}


def facts_of(notice: Notice) -> dict[str, object]:
    """What distinguishes this notice from others of its kind: ids."""
    return asdict(notice)


def notice_from(kind: str, facts: dict[str, object]) -> Notice:
    """The notice that `facts_of` was taken from.

    Raises:
        KeyError: no notice is of that kind.
    """
    return _BY_KIND[kind](**facts)  # type: ignore[arg-type]  # facts are what asdict gave
