"""The slots: what is under way at once, each thing in a thread of its own, and no more than so many."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Generic, TypeVar

J = TypeVar("J")


class NotBegun(Exception):
    """No thread could be started for a job. Nothing of it was done, and nothing will be."""


class Slots(Generic[J]):
    """A bounded number of threads, and the jobs that they are at.

    Args:
        most: how many jobs can be under way at once.
        name: of the threads.
        when_free: called each time a slot is free again, from the thread that was in it.
    """

    def __init__(self, most: int, *, name: str, when_free: Callable[[], None]) -> None:
        self._most = most
        self._when_free = when_free
        self._free = threading.BoundedSemaphore(most)
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._under_way: set[J] = set()
        self._not_begun: set[J] = set()

    def take(self) -> bool:
        """Take a free slot; return whether there was one."""
        return self._free.acquire(blocking=False)

    def give_back(self) -> None:
        """Give a slot back that was taken for nothing."""
        self._free.release()

    def begin(self, job: J, work: Callable[[J], None]) -> None:
        """Do `work` in the slot that was taken, which is free again when `work` ends.

        Raises:
            NotBegun: no thread could be started; the slot is free.
        """
        with self._lock:
            self._under_way.add(job)
            self._not_begun.add(job)
        try:
            self._pool.submit(self._run, job, work)
        except (RuntimeError, MemoryError, OSError) as error:
            # The pool keeps what it has no thread for until it has one again. By then it is crossed out here.
            if not self._cross_out(job):
                return
            self._leave(job)
            raise NotBegun from error

    def under_way(self) -> list[J]:
        """Return the jobs that are not over."""
        with self._lock:
            return list(self._under_way)

    def stop(self, grace: timedelta) -> bool:
        """Wait up to `grace` for what is under way; return whether all of it is over."""
        until = time.monotonic() + grace.total_seconds()
        over = all(self._free.acquire(timeout=max(until - time.monotonic(), 0)) for _ in range(self._most))
        self._pool.shutdown(wait=False, cancel_futures=True)
        return over

    def _run(self, job: J, work: Callable[[J], None]) -> None:
        if not self._cross_out(job):
            return
        try:
            work(job)
        finally:
            self._leave(job)

    def _cross_out(self, job: J) -> bool:
        """Take the job for begun, or for undone; return whether it was neither before."""
        with self._lock:
            if job not in self._not_begun:
                return False
            self._not_begun.discard(job)
            return True

    def _leave(self, job: J) -> None:
        with self._lock:
            self._under_way.discard(job)
        self._free.release()
        self._when_free()
