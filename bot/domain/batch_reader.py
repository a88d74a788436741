"""The reading of a list that is pasted, and of a CSV: from text to the cells of a sheet. Nothing is guessed silently.

A workbook is read in bot/sheets.py.
"""

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Final

from bot.domain.batch import (
    MOST_BYTES,
    MOST_PASTED,
    MOST_ROWS,
    Sheet,
    SheetFault,
    UnreadableSheet,
    is_heading,
    is_named,
    sheet_of,
)
from bot.domain.money import split_amount

#: What separates cells, in the order in which they are tried: English, German and French spreadsheets, and a copy of
#: cells. A bar is what exports of databases have.
_DELIMITERS: Final = (",", ";", "\t", "|")

#: Lines that are read, empty ones included: ten times as many as a list has rows.
_MOST_LINES: Final = 10 * MOST_ROWS

#: Characters of the first line that tell the delimiter: less than csv takes for a cell.
_MOST_OF_LINE: Final = 10_000

#: A line with its end. `str.splitlines` would also end one at characters that are part of a text to a spreadsheet.
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")

#: What no text has: control characters but tabs and the ends of lines. A picture that is called .csv has some.
_BINARY: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

#: The marks with which UTF-16 begins, as Excel writes "Unicode text".
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")

#: A line that is typed: a person, then the rest.
_TYPED: Final = re.compile(r"\s*(?P<person>[^\s,;]+)[\s,;]*(?P<rest>.*)")
_BETWEEN: Final = re.compile(r"\s*[,;]\s*")


def read_pasted(text: str, currencies: Collection[str]) -> Sheet:
    """Return the sheet of a list that is pasted or typed: on each line a person, an amount and a message.

    Cells of a spreadsheet come with tabs between them. In what is typed, commas, semicolons or spaces part them, and
    the message is all that comes after the amount.

    Args:
        text: of the field.
        currencies: those on offer, to tell an amount from the message.

    Raises:
        UnreadableSheet: it has no rows, or too many.
    """
    lines = [line[0].rstrip("\r\n") for line in _LINE.finditer(text)]
    return sheet_of([_cells_of(line, currencies) for line in lines], most=MOST_PASTED)


def _cells_of(line: str, currencies: Collection[str]) -> Sequence[str]:
    if "\t" in line:
        return line.split("\t")
    typed = _TYPED.fullmatch(line)
    if typed is None:
        return ()
    if is_heading(typed["person"]):
        return _BETWEEN.split(line.strip())
    amount, message = split_amount(typed["rest"], currencies)
    return typed["person"], amount, message.lstrip(" \u00a0,;") if amount else message


def read_csv(data: bytes) -> Sheet:
    """Return the sheet of a CSV, whichever of the usual delimiters it has.

    It is UTF-8 or UTF-16 with its mark. What is neither is read as Windows-1252, in which spreadsheets on Windows
    write a CSV, and the sheet says so: another encoding would look the same.

    Raises:
        UnreadableSheet: it is too big or no text, a quotation is never closed, or it has not the rows and columns.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableSheet(SheetFault.TOO_BIG, limit=MOST_BYTES)
    text, is_guessed = _decoded(data)
    delimiter = _delimiter_of(text)
    return sheet_of(_records(text, delimiter), most=MOST_ROWS, delimiter=delimiter, is_guessed=is_guessed)


def _decoded(data: bytes) -> tuple[str, bool]:
    """Return the text, and whether its encoding was guessed."""
    told, is_guessed = ("utf-16" if data.startswith(_UTF_16) else "utf-8-sig"), False
    try:
        text = data.decode(told)
    except UnicodeDecodeError:
        try:
            text, is_guessed = data.decode("windows-1252"), True
        except UnicodeDecodeError:
            raise UnreadableSheet(SheetFault.NOT_TEXT) from None
    if _BINARY.search(text):
        raise UnreadableSheet(SheetFault.NOT_TEXT)
    return text, is_guessed


def _delimiter_of(text: str) -> str:
    """Return the delimiter by which the first line names a person, or else has the most cells."""
    first = next((line[0] for line in _LINE.finditer(text) if line[0].strip()), "")[:_MOST_OF_LINE]

    def score(delimiter: str) -> tuple[bool, int]:
        cells = next(csv.reader([first], delimiter=delimiter, skipinitialspace=True), [])
        return any(is_named(cell) or is_heading(cell) for cell in cells), len(cells)

    return max(_DELIMITERS, key=score)  # of equals, the first


def _records(text: str, delimiter: str) -> Iterator[Sequence[str]]:
    """Yield the cells of each row; a cell in quotation marks may have several lines."""
    lines = (line[0] for line in _LINE.finditer(text))
    records = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    number = 0
    try:
        for number, record in enumerate(islice(records, _MOST_LINES + 1), start=1):
            if number > _MOST_LINES:
                raise UnreadableSheet(SheetFault.TOO_MANY_ROWS, limit=MOST_ROWS)
            yield record
    except csv.Error:
        raise UnreadableSheet(SheetFault.QUOTES, row=number + 1) from None
