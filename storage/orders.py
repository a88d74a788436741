"""Orders: the queue, their moves, and look-ups. Attempts and resends have tables of their own."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from bot.domain.numbers import Number
from bot.domain.order import FINAL, ORDER_MOVES, ApprovedOrder, Order, OrderMove, OrderStatus
from bot.domain.problem import OrderProblem
from bot.domain.progress import Progress
from storage.approved import insert_orders
from storage.database import Database, Touched, from_ms_or_none, to_ms
from storage.order_rows import order_of
from storage.progress import progress_of
from storage.reservations import settle

# One statement, so that two workers can never claim the same order. Orders by hand go before those of a batch, unless
# it is the batch's turn (:least). Oldest due first; the id breaks ties in the order of approval. INDEXED BY: see
# storage/migrations.py. While Tango is to be asked what became of an order (storage/inquiries.py), it is not sent.
_CLAIM: Final = """
UPDATE orders
SET status = 'submitting', claimed_at = :now, first_attempt_at = coalesce(first_attempt_at, :now)
WHERE id = (
    SELECT id FROM orders INDEXED BY orders_due
    WHERE status = 'queued' AND is_held = 0 AND priority >= :least AND available_at <= :now
      AND NOT EXISTS (SELECT 1 FROM inquiries WHERE order_id = orders.id AND due_at IS NOT NULL)
    ORDER BY priority, available_at, id LIMIT 1
) AND status = 'queued'
RETURNING *
"""

# A certain order: which a probe has chosen, or which Tango is asked about.
_CLAIM_THIS: Final = """
UPDATE orders
SET status = 'submitting', claimed_at = :now, first_attempt_at = coalesce(first_attempt_at, :now)
WHERE id = :id AND status = 'queued'
RETURNING *
"""

# The same of the orders that need no review. It looks at each that does, and so is for when these may not be taken.
_CLAIM_REVIEWED: Final = """
UPDATE orders
SET status = 'submitting', claimed_at = :now, first_attempt_at = coalesce(first_attempt_at, :now)
WHERE id = (
    SELECT id FROM orders INDEXED BY orders_due
    WHERE status = 'queued' AND is_held = 0 AND priority >= :least AND available_at <= :now
      AND (outcome_unknown = 1 OR coalesce(reviewed_at, created_at) > :reviewed_after)
      AND NOT EXISTS (SELECT 1 FROM inquiries WHERE order_id = orders.id AND due_at IS NOT NULL)
    ORDER BY priority, available_at, id LIMIT 1
) AND status = 'queued'
RETURNING *
"""

# The order whose turn it is, whether it is to be reviewed first or not.
_NEXT: Final = """
SELECT * FROM orders INDEXED BY orders_due
WHERE status = 'queued' AND is_held = 0 AND priority >= :least AND available_at <= :now
  AND NOT EXISTS (SELECT 1 FROM inquiries WHERE order_id = orders.id AND due_at IS NOT NULL)
ORDER BY priority, available_at, id LIMIT 1
"""
# A review puts the order off first, so that one that breaks off is made again later, and gives it its place back.
_PUT_OFF: Final = "UPDATE orders SET available_at = :until WHERE id = :id AND status = 'queued'"
_REVIEWED: Final = """
UPDATE orders SET available_at = :available_at, reviewed_at = :now WHERE id = :id AND status = 'queued'
"""

_NEXT_AVAILABLE: Final = """
SELECT min(available_at) AS available_at FROM orders WHERE id IN (
    (
        SELECT id FROM orders INDEXED BY orders_due
        WHERE status = 'queued' AND is_held = 0 AND priority = 0
          AND NOT EXISTS (SELECT 1 FROM inquiries WHERE order_id = orders.id AND due_at IS NOT NULL)
        ORDER BY available_at, id LIMIT 1
    ),
    (
        SELECT id FROM orders INDEXED BY orders_due
        WHERE status = 'queued' AND is_held = 0 AND priority = 1
          AND NOT EXISTS (SELECT 1 FROM inquiries WHERE order_id = orders.id AND due_at IS NOT NULL)
        ORDER BY available_at, id LIMIT 1
    )
)
"""

# Compare-and-set, like every move. The status alone would not tell this claim from the next one (a late answer to an
# attempt that was given up), nor an order that Tango surely does not have from one that it may have by now (which must
# not be canceled): claimed_at, first_attempt_at and outcome_unknown do. The problem tells one that was set aside from
# the same one, set aside once more.
_MOVE: Final = """
UPDATE orders SET
    status = :to,
    claimed_at = NULL,
    is_held = CASE WHEN :to = 'queued' THEN is_held ELSE 0 END,
    available_at = coalesce(:available_at, available_at),
    finalized_at = :finalized_at,
    attempts = attempts + :counted,
    outcome_unknown = coalesce(:outcome_unknown, outcome_unknown),
    reference_order_id = coalesce(:reference_order_id, reference_order_id),
    tango_status = coalesce(:tango_status, tango_status),
    tango_status_at = CASE WHEN :tango_status IS NULL THEN tango_status_at ELSE :now END,
    watch_at = NULL,
    last_sent_at = coalesce(:last_sent_at, last_sent_at),
    problem = :problem,
    problem_detail = :problem_detail
WHERE id = :id AND status = :expected AND outcome_unknown = :was_unknown
  AND claimed_at IS NOT DISTINCT FROM :claimed_at AND first_attempt_at IS NOT DISTINCT FROM :first_attempt_at
  AND problem IS NOT DISTINCT FROM :expected_problem AND problem_detail IS NOT DISTINCT FROM :expected_detail
"""

# The orders of a request that Tango surely does not have, all at once: thousands one by one, and budgets counted again
# after each, would take longer than Slack waits.
_CANCEL_QUEUED: Final = """
UPDATE orders SET status = 'canceled', is_held = 0, finalized_at = :now, problem = NULL, problem_detail = NULL
WHERE request_id = :request_id AND status = 'queued' AND outcome_unknown = 0 AND is_held >= :least_held
RETURNING id
"""

# Orders that were under way when the bot died, or whose outcome could not be recorded. Their outcome is ambiguous, and
# they are sent again at once, in the place that they had, under the same reference. A claim in the future was made by a
# clock that was put back since.
_RESCUE: Final = """
UPDATE orders SET status = 'queued', claimed_at = NULL, outcome_unknown = 1,
    available_at = CASE WHEN is_held = 1 THEN available_at ELSE min(available_at, :now) END
WHERE status = 'submitting' AND (claimed_at < :claimed_before OR :claimed_before IS NULL OR claimed_at > :now)
  AND id NOT IN (SELECT value FROM json_each(:under_way))
RETURNING *
"""
_CLOSE_INTERRUPTED: Final = """
UPDATE attempts SET finished_at = :now, outcome = 'ambiguous', detail = 'interrupted'
WHERE order_id = :order_id AND finished_at IS NULL
"""

# Such a clock may have put orders off for longer than any wait.
_BRING_FORWARD: Final = """
UPDATE orders SET available_at = :now WHERE status = 'queued' AND is_held = 0 AND available_at > :latest
"""
# It may also have begun Tango's 90 days in the future: past their real end the reference would make a second order.
_BEGIN_BY_NOW: Final = """
UPDATE orders INDEXED BY orders_due SET first_attempt_at = :now WHERE status = 'queued' AND first_attempt_at > :now
"""

# A bot of the version before, which ran beside this one during an upgrade, gave its orders no places. They are among
# the newest: older ones have theirs.
_LAST: Final = "SELECT max(id) AS id FROM orders"
_PLACE: Final = """
UPDATE orders
SET place = (SELECT count(*) FROM orders AS older WHERE older.request_id = orders.request_id AND older.id <= orders.id)
WHERE place = 0 AND id BETWEEN :first AND :last
  AND EXISTS (SELECT 1 FROM orders AS other WHERE other.request_id = orders.request_id AND other.id <> orders.id)
"""

_GET: Final = "SELECT * FROM orders WHERE id = :id"
_BY_REFERENCE: Final = "SELECT * FROM orders WHERE external_ref_id = :reference"
_BY_TANGO_REFERENCE: Final = "SELECT * FROM orders WHERE reference_order_id = :reference"
_OF_REQUEST: Final = "SELECT * FROM orders WHERE request_id = :request_id ORDER BY id"
# How many orders are before an order in the queue, counted no further than is worth saying.
_AHEAD: Final = """
SELECT count(*) AS n FROM (
    SELECT 1 FROM orders INDEXED BY orders_due
    WHERE status = 'queued' AND is_held = 0 AND (priority, available_at, id) < (:priority, :available_at, :id)
    LIMIT :most
) AS found
"""

#: Orders among which some may have no place: at one order a second, those of a quarter of an hour.
_NEWEST: Final = 1_000


class OrderStore:
    """The table of orders."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # ------------------------------------------------------------------------------------ the queue

    def enqueue(self, new: ApprovedOrder, now: datetime) -> int:
        """Store an order that is due at once, or held until its `not_before`; return its id."""
        [order_id] = self.enqueue_all([new], now)
        return order_id

    def enqueue_all(self, orders: Sequence[ApprovedOrder], now: datetime) -> Sequence[int]:
        """Store the orders of a request in one go; return their ids."""
        return insert_orders(self._db, orders, now)

    def claim(self, now: datetime, *, reviewed_after: datetime | None = None, least: int = 0) -> Order | None:
        """Take the order whose turn it is: `queued` → `submitting`. None if none is due.

        Args:
            now: UTC.
            reviewed_after: pass over orders that were approved and reviewed earlier (UTC), unless Tango may have them;
                None takes any.
            least: the least priority: 1 takes orders of batches alone.
        """
        params = {"now": to_ms(now), "least": least}
        if reviewed_after is None:
            row = self._db.one(_CLAIM, params)
        else:
            row = self._db.one(_CLAIM_REVIEWED, {**params, "reviewed_after": to_ms(reviewed_after)})
        return order_of(row) if row else None

    def claim_this(self, order_id: int, now: datetime) -> Order | None:
        """Take a certain order: `queued` → `submitting`. None if it waits no more."""
        row = self._db.one(_CLAIM_THIS, {"id": order_id, "now": to_ms(now)})
        return order_of(row) if row else None

    def next_due(self, now: datetime, *, least: int = 0) -> Order | None:
        """Return the order that `claim` would take, and leave it; None if none is due."""
        row = self._db.one(_NEXT, {"now": to_ms(now), "least": least})
        return order_of(row) if row else None

    def put_off(self, order: Order, until: datetime) -> None:
        """Make a queued order due at `until`."""
        self._db.execute(_PUT_OFF, {"id": order.id, "until": to_ms(until)})

    def mark_reviewed(self, order: Order, now: datetime) -> None:
        """Record that a queued order is still right, and give it the place back at which it was read."""
        params = {"id": order.id, "available_at": to_ms(order.available_at), "now": to_ms(now)}
        if self._db.execute(_REVIEWED, params):
            self._db.touch(Touched.ORDERS)

    def next_available_at(self) -> datetime | None:
        """Return when the next queued order is due, UTC; None if none is queued."""
        row = self._db.one(_NEXT_AVAILABLE)
        return from_ms_or_none(row["available_at"]) if row else None

    def move(
        self,
        order: Order,
        move: OrderMove,
        *,
        now: datetime,
        available_at: datetime | None = None,
        counted: bool = False,
        outcome_unknown: bool | None = None,
        reference_order_id: str | None = None,
        tango_status: str | None = None,
        last_sent_at: datetime | None = None,
        problem: OrderProblem | None = None,
        problem_detail: str | None = None,
    ) -> bool:
        """Make `move` from the state in which `order` was read; return whether this call made it.

        Args:
            order: as it was read: nothing happens if its state has changed since.
            move: a move of ORDER_MOVES from that state.
            now: UTC; becomes `finalized_at` where the new state is final.
            available_at: when the order is due again, UTC; None leaves it.
            counted: whether the attempt counts against the retry schedule.
            outcome_unknown: whether Tango may have the order; None leaves it.
            reference_order_id: Tango's id of the order, once known.
            tango_status: Tango's status, once known.
            last_sent_at: when Tango sent the email, UTC.
            problem: why the order failed or needs a person; None clears it.
            problem_detail: Tango's words, or what differs.
        """
        to = ORDER_MOVES[order.status, move]
        changed = self._db.execute(
            _MOVE,
            {
                "id": order.id,
                "expected": order.status,
                "claimed_at": to_ms(order.claimed_at) if order.claimed_at else None,
                "first_attempt_at": to_ms(order.first_attempt_at) if order.first_attempt_at else None,
                "expected_problem": None if order.problem is None else str(order.problem),
                "expected_detail": order.problem_detail,
                "was_unknown": int(order.outcome_unknown),
                "to": to,
                "available_at": to_ms(available_at) if available_at else None,
                "now": to_ms(now),
                "finalized_at": to_ms(now) if to in FINAL else None,
                "counted": int(counted),
                "outcome_unknown": None if outcome_unknown is None else int(outcome_unknown),
                "reference_order_id": reference_order_id,
                "tango_status": tango_status,
                "last_sent_at": to_ms(last_sent_at) if last_sent_at else None,
                "problem": None if problem is None else str(problem),
                "problem_detail": problem_detail,
            },
        )
        if changed and to is OrderStatus.QUEUED:
            self._db.touch(Touched.ORDERS)
        if changed and to in FINAL:
            settle(self._db, order.id)
        return changed == 1

    def cancel_queued(self, request_id: int, now: datetime, *, only_held: bool = False) -> Sequence[int]:
        """Cancel the orders of a request that Tango surely does not have, and return their ids."""
        params = {"request_id": request_id, "least_held": int(only_held), "now": to_ms(now)}
        rows = self._db.query(_CANCEL_QUEUED, params)
        if rows:
            settle(self._db, rows[0]["id"])
        return [row["id"] for row in rows]

    def rescue(self, *, claimed_before: datetime | None, under_way: Iterable[int] = (), now: datetime) -> list[Order]:
        """Put back orders that are `submitting`, because their process is gone or could not record the outcome.

        Args:
            claimed_before: only orders that were claimed before this, UTC; None for all.
            under_way: ids of orders whose answer this process still awaits: they stay.
            now: UTC.
        """
        before = to_ms(claimed_before) if claimed_before else None
        params = {"claimed_before": before, "under_way": list(under_way), "now": to_ms(now)}
        rows = self._db.query(_RESCUE, params)
        for row in rows:
            self._db.execute(_CLOSE_INTERRUPTED, {"order_id": row["id"], "now": to_ms(now)})
        if rows:
            self._db.touch(Touched.ORDERS)
        return [order_of(row) for row in rows]

    def bring_forward(self, *, latest: datetime, now: datetime) -> None:
        """Make queued orders due that are further ahead than `latest`, because the clock was put back since.

        The 90 days of a reference that such a clock began in the future begin now.
        """
        self._db.execute(_BRING_FORWARD, {"latest": to_ms(latest), "now": to_ms(now)})
        self._db.execute(_BEGIN_BY_NOW, {"now": to_ms(now)})

    def give_places(self) -> None:
        """Give the newest orders their places that a bot of the version before gave none."""
        newest = self._db.one(_LAST)
        if newest is not None and (last := newest["id"]) is not None:
            self._db.execute(_PLACE, {"first": last - _NEWEST, "last": last})

    # ------------------------------------------------------------------------------------- look-ups

    def get(self, order_id: int) -> Order | None:
        """Return the order of that id, or None."""
        row = self._db.one(_GET, {"id": order_id})
        return order_of(row) if row else None

    def by_reference(self, external_ref_id: str) -> Order | None:
        """Return the order whose buttons carry this `externalRefID`, or None."""
        row = self._db.one(_BY_REFERENCE, {"reference": external_ref_id})
        return order_of(row) if row else None

    def find(self, reference: str) -> Order | None:
        """Return the order of that number, `externalRefID` or `referenceOrderID`, or None.

        The number of a request is that of its only order, and of none of several.
        """
        number = Number.of(reference)
        if number is not None and (found := number.pick(self.of_request(number.request_id))) is not None:
            return found
        return self.referenced(reference)

    def referenced(self, reference: str) -> Order | None:
        """Return the order of that `externalRefID` or `referenceOrderID`, in capitals or not, or None."""
        if not reference.isascii():
            return None
        row = self._db.one(_BY_REFERENCE, {"reference": reference.lower()}) or self._db.one(
            _BY_TANGO_REFERENCE, {"reference": reference.upper()}
        )
        return order_of(row) if row else None

    def of_request(self, request_id: int) -> list[Order]:
        """Return the orders of a request, by their places."""
        return [order_of(row) for row in self._db.query(_OF_REQUEST, {"request_id": request_id})]

    def progress(self, request_id: int) -> Progress:
        """Return how far the orders of a request are."""
        return progress_of(self._db, request_id)

    def ahead_of(self, order: Order, most: int) -> int:
        """Return how many queued orders are before this one, counted up to `most`."""
        params = {
            "priority": order.priority,
            "available_at": to_ms(order.available_at),
            "id": order.id,
            "most": most,
        }
        row = self._db.one(_AHEAD, params)
        return int(row["n"])  # type: ignore[index]  # count answers a row
