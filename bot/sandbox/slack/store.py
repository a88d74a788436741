"""The documents that outlive a restart of the demo, by kind and key, in one file: a line of JSON for each change.

The last line about a document counts. Opening the file drops what was superseded.
"""

import base64
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.sandbox.json_lines import JsonLines
from bot.sandbox.slack.model import Json, StoredFile


class Store:
    """The documents in the file. Without a path nothing is written: memory is enough, and faster."""

    def __init__(self, path: Path | str | None) -> None:
        self._documents: dict[str, dict[str, Json]] = {}
        self._lines = None if path is None else JsonLines(Path(path))
        if self._lines is not None:
            for kind, key, document in self._lines.read():
                self._documents.setdefault(kind, {}).pop(key, None)
                if document is not None:
                    self._documents[kind][key] = document
            self._lines.rewrite([kind, key, one] for kind, some in self._documents.items() for key, one in some.items())

    def put(self, kind: str, key: str, document: Any) -> None:
        """Keep a document: a mapping, or a dataclass; None forgets it."""
        if self._lines is not None:
            self._lines.append([kind, key, document])

    def all(self, kind: str) -> Iterator[Json]:
        """Yield every document of a kind, as it was when the file was opened."""
        yield from self._documents.pop(kind, {}).values()

    def put_file(self, stored: StoredFile) -> None:
        """Keep a file with its content."""
        if self._lines is not None:
            self.put("file", stored.id, asdict(stored) | {"content": base64.b64encode(stored.content).decode()})

    def all_files(self) -> Iterator[StoredFile]:
        """Yield every file."""
        for fields in self.all("file"):
            yield StoredFile(**fields | {"content": base64.b64decode(fields["content"])})
