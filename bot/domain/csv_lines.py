"""CSV that people open in a spreadsheet: nothing in it is run as a formula."""

import csv
from collections.abc import Iterable, Iterator
from typing import Final

#: What a cell begins with that a spreadsheet would run as a formula (OWASP, CSV Injection).
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class _Handed:
    """What csv writes to: it hands each line back."""

    def write(self, line: str) -> str:
        """Return the line."""
        return line


def csv_lines(rows: Iterable[Iterable[object]], delimiter: str = ",") -> Iterator[str]:
    r"""Yield each row as a line that ends in "\r\n". A text that would be a formula has an apostrophe before it.

    A number with a minus is none, and None is an empty cell.
    """
    writer = csv.writer(_Handed(), delimiter=delimiter)
    for row in rows:
        yield writer.writerow(map(_safe, row))


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
