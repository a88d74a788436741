"""The resend's state machine and its cooldown, as tables: what is not in the table does not happen."""

from datetime import timedelta

import pytest

from bot.domain.resend import RESEND_COOLDOWN, RESEND_MOVES, ResendMove, ResendStatus, cooldown_left
from tests.kit.factories import NOON


def test_the_moves_are_these():
    # Written out by hand, so that a slip in the product's table shows here. The words are those of the file.
    assert {pair: to.value for pair, to in RESEND_MOVES.items()} == {
        ("claimed", "take"): "sending",
        ("sending", "confirm"): "sent",
        ("sending", "refuse"): "refused",
        ("sending", "lose"): "unclear",
        ("sending", "rescue"): "unclear",
    }
    assert {move for _, move in RESEND_MOVES} == set(ResendMove)
    assert {"claimed", *RESEND_MOVES.values()} == set(ResendStatus)


@pytest.mark.parametrize(
    ("passed", "left"),
    [
        pytest.param(timedelta(0), timedelta(seconds=30), id="just sent"),
        pytest.param(timedelta(seconds=29, microseconds=999_999), timedelta(microseconds=1), id="a moment early"),
        pytest.param(timedelta(seconds=30), timedelta(0), id="exactly"),
        pytest.param(timedelta(days=3), timedelta(seconds=30) - timedelta(days=3), id="long ago"),
        pytest.param(timedelta(seconds=-5), timedelta(seconds=30), id="the clock was put back"),
    ],
)
def test_what_is_left_of_the_cooldown(passed: timedelta, left: timedelta):
    assert cooldown_left(NOON, NOON + passed) == left
    assert timedelta(seconds=30) == RESEND_COOLDOWN
