"""The shifts of a bot: what is told of a term whose workers can't begin."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from typing import Any, cast

import pytest

from bot.metrics import Metrics
from bot.worker.shift import Shift, Shifts
from storage import Duty, Storage, Term
from tests.kit.factories import FakeClock


class Given:
    """A duty that this bot is given."""

    def __init__(self) -> None:
        self.clock = FakeClock()

    def run(self, *, on_gain: Callable[[Term], None], is_stuck: Callable[[], bool], **_others: object) -> None:
        """Give it."""
        self.is_stuck = is_stuck
        on_gain(Term(1, "this bot"))


def test_a_bot_on_duty_whose_workers_cannot_begin_says_so_after_a_minute():
    def build(_term: Term) -> Shift:
        raise RuntimeError("can't start new thread")

    duty = Given()
    shifts = Shifts(duty=cast("Duty", duty), build=build, metrics=cast("Metrics", _Counted()))
    with suppress(RuntimeError):
        shifts.start(on_news=lambda _: None)

    duty.clock.advance(20)
    assert not duty.is_stuck()
    duty.clock.advance(1)
    assert duty.is_stuck(), "another bot may be able to"
    duty.clock.advance(38)
    assert shifts.stalled() is None
    duty.clock.advance(2)
    assert shifts.stalled() == "on duty, and the workers can't begin"


def test_a_bot_is_stuck_when_its_queues_worker_has_not_come_round_for_twenty_seconds():
    duty, shift = Given(), _Working()
    build = cast("Callable[[Term], Shift]", shift.of)
    shifts = Shifts(duty=cast("Duty", duty), build=build, metrics=cast("Metrics", _Counted()))
    shifts.start(on_news=lambda _: None)
    for _ in range(3):
        shift.dispatcher.rounds += 1
        assert not duty.is_stuck()
        duty.clock.advance(20)
        assert not duty.is_stuck()
    duty.clock.advance(1)
    assert duty.is_stuck()


@pytest.mark.file
def test_what_a_shift_learns_as_it_starts_is_not_forgotten(storage: Storage):
    shift, metrics = _Working(), Metrics(storage, FakeClock(), lambda: True)
    shift.start = lambda: metrics.set_balance(Decimal(100), "USD")  # type: ignore[method-assign]  # its first look is at once
    build = cast("Callable[[Term], Shift]", shift.of)
    Shifts(duty=cast("Duty", Given()), build=build, metrics=metrics).start(on_news=lambda _: None)
    assert metrics.balance == (Decimal(100), "USD")


class _Working:
    """A shift whose queue's worker comes round when the test says so."""

    def __init__(self) -> None:
        self.dispatcher = self
        self.rounds = 0

    def of(self, term: Term) -> "_Working":
        """Return it for a term."""
        self.term = term
        return self

    def start(self) -> None:
        """Do nothing."""


class _Counted:
    def __getattr__(self, _name: str) -> Callable[..., Any]:
        return lambda *_: None
