"""Whose turn it is: who waits for a fault to pass, and how a refused notice steps aside."""

from datetime import timedelta

import pytest

from handlers.outbox.codes import CODES, Remedy, remedy_for
from handlers.outbox.turns import Turns
from storage import QueuedNotice
from tests.kit.factories import CHANNEL, MAYA, FakeClock


def _notice(number: int = 1) -> QueuedNotice:
    return QueuedNotice(id=number, kind="decided", facts={}, audience=MAYA, attempts=1)


@pytest.fixture
def turns(clock: FakeClock) -> Turns:
    return Turns(clock)


def test_a_refused_notice_keeps_its_place_for_three_tries_then_waits_ever_longer_by_itself(
    turns: Turns, clock: FakeClock
):
    for wait in (2, 4):
        assert turns.refuse(_notice()) is None
        assert (turns.waiting(), turns.aside()) == ([MAYA], [])
        clock.advance(wait)
        assert turns.waiting() == []
    for minutes in (1, 2, 4, 8, 16, 32, 60, 60, 60):
        assert turns.refuse(_notice()) == timedelta(minutes=minutes)
        assert (turns.waiting(), turns.aside()) == ([], [1]), "others pass it"
        clock.advance(60 * minutes - 1)
        assert turns.aside() == [1]
        clock.advance(1)
        assert turns.aside() == []


def test_what_waits_beside_a_notice_that_was_taken_at_last_is_tried_at_once(turns: Turns, clock: FakeClock):
    other = QueuedNotice(id=9, kind="decided", facts={}, audience=CHANNEL, attempts=1)
    for notice in (_notice(1), _notice(2), _notice(2), _notice(1), _notice(2), _notice(1), *[other] * 3, _notice(2)):
        turns.refuse(notice)
    assert turns.aside() == [1, 2, 9]
    clock.advance(59)
    turns.forget(1)
    assert turns.aside() == [9], "another place has a fault of its own"
    assert turns.refuse(_notice(2)) == timedelta(minutes=4), "it goes on waiting for longer"


def test_a_notice_that_was_taken_has_its_three_tries_again(turns: Turns):
    turns.refuse(_notice())
    turns.refuse(_notice())
    turns.forget(1)
    assert [turns.refuse(_notice()) is None for _ in range(3)] == [True, True, False]


def test_a_fault_passes_unless_slack_took_another_notice_since_the_first_try(turns: Turns):
    assert [turns.is_passing(1) for _ in range(9)] == [True] * 9
    turns.reach()
    assert [turns.is_passing(1) for _ in range(3)] == [False] * 3
    assert turns.is_passing(3), "it was not tried before"
    turns.forget(1)
    assert turns.is_passing(1), "it had its turn, and this is another fault"


def test_a_notice_that_came_to_nothing_is_forgotten(turns: Turns, clock: FakeClock):
    for number in range(5):
        for _ in range(3):
            turns.refuse(_notice(number))
    clock.advance(3 * 3_600)
    assert turns.aside() == []
    assert turns._refused == {}


def test_it_is_known_when_somebody_can_be_written_to_again(turns: Turns, clock: FakeClock):
    idle = timedelta(hours=2)
    assert turns.until_next(idle) == idle
    turns.hold(CHANNEL, timedelta(seconds=90))
    for _ in range(3):
        turns.refuse(_notice())
    assert turns.until_next(idle) == timedelta(seconds=4)
    clock.advance(4)
    assert turns.until_next(idle) == timedelta(seconds=56)
    turns.rest(timedelta(seconds=5))
    assert turns.is_resting()
    clock.advance(5)
    assert not turns.is_resting()


@pytest.mark.parametrize(
    ("code", "in_channel", "in_dm"),
    [
        ("ratelimited", Remedy.WAIT, Remedy.WAIT),
        ("account_inactive", Remedy.WAIT, Remedy.WAIT),
        ("invalid_blocks", Remedy.SEND_PLAINER, Remedy.SEND_PLAINER),
        ("block_mismatch", Remedy.POST_ANEW, Remedy.POST_ANEW),
        ("is_archived", Remedy.STEP_ASIDE, Remedy.GIVE_UP),
        ("channel_not_found", Remedy.STEP_ASIDE, Remedy.GIVE_UP),
        ("messages_tab_disabled", Remedy.STEP_ASIDE, Remedy.STEP_ASIDE),
        ("restricted_action", Remedy.STEP_ASIDE, Remedy.STEP_ASIDE),
        ("never_heard_of", Remedy.STEP_ASIDE, Remedy.STEP_ASIDE),
        ("user_disabled", Remedy.GIVE_UP, Remedy.GIVE_UP),
    ],
)
def test_what_becomes_of_a_message(code: str, in_channel: Remedy, in_dm: Remedy):
    assert remedy_for(code, person=False) is in_channel
    assert remedy_for(code, person=True) is in_dm


@pytest.mark.parametrize("code", CODES)
def test_each_row_has_its_reason(code: str):
    assert CODES[code].reason.endswith(".")
