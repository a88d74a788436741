"""PostgreSQL: a pool of connections, and transactions that take their turn by one lock.

Every write takes the same advisory lock first, which PostgreSQL gives back when the transaction ends, however it ends.
So a transaction has the isolation that `BEGIN IMMEDIATE` gives on SQLite. Below the lock the isolation is READ
COMMITTED on purpose: each statement sees what was committed before the lock was got.

What is set for a transaction is set in it, and nothing is prepared: a pooler that hands out a connection for each
transaction may stand in between.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import asdict
from threading import local
from typing import Any, Final

import psycopg
from psycopg_pool import ConnectionPool

from bot.errors import DatabaseInUse, DatabaseUnavailable, DatabaseUnreadable, StorageError
from storage.database import Database, Row, Term, Touched
from storage.dialect import statement_of
from storage.postgres_connection import (
    CHANNEL,
    SETTINGS,
    PostgresConnection,
    check_serves,
    name_of,
    postgres_words,
)
from storage.schema import migrate, needs_migration

logger = logging.getLogger(__name__)

#: The connections of one bot. One writes at a time; the others read.
_CONNECTIONS: Final = 8

#: The longest wait for a connection, in seconds. Slack gives three for an answer: who waits in vain can still say so.
_WAIT: Final = 2.0

#: How long a bot tries to connect again in the background, in seconds. Then the next who needs a connection tries.
_RECONNECT: Final = 2.0

#: Writes that are sent at once, without waiting for the answer to each: far less than an answer is awaited for.
_SENT_AT_ONCE: Final = 500

_IS_HELD: Final = b"SELECT 1 FROM queue WHERE id = 1 AND term = %(number)s AND holder = %(holder)s"
_NOTIFY: Final = f"SELECT pg_notify('{CHANNEL}', current_schema() || '.' || %(table)s)".encode()


class PostgresDatabase(Database):
    """One schema of PostgreSQL, migrated to the newest version when it is opened. Any number of bots may use it.

    Args:
        url: such as `postgresql://kudos:secret@db.example.com/kudos`.
        as_it_is: whether to leave the schema as it is.

    Raises:
        DatabaseUnavailable: PostgreSQL can't be reached.
        DatabaseUnreadable: the server or the schema can't serve; the text says what to do.
        DatabaseTooNew: a newer version of the bot migrated the schema, and this one can't run beside it.
        DatabaseUnwritable: the schema can't be written.
    """

    def __init__(self, url: str, *, as_it_is: bool = False) -> None:
        super().__init__()
        self.named = name_of(url)
        self.url = url
        self._term: Term | None = None
        self._mine = _OwnConnection()
        with postgres_words(self.named), PostgresConnection.open(url) as connection:
            check_serves(connection, self.named)
            self._prepare(connection, as_it_is=as_it_is)
        self._pool = ConnectionPool(
            url,
            connection_class=PostgresConnection,
            kwargs=SETTINGS,
            min_size=1,
            max_size=_CONNECTIONS,
            open=True,
            check=self._check,
            timeout=_WAIT,
            reconnect_timeout=_RECONNECT,
            name="kudos",
        )

    def _prepare(self, connection: PostgresConnection, *, as_it_is: bool) -> None:
        if not needs_migration(connection, self.named):
            return
        if as_it_is:
            raise DatabaseUnreadable(f"{self.named} isn't up to date. Bring it up to date with `kudos migrate`.")
        with connection.long_turn():
            # Of several that start at once, one migrates; the others find it done.
            self.migrated = migrate(connection)

    def _check(self, connection: PostgresConnection) -> None:
        """Refuse a connection that has broken in the pool, and all others, which broke with it."""
        try:
            ConnectionPool.check_connection(connection)
        except Exception:
            self._pool.drain()
            raise

    @contextmanager
    def own_words(self) -> Iterator[None]:
        """Translate what PostgreSQL raises into the bot's own errors, and tell of trouble with the connection."""
        try:
            with postgres_words(self.named):
                yield
        except DatabaseUnavailable:
            if self._on_trouble is not None:
                self._on_trouble()
            raise

    @contextmanager
    def _committed(self) -> Iterator[None]:
        with self.own_words(), self._pool.connection() as connection, connection.turn():
            if self._term is not None and not connection.execute(_IS_HELD, asdict(self._term)).fetchone():
                raise DatabaseInUse(
                    f"Another bot has taken the duty since term {self._term.number}; nothing was changed."
                )
            self._mine.connection = connection
            try:
                yield
                for table in sorted(self._this_thread.touched or ()):
                    connection.execute(_NOTIFY, {"table": table})
            finally:
                self._mine.connection = None

    def touch(self, table: Touched) -> None:
        """Tell that there is something to do in `table`, also to the other bots."""
        super().touch(table)
        if self._mine.connection is None:
            try:
                self._read(_NOTIFY, {"table": table})
            except StorageError:
                logger.exception("The other bots could not be told of a commit (%s)", table)

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Return the rows of `sql`, which may be a write with RETURNING."""
        return list(self._run(sql, params).fetchall())

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        """Run a write without RETURNING; return how many rows it changed."""
        return self._run(sql, params).rowcount

    def insert(self, sql: str, params: Mapping[str, Any]) -> int | None:
        """Run an INSERT of one row; return the row's id, or None where a conflict kept it out."""
        row = self.one(f"{sql} RETURNING id", params)
        return row["id"] if row else None

    def fenced(self, term: Term) -> Database:
        """Return this database for who is on duty in `term`: what is written after the term is refused."""
        fenced = copy(self)
        fenced._term = term  # noqa: SLF001 (of this class)
        return fenced

    def empty_log(self) -> bool:
        """Do nothing: PostgreSQL's own vacuum removes what is not needed any more."""
        return True

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def _run(self, sql: str, params: Mapping[str, Any] | None) -> psycopg.Cursor[dict[str, Any]]:
        statement, is_write = statement_of(sql)
        if is_write and self._mine.connection is None:
            with self.transaction():
                return self._read(statement, _kept(params))
        return self._read(statement, _kept(params))

    def _execute_many(self, sql: str, many: Sequence[Mapping[str, Any]]) -> None:
        connection = self._mine.connection
        if connection is None:
            raise RuntimeError("this thread has no transaction")
        statement, _ = statement_of(sql)
        kept = [_kept(one) for one in many]
        with self.own_words(), connection.cursor() as cursor:
            for first in range(0, len(kept) - 1, _SENT_AT_ONCE):
                cursor.executemany(statement, kept[first : min(first + _SENT_AT_ONCE, len(kept) - 1)])
            # After what was sent at once the server doesn't end a transaction that falls silent; after this it does.
            for one in kept[-1:]:
                cursor.execute(statement, one)

    def _read(self, statement: bytes, params: dict[str, Any]) -> psycopg.Cursor[dict[str, Any]]:
        with self.own_words():
            if self._mine.connection is not None:
                return self._mine.connection.execute(statement, params)
            with self._pool.connection() as connection:
                return connection.execute(statement, params)


class _OwnConnection(local):
    """The connection on which this thread's transaction is open; None while none is."""

    connection: PostgresConnection | None = None


def _kept(params: Mapping[str, Any] | None) -> dict[str, Any]:
    if not params:
        return {}
    return {name: without_nul(value) for name, value in params.items()}


def without_nul(value: Any) -> Any:
    """Return a value as PostgreSQL can keep it: a text without the NULs that people or Tango may have put into it."""
    return value.replace("\x00", "") if isinstance(value, str) and "\x00" in value else value
