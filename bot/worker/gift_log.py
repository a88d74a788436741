"""The gift log, looked after: what another version has sent is logged, and names go after their years."""

import logging
from datetime import timedelta

from bot.clock import Clock
from bot.usecases.timekeeper import Timekeeper
from storage import Storage

logger = logging.getLogger(__name__)


def tend_gift_log(storage: Storage, clock: Clock, timekeeper: Timekeeper, kept_for: timedelta | None) -> None:
    """Log what is not logged, and remove names by a clock that is believed: what is removed doesn't come back.

    Args:
        storage: of the log.
        clock: tells the time.
        timekeeper: tells whether the clock is believed.
        kept_for: how long names stay; None for ever.
    """
    catch_up(storage, clock)
    if kept_for is not None and timekeeper.confirms():
        remove_names(storage, clock, kept_for)


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
