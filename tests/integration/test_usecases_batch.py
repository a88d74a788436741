"""The check of a batch: what it accepts is ordered as the file says, and of what it refuses each faulty row is named.

What Tango would get is read from the orders' bodies: each attempt sends those bytes.
"""

import csv
import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO
from typing import Any, Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.clock import Clock
from bot.domain.batch import NumberCell, RowFault, Sheet, UnreadableSheet, sheet_of
from bot.domain.batch_reader import read_csv
from bot.domain.money import Money
from bot.domain.policy import Person
from bot.domain.request import Details, Recipient
from bot.faults import FaultCode
from bot.usecases.batch_check import BatchCheck, BatchForm
from bot.usecases.form import Payer, RequestForms
from tests.kit.factories import MAYA, a_new_request, a_person, a_request, a_reward

HEADINGS: Final = ("email", "amount", "message")

PEOPLE: Final = tuple(
    a_person(f"U0{name}0001", name=name, email=f"{name.lower()}@x.example") for name in ("ROB", "KIM", "ANA")
)
ROB, KIM, ANA = PEOPLE

#: How each may be named, also in ways that are no names.
NAMED: Final = {
    **{spelling: one for one in PEOPLE for spelling in (one.email or "", (one.email or "").upper(), one.user_id)},
    f"<@{ROB.user_id}|rob>": ROB,
    **dict.fromkeys(("nobody@x.example", "U0NOBODY1", "ROB", "@rob", ""), None),
}

#: Amounts of a reward of 5 to 500 dollars, in cents, also those that are none.
AMOUNTS: Final = {
    "25": 25_00,
    "25.5": 25_50,
    "$30": 30_00,
    "100 USD": 100_00,
    "5": 5_00,
    **dict.fromkeys(("", "0", "25,50", "501", "25 EUR", "all"), None),
}


class Members:
    """The workspace."""

    def by_id(self, user_id: str) -> Person | None:
        return next((one for one in PEOPLE if one.user_id == user_id), None)

    def by_email(self, email: str) -> Sequence[Person]:
        return [one for one in PEOPLE if one.email == email]

    def called(self, name: str) -> Sequence[Person]:
        return [one for one in PEOPLE if one.name == name]


FORMS: Final = RequestForms(payer=Payer(customer="acme-hr", account="acme-hr-usd"), defaults=Details(), clock=Clock())


def check(sheet: Sheet, **facts: Any) -> tuple[Sequence[Recipient], list[RowFault]]:
    """The recipients of the rows in which nothing is wrong, and what is wrong with the others."""
    requester = a_person(MAYA, **facts)
    checking = BatchCheck(
        form=BatchForm(requester=requester, sheet=sheet, utid="U561593"),
        reward=a_reward(),
        members=Members(),
        forms=FORMS,
        new=a_new_request(recipients=(), amount=Money(5_00, "USD"), message="", is_batch=True),
    )
    return checking.recipients(lambda _done, _all: None), checking.faults


def codes(rows: Sequence[Sequence[str]], **facts: Any) -> list[FaultCode]:
    return [one.fault.code for one in check(sheet_of([HEADINGS, *rows], most=99), **facts)[1]]


def written(rows: Sequence[Sequence[str]]) -> bytes:
    """A CSV as a spreadsheet writes it."""
    text = StringIO()
    csv.writer(text).writerows([HEADINGS, *rows])
    return text.getvalue().encode("utf-8-sig")


MESSAGE: Final = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40).map(str.strip)


@given(st.lists(st.tuples(st.sampled_from(sorted(NAMED)), st.sampled_from(sorted(AMOUNTS)), MESSAGE), max_size=8))
@example([(ROB.user_id, "25", "=cmd|'/c calc'!A1"), ("KIM@X.EXAMPLE", "25.5", ""), ("ana@x.example", "$30", '"Hi," x')])
@example([(ROB.user_id, "25", ""), ("rob@x.example", "$30", "")])
def test_what_is_accepted_is_ordered_row_for_row_and_of_what_is_refused_each_row_is_named(
    rows: list[tuple[str, str, str]],
):
    there = {number: row for number, row in enumerate(rows, start=2) if any(row)}
    times = Counter(NAMED[person] for person, _, _ in there.values())
    wrong = {
        number
        for number, (person, amount, _) in there.items()
        if NAMED[person] is None or times[NAMED[person]] > 1 or AMOUNTS[amount] is None
    }
    if not there:
        with pytest.raises(UnreadableSheet):
            read_csv(written(rows))
        return

    recipients, faults = check(read_csv(written(rows)))

    assert {one.number for one in faults} == wrong
    if wrong:
        return
    request = a_request(recipients=tuple(recipients), amount=Money(100_00, "USD"), message="", is_batch=True)
    kind = a_reward().kind
    bodies = [json.loads(FORMS.order(request, one, kind, place=0).body, parse_float=Decimal) for one in recipients]
    sent = [(one["recipient"]["email"], Decimal(one["amount"]) * 100, one.get("message", "")) for one in bodies]
    assert sent == [
        (NAMED[person].email, AMOUNTS[amount], message)  # type: ignore[union-attr]  # none of them is wrong
        for person, amount, message in there.values()
    ]


def test_a_decimal_comma_counts_where_the_persons_locale_writes_one():
    assert codes([(ROB.user_id, "25,50", "")], locale="en-US") == [FaultCode.DECIMAL_COMMA]
    assert codes([(ROB.user_id, "25,50", "")], locale="de-DE") == []


def test_a_number_of_a_workbook_has_a_point_whatever_the_locale():
    """1.234 as a text is more than a thousand in German, and as a number hardly more than one."""
    sheet = sheet_of([HEADINGS, (ROB.user_id, NumberCell("5.25"), ""), (KIM.user_id, NumberCell("5.125"), "")], most=9)
    recipients, faults = check(sheet, locale="de-DE")
    assert [one.amount for one in recipients] == [Money(5_25, "USD")]
    assert [one.fault.code for one in faults] == [FaultCode.FINER_THAN_CURRENCY]


def test_a_message_that_tango_would_not_take_is_named():
    assert codes([(ROB.user_id, "25", "x" * 3_001)]) == [FaultCode.TOO_LONG]


def test_cells_behind_the_message_are_a_fault():
    recipients, faults = check(sheet_of([(ROB.user_id, "25", "Thanks", "all of you")], most=9))
    assert (recipients, [one.fault.code for one in faults]) == ([], [FaultCode.CELLS_LEFT])


def test_a_row_has_all_of_its_faults_at_once():
    assert codes([("nobody@x.example", "0", "x" * 3_001)]) == [
        FaultCode.NO_SUCH_PERSON,
        FaultCode.ZERO,
        FaultCode.TOO_LONG,
    ]


def test_who_asks_gets_nothing():
    assert codes([(ROB.user_id, "25", "")], email=ROB.email) == [FaultCode.IS_ONESELF]
