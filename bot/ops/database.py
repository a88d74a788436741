"""The commands about the database as a whole: `kudos migrate`, `backup`, `restore`, `restored`, `move`."""

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from shlex import quote
from typing import Final

from rich.console import Console
from rich.progress import Progress

from bot.clock import Clock
from bot.domain.order import IDEMPOTENCY_HORIZON
from bot.errors import StorageError
from bot.ops.console import time_text
from bot.settings import LocalSettings
from bot.settings_values import without_password
from bot.usecases.queue import CONSOLE
from storage import Contents, Storage, back_up, is_address, move, restore

#: The orders that wait in a backup are sent in the hours after the restore, and those hours must be within Tango's 90
#: days too.
_MARGIN: Final = timedelta(days=1)

_TOO_OLD: Final = (
    "The backup is older than the 90 days for which Tango knows a reference: what is queued in it may have been sent, "
    "and its reference no longer protects from paying twice. The queue is therefore paused. Start the bot: it asks "
    "Tango about each order, also while the queue is paused. See what `kudos queue list` shows then, before "
    "`kudos queue resume`: what is past the 90 days is not sent, but set aside for an admin."
)

_NUMBERED_ON: Final = "New requests are numbered on from the replaced file's last number."
_NUMBERED_AGAIN: Final = "New requests may get numbers that others got after that."


# ------------------------------------------------------------------------------------------ migrate


def migrate_database(settings: LocalSettings) -> str:
    """Bring the database up to date, or make it, and return what happened, as a sentence.

    Raises:
        StorageError: the database can't be brought up to date, or another bot runs on the file.
    """
    with closing(Storage.open_for_run(settings.storage.where)) as storage:
        steps = storage.migrated
    if not steps:
        return "The database is up to date already."
    return f"The database is up to date now. Steps that were applied: {', '.join(steps)}."


def move_database(settings: LocalSettings, to: str) -> str:
    """Copy the whole database from a file to PostgreSQL, or the reverse; return what to do then.

    Args:
        settings: name the database that is copied.
        to: an address of PostgreSQL, or the path of a new file.

    Raises:
        StorageError: nothing was moved; the text says why, and what to do.
    """
    target = to if is_address(to) else Path(to)
    if isinstance(settings.storage.where, str) == isinstance(target, str):
        raise StorageError(
            "A move is from a file to PostgreSQL, or the reverse. For another file use `kudos backup` and "
            "`kudos restore`, for another server pg_dump and pg_restore."
        )
    out = Console(stderr=True)
    with Progress(console=out, transient=True, disable=not out.is_terminal) as bar:
        shown = bar.add_task("Copying and comparing", total=None)
        counts = move(
            settings.storage.where, target, lambda done, total: bar.update(shown, completed=done, total=total)
        )
    named = "by KUDOS_STORAGE__URL or storage.url" if isinstance(target, str) else f"as storage.path: {target}"
    return f"""\
Copied and compared row by row: {sum(counts.values()):,} rows, of them requests: {counts["requests"]:,}, orders: \
{counts["orders"]:,}.
Name the new database {named}, and take the old one out of the settings. Then start the bot.
The old one is as it was, and has names and addresses in it. Start no bot on it any more, and remove it in time."""


# ------------------------------------------------------------------------------------------ backup


def make_backup(settings: LocalSettings, to: Path) -> str:
    """Copy the database to the new file `to`, also while the bot runs, and return what the copy holds.

    Raises:
        StorageError: no backup was made; the text says what to do.
    """
    if isinstance(settings.storage.where, str):
        raise StorageError(_instead_of_backup(settings.storage.where, to))
    contents = back_up(settings.storage.where, to)
    return f"{to} was found sound. It holds {_holds(contents)}."


def restore_backup(settings: LocalSettings, backup: Path) -> str:
    """Put a backup in the place of the database, and return what that means.

    Raises:
        StorageError: nothing was changed; the text says what to do.
    """
    if isinstance(settings.storage.where, str):
        raise StorageError(_instead_of_restore(settings.storage.where, backup))
    now = Clock().now()
    restored = restore(settings.storage.where, backup, now=now, known_since=_known_since(now), actor=CONSOLE)
    last_event_at = restored.contents.last_event_at
    lines = [f"{settings.storage.where} is {backup} now. It holds {_holds(restored.contents)}."]
    if restored.kept_as is not None:
        lines.append(f"The replaced file is kept as {restored.kept_as}: it holds names and addresses as well.")
    if last_event_at is not None:
        lines.append(_consequences(last_event_at, _NUMBERED_ON))
    if restored.is_paused:
        lines.append(_TOO_OLD)
    return "\n".join(lines)


def mark_restored(settings: LocalSettings) -> str:
    """Mark what waits in a database that was put back by other means, and return what that means.

    Raises:
        StorageError: nothing was changed; the text says what to do.
    """
    now = Clock().now()
    with Storage.alone(settings.storage.where) as storage, storage.transaction():
        doubt = storage.doubt.mark(now=now, known_since=_known_since(now), actor=CONSOLE)
    if doubt.since is None:
        return "Nothing has happened in this database yet, so nothing can have been sent."
    lines = ["What waits counts as possibly sent now.", _consequences(doubt.since, _NUMBERED_AGAIN)]
    if doubt.is_paused:
        lines.append(_TOO_OLD)
    return "\n".join(lines)


def _known_since(now: datetime) -> datetime:
    """Return since when Tango surely knows what was sent, also in the hours after a restore."""
    return now - (IDEMPOTENCY_HORIZON - _MARGIN)


def _instead_of_backup(url: str, to: Path) -> str:
    return f"""\
This installation is on PostgreSQL, which has its own backups, also while bots run. Type:
  pg_dump --format=custom --file={quote(str(to))} {quote(without_password(url))}
A dump lacks what came after it. To lose seconds at most, archive the write-ahead log as well (PostgreSQL docs,
Continuous Archiving and Point-in-Time Recovery), or keep a standby."""


def _instead_of_restore(url: str, backup: Path) -> str:
    return f"""\
This installation is on PostgreSQL, which has its own backups. Stop all bots, then type:
  pg_restore --clean --if-exists --single-transaction --dbname={quote(without_password(url))} {quote(str(backup))}
  kudos restored
The second command marks what waits as possibly sent. Type it also after a failover to a copy that lacks the last
seconds, and after a point-in-time recovery. Then start the bots."""


def _consequences(last_event_at: datetime, numbers: str) -> str:
    return f"""\
The last thing that it knows of happened {time_text(last_event_at)}. What came after that is gone from the bot:
- Requests and decisions made since must be made again. Orders approved since may be at Tango, which the bot does not
  know: look them up in the Tango portal before anybody asks for them again.
- Orders that wait in the backup may have been sent since. The bot asks Tango about each, and sends those that Tango
  doesn't have, under the same reference, so nobody is paid twice. Within an hour of the restore, one that Tango
  refuses waits for an admin.
- Messages that were due at that time are posted again, and so are the cards and receipts of requests that wait. One
  that was approved since can be approved again: it is sent under the same reference.
- {numbers}"""


def _holds(contents: Contents) -> str:
    last = f", the last event at {time_text(contents.last_event_at)}" if contents.last_event_at else ""
    return f"requests: {contents.requests:,}, orders: {contents.orders:,}{last}"
