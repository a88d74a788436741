"""The machine on which the figures were taken: figures mean little without it."""

import os
import platform
import sqlite3
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from bot.sandbox.postgres import find_server
from tests.bench.figures import ms, percentile

_PACKAGES: Final = ("slack-bolt", "httpx", "sqlite-utils", "apscheduler", "uvicorn", "celery")

#: As long as a gap of the pace is off by, at worst, if it is off by the machine.
_NAP: Final = 0.01


def describe() -> list[tuple[str, str]]:
    """Name and value of what the figures depend on."""
    return [
        ("Date", f"{datetime.now(UTC):%Y-%m-%d}"),
        ("Processor", f"{_processor()}, {os.cpu_count()} cores"),
        ("Memory", f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"),
        ("System", f"{platform.system()} {platform.release()}"),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("SQLite", sqlite3.sqlite_version),
        ("PostgreSQL", _postgres()),
        ("Libraries", ", ".join(found for name in _PACKAGES if (found := _installed(name)))),
    ]


def lateness(seconds: int) -> list[float]:
    """How late sleeps of ten milliseconds end, over that many seconds: what the machine itself adds to a gap."""
    late = []
    until = time.monotonic() + seconds
    while (began := time.monotonic()) < until:
        time.sleep(_NAP)
        late.append(time.monotonic() - began - _NAP)
    return late


def spread(late: Sequence[float]) -> str:
    """These, in words."""
    return f"{ms(percentile(late, 50))} (p50), {ms(percentile(late, 99))} (p99), {ms(max(late))} (most)"


def _installed(package: str) -> str:
    """The package with its version; nothing where it is not installed."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""


def _postgres() -> str:
    """The version of the server, as its program tells it; a dash where there is none."""
    if (programs := find_server()) is None:
        return "–"
    told = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return told.split()[2]


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:  # not on Linux
        pass
    return platform.processor() or platform.machine()
