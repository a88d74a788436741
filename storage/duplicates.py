"""Requests for one person within a day of each other, found by the index of recipients and times."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.duplicate import Earlier
from bot.domain.request import NewRequest, Request, RequestStatus
from storage.database import Database, from_ms, to_ms

# What was declined, withdrawn or has expired is no reward; nor is an order that came to nothing. LIMIT: whoever gets
# hundreds of requests within a day costs no more than others; who is not found then is found by the next submit.
_SAME: Final = """
SELECT recipients.user_id, requests.id, requests.requester_id, requests.submission_id
FROM recipients INDEXED BY recipients_by_time JOIN requests ON requests.id = recipients.request_id
WHERE recipients.user_id IN (SELECT value FROM json_each(:user_ids)) AND recipients.requested_at > :since
  AND requests.utid = :utid AND requests.status IN ('pending_approval', 'approved')
  AND NOT EXISTS (
      SELECT 1 FROM orders
      WHERE orders.request_id = recipients.request_id AND orders.recipient_id = recipients.user_id
        AND orders.status IN ('failed', 'canceled')
  )
LIMIT :most
"""
_EARLIER: Final = """
SELECT recipients.user_id, recipients.requested_at, requests.id, requests.requester_id, requests.requester_name,
    requests.status, requests.utid
FROM recipients INDEXED BY recipients_by_time JOIN requests ON requests.id = recipients.request_id
WHERE recipients.user_id IN (SELECT value FROM json_each(:user_ids))
  AND recipients.requested_at > :since AND recipients.requested_at <= :until AND recipients.request_id < :request_id
  AND requests.status IN ('pending_approval', 'approved')
  AND NOT EXISTS (
      SELECT 1 FROM orders
      WHERE orders.request_id = recipients.request_id AND orders.recipient_id = recipients.user_id
        AND orders.status IN ('failed', 'canceled')
  )
ORDER BY requests.id DESC LIMIT :most
"""

#: As many as a request has recipients, so that each of them can be found.
_MOST: Final = 30


class DuplicateStore:
    """Finds what else was asked for the same people."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def same(self, new: NewRequest, since: datetime) -> Mapping[str, set[str]]:
        """Return for whom the same reward was asked since then, each with who asked; Slack ids. One statement.

        What the same form has asked for before, and what it asks for again, the requester knows of.
        """
        repeated = new.repeats.id if new.repeats else None
        params = {
            "user_ids": [recipient.user_id for recipient in new.recipients],
            "since": to_ms(since),
            "utid": new.utid,
            "most": _MOST,
        }
        found: dict[str, set[str]] = {}
        for row in self._db.query(_SAME, params):
            if row["id"] != repeated and _form_of(row["submission_id"]) != _form_of(new.submission_id):
                found.setdefault(row["user_id"], set()).add(row["requester_id"])
        return found

    def earlier(self, request: Request, within: timedelta) -> Sequence[Earlier]:
        """Return what was asked for a request's recipients within that time before it, newest first."""
        params = {
            "user_ids": [recipient.user_id for recipient in request.recipients],
            "since": to_ms(request.created_at - within),
            "until": to_ms(request.created_at),
            "request_id": request.id,
            "most": _MOST,
        }
        return [
            Earlier(
                request_id=row["id"],
                recipient_id=row["user_id"],
                requester_id=row["requester_id"],
                requester_name=row["requester_name"],
                is_approved=row["status"] == RequestStatus.APPROVED,
                is_same=row["utid"] == request.utid,
                requested_at=from_ms(row["requested_at"]),
            )
            for row in self._db.query(_EARLIER, params)
        ]


def _form_of(submission_id: str) -> str:
    """Return the modal's `view.id`, which stands before the count of its requests."""
    return submission_id.partition("/")[0]
