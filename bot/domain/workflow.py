"""A run of the step *Ask for a reward* in a workflow, and its state machine.

::

    received ── request ─▶ requested
        └────── refuse ──▶ refused

Slack waits for the answer to each run. It is decided once: who delivers the same run again changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.numbers import request_number

#: As long as Slack does not tell who the people are, a run waits; an anniversary is over after a day.
RUN_WITHIN: Final = timedelta(days=1)

#: Slack delivers a run again for six minutes at the most (Slack docs, Events API, Error handling). A day is far more.
REMEMBER_FOR: Final = timedelta(days=1)


class WorkflowRunStatus(StrEnum):
    """The state of a run."""

    RECEIVED = "received"
    """Is stored, and neither made a request nor was refused."""
    REQUESTED = "requested"
    """Has made a request, about which an approver decides."""
    REFUSED = "refused"
    """Made no request; the sentence that the workflow gets says why."""


class WorkflowRunMove(StrEnum):
    """A move of a run."""

    REQUEST = "request"
    REFUSE = "refuse"


#: The whole machine: what is not in the table does not happen.
WORKFLOW_RUN_MOVES: Final[Mapping[tuple[WorkflowRunStatus, WorkflowRunMove], WorkflowRunStatus]] = {
    (WorkflowRunStatus.RECEIVED, WorkflowRunMove.REQUEST): WorkflowRunStatus.REQUESTED,
    (WorkflowRunStatus.RECEIVED, WorkflowRunMove.REFUSE): WorkflowRunStatus.REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWorkflowRun:
    """What a workflow asks for. Nothing in it is checked yet.

    Attributes:
        execution_id: Slack's `function_execution_id`: the same one delivered twice is one run.
        recipient_id: the Slack id of who is to get the reward.
        utid: the chosen reward.
        amount: as typed, or as a variable of the workflow has it.
        message: the same.
        occasion: the name of the chosen one; empty where the step asks for none.
    """

    execution_id: str
    recipient_id: str
    utid: str
    amount: str
    message: str
    occasion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRun(NewWorkflowRun):
    """A stored run. Amount and message are empty once it has its answer: the request has them.

    Attributes:
        status: where it stands.
        received_at: UTC.
        request_id: of the request that it made; None where it made none.
        refusal: why it made none, as the workflow is told; empty where it made one.
    """

    status: WorkflowRunStatus
    received_at: datetime
    request_id: int | None = None
    refusal: str = ""

    @property
    def number(self) -> str:
        """Return the number of the request that it made: R-8; empty where it made none."""
        return "" if self.request_id is None else request_number(self.request_id)

    def is_late(self, now: datetime) -> bool:
        """Return whether it has waited too long for Slack to say who the people are."""
        return now - self.received_at >= RUN_WITHIN
