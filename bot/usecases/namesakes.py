"""Namesakes: recipients whose name another member has too. The card warns of them."""

import logging
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Final

from bot.clock import Clock
from bot.domain.notices import APPROVALS, ApprovalCard
from bot.domain.request import Request
from bot.errors import DatabaseClosed, SlackUnavailable
from storage import Storage

logger = logging.getLogger(__name__)

#: Requests that are read at a time: more than wait uncompared unless Slack was down for long.
_BATCH: Final = 100


class Namesakes:
    """Compares the names of recipients with those of all members.

    Args:
        storage: of the requests.
        clock: tells the time.
        has_namesake: return whether another member than the one of that id has that name; may wait for the network.
    """

    def __init__(self, *, storage: Storage, clock: Clock, has_namesake: Callable[[str, str], bool]) -> None:
        self._storage = storage
        self._clock = clock
        self._has_namesake = has_namesake
        self._busy = Lock()
        self._compared_to = 0  # the request up to which all are compared: thousands may wait for a decision

    def compare(self) -> None:
        """Compare the recipients of pending requests, and have the cards rewritten that are to warn.

        Where Slack does not tell the names, nothing is kept: they are compared the next time. Whoever comes while it
        is under way need not wait: it goes on until nothing is left.
        """
        if not self._busy.acquire(blocking=False):
            return
        try:
            while requests := self._storage.requests.uncompared(self._compared_to, _BATCH):
                self._compare(requests)
                self._compared_to = requests[-1].id
        except SlackUnavailable:
            logger.warning("Names could not be compared: Slack did not tell those of all members")
        except DatabaseClosed:
            logger.info("Names were not compared: the bot has stopped")
        finally:
            self._busy.release()

    def _compare(self, requests: Sequence[Request]) -> None:
        found = {
            (request.id, one.user_id): self._has_namesake(one.user_id, one.name)
            for request in requests
            for one in request.recipients
        }
        with self._storage.transaction():
            for (request_id, user_id), has_namesake in found.items():
                self._storage.requests.set_namesake(request_id, user_id, has_namesake=has_namesake)
            for request_id in {request_id for (request_id, _), has_namesake in found.items() if has_namesake}:
                self._storage.outbox.add(ApprovalCard(request_id), APPROVALS, self._clock.now())
