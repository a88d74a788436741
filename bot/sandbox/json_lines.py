"""JSON as the stand-ins write it, and a file of it that survives a killed process."""

import json
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict, is_dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any


def to_json(value: Any) -> str:
    """Write a value as JSON: dataclasses as objects, amounts and bytes as text, times in ISO 8601."""
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    raise TypeError(f"{type(value).__name__} does not belong in JSON.")


class JsonLines:
    """A file of JSON values, one in each line. Safe in any thread.

    A line is written whole and handed to the system before `append` returns, so it survives a killed process. A last
    line that was cut off is left out when the file is read again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def read(self) -> Iterator[Any]:
        """Yield the values, oldest first; nothing where there is no file yet."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    yield json.loads(line)

    def rewrite(self, values: Iterable[Any]) -> None:
        """Replace the file by these values, in one step."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(self._path.name + ".new")
        with fresh.open("w", encoding="utf-8") as lines:
            lines.writelines(to_json(value) + "\n" for value in values)
        fresh.replace(self._path)

    def append(self, value: Any) -> None:
        """Write a value at the end."""
        with self._lock, self._path.open("a", encoding="utf-8") as lines:
            lines.write(to_json(value) + "\n")
