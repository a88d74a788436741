"""The parts that watch over the installation as a whole, and what they run by."""

from bot.clock import Clock
from bot.domain.alerts import ALERTS
from bot.domain.notices import ADMINS
from bot.scheduler import HEADS_EVERY, Scheduler
from bot.settings import Settings
from bot.usecases.audit import AuditHeads
from storage import Storage


def add_watches(ticks: Scheduler, settings: Settings, clock: Clock, storage: Storage) -> None:
    """Add to the ticks of a shift what watches over the installation."""
    audience = ALERTS if settings.alerts.channel else ADMINS
    ticks.every(HEADS_EVERY, AuditHeads(storage=storage, clock=clock, audience=audience).tell, name="audit")
