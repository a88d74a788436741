"""The choice of the order that is tried while the queue is halted or suspected; and what earlier attempts tell of it.

Each statement goes by an index, and looks at no more orders than one request has, or than its limit. An order about
which Tango is being asked waits for the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.money import Money
from bot.domain.order import LOOK_AGAIN, Order
from bot.domain.queue import Place
from storage.database import Database, from_ms, to_ms
from storage.order_rows import order_of

# The next order after a place that is of another request than the order which was tried there. INDEXED BY: see
# storage/migrations.py.
_NEXT_OF_OTHERS: Final = """
SELECT * FROM orders INDEXED BY orders_due
WHERE status = 'queued' AND is_held = 0 AND available_at <= :now
  AND (priority, available_at, id) > (:priority, :after, :tried_id)
  AND request_id <> (SELECT request_id FROM orders WHERE id = :tried_id)
  AND NOT EXISTS (SELECT 1 FROM inquiries WHERE order_id = orders.id AND due_at IS NOT NULL)
ORDER BY priority, available_at, id LIMIT 1
"""
_WINDOW: Final = """
SELECT id, available_at, amount_minor, currency FROM orders INDEXED BY orders_due
WHERE status = 'queued' AND is_held = 0 AND available_at <= :now
  AND (priority, available_at, id) > (:priority, :after, :tried_id)
  AND NOT EXISTS (SELECT 1 FROM inquiries WHERE order_id = orders.id AND due_at IS NOT NULL)
ORDER BY priority, available_at, id LIMIT :most
"""
_PRIORITY: Final = "SELECT priority FROM orders WHERE id = :id"
_IN_DOUBT: Final = """
SELECT * FROM orders INDEXED BY orders_in_doubt
WHERE status = 'queued' AND outcome_unknown = 1 AND is_held = 0 AND available_at <= :now
  AND NOT EXISTS (SELECT 1 FROM inquiries WHERE order_id = orders.id AND due_at IS NOT NULL)
ORDER BY available_at, id LIMIT 1
"""
# An order that was never tried and is put off is being looked at: it waits as those that are due.
_OTHERS_WAIT: Final = """
SELECT 1 FROM orders INDEXED BY orders_due
WHERE status = 'queued' AND is_held = 0 AND request_id <> :request_id
  AND (available_at <= :now OR (attempts = 0 AND available_at <= :looked_at_until))
  AND NOT EXISTS (SELECT 1 FROM inquiries WHERE order_id = orders.id AND due_at IS NOT NULL)
LIMIT 1
"""

_TRYING: Final = "SELECT 1 FROM orders INDEXED BY orders_by_status WHERE status = 'submitting' LIMIT 1"

# Whether another order was made since this one was last refused for what might have been everybody's trouble. A lack of
# funds (402) is about the amount.
_OTHERS_PASSED: Final = """
SELECT 1 FROM attempts
WHERE id < :attempt_id AND outcome = 'accepted' AND http_status = 201 AND id > (
    SELECT max(id) FROM attempts
    WHERE order_id = :order_id AND id < :attempt_id AND outcome IN ('halted', 'throttled') AND http_status <> 402
) LIMIT 1
"""

_LATER_PASSED: Final = """
SELECT 1 FROM attempts WHERE id > :attempt_id AND outcome = 'accepted' AND http_status = 201 LIMIT 1
"""

# Whether another order was made since the first answer about this one that was unclear.
_OTHERS_PASSED_MEANWHILE: Final = """
SELECT 1 FROM attempts
WHERE id < :attempt_id AND outcome = 'accepted' AND http_status = 201 AND id > (
    SELECT min(id) FROM attempts WHERE order_id = :order_id AND outcome = 'ambiguous'
) LIMIT 1
"""

_SIBLING_SET_ASIDE: Final = """
SELECT 1 FROM orders
WHERE request_id = :request_id AND status = 'needs_attention' AND problem = 'refused_alone' LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place in the queue, and the amount of the order that waits there."""

    place: Place
    amount: Money


class ProbeStore:
    """Reads the queue as a probe looks at it, and changes nothing."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def next_of_others(self, tried: Place, now: datetime) -> Order | None:
        """Return the due order after the place that is of another request than the one tried there; None at the end."""
        row = self._db.one(_NEXT_OF_OTHERS, self._after(tried) | {"now": to_ms(now)})
        return order_of(row) if row else None

    def window(self, tried: Place | None, now: datetime, most: int) -> Sequence[Candidate]:
        """Return up to `most` due orders after the place; without one, from the beginning."""
        rows = self._db.query(_WINDOW, self._after(tried) | {"now": to_ms(now), "most": most})
        return [
            Candidate(Place(from_ms(row["available_at"]), row["id"]), Money(row["amount_minor"], row["currency"]))
            for row in rows
        ]

    def in_doubt(self, now: datetime) -> Order | None:
        """Return the due order whose outcome is unknown and that was tried longest ago; None if there is none."""
        row = self._db.one(_IN_DOUBT, {"now": to_ms(now)})
        return order_of(row) if row else None

    def others_wait(self, order: Order, now: datetime) -> bool:
        """Return whether an order of another request is due, or is being looked at before it is sent."""
        params = {"now": to_ms(now), "looked_at_until": to_ms(now + LOOK_AGAIN), "request_id": order.request_id}
        return self._db.one(_OTHERS_WAIT, params) is not None

    def is_trying(self) -> bool:
        """Return whether an order is being tried."""
        return self._db.one(_TRYING) is not None

    def others_passed(self, order: Order, attempt_id: int) -> bool:
        """Return whether Tango made another order since it last refused this one, before this attempt."""
        return self._db.one(_OTHERS_PASSED, {"order_id": order.id, "attempt_id": attempt_id}) is not None

    def later_passed(self, attempt_id: int) -> bool:
        """Return whether an attempt that began later has made its order."""
        return self._db.one(_LATER_PASSED, {"attempt_id": attempt_id}) is not None

    def others_passed_meanwhile(self, order: Order, attempt_id: int) -> bool:
        """Return whether Tango made another order since an answer about this one was first unclear."""
        params = {"order_id": order.id, "attempt_id": attempt_id}
        return self._db.one(_OTHERS_PASSED_MEANWHILE, params) is not None

    def sibling_is_set_aside(self, order: Order) -> bool:
        """Return whether an order of the same request was refused while others passed, and waits for a person."""
        return self._db.one(_SIBLING_SET_ASIDE, {"request_id": order.request_id}) is not None

    def _after(self, tried: Place | None) -> dict[str, int]:
        """Return the parameters of a place; the beginning of the queue is before every order."""
        if tried is None:
            return {"priority": 0, "after": -1, "tried_id": 0}
        row = self._db.one(_PRIORITY, {"id": tried.order_id})
        priority = row["priority"] if row else 0
        return {"priority": priority, "after": to_ms(tried.available_at), "tried_id": tried.order_id}
