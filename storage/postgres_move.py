"""Moves an installation from a file to PostgreSQL or back: copied in one transaction, and compared row by row.

A move that is cut leaves both as they were: what is copied is committed, or gets its name, once all of it was compared.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from psycopg.rows import tuple_row

from bot.errors import DatabaseUnreadable, DatabaseUnwritable
from storage.backup import go_on_from
from storage.lock import RunLock
from storage.migrations import STEPS
from storage.part import opened, part_beside, remove_leftovers, rename
from storage.postgres import without_nul
from storage.postgres_alone import alone
from storage.postgres_connection import PostgresConnection, check_serves, name_of, postgres_words
from storage.schema import migrate, needs_migration
from storage.sqlite import OwnWords, SqliteDatabase

#: The tables, in the order in which they were made first: a row comes after the rows that it names.
TABLES: Final = tuple(dict.fromkeys(name for sql in STEPS.values() for name in re.findall(r"CREATE TABLE (\w+)", sql)))

# These tables are empty as long as no bot has run.
_IS_USED: Final = """
SELECT EXISTS (SELECT FROM tango_account) OR EXISTS (SELECT FROM requests) OR EXISTS (SELECT FROM audit) AS is_used
"""

#: Rows that PostgreSQL hands over at a time.
_AT_ONCE: Final = 1_000

# The last number that was given out, of each table that gives numbers.
_FILES_NUMBERS: Final = "SELECT name, seq FROM sqlite_sequence"
_FILES_NUMBERED: Final = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"
_SERVERS_NUMBERED: Final = """
SELECT table_name AS name, pg_get_serial_sequence(format('%I.%I', table_schema, table_name), column_name) AS sequence
FROM information_schema.columns WHERE table_schema = current_schema() AND is_identity = 'YES'
"""
_LAST_GIVEN: Final = "SELECT coalesce(pg_sequence_last_value(%(sequence)s::regclass), 0) AS last"
_FETCH: Final = f"FETCH {_AT_ONCE} FROM moved".encode()
_GO_ON: Final = "SELECT setval(%(sequence)s::regclass, %(last)s)"

Cells = tuple[Any, ...]


def move(source: Path | str, target: Path | str, on_progress: Callable[[int, int], None]) -> Mapping[str, int]:
    """Copy all that `source` holds to `target`, while no bot runs on either, and compare the two.

    Return how many rows each table has.

    Args:
        source: the path of a file, or an address of PostgreSQL.
        target: the other of the two: an address of an empty database, or the path of a new file.
        on_progress: called with how many rows are done, and of how many; each row is copied and compared.

    Raises:
        DatabaseInUse: a bot runs on one of them.
        DatabaseUnreadable: the source is none of this version, or the copy is not the same.
        DatabaseUnwritable: the target holds something already, or can't be written.
    """
    with _source(source) as old, _target(target) as new:
        file = old if isinstance(old, _File) else new
        tables = [_Table.of(file, name) for name in TABLES]
        counts = {table.name: old.count(table) for table in tables}
        progress = _Progress(2 * sum(counts.values()), on_progress)
        for table in reversed(tables):
            new.empty(table)  # of the rows that each database has from its first day
        for table in tables:
            new.insert(table, progress.counted(new.as_kept(old.rows(table))))
            _compare(table, progress.counted(new.as_kept(old.rows(table))), new.rows(table))
        new.go_on_from(old.numbers())
    return counts


# ---------------------------------------------------------------------------------------------- rows


@dataclass(frozen=True, slots=True)
class _Table:
    """A table, as both engines have it.

    Attributes:
        name: of the table.
        columns: their names.
        key: the columns of the primary key; whether each is a text.
    """

    name: str
    columns: tuple[str, ...]
    key: Mapping[str, bool]

    @classmethod
    def of(cls, file: "_Side", name: str) -> "_Table":
        """Return the table of that name, as a file has it."""
        found = list(file.run(f"PRAGMA table_info({name})"))
        keys = sorted((place, column, kind) for _, column, kind, _, _, place in found if place)
        return cls(name, tuple(column for _, column, *_ in found), {column: kind == "TEXT" for _, column, kind in keys})

    @property
    def listed(self) -> str:
        """The columns, as a statement lists them."""
        return ", ".join(self.columns)


class _Progress:
    """The rows that are done, of how many."""

    def __init__(self, total: int, tell: Callable[[int, int], None]) -> None:
        self._total = total
        self._tell = tell
        self._done = 0

    def counted(self, rows: Iterable[Cells]) -> Iterator[Cells]:
        """Hand rows on, and tell now and then how many there were."""
        for row in rows:
            yield row
            self._done += 1
            if self._done % _AT_ONCE == 0 or self._done == self._total:
                self._tell(self._done, self._total)


def _compare(table: _Table, wanted: Iterable[Cells], copied: Iterable[Cells]) -> None:
    for number, (one, other) in enumerate(zip_longest(wanted, copied), 1):
        if one != other:
            raise DatabaseUnreadable(
                f"Row {number:,} of the table {table.name} differs in the copy. Nothing was moved; look at the "
                "triggers and rules of the target."
            )


# ------------------------------------------------------------------------------------------- engines


class _Side(ABC):
    """One of the two databases, in a transaction of its own."""

    #: The order of texts that both engines know: byte by byte.
    collation: str

    @abstractmethod
    def run(self, statement: str) -> Iterator[Cells]:
        """Yield the rows of a statement, without having all of them in memory."""

    @abstractmethod
    def empty(self, table: _Table) -> None:
        """Remove the rows of a table."""

    @abstractmethod
    def insert(self, table: _Table, rows: Iterable[Cells]) -> None:
        """Add rows to a table."""

    @abstractmethod
    def numbers(self) -> Mapping[str, int]:
        """Return the last number that each table has given out."""

    @abstractmethod
    def go_on_from(self, numbers: Mapping[str, int]) -> None:
        """Give none of these numbers again."""

    def as_kept(self, rows: Iterable[Cells]) -> Iterable[Cells]:
        """Return rows in the form in which this engine keeps them."""
        return rows

    def count(self, table: _Table) -> int:
        """Return how many rows a table has."""
        ((count,),) = self.run(f"SELECT count(*) FROM {table.name}")  # noqa: S608 (a name of our own)
        return int(count)

    def rows(self, table: _Table) -> Iterator[Cells]:
        """Yield the rows of a table in the order of its key."""
        key = ", ".join(f"{name} COLLATE {self.collation}" if is_text else name for name, is_text in table.key.items())
        return self.run(f"SELECT {table.listed} FROM {table.name} ORDER BY {key}")  # noqa: S608 (names of our own)


class _File(_Side):
    collation = "BINARY"

    def __init__(self, database: SqliteDatabase) -> None:
        self._db = database

    def run(self, statement: str) -> Iterator[Cells]:
        return self._db.connection.execute(statement)

    def empty(self, table: _Table) -> None:
        self._db.execute(f"DELETE FROM {table.name}")  # noqa: S608 (a name of our own)

    def insert(self, table: _Table, rows: Iterable[Cells]) -> None:
        places = ", ".join("?" * len(table.columns))
        statement = f"INSERT INTO {table.name} ({table.listed}) VALUES ({places})"  # noqa: S608 (names of our own)
        self._db.connection.executemany(statement, rows)

    def numbers(self) -> Mapping[str, int]:
        return dict(self.run(_FILES_NUMBERS))

    def go_on_from(self, numbers: Mapping[str, int]) -> None:
        numbered = {name for (name,) in self.run(_FILES_NUMBERED)}
        go_on_from(self._db, {name: last for name, last in numbers.items() if name in numbered})


class _Server(_Side):
    collation = '"C"'

    def __init__(self, connection: PostgresConnection) -> None:
        self._connection = connection

    def run(self, statement: str) -> Iterator[Cells]:
        # The server keeps the rows, and hands some over at a time. If a move breaks, they end with its transaction.
        self._connection.execute(f"DECLARE moved NO SCROLL CURSOR FOR {statement}".encode())
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            while rows := cursor.execute(_FETCH).fetchall():
                yield from rows
        self._connection.execute("CLOSE moved")

    def empty(self, table: _Table) -> None:
        self._connection.execute(f"DELETE FROM {table.name}".encode())  # noqa: S608 (a name of our own)

    def insert(self, table: _Table, rows: Iterable[Cells]) -> None:
        statement = f"COPY {table.name} ({table.listed}) FROM STDIN".encode()
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

    def numbers(self) -> Mapping[str, int]:
        numbers = {}
        for table in self._connection.execute(_SERVERS_NUMBERED).fetchall():
            [given] = self._connection.execute(_LAST_GIVEN, table).fetchall()
            numbers[table["name"]] = given["last"]
        return numbers

    def go_on_from(self, numbers: Mapping[str, int]) -> None:
        for table in self._connection.execute(_SERVERS_NUMBERED).fetchall():
            ((highest,),) = self.run(f"SELECT coalesce(max(id), 0) FROM {table['name']}")  # noqa: S608 (a name of our own)
            if last := max(highest, numbers.get(table["name"], 0)):
                self._connection.execute(_GO_ON, {"sequence": table["sequence"], "last": last})

    def as_kept(self, rows: Iterable[Cells]) -> Iterable[Cells]:
        for row in rows:
            yield tuple(map(without_nul, row))


@contextmanager
def _source(where: Path | str) -> Iterator[_Side]:
    if isinstance(where, str):
        with _connected(where) as (connection, named):
            if needs_migration(connection, named):
                raise DatabaseUnreadable(f"{named} isn't up to date. Bring it up to date with `kudos migrate`.")
            yield _Server(connection)
        return
    database = SqliteDatabase(where, as_it_is=True, for_run=True)
    try:
        with database.transaction():
            yield _File(database)
    finally:
        database.close()


@contextmanager
def _target(where: Path | str) -> Iterator[_Side]:
    if isinstance(where, str):
        with _connected(where) as (connection, named):
            if needs_migration(connection, named):
                migrate(connection)
            [used] = connection.execute(_IS_USED).fetchall()
            if used["is_used"]:
                raise DatabaseUnwritable(
                    f"{named} isn't empty: a bot has run on it, or a move to it was done. Name an empty database."
                )
            yield _Server(connection)
        return
    lock = RunLock(where, make=False)
    try:
        if where.exists():
            raise DatabaseUnwritable(f"{where} is there already. Name a new file.")
        remove_leftovers(where)
        with part_beside(where) as part:
            with OwnWords(part), opened(part) as database:
                yield _File(database)
            rename(part, where)
    finally:
        lock.release()


@contextmanager
def _connected(url: str) -> Iterator[tuple[PostgresConnection, str]]:
    """Yield a connection in a transaction that takes its time, and how people call the database."""
    named = name_of(url)
    with alone(url), postgres_words(named), PostgresConnection.open(url) as connection:
        check_serves(connection, named)
        with connection.long_turn():
            yield connection, named
