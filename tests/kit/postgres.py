"""A PostgreSQL server for the tests of a worker, and a schema of it for each test."""

import os
from collections.abc import Iterator
from itertools import count
from typing import Final

import psycopg
import pytest

from bot.sandbox.postgres import PostgresServer, find_server
from storage import Storage

#: Without a server these tests are skipped; CI sets this, so that they fail there.
REQUIRED: Final = "KUDOS_REQUIRE_POSTGRES"

_numbers: Final = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """Start one server for all tests of a worker."""
    programs = find_server()
    if programs is None:
        reason = "no PostgreSQL found: nothing was tested on it (Debian: apt-get install postgresql)"
        if os.environ.get(REQUIRED) == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    server = PostgresServer(programs)
    server.start()
    yield server
    server.stop()


def fresh_schema(server: PostgresServer) -> str:
    """Make an empty schema; return the address of it."""
    name = f"t{next(_numbers)}"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
    return server.url(schema=name)


class EmptySchema:
    """One schema of a worker, which is emptied before each test: to make one takes ten times as long.

    Args:
        server: the worker's.
    """

    def __init__(self, server: PostgresServer) -> None:
        self.url = fresh_schema(server)
        Storage.open(self.url).close()
        with self._connected() as connection:
            tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
            names = {name for (name,) in tables.fetchall()} - {"kudos_migrations"}
            # Tables that have a row from their first day: it is kept, and put back.
            first = {name for name in names if connection.execute(f"TABLE {name}".encode()).fetchone()}
            for name in first:
                connection.execute(f"CREATE TABLE first_{name} AS TABLE {name}".encode())
        refill = [f"INSERT INTO {name} TABLE first_{name}" for name in sorted(first)]
        self._empty = "; ".join([f"TRUNCATE {', '.join(sorted(names))} RESTART IDENTITY", *refill]).encode()

    def empty(self) -> None:
        """Have it as it was when it was new."""
        with self._connected() as connection:
            connection.execute(self._empty)

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True)


@pytest.fixture(scope="session")
def empty_schema(postgres: PostgresServer) -> EmptySchema:
    """Make the schema of a worker."""
    return EmptySchema(postgres)
