"""Requests for one person within a day of each other, found by the index of recipients and times.

Each person is looked at alone, newest first, and no further than is needed. So who gets hundreds of requests within a
day costs no more than others, and hides nobody.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.duplicate import OtherReward
from bot.domain.request import NewRequest, Request, RequestStatus
from storage.database import Database, from_ms, to_ms

# What was declined, withdrawn or has expired is no reward; nor is an order that came to nothing. A form's requests are
# known by the modal's `view.id`, which stands in each submission_id before the count of the form's requests.
_SAME: Final = """
SELECT requests.requester_id
FROM recipients INDEXED BY recipients_by_time JOIN requests ON requests.id = recipients.request_id
WHERE recipients.user_id = :user_id AND recipients.requested_at > :since
  AND requests.utid = :utid AND requests.status IN ('pending_approval', 'approved')
  AND substr(requests.submission_id || '/', 1, length(:form)) <> :form
  AND NOT (requests.id = :repeated AND requests.status = 'pending_approval')
  AND NOT EXISTS (
      SELECT 1 FROM orders
      WHERE orders.request_id = recipients.request_id AND orders.recipient_id = recipients.user_id
        AND orders.status IN ('failed', 'canceled')
  )
ORDER BY recipients.requested_at DESC LIMIT 1
"""
_OTHERS: Final = """
SELECT recipients.user_id, recipients.requested_at, requests.id, requests.requester_id, requests.requester_name,
    requests.status, requests.utid
FROM recipients INDEXED BY recipients_by_time JOIN requests ON requests.id = recipients.request_id
WHERE recipients.user_id = :user_id AND recipients.requested_at > :since AND recipients.requested_at < :until
  AND recipients.request_id <> :request_id
  AND requests.status IN ('pending_approval', 'approved')
  AND NOT EXISTS (
      SELECT 1 FROM orders
      WHERE orders.request_id = recipients.request_id AND orders.recipient_id = recipients.user_id
        AND orders.status IN ('failed', 'canceled')
  )
ORDER BY recipients.requested_at DESC LIMIT :most
"""

#: More than anybody but a tester is asked rewards for in two days.
_MOST: Final = 30


class DuplicateStore:
    """Finds what else was asked for the same people."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def same(self, new: NewRequest, since: datetime, *, but: Collection[str]) -> Mapping[str, str]:
        """Return for whom the same reward was asked since then, each with who asked last; Slack ids.

        What the same form has asked for before, the requester knows of. So they do of a request that waits while it is
        asked for again: the form says so.

        Args:
            new: the request.
            since: UTC.
            but: the recipients who are not looked at.
        """
        params = {
            "since": to_ms(since),
            "utid": new.utid,
            "form": f"{new.submission_id.partition('/')[0]}/",
            "repeated": new.repeats.id if new.repeats else 0,
        }
        looked_at = [recipient.user_id for recipient in new.recipients if recipient.user_id not in but]
        found = ((user_id, self._db.one(_SAME, {"user_id": user_id, **params})) for user_id in looked_at)
        return {user_id: row["requester_id"] for user_id, row in found if row is not None}

    def others(self, request: Request, within: timedelta) -> Sequence[OtherReward]:
        """Return what else was asked for a request's recipients within that time of it, of each the newest first."""
        params = {
            "since": to_ms(request.created_at - within),
            "until": to_ms(request.created_at + within),
            "request_id": request.id,
            "most": _MOST,
        }
        return [
            OtherReward(
                request_id=row["id"],
                recipient_id=row["user_id"],
                requester_id=row["requester_id"],
                requester_name=row["requester_name"],
                is_approved=row["status"] == RequestStatus.APPROVED,
                is_same=row["utid"] == request.utid,
                requested_at=from_ms(row["requested_at"]),
            )
            for recipient in request.recipients
            for row in self._db.query(_OTHERS, {"user_id": recipient.user_id, **params})
        ]
