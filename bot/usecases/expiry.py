"""Expiry: a request that nobody decides about in time expires, and its requester hears of it."""

import logging
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.notices import Decided
from bot.domain.request import Request, RequestMove
from storage import Storage

logger = logging.getLogger(__name__)

#: Requests in one transaction. To expire so many takes some milliseconds: no click waits noticeably.
_BATCH: Final = 100

#: The difference between the machine's clock and the monotonic one from which on somebody has set the machine's. NTP
#: corrects seconds, and an hour is nothing beside the days after which a request expires.
_JUMP: Final = timedelta(hours=1)


class Expiry:
    """Expires overdue requests.

    Nothing expires by a clock that has just jumped: a look expires nothing unless the machine's clock has moved with
    the monotonic one since the look before, and the first look after a start has none before it.

    Args:
        storage: of the requests.
        clock: tells the time.
        expire_after: how long a request waits for a decision.
    """

    def __init__(self, *, storage: Storage, clock: Clock, expire_after: timedelta) -> None:
        self._storage = storage
        self._clock = clock
        self._expire_after = expire_after
        self._zero: datetime | None = None  # where the machine's clock has the monotonic one's zero, at the last look

    def expire_overdue(self) -> None:
        """Expire each request that has waited for too long. Each batch is a transaction, and tells nobody twice."""
        if not self._is_steady():
            return
        expired = 0
        while batch := self._expire_batch():
            expired += batch
        if expired:
            logger.info("Requests expired, because nobody decided in time: %d", expired)

    def _is_steady(self) -> bool:
        """Return whether the machine's clock is where it was at the look before, and remember where it is."""
        zero = self._clock.now() - timedelta(seconds=self._clock.monotonic())
        before, self._zero = self._zero, zero
        if before is None:
            return False
        jumped = abs(zero - before) > _JUMP
        if jumped:
            logger.warning("The machine's clock was set, so that no request expires before the next look")
        return not jumped

    def _expire_batch(self) -> int:
        with self._storage.transaction():
            now = self._clock.now()
            self._storage.requests.start_waiting(now)
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
