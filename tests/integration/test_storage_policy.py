"""The policy of a request in a real file: it stays as it was filed, and no decision goes past it."""

from datetime import timedelta
from typing import Final

import pytest

from bot.domain.approval import BY_RULE, ApprovalRule, Policy, Route
from bot.domain.money import Money
from bot.domain.request import RequestMove
from storage import Storage
from tests.kit.engines import REFUSED
from tests.kit.factories import ADA, ALEX, CHANNEL, MAYA, NOON, approve, file_request, together

ROUTE: Final = Route(CHANNEL, frozenset({ALEX, "S0BOARD01"}))
BOTH: Final = Policy(ROUTE, ApprovalRule.SECOND_ABOVE, Money(250_00, "USD"))
NOBODY: Final = Policy(ROUTE, ApprovalRule.AUTOMATIC_UP_TO, Money(25_00, "USD"))


@pytest.mark.parametrize(
    "policy", [None, Policy(ROUTE), BOTH, NOBODY, Policy(ROUTE, ApprovalRule.UNLISTED_CURRENCY)], ids=range(5)
)
def test_a_policy_is_read_as_it_was_filed(storage: Storage, policy: Policy | None):
    assert file_request(storage, policy=policy).policy == policy


@pytest.mark.parametrize("column", ["policy", "approvals_needed"])
def test_a_policy_is_never_changed(storage: Storage, column: str):
    request = file_request(storage, policy=BOTH)
    with pytest.raises(REFUSED), storage.transaction():
        storage._database.execute(f"UPDATE requests SET {column} = {column}", {})  # noqa: S608 (fixed names)
    assert storage.requests.get(request.id) == request


def test_of_eight_who_approve_first_at_once_one_is_the_first(storage: Storage):
    request = file_request(storage, policy=BOTH)

    def approve_first(number: int) -> tuple[str, bool]:
        by = f"U0APPR{number:03d}"
        return by, storage.requests.approve_first(request.id, by=by, now=NOON)

    [first] = [by for by, did in together(8, approve_first) if did]
    now = storage.requests.get(request.id)
    assert now is not None
    assert (now.first_approved_by, now.first_approved_at, now.is_pending) == (first, NOON, True)
    assert not now.needs_another


def test_one_approver_is_enough_for_any_other_request(storage: Storage):
    for policy in (None, Policy(ROUTE), NOBODY):
        request = file_request(storage, policy=policy)
        assert not storage.requests.approve_first(request.id, by=ALEX, now=NOON)


def test_a_decided_request_has_no_first_approver_any_more(storage: Storage):
    request = file_request(storage, policy=BOTH)
    assert storage.requests.move(request.id, RequestMove.DECLINE, by=ADA, now=NOON, reason="No")
    assert not storage.requests.approve_first(request.id, by=ALEX, now=NOON)


@pytest.mark.parametrize(
    ("policy", "first", "by"),
    [
        (BOTH, None, ALEX),  # one alone
        (BOTH, ALEX, ALEX),  # the same person twice
        (BOTH, ALEX, BY_RULE),
        (BOTH, MAYA, ALEX),  # the requester first
        (NOBODY, None, ALEX),  # a person in the place of the rule
        (None, None, BY_RULE),  # the rule in the place of a person
        (Policy(ROUTE), None, BY_RULE),
    ],
    ids=["one alone", "one twice", "a rule", "the requester", "for the rule", "by a rule", "by a rule on a route"],
)
def test_the_file_refuses_what_the_policy_does_not_allow(
    storage: Storage, policy: Policy | None, first: str | None, by: str
):
    request = file_request(storage, policy=policy)

    def approve() -> None:
        with storage.transaction():
            if first is not None:
                storage.requests.approve_first(request.id, by=first, now=NOON)
            storage.requests.move(request.id, RequestMove.APPROVE, by=by, now=NOON)

    with pytest.raises(REFUSED):
        approve()
    assert storage.requests.get(request.id) == request


@pytest.mark.parametrize(("policy", "first", "by"), [(BOTH, ALEX, ADA), (NOBODY, None, BY_RULE)], ids=["two", "none"])
def test_what_the_policy_asks_for_approves(storage: Storage, policy: Policy, first: str | None, by: str):
    request = file_request(storage, policy=policy)
    if first is not None:
        assert storage.requests.approve_first(request.id, by=first, now=NOON)
    assert storage.requests.move(request.id, RequestMove.APPROVE, by=by, now=NOON + timedelta(minutes=1))
    decided = storage.requests.get(request.id)
    assert decided is not None
    assert (decided.first_approved_by, decided.decided_by) == (first, by)


def test_the_approvers_of_what_waits_or_is_held_are_kept_and_no_others(storage: Storage):
    assert storage.requests.approvers_kept() == frozenset()
    file_request(storage)
    decided = file_request(storage, policy=Policy(Route("dm", frozenset({"U0GONE001"}))))
    assert storage.requests.move(decided.id, RequestMove.WITHDRAW, by=MAYA, now=NOON)
    waiting = file_request(storage, policy=BOTH)
    storage.requests.approve_first(waiting.id, by=ADA, now=NOON)
    held = file_request(storage, policy=Policy(Route("dm", frozenset({"U0HELD001"}))))
    sent = file_request(storage, policy=Policy(Route("dm", frozenset({"U0SENT001"}))))
    approve(storage, held, not_before=NOON + timedelta(minutes=1))
    approve(storage, sent)
    assert storage.requests.approvers_kept() == {ADA, ALEX, "S0BOARD01", "U0HELD001"}
