"""`kudos demo`: a workspace in the browser, a Tango beside it, and the real bot between them."""

import os
import shutil
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from rich.console import Console
from starlette.types import ASGIApp

from bot.sandbox.lamps import Lamps
from bot.sandbox.page import create_page_app
from bot.sandbox.postgres import PostgresServer, find_server
from bot.sandbox.serve import Served, serve
from bot.sandbox.stage import Stage

#: Seconds between two looks at whether the bot still runs: a killed bot is started again, as part of the show.
_LOOK_SECONDS: Final = 1.0

#: Asked for first, so that a bookmark works; any free port where it is taken.
_PORT: Final = 8765

#: What ends the demo.
_ENDING: Final = (signal.SIGINT, signal.SIGTERM)


class NotInstalled(Exception):
    """What several bots need is not on this machine; says what to install."""


def run_demo(
    command: Sequence[str], folder: Path, manifest: dict[str, Any], *, http: bool, fresh: bool, browse: bool = True
) -> None:
    """Run one bot on a file until Ctrl-C or SIGTERM.

    Args:
        command: how to start the bot.
        folder: where everything is kept.
        manifest: the bot's Slack app manifest.
        http: whether Slack posts to the bot, instead of Socket Mode.
        fresh: whether to begin with an empty folder.
        browse: whether to open a browser where one is at hand.
    """
    out = Console(highlight=False)
    if fresh and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with _until_ended(out) as opened:
        stage = opened.enter_context(Stage(command, folder, manifest, http=http, keep=True))
        stage.start_bot()
        page = _page(create_page_app(stage.slack, stage.tango), opened)
        _tell(page, out, browse=browse)
        out.print(f"Everything is kept in {folder.resolve()}; the bot's log is {stage.log.name} there.")
        _supervise(stage, out)


def run_several(command: Sequence[str], manifest: dict[str, Any], *, bots: int, browse: bool = True) -> None:
    """Run several bots on a PostgreSQL of their own until Ctrl-C or SIGTERM. Nothing is kept.

    Args:
        command: how to start a bot.
        manifest: the bots' Slack app manifest.
        bots: how many bots there are.
        browse: whether to open a browser where one is at hand.

    Raises:
        NotInstalled: PostgreSQL, or its driver, is missing; says what to install.
    """
    programs = check_several(find_server(), has_driver=find_spec("psycopg") is not None)
    out = Console(highlight=False)
    with _until_ended(out) as opened:
        out.print(f"Starting PostgreSQL and {bots} bots.")
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="kudos-demo-")))
        server = PostgresServer(programs)
        opened.callback(server.stop)
        server.start()
        stage = opened.enter_context(Stage(command, folder, manifest, database_url=server.url(), bots=bots))
        stage.start_bots()
        lamps = opened.enter_context(Lamps(stage.bots, stage.launch))
        page = _page(create_page_app(stage.slack, stage.tango, lamps), opened)
        _tell(page, out, browse=browse)
        out.print(f"Nothing is kept. Until the end, the bots' logs are in {folder}.")
        threading.Event().wait()


def check_several(programs: Path | None, *, has_driver: bool) -> Path:
    """Return the folder of PostgreSQL's programs, where all is there that several bots need.

    Args:
        programs: the folder, if one was found.
        has_driver: whether Python has the driver.

    Raises:
        NotInstalled: something is missing; says what to install.
    """
    if programs is None:
        raise NotInstalled(
            "Several bots need a PostgreSQL server on this machine, and there is none. Install one: "
            "`apt-get install postgresql` on Debian and Ubuntu, `brew install postgresql` on macOS."
        )
    if not has_driver:
        raise NotInstalled("Several bots need PostgreSQL's driver for Python. Install it with `make install-postgres`.")
    return programs


@contextmanager
def _until_ended(out: Console) -> Iterator[ExitStack]:
    """Give a stack that is closed at Ctrl-C or SIGTERM. A second Ctrl-C is ignored, so that nothing is left behind."""
    for one in _ENDING:
        signal.signal(one, signal.default_int_handler)
    with ExitStack() as opened:
        try:
            yield opened
        except KeyboardInterrupt:
            for one in _ENDING:
                signal.signal(one, signal.SIG_IGN)
            out.print("\nEnding.")


def _page(app: ASGIApp, opened: ExitStack) -> Served:
    try:
        return opened.enter_context(serve(app, port=_PORT))
    except OSError:
        return opened.enter_context(serve(app))


def _tell(page: Served, out: Console, *, browse: bool) -> None:
    out.print(f"\n[bold]Kudos is at {page.url}/[/bold]  (Ctrl-C ends it)")
    if browse and _has_browser():
        webbrowser.open(page.url)


def _supervise(stage: Stage, out: Console) -> None:
    while True:
        time.sleep(_LOOK_SECONDS)
        if not stage.bot_is_running:
            out.print("The bot has ended. Starting it again.")
            stage.start_bot()


def _has_browser() -> bool:
    """Tell whether a window can be opened: a text browser would take the terminal."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
