"""A worker of the outbox: sends one notice at a time, in order for each audience, until Slack has taken it."""

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

#: How long an idle worker sleeps if nobody wakes it. Commits of this process wake it at once; this is for those of
#: another process, such as `kudos queue retry`.
_IDLE: Final = timedelta(seconds=1)

#: The longest wait that is believed. Slack asks for seconds; a proxy in between may say anything.
_LONGEST_WAIT: Final = timedelta(days=1)

#: Slack's answers that no second try changes: the person is gone, or Slack can never take the message.
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

#: Answers that no second try changes for a person's direct messages. For a channel these can change: an archived one
#: comes back, and a private one is found once the bot is invited again. Its cards are still owed.
_HOPELESS_FOR_PEOPLE: Final = frozenset({"channel_not_found", "is_archived"})

#: The first letters of people's ids (Slack docs, users).
_PEOPLE: Final = ("U", "W")


class Postponed(Exception):
    """A notice can't be sent now.

    Attributes:
        reason: a few words for the log.
        for_all: whether this worker can't send its other notices either.
    """

    def __init__(self, reason: str, *, for_all: bool = False) -> None:
        self.reason = reason
        self.for_all = for_all
        super().__init__(reason)


class OutboxWorker(ABC):
    """Sends notices of some kinds, in a thread of its own.

    Args:
        storage: of the outbox.
        client: Slack's Web API.
        clock: tells the time.
        kinds: kinds of notices with a worker of their own.
        others: whether this worker sends all kinds but `kinds`, or `kinds` alone.
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
        self._worker = Worker(type(self).__name__.lower(), self._work, monotonic=clock.monotonic)

    @abstractmethod
    def _send(self, queued: QueuedNotice) -> None:
        """Send a notice, and record that Slack has taken it.

        Raises:
            SlackApiError: Slack did not take the notice.
            NO_ANSWER: nobody knows whether Slack took it.
            Postponed: the notice can't be sent now.
        """

    def _channel_of(self, audience: str) -> str:
        """Return the Slack id that a notice for `audience` is posted to."""
        return audience

    def _give_up(self, queued: QueuedNotice, reason: str) -> None:
        """Record that a notice can never be sent."""
        self._storage.outbox.mark_undeliverable(queued, reason, self._clock.now())

    # ------------------------------------------------------------------------------------ the loop

    def start(self) -> None:
        """Work in a thread until `stop`."""
        self._worker.start()

    def wake(self) -> None:
        """Look soon, because there may be something to send."""
        self._worker.wake()

    def idle_for(self) -> timedelta:
        """Return how long ago the loop last came round; it does so every second, and after each notice."""
        return self._worker.idle_for()

    def stop(self, grace: timedelta | None = None) -> None:
        """Begin no other notice, and wait up to `grace` for the one that is being sent."""
        self._worker.stop(grace)

    def _work(self) -> timedelta:
        return timedelta(0) if self.run_once() else self._sleep()

    def _sleep(self) -> timedelta:
        """Return how long until an audience may be written to again, at most a second."""
        now = self._clock.now()
        return min([_IDLE, *(max(at - now, timedelta(0)) for at in self._not_before.values() if at > now)])

    def run_once(self) -> bool:
        """Send the oldest notice that may be sent now; return whether there was one."""
        now = self._clock.now()
        if self._rests_until is not None and now < self._rests_until:
            return False
        self._not_before = {audience: at for audience, at in self._not_before.items() if at > now}
        if self._in_hand is not None:
            # The last pass broke off before it could record what became of its notice.
            self._storage.outbox.put_back(self._in_hand.id, now)
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
            self._send(queued)
        except SlackApiError as error:
            self._handle_refusal(queued, error)
        except Postponed as postponed:
            self._postpone(queued, postponed.reason)
            if postponed.for_all:
                self._rests_until = self._not_before[queued.audience]
        except NO_ANSWER as error:
            self._postpone(queued, type(error).__name__)
        except StorageError:
            raise
        except Exception:
            # A notice that can't be worded must not stop those behind it.
            logger.exception("The notice %d (%s) could not be made", queued.id, queued.kind)
            self._give_up(queued, "could not be made")

    def _handle_refusal(self, queued: QueuedNotice, error: SlackApiError) -> None:
        reason = reason_of(error)
        if reason == "ratelimited" or error.response.status_code == 429:
            self._put_off(queued, _wait_of(error))
            self._storage.outbox.put_back(queued.id, self._clock.now())
        elif reason in _HOPELESS or (reason in _HOPELESS_FOR_PEOPLE and queued.audience.startswith(_PEOPLE)):
            logger.error("The notice %d (%s) cannot be delivered: %s", queued.id, queued.kind, reason)
            self._give_up(queued, reason)
        else:
            # Also not_in_channel, a revoked token, an app that was uninstalled (account_inactive): people can change
            # these, and the notice is still owed.
            self._postpone(queued, reason)

    def _postpone(self, queued: QueuedNotice, reason: str) -> None:
        logger.warning("The notice %d (%s) was not taken: %s", queued.id, queued.kind, reason)
        self._put_off(queued)
        self._storage.outbox.put_back(queued.id, self._clock.now())

    def _put_off(self, queued: QueuedNotice, asked: timedelta | None = None) -> None:
        """Write nothing to the audience for as long as Slack has asked; else for longer with each try."""
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
    """Return the wait that Slack asks for in whole seconds (Slack docs, Rate limits); one second where it does not."""
    asked = str(error.response.headers.get("Retry-After", ""))
    seconds = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) <= 9 else 1
    return min(timedelta(seconds=seconds), _LONGEST_WAIT)
