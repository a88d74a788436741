"""The outbox: notices that are to be sent, each written in the transaction of what it tells of.

The moves are those of bot/domain/outbox.py.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, ClassVar, Final, Protocol

from bot.domain.notices import ADMINS, APPROVALS, ApprovalCard, CardAgain, Receipt
from bot.domain.order import OF_BATCH, Order
from storage.database import Database, Row, Touched, to_json, to_ms

#: The turn with which the recipients of a batch begin: more than the notices that anybody else waits for.
_LAST: Final = 1_000_000

# A notice that already waits is not written twice, because it is worded when it is sent. A notice that is being sent
# may have been worded already, so that a new one is written beside it.
# Its turn comes after those of its lane, and not before that of the audience's next notice. So the lanes of an audience
# take turns, however many notices one of them has, and audiences with few notices are not held up by one with many.
# The lane's last notice is at one end of an index. The audience's next one is sought among all of its notices, so only
# where the lane is empty: a place behind the lane's own notices is behind the audience's next one as well.
# What the recipients of a batch are told begins at :least_turn: people who wait at the screen are told first.
_ADD: Final = """
INSERT INTO outbox (kind, audience, facts, created_at, lane, turn)
VALUES (:kind, :audience, :facts, :now, :lane, coalesce(
    (
        SELECT max(turn) + 1 FROM outbox INDEXED BY outbox_lanes
        WHERE audience = :audience AND lane = :lane AND status IN ('pending', 'sending')
    ),
    (
        SELECT min(turn) FROM outbox INDEXED BY outbox_lanes
        WHERE audience = :audience AND status IN ('pending', 'sending')
    ),
    :least_turn
))
ON CONFLICT (kind, audience, facts) WHERE status = 'pending' DO NOTHING
"""

# The notice whose turn it is, of those that may be sent now. A reader gets their notices in order: a notice that could
# not be sent keeps its place, and its audience waits; those of :aside have stepped aside (handlers/outbox/turns.py).
# _CLAIM takes all that the notifier sends. _CLAIM_DELIVERY takes what the deliverer sends, by an index of its own,
# because very many others may wait.
_CLAIM: Final = """
UPDATE outbox SET status = 'sending', attempts = attempts + 1
WHERE id = (
    SELECT id FROM outbox INDEXED BY outbox_turns
    WHERE status = 'pending' AND audience NOT IN (SELECT value FROM json_each(:waiting))
      AND kind <> 'reward_delivery'
      AND id NOT IN (SELECT value FROM json_each(:aside))
    ORDER BY turn, id LIMIT 1
)
RETURNING *
"""
_CLAIM_DELIVERY: Final = """
UPDATE outbox SET status = 'sending', attempts = attempts + 1
WHERE id = (
    SELECT id FROM outbox INDEXED BY outbox_deliveries
    WHERE status = 'pending' AND kind = 'reward_delivery' AND audience NOT IN (SELECT value FROM json_each(:waiting))
      AND id NOT IN (SELECT value FROM json_each(:aside))
    ORDER BY turn, id LIMIT 1
)
RETURNING *
"""
_REQUESTER: Final = "SELECT requester_id FROM requests WHERE id = :request_id"
_SENT: Final = "UPDATE outbox SET status = 'sent', settled_at = :now, problem = NULL WHERE id = :id"
_UNDELIVERABLE: Final = """
UPDATE outbox SET status = 'undeliverable', settled_at = :now, problem = :problem WHERE id = :id
"""
# Back to its place; unless the same notice was written again and waits already, which then stands for both. One
# statement, so that none can be written in between.
_PUT_BACK: Final = """
UPDATE outbox SET (status, settled_at) = (
    SELECT CASE WHEN count(*) > 0 THEN 'superseded' ELSE 'pending' END,
        CASE WHEN count(*) > 0 THEN CAST(:now AS BIGINT) END
    FROM outbox AS newer
    WHERE newer.status = 'pending' AND newer.kind = outbox.kind
      AND newer.audience = outbox.audience AND newer.facts = outbox.facts
) WHERE id = :id AND status = 'sending'
"""
# Not those that have stepped aside, for days perhaps, nor those that the deliverer sends: neither is in anybody's way.
_LONGER: Final = """
SELECT count(*) AS n FROM (
    SELECT 1 FROM outbox INDEXED BY outbox_turns
    WHERE status = 'pending' AND problem IS NULL AND kind <> 'reward_delivery' LIMIT :most + 1
) AS found
"""
# The problem of a notice that is still owed; of one that is settled, only where it could not be sent.
_STEP_ASIDE: Final = "UPDATE outbox SET problem = :problem WHERE id = :id AND problem IS NULL"
# The same notice that waits already, perhaps for long: the new one has its tries before it, and stands for both.
_SUPERSEDE: Final = """
UPDATE outbox SET status = 'superseded', settled_at = :now
WHERE status = 'pending' AND kind = :kind AND audience = :audience AND facts = :facts
"""
_MARK_UNTOLD: Final = "UPDATE requests SET untold = 1 WHERE id = :id AND untold = 0"
_UNTOLD: Final = "SELECT id FROM requests INDEXED BY requests_untold WHERE untold = 1 LIMIT 1"
_TELL: Final = """
UPDATE requests SET untold = 0 WHERE id IN (SELECT id FROM requests INDEXED BY requests_untold WHERE untold = 1)
RETURNING id, requester_id
"""
_SENDING: Final = "SELECT id FROM outbox INDEXED BY outbox_sending WHERE status = 'sending'"

_GET_POST: Final = "SELECT channel, ts FROM posts WHERE kind = :kind AND request_id = :request_id"
_SET_POST: Final = """
INSERT INTO posts (kind, request_id, channel, ts) VALUES (:kind, :request_id, :channel, :ts)
ON CONFLICT (kind, request_id) DO UPDATE SET channel = excluded.channel, ts = excluded.ts
"""
# Compare-and-set: of two who press at once, one has the message posted. A time that is still to come was written by a
# clock that was put back.
_POST_AGAIN: Final = """
UPDATE posts SET posted_again_at = :now
WHERE kind = :kind AND request_id = :request_id
  AND (posted_again_at IS NULL OR posted_again_at NOT BETWEEN :since + 1 AND :now)
"""


class Notice(Protocol):
    """Any notice of bot/domain/notices.py: a dataclass of ids with a kind."""

    kind: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuedNotice:
    """A notice that is being sent.

    Attributes:
        id: of the row.
        kind: of the notice.
        facts: the notice's ids.
        audience: the Slack id of a channel or person, or a symbol such as ADMINS.
        attempts: how often the notice was tried, this time included.
    """

    id: int
    kind: str
    facts: Mapping[str, Any]
    audience: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Post:
    """The place on Slack of a message that is rewritten as its request moves on."""

    channel: str
    ts: str


class OutboxStore:
    """The table of notices, and the places of messages that are rewritten."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, notice: Notice, audience: str, now: datetime) -> None:
        """Store that `audience` is to get `notice`. Among cards, requesters take turns."""
        self._add(self._row_of(notice, audience, now, self._lane(notice, audience)))

    def add_for_recipient(self, notice: Notice, order: Order, now: datetime) -> None:
        """Store that the recipient of an order is to get `notice`; of a batch, after what others wait for."""
        self._add(self._row_of(notice, order.recipient.user_id, now, "") | {"least_turn": _LAST * order.priority})

    def add_anew(self, notice: Notice, audience: str, now: datetime) -> None:
        """Store that `audience` is to get `notice` now: the same notice may have stepped aside for an hour."""
        row = self._row_of(notice, audience, now, self._lane(notice, audience))
        self._db.execute(_SUPERSEDE, row)
        self._add(row)

    def _add(self, *rows: Mapping[str, Any]) -> None:
        self._db.execute_many(_ADD, rows)
        self._db.touch(Touched.OUTBOX)

    def _row_of(self, notice: Notice, audience: str, now: datetime, lane: str) -> dict[str, Any]:
        return {
            "kind": notice.kind,
            "audience": audience,
            "facts": as_stored(notice),
            "now": to_ms(now),
            "lane": lane,
            "least_turn": 0,
        }

    def _lane(self, notice: Notice, audience: str) -> str:
        """Return whose turn a notice takes within its audience: of cards, the requester's."""
        if audience != APPROVALS and notice.kind not in (ApprovalCard.kind, CardAgain.kind):
            return ""
        row = self._db.one(_REQUESTER, {"request_id": getattr(notice, "request_id", None)})
        return str(row["requester_id"]) if row else ""

    def add_for_requester_and_admins(self, notice: Notice, requester_id: str, now: datetime) -> None:
        """Store that the requester and every admin are to get `notice`."""
        for audience in (requester_id, ADMINS):
            self.add(notice, audience, now)

    def refresh_request(self, request_id: int, requester_id: str, now: datetime) -> None:
        """Have the request's card and its receipt rewritten, because the request or its orders have changed."""
        self._add(
            self._row_of(ApprovalCard(request_id), APPROVALS, now, lane=requester_id),
            self._row_of(Receipt(request_id), requester_id, now, lane=""),
        )

    def refresh_of(self, order: Order, now: datetime) -> None:
        """Have card and receipt of an order's request rewritten; of a batch, soon (bot/usecases/batch_progress.py)."""
        if order.priority == OF_BATCH:
            self._db.execute(_MARK_UNTOLD, {"id": order.request_id})
        else:
            self.refresh_request(order.request_id, order.requester_id, now)

    def has_untold_batches(self) -> bool:
        """Return whether orders of a batch have moved since its card and receipt were rewritten."""
        return self._db.one(_UNTOLD) is not None

    def tell_batches(self, now: datetime) -> None:
        """Have the cards and receipts rewritten of batches whose orders have moved."""
        rows = self._db.query(_TELL)
        for row in rows:
            self.refresh_request(row["id"], row["requester_id"], now)

    def claim(
        self,
        *,
        waiting: Iterable[str] = (),
        aside: Iterable[int] = (),
        deliveries: bool = False,
    ) -> QueuedNotice | None:
        """Take the notice whose turn it is: `pending` → `sending`. None if there is none.

        Args:
            waiting: audiences that are not to be written to now.
            aside: ids of notices that are not to be tried now.
            deliveries: whether to take what the deliverer sends, or all else.
        """
        params = {"waiting": list(waiting), "aside": list(aside)}
        row = self._db.one(_CLAIM_DELIVERY, params) if deliveries else self._db.one(_CLAIM, params)
        return _notice(row) if row else None

    def mark_sent(self, notice: QueuedNotice, now: datetime) -> None:
        """Record that Slack has taken the notice."""
        self._db.execute(_SENT, {"id": notice.id, "now": to_ms(now)})

    def mark_undeliverable(self, notice: QueuedNotice, problem: str, now: datetime) -> None:
        """Record that the notice can never be sent: the channel is gone, the person has left."""
        self._db.execute(_UNDELIVERABLE, {"id": notice.id, "problem": problem, "now": to_ms(now)})

    def step_aside(self, notice: QueuedNotice, problem: str, now: datetime) -> bool:
        """Put a notice back with its problem, so that others pass it; return whether this is its first."""
        first = self._db.execute(_STEP_ASIDE, {"id": notice.id, "problem": problem}) > 0
        self.put_back(notice.id, now)
        return first

    def put_back(self, notice_id: int, now: datetime) -> None:
        """Put a notice that could not be sent now back to its place."""
        self._db.execute(_PUT_BACK, {"id": notice_id, "now": to_ms(now)})

    def rescue(self, now: datetime) -> int:
        """Put back what was being sent when the bot died; return how many. Some may be sent twice, none is lost."""
        rows = self._db.query(_SENDING)
        for row in rows:
            self.put_back(row["id"], now)
        return len(rows)

    def is_longer_than(self, most: int) -> bool:
        """Return whether more than `most` notices wait for their turn to be sent by the notifier."""
        row = self._db.one(_LONGER, {"most": most})
        return int(row["n"]) > most  # type: ignore[index]  # count answers a row

    def find_post(self, kind: str, request_id: int) -> Post | None:
        """Return the place of a request's message of that kind, if it was posted."""
        row = self._db.one(_GET_POST, {"kind": kind, "request_id": request_id})
        return Post(row["channel"], row["ts"]) if row else None

    def set_post(self, kind: str, request_id: int, post: Post) -> None:
        """Keep the place of a message that is rewritten later."""
        params = {"kind": kind, "request_id": request_id, "channel": post.channel, "ts": post.ts}
        self._db.execute(_SET_POST, params)

    def mark_posted_again(self, kind: str, request_id: int, now: datetime, since: datetime) -> bool:
        """Note that a message is posted once more; return whether it was not since then. False if it is nowhere."""
        params = {"kind": kind, "request_id": request_id, "now": to_ms(now), "since": to_ms(since)}
        return self._db.execute(_POST_AGAIN, params) == 1


def as_stored(notice: Notice) -> str:
    """Return the facts of a notice as the outbox has them."""
    return to_json({field.name: getattr(notice, field.name) for field in fields(notice)})


def _notice(row: Row) -> QueuedNotice:
    return QueuedNotice(
        id=row["id"],
        kind=row["kind"],
        facts=json.loads(row["facts"]),
        audience=row["audience"],
        attempts=row["attempts"],
    )
