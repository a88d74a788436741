"""The three parts of a bot, built from the settings: Slack's side, Tango's side, the use cases between them."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.metrics import Metrics
from bot.settings import Settings
from bot.tango.client import TangoClient
from bot.usecases.cards import Cards
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.delivery import Deliveries
from bot.usecases.form import Payer, RequestForms
from bot.usecases.halts import Halts
from bot.usecases.holds import Holds
from bot.usecases.inquiry import Inquiries, InquiryControl
from bot.usecases.inquiry_answers import InquiryAnswers
from bot.usecases.orders import Orders
from bot.usecases.outcomes import Outcomes
from bot.usecases.queue import QueueControl
from bot.usecases.requests import Requests
from bot.usecases.resend import Resends
from bot.usecases.review import Review
from bot.usecases.search import Searches
from bot.usecases.timekeeper import Timekeeper
from bot.worker.dispatcher import Dispatcher
from bot.worker.funds import Funds
from bot.worker.inquirer import Inquirer
from bot.worker.pace import Pace
from handlers.bolt.builder import Connection
from handlers.bolt.directory import Directory
from handlers.bolt.membership import RoleIds
from handlers.outbox.notifier import Notifier
from storage import Storage

# --------------------------------------------------------------------------------------- Slack's side


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackSide:
    """The bot towards Slack."""

    connection: Connection
    directory: Directory
    notifier: Notifier


def build_slack_side(settings: Settings, clock: Clock, storage: Storage) -> SlackSide:
    """Build the bot towards Slack."""
    connection = Connection(token=settings.slack_bot_token.get_secret_value(), api_url=settings.slack.api_url)
    ids = RoleIds(senders=settings.roles.senders, approvers=settings.approvals.approvers, admins=settings.roles.admins)
    directory = Directory(client=connection.client, clock=clock, ids=ids, home=connection.home)
    notifier = Notifier(
        storage=storage,
        client=connection.worker_client(),
        clock=clock,
        admins=directory.admins,
        approvals_channel=settings.approvals.channel,
        orders_per_second=settings.tango.orders_per_second,
        home=connection.home,
    )
    return SlackSide(connection=connection, directory=directory, notifier=notifier)


# --------------------------------------------------------------------------------------- Tango's side


@dataclass(frozen=True, slots=True, kw_only=True)
class TangoSide:
    """The bot towards Tango."""

    client: TangoClient
    catalog: CatalogKeeper
    outcomes: Outcomes
    review: Review
    timekeeper: Timekeeper
    dispatcher: Dispatcher
    funds: Funds
    holds: Holds


def build_tango_side(
    settings: Settings, clock: Clock, storage: Storage, metrics: Metrics, directory: Directory
) -> TangoSide:
    """Build the bot towards Tango."""
    timekeeper = Timekeeper(storage=storage, clock=clock, ask=lambda: client.get_account(settings.tango.account))
    client = TangoClient(
        base_url=settings.tango.base_url,
        platform_name=settings.tango_platform_name,
        platform_key=settings.tango_platform_key,
        timeout=settings.tango.timeout,
        on_date=timekeeper.hear,
    )
    catalog = CatalogKeeper(
        storage=storage,
        tango=client,
        clock=clock,
        roles=directory.roles,
        offered=None if settings.rewards == "all" else settings.rewards,
    )
    holds = Holds(storage=storage, clock=clock)
    outcomes = Outcomes(storage=storage, admins=directory.admins, halts=Halts(storage=storage, holds=holds))
    review = Review(
        storage=storage,
        clock=clock,
        roles=directory.roles,
        catalog=lambda: catalog.current,
        ask=directory.person,
        remembered=directory.remembered,
        outcomes=outcomes,
    )
    funds = Funds(storage=storage, tango=client, account=settings.tango.account, metrics=metrics)
    dispatcher = Dispatcher(
        storage=storage,
        tango=client,
        pace=Pace(settings.tango.orders_per_second),
        clock=clock,
        outcomes=outcomes,
        funds=funds,
        review=review,
        inquirer=Inquirer(
            storage=storage,
            tango=client,
            clock=clock,
            answers=InquiryAnswers(storage=storage, outcomes=outcomes, believes=timekeeper.believes),
        ),
        metrics=metrics,
        timekeeper=timekeeper,
    )
    return TangoSide(
        client=client,
        catalog=catalog,
        outcomes=outcomes,
        review=review,
        timekeeper=timekeeper,
        dispatcher=dispatcher,
        funds=funds,
        holds=holds,
    )


# -------------------------------------------------------------------------------------- the use cases


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """The use cases, wired."""

    requests: Requests
    cards: Cards
    orders: Orders
    inquiries: Inquiries
    catalog: CatalogKeeper
    resends: Resends
    deliveries: Deliveries
    searches: Searches


def build_usecases(
    settings: Settings, clock: Clock, storage: Storage, directory: Directory, tango: TangoSide
) -> UseCases:
    """Build what people can do, over both sides."""
    roles = directory.roles
    payer = Payer(customer=settings.tango.customer, account=settings.tango.account)
    catalog = tango.catalog
    requests = Requests(
        storage=storage,
        clock=clock,
        roles=roles,
        forms=RequestForms(payer=payer, defaults=settings.defaults.details, clock=clock),
        catalog=catalog,
        review=tango.review,
        expire_after=settings.approvals.expire_after,
    )
    cards = Cards(storage=storage, clock=clock, roles=roles, expire_after=settings.approvals.expire_after)
    queue = QueueControl(storage=storage, clock=clock, holds=tango.holds)
    orders = Orders(storage=storage, clock=clock, roles=roles, queue=queue)
    inquiries = Inquiries(storage=storage, roles=roles, control=InquiryControl(storage=storage, clock=clock))
    resends = Resends(storage=storage, clock=clock, roles=roles, remembered=directory.remembered)
    deliveries = Deliveries(storage=storage, tango=tango.client, clock=clock, roles=roles, outcomes=tango.outcomes)
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
        cards=cards,
        orders=orders,
        inquiries=inquiries,
        catalog=catalog,
        resends=resends,
        deliveries=deliveries,
        searches=searches,
    )
