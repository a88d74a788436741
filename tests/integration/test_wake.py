"""Who has something to do after a commit is woken by the commit itself, wherever it was made."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import Kudos
from bot.domain.notices import Decided
from bot.domain.queue import HaltCause
from bot.loop import Worker
from bot.sandbox.slack import people
from storage import Storage, Touched
from tests.kit.bot import World, shift_of, take_duty, tellers_of
from tests.kit.factories import MAYA, NOON, accept, claim, enqueue, file_request

# ---------------------------------------------------------------------------------------- the commit


@pytest.fixture
def told(storage: Storage) -> list[frozenset[Touched]]:
    """What was told after each commit."""
    told: list[frozenset[Touched]] = []
    storage.on_commit(told.append)
    return told


def test_a_commit_tells_once_what_it_left_to_do(storage: Storage, told: list[frozenset[Touched]]):
    request = file_request(storage)
    assert told == [], "a request alone leaves nothing to do"
    with storage.transaction():
        storage.outbox.add(Decided(request.id), MAYA, NOON)
        storage.outbox.add(Decided(request.id + 1), MAYA, NOON)
        assert told == [], "it is not on the disk yet"
    assert told == [{Touched.OUTBOX}]


def test_a_write_outside_of_a_transaction_tells_at_once(storage: Storage, told: list[frozenset[Touched]]):
    storage.outbox.add(Decided(1), MAYA, NOON)
    assert told == [{Touched.OUTBOX}]


def test_what_was_rolled_back_is_not_told(storage: Storage, told: list[frozenset[Touched]]):
    def break_off() -> None:
        with storage.transaction():
            storage.outbox.add(Decided(1), MAYA, NOON)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        break_off()
    with storage.transaction():
        pass
    assert told == []


def test_orders_resends_and_a_queue_that_goes_on_are_told(storage: Storage, told: list[frozenset[Touched]]):
    order = accept(storage, enqueue(storage))
    assert told == [{Touched.ORDERS}], "a claim leaves nothing to do, nor does an order that is accepted"
    later = NOON + timedelta(minutes=1)
    assert storage.resends.claim(order, requested_by=MAYA, sent_before=later, now=later) is not None
    assert storage.queue.pause(NOON)
    assert storage.queue.unpause()
    assert not storage.queue.unpause(), "it was not paused"
    assert told[1:] == [{Touched.RESENDS}, {Touched.QUEUE}]


def test_who_is_told_may_wait_for_another_thread_that_uses_the_file(storage: Storage):
    found: list[object] = []
    with ThreadPoolExecutor(1) as pool:
        storage.on_commit(lambda _: found.append(pool.submit(storage.outbox.claim).result(30)))
        with storage.transaction():
            storage.outbox.add(Decided(1), MAYA, NOON)
    assert found != [None]


def test_a_commit_stands_although_nobody_could_be_told(storage: Storage, caplog: pytest.LogCaptureFixture):
    def fail(_: frozenset[Touched]) -> None:
        raise RuntimeError("nobody there")

    storage.on_commit(fail)
    with storage.transaction():
        storage.outbox.add(Decided(1), MAYA, NOON)
    assert storage.outbox.claim() is not None
    assert "Nobody could be told" in caplog.text


# ----------------------------------------------------------------------------------------- the bot


@pytest.fixture
def bot(tmp_path: Path, database: Path | str) -> Iterator[Kudos]:
    """A bot that is not started: its queue is worked step by step, and its other workers sleep until they are woken."""
    with World(tmp_path, where=database) as world:
        world.stop()
        bot = Kudos(world._settings(), world.clock)
        bot._directory.refresh_roles()
        take_duty(bot)
        yield bot
        bot.stop()


def _is_awake(worker: Worker) -> bool:
    return worker._wake.is_set()


def _asleep(bot: Kudos) -> Storage:
    """The bot's storage, once all that was woken so far is asleep again."""
    for worker in (*tellers_of(bot), shift_of(bot).dispatcher):
        worker._worker._wake.clear()
    return bot._storage


def test_an_order_that_is_set_aside_is_asked_about_at_once(bot: Kudos):
    order = enqueue(bot._storage, requester_id=people.MAYA)
    first = int((NOON - timedelta(days=90)).timestamp() * 1_000)
    storage = _asleep(bot)
    storage._database.execute("UPDATE orders SET first_attempt_at = :at WHERE id = :id", {"at": first, "id": order.id})
    shift_of(bot).dispatcher.run_once()
    assert _is_awake(shift_of(bot).dispatcher._worker)


def test_an_order_that_is_watched_no_more_is_told_at_once(bot: Kudos):
    order = accept(bot._storage, enqueue(bot._storage), tango_status="PENDING", last_sent_at=None)
    bot._storage.tango_status.watch(order.id, NOON)
    storage = _asleep(bot)
    storage._database.execute("UPDATE orders SET watches = 10000 WHERE id = :id", {"id": order.id})
    shift_of(bot).dispatcher.run_once()
    assert _is_awake(tellers_of(bot)[0]._worker)


def test_a_resend_that_was_interrupted_is_told_at_once(bot: Kudos):
    order = accept(bot._storage, enqueue(bot._storage))
    later = NOON + timedelta(minutes=1)
    bot._storage.resends.claim(order, requested_by=people.MAYA, sent_before=later, now=later)
    bot._storage.resends.take()
    _asleep(bot)
    shift_of(bot).dispatcher.rescue_stale(timedelta(0))
    assert _is_awake(tellers_of(bot)[0]._worker)


@pytest.mark.file
def test_a_database_that_fails_is_logged_a_few_times_however_often_the_workers_are_woken(
    world: World, caplog: pytest.LogCaptureFixture
):
    world.damage_file()
    for _ in range(300):
        world.wake()
        time.sleep(0.01)  # a worker that would look again has the time to
    failures = [record for record in caplog.records if "could not go on" in record.message]
    assert 0 < len(failures) < 100


def test_a_resend_wakes_the_queue_at_once(bot: Kudos):
    before = NOON - timedelta(minutes=1)
    order = accept(bot._storage, enqueue(bot._storage, now=before, requester_id=people.MAYA), now=before)
    _asleep(bot)
    assert bot._storage.resends.claim(order, requested_by=people.MAYA, sent_before=NOON, now=NOON)
    assert _is_awake(shift_of(bot).dispatcher._worker)


def test_a_queue_that_goes_on_or_is_probed_is_looked_at_at_once(bot: Kudos):
    queue = bot._storage.queue
    queue.pause(NOON)
    _asleep(bot)
    assert queue.unpause()
    assert _is_awake(shift_of(bot).dispatcher._worker)
    queue.halt(HaltCause.FORBIDDEN, now=NOON, probe_at=NOON + timedelta(minutes=1))
    _asleep(bot)
    assert queue.probe_now(NOON)
    assert _is_awake(shift_of(bot).dispatcher._worker)
    _asleep(bot)
    assert queue.resume(NOON)
    assert _is_awake(shift_of(bot).dispatcher._worker)


def test_an_order_and_a_watch_wake_the_queue_at_once(bot: Kudos):
    _asleep(bot)
    order = enqueue(bot._storage)
    assert _is_awake(shift_of(bot).dispatcher._worker)
    accept(bot._storage, order, tango_status="PENDING", last_sent_at=None)
    _asleep(bot)
    assert bot._storage.tango_status.watch(order.id, NOON)
    assert _is_awake(shift_of(bot).dispatcher._worker)


def test_a_notice_wakes_both_who_send_notices(bot: Kudos):
    _asleep(bot).outbox.add(Decided(1), MAYA, NOON)
    assert _is_awake(tellers_of(bot)[0]._worker)
    assert _is_awake(tellers_of(bot)[1]._worker)
    assert not _is_awake(shift_of(bot).dispatcher._worker)


def test_an_order_that_comes_back_wakes_the_queue_and_has_its_card_rewritten(bot: Kudos):
    claim(bot._storage, enqueue(bot._storage))
    _asleep(bot)
    shift_of(bot).dispatcher.rescue_all()
    assert _is_awake(shift_of(bot).dispatcher._worker)
    assert _is_awake(tellers_of(bot)[0]._worker)
