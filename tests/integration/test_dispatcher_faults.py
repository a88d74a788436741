"""The queue against a Tango that misbehaves in every way: never paid twice, never lost, told once."""

import json
import logging
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest

from bot.domain.order import OrderStatus
from bot.domain.problem import Problem
from bot.domain.progress import Progress
from bot.sandbox.slack import Person, people
from bot.sandbox.tango.faults import MISMATCHES
from handlers.views.states import CHECKING
from handlers.views.tango import words_of
from tests.kit import wording
from tests.kit.bot import CARD, FIXED, World

#: Faults after which nobody knows, and those by which an attempt does not count.
_AMBIGUOUS: Final = [
    "unavailable_before",
    "unavailable_after",
    "cut_before",
    "cut_after",
    "bad_gateway",
    "internal_error",
    "unreadable",
    "item_out",
]
_HALTS: Final = {
    "insufficient_funds": wording.cause("402.001"),
    "unauthorized": wording.cause("http_401"),
    "forbidden": wording.cause("403.020"),
    "frozen": wording.cause("404.142"),
}


def _held_once(world: World) -> None:
    """Each of our orders is at Tango once at the most, and every attempt sent the bytes that were approved."""
    bodies = {row["external_ref_id"]: row["body"] for row in world.rows("SELECT external_ref_id, body FROM orders")}
    assert set(Counter(order.external_ref_id for order in world.tango.orders).values()) <= {1}
    for arrival in world.tango.arrivals:
        assert arrival.external_ref_id is not None
        assert arrival.body == bodies[arrival.external_ref_id]
        assert json.loads(arrival.body)["externalRefID"] == arrival.external_ref_id


def _answered(world: World) -> list[dict[str, Any]]:
    """Return the attempts whose answer is recorded."""
    return world.rows("SELECT started_at FROM attempts WHERE finished_at IS NOT NULL ORDER BY id")


def _told(who: Person, words: str) -> int:
    return sum(words in message.text for message in who.dms())


# ------------------------------------------------------------------------------------ nobody knows


@pytest.mark.parametrize("fault", _AMBIGUOUS)
def test_after_an_unclear_answer_the_same_reference_is_sent_until_it_is_clear(world: World, fault: str):
    world.tango.faults.set(fault, times=3)
    request_id = world.place()
    assert len(world.tango.orders) == 1
    assert len(world.tango.arrivals) == 4
    _held_once(world)
    order = world.one("SELECT status, attempts, outcome_unknown FROM orders")
    assert order == {"status": "accepted", "attempts": 3, "outcome_unknown": 0}
    outcomes = [row["outcome"] for row in world.rows("SELECT outcome FROM attempts ORDER BY id")]
    assert outcomes == ["ambiguous"] * 3 + ["accepted"]
    starts = [row["started_at"] for row in world.rows("SELECT started_at FROM attempts ORDER BY id")]
    waits = [later - earlier for earlier, later in pairwise(starts)]
    assert all(wait >= least for wait, least in zip(waits, (2_000, 4_000, 8_000), strict=True)), "growing waits"
    assert wording.ORDER_PLACED in world.card(request_id).words
    assert _told(world.maya, wording.FAILED) == 0
    assert len(world.tango.emails) == 1


def test_while_tango_is_still_at_work_on_it_the_same_reference_is_sent_every_two_seconds(world: World):
    world.tango.faults.set("in_flight", times=20)
    world.approve()
    waits = []
    for sent in range(1, 21):  # the clock stands still until an answer is recorded, however long the machine takes
        world.until(lambda sent=sent: len(_answered(world)) == sent, step=0)  # type: ignore[misc]
        waits.append(world.one("SELECT available_at FROM orders")["available_at"] - _answered(world)[-1]["started_at"])
        world.clock.advance(waits[-1] / 1_000)
    world.settle()
    _held_once(world)
    assert waits == [2_000] * 20, "not growing"
    order = world.one("SELECT status, attempts, outcome_unknown FROM orders")
    assert order == {"status": "accepted", "attempts": 0, "outcome_unknown": 0}
    assert len(_answered(world)) == 21
    assert _told(world.ada, wording.STILL_UNKNOWN) == 0, "nothing is wrong"


def test_an_order_that_stays_in_flight_is_asked_for_less_often_and_admins_hear_of_it(world: World):
    world.tango.faults.set("in_flight")
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE attempts >= 6"), step=5)
    world.until(lambda: not world.rows("SELECT 1 FROM outbox WHERE status IN ('pending', 'sending')"))
    assert _told(world.ada, wording.STILL_UNKNOWN) == 1
    world.tango.faults.clear()
    world.settle(step=60)
    _held_once(world)


@pytest.mark.file
def test_an_answer_that_the_file_does_not_take_needs_a_person_and_is_not_sent_for_ever(world: World):
    with closing(sqlite3.connect(world.database)) as other:
        other.execute(
            "CREATE TRIGGER broken BEFORE UPDATE OF reference_order_id ON orders WHEN NEW.status = 'accepted'"
            " BEGIN SELECT RAISE(ABORT, 'such as a number that Tango has given twice'); END"
        )
        other.commit()
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'needs_attention'"))
    world.settle()
    assert len(world.tango.arrivals) == 1
    assert world.rows("SELECT 1 FROM attempts WHERE finished_at IS NULL") == []
    assert sum(wording.HELD_UP in message.text for message in world.maya.dms()) == 1
    assert sum(wording.found(Problem.UNRECORDED) in message.words for message in world.ada.dms()) == 1


def test_an_answer_that_comes_too_late_is_unclear(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings={"tango": {"timeout": 0.2}}) as world:
        world.tango.faults.set("slow", seconds=0.6, times=1)
        world.place()
        assert len(world.tango.orders) == 1
        _held_once(world)
        outcomes = world.rows("SELECT outcome, detail, http_status FROM attempts ORDER BY id")
        assert outcomes[0] == {"outcome": "ambiguous", "detail": "timeout", "http_status": None}
        assert outcomes[-1]["outcome"] == "accepted"
        assert outcomes[-1]["http_status"] == 200, "the first attempt had placed it"


def test_too_early_is_no_attempt_and_keeps_its_place(world: World):
    world.tango.faults.set("too_many", times=3)
    world.place()
    _held_once(world)
    assert world.one("SELECT status, attempts, outcome_unknown FROM orders") == {
        "status": "accepted",
        "attempts": 0,
        "outcome_unknown": 0,
    }


def test_an_unknown_outcome_is_called_so_and_admins_hear_of_it_once(world: World):
    world.tango.faults.set("unavailable_after")
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND attempts >= 1"))
    shown = world.maya.command("/orders", "1", channel="general").ephemeral
    assert shown is not None
    assert f"{CHECKING}" in shown.words
    assert "ailed" not in shown.words
    world.said(world.ada, wording.ON_HOLD)
    tried = len(world.tango.arrivals)
    world.until(lambda: len(world.tango.arrivals) >= tried + 3, step=60)
    world.until(lambda: not world.rows("SELECT 1 FROM outbox WHERE status IN ('pending', 'sending')"))
    assert len(world.ada.dms()) == 1, "of the outage, and not of its order"
    assert world.one("SELECT attempts FROM orders")["attempts"] < 5, "what every order meets is not counted"
    assert world.slack.person("rob").dms() == []
    world.tango.faults.clear()
    world.settle(step=60)
    assert len(world.tango.orders) == 1
    _held_once(world)
    (receipt,) = world.maya.dms()
    assert wording.SENT in receipt.words


def test_a_tango_that_cannot_be_reached_leaves_no_doubt(world: World):
    """Nothing was sent, so a refusal later on is a plain one."""
    world.tango_server.stop()
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE attempts >= 2"))
    assert world.rows("SELECT 1 FROM orders WHERE outcome_unknown = 1") == []
    assert {row["detail"] for row in world.rows("SELECT detail FROM attempts WHERE finished_at IS NOT NULL")} == {
        "not connected"
    }
    world.tango_server.start()
    world.settle(step=60)
    assert len(world.tango.orders) == 1


# ------------------------------------------------------------------------------------------- halts


@pytest.mark.parametrize(("fault", "why"), _HALTS.items(), ids=_HALTS)
def test_a_halt_fails_nobody_is_told_once_and_ends_by_itself(world: World, fault: str, why: str):
    world.tango.faults.set(fault)
    requests = [world.approve(recipients=["rob"]), world.approve(recipients=["kim", "li"])]
    told = world.said(world.ada, wording.ON_HOLD)
    assert why in told.text
    halted_at = world.one("SELECT halted_at FROM queue")["halted_at"]
    for _ in range(20):  # ten minutes: several probes, all in vain
        world.clock.advance(30)
        before = len(world.tango.arrivals)
        world.until(lambda before=before: len(world.tango.arrivals) > before, step=30)  # type: ignore[misc]
    world.until(lambda: world.rows("SELECT 1 FROM orders GROUP BY status HAVING status = 'queued' AND count(*) = 3"))
    assert world.one("SELECT halted_at FROM queue")["halted_at"] == halted_at
    assert world.tango.orders == []
    assert _told(world.ada, wording.ON_HOLD) == 1
    assert _told(world.maya, wording.FAILED) == 0

    world.tango.faults.clear()
    world.settle(step=30)
    assert len(world.tango.orders) == 3
    _held_once(world)
    assert world.one("SELECT halted_at FROM queue")["halted_at"] is None
    assert _told(world.ada, wording.RESUMED) == len(world.ada.dms()) == 1, "the one message was rewritten"
    for request_id in requests:
        assert wording.ORDER_PLACED in world.card(request_id).words
    events = Counter(row["event"] for row in world.rows("SELECT event FROM audit"))
    assert events["queue.halted"] == events["queue.resumed"] == 1


def test_a_lack_of_funds_is_not_over_because_one_order_is_refused_or_was_there_before(world: World):
    world.tango.faults.set("unavailable_after", times=1)  # Tango has it, and will answer 200
    world.approve(recipients=["rob"])
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND attempts = 1"), step=0)
    world.tango.faults.set("insufficient_funds")
    world.approve(recipients=["kim"])
    world.said(world.ada, wording.ON_HOLD)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE id = 1 AND status = 'accepted'"), step=30)
    world.until(lambda: len(world.rows("SELECT 1 FROM attempts WHERE outcome = 'halted'")) >= 3, step=30)
    assert world.one("SELECT halt_cause FROM queue")["halt_cause"] == "insufficient_funds"
    assert _told(world.ada, wording.ON_HOLD) == 1
    assert _told(world.ada, wording.RESUMED) == 0
    world.tango.faults.clear()
    world.settle(step=30)
    assert _told(world.ada, wording.RESUMED) == 1


def test_a_halt_ends_although_the_clock_was_put_back(world: World):
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    world.said(world.ada, wording.ON_HOLD)
    world.clock.set(world.clock.now() - timedelta(hours=1))
    world.shift.dispatcher.rescue_stale(timedelta(minutes=3))
    world.tango.faults.clear()
    world.settle(step=30)
    assert world.one("SELECT halted_at FROM queue")["halted_at"] is None
    assert len(world.tango.orders) == 1


def test_an_admin_ends_a_halt_without_waiting(world: World):
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    told = world.said(world.ada, wording.ON_HOLD)
    world.until_none_is_tried()
    world.tango.faults.clear()
    world.clock.advance(1)  # the pace
    answer = world.answer(world.ada, lambda: world.ada.click(told, "queue_resume"))
    assert answer.text == wording.PROBING
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'accepted'"), step=0)
    world.settle()
    assert _told(world.ada, wording.RESUMED) == 1
    assert world.said(world.ada, wording.WORKED)
    (now,) = [message for message in world.ada.dms() if message.ts == told.ts]
    assert not now.buttons, "nothing is left to try"


def test_who_asked_for_a_probe_in_vain_is_told_so(world: World):
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    told = world.said(world.ada, wording.ON_HOLD)
    world.clock.advance(1)
    before = len(world.tango.arrivals)
    world.answer(world.ada, lambda: world.ada.click(told, "queue_resume"))
    world.until(lambda: len(world.tango.arrivals) > before, step=0)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued'"), step=0)
    assert world.one("SELECT halted_at IS NOT NULL AS halted FROM queue")["halted"] == 1
    assert wording.cause("402.001") in world.said(world.ada, wording.STILL_ON_HOLD).text
    assert _told(world.ada, wording.ON_HOLD) == 1


def test_a_halt_survives_a_restart(world: World):
    world.tango.faults.set("frozen")
    world.place_in_halt()
    world.said(world.ada, wording.ON_HOLD)
    world.stop()
    world.start()
    assert world.one("SELECT halt_cause FROM queue")["halt_cause"] == "account_frozen"
    world.tango.faults.clear()
    world.settle(step=30)
    assert len(world.tango.orders) == 1
    assert _told(world.ada, wording.RESUMED) == len(world.ada.dms()) == 1


def test_a_halt_for_another_cause_is_told_too(world: World):
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    world.said(world.ada, wording.cause("402.001"))
    world.tango.faults.clear()
    world.tango.faults.set("frozen")
    world.until(lambda: _told(world.ada, wording.cause("404.142")) or None, step=30)
    assert len(world.ada.dms()) == 1, "the message was rewritten"


# ------------------------------------------------------------------------- refusals, differences, age


@pytest.mark.parametrize("field", MISMATCHES)
def test_an_order_that_differs_needs_a_person(world: World, field: str):
    world.tango.faults.set("mismatch", field=field, times=1)
    request_id = world.place()
    order = world.one("SELECT status, problem, problem_detail FROM orders")
    assert order == {"status": "needs_attention", "problem": "differs", "problem_detail": field}
    told = world.said(world.ada, wording.NEEDS_A_PERSON)
    assert wording.found(Problem.DIFFERS) in told.words
    assert field in told.words
    world.said(world.maya, wording.HELD_UP)
    assert wording.standing(Progress(counts={OrderStatus.NEEDS_ATTENTION: 1})) in world.card(request_id).words
    assert world.slack.person("rob").dms() == []
    assert len(world.tango.orders) == len(world.tango.arrivals) == 1


def test_what_tango_refuses_fails_alone_and_its_requester_hears_why(world: World):
    bad, good = world.ask(reward=CARD), world.ask(reward=FIXED, recipients=["kim"])
    world.tango.catalog.remove(CARD)  # and the bot does not know yet
    for request_id in (bad, good):
        world.alex.click(world.card(request_id), "approve")
    world.settle()
    assert [row["status"] for row in world.rows("SELECT status FROM orders ORDER BY id")] == ["failed", "accepted"]
    told = world.said(world.maya, wording.FAILED)
    assert wording.NOTHING_PAID in told.words
    assert "422.024" in told.words
    assert words_of("422.024", None).remedy in told.words
    assert wording.ORDER_FAILED in world.card(bad).words
    assert wording.ORDER_PLACED in world.card(good).words
    assert world.slack.person("rob").dms() == []
    assert [order.utid for order in world.tango.orders] == [FIXED]


def test_a_refusal_after_an_unknown_outcome_needs_a_person(world: World):
    world.tango.faults.set("unavailable_before", times=1)
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND attempts = 1"), step=0)
    world.tango.catalog.remove(CARD)
    world.settle()
    assert world.one("SELECT status, problem FROM orders") == {
        "status": "needs_attention",
        "problem": "refused_after_unknown",
    }
    assert _told(world.maya, wording.FAILED) == 0
    assert (
        wording.found(Problem.REFUSED_AFTER_AMBIGUOUS, "422.024") in world.said(world.ada, wording.NEEDS_A_PERSON).words
    )


def test_after_ninety_days_a_reference_is_never_sent_again(world: World):
    world.tango.faults.set("unavailable_before")
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND attempts = 1"), step=0)
    world.tango.faults.clear()
    world.clock.advance(90 * 86_400)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'needs_attention'"))
    world.settle()
    assert len(world.tango.arrivals) == 1
    assert world.one("SELECT problem FROM orders")["problem"] == "past_idempotency"
    assert "90 days" in world.said(world.ada, wording.NEEDS_A_PERSON).words
    detail = world.ada.command("/orders", "1", channel="general").ephemeral
    assert detail is not None
    assert "order_retry" not in detail.action_ids
    world.settle()
    assert world.tango.orders == []


def test_a_day_short_of_ninety_days_it_is_sent(world: World):
    world.tango.faults.set("unavailable_before", times=1)
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND attempts = 1"), step=0)
    world.clock.advance(89 * 86_400)
    world.settle()
    assert len(world.tango.orders) == 1


# ------------------------------------------------------------------------------------------ resends


def _resend(world: World) -> dict[str, Any]:
    """Ask for a resend once the cooldown has passed, and what its row is when it is over."""
    world.clock.advance(31)
    told = world.maya.command("/resend", "1").ephemeral
    assert told is not None
    assert wording.sending_again(1) in told.text
    world.settle()
    return world.one("SELECT * FROM resends ORDER BY id DESC LIMIT 1")


def _last_sent(world: World) -> int:
    found: int = world.one("SELECT last_sent_at FROM orders")["last_sent_at"]
    return found


@pytest.mark.parametrize(
    "fault", ["unavailable_before", "unavailable_after", "cut_before", "cut_after", "unreadable", "bad_gateway"]
)
def test_after_an_unclear_resend_the_clock_stands_and_nothing_is_sent_again(world: World, fault: str):
    world.place()
    world.tango.faults.set(fault, endpoint="resend")
    row = _resend(world)
    assert row["status"] == "unclear"
    assert _last_sent(world) == row["requested_at"]
    world.said(world.maya, wording.UNCLEAR_RESEND)
    tried = [one for one in world.tango.requests if one.path.endswith("/resends")]
    assert len(tried) == 1


def test_a_resend_that_tango_refuses_gives_the_clock_back(world: World):
    world.place()
    before = _last_sent(world)
    world.tango.faults.set("forbidden", endpoint="resend", times=1)
    row = _resend(world)
    assert (row["status"], row["http_status"]) == ("refused", 403)
    assert _last_sent(world) == before
    world.said(world.maya, wording.not_sent_again(1))


def test_a_resend_that_tango_is_too_busy_for_gives_the_clock_back(world: World):
    world.place()
    before = _last_sent(world)
    world.tango.faults.set("too_many", endpoint="resend", times=1)
    assert _resend(world)["status"] == "refused"
    assert _last_sent(world) == before


def test_a_resend_too_soon_by_tangos_clock_takes_what_tango_says_is_left(world: World):
    world.place()
    before = _last_sent(world)
    world.tango.resend_cooldown = 3_000
    row = _resend(world)
    assert (row["status"], row["i18n_key"]) == ("refused", "403.005")
    assert _last_sent(world) > before
    assert _last_sent(world) + 30_000 > row["finished_at"], "something is left to wait"
    assert world.tango.resends == []


def test_a_resend_names_nobody_to_others(world: World):
    world.place()
    world.clock.advance(31)
    world.ada.command("/resend", "1")
    world.settle()
    assert _told(world.ada, wording.SENT_AGAIN) == 1
    assert _told(world.maya, wording.SENT_AGAIN) == 0, "who asked is told"
    assert world.one("SELECT requested_by FROM resends")["requested_by"] == people.ADA


# ------------------------------------------------------------------------------------------- the log


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (None, "Order 1: accepted (201)"),
        ("unavailable_before", "Order 1: ambiguous (503, 503.502, server error)"),
        ("cut_before", "Order 1: ambiguous (connection cut)"),
        ("insufficient_funds", "Order 1: halted (402, 402.001, insufficient_funds)"),
        ("bad_gateway", "Order 1: ambiguous (502, server error)"),
    ],
)
def test_the_line_of_an_attempt_has_its_status_and_reason(
    world: World, caplog: pytest.LogCaptureFixture, fault: str | None, line: str
):
    caplog.set_level(logging.INFO, logger="bot.worker.dispatcher")
    if fault:
        world.tango.faults.set(fault, times=1)
    world.approve()
    world.until(lambda: any(text.startswith("Order 1: ") for text in caplog.messages))
    assert next(text for text in caplog.messages if text.startswith("Order 1: ")) == line
