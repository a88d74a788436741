"""Slots: a bounded number of jobs, each in a thread of its own; one that can't have a thread is undone whole."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.worker.slots import NotBegun, Slots

PATIENCE = 10.0


class _NoThreads:
    """A machine that starts no thread whose name begins with `test`, while `refuses` says so."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.refuses = True
        start: Callable[[threading.Thread], None] = threading.Thread.start

        def refuse(thread: threading.Thread) -> None:
            if self.refuses and thread.name.startswith("test"):
                raise RuntimeError("can't start new thread")
            start(thread)

        patch.setattr(threading.Thread, "start", refuse)


def test_a_job_without_a_thread_is_not_done_later_and_its_slot_is_free(monkeypatch: pytest.MonkeyPatch):
    machine, done, freed = _NoThreads(monkeypatch), list[str](), threading.Semaphore(0)
    slots: Slots[str] = Slots(1, name="test", when_free=freed.release)
    assert slots.take()
    with pytest.raises(NotBegun):
        slots.begin("first", done.append)
    assert slots.under_way() == []
    machine.refuses = False
    assert freed.acquire(timeout=PATIENCE)
    assert slots.take()
    slots.begin("second", done.append)
    assert freed.acquire(timeout=PATIENCE)
    assert slots.stop(timedelta(seconds=PATIENCE))
    assert done == ["second"], "the pool still held the first"


def test_a_slot_is_taken_until_its_job_is_over():
    gate, begun, freed = threading.Event(), threading.Event(), threading.Semaphore(0)

    def work(_job: str) -> None:
        begun.set()
        gate.wait(PATIENCE)

    slots: Slots[str] = Slots(1, name="test", when_free=freed.release)
    assert slots.take()
    slots.begin("one", work)
    assert begun.wait(PATIENCE)
    assert slots.under_way() == ["one"]
    assert not slots.take()
    gate.set()
    assert freed.acquire(timeout=PATIENCE)
    assert slots.take()
    slots.give_back()
    assert slots.stop(timedelta(seconds=PATIENCE))


def test_what_a_job_raises_frees_its_slot():
    def work(_job: str) -> None:
        raise LookupError

    freed = threading.Semaphore(0)
    slots: Slots[str] = Slots(1, name="test", when_free=freed.release)
    assert slots.take()
    slots.begin("one", work)
    assert freed.acquire(timeout=PATIENCE)
    assert slots.stop(timedelta(seconds=PATIENCE))
