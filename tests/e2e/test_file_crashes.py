"""Crashes at the file: killed inside commits, a full disk, a read-only file, a copy taken during a run.

`KUDOS_TEST_KILLS` says how often the bot is killed; 1,000 take about an hour.
"""

import os
import random
import resource
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from bot.errors import StorageError
from handlers.views.messages import storage_text
from storage import Storage, inspect_file
from tests.kit.asked import Asked
from tests.kit.crash import BUSY_PACE, PATIENCE, Gate, Play

KILLS: Final = int(os.environ.get("KUDOS_TEST_KILLS", "8"))

pytestmark = pytest.mark.timeout(300)  # the machine may be busy with the other tests

ROB: Final = Asked("maya", ("rob",), 25, "Thank you for the launch")
KIM: Final = Asked("maya", ("kim",), 40, "Thank you for the drawings")

#: Fills the disk under a bot, and answers with what frees it.
Fill = Callable[[Play], Callable[[], None]]


def may_mount() -> bool:
    """Whether we are a root that may mount things: in many containers it may not."""
    return (
        os.geteuid() == 0
        and subprocess.run(["/usr/bin/env", "unshare", "--mount", "true"], check=False).returncode == 0
    )


# ------------------------------------------------------------------------------ killed, over and over


@pytest.mark.timeout(300 + 15 * KILLS)
def test_killed_at_random_moments_of_a_busy_run_nothing_is_lost_and_nothing_doubled(tmp_path: Path):
    dice = random.Random(KILLS)
    approved: list[Asked] = []
    with Play(tmp_path, orders_per_second=BUSY_PACE, extras=31) as play:
        play.start_bot()
        for kill in range(KILLS):
            if play.statuses()["queued"] < BUSY_PACE:
                approved.append(play.a_crowd(len(approved)))
                play.approve(approved[-1])
            if kill % 2:
                wait_for_commits(play, dice.randint(1, 12))
            else:
                time.sleep(dice.uniform(0, 0.5))
            play.kill_bot()
            play.start_bot()
            assert play.rows("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
        play.settle()
        play.check_the_end(*approved)


def wait_for_commits(play: Play, count: int) -> None:
    """Until the log of the file has changed so often; returns within the write that changed it, or just after."""
    log = Path(f"{play.database}-wal")
    end = time.monotonic() + 2  # the bot may have nothing left to do
    before = log.stat().st_mtime_ns
    while count and time.monotonic() < end:
        now = log.stat().st_mtime_ns
        count -= now != before
        before = now


# ------------------------------------------------------------------------------------- a full disk


@contextmanager
def a_small_disk(folder: Path) -> Iterator[Fill]:
    """A disk of two megabytes at `folder`."""
    if not may_mount():
        pytest.skip("only root may mount a small disk")
    folder.mkdir()
    run_tool("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder)

    def fill(_: Play) -> Callable[[], None]:
        filler = folder / "filler"
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(1024))
        return filler.unlink

    try:
        yield fill
    finally:
        run_tool("umount", "--lazy", folder)


@contextmanager
def a_limit(folder: Path) -> Iterator[Fill]:
    """The same by a limit on the size of files, which takes no rights and meets the bot as an error of the disk."""
    folder.mkdir()

    def fill(play: Play) -> Callable[[], None]:
        assert play.bots[0].process is not None
        bot = play.bots[0].process.pid
        soft, hard = resource.prlimit(bot, resource.RLIMIT_FSIZE)
        resource.prlimit(bot, resource.RLIMIT_FSIZE, (Path(f"{play.database}-wal").stat().st_size, hard))

        def free() -> None:
            resource.prlimit(bot, resource.RLIMIT_FSIZE, (soft, hard))

        return free

    yield fill


def run_tool(*command: str | Path) -> None:
    subprocess.run(["/usr/bin/env", *command], check=True)


@pytest.mark.parametrize("disk", [a_small_disk, a_limit])
def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path, disk: Callable[[Path], AbstractContextManager[Fill]]):
    with disk(tmp_path / "disk") as fill, Play(tmp_path) as play, Gate(play.tango_url) as gate:
        play.kept_in = tmp_path / "disk"
        play.start_bot(tango_url=gate.url)
        card, other = play.ask(KIM), play.ask(ROB)
        gate.hold(answers=True)
        play.alex.click(other, "approve")
        play.wait_for_arrival()
        free = fill(play)
        gate.answers_pass.set()

        # What cannot be kept is not taken, and people are told so where they are.
        form = play.form(Asked("sam", ("li",), 1, ""))
        answer = play.sam.submit(form, play.values(Asked("sam", ("li",), 1, "")))
        assert answer.errors == {"recipients": storage_text()}
        play.alex.click(card, "approve")
        told = play.alex.wait_for(play.alex.ephemerals, PATIENCE)
        assert told[0].text == storage_text()
        play.until(lambda: "What Tango answered could not be recorded" in play.log.read_text(), "the answer for Rob")
        assert play.rows("SELECT status FROM requests WHERE message = :m", m=KIM.message) == [
            {"status": "pending_approval"}
        ]

        # It goes on by itself once there is room.
        free()
        play.alex.click(card, "approve")
        play.until(lambda: play.statuses()["accepted"], "Kim's order to be placed")
        # Rob's is rescued by the next start (or by the running bot, minutes later).
        play.kill_bot()
        play.start_bot()
        play.settle()
        play.check_the_end(ROB, KIM)


# ----------------------------------------------------------------------------------- a read-only file


@contextmanager
def read_only(what: Path) -> Iterator[None]:
    """Nobody may write there; to hinder root takes a mount."""
    if os.geteuid() != 0:
        mode = what.stat().st_mode
        what.chmod(mode & 0o555)
        yield
        what.chmod(mode)
        return
    if not may_mount():
        pytest.skip("root writes everywhere, and may not mount anything here")
    run_tool("mount", "--bind", what, what)
    try:
        run_tool("mount", "-o", "remount,bind,ro", what)
        yield
    finally:
        run_tool("umount", "--lazy", what)


@pytest.mark.parametrize("what", ["", "kudos.db"], ids=["folder", "file"])
def test_a_read_only_file_is_refused_at_the_start_with_what_to_do_and_nothing_is_lost(tmp_path: Path, what: str):
    with Play(tmp_path) as play:
        play.kept_in = tmp_path / "disk"
        play.kept_in.mkdir()
        play.start_bot()
        play.tango.faults.set("slow", seconds=1, times=1)
        play.approve(ROB)
        play.wait_for_arrival()
        play.kill_bot()
        with read_only(play.kept_in / what):
            said = len(play.log.read_text())
            with pytest.raises(RuntimeError, match="did not start"):
                play.start_bot()
            told = play.log.read_text()[said:].strip()
            assert str(play.database) in told
            assert "the rights of the file and its folder" in told
            assert "\n" not in told, "one sentence, no traceback"
            assert play.bots[0].process is not None
            assert play.bots[0].process.returncode == 2
        play.start_bot()
        play.settle()
        play.check_the_end(ROB)


# -------------------------------------------------------------------------------- a copy taken away


def test_copies_taken_during_a_run_are_sound_or_told_to_be_damaged(tmp_path: Path):
    with Play(tmp_path, orders_per_second=BUSY_PACE, extras=31) as play:
        play.start_bot()
        asked = play.a_crowd(0)
        play.approve(asked)
        copies = tmp_path / "copies"
        copies.mkdir()
        for number in range(12):
            play.until(lambda so_far=number: play.statuses()["accepted"] >= 2 * so_far)  # type: ignore[misc]
            copy = copies / f"{number}.db"
            if number % 2:  # with its log
                shutil.copy(play.database, copy)
                shutil.copy(f"{play.database}-wal", f"{copy}-wal")
            else:  # alone, as after a checkpoint
                with closing(sqlite3.connect(play.database)) as other:
                    other.execute("PRAGMA wal_checkpoint")
                shutil.copy(play.database, copy)
            if number % 4 == 2:  # the copying was cut off
                os.truncate(copy, copy.stat().st_size // 2)
        play.settle()
        play.check_the_end(asked)

        opened, told = 0, list[tuple[str, str]]()
        for copy in copies.glob("*.db"):
            try:
                inspect_file(copy)
                Storage.open(copy).close()
                opened += 1
            except StorageError as error:
                told.append((str(copy), str(error)))
        assert opened
        assert told
        for copied, said in told:
            assert copied in said
            assert "Restore a backup" in said


def test_a_bot_on_an_older_copy_sends_the_same_references_and_pays_nobody_twice(tmp_path: Path):
    with Play(tmp_path, orders_per_second=BUSY_PACE, extras=31) as play:
        play.start_bot()
        asked = play.a_crowd(0)
        play.approve(asked)
        play.until(lambda: play.statuses()["accepted"] >= 3, "a few orders to be placed")
        (tmp_path / "copy").mkdir()
        with (
            closing(sqlite3.connect(play.database)) as original,
            closing(sqlite3.connect(tmp_path / "copy" / "kudos.db")) as copy,
        ):
            original.backup(copy)
        play.until(lambda: play.statuses()["accepted"] >= 15, "more to be placed")
        play.kill_bot()
        play.kept_in = tmp_path / "copy"
        assert play.statuses()["accepted"] < 15
        play.start_bot()
        play.settle()
        play.check_the_end(asked)
        assert {arrival.status for arrival in play.tango.arrivals} <= {200, 201, None}
