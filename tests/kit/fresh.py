"""What each test is given anew, and need not be made anew: made once by a worker, it is copied or lent."""

import functools
import ssl
import tempfile
from pathlib import Path
from typing import Any
from urllib.request import HTTPSHandler, Request, build_opener

import httpx
import pytest
import slack_sdk.web.base_client

from storage import Storage
from storage.sqlite import SqliteDatabase


def fresh_file(path: Path) -> Path:
    """Put an empty database there, as a bot leaves it that has just made it. Its steps take ten times as long."""
    path.touch(mode=0o600)
    path.write_bytes(_migrated_file())
    return path


def trust_the_power(storage: Storage) -> None:
    """Don't wait until each commit is on the disk: no test cuts the power, and what kills a process loses no commit."""
    if isinstance(storage._database, SqliteDatabase):
        storage._database.connection.execute("PRAGMA synchronous = OFF")


@functools.cache
def _migrated_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "kudos.db"
        Storage.open(path).close()
        return path.read_bytes()


@pytest.fixture(scope="session", autouse=True)
def certificates() -> None:
    """Have the certificates that Tango's client trusts read once by a worker, and not by each bot."""
    transports: Any = httpx._transports.default  # it has no public name
    transports.create_ssl_context = functools.cache(transports.create_ssl_context)


@pytest.fixture(scope="session", autouse=True)
def openers() -> None:
    """Have what opens the connections of Slack's client made once by a worker, and not for each call."""
    opener_of = functools.cache(lambda context: build_opener(HTTPSHandler(context=context)))

    def urlopen(request: Request, *, context: ssl.SSLContext | None, timeout: float) -> Any:
        return opener_of(context).open(request, timeout=timeout)

    client: Any = slack_sdk.web.base_client
    client.urlopen = urlopen
