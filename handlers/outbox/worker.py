"""A worker of the outbox: sends one notice at a time, in the order of handlers/outbox/turns.py, until Slack took it."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta
from typing import ClassVar, Final

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse, WebClient

from bot.clock import Clock
from bot.domain.order import wait_before_retry
from bot.errors import DatabaseInUse, StorageError
from bot.loop import Worker
from bot.usecases.undelivered import UndeliveredNotices
from handlers.bolt.network import NO_ANSWER, code_of, wait_asked_for
from handlers.outbox.codes import Remedy, remedy_for
from handlers.outbox.forms import send_plainer
from handlers.outbox.turns import LONGEST_WAIT_ASIDE, Turns
from handlers.views.blocks import Message
from storage import Post, QueuedNotice, Storage

logger = logging.getLogger(__name__)

#: Slack takes about one message a second per channel (Slack docs, Rate limits).
_PER_CHANNEL: Final = timedelta(seconds=1)

#: How long an idle worker sleeps if nobody wakes it. Commits of this process wake it at once; this is for those of
#: another process, such as `kudos queue retry`.
_IDLE: Final = timedelta(seconds=1)

#: How long the audience waits where Slack limits posts and does not say for how long.
_UNSAID: Final = timedelta(seconds=1)

#: The first letters of people's ids (Slack docs, users).
_PEOPLE: Final = ("U", "W")


class Postponed(Exception):
    """A notice can't be sent now.

    Attributes:
        reason: a few words for the log.
        alone: whether the audience's other notices can be sent all the same.
        rest: for how long this worker can't send any other notice either; None where it can.
    """

    def __init__(self, reason: str, *, alone: bool = False, rest: timedelta | None = None) -> None:
        self.reason = reason
        self.alone = alone
        self.rest = rest
        super().__init__(reason)


class OutboxWorker(ABC):
    """Sends notices of some kinds, in a thread of its own.

    Args:
        storage: of the outbox.
        client: Slack's Web API.
        clock: tells the time.
        is_on_duty: tell whether this bot still sends what is due.

    Attributes:
        sends_deliveries: whether this worker sends the rewards that Kudos delivers itself, or all else.
    """

    sends_deliveries: ClassVar[bool]

    def __init__(self, *, storage: Storage, client: WebClient, clock: Clock, is_on_duty: Callable[[], bool]) -> None:
        self._storage = storage
        self._client = client
        self._clock = clock
        self._is_on_duty = is_on_duty
        self._undelivered = UndeliveredNotices(storage=storage, clock=clock)
        self._turns = Turns(clock)
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
        self._undelivered.give_up(queued, reason)

    def _step_aside(self, queued: QueuedNotice, reason: str) -> None:
        """Record that a notice is refused for its own sake, and lets the next ones pass."""
        self._undelivered.step_aside(queued, reason)

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
        """Return how long until somebody may be written to again, at most a second."""
        return self._turns.until_next(_IDLE)

    def run_once(self) -> bool:
        """Send the oldest notice that may be sent now; return whether there was one."""
        if self._turns.is_resting():
            return False
        if self._in_hand is not None:
            # The last pass broke off before it could record what became of its notice.
            self._storage.outbox.put_back(self._in_hand.id, self._clock.now())
        self._in_hand = self._storage.outbox.claim(
            waiting=self._turns.waiting(), aside=self._turns.aside(), deliveries=self.sends_deliveries
        )
        if self._in_hand is None:
            return False
        try:
            self._try(self._in_hand)
        except Exception:
            self._hold(self._in_hand)
            raise
        self._in_hand = None
        return True

    def _try(self, queued: QueuedNotice) -> None:
        try:
            self._send(queued)
            self._turns.forget(queued.id)
        except SlackApiError as error:
            self._handle_refusal(queued, error)
        except Postponed as postponed:
            self._postpone(queued, postponed.reason, alone=postponed.alone)
            if postponed.rest is not None:
                self._turns.rest(postponed.rest)
        except NO_ANSWER as error:
            self._wait_out(queued, type(error).__name__)
        except StorageError:
            raise
        except Exception:
            # A notice that can't be worded must not stop those behind it.
            logger.exception("The notice %d (%s) could not be made", queued.id, queued.kind)
            self._give_up(queued, "could not be made")

    def _handle_refusal(self, queued: QueuedNotice, error: SlackApiError) -> None:
        if error.response.status_code == 429:
            self._turns.hold(queued.audience, wait_asked_for(error) or _UNSAID)
            self._storage.outbox.put_back(queued.id, self._clock.now())
            return
        code = code_of(error)
        if code is None:
            self._wait_out(queued, type(error).__name__)
            return
        match remedy_for(code, person=queued.audience.startswith(_PEOPLE)):
            case Remedy.WAIT:
                self._wait_out(queued, code)
            case Remedy.GIVE_UP:
                self._give_up(queued, code)
            case Remedy.SEND_PLAINER | Remedy.POST_ANEW | Remedy.STEP_ASIDE:
                # Every plainer form was refused too.
                self._refuse(queued, code)

    def _wait_out(self, queued: QueuedNotice, reason: str) -> None:
        """Let the audience wait for the end of a fault, unless Slack has taken others since it was first refused.

        Slack also fails now and then: nobody is told of such a notice before it has waited for as long as any does.
        """
        if self._turns.is_passing(queued.id):
            self._postpone(queued, reason)
        else:
            self._refuse(queued, reason, told_from=LONGEST_WAIT_ASIDE)

    def _refuse(self, queued: QueuedNotice, reason: str, *, told_from: timedelta = timedelta(0)) -> None:
        """Let the notice keep its place for three tries, then step aside; from which wait on somebody is told of it."""
        wait = self._turns.refuse(queued)
        if wait is not None and wait >= told_from:
            self._step_aside(queued, reason)
            return
        logger.warning("The notice %d (%s) was not taken: %s", queued.id, queued.kind, reason)
        self._storage.outbox.put_back(queued.id, self._clock.now())

    def _postpone(self, queued: QueuedNotice, reason: str, *, alone: bool = False) -> None:
        """Put the notice back to its place; its audience waits, or the notice alone."""
        logger.warning("The notice %d (%s) was not taken: %s", queued.id, queued.kind, reason)
        if alone:
            self._turns.put_off(queued.id, wait_before_retry(queued.attempts))
        else:
            self._hold(queued)
        self._storage.outbox.put_back(queued.id, self._clock.now())

    def _hold(self, queued: QueuedNotice) -> None:
        """Write nothing to the audience for longer with each try."""
        self._turns.hold(queued.audience, wait_before_retry(queued.attempts))

    def _post(self, audience: str, message: Message, *, channel: str | None = None) -> Post:
        """Post a message to an audience, in this channel if it has several."""

        def send(form: Message) -> SlackResponse:
            return self._client.chat_postMessage(
                channel=channel or self._channel_of(audience),
                text=form.text,
                blocks=form.blocks,
                unfurl_links=False,
                unfurl_media=False,
            )

        answer = self._have_taken(message, send)
        self._turns.hold(audience, _PER_CHANNEL)
        return Post(channel=str(answer["channel"]), ts=str(answer["ts"]))

    def _have_taken(self, message: Message, send: Callable[[Message], SlackResponse]) -> SlackResponse:
        """Send a message, in a plainer form where Slack refuses how it is built.

        Raises:
            SlackApiError: Slack refused the message for another reason, or in every form.
            NO_ANSWER: nobody knows whether Slack took it.
            DatabaseInUse: another bot may be on duty by now, and sends it.
        """

        def send_on_duty(form: Message) -> SlackResponse:
            if not self._is_on_duty():
                raise DatabaseInUse("Another bot may be on duty by now; nothing was sent.")
            return send(form)

        answer = send_plainer(message, send_on_duty)
        self._turns.reach()
        return answer
