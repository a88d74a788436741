"""The release: ends the hold of approved orders, so that they are sent and their approval can't be undone any more.

The end of a hold is stored as a time, which outlives the process. While the process runs, its own clock counts, which
nobody sets: a machine's clock that is put forward sends nothing early, and one that is put back holds nothing for
longer. All orders of a request are let go at once: an approval can be undone whole, or not at all.
"""

import heapq
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.usecases.timekeeper import Timekeeper
from storage import HeldOrder, Storage


class Release:
    """Ends holds. Works for one term: another bot, or the next process, reads the stored times anew.

    Args:
        storage: of the orders.
        clock: tells the time.
        timekeeper: tells whether the clock is believed.
    """

    def __init__(self, *, storage: Storage, clock: Clock, timekeeper: Timekeeper) -> None:
        self._storage = storage
        self._clock = clock
        self._timekeeper = timekeeper
        self._seen = 0  # up to this order all holds are timed
        self._ends: list[tuple[float, int]] = []  # a heap: the end on the monotonic clock, and the request, by order

    def look(self) -> None:
        """Release the requests whose hold has ended, and have their cards and receipts rewritten without *Undo*."""
        self._time_new()
        ended = self._ended()
        if not ended:
            return
        with self._storage.transaction():
            now = self._clock.now()
            for request_id, requester_id in sorted(self._storage.undo.release(set(ended), now)):
                self._storage.outbox.refresh_request(request_id, requester_id, now)
        for _ in ended:  # only now: what could not be stored is tried again
            heapq.heappop(self._ends)

    def _time_new(self) -> None:
        """Note when the holds end that are new. The clock is read once, so that those of a request end as one."""
        new = self._storage.undo.held(self._seen)
        if not new:
            return
        now, monotonic, is_believed = self._clock.now(), self._clock.monotonic(), self._timekeeper.believes()
        for held in new:
            left = _left_of(held, now if is_believed else None)
            heapq.heappush(self._ends, (monotonic + left.total_seconds(), held.request_id))
        self._seen = new[-1].id

    def _ended(self) -> list[int]:
        """Return the requests whose hold has ended, by order: they are the first that the heap gives out."""
        now = self._clock.monotonic()
        if not self._ends or self._ends[0][0] > now:
            return []
        return [request_id for end, request_id in self._ends if end <= now]


def _left_of(held: HeldOrder, now: datetime | None) -> timedelta:
    """Return the rest of a hold, never more than the whole: the clock may have been put back since the approval.

    Where the clock is not believed (None), perhaps because it was put forward while no bot ran, it is the whole.
    """
    whole = held.until - held.since
    return whole if now is None else min(max(held.until - now, timedelta(0)), whole)
