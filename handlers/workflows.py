"""The step *Ask for a reward* in workflows, and its lists."""

from bot.domain.workflow import NewWorkflowRun
from bot.errors import NoRewards
from handlers.bolt.answers import Complete, Done, Fail
from handlers.bolt.desk import Desk
from handlers.bolt.functions import FunctionExecution
from handlers.bolt.markup import as_written
from handlers.ids import Input, Output
from handlers.views.blocks import MOST_OPTIONS
from handlers.views.messages import refusal_text
from handlers.views.workflows import occasion_options, reward_options, turned_off_text


def ask_for_reward(desk: Desk, execution: FunctionExecution) -> Done:
    """Store what a workflow asks for. Its request, and the answer to the workflow, follow by the outbox."""
    desk.function_tokens.keep(execution)
    desk.workflows.receive(
        NewWorkflowRun(
            execution_id=execution.execution_id,
            recipient_id=execution.text(Input.RECIPIENT).strip(),
            utid=execution.text(Input.REWARD).strip(),
            amount=execution.text(Input.AMOUNT),
            message=as_written(execution.text(Input.MESSAGE), desk.directory.remembered_name),
            occasion=execution.text(Input.OCCASION).strip(),
        )
    )
    return Done()


def offer_rewards(desk: Desk, execution: FunctionExecution) -> Complete | Fail:
    """Offer the rewards that match what the workflow's builder types."""
    if desk.workflows.requester_id is None:
        return Fail(turned_off_text())
    if not len(desk.catalog.current):
        return Fail(refusal_text(NoRewards()))
    currency = desk.requests.usual_currency()
    found = desk.catalog.current.search(execution.text(Input.QUERY), len(desk.catalog.current), currency)
    return Complete({Output.OPTIONS: reward_options([one for one in found if not one.kind.is_posted][:MOST_OPTIONS])})


def offer_occasions(desk: Desk, execution: FunctionExecution) -> Complete | Fail:
    """Offer the occasions of the settings that have in them what the workflow's builder types."""
    if desk.workflows.requester_id is None:
        return Fail(turned_off_text())
    typed = execution.text(Input.QUERY).strip().casefold()
    found = [one for one in desk.requests.occasions if typed in one.name.casefold()]
    return Complete({Output.OPTIONS: occasion_options(found)})
