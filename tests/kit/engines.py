"""The database behind a storage, for the tests that look below the seam."""

from storage import Storage
from storage.sqlite import SqliteDatabase


def file_of(storage: Storage) -> SqliteDatabase:
    """The file that the storage is over."""
    database = storage._database
    assert isinstance(database, SqliteDatabase)
    return database
