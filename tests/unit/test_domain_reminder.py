"""When a reminder is due, and whether enough people are here to approve."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.approval import ApprovalRule, Policy, Route
from bot.domain.money import Money
from bot.domain.reminder import end_of_daytime, enough_can_act, reminders_due
from tests.kit.factories import ADA, ALEX, CHANNEL, NOON, a_request, some_roles

SAM = "U0SAM0001"
#: Alex's other account.
ALEX_2 = "U0ALEX002"
ALL = frozenset({ALEX, ALEX_2, SAM})
ADDRESSES = {ALEX: "alex@acme.example", ALEX_2: "Alex+2@acme.example", SAM: "sam@acme.example"}
ROLES = some_roles(approvers=ALL, named={one: frozenset({one}) for one in ALL}, addresses=ADDRESSES)
BOTH = Policy(Route(CHANNEL, ALL), ApprovalRule.SECOND_ABOVE, Money(10_00, "USD"))


@pytest.mark.parametrize(
    ("policy", "first", "away", "enough"),
    [
        (None, None, [], True),
        (None, None, [ALEX, ALEX_2], True),
        (None, None, [ALEX, ALEX_2, SAM], False),
        (BOTH, None, [], True),
        (BOTH, None, [ALEX_2], True),
        (BOTH, None, [SAM], False),
        (BOTH, None, [ALEX, ALEX_2], False),
        (BOTH, ALEX, [ALEX], True),
        (BOTH, ALEX, [SAM], False),
        (BOTH, SAM, [SAM, ALEX], True),
    ],
)
def test_people_are_counted_and_not_their_accounts(
    policy: Policy | None, first: str | None, away: list[str], *, enough: bool
):
    assert enough_can_act(a_request(policy=policy, first_approved_by=first), ROLES, away) is enough


def test_a_party_is_not_counted():
    assert not enough_can_act(a_request(requester_id=SAM), some_roles(approvers=frozenset({SAM})))
    assert enough_can_act(a_request(requester_id=SAM), some_roles(approvers=frozenset({SAM, ADA})))


@pytest.mark.parametrize(
    ("at", "zone", "until"),
    [
        ("08:59", "UTC", None),
        ("09:00", "UTC", "2026-03-14 17:00"),
        ("16:59", "UTC", "2026-03-14 17:00"),
        ("17:00", "UTC", None),
        ("02:00", "Asia/Tokyo", "2026-03-14 08:00"),
        ("22:00", "Pacific/Auckland", "2026-03-15 04:00"),
        ("12:00", "Nowhere/Else", "2026-03-14 17:00"),
    ],
)
def test_day_is_where_the_reader_is(at: str, zone: str, until: str | None):
    now = _utc(f"2026-03-14 {at}")
    assert end_of_daytime(now, zone) == (None if until is None else _utc(until))


@pytest.mark.parametrize(("hours", "due"), [(23.9, 0), (24, 1), (71.9, 1), (72, 2), (500, 2)])
def test_a_reminder_is_due_once_a_request_has_waited_for_so_long(hours: float, due: int):
    by, after = NOON + timedelta(hours=hours), [timedelta(hours=24), timedelta(hours=72)]
    assert reminders_due(a_request(), by, after) == due
    assert reminders_due(a_request(created_at=NOON - timedelta(days=9), waits_since=NOON), by, after) == due


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
