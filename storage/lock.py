"""The lock of the one bot on a database file, by whatever name the file is opened."""

import errno
import fcntl
import os
import platform
from pathlib import Path
from threading import Lock
from typing import Final

from bot.errors import DatabaseInUse, DatabaseUnreadable, DatabaseUnwritable

#: The database files that this process has locked, by device and inode. To open such a file once more and close it
#: would release the locks of SQLite's connections to it (SQLite, How To Corrupt, 2.2).
_locked: Final[set[tuple[int, int]]] = set()
_registry: Final = Lock()

#: The errors of `flock` by which another process has the lock. Any other is the file system's: NFS without a lock
#: daemon, for example.
_HELD: Final = frozenset({errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES})

#: Linux's table of what is mounted where (proc(5), /proc/pid/mounts).
_MOUNTS: Final = Path("/proc/self/mounts")

#: On Linux, `flock` and the POSIX locks of SQLite know nothing of each other. On other systems one may shut out the
#: other, so that there the file beside the database is locked alone.
_FLOCK_IS_APART: Final = platform.system() == "Linux"


class RunLock:
    """The lock of the one bot on a file. Whoever holds it knows that who left something `submitting` is gone.

    The lock is the kernel's (`flock`), so that a killed bot leaves none behind. It is taken on the file beside the
    database, and on the database itself: the first also guards a database that a restore is about to make or replace,
    the second holds when the first was deleted or the database has another name (a hard link). `flock` and SQLite's
    POSIX locks don't touch each other.

    Args:
        path: of the database, also by a symbolic link.
        make: whether to make the database where there is none.

    Raises:
        DatabaseInUse: another bot has the lock.
        DatabaseUnreadable: the database can't be opened.
        DatabaseUnwritable: the disk is full, the folder read-only, or the file system has no locks.
    """

    def __init__(self, path: Path, *, make: bool) -> None:
        self._path = path
        self._database: int | None = None
        self._inode: tuple[int, int] | None = None
        resolved = path.resolve()
        self._beside = _open_beside(resolved)
        try:
            self._take(self._beside)
            if make:
                make_file(resolved)
            if resolved.exists():
                self._lock_database(resolved)
        except BaseException:
            self.release()
            raise

    def release(self) -> None:
        """Give the lock back; to be called when SQLite has closed the file."""
        with _registry:
            if self._inode is not None:
                _locked.discard(self._inode)
                self._inode = None
            if self._database is not None:
                os.close(self._database)
                self._database = None
        os.close(self._beside)

    def _lock_database(self, resolved: Path) -> None:
        with _registry:
            if _inode_of(resolved.stat()) in _locked:
                raise self._in_use()
            try:
                descriptor = os.open(resolved, os.O_RDONLY)
            except OSError as error:
                raise unopenable(self._path, error) from error
            inode = _inode_of(os.fstat(descriptor))
            if inode in _locked:  # another file was put in its place just now: leave it open, as said above
                raise self._in_use()
            self._database = descriptor
            if _FLOCK_IS_APART:
                self._take(descriptor)
            if _inode_of(resolved.stat()) != inode:
                raise self._in_use()
            _locked.add(inode)
            self._inode = inode

    def _take(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _HELD:
                raise self._in_use() from error
            raise DatabaseUnwritable(
                f"{self._path} can't be locked ({error.strerror}). {_file_system_of(self._path)} has no locks, so "
                "that two bots could run on one file. Name a storage.path on a local disk."
            ) from error

    def _in_use(self) -> DatabaseInUse:
        return DatabaseInUse(
            f"Another bot runs on {self._path}. Stop it first, or give this one a storage.path of its own."
        )


def make_file(path: Path) -> None:
    """Make the database file before SQLite does, with a mode of our own: the file holds names and addresses.

    A file that exists is not opened, because closing it would release the locks of every connection that this process
    has on it, and another process would then remove its WAL.

    Raises:
        DatabaseUnreadable: the file can't be made.
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise unopenable(path, error) from error


def unopenable(path: Path, error: OSError) -> DatabaseUnreadable:
    """Word why the file at `path` can't be opened."""
    return DatabaseUnreadable(
        f"{path} can't be opened ({error.strerror}). Check storage.path and the rights of its folder."
    )


def _open_beside(path: Path) -> int:
    try:
        return os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise DatabaseUnwritable(
            f"{path}.lock can't be written ({error.strerror}). "
            "Check the disk, and the rights of the file and its folder."
        ) from error


def _file_system_of(path: Path) -> str:
    """Name the file system that `path` is on, by its kind and its place; without them where the system has no table."""
    resolved = path.resolve()
    try:
        mounted = [line.split()[1:3] for line in _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return "The file system"
    around = [(place, kind) for place, kind in mounted if resolved.is_relative_to(place)]
    if not around:
        return "The file system"
    place, kind = max(around, key=lambda one: len(one[0]))
    return f"The file system ({kind}, mounted at {place})"


def _inode_of(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino
