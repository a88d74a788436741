"""What becomes of a notice that Slack does not take for the notice's own sake: it steps aside, or is given up.

A fault that passes (a rate limit, an outage) is not told here: the notice keeps its place until the fault is over.
"""

import logging

from bot.clock import Clock
from storage import QueuedNotice, Storage

logger = logging.getLogger(__name__)


class UndeliveredNotices:
    """Records the notices that don't reach their readers. `QueuedNotice.audience` is the reader.

    Args:
        storage: of the outbox.
        clock: tells the time.
    """

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def step_aside(self, queued: QueuedNotice, reason: str) -> None:
        """Let the next notices pass one that is refused for its own sake: `sending` → `pending`.

        The notice is still owed, and is tried again with a growing wait. Called each time that it steps aside.

        Args:
            queued: the notice.
            reason: Slack's error code.
        """
        with self._storage.transaction():
            if self._storage.outbox.step_aside(queued, reason, self._clock.now()):
                logger.error("The notice %d (%s) steps aside: %s", queued.id, queued.kind, reason)

    def give_up(self, queued: QueuedNotice, reason: str) -> None:
        """Record that a notice can never be sent: `sending` → `undeliverable`.

        Args:
            queued: the notice.
            reason: Slack's error code, or a few words where the notice could not be made.
        """
        logger.error("The notice %d (%s) cannot be delivered: %s", queued.id, queued.kind, reason)
        with self._storage.transaction():
            self._storage.outbox.mark_undeliverable(queued, reason, self._clock.now())
