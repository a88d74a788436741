"""The outbox in a real file: each notice once while it waits, in order for each audience, never lost."""

from collections.abc import Callable
from dataclasses import fields
from datetime import timedelta
from typing import Any, get_args

import pytest

from bot.domain.notice_kinds import notice_from
from bot.domain.notices import (
    APPROVALS,
    ApprovalCard,
    Decided,
    Notice,
    OrderFailed,
    QueueHold,
    Receipt,
    RequestChanged,
    RewardDelivery,
)
from bot.domain.outbox import NOTICE_MOVES, NoticeMove, NoticeStatus
from storage import Post, Storage
from storage.outbox import QueuedNotice
from tests.kit.engines import REFUSED
from tests.kit.factories import ADA, CHANNEL, MAYA, NOON, ROB, file_request, together


def add(storage: Storage, *notices: tuple[Notice, str]) -> None:
    for notice, audience in notices:
        storage.outbox.add(notice, audience, NOON)


def claim(storage: Storage, *waiting: str) -> QueuedNotice:
    delivery = storage.outbox.claim(waiting=waiting)
    assert delivery is not None, "nothing to tell"
    return delivery


def all_left(storage: Storage) -> list[tuple[Notice, str]]:
    """What is still told, in its order."""
    left = []
    while delivery := storage.outbox.claim():
        left.append((notice_of(delivery), delivery.audience))
        storage.outbox.mark_sent(delivery, NOON)
    return left


def notice_of(delivery: QueuedNotice) -> Notice:
    return notice_from(delivery.kind, delivery.facts)


def statuses(storage: Storage) -> list[str]:
    return [row["status"] for row in storage._database.query("SELECT status FROM outbox ORDER BY id")]


@pytest.mark.parametrize("kind", get_args(Notice), ids=lambda kind: str(kind.kind))
def test_every_notice_comes_out_as_it_went_in(storage: Storage, kind: type[Notice]):
    facts: list[Any] = ["frozen 'for' good" if field.type is str else 12 for field in fields(kind)]
    notice = kind(*facts)

    add(storage, (notice, MAYA))
    delivery = storage.outbox.claim(deliveries=kind is RewardDelivery)
    assert delivery is not None

    assert notice_of(delivery) == notice
    assert (delivery.audience, delivery.attempts) == (MAYA, 1)


def test_a_notice_that_waits_is_not_written_twice(storage: Storage):
    add(
        storage,
        (ApprovalCard(1), CHANNEL),
        (ApprovalCard(1), CHANNEL),
        (ApprovalCard(2), CHANNEL),
        (ApprovalCard(1), MAYA),
        (Receipt(1), CHANNEL),
    )

    assert storage.backlog.size().notices == 4
    assert all_left(storage) == [
        (ApprovalCard(1), CHANNEL),
        (ApprovalCard(1), MAYA),
        (ApprovalCard(2), CHANNEL),
        (Receipt(1), CHANNEL),
    ]


def test_a_notice_that_is_being_told_is_written_again_because_it_may_have_been_worded_before(storage: Storage):
    add(storage, (ApprovalCard(1), CHANNEL))
    claim(storage)
    add(storage, (ApprovalCard(1), CHANNEL))

    assert all_left(storage) == [(ApprovalCard(1), CHANNEL)]


def test_a_notice_that_was_told_can_be_told_anew(storage: Storage):
    for _ in range(2):
        add(storage, (QueueHold(1), ADA))
        assert all_left(storage) == [(QueueHold(1), ADA)]

    assert storage.backlog.size().notices == 0
    assert statuses(storage) == ["sent", "sent"]


def test_nothing_is_claimed_for_an_audience_that_must_wait_and_the_others_do_not_wait_for_it(storage: Storage):
    add(storage, (ApprovalCard(1), CHANNEL), (Receipt(1), MAYA), (ApprovalCard(2), CHANNEL), (Receipt(2), ROB))

    assert claim(storage, CHANNEL).audience == MAYA
    assert claim(storage, CHANNEL).audience == ROB
    assert storage.outbox.claim(waiting=[CHANNEL]) is None
    assert storage.outbox.claim(waiting=[CHANNEL, MAYA, ROB]) is None
    assert [notice_of(claim(storage)) for _ in range(2)] == [ApprovalCard(1), ApprovalCard(2)]


def test_one_worker_takes_the_deliveries_alone_and_the_other_all_but_these(storage: Storage):
    add(storage, (ApprovalCard(1), CHANNEL), (Receipt(1), MAYA), (RewardDelivery(1), ROB), (Decided(1), MAYA))

    def claimed(*, deliveries: bool) -> list[Notice]:
        told = []
        while delivery := storage.outbox.claim(waiting=[ADA], deliveries=deliveries):
            told.append(notice_of(delivery))
        return told

    assert storage.outbox.claim(waiting=[MAYA, ROB], deliveries=True) is None
    assert claimed(deliveries=True) == [RewardDelivery(1)]
    assert claimed(deliveries=False) == [ApprovalCard(1), Receipt(1), Decided(1)]


@pytest.mark.parametrize("waiting", [["%"], [""], ["c0rewards"], ['"]'], ["' OR 1=1 --"], ["NULL"]], ids=repr)
def test_audiences_are_compared_exactly(storage: Storage, waiting: list[str]):
    add(storage, (ApprovalCard(1), CHANNEL))

    assert storage.outbox.claim(waiting=waiting) is not None


def test_a_notice_that_could_not_be_told_keeps_its_place(storage: Storage):
    add(storage, (Decided(1), MAYA), (RequestChanged(1), MAYA))

    first = claim(storage)
    storage.outbox.put_back(first.id, NOON)
    second = claim(storage)

    assert (second.id, notice_of(second), second.attempts) == (first.id, Decided(1), 2)
    storage.outbox.mark_sent(second, NOON)
    assert all_left(storage) == [(RequestChanged(1), MAYA)]


def test_a_notice_that_could_not_be_told_gives_way_to_the_same_one_written_since(storage: Storage):
    add(storage, (ApprovalCard(1), CHANNEL))
    first = claim(storage)
    add(storage, (ApprovalCard(1), CHANNEL))

    storage.outbox.put_back(first.id, NOON)

    assert statuses(storage) == ["superseded", "pending"]
    assert storage.backlog.size().notices == 1
    assert all_left(storage) == [(ApprovalCard(1), CHANNEL)]


def test_of_a_notice_that_is_put_back_while_the_same_is_written_one_waits(storage: Storage):
    add(storage, (ApprovalCard(1), CHANNEL))
    told = claim(storage)

    def act(number: int) -> None:
        if number:
            storage.outbox.put_back(told.id, NOON)
        else:
            add(storage, (ApprovalCard(1), CHANNEL))

    for _ in range(20):
        together(2, act)
        assert storage.backlog.size().notices == 1
        told = claim(storage)


def test_another_notice_of_the_same_kind_takes_no_ones_place(storage: Storage):
    add(storage, (ApprovalCard(1), CHANNEL))
    first = claim(storage)
    add(storage, (ApprovalCard(2), CHANNEL), (ApprovalCard(1), MAYA), (Receipt(1), CHANNEL))

    storage.outbox.put_back(first.id, NOON)

    assert statuses(storage) == ["pending"] * 4
    assert claim(storage).id == first.id


def test_a_notice_that_can_never_be_told_is_closed_with_its_reason(storage: Storage):
    add(storage, (OrderFailed(1), ROB), (OrderFailed(2), ROB))

    storage.outbox.mark_undeliverable(claim(storage), "account_inactive", NOON)

    assert statuses(storage) == ["undeliverable", "pending"]
    assert storage._database.query("SELECT problem FROM outbox ORDER BY id")[0]["problem"] == "account_inactive"
    assert all_left(storage) == [(OrderFailed(2), ROB)]


def test_a_notice_that_steps_aside_is_passed_and_keeps_its_problem_until_it_is_sent(storage: Storage):
    add(storage, (Decided(1), MAYA), (Decided(2), MAYA))
    stuck = claim(storage)

    assert storage.outbox.step_aside(stuck, "restricted_action", NOON)
    passing = storage.outbox.claim(aside=[stuck.id])
    assert passing is not None
    assert notice_of(passing) == Decided(2)
    assert storage.outbox.claim(aside=[stuck.id]) is None
    again = claim(storage)
    assert (again.id, again.attempts) == (stuck.id, 2)
    assert not storage.outbox.step_aside(again, "is_archived", NOON), "somebody has heard of it"
    rows = "SELECT status, problem FROM outbox WHERE id = 1"
    assert storage._database.query(rows) == [{"status": "pending", "problem": "restricted_action"}]
    storage.outbox.mark_sent(claim(storage), NOON)
    assert storage._database.query(rows) == [{"status": "sent", "problem": None}]


def test_the_rescue_puts_back_everything_that_was_being_told_in_its_place(storage: Storage):
    add(storage, (Decided(1), MAYA), (Receipt(1), MAYA), (ApprovalCard(1), CHANNEL), (Decided(2), MAYA))
    told = claim(storage)
    storage.outbox.mark_sent(told, NOON)
    claim(storage)
    claim(storage)
    add(storage, (ApprovalCard(1), CHANNEL))

    assert storage.outbox.rescue(NOON) == 2
    assert statuses(storage) == ["sent", "pending", "superseded", "pending", "pending"]
    assert all_left(storage) == [(Receipt(1), MAYA), (ApprovalCard(1), CHANNEL), (Decided(2), MAYA)]
    assert storage.outbox.rescue(NOON) == 0


def test_requesters_take_turns_on_the_approvals_channel(storage: Storage):
    mayas = [file_request(storage, requester_id=MAYA).id for _ in range(300)]
    add(storage, *((ApprovalCard(number), APPROVALS) for number in mayas))
    for _ in range(100):
        storage.outbox.mark_sent(claim(storage), NOON)
    priyas = [file_request(storage, requester_id="U0PRIYA01").id for _ in range(2)]
    add(storage, *((ApprovalCard(number), APPROVALS) for number in priyas))

    told = [notice.request_id for notice, _ in all_left(storage) if isinstance(notice, ApprovalCard)]

    assert told[:5] == [mayas[100], priyas[0], mayas[101], priyas[1], mayas[102]]
    assert told == [*told[:5], *mayas[103:]], "each requester's own in their order"


def test_a_reader_with_few_notices_does_not_wait_for_one_with_many(storage: Storage):
    add(storage, *((OrderFailed(number), MAYA) for number in range(300)), (OrderFailed(1), ROB), (OrderFailed(2), ROB))

    told = [audience for _, audience in all_left(storage)]

    assert told[:5] == [MAYA, ROB, MAYA, ROB, MAYA]


def test_a_reader_gets_their_notices_in_order_also_when_one_is_put_back(storage: Storage):
    add(storage, *((OrderFailed(number), MAYA) for number in range(3)))
    storage.outbox.mark_sent(claim(storage), NOON)
    second = claim(storage)
    add(storage, (OrderFailed(3), MAYA))
    storage.outbox.put_back(second.id, NOON)

    assert all_left(storage) == [(OrderFailed(number), MAYA) for number in (1, 2, 3)]


def test_threads_tell_each_notice_once(storage: Storage):
    add(storage, *((OrderFailed(number), MAYA) for number in range(40)))

    def work(_: int) -> list[Notice]:
        told = []
        while delivery := storage.outbox.claim():
            told.append(notice_of(delivery))
            storage.outbox.mark_sent(delivery, NOON)
        return told

    told = [notice for by_thread in together(4, work) for notice in by_thread]

    assert len(told) == 40
    assert set(told) == {OrderFailed(number) for number in range(40)}


def test_a_notice_is_written_with_the_transition_it_tells_of_or_not_at_all(storage: Storage):
    def half() -> None:
        with storage.transaction():
            add(storage, (Receipt(1), MAYA))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()

    assert storage.backlog.size().notices == 0
    assert storage.outbox.claim() is None


def test_a_notice_holds_ids_and_nothing_private(storage: Storage):
    request = file_request(storage)
    add(storage, (ApprovalCard(request.id), CHANNEL))

    [row] = storage._database.query("SELECT facts FROM outbox")

    assert row["facts"] == f'{{"request_id": {request.id}}}'


# --------------------------------------------------------------------------------------------- posts


def test_where_a_message_stands_is_remembered_for_each_kind_and_request(storage: Storage):
    one, two = file_request(storage).id, file_request(storage).id

    storage.outbox.set_post("approval_card", one, Post(CHANNEL, "1.1"))
    storage.outbox.set_post("receipt", one, Post("D0MAYA001", "1.2"))
    storage.outbox.set_post("approval_card", two, Post(CHANNEL, "1.3"))
    storage.outbox.set_post("approval_card", two, Post("C0OTHER01", "1.4"))

    assert storage.outbox.find_post("approval_card", one) == Post(CHANNEL, "1.1")
    assert storage.outbox.find_post("receipt", one) == Post("D0MAYA001", "1.2")
    assert storage.outbox.find_post("approval_card", two) == Post("C0OTHER01", "1.4")
    assert storage.outbox.find_post("receipt", two) is None


def test_there_is_no_message_about_a_request_that_is_not_there(storage: Storage):
    with pytest.raises(REFUSED, match=r"(?i)foreign key"):
        storage.outbox.set_post("approval_card", 1, Post(CHANNEL, "1.1"))


def _superseded(storage: Storage, queued: QueuedNotice) -> None:
    add(storage, (notice_of(queued), queued.audience))
    storage.outbox.put_back(queued.id, NOON)


@pytest.mark.parametrize(
    ("move", "make"),
    [
        (NoticeMove.PUT_BACK, lambda storage, queued: storage.outbox.put_back(queued.id, NOON)),
        (NoticeMove.SEND, lambda storage, queued: storage.outbox.mark_sent(queued, NOON)),
        (NoticeMove.SUPERSEDE, _superseded),
        (NoticeMove.GIVE_UP, lambda storage, queued: storage.outbox.mark_undeliverable(queued, "is_archived", NOON)),
    ],
)
def test_the_row_of_a_notice_moves_as_the_table_says(
    storage: Storage, move: NoticeMove, make: Callable[[Storage, QueuedNotice], None]
):
    add(storage, (Decided(1), MAYA))
    queued = claim(storage)
    assert statuses(storage) == [NOTICE_MOVES[NoticeStatus.PENDING, NoticeMove.CLAIM]]
    make(storage, queued)
    assert statuses(storage)[0] == NOTICE_MOVES[NoticeStatus.SENDING, move]


def test_a_notice_that_is_asked_for_anew_stands_for_the_one_that_waits(storage: Storage):
    add(storage, (Decided(1), MAYA), (Decided(1), ADA))
    storage.outbox.add_anew(Decided(1), MAYA, NOON)
    states = [NoticeStatus.SUPERSEDED, NoticeStatus.PENDING, NoticeStatus.PENDING]
    assert statuses(storage) == states
    assert states[0] == NOTICE_MOVES[NoticeStatus.PENDING, NoticeMove.SUPERSEDE]
    assert all_left(storage) == [(Decided(1), ADA), (Decided(1), MAYA)]


def test_a_notice_that_is_being_sent_is_not_asked_for_in_vain(storage: Storage):
    add(storage, (Decided(1), MAYA))
    queued = claim(storage)
    storage.outbox.add_anew(Decided(1), MAYA, NOON)
    storage.outbox.put_back(queued.id, NOON)
    assert all_left(storage) == [(Decided(1), MAYA)]


def test_a_message_is_posted_again_once_in_a_while(storage: Storage):
    request = file_request(storage)

    def again(seconds: int) -> bool:
        now = NOON + timedelta(seconds=seconds)
        return storage.outbox.mark_posted_again("approval_card", request.id, now, now - timedelta(minutes=1))

    assert not again(0), "it is nowhere"
    storage.outbox.set_post("approval_card", request.id, Post(CHANNEL, "1.1"))
    assert [again(seconds) for seconds in (0, 1, 59, 60, 61)] == [True, False, False, True, False]
    assert again(-3_600), "the clock was put back"


def test_of_eight_who_press_at_once_one_has_the_message_posted(storage: Storage):
    request = file_request(storage)
    storage.outbox.set_post("approval_card", request.id, Post(CHANNEL, "1.1"))
    since = NOON - timedelta(minutes=1)
    made = together(8, lambda _: storage.outbox.mark_posted_again("approval_card", request.id, NOON, since))
    assert sum(made) == 1


def test_what_slack_refused_so_far_is_counted_by_its_code(storage: Storage):
    add(storage, (Decided(1), MAYA), (Decided(2), MAYA), (Decided(3), MAYA), (Decided(4), ADA))
    aside: list[int] = []
    for code in ("restricted_action", "restricted_action", "messages_tab_disabled"):
        refused = storage.outbox.claim(waiting=[ADA], aside=aside)
        assert refused is not None
        storage.outbox.step_aside(refused, code, NOON)
        aside.append(refused.id)
    assert storage.backlog.refused_notices() == {"restricted_action": 2, "messages_tab_disabled": 1}
    assert len(all_left(storage)) == 4
    assert storage.backlog.refused_notices() == {}


def test_only_a_notice_that_is_being_sent_is_put_back(storage: Storage):
    add(storage, (Decided(1), MAYA), (Decided(2), MAYA), (Decided(3), MAYA))
    sent, gone, waits = claim(storage), claim(storage), 3
    storage.outbox.mark_sent(sent, NOON)
    storage.outbox.mark_undeliverable(gone, "channel_not_found", NOON)
    for notice_id in (sent.id, gone.id, waits):
        storage.outbox.put_back(notice_id, NOON)
    assert statuses(storage) == ["sent", "undeliverable", "pending"]
