"""Expiry: a request that nobody decides about in time expires, and its requester hears of it."""

import logging
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.batch import SAME_WITHIN
from bot.domain.notices import Decided
from bot.domain.request import Request, RequestMove
from bot.usecases.timekeeper import Timekeeper
from storage import Storage

logger = logging.getLogger(__name__)

#: Requests in one transaction. To expire so many takes some milliseconds: no click waits noticeably.
_BATCH: Final = 100


class Expiry:
    """Expires overdue requests, by a clock that is believed.

    Args:
        storage: of the requests.
        clock: tells the time.
        timekeeper: tells whether the clock is believed.
        expire_after: how long a request waits for a decision.
    """

    def __init__(self, *, storage: Storage, clock: Clock, timekeeper: Timekeeper, expire_after: timedelta) -> None:
        self._storage = storage
        self._clock = clock
        self._timekeeper = timekeeper
        self._expire_after = expire_after

    def expire_overdue(self) -> None:
        """Expire each request that has waited for too long, and remove lists that nobody has asked for.

        So many at a time are a transaction, and nobody is told twice.
        """
        if not self._timekeeper.confirms():
            return
        expired = 0
        while batch := self._expire_batch():
            expired += batch
        if expired:
            logger.info("Requests expired, because nobody decided in time: %d", expired)

    def _expire_batch(self) -> int:
        with self._storage.transaction():
            now = self._clock.now()
            self._storage.requests.start_waiting(now)
            self._storage.batches.forget(now - SAME_WITHIN)
            overdue = self._storage.requests.overdue(now - self._expire_after, _BATCH)
            for request in overdue:
                self._expire(request)
        return len(overdue)

    def _expire(self, request: Request) -> None:
        now = self._clock.now()
        if not self._storage.requests.move(request.id, RequestMove.EXPIRE, by=None, now=now):
            raise RuntimeError(f"request {request.id} moved under a lock")
        self._storage.audit.add(AuditEvent.REQUEST_EXPIRED, now=now, request_id=request.id)
        self._storage.outbox.refresh_request(request.id, request.requester_id, now)
        self._storage.outbox.add(Decided(request.id), request.requester_id, now)
