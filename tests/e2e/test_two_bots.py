"""Two bots on one file, by mistake: one works, the other says so and ends."""

import signal
import subprocess
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest

from tests.kit.asked import Asked
from tests.kit.crash import BUSY_PACE, COMMAND, PATIENCE, Play, console

pytestmark = pytest.mark.timeout(300)  # the machine may be busy with the other tests


def start_another(play: Play, log: Path | None = None, *, path: Path | None = None) -> "subprocess.Popen[str]":
    """A second bot with the first one's settings, except for its port. With a log, one that has much to say.

    With a path, one that calls the file by that name.
    """
    config = play.folder / "app.yaml"
    environment = {**play._environment(), "KUDOS_SLACK__PORT": "0"}
    if path is not None:
        environment["KUDOS_STORAGE__PATH"] = str(path)
    with log.open("a") if log else nullcontext(subprocess.PIPE) as told:
        return subprocess.Popen(
            [*COMMAND, "--config", str(config)], stdout=subprocess.PIPE, stderr=told, text=True, env=environment
        )


def refused(play: Play, asked: list[Asked]) -> None:
    """While the one bot has much to send, two more are started: each says why it ends."""
    sent = have_much_to_send(play, asked)
    for bot in [start_another(play), start_another(play)]:
        assert "Another bot runs on" in bot.communicate(timeout=PATIENCE)[1]
        assert bot.returncode == 2
    assert len(play.tango.arrivals) > sent, "it was sending meanwhile"


def have_much_to_send(play: Play, asked: list[Asked]) -> int:
    """Approve more where too little waits; how many orders have come to Tango by then."""
    if play.statuses()["queued"] < BUSY_PACE:
        asked.append(play.a_crowd(len(asked)))
        play.approve(asked[-1])
    return len(play.tango.arrivals)


def test_the_second_bot_says_so_and_ends_and_the_first_goes_on(tmp_path: Path):
    with Play(tmp_path, extras=11) as play:
        play.start_bot()
        asked = play.a_crowd(0)
        play.approve(asked)
        out, told = start_another(play).communicate(timeout=PATIENCE)
        assert play.bot_is_running
        assert (out, told) == ("", told.strip() + "\n")
        assert told.startswith(f"Another bot runs on {play.database}. Stop it first")
        # The same while the first hangs: it may wake up at any moment, and then it goes on.
        assert play.bots[0].process is not None
        play.bots[0].process.send_signal(signal.SIGSTOP)
        second = start_another(play)
        try:
            assert "Another bot runs on" in second.communicate(timeout=PATIENCE)[1]
            assert second.returncode == 2
        finally:
            play.bots[0].process.send_signal(signal.SIGCONT)
        # Dead, it leaves no lock behind: the next starts at once.
        play.kill_bot()
        play.start_bot()
        play.settle()
        play.check_the_end(asked)


def test_a_second_bot_that_calls_the_file_by_another_name_ends_as_well(tmp_path: Path):
    with Play(tmp_path) as play:
        play.start_bot()
        link, second_name = tmp_path / "link.db", tmp_path / "second-name.db"
        link.symlink_to(play.database)
        second_name.hardlink_to(play.database)
        play.database.with_name(f"{play.database.name}.lock").unlink()
        for path in (link, second_name, play.database):
            bot = start_another(play, path=path)
            assert "Another bot runs on" in bot.communicate(timeout=PATIENCE)[1]
            assert bot.returncode == 2
        assert play.bot_is_running


def test_of_bots_that_start_together_one_serves(tmp_path: Path):
    with Play(tmp_path) as play:
        play.start_bot()  # makes the file and the settings
        play.kill_bot()
        bots = [start_another(play) for _ in range(3)]
        try:
            play.until(lambda: sum(bot.poll() is not None for bot in bots) == 2, "two of three to end")
            ended = [bot for bot in bots if bot.poll() is not None]
            assert [bot.returncode for bot in ended] == [2, 2]
            for bot in ended:
                assert "Another bot runs on" in bot.communicate()[1]
            (left,) = [bot for bot in bots if bot not in ended]
            play.until(lambda: play.slack.mode == "socket", "the third to serve")
            assert left.poll() is None
        finally:
            for bot in bots:
                bot.kill()
                with suppress(ValueError):
                    bot.communicate()


def test_the_pace_holds_while_bots_are_started_again_and_again_and_one_takes_over(tmp_path: Path):
    with Play(tmp_path, orders_per_second=BUSY_PACE, extras=31) as play:
        asked: list[Asked] = []
        play.start_bot()
        refused(play, asked)
        sent = have_much_to_send(play, asked)
        play.kill_bot()
        heirs = [start_another(play, tmp_path / "heirs.log") for _ in range(2)]
        try:
            play.until(lambda: any(bot.poll() is not None for bot in heirs), "one of two to end")
            play.until(lambda: len(play.tango.arrivals) > sent + 1, "the one that is left to go on")
            play.until(lambda: play.slack.mode == "socket", "it to serve")
            refused(play, asked)
            play.settle()
            assert sum(bot.poll() is None for bot in heirs) == 1
        finally:
            for bot in heirs:
                bot.kill()
                bot.communicate()
        play.check_the_end(*asked)


def test_the_commands_beside_a_busy_bot_do_no_harm(tmp_path: Path):
    with Play(tmp_path, orders_per_second=BUSY_PACE, extras=31) as play:
        asked: list[Asked] = []
        play.start_bot()
        sent = have_much_to_send(play, asked)
        made = console(play, "backup", str(tmp_path / "backup.db"))
        assert "Backup saved to" in made.stdout, made.stderr
        undone = console(play, "restore", str(tmp_path / "backup.db"))
        assert (undone.returncode, "Another bot runs on" in undone.stderr) == (2, True)
        assert len(play.tango.arrivals) > sent, "it was sending meanwhile"
        assert console(play, "queue", "pause").stdout.startswith("Paused")
        play.until(lambda: not play.statuses()["submitting"], "what was under way")
        sent = have_much_to_send(play, asked)
        assert "has been paused" in console(play, "queue", "list").stdout
        assert len(play.tango.arrivals) == sent
        assert console(play, "queue", "resume").stdout.startswith("Resumed")
        play.settle()
        play.check_the_end(*asked)
        assert not list(tmp_path.glob("kudos.db.replaced-*"))
