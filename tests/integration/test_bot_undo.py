"""Approved orders are held for a while, in which the requester or an approver can undo the approval."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.approval import BY_RULE
from bot.domain.order import OrderStatus
from bot.domain.request import Repeated, RequestStatus
from bot.errors import Rule, Wish, WrongState
from bot.sandbox.slack import Person, people
from bot.sandbox.slack.people import UserGroup
from handlers.ids import Action
from handlers.views.approval import approved_clause
from handlers.views.messages import refusal_text
from handlers.views.states import goes_out_text
from storage import back_up, restore
from storage.database import from_ms
from tests.kit import wording
from tests.kit.bot import World
from tests.kit.factories import together
from tests.kit.payloads import a_click

#: Short, so that a test passes it in small steps.
HOLD: Final = timedelta(minutes=2)
#: Seconds of a hold in which nothing may be sent, and after which all is.
DURING: Final = HOLD.total_seconds() - 20
#: Seconds, long past the hold and long before the clock that was set would end it.
SOON: Final = 1_000.0
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
YEARS: Final = timedelta(days=800)

#: Long enough for two requests to be made and approved.
LONG: Final = timedelta(minutes=10)

#: Two approvers for much and none for little, out of Maya's budget.
POLICY: Final = {
    "approvals": {
        "hold_minutes": LONG.seconds // 60,
        "second_above": ["250 USD"],
        "automatic_up_to": ["25 USD"],
    },
    "budgets": [{"name": "Managers", "senders": [people.MAYA], "amount": "500 USD", "per": "month"}],
}


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    with World(tmp_path, where=database, settings={"approvals": {"hold_minutes": HOLD.seconds // 60}}) as world:
        yield world


def approve(world: World, **values: Any) -> int:
    """Have a request approved; its number, once card and receipt offer the way back."""
    request_id = world.approve(**values)
    world.until(lambda: is_offered(world, request_id), step=0.5)
    return request_id


def is_offered(world: World, request_id: int) -> bool:
    return all(Action.UNDO in shown.action_ids for shown in (world.card(request_id), world.receipt(request_id)))


def is_gone(world: World, request_id: int) -> bool:
    return not any(Action.UNDO in shown.action_ids for shown in (world.card(request_id), world.receipt(request_id)))


def reserved(world: World) -> int:
    """What all requests take of budgets, in minor units."""
    return int(world.one("SELECT sum(reserved_minor) AS minor FROM requests")["minor"])


def pass_time(world: World, seconds: float) -> None:
    """Let time pass in steps in which the bot looks."""
    end = world.clock.monotonic() + seconds
    world.until(lambda: world.clock.monotonic() >= end, step=5)


def forge(world: World, who: Person, request_id: int, action: Action = Action.UNDO) -> None:
    """Click the button that stood on the card before."""
    click = a_click(world.slack, who.id, action, world.reference("requests", request_id), channel=who.dm_channel)
    world.slack.deliver("interactive", click)


def test_the_requester_undoes_what_is_held(world: World):
    request_id = approve(world)
    row = world.one("SELECT status, is_held, not_before, created_at FROM orders")
    assert (row["status"], row["is_held"]) == ("queued", 1)
    assert row["not_before"] - row["created_at"] == HOLD.total_seconds() * 1_000
    for shown in (world.card(request_id), world.receipt(request_id)):
        assert goes_out_text(from_ms(row["not_before"])) in shown.words
    assert Action.RECEIPT_CANCEL not in world.receipt(request_id).action_ids, "one way back is enough"
    pass_time(world, DURING)
    assert world.tango.arrivals == []
    world.maya.click(world.receipt(request_id), Action.UNDO)
    world.settle()
    pass_time(world, 2 * HOLD.total_seconds())
    assert world.tango.arrivals == []
    assert world.one("SELECT status FROM orders")["status"] == "canceled"
    assert world.one("SELECT status, undone_by FROM requests") == {"status": "approved", "undone_by": people.MAYA}
    for shown in (world.card(request_id), world.receipt(request_id)):
        assert wording.undone(people.MAYA) in shown.words
        assert Action.UNDO not in shown.action_ids
    assert world.slack.person("rob").dms() == [], "it never was a present"
    noted = world.rows("SELECT event, actor FROM audit WHERE event IN ('request.undone', 'order.canceled') ORDER BY id")
    assert [row["event"] for row in noted] == ["request.undone", "order.canceled"]
    assert {row["actor"] for row in noted} == {people.MAYA}


def test_an_approver_undoes_it_and_the_requester_hears_by_whom(world: World):
    request_id = approve(world, recipients=["rob", "kim", "li"])
    world.sam.click(world.card(request_id), Action.UNDO)
    told = world.said(world.maya, wording.undone_told(people.SAM))
    assert Action.REQUEST_AGAIN in told.action_ids
    world.until(lambda: wording.undone(people.SAM) in world.card(request_id).words)
    assert {row["status"] for row in world.rows("SELECT status FROM orders")} == {"canceled"}
    assert world.maya.click(told, Action.REQUEST_AGAIN).modal is not None
    pass_time(world, 2 * HOLD.total_seconds())
    assert world.tango.arrivals == []


def test_what_a_rule_or_two_people_approved_is_undone_whole_and_frees_its_budget(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings=POLICY) as world:
        by_two = world.approve(recipients=["kim"], amount="300")
        world.until(lambda: world.rows("SELECT 1 FROM requests WHERE first_approved_by IS NOT NULL"))
        assert world.rows("SELECT 1 FROM orders") == [], "the hold begins with the second yes"
        world.sam.click(world.card(by_two), Action.APPROVE)
        by_rule = world.ask(amount="25")
        world.until(lambda: is_offered(world, by_two) and is_offered(world, by_rule), step=0.5)
        assert reserved(world) == 325_00
        world.sam.click(world.card(by_rule), Action.UNDO)
        world.alex.click(world.card(by_two), Action.UNDO)
        told = world.said(world.maya, wording.undone_told(people.SAM))
        world.said(world.maya, wording.undone_told(people.ALEX))
        pass_time(world, 2 * LONG.total_seconds())
        assert world.tango.arrivals == []
        assert reserved(world) == 0
        assert world.rows("SELECT status, first_approved_by, decided_by, undone_by FROM requests ORDER BY id") == [
            {
                "status": "approved",
                "first_approved_by": people.ALEX,
                "decided_by": people.SAM,
                "undone_by": people.ALEX,
            },
            {"status": "approved", "first_approved_by": None, "decided_by": BY_RULE, "undone_by": people.SAM},
        ]
        for request_id in (by_two, by_rule):
            request = world.bot._storage.requests.get(request_id)
            assert request is not None
            assert approved_clause(request) in world.card(request_id).words
        form = world.maya.click(told, Action.REQUEST_AGAIN).modal
        assert form is not None
        assert world.maya.submit(form).closed, "what was undone is no first reward"
        again = world.bot._storage.requests.get(by_rule + 1)
        assert again is not None
        assert again.repeats == Repeated(by_rule, RequestStatus.APPROVED, is_undone=True, orders=1, unsent=1)


def test_nobody_else_undoes_it(world: World):
    request_id = approve(world, recipients=["sam"])
    for who, refused in (
        (world.ada, wording.not_allowed(Rule.UNDO_BY_PARTIES)),
        (world.slack.person("priya"), wording.not_allowed(Rule.UNDO_BY_PARTIES)),
        (world.sam, wording.not_allowed(Rule.NOT_OWN_REWARD, people.ALEX)),
    ):
        told = world.answer(who, lambda who=who: forge(world, who, request_id))  # type: ignore[misc]
        assert told.text == refused
    assert world.one("SELECT status FROM orders")["status"] == "queued"


def test_who_approved_by_a_route_undoes_it_though_the_settings_have_changed_meanwhile(
    tmp_path: Path, database: Path | str
):
    board = "S00BOARD0"
    route = {"senders": [people.MAYA], "channel": people.APPROVALS, "approvers": [board]}
    world = World(tmp_path, where=database, settings={"approvals": {"hold_minutes": 2, "routes": [route]}})
    world.slack.workspace.usergroups[board] = UserGroup(board, "board", "The board", [people.PRIYA])
    with world:
        request_id = world.ask()
        world.stop()
        world._more = {"approvals": {"hold_minutes": 2}}
        world.start()
        priya = world.slack.person("priya")
        forge(world, priya, request_id, Action.APPROVE)
        world.until(lambda: is_offered(world, request_id), step=0.5)
        world.refresh_roles()
        forge(world, priya, request_id)
        world.said(world.maya, wording.undone_told(people.PRIYA))
        world.refresh_roles()
        assert world.bot._storage.requests.approvers_kept() == frozenset(), "no longer than it can be undone"


def test_what_is_not_undone_goes_out_after_the_hold(world: World):
    request_id = approve(world)
    world.settle(step=5)
    assert len(world.tango.orders) == 1
    held_for = world.tango.orders[0].created_at - from_ms(world.one("SELECT created_at FROM orders")["created_at"])
    assert held_for >= HOLD
    assert wording.ORDER_PLACED in world.card(request_id).words
    told = world.answer(world.maya, lambda: forge(world, world.maya, request_id))
    assert told.text == refusal_text(WrongState(number="1", status=OrderStatus.ACCEPTED, move=Wish.UNDO))


def test_the_button_is_gone_when_the_time_is_over_though_nothing_is_sent_then(world: World):
    world.tango.faults.set("insufficient_funds")
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM queue WHERE halted_at IS NOT NULL"), step=5)
    held = approve(world, recipients=["kim"])
    assert wording.ON_HOLD not in world.card(held).words, "nobody waits for it yet"
    world.until(lambda: is_gone(world, held), step=5)
    world.until(lambda: Action.RECEIPT_CANCEL in world.receipt(held).action_ids)
    told = world.answer(world.alex, lambda: forge(world, world.alex, held))
    status = OrderStatus(world.one("SELECT status FROM orders WHERE request_id = :id", id=held)["status"])
    assert told.text == refusal_text(WrongState(number=str(held), status=status, move=Wish.UNDO))
    world.tango.faults.clear()
    world.settle(step=30)
    assert len(world.tango.orders) == 2


def test_others_pass_what_is_held(world: World, tmp_path: Path):
    approve(world)
    world.stop()
    world._more = {}
    world.start()
    other = world.approve(recipients=["kim"])
    world.until(lambda: wording.ORDER_PLACED in world.card(other).words)
    assert len(world.tango.orders) == 1, "the first is held on, as its card says"
    world.settle(step=5)
    assert len(world.tango.orders) == 2


def test_an_admin_cancels_one_and_an_undo_the_rest(world: World):
    request_id = approve(world, recipients=["rob", "kim"])
    detail = world.ada.command("/orders", f"{request_id}.1", channel="general").ephemeral
    assert detail is not None
    world.ada.click(detail, Action.ORDER_CANCEL)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'canceled'"))
    world.maya.click(world.receipt(request_id), Action.UNDO)
    world.settle()
    assert [row["status"] for row in world.rows("SELECT status FROM orders")] == ["canceled"] * 2


@pytest.mark.file
def test_after_a_restore_there_is_no_undo_where_tango_has_one(world: World):
    request_id = world.ask(recipients=["rob", "kim"])
    world.stop()
    back_up(world.database, world.folder / "backup.db")
    world.start()
    world.tango.faults.set("rejected", endpoint="create", times=1)
    world.alex.click(world.card(request_id), Action.APPROVE)
    world.settle(step=5)
    assert len(world.tango.orders) == 1
    world.stop()
    now = world.clock.now()
    restore(world.database, world.folder / "backup.db", now=now, known_since=now - 89 * DAY, actor="console")
    world._more = {"approvals": {"hold_minutes": 180}}
    world.start()
    forge(world, world.alex, request_id, Action.APPROVE)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'accepted'"))
    world.clock.advance(1.1 * HOUR.total_seconds())  # from an hour on what Tango doesn't find was not sent
    detail = world.ada.command("/orders", f"{request_id}.1", channel="general").ephemeral
    assert detail is not None
    world.ada.click(detail, Action.ORDER_INQUIRE)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE is_held = 1 AND outcome_unknown = 0"))
    told = world.answer(world.maya, lambda: forge(world, world.maya, request_id))
    assert told.text == refusal_text(WrongState(number="1.2", status=OrderStatus.ACCEPTED, move=Wish.UNDO))
    world.until(lambda: is_gone(world, request_id), step=0)
    world.settle(step=60)
    assert [row["status"] for row in world.rows("SELECT status FROM orders")] == ["accepted"] * 2
    assert len(world.tango.orders) == 2


# ------------------------------------------------------------------------------------------- clocks


@pytest.mark.parametrize("put", [HOUR, YEARS, -HOUR, -YEARS])
def test_a_hold_lasts_as_long_though_the_clock_was_set(world: World, put: timedelta):
    card = world.card(world.ask())
    began = world.clock.monotonic()
    world.alex.click(card, Action.APPROVE)
    pass_time(world, 30)
    world.clock.set(world.clock.now() + put)
    world.tick("rescue")  # as every minute
    pass_time(world, DURING - 30)
    assert world.tango.arrivals == []
    world.until(lambda: world.tango.arrivals, step=1)
    assert HOLD.total_seconds() <= world.clock.monotonic() - began < SOON


def test_a_hold_ends_after_a_restart_by_a_clock_that_was_put_back(world: World):
    approve(world)
    world.stop()
    world.clock.set(world.clock.now() - HOUR)
    world.start()
    began = world.clock.monotonic()
    world.until(lambda: world.tango.arrivals, step=5)
    assert world.clock.monotonic() - began < SOON


def test_a_hold_begins_again_after_a_restart_by_a_clock_that_is_not_believed(world: World):
    approve(world)
    world.stop()
    world.clock.set(world.clock.now() + YEARS)
    world.start()
    pass_time(world, DURING - 10)
    assert world.tango.arrivals == []
    world.until(lambda: world.tango.arrivals, step=5)


def test_a_hold_goes_on_over_a_restart(world: World):
    approve(world)
    pass_time(world, 60)
    world.stop()
    world.start()
    began = world.clock.monotonic()
    world.until(lambda: world.tango.arrivals, step=1)
    assert 40 <= world.clock.monotonic() - began < HOLD.total_seconds()


# -------------------------------------------------------------------------------------------- races


def _advance_or_undo(world: World, request_id: int, which: int) -> None:
    if which:
        forge(world, world.maya, request_id)
    else:
        world.clock.advance(10)
        world.wake()


def test_of_an_undo_and_the_claim_exactly_one_wins(world: World):
    undone = 0
    for n in range(1, 13):
        request_id = approve(world, recipients=["rob", "kim"])
        end = from_ms(world.one("SELECT max(not_before) AS until FROM orders")["until"])
        world.clock.set(world.clock.now())
        left = (end - world.clock.now()).total_seconds()
        pass_time(world, max(left - 7, 0))
        together(2, partial(_advance_or_undo, world, request_id))
        world.settle()
        sql = "SELECT status FROM orders WHERE request_id = :id"
        statuses = {row["status"] for row in world.rows(sql, id=request_id)}
        assert statuses in ({"accepted"}, {"canceled"}), "both orders, and one end"
        row = world.one("SELECT undone_by FROM requests WHERE id = :id", id=request_id)
        assert (row["undone_by"] is not None) == (statuses == {"canceled"})
        undone += row["undone_by"] is not None
        assert len(world.tango.orders) == 2 * (n - undone)
