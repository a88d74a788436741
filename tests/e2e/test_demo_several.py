"""`kudos demo --bots 3` as a process: what it starts, and that nothing of that outlives it."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.sandbox.demo import NotInstalled, check_several
from bot.sandbox.postgres import PostgresServer
from tests.e2e.test_demo import KUDOS

#: Seconds: a start of a server and three bots on a machine that does much else.
PATIENCE: Final = 120.0


class Demo:
    """The demo in a process group of its own, as a terminal starts it."""

    def __init__(self, here: Path) -> None:
        self._said = here / "said"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [KUDOS, "demo", "--bots", "3", "--no-browser"],
                cwd=here,
                stdout=said,
                stderr=said,
                start_new_session=True,
            )

    def until(self, look: Callable[[], object], what: str) -> None:
        """Look again and again until there is something to see."""
        end = time.monotonic() + PATIENCE
        while not look():
            assert time.monotonic() < end, f"waited for {what}\n{self._said.read_text()}"
            time.sleep(0.05)

    def found(self, pattern: str) -> str | None:
        """Return what the demo printed, if it did already."""
        match = re.search(pattern, self._said.read_text().replace("\n", ""))
        return match[1] if match else None

    def interrupt(self) -> None:
        """Press Ctrl-C: the terminal tells every process of the group."""
        os.killpg(self._process.pid, signal.SIGINT)

    def has_ended(self) -> bool:
        """Return whether no process of the group is left."""
        if self._process.poll() is None:
            return False
        try:
            os.killpg(self._process.pid, 0)
        except ProcessLookupError:
            return True
        return False

    def kill(self) -> None:
        """End all of the group at once, whatever is left of it."""
        if not self.has_ended():
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@pytest.fixture
def demo(postgres: PostgresServer, tmp_path: Path) -> Iterator[Demo]:  # asked for the skip where there is no server
    """Start the demo in a directory with spaces in its name."""
    here = tmp_path / "a directory with spaces"
    here.mkdir()
    started = Demo(here)
    yield started
    started.kill()


def lamps(url: str) -> dict[int, str]:
    """Return what each lamp shows."""
    shown: dict[int, str] = {}
    with httpx.stream("GET", f"{url}/bots/_sandbox/events?since=0") as events:
        for line in events.iter_lines():
            if line.startswith("data: "):
                told = json.loads(line.removeprefix("data: "))
                shown[told["number"]] = told["lamp"]
            if len(shown) == 3:
                return shown
    return shown


def test_the_lamps_tell_the_truth_and_ctrl_c_leaves_nothing_behind(demo: Demo):
    demo.until(lambda: demo.found(r"logs are in (\S+)\."), "the demo to start")
    url, folder = demo.found(r"Kudos is at (\S+)/ "), Path(str(demo.found(r"logs are in (\S+)\.")))
    address = re.search(r"url: postgresql://\w+@([\d.]+):(\d+)/", (folder / "app-1.yaml").read_text())
    assert url is not None
    assert address is not None
    demo.until(lambda: sorted(lamps(url).values()) == ["on duty", "serving", "serving"], "one bot to be on duty")

    first = next(number for number, lamp in lamps(url).items() if lamp == "on duty")
    assert httpx.post(f"{url}/bots/_sandbox/bots/{first}/kill").json() == {"ok": True}
    demo.until(lambda: sorted(lamps(url).values()) == ["dead", "on duty", "serving"], "another to take over")
    assert lamps(url)[first] == "dead"
    assert httpx.post(f"{url}/bots/_sandbox/bots/{first}/start").json() == {"ok": True}
    demo.until(lambda: lamps(url)[first] == "serving", "the bot to stand by")
    assert httpx.post(f"{url}/bots/_sandbox/bots/4/kill").status_code == httpx.codes.NOT_FOUND

    demo.interrupt()
    demo.until(demo.has_ended, "the demo to end")
    assert not folder.exists()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address[1], int(address[2])))


@pytest.mark.parametrize("option", ["--script", "--http"])
def test_what_works_with_one_bot_alone_says_so(option: str):
    answer = CliRunner().invoke(main, ["demo", "--bots", "3", option])

    assert answer.exit_code == 2
    assert f"{option} works with one bot. Leave out --bots." in answer.output


def test_what_is_missing_is_named_with_what_to_install(tmp_path: Path):
    with pytest.raises(NotInstalled, match="apt-get install postgresql"):
        check_several(None, has_driver=True)
    with pytest.raises(NotInstalled, match="make install-postgres"):
        check_several(tmp_path, has_driver=False)
    assert check_several(tmp_path, has_driver=True) == tmp_path
