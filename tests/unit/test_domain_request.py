"""The request's state machine as a table, and what a request says of itself."""

import itertools
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.money import Money
from bot.domain.request import REQUEST_MOVES, Details, RequestMove, RequestStatus
from tests.kit.factories import ALEX, NOON, ROB, a_new_request, a_recipient, a_request

# Written out by hand, so that a slip in the product's table shows here.
LEGAL = {
    ("pending_approval", "approve"): "approved",
    ("pending_approval", "decline"): "declined",
    ("pending_approval", "withdraw"): "withdrawn",
    ("pending_approval", "expire"): "expired",
}


@pytest.mark.parametrize(("status", "move"), list(itertools.product(RequestStatus, RequestMove)), ids=str)
def test_every_move_from_every_state_is_in_the_table_or_not_at_all(status: RequestStatus, move: RequestMove):
    assert REQUEST_MOVES.get((status, move)) == LEGAL.get((status, move))


def test_the_states_are_where_it_starts_and_where_moves_lead():
    assert set(RequestStatus) == {RequestStatus.PENDING_APPROVAL, *REQUEST_MOVES.values()}


@pytest.mark.parametrize("status", RequestStatus, ids=str)
def test_pending_is_the_one_state_that_waits(status: RequestStatus):
    assert a_request(status=status).is_pending is (status == "pending_approval")


def test_the_total_is_the_amount_for_each_recipient():
    recipients = (a_recipient(ROB), a_recipient(ALEX), a_recipient("U0THIRD01"))

    new = a_new_request(amount=Money(33_33, "USD"), recipients=recipients)

    assert new.total == Money(99_99, "USD")


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [("Rob", "Weiss", "Rob Weiss"), ("Cher", "", "Cher"), ("", "Weiss", "Weiss"), ("", "", "")],
)
def test_a_recipients_name_has_no_stray_blanks(first: str, last: str, name: str):
    assert a_recipient(first_name=first, last_name=last).name == name


def test_a_request_is_overdue_from_the_moment_on_at_which_its_time_is_over():
    month = timedelta(days=30)
    request = a_request(waits_since=NOON)
    assert not request.is_overdue(NOON + month - timedelta(microseconds=1), month)
    assert request.is_overdue(NOON + month, month)
    assert not a_request(waits_since=None).is_overdue(NOON + 9 * month, month), "not known since when"
    assert not a_request(waits_since=NOON, status=RequestStatus.APPROVED).is_overdue(NOON + month, month)


@pytest.mark.parametrize(
    "other",
    [
        {"requester_id": ALEX},
        {"recipients": (a_recipient(ROB), a_recipient(ALEX))},
        {"recipients": (a_recipient(ALEX),)},
        {"utid": "U1"},
        {"amount": Money(25_01, "USD")},
        {"amount": Money(25_00, "EUR")},
        {"message": "Thanks"},
        {"details": Details(notes="for the board")},
    ],
    ids=", ".join,  # a reference in an id is another in each of the processes that share the tests
)
def test_two_requests_ask_the_same_where_everything_that_was_asked_is(other: dict[str, Any]):
    asked = a_new_request()
    assert asked.asks_the_same(a_new_request()), "another modal, other references"
    assert not asked.asks_the_same(a_new_request(**other))
