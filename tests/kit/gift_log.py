"""The gift log, held against the orders: by no code of the bot's."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from json import loads
from typing import Any, Final

#: One statement, so that it sees one moment. All of it is in US dollars.
_ALL: Final = """
SELECT orders.id, orders.status, orders.amount_minor, orders.charge,
    (SELECT count(*) FROM gift_log WHERE order_id = orders.id AND kind = 'sent') AS sent,
    (SELECT coalesce(sum(face_minor), 0) FROM gift_log WHERE order_id = orders.id) AS face,
    (SELECT coalesce(sum(charged_minor), 0) FROM gift_log WHERE order_id = orders.id) AS charged
FROM orders
"""


def check_gift_log(rows: Callable[[str], Sequence[Any]]) -> None:
    """Each reward that Tango made is logged once, and the log's sums are what is true of its order now."""
    for row in rows(_ALL):
        is_sent = row["status"] == "accepted"
        charge = Decimal(loads(row["charge"])["total"]) if is_sent and row["charge"] else Decimal(0)
        logged = int(row["face"]), Decimal(int(row["charged"])) / 100
        assert logged == (row["amount_minor"] if is_sent else 0, charge), dict(row)
        assert row["sent"] == 1 if is_sent else row["sent"] <= 1, dict(row)
