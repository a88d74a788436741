"""The rights of the files: the database, and all that is beside it, is for its owner alone.

A file is made with these rights. But it may have been there before, made by `cp`, by another program, or by a restore
with other tools.
"""

import glob
import logging
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

logger = logging.getLogger(__name__)

#: The database holds names and addresses, and so does its log; the lock keeps another bot out.
PRIVATE: Final = 0o600

#: The files that belong to a database: itself, SQLite's beside it, the lock, and those that a restore has replaced.
_BESIDE: Final = ("", "-wal", "-shm", "-journal", ".lock")
_REPLACED: Final = ".replaced-*"


def make_private(path: Path) -> None:
    """Take from others every right to the database at `path` and to the files beside it; log where that can't be.

    Nothing is opened, because closing a file would release SQLite's locks on it.
    """
    for file in open_to_others(path):
        try:
            os.chmod(file, PRIVATE)  # noqa: PTH101 (Path.chmod is the same; this one a test can refuse)
        except OSError as error:
            logger.warning("%s can be read by others, and its mode can't be changed: %s", file, error.strerror)


def open_to_others(path: Path) -> Mapping[Path, int]:
    """Return the modes of the files of the database at `path` whose mode is not 0600."""
    return {file: mode for file, mode in _modes_of(path.resolve()) if mode != PRIVATE}


def _modes_of(path: Path) -> Iterator[tuple[Path, int]]:
    beside = [path.with_name(f"{path.name}{suffix}") for suffix in _BESIDE]
    for file in (*beside, *sorted(path.parent.glob(f"{glob.escape(path.name)}{_REPLACED}"))):
        try:
            found = file.stat()
        except OSError:
            continue  # not there, or gone meanwhile
        if stat.S_ISREG(found.st_mode):
            yield file, stat.S_IMODE(found.st_mode)
