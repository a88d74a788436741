"""The pace, with a clock of our own: what it decides is spaced, also after rounding, a crash, a clock put back."""

import itertools
from datetime import datetime, timedelta
from math import sqrt
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.worker.pace import LEAST_MARGIN, MOST_MARGIN, Pace, next_margin
from storage.database import from_ms, to_ms
from tests.kit.factories import NOON

SECOND = timedelta(seconds=1)
HANDSHAKE = timedelta(seconds=5)  # when the client gives one up

PACE = Pace(1.0)

#: Any microsecond of thirty years.
moments = st.timedeltas(timedelta(0), timedelta(days=30 * 365)).map(lambda passed: NOON + passed)


@pytest.mark.parametrize(
    ("orders_per_second", "seconds"), [(1.0, 1.0), (2.0, 0.5), (0.5, 2.0), (100.0, 0.01), (0.01, 100.0)]
)
def test_the_interval_is_the_rate_and_a_margin(orders_per_second: float, seconds: float):
    assert Pace(orders_per_second).interval(LEAST_MARGIN) == timedelta(seconds=seconds) + LEAST_MARGIN


def test_the_margin_costs_no_more_than_a_hundredth_of_the_rate():
    slowest_gap = PACE.next_start(NOON, LEAST_MARGIN) - NOON

    assert SECOND < slowest_gap < SECOND / 0.99


@given(moments, st.sampled_from([0.5, 1.0, 3.0, 50.0]), st.timedeltas(LEAST_MARGIN, MOST_MARGIN))
def test_the_next_start_is_an_interval_later_also_as_it_is_kept_in_the_file(
    written_at: datetime, orders_per_second: float, margin: timedelta
):
    pace = Pace(orders_per_second)

    kept = from_ms(to_ms(pace.next_start(written_at, margin)))

    assert written_at + pace.interval(margin) <= kept <= written_at + pace.interval(margin) + timedelta(milliseconds=1)


@given(
    moments,
    st.lists(
        st.tuples(
            st.timedeltas(timedelta(0), timedelta(seconds=4)),  # from the claim until the bytes are written
            st.timedeltas(timedelta(0), timedelta(seconds=3)),  # from when it may start until it does
        ),
        min_size=2,
        max_size=12,
    ),
)
def test_no_two_writes_are_closer_than_a_second_however_long_a_handshake_takes(
    start: datetime, delays: list[tuple[timedelta, timedelta]]
):
    now, next_start_at, written = start, start, []
    for handshake, late in delays:
        now = max(now, next_start_at) + late
        held = from_ms(to_ms(PACE.hold(now)))
        assert PACE.believes(held, now)
        assert held > now + handshake, "another could start"
        now += handshake
        written.append(now)
        next_start_at = from_ms(to_ms(PACE.next_start(now, LEAST_MARGIN)))

    assert all(later - earlier >= SECOND for earlier, later in itertools.pairwise(written))


def test_a_start_that_was_never_written_holds_the_others_longer_than_a_handshake_may_take():
    assert PACE.hold(NOON) - NOON > HANDSHAKE


@pytest.mark.parametrize(
    ("next_start_in", "believed"),
    [
        pytest.param(timedelta(days=-400), True, id="idle for a year"),
        pytest.param(timedelta(0), True, id="now"),
        pytest.param(SECOND + LEAST_MARGIN, True, id="in an interval"),
        pytest.param(timedelta(seconds=30), True, id="held"),
        pytest.param(timedelta(seconds=60), True, id="a long Retry-After"),
        pytest.param(timedelta(seconds=62), False, id="the clock was put back a minute"),
        pytest.param(timedelta(hours=1), False, id="the clock was put back an hour"),
    ],
)
def test_a_start_that_is_further_ahead_than_ever_is_not_believed(next_start_in: timedelta, *, believed: bool):
    assert PACE.believes(NOON + next_start_in, NOON) is believed


def test_a_slow_pace_is_not_mistaken_for_a_clock_put_back():
    slow = Pace(0.01)

    assert slow.believes(slow.next_start(NOON, MOST_MARGIN), NOON)


def test_a_file_that_has_never_sent_starts_at_once():
    assert PACE.believes(from_ms(0), NOON)


# -------------------------------------------------------------------------------------- the margin


@given(st.lists(st.booleans(), max_size=200))
def test_the_margin_stays_within_its_bounds_whatever_tango_answers(throttled: list[bool]):
    margin = LEAST_MARGIN
    for one in throttled:
        before, margin = margin, next_margin(margin, throttled=one)
        assert LEAST_MARGIN <= margin <= MOST_MARGIN
        assert (margin > before) if one and before < MOST_MARGIN else (margin <= before)


#: The standard deviation of the delay in seconds, and the orders a second of the best fixed margin for it, found by
#: trying margins from 5 to 160 ms.
BEST_FIXED = {0.0: 0.995, 0.005: 0.974, 0.02: 0.924, 0.05: 0.852}


@pytest.mark.parametrize("deviation", BEST_FIXED)
def test_the_margin_learns_what_a_network_needs(deviation: float):
    runs = [simulated(deviation, Random(seed)) for seed in range(20)]

    assert fmean(rate for rate, _ in runs) >= 0.97 * BEST_FIXED[deviation]
    assert fmean(refused for _, refused in runs) <= 0.03


def simulated(deviation: float, random: Random, *, orders: int = 300) -> tuple[float, float]:
    """Send orders through a network that delays each by 30 ms and a random time, to a Tango that counts arrivals.

    Returns:
        Accepted orders a second, and the share of refused ones after the first twenty answers.
    """
    start, last, margin = 0.0, -SECOND.total_seconds(), LEAST_MARGIN
    arrivals: list[tuple[float, bool]] = []
    while sum(accepted for _, accepted in arrivals) < orders:
        jitter = random.gammavariate(2, deviation / sqrt(2)) if deviation else 0.0  # shape 2: as networks do
        arrived = start + 0.03 + jitter
        accepted = arrived - last >= SECOND.total_seconds()
        arrivals.append((arrived, accepted))
        last, margin = arrived, next_margin(margin, throttled=not accepted)
        start += PACE.interval(margin).total_seconds()
        if not accepted:  # the 429 asks for a second, from when it was heard
            start = max(start, arrived + 0.03 + 1)
    times = [arrived for arrived, accepted in arrivals if accepted]
    later = [accepted for _, accepted in arrivals[20:]]
    return (orders - 1) / (times[-1] - times[0]), later.count(False) / len(later)
