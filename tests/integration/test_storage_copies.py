"""The copies of cards, on both engines."""

from datetime import timedelta
from typing import Final

from bot.domain.notices import ApprovalCard
from storage import Post, Storage, as_stored
from tests.kit.factories import ALEX, NOON, file_request

SAM: Final = "U0SAM0001"
MINUTE: Final = timedelta(minutes=1)


def test_who_has_a_copy_keeps_it(storage: Storage):
    request = file_request(storage)
    storage.copies.add(request.id, [SAM, ALEX])
    storage.copies.set_post(request.id, ALEX, Post("D1", "1.1"))
    storage.copies.add(request.id, [ALEX])
    assert storage.copies.holders(request.id) == [ALEX, SAM]
    assert storage.copies.find(request.id, ALEX) == storage.copies.find_in(request.id, "D1") == Post("D1", "1.1")
    assert storage.copies.find(request.id, SAM) is None
    assert storage.copies.find_in(request.id, "D2") is None


def test_copies_are_posted_again_once_a_minute_also_with_one_that_came_later(storage: Storage):
    request = file_request(storage)
    assert not storage.copies.mark_posted_again(request.id, NOON, NOON - MINUTE), "there are none"
    storage.copies.add(request.id, [ALEX])
    assert storage.copies.mark_posted_again(request.id, NOON, NOON - MINUTE)
    storage.copies.add(request.id, [SAM])
    soon, later = NOON + MINUTE / 2, NOON + MINUTE
    assert not storage.copies.mark_posted_again(request.id, soon, soon - MINUTE)
    assert storage.copies.mark_posted_again(request.id, later, later - MINUTE)


def test_others_have_the_card_unless_slack_has_refused_it(storage: Storage):
    request = file_request(storage)
    notice = ApprovalCard(request.id)
    storage.copies.add(request.id, [ALEX])
    assert not storage.copies.has_others(request.id, ALEX, as_stored(notice))
    storage.copies.add(request.id, [SAM])
    storage.outbox.add(notice, SAM, NOON)
    assert storage.copies.has_others(request.id, ALEX, as_stored(notice)), "it may still be taken"
    claimed = storage.outbox.claim()
    while claimed is not None and claimed.audience != SAM:
        claimed = storage.outbox.claim()
    assert claimed is not None
    storage.outbox.step_aside(claimed, "restricted_action", NOON)
    assert not storage.copies.has_others(request.id, ALEX, as_stored(notice))
    storage.copies.set_post(request.id, SAM, Post("D2", "1.1"))
    assert storage.copies.has_others(request.id, ALEX, as_stored(notice)), "an earlier one was"
    storage.copies.remove(request.id, SAM)
    assert not storage.copies.has_others(request.id, ALEX, as_stored(notice))
