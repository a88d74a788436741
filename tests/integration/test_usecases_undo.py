"""An undo and the release of what is held: a request's orders are canceled all, or let go all."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import pytest

from bot.domain.order import Order, OrderMove, OrderStatus
from bot.domain.request import Request
from bot.errors import Wish, WrongState
from bot.usecases.timekeeper import Timekeeper
from bot.usecases.undo import Undo
from bot.worker.release import Release
from storage import Storage
from tests.kit.factories import (
    MAYA,
    NOON,
    FakeClock,
    a_recipient,
    approve,
    file_request,
    some_roles,
)

HOLD: Final = timedelta(minutes=2)
SECOND: Final = timedelta(seconds=1)


class PutBack(FakeClock):
    """A clock that somebody puts back by a second whenever it was read."""

    def now(self) -> datetime:
        """The time; the next who asks is told an earlier one."""
        now = super().now()
        self.set(now - SECOND)
        return now


def hold_two(storage: Storage) -> Request:
    """A request whose two orders are held."""
    request = file_request(storage, recipients=(a_recipient(), a_recipient("U0KIM0001")))
    approve(storage, request, not_before=NOON + HOLD)
    return request


def orders_of(storage: Storage, request: Request) -> list[Order]:
    return storage.orders.of_request(request.id)


def ask_about(storage: Storage, order: Order) -> None:
    """As an inquiry takes an order, also one that is held."""
    assert storage.orders.claim_this(order.id, NOON) is not None


def find_at_tango(storage: Storage, order: Order) -> None:
    claimed = storage.orders.claim_this(order.id, NOON)
    assert claimed is not None
    assert storage.orders.move(claimed, OrderMove.ACCEPT, now=NOON, reference_order_id="RA260314-1-42")


def let_go_alone(storage: Storage, order: Order) -> None:
    """As nothing does: what an undo refuses must not lean on the release."""
    storage._database.execute("UPDATE orders SET is_held = 0 WHERE id = :id", {"id": order.id})


@pytest.mark.parametrize("happens", [ask_about, find_at_tango, let_go_alone])
def test_where_one_order_is_held_no_more_nothing_is_canceled(
    storage: Storage, happens: Callable[[Storage, Order], None]
):
    request = hold_two(storage)
    first, second = orders_of(storage, request)
    assert storage.orders.progress(request.id).undo_until == NOON + HOLD
    with storage.transaction():
        happens(storage, first)
    undo = Undo(storage=storage, clock=FakeClock(), roles=some_roles)
    with pytest.raises(WrongState) as refused:
        undo.undo(request.reference, MAYA)
    first, second = orders_of(storage, request)
    told = WrongState(number=first.number, status=first.status, move=Wish.UNDO)
    assert (refused.value.number, refused.value.status) == (told.number, told.status)
    assert (second.status, second.is_held) == (OrderStatus.QUEUED, True)
    assert storage.orders.progress(request.id).undo_until is None, "and it is not offered"


def test_all_orders_of_a_request_are_let_go_at_once_though_the_clock_is_set_meanwhile(storage: Storage):
    request, clock = hold_two(storage), PutBack(NOON + HOLD / 2)
    timekeeper = Timekeeper(storage=storage, clock=clock, ask=lambda: None)
    release = Release(storage=storage, clock=clock, timekeeper=timekeeper)
    looks: list[list[bool]] = []
    while not looks or any(looks[-1]):
        release.look()
        looks.append([one.is_held for one in orders_of(storage, request)])
        clock.advance(0.5)
    assert looks[0] == [True, True]
    assert [True, False] not in looks
    assert [False, True] not in looks
