"""Duplicates: the sender is asked once whether a second reward is meant, and the card shows the approver the first."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.domain.duplicate import DUPLICATE_WITHIN, DuplicateRequest
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
        DuplicateRequest: the requester is to be asked; not of a submit that was stored before.
    """
    found = storage.duplicates.same(new, now - DUPLICATE_WITHIN)
    twice = [one for one in new.recipients if one.user_id in found and one.user_id not in asked_about]
    if twice and storage.requests.by_submission(new.submission_id) is None:
        raise DuplicateRequest(
            recipient_ids=[one.user_id for one in twice],
            names=[one.name for one in twice],
            is_own=all(found[one.user_id] == {new.requester_id} for one in twice),
        )


def with_earlier(storage: Storage, request: Request) -> Request:
    """Return a request with what else its recipients were asked rewards for within a day before, while it waits."""
    if not request.is_pending:
        return request
    return replace(request, earlier=tuple(storage.duplicates.earlier(request, DUPLICATE_WITHIN)))
