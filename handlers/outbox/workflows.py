"""From the outbox to a workflow: files what a run asks for, and tells Slack what came of it.

The call is made with the function's own token while that lasts, and with the bot's after it: Slack takes either (Slack
docs, functions.completeSuccess, functions.completeError). So an answer outlives an outage, a restart and a change of
duty, and no token is stored.
"""

import logging
from collections.abc import Callable

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse, WebClient

from bot.domain.workflow import WorkflowRun, WorkflowRunStatus
from bot.errors import DatabaseInUse, NoRewards, Refusal, SlackUnavailable, StorageError
from bot.usecases.workflows import Workflows
from handlers.bolt.directory import Directory
from handlers.bolt.functions import ALREADY_ENDED, FunctionTokens
from handlers.bolt.guard import broken
from handlers.bolt.network import code_of, is_token_refused
from handlers.ids import Output
from handlers.outbox.worker import Postponed
from handlers.views.workflows import refused_text, turned_off_text

logger = logging.getLogger(__name__)


class WorkflowAnswers:
    """Answers workflows.

    Args:
        client: Slack's Web API, with the bot's own token.
        workflows: files what is asked for.
        directory: people and their roles.
        tokens: of the functions under way.
        is_on_duty: tell whether this bot still sends what is due.
    """

    def __init__(
        self,
        *,
        client: WebClient,
        workflows: Workflows,
        directory: Directory,
        tokens: FunctionTokens,
        is_on_duty: Callable[[], bool],
    ) -> None:
        self._client = client
        self._workflows = workflows
        self._directory = directory
        self._tokens = tokens
        self._is_on_duty = is_on_duty

    def send(self, execution_id: str) -> None:
        """File what a run asks for, unless that is done, and tell Slack what came of it.

        Raises:
            Postponed: Slack has not told who the people are, or Tango what is on offer; the run can wait.
            SlackApiError: Slack did not take the answer.
            NO_ANSWER: nobody knows whether Slack took it.
            StorageError: the database cannot serve, or another bot may be on duty by now.
        """
        run = self._workflows.find(execution_id)
        if run.status is WorkflowRunStatus.RECEIVED:
            run = self._decide(run)
        self._tell(run)
        self._workflows.mark_answered(execution_id)
        self._tokens.forget(execution_id)

    def _decide(self, run: WorkflowRun) -> WorkflowRun:
        if self._workflows.requester_id is None:
            return self._workflows.refuse(run, turned_off_text())
        try:
            return self._file(run, self._workflows.requester_id)
        except (NoRewards, SlackUnavailable) as error:
            if not self._workflows.is_late(run):
                raise Postponed("what a workflow asks for can't be checked yet", alone=True) from error
            return self._refuse(run, error)
        except Refusal as error:
            return self._refuse(run, error)
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 (else nobody would answer the workflow, ever)
            return self._workflows.refuse(run, broken("A workflow's request could not be made", error))

    def _file(self, run: WorkflowRun, requester_id: str) -> WorkflowRun:
        named = [run.recipient_id] if run.recipient_id else []
        requester, *recipients = self._directory.people([requester_id, *named])
        return self._workflows.file(run, requester, next(iter(recipients), None))

    def _refuse(self, run: WorkflowRun, refusal: Refusal) -> WorkflowRun:
        logger.warning("What a workflow asked for was refused: %s (run %s)", refusal, run.execution_id)
        return self._workflows.refuse(run, refused_text(refusal))

    def _tell(self, run: WorkflowRun) -> None:
        token = self._tokens.find(run.execution_id)
        try:
            self._end(run, token)
        except SlackApiError as error:
            if code_of(error) == ALREADY_ENDED:  # Slack took the answer, and its own was lost
                return
            if token is None or not is_token_refused(error):
                raise
            self._tokens.forget(run.execution_id)
            self._tell(run)

    def _end(self, run: WorkflowRun, token: str | None) -> SlackResponse:
        if not self._is_on_duty():
            raise DatabaseInUse("Another bot may be on duty by now; nothing was sent.")
        given = {"token": token} if token is not None else {}
        if run.status is WorkflowRunStatus.REQUESTED:
            outputs = {Output.REQUEST_NUMBER.value: run.number}
            return self._client.functions_completeSuccess(
                function_execution_id=run.execution_id, outputs=outputs, **given
            )
        return self._client.functions_completeError(function_execution_id=run.execution_id, error=run.refusal, **given)
