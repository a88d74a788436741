"""Inquiries: the questions to Tango what became of an order, each with its due time, so that a kill loses none."""

from datetime import datetime
from typing import Final

from bot.domain.inquiry import ASKED_FOR, Inquiry, InquiryFinding
from storage.database import Database, Row, Touched, from_ms, from_ms_or_none, to_ms

# A question that is open already is asked at once, and begins anew.
_OPEN: Final = """
INSERT INTO inquiries (order_id, requested_by, requested_at, quiet, sent_as, due_at)
VALUES (:order_id, :requested_by, :now, :quiet, :sent_as, :due_at)
ON CONFLICT (order_id, coalesce(requested_by, ''), coalesce(sent_as, '')) WHERE due_at IS NOT NULL
DO UPDATE SET tries = 0, due_at = min(inquiries.due_at, excluded.due_at), quiet = max(inquiries.quiet, excluded.quiet)
RETURNING id
"""
# While an attempt is under way, its answer is awaited first.
_TAKE: Final = """
UPDATE inquiries SET tries = tries + 1, asked_at = :now, due_at = :again_at
WHERE id = (
    SELECT inquiries.id FROM inquiries INDEXED BY inquiries_due JOIN orders ON orders.id = inquiries.order_id
    WHERE inquiries.due_at <= :now AND orders.status <> 'submitting'
    ORDER BY inquiries.due_at, inquiries.id LIMIT 1
) AND due_at <= :now
RETURNING *
"""
_NEXT: Final = """
SELECT inquiries.due_at FROM inquiries INDEXED BY inquiries_due JOIN orders ON orders.id = inquiries.order_id
WHERE inquiries.due_at IS NOT NULL AND orders.status <> 'submitting'
ORDER BY inquiries.due_at, inquiries.id LIMIT 1
"""
_ASK_AGAIN: Final = """
UPDATE inquiries SET due_at = :at, found_as = coalesce(:found_as, found_as) WHERE id = :id AND due_at IS NOT NULL
"""
_FINISH: Final = """
UPDATE inquiries SET due_at = NULL, finished_at = :now, finding = :finding, detail = :detail
WHERE id = :id AND due_at IS NOT NULL
"""
_END: Final = """
UPDATE inquiries SET due_at = NULL, finished_at = :now, finding = 'overtaken'
WHERE order_id = :order_id AND due_at IS NOT NULL
RETURNING *
"""
_BRING_FORWARD: Final = "UPDATE inquiries SET due_at = :now WHERE due_at > :latest"
# Until when an attempt at the order may have been made: a restore adds one (storage/backup.py), and of an order that
# was approved after a restore the approval is later than any.
_LAST_ATTEMPT: Final = """
SELECT max(
    created_at,
    coalesce((SELECT max(coalesce(finished_at, started_at)) FROM attempts WHERE order_id = :order_id), 0)
) AS at
FROM orders WHERE id = :order_id
"""
_END_QUIET: Final = "UPDATE inquiries SET quiet = 0 WHERE order_id = :order_id AND due_at IS NOT NULL AND quiet = 1"
_SETTLE_ABSENT: Final = """
UPDATE orders SET outcome_unknown = 0 WHERE id = :id AND status = 'needs_attention' AND outcome_unknown = 1
"""
# An order that is still held was sent by nobody: Tango's 90 days begin with its first attempt.
_SETTLE_UNSENT: Final = """
UPDATE orders SET first_attempt_at = NULL
WHERE id = :id AND status = 'queued' AND is_held = 1 AND outcome_unknown = 0 AND reference_order_id IS NULL
"""
_GET: Final = "SELECT * FROM inquiries WHERE id = :id"
# An attempt makes older answers worthless.
_LATEST: Final = """
SELECT * FROM inquiries INDEXED BY inquiries_by_order
WHERE order_id = :order_id AND sent_as IS NULL AND finding <> 'overtaken' AND asked_at >= coalesce(
    (SELECT max(started_at) FROM attempts WHERE order_id = :order_id), 0
)
ORDER BY asked_at DESC, id DESC LIMIT 1
"""
_IS_OPEN: Final = """
SELECT due_at FROM inquiries INDEXED BY inquiries_by_order
WHERE order_id = :order_id AND due_at IS NOT NULL ORDER BY due_at LIMIT 1
"""


class InquiryStore:
    """The table of inquiries."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def open(
        self,
        order_id: int,
        *,
        now: datetime,
        due_at: datetime | None = None,
        requested_by: str | None = None,
        quiet: bool = False,
        sent_as: str | None = None,
    ) -> int:
        """Have Tango asked about an order at `due_at` (UTC; None: now), once for each person; return the inquiry's id.

        Args:
            order_id: the order.
            now: UTC.
            due_at: when Tango is asked.
            requested_by: who asks; None where Kudos does.
            quiet: people are told that the order needs them when this is over.
            sent_as: Tango's number under which an admin says that the order was sent.
        """
        params = {
            "order_id": order_id,
            "requested_by": requested_by,
            "now": to_ms(now),
            "quiet": int(quiet),
            "sent_as": sent_as,
            "due_at": to_ms(due_at or now),
        }
        row = self._db.one(_OPEN, params)
        self._db.touch(Touched.ORDERS)
        return int(row["id"])  # type: ignore[index]  # RETURNING answers a row

    def take(self, now: datetime) -> Inquiry | None:
        """Take the inquiry that has been due longest, and count the question; None if none is due.

        It is due again after ASKED_FOR, if its answer is not recorded until then.
        """
        row = self._db.one(_TAKE, {"now": to_ms(now), "again_at": to_ms(now + ASKED_FOR)})
        return _inquiry(row) if row else None

    def next_due_at(self) -> datetime | None:
        """Return when the next inquiry is due, UTC; None if none is open."""
        row = self._db.one(_NEXT)
        return from_ms(row["due_at"]) if row else None

    def ask_again(self, inquiry_id: int, at: datetime, *, found_as: str | None = None) -> bool:
        """Have Tango asked again at `at` (UTC), and keep its number of the order once its list has shown one."""
        changed = self._db.execute(_ASK_AGAIN, {"id": inquiry_id, "at": to_ms(at), "found_as": found_as})
        if changed:
            self._db.touch(Touched.ORDERS)
        return changed == 1

    def finish(self, inquiry_id: int, finding: InquiryFinding, *, now: datetime, detail: str | None = None) -> bool:
        """Record what an inquiry found out; return whether it was still open."""
        params = {"id": inquiry_id, "finding": finding, "now": to_ms(now), "detail": detail}
        return self._db.execute(_FINISH, params) == 1

    def end(self, order_id: int, now: datetime) -> list[Inquiry]:
        """End every open inquiry about an order, because the order was decided; return them."""
        return [_inquiry(row) for row in self._db.query(_END, {"order_id": order_id, "now": to_ms(now)})]

    def end_quiet(self, order_id: int) -> None:
        """Record that people were told that an order needs them, while Tango is still asked about it."""
        self._db.execute(_END_QUIET, {"order_id": order_id})

    def bring_forward(self, *, latest: datetime, now: datetime) -> None:
        """Make inquiries due that are further ahead than `latest`, because the clock was put back since."""
        self._db.execute(_BRING_FORWARD, {"latest": to_ms(latest), "now": to_ms(now)})

    def last_attempt_at(self, order_id: int) -> datetime:
        """Return until when an attempt at the order may have been made, UTC; its approval where there was none."""
        row = self._db.one(_LAST_ATTEMPT, {"order_id": order_id})
        return from_ms(row["at"])  # type: ignore[index]  # the caller has the order

    def settle_absent(self, order_id: int) -> bool:
        """Record that Tango surely does not have an order that needs a person; return whether that is news."""
        return self._db.execute(_SETTLE_ABSENT, {"id": order_id}) == 1

    def settle_unsent(self, order_id: int) -> None:
        """Record that a held order, which Tango surely does not have, was never sent."""
        self._db.execute(_SETTLE_UNSENT, {"id": order_id})

    def get(self, inquiry_id: int) -> Inquiry | None:
        """Return the inquiry of that id, or None."""
        row = self._db.one(_GET, {"id": inquiry_id})
        return _inquiry(row) if row else None

    def latest(self, order_id: int) -> Inquiry | None:
        """Return the last inquiry about an order by its reference that was answered since the last attempt, or None."""
        row = self._db.one(_LATEST, {"order_id": order_id})
        return _inquiry(row) if row else None

    def open_until(self, order_id: int) -> datetime | None:
        """Return when Tango is asked next about an order, UTC; None if it is not asked."""
        row = self._db.one(_IS_OPEN, {"order_id": order_id})
        return from_ms(row["due_at"]) if row else None


def _inquiry(row: Row) -> Inquiry:
    return Inquiry(
        id=row["id"],
        order_id=row["order_id"],
        requested_by=row["requested_by"],
        requested_at=from_ms(row["requested_at"]),
        quiet=bool(row["quiet"]),
        sent_as=row["sent_as"],
        found_as=row["found_as"],
        tries=row["tries"],
        asked_at=from_ms_or_none(row["asked_at"]),
        finished_at=from_ms_or_none(row["finished_at"]),
        finding=InquiryFinding(row["finding"]) if row["finding"] else None,
        detail=row["detail"],
    )
