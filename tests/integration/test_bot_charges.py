"""What Tango charges: on the receipt, on the admins' screens, and flagged where nothing explains it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.kit import wording
from tests.kit.bot import CARD, World
from tests.kit.posted import ask_posted

#: A gift card of 5 to 500 euros.
EUROS = "U700401"


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    with World(tmp_path, where=database) as world:
        yield world


def _stored(world: World) -> Any:
    return world.one(
        "SELECT json_extract(charge, '$.total') AS total, json_extract(charge, '$.currency') AS currency FROM orders"
    )


def _flags(world: World) -> int:
    return sum(wording.OVERCHARGED in message.text for message in world.ada.dms())


def test_a_charge_is_on_the_receipt_and_on_the_admins_screen_and_not_on_the_card(world: World):
    request_id = world.place(amount="500")
    assert _stored(world) == {"total": "500.0", "currency": "USD"}
    assert "charged $500.00" in world.receipt(request_id).words
    assert "harged" not in world.card(request_id).words
    shown = world.answer(world.ada, lambda: world.ada.command("/orders", "1"))
    assert "*Charged*\n$500.00" in shown.words
    shown = world.answer(world.maya, lambda: world.maya.command("/orders", "1"))
    assert "*Charged*" not in shown.words
    assert _flags(world) == 0


def test_a_fee_that_the_catalog_names_is_shown_and_flagged_to_nobody(world: World):
    request_id = ask_posted(world, amount="10")
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    assert "charged $13.00 (fee $3.00)" in world.receipt(request_id).words
    assert _flags(world) == 0


def test_a_reward_in_another_currency_is_charged_at_tango_s_rate(world: World):
    request_id = world.place(reward=EUROS, amount="100")
    assert "charged $110.00 (rate 1.1)" in world.receipt(request_id).words
    assert _flags(world) == 0


@pytest.mark.parametrize("reward", [CARD, EUROS])
def test_a_charge_that_nothing_explains_is_flagged_once_and_the_order_stays_accepted(world: World, reward: str):
    world.tango.faults.set("overcharge", times=1)
    world.place(reward=reward, amount="100")
    assert world.one("SELECT status, problem FROM orders") == {"status": "accepted", "problem": None}
    told = world.said(world.ada, wording.OVERCHARGED)
    assert {CARD: "$200.00", EUROS: "$220.00"}[reward] in told.text
    assert _flags(world) == 1
    assert not any(wording.OVERCHARGED in message.text for message in world.maya.dms())
    assert world.rows("SELECT facts ->> 'total' AS total FROM audit WHERE event = 'order.overcharged'")
    assert len(world.tango.arrivals) == 1


def test_a_few_dollars_more_are_nothing_to_look_at(world: World):
    world.tango.faults.set("overcharge", times=1)
    world.place(amount="4")
    assert _flags(world) == 0


def test_a_charge_that_the_first_answer_leaves_out_is_learnt_when_tango_is_asked(world: World):
    world.tango.faults.set("left_out", field="amountCharged", times=1)
    world.tango.faults.set("pending_then_complete", after_gets=1, times=1)
    world.tango.faults.set("overcharge", times=1)
    request_id = world.place(amount="100")
    world.until(lambda: not world.rows("SELECT 1 FROM orders WHERE watch_at IS NOT NULL"))
    world.settle()
    assert _stored(world)["total"] == "200.0"
    assert "charged $200.00" in world.receipt(request_id).words
    assert _flags(world) == 1


def test_the_charges_of_many_are_added_up_by_currency(world: World):
    request_id = world.place(recipients=["rob", "kim"], amount="10")
    assert "charged $20.00" in world.receipt(request_id).words
