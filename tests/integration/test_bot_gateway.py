"""Answers in Tango's place: a gateway's page is nobody's word, and Tango's own bytes are read however they come."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.money import Money
from bot.errors import TangoUnavailable
from bot.sandbox.tango.faults import ENCODINGS
from handlers.views.messages import trouble_text
from tests.kit.bot import CARD, World

#: What a gateway answers has nothing to do with the engine.
pytestmark = pytest.mark.file

#: The statuses of gateways, proxies and firewalls, that mean something else where Tango says them.
STATUSES: Final = (400, 401, 402, 403, 404, 405, 409, 421, 422, 429)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, module_database: Path | str) -> Iterator[World]:
    """One world for all: each test has an order of its own."""
    with World(tmp_path_factory.mktemp("gateway"), where=module_database) as world:
        yield world


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    yield shared
    shared.tango.faults.clear()
    shared.settle(step=30)


def _approve(world: World) -> int:
    """Have an order approved; its id."""
    request_id = world.approve()
    return int(world.one("SELECT id FROM orders WHERE request_id = :id", id=request_id)["id"])


def _order(world: World, order_id: int) -> dict[str, Any]:
    return world.one("SELECT status, attempts, outcome_unknown FROM orders WHERE id = :id", id=order_id)


def _halted(world: World) -> bool:
    return bool(world.rows("SELECT 1 FROM queue WHERE halted_at IS NOT NULL"))


@pytest.mark.parametrize("fault", ["gateway_page", "gateway_page_after"])
@pytest.mark.parametrize("status", STATUSES)
def test_a_gateways_page_is_ambiguous_whatever_its_status(world: World, status: int, fault: str):
    world.tango.faults.set(fault, status=status, times=1)
    order_id = _approve(world)
    world.settle()
    assert _order(world, order_id) == {"status": "accepted", "attempts": 1, "outcome_unknown": 0}
    attempts = world.rows("SELECT outcome, http_status FROM attempts WHERE order_id = :id ORDER BY id", id=order_id)
    assert attempts[0] == {"outcome": "ambiguous", "http_status": status}
    assert not _halted(world)
    reference = world.reference("orders", order_id)
    assert [order.external_ref_id for order in world.tango.orders].count(reference) == 1


def test_a_gateways_page_lifts_no_halt(world: World):
    world.tango.faults.set("forbidden")
    _approve(world)
    world.until(lambda: _halted(world))
    world.tango.faults.clear()
    world.tango.faults.set("gateway_page", status=404)
    before = len(world.tango.arrivals)
    world.until(lambda: len(world.tango.arrivals) > before + 1, step=30)
    assert _halted(world)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_placed_order_is_read_from_its_bytes(world: World, encoding: str):
    world.tango.faults.set("encoded", encoding=encoding, times=1)
    before = len(world.tango.arrivals)
    order_id = _approve(world)
    world.settle()
    assert _order(world, order_id) == {"status": "accepted", "attempts": 0, "outcome_unknown": 0}
    assert len(world.tango.arrivals) == before + 1


def test_a_binary_fraction_is_no_difference_and_is_not_shown(world: World):
    world.tango.faults.set("inexact", times=1)
    request_id = world.approve(amount="25.10")
    world.settle()
    order = world.one("SELECT status, problem, charge FROM orders WHERE request_id = :id", id=request_id)
    assert (order["status"], order["problem"]) == ("accepted", None)
    assert str(Money(2510, "USD")) in world.receipt(request_id).words
    assert "25.0999" not in world.receipt(request_id).words


def test_a_resend_that_a_gateway_answered_is_unclear(world: World):
    order_id = _approve(world)
    world.settle()
    world.clock.advance(31)
    world.tango.faults.set("gateway_page_after", endpoint="resend", status=404, times=1)
    world.maya.command("/resend", str(order_id))
    world.settle()
    resend = world.one("SELECT status, http_status FROM resends WHERE order_id = :id", id=order_id)
    assert resend == {"status": "unclear", "http_status": 404}


def test_a_look_up_that_a_gateway_answered_found_nothing_out(world: World):
    world.tango.faults.set("gateway_page", endpoint="get", status=404)
    world.ada.command("/orders", "RA260101-1-1")
    gateway = trouble_text(TangoUnavailable(reason=""))
    world.until(lambda: any(gateway in shown.words + shown.text for shown in world.ada.ephemerals()))


def test_an_empty_catalog_is_kept_out_and_nobody_is_told_to_decline(world: World, caplog: pytest.LogCaptureFixture):
    request_id = world.ask()
    offered = len(world.bot._catalog.current)
    world.tango.faults.set("catalog_empty")
    with caplog.at_level(logging.WARNING, logger="bot.usecases.catalog"):
        assert world.bot._catalog.refresh() == offered
    assert "catalog is empty" in caplog.text
    assert world.bot._catalog.current.get(CARD) is not None
    assert len(world.rows("SELECT utid FROM catalog")) == offered
    world.tick("review")
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    assert world.rows("SELECT 1 FROM requests WHERE id = :id AND obstacles <> '[]'", id=request_id) == []
    assert world.one("SELECT status FROM orders WHERE request_id = :id", id=request_id)["status"] == "accepted"
