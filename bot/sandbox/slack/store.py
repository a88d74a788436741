"""What outlives a restart of the demo, in one file: documents by kind and key, a line of JSON for each change.

A line is handed to the system before the answer goes out, so what a person saw survives a killed process. The last line
about a document counts; one that was cut off is left out. Opening the file drops what was superseded.
"""

import base64
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any, TextIO

from bot.sandbox.slack.model import Json, StoredFile


class Store:
    """The file. Without a path nothing is written: memory is enough, and faster."""

    def __init__(self, path: Path | str | None) -> None:
        self._lock = threading.Lock()
        self._documents: dict[str, dict[str, Json]] = {}
        self._out: TextIO | None = None
        if path is not None:
            file = Path(path)
            self._read(file)
            self._rewrite(file)
            self._out = file.open("a", encoding="utf-8")

    def _read(self, file: Path) -> None:
        if not file.exists():
            return
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    kind, key, document = json.loads(line)
                    self._documents.setdefault(kind, {}).pop(key, None)
                    if document is not None:
                        self._documents[kind][key] = document

    def _rewrite(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh = file.with_name(file.name + ".new")
        with fresh.open("w", encoding="utf-8") as lines:
            for kind, documents in self._documents.items():
                lines.writelines(json.dumps([kind, key, one]) + "\n" for key, one in documents.items())
        fresh.replace(file)

    def put(self, kind: str, key: str, document: Any) -> None:
        """Keep a document: a mapping, or a dataclass; None forgets it."""
        if self._out is not None:
            fields = asdict(document) if is_dataclass(document) and not isinstance(document, type) else document
            with self._lock:
                self._out.write(json.dumps([kind, key, fields]) + "\n")
                self._out.flush()

    def all(self, kind: str) -> Iterator[Json]:
        """Every document of a kind, as it was when the file was opened."""
        yield from self._documents.pop(kind, {}).values()

    def put_file(self, stored: StoredFile) -> None:
        """Keep a file with its content."""
        if self._out is not None:
            self.put("file", stored.id, asdict(stored) | {"content": base64.b64encode(stored.content).decode()})

    def all_files(self) -> Iterator[StoredFile]:
        """Every file."""
        for fields in self.all("file"):
            yield StoredFile(**fields | {"content": base64.b64decode(fields["content"])})

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._out is not None:
                self._out.close()
                self._out = None
