"""The processes of a measure: stand-ins, the bot, and what it is compared with. Each ends with its block."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
import yaml

from bot.sandbox.tango import TangoSandbox
from tests.bench.cast import ACCOUNT, ADMIN, APPROVERS, BOT_TOKEN, CHANNEL, CUSTOMER, SIGNING_SECRET

#: A start takes about a second; on a machine that does other things too, it gets a minute.
_PATIENCE: Final = 60.0


class Process:
    """A child process, from start to end.

    Args:
        command: what to run, without the program.
        log: where its errors go.
        env: its environment; None for ours.
        program: what runs it; the interpreter unless something else is named.
    """

    def __init__(
        self, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None, program: str = sys.executable
    ) -> None:
        self._log = log
        with log.open("ab") as errors:
            self._child = subprocess.Popen(
                [program, *command], stdout=subprocess.PIPE, stderr=errors, env=env, text=True
            )
        self.pid = self._child.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def read_line(self) -> str:
        """The next line that it prints."""
        assert self._child.stdout is not None
        line = self._child.stdout.readline().strip()
        if not line:
            raise RuntimeError(f"It did not start:\n{self.errors()}")
        return line

    def read_all(self) -> str:
        """All that it prints until it ends."""
        printed, _ = self._child.communicate()
        if self._child.returncode:
            raise RuntimeError(f"It ended with {self._child.returncode}:\n{self.errors()}")
        return printed

    def errors(self) -> str:
        """The end of what it wrote to its log."""
        return self._log.read_text(encoding="utf-8")[-3_000:]

    @property
    def is_running(self) -> bool:
        """Whether it is there."""
        return self._child.poll() is None

    def send(self, how: signal.Signals) -> None:
        """Send it a signal."""
        self._child.send_signal(how)

    def kill(self) -> None:
        """End it at once, without the time that it may take to end well."""
        self._child.kill()
        self.stop()

    def stop(self) -> None:
        """End it and wait."""
        if self._child.poll() is None:
            self._child.terminate()
            try:
                self._child.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        if self._child.stdout is not None:
            self._child.stdout.close()


class StandIn(Process):
    """A stand-in, served: `url`."""

    def __init__(self, folder: Path, kind: str, *options: str) -> None:
        super().__init__(["-m", "tests.bench.standin", kind, *options], folder / f"{kind}.log")
        self.url = self.read_line()


class Tango(StandIn):
    """Tango's stand-in.

    Args:
        folder: where its log goes.
        min_interval: seconds between two orders; what comes earlier is refused with 429.
        seconds: how long an answer takes.
        items: how many made-up rewards are added to its catalog.
    """

    def __init__(self, folder: Path, *, min_interval: float = 1.0, seconds: float = 0.0, items: int = 0) -> None:
        options = ("--min-interval", str(min_interval), "--seconds", str(seconds), "--items", str(items))
        super().__init__(folder, "tango", *options)

    def arrivals(self, since: float = 0.0) -> list[dict[str, Any]]:
        """The orders that came in since a moment of the machine's monotonic clock, oldest first.

        Raises:
            RuntimeError: some may be missing: it tells of the last two hundred alone.
        """
        state = httpx.get(f"{self.url}/_sandbox/state", timeout=30).raise_for_status().json()
        told: list[dict[str, Any]] = state["arrivals"]
        found = [one for one in told if one["monotonic"] >= since]
        if len(found) == len(told) < state["counts"]["arrivals"]:
            raise RuntimeError(f"More than {len(told)} orders came in, and the stand-in tells of no more")
        return found


class Bot(Process):
    """`kudos run`, in http mode, as an installation would start it.

    Args:
        folder: where its settings, its database and its log are.
        slack: the address of its Slack.
        tango: the address of its Tango.
        orders_per_second: its pace.
        url: the address of its PostgreSQL, instead of a file.
        more: further settings.
    """

    def __init__(
        self,
        folder: Path,
        *,
        slack: str,
        tango: str,
        orders_per_second: float = 1.0,
        url: str | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        self.database = folder / "kudos.db"
        self.where: Path | str = url or self.database
        self.port = free_port()
        config = folder / "app.yaml"
        settings = {
            "slack": {"mode": "http", "port": self.port, "api_url": f"{slack}/api/"},
            "tango": {
                "base_url": f"{tango}/raas/v2",
                "customer": CUSTOMER,
                "account": ACCOUNT,
                "orders_per_second": orders_per_second,
            },
            "storage": {"url": url} if url else {"path": str(self.database)},
            "approvals": {"channel": CHANNEL, "approvers": list(APPROVERS)},
            "roles": {"admins": [ADMIN]},
            **(more or {}),
        }
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        self.started = time.monotonic()
        super().__init__(["-m", "bot", "run", "--config", str(config)], folder / "bot.log", _environment())

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://127.0.0.1:{self.port}"

    def wait(self) -> float:
        """Wait until it serves; the seconds since it was started."""
        until = self.started + _PATIENCE
        while True:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=1).status_code == 200:
                    return time.monotonic() - self.started
            except httpx.TransportError:
                pass
            if not self.is_running or time.monotonic() > until:
                raise RuntimeError(f"The bot did not start:\n{self.errors()}")
            time.sleep(0.005)

    @property
    def resident(self) -> int:
        """Bytes of memory that it occupies."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def report(figures: Mapping[str, Any]) -> str:
    """A process's figures as the line that it prints."""
    return json.dumps(figures)


def _environment() -> dict[str, str]:
    ours = ("KUDOS_", "SLACK_", "TANGO_")
    tango = TangoSandbox()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return inherited | {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "TANGO_PLATFORM_NAME": tango.platform_name,
        "TANGO_PLATFORM_KEY": tango.platform_key,
    }
