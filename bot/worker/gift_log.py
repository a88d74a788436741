"""The gift log, looked after: what another version has sent is logged, and names go after their years."""

import logging
from datetime import timedelta

from bot.clock import Clock
from bot.usecases.timekeeper import Timekeeper
from storage import Storage

logger = logging.getLogger(__name__)


class GiftLogKeeper:
    """Looks after the gift log while a bot is on duty.

    Args:
        storage: of the log.
        clock: tells the time.
        timekeeper: tells whether the clock is believed: a name that was removed doesn't come back.
        kept_for: how long names stay; None for ever.
    """

    def __init__(self, storage: Storage, clock: Clock, timekeeper: Timekeeper, kept_for: timedelta | None) -> None:
        self._storage = storage
        self._clock = clock
        self._timekeeper = timekeeper
        self._kept_for = kept_for
        self._is_caught_up = False

    def look(self) -> None:
        """Log what another bot has not logged, once: this bot logs by itself. Remove names that are old enough."""
        if not self._is_caught_up:
            catch_up(self._storage, self._clock)
            self._is_caught_up = True
        if self._kept_for is not None and self._timekeeper.confirms():
            remove_names(self._storage, self._clock, self._kept_for)


def catch_up(storage: Storage, clock: Clock) -> None:
    """Log what a bot of a version before the gift log has sent or ended, each at the time of its own."""
    logged = 0
    for orders in storage.gift_log.unlogged():
        with storage.transaction():
            for order_id, at in orders:
                storage.gift_log.record(order_id, at or clock.now())
        logged += len(orders)
    if logged:
        logger.info("Rewards of an earlier version were added to the gift log: %d", logged)


def remove_names(storage: Storage, clock: Clock, kept_for: timedelta) -> None:
    """Remove the names from rows that are older than `kept_for`, a batch at a time. Ids, dates and amounts stay."""
    before = clock.now() - kept_for
    removed = 0
    while batch := storage.gift_log.remove_names(before):
        removed += batch
    if removed:
        storage.empty_log()
        logger.info("Names were removed from old rows of the gift log: %d", removed)
