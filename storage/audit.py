"""The audit log: what happened, in the past tense; appended, never changed. Ids, numbers, hashes; nothing private."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.domain.audit import AuditEvent
from storage.audit_chain import AuditChain, linked
from storage.database import Database, Row, from_ms, from_ms_or_none, to_ms

_ADD: Final = """
INSERT INTO audit (at, event, actor, request_id, order_id, facts, hash)
VALUES (:at, :event, :actor, :request_id, :order_id, :facts, :hash)
"""
# ATTEMPT_REFUSED is written out, because the partial index is found by the literal.
_IS_REFUSED: Final = """
SELECT 1 FROM audit INDEXED BY audit_refused
WHERE event = 'attempt.refused' AND actor = :actor AND request_id IS NOT DISTINCT FROM :request_id
  AND at > :since AND at <= :now
LIMIT 1
"""
_HAS: Final = """
SELECT 1 FROM audit INDEXED BY audit_by_request
WHERE request_id = :request_id AND order_id IS NOT DISTINCT FROM :order_id AND event = :event LIMIT 1
"""
# REQUEST_CARD_REFUSED is written out for the same reason.
_REFUSED_CARDS: Final = """
SELECT * FROM audit INDEXED BY audit_card_refused
WHERE event = 'request.card_refused' AND at BETWEEN :since AND :now ORDER BY at
"""
# ACCESS_REVIEWED is written out for the same reason.
_LAST_REVIEW: Final = """
SELECT at FROM audit WHERE id = (
    SELECT max(id) FROM audit INDEXED BY audit_reviews WHERE event = 'access.reviewed'
)
"""
# An order's story is its own and its request's, and not that of the request's other orders.
_STORY: Final = """
SELECT * FROM (
    SELECT * FROM audit WHERE request_id = :request_id AND order_id IS NULL
    UNION ALL
    SELECT * FROM audit WHERE order_id = :order_id
) AS found ORDER BY id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One thing that happened.

    Attributes:
        at: UTC.
        event: a word of AuditEvent, or one that an earlier version wrote.
        actor: the Slack id of who did it; None where Kudos did.
        request_id: the request that it is about, if any.
        order_id: the order that it is about, if any.
        facts: ids, statuses, numbers; of another address of a resend its domain and a salted hash.
    """

    at: datetime
    event: str
    actor: str | None = None
    request_id: int | None = None
    order_id: int | None = None
    facts: Mapping[str, Any]


_SALT: Final = "SELECT salt FROM address_salt WHERE id = 1"


class AuditStore:
    """The table of the audit log."""

    def __init__(self, database: Database) -> None:
        self._db = database
        self._chain = AuditChain(database)

    def add(
        self,
        event: AuditEvent,
        *,
        now: datetime,
        actor: str | None = None,
        request_id: int | None = None,
        order_id: int | None = None,
        **facts: str | int | None,
    ) -> None:
        """Append an event, chained to the one before; to be called in the transaction in which it happens."""
        self._db.execute(_ADD, self._chained([_params_of(event, now, actor, request_id, order_id, **facts)])[0])

    def add_of_orders(
        self,
        event: AuditEvent,
        orders: Mapping[int, Mapping[str, str | int | None]],
        *,
        now: datetime,
        actor: str | None = None,
        request_id: int,
    ) -> None:
        """Append the same event for many orders of a request, each with its facts, by the order's id."""
        many = [_params_of(event, now, actor, request_id, order_id, **facts) for order_id, facts in orders.items()]
        self._db.execute_many(_ADD, self._chained(many))

    def _chained(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return rows that are appended one after the other, each with its hash."""
        chained, previous = [], self._chain.last_hash()
        for row in rows:
            previous = linked(previous, row)
            chained.append({**row, "hash": previous})
        return chained

    def hash_of(self, address: str) -> str:
        """Return the hash of an address under this installation's salt, so that two entries can be compared."""
        row = self._db.one(_SALT)
        return hmac.new(row["salt"].encode(), address.encode(), hashlib.sha256).hexdigest()  # type: ignore[index]  # migrated in

    def is_refused_since(self, since: datetime, *, actor: str, request_id: int | None, now: datetime) -> bool:
        """Return whether the log has a refused attempt of this person about this request, later than `since`.

        One later than `now` was noted by a clock that was put back since, and doesn't count.
        """
        params = {"actor": actor, "request_id": request_id, "since": to_ms(since), "now": to_ms(now)}
        return self._db.one(_IS_REFUSED, params) is not None

    def has(self, event: AuditEvent, *, request_id: int, order_id: int | None = None) -> bool:
        """Return whether the log has this event of a request, or of one of its orders."""
        return self._db.one(_HAS, {"event": event, "request_id": request_id, "order_id": order_id}) is not None

    def reviewed_at(self) -> datetime | None:
        """Return when somebody last had listed who has which role, UTC; None where nobody has."""
        row = self._db.one(_LAST_REVIEW)
        return from_ms_or_none(row["at"] if row else None)

    def refused_cards(self, since: datetime, now: datetime) -> list[AuditEntry]:
        """Return the cards that Slack refused since then, each time."""
        return [_entry(row) for row in self._db.query(_REFUSED_CARDS, {"since": to_ms(since), "now": to_ms(now)})]

    def story(self, *, request_id: int, order_id: int) -> list[AuditEntry]:
        """Return what happened to an order and its request, oldest first."""
        rows = self._db.query(_STORY, {"request_id": request_id, "order_id": order_id})
        return [_entry(row) for row in rows]


def _params_of(
    event: AuditEvent,
    now: datetime,
    actor: str | None,
    request_id: int | None,
    order_id: int | None,
    **facts: str | int | None,
) -> dict[str, Any]:
    return {
        "at": to_ms(now),
        "event": event,
        "actor": actor,
        "request_id": request_id,
        "order_id": order_id,
        "facts": json.dumps({key: value for key, value in facts.items() if value is not None}),
    }


def _entry(row: Row) -> AuditEntry:
    return AuditEntry(
        at=from_ms(row["at"]),
        event=row["event"],
        actor=row["actor"],
        request_id=row["request_id"],
        order_id=row["order_id"],
        facts=json.loads(row["facts"]),
    )
