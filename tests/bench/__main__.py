"""Measure, print, and keep: `python -m tests.bench`."""

import importlib
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from tests.bench.bench import Bench
from tests.bench.figures import Table
from tests.bench.machine import describe

#: What a person waits for comes first, and what fills the disk last.
MEASURES: Final = ("ack", "latency", "pace", "jitter", "growth", "budgets", "postgres", "whole")

#: Of the tables, where the terminal is narrower or none.
_WIDTH: Final = 150

_KEPT_IN: Final = Path("BENCHMARKS.md")

_PREFACE: Final = """\
# Benchmarks

`make bench` writes this page. It measures the bot and what it is compared with in the same run, in turns, so that other
load on the machine hits both. The ratios hold on other machines; the milliseconds don't.

Figures are medians of at least five rounds, unless a note names another number; p99 is the slowest of a hundred. A
target that was not met says **missed**. Bot and stand-ins talk over loopback: real networks add their own time to both
sides of each comparison.
"""


@click.command()
@click.option("--only", type=click.Choice(MEASURES), help="Measure this alone; print, and keep nothing.")
@click.option("--quick", is_flag=True, help="Few samples, to see that it works; print, and keep nothing.")
def main(only: str | None, quick: bool) -> None:  # noqa: FBT001 (click passes flags so)
    """Measure the bot beside what it is compared with, and keep the figures in BENCHMARKS.md."""
    # Ended from outside, the processes of a measure end too: each has a block that it ends with.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    console = Console()
    console = Console(width=max(console.width, _WIDTH))
    tables: list[Table] = []
    machine = _machine()
    machine.show(console)
    # Beside the checkout's files, because a temporary folder may be in memory, where a commit costs nothing.
    with tempfile.TemporaryDirectory(prefix=".kudos-bench-", dir=Path.cwd()) as folder:
        bench = Bench(Path(folder), quick, console)
        for name in [only] if only else MEASURES:
            found: list[Table] = importlib.import_module(f"tests.bench.{name}").measure(bench)
            for table in found:
                table.show(console)
            tables += found
    if only is None and not quick:
        _KEPT_IN.write_text(_PREFACE + "\n" + "\n".join(one.markdown() for one in [machine, *tables]), encoding="utf-8")
        console.print(f"Kept in {_KEPT_IN}.")
    missed = _missed(tables)
    console.print(f"Missed: {', '.join(missed)}." if missed else "Every target was met.")


def _machine() -> Table:
    table = Table("The machine", ("", ""))
    for name, value in describe():
        table.add(name, value)
    return table


def _missed(tables: Sequence[Table]) -> list[str]:
    return [f"{table.title}: {row.cells[0]}" for table in tables for row in table.rows if row.met is False]


if __name__ == "__main__":
    main()
