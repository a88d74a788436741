"""Orders that are held after their approval, the end of their hold, and who undid an approval.

Those that are held until a civil time are in storage/schedules.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from storage.database import Database, Touched, from_ms, to_ms

# Ids grow in the order of the commits: whoever has read up to one of them has missed none before it.
_HELD: Final = """
SELECT id, request_id, created_at, not_before FROM orders INDEXED BY orders_undoable
WHERE is_held = 1 AND send_at IS NULL AND id > :after ORDER BY id
"""
# A request is let go whole, in one statement: of its orders none is sent while another can still be undone. By a clock
# that was put back meanwhile, they would be due in the future.
_RELEASE: Final = """
UPDATE orders SET is_held = 0, available_at = min(available_at, :now)
WHERE is_held = 1 AND send_at IS NULL AND request_id IN (SELECT value FROM json_each(:ids))
RETURNING request_id, requester_id
"""
# Compare-and-set: of two who undo at once, one does.
_MARK: Final = """
UPDATE requests SET undone_by = :by, undone_at = :now WHERE id = :id AND status = 'approved' AND undone_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """An order that is held.

    Attributes:
        id: the order's.
        request_id: of its request.
        since: the approval, UTC.
        until: the end of the hold, UTC.
    """

    id: int
    request_id: int
    since: datetime
    until: datetime


class UndoStore:
    """The holds of orders, and the marks on requests whose approval was undone."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def held(self, after: int) -> Sequence[HeldOrder]:
        """Return the orders that are held, of those that were approved after order `after` (0: of all)."""
        rows = self._db.query(_HELD, {"after": after})
        return [
            HeldOrder(row["id"], row["request_id"], since=from_ms(row["created_at"]), until=from_ms(row["not_before"]))
            for row in rows
        ]

    def release(self, request_ids: Iterable[int], now: datetime) -> set[tuple[int, str]]:
        """End the hold of those of the requests that are still held; return them, each with its requester."""
        rows = self._db.query(_RELEASE, {"ids": list(request_ids), "now": to_ms(now)})
        if rows:
            self._db.touch(Touched.ORDERS)
        return {(row["request_id"], row["requester_id"]) for row in rows}

    def mark_undone(self, request_id: int, *, by: str, now: datetime) -> bool:
        """Keep who undid the approval of a request; return whether this call did."""
        return self._db.execute(_MARK, {"id": request_id, "by": by, "now": to_ms(now)}) == 1
