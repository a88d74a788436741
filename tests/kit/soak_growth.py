"""What a bot holds that must not grow however long it runs: memory, threads, open files, rows that are no history."""

import gc
import threading
import tracemalloc
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.sandbox.slack import __file__ as sandbox_file
from tests.kit.soak import KEPT_FOR, Soak

#: Tables with a row for each thing that happened: they are the history, and stay.
_HISTORY: Final = frozenset({"requests", "recipients", "orders", "attempts", "resends", "posts", "audit"})

#: Rows of these are removed once they are old.
_KEPT_A_WHILE: Final = frozenset({"outbox"})

#: Bytes. A day is about a hundred requests and some thousand calls: a leak of a reference for each is far more in a
#: week, and what is remembered of people and rewards (caches with an end) is replaced, and is the same at any time.
_MOST_BYTES: Final = 200_000

#: Connections that are kept open for the next call come and go.
_MOST_FILES: Final = 10


@dataclass(frozen=True, slots=True)
class Held:
    """What is held at a quiet moment.

    Attributes:
        bytes: allocated by lines of the bot's own and of Slack's libraries, since `watch_memory`.
        threads: that run.
        files: that are open.
        rows: of the tables that are no history.
    """

    bytes: int
    threads: int
    files: int
    rows: dict[str, int]


def watch_memory() -> None:
    """Take note of what is allocated from now on. It makes everything slower."""
    tracemalloc.start()


def measure(soak: Soak) -> Held:
    """Return what is held now."""
    gc.collect()
    root = Path(sandbox_file).parents[3]
    kept = [f"{root}/{room}/*" for room in ("bot", "handlers", "storage")]
    kept += [f"*/{library}/*" for library in ("slack_bolt", "slack_sdk", "sqlite_utils", "apscheduler")]
    filters = [tracemalloc.Filter(inclusive=True, filename_pattern=pattern) for pattern in kept]
    mine = tracemalloc.take_snapshot().filter_traces(filters)
    mine = mine.filter_traces([tracemalloc.Filter(inclusive=False, filename_pattern=f"{root}/bot/sandbox/*")])
    tables = [row["name"] for row in soak.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return Held(
        bytes=sum(one.size for one in mine.statistics("filename")),
        threads=threading.active_count(),
        files=len(list(Path("/dev/fd").iterdir())),
        rows={
            table: soak.one(f"SELECT count(*) AS n FROM {table}")["n"]  # noqa: S608 - names of our own tables
            for table in tables
            if table not in _HISTORY | _KEPT_A_WHILE
        },
    )


def check_flat(soak: Soak, first: Held, last: Held) -> None:
    """See that nothing has grown between two quiet moments of one life of the bot."""
    assert last.bytes - first.bytes < _MOST_BYTES, f"{first.bytes} bytes became {last.bytes}"
    assert last.threads <= first.threads, sorted(thread.name for thread in threading.enumerate())
    assert last.files <= first.files + _MOST_FILES
    assert last.rows == first.rows
    before = (soak.clock.now() - KEPT_FOR).timestamp() * 1_000 - 2 * 3_600_000
    assert soak.rows("SELECT * FROM outbox WHERE settled_at < :before", before=before) == []
