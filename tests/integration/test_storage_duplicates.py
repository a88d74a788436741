"""What else was asked for the same people within a day, in a real file."""

from datetime import datetime, timedelta
from typing import Final

from bot.domain.duplicate import DUPLICATE_WITHIN
from bot.domain.order import OrderMove
from bot.domain.request import RequestMove
from storage import Storage
from tests.kit.factories import ALEX, MAYA, NOON, ROB, a_new_request, a_recipient, approve, file_request

KIM: Final = "U0KIM0001"
LATER: Final = NOON + timedelta(hours=1)
DAY_BEFORE: Final = LATER - DUPLICATE_WITHIN

#: As many as a request can have.
TEAM: Final = [f"U0TEAM{number:03d}" for number in range(30)]


def others(storage: Storage, request_id: int) -> list[tuple[int, str]]:
    """What else was asked for a request's recipients: its id, and for whom."""
    request = storage.requests.get(request_id)
    assert request is not None
    found = storage.duplicates.others(request, DUPLICATE_WITHIN)
    return [(one.request_id, one.recipient_id) for one in found]


def ask(storage: Storage, *user_ids: str, now: datetime = NOON, **facts: object) -> int:
    recipients = tuple(map(a_recipient, user_ids or (ROB,)))
    return file_request(storage, now=now, recipients=recipients, **facts).id


def test_each_of_a_team_is_found_however_many_requests_each_had(storage: Storage):
    for _ in range(3):
        ask(storage, *TEAM, requester_id=ALEX)
    team = a_new_request(recipients=tuple(map(a_recipient, TEAM)))
    assert storage.duplicates.same(team, DAY_BEFORE, but=()) == dict.fromkeys(TEAM, ALEX)
    assert storage.duplicates.same(team, DAY_BEFORE, but=TEAM[1:]) == {TEAM[0]: ALEX}


def test_who_asked_last_is_told_and_what_the_same_form_asked_for_is_not(storage: Storage):
    rob = a_new_request(submission_id="V1/3")
    assert storage.duplicates.same(rob, DAY_BEFORE, but=()) == {}
    ask(storage, now=DAY_BEFORE, requester_id=ALEX)
    ask(storage, utid="U000001", requester_id=ALEX)
    ask(storage, submission_id="V1")
    ask(storage, submission_id="V1/2")
    assert storage.duplicates.same(rob, DAY_BEFORE, but=()) == {}
    ask(storage, submission_id="V11", requester_id=MAYA)
    ask(storage, submission_id="V12/1", requester_id=ALEX, now=LATER)
    ask(storage, submission_id="V1/1", now=LATER)
    assert storage.duplicates.same(rob, DAY_BEFORE, but=()) == {ROB: ALEX}


def test_of_two_requests_each_is_another_to_the_other(storage: Storage):
    first, second = ask(storage), ask(storage, now=LATER)
    too_early = ask(storage, now=DAY_BEFORE)
    too_late = ask(storage, now=NOON + DUPLICATE_WITHIN)
    assert others(storage, first) == [(second, ROB), (too_early, ROB)]
    assert others(storage, second) == [(too_late, ROB), (first, ROB)]
    assert others(storage, too_early) == [(first, ROB)]
    assert others(storage, too_late) == [(second, ROB)]


def test_many_requests_for_one_person_hide_nobody(storage: Storage):
    for_kim = ask(storage, KIM)
    for _ in range(40):
        ask(storage, ROB, now=LATER)
    of_both = ask(storage, ROB, KIM, now=LATER)
    found = others(storage, of_both)
    assert (for_kim, KIM) in found
    assert len(found) < 40


def test_what_came_to_nothing_for_a_person_is_no_reward_of_theirs(storage: Storage):
    declined, withdrawn, of_both = ask(storage), ask(storage), ask(storage, ROB, KIM)
    request = storage.requests.get(of_both)
    assert request is not None
    rob, _ = approve(storage, request)
    with storage.transaction():
        assert storage.requests.move(declined, RequestMove.DECLINE, by=ALEX, now=NOON)
        assert storage.requests.move(withdrawn, RequestMove.WITHDRAW, by=MAYA, now=NOON)
        assert storage.orders.move(rob, OrderMove.CANCEL, now=NOON)
    assert others(storage, ask(storage, ROB, KIM, now=LATER)) == [(of_both, KIM)]
