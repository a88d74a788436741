"""The stand-in's records in a file: a line of JSON for each, of which the last about a thing counts."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, get_args

from bot.sandbox.json_lines import JsonLines
from bot.sandbox.tango.records import Account, Email, Order, Resend

Record = Account | Order | Email | Resend

_KINDS: Final[dict[str, type[Record]]] = {kind.__name__: kind for kind in (Account, Order, Email, Resend)}


class KeptRecords:
    """The file of records. Without a path nothing is written: memory is enough, and faster."""

    def __init__(self, path: Path | None) -> None:
        self._lines = None if path is None else JsonLines(path)

    def read(self) -> Iterator[Record]:
        """Yield the records, oldest first."""
        if self._lines is not None:
            yield from map(_decoded, self._lines.read())

    def rewrite(self, records: Iterable[Record]) -> None:
        """Replace the file by these records: what was superseded is dropped."""
        if self._lines is not None:
            self._lines.rewrite(map(_encoded, records))

    def append(self, record: Record) -> None:
        """Keep a record."""
        if self._lines is not None:
            self._lines.append(_encoded(record))


def _encoded(record: Record) -> dict[str, Any]:
    return {"record": type(record).__name__, **asdict(record)}


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
