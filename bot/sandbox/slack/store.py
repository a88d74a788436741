"""What outlives a restart of the demo, in one SQLite file: documents by kind and key. In memory without a path."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

from bot.sandbox.slack.model import Json, StoredFile

_SCHEMA = """
CREATE TABLE IF NOT EXISTS document (kind TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, key));
CREATE TABLE IF NOT EXISTS file (id TEXT PRIMARY KEY, body TEXT NOT NULL, content BLOB NOT NULL);
"""


class Store:
    """The file. Without a path nothing is written: memory is enough, and faster."""

    def __init__(self, path: Path | str | None) -> None:
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        if path is not None:
            self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            # A show's messages may lose their last moment in a power cut; an fsync for each would slow every act.
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = OFF")
            self._db.executescript(_SCHEMA)

    def put(self, kind: str, key: str, document: Any) -> None:
        """Keep a document: a mapping, or a dataclass."""
        if self._db is not None:
            fields = asdict(document) if is_dataclass(document) and not isinstance(document, type) else document
            with self._lock:
                self._db.execute("REPLACE INTO document VALUES (?, ?, ?)", (kind, key, json.dumps(fields)))

    def delete(self, kind: str, key: str) -> None:
        """Forget a document."""
        if self._db is not None:
            with self._lock:
                self._db.execute("DELETE FROM document WHERE kind = ? AND key = ?", (kind, key))

    def all(self, kind: str) -> Iterator[Json]:
        """Every document of a kind."""
        if self._db is not None:
            with self._lock:
                rows = self._db.execute("SELECT body FROM document WHERE kind = ? ORDER BY rowid", (kind,)).fetchall()
            yield from (json.loads(body) for (body,) in rows)

    def put_file(self, stored: StoredFile) -> None:
        """Keep a file with its content."""
        if self._db is not None:
            fields = asdict(stored)
            content = fields.pop("content")
            with self._lock:
                self._db.execute("REPLACE INTO file VALUES (?, ?, ?)", (stored.id, json.dumps(fields), content))

    def all_files(self) -> Iterator[tuple[Json, bytes]]:
        """Every file: its fields, its content."""
        if self._db is not None:
            with self._lock:
                rows = self._db.execute("SELECT body, content FROM file ORDER BY rowid").fetchall()
            yield from ((json.loads(body), content) for body, content in rows)

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()
            self._db = None
