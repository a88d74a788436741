"""A run of the step in a workflow: it is answered once."""

from datetime import timedelta

from bot.domain.workflow import RUN_WITHIN, WORKFLOW_RUN_MOVES, WorkflowRun, WorkflowRunMove, WorkflowRunStatus
from tests.kit.factories import NOON, ROB


def test_the_machine():
    assert {pair: to.value for pair, to in WORKFLOW_RUN_MOVES.items()} == {
        ("received", "request"): "requested",
        ("received", "refuse"): "refused",
    }
    assert {move for _, move in WORKFLOW_RUN_MOVES} == set(WorkflowRunMove)
    assert {"received", *WORKFLOW_RUN_MOVES.values()} == set(WorkflowRunStatus)


def test_a_run_waits_for_a_day():
    run = WorkflowRun(
        execution_id="Fx1",
        recipient_id=ROB,
        utid="U561593",
        amount="25",
        message="",
        status=WorkflowRunStatus.RECEIVED,
        received_at=NOON,
    )
    assert run.number == ""
    assert not run.is_late(NOON + RUN_WITHIN - timedelta(seconds=1))
    assert run.is_late(NOON + RUN_WITHIN)
