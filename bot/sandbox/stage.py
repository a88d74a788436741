"""Both stand-ins and a real bot between them: its own process, which knows nothing of it but its settings."""

import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Self
from urllib.error import URLError
from urllib.request import urlopen

from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSandbox, people
from bot.sandbox.tango import TangoSandbox

#: From start to serving takes about a second; a machine under load gets twenty.
_PATIENCE: Final = 20.0

_SETTINGS: Final = """\
# The demo's settings: both addresses are stand-ins on this machine.
slack:
  mode: {mode}
  host: 127.0.0.1
  port: {port}
  api_url: {slack_url}/api/
tango:
  base_url: {tango_url}/raas/v2
  customer: {customer}
  account: {account}
  orders_per_second: {orders_per_second}
storage:
  path: {database}
approvals:
  channel: {channel}
  approvers: [{group}]
roles:
  senders: ["*"]
  admins: [{admin}]
"""


class Stage:
    """A workspace, a Tango and a bot. Use it as a context manager; `start_bot` begins the bot.

    Args:
        command: how to start the bot; `--config <file>` is added.
        folder: where the settings, the database and the log are kept.
        manifest: the app manifest to install in the workspace.
        http: whether Slack posts to the bot, instead of Socket Mode.
        orders_per_second: the bot's pace, and the stand-in's.
        keep: whether the stand-ins remember over a restart, in `folder`.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        manifest: dict[str, Any],
        *,
        http: bool = False,
        orders_per_second: float = 1.0,
        keep: bool = False,
    ) -> None:
        self._command = list(command)
        self._http = http
        self._orders_per_second = orders_per_second
        self.folder = folder
        self.slack = SlackSandbox(path=folder / "slack.jsonl" if keep else None, rate_limits=True)
        self.tango = TangoSandbox(path=folder / "tango.jsonl" if keep else None, min_interval=1 / orders_per_second)
        self.slack.manifest(manifest)
        self._open = ExitStack()
        self._bot: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.tango_url = self._open.enter_context(serve(self.tango.app)).url
        self.slack_url = self._open.enter_context(serve(self.slack.app)).url
        self.slack.url = self.slack_url
        self._open.callback(self.slack.close)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop_bot()
        self._open.close()

    @property
    def database(self) -> Path:
        """Return the bot's SQLite file."""
        return self.folder / "kudos.db"

    @property
    def log(self) -> Path:
        """Return the file of what the bot printed."""
        return self.folder / "bot.log"

    @property
    def bot_is_running(self) -> bool:
        """Tell whether the bot's process is there."""
        return self._bot is not None and self._bot.poll() is None

    def start_bot(self, *, tango_url: str | None = None) -> None:
        """Start the bot and wait until it serves; against another Tango address, if given.

        Raises:
            RuntimeError: it ended, or did not serve in time; with the end of its log.
        """
        port = _free_port()
        config = self.folder / "app.yaml"
        config.write_text(
            _SETTINGS.format(
                mode="http" if self._http else "socket",
                port=port,
                slack_url=self.slack_url,
                tango_url=tango_url or self.tango_url,
                customer=self.tango.customer,
                account=self.tango.account,
                orders_per_second=self._orders_per_second,
                database=self.database,
                channel=people.APPROVALS,
                group=people.APPROVERS_GROUP,
                admin=people.ADA,
            )
        )
        with self.log.open("ab") as log:
            self._bot = subprocess.Popen(  # noqa: S603 (the demo's own command)
                [*self._command, "--config", str(config)], stdout=log, stderr=log, env=self._environment()
            )
        if self._http:
            self.slack.request_url = f"http://127.0.0.1:{port}/slack/events"
        until = time.monotonic() + _PATIENCE
        while not _serves(f"http://127.0.0.1:{port}/readyz"):
            if self._bot.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"The bot did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop_bot(self) -> int | None:
        """Ask the bot to end (SIGTERM) and wait; return its exit status."""
        if self._bot is None:
            return None
        self._bot.terminate()
        return self._bot.wait(_PATIENCE)

    def kill_bot(self) -> None:
        """End the bot at once (SIGKILL), wherever it is."""
        if self._bot is not None:
            self._bot.kill()
            self._bot.wait()

    def _environment(self) -> Mapping[str, str]:
        ours = ("KUDOS_", "SLACK_", "TANGO_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        secrets = {
            "SLACK_BOT_TOKEN": "xoxb-demo",
            "SLACK_APP_TOKEN": "xapp-demo",
            "SLACK_SIGNING_SECRET": "demo-signing-secret",
            "TANGO_PLATFORM_NAME": self.tango.platform_name,
            "TANGO_PLATFORM_KEY": self.tango.platform_key,
        }
        return {**inherited, **secrets}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _serves(url: str) -> bool:
    try:
        with urlopen(url, timeout=1) as answer:  # noqa: S310 (a loopback address)
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
