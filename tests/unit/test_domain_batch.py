"""A list of many rewards, from text to rows: read as a spreadsheet shows it, or refused, and given back as it was."""

import csv
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.batch import (
    MOST_BYTES,
    MOST_PASTED,
    MOST_ROWS,
    BatchRow,
    Column,
    NumberCell,
    Sheet,
    SheetFault,
    UnreadableSheet,
    annotated,
    digest_of,
    email_of,
    sheet_of,
    slack_id_of,
)
from bot.domain.batch_reader import read_csv, read_pasted

ROB: Final = "rob@example.com"
CURRENCIES: Final = ("USD", "EUR")


def rows_of(sheet: Sheet) -> list[tuple[int, str, str, str]]:
    return [(row.number, row.person, row.amount, row.message) for row in sheet.rows]


def pasted(text: str) -> list[tuple[int, str, str, str]]:
    return rows_of(read_pasted(text, CURRENCIES))


def csv_rows(text: str, encoding: str = "utf-8") -> list[tuple[int, str, str, str]]:
    return rows_of(read_csv(text.encode(encoding)))


def refusal(data: bytes) -> UnreadableSheet:
    with pytest.raises(UnreadableSheet) as refused:
        read_csv(data)
    return refused.value


# ------------------------------------------------------------------------------------ a pasted list


@pytest.mark.parametrize(
    ("line", "amount", "message"),
    [
        (f"{ROB}\t25\tThanks, all of you", "25", "Thanks, all of you"),
        (f"{ROB}, 25, Thanks, all of you", "25", "Thanks, all of you"),
        (f"{ROB},25,Thanks", "25", "Thanks"),
        (f"{ROB} 25 Thanks for 2 weeks", "25", "Thanks for 2 weeks"),
        (f"{ROB}; 25,50; Danke", "25,50", "Danke"),
        (f"{ROB}, 1,000, Thanks", "1,000", "Thanks"),
        (f"{ROB}, $25 , Thanks", "$25", "Thanks"),
        (f"{ROB}, 25 USD, Thanks", "25 USD", "Thanks"),
        (f"{ROB} 25 :tada: well done", "25", ":tada: well done"),
        (f"{ROB} 25", "25", ""),
        (f"{ROB}\t\tThanks", "", "Thanks"),
        (f"{ROB} well done", "", "well done"),
    ],
)
def test_a_line_is_a_person_an_amount_and_the_rest(line: str, amount: str, message: str):
    assert pasted(line) == [(1, ROB, amount, message)]


def test_lines_keep_their_numbers_and_empty_ones_are_passed_over():
    assert pasted(f"\n{ROB} 25\n   \n<@U0ROB0001|rob> 30 Hi\r\n") == [
        (2, ROB, "25", ""),
        (4, "<@U0ROB0001|rob>", "30", "Hi"),
    ]


@pytest.mark.parametrize("headings", ["Email\tMessage\tAmount", "email, message, amount"])
def test_headings_name_the_columns_of_copied_cells(headings: str):
    assert pasted(f"{headings}\n{ROB}\tThanks\t25") == [(2, ROB, "25", "Thanks")]


def test_a_list_has_as_many_lines_as_are_allowed_and_no_more():
    lines = [f"rob{number}@example.com 25" for number in range(MOST_PASTED + 1)]
    assert len(pasted("\n".join(lines[:-1]))) == MOST_PASTED
    with pytest.raises(UnreadableSheet) as refused:
        pasted("\n".join(lines))
    assert (refused.value.fault, refused.value.facts) == (SheetFault.TOO_MANY_ROWS, {"limit": MOST_PASTED})


# -------------------------------------------------------------------------------------------- a CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("headings", ["email{}amount{}message\n", ""])
def test_each_usual_delimiter_is_found(delimiter: str, headings: str):
    text = f'{headings.replace("{}", delimiter)}{ROB}{delimiter}25{delimiter}"Thanks, you; and\tall | of you"\n'

    [row] = read_csv(text.encode()).rows

    assert (row.person, row.amount, row.message) == (ROB, "25", "Thanks, you; and\tall | of you")


def test_a_message_full_of_commas_does_not_hide_the_semicolons():
    assert csv_rows(f"{ROB};25,50;Thanks, you rock, all of you, really") == [
        (1, ROB, "25,50", "Thanks, you rock, all of you, really")
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_that_says_its_encoding_is_read_by_it(encoding: str):
    sheet = read_csv(f"email,amount,message\n{ROB},25,Dziękuję 🎉\n".encode(encoding))
    assert ([row.message for row in sheet.rows], sheet.is_guessed) == (["Dziękuję 🎉"], False)


def test_windows_1252_is_read_and_said():
    sheet = read_csv(f"{ROB};25;Schöne Grüße – €".encode("windows-1252"))
    assert ([row.message for row in sheet.rows], sheet.is_guessed) == (["Schöne Grüße – €"], True)


def test_rows_are_numbered_as_a_spreadsheet_shows_them():
    """The headings are a row, an empty line is one, and a cell of three lines is in one."""
    text = f'\nemail,amount,message\n{ROB},25,"One\ntwo\nthree"\n\n,,\nkim@example.com,30,\n'
    assert csv_rows(text) == [(3, ROB, "25", "One\ntwo\nthree"), (6, "kim@example.com", "30", "")]


def test_headings_may_be_in_any_order_and_others_are_left_alone():
    text = f"Department,Message,Currency,Amount,E-Mail\nR&D,Thanks,USD,25,{ROB}\nR&D,,,,kim@example.com\n"
    assert csv_rows(text) == [(2, ROB, "25 USD", "Thanks"), (3, "kim@example.com", "", "")]


def test_cells_behind_the_message_are_told_where_no_heading_says_what_they_are():
    """A message with a comma and without quotation marks: it would be cut."""
    [row] = read_csv(f"{ROB},25,Thanks, all of you".encode()).rows
    assert row.has_more
    [row] = read_csv(f"email,amount,message\n{ROB},25,Thanks,R&D".encode()).rows
    assert not row.has_more


@pytest.mark.parametrize(
    ("data", "fault", "facts"),
    [
        (b"", SheetFault.EMPTY, {}),
        (b"\n , ,\n\t\n", SheetFault.EMPTY, {}),
        (b"email,amount,message\n", SheetFault.EMPTY, {}),
        (b"x" * (MOST_BYTES + 1), SheetFault.TOO_BIG, {"limit": MOST_BYTES}),
        (b"rob@example.com:25:Thanks", SheetFault.ONE_COLUMN, {}),
        (b"Dear all\nplease pay Rob 25 dollars\n", SheetFault.ONE_COLUMN, {}),
        (b"name,amount,message\nRob,25,Hi\n", SheetFault.NO_PERSON, {}),
        (b"email,amount,user\na@b.cd,25,U0ROB0001\n", SheetFault.TWICE, {"heading": "user"}),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", SheetFault.NOT_TEXT, {}),
        (b"rob@example.com,25,\x81\x8d", SheetFault.NOT_TEXT, {}),
        (b'a@b.cd,25,ok\nb@b.cd,25,"Thanks\nc@b.cd,25,x\n', SheetFault.QUOTES, {"row": 2}),
        (b'a@b.cd,25,"Thanks" all\n', SheetFault.QUOTES, {"row": 1}),
        (b"\n" * (10 * MOST_ROWS + 1), SheetFault.TOO_MANY_ROWS, {"limit": MOST_ROWS}),
    ],
)
def test_what_is_no_list_is_refused_whole(data: bytes, fault: SheetFault, facts: dict[str, Any]):
    refused = refusal(data)
    assert (refused.fault, refused.facts) == (fault, facts)


def test_a_row_too_many_is_refused_and_empty_ones_do_not_count():
    lines = [f"r{number}@b.cd,25\n\n" for number in range(MOST_ROWS)]
    assert len(read_csv("".join(lines).encode()).rows) == MOST_ROWS
    assert refusal("".join([*lines, "rob@b.cd,25\n"]).encode()).fault is SheetFault.TOO_MANY_ROWS


# ------------------------------------------------------------------------------------------- people


@pytest.mark.parametrize(
    ("cell", "slack_id", "email"),
    [
        ("U0ROB0001", "U0ROB0001", None),
        ("W012A3CDE", "W012A3CDE", None),
        ("<@U0ROB0001>", "U0ROB0001", None),
        ("<@U0ROB0001|rob>", "U0ROB0001", None),
        (" Rob@Example.COM ", None, "rob@example.com"),
        ("rob+kudos@example.com", None, "rob+kudos@example.com"),
        ("@rob", None, None),
        ("Rob Hale", None, None),
        ("u0rob0001", None, None),
        ("rob@example", None, None),
        ("rob@example.com; kim@example.com", None, None),
        ("", None, None),
    ],
)
def test_a_person_is_named_by_email_address_or_slack_id_alone(cell: str, slack_id: str | None, email: str | None):
    assert (slack_id_of(cell), email_of(cell)) == (slack_id, email)


def test_what_can_not_be_seen_is_no_part_of_a_person():
    assert csv_rows(f"\u200b{ROB}\u00a0,25,Hi") == [(1, ROB, "25", "Hi")]


# --------------------------------------------------------------------------------------- given back


def given_back(sheet: Sheet, problems: dict[int, str]) -> list[list[str]]:
    lines = annotated(sheet, problems).split("\r\n")
    return list(csv.reader(lines[:-1], delimiter=sheet.delimiter, strict=True))


def test_the_same_list_comes_back_with_what_is_wrong_with_each_row():
    sheet = read_csv(f"email;amount;message\n{ROB};25;Hi\n\nkim@example.com;x;Ho;R&D\n".encode())
    assert given_back(sheet, {4: "Read me"}) == [
        ["email", "amount", "message", "", "problem"],
        [ROB, "25", "Hi", "", ""],
        ["", "", "", "", ""],
        ["kim@example.com", "x", "Ho", "R&D", "Read me"],
    ]


def test_what_came_back_is_read_again_and_says_what_it_says_now():
    first = read_csv(f"email,amount,message\n{ROB},x,@kim and I thank you\n".encode())
    second = read_csv(annotated(first, {2: "No amount"}).encode("utf-8-sig"))

    assert rows_of(second) == rows_of(first)
    assert given_back(second, {2: "Still none"})[1] == [ROB, "x", "'@kim and I thank you", "Still none"]


@pytest.mark.parametrize("cell", ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)"])
def test_a_formula_is_a_text_and_is_escaped_on_the_way_out(cell: str):
    sheet = read_csv(f"email,amount,message\n{ROB},25,{cell}\n".encode())
    assert [row.message for row in sheet.rows] == [cell]
    assert given_back(sheet, {})[1][2] == f"'{cell}"


def test_an_apostrophe_is_the_persons_own_in_a_file_that_never_came_back():
    assert csv_rows(f"email,amount,message\n{ROB},25,'-tis\n") == [(2, ROB, "25", "'-tis")]


CELL: Final = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u200b\ufeff"), max_size=30
).map(str.strip)


@given(st.lists(st.tuples(st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.com", fullmatch=True), CELL, CELL), min_size=1))
@example([(ROB, "25", '"Thanks," she said')])
@example([(ROB, "", "One\x85two\u2028three")])
def test_whatever_a_spreadsheet_writes_is_read_cell_by_cell(cells: list[tuple[str, str, str]]):
    sheet = sheet_of([("email", "amount", "message"), *cells], most=MOST_ROWS)
    again = read_csv(annotated(sheet, {}).encode("utf-8-sig"))

    assert rows_of(again) == [(number, *row) for number, row in enumerate(cells, start=2)]


# ------------------------------------------------------------------------------------------ the rest


def test_a_number_of_a_workbook_is_exact_also_with_its_currency():
    sheet = sheet_of(
        [("email", "amount", "currency"), (ROB, NumberCell("1234.5"), "USD"), (ROB, "1234.5", "USD")], most=9
    )
    assert [(row.amount, row.is_exact) for row in sheet.rows] == [("1234.5 USD", True), ("1234.5 USD", False)]


def test_the_same_list_is_known_however_its_file_is_written():
    one = read_csv(f"email;amount;message\n{ROB};25;Hi\n".encode())
    other = read_csv(f"message,amount,email\r\n\r\n Hi ,25,{ROB.upper()}\r\n".encode("utf-16"))

    assert digest_of(one, "U1") == digest_of(other, "U1")
    assert digest_of(one, "U1") != digest_of(one, "U2")
    assert digest_of(one, "U1") != digest_of(read_csv(f"{ROB},25,Ho".encode()), "U1")


def test_a_row_is_what_its_sheet_says():
    [row] = read_csv(f"{ROB},25,Hi".encode()).rows
    assert row == BatchRow(number=1, person=ROB, amount="25", message="Hi")
    assert set(read_csv(f"{ROB},25,Hi".encode()).columns) == {Column.PERSON, Column.AMOUNT, Column.MESSAGE}
