"""Orders, every attempt at one, and resends."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from bot.domain.money import Money
from bot.domain.order import (
    AS_BEFORE,
    FINAL,
    ORDER_MOVES,
    ApprovedOrder,
    Attempt,
    Order,
    OrderMove,
    OrderStatus,
    Progress,
    Resend,
    ResendChanges,
    ResendStatus,
)
from bot.domain.request import Delivery, Recipient
from storage.database import Database, Row, from_ms, from_ms_or_none, to_ms

_INSERT: Final = """
INSERT INTO orders
    (request_id, requester_id, recipient_id, first_name, last_name, email, utid, reward_name, amount_minor,
     currency, external_ref_id, body, delivery, status, created_at, available_at)
VALUES
    (:request_id, :requester_id, :recipient_id, :first_name, :last_name, :email, :utid, :reward_name,
     :amount_minor, :currency, :external_ref_id, :body, :delivery, 'queued', :now, :now)
RETURNING id
"""

# One statement, so that two workers can never claim the same order. Oldest due first; the id breaks ties in
# the order of approval. INDEXED BY: see storage/migrations.py.
_CLAIM: Final = """
UPDATE orders
SET status = 'submitting', claimed_at = :now, first_attempt_at = coalesce(first_attempt_at, :now)
WHERE id = (
    SELECT id FROM orders INDEXED BY orders_due
    WHERE status = 'queued' AND available_at <= :now
    ORDER BY available_at, id LIMIT 1
) AND status = 'queued'
RETURNING *
"""

_NEXT_AVAILABLE: Final = """
SELECT available_at FROM orders INDEXED BY orders_due
WHERE status = 'queued' ORDER BY available_at, id LIMIT 1
"""

# Compare-and-set, like every move; claimed_at goes with the state it belongs to. The status alone would not tell
# this claim from the next one (a late answer to an attempt that was given up), nor an order that still waits for
# its first claim from one that waits for its next (which must not be canceled): the two times do.
_MOVE: Final = """
UPDATE orders SET
    status = :to,
    claimed_at = NULL,
    available_at = coalesce(:available_at, available_at),
    finalized_at = :finalized_at,
    attempts = attempts + :counted,
    outcome_unknown = coalesce(:outcome_unknown, outcome_unknown),
    reference_order_id = coalesce(:reference_order_id, reference_order_id),
    tango_status = coalesce(:tango_status, tango_status),
    tango_status_at = iif(:tango_status IS NULL, tango_status_at, :now),
    watch_at = NULL,
    last_sent_at = coalesce(:last_sent_at, last_sent_at),
    problem = :problem,
    problem_detail = :problem_detail
WHERE id = :id AND status = :expected AND claimed_at IS :claimed_at AND first_attempt_at IS :first_attempt_at
"""

# Orders that were under way when the bot died, or whose outcome could not be recorded: it is unknown, and they are
# sent again under the same reference, at once. A claim in the future was made by a clock that has been put back.
_RESCUE: Final = """
UPDATE orders SET status = 'queued', claimed_at = NULL, outcome_unknown = 1, available_at = :now
WHERE status = 'submitting' AND (:claimed_before IS NULL OR claimed_at < :claimed_before OR claimed_at > :now)
  AND id NOT IN (SELECT value FROM json_each(:under_way))
RETURNING *
"""
_CLOSE_INTERRUPTED: Final = """
UPDATE attempts SET finished_at = :now, outcome = 'ambiguous', detail = 'interrupted'
WHERE order_id = :order_id AND finished_at IS NULL
"""

# Such a clock may have put orders off for longer than there is a wait for.
_BRING_FORWARD: Final = """
UPDATE orders SET available_at = :now WHERE status = 'queued' AND available_at > :latest
"""

_START_ATTEMPT: Final = "INSERT INTO attempts (order_id, started_at) VALUES (:order_id, :now) RETURNING id"
_FINISH_ATTEMPT: Final = """
UPDATE attempts SET finished_at = :now, outcome = :outcome, http_status = :http_status, i18n_key = :i18n_key,
    tango_request_id = :tango_request_id, detail = :detail
WHERE id = :id AND finished_at IS NULL
"""
_ATTEMPTS: Final = "SELECT * FROM attempts WHERE order_id = :order_id ORDER BY id DESC LIMIT :most"

_GET: Final = "SELECT * FROM orders WHERE id = :id"
_BY_REFERENCE: Final = "SELECT * FROM orders WHERE external_ref_id = :reference"
_BY_TANGO_REFERENCE: Final = "SELECT * FROM orders WHERE reference_order_id = :reference"
_OF_REQUEST: Final = "SELECT * FROM orders WHERE request_id = :request_id ORDER BY id"
_PROGRESS: Final = """
SELECT status, count(*) AS n, count(watch_at) AS unfinished, count(delivered_at) AS delivered,
    group_concat(id) AS numbers
FROM orders WHERE request_id = :request_id GROUP BY status
"""

# How many stand before an order in the queue, counted no further than is worth saying.
_AHEAD: Final = """
SELECT count(*) AS n FROM (
    SELECT 1 FROM orders INDEXED BY orders_due
    WHERE status = 'queued' AND (available_at, id) < (:available_at, :id) LIMIT :most
)
"""

# The clock of the cooldown is set before the call is made, and only by who finds it run down.
_CLAIM_RESEND: Final = """
UPDATE orders SET last_sent_at = :now
WHERE id = :id AND status = 'accepted' AND delivery = 'email' AND last_sent_at <= :sent_before
"""
_INSERT_RESEND: Final = """
INSERT INTO resends (order_id, requested_by, requested_at, previous_sent_at, status, new_email, new_etid, readdressed)
VALUES (:order_id, :requested_by, :now, :previous_sent_at, 'claimed', :new_email, :new_etid, :new_email IS NOT NULL)
RETURNING id
"""
_TAKE_RESEND: Final = """
UPDATE resends SET status = 'sending'
WHERE id = (SELECT id FROM resends INDEXED BY resends_open WHERE status = 'claimed' ORDER BY id LIMIT 1)
RETURNING *
"""
_FINISH_RESEND: Final = """
UPDATE resends SET status = :status, new_email = NULL, finished_at = :now, http_status = :http_status,
    i18n_key = :i18n_key, tango_request_id = :tango_request_id, detail = :detail
WHERE id = :id AND status = 'sending'
"""
_RESCUE_RESENDS: Final = """
UPDATE resends SET status = 'unclear', new_email = NULL, finished_at = :now, detail = 'interrupted'
WHERE status = 'sending' AND (:requested_before IS NULL OR requested_at < :requested_before OR requested_at > :now)
  AND id NOT IN (SELECT value FROM json_each(:under_way))
RETURNING *
"""
_SET_LAST_SENT: Final = "UPDATE orders SET last_sent_at = :at WHERE id = :id AND last_sent_at = :expected"
_GET_RESEND: Final = "SELECT * FROM resends WHERE id = :id"
_RESENDS: Final = "SELECT * FROM resends WHERE order_id = :order_id ORDER BY id DESC LIMIT :most"
_MAILED: Final = """
SELECT * FROM orders WHERE status = 'accepted' AND delivery = 'email' ORDER BY id DESC LIMIT :most
"""
_MAILED_BY: Final = """
SELECT * FROM orders WHERE requester_id = :requester_id AND status = 'accepted' AND delivery = 'email'
ORDER BY id DESC LIMIT :most
"""


class Orders:
    """The tables of orders, attempts and resends."""

    def __init__(self, database: Database) -> None:
        self._db = database

    # ------------------------------------------------------------------------------------ the queue

    def enqueue(self, new: ApprovedOrder, now: datetime) -> int:
        """Store an order, due at once; its id."""
        row = self._db.one(
            _INSERT,
            {
                "request_id": new.request_id,
                "requester_id": new.requester_id,
                "recipient_id": new.recipient.user_id,
                "first_name": new.recipient.first_name,
                "last_name": new.recipient.last_name,
                "email": new.recipient.email,
                "utid": new.utid,
                "reward_name": new.reward_name,
                "amount_minor": new.amount.minor,
                "currency": new.amount.currency,
                "external_ref_id": new.external_ref_id,
                "body": new.body,
                "delivery": new.delivery,
                "now": to_ms(now),
            },
        )
        return int(row["id"])  # type: ignore[index]  # RETURNING answers a row

    def claim(self, now: datetime) -> Order | None:
        """Take the order that is due longest: `queued` → `submitting`. None if none is due."""
        row = self._db.one(_CLAIM, {"now": to_ms(now)})
        return order_of(row) if row else None

    def next_available_at(self) -> datetime | None:
        """When the next queued order is due; None if none is queued."""
        row = self._db.one(_NEXT_AVAILABLE)
        return from_ms(row["available_at"]) if row else None

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
        problem: str | None = None,
        problem_detail: str | None = None,
    ) -> bool:
        """Make `move` from the state in which `order` was read; whether this call made it.

        Args:
            order: as it was read; its status, and since when, are what is expected.
            move: one that ORDER_MOVES has from there.
            now: UTC; becomes `finalized_at` where the new state is final.
            available_at: when it is due again.
            counted: whether the attempt counts against the retry schedule.
            outcome_unknown: whether Tango may have it; None leaves it as it was.
            reference_order_id: Tango's, once known.
            tango_status: Tango's word, once known.
            last_sent_at: when Tango mailed it.
            problem: why it failed or needs a person, as a code; None clears it.
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
                "to": to,
                "available_at": to_ms(available_at) if available_at else None,
                "now": to_ms(now),
                "finalized_at": to_ms(now) if to in FINAL else None,
                "counted": int(counted),
                "outcome_unknown": None if outcome_unknown is None else int(outcome_unknown),
                "reference_order_id": reference_order_id,
                "tango_status": tango_status,
                "last_sent_at": to_ms(last_sent_at) if last_sent_at else None,
                "problem": problem,
                "problem_detail": problem_detail,
            },
        )
        return changed == 1

    def rescue(self, *, claimed_before: datetime | None, under_way: Iterable[int] = (), now: datetime) -> list[Order]:
        """Put back what is `submitting`: whoever claimed it is gone, or could not record what came of it.

        Args:
            claimed_before: those claimed before this, UTC; None for all.
            under_way: ids of those whose answer this process still awaits: they stay.
            now: UTC.
        """
        before = to_ms(claimed_before) if claimed_before else None
        params = {"claimed_before": before, "under_way": json.dumps(list(under_way)), "now": to_ms(now)}
        rows = self._db.query(_RESCUE, params)
        for row in rows:
            self._db.execute(_CLOSE_INTERRUPTED, {"order_id": row["id"], "now": to_ms(now)})
        return [order_of(row) for row in rows]

    def bring_forward(self, *, latest: datetime, now: datetime) -> None:
        """Make queued orders due that were put off further than `latest`: the clock was put back since."""
        self._db.execute(_BRING_FORWARD, {"latest": to_ms(latest), "now": to_ms(now)})

    # ------------------------------------------------------------------------------------- attempts

    def start_attempt(self, order_id: int, now: datetime) -> int:
        """Write down that an attempt begins; its id."""
        row = self._db.one(_START_ATTEMPT, {"order_id": order_id, "now": to_ms(now)})
        return int(row["id"])  # type: ignore[index]  # RETURNING answers a row

    def finish_attempt(
        self,
        attempt_id: int,
        *,
        now: datetime,
        outcome: str,
        http_status: int | None,
        i18n_key: str | None,
        tango_request_id: str | None,
        detail: str | None,
    ) -> bool:
        """Write down what an attempt came to; whether it was still open."""
        changed = self._db.execute(
            _FINISH_ATTEMPT,
            {
                "id": attempt_id,
                "now": to_ms(now),
                "outcome": outcome,
                "http_status": http_status,
                "i18n_key": i18n_key,
                "tango_request_id": tango_request_id,
                "detail": detail,
            },
        )
        return changed == 1

    def attempts(self, order_id: int, most: int) -> list[Attempt]:
        """The last attempts at an order, newest first."""
        return [_attempt(row) for row in self._db.query(_ATTEMPTS, {"order_id": order_id, "most": most})]

    # ------------------------------------------------------------------------------------- look-ups

    def get(self, order_id: int) -> Order | None:
        """The order of that id."""
        row = self._db.one(_GET, {"id": order_id})
        return order_of(row) if row else None

    def find(self, reference: str) -> Order | None:
        """The order of that short id, `externalRefID` or `referenceOrderID`."""
        if not reference.isascii():
            return None
        if reference.isdecimal() and len(reference) <= 15:  # fits SQLite's integer
            found = self.get(int(reference))
            if found is not None:
                return found
        row = self._db.one(_BY_REFERENCE, {"reference": reference.lower()}) or self._db.one(
            _BY_TANGO_REFERENCE, {"reference": reference.upper()}
        )
        return order_of(row) if row else None

    def of_request(self, request_id: int) -> list[Order]:
        """The orders of a request."""
        return [order_of(row) for row in self._db.query(_OF_REQUEST, {"request_id": request_id})]

    def progress(self, request_id: int) -> Progress:
        """How far the orders of a request are."""
        rows = self._db.query(_PROGRESS, {"request_id": request_id})
        return Progress(
            counts={OrderStatus(row["status"]): row["n"] for row in rows},
            unfinished=sum(row["unfinished"] for row in rows),
            delivered=sum(row["delivered"] for row in rows),
            numbers=tuple(sorted(int(number) for row in rows for number in row["numbers"].split(","))),
        )

    def ahead_of(self, order: Order, most: int) -> int:
        """How many queued orders come before this one, counted up to `most`."""
        params = {"available_at": to_ms(order.available_at), "id": order.id, "most": most}
        row = self._db.one(_AHEAD, params)
        return int(row["n"])  # type: ignore[index]  # count answers a row

    # -------------------------------------------------------------------------------------- resends

    def mailed(self, *, requester_id: str | None, most: int) -> Sequence[Order]:
        """The newest placed orders that Tango mails: those that somebody asked for, or (None) all."""
        if requester_id is None:
            rows = self._db.query(_MAILED, {"most": most})
        else:
            rows = self._db.query(_MAILED_BY, {"requester_id": requester_id, "most": most})
        return [order_of(row) for row in rows]

    def claim_resend(
        self,
        order: Order,
        *,
        requested_by: str,
        sent_before: datetime,
        now: datetime,
        changes: ResendChanges = AS_BEFORE,
    ) -> int | None:
        """Set the cooldown's clock and store a resend to be made; its id, or None if somebody was faster."""
        claimed = self._db.execute(
            _CLAIM_RESEND, {"id": order.id, "now": to_ms(now), "sent_before": to_ms(sent_before)}
        )
        if claimed != 1:
            return None
        row = self._db.one(
            _INSERT_RESEND,
            {
                "order_id": order.id,
                "requested_by": requested_by,
                "now": to_ms(now),
                "previous_sent_at": to_ms(order.last_sent_at or order.created_at),
                "new_email": changes.email,
                "new_etid": changes.template,
            },
        )
        return int(row["id"])  # type: ignore[index]  # RETURNING answers a row

    def take_resend(self) -> Resend | None:
        """Take the oldest resend that was claimed and not yet sent: `claimed` → `sending`."""
        row = self._db.one(_TAKE_RESEND)
        return _resend(row) if row else None

    def finish_resend(
        self,
        resend_id: int,
        status: ResendStatus,
        *,
        now: datetime,
        http_status: int | None = None,
        i18n_key: str | None = None,
        tango_request_id: str | None = None,
        detail: str | None = None,
    ) -> bool:
        """Write down what a resend came to, and forget another address; whether this call did."""
        changed = self._db.execute(
            _FINISH_RESEND,
            {
                "id": resend_id,
                "status": status,
                "now": to_ms(now),
                "http_status": http_status,
                "i18n_key": i18n_key,
                "tango_request_id": tango_request_id,
                "detail": detail,
            },
        )
        return changed == 1

    def set_last_sent(self, order_id: int, at: datetime, *, expected: datetime) -> None:
        """Correct the cooldown's clock, unless somebody has set it since `expected`."""
        self._db.execute(_SET_LAST_SENT, {"id": order_id, "at": to_ms(at), "expected": to_ms(expected)})

    def rescue_resends(
        self, *, requested_before: datetime | None, under_way: Iterable[int] = (), now: datetime
    ) -> list[Resend]:
        """Close what is `sending` and awaited by nobody: nobody knows, and a second mail is no remedy.

        The arguments are those of `rescue`.
        """
        before = to_ms(requested_before) if requested_before else None
        params = {"requested_before": before, "under_way": json.dumps(list(under_way)), "now": to_ms(now)}
        return [_resend(row) for row in self._db.query(_RESCUE_RESENDS, params)]

    def resend(self, resend_id: int) -> Resend | None:
        """The resend of that id."""
        row = self._db.one(_GET_RESEND, {"id": resend_id})
        return _resend(row) if row else None

    def resends(self, order_id: int, most: int) -> list[Resend]:
        """The last resends of an order, newest first."""
        return [_resend(row) for row in self._db.query(_RESENDS, {"order_id": order_id, "most": most})]


def order_of(row: Row) -> Order:
    """The order that a row of the table holds."""
    return Order(
        id=row["id"],
        request_id=row["request_id"],
        requester_id=row["requester_id"],
        recipient=Recipient(
            user_id=row["recipient_id"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            email=row["email"],
        ),
        utid=row["utid"],
        reward_name=row["reward_name"],
        amount=Money(row["amount_minor"], row["currency"]),
        external_ref_id=row["external_ref_id"],
        body=row["body"],
        delivery=Delivery(row["delivery"]),
        status=OrderStatus(row["status"]),
        attempts=row["attempts"],
        outcome_unknown=bool(row["outcome_unknown"]),
        created_at=from_ms(row["created_at"]),
        available_at=from_ms(row["available_at"]),
        claimed_at=from_ms_or_none(row["claimed_at"]),
        first_attempt_at=from_ms_or_none(row["first_attempt_at"]),
        finalized_at=from_ms_or_none(row["finalized_at"]),
        reference_order_id=row["reference_order_id"],
        tango_status=row["tango_status"],
        tango_status_at=from_ms_or_none(row["tango_status_at"]),
        problem=row["problem"],
        problem_detail=row["problem_detail"],
        last_sent_at=from_ms_or_none(row["last_sent_at"]),
        delivered_at=from_ms_or_none(row["delivered_at"]),
        watches=row["watches"],
        watch_at=from_ms_or_none(row["watch_at"]),
    )


def _attempt(row: Row) -> Attempt:
    return Attempt(
        started_at=from_ms(row["started_at"]),
        finished_at=from_ms_or_none(row["finished_at"]),
        outcome=row["outcome"],
        http_status=row["http_status"],
        i18n_key=row["i18n_key"],
        tango_request_id=row["tango_request_id"],
        detail=row["detail"],
    )


def _resend(row: Row) -> Resend:
    return Resend(
        id=row["id"],
        order_id=row["order_id"],
        requested_by=row["requested_by"],
        requested_at=from_ms(row["requested_at"]),
        previous_sent_at=from_ms(row["previous_sent_at"]),
        status=ResendStatus(row["status"]),
        changes=ResendChanges(email=row["new_email"], template=row["new_etid"]),
        readdressed=bool(row["readdressed"]),
        finished_at=from_ms_or_none(row["finished_at"]),
        http_status=row["http_status"],
        i18n_key=row["i18n_key"],
        tango_request_id=row["tango_request_id"],
        detail=row["detail"],
    )
