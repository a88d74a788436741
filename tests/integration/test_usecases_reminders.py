"""Of two bots that look at the same moment one reminds."""

from collections.abc import Callable
from datetime import timedelta

from bot.usecases.reminders import Reminders
from storage import Storage
from tests.kit.factories import ALEX, NOON, FakeClock, file_request, some_roles


def a_bot(storage: Storage, clock: FakeClock, zone_of: Callable[[str], str] = lambda _: "UTC") -> Reminders:
    return Reminders(
        storage=storage,
        clock=clock,
        roles=some_roles,
        zone_of=zone_of,
        believes=lambda: True,
        after=[timedelta(hours=1), timedelta(hours=2)],
        expire_after=timedelta(days=30),
    )


def told(storage: Storage) -> list[str]:
    rows = storage._database.query("SELECT audience FROM outbox WHERE kind = 'reminder'")
    return [row["audience"] for row in rows]


def send_all(storage: Storage) -> None:
    while queued := storage.outbox.claim():
        storage.outbox.mark_sent(queued, NOON)


def test_two_bots_remind_once(storage: Storage):
    request, clock = file_request(storage), FakeClock(NOON + timedelta(hours=1))

    def zone_of(user_id: str) -> str:
        """While the first bot looks, the second one looks too, and its reminder is sent."""
        del user_id
        if not told(storage):
            a_bot(storage, clock).remind()
            send_all(storage)
        return "UTC"

    a_bot(storage, clock, zone_of).remind()
    assert told(storage) == [ALEX]
    assert storage.reminders.told(request.id) == {ALEX: 2}, "the one of the next hour is of the same day"


def test_a_digest_of_a_clock_that_was_put_back_keeps_nobody_from_the_next(storage: Storage):
    file_request(storage)
    clock = FakeClock(NOON + timedelta(hours=1))
    with storage.transaction():
        assert storage.reminders.begin_digest(ALEX, NOON.date() + timedelta(days=400))
    a_bot(storage, clock).remind()
    assert told(storage) == [ALEX]
