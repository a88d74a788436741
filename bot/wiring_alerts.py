"""The parts that watch over the installation as a whole, and what they run by."""

import time
from collections.abc import Sequence
from functools import partial

from bot.clock import Clock
from bot.domain.alerts import ALERTS
from bot.domain.notices import ADMINS
from bot.metrics import Metrics
from bot.scheduler import (
    ACCESS_EVERY,
    EMAILS_EVERY,
    GIFT_LOG_EVERY,
    HEADS_EVERY,
    LISTS_EVERY,
    TEMPLATES_EVERY,
    Scheduler,
)
from bot.settings import Settings
from bot.sides import SlackSide, TangoSide
from bot.tango.client import TangoClient
from bot.usecases.access import Access
from bot.usecases.audit import AuditHeads
from bot.usecases.balance import BalanceWatch
from bot.usecases.email_failures import EmailFailures
from bot.usecases.form import Payer
from bot.usecases.reconciliation import NightlyReconciliation, Reconciliation
from bot.usecases.templates import Templates
from bot.worker.funds import Funds
from bot.worker.gift_log import GiftLogKeeper
from storage import Storage


def add_watches(
    ticks: Scheduler, settings: Settings, clock: Clock, storage: Storage, *, slack: SlackSide, tango: TangoSide
) -> None:
    """Add to the ticks of a shift what watches over the installation."""
    audiences = _audiences(settings)
    payer = Payer(customer=settings.tango.customer, account=settings.tango.account)
    # The head goes to one place, in which all heads are together.
    heads = AuditHeads(storage=storage, clock=clock, audience=audiences[-1])
    access = Access(storage=storage, clock=clock, roles=slack.directory.roles, senders=settings.roles.senders)
    nightly = NightlyReconciliation(
        reconciliation=Reconciliation(
            storage=storage,
            tango=tango.client,
            payer=payer,
            rest=partial(time.sleep, 1 / settings.tango.orders_per_second),
        ),
        storage=storage,
        clock=clock,
        time_at_tango=tango.timekeeper.time_at_tango,
        zone=settings.timezone,
        audiences=audiences,
    )
    failures = EmailFailures(storage=storage, tango=tango.client, clock=clock, payer=payer, audiences=audiences)
    ticks.every(EMAILS_EVERY, failures.look, name="emails")
    ticks.every(HEADS_EVERY, heads.tell, name="audit")
    ticks.every(ACCESS_EVERY, access.note, name="access")
    ticks.every(LISTS_EVERY, nightly.look, name="lists")
    templates = Templates(storage=storage, tango=tango.client, clock=clock)
    ticks.every(TEMPLATES_EVERY, templates.keep_fresh, name="templates")
    gift_log = GiftLogKeeper(storage, clock, tango.timekeeper, settings.storage.gift_log_kept)
    ticks.every(GIFT_LOG_EVERY, gift_log.look, name="gift log")


def build_funds(settings: Settings, clock: Clock, storage: Storage, client: TangoClient, metrics: Metrics) -> Funds:
    """Build what asks for the balance, with what hears it where the settings name an amount for an alert."""
    watch = _build_balance_watch(settings, clock, storage)
    account = settings.tango.account
    return Funds(storage=storage, tango=client, account=account, metrics=metrics, watch=watch)


def _build_balance_watch(settings: Settings, clock: Clock, storage: Storage) -> BalanceWatch | None:
    below = settings.alerts.balance_below
    if not below:
        return None
    return BalanceWatch(storage=storage, clock=clock, below=below, audiences=_audiences(settings))


def _audiences(settings: Settings) -> Sequence[str]:
    """Return who hears of alerts: the admins, and then the channel for alerts where there is one."""
    return [ADMINS, ALERTS] if settings.alerts.channel else [ADMINS]
