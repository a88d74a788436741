"""The chain of the audit log: each row's hash is over its ids and facts, and over the hash of the row before.

Who changes, adds or removes a row must make every later hash anew, and then the last one differs from what left the
file (bot/usecases/audit.py). Names are in no row, so that removing them breaks nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from bot.domain.audit import AuditHead
from storage.database import Database, Row, from_ms

#: The hash before the first row.
_BEGINNING: Final = "0" * 64

#: The columns that the hash is over, in this order. The number is not among them, because it is given at the INSERT;
#: the hash before says where the row belongs.
_CHAINED: Final = ("at", "event", "actor", "request_id", "order_id", "facts")

_NEWEST: Final = "SELECT id, hash FROM audit WHERE id = (SELECT max(id) FROM audit)"
_NEWEST_WITH_HASH: Final = """
SELECT id, hash FROM audit WHERE id = (SELECT max(id) FROM audit WHERE hash IS NOT NULL)
"""
_ROWS: Final = """
SELECT id, at, event, actor, request_id, order_id, facts, hash FROM audit WHERE id > :id ORDER BY id LIMIT :most
"""
# AUDIT_HEAD_TOLD is written out, because the partial index is found by the literal.
_OLDEST_UNTOLD: Final = """
SELECT at FROM audit WHERE id > coalesce((
    SELECT max(id) FROM audit INDEXED BY audit_heads WHERE event = 'audit.head_told'
), 0)
ORDER BY id LIMIT 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainedRow:
    """A row of the audit log, as it is stored, and its place in the chain.

    Attributes:
        entry_id: its number, which grows and may have gaps.
        at: UTC.
        event: what happened.
        actor: the Slack id of who did it; None where Kudos did.
        request_id: the request that it is about, if any.
        order_id: the order that it is about, if any.
        facts: a JSON object, letter by letter as it is stored.
        stored: the hash that the row has; None where an earlier version wrote it.
        computed: the hash that follows from the row, and from the hash before it as that is stored.
    """

    entry_id: int
    at: datetime
    event: str
    actor: str | None
    request_id: int | None
    order_id: int | None
    facts: str
    stored: str | None
    computed: str


def linked(previous: str, row: Mapping[str, Any]) -> str:
    """Return the hash of a row that follows the one whose hash is `previous`."""
    return sha256(json.dumps([previous, *(row[name] for name in _CHAINED)]).encode()).hexdigest()


class AuditChain:
    """Reads the chain."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def last_hash(self) -> str:
        """Return the hash that the next row follows."""
        newest = self._db.one(_NEWEST)
        if newest is None:
            return _BEGINNING
        if newest["hash"] is not None:
            return str(newest["hash"])
        known = self._db.one(_NEWEST_WITH_HASH)
        after, last = (0, _BEGINNING) if known is None else (known["id"], known["hash"])
        for row in self._following(after, last):
            last = row.computed
        return str(last)

    def is_complete(self) -> bool:
        """Return whether the newest row has a hash; an empty log is complete."""
        newest = self._db.one(_NEWEST)
        return newest is None or newest["hash"] is not None

    def head(self) -> AuditHead | None:
        """Return the number and the hash of the newest row; None of an empty log."""
        newest = self._db.one(_NEWEST)
        return None if newest is None else AuditHead(newest["id"], self.last_hash())

    def oldest_untold(self) -> datetime | None:
        """Return when the first row after the last head that was told was written; None where there is none."""
        row = self._db.one(_OLDEST_UNTOLD)
        return None if row is None else from_ms(row["at"])

    def rows(self) -> Iterator[ChainedRow]:
        """Yield every row, oldest first."""
        yield from self._following(0, _BEGINNING)

    def _following(self, after: int, previous: str) -> Iterator[ChainedRow]:
        for row in self._db.each(_ROWS, behind={"id": after}):
            computed = linked(previous, row)
            yield _chained(row, computed)
            previous = row["hash"] or computed


def _chained(row: Row, computed: str) -> ChainedRow:
    return ChainedRow(
        entry_id=row["id"],
        at=from_ms(row["at"]),
        event=row["event"],
        actor=row["actor"],
        request_id=row["request_id"],
        order_id=row["order_id"],
        facts=row["facts"],
        stored=row["hash"],
        computed=computed,
    )
