"""All that knows SQL. No business logic: the rules are in bot/domain, the use cases in bot/usecases."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import Final

from bot.errors import StorageError
from storage.absences import AbsenceStore
from storage.access import AccessStore
from storage.attempts import AttemptStore
from storage.audit import AuditEntry, AuditStore
from storage.audit_chain import AuditChain, ChainedRow
from storage.audit_witness import WitnessStore
from storage.backlog import BacklogSize, BacklogStore
from storage.backup import Contents, Restored, back_up, restore
from storage.balance import BalanceStore
from storage.batches import BatchStore
from storage.budgets import BudgetStore
from storage.catalog import CatalogStore
from storage.charges import ChargeStore
from storage.conversations import ConversationStore
from storage.copies import CopyStore
from storage.database import Database, Term, Touched
from storage.deliveries import DeliveryStore
from storage.doubt import Doubt, DoubtStore
from storage.duplicates import DuplicateStore
from storage.duty import Duty, FileDuty
from storage.email_failures import EmailFailureStore, EmailPoll
from storage.gift_log import GiftLogStore
from storage.holds import HoldStore
from storage.homes import HomeStore
from storage.inquiries import InquiryStore
from storage.insights import InsightStore
from storage.modes import open_to_others
from storage.onlookers import OnlookerStore
from storage.orders import OrderStore
from storage.outbox import OutboxStore, Post, QueuedNotice, as_stored
from storage.person import PersonStore
from storage.probes import ProbeStore
from storage.queue import QueueStore
from storage.reconciliations import ReconciliationStore
from storage.reminders import ReminderStore
from storage.requests import RequestStore
from storage.resends import ResendStore
from storage.retention import RetentionStore
from storage.schedules import ScheduledOrder, ScheduleStore
from storage.search import SearchStore
from storage.server import ServerFacts
from storage.sqlite import SqliteDatabase, inspect_file
from storage.tango_account import TangoAccountStore
from storage.tango_status import TangoStatusStore
from storage.templates import TemplateStore
from storage.timekeeper import TimekeeperStore
from storage.undo import HeldOrder, UndoStore
from storage.workflows import WorkflowStore

__all__ = [
    "AuditEntry",
    "BacklogSize",
    "ChainedRow",
    "Contents",
    "Database",
    "Doubt",
    "Duty",
    "EmailPoll",
    "HeldOrder",
    "Post",
    "QueuedNotice",
    "Restored",
    "ScheduledOrder",
    "ServerFacts",
    "Storage",
    "Term",
    "Touched",
    "as_stored",
    "back_up",
    "inspect_file",
    "inspect_server",
    "is_address",
    "move",
    "open_to_others",
    "restore",
]


#: How an address of PostgreSQL begins.
_SCHEMES: Final = ("postgresql://", "postgres://")


class Storage:
    """The stores over one database. What is called inside `transaction()` is committed together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.requests = RequestStore(database)
        self.batches = BatchStore(database)
        self.duplicates = DuplicateStore(database)
        self.onlookers = OnlookerStore(database)
        self.orders = OrderStore(database)
        self.attempts = AttemptStore(database)
        self.inquiries = InquiryStore(database)
        self.resends = ResendStore(database)
        self.tango_status = TangoStatusStore(database)
        self.deliveries = DeliveryStore(database)
        self.email_failures = EmailFailureStore(database)
        self.charges = ChargeStore(database)
        self.balance = BalanceStore(database)
        self.gift_log = GiftLogStore(database)
        self.budgets = BudgetStore(database)
        self.tango_account = TangoAccountStore(database)
        self.search = SearchStore(database)
        self.queue = QueueStore(database)
        self.schedules = ScheduleStore(database)
        self.undo = UndoStore(database)
        self.probes = ProbeStore(database)
        self.holds = HoldStore(database)
        self.homes = HomeStore(database)
        self.outbox = OutboxStore(database)
        self.conversations = ConversationStore(database)
        self.copies = CopyStore(database)
        self.reminders = ReminderStore(database)
        self.absences = AbsenceStore(database)
        self.access = AccessStore(database)
        self.audit = AuditStore(database)
        self.audit_chain = AuditChain(database)
        self.witness = WitnessStore(database)
        self.catalog = CatalogStore(database)
        self.templates = TemplateStore(database)
        self.backlog = BacklogStore(database)
        self.insights = InsightStore(database)
        self.reconciliations = ReconciliationStore(database)
        self.retention = RetentionStore(database)
        self.person = PersonStore(database)
        self.timekeeper = TimekeeperStore(database)
        self.workflows = WorkflowStore(database)
        self.doubt = DoubtStore(database)

    @classmethod
    def open(cls, where: Path | str) -> "Storage":
        """Open the file, or the database at an address of PostgreSQL; make and migrate it as needed.

        Raises:
            StorageError: the database cannot serve; the text says what to do.
        """
        return cls(_database(where))

    @classmethod
    def open_for_run(cls, where: Path | str) -> "Storage":
        """Open it for a bot that runs: on a file as the one bot, on PostgreSQL beside others.

        Raises:
            DatabaseInUse: another bot runs on the file.
            StorageError: the database cannot serve; the text says what to do.
        """
        return cls(_database(where, for_run=True))

    @classmethod
    def visit(cls, where: Path | str) -> "Storage":
        """Open what exists, also beside a bot that runs on it; neither make nor migrate it.

        Raises:
            StorageError: there is no database, or none of this version; the text says what to do.
        """
        return cls(_database(where, as_it_is=True))

    @classmethod
    @contextmanager
    def alone(cls, where: Path | str) -> "Iterator[Storage]":
        """Open what exists while no bot works on it, and let none begin until the block ends.

        Raises:
            DatabaseInUse: a bot runs on it.
            StorageError: there is no database, or none of this version; the text says what to do.
        """
        with ExitStack() as open_:
            if is_address(where):
                with _driver():
                    from storage.postgres_alone import alone
                open_.enter_context(alone(str(where)))
            yield open_.enter_context(closing(cls(_database(where, as_it_is=True, for_run=True))))

    @property
    def migrated(self) -> Sequence[str]:
        """The steps of the schema that were applied when the database was opened."""
        return self._database.migrated

    def transaction(self) -> AbstractContextManager[None]:
        """Commit all that the block writes when the block ends; commit nothing if it raises."""
        return self._database.transaction()

    def on_commit(self, tell: Callable[[frozenset[Touched]], None]) -> None:
        """Have `tell` called after each commit that left something to do, in the thread that committed."""
        self._database.on_commit(tell)

    def on_trouble(self, tell: Callable[[], None]) -> None:
        """Have `tell` called each time that the database can't be reached."""
        self._database.on_trouble(tell)

    def duty(self, holder: str) -> Duty:
        """Return the duty for the bot of that name, which no other has. For who opened it to run."""
        return _duty(self._database, holder)

    def fenced(self, term: Term) -> "Storage":
        """Return the stores for who is on duty in `term`: once it is over, `transaction()` raises `DatabaseInUse`.

        They tell of commits and of trouble whom these stores tell by now.
        """
        return Storage(self._database.fenced(term))

    def empty_log(self) -> bool:
        """Take the write-ahead log over into the file and empty it; return whether nobody else was reading it."""
        return self._database.empty_log()

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def inspect_server(url: str) -> ServerFacts:
    """Ask a server of PostgreSQL for what a bot will need. Nothing is changed.

    Raises:
        StorageError: the server can't be asked, or the schema is another program's; the text says what to do.
    """
    with _driver():
        from storage import postgres_server
    return postgres_server.inspect_server(url)


def is_address(where: Path | str) -> bool:
    """Return whether this is an address of PostgreSQL, and no path."""
    return isinstance(where, str) and where.startswith(_SCHEMES)


def move(source: Path | str, target: Path | str, on_progress: Callable[[int, int], None]) -> Mapping[str, int]:
    """Copy all that a file holds to an empty PostgreSQL, or the reverse, while no bot runs, and compare the two.

    Return how many rows each table has.

    Args:
        source: the path of the file, or the address of PostgreSQL.
        target: the other of the two.
        on_progress: called with how many rows are done, and of how many.

    Raises:
        StorageError: nothing was moved; the text says why, and what to do.
    """
    with _driver():
        from storage import postgres_move
    return postgres_move.move(source, target, on_progress)


@contextmanager
def _driver() -> Iterator[None]:
    """Say what to install where the block finds no driver of PostgreSQL."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise StorageError(
            "PostgreSQL needs a driver: `make install-postgres`, or the extra kudos[postgres]."
        ) from error


def _database(where: Path | str, *, as_it_is: bool = False, for_run: bool = False) -> Database:
    if not is_address(where):
        return SqliteDatabase(where, as_it_is=as_it_is, for_run=for_run)
    with _driver():
        from storage.postgres import PostgresDatabase
    return PostgresDatabase(str(where), as_it_is=as_it_is)


def _duty(database: Database, holder: str) -> Duty:
    if isinstance(database, SqliteDatabase):
        return FileDuty(database, holder)
    from storage.postgres import PostgresDatabase
    from storage.postgres_duty import PostgresDuty

    assert isinstance(database, PostgresDatabase)  # noqa: S101 (the one other engine)
    return PostgresDuty(database, holder)
