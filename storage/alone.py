"""Keeps every bot from working on a database, for what must not be done beside one."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import DatabaseInUse
from storage.postgres_connection import TRY_DUTY, PostgresConnection, name_of, postgres_words


@contextmanager
def duty_kept(url: str) -> Iterator[None]:
    """Hold the lock of the duty while the block runs, so that no bot is on duty, nor gets there.

    Raises:
        DatabaseInUse: a bot is on duty.
    """
    named = name_of(url)
    with postgres_words(named), PostgresConnection.open(url) as connection:
        row = connection.execute(f"SELECT {TRY_DUTY} AS is_held".encode()).fetchone()
        if row is None or not row["is_held"]:
            raise DatabaseInUse(f"{named} has a bot on duty. Stop all bots first, then try again.")
        yield
