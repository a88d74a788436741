"""Asks a PostgreSQL server for what `kudos check` judges. Nothing is changed."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final

import psycopg
from psycopg import sql

from storage.postgres_connection import (
    CHANNEL,
    OLDEST_SERVER,
    PostgresConnection,
    name_of,
    postgres_words,
)
from storage.schema import needs_migration
from storage.server import ServerFacts

#: The settings of the server that decide whether a commit outlives the power, and a failover.
_SETTINGS: Final = ("synchronous_commit", "fsync", "full_page_writes", "synchronous_standby_names")

#: How often each of two connections is asked for its number: a pooler that hands out connections for a transaction
#: gives both of them the same one, or one of them several.
_TIMES: Final = 3

_SETTING: Final = "SELECT name, setting FROM pg_settings WHERE name = ANY(%(names)s)"
_IS_COPY: Final = "SELECT pg_is_in_recovery() AS is_copy"
_STANDBYS: Final = "SELECT count(*) AS n FROM pg_stat_replication"
_NOW: Final = "SELECT clock_timestamp() AS now"
_SESSION: Final = "SELECT pg_backend_pid() AS pid"
# The duty holds a lock and listens, which belong to the connection.
_DUTY_LINE: Final = f"SET idle_session_timeout = 3000; LISTEN {CHANNEL}; UNLISTEN *; RESET idle_session_timeout"

_ME: Final = """
SELECT current_user AS name, current_schema() AS schema, has_schema_privilege(current_schema(), 'CREATE') AS may_create
"""
_OTHERS_TABLES: Final = """
SELECT DISTINCT tableowner AS owner FROM pg_tables
WHERE schemaname = current_schema() AND NOT pg_has_role(tableowner, 'MEMBER')
"""
_WORK: Final = "SELECT, INSERT, UPDATE, DELETE"
_CLOSED_TABLES: Final = """
SELECT tablename FROM pg_tables, format('%I.%I', schemaname, tablename) AS named
WHERE schemaname = current_schema() AND NOT (
    has_table_privilege(named, 'SELECT') AND (tablename = 'kudos_migrations' OR (
        has_table_privilege(named, 'INSERT') AND has_table_privilege(named, 'UPDATE')
        AND has_table_privilege(named, 'DELETE')
    ))
)
LIMIT 1
"""


def inspect_server(url: str) -> ServerFacts:
    """Ask a server for what a bot will need. Nothing is changed.

    Args:
        url: the address, as `storage.url` has it.

    Raises:
        StorageError: the server can't be asked, or the schema is another program's; the text says what to do.
    """
    named = name_of(url)
    with postgres_words(named), PostgresConnection.open(url) as connection:
        number = connection.info.server_version
        version = f"{number // 10_000}.{number % 10_000}"
        if number < OLDEST_SERVER:
            return ServerFacts(named=named, version=version, is_too_old=True, settings={})
        settings = {
            row["name"]: row["setting"] for row in connection.execute(_SETTING, {"names": list(_SETTINGS)}).fetchall()
        }
        is_closed = connection.execute(_CLOSED_TABLES.encode()).fetchone() is not None
        to_migrate = not is_closed and needs_migration(connection, named)
        return ServerFacts(
            named=named,
            version=version,
            encoding=connection.info.parameter_status("server_encoding") or "",
            is_copy=connection.row(_IS_COPY)["is_copy"],
            settings=settings,
            standbys=connection.row(_STANDBYS)["n"],
            is_direct=_is_direct(connection, url),
            is_private=connection.pgconn.ssl_in_use or _is_near(connection.info.hostaddr),
            clock_ahead=_clock_ahead(connection),
            needs_migration=to_migrate,
            missing_rights=_missing_rights(connection, to_migrate=to_migrate, is_closed=is_closed),
        )


def _is_direct(connection: PostgresConnection, url: str) -> bool:
    """Tell whether two connections at a time are two sessions, each its own all the while."""
    sessions: list[set[int]] = [set(), set()]
    with PostgresConnection.open(url) as other:
        for _ in range(_TIMES):
            for seen, asked in zip(sessions, (connection, other), strict=True):
                seen.add(asked.row(_SESSION)["pid"])
        try:
            other.execute(_DUTY_LINE.encode())
        except psycopg.Error:
            return False  # a pooler that knows of no session refuses such statements
    return [len(seen) for seen in sessions] == [1, 1] and sessions[0] != sessions[1]


def _is_near(address: str) -> bool:
    """Tell whether an address is of this machine; a socket of its file system has none."""
    return not address or ip_address(address).is_loopback


def _clock_ahead(connection: PostgresConnection) -> timedelta:
    before = datetime.now(UTC)
    said: datetime = connection.row(_NOW)["now"]
    after = datetime.now(UTC)
    # Somewhere between the two: within them, the clocks agree.
    return max(said - after, timedelta()) + min(said - before, timedelta())


def _missing_rights(connection: PostgresConnection, *, to_migrate: bool, is_closed: bool) -> tuple[str, ...]:
    me = connection.row(_ME)
    user, schema = sql.Identifier(me["name"]), sql.Identifier(me["schema"])
    missing = []
    if to_migrate and not me["may_create"]:
        missing.append(sql.SQL("GRANT CREATE ON SCHEMA {} TO {}").format(schema, user))
    if to_migrate:
        missing += [
            sql.SQL("GRANT {} TO {}").format(sql.Identifier(row["owner"]), user)
            for row in connection.execute(_OTHERS_TABLES).fetchall()
        ]
    if is_closed:
        missing.append(sql.SQL("GRANT {} ON ALL TABLES IN SCHEMA {} TO {}").format(sql.SQL(_WORK), schema, user))
    return tuple(grant.as_string(connection) for grant in missing)
