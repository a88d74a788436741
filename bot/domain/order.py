"""An order and its state machine: one recipient's reward of an approved request, as Tango is to make it.

::

                    ┌── reschedule, rescue ──┐
                    ▼                        │
    approved ──▶ queued ──── claim ──▶ submitting ── accept ──▶ accepted
                  │ ▲ │                  │   │                  ▲   │ fail
           cancel │ │ └─ set_aside ─┐    │   └── fail ──▶ failed ◀──┘
                  ▼ │               ▼    ▼ set_aside        ▲   │
           canceled └── retry ── needs_attention ── close ──┘   │
                                    └────────── accept ─────────┘

An order that needs attention may be set aside once more, when Tango turns out to have another one under its reference.

A queued order may be held until `not_before`, and is not claimed before. Meanwhile its approval can be undone, which
cancels it. The request stays approved.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from bot.domain.charge import Charge
from bot.domain.money import Money
from bot.domain.numbers import order_number
from bot.domain.problem import OrderProblem, Problem
from bot.domain.request import Delivery, Recipient
from bot.domain.resend import cooldown_left
from bot.domain.schedule import Schedule
from bot.errors import Wish, WrongState


class OrderStatus(StrEnum):
    """The state of an order with Kudos. Tango's own status is kept verbatim beside it."""

    QUEUED = "queued"
    """Waits for its first attempt, or for its next; at first perhaps for the end of its hold."""
    SUBMITTING = "submitting"
    """An attempt is under way; its outcome is not known yet."""
    ACCEPTED = "accepted"
    """Tango has the order, once, as it was approved. Tango's own status says whether Tango has finished it."""
    FAILED = "failed"
    """Tango refused the order or ended it without a reward, or an admin closed it: it is not sent any more."""
    NEEDS_ATTENTION = "needs_attention"
    """A person must decide: Tango could not say what became of it, or what was approved is no longer right."""
    CANCELED = "canceled"
    """A person ended the order, or its recipient left before its date; Tango surely did not have it."""


class OrderMove(StrEnum):
    """A move of an order."""

    CLAIM = "claim"
    """The dispatcher begins an attempt."""
    ACCEPT = "accept"
    """Tango has the order, and says that it is the one that was approved."""
    FAIL = "fail"
    """Tango refuses the order, or ends it without a reward."""
    RESCHEDULE = "reschedule"
    """The attempt does not count, was ambiguous or was answered incompletely: there will be another."""
    RESCUE = "rescue"
    """The process ended during the attempt, or could not record its outcome."""
    SET_ASIDE = "set_aside"
    """A machine could only guess, or what was approved is no longer right; of one set aside, Tango has another."""
    RETRY = "retry"
    """An admin has the order sent once more."""
    CLOSE = "close"
    """An admin ends an order that needed a person, and that Tango surely does not have."""
    CANCEL = "cancel"
    """An admin or the requester ends what Tango surely does not have; an approver, what is held; or a review."""


#: The whole machine: what is not in the table does not happen.
ORDER_MOVES: Final[Mapping[tuple[OrderStatus, OrderMove], OrderStatus]] = {
    (OrderStatus.QUEUED, OrderMove.CLAIM): OrderStatus.SUBMITTING,
    (OrderStatus.QUEUED, OrderMove.CANCEL): OrderStatus.CANCELED,
    (OrderStatus.QUEUED, OrderMove.SET_ASIDE): OrderStatus.NEEDS_ATTENTION,
    (OrderStatus.SUBMITTING, OrderMove.ACCEPT): OrderStatus.ACCEPTED,
    (OrderStatus.SUBMITTING, OrderMove.FAIL): OrderStatus.FAILED,
    (OrderStatus.SUBMITTING, OrderMove.RESCHEDULE): OrderStatus.QUEUED,
    (OrderStatus.SUBMITTING, OrderMove.RESCUE): OrderStatus.QUEUED,
    (OrderStatus.SUBMITTING, OrderMove.SET_ASIDE): OrderStatus.NEEDS_ATTENTION,
    (OrderStatus.ACCEPTED, OrderMove.FAIL): OrderStatus.FAILED,
    (OrderStatus.NEEDS_ATTENTION, OrderMove.ACCEPT): OrderStatus.ACCEPTED,
    (OrderStatus.NEEDS_ATTENTION, OrderMove.CLOSE): OrderStatus.FAILED,
    (OrderStatus.NEEDS_ATTENTION, OrderMove.RETRY): OrderStatus.QUEUED,
    (OrderStatus.NEEDS_ATTENTION, OrderMove.SET_ASIDE): OrderStatus.NEEDS_ATTENTION,
}


#: Orders in these states are not sent any more. Tango may still end an accepted order without a reward.
FINAL: Final = frozenset({OrderStatus.ACCEPTED, OrderStatus.FAILED, OrderStatus.CANCELED})

#: Orders in these states are still to be sent. They may be canceled, unless an attempt's outcome is unknown.
UNSENT: Final = frozenset({OrderStatus.QUEUED, OrderStatus.SUBMITTING})

#: The problems of orders that Tango has.
_AT_TANGO: Final = frozenset({Problem.DIFFERS, Problem.UNCONFIRMED})

#: Under these Tango finds the order of a reference. Tango keeps a reference for each account (Tango docs, Best
#: practices).
_FOUND_BY: Final = frozenset({"externalRefID", "customerIdentifier", "accountIdentifier"})

#: The priorities of orders: somebody looks at the screen for an order by hand, while a batch may last for hours.
BY_HAND: Final = 0
OF_BATCH: Final = 1

#: An order that has waited so long since its approval, or since its last review, is reviewed before it is sent. People
#: leave and addresses change; within an hour that is as rare as at the click itself.
REVIEW_AFTER: Final = timedelta(hours=1)

#: The wait after which an order is looked at again whose recipient Slack doesn't tell, or whose age is in doubt.
LOOK_AGAIN: Final = timedelta(minutes=1)

#: Tango promises idempotency for 90 days (Tango docs, Best practices). An order that was first attempted earlier is
#: not sent again by machine, because its reference might make a second order.
IDEMPOTENCY_HORIZON: Final = timedelta(days=90)

#: Admins are told after this many ambiguous attempts. Tango advises callers to stop at five (Tango docs, Response
#: classes). Kudos goes on, because the reference makes that safe, but no longer silently.
ATTEMPTS_BEFORE_ALARM: Final = 5

#: The first wait after an ambiguous attempt. Tango asks for at least 1 s after an error, and for 2 s while the same
#: reference is in flight; 2 s serves both.
_FIRST_WAIT: Final = timedelta(seconds=2)

#: For so long after the first attempt nothing is wrong while Tango says that it still works on the reference: it is
#: asked again every 2 s, as it wants. Tango's suppliers take a minute at the most.
_IN_FLIGHT_FOR: Final = timedelta(minutes=2)

#: Waits double up to this. With ten minutes, an outage of a day costs about 150 attempts an order, and its end is
#: noticed at most ten minutes late.
LONGEST_WAIT: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedOrder:
    """An order as it is enqueued: the frozen body, and the reference under which it is sent.

    `place` counts the orders of the request from 1, and is 0 for the only one. `in_doubt_since`, UTC: since when the
    reference may have been sent before, because the request was restored. `not_before`, UTC: the end of its hold; None
    where it is due at once. `priority`: BY_HAND, or OF_BATCH. `schedule`: the date until which it is held, or None.
    """

    request_id: int
    place: int
    requester_id: str
    recipient: Recipient
    utid: str
    reward_name: str
    amount: Money
    external_ref_id: str
    body: bytes
    delivery: Delivery
    in_doubt_since: datetime | None = None
    not_before: datetime | None = None
    priority: int = BY_HAND
    schedule: Schedule | None = None

    @property
    def facts(self) -> dict[str, str | int | None]:
        """Return what the audit log keeps of the order, against which the order is held later."""
        return {
            "external_ref_id": self.external_ref_id,
            "recipient_id": self.recipient.user_id,
            "amount_minor": self.amount.minor,
            "currency": self.amount.currency,
            "utid": self.utid,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A stored order.

    Attributes:
        id: ours, counted up; people know the order by its `number`.
        request_id: the request that this order delivers.
        place: its place among the orders of the request, from 1; 0 for the only one.
        requester_id: the Slack id of the requester.
        recipient: who gets the reward.
        utid: Tango's id of the reward.
        reward_name: the reward's name for people.
        amount: the face value.
        external_ref_id: our reference, stored before the first attempt.
        body: the frozen bytes that every attempt sends; `{}` once retention has cleared it.
        delivery: how the reward reaches the recipient.
        status: where the order stands.
        attempts: how many attempts count against the retry schedule.
        outcome_unknown: an attempt was ambiguous: Tango may have the order. People see "checking", never "failed".
        available_at: the earliest next claim, UTC.
        not_before: the end of the hold after the approval, UTC; None where there was none.
        is_held: the hold has not ended: the order is not claimed, and the approval can be undone.
        claimed_at: since when an attempt is under way, UTC.
        first_attempt_at: the start of the 90 days, UTC.
        reviewed_at: when the order was last found right after a long wait, UTC.
        finalized_at: since when the order is in a final state, UTC.
        reference_order_id: Tango's id of the order. An order that has it is not sent again: Tango is asked for it.
        tango_status: Tango's own status of the order, verbatim.
        tango_status_at: when Tango last gave its status, UTC.
        problem: why the order failed, needs a person or was not delivered.
        problem_detail: Tango's words, or what differs. For the requester and admins alone.
        last_sent_at: when Tango last sent the email, UTC; the cooldown counts from here.
        delivered_at: when Kudos first gave the reward to the recipient, UTC.
        watches: how often Tango was asked whether it has finished the order.
        watch_at: when Tango is asked next, UTC; None once Tango has finished, or a person must look.
        charge: what the order cost the account, once Tango has said so.
        priority: BY_HAND, or OF_BATCH: the lesser is sent first.
        schedule: the date until which it is or was held; None where it has none.
    """

    id: int
    request_id: int
    place: int
    requester_id: str
    recipient: Recipient
    utid: str
    reward_name: str
    amount: Money
    external_ref_id: str
    body: bytes
    delivery: Delivery
    status: OrderStatus
    attempts: int
    outcome_unknown: bool
    available_at: datetime
    created_at: datetime
    not_before: datetime | None = None
    is_held: bool = False
    claimed_at: datetime | None = None
    first_attempt_at: datetime | None = None
    reviewed_at: datetime | None = None
    finalized_at: datetime | None = None
    reference_order_id: str | None = None
    tango_status: str | None = None
    tango_status_at: datetime | None = None
    problem: OrderProblem | None = None
    problem_detail: str | None = None
    last_sent_at: datetime | None = None
    delivered_at: datetime | None = None
    watches: int = 0
    watch_at: datetime | None = None
    charge: Charge | None = None
    priority: int = BY_HAND
    schedule: Schedule | None = None

    @property
    def number(self) -> str:
        """Return the number by which people know the order: 8.2, or 8 for the only order of its request."""
        return order_number(self.request_id, self.place)

    @property
    def is_mailed(self) -> bool:
        """Return whether Tango emails the reward, and so can email it again."""
        return self.delivery is Delivery.EMAIL

    @property
    def can_be_mailed_again(self) -> bool:
        """Return whether the email can be sent again, now or once the cooldown has passed."""
        return self.status is OrderStatus.ACCEPTED and self.is_mailed and self.last_sent_at is not None

    @property
    def can_be_undone(self) -> bool:
        """Return whether the order is held, and Tango surely has no such order."""
        return self.is_held and self.allows(OrderMove.CANCEL)

    @property
    def waits_for_date(self) -> bool:
        """Return whether the order is held until a date."""
        return self.is_held and self.schedule is not None

    @property
    def is_known_at_tango(self) -> bool:
        """Return whether Tango has an order under this reference, be it the approved one or not."""
        return self.reference_order_id is not None or self.problem in _AT_TANGO

    @property
    def is_elsewhere(self) -> bool:
        """Return whether Tango's order has another reference or account: ours, sent again, would be a second one."""
        differs = (self.problem_detail or "").split(", ") if self.problem == Problem.DIFFERS else []
        return not _FOUND_BY.isdisjoint(differs)

    @property
    def is_undelivered(self) -> bool:
        """Return whether the reward is made, and Kudos could not give it to its recipient yet."""
        return self.status is OrderStatus.ACCEPTED and self.problem is Problem.UNDELIVERED

    @property
    def can_be_asked_about(self) -> bool:
        """Return whether an inquiry can settle something: it needs a person, or waits with its outcome unknown."""
        waits_in_doubt = self.status is OrderStatus.QUEUED and self.outcome_unknown
        return self.status is OrderStatus.NEEDS_ATTENTION or waits_in_doubt

    @property
    def can_be_sent_as(self) -> bool:
        """Return whether an admin can say under which number of Tango's the order was sent."""
        return self.status is OrderStatus.NEEDS_ATTENTION and not self.is_known_at_tango

    def allows(self, move: OrderMove) -> bool:
        """Return whether the table has the move, and for `cancel` and `close` whether Tango surely has no such order.

        It has none of an order whose outcome is not unknown: each attempt was refused or never left, or Tango was asked
        and has none.
        """
        if (self.status, move) not in ORDER_MOVES:
            return False
        if move is OrderMove.CLOSE:
            return not self.outcome_unknown and not self.is_known_at_tango
        return move is not OrderMove.CANCEL or not self.outcome_unknown

    def check(self, move: Literal[OrderMove.RETRY, OrderMove.CANCEL, OrderMove.CLOSE]) -> None:
        """Refuse a person's move that the order's state does not allow.

        Raises:
            WrongState: the move is not allowed from here.
        """
        if not self.allows(move):
            raise WrongState(number=self.number, status=self.status, move=Wish(move))

    def seconds_to_resend(self, now: datetime) -> int:
        """Return the rest of the cooldown in whole seconds, rounded up; 0 once it has passed or if it never began."""
        if self.last_sent_at is None:
            return 0
        return max(0, math.ceil(cooldown_left(self.last_sent_at, now).total_seconds()))

    @property
    def is_repeatable(self) -> bool:
        """Return whether the order came to nothing, so that it may be asked for again."""
        return self.status in (OrderStatus.FAILED, OrderStatus.CANCELED)

    def needs_review(self, now: datetime) -> bool:
        """Return whether the order has waited for so long that it is to be looked at before it is sent.

        An order that Tango may have is not: to set it aside would leave open whether it was paid.
        """
        return not self.outcome_unknown and now - (self.reviewed_at or self.created_at) >= REVIEW_AFTER

    def is_in_flight(self, now: datetime) -> bool:
        """Return whether Tango may well still be at work on the first attempt."""
        return self.first_attempt_at is not None and now - self.first_attempt_at < _IN_FLIGHT_FOR

    def is_past_idempotency(self, now: datetime) -> bool:
        """Return whether Tango no longer promises that the same reference makes no second order."""
        return self.first_attempt_at is not None and now - self.first_attempt_at >= IDEMPOTENCY_HORIZON


def undoable(orders: Sequence[Order]) -> Sequence[Order]:
    """Return the orders of a request that an undo cancels: all that are not canceled yet.

    There are none where the hold of one has ended, or Tango may have one: an undo cancels all, or nothing.
    """
    left = [one for one in orders if one.status is not OrderStatus.CANCELED]
    return left if all(one.can_be_undone for one in left) else ()


def wait_before_retry(attempts: int, minimum: timedelta = timedelta(0)) -> timedelta:
    """Return how long to wait after the `attempts`-th ambiguous attempt: 2 s, 4 s, 8 s … 10 min.

    No jitter: one queue at one a second cannot stampede.
    """
    doublings: int = min(attempts - 1, 16)  # 2 s · 2¹⁶ is far past the longest wait; keeps the number small
    return max(minimum, min(_FIRST_WAIT * (1 << doublings), LONGEST_WAIT))
