"""How far the orders of a request are: one by one for a few, and counted by the database for a batch."""

from typing import Final

from bot.domain.order import OrderStatus
from bot.domain.problem import Problem
from bot.domain.progress import Progress
from storage.database import Database, from_ms_or_none
from storage.order_rows import order_of

#: So many orders are read one by one: as many as a form asks for. Thousands would be read with their bodies, for a
#: message that has room for some.
_MOST: Final = 30

_COUNTED: Final = """
SELECT status, count(*) AS n, sum(CASE WHEN watch_at IS NULL THEN 0 ELSE 1 END) AS unfinished,
    sum(CASE WHEN delivered_at IS NULL THEN 0 ELSE 1 END) AS delivered
FROM orders WHERE request_id = :request_id GROUP BY status
"""
_ONE_BY_ONE: Final = "SELECT * FROM orders WHERE request_id = :request_id ORDER BY id"
_HELD: Final = """
SELECT count(*) AS held, min(not_before) AS until, max(outcome_unknown) AS in_doubt,
    min(CASE WHEN send_at IS NULL THEN NULL ELSE not_before END) AS goes_out_at
FROM orders WHERE request_id = :request_id AND is_held = 1
"""
_UNDELIVERED: Final = """
SELECT external_ref_id FROM orders
WHERE request_id = :request_id AND status = 'accepted' AND problem = :problem ORDER BY id
"""
_FAILED: Final = """
SELECT first_name, last_name FROM orders WHERE request_id = :request_id AND status = 'failed' ORDER BY id LIMIT :most
"""


def progress_of(database: Database, request_id: int) -> Progress:
    """Return how far the orders of a request are; of many that failed, the first ones are named."""
    params = {"request_id": request_id, "most": _MOST}
    rows = database.query(_COUNTED, params)
    if sum(row["n"] for row in rows) <= _MOST:
        return Progress.of([order_of(row) for row in database.query(_ONE_BY_ONE, params)])
    held = database.query(_HELD, params)[0]
    left = sum(row["n"] for row in rows if row["status"] != OrderStatus.CANCELED)  # an undo cancels all, or nothing
    # All of them, because they are counted by these: else the others would pass for sent.
    undelivered = database.query(_UNDELIVERED, {"request_id": request_id, "problem": str(Problem.UNDELIVERED)})
    return Progress(
        counts={OrderStatus(row["status"]): row["n"] for row in rows},
        unfinished=sum(int(row["unfinished"]) for row in rows),
        delivered=sum(int(row["delivered"]) for row in rows),
        undelivered=tuple(row["external_ref_id"] for row in undelivered),
        failed=tuple(f"{row['first_name']} {row['last_name']}".strip() for row in database.query(_FAILED, params)),
        undo_until=from_ms_or_none(held["until"]) if held["held"] == left and not held["in_doubt"] else None,
        goes_out_at=from_ms_or_none(held["goes_out_at"]),
    )
