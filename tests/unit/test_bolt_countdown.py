"""The seconds that are left: shown at each mark, as they are by then, as often as Slack takes it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from handlers.bolt.countdown import AT_THE_END, Countdown
from tests.kit.factories import NOON, FakeClock

KEY = ("U0MAYA001", "1")


class Background(ThreadPoolExecutor):
    """A background that a test waits for."""

    def join(self) -> None:
        self.submit(lambda: None).result()


@pytest.fixture
def background() -> Iterator[Background]:
    with Background(1) as pool:
        yield pool


class Screen:
    """Where what is left of thirty seconds from `until - 30` on is shown."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.until = clock.now() + timedelta(seconds=30)
        self.shown: list[int] = []

    def show(self) -> int:
        self.shown.append(max(0, round((self.until - self._clock.now()).total_seconds())))
        return self.shown[-1]


def run(countdown: Countdown, clock: FakeClock, background: Background, seconds: int) -> None:
    for _ in range(seconds):
        clock.advance(1)
        countdown.run_once()
        background.join()


def test_it_is_shown_at_its_marks_and_at_the_end(clock: FakeClock, background: Background):
    countdown, screen = Countdown(clock, background), Screen(clock)
    assert countdown.run_once() is None
    countdown.begin(KEY, 30, screen.show)
    assert countdown.run_once() == timedelta(seconds=10)
    run(countdown, clock, background, 60)
    assert screen.shown == [20, 10, 5, 0]
    assert countdown.run_once() is None


@pytest.mark.parametrize(("left", "shown"), [(20, [10, 5, 0]), (7, [5, 0]), (1, [0])])
def test_it_begins_where_it_is(clock: FakeClock, background: Background, left: int, shown: list[int]):
    countdown, screen = Countdown(clock, background), Screen(clock)
    screen.until = clock.now() + timedelta(seconds=left)
    countdown.begin(KEY, left, screen.show)
    run(countdown, clock, background, 30)
    assert screen.shown == shown


def test_only_the_end_is_shown_where_nothing_can_be_replaced(clock: FakeClock, background: Background):
    countdown, screen = Countdown(clock, background), Screen(clock)
    countdown.begin(KEY, 30, screen.show, marks=AT_THE_END)
    run(countdown, clock, background, 40)
    assert screen.shown == [0]


def test_a_wait_that_grew_is_shown_as_it_is_and_no_more_often(clock: FakeClock, background: Background):
    countdown, screen = Countdown(clock, background), Screen(clock)
    countdown.begin(KEY, 30, screen.show)
    run(countdown, clock, background, 15)
    screen.until = clock.now() + timedelta(seconds=30)  # somebody else sent it
    run(countdown, clock, background, 90)
    assert screen.shown == [20, 25, 5, 0]


def test_the_latest_of_a_person_and_an_order_counts(clock: FakeClock, background: Background):
    countdown, first, second, other = Countdown(clock, background), Screen(clock), Screen(clock), Screen(clock)
    countdown.begin(KEY, 30, first.show)
    countdown.begin(("U0ADA0001", "1"), 30, other.show)
    countdown.begin(KEY, 30, second.show)
    run(countdown, clock, background, 40)
    assert (first.shown, second.shown, other.shown) == ([], [20, 10, 5, 0], [20, 10, 5, 0])


def test_one_that_breaks_off_leaves_the_others(
    clock: FakeClock, background: Background, caplog: pytest.LogCaptureFixture
):
    countdown, screen = Countdown(clock, background), Screen(clock)

    def broken() -> int:
        raise OSError("Slack is down")

    countdown.begin(KEY, 30, broken)
    countdown.begin(("U0ADA0001", "1"), 30, screen.show)
    run(countdown, clock, background, 40)
    assert screen.shown == [20, 10, 5, 0]
    assert [record.getMessage() for record in caplog.records] == ["A countdown broke off"]


@pytest.mark.parametrize("set_by", [timedelta(hours=-1), timedelta(days=800)])
def test_it_goes_on_though_somebody_sets_the_clock(clock: FakeClock, background: Background, set_by: timedelta):
    countdown, screen = Countdown(clock, background), Screen(clock)
    countdown.begin(KEY, 30, screen.show)
    clock.set(clock.now() + set_by)
    screen.until += set_by
    run(countdown, clock, background, 40)
    assert screen.shown == [20, 10, 5, 0]


def test_it_works_by_itself_and_stops_at_once(background: Background):
    clock = FakeClock(NOON)
    countdown, screen = Countdown(clock, background), Screen(clock)
    countdown.start()
    screen.until = clock.now()
    countdown.begin(KEY, 0, screen.show)
    countdown.begin(KEY, 30, screen.show)
    countdown.stop()
    clock.advance(60)
    assert screen.shown == []
