"""Orders that wait for a date: let go when it has come, whatever became of clocks and of the rules of zones."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

from bot.domain.order import Order, OrderMove
from bot.domain.request import Details, Request, RequestMove
from bot.domain.schedule import Schedule, civil_from
from bot.errors import AlreadyDecided, InvalidForm, NotFound, WrongState
from bot.faults import FaultCode
from bot.usecases.schedules import Schedules
from storage import Storage
from tests.kit.factories import ALEX, MAYA, NOON, FakeClock, a_batch, a_recipient, approve, file_request

#: 7:00 UTC: the clocks of Berlin have been put forward the day before.
AT: Final = civil_from("2026-03-30T09:00")
MOMENT: Final = datetime(2026, 3, 30, 7, tzinfo=UTC)
BERLIN: Final = Schedule(AT, "Europe/Berlin")
#: Later, where each person is.
LATER: Final = Schedule(civil_from("2026-04-02T10:00"))
MINUTE: Final = timedelta(minutes=1)


def filed(storage: Storage, schedule: Schedule = BERLIN, **facts: Any) -> Request:
    return file_request(storage, **{"details": Details(schedule=schedule), **facts})


def scheduled(storage: Storage, *, not_before: datetime = MOMENT, schedule: Schedule = BERLIN) -> Order:
    return approve(storage, filed(storage, schedule), not_before=not_before, schedule=schedule)[0]


def schedules(
    storage: Storage, clock: FakeClock, world_time: Callable[[], datetime | None] | None = None, **facts: Any
) -> Schedules:
    return Schedules(storage=storage, clock=clock, world_time=world_time or clock.now, **facts)


def again(storage: Storage, order: Order) -> Order:
    found = storage.orders.get(order.id)
    assert found is not None
    return found


def is_held(storage: Storage, order: Order) -> bool:
    return again(storage, order).is_held


def claimed(storage: Storage, clock: FakeClock) -> int | None:
    with storage.transaction():
        order = storage.orders.claim(clock.now())
    return order.id if order else None


def reference_of(storage: Storage, order: Order) -> str:
    return stored(storage, order.request_id).reference


def stored(storage: Storage, request_id: int) -> Request:
    request = storage.requests.get(request_id)
    assert request is not None
    return request


# ------------------------------------------------------------------------------------------- when it is due


@pytest.mark.parametrize(
    ("civil", "moment"),
    [
        ("2026-03-30T09:00", MOMENT),
        ("2026-03-29T02:30", datetime(2026, 3, 29, 1, 30, tzinfo=UTC)),  # the clocks pass over it
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # they show it twice
    ],
)
def test_an_order_is_let_go_when_its_date_has_come_and_not_before(
    storage: Storage, clock: FakeClock, civil: str, moment: datetime
):
    schedule = Schedule(civil_from(civil), "Europe/Berlin")
    order = scheduled(storage, schedule=schedule, not_before=schedule.due())
    waits = schedules(storage, clock)
    clock.set(moment - timedelta(seconds=1))
    waits.look()
    assert is_held(storage, order)
    assert claimed(storage, clock) is None
    clock.set(moment)
    waits.look()
    assert not is_held(storage, order)
    assert claimed(storage, clock) == order.id


def test_the_end_of_a_hold_does_not_let_it_go(storage: Storage, clock: FakeClock):
    order = scheduled(storage)
    with storage.transaction():
        assert storage.undo.release([order.request_id], clock.now()) == set()
    assert is_held(storage, order)
    assert storage.undo.held(0) == []


@pytest.mark.parametrize("ahead", [timedelta(hours=12), timedelta(days=300)])
def test_a_clock_that_was_put_forward_lets_nothing_go(storage: Storage, clock: FakeClock, ahead: timedelta):
    order = scheduled(storage)
    waits = schedules(storage, clock, lambda: MOMENT - MINUTE)
    clock.set(MOMENT - MINUTE + ahead)
    waits.look()
    assert is_held(storage, order)


@pytest.mark.parametrize("behind", [timedelta(hours=12), timedelta(days=300)])
def test_a_clock_that_was_put_back_holds_nothing_for_longer(storage: Storage, clock: FakeClock, behind: timedelta):
    order = scheduled(storage)
    clock.set(MOMENT - behind)
    schedules(storage, clock, lambda: MOMENT).look()
    assert claimed(storage, clock) == order.id


def test_nothing_is_let_go_while_nobody_tells_the_time(storage: Storage, clock: FakeClock):
    order = scheduled(storage)
    clock.set(MOMENT)
    schedules(storage, clock, lambda: None).look()
    assert is_held(storage, order)


def test_nobody_is_asked_the_time_while_nothing_waits(storage: Storage, clock: FakeClock):
    def unasked() -> datetime:
        raise AssertionError("asked")

    approve(storage, file_request(storage), not_before=MOMENT)  # for a hold
    schedules(storage, clock, unasked).look()


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_first_look_finds_the_moment_anew(storage: Storage, clock: FakeClock, hours: int):
    """The rules of the zone were others when it was approved."""
    order = scheduled(storage, not_before=MOMENT + timedelta(hours=hours))
    clock.set(MOMENT - MINUTE)
    schedules(storage, clock).look()
    assert is_held(storage, order)
    clock.set(MOMENT)
    schedules(storage, clock).look()
    assert not is_held(storage, order)


def test_the_first_look_leaves_the_time_for_an_undo(storage: Storage, clock: FakeClock):
    order = approve(storage, filed(storage), now=MOMENT, not_before=MOMENT + 5 * MINUTE, schedule=BERLIN)[0]
    clock.set(MOMENT + MINUTE)
    schedules(storage, clock, undo_within=5 * MINUTE).look()
    assert again(storage, order).not_before == MOMENT + 5 * MINUTE


def test_a_date_that_was_just_changed_counts(storage: Storage, clock: FakeClock):
    """Between the look at what is due and the end of the hold."""
    order = scheduled(storage)
    clock.set(MOMENT)

    def meanwhile() -> datetime:
        schedules(storage, clock).change(reference_of(storage, order), MAYA, LATER)
        return MOMENT

    schedules(storage, clock, meanwhile).look()
    assert is_held(storage, order)


# ------------------------------------------------------------------------------------------- another date


def test_the_requester_chooses_another_date(storage: Storage, clock: FakeClock):
    order = scheduled(storage)
    schedules(storage, clock).change(reference_of(storage, order), MAYA, LATER)
    changed, request = again(storage, order), stored(storage, order.request_id)
    assert request.details.schedule == LATER
    zone = request.recipients[0].zone
    assert (changed.schedule, changed.not_before) == (Schedule(LATER.at, zone), LATER.due(zone))
    assert changed.available_at == changed.not_before


def test_an_earlier_date_leaves_the_time_for_an_undo(storage: Storage, clock: FakeClock):
    order = scheduled(storage)
    soon = Schedule((clock.now() + MINUTE).replace(tzinfo=None), "UTC")
    schedules(storage, clock, undo_within=5 * MINUTE).change(reference_of(storage, order), MAYA, soon)
    assert again(storage, order).not_before == NOON + 5 * MINUTE


def test_what_waits_for_approval_gets_another_date(storage: Storage, clock: FakeClock):
    request = filed(storage)
    schedules(storage, clock).change(request.reference, MAYA, LATER)
    assert stored(storage, request.id).details.schedule == LATER
    assert stored(storage, request.id).is_pending


def test_of_several_those_that_still_wait_get_another_date(storage: Storage, clock: FakeClock):
    people = (a_recipient("U1", zone="Asia/Tokyo"), a_recipient("U2", zone="Europe/Berlin"))
    request = filed(storage, Schedule(AT), recipients=people)
    first, second = approve(storage, request, not_before=MOMENT, schedule=BERLIN)
    storage._database.execute("UPDATE orders SET is_held = 0 WHERE id = :id", {"id": first.id})
    # In Tokyo it would be over.
    clock.set(MOMENT)
    soon = Schedule(AT + timedelta(hours=1))
    schedules(storage, clock).change(request.reference, MAYA, soon)
    assert again(storage, second).not_before == MOMENT + timedelta(hours=1)
    assert (again(storage, first).not_before, is_held(storage, first)) == (MOMENT, False)


def test_only_the_requester_chooses_and_only_while_it_waits(storage: Storage, clock: FakeClock):
    order = scheduled(storage)
    waits, reference = schedules(storage, clock), reference_of(storage, order)
    for actor, named in (
        (ALEX, reference),
        (MAYA, file_request(storage, submission_id="V2", reference="2" * 32).reference),
    ):
        with pytest.raises(NotFound):
            waits.change(named, actor, LATER)
    with pytest.raises(NotFound):
        waits.find_of_order(order.external_ref_id, ALEX)
    assert waits.find_of_order(order.external_ref_id, MAYA).id == order.request_id
    with storage.transaction():
        assert storage.orders.move(order, OrderMove.CANCEL, now=clock.now())
    with pytest.raises(WrongState):
        waits.find_to_change(reference, MAYA)


@pytest.mark.parametrize("released", [0, 1])
def test_a_batch_can_be_undone_while_all_of_it_waits(storage: Storage, released: int):
    """Its orders are counted by the database, because they are many."""
    orders = approve(storage, filed(storage, **a_batch(40)), not_before=MOMENT, schedule=BERLIN)
    for order in orders[:released]:
        storage._database.execute("UPDATE orders SET is_held = 0 WHERE id = :id", {"id": order.id})
    progress = storage.orders.progress(orders[0].request_id)
    assert (progress.undo_until, progress.goes_out_at) == (None if released else MOMENT, MOMENT)


def test_what_came_to_nothing_gets_no_other_date(storage: Storage, clock: FakeClock):
    request = filed(storage)
    with storage.transaction():
        assert storage.requests.move(request.id, RequestMove.WITHDRAW, by=MAYA, now=clock.now())
    with pytest.raises(AlreadyDecided):
        schedules(storage, clock).change(request.reference, MAYA, LATER)
    assert stored(storage, request.id).details.schedule == BERLIN


@pytest.mark.parametrize(
    ("chosen", "fault"),
    [
        (None, FaultCode.REQUIRED),
        (Schedule(civil_from("2026-03-01T09:00")), FaultCode.TOO_SOON),
        (Schedule(civil_from("2027-03-20T09:00")), FaultCode.TOO_LATE),
        (Schedule(civil_from("2026-06-30T09:00")), FaultCode.REVERSED),
    ],
)
def test_a_date_that_does_not_do_is_refused(
    storage: Storage, clock: FakeClock, chosen: Schedule | None, fault: FaultCode
):
    """The reward expires on the last of June."""
    request = filed(storage, details=Details(schedule=BERLIN, expires_on=date(2026, 6, 30)))
    with pytest.raises(InvalidForm) as refused:
        schedules(storage, clock).change(request.reference, MAYA, chosen)
    assert refused.value.faults["send_on"][0].code is fault
    assert stored(storage, request.id).details.schedule == BERLIN
