"""Backups: copies of the file, made also while a bot runs on it, and restored while none does."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlite_utils

from bot.errors import DatabaseInUse, DatabaseTooNew, DatabaseUnreadable, DatabaseUnwritable
from storage.database import Database, from_ms_or_none
from storage.doubt import DoubtStore
from storage.lock import RunLock
from storage.migrations import MIGRATIONS, known_migrations
from storage.modes import make_private
from storage.part import opened, part_beside, rename, sync
from storage.sqlite import OwnWords

# Ids are given out once, and rows are never removed: the last id is the number of rows.
_REQUESTS: Final = "SELECT max(id) FROM requests"
_ORDERS: Final = "SELECT max(id) FROM orders"
_LAST_EVENT: Final = "SELECT at FROM audit WHERE id = (SELECT max(id) FROM audit)"

# The numbers that people have seen: those of orders begin with the request's. A number that is given to another request
# would mislead who types it.
_NUMBERS: Final = "SELECT name, seq FROM sqlite_sequence WHERE name = 'requests'"
_GO_ON_FROM: Final = "UPDATE sqlite_sequence SET seq = max(seq, :seq) WHERE name = :name"
_BEGIN_AFTER: Final = "INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :seq)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The contents of a backup.

    Attributes:
        requests: the number of requests.
        orders: the number of orders.
        last_event_at: the time of the last event, UTC; None where there is none.
    """

    requests: int
    orders: int
    last_event_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """The result of a restore.

    Attributes:
        contents: what the database holds now.
        kept_as: the new path of the replaced file; None where there was none.
        is_paused: whether the queue was paused, because the backup is too old to send its orders unseen.
    """

    contents: Contents
    kept_as: Path | None
    is_paused: bool


def back_up(path: Path, to: Path) -> Contents:
    """Copy the database to the new file `to`, as it is at one moment, also while a bot writes to it.

    The copy is made under another name, and is renamed to `to` once it was read through and found sound.

    Raises:
        DatabaseUnreadable: there is no sound Kudos database at `path`.
        DatabaseUnwritable: `to` exists already, or cannot be written.
    """
    if to.exists():
        raise DatabaseUnwritable(f"{to} is there already. Name a new file.")
    _check_exists(path)
    with _copied(path, beside=to) as (part, contents):
        rename(part, to)
    return contents


def restore(path: Path, backup: Path, *, now: datetime, known_since: datetime, actor: str) -> Restored:
    """Replace the database by a backup, and keep the replaced file beside it.

    At every moment there is a whole database at `path`: the old one, and then the new one. The new one has this
    version's schema, treats each order that waits as one that may have been sent, posts anew what waits for approval,
    and goes on with the numbers of the replaced one.

    Args:
        path: the database.
        backup: the backup.
        now: UTC.
        known_since: Tango still knows what was sent after this, UTC. The queue of a backup that ends earlier is paused.
        actor: who restores the backup, for the audit log.

    Raises:
        DatabaseInUse: a bot runs on the database, or another program has it open.
        DatabaseUnreadable: the backup is no sound Kudos database, or is the database itself.
        DatabaseTooNew: a newer version of the bot wrote the backup.
        DatabaseUnwritable: the folder of the database cannot be written.
    """
    _check_exists(backup)
    if path.exists() and path.samefile(backup):
        raise DatabaseUnreadable(f"{backup} is the database itself. Name a backup.")
    lock = RunLock(path, make=False)
    path = path.resolve()  # a link stays a link
    try:
        make_private(path)  # also of the file that is kept
        with _copied(backup, beside=path) as (part, contents):
            with opened(part) as database:
                doubt = DoubtStore(database).mark(now=now, known_since=known_since, actor=actor)
                go_on_from(database, _numbers_of(path))
            kept_as = _keep(path) if path.exists() else _keep_log(path)
            rename(part, path)
    finally:
        lock.release()
    return Restored(contents=contents, kept_as=kept_as, is_paused=doubt.is_paused)


def _check_exists(path: Path) -> None:
    if not path.exists():
        raise DatabaseUnreadable(f"There's no file {path}.")


@contextmanager
def _copied(source: Path, *, beside: Path) -> Iterator[tuple[Path, Contents]]:
    """Yield a sound copy of `source` in the folder of `beside`; remove the copy afterwards unless it was renamed."""
    with part_beside(beside) as part:
        _copy(source, part)
        yield part, _checked(part, named=source)


def _copy(source: Path, part: Path) -> None:
    with OwnWords(source), closing(_open(source, "ro")) as reader, closing(_open(part, "rw")) as writer:
        # In one step and one read transaction: a writer does not wait meanwhile, and what it writes is not in the copy.
        try:
            with OwnWords(part):
                reader.backup(writer)
        except DatabaseUnreadable as error:  # the new file was empty: the source is what cannot be read
            raise DatabaseUnreadable(f"{source} isn't a Kudos database, or is damaged.") from error
        with OwnWords(part):
            # One file, without a write-ahead log beside it; the bot makes a new log.
            writer.execute("PRAGMA journal_mode = DELETE")
    sync(part)


def _checked(part: Path, *, named: Path) -> Contents:
    """Read the whole file, and return what it holds."""
    with OwnWords(named), closing(_open(part, "ro")) as connection:
        applied = {migration.name for migration in MIGRATIONS.applied(sqlite_utils.Database(connection))}
        (verdict,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if not applied:
            raise DatabaseUnreadable(f"{named} isn't a Kudos database.")
        if verdict != "ok":
            raise DatabaseUnreadable(f"{named} is damaged ({verdict}).")
        if connection.execute("PRAGMA foreign_key_check").fetchone():
            raise DatabaseUnreadable(f"{named} is damaged: rows are missing that others belong to.")
        if applied - known_migrations():
            raise DatabaseTooNew(f"{named} was written by a newer version of Kudos. Install that version.")
        (requests,) = connection.execute(_REQUESTS).fetchone()
        (orders,) = connection.execute(_ORDERS).fetchone()
        last_event = connection.execute(_LAST_EVENT).fetchone()
    return Contents(
        requests=requests or 0,
        orders=orders or 0,
        last_event_at=from_ms_or_none(last_event[0] if last_event else None),
    )


def _numbers_of(path: Path) -> Mapping[str, int]:
    """Return the last number of requests, which people see; nothing where the file can't tell."""
    try:
        with closing(_open(path, "ro")) as connection:
            return dict(connection.execute(_NUMBERS).fetchall())
    except sqlite3.DatabaseError:
        return {}


def go_on_from(database: Database, numbers: Mapping[str, int]) -> None:
    """Give no number again that was given before."""
    for name, seq in numbers.items():
        if not database.execute(_GO_ON_FROM, {"name": name, "seq": seq}):
            database.execute(_BEGIN_AFTER, {"name": name, "seq": seq})


def _name_to_keep(path: Path) -> Path:
    return path.with_name(f"{path.name}.replaced-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _keep_log(path: Path) -> Path | None:
    """Move away the log of a database that is gone; return the log's new path, or None if there is no log.

    SQLite would take it for the log of the restored file. It is kept, because it may hold the last commits of the file
    that is gone.
    """
    kept_log = _log_of(_name_to_keep(path))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    try:
        _log_of(path).rename(kept_log)
    except FileNotFoundError:
        return None
    return kept_log


def _keep(path: Path) -> Path:
    """Give the database a second name, under which it is kept; return that path."""
    kept_as = _name_to_keep(path)
    log, kept_log = _log_of(path), _log_of(kept_as)
    try:
        os.link(path, kept_as)
        with suppress(FileNotFoundError):
            os.link(log, kept_log)
    except OSError as error:
        raise DatabaseUnwritable(f"{path} can't be kept as {kept_as} ({error.strerror}).") from error
    # The last commits may still be in the write-ahead log. The last one to close the file takes them over and removes
    # the log. With a damaged file nobody can, and its log is kept beside it.
    try:
        with closing(_open(path, "rw")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError:
        log.unlink(missing_ok=True)
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    else:
        kept_log.unlink(missing_ok=True)
        if log.exists():
            kept_as.unlink()
            raise DatabaseInUse(f"Another program has {path} open (a replication, a database browser). Close it first.")
    return kept_as


def _open(path: Path, mode: str) -> sqlite3.Connection:
    # isolation_level None: no implicit BEGIN.
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None)
