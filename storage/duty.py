"""The duty: of the bots of an installation, one sends, and everything that it writes carries the proof of that.

Every bot serves Slack. The bot on duty also runs the workers: orders, notices, tidying. On a file the one bot that may
run on it is on duty; on PostgreSQL the bots compete for a lock (storage/postgres_duty.py).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, Final

from bot.clock import Clock
from storage.database import Database, Term, Touched

#: Takes the duty. Who gives it back leaves no holder.
TAKE: Final = "UPDATE queue SET term = term + 1, holder = :holder WHERE id = 1 RETURNING term"


def never() -> bool:
    """Return False: of a bot that is never stuck."""
    return False


class Duty(ABC):
    """The duty as one bot sees it: held or not.

    Attributes:
        clock: the clock that all bots of the installation share.
        is_shared: whether other bots compete for the duty.
    """

    clock: Clock
    is_shared: ClassVar[bool]

    @abstractmethod
    def is_held(self) -> bool:
        """Return whether this bot is on duty, as far as it knows."""

    @abstractmethod
    def is_sure(self, term: Term) -> bool:
        """Return whether this bot is on duty beyond doubt; to be asked right before what can't be taken back.

        It may take seconds where that is in doubt. It promises nothing of a process that stands still between the
        answer and what it does then.

        Args:
            term: a term that this bot had.
        """

    @abstractmethod
    def run(
        self,
        *,
        on_gain: Callable[[Term], None],
        on_loss: Callable[[], None],
        on_news: Callable[[frozenset[Touched]], None],
        is_stuck: Callable[[], bool] = never,
    ) -> None:
        """Compete for the duty from now on, and return at once.

        Args:
            on_gain: called when this bot gets the duty. It must return at once: meanwhile nobody renews the duty.
            on_loss: called when the duty is lost or given back, after each `on_gain` once. May take its time.
            on_news: called when another bot's commit has left something to do; it must return at once.
            is_stuck: asked while this bot is on duty: if nothing is done with the duty, another bot gets it. It must
                return at once.
        """

    @abstractmethod
    def stop(self) -> None:
        """Give the duty back, and compete no more. What runs on duty is stopped before: until then, nobody takes it."""


class FileDuty(Duty):
    """The duty of the one bot on a file, which the lock of the file gives and nobody takes.

    Args:
        database: the file, opened for the one bot.
        holder: the name of this bot.
    """

    is_shared = False

    def __init__(self, database: Database, holder: str) -> None:
        self.clock = Clock()
        self._db = database
        self._holder = holder
        self._on_loss: Callable[[], None] | None = None

    def is_held(self) -> bool:
        """Return whether the bot runs."""
        return self._on_loss is not None

    def is_sure(self, term: Term) -> bool:  # noqa: ARG002 (a bot on a file has one term)
        """Return whether the bot runs."""
        return self.is_held()

    def run(
        self,
        *,
        on_gain: Callable[[Term], None],
        on_loss: Callable[[], None],
        on_news: Callable[[frozenset[Touched]], None],  # noqa: ARG002 (there is no other bot)
        is_stuck: Callable[[], bool] = never,  # noqa: ARG002
    ) -> None:
        """Take the duty."""
        row = self._db.one(TAKE, {"holder": self._holder})
        self._on_loss = on_loss
        on_gain(Term(row["term"], self._holder))  # type: ignore[index]  # the queue has its one row

    def stop(self) -> None:
        """Give the duty back."""
        if self._on_loss is not None:
            on_loss, self._on_loss = self._on_loss, None
            on_loss()
