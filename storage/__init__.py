"""All that knows SQL. No business logic: the rules are in bot/domain, the use cases in bot/usecases."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from storage.attempts import AttemptStore
from storage.audit import AuditEntry, AuditStore
from storage.backlog import BacklogSize, BacklogStore
from storage.backup import Contents, Restored, back_up, restore
from storage.catalog import CatalogStore
from storage.charges import ChargeStore
from storage.database import Database, Touched, inspect_file
from storage.deliveries import DeliveryStore
from storage.holds import HoldStore
from storage.inquiries import InquiryStore
from storage.modes import open_to_others
from storage.orders import OrderStore
from storage.outbox import OutboxStore, Post, QueuedNotice
from storage.probes import ProbeStore
from storage.queue import QueueStore
from storage.requests import RequestStore
from storage.resends import ResendStore
from storage.retention import RetentionStore
from storage.search import SearchStore
from storage.tango_account import TangoAccountStore
from storage.tango_status import TangoStatusStore
from storage.timekeeper import TimekeeperStore

__all__ = [
    "AuditEntry",
    "BacklogSize",
    "Contents",
    "Database",
    "Post",
    "QueuedNotice",
    "Restored",
    "Storage",
    "Touched",
    "back_up",
    "inspect_file",
    "open_to_others",
    "restore",
]


class Storage:
    """The stores over one database. What is called inside `transaction()` is committed together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.requests = RequestStore(database)
        self.orders = OrderStore(database)
        self.attempts = AttemptStore(database)
        self.inquiries = InquiryStore(database)
        self.resends = ResendStore(database)
        self.tango_status = TangoStatusStore(database)
        self.deliveries = DeliveryStore(database)
        self.charges = ChargeStore(database)
        self.tango_account = TangoAccountStore(database)
        self.search = SearchStore(database)
        self.queue = QueueStore(database)
        self.probes = ProbeStore(database)
        self.holds = HoldStore(database)
        self.outbox = OutboxStore(database)
        self.audit = AuditStore(database)
        self.catalog = CatalogStore(database)
        self.backlog = BacklogStore(database)
        self.retention = RetentionStore(database)
        self.timekeeper = TimekeeperStore(database)

    @classmethod
    def open(cls, path: Path | str) -> "Storage":
        """Open the file; make and migrate it as needed.

        Raises:
            StorageError: the file cannot serve; the text says what to do.
        """
        return cls(Database(path))

    @classmethod
    def open_for_run(cls, path: Path | str) -> "Storage":
        """Make this process the one bot on the file, then open it; make and migrate it as needed.

        Raises:
            DatabaseInUse: another bot runs on the file.
            StorageError: the file cannot serve; the text says what to do.
        """
        return cls(Database(path, for_run=True))

    @classmethod
    def visit(cls, path: Path | str) -> "Storage":
        """Open a file that exists, also beside a bot that runs on it; neither make nor migrate it.

        Raises:
            StorageError: there is no file, or none of this version; the text says what to do.
        """
        return cls(Database(path, as_it_is=True))

    def transaction(self) -> AbstractContextManager[None]:
        """Commit all that the block writes when the block ends; commit nothing if it raises."""
        return self._database.transaction()

    def on_commit(self, tell: Callable[[frozenset[Touched]], None]) -> None:
        """Have `tell` called after each commit that left something to do, in the thread that committed."""
        self._database.on_commit(tell)

    def empty_log(self) -> bool:
        """Take the write-ahead log over into the file and empty it; return whether nobody else was reading it."""
        return self._database.empty_log()

    def close(self) -> None:
        """Close the file."""
        self._database.close()
