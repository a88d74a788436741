"""The parts that watch over the installation as a whole, and what they run by."""

from bot.clock import Clock
from bot.domain.alerts import ALERTS
from bot.domain.notices import ADMINS
from bot.scheduler import ACCESS_EVERY, HEADS_EVERY, Scheduler
from bot.settings import Settings
from bot.sides import SlackSide
from bot.usecases.access import Access
from bot.usecases.audit import AuditHeads
from storage import Storage


def add_watches(ticks: Scheduler, settings: Settings, clock: Clock, storage: Storage, slack: SlackSide) -> None:
    """Add to the ticks of a shift what watches over the installation."""
    audience = ALERTS if settings.alerts.channel else ADMINS
    access = Access(storage=storage, clock=clock, roles=slack.directory.roles, senders=settings.roles.senders)
    ticks.every(HEADS_EVERY, AuditHeads(storage=storage, clock=clock, audience=audience).tell, name="audit")
    ticks.every(ACCESS_EVERY, access.note, name="access")
