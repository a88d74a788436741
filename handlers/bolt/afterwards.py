"""What an answer sets off begins when the answer has left.

A listener wakes the workers, and has look-ups made. Whatever begins while the answer is still on its way competes with
the answer for the interpreter, and costs the person who waits up to half a millisecond of four.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import local

Start = Callable[[], object]


class Jobs(ThreadPoolExecutor):
    """The threads for jobs that nobody waits for.

    Attributes:
        is_shut: no job is taken any more, because the bot is stopping.
    """

    is_shut = False

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (as Python has it)
        """Take no more jobs."""
        self.is_shut = True
        super().shutdown(wait, cancel_futures=cancel_futures)


class _ThisThread(local):
    held: list[Start] | None = None


_this_thread = _ThisThread()


@contextmanager
def held_back() -> Iterator[Sequence[Start]]:
    """Hold back what this thread starts; yield what is to be started once the answer has left."""
    held = _this_thread.held = []
    try:
        yield held
    finally:
        _this_thread.held = None


def start_after_answer(start: Start) -> None:
    """Start something when the answer that this thread works on has left; at once where it works on none."""
    if _this_thread.held is None:
        start()
    else:
        _this_thread.held.append(start)


def start_all(held: Sequence[Start]) -> None:
    """Start what was held back."""
    for start in held:
        start()
