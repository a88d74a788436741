"""A worker does what there is to do, sleeps until it is woken, and outlives its mistakes."""

import logging
import threading
from datetime import timedelta

import pytest

from bot.loop import Worker

PATIENCE = 10.0


def test_it_works_on_as_long_as_there_is_more_and_then_sleeps_until_it_is_woken():
    done, asleep = list[int](), threading.Event()

    def work() -> timedelta | None:
        done.append(len(done))
        if len(done) % 3:
            return timedelta(0)
        asleep.set()
        return None

    worker = Worker("test", work)
    worker.start()
    assert asleep.wait(PATIENCE)
    asleep.clear()
    assert len(done) == 3
    worker.wake()
    assert asleep.wait(PATIENCE)
    worker.stop()
    assert len(done) == 6


def test_it_looks_again_after_the_time_that_it_was_given():
    looks, twice = list[int](), threading.Event()

    def work() -> timedelta:
        looks.append(1)
        if len(looks) == 2:
            twice.set()
        return timedelta(milliseconds=1)

    worker = Worker("test", work)
    worker.start()
    assert twice.wait(PATIENCE)
    worker.stop()


def test_it_outlives_what_its_work_raises_and_says_so(caplog: pytest.LogCaptureFixture):
    tries, again = list[int](), threading.Event()

    def work() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise LookupError("a mistake")
        again.set()

    worker = Worker("test", work)
    with caplog.at_level(logging.ERROR):
        worker.start()
        worker.wake()  # else it would wait before it tries again
        assert again.wait(PATIENCE)
        worker.stop()
    assert "The test could not go on" in caplog.text


def test_it_tells_how_long_ago_it_last_came_round():
    seconds, tries, came, failed = [100.0], list[int](), threading.Event(), threading.Event()

    def work() -> None:
        tries.append(1)
        if len(tries) == 1:
            came.set()
            return
        failed.set()
        raise LookupError("a mistake")

    worker = Worker("test", work, monotonic=lambda: seconds[0])
    seconds[0] = 110.0
    worker.start()
    assert came.wait(PATIENCE)
    seconds[0] = 150.0
    worker.wake()
    assert failed.wait(PATIENCE)
    worker.stop()
    assert worker.idle_for() == timedelta(seconds=40)


def test_it_can_be_ended_before_it_began_and_while_it_sleeps():
    Worker("test", lambda: None).stop()
    worker = Worker("test", lambda: None)
    worker.start()
    worker.stop()
    assert not any(thread.name == "test" for thread in threading.enumerate())
