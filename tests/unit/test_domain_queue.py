"""The queue's circuit breaker and its times, as tables: what is not in the table does not happen."""

import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.money import Money
from bot.domain.queue import (
    PAUSED,
    QUEUE_MOVES,
    REMIND_AFTER,
    HaltCause,
    QueueMove,
    QueueState,
    QueueStatus,
    Telling,
    wait_before_probe,
)
from tests.kit.factories import NOON

DOLLARS = Money(25_00, "USD")
LATER = NOON + timedelta(minutes=5)

# Written out by hand, so that a slip in the product's table shows here.
LEGAL = {
    ("running", "halt"): "halted",
    ("running", "suspect"): "suspected",
    ("running", "pause"): "paused",
    ("suspected", "halt"): "halted",
    ("suspected", "resume"): "running",
    ("suspected", "pause"): "paused",
    ("halted", "halt"): "halted",
    ("halted", "probe"): "probing",
    ("halted", "postpone"): "halted",
    ("halted", "resume"): "running",
    ("halted", "pause"): "paused",
    ("probing", "halt"): "halted",
    ("probing", "probe"): "probing",
    ("probing", "postpone"): "halted",
    ("probing", "resume"): "running",
    ("probing", "pause"): "paused",
    ("paused", "unpause"): "running",
}


def _state(**facts: Any) -> QueueState:
    usual: dict[str, Any] = {"next_start_at": NOON, "halted_at": None, "halt_cause": None, "probes": 0}
    return QueueState(**(usual | {"probe_at": None} | facts))


def _halted(cause: str = HaltCause.UNAUTHORIZED, *, attempt: int | None = 7) -> QueueState:
    return _state(halted_at=NOON, halt_cause=cause, probe_at=LATER, halted_attempt=attempt)


def test_the_moves_are_these():
    assert {pair: to.value for pair, to in QUEUE_MOVES.items()} == LEGAL
    assert {pair for pair in itertools.product(QueueStatus, QueueMove) if pair in QUEUE_MOVES} == set(LEGAL)


@pytest.mark.parametrize(
    ("state", "now", "status", "takes_orders"),
    [
        pytest.param(_state(), NOON, QueueStatus.RUNNING, True, id="running"),
        pytest.param(_state(suspect=3), NOON, QueueStatus.SUSPECTED, True, id="suspected"),
        pytest.param(_halted(), NOON, QueueStatus.HALTED, False, id="halted"),
        pytest.param(_halted(), LATER - timedelta(microseconds=1), QueueStatus.HALTED, False, id="just before a probe"),
        pytest.param(_halted(), LATER, QueueStatus.PROBING, True, id="a probe is due"),
        pytest.param(
            _state(halted_at=NOON, halt_cause=PAUSED), LATER, QueueStatus.PAUSED, False, id="paused, whatever the time"
        ),
    ],
)
def test_an_order_is_sent_while_the_queue_runs_or_a_probe_is_due(
    state: QueueState,
    now: datetime,
    status: QueueStatus,
    takes_orders: bool,  # noqa: FBT001 (a column of the table)
):
    assert state.status(now) is status
    assert state.takes_orders(now) is takes_orders
    assert state.is_paused is (status is QueueStatus.PAUSED)


@pytest.mark.parametrize("cause", HaltCause)
@pytest.mark.parametrize("made", [True, False], ids=["made now", "made before, or refused"])
def test_only_what_the_cause_would_have_prevented_shows_that_it_is_gone(cause: HaltCause, made: bool):  # noqa: FBT001
    checked_last = cause in {HaltCause.INSUFFICIENT_FUNDS, HaltCause.ACCOUNT_FROZEN, HaltCause.ACCOUNT_UNUSABLE}
    assert _halted(cause).is_cured_by(8, made=made, amount=DOLLARS) is (made or not checked_last)


def test_an_attempt_that_began_before_the_halt_shows_nothing():
    assert not _halted().is_cured_by(7, made=True, amount=DOLLARS)
    assert not _halted(attempt=None).is_cured_by(1, made=True, amount=DOLLARS)
    assert not _state(halted_attempt=7).is_cured_by(8, made=True, amount=DOLLARS), "it runs"


@pytest.mark.parametrize(
    ("probes", "seconds"), [(0, 30), (1, 60), (2, 120), (3, 240), (4, 300), (5, 300), (1_000, 300)]
)
def test_a_halted_queue_is_probed_at_growing_distances_up_to_five_minutes(probes: int, seconds: int):
    assert wait_before_probe(probes) == timedelta(seconds=seconds)


# -------------------------------------------------------------------------------------- lack of funds


@pytest.mark.parametrize(
    ("lack", "amount", "covers"),
    [
        (None, Money(500_00, "USD"), True),
        (Money(25_01, "USD"), Money(25_00, "USD"), True),
        (Money(25_00, "USD"), Money(25_00, "USD"), False),
        (Money(1, "USD"), Money(500_00, "EUR"), True),
    ],
)
def test_the_account_may_cover_what_is_less_than_it_is_known_to_lack(lack: Money | None, amount: Money, covers: bool):  # noqa: FBT001 (a column of the table)
    assert _state(lack=lack).covers(amount) is covers


@pytest.mark.parametrize("halted", [True, False], ids=["halted", "suspected"])
def test_a_smaller_order_ends_no_lack_of_funds(halted: bool):  # noqa: FBT001 (a case)
    state = _halted(HaltCause.INSUFFICIENT_FUNDS) if halted else _state(suspect=3, halted_attempt=7)
    state = replace(state, lack=Money(100_00, "USD"))
    assert not state.is_cured_by(8, made=True, amount=Money(99_99, "USD"))
    assert state.is_cured_by(8, made=True, amount=Money(100_00, "USD"))
    assert not state.is_cured_by(7, made=True, amount=Money(100_00, "USD"))


def test_a_suspicion_ends_only_with_an_order_that_is_made():
    state = _state(suspect=3, halted_attempt=7)
    assert state.is_cured_by(8, made=True, amount=DOLLARS)
    assert not state.is_cured_by(8, made=False, amount=DOLLARS)


# ---------------------------------------------------------------------------------------- what is told


def _told(at: datetime | None) -> Telling:
    return Telling(number=0 if at is None else 1, told_at=at, rewritten_to=None)


@pytest.mark.parametrize(
    ("told_at", "resumed_at", "now", "due"),
    [
        pytest.param(None, None, NOON, True, id="nobody was told of any"),
        pytest.param(NOON, None, LATER, False, id="told of this one"),
        pytest.param(NOON, None, NOON + REMIND_AFTER, True, id="a day ago"),
        pytest.param(NOON - timedelta(hours=5), NOON - timedelta(hours=4), NOON, True, id="told of the last one"),
        pytest.param(NOON - timedelta(hours=1), NOON - timedelta(minutes=9), NOON, False, id="comes and goes"),
        pytest.param(NOON + timedelta(days=800), None, NOON, True, id="told by a clock that was put back since"),
        pytest.param(NOON - timedelta(hours=1), NOON + timedelta(days=800), NOON, True, id="ended by such a clock"),
    ],
)
def test_a_new_message_is_for_a_new_hold_and_daily(
    told_at: datetime | None,
    resumed_at: datetime | None,
    now: datetime,
    due: bool,  # noqa: FBT001 (a column of the table)
):
    assert _told(told_at).is_due(replace(_halted(), resumed_at=resumed_at), now) is due


def test_of_a_queue_that_runs_nothing_new_is_told():
    assert not _told(None).is_due(_state(), NOON)
    assert not _told(NOON).is_due(_state(suspect=3), NOON + REMIND_AFTER)
