"""A file of many rewards, read into a sheet: a workbook (.xlsx) by openpyxl, all else as CSV. The one home of openpyxl.

What a file is, its first bytes say, and not its name. A workbook is packed, so that a small file may hold gigabytes.
So what is in it is counted before any of it is read. openpyxl reads row by row here, and refuses entities of XML
because defusedxml is installed. python-calamine reads faster, and makes room for every cell up to the last one: one
cell in the last corner of an empty workbook ends the process.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Final
from zipfile import ZipFile

from openpyxl import load_workbook

from bot.domain.batch import MOST_BYTES, MOST_ROWS, NumberCell, Sheet, SheetFault, UnreadableSheet, sheet_of
from bot.domain.batch_reader import read_csv

#: How a packed workbook begins, and an older one: .xls, and what a password protects (Microsoft, MS-CFB).
_PACKED: Final = b"PK\x03\x04"
_COMPOUND: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

#: Bytes of a workbook once it is unpacked: 5,000 rows with messages of 3,000 letters are 15 MB. zipfile unpacks of each
#: part no more than the file says that it has.
_MOST_UNPACKED: Final = 50_000_000

#: Marks (`<`) in all its parts: each may become an object of half a kilobyte. A cell has four, so that 5,000 rows may
#: have 24 columns.
_MOST_MARKS: Final = 500_000

#: Bytes that are counted at a time.
_CHUNK: Final = 1 << 20

#: The last row that may have something in it, and the cells of a row that are read: ten times as many as are needed.
_LAST_ROW: Final = 10 * MOST_ROWS
_MOST_CELLS: Final = 50

#: The digits of a number that a spreadsheet shows at the most: 25.1, and not 25.099999999999998.
_DIGITS: Final = ".15g"


def read_file(data: bytes) -> Sheet:
    """Return the sheet of a workbook's first table, or of a CSV.

    A formula counts as the value that the workbook last had for it.

    Raises:
        UnreadableSheet: it is too big, neither of the two, damaged, or has not the rows and columns.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableSheet(SheetFault.TOO_BIG, limit=MOST_BYTES)
    if data.startswith(_COMPOUND):
        raise UnreadableSheet(SheetFault.OLD_WORKBOOK)
    return _read_workbook(data) if data.startswith(_PACKED) else read_csv(data)


def _read_workbook(data: bytes) -> Sheet:
    try:
        _check_size(data)
        cells = list(_cells(data))
    except UnreadableSheet:
        raise
    except Exception as error:  # a broken part may make zipfile and openpyxl raise anything
        raise UnreadableSheet(SheetFault.NOT_A_WORKBOOK) from error
    return sheet_of(cells, most=MOST_ROWS)


def _check_size(data: bytes) -> None:
    """Refuse a workbook that would become too large.

    Raises:
        UnreadableSheet: it would.
    """
    with ZipFile(BytesIO(data)) as packed:
        parts = packed.infolist()
        if sum(part.file_size for part in parts) > _MOST_UNPACKED:
            raise UnreadableSheet(SheetFault.TOO_LARGE_INSIDE)
        marks = 0
        for part in parts:
            with packed.open(part) as opened:
                while chunk := opened.read(_CHUNK):
                    marks += chunk.count(b"<")
                    if marks > _MOST_MARKS:
                        raise UnreadableSheet(SheetFault.TOO_LARGE_INSIDE)


def _cells(data: bytes) -> Iterator[Sequence[str]]:
    """Yield the cells of each row of the first table up to the last one that has some; empty rows keep their places."""
    workbook = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    try:
        given = 0
        table = workbook.worksheets[0]
        table.reset_dimensions()  # what a file says of its size may be wrong
        for number, values in enumerate(table.iter_rows(max_col=_MOST_CELLS, values_only=True), start=1):
            if values.count(None) == len(values):  # a million of these are passed over in a second
                continue
            if number > _LAST_ROW:
                raise UnreadableSheet(SheetFault.TOO_MANY_ROWS, limit=MOST_ROWS)
            yield from [()] * (number - given - 1)
            yield _without_end([_text_of(value) for value in values])
            given = number
    finally:
        workbook.close()


def _without_end(cells: list[str]) -> Sequence[str]:
    """Return the cells up to the last one that has something in it."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _text_of(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case int() | float():
            return NumberCell(format(value, _DIGITS))
        case _:
            return str(value)
