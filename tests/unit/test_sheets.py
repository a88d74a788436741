"""A workbook is read row by row as it shows them, or refused before it is unpacked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from bot.domain.batch import MOST_BYTES, MOST_ROWS, SheetFault, UnreadableSheet
from bot.sheets import read_file

ROB: Final = "rob@example.com"
HEADINGS: Final = ("email", "amount", "message")


def workbook(rows: Sequence[Sequence[Any]], places: Mapping[str, Any] | None = None) -> bytes:
    """A workbook as a spreadsheet writes it: rows from the top, and single cells by their places."""
    book = Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    for place, value in (places or {}).items():
        sheet[place] = value
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


def repacked(data: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The same workbook with some of its parts replaced."""
    packed = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(packed, "w", ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *parts]):
            new.writestr(name, parts.get(name) or old.read(name))
    return packed.getvalue()


def fault_of(data: bytes) -> SheetFault:
    with pytest.raises(UnreadableSheet) as refused:
        read_file(data)
    return refused.value.fault


GOOD: Final = workbook([HEADINGS, (ROB, 25, "Hi")])


def test_rows_are_numbered_as_the_workbook_shows_them_also_behind_a_gap():
    sheet = read_file(workbook([HEADINGS, (ROB, 25, "Hi")], {"A7": "kim@example.com", "B7": 30}))
    assert [(row.number, row.person, row.amount, row.message) for row in sheet.rows] == [
        (2, ROB, "25", "Hi"),
        (7, "kim@example.com", "30", ""),
    ]


@pytest.mark.parametrize(
    ("value", "amount", "is_exact"),
    [
        (25, "25", True),
        (25.0, "25", True),
        (25.1, "25.1", True),
        (0.1 + 0.2, "0.3", True),
        (1234.567, "1234.567", True),
        (1e21, "1e+21", True),
        ("25,50", "25,50", False),
        (" $25 ", "$25", False),
        (True, "TRUE", False),
        (datetime(2026, 3, 14, tzinfo=UTC).replace(tzinfo=None), "2026-03-14 00:00:00", False),
    ],
)
def test_a_number_is_exact_and_all_else_is_a_text(
    value: object,
    amount: str,
    is_exact: bool,  # noqa: FBT001 (a column of the table)
):
    [row] = read_file(workbook([HEADINGS, (ROB, value, "Hi")])).rows
    assert (row.amount, row.is_exact) == (amount, is_exact)


def test_a_text_that_looks_like_a_formula_is_a_text():
    book = workbook([HEADINGS, (ROB, 25, "x")])
    table = ZipFile(BytesIO(book)).read(SHEET)
    text = table.replace(b"<t>x</t>", b"<t>=cmd|'/c calc'!A1</t>")
    assert text != table
    [row] = read_file(repacked(book, {SHEET: text})).rows
    assert row.message == "=cmd|'/c calc'!A1"


def test_a_formula_that_was_never_calculated_has_no_value():
    [row] = read_file(workbook([HEADINGS, (ROB, "=12.5*2", "Hi")])).rows
    assert row.amount == ""


def test_what_a_file_is_its_first_bytes_say():
    assert [row.person for row in read_file(f"{ROB},25,Hi".encode()).rows] == [ROB]
    assert fault_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512) is SheetFault.OLD_WORKBOOK
    assert fault_of(GOOD[: len(GOOD) // 2]) is SheetFault.NOT_A_WORKBOOK
    assert fault_of(b"PK\x03\x04" + b"\x00" * 100) is SheetFault.NOT_A_WORKBOOK
    assert fault_of(b"PK\x03\x04" + b"x" * MOST_BYTES) is SheetFault.TOO_BIG


def test_an_archive_of_something_else_is_no_workbook():
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("letter.txt", "Dear all")
    assert fault_of(packed.getvalue()) is SheetFault.NOT_A_WORKBOOK


SHEET: Final = "xl/worksheets/sheet1.xml"
MAIN: Final = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<sheetData>%s</sheetData></worksheet>"
)


def test_what_unpacks_to_far_more_is_refused_unread():
    assert fault_of(repacked(GOOD, {SHEET: MAIN % (b" " * 60_000_000)})) is SheetFault.TOO_LARGE_INSIDE
    assert fault_of(repacked(GOOD, {SHEET: MAIN % (b"<row>" + b"<c/>" * 600_000 + b"</row>")})) is (
        SheetFault.TOO_LARGE_INSIDE
    )
    assert fault_of(repacked(GOOD, {"junk.bin": b"\x00" * 60_000_000})) is SheetFault.TOO_LARGE_INSIDE


def test_a_part_that_holds_more_than_the_file_says_is_damaged():
    data = repacked(GOOD, {SHEET: MAIN % (b" " * 60_000_000)})
    # The size of the part, in its own head and in the list at the end: a thousand bytes.
    lying = data.replace((60_000_000 + len(MAIN % b"")).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    assert lying != data
    assert fault_of(lying) is SheetFault.NOT_A_WORKBOOK


def test_entities_are_not_expanded():
    laughs = b'<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    row = b'<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'
    assert fault_of(repacked(GOOD, {SHEET: laughs + MAIN % row})) is SheetFault.NOT_A_WORKBOOK


def test_a_cell_in_the_last_corner_costs_nothing_and_is_refused():
    assert fault_of(workbook([HEADINGS, (ROB, 25, "Hi")], {"A1048576": "x"})) is SheetFault.TOO_MANY_ROWS
    assert len(read_file(workbook([HEADINGS, (ROB, 25, "Hi")], {"XFD2": "x"})).rows) == 1


def test_a_row_too_many_is_refused():
    rows = [(f"r{number}@example.com", 25) for number in range(MOST_ROWS + 1)]
    assert len(read_file(workbook(rows[:-1])).rows) == MOST_ROWS
    assert fault_of(workbook(rows)) is SheetFault.TOO_MANY_ROWS
