"""What requests reserve of budgets, counted anew from what became of them: by no code of the bot's."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from json import loads
from typing import Any, Final

#: One statement, so that it sees one moment.
_ALL: Final = """
SELECT requests.id, requests.status AS request, reserved_minor, requests.amount_minor AS face, requests.currency,
    (SELECT count(*) FROM recipients WHERE recipients.request_id = requests.id) AS people, orders.status, orders.charge
FROM requests LEFT JOIN orders ON orders.request_id = requests.id
WHERE budget_set IS NOT NULL
"""

_NOTHING: Final = ("declined", "withdrawn", "expired")


def check_reservations(rows: Callable[[str], Sequence[Any]], *, most: int | None = None) -> int:
    """Compare what each request reserves with its orders; return what all reserve, which is no more than `most`."""
    stored: dict[int, int] = {}
    counted: dict[int, int] = {}
    for row in rows(_ALL):
        stored[row["id"]] = row["reserved_minor"]
        counted[row["id"]] = counted.get(row["id"], 0) + _reserves(row)
    assert stored == counted
    total = sum(stored.values())
    assert most is None or total <= most
    return total


def _reserves(row: Any) -> int:
    if row["request"] in _NOTHING or row["status"] in ("failed", "canceled"):
        return 0
    if row["status"] is None:  # nothing is ordered yet
        return int(row["face"] * row["people"])
    charge = loads(row["charge"] or "{}")
    return int(Decimal(charge["total"]) * 100) if charge.get("currency") == row["currency"] else int(row["face"])
