"""A stand-in in a process of its own, so that it shares no processor time slice and no lock with what is measured.

`python -m tests.bench.standin tango|slack|empty …` prints its address when it serves, and serves until it is ended.
"""

import signal
import sys
import threading

import click

from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSandbox
from bot.sandbox.slack.people import User
from bot.sandbox.tango import TangoSandbox
from tests.bench.cast import EVERYONE


@click.group()
def main() -> None:
    """Serve a stand-in."""


@main.command()
@click.option("--min-interval", type=float, default=1.0)
@click.option("--seconds", type=float, default=0.0)
@click.option("--items", type=int, default=0)
def tango(min_interval: float, seconds: float, items: int) -> None:
    """Tango: strict about the pace, and as slow as asked."""
    sandbox = TangoSandbox(min_interval=min_interval, balance="1000000000")
    if seconds:
        sandbox.faults.set("slow", seconds=seconds)
    if items:
        sandbox.catalog.generate(items)
    _serve(sandbox.app)


@main.command()
def slack() -> None:
    """Slack, with everyone of the cast."""
    sandbox = SlackSandbox()
    for person in EVERYONE:
        first, last = person.capitalize(), "Bench"
        sandbox.workspace.users[person] = User(
            person, person.lower(), f"{first} {last}", email=f"{person.lower()}@acme.example"
        )
    _serve(sandbox.app)


def _serve(app: object) -> None:
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with serve(app) as server:  # type: ignore[arg-type]  # two kinds of ASGI apps
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()
