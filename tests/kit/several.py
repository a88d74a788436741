"""Several bots on one PostgreSQL, each a process of its own, between the stand-ins; for the tests that kill them."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import psycopg
import yaml
from psycopg.rows import DictRow, dict_row

from bot.domain.request import RequestStatus
from bot.sandbox.bot_process import BotProcess, Lamp
from bot.sandbox.postgres import PostgresServer
from bot.sandbox.slack import people
from bot.sandbox.slack.errors import NotPossible, SlackTrouble
from storage.dialect import statement_of
from tests.kit import wording
from tests.kit.asked import Asked
from tests.kit.crash import COMMAND, PACE, PATIENCE, Play
from tests.kit.postgres import fresh_schema

T = TypeVar("T")

#: Seconds after which a person clicks once more on what seems to have no effect.
_CLICK_AGAIN: Final = 2.0

#: The process in the name of who is on duty (bot/app.py).
_PID: Final = re.compile(r"-(\d+)-[0-9a-f]+$")


class Several(Play):
    """A stage with several bots on one schema.

    Args:
        folder: where settings and log are kept.
        server: the database's.
        http: whether Slack posts to the bots, through a front, instead of Socket Mode.
        orders_per_second: the bots' pace.
        extras: how many more people there are.
    """

    def __init__(
        self,
        folder: Path,
        server: PostgresServer,
        *,
        http: bool = False,
        orders_per_second: float = PACE,
        extras: int = 0,
    ) -> None:
        super().__init__(folder, http=http, orders_per_second=orders_per_second, extras=extras)
        self.url = fresh_schema(server)
        self.running: list[BotProcess] = []
        self._server = server
        self._numbers = count(1)
        self._looking: psycopg.Connection[DictRow] | None = None

    def __enter__(self) -> Self:
        super().__enter__()
        self.log.touch()
        self._open.callback(self._look_away)
        return self

    def __exit__(self, *details: object) -> None:
        for bot in self.running:
            bot.kill()
        super().__exit__(*details)

    @property
    def log(self) -> Path:
        """What all bots print."""
        return self.folder / "bots.log"

    # ------------------------------------------------------------------------------------ the bots

    def start(self, bots: int = 1) -> list[BotProcess]:
        """Start more bots, one after another, and wait until they serve: the first of all is on duty."""
        return [self.wait_until_ready(self.begin()) for _ in range(bots)]

    def begin(
        self,
        *,
        url: str | None = None,
        tango_url: str | None = None,
        command: Sequence[str] = COMMAND,
        where: Path | None = None,
    ) -> BotProcess:
        """Start one more bot, and return at once.

        Args:
            url: the way to the database, if another.
            tango_url: the way to Tango, if another.
            command: how it is started.
            where: the folder in which it is run, if another.
        """
        config = self.folder / f"app-{next(self._numbers)}.yaml"
        bot, port = BotProcess(command, config, self.log, self._environment(), where=where), _free_port()
        bot.start(self.settings(port, url or self.url, tango_url or self.tango_url), port)
        self.running.append(bot)
        return bot

    def wait_until_ready(self, bot: BotProcess) -> BotProcess:
        """Wait until a bot serves."""
        self.until(lambda: bot.lamp is not Lamp.NOT_READY, "the bot to serve")
        assert bot.is_running, self.log.read_text()[-3000:]
        return bot

    def settings(self, port: int, url: str, tango_url: str) -> str:
        """Return the settings of a bot."""
        tango = {"customer": self.tango.customer, "account": self.tango.account}
        settings: str = yaml.safe_dump(
            {
                "slack": {
                    "mode": "http" if self._http else "socket",
                    "port": port,
                    "api_url": f"{self.slack_url}/api/",
                },
                "tango": {**tango, "base_url": f"{tango_url}/raas/v2", "orders_per_second": self._orders_per_second},
                "storage": {"url": url},
                "approvals": {"channel": people.APPROVALS, "approvers": [people.APPROVERS_GROUP]},
                "roles": {"senders": ["*"], "admins": [people.ADA]},
            }
        )
        return f"{settings}{self.more}"

    def console(
        self, *command: str, url: str | None = None, program: Sequence[str] = COMMAND[:-1], where: Path | None = None
    ) -> str:
        """Return what a command beside the bots says."""
        config = self.folder / "console.yaml"
        config.write_text(self.settings(0, url or self.url, self.tango_url))
        done = subprocess.run(
            [*program, *command, "--config", str(config)],
            capture_output=True,
            text=True,
            check=False,
            env=self._environment(),
            timeout=PATIENCE,
            cwd=where,
        )
        assert done.returncode == 0, done.stderr
        said: str = done.stdout
        return said

    def on_duty(self) -> BotProcess:
        """Return the bot that is on duty, as soon as one that runs is."""
        return self.until(self._holder, "a bot to take the duty")

    def next_on_duty(self, after: BotProcess) -> BotProcess:
        """Return the bot that takes the duty over from another."""
        return self.until(lambda: bot if (bot := self._holder()) and bot is not after else None, "a change of duty")

    def term(self) -> int:
        """Return the number of the term."""
        [row] = self.rows("SELECT term FROM queue")
        return int(row["term"])

    def _holder(self) -> BotProcess | None:
        [row] = self.rows("SELECT holder FROM queue")
        pid = pid_of(row["holder"])
        return next((bot for bot in self.running if bot.is_running and bot.process and bot.process.pid == pid), None)

    # -------------------------------------------------------------------------------- the database

    def kill_server(self) -> None:
        """Kill the database's server, as a machine that loses its power does."""
        self._look_away()
        self._server.kill()

    def end_line(self) -> None:
        """Have the database's server end the connection that has the duty."""
        self.rows("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE classid = 1801807874 AND granted")

    def start_server(self) -> None:
        """Start the database's server again."""
        self._server.start()

    def fail_over(self, url: str) -> None:
        """Let every bot that is started from now on use the database at another address."""
        self._look_away()
        self.url = url

    @property
    def where(self) -> str:
        """The way to the database of all bots."""
        return self.url

    def rows(self, sql: str, **params: Any) -> list[dict[str, Any]]:
        """What the database holds, read beside the bots."""
        if self._looking is None or self._looking.closed:
            self._looking = psycopg.connect(self.url, autocommit=True, row_factory=dict_row)
        return self._looking.execute(statement_of(sql).sql, params).fetchall()

    def _look_away(self) -> None:
        if self._looking is not None:
            self._looking.close()
            self._looking = None

    # --------------------------------------------------------------------------------------- acting

    def ask_patiently(self, *asked: Asked) -> None:
        """Have requests filed and approved, one after another, by people who do again what has failed."""
        for each in asked:
            self._ask_patiently(each)

    def _ask_patiently(self, asked: Asked) -> None:
        """File a request and have Alex approve it; each does again what Slack says has failed."""
        requester = self.slack.person(asked.requester)
        form = self.until(lambda: _tried(lambda: requester.command("/kudos").modal), "the form")
        values = self.values(asked)
        self.until(lambda: (done := _tried(lambda: requester.submit(form, values))) and done.closed, "the request")
        self.until(lambda: self.card(asked), "the card")
        self.until(lambda: self._decide(asked), "the approval")

    def _decide(self, asked: Asked) -> bool:
        end = time.monotonic() + _CLICK_AGAIN
        if (card := self.card(asked)) is not None:
            _tried(partial(self.alex.click, card, "approve"))
        while time.monotonic() < end:
            shown = self.card(asked)
            if shown is not None and wording.decision(RequestStatus.APPROVED) in shown.words:
                return True
            time.sleep(0.05)
        return False

    # ---------------------------------------------------------------------------------- in the end

    def check_the_file(self) -> None:
        """Nothing is left half done."""
        assert self.rows("SELECT * FROM attempts WHERE finished_at IS NULL") == []
        assert self.rows("SELECT * FROM outbox WHERE status NOT IN ('sent', 'superseded')") == []

    def check_the_audit(self, approved: Sequence[Asked]) -> None:
        """Each request was filed once and approved once, by the audit log."""
        for event in ("request.filed", "request.approved"):
            [row] = self.rows(
                "SELECT count(*) AS n, count(DISTINCT request_id) AS requests FROM audit WHERE event = :event",
                event=event,
            )
            assert row == {"n": len(approved), "requests": len(approved)}, event

    def told_twice(self, asked: Sequence[Asked]) -> int:
        """Return how many cards and messages to somebody came once more than they should."""
        cards = len(self.alex.messages(people.APPROVALS)) - len(asked)
        twice = [len(told) - len(set(told)) for told in map(self._told, (*self.crowd, "maya", "alex", "sam", "ada"))]
        return cards + sum(twice)

    def _told(self, handle: str) -> list[str]:
        return [message.text for message in self.slack.person(handle).dms() if not message.ephemeral]


def newer_copy(folder: Path, step: str, sql: str) -> tuple[Sequence[str], Path]:
    """Make a copy of the product with one more expanding step.

    Args:
        folder: for the copy.
        step: the name of the step.
        sql: its statement.

    Returns:
        the program, and where it is to be run.
    """
    root = Path(__file__).parents[2]
    for room in ("bot", "handlers", "storage"):
        _link_all(root / room, folder / room)
    steps = folder / "storage" / "migrations.py"
    text = steps.read_text()
    steps.unlink()
    before, begin, rest = text.partition("STEPS: Final[Mapping[str, str]] = {")
    known, end, after = rest.partition("\n}\n")
    assert end, "the steps are not where they were"
    steps.write_text(f'{before}{begin}{known}\n    "{step}": "{sql}",{end}{after}')
    return (sys.executable, "-m", "bot"), folder


def _link_all(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for entry in os.scandir(source):
        if entry.is_dir() and entry.name != "__pycache__":
            _link_all(Path(entry.path), target / entry.name)
        elif entry.is_file():
            (target / entry.name).symlink_to(entry.path)


def pid_of(holder: str | None) -> int | None:
    """Return the process of the bot that has the duty."""
    found = _PID.search(holder or "")
    return int(found[1]) if found else None


def _tried(act: Callable[[], T]) -> T | None:
    """Do something in Slack; None where Slack says that it has failed, or nothing is there to be clicked any more."""
    with suppress(SlackTrouble, NotPossible):
        return act()
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
