"""What files and decides requests, built from the settings, over the stores of the bot or of a shift."""

from collections.abc import Callable

from bot.clock import Clock
from bot.settings import Settings
from bot.usecases.absences import Absences
from bot.usecases.approval import Approvals
from bot.usecases.batch_check import Members
from bot.usecases.batches import Batches
from bot.usecases.budgets import Budgets
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.form import Payer, RequestForms
from bot.usecases.outcomes import Outcomes
from bot.usecases.requests import Requests
from bot.usecases.review import Review
from bot.usecases.schedules import Schedules
from bot.usecases.timekeeper import Timekeeper
from handlers.bolt.directory import Directory
from storage import Storage


def build_requests(
    settings: Settings,
    clock: Clock,
    storage: Storage,
    directory: Directory,
    *,
    catalog: CatalogKeeper,
    review: Review,
    absences: Absences,
) -> Requests:
    """Build what files and decides requests, over the stores of the bot or of a shift."""
    return Requests(
        storage=storage,
        clock=clock,
        roles=directory.roles,
        forms=build_forms(settings, clock),
        catalog=catalog,
        review=review,
        approvals=build_approvals(settings, directory),
        budgets=build_budgets(settings, clock, storage, directory),
        absences=absences,
        expire_after=settings.approvals.expire_after,
        undo_within=settings.approvals.undo_within,
        settings_hash=settings.hash,
    )


def build_batches(
    settings: Settings,
    clock: Clock,
    storage: Storage,
    directory: Directory,
    *,
    catalog: CatalogKeeper,
    requests: Requests,
) -> Batches:
    """Build what checks lists and asks for them."""
    return Batches(
        storage=storage,
        clock=clock,
        roles=directory.roles,
        forms=build_forms(settings, clock),
        catalog=catalog,
        approvals=build_approvals(settings, directory),
        budgets=build_budgets(settings, clock, storage, directory),
        requests=requests,
        orders_per_second=settings.tango.orders_per_second,
    )


def build_forms(settings: Settings, clock: Clock) -> RequestForms:
    """Build what checks forms, and makes orders of requests."""
    payer = Payer(customer=settings.tango.customer, account=settings.tango.account)
    occasions = [one.occasion for one in settings.occasions]
    return RequestForms(payer=payer, defaults=settings.defaults.details, clock=clock, occasions=occasions)


def build_review(
    storage: Storage,
    clock: Clock,
    outcomes: Outcomes,
    directory: Directory,
    catalog: CatalogKeeper,
    *,
    members: Callable[[], Members] | None = None,
) -> Review:
    """Build what looks approved orders over."""
    return Review(
        storage=storage,
        clock=clock,
        roles=directory.roles,
        catalog=lambda: catalog.current,
        ask=directory.person,
        remembered=directory.remembered,
        outcomes=outcomes,
        members=members,
    )


def build_schedules(settings: Settings, clock: Clock, storage: Storage, timekeeper: Timekeeper) -> Schedules:
    """Build what holds orders until their date."""
    return Schedules(
        storage=storage,
        clock=clock,
        world_time=timekeeper.time_at_tango,
        undo_within=settings.approvals.undo_within,
    )


def build_approvals(settings: Settings, directory: Directory) -> Approvals:
    """Build what says how requests are approved."""
    budgets = [one.budget for one in settings.budgets]
    return Approvals(settings=settings.approvals.policy, roles=directory.roles, budgets=budgets)


def build_budgets(settings: Settings, clock: Clock, storage: Storage, directory: Directory) -> Budgets:
    """Build what holds requests against budgets and limits."""
    return Budgets(
        storage=storage,
        clock=clock,
        roles=directory.roles,
        budgets=[budget.budget for budget in settings.budgets],
        limits=settings.limits.limits,
        zone=settings.timezone,
    )


def build_absences(settings: Settings, clock: Clock, storage: Storage, directory: Directory) -> Absences:
    """Build what keeps who is away."""
    return Absences(storage=storage, clock=clock, roles=directory.roles, zone_of=build_zones(settings, directory))


def build_zones(settings: Settings, directory: Directory) -> Callable[[str], str]:
    """Return what gives a person's zone: the one of the installation until Slack has told of them."""

    def zone_of(user_id: str) -> str:
        person = directory.remembered(user_id)
        return person.zone if person is not None else settings.timezone

    return zone_of
