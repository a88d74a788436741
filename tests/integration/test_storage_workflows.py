"""The runs of workflows in a real database: each is stored once, answered once, and forgotten after its answer."""

from datetime import timedelta
from typing import Any, Final

import pytest

from bot.domain.approval import ApprovalRule, Policy, Route
from bot.domain.money import Money
from bot.domain.workflow import NewWorkflowRun, WorkflowRunMove, WorkflowRunStatus
from storage import Storage
from tests.kit.engines import REFUSED
from tests.kit.factories import ALEX, CHANNEL, NOON, ROB, file_request, together

RUN: Final = "Fx0RUN0001"


def add(storage: Storage, **facts: Any) -> bool:
    """Store a run; whether it is new."""
    usual = {"execution_id": RUN, "recipient_id": ROB, "utid": "U561593", "amount": "25", "message": "Thank you"}
    with storage.transaction():
        return storage.workflows.add(NewWorkflowRun(**(usual | facts)), NOON)


def test_a_run_is_stored_once_as_it_came_first(storage: Storage):
    assert storage.workflows.get(RUN) is None
    assert add(storage)
    assert not add(storage, amount="100")
    run = storage.workflows.get(RUN)
    assert run is not None
    assert (run.amount, run.message, run.received_at) == ("25", "Thank you", NOON)
    assert (run.status, run.request_id, run.refusal) == (WorkflowRunStatus.RECEIVED, None, "")


def test_of_several_at_once_one_is_stored(storage: Storage):
    assert sorted(together(4, lambda _: add(storage))) == [False, False, False, True]


def test_it_is_answered_once_and_keeps_no_words_of_its_own(storage: Storage):
    add(storage)
    request = file_request(storage, by_workflow=True)
    assert storage.workflows.move(RUN, WorkflowRunMove.REQUEST, request_id=request.id)
    assert not storage.workflows.move(RUN, WorkflowRunMove.REFUSE, refusal="No")
    run = storage.workflows.get(RUN)
    assert run is not None
    assert (run.status, run.number, run.amount, run.message) == (WorkflowRunStatus.REQUESTED, request.number, "", "")


def test_a_refused_run_has_its_sentence(storage: Storage):
    add(storage)
    assert storage.workflows.move(RUN, WorkflowRunMove.REFUSE, refusal="No")
    run = storage.workflows.get(RUN)
    assert run is not None
    assert (run.status, run.refusal, run.number) == (WorkflowRunStatus.REFUSED, "No", "")


def test_what_has_no_answer_is_never_forgotten(storage: Storage):
    add(storage)
    storage.workflows.mark_answered(RUN, NOON)  # which it is not
    storage.workflows.forget(NOON + timedelta(days=400))
    assert storage.workflows.get(RUN) is not None
    storage.workflows.move(RUN, WorkflowRunMove.REFUSE, refusal="No")
    storage.workflows.mark_answered(RUN, NOON)
    storage.workflows.forget(NOON)
    assert storage.workflows.get(RUN) is not None
    storage.workflows.forget(NOON + timedelta(milliseconds=1))
    assert storage.workflows.get(RUN) is None


@pytest.mark.parametrize(
    "change",
    [
        "status = 'requested'",
        "status = 'refused'",
        "status = 'lost'",
        "refusal = 'No'",
        "request_id = 1",
        "answered_at = 1",
    ],
)
def test_the_database_refuses_half_an_answer(storage: Storage, change: str):
    add(storage)
    with pytest.raises(REFUSED):
        storage._database.execute(f"UPDATE workflow_runs SET {change}", {})  # noqa: S608 (the changes above)


def test_the_database_refuses_a_request_of_a_workflow_that_a_rule_approves(storage: Storage):
    """Whatever the bot believes: nobody asked by hand, so somebody has to look."""
    by_rule = Policy(Route(CHANNEL, frozenset({ALEX})), ApprovalRule.AUTOMATIC_UP_TO, Money(25_00, "USD"))
    assert file_request(storage, policy=by_rule).policy == by_rule
    with pytest.raises(REFUSED):
        file_request(storage, policy=by_rule, by_workflow=True)
