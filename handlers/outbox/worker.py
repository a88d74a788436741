"""A worker of the outbox: one notice at a time, in order for each audience, until Slack has taken it."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web import WebClient

from bot.clock import Clock
from bot.domain.order import wait_before_retry
from bot.errors import StorageError
from bot.loop import Worker
from handlers.bolt.network import NO_ANSWER, reason_of
from handlers.views.blocks import Message
from storage import Post, QueuedNotice, Storage

logger = logging.getLogger(__name__)

#: Slack takes about one message a second per channel (Slack docs, Rate limits).
_PER_CHANNEL: Final = timedelta(seconds=1)

#: How long the worker sleeps when nobody wakes it: notices wake it; this is for a wake-up that was lost.
_IDLE: Final = timedelta(seconds=1)

#: The longest wait that is believed. Slack asks for seconds; a proxy that answers in its place may say anything.
_LONGEST_WAIT: Final = timedelta(days=1)

#: Slack's answers that no second try will change: the person is gone, or the message can never be taken.
_HOPELESS: Final = frozenset(
    {
        "cannot_dm_bot",
        "invalid_blocks",
        "messages_tab_disabled",
        "msg_too_long",
        "user_disabled",
        "user_not_found",
    }
)


#: The same of a person's direct messages. A channel that is archived or that the bot was taken out of (a private one
#: is not found then) can be had back, and its cards are still owed.
_HOPELESS_FOR_PEOPLE: Final = frozenset({"channel_not_found", "is_archived"})

#: What ids of people begin with (Slack docs, users).
_PEOPLE: Final = ("U", "W")


class Postponed(Exception):
    """A notice that cannot be told now.

    Attributes:
        reason: a few words for the log.
        for_all: whether the others of this worker cannot be told either.
    """

    def __init__(self, reason: str, *, for_all: bool = False) -> None:
        self.reason = reason
        self.for_all = for_all
        super().__init__(reason)


class OutboxWorker(ABC):
    """Tells notices of some kinds, in a thread of its own.

    Args:
        storage: where the outbox is.
        client: Slack's Web API.
        clock: what time it is.
        kinds: notices with a worker of their own.
        others: whether this worker tells all but these, or these alone.
    """

    def __init__(
        self, *, storage: Storage, client: WebClient, clock: Clock, kinds: Iterable[str], others: bool
    ) -> None:
        self._storage = storage
        self._client = client
        self._clock = clock
        self._kinds = tuple(kinds)
        self._others = others
        self._not_before: dict[str, datetime] = {}
        self._rests_until: datetime | None = None
        self._in_hand: QueuedNotice | None = None
        self._worker = Worker(type(self).__name__.lower(), self._work)

    @abstractmethod
    def _tell(self, queued: QueuedNotice) -> None:
        """Tell it and write down that it was told.

        Raises:
            SlackApiError: Slack did not take it.
            NO_ANSWER: nobody knows whether it did.
            Postponed: it cannot be told now.
        """

    def _channel_of(self, audience: str) -> str:
        """Return the Slack id that a notice for `audience` is posted to."""
        return audience

    def _give_up(self, queued: QueuedNotice, reason: str) -> None:
        """Write down that it can never be told."""
        self._storage.outbox.mark_undeliverable(queued, reason, self._clock.now())

    # ------------------------------------------------------------------------------------ the loop

    def start(self) -> None:
        """Work in a thread until `stop`."""
        self._worker.start()

    def wake(self) -> None:
        """There may be something to tell: look soon."""
        self._worker.wake()

    def stop(self, grace: timedelta | None = None) -> None:
        """Finish the notice that is being told, if that takes no longer than `grace`, and no more."""
        self._worker.stop(grace)

    def _work(self) -> timedelta:
        return timedelta(0) if self.run_once() else self._sleep()

    def _sleep(self) -> timedelta:
        """Until an audience may be spoken to again, at most a second."""
        now = self._clock.now()
        return min([_IDLE, *(max(at - now, timedelta(0)) for at in self._not_before.values() if at > now)])

    def run_once(self) -> bool:
        """Tell the oldest notice that may be told now; whether there was one."""
        now = self._clock.now()
        if self._rests_until is not None and now < self._rests_until:
            return False
        self._not_before = {audience: at for audience, at in self._not_before.items() if at > now}
        if self._in_hand is not None:
            # The last pass broke off before it could write down what became of it.
            self._storage.outbox.retry(self._in_hand.id, now)
        self._in_hand = self._storage.outbox.claim(waiting=self._not_before, kinds=self._kinds, others=self._others)
        if self._in_hand is None:
            return False
        try:
            self._try(self._in_hand)
        except Exception:
            self._put_off(self._in_hand)
            raise
        self._in_hand = None
        return True

    def _try(self, queued: QueuedNotice) -> None:
        try:
            self._tell(queued)
        except SlackApiError as error:
            self._refused(queued, error)
        except Postponed as postponed:
            self._later(queued, postponed.reason)
            if postponed.for_all:
                self._rests_until = self._not_before[queued.audience]
        except NO_ANSWER as error:
            self._later(queued, type(error).__name__)
        except StorageError:
            raise
        except Exception:
            # A notice that cannot be worded must not stop those behind it.
            logger.exception("The notice %d (%s) could not be made", queued.id, queued.kind)
            self._give_up(queued, "could not be made")

    def _refused(self, queued: QueuedNotice, error: SlackApiError) -> None:
        reason = reason_of(error)
        if reason == "ratelimited" or error.response.status_code == 429:
            self._put_off(queued, _wait_of(error))
            self._storage.outbox.retry(queued.id, self._clock.now())
        elif reason in _HOPELESS or (reason in _HOPELESS_FOR_PEOPLE and queued.audience.startswith(_PEOPLE)):
            logger.error("The notice %d (%s) cannot be delivered: %s", queued.id, queued.kind, reason)
            self._give_up(queued, reason)
        else:
            # Also not_in_channel, a revoked token, an app that was uninstalled (account_inactive): people mend these,
            # and the notice is still owed.
            self._later(queued, reason)

    def _later(self, queued: QueuedNotice, reason: str) -> None:
        logger.warning("The notice %d (%s) was not taken: %s", queued.id, queued.kind, reason)
        self._put_off(queued)
        self._storage.outbox.retry(queued.id, self._clock.now())

    def _put_off(self, queued: QueuedNotice, asked: timedelta | None = None) -> None:
        """Leave its audience alone for as long as Slack has asked; else longer with each try."""
        self._not_before[queued.audience] = self._clock.now() + (asked or wait_before_retry(queued.attempts))

    def _post(self, audience: str, message: Message) -> Post:
        answer = self._client.chat_postMessage(
            channel=self._channel_of(audience),
            text=message.text,
            blocks=message.blocks,
            unfurl_links=False,
            unfurl_media=False,
        )
        self._not_before[audience] = self._clock.now() + _PER_CHANNEL
        return Post(channel=str(answer["channel"]), ts=str(answer["ts"]))


def _wait_of(error: SlackApiError) -> timedelta:
    """As long as Slack asks for, where it says so in whole seconds (Slack docs, Rate limits)."""
    asked = str(error.response.headers.get("Retry-After", ""))
    seconds = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 9 else 1
    return min(timedelta(seconds=seconds), _LONGEST_WAIT)
