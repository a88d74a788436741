"""Everything that knows SQLite. No business logic: the rules are in bot/domain, the use cases in bot/service."""

from contextlib import AbstractContextManager
from pathlib import Path

from storage.audit import Audit, AuditEntry
from storage.backlog import Backlog, BacklogSize
from storage.backup import Contents, Restored, back_up, restore
from storage.catalog import CatalogTable
from storage.database import Database, inspect_file
from storage.orders import Orders
from storage.outbox import Delivery, Outbox, Post
from storage.placed import Placed
from storage.queue import PAUSED, Queue, QueueState
from storage.requests import Requests
from storage.retention import Retention
from storage.search import Search

__all__ = [
    "PAUSED",
    "AuditEntry",
    "BacklogSize",
    "Contents",
    "Database",
    "Delivery",
    "Post",
    "QueueState",
    "Restored",
    "Storage",
    "back_up",
    "inspect_file",
    "restore",
]


class Storage:
    """The stores over one database. What is called inside `transaction()` is committed together."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.requests = Requests(database)
        self.orders = Orders(database)
        self.placed = Placed(database)
        self.search = Search(database)
        self.queue = Queue(database)
        self.outbox = Outbox(database)
        self.audit = Audit(database)
        self.catalog = CatalogTable(database)
        self.backlog = Backlog(database)
        self.retention = Retention(database)

    @classmethod
    def open(cls, path: Path | str) -> "Storage":
        """Open the file, made and migrated as needed.

        Raises:
            StorageError: it cannot serve; the text says what to do.
        """
        return cls(Database(path))

    @classmethod
    def open_for_run(cls, path: Path | str) -> "Storage":
        """Make this process the one bot on the file, then open it, made and migrated as needed.

        Raises:
            DatabaseInUse: another bot runs on it.
            StorageError: it cannot serve; the text says what to do.
        """
        return cls(Database(path, for_run=True))

    @classmethod
    def visit(cls, path: Path | str) -> "Storage":
        """Open a file that is there, beside the bot that runs on it or none: neither made nor migrated.

        Raises:
            StorageError: there is none, or not of this version; the text says what to do.
        """
        return cls(Database(path, as_it_is=True))

    def transaction(self) -> AbstractContextManager[None]:
        """All of it, or none; on the disk when the block has ended."""
        return self._database.transaction()

    def close(self) -> None:
        """Close the file."""
        self._database.close()
