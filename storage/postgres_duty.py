"""The duty among bots on PostgreSQL: a lock that a connection of its own holds, and that its server takes back.

The bot on duty sends a statement on that connection four times a second. PostgreSQL ends a connection that is silent
for three seconds, and gives its lock to another bot; a bot that is killed loses the lock at once. The bot gives the
duty up when nothing was answered for three seconds, and when its own workers hang.

The server may also free the lock of a bot that lives and doesn't know it: an operator ends the connection, or something
between the two breaks it on one side. So a bot does nothing that can't be taken back unless its last statement that was
answered was *sent* half a second ago at most, by a clock that nobody sets; else it waits for the next. And a bot that
takes the duty from one that didn't give it back lets this half second pass first (`Term.overlap`). So the old bot stops
before the new one begins, without a clock in common.

On the same connection a bot hears of commits of the others, and by how much its clock differs from PostgreSQL's. Every
bot also shares a lock there, so that a command which must be alone sees it (storage/postgres_alone.py).
"""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg

from bot.clock import Clock
from bot.errors import DatabaseInUse, DatabaseUnreadable, StorageError
from storage.database import Row, Term, Touched
from storage.dialect import statement_of
from storage.duty import TAKE, Duty, never
from storage.postgres import PostgresDatabase
from storage.postgres_connection import BOTS_LOCK, CHANNEL, DUTY_LOCK, PATIENCE, PostgresConnection

logger = logging.getLogger(__name__)

#: How long PostgreSQL leaves the lock with a connection that is silent, in seconds, and how long the bot waits for an
#: answer before it gives the duty up. Long enough for a process that stands still for two seconds, short enough that
#: nobody notices a bot that is gone.
_SILENT: Final = PATIENCE

#: How often the duty is renewed, or tried for, in seconds.
_BEAT: Final = 0.25

#: How long after a beat a bot does what can't be taken back, in seconds: two beats, so that one may be late. A change
#: of duty takes so much longer.
_SURE: Final = 2 * _BEAT

#: The wait after a connection has broken or can't be made.
_RETRY: Final = timedelta(milliseconds=300)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_BEGIN: Final = f"SET idle_session_timeout = {int(_SILENT * 1000)}; LISTEN {CHANNEL}".encode()
_LAST_HOLDER: Final = "SELECT holder FROM queue WHERE id = 1"
# Whoever takes the duty next need not wait: this bot sends nothing more.
_GIVE_BACK: Final = "UPDATE queue SET holder = NULL WHERE id = 1 AND term = %(number)s AND holder = %(holder)s"
_UNLOCK: Final = b"SELECT pg_advisory_unlock_all()"
# What a bot tells when it has given the duty back, so that the others try for it at once.
_DUTY: Final = "duty"
_TELL: Final = f"SELECT pg_notify('{CHANNEL}', current_schema() || '.{_DUTY}')"
# The lock of all bots: for as long as the connection lasts, and only tried.
_SHARE: Final = f"SELECT pg_try_advisory_lock_shared({BOTS_LOCK}) AS is_shared"
_MAY_BEGIN: Final = f"SELECT clock_timestamp() AS now, pg_try_advisory_xact_lock_shared({BOTS_LOCK}) AS is_shared"
_SCHEMA: Final = "SELECT current_schema() AS name"
# The number of the connection at the server: if it changes, a pooler stands in between, and no lock can be held.
_TRY: Final = f"SELECT pg_try_advisory_lock({DUTY_LOCK}) AS is_held, clock_timestamp() AS now, pg_backend_pid() AS pid"
_RENEW: Final = """
SELECT term = %(number)s AND holder = %(holder)s AS is_held, clock_timestamp() AS now, pg_backend_pid() AS pid
FROM queue WHERE id = 1
"""


class DatabaseClock(Clock):
    """PostgreSQL's clock, and in between the monotonic one. Until the first measurement, the machine's."""

    def __init__(self) -> None:
        self._zero: float | None = None  # PostgreSQL's time when the monotonic clock was 0, in seconds

    def now(self) -> datetime:
        """The time now, in UTC."""
        if self._zero is None:
            return super().now()
        return _EPOCH + timedelta(seconds=self._zero + self.monotonic())

    def measured(self, sent: float, said: datetime, received: float) -> None:
        """Learn that PostgreSQL's clock said `said` at some moment between two of the monotonic clock.

        What was learnt before stays as long as it agrees, so that the time doesn't tremble with the network.
        """
        at = (said - _EPOCH).total_seconds()
        earliest, latest = at - received, at - sent
        self._zero = (earliest + latest) / 2 if self._zero is None else min(max(self._zero, earliest), latest)


class PostgresDuty(Duty):
    """The duty among the bots of one schema.

    Args:
        database: at an address without a pooler that hands out connections for each transaction.
        holder: the name of this bot, which no other has.

    Raises:
        DatabaseInUse: a command works on the database that must be alone there.
        StorageError: the database can't say what time it is.
    """

    is_shared = True

    def __init__(self, database: PostgresDatabase, holder: str) -> None:
        self.clock: DatabaseClock = DatabaseClock()
        self._database = database
        self._holder = holder
        self._term: Term | None = None
        self._held_until = self._sure_until = 0.0  # on the clock that nobody sets
        self._beaten = threading.Condition()
        self._is_troubled = False
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        sent = self.clock.monotonic()
        [said] = database.query(_MAY_BEGIN)
        self.clock.measured(sent, said["now"], self.clock.monotonic())
        self._check_is_shared(said)

    def is_held(self) -> bool:
        """Return whether this bot has the duty, as far as it knows."""
        return self.clock.monotonic() < self._held_until

    def is_sure(self, term: Term) -> bool:
        """Return whether no other bot can be sending yet, nor this one in a later term.

        Where the last beat was too long ago, as in a process that stood still, this waits for the next one.
        """
        with self._beaten:
            self._beaten.wait_for(lambda: self._is_sure(term) or not self._has(term), PATIENCE)
            return self._is_sure(term)

    def _is_sure(self, term: Term) -> bool:
        return self._has(term) and self.clock.monotonic() < self._sure_until

    def _has(self, term: Term) -> bool:
        # The very term: after a failover to a copy that lacks the last seconds, the next may have the same number.
        return term is self._term

    def run(
        self,
        *,
        on_gain: Callable[[Term], None],
        on_loss: Callable[[], None],
        on_news: Callable[[frozenset[Touched]], None],
        is_stuck: Callable[[], bool] = never,
    ) -> None:
        """Compete for the duty in a thread of its own, and hear of commits."""
        self._on_gain, self._on_loss, self._on_news, self._is_stuck = on_gain, on_loss, on_news, is_stuck
        self._thread = threading.Thread(target=self._compete, name="duty", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Give the duty back, so that another bot has it at once."""
        self._stopping.set()
        if self._thread is None:
            return
        with suppress(StorageError):
            self._database.query(_TELL)  # also this bot, which listens
        self._thread.join(PATIENCE)  # a server that does not answer gives the duty to another by itself

    def _compete(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._database.own_words(), PostgresConnection.open(self._database.url) as connection:
                    try:
                        self._serve(connection)
                    finally:
                        self._doubt()  # before the connection is closed, and the lock given back with it
            except StorageError as error:
                if not self._is_troubled:
                    logger.warning("The duty can't be competed for: %s", error)
                self._is_troubled = True
            except Exception:
                logger.exception("The duty can't be competed for")
            finally:
                self._lose()
            self._stopping.wait(_RETRY.total_seconds())

    def _serve(self, connection: PostgresConnection) -> None:
        connection.execute(_BEGIN)
        self._check_is_shared(connection.row(_SHARE))
        schema = connection.row(_SCHEMA)["name"]
        self._pid: int | None = None
        while not self._stopping.is_set():
            beaten = self.clock.monotonic()
            if self._beat(connection) and self._term is None:
                self._gain(connection)
            self._is_troubled = False
            if self._term is not None and self._is_stuck():
                self._give_back(connection)
                self._lose()  # first: whatever hangs may be the log
                logger.error("The duty was given up: the workers stand still")
                return
            while (left := beaten + _BEAT - self.clock.monotonic()) > 0 and not self._stopping.is_set():
                if self._listen(connection, schema, left):
                    break
        self._give_back(connection)

    def _give_back(self, connection: PostgresConnection) -> None:
        """Give the duty back, and tell the other bots, which then have it at once."""
        self._doubt()
        if self._term is not None:
            with suppress(psycopg.Error), connection.turn():  # else the next one waits for a moment
                connection.execute(_GIVE_BACK.encode(), asdict(self._term))
        connection.execute(_UNLOCK)
        connection.execute(_TELL.encode())

    def _doubt(self) -> None:
        """Do nothing more that can't be taken back."""
        with self._beaten:
            self._held_until = self._sure_until = 0.0

    def _check_is_shared(self, row: Row) -> None:
        """Refuse to work beside a command that has the lock of all bots for itself."""
        if not row["is_shared"]:
            raise DatabaseInUse(
                f"{self._database.named} is being moved or marked by a command. Try again when it has ended."
            )

    def _beat(self, connection: PostgresConnection) -> bool:
        """Try for the lock, or show that its holder lives; return whether this bot has it."""
        sent = self.clock.monotonic()
        row = connection.row(_TRY) if self._term is None else connection.row(_RENEW, asdict(self._term))
        self.clock.measured(sent, row["now"], self.clock.monotonic())
        if self._pid not in (None, row["pid"]):
            raise DatabaseUnreadable(
                f"{self._database.named} is behind a pooler that hands out a connection for each transaction. Let the "
                "pooler hand them out for a session, or name the server itself as storage.url."
            )
        self._pid = row["pid"]
        if self._term is not None and not row["is_held"]:
            raise DatabaseInUse(f"Term {self._term.number} was ended by another program.")
        if row["is_held"]:
            with self._beaten:
                self._held_until, self._sure_until = sent + _SILENT, sent + _SURE
                self._beaten.notify_all()
        return bool(row["is_held"])

    def _gain(self, connection: PostgresConnection) -> None:
        """Begin a term, on the connection that has the lock: if that is lost meanwhile, the term doesn't begin."""
        with connection.turn():
            last = connection.row(_LAST_HOLDER)["holder"]
            row = connection.execute(statement_of(TAKE).sql, {"holder": self._holder}).fetchone()
        if not self.is_held() or row is None:
            return
        self._term = Term(row["term"], self._holder, timedelta(seconds=0 if last is None else _SURE))
        logger.info("On duty, in term %d", self._term.number)
        self._on_gain(self._term)

    def _lose(self) -> None:
        if self._term is not None:
            with self._beaten:
                self._term = None
                self._beaten.notify_all()
            self._on_loss()
            logger.info("No longer on duty")

    def _listen(self, connection: PostgresConnection, schema: str, seconds: float) -> bool:
        """Hear of commits for so long; return whether a bot gives the duty back."""
        heard = {notify.payload for notify in connection.notifies(timeout=seconds, stop_after=1)}
        if news := frozenset(table for table in Touched if f"{schema}.{table}" in heard):
            self._on_news(news)
        return f"{schema}.{_DUTY}" in heard
