"""Retention: personal data is kept for `storage.retention_days`, and no longer."""

import logging
from datetime import timedelta

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.usecases.timekeeper import Timekeeper
from storage import Storage

logger = logging.getLogger(__name__)


def run_retention(storage: Storage, clock: Clock, timekeeper: Timekeeper, kept_for: timedelta) -> None:
    """Remove what has been kept for `kept_for`, by a clock that is believed: what is removed doesn't come back."""
    if timekeeper.confirms():
        clear_old(storage, clock, kept_for)


def clear_old(storage: Storage, clock: Clock, kept_for: timedelta) -> None:
    """Remove names, addresses and texts from requests that have been done for `kept_for`.

    Each batch is a transaction, so that nobody waits for more than one. The audit log says which were cleared. The
    write-ahead log is emptied, because it has what was removed; while somebody reads it, the next look empties it.
    """
    before = clock.now() - kept_for
    cleared = 0
    while batch := _clear_batch(storage, clock, kept_for):
        cleared += batch
    while storage.retention.forget_notices(before):
        pass
    with storage.transaction():
        storage.workflows.forget(before)
    if not storage.empty_log():
        logger.info("Another program reads the database: its log is emptied later")
    if cleared:
        logger.info("Personal data was removed from old requests: %d", cleared)


def _clear_batch(storage: Storage, clock: Clock, kept_for: timedelta) -> int:
    with storage.transaction():
        now = clock.now()
        request_ids = storage.retention.clear_requests(now - kept_for, now)
        for request_id in request_ids:
            storage.audit.add(AuditEvent.REQUEST_CLEARED, now=now, request_id=request_id)
    return len(request_ids)
