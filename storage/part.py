"""A database file that is made under another name, and gets its own once it is whole."""

import glob
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import DatabaseUnwritable
from storage.sqlite import SqliteDatabase


@contextmanager
def part_beside(path: Path) -> Iterator[Path]:
    """Make an empty file in the folder of `path`, and remove it afterwards unless it was renamed.

    Raises:
        DatabaseUnwritable: the folder can't be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        # Make the file before SQLite does, with a mode of our own: it holds names and addresses.
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise DatabaseUnwritable(f"{part.parent} can't be written ({error.strerror}).") from error
    try:
        yield part
    finally:
        for leftover in ("", "-journal", "-wal", "-shm"):
            part.with_name(f"{part.name}{leftover}").unlink(missing_ok=True)


@contextmanager
def opened(part: Path) -> Iterator[SqliteDatabase]:
    """Open the file with this version's schema; before the rename, so that no bot sees what is changed in it before."""
    database = SqliteDatabase(part)
    try:
        with database.transaction():
            yield database
        # One file, without a write-ahead log beside it; the bot makes a new log.
        database.execute("PRAGMA journal_mode = DELETE")
    finally:
        database.close()
    sync(part)


def remove_leftovers(path: Path) -> None:
    """Remove what a process that was killed left of `path`: it holds names and addresses, and is not whole."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*.part*"):
        leftover.unlink(missing_ok=True)


def rename(part: Path, to: Path) -> None:
    """Give the file its name.

    Raises:
        DatabaseUnwritable: the folder can't be written.
    """
    try:
        part.replace(to)
        sync(to.parent)  # so that the new name survives a power cut
    except OSError as error:
        raise DatabaseUnwritable(f"{to} can't be written ({error.strerror}).") from error


def sync(path: Path) -> None:
    """Have the file, or the folder, on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
