"""Requests and their recipients."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final

from bot.domain.approval import ApprovalRule, Policy, Route
from bot.domain.money import Money
from bot.domain.request import (
    REQUEST_MOVES,
    NewRequest,
    Recipient,
    Repeated,
    Request,
    RequestMove,
    RequestStatus,
)
from bot.domain.review import Obstacle, ObstacleCode
from storage.budgets import drawn_of
from storage.database import Database, Row, from_ms, from_ms_or_none, to_json, to_ms
from storage.details import details_from_json, details_to_json
from storage.occasions import columns_of, occasion_of

# The same modal submitted twice (a double click, a retried delivery) makes one request: the second insert finds the
# submission_id of the first and changes nothing.
_INSERT: Final = """
INSERT INTO requests
    (submission_id, reference, requester_id, requester_name, requester_email, utid, reward_name, amount_minor, currency,
     message, details, permalink, repeats, occasion, taxable, policy, approvals_needed, batch, by_workflow, status,
     created_at, waits_since)
VALUES
    (:submission_id, :reference, :requester_id, :requester_name, :requester_email, :utid, :reward_name, :amount_minor,
     :currency, :message, :details, :permalink, :repeats, :occasion, :taxable, :policy, :approvals_needed, :batch,
     :by_workflow, 'pending_approval', :now, :now)
ON CONFLICT (submission_id) DO NOTHING
"""

_INSERT_RECIPIENT: Final = """
INSERT INTO recipients
    (request_id, position, user_id, first_name, last_name, email, zone, external_ref_id, requested_at, own_minor,
     own_message)
VALUES
    (:request_id, :position, :user_id, :first_name, :last_name, :email, :zone, :external_ref_id, :now, :own_minor,
     :own_message)
"""

_GET: Final = "SELECT * FROM requests WHERE id = :id"
_BY_SUBMISSION: Final = "SELECT * FROM requests WHERE submission_id = :submission_id"
_BY_REFERENCE: Final = "SELECT * FROM requests WHERE reference = :reference"
_REPEATED: Final = """
SELECT id, status, undone_by,
    (SELECT count(*) FROM orders WHERE request_id = requests.id) AS orders,
    (SELECT count(*) FROM orders WHERE request_id = requests.id AND status IN ('failed', 'canceled')) AS unsent
FROM requests WHERE id = :id
"""
_RECIPIENTS: Final = "SELECT * FROM recipients WHERE request_id = :id ORDER BY position"

# Compare-and-set: of two who decide at once, one changes the row and the other changes none. What comes to nothing
# reserves nothing any more; an approved request's orders are settled one by one (storage/reservations.py).
_MOVE: Final = """
UPDATE requests SET status = :to, decided_by = :by, decided_at = :now, reason = :reason,
    reserved_minor = CASE WHEN :to = 'approved' THEN reserved_minor ELSE 0 END,
    batch = CASE WHEN :to = 'approved' AND batch = 1 THEN 2 ELSE batch END
WHERE id = :id AND status = :expected
"""
# The same for the first of two approvers.
_APPROVE_FIRST: Final = """
UPDATE requests SET first_approved_by = :by, first_approved_at = :now
WHERE id = :id AND status = 'pending_approval' AND approvals_needed = 2 AND first_approved_by IS NULL
"""

# What waits since a time that is not known, or that is still to come, waits from now on: the file was upgraded, or the
# clock was put back.
_START_WAITING: Final = """
UPDATE requests INDEXED BY requests_pending SET waits_since = :now
WHERE status = 'pending_approval' AND (waits_since IS NULL OR waits_since > :now)
"""
_OVERDUE: Final = """
SELECT * FROM requests INDEXED BY requests_pending
WHERE status = 'pending_approval' AND waits_since <= :before ORDER BY id LIMIT :most
"""

_PENDING_IDS: Final = """
SELECT id FROM requests INDEXED BY requests_pending WHERE status = 'pending_approval' ORDER BY id
"""
_SET_OBSTACLES: Final = """
UPDATE requests SET obstacles = :obstacles
WHERE id = :id AND status = 'pending_approval' AND obstacles <> :obstacles
"""
# Of a batch, whose people are named by address or id, nobody is looked for by name.
_UNCOMPARED: Final = """
SELECT * FROM requests INDEXED BY requests_pending
WHERE status = 'pending_approval' AND batch = 0 AND id > :after AND EXISTS (
    SELECT 1 FROM recipients WHERE recipients.request_id = requests.id AND recipients.has_namesake IS NULL
)
ORDER BY id LIMIT :most
"""
_SET_NAMESAKE: Final = """
UPDATE recipients SET has_namesake = :has_namesake WHERE request_id = :request_id AND user_id = :user_id
"""

_PENDING: Final = """
SELECT * FROM requests INDEXED BY requests_pending
WHERE status = 'pending_approval' ORDER BY id DESC LIMIT :most
"""
_PENDING_OF: Final = """
SELECT * FROM requests INDEXED BY requests_pending
WHERE requester_id = :requester_id AND status = 'pending_approval' ORDER BY id DESC LIMIT :most
"""
_EACH_PENDING: Final = """
SELECT * FROM requests INDEXED BY requests_pending
WHERE status = 'pending_approval' AND id > :id ORDER BY id LIMIT :most
"""
_USUAL_CURRENCY: Final = """
SELECT currency FROM requests WHERE id > (SELECT max(id) FROM requests) - :most
GROUP BY currency ORDER BY count(*) DESC, max(id) DESC LIMIT 1
"""
# Of requests that wait for a decision, or whose approval can still be undone.
_POLICIES_KEPT: Final = """
SELECT policy, first_approved_by FROM requests INDEXED BY requests_pending
WHERE status = 'pending_approval' AND policy IS NOT NULL
UNION
SELECT policy, first_approved_by FROM requests
WHERE policy IS NOT NULL AND id IN (SELECT request_id FROM orders INDEXED BY orders_held WHERE is_held = 1)
"""
_COUNT_PENDING: Final = """
SELECT count(*) AS n FROM requests INDEXED BY requests_pending WHERE status = 'pending_approval'
"""

#: Pending requests that are read at a time: a few milliseconds.
_BATCH: Final = 100

#: The requests that tell what is usual: a week or so of a busy workspace, and one page of the table to read.
_LATEST: Final = 100


class RequestStore:
    """The table of requests, with the recipients of each."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, new: NewRequest, now: datetime) -> int | None:
        """Store a request and its recipients; return its id, or None if that modal was submitted before."""
        request_id = self._db.insert(
            _INSERT,
            {
                "submission_id": new.submission_id,
                "reference": new.reference,
                "requester_id": new.requester_id,
                "requester_name": new.requester_name,
                "requester_email": new.requester_email,
                "utid": new.utid,
                "reward_name": new.reward_name,
                "amount_minor": new.amount.minor,
                "currency": new.amount.currency,
                "message": new.message,
                "details": details_to_json(new.details),
                "permalink": new.permalink,
                "repeats": new.repeats.id if new.repeats else None,
                **columns_of(new.occasion),
                "policy": _policy_to_json(new.policy),
                "approvals_needed": new.approvals_needed,
                "batch": int(new.is_batch),
                "by_workflow": int(new.by_workflow),
                "now": to_ms(now),
            },
        )
        if request_id is None:
            return None
        self._db.execute_many(
            _INSERT_RECIPIENT,
            [
                {
                    "request_id": request_id,
                    "position": position,
                    "user_id": recipient.user_id,
                    "first_name": recipient.first_name,
                    "last_name": recipient.last_name,
                    "email": recipient.email,
                    "zone": recipient.zone,
                    "external_ref_id": recipient.external_ref_id,
                    "now": to_ms(now),
                    "own_minor": None if recipient.amount is None else recipient.amount.minor,
                    "own_message": recipient.message,
                }
                for position, recipient in enumerate(new.recipients)
            ],
        )
        return request_id

    def get(self, request_id: int) -> Request | None:
        """Return the request of that id, or None."""
        row = self._db.one(_GET, {"id": request_id})
        return self._from_row(row) if row else None

    def by_submission(self, submission_id: str) -> Request | None:
        """Return the request that this submit made, or None."""
        row = self._db.one(_BY_SUBMISSION, {"submission_id": submission_id})
        return self._from_row(row) if row else None

    def by_reference(self, reference: str) -> Request | None:
        """Return the request whose buttons carry this reference, or None."""
        row = self._db.one(_BY_REFERENCE, {"reference": reference})
        return self._from_row(row) if row else None

    def move(
        self,
        request_id: int,
        move: RequestMove,
        *,
        by: str | None,
        now: datetime,
        reason: str | None = None,
    ) -> bool:
        """Make a move out of `pending_approval`; return whether this call made it."""
        expected = RequestStatus.PENDING_APPROVAL
        changed = self._db.execute(
            _MOVE,
            {
                "id": request_id,
                "expected": expected,
                "to": REQUEST_MOVES[expected, move],
                "by": by,
                "now": to_ms(now),
                "reason": reason,
            },
        )
        return changed == 1

    def approve_first(self, request_id: int, *, by: str, now: datetime) -> bool:
        """Record the first of two approvers of a pending request; return whether this call did."""
        return self._db.execute(_APPROVE_FIRST, {"id": request_id, "by": by, "now": to_ms(now)}) == 1

    def pending(self, *, requester_id: str | None, most: int) -> list[Request]:
        """Return the newest requests that wait for a decision: of one requester, or (None) all."""
        if requester_id is None:
            rows = self._db.query(_PENDING, {"most": most})
        else:
            rows = self._db.query(_PENDING_OF, {"requester_id": requester_id, "most": most})
        return [self._from_row(row) for row in rows]

    def each_pending(self, after: int = 0) -> Iterator[Request]:
        """Yield the requests that wait for a decision, oldest first, of those made after this one (0: of all)."""
        return map(self._from_row, self._db.each(_EACH_PENDING, behind={"id": after}, most=_BATCH))

    def usual_currency(self) -> str | None:
        """Return the currency of most of the latest requests; None before the first."""
        row = self._db.one(_USUAL_CURRENCY, {"most": _LATEST})
        return row["currency"] if row else None

    def start_waiting(self, now: datetime) -> None:
        """Let the time of pending requests run from `now`, where it is not known since when they wait."""
        self._db.execute(_START_WAITING, {"now": to_ms(now)})

    def overdue(self, before: datetime, most: int) -> list[Request]:
        """Return the oldest pending requests that have waited since `before` or longer."""
        return [self._from_row(row) for row in self._db.query(_OVERDUE, {"before": to_ms(before), "most": most})]

    def approvers_kept(self) -> frozenset[str]:
        """Return the ids that policies of waiting and held requests name, and who was the first to approve one."""
        rows = self._db.query(_POLICIES_KEPT)
        policies = [policy for row in rows if (policy := _policy_from_json(row["policy"])) is not None]
        first = [row["first_approved_by"] for row in rows if row["first_approved_by"]]
        return frozenset(first).union(*(policy.route.approvers for policy in policies))

    def count_pending(self) -> int:
        """Return how many requests wait for a decision."""
        return int(self._db.query(_COUNT_PENDING)[0]["n"])

    def pending_ids(self) -> list[int]:
        """Return the ids of all requests that wait for a decision, oldest first."""
        return [row["id"] for row in self._db.query(_PENDING_IDS)]

    def set_obstacles(self, request_id: int, obstacles: Sequence[Obstacle]) -> bool:
        """Store what stands against a pending request; return whether this is news."""
        text = to_json([asdict(obstacle) for obstacle in obstacles])
        return self._db.execute(_SET_OBSTACLES, {"id": request_id, "obstacles": text}) == 1

    def uncompared(self, after: int, most: int) -> list[Request]:
        """Return the oldest pending requests of which some recipient's name was not compared with other members' names.

        Args:
            after: of those made after this one; 0: of all.
            most: how many are read.
        """
        return [self._from_row(row) for row in self._db.query(_UNCOMPARED, {"after": after, "most": most})]

    def set_namesake(self, request_id: int, user_id: str, *, has_namesake: bool) -> None:
        """Keep whether another member has the same name as this recipient."""
        params = {"request_id": request_id, "user_id": user_id, "has_namesake": int(has_namesake)}
        self._db.execute(_SET_NAMESAKE, params)

    def _repeated(self, request_id: int | None) -> Repeated | None:
        row = None if request_id is None else self._db.one(_REPEATED, {"id": request_id})
        if row is None:
            return None
        return Repeated(
            row["id"],
            RequestStatus(row["status"]),
            is_undone=row["undone_by"] is not None,
            orders=row["orders"],
            unsent=row["unsent"],
        )

    def _from_row(self, row: Row) -> Request:
        return Request(
            id=row["id"],
            submission_id=row["submission_id"],
            reference=row["reference"],
            requester_id=row["requester_id"],
            requester_name=row["requester_name"],
            requester_email=row["requester_email"],
            recipients=tuple(
                _recipient(one, row["currency"]) for one in self._db.query(_RECIPIENTS, {"id": row["id"]})
            ),
            utid=row["utid"],
            reward_name=row["reward_name"],
            amount=Money(row["amount_minor"], row["currency"]),
            message=row["message"],
            details=details_from_json(row["details"]),
            permalink=row["permalink"],
            repeats=self._repeated(row["repeats"]),
            occasion=occasion_of(row),
            policy=_policy_from_json(row["policy"]),
            is_batch=row["batch"] > 0,
            by_workflow=bool(row["by_workflow"]),
            status=RequestStatus(row["status"]),
            created_at=from_ms(row["created_at"]),
            waits_since=from_ms_or_none(row["waits_since"]),
            first_approved_by=row["first_approved_by"],
            first_approved_at=from_ms_or_none(row["first_approved_at"]),
            decided_by=row["decided_by"],
            decided_at=from_ms_or_none(row["decided_at"]),
            reason=row["reason"],
            in_doubt_since=from_ms_or_none(row["in_doubt_since"]),
            undone_by=row["undone_by"],
            undone_at=from_ms_or_none(row["undone_at"]),
            obstacles=tuple(Obstacle(ObstacleCode(f["code"]), f["user_id"]) for f in json.loads(row["obstacles"])),
            budgets=drawn_of(row["budgets"], row["currency"]),
        )


def _recipient(row: Row, currency: str) -> Recipient:
    return Recipient(
        user_id=row["user_id"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        email=row["email"],
        zone=row["zone"],
        external_ref_id=row["external_ref_id"],
        has_namesake=None if row["has_namesake"] is None else bool(row["has_namesake"]),
        in_channel=None if row["in_channel"] is None else bool(row["in_channel"]),
        amount=None if row["own_minor"] is None else Money(row["own_minor"], currency),
        message=row["own_message"],
    )


def _policy_to_json(policy: Policy | None) -> str | None:
    if policy is None:
        return None
    route = {"channel": policy.route.channel, "approvers": sorted(policy.route.approvers)}
    bound = {"minor": policy.bound.minor, "currency": policy.bound.currency} if policy.bound else None
    return to_json({"route": route, "rule": policy.rule, **({"bound": bound} if bound else {})})


def _policy_from_json(text: str | None) -> Policy | None:
    if text is None:
        return None
    said = json.loads(text)
    route = Route(said["route"]["channel"], frozenset(said["route"]["approvers"]))
    bound = Money(**said["bound"]) if "bound" in said else None
    return Policy(route, ApprovalRule(said["rule"]), bound)
