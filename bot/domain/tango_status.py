"""Tango's own status of an accepted order: its meaning, and how often Tango is asked for it until it has finished.

::

    open ──▶ complete | failed | unexpected

Tango answers most orders with COMPLETE at once. Others wait at Tango: for a supplier, a review, a payment; normally a
business day at the most, up to three for new customers (Tango docs, Manage orders; help pages, Order statuses).
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final


class TangoStatus(StrEnum):
    """Tango's words for the status of an order (Tango docs, Manage orders, GET /orders, status).

    An order keeps Tango's word as it came: it may be one that is not here yet.
    """

    COMPLETE = "COMPLETE"
    PENDING = "PENDING"
    FAILED = "FAILED"
    PARTIAL = "PARTIAL"
    CANCELLED = "CANCELLED"
    QUEUED = "QUEUED"
    ON_HOLD = "ON_HOLD"
    DELETED = "DELETED"
    PENDING_MR = "PENDING_MR"
    PENDING_KYB = "PENDING_KYB"
    PENDING_PAYMENT = "PENDING_PAYMENT"


class LineItemStatus(StrEnum):
    """Tango's words for the status of a line item (Tango docs, Manage orders, GET /orders, lineItemStatus)."""

    COMPLETE = "COMPLETE"
    PENDING = "PENDING"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    RETURNED = "RETURNED"
    DELETED = "DELETED"


class Standing(StrEnum):
    """The meaning of Tango's status for the reward."""

    OPEN = "open"
    """Tango has not finished: there is no reward yet."""
    COMPLETE = "complete"
    """There is a reward; Tango has emailed it, where it was asked to."""
    FAILED = "failed"
    """There is no reward, and there will be none."""
    UNEXPECTED = "unexpected"
    """Finished in a way in which one recipient's order cannot finish: a person must look."""


#: Every status after which Tango changes nothing (Tango docs, Manage orders, status). All others are open: PENDING,
#: QUEUED, PENDING_MR, ON_HOLD, PENDING_KYB, PENDING_PAYMENT, and a word that Tango adds later, because asking once
#: more does no harm. PARTIAL is for orders with several line items, and ours have one.
_FINISHED: Final[Mapping[str, Standing]] = {
    TangoStatus.COMPLETE: Standing.COMPLETE,
    TangoStatus.FAILED: Standing.FAILED,
    TangoStatus.CANCELLED: Standing.FAILED,
    TangoStatus.DELETED: Standing.FAILED,
    TangoStatus.PARTIAL: Standing.UNEXPECTED,
}

#: The first wait. An order that is only slow, not under review, is often done within seconds.
_FIRST_WAIT: Final = timedelta(seconds=10)

#: Waits double up to this. Reviews take hours or days: an hour late is soon enough, and a hundred orders under
#: review are then one question in 36 seconds.
LONGEST_WATCH_WAIT: Final = timedelta(hours=1)

#: Nine waits from 10 s to 43 min, and then one an hour for thirty days: ten times as long as Tango says that any
#: order takes. After that a person must look, and can have Tango asked again.
_MOST_WATCHES: Final = 9 + 30 * 24


def standing_of(tango_status: str | None) -> Standing:
    """Return what a status means, in whatever case Tango writes it; no status means that Tango has not finished."""
    return _FINISHED.get((tango_status or "").strip().upper(), Standing.OPEN)


def wait_before_watch(watches: int) -> timedelta | None:
    """Return how long to wait after Tango was asked `watches` times: 10 s, 20 s, 40 s … 1 h; None: ask no more."""
    if watches >= _MOST_WATCHES:
        return None
    return min(_FIRST_WAIT * (1 << min(watches, 9)), LONGEST_WATCH_WAIT)
