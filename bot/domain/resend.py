"""Sending a reward email again, and its state machine.

::

    claimed ── take ──▶ sending ── confirm ──▶ sent
                           ├────── refuse ───▶ refused
                           └─ lose, rescue ──▶ ambiguous
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

#: One reward e-mail in 30 seconds (Tango docs, Manage orders, Resend a specific order).
RESEND_COOLDOWN: Final = timedelta(seconds=30)


class ResendStatus(StrEnum):
    """Where a resend stands."""

    CLAIMED = "claimed"
    """The cooldown runs; the call is still to be made."""
    SENDING = "sending"
    """The call is under way."""
    SENT = "sent"
    """Tango sent the email again."""
    REFUSED = "refused"
    """Tango did not send the email, and said why."""
    AMBIGUOUS = "unclear"
    """Nobody knows whether Tango sent the email, so the cooldown runs on."""


class ResendMove(StrEnum):
    """What can happen to a resend."""

    TAKE = "take"
    """The dispatcher begins the call."""
    CONFIRM = "confirm"
    """Tango answered that it sent the email."""
    REFUSE = "refuse"
    """Tango answered that it did not, or the call never reached Tango."""
    LOSE = "lose"
    """The call was made, and no readable answer came."""
    RESCUE = "rescue"
    """The process ended during the call, or could not record the answer."""


#: The whole machine: what is not in the table does not happen.
RESEND_MOVES: Final[Mapping[tuple[ResendStatus, ResendMove], ResendStatus]] = {
    (ResendStatus.CLAIMED, ResendMove.TAKE): ResendStatus.SENDING,
    (ResendStatus.SENDING, ResendMove.CONFIRM): ResendStatus.SENT,
    (ResendStatus.SENDING, ResendMove.REFUSE): ResendStatus.REFUSED,
    (ResendStatus.SENDING, ResendMove.LOSE): ResendStatus.AMBIGUOUS,
    (ResendStatus.SENDING, ResendMove.RESCUE): ResendStatus.AMBIGUOUS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResendChanges:
    """What is to be otherwise than the first time (Tango docs, Manage orders, Resend a specific order).

    Attributes:
        email: another address of the same person; None is the original one. Kept until the call is over, no longer.
        template: the `etid` of the e-mail; None is the usual one.
    """

    email: str | None = field(default=None, repr=False)
    template: str | None = None

    def __bool__(self) -> bool:
        """Whether anything is to be otherwise."""
        return self != AS_BEFORE


#: The same e-mail to the same address.
AS_BEFORE: Final = ResendChanges()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend:
    """One e-mail sent again.

    Attributes:
        id: ours.
        order_id: of which order.
        requested_by: by whom, on Slack.
        requested_at: when the cooldown's clock was set, UTC.
        previous_sent_at: where the clock stood before, UTC.
        status: where it stands.
        changes: what it has otherwise; without the address once it is finished.
        readdressed: whether it goes, or went, to another address.
        finished_at: UTC; None while open.
        http_status: Tango's, where it answered.
        i18n_key: Tango's key for a refusal.
        tango_request_id: Tango's `X-REQUEST-ID`.
        detail: Tango's words for a refusal, or ours for an unclear end.
    """

    id: int
    order_id: int
    requested_by: str
    requested_at: datetime
    previous_sent_at: datetime
    status: ResendStatus
    changes: ResendChanges = AS_BEFORE
    readdressed: bool = False
    finished_at: datetime | None = None
    http_status: int | None = None
    i18n_key: str | None = None
    tango_request_id: str | None = None
    detail: str | None = None


def cooldown_left(last_sent_at: datetime, now: datetime) -> timedelta:
    """What is left of the resend cooldown; zero or less once it has passed."""
    return last_sent_at + RESEND_COOLDOWN - now
