"""A reward request and its state machine: who asks that whom be given what, and the decision.

::

    pending_approval ── approve ──▶ approved
          │  ├─────── decline ──▶ declined
          │  ├────── withdraw ──▶ withdrawn
          │  └──────── expire ──▶ expired

A request holds the decision; its orders hold the delivery (bot/domain/order.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.money import Money


class RequestStatus(StrEnum):
    """Where a request stands."""

    PENDING_APPROVAL = "pending_approval"
    """Filed; waits for an approver."""
    APPROVED = "approved"
    """Decided for; its orders exist from that moment on."""
    DECLINED = "declined"
    """Decided against, with a reason."""
    WITHDRAWN = "withdrawn"
    """Taken back by its requester before anyone decided."""
    EXPIRED = "expired"
    """Nobody decided in time."""


class RequestMove(StrEnum):
    """What can be done to a request."""

    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


#: The whole machine: what is not in the table does not happen.
REQUEST_MOVES: Final[Mapping[tuple[RequestStatus, RequestMove], RequestStatus]] = {
    (RequestStatus.PENDING_APPROVAL, RequestMove.APPROVE): RequestStatus.APPROVED,
    (RequestStatus.PENDING_APPROVAL, RequestMove.DECLINE): RequestStatus.DECLINED,
    (RequestStatus.PENDING_APPROVAL, RequestMove.WITHDRAW): RequestStatus.WITHDRAWN,
    (RequestStatus.PENDING_APPROVAL, RequestMove.EXPIRE): RequestStatus.EXPIRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person who is to be given a reward, as they were when the request was filed.

    Attributes:
        user_id: on Slack.
        first_name: as Tango takes it: without `<`, `>` and `/`.
        last_name: the same; may be empty.
        email: where the reward goes.
    """

    user_id: str
    first_name: str
    last_name: str
    email: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A request as it is filed: checked, not yet stored.

    Attributes:
        requester_id: on Slack.
        requester_name: for texts that do not mention.
        recipients: one or more; each becomes one order.
        utid: the reward, as Tango names it.
        reward_name: as people name it.
        amount: what each recipient is given.
        message: to the recipients; may be empty.
        submission_id: the modal's `view.id`: the same modal submitted twice is one request.
    """

    requester_id: str
    requester_name: str
    recipients: tuple[Recipient, ...]
    utid: str
    reward_name: str
    amount: Money
    message: str
    submission_id: str

    @property
    def total(self) -> Money:
        """What all recipients are given together."""
        return self.amount.times(len(self.recipients))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(NewRequest):
    """A stored request.

    Attributes:
        id: ours, counted up.
        status: where it stands.
        created_at: UTC.
        decided_by: the Slack id of who decided; None while pending and where time decided.
        decided_at: UTC; None while pending.
        reason: why it was declined.
    """

    id: int
    status: RequestStatus
    created_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None

    @property
    def is_pending(self) -> bool:
        """Whether it still waits for a decision."""
        return self.status is RequestStatus.PENDING_APPROVAL
