"""A connection to PostgreSQL that waits for nothing for ever, and PostgreSQL's errors in the bot's own words."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, Self, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row
from psycopg_pool import PoolClosed, PoolTimeout

from bot.errors import DatabaseClosed, DatabaseUnavailable, DatabaseUnreadable, DatabaseUnwritable, StorageError

#: The longest that an answer is awaited, in seconds. A line that was cut without a word (a machine that lost its power,
#: a proxy that swallows everything) would else hang for ever. Slack gives three seconds for an answer.
PATIENCE: Final = 3.0

#: The oldest PostgreSQL: idle_session_timeout came with 14.
OLDEST_SERVER: Final = 14_00_00

#: The wait for a connection, in whole seconds, and the signs of life: a peer that is gone is noticed within four
#: seconds, and what was sent to it within three.
_NETWORK: Final[dict[str, str | int]] = {
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 2,
    "keepalives_interval": 1,
    "keepalives_count": 2,
    "tcp_user_timeout": 3000,
    "client_encoding": "UTF8",
    "fallback_application_name": "kudos",
}

# Each installation has a schema, and so a lock of its own: by the schema's name, not by its number, because a server
# that was restored from a dump has other numbers. A writer that falls silent (a frozen process, a cut line) is ended
# after a second, so that those who wait two get their turn, within the three that Slack gives. A long turn waits ten.
#: Waits for the turn of a writer, until the end of the transaction.
WRITERS_LOCK: Final = "pg_advisory_xact_lock(1801807873, hashtext(current_schema()))"
#: The lock of the bot on duty, which its connection holds.
DUTY_LOCK: Final = "1801807874, hashtext(current_schema())"
#: The lock that every bot shares on its connection of the duty, on duty or not. Who must be alone takes it for itself.
BOTS_LOCK: Final = "1801807875, hashtext(current_schema())"

_BEGIN: Final = f"""
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL idle_in_transaction_session_timeout = 1000;
SET LOCAL lock_timeout = 2000;
SET LOCAL statement_timeout = 10000;
SELECT {WRITERS_LOCK}
""".encode()
_BEGIN_LONG: Final = f"""
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL lock_timeout = 10000;
SELECT {WRITERS_LOCK}
""".encode()

#: The channel on which a commit tells what it left to do, as `schema.table`.
CHANNEL: Final = "kudos"

Result = TypeVar("Result")


class PostgresConnection(psycopg.Connection[dict[str, Any]]):
    """A connection without a transaction of its own accord, which is closed if an answer takes too long.

    Nothing is prepared, so that a pooler may stand in between. Parameters travel beside the statement, so that no name
    and no address gets into PostgreSQL's log with a statement that fails.
    """

    patience: float | None = PATIENCE
    """How long an answer is awaited, in seconds; None for as long as it takes."""

    @classmethod
    def open(cls, url: str) -> Self:
        """Connect to the database at `url`."""
        return cls.connect(url, **SETTINGS)

    def row(self, sql: str, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the one row of a statement that always has one."""
        found = self.execute(sql.encode(), params).fetchone()  # bytes: psycopg's types want no text put together
        if found is None:
            raise psycopg.InterfaceError("a SELECT without a row")
        return found

    def wait(self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        """Wait for an answer. Close the connection if none comes, because what was asked may still be done.

        Raises:
            ConnectionTimeout: there was no answer in time.
        """
        if timeout is not None or self.patience is None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.patience)
        except errors._WaitTimeout:  # noqa: SLF001 (psycopg has no public name for it)
            self.pgconn.finish()
            raise errors.ConnectionTimeout(f"no answer within {self.patience:g} seconds") from None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Run the block as a transaction beside which nobody writes; commit it, or undo it if the block raises."""
        with self._ended(_BEGIN):
            yield

    @contextmanager
    def long_turn(self) -> Iterator[None]:
        """Run the block so, for as long as it takes."""
        self.patience = None
        with self._ended(_BEGIN_LONG):
            yield

    @contextmanager
    def _ended(self, begin: bytes) -> Iterator[None]:
        self.execute(begin)
        try:
            yield
            if self.info.transaction_status is TransactionStatus.INERROR:
                # PostgreSQL would roll back, and call that a success.
                raise StorageError("A statement had failed, so that nothing was stored.")  # noqa: TRY301
            self.execute("COMMIT")
        except BaseException:
            if not self.closed:
                with suppress(psycopg.Error):  # the reason why the block broke is the one to tell
                    self.rollback()
            raise


#: What every connection is opened with.
SETTINGS: Final[dict[str, Any]] = {
    "autocommit": True,
    "prepare_threshold": None,
    "row_factory": dict_row,
    **_NETWORK,
}


_REFUSES: Final = "refuses the user or the password. Check KUDOS_STORAGE__URL."
_IS_NOT_THERE: Final = "does not exist. Make it: CREATE DATABASE … ENCODING 'UTF8'."
_IS_FULL: Final = "has no connection left. Raise max_connections."

#: The reasons why no connection can be made, which libpq tells in words alone (PostgreSQL docs, 20.15).
_REASONS: Final[tuple[tuple[re.Pattern[str], type[StorageError], str], ...]] = (
    (re.compile(r"authentication failed|no password supplied|role .* does not exist"), DatabaseUnreadable, _REFUSES),
    (
        re.compile("no pg_hba.conf entry"),
        DatabaseUnreadable,
        "lets nobody in from here as this user. Add a line to its pg_hba.conf; a hostssl line needs ?sslmode=require.",
    ),
    (re.compile("database .* does not exist"), DatabaseUnreadable, _IS_NOT_THERE),
    (re.compile("too many clients|connection slots|too many connections"), DatabaseUnavailable, _IS_FULL),
    (
        re.compile("could not translate host name|Name or service not known|name resolution"),
        DatabaseUnavailable,
        "is on a host that isn't found. Check the address, and DNS.",
    ),
)


def name_of(url: str) -> str:
    """Return how people call the database at `url`: without user and password.

    Raises:
        DatabaseUnreadable: `url` is none that PostgreSQL knows.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # Without the cause: its text quotes the address, which may hold a password.
        raise DatabaseUnreadable(
            "storage.url is no address of PostgreSQL. Write it as postgresql://user@host/database."
        ) from None
    return f"The database {parts.get('dbname') or '(unnamed)'} on {parts.get('host') or 'this machine'}"


def check_serves(connection: PostgresConnection, named: str) -> None:
    """Refuse a server on which a promise would not hold.

    Raises:
        DatabaseUnreadable: the server is too old, keeps texts in another encoding than UTF-8, or promises to have
            stored what is not on the disk yet.
    """
    version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise DatabaseUnreadable(f"{named} is PostgreSQL {version // 10_000}: 14 or newer is needed.")
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseUnreadable(f"{named} keeps texts as {encoding}. Create a database with ENCODING 'UTF8'.")
    row = connection.execute("SHOW synchronous_commit").fetchone()
    if row and row["synchronous_commit"] == "off":
        raise DatabaseUnreadable(f"{named} forgets commits when its power goes. Set synchronous_commit = on.")


@contextmanager
def postgres_words(named: str) -> Iterator[None]:
    """Translate what PostgreSQL raises about the database that is called `named` into the bot's own errors."""
    try:
        yield
    except psycopg.Error as error:
        if (own := _translated(named, error)) is not None:
            raise own from error
        raise  # a mistake in this code, not a state of the database


def _translated(named: str, error: psycopg.Error) -> StorageError | None:
    # First what has an error of its own below OperationalError, then the rest of these: the connection itself.
    match error:
        case PoolClosed():
            return DatabaseClosed(f"{named} was closed: the bot stops.")
        case PoolTimeout():
            return DatabaseUnavailable(f"{named} could not be reached in time. Check that PostgreSQL runs.")
        case errors.InvalidPassword() | errors.InvalidAuthorizationSpecification():
            return DatabaseUnreadable(f"{named} {_REFUSES}")
        case errors.InvalidCatalogName():
            return DatabaseUnreadable(f"{named} {_IS_NOT_THERE}")
        case errors.InsufficientPrivilege():
            return DatabaseUnwritable(
                f"{named} doesn't let this user do that. GRANT it (`kudos check` says what), or name the owner."
            )
        case errors.DiskFull():
            return DatabaseUnwritable(f"The disk of {_middle(named)} is full. Free some space; nothing was lost.")
        case errors.ReadOnlySqlTransaction():
            return DatabaseUnwritable(
                f"{named} is a copy that can only be read. Name the server that is written to: "
                "add ?target_session_attrs=read-write to the address."
            )
        case errors.LockNotAvailable():
            return DatabaseUnwritable(f"{named} is locked by another program (see pg_stat_activity). Try again.")
        case errors.QueryCanceled():
            return DatabaseUnavailable(f"{named} took too long over a statement. Try again.")
        case errors.TooManyConnections():
            return DatabaseUnavailable(f"{named} {_IS_FULL}")
        case psycopg.OperationalError() | errors.IdleInTransactionSessionTimeout():
            # No cause that is not PostgreSQL's own would be an operational error: the line broke, or can't be made.
            return _unreachable(named, error)
    return None


def _unreachable(named: str, error: psycopg.Error) -> StorageError:
    said = str(error)
    for pattern, kind, text in _REASONS:
        if pattern.search(said):
            return kind(f"{named} {text}")
    return DatabaseUnavailable(f"{named} can't be reached. Check that PostgreSQL runs, and the address.")


def _middle(named: str) -> str:
    """Return the name as it stands in the middle of a sentence."""
    return named[0].lower() + named[1:]
