"""The parts of a bot, built from the settings: Slack's side, Tango's side, the use cases between them, and the shift.

The shift has use cases of its own: its stores refuse what is written once another bot is on duty.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot.clock import Clock
from bot.metrics import Metrics
from bot.scheduler import (
    BALANCE_EVERY,
    BATCHES_EVERY,
    BUDGETS_EVERY,
    CATALOG_RETRY_EVERY,
    CLOCK_EVERY,
    EXPIRY_EVERY,
    GROUPS_EVERY,
    HOLDS_EVERY,
    REMINDERS_EVERY,
    RESCUE_EVERY,
    RETENTION_EVERY,
    REVIEW_EVERY,
    SCHEDULES_EVERY,
    Scheduler,
)
from bot.settings import Settings
from bot.sides import SlackSide, TangoSide
from bot.tango.client import TangoClient
from bot.usecases.absences import Absences
from bot.usecases.approval import Approvals
from bot.usecases.batch_progress import BatchProgress
from bot.usecases.batches import Batches
from bot.usecases.budgets import Budgets
from bot.usecases.cards import Cards
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.copies import Copies
from bot.usecases.delivery import Deliveries
from bot.usecases.expiry import Expiry
from bot.usecases.form import Payer
from bot.usecases.halts import Halts
from bot.usecases.holds import Holds
from bot.usecases.home import Homes
from bot.usecases.inquiry import Inquiries, InquiryControl
from bot.usecases.inquiry_answers import InquiryAnswers
from bot.usecases.namesakes import Namesakes
from bot.usecases.onlookers import Onlookers
from bot.usecases.orders import Orders
from bot.usecases.outcomes import Outcomes
from bot.usecases.queue import QueueControl
from bot.usecases.reminders import Reminders
from bot.usecases.requests import Requests
from bot.usecases.resend import Resends
from bot.usecases.review import Review
from bot.usecases.schedules import Schedules
from bot.usecases.search import Searches
from bot.usecases.timekeeper import Timekeeper
from bot.usecases.undo import Undo
from bot.usecases.workflows import Workflows
from bot.wiring_alerts import add_watches, build_funds
from bot.wiring_requests import (
    build_absences,
    build_approvals,
    build_batches,
    build_budgets,
    build_requests,
    build_review,
    build_schedules,
    build_zones,
)
from bot.wiring_workflows import build_workflow_answers, build_workflows
from bot.worker.dispatcher import Dispatcher
from bot.worker.funds import Funds
from bot.worker.inquirer import Inquirer
from bot.worker.pace import Pace
from bot.worker.retention import run_retention
from bot.worker.shift import Shift
from handlers.bolt.channel import members_of
from handlers.bolt.directory import Directory
from handlers.bolt.home import HomeTab
from handlers.outbox.deliverer import Deliverer
from handlers.outbox.notifier import Notifier
from storage import Duty, Storage, Term

# -------------------------------------------------------------------------------------- the use cases


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """The use cases, wired."""

    requests: Requests
    undo: Undo
    reminders: Reminders
    absences: Absences
    schedules: Schedules
    approvals: Approvals
    batches: Batches
    batch_progress: BatchProgress
    budgets: Budgets
    cards: Cards
    orders: Orders
    inquiries: Inquiries
    catalog: CatalogKeeper
    resends: Resends
    deliveries: Deliveries
    searches: Searches
    workflows: Workflows


def build_usecases(
    settings: Settings, clock: Clock, storage: Storage, directory: Directory, tango: TangoSide
) -> UseCases:
    """Build what people can do, over both sides."""
    roles = directory.roles
    payer = Payer(customer=settings.tango.customer, account=settings.tango.account)
    catalog = tango.catalog
    holds = Holds(storage=storage, clock=clock)
    outcomes = _build_outcomes(storage, holds, directory)
    approvals = build_approvals(settings, directory)
    budgets = build_budgets(settings, clock, storage, directory)
    absences = build_absences(settings, clock, storage, directory)
    review = build_review(storage, clock, outcomes, directory, catalog)
    requests = build_requests(settings, clock, storage, directory, catalog=catalog, review=review, absences=absences)
    batches = build_batches(settings, clock, storage, directory, catalog=catalog, requests=requests)
    cards = Cards(storage=storage, clock=clock, roles=roles, expire_after=settings.approvals.expire_after)
    queue = QueueControl(storage=storage, clock=clock, holds=holds)
    orders = Orders(storage=storage, clock=clock, roles=roles, queue=queue)
    inquiries = Inquiries(storage=storage, roles=roles, control=InquiryControl(storage=storage, clock=clock))
    resends = Resends(storage=storage, clock=clock, roles=roles, remembered=directory.remembered)
    deliveries = Deliveries(storage=storage, tango=tango.client, clock=clock, roles=roles, outcomes=outcomes)
    searches = Searches(
        storage=storage,
        tango=tango.client,
        clock=clock,
        roles=roles,
        payer=payer,
        catalog=lambda: catalog.current,
    )
    return UseCases(
        requests=requests,
        undo=Undo(storage=storage, clock=clock, roles=roles),
        reminders=_build_reminders(settings, clock, storage, directory, tango.timekeeper),
        absences=absences,
        schedules=build_schedules(settings, clock, storage, tango.timekeeper),
        approvals=approvals,
        batches=batches,
        batch_progress=BatchProgress(storage=storage, clock=clock, roles=roles),
        budgets=budgets,
        cards=cards,
        orders=orders,
        inquiries=inquiries,
        catalog=catalog,
        resends=resends,
        deliveries=deliveries,
        searches=searches,
        workflows=build_workflows(settings, clock, storage, requests, tango),
    )


def build_home_tab(settings: Settings, clock: Clock, storage: Storage, slack: SlackSide, metrics: Metrics) -> HomeTab:
    """Build the Home tab, over the stores of the bot or of a shift."""
    directory, connection = slack.directory, slack.connection
    expire_after = settings.approvals.expire_after
    homes = Homes(
        storage=storage,
        clock=clock,
        roles=directory.roles,
        cards=Cards(storage=storage, clock=clock, roles=directory.roles, expire_after=expire_after),
        budgets=build_budgets(settings, clock, storage, directory),
        orders_per_second=settings.tango.orders_per_second,
        balance=lambda: metrics.balance,
        undo_within=settings.approvals.undo_within,
    )
    client = connection.worker_client()
    return HomeTab(client=client, homes=homes, directory=directory, clock=clock, turns=slack.home_turns)


def _build_reminders(
    settings: Settings, clock: Clock, storage: Storage, directory: Directory, timekeeper: Timekeeper
) -> Reminders:
    return Reminders(
        storage=storage,
        clock=clock,
        roles=directory.roles,
        zone_of=build_zones(settings, directory),
        believes=timekeeper.believes,
        after=settings.approvals.remind_after,
        expire_after=settings.approvals.expire_after,
    )


def build_onlookers(settings: Settings, clock: Clock, storage: Storage, slack: SlackSide) -> Onlookers:
    """Build what looks up which recipients can read the channel of their card."""
    members = partial(members_of, slack.connection.worker_client())
    return Onlookers(storage=storage, clock=clock, members=members, usual=settings.approvals.policy.usual)


def _build_outcomes(storage: Storage, holds: Holds, directory: Directory) -> Outcomes:
    return Outcomes(storage=storage, admins=directory.admins, halts=Halts(storage=storage, holds=holds))


# ------------------------------------------------------------------------------------------ the shift


class ShiftBuilder:
    """Builds the shift of each term.

    Args:
        settings: of this installation.
        clock: tells the time.
        storage: of the bot; the shift's own refuses what is written after the term.
        duty: tells whether the term is over.
        slack: the bot towards Slack.
        tango: the bot towards Tango.
        metrics: count what the workers do.
        namesakes: compares names.
        onlookers: looks up which recipients are in the channel of their card.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        clock: Clock,
        storage: Storage,
        duty: Duty,
        slack: SlackSide,
        tango: TangoSide,
        metrics: Metrics,
        namesakes: Namesakes,
        onlookers: Onlookers,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._storage = storage
        self._duty = duty
        self._slack = slack
        self._tango = tango
        self._metrics = metrics
        self._namesakes = namesakes
        self._onlookers = onlookers

    def build(self, term: Term) -> Shift:
        """Build the shift of a term."""
        storage, clock, directory = self._storage.fenced(term), self._clock, self._slack.directory
        is_on_duty = partial(self._duty.is_sure, term)
        client = self._tango.client.fenced(is_on_duty)
        holds = Holds(storage=storage, clock=clock)
        outcomes = _build_outcomes(storage, holds, directory)
        review = build_review(storage, clock, outcomes, directory, self._tango.catalog, members=self._slack.members)
        funds = build_funds(self._settings, clock, storage, client, self._metrics)
        dispatcher = self._dispatcher(storage, client, outcomes, review, funds)
        reminders = _build_reminders(self._settings, clock, storage, directory, self._tango.timekeeper)
        return Shift(
            term=term,
            dispatcher=dispatcher,
            notifier=self._notifier(storage, is_on_duty, review, reminders),
            deliverer=Deliverer(
                storage=storage,
                client=self._slack.connection.worker_client(),
                clock=clock,
                is_on_duty=is_on_duty,
                deliveries=Deliveries(
                    storage=storage, tango=client, clock=clock, roles=directory.roles, outcomes=outcomes
                ),
            ),
            ticks=self._ticks(storage, dispatcher, review, funds, holds, reminders=reminders),
            overlap=term.overlap if self._duty.is_shared else None,
        )

    def _dispatcher(
        self, storage: Storage, client: TangoClient, outcomes: Outcomes, review: Review, funds: Funds
    ) -> Dispatcher:
        timekeeper = self._tango.timekeeper
        return Dispatcher(
            storage=storage,
            tango=client,
            pace=Pace(self._settings.tango.orders_per_second),
            clock=self._clock,
            outcomes=outcomes,
            funds=funds,
            review=review,
            inquirer=Inquirer(
                storage=storage,
                tango=client,
                clock=self._clock,
                answers=InquiryAnswers(storage=storage, outcomes=outcomes, believes=timekeeper.believes),
            ),
            metrics=self._metrics,
            timekeeper=timekeeper,
        )

    def _notifier(
        self, storage: Storage, is_on_duty: Callable[[], bool], review: Review, reminders: Reminders
    ) -> Notifier:
        connection, directory = self._slack.connection, self._slack.directory
        requests = build_requests(
            self._settings,
            self._clock,
            storage,
            directory,
            catalog=self._tango.catalog,
            review=review,
            absences=build_absences(self._settings, self._clock, storage, directory),
        )
        workflows = build_workflows(self._settings, self._clock, storage, requests, self._tango)
        return Notifier(
            storage=storage,
            client=connection.worker_client(),
            clock=self._clock,
            is_on_duty=is_on_duty,
            admins=self._slack.directory.admins,
            undo_within=self._settings.approvals.undo_within,
            orders_per_second=self._settings.tango.orders_per_second,
            waiting_for=reminders.waiting_for,
            thanks_channel=self._settings.thanks_channel,
            alerts_channel=self._settings.alerts.channel,
            home=connection.home,
            home_tab=build_home_tab(self._settings, self._clock, storage, self._slack, self._metrics),
            workflow_answers=build_workflow_answers(workflows, self._slack, is_on_duty),
            copies=Copies(
                storage=storage,
                clock=self._clock,
                roles=self._slack.directory.roles,
                approvers=self._slack.directory.approvers,
                usual=self._settings.approvals.policy.usual,
            ),
        )

    def _ticks(
        self,
        storage: Storage,
        dispatcher: Dispatcher,
        review: Review,
        funds: Funds,
        holds: Holds,
        *,
        reminders: Reminders,
    ) -> Scheduler:
        settings, clock, timekeeper = self._settings, self._clock, self._tango.timekeeper
        expiry = Expiry(
            storage=storage, clock=clock, timekeeper=timekeeper, expire_after=settings.approvals.expire_after
        )
        # No attempt lasts longer than twice its timeout (bot/tango/client.py); one that is still open after that could
        # not be recorded.
        unrecorded = timedelta(seconds=2 * settings.tango.timeout + 60)
        ticks = Scheduler()
        home_tab = build_home_tab(settings, clock, storage, self._slack, self._metrics)
        # Four of these write past the fence, because it does no harm if a bot does so that was just deposed. Names are
        # compared, and the channels of cards are looked at, by each bot after each request that it takes; once more
        # rewrites a card. A catalog is what Tango said within the last minute, and each bot stores it for an admin.
        # When the clock was last seen is too early at the worst: then the clock is doubted at the next start, until
        # Tango tells the time.
        ticks.every(GROUPS_EVERY, self._namesakes.compare, name="names")
        ticks.every(GROUPS_EVERY, self._onlookers.look, name="onlookers")
        ticks.every(GROUPS_EVERY, home_tab.follow_rights, name="homes")
        ticks.every(CATALOG_RETRY_EVERY, self._tango.catalog.keep_fresh, name="catalog")
        ticks.every(RESCUE_EVERY, partial(dispatcher.rescue_stale, unrecorded), name="rescue")
        ticks.every(REVIEW_EVERY, review.look_over, name="review")
        ticks.every(CLOCK_EVERY, timekeeper.confirms, name="clock")
        ticks.every(EXPIRY_EVERY, expiry.expire_overdue, name="expiry")
        ticks.every(BALANCE_EVERY, funds.measure, name="balance")
        ticks.every(HOLDS_EVERY, holds.look, name="holds")
        progress = BatchProgress(storage=storage, clock=clock, roles=self._slack.directory.roles)
        ticks.every(BATCHES_EVERY, progress.tell, name="batches")
        schedules = build_schedules(settings, clock, storage, timekeeper)
        ticks.every(SCHEDULES_EVERY, schedules.look, name="schedules")
        ticks.every(REMINDERS_EVERY, reminders.remind, name="reminders")
        add_watches(ticks, settings, clock, storage, slack=self._slack, tango=self._tango)
        if settings.budgets:
            budgets = build_budgets(settings, clock, storage, self._slack.directory)
            ticks.every(BUDGETS_EVERY, lambda: self._metrics.set_budgets(budgets.look_over()), name="budgets")
        if settings.storage.retention_days is not None:
            kept_for = timedelta(days=settings.storage.retention_days)
            ticks.every(RETENTION_EVERY, partial(run_retention, storage, clock, timekeeper, kept_for), name="retention")
        return ticks
