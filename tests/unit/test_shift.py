"""The shifts of a bot: what is told of a term whose workers can't begin."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

from bot.metrics import Metrics
from bot.worker.shift import Shift, Shifts
from storage import Duty, Term
from tests.kit.factories import FakeClock


class Given:
    """A duty that this bot is given."""

    def __init__(self) -> None:
        self.clock = FakeClock()

    def run(self, *, on_gain: Callable[[Term], None], **_others: object) -> None:
        """Give it."""
        on_gain(Term(1, "this bot"))


def test_a_bot_on_duty_whose_workers_cannot_begin_says_so_after_a_minute():
    def build(_term: Term) -> Shift:
        raise RuntimeError("can't start new thread")

    duty = Given()
    shifts = Shifts(duty=cast("Duty", duty), build=build, metrics=cast("Metrics", _Counted()))
    with suppress(RuntimeError):
        shifts.start(on_news=lambda _: None)

    duty.clock.advance(59)
    assert shifts.stalled() is None
    duty.clock.advance(2)
    assert shifts.stalled() == "on duty, and the workers can't begin"


class _Counted:
    def __getattr__(self, _name: str) -> Callable[..., Any]:
        return lambda *_: None
