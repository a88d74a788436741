"""A reward request and its state machine: who asks for what for whom, and the decision.

::

    pending_approval ── approve ──▶ approved
          │  ├─────── decline ──▶ declined
          │  ├────── withdraw ──▶ withdrawn
          │  └──────── expire ──▶ expired

A request that needs two approvers goes on waiting after the first yes. One that needs none is approved as it is filed.

A request holds the decision; its orders hold the delivery (bot/domain/order.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.approval import BY_RULE, Policy, Route
from bot.domain.budget import Drawn
from bot.domain.duplicate import OtherReward
from bot.domain.money import Money
from bot.domain.numbers import request_number
from bot.domain.occasion import Occasion
from bot.domain.review import Obstacle, ObstacleCode
from bot.domain.schedule import Schedule
from bot.errors import AlreadyDecided


class RequestStatus(StrEnum):
    """The state of a request."""

    PENDING_APPROVAL = "pending_approval"
    """Waits for an approver."""
    APPROVED = "approved"
    """An approver said yes; the orders exist from that moment on."""
    DECLINED = "declined"
    """An approver said no, with a reason."""
    WITHDRAWN = "withdrawn"
    """The requester took the request back before anyone decided."""
    EXPIRED = "expired"
    """Nobody decided in time (`approvals.expire_after_days`)."""


class RequestMove(StrEnum):
    """A move of a request."""

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


class Delivery(StrEnum):
    """The way in which a reward reaches its recipient."""

    EMAIL = "email"
    """Tango emails the reward (`sendEmail: true`)."""
    MESSAGE = "message"
    """Tango emails nothing; Kudos gives the reward to the recipient by direct message."""
    POST = "post"
    """Tango posts a physical reward to an address."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """The request that another asks for again, as it stands now.

    Attributes:
        id: of the request.
        status: where it stands.
        is_undone: whether its approval was undone.
        orders: how many orders it has.
        unsent: how many of them failed or were canceled.
    """

    id: int
    status: RequestStatus
    is_undone: bool = False
    orders: int = 0
    unsent: int = 0

    @property
    def number(self) -> str:
        """Return the number by which people know it: R-8."""
        return request_number(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The postal address of a physical reward (Tango docs, Manage orders, recipient.address).

    Attributes:
        street_line1: street and number.
        street_line2: may be empty.
        city: city.
        state_or_province: two letters in the United States and Canada.
        postal_code: five digits in the United States.
        country: ISO 3166-1, two capitals.
        first_name: as it is printed on the parcel, which takes fewer letters than a profile. Empty in requests that
            were made before it was asked for.
        last_name: the same.
    """

    street_line1: str
    street_line2: str
    city: str
    state_or_province: str
    postal_code: str
    country: str
    first_name: str = ""
    last_name: str = ""

    @property
    def name(self) -> str:
        """Return the name on the parcel; empty in requests that were made before it was asked for."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """The parts of a request beyond who, what and how much; an empty text was not said.

    Attributes:
        delivery: how the reward reaches the recipient.
        sender_first_name: the sender's first name for Tango, for tracking only.
        sender_last_name: the sender's last name, for the same.
        sender_email: the sender's email address, for the same.
        email_subject: the subject of Tango's email; empty for Tango's default.
        template: the `etid` of Tango's email.
        campaign: a category for accounting.
        purchase_order: the purchase order number.
        notes: for accounting; recipients do not see it.
        expires_on: the last day of a Promo Link, in the recipient's zone.
        printed_template: the `ptid` of a printed reward link.
        address: where a physical reward goes.
        in_public: whether the requester also thanks in the channel for thanks, once the reward is sent.
        tell_delivered: whether the requester hears it when Kudos has delivered a reward by direct message.
        schedule: when it is to be sent; None where as soon as it is approved.
    """

    delivery: Delivery = Delivery.EMAIL
    sender_first_name: str = ""
    sender_last_name: str = ""
    sender_email: str = ""
    email_subject: str = ""
    template: str = ""
    campaign: str = ""
    purchase_order: str = ""
    notes: str = ""
    expires_on: date | None = None
    printed_template: str = ""
    address: Address | None = None
    in_public: bool = False
    tell_delivered: bool = False
    schedule: Schedule | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person who is to get a reward, as their profile was when the request was made.

    Attributes:
        user_id: the Slack id.
        first_name: as Tango takes it: without `<`, `>` and `/`.
        last_name: as Tango takes it; may be empty.
        email: where an emailed reward goes; empty where the profile shows none.
        external_ref_id: our reference of this recipient's order, made with the request.
        zone: the time zone, as an IANA name.
        has_namesake: another member has the same name, or one that looks like it; None until that was looked up.
        in_channel: whether they are in the channel of the card, and so read it; None until that was looked up.
        amount: what they get, in a batch; None where the request says it.
        message: the message to them, in a batch; None where the request says it.
    """

    user_id: str
    first_name: str
    last_name: str
    email: str
    external_ref_id: str
    zone: str = "UTC"
    has_namesake: bool | None = None
    in_channel: bool | None = None
    amount: Money | None = None
    message: str | None = None

    @property
    def name(self) -> str:
        """Return first and last name; empty once names are no longer kept."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A request that is checked, and not yet stored.

    Attributes:
        requester_id: the Slack id.
        requester_name: for texts that do not mention people.
        requester_email: from the profile, to know two accounts of one person; may be empty.
        recipients: one or more; each becomes one order.
        utid: Tango's id of the reward.
        reward_name: the reward's name for people.
        amount: what each recipient gets; in a batch, the most that one of them gets.
        message: to the recipients; may be empty. In a batch each has an own one.
        details: everything else.
        permalink: the address of the message on Slack that the request is about; empty where there is none.
        repeats: the request that this one asks for again; None where there is none.
        occasion: why it is given, by the settings of the day of filing; None where nobody was asked.
        submission_id: the modal's `view.id`, with a count once the modal has made a request; or the id of a workflow's
            run. The same submitted twice makes one request.
        reference: names the request in buttons and forms. It can't be guessed, and unlike a number it is never used
            again for another request.
        policy: how it is approved, as the settings said when it was filed; None where they said nothing of it, so that
            the channel and the approvers are those of the settings of now.
        is_batch: each recipient has an own amount and message.
        by_workflow: a workflow asked for it in the requester's name, and nobody by hand.
    """

    requester_id: str
    requester_name: str
    requester_email: str = ""
    recipients: tuple[Recipient, ...]
    utid: str
    reward_name: str
    amount: Money
    message: str
    details: Details = Details()
    permalink: str = ""
    repeats: Repeated | None = None
    occasion: Occasion | None = None
    submission_id: str
    reference: str
    policy: Policy | None = None
    is_batch: bool = False
    by_workflow: bool = False

    @property
    def route(self) -> Route | None:
        """Return where the card goes and who decides; None where the settings of now say so."""
        return self.policy.route if self.policy else None

    @property
    def approvals_needed(self) -> int:
        """Return how many approvers the request needs."""
        return self.policy.needed if self.policy else 1

    @property
    def total(self) -> Money:
        """Return what all recipients get together."""
        if not self.is_batch:
            return self.amount.times(len(self.recipients))
        return Money(sum(self.amount_for(one).minor for one in self.recipients), self.amount.currency)

    def amount_for(self, recipient: Recipient) -> Money:
        """Return what one of the recipients gets."""
        return self.amount if recipient.amount is None else recipient.amount

    def message_for(self, recipient: Recipient) -> str:
        """Return the message to one of the recipients; may be empty."""
        return self.message if recipient.message is None else recipient.message

    def asks_the_same(self, other: "NewRequest") -> bool:
        """Return whether the other request is of the same person and has the same content."""
        return all(
            mine == theirs
            for mine, theirs in (
                (self.requester_id, other.requester_id),
                ([one.user_id for one in self.recipients], [one.user_id for one in other.recipients]),
                (self.utid, other.utid),
                (self.amount, other.amount),
                (self.message, other.message),
                (self.details, other.details),
                (self.occasion, other.occasion),
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(NewRequest):
    """A stored request.

    Attributes:
        id: ours, counted up; people know the request by its `number`.
        status: where the request stands.
        created_at: UTC.
        waits_since: since when the time of a pending request runs, UTC; None until the first look after an upgrade.
        first_approved_by: the Slack id of the first of two approvers; None before, and where one is enough.
        first_approved_at: when they approved, UTC.
        decided_by: the Slack id of who decided, or BY_RULE; None while pending, and where time decided.
        decided_at: UTC; None while pending.
        reason: why the request was declined.
        in_doubt_since: since when another file may have ordered it, because this one was restored; UTC.
        obstacles: what stands against the request now, and did not when it was made.
        undone_by: the Slack id of who undid the approval, whose orders were held and are canceled; None if nobody did.
        undone_at: when, UTC.
        budgets: the budgets that it draws on, as it has found them.
        other_rewards: what else its recipients were asked rewards for within a day of it, where it was looked up.
        is_uncovered: whether the account at Tango has too little for it, where that was looked up.
    """

    id: int
    status: RequestStatus
    created_at: datetime
    waits_since: datetime | None = None
    first_approved_by: str | None = None
    first_approved_at: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None
    in_doubt_since: datetime | None = None
    obstacles: tuple[Obstacle, ...] = ()
    undone_by: str | None = None
    undone_at: datetime | None = None
    budgets: tuple[Drawn, ...] = ()
    other_rewards: tuple[OtherReward, ...] = ()
    is_uncovered: bool = False

    @property
    def number(self) -> str:
        """Return the number by which people know the request: R-8."""
        return request_number(self.id)

    def for_one(self, user_id: str) -> "Request":
        """Return the request as it is for one of its recipients: of a batch, with their own amount and message."""
        own = next((one for one in self.recipients if one.user_id == user_id), None)
        if own is None or not self.is_batch:
            return self
        return replace(self, amount=self.amount_for(own), message=self.message_for(own))

    @property
    def is_pending(self) -> bool:
        """Return whether the request waits for a decision."""
        return self.status is RequestStatus.PENDING_APPROVAL

    @property
    def approvals_left(self) -> int:
        """Return how many more approvals the request needs, while it waits for a decision."""
        return self.approvals_needed - (self.first_approved_by is not None)

    @property
    def needs_another(self) -> bool:
        """Return whether one approval does not yet approve the request: it needs two, and has none."""
        return self.approvals_left > 1

    @property
    def decider(self) -> str | None:
        """Return the Slack id of the person who decided; None where nobody has, or a rule or time did."""
        return None if self.is_automatic else self.decided_by

    @property
    def is_automatic(self) -> bool:
        """Return whether a rule approved the request, and no person."""
        return self.decided_by == BY_RULE

    def is_overdue(self, now: datetime, expire_after: timedelta) -> bool:
        """Return whether the time to decide has run out, whether or not the request has been expired yet."""
        return self.is_pending and self.waits_since is not None and now - self.waits_since >= expire_after

    def named_obstacles(self) -> list[tuple[ObstacleCode, str]]:
        """Return each obstacle with the name of the person, or of the reward, that it is about."""
        names = {self.requester_id: self.requester_name}
        names |= {recipient.user_id: recipient.name for recipient in self.recipients}
        return [(obstacle.code, names.get(obstacle.user_id, self.reward_name)) for obstacle in self.obstacles]


def decided_before(request: Request) -> AlreadyDecided:
    """Return the refusal that says what the request became, by whom and when."""
    return AlreadyDecided(status=request.status, by=request.decider, at=request.decided_at or request.created_at)


def check_is_pending(request: Request) -> None:
    """Refuse a request that doesn't wait for a decision any more.

    Raises:
        AlreadyDecided: it was decided.
    """
    if not request.is_pending:
        raise decided_before(request)
