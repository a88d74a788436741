"""Duplicates: the sender is asked once whether a second reward is meant, and the card shows the approver the other."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.domain.duplicate import DUPLICATE_WITHIN, DuplicateRequest
from bot.domain.notices import APPROVALS, ApprovalCard
from bot.domain.request import NewRequest, Request
from storage import Storage


def check_duplicates(storage: Storage, new: NewRequest, asked_about: Collection[str], now: datetime) -> None:
    """Refuse a request for the same reward for somebody within a day, until the requester was asked about them.

    Args:
        storage: of the requests.
        new: the request.
        asked_about: the Slack ids of the recipients about whom the requester was asked.
        now: UTC.

    Raises:
        DuplicateRequest: the requester is to be asked.
    """
    found = storage.duplicates.same(new, now - DUPLICATE_WITHIN, but=asked_about)
    twice = [one for one in new.recipients if one.user_id in found]
    if twice:
        raise DuplicateRequest(
            recipient_ids=[one.user_id for one in twice],
            names=[one.name for one in twice],
            is_own=set(found.values()) == {new.requester_id},
        )


def with_other_rewards(storage: Storage, request: Request) -> Request:
    """Return a request with what else its recipients were asked rewards for within a day of it, while it waits."""
    if not request.is_pending:
        return request
    return replace(request, other_rewards=tuple(storage.duplicates.others(request, DUPLICATE_WITHIN)))


def refresh_other_cards(storage: Storage, request: Request, now: datetime) -> None:
    """Have the cards rewritten that wait for a decision about another reward for the same people within a day.

    What they say of this request may have changed, once it doesn't wait any more.
    """
    if request.is_pending:
        return
    with storage.transaction():
        for other in storage.duplicates.others(request, DUPLICATE_WITHIN):
            if not other.is_approved:
                storage.outbox.add(ApprovalCard(other.request_id), APPROVALS, now)
