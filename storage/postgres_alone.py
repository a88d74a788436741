"""Keeps every bot from working on a database, for what must not be done beside one."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
from psycopg import errors

from bot.errors import DatabaseInUse
from storage.postgres_connection import DUTY_LOCK, PostgresConnection, name_of, postgres_words

# A bot that has just ended may have the lock for a moment: its server has yet to notice. Nothing is asked on this line
# while the block runs, perhaps for minutes: the server must not end it for that.
_TAKE: Final = f"SET lock_timeout = 1000; SET idle_session_timeout = 0; SELECT pg_advisory_lock({DUTY_LOCK})".encode()
_GIVE_BACK: Final = f"SELECT pg_advisory_unlock({DUTY_LOCK})".encode()


@contextmanager
def duty_kept(url: str) -> Iterator[None]:
    """Hold the lock of the duty while the block runs, so that no bot is on duty, nor gets there.

    Raises:
        DatabaseInUse: a bot is on duty.
    """
    named = name_of(url)
    with postgres_words(named), PostgresConnection.open(url) as connection:
        try:
            connection.execute(_TAKE)
        except errors.LockNotAvailable as error:
            raise DatabaseInUse(f"{named} has a bot on duty. Stop all bots first, then try again.") from error
        try:
            yield
        finally:
            with suppress(psycopg.Error):  # the line broke: the server gives it back by itself
                connection.execute(_GIVE_BACK)
