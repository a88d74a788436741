"""Keeps every bot from working on a database, for what must not be done beside one."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
from psycopg import errors

from bot.errors import DatabaseInUse
from storage.postgres_connection import BOTS_LOCK, DUTY_LOCK, PostgresConnection, name_of, postgres_words

# A bot that has just ended may have the lock for a moment: its server has yet to notice. Nothing is asked on this line
# while the block runs, perhaps for minutes: the server must not end it for that. A bot of a version that doesn't share
# the lock of all bots, as during an upgrade, is seen by its duty.
_TAKE: Final = f"""
SET lock_timeout = 1000; SET idle_session_timeout = 0;
SELECT pg_advisory_lock({BOTS_LOCK}); SELECT pg_advisory_lock({DUTY_LOCK})
""".encode()
_GIVE_BACK: Final = b"SELECT pg_advisory_unlock_all()"


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Hold the locks of all bots and of the duty while the block runs: none works on the database, nor begins to.

    A bot is not seen in the moment in which its connection of the duty has broken and is not made again.

    Raises:
        DatabaseInUse: a bot runs on it, on duty or not.
    """
    named = name_of(url)
    with postgres_words(named), PostgresConnection.open(url) as connection:
        try:
            connection.execute(_TAKE)
        except errors.LockNotAvailable as error:
            raise DatabaseInUse(f"{named} has bots that run on it. Stop all bots first, then try again.") from error
        try:
            yield
        finally:
            with suppress(psycopg.Error):  # the line broke: the server gives it back by itself
                connection.execute(_GIVE_BACK)
