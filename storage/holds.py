"""What admins were told of holds and where they have it; and how far the cards and receipts of waiting orders are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.queue import Telling
from storage.database import Database, from_ms_or_none, to_ms
from storage.outbox import Post

_GET: Final = "SELECT telling, told_at, rewritten_to FROM queue WHERE id = 1"
_TELL_ANEW: Final = "UPDATE queue SET telling = telling + 1, told_at = :now WHERE id = 1 RETURNING telling"
_SET_REWRITTEN: Final = "UPDATE queue SET rewritten_to = :order_id WHERE id = 1"

# The first order that waits behind a place, with its request's last order: its request is rewritten once. One that is
# being tried waits like the others, unless it passes. INDEXED BY: see storage/migrations.py.
_NEXT_WAITING: Final = """
SELECT request_id, requester_id, (
    SELECT max(id) FROM orders AS siblings WHERE siblings.request_id = orders.request_id
) AS last_id
FROM orders WHERE id IN (
    (SELECT min(id) FROM orders INDEXED BY orders_by_status WHERE status = 'queued' AND id > :after AND is_held = 0),
    (SELECT min(id) FROM orders INDEXED BY orders_by_status WHERE status = 'submitting' AND id > :after)
) ORDER BY id LIMIT 1
"""

_GET_POST: Final = "SELECT telling, channel, ts FROM hold_posts WHERE audience = :audience"
_IS_TOLD: Final = """
SELECT 1 FROM hold_posts
WHERE telling = (SELECT telling FROM queue WHERE id = 1) AND audience IN (SELECT value FROM json_each(:audiences))
LIMIT 1
"""
_SET_POST: Final = """
INSERT INTO hold_posts (audience, telling, channel, ts) VALUES (:audience, :telling, :channel, :ts)
ON CONFLICT (audience) DO UPDATE SET telling = excluded.telling, channel = excluded.channel, ts = excluded.ts
"""


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request with an order that is still to be sent, and the last of its orders."""

    request_id: int
    requester_id: str
    last_order_id: int


class HoldStore:
    """What was told of holds."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def telling(self) -> Telling:
        """Return what admins were told, and how far cards and receipts are."""
        row = self._db.query(_GET)[0]
        return Telling(number=row["telling"], told_at=from_ms_or_none(row["told_at"]), rewritten_to=row["rewritten_to"])

    def tell_anew(self, now: datetime) -> int:
        """Have admins told by a new message from now on; return its number."""
        row = self._db.one(_TELL_ANEW, {"now": to_ms(now)})
        return int(row["telling"])  # type: ignore[index]  # RETURNING answers the one row

    def set_rewritten_to(self, order_id: int | None) -> None:
        """Keep up to which order cards and receipts were rewritten; None once all were."""
        self._db.execute(_SET_REWRITTEN, {"order_id": order_id})

    def next_waiting(self, after: int) -> WaitingRequest | None:
        """Return the request of the first unsent order behind order `after`; None where there is none."""
        row = self._db.one(_NEXT_WAITING, {"after": after})
        return WaitingRequest(row["request_id"], row["requester_id"], row["last_id"]) if row else None

    def find_post(self, audience: str) -> tuple[int, Post] | None:
        """Return the number of this person's newest message about a hold, and where it is; None where there is none."""
        row = self._db.one(_GET_POST, {"audience": audience})
        return (row["telling"], Post(row["channel"], row["ts"])) if row else None

    def is_told(self, audiences: Iterable[str]) -> bool:
        """Return whether one of these people has the newest message: Slack may take none to them."""
        return self._db.one(_IS_TOLD, {"audiences": list(audiences)}) is not None

    def set_post(self, audience: str, telling: int, post: Post) -> None:
        """Keep where this person has the message, to rewrite it later."""
        params = {"audience": audience, "telling": telling, "channel": post.channel, "ts": post.ts}
        self._db.execute(_SET_POST, params)
