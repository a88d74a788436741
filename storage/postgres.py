"""PostgreSQL: a pool of connections, and transactions that take their turn by one lock.

Every write takes the same advisory lock first, which PostgreSQL gives back when the transaction ends, however it ends.
So a transaction has the isolation that `BEGIN IMMEDIATE` gives on SQLite. Below the lock the isolation is READ
COMMITTED on purpose: each statement sees what was committed before the lock was got.

What is set for a transaction is set in it, and nothing is prepared: a pooler that hands out a connection for each
transaction may stand in between.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import local
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from bot.errors import DatabaseUnreadable, StorageError
from storage.database import Database, Row, Touched
from storage.dialect import statement_of
from storage.postgres_connection import PATIENCE, SETTINGS, PostgresConnection, check_serves, name_of, postgres_words
from storage.schema import migrate, needs_migration

logger = logging.getLogger(__name__)

#: The channel on which a commit tells what it left to do, as `schema.table`.
CHANNEL: Final = "kudos"

#: The connections of one bot. One writes at a time; the others read.
_CONNECTIONS: Final = 8

#: How long a bot tries to connect again in the background, in seconds. Then the next who needs a connection tries.
_RECONNECT: Final = 2.0

#: The longest wait of a migration for who writes, and of what it does, in milliseconds.
_MIGRATION_WAIT: Final = 10_000

# Each installation has a schema, and so a lock of its own: by the schema's name, not by its number, because a server
# that was restored from a dump has other numbers. A writer that falls silent (a frozen process, a cut line) is ended
# after a second, so that those who wait two get their turn, within the three that Slack gives.
_WRITERS_LOCK: Final = "pg_advisory_xact_lock(1801807873, hashtext(current_schema()))"
_BEGIN: Final = f"""
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL idle_in_transaction_session_timeout = 1000;
SET LOCAL lock_timeout = 2000;
SET LOCAL statement_timeout = 10000;
SELECT {_WRITERS_LOCK}
""".encode()
_BEGIN_MIGRATION: Final = f"""
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL lock_timeout = {_MIGRATION_WAIT};
SELECT {_WRITERS_LOCK}
""".encode()
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
        self._named = name_of(url)
        self._mine = _OwnConnection()
        with postgres_words(self._named), PostgresConnection.open(url) as connection:
            check_serves(connection, self._named)
            self._prepare(connection, as_it_is=as_it_is)
        self._pool = ConnectionPool(
            url,
            connection_class=PostgresConnection,
            kwargs=SETTINGS,
            min_size=1,
            max_size=_CONNECTIONS,
            open=True,
            check=self._check,
            timeout=PATIENCE,
            reconnect_timeout=_RECONNECT,
            name="kudos",
        )

    def _prepare(self, connection: PostgresConnection, *, as_it_is: bool) -> None:
        if not needs_migration(connection, self._named):
            return
        if as_it_is:
            raise DatabaseUnreadable(f"{self._named} is not up to date. Bring it there with `kudos migrate`.")
        connection.patience = None
        with _ended(connection, _BEGIN_MIGRATION):
            # Of several that start at once, one migrates; the others find it done.
            migrate(connection)

    def _check(self, connection: PostgresConnection) -> None:
        """Refuse a connection that has broken in the pool, and all others, which broke with it."""
        try:
            ConnectionPool.check_connection(connection)
        except Exception:
            self._pool.drain()
            raise

    @contextmanager
    def _committed(self) -> Iterator[None]:
        with postgres_words(self._named), self._pool.connection() as connection, _ended(connection, _BEGIN):
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
                return self._read(statement, _without_nul(params))
        return self._read(statement, _without_nul(params))

    def _read(self, statement: bytes, params: dict[str, Any]) -> psycopg.Cursor[dict[str, Any]]:
        with postgres_words(self._named):
            if self._mine.connection is not None:
                return self._mine.connection.execute(statement, params)
            with self._pool.connection() as connection:
                return connection.execute(statement, params)


class _OwnConnection(local):
    """The connection on which this thread's transaction is open; None while none is."""

    connection: PostgresConnection | None = None


@contextmanager
def _ended(connection: PostgresConnection, begin: bytes) -> Iterator[None]:
    """Run the block in a transaction; commit it, or roll it back if the block raises."""
    connection.execute(begin)
    try:
        yield
        _commit(connection)
    except BaseException:
        if not connection.closed:
            connection.rollback()
        raise


def _commit(connection: PostgresConnection) -> None:
    if connection.info.transaction_status is not TransactionStatus.INTRANS:
        # PostgreSQL would roll back, and call that a success.
        raise StorageError("A statement had failed, so that nothing was stored.")
    connection.execute("COMMIT")


def _without_nul(params: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the parameters without the NULs that people or Tango may have put into texts: PostgreSQL keeps none."""
    if not params:
        return {}
    return {name: _kept(value) for name, value in params.items()}


def _kept(value: Any) -> Any:
    return value.replace("\x00", "") if isinstance(value, str) and "\x00" in value else value
