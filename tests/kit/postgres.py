"""A PostgreSQL server for the tests of a worker, and a schema of it for each test."""

import os
from collections.abc import Iterator
from itertools import count
from typing import Final

import psycopg
import pytest

from bot.sandbox.postgres import PostgresServer, find_server

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
