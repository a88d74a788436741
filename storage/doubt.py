"""The doubt after a restore: what waits may have been sent, and decided, by the bot that went on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.audit import AuditEvent
from storage.audit import AuditStore
from storage.database import Database, from_ms_or_none, to_ms
from storage.outbox import OutboxStore
from storage.queue import QueueStore

_LAST_EVENT: Final = "SELECT at FROM audit WHERE id = (SELECT max(id) FROM audit)"

# The bot that went on may have sent what waits in a backup, but not before the last event of the backup. From there
# Tango's 90 days count, and a refusal now does not prove that nothing was paid. An order that needs a person may have
# been sent since as well.
_DOUBT: Final = """
UPDATE orders SET outcome_unknown = 1, first_attempt_at = coalesce(first_attempt_at, :last_event_at)
WHERE status IN ('queued', 'submitting', 'needs_attention')
"""

# Until the restore: so long that bot may have sent it. That Tango has no such order counts an hour later.
_ATTEMPT: Final = """
INSERT INTO attempts (order_id, started_at, finished_at, outcome, detail)
SELECT id, :now, :now, 'ambiguous', 'restored' FROM orders WHERE status IN ('queued', 'submitting', 'needs_attention')
"""

# Tango is asked what became of each before it is sent.
_INQUIRE: Final = """
INSERT INTO inquiries (order_id, requested_at, quiet, due_at)
SELECT id, :now, 0, :now FROM orders WHERE status IN ('queued', 'submitting', 'needs_attention')
ON CONFLICT DO NOTHING
"""

# It may also have decided what waits for approval in the backup. What is approved again is ordered under the same
# reference, and counts as sent as well.
_DOUBT_REQUESTS: Final = """
UPDATE requests INDEXED BY requests_pending SET in_doubt_since = coalesce(in_doubt_since, :last_event_at)
WHERE status = 'pending_approval'
"""

# So may it have asked for what was checked.
_DOUBT_BATCHES: Final = """
UPDATE batches INDEXED BY batches_unasked SET in_doubt_since = coalesce(in_doubt_since, :last_event_at)
WHERE request_id IS NULL
"""

# The cards and receipts of these may have lost their buttons by now: new ones are posted.
_PENDING: Final = """
SELECT id, requester_id FROM requests INDEXED BY requests_pending WHERE status = 'pending_approval' ORDER BY id
"""
_FORGET_POSTS: Final = "DELETE FROM posts WHERE request_id = :request_id"
_FORGET_COPIES: Final = "DELETE FROM card_copies WHERE request_id = :request_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """The doubt about a restored database.

    Attributes:
        since: the time of the last event that the database knows of, UTC; None where there is none.
        is_paused: the queue was paused, because Tango may have forgotten what was sent after that event.
    """

    since: datetime | None
    is_paused: bool


class DoubtStore:
    """The marks of the doubt: on orders and requests, and the messages that are posted again."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def mark(self, *, now: datetime, known_since: datetime, actor: str) -> Doubt:
        """Treat every order that waits as one that may have been sent, and every request as one that may be approved.

        Cards and receipts of what waits for approval are posted again. To be called in a transaction, before a bot
        works on what was restored.

        Args:
            now: UTC.
            known_since: Tango still knows what was sent after this, UTC. A queue whose last event is older is paused.
            actor: who restored the database, for the audit log.
        """
        QueueStore(self._db).end_term()  # a bot that was on duty, and wakes up now, knows nothing of the doubt
        row = self._db.one(_LAST_EVENT)
        last_event_at = None if row is None else row["at"]
        since = from_ms_or_none(last_event_at)
        self._db.execute(_DOUBT, {"last_event_at": last_event_at})
        self._db.execute(_DOUBT_REQUESTS, {"last_event_at": last_event_at})
        self._db.execute(_DOUBT_BATCHES, {"last_event_at": last_event_at})
        self._db.execute(_ATTEMPT, {"now": to_ms(now)})
        self._db.execute(_INQUIRE, {"now": to_ms(now)})
        is_paused = since is not None and since <= known_since
        if is_paused and QueueStore(self._db).pause(now):
            AuditStore(self._db).add(AuditEvent.QUEUE_PAUSED, now=now, actor=actor)
        self._post_again(now)
        return Doubt(since=since, is_paused=is_paused)

    def _post_again(self, now: datetime) -> None:
        """Have a new card and a new receipt posted of every request that waits."""
        outbox = OutboxStore(self._db)
        for row in self._db.query(_PENDING):
            self._db.execute(_FORGET_POSTS, {"request_id": row["id"]})
            self._db.execute(_FORGET_COPIES, {"request_id": row["id"]})
            outbox.refresh_request(row["id"], row["requester_id"], now)
