"""Requests that a workflow asks for, in the name of one person whom the settings name.

A run is stored before Slack is answered. Its request is made, or it is refused, when its answer is sent: by the one bot
on duty, so that each run has one answer. Nobody can be asked whether a second reward within a day is meant; the card
shows it to the approver.
"""

from bot.clock import Clock
from bot.domain.notices import WORKFLOWS, WorkflowAnswer
from bot.domain.policy import Person
from bot.domain.workflow import REMEMBER_FOR, NewWorkflowRun, WorkflowRun, WorkflowRunMove
from bot.errors import InvalidForm, NoRewards, NotAllowed, Rule
from bot.faults import Fault, FaultCode
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.form import RequestForm
from bot.usecases.requests import Requests
from storage import Storage


class Workflows:
    """Takes runs, and files what they ask for.

    Args:
        storage: of the runs.
        clock: tells the time.
        requests: file what is asked for.
        catalog: has the rewards on offer.
        requester_id: the Slack id of the person in whose name workflows ask; None where the settings name none.

    Attributes:
        requester_id: the same.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        requests: Requests,
        catalog: CatalogKeeper,
        requester_id: str | None,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._requests = requests
        self._catalog = catalog
        self.requester_id = requester_id

    def receive(self, new: NewWorkflowRun) -> None:
        """Store a run, which is answered by the outbox; nothing where it was stored before."""
        with self._storage.transaction():
            now = self._clock.now()
            self._storage.workflows.forget(now - REMEMBER_FOR)
            if self._storage.workflows.add(new, now):
                self._storage.outbox.add(WorkflowAnswer(new.execution_id), WORKFLOWS, now)

    def find(self, execution_id: str) -> WorkflowRun:
        """Return a stored run.

        Raises:
            LookupError: there is none.
        """
        run = self._storage.workflows.get(execution_id)
        if run is None:
            raise LookupError(f"no run {execution_id}")
        return run

    def is_late(self, run: WorkflowRun) -> bool:
        """Return whether a run has waited too long for Slack to say who the people are."""
        return run.is_late(self._clock.now())

    def file(self, run: WorkflowRun, requester: Person, recipient: Person | None) -> WorkflowRun:
        """File what a run asks for, and return it with its answer.

        Two transactions: killed between them, the second finds the request of the first.

        Args:
            run: that has no answer yet.
            requester: whom the settings name.
            recipient: with their profile of now; None where the workflow names nobody.

        Raises:
            NotAllowed: the requester has left, is a guest, or is no sender.
            InvalidForm: what is wrong, field by field.
            NoRewards: the catalog is empty.
            SlackUnavailable: Slack has not told who is in a user group of the policy, or that a budget is for.
        """
        if self._storage.requests.by_submission(run.execution_id) is None:
            if not requester.is_colleague:  # who acts by hand is there; whom the settings name may have left
                raise NotAllowed(Rule.COLLEAGUES_ONLY)
            self._check_reward(run.utid)
            self._requests.file(
                RequestForm(
                    requester=requester,
                    recipients=[recipient] if recipient is not None else [],
                    utid=run.utid,
                    amount=run.amount,
                    message=run.message,
                    by_message=self._requests.delivers_by_message,
                    occasion=run.occasion,
                    asked_about=frozenset({run.recipient_id}),
                    by_workflow=True,
                    submission_id=run.execution_id,
                )
            )
        return self._end(run)

    def refuse(self, run: WorkflowRun, refusal: str) -> WorkflowRun:
        """Refuse a run, unless it has made a request; return it with its answer.

        Args:
            run: that has no answer yet.
            refusal: the sentence that the workflow gets.
        """
        return self._end(run, refusal=refusal)

    def mark_answered(self, execution_id: str) -> None:
        """Record that Slack has the answer to a run, which is forgotten a day later."""
        with self._storage.transaction():
            self._storage.workflows.mark_answered(execution_id, self._clock.now())

    def _check_reward(self, utid: str) -> None:
        """Refuse a reward that goes by post: a workflow has no address for it."""
        if not len(self._catalog.current):
            raise NoRewards
        reward = self._catalog.current.get(utid)
        if reward is not None and reward.kind.is_posted:
            raise InvalidForm({"reward": Fault(FaultCode.NOT_APPLICABLE)})

    def _end(self, run: WorkflowRun, *, refusal: str = "") -> WorkflowRun:
        workflows = self._storage.workflows
        with self._storage.transaction():
            request = self._storage.requests.by_submission(run.execution_id)
            if request is not None:
                workflows.move(run.execution_id, WorkflowRunMove.REQUEST, request_id=request.id)
            else:
                workflows.move(run.execution_id, WorkflowRunMove.REFUSE, refusal=refusal)
        return self.find(run.execution_id)
