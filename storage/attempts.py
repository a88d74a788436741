"""Every attempt to place an order."""

from datetime import datetime
from typing import Final

from bot.domain.attempt import Attempt, AttemptOutcome
from storage.database import Database, Row, from_ms, from_ms_or_none, to_ms

_START_ATTEMPT: Final = "INSERT INTO attempts (order_id, started_at) VALUES (:order_id, :now) RETURNING id"
_FINISH_ATTEMPT: Final = """
UPDATE attempts SET finished_at = :now, outcome = :outcome, http_status = :http_status, i18n_key = :i18n_key,
    tango_request_id = :tango_request_id, detail = :detail
WHERE id = :id AND finished_at IS NULL
"""
_ATTEMPTS: Final = "SELECT * FROM attempts WHERE order_id = :order_id ORDER BY id DESC LIMIT :most"


class AttemptStore:
    """The table of attempts."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def start(self, order_id: int, now: datetime) -> int:
        """Record that an attempt begins; return its id."""
        row = self._db.one(_START_ATTEMPT, {"order_id": order_id, "now": to_ms(now)})
        return int(row["id"])  # type: ignore[index]  # RETURNING answers a row

    def finish(
        self,
        attempt_id: int,
        *,
        now: datetime,
        outcome: AttemptOutcome,
        http_status: int | None,
        i18n_key: str | None,
        tango_request_id: str | None,
        detail: str | None,
    ) -> bool:
        """Record what an attempt came to; return whether it was still under way."""
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

    def of_order(self, order_id: int, most: int) -> list[Attempt]:
        """Return the last attempts at an order, newest first."""
        return [_attempt(row) for row in self._db.query(_ATTEMPTS, {"order_id": order_id, "most": most})]


def _attempt(row: Row) -> Attempt:
    return Attempt(
        started_at=from_ms(row["started_at"]),
        finished_at=from_ms_or_none(row["finished_at"]),
        outcome=AttemptOutcome(row["outcome"]) if row["outcome"] else None,
        http_status=row["http_status"],
        i18n_key=row["i18n_key"],
        tango_request_id=row["tango_request_id"],
        detail=row["detail"],
    )
