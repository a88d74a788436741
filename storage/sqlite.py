"""The SQLite file: connection, PRAGMAs, transactions, and SQLite's errors in the bot's own words.

One connection behind one lock: with a connection per thread, eight writers on a slow disk waited up to five seconds
(measured), because SQLite's busy handler does not queue. Every read-decide-write runs in `transaction()`, which is
`BEGIN IMMEDIATE`: a deferred transaction that reads and then writes fails at once when another connection wrote in
between.
"""

import json
import os
import sqlite3
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import RLock
from typing import Any, Final

import sqlite_utils

from bot.errors import (
    DatabaseClosed,
    DatabaseTooNew,
    DatabaseUnreadable,
    DatabaseUnwritable,
    StorageError,
)
from storage.database import Database, Row, Term
from storage.lock import RunLock, make_file
from storage.migrations import MIGRATIONS, known_migrations
from storage.modes import make_private

#: How long a statement waits for the lock of another process (a backup, the sqlite3 shell) before it fails. Slack gives
#: three seconds for an answer, and a listener may wait its turn behind the dispatcher and the notifier, which wait as
#: long: three turns leave room for the answer itself.
_BUSY_TIMEOUT_MS: Final = 700

#: Bytes of the write-ahead log that stay on the disk once SQLite has taken it over: twice what it takes over at a time
#: (1,000 pages). The log grows while somebody reads for long, as a backup does, and would stay as long as it once was.
_LONGEST_LOG: Final = 8 * 1024 * 1024

#: IS DISTINCT FROM came with SQLite 3.39, STRICT tables with 3.37, RETURNING with 3.35.
_OLDEST_SQLITE: Final = (3, 39, 0)

#: Another process that makes the same fresh file is done in a few milliseconds; these tries take a second.
_WAL_TRIES: Final = 20
_WAL_WAIT: Final = 0.05


# A list is one parameter, which `json_each` reads: SQLite has no lists.
sqlite3.register_adapter(list, json.dumps)


class SqliteDatabase(Database):
    """One SQLite file, migrated to the newest schema when it is opened.

    Args:
        path: where the file is, or will be.
        as_it_is: whether to neither make nor migrate the file, because a bot may run on it.
        for_run: whether to make this process the one bot on the file, until the process ends.

    Raises:
        DatabaseInUse: another bot runs on the file, which was not touched.
        DatabaseUnreadable: the file is no database, is damaged, or may not be read.
        DatabaseTooNew: a newer version of the bot wrote the file.
        DatabaseUnwritable: the disk is full or the file read-only.
    """

    def __init__(self, path: Path | str, *, as_it_is: bool = False, for_run: bool = False) -> None:
        if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
            raise StorageError(f"SQLite {sqlite3.sqlite_version} is too old: 3.39 or newer is needed.")
        super().__init__()
        self.path = Path(path)
        self._lock = RLock()
        self._own_words = OwnWords(self.path)
        # Before all else: a new version must not migrate the file under an old version that runs on it.
        self._run_lock = RunLock(self.path, make=not as_it_is) if for_run else None
        try:
            with self._own_words:
                self._connection = self._open(make=not as_it_is)
        except BaseException:
            self._let_go()
            raise
        try:
            with self._own_words:
                if as_it_is:
                    self._check_is_up_to_date()
                else:
                    self._migrate()
        except BaseException:
            self.close()
            raise

    def _open(self, *, make: bool) -> sqlite3.Connection:
        if not make and not self.path.exists():
            raise DatabaseUnreadable(f"There's no database at {self.path}. Check storage.path.")
        make_file(self.path.resolve())
        if make:
            make_private(self.path)  # SQLite gives its own files the mode of the database
        # isolation_level None: no implicit BEGIN; the transactions are the ones written below.
        connection = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        try:
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
            _use_wal(connection)
            # FULL: a commit is on the disk before Slack gets its answer, also when the power goes.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA journal_size_limit = {_LONGEST_LOG}")
            # Overwrite what is removed, and not only forget where it was: names and addresses are removed.
            connection.execute("PRAGMA secure_delete = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def _migrate(self) -> None:
        if self._needs_migration():
            # Of several that open a fresh file at once, one migrates; the others find it done.
            with self.transaction():
                if self._needs_migration():
                    db = self._for_migrations()
                    self.migrated = [step.name for step in MIGRATIONS.pending(db)]
                    MIGRATIONS.apply(db)

    def _check_is_up_to_date(self) -> None:
        if self._needs_migration():
            raise DatabaseUnreadable(
                f"{self.path} is of another version of Kudos. Use the version that runs on it, or start this one: "
                "it brings the file up to date."
            )

    def _needs_migration(self) -> bool:
        db = self._for_migrations()
        applied = {migration.name for migration in MIGRATIONS.applied(db)}
        if not applied and db.table_names():
            raise DatabaseUnreadable(f"{self.path} belongs to another program. Name another file as storage.path.")
        if newer := applied - known_migrations():
            raise DatabaseTooNew(
                f"{self.path} was written by a newer version of Kudos (it knows {', '.join(sorted(newer))}). "
                "Install that version, or restore a backup made before the upgrade."
            )
        return bool(known_migrations() - applied)

    def _for_migrations(self) -> sqlite_utils.Database:
        return sqlite_utils.Database(self._connection, execute_plugins=False)

    def _committed(self) -> "_Committed":
        return _Committed(self._connection, self._lock, self._own_words)

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> list[Row]:
        """Return the rows of `sql`, which may be a write with RETURNING.

        This reads all rows, so that a write outside of a transaction is committed.
        """
        with self._lock, self._own_words:
            cursor = self._connection.execute(sql, params or {})
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def execute(self, sql: str, params: Mapping[str, Any] | None = None) -> int:
        """Run a write without RETURNING; return how many rows it changed."""
        with self._lock, self._own_words:
            return self._connection.execute(sql, params or {}).rowcount

    def insert(self, sql: str, params: Mapping[str, Any]) -> int | None:
        """Run an INSERT of one row; return the row's id, or None where a conflict kept it out."""
        with self._lock, self._own_words:
            cursor = self._connection.execute(sql, params)
            return cursor.lastrowid if cursor.rowcount else None

    def fenced(self, term: Term) -> Database:  # noqa: ARG002 (one bot runs on the file: no term ends)
        """Return this database."""
        return self

    def empty_log(self) -> bool:
        """Take the write-ahead log over into the file and empty it; return whether nobody else was reading it."""
        with self._lock, self._own_words:
            (is_busy, _, _) = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not is_busy

    @property
    def connection(self) -> sqlite3.Connection:
        """SQLite's own connection, for who copies the whole file."""
        return self._connection

    def close(self) -> None:
        """Close the connection, and release the lock of the one bot."""
        with self._lock:
            self._connection.close()
            self._let_go()

    def _execute_many(self, sql: str, many: Sequence[Mapping[str, Any]]) -> None:
        with self._lock, self._own_words:
            self._connection.executemany(sql, many)

    def _let_go(self) -> None:
        if self._run_lock is not None:
            self._run_lock.release()
            self._run_lock = None


class _Committed:
    """A block that is one transaction. A class, as `OwnWords` is."""

    def __init__(self, connection: sqlite3.Connection, lock: RLock, own_words: "OwnWords") -> None:
        self._connection = connection
        self._lock = lock
        self._own_words = own_words

    def __enter__(self) -> None:
        """Begin, with the write lock."""
        self._lock.acquire()
        try:
            with self._own_words:
                self._connection.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Commit; undo it all where the block or the commit raises."""
        try:
            with self._own_words:
                if error is None:
                    self._commit()
                else:
                    self._connection.rollback()
        finally:
            self._lock.release()

    def _commit(self) -> None:
        try:
            self._connection.execute("COMMIT")
        except BaseException:
            self._connection.rollback()
            raise


class OwnWords:
    """Translates what its block raises about the file at `path` into the bot's own errors.

    A class, because each statement has its block: a generator takes ten times as many steps.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        """Translate what SQLite raised."""
        if isinstance(error, sqlite3.DatabaseError):
            translated = _translated(self._path, error)
            if translated is not error:  # else it goes on as it is: an error can't be its own cause
                raise translated from error


def _translated(path: Path, error: sqlite3.DatabaseError) -> Exception:
    if isinstance(error, sqlite3.ProgrammingError) and "closed database" in str(error):
        return DatabaseClosed(f"{path} was closed: the bot stops.")
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL":
        return DatabaseUnwritable(f"The disk of {path} is full. Free some space; nothing was lost.")
    if name.startswith(("SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_PERM")):
        return DatabaseUnwritable(
            f"{path} can't be written ({name}). Check the disk, and the rights of the file and its folder."
        )
    if name.startswith("SQLITE_BUSY"):
        return DatabaseUnwritable(
            f"{path} is locked by another program. Close it (a backup, a database browser) and try again."
        )
    if name.startswith("SQLITE_CANTOPEN"):
        return DatabaseUnreadable(
            f"{path} can't be opened. Check storage.path, and the rights of the file and its folder."
        )
    if name.startswith(("SQLITE_NOTADB", "SQLITE_CORRUPT")):
        return DatabaseUnreadable(
            f"{path} isn't a Kudos database, or is damaged. Restore a backup, or name another file."
        )
    return error  # a mistake in this code, not a state of the file


def _use_wal(connection: sqlite3.Connection) -> None:
    """Use write-ahead logging, which the file remembers. Unlike all else, this does not wait for a lock."""
    for tries_left in reversed(range(_WAL_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not tries_left or not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                raise
            time.sleep(_WAL_WAIT)
        else:
            return


def inspect_file(path: Path | str) -> str:
    """Look at a database file without changing it; return what was found, in words.

    Raises:
        StorageError: the bot could not use the file; the text says what to do.
    """
    path = Path(path)
    if not path.exists():
        if not os.access(path.absolute().parent, os.W_OK):
            raise DatabaseUnwritable(f"{path} can't be made: its folder is missing or can't be written to.")
        return f"{path} isn't there yet; the bot will make it"
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        try:
            applied = {migration.name for migration in MIGRATIONS.applied(sqlite_utils.Database(connection))}
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        raise DatabaseUnreadable(
            f"{path} isn't a Kudos database, or is damaged ({error}). Restore a backup, or name another file."
        ) from error
    if verdict != "ok":
        raise DatabaseUnreadable(f"{path} is damaged ({verdict}). Restore a backup.")
    if applied - known_migrations():
        raise DatabaseTooNew(f"{path} was written by a newer version of Kudos. Install that version.")
    return f"{path} is sound"
