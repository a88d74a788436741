"""The desk: all that a listener works with."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.usecases.absences import Absences
from bot.usecases.approval import Approvals
from bot.usecases.batch_check import Members
from bot.usecases.batch_progress import BatchProgress
from bot.usecases.batches import Batches
from bot.usecases.budgets import Budgets
from bot.usecases.cards import Cards
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.delivery import Deliveries
from bot.usecases.inquiry import Inquiries
from bot.usecases.insights import Insights
from bot.usecases.namesakes import Namesakes
from bot.usecases.onlookers import Onlookers
from bot.usecases.orders import Orders
from bot.usecases.orphans import Orphans
from bot.usecases.refusals import Refusals
from bot.usecases.reminders import Reminders
from bot.usecases.reports import Reports
from bot.usecases.requests import Requests
from bot.usecases.resend import Resends
from bot.usecases.schedules import Schedules
from bot.usecases.search import Searches
from bot.usecases.templates import Templates
from bot.usecases.undo import Undo
from bot.usecases.workflows import Workflows
from handlers.bolt.afterwards import Jobs
from handlers.bolt.conversations import Conversations
from handlers.bolt.countdown import Countdown
from handlers.bolt.directory import Directory
from handlers.bolt.files import Files
from handlers.bolt.functions import FunctionTokens
from handlers.bolt.groups import UserGroups
from handlers.bolt.home import HomeTab
from handlers.bolt.modals import Modals
from handlers.bolt.permalinks import Permalinks


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The use cases, and the means to answer.

    Attributes:
        requests: files and decides requests.
        undo: takes approvals back.
        reminders: asks another approver.
        absences: keeps who is away.
        schedules: changes the dates of approved requests.
        approvals: says how requests are approved.
        budgets: tells what is left in budgets, and the limits.
        batches: checks lists, and asks for them.
        batch_progress: cancels the rest of a batch, and finds those in it who got nothing.
        cards: has cards posted again, and finds what a person may decide.
        orders: shows one order, and retries or cancels it.
        inquiries: has Tango asked what became of an order.
        catalog: the rewards on offer.
        resends: sends reward emails again.
        templates: the templates of Tango's emails, by name.
        deliveries: delivers and shows rewards, and repeats orders that failed.
        searches: finds orders.
        reports: says what was given in a time.
        workflows: takes what workflows ask for.
        function_tokens: remembers the tokens of functions under way.
        home_tab: rewrites the Home tab.
        namesakes: compares the names of recipients with those of other members.
        insights: gathers what helps an approver to decide.
        onlookers: looks up which recipients are in the channel of their card.
        refusals: notes refused attempts.
        orphans: tells messages that are not rewritten any more from those that are.
        directory: people and their roles.
        members: asks Slack for all members, which waits for the network.
        groups: the user groups to choose from.
        files: reads files that people upload, and sends some, which waits for the network; None where the settings
            allow none.
        thanks_channel: the id of the channel for thanks in public; None where the settings name none.
        permalinks: finds and checks the addresses of messages.
        conversations: tells where the app is alone with somebody.
        modals: changes modals by what people do in them.
        background: runs calls to Slack that nobody waits for.
        fetching: runs calls to Tango, so that they hold up nothing in the background.
        countdown: shows the seconds that are left of a cooldown.
    """

    requests: Requests
    undo: Undo
    reminders: Reminders
    absences: Absences
    schedules: Schedules
    approvals: Approvals
    budgets: Budgets
    batches: Batches
    batch_progress: BatchProgress
    cards: Cards
    orders: Orders
    inquiries: Inquiries
    catalog: CatalogKeeper
    resends: Resends
    templates: Templates
    deliveries: Deliveries
    searches: Searches
    reports: Reports
    workflows: Workflows
    function_tokens: FunctionTokens
    home_tab: HomeTab
    namesakes: Namesakes
    insights: Insights
    onlookers: Onlookers
    refusals: Refusals
    orphans: Orphans
    directory: Directory
    members: Callable[[], Members]
    groups: UserGroups
    files: Files | None
    thanks_channel: str | None
    permalinks: Permalinks
    conversations: Conversations
    modals: Modals
    background: Jobs
    fetching: Jobs
    countdown: Countdown
