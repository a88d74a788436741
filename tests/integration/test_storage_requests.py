"""Requests in a real file: filed once, decided once, never by their requester."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.money import Money
from bot.domain.request import NewRequest, RequestMove, RequestStatus
from bot.domain.review import Obstacle, ObstacleCode
from storage import Storage
from tests.kit.engines import REFUSED
from tests.kit.factories import ADA, ALEX, MAYA, NOON, ROB, a_new_request, a_recipient, file_request, together


def test_a_request_is_read_as_it_was_filed(storage: Storage):
    new = a_new_request(
        recipients=(a_recipient(ROB, last_name=""), a_recipient(ADA, first_name="Ada"), a_recipient(ALEX)),
        amount=Money(12_345, "KWD"),
        message="Thank you 🎉 <!channel> 'quoted'; -- \\ %s %(id)s :id and more",
        requester_name='Maya "M" O\'Brien',
    )

    with storage.transaction():
        request_id = storage.requests.add(new, NOON)
    assert request_id is not None
    request = storage.requests.get(request_id)

    assert request is not None
    assert {name: getattr(request, name) for name in NewRequest.__dataclass_fields__} == {
        name: getattr(new, name) for name in NewRequest.__dataclass_fields__
    }
    assert (request.id, request.status, request.created_at) == (1, RequestStatus.PENDING_APPROVAL, NOON)
    assert (request.decided_by, request.decided_at, request.reason) == (None, None, None)


def test_recipients_keep_the_order_in_which_they_were_chosen(storage: Storage):
    chosen = tuple(a_recipient(f"U0P{number:05d}") for number in (9, 1, 30, 2, 12))

    assert file_request(storage, recipients=chosen).recipients == chosen


def test_the_same_modal_submitted_twice_is_one_request_and_the_first_stands(storage: Storage):
    first = file_request(storage, submission_id="V1", message="first")

    with storage.transaction():
        assert storage.requests.add(a_new_request(submission_id="V1", message="second"), NOON) is None
        assert storage.requests.add(a_new_request(submission_id="v1"), NOON) is not None, "ids are exact"

    assert storage.requests.get(first.id) == first


def test_a_request_that_is_not_there(storage: Storage):
    assert storage.requests.get(1) is None
    assert storage.requests.get(-1) is None
    assert storage.requests.get(2**63 - 1) is None


@pytest.mark.parametrize(
    ("move", "by", "reason", "status"),
    [
        (RequestMove.APPROVE, ALEX, None, "approved"),
        (RequestMove.DECLINE, ALEX, "Out of budget", "declined"),
        (RequestMove.WITHDRAW, MAYA, None, "withdrawn"),
        (RequestMove.EXPIRE, None, None, "expired"),
    ],
    ids=str,
)
def test_a_decision_is_kept_and_every_other_one_after_it_changes_nothing(
    storage: Storage, move: RequestMove, by: str | None, reason: str | None, status: str
):
    request = file_request(storage)
    decided_at = NOON + timedelta(minutes=5)

    assert storage.requests.move(request.id, move, by=by, now=decided_at, reason=reason)
    decided = storage.requests.get(request.id)

    assert decided is not None
    assert (decided.status, decided.decided_by, decided.decided_at, decided.reason) == (status, by, decided_at, reason)
    for other in RequestMove:
        assert not storage.requests.move(request.id, other, by=ADA, now=decided_at + timedelta(seconds=1))
    assert storage.requests.get(request.id) == decided


def test_a_move_of_a_request_that_is_not_there_changes_nothing(storage: Storage):
    request = file_request(storage)

    assert not storage.requests.move(request.id + 1, RequestMove.APPROVE, by=ALEX, now=NOON)
    assert storage.requests.get(request.id) == request


def test_eight_who_decide_at_once_make_one_decision(storage: Storage):
    """Each in a connection's turn; who wins is whoever the file says decided."""
    for _ in range(10):
        request = file_request(storage)

        def decide(number: int, request_id: int = request.id) -> tuple[str, RequestMove, bool]:
            by, move = f"U0APPR{number:03d}", (RequestMove.APPROVE, RequestMove.DECLINE)[number % 2]
            return by, move, storage.requests.move(request_id, move, by=by, now=NOON)

        [(by, move)] = [(by, move) for by, move, moved in together(8, decide) if moved]
        decided = storage.requests.get(request.id)
        assert decided is not None
        assert decided.decided_by == by
        assert decided.status == {"approve": "approved", "decline": "declined"}[move]


def test_pending_requests_newest_first_of_one_or_of_all(storage: Storage):
    ids = [file_request(storage, requester_id=who).id for who in (MAYA, ADA, MAYA, MAYA, ADA)]
    storage.requests.move(ids[2], RequestMove.WITHDRAW, by=MAYA, now=NOON)
    storage.requests.move(ids[4], RequestMove.EXPIRE, by=None, now=NOON)

    def pending(requester_id: str | None, most: int) -> list[int]:
        return [request.id for request in storage.requests.pending(requester_id=requester_id, most=most)]

    assert pending(None, 10) == [ids[3], ids[1], ids[0]]
    assert pending(None, 2) == [ids[3], ids[1]]
    assert pending(MAYA, 10) == [ids[3], ids[0]]
    assert pending(ADA, 10) == [ids[1]]
    assert pending(ROB, 10) == []

    def after(request_id: int) -> list[int]:
        return [request.id for request in storage.requests.each_pending(request_id)]

    assert after(0) == [ids[0], ids[1], ids[3]]
    assert after(ids[1]) == after(ids[2]) == [ids[3]]
    assert after(ids[3]) == []


def test_the_usual_currency_is_that_of_most_of_the_latest_requests(storage: Storage):
    assert storage.requests.usual_currency() is None
    for currency in ("EUR", "USD", "EUR"):
        file_request(storage, amount=Money(25_00, currency))
    assert storage.requests.usual_currency() == "EUR"
    file_request(storage, amount=Money(25_00, "USD"))
    assert storage.requests.usual_currency() == "USD", "of two alike the later one"


# --------------------------------------------------------------------------- what the file itself refuses


def test_the_file_itself_refuses_an_approval_by_the_requester(storage: Storage):
    request = file_request(storage, requester_id=MAYA)

    with pytest.raises(REFUSED, match=r"(?i)check"):
        storage.requests.move(request.id, RequestMove.APPROVE, by=MAYA, now=NOON)

    assert storage.requests.get(request.id) == request


def test_the_file_itself_refuses_an_approval_by_nobody(storage: Storage):
    """NULL <> requester_id is NULL, which a CHECK lets through: nobody has to be refused by name."""
    request = file_request(storage)

    with pytest.raises(REFUSED, match=r"(?i)check"):
        storage.requests.move(request.id, RequestMove.APPROVE, by=None, now=NOON)

    assert storage.requests.get(request.id) == request


@pytest.mark.parametrize(
    "change",
    [
        "status = 'approved'",
        "status = 'lost', decided_at = 1",
        "decided_at = 1",
        "amount_minor = 0",
        "amount_minor = -1",
        "amount_minor = NULL",
        "amount_minor = 'many'",
        "currency = 'US'",
        "currency = NULL",
        "requester_id = NULL",
        "created_at = 'yesterday'",
        f"message = '{'x' * 3_001}'",
    ],
)
def test_the_file_itself_refuses_what_a_request_cannot_be(storage: Storage, change: str):
    request = file_request(storage)

    with pytest.raises(REFUSED):
        storage._database.execute(f"UPDATE requests SET {change}")  # noqa: S608 (the table above)

    assert storage.requests.get(request.id) == request


@pytest.mark.file  # PostgreSQL rounds it; the stores write whole numbers alone
def test_the_file_refuses_half_a_cent(storage: Storage):
    file_request(storage)

    with pytest.raises(REFUSED):
        storage._database.execute("UPDATE requests SET amount_minor = 1.5")


@pytest.mark.parametrize(
    ("facts", "refused"),
    [
        pytest.param({"recipients": (a_recipient(), a_recipient())}, "(?i)unique", id="a recipient twice"),
        pytest.param({"amount": Money(0, "USD")}, "(?i)check", id="nothing"),
        pytest.param({"amount": Money(-1, "USD")}, "(?i)check", id="less than nothing"),
        pytest.param({"message": "x" * 3_001}, "(?i)check", id="a message of 3,001 characters"),
    ],
)
def test_a_request_that_is_refused_leaves_nothing(storage: Storage, facts: dict[str, Any], refused: str):
    with pytest.raises(REFUSED, match=refused):
        file_request(storage, **facts)

    assert storage.requests.get(1) is None
    assert storage.requests.pending(requester_id=None, most=10) == []


def test_a_message_of_3000_characters_is_taken_whole(storage: Storage):
    message = "é🎉" * 1_500

    assert file_request(storage, message=message).message == message


def test_what_stands_against_a_request_is_news_once_and_only_while_it_waits(storage: Storage):
    request = file_request(storage)
    left = [Obstacle(ObstacleCode.LEFT, ROB)]

    assert not storage.requests.set_obstacles(request.id, [])
    assert [storage.requests.set_obstacles(request.id, left) for _ in range(2)] == [True, False]
    assert storage.requests.set_obstacles(request.id, [])
    assert storage.requests.set_obstacles(request.id, left)
    storage.requests.move(request.id, RequestMove.DECLINE, by=ALEX, now=NOON, reason="no")
    assert not storage.requests.set_obstacles(request.id, [])

    declined = storage.requests.get(request.id)
    assert declined is not None
    assert declined.obstacles == tuple(left)


def test_time_runs_from_now_on_where_it_is_not_known_or_lies_ahead(storage: Storage):
    hour = timedelta(hours=1)
    ahead, known, decided = (file_request(storage, now=now) for now in (NOON + 2 * hour, NOON, NOON + 2 * hour))
    storage.requests.move(decided.id, RequestMove.WITHDRAW, by=MAYA, now=NOON)
    storage._database.execute("UPDATE requests SET waits_since = NULL WHERE id = :id", {"id": known.id})

    storage.requests.start_waiting(NOON + hour)
    storage.requests.start_waiting(NOON + 2 * hour)

    found = [storage.requests.get(one.id) for one in (ahead, known, decided)]
    assert [one.waits_since if one else None for one in found] == [NOON + hour, NOON + hour, NOON + 2 * hour]
    assert [one.id for one in storage.requests.overdue(NOON + hour, 9)] == [ahead.id, known.id]
    assert storage.requests.overdue(NOON + hour - timedelta(milliseconds=1), 9) == []
