"""Two bots on one file, by mistake: one works, the other says so and ends."""

import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.crash_kit import COMMAND, PATIENCE, Play

pytestmark = pytest.mark.timeout(300)  # the machine may be busy with the other tests


def start_another(play: Play) -> "subprocess.Popen[str]":
    """A second bot with the first one's settings, except for its port."""
    config = play.folder / "app.yaml"
    environment = {**play._environment(), "KUDOS_SLACK__PORT": "0"}
    return subprocess.Popen(
        [*COMMAND, "--config", str(config)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


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
        assert play._bot is not None
        play._bot.send_signal(signal.SIGSTOP)
        second = start_another(play)
        try:
            assert "Another bot runs on" in second.communicate(timeout=PATIENCE)[1]
            assert second.returncode == 2
        finally:
            play._bot.send_signal(signal.SIGCONT)
        # Dead, it leaves no lock behind: the next starts at once.
        play.kill_bot()
        play.start_bot()
        play.settle()
        play.check_the_end(asked)


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
