"""Both stand-ins and a real bot between them, or several: each a process of its own."""

import os
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Self

from bot.sandbox.bot_process import BotProcess
from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSandbox, people
from bot.sandbox.tango import TangoSandbox
from bot.sandbox.tango.listings import MADE

_SETTINGS: Final = """\
# The demo's settings: both addresses are stand-ins on this machine.
slack:
  mode: {mode}
  host: 127.0.0.1
  port: {port}
  api_url: {slack_url}/api/
  files: true
  workflow_requester: {workflow_requester}
tango:
  base_url: {tango_url}/raas/v2
  customer: {customer}
  account: {account}
  orders_per_second: {orders_per_second}
storage:
  {storage}
approvals:
  channel: {channel}
  approvers: [{group}]
  hold_minutes: {hold_minutes}
  second_above: ["250 USD"]
roles:
  senders: ["*"]
  admins: [{admin}]
  finance: [{finance}]
"""

#: Maya may ask for so much a month: the form, the card and Home say what is left.
MAYAS_BUDGET: Final = f"""\
budgets:
  - name: Team leads
    senders: [{people.MAYA}]
    each: true
    amount: 500 USD
    per: month
"""


class Stage:
    """A workspace, a Tango and a bot. Use it as a context manager; `start_bot` begins the bot, `start_bots` all.

    Args:
        command: how to start the bot; `--config <file>` is added.
        folder: where the settings, the database and the log are kept.
        manifest: the app manifest to install in the workspace.
        http: whether Slack posts to the bot, instead of Socket Mode.
        orders_per_second: the bot's pace, and the stand-in's.
        keep: whether the stand-ins remember over a restart, in `folder`.
        database_url: the address of PostgreSQL, instead of an SQLite file in `folder`.
        bots: how many bots there are; several need PostgreSQL and Socket Mode.
        more: further settings, as YAML.

    Attributes:
        hold_minutes: how long approved orders are held, by bots that are started from then on.
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
        database_url: str | None = None,
        bots: int = 1,
        more: str = MAYAS_BUDGET,
    ) -> None:
        self.more = more
        self._http = http
        self._database_url = database_url
        self._orders_per_second = orders_per_second
        self.hold_minutes = 0
        self.folder = folder
        self.slack = SlackSandbox(path=folder / "slack.jsonl" if keep else None, rate_limits=True)
        self.tango = TangoSandbox(path=folder / "tango.jsonl" if keep else None, min_interval=1 / orders_per_second)
        self.tango.templates.extend(MADE)
        self.slack.manifest(manifest)
        self._open = ExitStack()
        names = [""] if bots == 1 else [f"-{number}" for number in range(1, bots + 1)]
        environment = self._environment()
        self.bots = [
            BotProcess(command, folder / f"app{name}.yaml", folder / f"bot{name}.log", environment) for name in names
        ]

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.tango_url = self._open.enter_context(serve(self.tango.app)).url
        self.slack_url = self._open.enter_context(serve(self.slack.app)).url
        self.slack.url = self.slack_url
        self._open.callback(self.slack.close)
        return self

    def __exit__(self, *_: object) -> None:
        for bot in self.bots:
            bot.terminate()
        for bot in self.bots:
            bot.stop()
        self._open.close()

    @property
    def database(self) -> Path:
        """Return the bot's SQLite file."""
        return self.folder / "kudos.db"

    @property
    def log(self) -> Path:
        """Return the file of what the bot printed."""
        return self.bots[0].log

    @property
    def bot_is_running(self) -> bool:
        """Tell whether the bot's process is there."""
        return self.bots[0].is_running

    def start_bot(self, *, tango_url: str | None = None) -> None:
        """Start the bot and wait until it serves; against another Tango address, if given.

        Raises:
            RuntimeError: it ended, or did not serve in time; with the end of its log.
        """
        self.launch(self.bots[0], tango_url=tango_url)
        self.bots[0].wait_until_serving()

    def start_bots(self) -> None:
        """Start all bots and wait until they serve.

        Raises:
            RuntimeError: one ended, or did not serve in time; with the end of its log.
        """
        for bot in self.bots:
            self.launch(bot)
        for bot in self.bots:
            bot.wait_until_serving()

    def launch(self, bot: BotProcess, *, tango_url: str | None = None) -> None:
        """Start one bot, and return at once."""
        port = _free_port()
        bot.start(self._settings(port, tango_url or self.tango_url), port)
        if self._http:
            self.slack.request_url = f"http://127.0.0.1:{port}/slack/events"

    def stop_bot(self) -> int | None:
        """Ask the bot to end (SIGTERM) and wait; return its exit status."""
        return self.bots[0].stop()

    def kill_bot(self) -> None:
        """End the bot at once (SIGKILL), wherever it is."""
        self.bots[0].kill()

    def _settings(self, port: int, tango_url: str) -> str:
        settings = _SETTINGS.format(
            mode="http" if self._http else "socket",
            port=port,
            slack_url=self.slack_url,
            tango_url=tango_url,
            customer=self.tango.customer,
            account=self.tango.account,
            orders_per_second=self._orders_per_second,
            storage=f"url: {self._database_url}" if self._database_url else f"path: {self.database}",
            channel=people.APPROVALS,
            group=people.APPROVERS_GROUP,
            admin=people.ADA,
            finance=people.FIONA,
            hold_minutes=self.hold_minutes,
            workflow_requester=people.PRIYA,
        )
        return f"{settings}{self.more}"

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
