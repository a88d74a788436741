"""Orders that wait for a date: let go when it has come, whatever became of clocks and of the rules of zones."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from bot.domain.order import Order, OrderMove
from bot.domain.request import Details
from bot.domain.schedule import Schedule, civil_from
from bot.errors import InvalidForm, NotFound
from bot.faults import FaultCode
from bot.usecases.schedules import Schedules
from storage import Storage
from tests.kit.factories import ALEX, MAYA, FakeClock, approve, file_request

#: 7:00 UTC: the clocks of Berlin have been put forward the day before.
AT: Final = civil_from("2026-03-30T09:00")
MOMENT: Final = datetime(2026, 3, 30, 7, tzinfo=UTC)
BERLIN: Final = Schedule(AT, "Europe/Berlin")


def scheduled(storage: Storage, *, not_before: datetime = MOMENT) -> Order:
    request = file_request(storage, details=Details(schedule=BERLIN))
    return approve(storage, request, not_before=not_before, schedule=BERLIN)[0]


def schedules(storage: Storage, clock: FakeClock, *, believed: bool = True) -> Schedules:
    return Schedules(storage=storage, clock=clock, believes=lambda: believed)


def is_held(storage: Storage, order: Order) -> bool:
    found = storage.orders.get(order.id)
    assert found is not None
    return found.is_held


def test_an_order_is_let_go_when_its_date_has_come_and_not_before(storage: Storage, clock: FakeClock):
    order = scheduled(storage)
    waits = schedules(storage, clock)
    clock.set(MOMENT - timedelta(seconds=1))
    waits.look()
    assert is_held(storage, order)
    with storage.transaction():
        assert storage.orders.claim(clock.now()) is None
    clock.set(MOMENT)
    waits.look()
    assert not is_held(storage, order)
    with storage.transaction():
        claimed = storage.orders.claim(clock.now())
    assert claimed is not None
    assert claimed.id == order.id


def test_the_end_of_a_hold_does_not_let_it_go(storage: Storage, clock: FakeClock):
    order = scheduled(storage)
    with storage.transaction():
        assert storage.undo.release([order.request_id], clock.now()) == set()
    assert is_held(storage, order)
    assert storage.undo.held(0) == []


def test_nothing_is_let_go_by_a_clock_that_is_not_believed(storage: Storage, clock: FakeClock):
    order = scheduled(storage)
    clock.set(MOMENT + timedelta(days=300))
    schedules(storage, clock, believed=False).look()
    assert is_held(storage, order)


@pytest.mark.parametrize("hours", [-1, 1])
def test_the_first_look_finds_the_moment_anew(storage: Storage, clock: FakeClock, hours: int):
    """The rules of the zone were others when it was approved."""
    order = scheduled(storage, not_before=MOMENT + timedelta(hours=hours))
    clock.set(MOMENT - timedelta(minutes=1))
    schedules(storage, clock).look()
    assert is_held(storage, order)
    clock.set(MOMENT)
    schedules(storage, clock).look()
    assert not is_held(storage, order)


def test_the_requester_chooses_another_date(storage: Storage, clock: FakeClock):
    order = scheduled(storage)
    waits = schedules(storage, clock)
    reference = file_reference(storage, order)
    later = Schedule(civil_from("2026-04-02T10:00"))  # where each person is
    waits.change(reference, MAYA, later)
    changed = storage.orders.get(order.id)
    assert changed is not None
    request = storage.requests.get(order.request_id)
    assert request is not None
    assert request.details.schedule == later
    zone = request.recipients[0].zone
    assert (changed.schedule, changed.not_before) == (Schedule(later.at, zone), later.due(zone))
    assert changed.available_at == changed.not_before


def test_only_the_requester_does_and_only_while_it_waits(storage: Storage, clock: FakeClock):
    order = scheduled(storage)
    waits = schedules(storage, clock)
    reference = file_reference(storage, order)
    with pytest.raises(NotFound):
        waits.change(reference, ALEX, BERLIN)
    with pytest.raises(InvalidForm) as refused:
        waits.change(reference, MAYA, None)
    assert refused.value.faults["send_on"][0].code is FaultCode.REQUIRED
    with pytest.raises(InvalidForm) as refused:
        waits.change(reference, MAYA, Schedule(civil_from("2026-03-01T09:00")))
    assert refused.value.faults["send_on"][0].code is FaultCode.TOO_SOON
    with storage.transaction():
        assert storage.orders.move(order, OrderMove.CANCEL, now=clock.now())
    with pytest.raises(NotFound):
        waits.find_to_change(reference, MAYA)


def file_reference(storage: Storage, order: Order) -> str:
    request = storage.requests.get(order.request_id)
    assert request is not None
    return request.reference
