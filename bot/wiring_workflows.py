"""What answers workflows, built from the settings: the use case of each bot, and the sender of each shift."""

from collections.abc import Callable

from bot.clock import Clock
from bot.settings import Settings
from bot.sides import SlackSide, TangoSide
from bot.usecases.requests import Requests
from bot.usecases.workflows import Workflows
from handlers.outbox.workflows import WorkflowAnswers
from storage import Storage


def build_workflows(
    settings: Settings, clock: Clock, storage: Storage, requests: Requests, tango: TangoSide
) -> Workflows:
    """Build what takes and files what workflows ask for, over the stores of the bot or of a shift."""
    return Workflows(
        storage=storage,
        clock=clock,
        requests=requests,
        catalog=tango.catalog,
        requester_id=settings.slack.workflow_requester,
    )


def build_workflow_answers(workflows: Workflows, slack: SlackSide, is_on_duty: Callable[[], bool]) -> WorkflowAnswers:
    """Build what answers workflows."""
    return WorkflowAnswers(
        client=slack.connection.worker_client(),
        workflows=workflows,
        directory=slack.directory,
        tokens=slack.function_tokens,
        is_on_duty=is_on_duty,
    )
