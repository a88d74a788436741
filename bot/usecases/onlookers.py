"""Onlookers: recipients who are in the approvals channel, and so can read of their reward. The card warns of them."""

import logging
from collections.abc import Callable, Collection
from threading import Lock
from typing import Final

from bot.clock import Clock
from bot.domain.notices import APPROVALS, ApprovalCard
from bot.errors import DatabaseClosed, SlackUnavailable
from storage import Storage

logger = logging.getLogger(__name__)

#: Recipients that are looked at together: more than wait for it unless Slack was down for long.
_BATCH: Final = 300


class Onlookers:
    """Looks up which recipients are in the approvals channel.

    Args:
        storage: of the requests.
        clock: tells the time.
        members: return the Slack ids of those in the channel, from Slack; None where cards go to no channel.
    """

    def __init__(self, *, storage: Storage, clock: Clock, members: Callable[[], Collection[str]] | None) -> None:
        self._storage = storage
        self._clock = clock
        self._members = members
        self._busy = Lock()

    def look(self) -> None:
        """Look up the recipients of pending requests, and have the cards rewritten that are to warn.

        Where Slack does not tell who is in the channel, nothing is kept: they are looked up the next time. Whoever
        comes while it is under way need not wait: it goes on until nothing is left.
        """
        if self._members is None or not self._busy.acquire(blocking=False):
            return
        try:
            while waiting := self._storage.onlookers.unlooked(_BATCH):
                members = self._members()
                self._keep({(request_id, user_id): user_id in members for request_id, user_id in waiting})
        except SlackUnavailable:
            logger.warning("I couldn't see which recipients can read the approvals channel: Slack did not tell")
        except DatabaseClosed:
            logger.info("Recipients were not looked up in the approvals channel: the bot has stopped")
        finally:
            self._busy.release()

    def _keep(self, found: dict[tuple[int, str], bool]) -> None:
        with self._storage.transaction():
            self._storage.onlookers.set(found)
            for request_id in {request_id for (request_id, _), in_channel in found.items() if in_channel}:
                self._storage.outbox.add(ApprovalCard(request_id), APPROVALS, self._clock.now())
