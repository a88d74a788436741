"""When a clock that has jumped is believed: one rule, as a table."""

from datetime import timedelta
from typing import Final

import pytest

from bot.domain.timekeeper import Reading, is_believed
from tests.kit.factories import NOON

HOUR: Final = 3_600.0
DAY: Final = 24 * HOUR
AHEAD: Final = NOON + timedelta(days=800)
BEHIND: Final = NOON - timedelta(days=800)

#: When the bot last believed the clock, and Tango's clock as it said a minute later.
SEEN: Final = Reading(NOON, 0)
RIGHT: Final = Reading(NOON, 60)
WRONG: Final = Reading(AHEAD, 60)


@pytest.mark.parametrize(
    ("now", "told", "doubted", "believed"),
    [
        # Nobody has set it, however long the bot runs.
        (Reading(NOON, 90 * DAY), None, None, True),
        # NTP, summer time, a bot that was off for a day: it does no harm.
        (Reading(NOON + timedelta(days=1), HOUR), None, None, True),
        (Reading(NOON - timedelta(days=1), HOUR), None, None, True),
        # A jump by more than a day, either way.
        (Reading(NOON + timedelta(days=1, seconds=1), HOUR), None, None, False),
        (Reading(AHEAD, HOUR), None, None, False),
        (Reading(BEHIND, HOUR), None, None, False),
        # It has stood for less than a day, and for a day.
        (Reading(AHEAD, DAY), None, Reading(AHEAD, HOUR), False),
        (Reading(AHEAD, DAY + HOUR), None, Reading(AHEAD, HOUR), True),
        # It has jumped once more meanwhile: that jump has not stood yet.
        (Reading(AHEAD + timedelta(days=9), DAY + HOUR), None, Reading(AHEAD, HOUR), False),
        # It is back where it was.
        (Reading(NOON, DAY), None, Reading(AHEAD, HOUR), True),
        # Tango agrees: the machine slept, or the bot was off.
        (Reading(AHEAD, HOUR), WRONG, None, True),
        # Tango does not, however long the jump has stood, and also where the clock was always wrong.
        (Reading(AHEAD, HOUR), RIGHT, None, False),
        (Reading(AHEAD, DAY), RIGHT, Reading(AHEAD, -9 * DAY), False),
        (Reading(NOON, HOUR), WRONG, None, False),
        # What Tango said last counts, however long ago.
        (Reading(AHEAD, 90 * DAY), RIGHT, Reading(AHEAD, HOUR), False),
        (Reading(NOON, 90 * DAY), RIGHT, None, True),
    ],
)
def test_a_clock_is_believed(now: Reading, told: Reading | None, doubted: Reading | None, *, believed: bool):
    assert is_believed(now, seen=SEEN, told=told, doubted=doubted) is believed
