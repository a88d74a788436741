"""A batch: one request in which each order has its own amount and message.

Its rows stand in a list that is pasted, or in a file (bot/domain/batch_reader.py, bot/sheets.py). All of them are
checked before anything is stored: one fault stops the whole batch, and each faulty row is named by its number. People
are named by email address or Slack id alone, because names and handles are what their owners set.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.csv_lines import FORMULA, csv_lines
from bot.domain.people import visible_name
from bot.domain.request import NewRequest
from bot.errors import Refusal
from bot.faults import Fault

#: Rows of a file: at one order a second, an hour and a half.
MOST_ROWS: Final = 5_000

#: Rows of a pasted list: what fits into a field of a form, with room for a message each.
MOST_PASTED: Final = 100

#: Bytes of a file: what Slack's file field accepts, and far more than 5,000 rows with long messages have.
MOST_BYTES: Final = 10_000_000

#: So long the same list of the same person is the same batch, and so long one is kept that nobody asks for: who
#: corrects a list, or looks for the message, does so on the day of the check.
SAME_WITHIN: Final = timedelta(days=1)

#: A user's id on Slack, as people copy it: bare, or as a mention (Slack docs, the user object).
_SLACK_ID: Final = re.compile(r"(?:<@)?(?P<id>[UW][A-Z0-9]{6,20})(?:\|[^>]*)?>?")
_EMAIL: Final = re.compile(r"[^\s@,;:|<>\"]+@[^\s@,;:|<>\"]+\.[^\s@,;:|<>\"]+")


class Column(StrEnum):
    """A column that is read. All others are left alone."""

    PERSON = "person"
    AMOUNT = "amount"
    CURRENCY = "currency"
    MESSAGE = "message"
    PROBLEM = "problem"
    """What was wrong with the row, in a file that came back."""


#: The headings of each column, in small letters.
_HEADINGS: Final[Mapping[str, Column]] = {
    **dict.fromkeys(("person", "recipient", "email", "e-mail", "email address", "mail"), Column.PERSON),
    **dict.fromkeys(("slack", "slack id", "user", "user id", "member", "member id"), Column.PERSON),
    **dict.fromkeys(("amount", "value"), Column.AMOUNT),
    "currency": Column.CURRENCY,
    **dict.fromkeys(("message", "note", "text"), Column.MESSAGE),
    "problem": Column.PROBLEM,
}

#: The columns of a list without headings, in their order.
_USUAL: Final = (Column.PERSON, Column.AMOUNT, Column.MESSAGE)


class SheetFault(StrEnum):
    """The reason why a list or a file can't be read: one sentence each in handlers/views/batch.py.

    The text below a code names the facts that its sentence needs.
    """

    EMPTY = "empty"
    TOO_BIG = "too_big"
    """`limit`, in bytes."""
    TOO_MANY_ROWS = "too_many_rows"
    """`limit`."""
    ONE_COLUMN = "one_column"
    """No delimiter that is known, or something that is no table."""
    NO_PERSON = "no_person"
    """There are headings, and none for the person."""
    TWICE = "twice"
    """`heading`: of a second column for the same."""
    NOT_TEXT = "not_text"
    """It is neither text nor a workbook."""
    QUOTES = "quotes"
    """`row`: a quotation mark there is never closed, or is followed by more."""
    OLD_WORKBOOK = "old_workbook"
    """An .xls, or a workbook with a password: both look alike from outside."""
    NOT_A_WORKBOOK = "not_a_workbook"
    """It begins like an .xlsx and is none, or is damaged."""
    TOO_LARGE_INSIDE = "too_large_inside"
    """Unpacked, it is far larger than any list."""


class UnreadableSheet(Refusal):
    """A list or a file that can't be read as rows. Nothing of it was looked at.

    Attributes:
        fault: why.
        facts: of its sentence, see `SheetFault`.
    """

    def __init__(self, fault: SheetFault, **facts: object) -> None:
        self.fault = fault
        self.facts = facts
        super().__init__(fault.value)


class NumberCell(str):
    """A cell of a workbook that is a number there, with a decimal point, and was not typed as a text."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    """One order that is asked for, as it stands in the list. Nothing in it is checked yet.

    Attributes:
        number: as a spreadsheet shows it: the first row is 1, also where it has the headings.
        person: an email address or a Slack id; perhaps something else, which is a fault.
        amount: as typed, with its currency where there is a column for it.
        message: as typed; may be empty.
        is_exact: the amount is a number of a workbook, so that nobody's way of writing decimals counts.
        has_more: there are cells behind the message: it may have been cut at a comma.
    """

    number: int
    person: str
    amount: str
    message: str
    is_exact: bool = False
    has_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """One thing that is wrong with one row.

    Attributes:
        number: of the row.
        column: in which it is.
        fault: what.
    """

    number: int
    column: Column
    fault: Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch whose rows are all right.

    Attributes:
        reference: names it in the button that asks for approval.
        digest: of its list.
        new: the request that it asks for.
        request_id: the request that was made of it; None until it is asked for.
        is_guessed: the list said nothing of its encoding.
        in_doubt_since: since when another file may have ordered it, because this one was restored; UTC.
    """

    reference: str
    digest: str
    new: NewRequest
    request_id: int | None = None
    is_guessed: bool = False
    in_doubt_since: datetime | None = None


class InvalidBatch(Refusal):
    """A batch with faults. Nothing of it was stored.

    Attributes:
        faults: of its rows, in their order.
        of_whole: what is wrong with all of it: the field of the form, and what.
        rows: how many rows it has, the right ones included.
    """

    def __init__(self, faults: Sequence[RowFault], of_whole: Sequence[tuple[str, Fault]] = (), *, rows: int) -> None:
        self.faults = tuple(faults)
        self.of_whole = tuple(of_whole)
        self.rows = rows
        super().__init__(f"{len(self.faults)} faults")


class BatchAsked(Refusal):
    """The same person asked for the same list within a day. `number`: of that request."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A list as it was read, cell by cell, so that it can be given back.

    Attributes:
        cells: of all rows from the first one, empty ones too.
        columns: where each column is, counted from 0.
        headings: the number of the row with the headings; 0 where there is none.
        delimiter: between the cells, where it is given back.
        is_guessed: the text said nothing of its encoding, and was read as Windows-1252.
    """

    cells: Sequence[Sequence[str]]
    columns: Mapping[Column, int]
    headings: int = 0
    delimiter: str = ","
    is_guessed: bool = False

    @property
    def rows(self) -> Sequence[BatchRow]:
        """Return the rows with something in them, without the headings."""
        numbered = enumerate(self.cells, start=1)
        return [self._row(number, cells) for number, cells in numbered if number > self.headings and any(cells)]

    def _row(self, number: int, cells: Sequence[str]) -> BatchRow:
        amount, currency = self._cell(cells, Column.AMOUNT), self._cell(cells, Column.CURRENCY)
        return BatchRow(
            number=number,
            person=visible_name(self._cell(cells, Column.PERSON)),
            amount=f"{amount} {currency}".strip() if amount else "",
            message=self._cell(cells, Column.MESSAGE),
            is_exact=isinstance(amount, NumberCell),
            has_more=not self.headings and any(cells[len(_USUAL) :]),
        )

    def _cell(self, cells: Sequence[str], column: Column) -> str:
        place = self.columns.get(column)
        return "" if place is None or place >= len(cells) else cells[place]


def sheet_of(cells: Iterable[Sequence[str]], *, most: int, delimiter: str = ",", is_guessed: bool = False) -> Sheet:
    """Return the sheet of these cells, the first row first. Spaces around a cell don't count.

    Args:
        cells: of each row, empty ones too.
        most: the rows that it may have, without empty ones and the headings.
        delimiter: between the cells, where the sheet is given back.
        is_guessed: whether the encoding was guessed.

    Raises:
        UnreadableSheet: it has no rows, too many, or not the columns that are needed.
    """
    kept = [tuple(map(_trimmed, row)) for row in cells]
    first = next((number for number, row in enumerate(kept, start=1) if any(row)), None)
    if first is None:
        raise UnreadableSheet(SheetFault.EMPTY)
    columns = _headed(kept[first - 1])
    if Column.PROBLEM in columns:  # it came back from here
        kept = [tuple(map(_unescaped, row)) for row in kept]
    headings = first if columns else 0
    count = sum(1 for row in kept[headings:] if any(row))
    if count == 0:
        raise UnreadableSheet(SheetFault.EMPTY)
    if count > most:
        raise UnreadableSheet(SheetFault.TOO_MANY_ROWS, limit=most)
    return Sheet(
        cells=kept,
        columns=columns or {column: place for place, column in enumerate(_USUAL)},
        headings=headings,
        delimiter=delimiter,
        is_guessed=is_guessed,
    )


def _trimmed(cell: str) -> str:
    return cell if isinstance(cell, NumberCell) else cell.strip()


def _headed(row: Sequence[str]) -> Mapping[Column, int]:
    """Return where each column is, of a row of headings; empty where it is none.

    Raises:
        UnreadableSheet: there are headings, and not one for the person; or the row is no row of a table.
    """
    found: dict[Column, int] = {}
    is_person = is_named(row[0])
    for place, cell in enumerate(row):
        column = None if is_person else _HEADINGS.get(cell.casefold())
        if column is not None and column in found:
            raise UnreadableSheet(SheetFault.TWICE, heading=cell)
        if column is not None:
            found[column] = place
    if found and Column.PERSON not in found:
        raise UnreadableSheet(SheetFault.NO_PERSON)
    if not found and not is_person and len([cell for cell in row if cell]) < 2:
        raise UnreadableSheet(SheetFault.ONE_COLUMN)
    return found


def is_heading(cell: str) -> bool:
    """Return whether a cell is the heading of the column of people."""
    return _HEADINGS.get(cell.strip().casefold()) is Column.PERSON


def is_named(cell: str) -> bool:
    """Return whether a cell names a person in a way that counts: by email address or Slack id."""
    return slack_id_of(cell) is not None or email_of(cell) is not None


def slack_id_of(text: str) -> str | None:
    """Return the Slack id that a cell names, also as a mention; None where it names none."""
    found = _SLACK_ID.fullmatch(text.strip())
    return found["id"] if found else None


def email_of(text: str) -> str | None:
    """Return the email address that a cell is, in small letters; None where it is none."""
    return text.strip().casefold() if _EMAIL.fullmatch(text.strip()) else None


def digest_of(sheet: Sheet, utid: str) -> str:
    """Return what the same list for the same reward has in common, however its file is written."""
    rows = [[row.person.casefold(), row.amount, row.message] for row in sheet.rows]
    return hashlib.sha256(json.dumps([utid, rows]).encode()).hexdigest()


def annotated(sheet: Sheet, problems: Mapping[int, str]) -> str:
    """Return the sheet as CSV with one more column, `problem`, that says what is wrong with each row.

    What a spreadsheet would run as a formula is escaped by an apostrophe.

    Args:
        sheet: as it was read. A column of that name that it has already is replaced.
        problems: by the number of the row.
    """
    old = sheet.columns.get(Column.PROBLEM)
    whole = [[cell for place, cell in enumerate(cells) if place != old] for cells in sheet.cells]
    width = max(map(len, whole))
    rows = []
    for number, cells in enumerate(whole, start=1):
        problem = Column.PROBLEM.value if number == sheet.headings else problems.get(number, "")
        rows.append(map(_escaped, (*cells, *[""] * (width - len(cells)), problem)))
    return "".join(csv_lines(rows, sheet.delimiter))


def _escaped(cell: str) -> str:
    """Escape also what was escaped before, so that reading it once more gives back the cell as it was."""
    return f"'{cell}" if cell.lstrip("'").startswith(FORMULA) else cell


def _unescaped(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(FORMULA) else cell
