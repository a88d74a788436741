"""Approved orders, put into a bot's file as an approval puts them there."""

from collections.abc import Sequence
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Final
from uuid import uuid4

from bot.domain.money import Money
from bot.domain.request import RequestMove
from bot.tango.bodies import NewOrder
from bot.tango.models import TangoPerson
from storage import Storage
from tests.bench.cast import ACCOUNT, APPROVERS, CUSTOMER, MANAGERS, RECIPIENTS, UTID
from tests.kit.factories import a_new_request, a_recipient, an_approved_order

_AMOUNT: Final = Money(5_00, "USD")

#: The most that one form takes.
_PER_REQUEST: Final = 30


def body(reference: str, person: str) -> bytes:
    """An order as it is sent."""
    return NewOrder(
        external_ref_id=reference,
        customer_identifier=CUSTOMER,
        account_identifier=ACCOUNT,
        utid=UTID,
        amount=_AMOUNT.amount,
        sender=TangoPerson(first_name="Maya"),
        recipient=TangoPerson(first_name="Rob", last_name="Weiss", email=f"{person.lower()}@example.com"),
        message="Thank you for the launch",
        send_email=True,
    ).to_bytes()


def fill(
    database: Path | str, orders: int, *, due: datetime, in_one_commit: int = 1, people: Sequence[str] = RECIPIENTS
) -> None:
    """Approve requests for thirty people each, until there are that many orders, due from then on.

    Args:
        database: the bot's file, or the address of its PostgreSQL; the bot may run.
        orders: how many.
        due: when the first may be sent.
        in_one_commit: how many requests are approved together: one as the bot does, or more to be done sooner.
        people: who is given something, in turn.
    """
    turns = cycle(people)
    storage = Storage.open(database)
    sizes = [min(_PER_REQUEST, orders - first) for first in range(0, orders, _PER_REQUEST)]
    try:
        for first in range(0, len(sizes), in_one_commit):
            with storage.transaction():
                for number, size in enumerate(sizes[first : first + in_one_commit], first):
                    _approve(storage, MANAGERS[number % len(MANAGERS)], tuple(islice(turns, size)), due)
    finally:
        storage.close()


def _approve(storage: Storage, manager: str, people: tuple[str, ...], due: datetime) -> None:
    recipients = tuple(map(a_recipient, people))
    facts = {"requester_id": manager, "amount": _AMOUNT, "utid": UTID}
    request_id = storage.requests.add(a_new_request(recipients=recipients, submission_id=uuid4().hex, **facts), due)
    assert request_id is not None
    assert storage.requests.move(request_id, RequestMove.APPROVE, by=APPROVERS[0], now=due)
    for recipient in recipients:
        frozen = body(recipient.external_ref_id, recipient.user_id)
        storage.orders.enqueue(an_approved_order(request_id, recipient=recipient, body=frozen, **facts), due)
