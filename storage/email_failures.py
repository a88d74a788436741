"""Emails that did not arrive, each sending noted once per status; and when Tango was last asked for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from bot.domain.order import Order
from storage.database import Database, from_ms, from_ms_or_none, to_ms
from storage.order_rows import order_of

# The names of Tango's orders are unique.
_ORDERS: Final = """
SELECT * FROM orders WHERE reference_order_id IN (SELECT value FROM json_each(:numbers)) ORDER BY id
"""
# The same status is news where the email was sent again since, long enough ago that the status is that one's.
_ADD: Final = """
INSERT INTO email_failures (order_id, status, found_at) VALUES (:order_id, :status, :now)
ON CONFLICT (order_id, status) DO UPDATE SET found_at = excluded.found_at
WHERE EXISTS (
    SELECT 1 FROM resends INDEXED BY resends_by_order
    WHERE order_id = excluded.order_id AND status = 'sent'
      AND finished_at > email_failures.found_at AND finished_at <= :sent_before
)
"""
_LAST_SENT: Final = "SELECT max(id) AS id FROM orders INDEXED BY orders_by_status WHERE status = 'accepted'"
_POLL: Final = "SELECT polled_at, denied_at FROM email_polls WHERE id = 1"
_SET_POLL: Final = """
INSERT INTO email_polls (id, polled_at, denied_at) VALUES (1, :polled_at, :denied_at)
ON CONFLICT (id) DO UPDATE SET polled_at = excluded.polled_at, denied_at = excluded.denied_at
"""


class EmailPoll(NamedTuple):
    """When Tango was last asked, and since when it doesn't say, UTC; None while it does."""

    polled_at: datetime
    denied_at: datetime | None


class EmailFailureStore:
    """The tables of emails that failed."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def orders(self, numbers: Sequence[str]) -> list[Order]:
        """Return our orders that have one of these numbers at Tango."""
        return [order_of(row) for row in self._db.query(_ORDERS, {"numbers": list(numbers)})]

    def add(self, order_id: int, status: str, now: datetime, *, sent_before: datetime) -> bool:
        """Note that an order's email has this status; return whether that is news.

        Args:
            order_id: the order.
            status: a word of EmailFailure.
            now: UTC.
            sent_before: the status may be that of an email that was sent again by then, UTC.
        """
        params = {"order_id": order_id, "status": status, "now": to_ms(now), "sent_before": to_ms(sent_before)}
        return self._db.execute(_ADD, params) == 1

    def has_sent(self) -> bool:
        """Return whether Tango has accepted any order."""
        row = self._db.one(_LAST_SENT)
        return row is not None and row["id"] is not None

    def poll(self) -> EmailPoll | None:
        """Return when Tango was last asked; None before the first time."""
        row = self._db.one(_POLL)
        return None if row is None else EmailPoll(from_ms(row["polled_at"]), from_ms_or_none(row["denied_at"]))

    def set_poll(self, poll: EmailPoll) -> None:
        """Keep when Tango was asked."""
        denied_at = to_ms(poll.denied_at) if poll.denied_at else None
        self._db.execute(_SET_POLL, {"polled_at": to_ms(poll.polled_at), "denied_at": denied_at})
