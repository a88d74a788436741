"""The check of a batch: every row is looked at, and every fault is found at once, as in the form."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Protocol

from bot.domain.batch import BatchRow, Column, RowFault, Sheet, email_of, slack_id_of
from bot.domain.catalog import Reward
from bot.domain.money import Money, writes_decimal_comma
from bot.domain.people import visible_name
from bot.domain.policy import Person
from bot.domain.request import Delivery, NewRequest, Recipient
from bot.domain.schedule import Schedule
from bot.errors import InvalidAmount
from bot.faults import Fault, FaultCode
from bot.usecases.form import ANYBODY, OF_PROFILE, RequestForms, as_recipient, person_fault

#: The members that a fault names where a row has only a name: more with one name are more than a cell should hold.
_MOST_SUGGESTED: Final = 3

#: The fields of an order that a row has; all others are alike in all rows.
_COLUMNS: Final[Mapping[str, Column]] = {"amount": Column.AMOUNT, "message": Column.MESSAGE}
_OF_RECIPIENT: Final = "recipient."


class Members(Protocol):
    """All members of the workspace, by what names a person for certain, and by their names."""

    def by_id(self, user_id: str) -> Person | None:
        """Return the member with this Slack id, or None."""

    def by_email(self, email: str) -> Sequence[Person]:
        """Return the members whose profile shows this address, in whatever case."""

    def called(self, name: str) -> Sequence[Person]:
        """Return the members who go by this name, or by one that looks like it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchForm:
    """A list that is to become a batch. Nothing in it is checked yet.

    Attributes:
        requester: who is to ask for it.
        sheet: the list.
        utid: the chosen reward.
        by_message: whether the bot delivers the rewards, and Tango mails nothing.
        texts: the less used fields as typed, as a request's form has them.
        expires_on: the last day of a Promo Link.
        schedule: when it is to be sent; None where as soon as it is approved.
        occasion: the name of the chosen one; empty where none was chosen, None where nobody was asked for one.
    """

    requester: Person
    sheet: Sheet
    utid: str
    by_message: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    expires_on: date | None = None
    schedule: Schedule | None = None
    occasion: str | None = None


@dataclass(slots=True, kw_only=True)
class BatchCheck:
    """Checks the rows of one list against the profiles, the reward and Tango's rules.

    Attributes:
        form: the list.
        reward: the chosen one.
        members: of the workspace.
        forms: hold an order against Tango's rules.
        new: the request without its recipients.
        faults: found so far, of rows.
        of_whole: found so far, of what is alike in all rows: the field, and what is wrong.
        row_of: the number of each recipient's row, by Slack id.
    """

    form: BatchForm
    reward: Reward
    members: Members
    forms: RequestForms
    new: NewRequest
    faults: list[RowFault] = field(default_factory=list)
    of_whole: dict[str, Fault] = field(default_factory=dict)
    row_of: dict[str, int] = field(default_factory=dict)

    def recipients(self, on_row: Callable[[int, int], None]) -> Sequence[Recipient]:
        """Check each row, and return the recipients of those in which nothing is wrong so far.

        Args:
            on_row: called after each row with how many are checked, and of how many.
        """
        rows, found = self.form.sheet.rows, []
        for done, row in enumerate(rows, start=1):
            before = len(self.faults)
            recipient = self._check(row)
            if len(self.faults) == before:
                found.append(recipient)
            on_row(done, len(rows))
        return found

    def add(self, row: int, column: Column, code: FaultCode, **facts: object) -> None:
        """Keep a fault of a row."""
        self.add_fault(row, column, Fault(code, facts))

    def add_fault(self, row: int, column: Column, fault: Fault) -> None:
        """Keep a fault of a row."""
        self.faults.append(RowFault(number=row, column=column, fault=fault))

    def _check(self, row: BatchRow) -> Recipient:
        person, amount = self._person(row), self._amount(row)
        if row.has_more:
            self.add(row.number, Column.MESSAGE, FaultCode.CELLS_LEFT)
        # What is missing is a fault already. Something faultless in its place lets the rest be checked as well.
        recipient = replace(
            ANYBODY if person is None else as_recipient(person),
            amount=self.new.amount if amount is None else amount,
            message=row.message,
        )
        for breach in self.forms.breaches(self.new, recipient, self.reward.kind):
            facts = {**breach.facts, "name": recipient.name, "field": breach.field}
            if breach.field in _COLUMNS:
                self.add_fault(row.number, _COLUMNS[breach.field], Fault(breach.code, facts))
            elif breach.field.startswith(_OF_RECIPIENT):
                self.add_fault(row.number, Column.PERSON, Fault(OF_PROFILE.get(breach.code, breach.code), facts))
            else:
                self.of_whole.setdefault(breach.field, Fault(breach.code, facts))
        return recipient

    def _person(self, row: BatchRow) -> Person | None:
        """Return the person of a row; None where that is a fault."""
        found = list(self._found(row))
        if len(found) != 1:
            return None
        [person] = found
        mailed = self.new.details.delivery is Delivery.EMAIL
        fault = person_fault(person, as_recipient(person), self.form.requester, mailed=mailed)
        if fault is not None:
            self.add_fault(row.number, Column.PERSON, fault)
            return None
        first = self.row_of.setdefault(person.user_id, row.number)
        if first != row.number:
            self.add_fault(row.number, Column.PERSON, Fault(FaultCode.SAME_PERSON, {"row": first}))
            self.add_fault(first, Column.PERSON, Fault(FaultCode.SAME_PERSON, {"row": row.number}))
            return None
        return person

    def _found(self, row: BatchRow) -> Iterator[Person]:
        """Yield the one person whom a row names for certain, or keep a fault."""
        text, user_id, email = row.person, slack_id_of(row.person), email_of(row.person)
        if user_id is not None:
            person = self.members.by_id(user_id)
            people = [] if person is None else [person]
        elif email is not None:
            all_of_them = self.members.by_email(email)
            people = [one for one in all_of_them if not one.is_deactivated] or list(all_of_them)[:1]
        elif text:
            self.add(row.number, Column.PERSON, FaultCode.ONLY_A_NAME, text=text, suggested=self._suggested(text))
            return
        else:
            self.add(row.number, Column.PERSON, FaultCode.UNNAMED)
            return
        if len(people) == 1:
            yield people[0]
        else:
            code = FaultCode.SEVERAL_ACCOUNTS if people else FaultCode.NO_SUCH_PERSON
            self.add(row.number, Column.PERSON, code, text=text)

    def _suggested(self, text: str) -> Sequence[str]:
        called = self.members.called(text.removeprefix("@"))
        return [f"{visible_name(one.name)} ({one.user_id})" for one in called[:_MOST_SUGGESTED]]

    def _amount(self, row: BatchRow) -> Money | None:
        """Return the amount of a row; None where it is a fault."""
        decimal_comma = not row.is_exact and writes_decimal_comma(self.form.requester.locale)
        try:
            return self.reward.amount_from(row.amount, decimal_comma=decimal_comma)
        except InvalidAmount as error:
            facts = {"text": error.text, "currency": error.currency, "bound": error.bound}
            self.add(row.number, Column.AMOUNT, error.fault, **facts, amounts=self.reward.amounts)
            return None
