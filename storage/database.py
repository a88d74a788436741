"""The seam between the stores and the two engines: one SQLite file, or PostgreSQL.

The stores speak one SQL to both. Every engine guarantees, and every store may lean on, the following:

- **One writer at a time**, over all processes. Who is inside `transaction()` sees what was committed before, and nobody
  else writes until the transaction ends. So a value that was read there is still true when it is written. A write
  outside of a transaction is a transaction of its own.
- **All or nothing.** What a transaction writes is committed together when the block ends, and is on the disk by then.
  If the block raises, nothing is. Where an engine can't tell whether a commit was made (PostgreSQL's line broke just
  then), it raises a `StorageError`: every move is compare-and-set, so that making it again is safe.
- **Readers see commits alone**, and don't wait for them. A read outside of a transaction may be old when it is used.
- **Ids grow** in the order of the commits, and none is given out twice. They may have gaps, so that an id is no count.
- **Values**: times are whole milliseconds since the epoch, booleans are 0 and 1, JSON is text, money is minor units. A
  list is one parameter: `x IN (SELECT value FROM json_each(:list))`.
- **No transaction within a transaction**, and no call of the network inside one.
"""

import json
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import local
from types import TracebackType
from typing import Any, Final

logger = logging.getLogger(__name__)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

#: Rows read at a time: a few milliseconds.
_PAGE: Final = 1_000

Row = Mapping[str, Any]

#: Write a value as JSON, its keys sorted, so that the same facts are the same text. json.dumps would make an encoder
#: each time.
to_json: Final = json.JSONEncoder(sort_keys=True).encode


class Touched(StrEnum):
    """A table in which a commit has left something to do."""

    OUTBOX = "outbox"
    """A notice waits to be sent."""
    ORDERS = "orders"
    """An order waits to be sent, or to be asked about."""
    RESENDS = "resends"
    """A resend waits to be made."""
    QUEUE = "queue"
    """The queue goes on, or tries an order."""
    CATALOG = "catalog"
    """The rewards on offer are others."""


def to_ms(at: datetime) -> int:
    """Return a UTC time as whole milliseconds since the epoch, the form of every column of time."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """Return the UTC time of a column of time."""
    return _EPOCH + timedelta(milliseconds=ms)


def from_ms_or_none(ms: int | None) -> datetime | None:
    """Return the UTC time of a column of time that may be empty."""
    return None if ms is None else from_ms(ms)


@dataclass(frozen=True, slots=True)
class Term:
    """The time in which one bot is on duty (storage/duty.py).

    Attributes:
        number: grows with each change of duty.
        holder: the name of the bot, which no other has.
        overlap: the longest for which the bot of the last term may go on; zero where that one gave the duty back.
    """

    number: int
    holder: str
    overlap: timedelta = field(default=timedelta(0), compare=False)


class Database(ABC):
    """A database, migrated to the newest schema when it is opened. May be used by any thread.

    Attributes:
        migrated: the steps that were applied when it was opened.
    """

    migrated: Sequence[str] = ()

    def __init__(self) -> None:
        self._on_commit: Callable[[frozenset[Touched]], None] | None = None
        self._on_trouble: Callable[[], None] | None = None
        self._this_thread = _OpenTransaction()

    def transaction(self) -> AbstractContextManager[None]:
        """Commit all that the block writes when the block ends; commit nothing if it raises.

        Raises:
            StorageError: the database cannot be read or written; nothing was changed.
        """
        return _Transaction(self._this_thread, self._committed(), self._tell)

    def on_commit(self, tell: Callable[[frozenset[Touched]], None]) -> None:
        """Call `tell` after each commit that left something to do, in the thread that committed.

        What `tell` raises is logged: the commit stands.
        """
        self._on_commit = tell

    def on_trouble(self, tell: Callable[[], None]) -> None:
        """Call `tell` each time that the database can't be reached."""
        self._on_trouble = tell

    def touch(self, table: Touched) -> None:
        """Tell that there is something to do in `table`: after the commit, or at once outside of a transaction."""
        if self._this_thread.touched is not None:
            self._this_thread.touched.add(table)
        else:
            self._tell({table})

    def one(self, sql: str, params: Mapping[str, Any] | None = None) -> Row | None:
        """Return the first row of `sql`, or None."""
        rows = self.query(sql, params)
        return rows[0] if rows else None

    def each(
        self,
        sql: str,
        params: Mapping[str, Any] | None = None,
        *,
        behind: Mapping[str, int] | None = None,
        most: int = _PAGE,
    ) -> Iterator[Row]:
        """Yield the rows of `sql`, a page at a time: a table of years doesn't fit into memory.

        Args:
            sql: reads up to `:most` rows behind a place, in their order.
            params: its other parameters.
            behind: the place to begin with: the columns of the order, which are parameters of the same names. Without
                it, before the first id.
            most: rows of a page.
        """
        place = behind or {"id": 0}
        while page := self.query(sql, {**(params or {}), **place, "most": most}):
            yield from page
            place = {column: page[-1][column] for column in place}

    @abstractmethod
    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Return the rows of `sql`, which may be a write with RETURNING."""

    @abstractmethod
    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        """Run a write without RETURNING; return how many rows it changed."""

    @abstractmethod
    def insert(self, sql: str, params: Mapping[str, Any]) -> int | None:
        """Run an INSERT of one row; return the row's id, or None where a conflict kept it out.

        Not by RETURNING: SQLite makes a table of its own for what that answers, while a person waits.
        """

    def execute_many(self, sql: str, many: Sequence[Mapping[str, Any]]) -> None:
        """Run a write without RETURNING once for each of `many`: all of them, or none."""
        if self._this_thread.touched is None:
            with self.transaction():
                self._execute_many(sql, many)
        else:
            self._execute_many(sql, many)

    @abstractmethod
    def fenced(self, term: Term) -> "Database":
        """Return this database for who is on duty in `term`: what is written after the term is refused.

        There, `transaction()` raises `DatabaseInUse`.
        """

    @abstractmethod
    def empty_log(self) -> bool:
        """Overwrite what was removed also where the engine keeps it for itself; return whether that was possible."""

    @abstractmethod
    def close(self) -> None:
        """Close the database, and let go of all that was taken."""

    @abstractmethod
    def _execute_many(self, sql: str, many: Sequence[Mapping[str, Any]]) -> None:
        """Run a write without RETURNING once for each of `many`, in the open transaction of this thread."""

    @abstractmethod
    def _committed(self) -> AbstractContextManager[None]:
        """Run the block as this thread's one transaction; commit it, or undo it if the block raises."""

    def _tell(self, touched: set[Touched]) -> None:
        if self._on_commit is None:
            return
        try:
            self._on_commit(frozenset(touched))
        except Exception:
            logger.exception("Nobody could be told of a commit (%s)", ", ".join(sorted(touched)))


class _OpenTransaction(local):
    """The tables that the open transaction of this thread has touched; None while none is open."""

    touched: set[Touched] | None = None


class _Transaction:
    """The transaction of a block: commits it, and tells what it touched.

    A class, because a person waits for it: a generator takes ten times as many steps.
    """

    def __init__(
        self,
        this_thread: _OpenTransaction,
        committed: AbstractContextManager[None],
        tell: Callable[[set[Touched]], None],
    ) -> None:
        self._this_thread = this_thread
        self._committed = committed
        self._tell = tell

    def __enter__(self) -> None:
        """Begin."""
        if self._this_thread.touched is not None:
            raise RuntimeError("a transaction within a transaction")
        self._this_thread.touched = set()
        try:
            self._committed.__enter__()
        except BaseException:
            self._this_thread.touched = None
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit, and tell; if the block raised, neither."""
        touched = self._this_thread.touched
        try:
            self._committed.__exit__(kind, error, trace)
        finally:
            self._this_thread.touched = None
        if error is None and touched:
            self._tell(touched)  # after the commit, and without a lock: the listener may wait for another thread
