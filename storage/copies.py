"""The copies of a request's card, where cards go to each approver by direct message: who has one, and where."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from storage.database import Database, to_ms
from storage.outbox import Post

_ADD: Final = """
INSERT INTO card_copies (request_id, approver_id) VALUES (:request_id, :approver_id)
ON CONFLICT (request_id, approver_id) DO NOTHING
"""
_HOLDERS: Final = "SELECT approver_id FROM card_copies WHERE request_id = :request_id ORDER BY approver_id"
_GET: Final = """
SELECT channel, ts FROM card_copies
WHERE request_id = :request_id AND approver_id = :approver_id AND ts IS NOT NULL
"""
_IN_CHANNEL: Final = """
SELECT channel, ts FROM card_copies WHERE request_id = :request_id AND channel = :channel ORDER BY approver_id LIMIT 1
"""
_SET: Final = """
INSERT INTO card_copies (request_id, approver_id, channel, ts) VALUES (:request_id, :approver_id, :channel, :ts)
ON CONFLICT (request_id, approver_id) DO UPDATE SET channel = excluded.channel, ts = excluded.ts
"""
_REMOVE: Final = "DELETE FROM card_copies WHERE request_id = :request_id AND approver_id = :approver_id"

# Another approver has the card, or is not yet known to get none: Slack has not refused the notice that posts it.
_OTHERS: Final = """
SELECT 1 FROM card_copies WHERE request_id = :request_id AND approver_id <> :approver_id AND (
    ts IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM outbox
        WHERE status = 'pending' AND kind = 'approval_card' AND audience = card_copies.approver_id AND facts = :facts
          AND problem IS NOT NULL
    )
)
LIMIT 1
"""

# Compare-and-set, as for a card in the channel (storage/outbox.py). Approvers who came later have no time yet.
_POST_AGAIN: Final = """
UPDATE card_copies SET posted_again_at = :now
WHERE request_id = :request_id
  AND (posted_again_at IS NULL OR posted_again_at NOT BETWEEN :since + 1 AND :now)
  AND NOT EXISTS (
    SELECT 1 FROM card_copies AS others
    WHERE others.request_id = :request_id AND others.posted_again_at BETWEEN :since + 1 AND :now
)
"""


class CopyStore:
    """The table of copies."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, request_id: int, approver_ids: Iterable[str]) -> None:
        """Note that these approvers are to have a copy; who has one keeps it."""
        for approver_id in approver_ids:
            self._db.execute(_ADD, {"request_id": request_id, "approver_id": approver_id})

    def holders(self, request_id: int) -> Sequence[str]:
        """Return the approvers who have a copy, or are to have one."""
        return [str(row["approver_id"]) for row in self._db.query(_HOLDERS, {"request_id": request_id})]

    def find(self, request_id: int, approver_id: str) -> Post | None:
        """Return the place of an approver's copy, if it was posted."""
        row = self._db.one(_GET, {"request_id": request_id, "approver_id": approver_id})
        return Post(row["channel"], row["ts"]) if row else None

    def find_in(self, request_id: int, channel: str) -> Post | None:
        """Return the place of the copy in this conversation, if there is one."""
        row = self._db.one(_IN_CHANNEL, {"request_id": request_id, "channel": channel})
        return Post(row["channel"], row["ts"]) if row else None

    def set_post(self, request_id: int, approver_id: str, post: Post) -> None:
        """Keep the place of an approver's copy."""
        params = {"request_id": request_id, "approver_id": approver_id, "channel": post.channel, "ts": post.ts}
        self._db.execute(_SET, params)

    def remove(self, request_id: int, approver_id: str) -> None:
        """Forget a copy that can never be posted."""
        self._db.execute(_REMOVE, {"request_id": request_id, "approver_id": approver_id})

    def has_others(self, request_id: int, approver_id: str, facts: str) -> bool:
        """Return whether another approver than this one has the card, or may get it.

        Args:
            request_id: of the request.
            approver_id: whom Slack takes no card for.
            facts: of the notice that posts the card, as the outbox has them.
        """
        params = {"request_id": request_id, "approver_id": approver_id, "facts": facts}
        return self._db.one(_OTHERS, params) is not None

    def mark_posted_again(self, request_id: int, now: datetime, since: datetime) -> bool:
        """Note that copies are posted once more; return whether they were not since then. False if there are none."""
        params = {"request_id": request_id, "now": to_ms(now), "since": to_ms(since)}
        return self._db.execute(_POST_AGAIN, params) > 0
