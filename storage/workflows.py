"""The runs of the step in workflows: what each asks for, and its answer.

The moves are those of bot/domain/workflow.py.
"""

from datetime import datetime
from typing import Final

from bot.domain.workflow import (
    WORKFLOW_RUN_MOVES,
    NewWorkflowRun,
    WorkflowRun,
    WorkflowRunMove,
    WorkflowRunStatus,
)
from storage.database import Database, Row, from_ms, to_ms

# The same run delivered again (a lost answer) finds the first one and changes nothing.
_ADD: Final = """
INSERT INTO workflow_runs (execution_id, recipient_id, utid, amount, message, occasion, status, received_at)
VALUES (:execution_id, :recipient_id, :utid, :amount, :message, :occasion, 'received', :now)
ON CONFLICT (execution_id) DO NOTHING
"""
_GET: Final = "SELECT * FROM workflow_runs WHERE execution_id = :execution_id"
# Compare-and-set: a run has one answer.
_MOVE: Final = """
UPDATE workflow_runs SET status = :to, request_id = :request_id, refusal = :refusal,
    amount = '', message = '', occasion = ''
WHERE execution_id = :execution_id AND status = :expected
"""
_ANSWER: Final = """
UPDATE workflow_runs SET answered_at = :now WHERE execution_id = :execution_id AND status <> 'received'
"""
_FORGET: Final = "DELETE FROM workflow_runs WHERE answered_at < :before"


class WorkflowStore:
    """The table of runs."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def add(self, new: NewWorkflowRun, now: datetime) -> bool:
        """Store a run; return whether it is new."""
        return (
            self._db.execute(
                _ADD,
                {
                    "execution_id": new.execution_id,
                    "recipient_id": new.recipient_id,
                    "utid": new.utid,
                    "amount": new.amount,
                    "message": new.message,
                    "occasion": new.occasion,
                    "now": to_ms(now),
                },
            )
            == 1
        )

    def get(self, execution_id: str) -> WorkflowRun | None:
        """Return the run of that id, or None."""
        row = self._db.one(_GET, {"execution_id": execution_id})
        return _run(row) if row else None

    def move(
        self, execution_id: str, move: WorkflowRunMove, *, request_id: int | None = None, refusal: str = ""
    ) -> bool:
        """Give a run its answer; return whether this call did."""
        expected = WorkflowRunStatus.RECEIVED
        changed = self._db.execute(
            _MOVE,
            {
                "execution_id": execution_id,
                "expected": expected,
                "to": WORKFLOW_RUN_MOVES[expected, move],
                "request_id": request_id,
                "refusal": refusal,
            },
        )
        return changed == 1

    def mark_answered(self, execution_id: str, now: datetime) -> None:
        """Record that Slack has the answer."""
        self._db.execute(_ANSWER, {"execution_id": execution_id, "now": to_ms(now)})

    def forget(self, before: datetime) -> None:
        """Remove the runs whose answers Slack took before that time."""
        self._db.execute(_FORGET, {"before": to_ms(before)})


def _run(row: Row) -> WorkflowRun:
    return WorkflowRun(
        execution_id=row["execution_id"],
        recipient_id=row["recipient_id"],
        utid=row["utid"],
        amount=row["amount"],
        message=row["message"],
        occasion=row["occasion"],
        status=WorkflowRunStatus(row["status"]),
        received_at=from_ms(row["received_at"]),
        request_id=row["request_id"],
        refusal=row["refusal"],
    )
