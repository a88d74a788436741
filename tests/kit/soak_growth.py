"""What a bot holds that must not grow however long it runs: memory, threads, open files, rows that are no history."""

import gc
import logging
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any, Final

from bot.clock import Clock
from tests.kit.soak import KEPT_FOR, Soak

#: Tables with a row for each thing that happened, or for each night: they are the history, and stay.
_HISTORY: Final = frozenset({
    "requests", "recipients", "orders", "attempts", "resends", "inquiries", "posts", "audit", "gift_log",
    "email_failures", "reconciliations", "access",
})  # fmt: skip

#: Rows of these are removed once they are old.
_KEPT_A_WHILE: Final = frozenset({"outbox", "reminders"})

#: These have at most one row for each person, from the day on which they first act.
_OF_PEOPLE: Final = frozenset({"conversations", "homes", "digests"})

#: Bytes. What the bot remembers has an end: people's profiles, names, the catalog, the turns of an hour. A day is about
#: a hundred requests and some thousand calls: a reference kept for each request alone is more than this in a week.
_MOST_BYTES: Final = 50_000

#: Not the bot's own, or the same for ever. The clock knows the workspace, and a logger the handlers of the tests.
_ELSEWHERE: Final = (ModuleType, type, logging.Logger, logging.Handler, Clock, BuiltinFunctionType)

#: Threads of pools, which begin as many as were needed at once, up to an end.
_POOLS: Final = ("background", "fetching", "look-up", "tango", "AnyIO worker")

#: Connections that are kept open for the next call come and go.
_MOST_FILES: Final = 10


@dataclass(frozen=True, slots=True)
class Held:
    """What is held at a quiet moment.

    Attributes:
        bytes: of all that can be reached from the bot and from its modules.
        threads: that run, without those of pools.
        files: that are open.
        rows: of the tables that are no history.
    """

    bytes: int
    threads: int
    files: int
    rows: dict[str, int]


def measure(soak: Soak) -> Held:
    """Return what is held now."""
    gc.collect()
    tables = [row["name"] for row in soak.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return Held(
        bytes=_bytes_of([soak.bot, *_modules()]),
        threads=sum(not thread.name.startswith(_POOLS) for thread in threading.enumerate()),
        files=len(list(Path("/dev/fd").iterdir())),
        rows={
            table: soak.one(f"SELECT count(*) AS n FROM {table}")["n"]  # noqa: S608 - names of our own tables
            for table in tables
            if table not in _HISTORY | _KEPT_A_WHILE | _OF_PEOPLE
        },
    )


def check_flat(soak: Soak, first: Held, last: Held) -> None:
    """See that nothing has grown between two quiet moments of one life of the bot."""
    assert last.bytes - first.bytes < _MOST_BYTES, f"{first.bytes} bytes became {last.bytes}"
    assert last.threads <= first.threads, sorted(thread.name for thread in threading.enumerate())
    assert last.files <= first.files + _MOST_FILES
    grown = {table: (first.rows[table], rows) for table, rows in last.rows.items() if rows != first.rows[table]}
    assert not grown, grown
    before = (soak.clock.now() - KEPT_FOR).timestamp() * 1_000 - 2 * 3_600_000
    assert soak.rows("SELECT * FROM outbox WHERE settled_at < :before", before=before) == []
    cleared = "SELECT id FROM requests WHERE cleared_at IS NOT NULL"
    assert soak.rows(f"SELECT * FROM reminders WHERE request_id IN ({cleared})") == []  # noqa: S608 - our own SQL


def _modules() -> list[dict[str, Any]]:
    """Return the names in each of the bot's modules: what is remembered for all."""
    rooms = ("bot", "handlers", "storage")
    return [
        vars(module)
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in rooms and not name.startswith("bot.sandbox")
    ]


def _bytes_of(roots: Iterable[object]) -> int:
    """Return the size of all that can be reached from there.

    Memory is not counted by who allocated it: Python hands a freed dict on, so that the stand-ins' count as the bot's.
    """
    seen: set[int] = set()
    left, size = list(roots), 0
    while left:
        one = left.pop()
        if id(one) in seen or isinstance(one, _ELSEWHERE):
            continue
        seen.add(id(one))
        size += sys.getsizeof(one)
        left += [one.__closure__, one.__defaults__] if isinstance(one, FunctionType) else gc.get_referents(one)
    return size
