"""Whose turn it is: the audiences that wait, and the notices that have stepped aside.

The rule: an audience gets its notices in the order in which they were written, except that on the approvals channel
requesters take turns (storage/outbox.py). A fault that passes makes the audience wait, and the notice keeps its place.
A notice that can't be made yet waits alone. One that is refused for its own sake keeps its place for three tries. Then
it steps aside: those behind pass it, and it is tried by itself after 1, 2, 4 … 60 minutes, and as soon as another one
of its audience that had stepped aside is taken. A fault that passes counts as the notice's own if Slack took others
since it was first refused. A card or a receipt and its rewriting are one notice, worded when it is sent, so that
neither overtakes the other.

Nothing here is stored: after a restart every notice has its three tries again.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.order import wait_before_retry
from storage import QueuedNotice

#: Tries of a notice that is refused for its own sake before it steps aside: a slip of Slack's is over by then, and
#: those behind have waited for six seconds.
_TRIES: Final = 3

#: The first wait of a notice that has stepped aside. It doubles each time.
_FIRST_WAIT_ASIDE: Final = timedelta(minutes=1)

#: The longest wait of such a notice: it goes out at most an hour after somebody has put right what it waits for.
LONGEST_WAIT_ASIDE: Final = timedelta(hours=1)


@dataclass(slots=True)
class _Refused:
    """A notice that was refused.

    Attributes:
        at: the monotonic time of the last refusal.
        taken: how many messages Slack had taken from this worker by the first one.
        audience: of the notice, once it was refused for its own sake.
        times: how often the notice was refused for its own sake.
        until: the monotonic time before which it is not tried; 0 while it keeps its place.
    """

    at: float
    taken: int
    audience: str = ""
    times: int = 0
    until: float = 0.0


class Turns:
    """Remembers who waits. All times are on the monotonic clock, which nobody sets."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._audiences: dict[str, float] = {}
        self._everybody = 0.0
        self._refused: dict[int, _Refused] = {}
        self._put_off: dict[int, float] = {}
        self._taken = 0

    def waiting(self) -> list[str]:
        """Return the audiences that may not be written to now."""
        now = self._clock.monotonic()
        self._audiences = {audience: at for audience, at in self._audiences.items() if at > now}
        return list(self._audiences)

    def aside(self) -> list[int]:
        """Return the ids of the notices that have stepped aside and may not be tried now."""
        now = self._clock.monotonic()
        # What was not tried again for so long is gone: the same notice was written again, and stands for both.
        oldest = now - 2 * LONGEST_WAIT_ASIDE.total_seconds()
        self._refused = {notice_id: one for notice_id, one in self._refused.items() if one.at > oldest}
        self._put_off = {notice_id: at for notice_id, at in self._put_off.items() if at > now}
        return [*self._put_off, *(notice_id for notice_id, one in self._refused.items() if one.until > now)]

    def is_resting(self) -> bool:
        """Tell whether nobody may be written to now."""
        return self._clock.monotonic() < self._everybody

    def until_next(self, most: timedelta) -> timedelta:
        """Return how long until somebody may be written to again, at most `most`."""
        now = self._clock.monotonic()
        times = [*self._audiences.values(), *self._put_off.values(), *(one.until for one in self._refused.values())]
        return min([most, *(timedelta(seconds=at - now) for at in times if at > now)])

    # ------------------------------------------------------------------------------------ what happened

    def hold(self, audience: str, wait: timedelta) -> None:
        """Write nothing to the audience for so long."""
        self._audiences[audience] = self._clock.monotonic() + wait.total_seconds()

    def put_off(self, notice_id: int, wait: timedelta) -> None:
        """Try a notice that can't be made yet no sooner than after `wait`; all others pass it."""
        self._put_off[notice_id] = self._clock.monotonic() + wait.total_seconds()

    def rest(self, wait: timedelta) -> None:
        """Write to nobody for so long."""
        self._everybody = self._clock.monotonic() + wait.total_seconds()

    def reach(self) -> None:
        """Note that Slack has taken a message."""
        self._taken += 1

    def forget(self, notice_id: int) -> None:
        """Note that a notice has had its turn.

        One that had stepped aside shows that somebody has put right what its audience's others wait for too.
        """
        had = self._refused.pop(notice_id, None)
        if had is None or not had.until:
            return
        for one in self._refused.values():
            if one.audience == had.audience:
                one.until = min(one.until, self._clock.monotonic())

    def is_passing(self, notice_id: int) -> bool:
        """Tell whether a fault that passes is Slack's; it is the notice's own if Slack has taken others since."""
        return self._note(notice_id).taken == self._taken

    def refuse(self, queued: QueuedNotice) -> timedelta | None:
        """Note that a notice was refused for its own sake.

        Returns:
            How long it steps aside; None while it keeps its place.
        """
        refused = self._note(queued.id)
        refused.audience = queued.audience
        refused.times += 1
        if refused.times < _TRIES:
            self.hold(queued.audience, wait_before_retry(refused.times))
            return None
        doublings = min(refused.times - _TRIES, 16)  # far past the longest wait; keeps the number small
        wait = min(_FIRST_WAIT_ASIDE * (1 << doublings), LONGEST_WAIT_ASIDE)
        refused.until = refused.at + wait.total_seconds()
        return wait

    def _note(self, notice_id: int) -> _Refused:
        refused = self._refused.setdefault(notice_id, _Refused(0.0, self._taken))
        refused.at = self._clock.monotonic()
        return refused
