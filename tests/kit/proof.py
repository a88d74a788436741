"""The audit log of a test's bot, held against its chain and against requests and orders."""

from contextlib import closing
from pathlib import Path

from bot.usecases.audit import verify
from storage import Storage


def check_the_chain(where: Path | str) -> None:
    """Nothing in the log, and nothing that it tells of, was changed; also while the bot runs."""
    with closing(Storage.visit(where)) as storage:
        assert verify(storage).faults == []
