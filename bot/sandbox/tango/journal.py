"""Keeps the stand-in's records in a file: a line of JSON for each, the last word on a thing being the one that counts.

A line is written whole and handed to the system before the answer goes out, so what was answered survives a killed
process. A last line that was cut off is left out when the file is read again.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from bot.sandbox.tango.records import Account, Email, Order, Resend

Record = Account | Order | Email | Resend
_KINDS: dict[str, type[Record]] = {kind.__name__: kind for kind in (Account, Order, Email, Resend)}


class Journal:
    """An open journal file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Iterator[Record]:
        """What was written, from the beginning."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                if line.endswith("\n"):
                    yield _decoded(json.loads(line))

    def rewrite(self, records: Iterable[Record]) -> None:
        """Replace the file by these records, in one step: what was superseded is dropped."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(self._path.name + ".new")
        with fresh.open("w", encoding="utf-8") as lines:
            lines.writelines(_encoded(record) for record in records)
        fresh.replace(self._path)

    def append(self, *records: Record) -> None:
        """Write records at the end."""
        with self._path.open("a", encoding="utf-8") as lines:
            lines.write("".join(map(_encoded, records)))


def plain(value: Any) -> Any:
    """A value as JSON can say it: amounts as text, times in ISO 8601, bytes as text."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    raise TypeError(f"{type(value).__name__} does not belong in JSON.")


def _encoded(record: Record) -> str:
    return json.dumps({"record": type(record).__name__, **asdict(record)}, default=plain) + "\n"


def _decoded(line: dict[str, Any]) -> Record:
    kind = _KINDS[line.pop("record")]
    for field in fields(kind):
        value = line.get(field.name)
        types = get_args(field.type) or (field.type,)
        if value is not None and Decimal in types:
            line[field.name] = Decimal(value)
        elif value is not None and datetime in types:
            line[field.name] = datetime.fromisoformat(value)
    return kind(**line)
