"""`kudos demo`: a workspace in the browser, a Tango beside it, and the real bot between them."""

import os
import shutil
import signal
import sys
import time
import webbrowser
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from bot.sandbox.page import create_page_app
from bot.sandbox.serve import Served, serve
from bot.sandbox.stage import Stage

#: Seconds between two looks at whether the bot still runs: a killed bot is started again, as part of the show.
_LOOK_SECONDS: Final = 1.0

#: Asked for first, so that a bookmark works; any free port where it is taken.
_PORT: Final = 8765


def run_demo(
    command: Sequence[str], folder: Path, manifest: dict[str, Any], *, http: bool, fresh: bool, browse: bool = True
) -> None:
    """Run until Ctrl-C or SIGTERM.

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
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ExitStack() as opened:
        try:
            stage = opened.enter_context(Stage(command, folder, manifest, http=http, keep=True))
            stage.start_bot()
            page = _page(stage, opened)
            out.print(f"\n[bold]Kudos is at {page.url}/[/bold]  (Ctrl-C ends it)")
            out.print(f"Everything is kept in {folder.resolve()}; the bot's log is {stage.log.name} there.")
            if browse and _has_browser():
                webbrowser.open(page.url)
            _supervise(stage, out)
        except KeyboardInterrupt:
            out.print("\nEnding.")


def _page(stage: Stage, opened: ExitStack) -> Served:
    app = create_page_app(stage.slack, stage.tango)
    try:
        return opened.enter_context(serve(app, port=_PORT))
    except OSError:
        return opened.enter_context(serve(app))


def _supervise(stage: Stage, out: Console) -> None:
    while True:
        time.sleep(_LOOK_SECONDS)
        if not stage.bot_is_running:
            out.print("The bot has ended. Starting it again.")
            stage.start_bot()


def _has_browser() -> bool:
    """Tell whether a window can be opened: a text browser would take the terminal."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
