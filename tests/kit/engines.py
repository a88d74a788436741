"""The database behind a storage, for the tests that look below the seam."""

import sqlite3
from typing import Final

import psycopg

from storage import Storage
from storage.sqlite import SqliteDatabase

#: What an engine raises at a change that its schema refuses.
REFUSED: Final = (sqlite3.IntegrityError, psycopg.IntegrityError, psycopg.DataError)


def file_of(storage: Storage) -> SqliteDatabase:
    """The file that the storage is over."""
    database = storage._database
    assert isinstance(database, SqliteDatabase)
    return database
