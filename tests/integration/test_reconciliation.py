"""Tango's list held against ours: each way in which they can differ is found, told once, and repaired by nobody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from bot.domain.money import Money
from bot.domain.order import Order, OrderStatus
from bot.domain.reconciliation import Difference, DifferenceKind, ListedOrder, Reconciled, differences_of
from bot.usecases.form import Payer
from bot.usecases.reconciliation import Reconciliation
from handlers.views.alerts import difference_text
from tests.kit.bot import World
from tests.kit.console import kudos_with_secrets
from tests.kit.factories import an_order

DAY: Final = timedelta(days=1)

# --------------------------------------------------------------------------------------- two orders


def listed(ours: Order, **facts: object) -> ListedOrder:
    """The same order, as Tango lists it."""
    usual = {
        "number": ours.reference_order_id,
        "reference": ours.external_ref_id,
        "amount": ours.amount.amount,
        "currency": ours.amount.currency,
        "status": "COMPLETE",
    }
    return ListedOrder(**(usual | facts))  # type: ignore[arg-type]


SENT: Final = an_order(status=OrderStatus.ACCEPTED, reference_order_id="RA260314-1-42")
FAILED: Final = replace(SENT, status=OrderStatus.FAILED)


@pytest.mark.parametrize(
    ("one", "ours", "kinds"),
    [
        (listed(SENT), SENT, []),
        (listed(SENT, currency="usd"), SENT, []),
        (listed(SENT, amount=Decimal("25.099999999999998")), replace(SENT, amount=Money(25_10, "USD")), []),
        (listed(SENT, amount=None), SENT, []),
        (listed(SENT, amount=Decimal(99)), SENT, [DifferenceKind.AMOUNT]),
        (listed(SENT, currency="EUR"), SENT, [DifferenceKind.AMOUNT]),
        (listed(SENT, number="RA260314-9-42"), SENT, [DifferenceKind.TWICE]),
        (listed(SENT), None, [DifferenceKind.UNKNOWN]),
        (listed(SENT), FAILED, [DifferenceKind.UNPAID]),
        (listed(SENT), replace(SENT, status=OrderStatus.CANCELED), [DifferenceKind.UNPAID]),
        (listed(SENT), replace(SENT, status=OrderStatus.NEEDS_ATTENTION), [DifferenceKind.UNPAID]),
        (listed(SENT, status="FAILED"), FAILED, []),
        (listed(SENT), replace(SENT, status=OrderStatus.QUEUED, reference_order_id=None), []),
    ],
)
def test_two_orders_differ_in_what_counts(one: ListedOrder, ours: Order | None, kinds: list[DifferenceKind]):
    assert [found.kind for found in differences_of(one, ours, is_again=False)] == kinds


def test_a_second_order_under_a_reference_is_one_too_many():
    [found] = differences_of(listed(SENT), SENT, is_again=True)
    assert found == Difference(kind=DifferenceKind.TWICE, ours=SENT, listed=listed(SENT))


# ----------------------------------------------------------------------------------------- at the wire


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    """A bot, whose clock is Tango's."""
    with World(tmp_path, where=database) as world:
        yield world


def compared(world: World, since: timedelta = DAY) -> Reconciled:
    """Compare the lists of the time up to now."""
    rests: list[int] = []
    reconciliation = Reconciliation(
        storage=world.bot._storage,
        tango=world.bot._tango,
        payer=Payer(customer=world.tango.customer, account=world.tango.account),
        rest=lambda: rests.append(1),
    )
    now = world.clock.now()
    return reconciliation.compare(now - since, now)


def lose_all(world: World) -> None:
    """Have Tango forget every order."""
    with world.tango._ledger.lock:
        world.tango._ledger._orders.clear()


def wait_until(world: World, at: datetime) -> None:
    """Let time pass until then."""
    world.clock.advance((at - world.clock.now()).total_seconds())


def runs(world: World) -> list[int]:
    """How many differences each comparison of the bot has found."""
    rows = world.rows("SELECT differences FROM reconciliations WHERE since < until ORDER BY id")
    return [row["differences"] for row in rows]


def kinds(found: Reconciled) -> list[DifferenceKind]:
    return [one.kind for one in found.differences]


def test_lists_that_are_the_same_have_no_difference(world: World):
    world.place()
    world.place(recipients=["kim", "ana"])
    found = compared(world)
    assert (found.ours, found.listed, kinds(found), found.unanswered) == (3, 3, [], 0)


def test_what_was_ordered_past_the_bot_is_found(world: World):
    world.place()
    [order] = world.tango.orders
    strange = replace(order, reference_order_id="RA260101-1-99", external_ref_id="made-in-the-portal")
    with world.tango._ledger.lock:
        world.tango._ledger._orders[strange.reference_order_id] = strange

    found = compared(world)
    assert kinds(found) == [DifferenceKind.UNKNOWN]
    [difference] = found.differences
    assert difference.listed is not None
    assert difference.listed.number == "RA260101-1-99"


def test_an_amount_that_differs_is_found(world: World):
    world.place()
    [order] = world.tango.orders
    with world.tango._ledger.lock:
        world.tango._ledger._orders[order.reference_order_id] = replace(order, amount=Decimal(99))

    [difference] = compared(world).differences
    assert difference.kind is DifferenceKind.AMOUNT
    assert difference.ours is not None
    assert difference.listed is not None
    assert (difference.ours.amount, difference.listed.amount) == (Money(25_00, "USD"), Decimal(99))


def test_what_tango_lost_is_asked_about_before_it_counts_as_missing(world: World):
    world.place()
    lose_all(world)
    found = compared(world)
    assert kinds(found) == [DifferenceKind.MISSING]
    world.tango.faults.set("other_orders", endpoint="list")
    found = compared(world)
    world.tango.faults.clear()
    assert (DifferenceKind.MISSING in kinds(found), found.unanswered) == (False, 1), "that says nothing of it"


def test_the_bot_compares_at_night_from_where_it_ended_and_tells_once(world: World):
    world.place()
    lose_all(world)
    night = world.clock.now().replace(hour=3, minute=10) + DAY
    wait_until(world, night)
    world.tick("lists")
    world.tick("lists")
    told = world.rows("SELECT facts ->> 'missing' AS missing FROM outbox WHERE kind = 'lists_differ'")
    assert len({row["missing"] for row in told}) == 1
    [run] = world.rows("SELECT since, until, differences FROM reconciliations WHERE since < until")
    assert run["differences"] == 1
    wait_until(world, night + DAY)
    world.tick("lists")
    first, second = world.rows("SELECT since, until, differences FROM reconciliations WHERE since < until ORDER BY id")

    assert second["since"] == first["until"]
    assert second["differences"] == 0, "it was told"
    message = world.said(world.ada, difference_text(DifferenceKind.MISSING, 1))
    assert "kudos reconcile --since" in message.words


def test_the_day_to_begin_with_is_that_of_the_installation(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings={"timezone": "America/Los_Angeles"}) as world:
        world.place()
        lose_all(world)
        evening = world.clock.now().replace(hour=2, minute=0) - DAY  # in Los Angeles it is the day before
        with world.bot._storage.transaction():
            world.bot._storage.reconciliations.add(evening, evening, 0)
        wait_until(world, world.clock.now().replace(hour=11, minute=10) + DAY)
        world.tick("lists")
        message = world.said(world.ada, difference_text(DifferenceKind.MISSING, 1))
    assert f"kudos reconcile --since {evening.date() - DAY}" in message.words


def test_by_day_nothing_is_compared(world: World):
    wait_until(world, world.clock.now().replace(hour=15))
    world.tick("lists")
    assert runs(world) == []


def test_a_bot_that_is_stopped_every_night_compares_by_day(world: World):
    world.place()
    lose_all(world)
    wait_until(world, world.clock.now().replace(hour=15) + 2 * DAY)
    world.tick("lists")
    assert runs(world) == [1]


@pytest.mark.parametrize("ahead", [timedelta(hours=8), 800 * DAY])
def test_a_clock_that_was_ahead_for_a_minute_leaves_no_hour_out(world: World, ahead: timedelta):
    night = world.clock.now().replace(hour=3, minute=10) + DAY
    wait_until(world, night)
    world.tick("lists")
    evening = night.replace(hour=19)
    wait_until(world, evening)
    world.clock.set(evening + ahead)
    world.tick("lists")
    world.clock.set(evening)
    world.place()
    lose_all(world)
    wait_until(world, night + DAY)
    world.tick("lists")
    assert runs(world)[-1] == 1


@pytest.mark.parametrize("begun", [-DAY, 800 * DAY])
def test_a_period_that_ends_in_years_is_compared_again(world: World, begun: timedelta):
    now = world.clock.now()
    with world.bot._storage.transaction():
        world.bot._storage.reconciliations.add(now + begun, now + 800 * DAY, 0)
    world.tick("lists")
    world.place()
    lose_all(world)
    wait_until(world, now + 2 * DAY)
    world.tick("lists")
    assert runs(world)[-1] == 1


def test_the_command_shows_each_difference_and_names_nobody(world: World):
    # The command has the machine's clock, and the bot's goes on by itself while an order is sent.
    world.clock.set(datetime.now(UTC) - timedelta(hours=1))
    world.place()
    config = world.folder / "app.yaml"
    since = f"{world.clock.now() - DAY:%Y-%m-%d}"
    same = kudos_with_secrets(config, "reconcile", "--since", since)
    assert same.exit_code == 0, same.output
    lose_all(world)
    differs = kudos_with_secrets(config, "reconcile", "--since", since)

    assert differs.exit_code == 1
    assert difference_text(DifferenceKind.MISSING, 1) in differs.output
    assert "$25.00" in differs.output
    assert "@" not in differs.output
    world.tango.faults.set("unavailable_before", endpoint="list")
    assert kudos_with_secrets(config, "reconcile", "--since", since).exit_code == 2
