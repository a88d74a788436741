"""An order and its state machine: what Tango is to make of one recipient of an approved request.

::

                    ┌── reschedule, rescue ──┐
                    ▼                        │
    approved ──▶ queued ──── claim ──▶ submitting ── accept ──▶ accepted
                  │  ▲                   │   │                    │ fail
                  │  │                   │   └────── fail ────▶ failed
           cancel │  └─ retry ─┐         │
                  ▼            └─ needs_attention ◀── set_aside
              canceled
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from bot.domain.money import Money
from bot.domain.problem import OrderProblem
from bot.domain.request import Delivery, Recipient
from bot.domain.resend import cooldown_left
from bot.errors import Wish, WrongState


class OrderStatus(StrEnum):
    """Where an order stands with us. Tango's own status is kept verbatim beside it."""

    QUEUED = "queued"
    """Waits for its turn, or for its next attempt."""
    SUBMITTING = "submitting"
    """An attempt is under way: its outcome is not known yet."""
    ACCEPTED = "accepted"
    """Tango has it, once, as it was approved. Whether Tango has finished it is Tango's own status."""
    FAILED = "failed"
    """Tango refused it, or took it and ended it without a reward: sending it again would not help."""
    NEEDS_ATTENTION = "needs_attention"
    """A person must look: a machine could only guess."""
    CANCELED = "canceled"
    """Taken out of the queue by a person before it was first claimed."""


class OrderMove(StrEnum):
    """What can be done to an order."""

    CLAIM = "claim"
    ACCEPT = "accept"
    FAIL = "fail"
    RESCHEDULE = "reschedule"
    RESCUE = "rescue"
    SET_ASIDE = "set_aside"
    RETRY = "retry"
    CANCEL = "cancel"


#: The whole machine: what is not in the table does not happen.
ORDER_MOVES: Final[Mapping[tuple[OrderStatus, OrderMove], OrderStatus]] = {
    (OrderStatus.QUEUED, OrderMove.CLAIM): OrderStatus.SUBMITTING,
    (OrderStatus.QUEUED, OrderMove.CANCEL): OrderStatus.CANCELED,
    (OrderStatus.SUBMITTING, OrderMove.ACCEPT): OrderStatus.ACCEPTED,
    (OrderStatus.SUBMITTING, OrderMove.FAIL): OrderStatus.FAILED,
    (OrderStatus.SUBMITTING, OrderMove.RESCHEDULE): OrderStatus.QUEUED,
    (OrderStatus.SUBMITTING, OrderMove.RESCUE): OrderStatus.QUEUED,
    (OrderStatus.SUBMITTING, OrderMove.SET_ASIDE): OrderStatus.NEEDS_ATTENTION,
    (OrderStatus.ACCEPTED, OrderMove.FAIL): OrderStatus.FAILED,
    (OrderStatus.NEEDS_ATTENTION, OrderMove.RETRY): OrderStatus.QUEUED,
}


class AttemptOutcome(StrEnum):
    """What one attempt came to."""

    ACCEPTED = "accepted"
    """Tango has the order."""
    REJECTED = "rejected"
    """Tango refused this order alone."""
    THROTTLED = "throttled"
    """Too early: Tango did not look at the order."""
    AMBIGUOUS = "ambiguous"
    """Nobody knows whether Tango has the order."""
    HALTED = "halted"
    """Tango takes no orders at present, whoever they are for."""


#: These are not sent any more. Of an accepted one Tango may still say that it failed.
FINAL: Final = frozenset({OrderStatus.ACCEPTED, OrderStatus.FAILED, OrderStatus.CANCELED})

#: Tango promises idempotency for 90 days (Tango docs, Best practices): an order first attempted earlier is
#: not sent again by machine, because its reference might make a second order.
IDEMPOTENCY_HORIZON: Final = timedelta(days=90)

#: After this many attempts without an answer the admins are told. Tango's own advice to callers is to stop at
#: five (Tango docs, Response classes); we go on, since the reference makes that safe, but no longer silently.
ATTEMPTS_BEFORE_ALARM: Final = 5

#: The first wait after an unclear answer. Tango asks for at least 1 s after an error and 2 s while the same
#: reference is in flight; 2 s serves both.
_FIRST_WAIT: Final = timedelta(seconds=2)

#: While Tango says that it still works on the reference nothing is wrong, and it is asked again after the two seconds
#: that it wants; for so long after the first attempt. Its suppliers take a minute at the most.
_IN_FLIGHT_FOR: Final = timedelta(minutes=2)

#: Waits double up to this. Ten minutes keep a day's outage at about 150 attempts an order, and an order that
#: waited it out at most ten minutes late.
LONGEST_WAIT: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedOrder:
    """An order as it is enqueued: the frozen body and the reference it is sent under."""

    request_id: int
    requester_id: str
    recipient: Recipient
    utid: str
    reward_name: str
    amount: Money
    external_ref_id: str
    body: bytes
    delivery: Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A stored order.

    Attributes:
        id: ours, counted up; the short id people type.
        request_id: whose delivery this is.
        requester_id: who asked for it, on Slack.
        recipient: who is given it.
        utid: the reward, as Tango names it.
        reward_name: as people name it.
        amount: the face value.
        external_ref_id: our reference, stored before the first attempt.
        body: the frozen bytes that every attempt sends.
        delivery: how it reaches the recipient.
        status: where it stands.
        attempts: how many answers were counted against the retry schedule.
        outcome_unknown: an attempt went unanswered, so Tango may have it: shown as "checking", never as failed.
        available_at: not to be claimed earlier, UTC.
        claimed_at: since when an attempt is under way, UTC.
        first_attempt_at: UTC; from here the 90 days count.
        finalized_at: when nothing more was to happen, UTC.
        reference_order_id: Tango's.
        tango_status: Tango's own word for it.
        tango_status_at: when Tango last said so, UTC.
        problem: why it failed or needs a person.
        problem_detail: Tango's words, or what differs. For the requester and admins alone.
        last_sent_at: when Tango last mailed it, UTC; the cooldown counts from here.
        delivered_at: when the bot itself gave it to the recipient, UTC.
        watches: how often Tango was asked whether it has finished.
        watch_at: when Tango is asked next, UTC; None where that is known, or a person must look.
    """

    id: int
    request_id: int
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
    claimed_at: datetime | None = None
    first_attempt_at: datetime | None = None
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

    @property
    def is_mailed(self) -> bool:
        """Whether Tango mails it, and so can mail it again."""
        return self.delivery is Delivery.EMAIL

    @property
    def can_be_mailed_again(self) -> bool:
        """Whether there is an e-mail to send again, now or once the cooldown has passed."""
        return self.status is OrderStatus.ACCEPTED and self.is_mailed and self.last_sent_at is not None

    def allows(self, move: OrderMove) -> bool:
        """Whether the move is in the table, and for `cancel` whether the order was never claimed."""
        if (self.status, move) not in ORDER_MOVES:
            return False
        return move is not OrderMove.CANCEL or self.first_attempt_at is None

    def check(self, move: Literal[OrderMove.RETRY, OrderMove.CANCEL]) -> None:
        """Refuse a person's move that the order's state does not allow.

        Raises:
            WrongState: the move is not allowed from here.
        """
        if not self.allows(move):
            raise WrongState(order_id=self.id, status=self.status, move=Wish(move))

    def seconds_to_resend(self, now: datetime) -> int:
        """What is left of the resend cooldown, in whole seconds, rounded up; 0 once it has passed or never began."""
        if self.last_sent_at is None:
            return 0
        return max(0, math.ceil(cooldown_left(self.last_sent_at, now).total_seconds()))

    def is_in_flight(self, now: datetime) -> bool:
        """Whether Tango may well still be at work on its first attempt."""
        return self.first_attempt_at is not None and now - self.first_attempt_at < _IN_FLIGHT_FOR

    def is_past_idempotency(self, now: datetime) -> bool:
        """Whether Tango no longer promises that the same reference is the same order."""
        return self.first_attempt_at is not None and now - self.first_attempt_at >= IDEMPOTENCY_HORIZON


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the orders of a request are.

    Attributes:
        counts: how many are in which state.
        unfinished: how many of the accepted ones Tango still works on.
        delivered: how many the bot has given to their recipients.
        numbers: their ids, which people type after a command, in order.
    """

    counts: Mapping[OrderStatus, int]
    unfinished: int = 0
    delivered: int = 0
    numbers: Sequence[int] = ()

    @property
    def accepted(self) -> int:
        """How many Tango has taken, and has not ended without a reward."""
        return self.counts.get(OrderStatus.ACCEPTED, 0)

    @property
    def is_settled(self) -> bool:
        """Whether it is known of each what became of it."""
        return set(self.counts) <= FINAL and not self.unfinished


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at an order: when, and what it came to.

    Attributes:
        started_at: UTC.
        finished_at: UTC; None while it is under way.
        outcome: None while it is under way.
        http_status: Tango's, where it answered.
        i18n_key: Tango's key for the reason, where it gave one.
        tango_request_id: Tango's `X-REQUEST-ID`.
        detail: a few words on an ambiguous one.
    """

    started_at: datetime
    finished_at: datetime | None
    outcome: AttemptOutcome | None
    http_status: int | None
    i18n_key: str | None
    tango_request_id: str | None
    detail: str | None


def wait_before_retry(attempts: int, minimum: timedelta = timedelta(0)) -> timedelta:
    """How long to wait after the `attempts`-th unclear answer: 2 s, 4 s, 8 s … 10 min.

    No jitter: one queue at one a second cannot stampede.
    """
    doublings: int = min(attempts - 1, 16)  # 2 s · 2¹⁶ is far past the longest wait; keeps the number small
    return max(minimum, min(_FIRST_WAIT * (1 << doublings), LONGEST_WAIT))
