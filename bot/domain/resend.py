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

#: One reward email in 30 seconds (Tango docs, Manage orders, Resend a specific order).
RESEND_COOLDOWN: Final = timedelta(seconds=30)

#: A person who helps a team finds ten enough; more within an hour is a mistake or a script, and each takes a start from
#: the orders that wait.
MOST_RESENDS_AN_HOUR: Final = 10

#: An email to another address can't be taken back. Those who are told of one have a day to say that it is wrong.
READDRESS_COOLDOWN: Final = timedelta(days=1)


class ResendStatus(StrEnum):
    """The state of a resend."""

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
    """A move of a resend."""

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
    """The differences from the first email (Tango docs, Manage orders, Resend a specific order).

    Attributes:
        email: another address of the same person; None for the first one. Kept until the call is over, no longer.
        template: the `etid` of the email; None for the first one.
    """

    email: str | None = field(default=None, repr=False)
    template: str | None = None

    def __bool__(self) -> bool:
        """Return whether anything is to be different."""
        return self != AS_BEFORE


#: The same email to the same address.
AS_BEFORE: Final = ResendChanges()


@dataclass(frozen=True, slots=True, kw_only=True)
class Resend:
    """One email that is sent again.

    Attributes:
        id: ours.
        order_id: the order whose email this is.
        requested_by: the Slack id of who asked for it.
        requested_at: when this resend began the cooldown again, UTC.
        previous_sent_at: when the cooldown had begun before that, UTC.
        status: where the resend stands.
        changes: what is different from the first email; without the address once the resend is finished.
        readdressed: whether the email goes, or went, to another address.
        masked_email: so much of that address as its owner needs to know it; None once retention has cleared it.
        finished_at: UTC; None until then.
        http_status: of Tango's answer, where one came.
        i18n_key: Tango's key for a refusal.
        tango_request_id: Tango's `X-REQUEST-ID`.
        detail: Tango's words for a refusal, or ours for an ambiguous end.
    """

    id: int
    order_id: int
    requested_by: str
    requested_at: datetime
    previous_sent_at: datetime
    status: ResendStatus
    changes: ResendChanges = AS_BEFORE
    readdressed: bool = False
    masked_email: str | None = None
    finished_at: datetime | None = None
    http_status: int | None = None
    i18n_key: str | None = None
    tango_request_id: str | None = None
    detail: str | None = None


def cooldown_left(last_sent_at: datetime, now: datetime) -> timedelta:
    """Return the rest of the cooldown, never more than all of it; zero or less once it has passed.

    An email that was sent in the future was sent by a clock that was put back since.
    """
    return min(last_sent_at, now) + RESEND_COOLDOWN - now
