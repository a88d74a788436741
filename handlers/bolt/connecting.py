"""The way to Slack at the start: tried until Slack answers, while orders go on."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from bot.errors import ConfigurationError
from bot.loop import Worker
from handlers.bolt.network import NO_ANSWER, reason_of, wait_asked_for

#: The wait after the first failed try; it doubles with each further one.
_FIRST_WAIT: Final = timedelta(seconds=1)

#: The longest wait that Slack didn't ask for. Slack allows one `apps.connections.open` a minute at least (Slack docs,
#: Rate limits, Tier 1).
_LONGEST_WAIT: Final = timedelta(minutes=1)

#: The number of doublings to the longest wait; it keeps the number small.
_MOST_DOUBLINGS: Final = 6

#: The time that a try under way has to end when the bot stops.
_GRACE: Final = timedelta(milliseconds=500)

logger = logging.getLogger(__name__)


class Connecting:
    """Connects in a thread of its own, and tries again for as long as it takes.

    Args:
        connect: connects; raises `ConfigurationError` where a token is refused, else one of NO_ANSWER.
        on_refusal: called where a token is refused. It isn't tried again.

    Attributes:
        refusal: the token that is refused, with what to do.
    """

    def __init__(self, connect: Callable[[], None], on_refusal: Callable[[], None]) -> None:
        self._connect = connect
        self._on_refusal = on_refusal
        self._tries = 0
        self._worker = Worker("connection to Slack", self._try)
        self.refusal: ConfigurationError | None = None

    def start(self) -> None:
        """Begin."""
        self._worker.start()

    def stop(self) -> None:
        """Try no more."""
        self._worker.stop(_GRACE)

    def _try(self) -> timedelta | None:
        try:
            self._connect()
        except ConfigurationError as refusal:
            self.refusal = refusal
            self._on_refusal()
        except NO_ANSWER as error:
            wait = self._wait_after(error)
            seconds = wait.total_seconds()
            logger.warning("Slack can't be reached (%s). Next try in %d s; orders go on", reason_of(error), seconds)
            return wait
        return None

    def _wait_after(self, error: Exception) -> timedelta:
        own = min(_FIRST_WAIT * (1 << min(self._tries, _MOST_DOUBLINGS)), _LONGEST_WAIT)
        self._tries += 1
        return max(own, wait_asked_for(error))
