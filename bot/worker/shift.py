"""The shift: all that one bot does for the others while it is on duty. Each term has a shift of its own.

What the workers know by heart (what is under way, when the next request may start, whom Slack wants left alone) is true
of one term alone. So they are made anew with each, over stores that refuse what is written after the term.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Final, Protocol

from bot.loop import Worker
from bot.metrics import Metrics
from bot.worker.dispatcher import Dispatcher
from storage import Duty, Term, Touched

logger = logging.getLogger(__name__)

#: The workers come round every second, and a call to Slack may take half a minute: longer than this means that a loop
#: hangs, or fails each time.
_STALLED_AFTER: Final = timedelta(minutes=1)

#: The loop of the queue's worker waits for the database alone, and for fifteen seconds at most: two for its turn, ten
#: for a statement, three for an answer. One that takes longer hangs, and another bot is to go on. An answer of Tango's
#: is awaited beside the loop, for as long as it takes.
_GIVEN_UP_AFTER: Final = timedelta(seconds=20)

#: The time that a delivery and a notice under way have to end; one that takes longer is sent again at the next start.
_GRACE_OF_NOTICES: Final = timedelta(seconds=1)

#: What is left of a term that is over: its answers can't be recorded any more.
_NO_GRACE: Final = timedelta(0)

#: The time that a change of the shift has to end when the bot stops. It takes milliseconds, or waits for a database
#: that does not answer.
_GRACE_OF_CHANGE: Final = timedelta(seconds=1)

_OF_QUEUE: Final = frozenset({Touched.ORDERS, Touched.RESENDS, Touched.QUEUE})


class Ticks(Protocol):
    """The jobs at intervals that one bot alone does."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End, without waiting for a job that waits for the network."""


class Teller(Protocol):
    """A worker of the outbox."""

    def start(self) -> None:
        """Begin."""

    def wake(self) -> None:
        """Look soon."""

    def stop(self, grace: timedelta) -> None:
        """End, and wait up to `grace` for what is being sent."""

    def idle_for(self) -> timedelta:
        """Return how long ago the loop last came round."""


class Shift:
    """The workers of one term.

    Args:
        term: in which they work.
        dispatcher: sends orders.
        notifier: sends notices.
        deliverer: delivers rewards.
        ticks: the jobs at intervals that one bot alone does.
        overlap: the longest for which another bot may go on with the last term; None where there is no other bot.
    """

    def __init__(
        self,
        *,
        term: Term,
        dispatcher: Dispatcher,
        notifier: Teller,
        deliverer: Teller,
        ticks: Ticks,
        overlap: timedelta | None,
    ) -> None:
        self.term = term
        self.dispatcher = dispatcher
        self.notifier = notifier
        self.deliverer = deliverer
        self.ticks = ticks
        self._overlap = overlap

    def start(self) -> None:
        """Rescue what was under way when the last term ended, and start every worker."""
        self.dispatcher.start(overlap=self._overlap)
        self.notifier.start()
        self.deliverer.start()
        self.ticks.start()

    def wake(self, touched: frozenset[Touched]) -> None:
        """Have what was just committed worked on at once."""
        if Touched.OUTBOX in touched:
            self.notifier.wake()
            self.deliverer.wake()
        if touched & _OF_QUEUE:
            self.dispatcher.wake()

    def stop(self, grace: timedelta) -> None:
        """Take no more, and wait up to `grace` for the orders under way. The next shift rescues what is left."""
        self.ticks.stop()
        self.dispatcher.stop(grace)
        self.deliverer.stop(min(grace, _GRACE_OF_NOTICES))
        self.notifier.stop(min(grace, _GRACE_OF_NOTICES))

    def stalled(self) -> str | None:
        """Say which worker has not come round for long; None if each has."""
        if self.dispatcher.idle_for() > _STALLED_AFTER:
            return "the queue's worker stands still"
        if self.notifier.idle_for() > _STALLED_AFTER:
            return "the outbox's worker stands still"
        return None


class Shifts:
    """Begins a shift with each term of this bot, and ends it with the term.

    A thread of its own does that, so that the duty is renewed meanwhile.

    Args:
        duty: is competed for.
        build: returns the shift of a term; raises where the bot can't work.
        metrics: count the changes.

    Attributes:
        current: the shift, while this bot is on duty.
    """

    def __init__(self, *, duty: Duty, build: Callable[[Term], Shift], metrics: Metrics) -> None:
        self._duty = duty
        self._build = build
        self._metrics = metrics
        self._term: Term | None = None
        self._rounds: int | None = None  # of the queue's worker, as last seen, and since when: on the duty's clock
        self._rounds_since = 0.0
        self._worker = Worker("shift", self._change)
        self.current: Shift | None = None

    def start(self, on_news: Callable[[frozenset[Touched]], None]) -> None:
        """Compete for the duty; `on_news` is told of the commits of other bots."""
        self._duty.run(on_gain=self._gain, on_loss=self._lose, on_news=on_news, is_stuck=self._is_stuck)
        self._change()  # on a file the duty is held by now: its workers start before Slack is let in
        self._worker.start()

    def wake(self, touched: frozenset[Touched]) -> None:
        """Have what was just committed worked on at once, if this bot is on duty."""
        if (shift := self.current) is not None:
            shift.wake(touched)

    def stop(self, grace: timedelta) -> None:
        """End the shift, with up to `grace` for the orders under way; then give the duty back."""
        self._worker.stop(_GRACE_OF_CHANGE)
        self._end(grace)
        self._duty.stop()

    def stalled(self) -> str | None:
        """Say what stands still while this bot is on duty, so that nobody works; None if nothing does."""
        if (shift := self.current) is not None:
            return shift.stalled()
        if self._term is not None and self._stands_for() > _STALLED_AFTER:
            return "on duty, and the workers can't begin"
        return None

    def _is_stuck(self) -> bool:
        """Return whether the queue's worker has not begun or not come round for so long that it hangs."""
        rounds = shift.dispatcher.rounds if (shift := self.current) is not None else None
        if rounds != self._rounds:
            self._rounds, self._rounds_since = rounds, self._duty.clock.monotonic()
        return self._stands_for() > _GIVEN_UP_AFTER

    def _stands_for(self) -> timedelta:
        return timedelta(seconds=self._duty.clock.monotonic() - self._rounds_since)

    def _gain(self, term: Term) -> None:
        self._rounds, self._rounds_since = None, self._duty.clock.monotonic()
        self._term = term
        self._worker.wake()

    def _lose(self) -> None:
        self._term = None
        self._worker.wake()

    def _change(self) -> None:
        """Begin the shift of the term that this bot has, after it ended that of any other."""
        term = self._term
        if self.current is not None and self.current.term is not term:
            self._end(_NO_GRACE)
        if term is not None and self.current is None:
            self._begin(term)

    def _begin(self, term: Term) -> None:
        shift = self._build(term)
        self._metrics.change_duty()  # before its first looks: what they learn is to be kept
        try:
            shift.start()
        except BaseException:
            shift.stop(_NO_GRACE)
            raise
        self.current = shift

    def _end(self, grace: timedelta) -> None:
        if self.current is not None:
            self.current.stop(grace)
            self.current = None
            self._metrics.change_duty()
