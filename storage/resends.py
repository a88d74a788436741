"""Resends: the claim of the cooldown, and every email that was sent again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from bot.domain.addresses import masked
from bot.domain.order import Order
from bot.domain.resend import AS_BEFORE, RESEND_MOVES, Resend, ResendChanges, ResendMove, ResendStatus
from storage.database import Database, Row, Touched, from_ms, from_ms_or_none, to_ms
from storage.order_rows import order_of

# The cooldown begins again before the call is made, and only for whoever finds that it has passed.
_CLAIM_RESEND: Final = """
UPDATE orders SET last_sent_at = :now
WHERE id = :id AND status = 'accepted' AND delivery = 'email' AND last_sent_at <= :sent_before
"""
_INSERT_RESEND: Final = """
INSERT INTO resends (order_id, requested_by, requested_at, previous_sent_at, status, new_email, new_etid, readdressed,
    masked_email)
VALUES (:order_id, :requested_by, :now, :previous_sent_at, 'claimed', :new_email, :new_etid, :readdressed,
    :masked_email)
"""
# A refused one was not sent, and leaves room for another.
_LAST_READDRESSED: Final = """
SELECT max(requested_at) AS at FROM resends INDEXED BY resends_by_order
WHERE order_id = :order_id AND readdressed = 1 AND status <> 'refused'
"""
_ASKED_AT: Final = """
SELECT requested_at FROM resends INDEXED BY resends_by_person
WHERE requested_by = :requested_by AND requested_at > :since AND requested_at <= :now
ORDER BY requested_at DESC LIMIT 1 OFFSET :newer
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
WHERE status = 'sending' AND (requested_at < :requested_before OR :requested_before IS NULL OR requested_at > :now)
  AND id NOT IN (SELECT value FROM json_each(:under_way))
RETURNING *
"""
_SET_LAST_SENT: Final = "UPDATE orders SET last_sent_at = :at WHERE id = :id AND last_sent_at = :expected"
# What lies in the future was sent by a clock that was put back since: its cooldown runs from now.
_BRING_BACK: Final = "UPDATE orders SET last_sent_at = :now WHERE id = :id AND last_sent_at > :now"
_BRING_BACK_RESENDS: Final = """
UPDATE resends INDEXED BY resends_by_order SET requested_at = :now WHERE order_id = :id AND requested_at > :now
"""
_GET_RESEND: Final = "SELECT * FROM resends WHERE id = :id"
_RESENDS: Final = "SELECT * FROM resends WHERE order_id = :order_id ORDER BY id DESC LIMIT :most"
_SENT_TO: Final = """
SELECT masked_email FROM resends WHERE order_id = :order_id AND status = 'sent' ORDER BY id DESC LIMIT 1
"""
_MAILED: Final = """
SELECT * FROM orders WHERE status = 'accepted' AND delivery = 'email' ORDER BY id DESC LIMIT :most
"""
_MAILED_BY: Final = """
SELECT * FROM orders WHERE requester_id = :requester_id AND status = 'accepted' AND delivery = 'email'
ORDER BY id DESC LIMIT :most
"""


class ResendStore:
    """The table of resends, and the column of orders from which the cooldown counts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def find_mailed(self, *, requester_id: str | None, most: int) -> Sequence[Order]:
        """Return the newest accepted orders that Tango emails: of one requester, or (None) all."""
        if requester_id is None:
            rows = self._db.query(_MAILED, {"most": most})
        else:
            rows = self._db.query(_MAILED_BY, {"requester_id": requester_id, "most": most})
        return [order_of(row) for row in rows]

    def claim(
        self,
        order: Order,
        *,
        requested_by: str,
        sent_before: datetime,
        now: datetime,
        changes: ResendChanges = AS_BEFORE,
    ) -> int | None:
        """Begin the cooldown again and store a resend to be made; return its id, or None if somebody was faster."""
        claimed = self._db.execute(
            _CLAIM_RESEND, {"id": order.id, "now": to_ms(now), "sent_before": to_ms(sent_before)}
        )
        if claimed != 1:
            return None
        resend_id = self._db.insert(
            _INSERT_RESEND,
            {
                "order_id": order.id,
                "requested_by": requested_by,
                "now": to_ms(now),
                "previous_sent_at": to_ms(order.last_sent_at or order.created_at),
                "new_email": changes.email,
                "new_etid": changes.template,
                "readdressed": int(changes.email is not None),
                "masked_email": masked(changes.email) if changes.email is not None else None,
            },
        )
        self._db.touch(Touched.RESENDS)
        return resend_id

    def last_readdressed_at(self, order_id: int) -> datetime | None:
        """Return when a resend of the order to another address was last claimed, UTC; None if never."""
        row = self._db.one(_LAST_READDRESSED, {"order_id": order_id})
        return from_ms_or_none(row["at"]) if row else None

    def asked_at(self, requested_by: str, *, nth_newest: int, since: datetime, now: datetime) -> datetime | None:
        """Return when a person asked for the n-th newest of their resends, UTC; None if they asked for fewer.

        Args:
            requested_by: the person's Slack id.
            nth_newest: 1 for the newest.
            since: only those that were asked for after this, UTC.
            now: UTC; what lies after it was written by a clock that was put back.
        """
        params = {"requested_by": requested_by, "since": to_ms(since), "now": to_ms(now), "newer": nth_newest - 1}
        row = self._db.one(_ASKED_AT, params)
        return from_ms(row["requested_at"]) if row else None

    def bring_back(self, order_id: int, now: datetime) -> None:
        """Count the cooldowns of an order from now where a clock that was put back since had begun them later."""
        params = {"id": order_id, "now": to_ms(now)}
        self._db.execute(_BRING_BACK, params)
        self._db.execute(_BRING_BACK_RESENDS, params)

    def take(self) -> Resend | None:
        """Take the oldest resend whose call is to be made: `claimed` → `sending`. None if there is none."""
        row = self._db.one(_TAKE_RESEND)
        return _resend(row) if row else None

    def finish(
        self,
        resend_id: int,
        move: ResendMove,
        *,
        now: datetime,
        http_status: int | None = None,
        i18n_key: str | None = None,
        tango_request_id: str | None = None,
        detail: str | None = None,
    ) -> bool:
        """Record what a resend that is `sending` came to, and forget another address; return whether this call did."""
        changed = self._db.execute(
            _FINISH_RESEND,
            {
                "id": resend_id,
                "status": RESEND_MOVES[ResendStatus.SENDING, move],
                "now": to_ms(now),
                "http_status": http_status,
                "i18n_key": i18n_key,
                "tango_request_id": tango_request_id,
                "detail": detail,
            },
        )
        return changed == 1

    def set_last_sent(self, order_id: int, at: datetime, *, expected: datetime) -> None:
        """Correct the start of the cooldown, unless it began again since `expected`."""
        self._db.execute(_SET_LAST_SENT, {"id": order_id, "at": to_ms(at), "expected": to_ms(expected)})

    def rescue(
        self, *, requested_before: datetime | None, under_way: Iterable[int] = (), now: datetime
    ) -> list[Resend]:
        """Close resends that are `sending` and that nobody awaits: they are ambiguous, and a second email is no remedy.

        Args:
            requested_before: only resends that were asked for before this, UTC; None for all.
            under_way: ids of resends whose answer this process still awaits: they stay.
            now: UTC.
        """
        before = to_ms(requested_before) if requested_before else None
        params = {"requested_before": before, "under_way": list(under_way), "now": to_ms(now)}
        return [_resend(row) for row in self._db.query(_RESCUE_RESENDS, params)]

    def get(self, resend_id: int) -> Resend | None:
        """Return the resend of that id, or None."""
        row = self._db.one(_GET_RESEND, {"id": resend_id})
        return _resend(row) if row else None

    def of_order(self, order_id: int, most: int) -> list[Resend]:
        """Return the last resends of an order, newest first."""
        return [_resend(row) for row in self._db.query(_RESENDS, {"order_id": order_id, "most": most})]

    def sent_to(self, order_id: int) -> str | None:
        """Return so much as is kept of another address to which an order's last email went; None: the order's own."""
        row = self._db.one(_SENT_TO, {"order_id": order_id})
        return row["masked_email"] if row else None


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
        masked_email=row["masked_email"],
        finished_at=from_ms_or_none(row["finished_at"]),
        http_status=row["http_status"],
        i18n_key=row["i18n_key"],
        tango_request_id=row["tango_request_id"],
        detail=row["detail"],
    )
