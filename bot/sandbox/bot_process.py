"""A bot as a process of its own, which knows nothing of the stage but its settings."""

import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.error import URLError
from urllib.request import urlopen

#: From start to serving takes about a second; a machine under load gets twenty.
_PATIENCE: Final = 20.0

#: The line of the bot's /metrics by which it says that it is on duty.
_ON_DUTY: Final = re.compile(r"^kudos_on_duty 1(\.0)?$", re.MULTILINE)


class Lamp(StrEnum):
    """The state of a bot, as its process and its server tell it."""

    DEAD = "dead"
    NOT_READY = "not ready"
    SERVING = "serving"
    ON_DUTY = "on duty"


class BotProcess:
    """A bot that can be killed and started again.

    Args:
        command: how to start the bot; `--config <file>` is added.
        config: the file for its settings.
        log: the file for what it prints.
        environment: the environment of its process.
        where: the folder in which it is run; None for this process's.

    Attributes:
        process: the process, also after its end; None before the first start.
        port: on which it serves.
        log: the file of what it printed.
    """

    def __init__(
        self,
        command: Sequence[str],
        config: Path,
        log: Path,
        environment: Mapping[str, str],
        *,
        where: Path | None = None,
    ) -> None:
        self._where = where
        self._command = [*command, "--config", str(config)]
        self._config = config
        self._environment = environment
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.log = log

    @property
    def is_running(self) -> bool:
        """Tell whether the process is there."""
        return self.process is not None and self.process.poll() is None

    @property
    def lamp(self) -> Lamp:
        """Ask the process and its server for the bot's state."""
        if not self.is_running:
            return Lamp.DEAD
        if self._asked("readyz") is None:
            return Lamp.NOT_READY
        return Lamp.ON_DUTY if _ON_DUTY.search(self._asked("metrics") or "") else Lamp.SERVING

    def start(self, settings: str, port: int) -> None:
        """Start the bot on these settings, in which it serves on this port, and return at once."""
        self.port = port
        self._config.write_text(settings)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 (the demo's own command)
                self._command, stdout=log, stderr=log, env=self._environment, cwd=self._where
            )

    def wait_until_serving(self) -> None:
        """Return once the bot serves.

        Raises:
            RuntimeError: it ended, or did not serve in time; with the end of its log.
        """
        until = time.monotonic() + _PATIENCE
        while self._asked("readyz") is None:
            if not self.is_running or time.monotonic() > until:
                raise RuntimeError(f"The bot did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def send(self, how: signal.Signals) -> None:
        """Send the process a signal, and return at once."""
        if self.process is not None:
            self.process.send_signal(how)

    def terminate(self) -> None:
        """Ask the bot to end (SIGTERM), and return at once."""
        self.send(signal.SIGTERM)

    def stop(self) -> int | None:
        """Ask the bot to end and wait; kill one that does not. Return its exit status, None where there is none."""
        if self.process is None:
            return None
        self.process.terminate()
        try:
            return self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            return self.process.wait()

    def kill(self) -> None:
        """End the bot at once (SIGKILL), wherever it is."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _asked(self, page: str) -> str | None:
        """Return what is answered with 200; None for any other answer, and for none."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/{page}", timeout=1) as answer:
                return str(answer.read().decode()) if answer.status == 200 else None
        except (URLError, OSError):
            return None
