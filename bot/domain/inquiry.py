"""An inquiry: the question to Tango what became of an order whose outcome nobody knows.

Kudos asks before it leaves an order to a person, and after a restore; people ask by *Check with Tango*. Tango is asked
for our reference, or for the number under which an admin says that the order was sent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final


class InquiryFinding(StrEnum):
    """What an inquiry found out."""

    SAME = "same"
    """Tango has the order, and it is the one that was approved."""
    DIFFERS = "differs"
    """Tango has an order there that is not the approved one."""
    UNCONFIRMED = "unconfirmed"
    """Tango has an order there and does not say, also when asked for it, that it is the approved one."""
    ABSENT = "absent"
    """Tango has no such order, and had the time to make it: nothing was paid."""
    TOO_SOON = "too_soon"
    """Tango has no such order so far, but may still be about to make it."""
    NO_SUCH_NUMBER = "no_such_number"
    """Tango knows no order of the number that an admin gave."""
    UNANSWERED = "unanswered"
    """Tango gave no answer that counts, however often it was asked."""
    UNRECORDED = "unrecorded"
    """Tango's answer could not be recorded."""
    OVERTAKEN = "overtaken"
    """The order became another before Tango had answered."""


#: Not found counts only so long after the last attempt. Tango documents no time after which its list has each order;
#: its suppliers take a minute, and a gateway gives up on a call after a few.
ABSENCE_COUNTS_AFTER: Final = timedelta(hours=1)

#: Tango is asked so often before an inquiry is unanswered: with the waits below, for half a minute and the time that
#: Tango takes. A person who can look in Tango's portal then hears of it; to wait longer would keep them waiting.
MOST_TRIES: Final = 5

#: The first wait after a question in vain; it doubles with each.
_FIRST_WAIT: Final = timedelta(seconds=2)

#: While a question is under way it is not asked again. Longer than Tango may take (`tango.timeout`, 60 s at first); if
#: the process dies, the next one asks after this.
ASKED_FOR: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """One question about one order, until Tango has answered it.

    Attributes:
        id: ours.
        order_id: the order.
        requested_by: who asked: a Slack id, or the console; None where Kudos did.
        requested_at: UTC.
        quiet: people are not told that the order needs them before this is over.
        sent_as: Tango's number, under which an admin says that the order was sent; None: asked by our reference.
        found_as: Tango's number of the order that it has under our reference, once the list has shown one.
        tries: how often Tango was asked.
        asked_at: when Tango was last asked, UTC.
        finished_at: UTC; None until then.
        finding: what it found out; None until then.
        detail: what differs, or what Tango left out.
    """

    id: int
    order_id: int
    requested_at: datetime
    requested_by: str | None = None
    quiet: bool = False
    sent_as: str | None = None
    found_as: str | None = None
    tries: int = 0
    asked_at: datetime | None = None
    finished_at: datetime | None = None
    finding: InquiryFinding | None = None
    detail: str | None = None


def absence_counts(last_attempt_at: datetime, asked_at: datetime) -> bool:
    """Return whether Tango, asked at `asked_at`, would have had the order by then if it had got it."""
    return asked_at - last_attempt_at >= ABSENCE_COUNTS_AFTER


def wait_before_next_try(tries: int) -> timedelta | None:
    """Return the wait after the `tries`-th question in vain: 2 s, 4 s, 8 s, 16 s; None where it was the last."""
    if tries >= MOST_TRIES:
        return None
    doublings: int = tries - 1
    return _FIRST_WAIT * (1 << doublings)
