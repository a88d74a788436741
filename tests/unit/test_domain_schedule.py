"""A civil time is one moment, also where clocks are put forward or back."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.schedule import Schedule, civil_from, civil_text, due_at, schedule_fault
from bot.faults import Fault, FaultCode
from tests.kit.factories import NOON

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
_FIRST, _LAST = civil_from("2026-01-01T00:00"), civil_from("2040-01-01T00:00")


def civil(text: str) -> datetime:
    return civil_from(text)


def utc(text: str) -> datetime:
    return civil_from(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "moment"),
    [
        ("2026-03-28T09:00", BERLIN, "2026-03-28T08:00"),
        ("2026-03-30T09:00", BERLIN, "2026-03-30T07:00"),
        ("2026-03-29T02:30", BERLIN, "2026-03-29T01:30"),  # there is no 2:30: it is 3:30
        ("2026-03-29T03:30", BERLIN, "2026-03-29T01:30"),
        ("2026-10-25T02:30", BERLIN, "2026-10-25T00:30"),  # there are two: it is the first
        ("2026-10-25T03:30", BERLIN, "2026-10-25T02:30"),
        ("2026-11-01T01:30", NEW_YORK, "2026-11-01T05:30"),
        ("2026-12-24T09:00", "Mars/Olympus", "2026-12-24T09:00"),
    ],
)
def test_a_civil_time_is_one_moment(at: str, zone: str, moment: str):
    assert due_at(civil(at), zone) == utc(moment)


@given(st.datetimes(_FIRST, _LAST).map(lambda at: at.replace(second=0, microsecond=0)))
def test_it_is_read_as_it_was_written(at: datetime):
    assert civil_from(civil_text(at)) == at


@given(
    st.datetimes(_FIRST, _LAST),
    st.datetimes(_FIRST, _LAST),
    st.sampled_from([BERLIN, NEW_YORK, "Australia/Lord_Howe", "Asia/Kathmandu"]),
)
def test_two_days_later_is_later_whatever_the_clocks_do(one: datetime, other: datetime, zone: str):
    if (other - one).total_seconds() > 86_400:
        assert due_at(one, zone) < due_at(other, zone)


def test_the_clock_is_the_requesters_or_each_recipients():
    nine = civil("2026-12-24T09:00")
    assert Schedule(nine).due(BERLIN) == utc("2026-12-24T08:00")
    assert Schedule(nine).due(NEW_YORK) == utc("2026-12-24T14:00")
    assert Schedule(nine, NEW_YORK).due(BERLIN) == utc("2026-12-24T14:00")


def test_an_order_is_held_until_its_date_and_never_for_less_than_it_can_be_undone():
    own = Schedule(civil("2026-12-24T09:00")).of_recipient(BERLIN)
    moment, minute = utc("2026-12-24T08:00"), timedelta(minutes=1)
    assert own == Schedule(civil("2026-12-24T09:00"), BERLIN)
    assert Schedule(own.at, NEW_YORK).of_recipient(BERLIN).zone == NEW_YORK
    assert own.held_until(NOON, timedelta(hours=1)) == moment
    assert own.held_until(moment - minute, 5 * minute) == moment + 4 * minute
    assert own.held_until(moment + minute, timedelta(0)) == moment + minute


@pytest.mark.parametrize(
    ("schedule", "fault"),
    [
        (None, None),
        (Schedule(civil("2026-03-14T13:00"), "UTC"), None),
        (Schedule(civil("2026-03-14T12:00"), "UTC"), Fault(FaultCode.TOO_SOON)),
        (Schedule(civil("2026-03-14T13:00")), Fault(FaultCode.TOO_SOON)),  # it is over in Berlin
        (Schedule(civil("2027-03-16T12:00"), "UTC"), Fault(FaultCode.TOO_LATE)),
    ],
)
def test_a_date_is_to_come_for_everyone_and_within_a_year(schedule: Schedule | None, fault: Fault | None):
    assert schedule_fault(schedule, [BERLIN, NEW_YORK], NOON) == fault
