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
    "The queue is paused, because the backup is older than the 90 days for which Tango knows a reference. Its queued "
    "orders may have been sent, and their references no longer protect from paying twice. Start the bot: it asks Tango "
    "about each order. Then look at `kudos queue list` before you type `kudos queue resume`. Orders past the 90 days "
    "aren't sent; they wait for an admin."
)

_NUMBERED_ON: Final = "New requests get numbers after the replaced file's last one."
_NUMBERED_AGAIN: Final = "New requests may get numbers that others got after that."


# ------------------------------------------------------------------------------------------ migrate


def migrate_database(settings: LocalSettings) -> str:
    """Bring the database up to date, or make it, and say so.

    Raises:
        StorageError: the database can't be brought up to date, or another bot runs on the file.
    """
    with closing(Storage.open_for_run(settings.storage.where)) as storage:
        steps = storage.migrated
    if not steps:
        return "The database was up to date already."
    return f"The database is up to date now. Steps applied: {', '.join(steps)}."


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
            "kudos move copies from a file to PostgreSQL, or back. For another file use `kudos backup` and "
            "`kudos restore`. For another server use pg_dump and pg_restore."
        )
    out = Console(stderr=True)
    with Progress(console=out, transient=True, disable=not out.is_terminal) as bar:
        shown = bar.add_task("Copying and comparing", total=None)
        counts = move(
            settings.storage.where, target, lambda done, total: bar.update(shown, completed=done, total=total)
        )
    if isinstance(target, str):
        put = (
            "Next, put the new database into your settings as KUDOS_STORAGE__URL or storage.url, and remove the old "
            "setting."
        )
    else:
        put = f"Next, put the new database into your settings as storage.path: {target}, and remove the old setting."
    held = _counted(counts["requests"], counts["orders"])
    return f"""\
Database copied and every row compared: {held}, {sum(counts.values()):,} rows in all.
{put} Then start the bot.
The old database still holds names and addresses. Don't start a bot on it again, and delete it later."""


# ------------------------------------------------------------------------------------------ backup


def make_backup(settings: LocalSettings, to: Path) -> str:
    """Copy the database to the new file `to`, also while the bot runs, and say what the copy holds.

    Raises:
        StorageError: no backup was made; the text says what to do.
    """
    if isinstance(settings.storage.where, str):
        raise StorageError(_instead_of_backup(settings.storage.where, to))
    contents = back_up(settings.storage.where, to)
    return f"Backup saved to {to} and verified: {_holds(contents)}."


def restore_backup(settings: LocalSettings, backup: Path) -> str:
    """Put a backup in the place of the database, and say what that means.

    Raises:
        StorageError: nothing was changed; the text says what to do.
    """
    if isinstance(settings.storage.where, str):
        raise StorageError(_instead_of_restore(settings.storage.where, backup))
    now = Clock().now()
    restored = restore(settings.storage.where, backup, now=now, known_since=_known_since(now), actor=CONSOLE)
    last_event_at = restored.contents.last_event_at
    lines = [f"Backup {backup} restored to {settings.storage.where}: {_holds(restored.contents)}."]
    if restored.kept_as is not None:
        lines.append(
            f"The replaced file is kept as {restored.kept_as}. It holds names and addresses, so delete it later."
        )
    if last_event_at is not None:
        lines.append(_consequences(last_event_at, _NUMBERED_ON))
    if restored.is_paused:
        lines.append(_TOO_OLD)
    return "\n".join(lines)


def mark_restored(settings: LocalSettings) -> str:
    """Mark what waits in a database that was put back by other means, and say what that means.

    Raises:
        StorageError: nothing was changed; the text says what to do.
    """
    now = Clock().now()
    with Storage.alone(settings.storage.where) as storage, storage.transaction():
        doubt = storage.doubt.mark(now=now, known_since=_known_since(now), actor=CONSOLE)
    if doubt.since is None:
        return "This database is new, so nothing can have been sent."
    lines = ["Orders that wait are now marked as possibly sent.", _consequences(doubt.since, _NUMBERED_AGAIN)]
    if doubt.is_paused:
        lines.append(_TOO_OLD)
    return "\n".join(lines)


def _known_since(now: datetime) -> datetime:
    """Return since when Tango surely knows what was sent, also in the hours after a restore."""
    return now - (IDEMPOTENCY_HORIZON - _MARGIN)


def _instead_of_backup(url: str, to: Path) -> str:
    return f"""\
Your data is on PostgreSQL, which makes its own backups, also while bots run. Type:
  pg_dump --format=custom --file={quote(str(to))} {quote(without_password(url))}
A dump lacks what came after it. To lose seconds at most, archive the write-ahead log as well, or keep a standby.
(PostgreSQL docs, Continuous Archiving and Point-in-Time Recovery)"""


def _instead_of_restore(url: str, backup: Path) -> str:
    return f"""\
Your data is on PostgreSQL, which restores its own backups. Stop all bots, then type:
  pg_restore --clean --if-exists --single-transaction --dbname={quote(without_password(url))} {quote(str(backup))}
  kudos restored
The second command marks orders that wait as possibly sent. Then start the bots.
Type it also after a point-in-time recovery, and after a failover to a copy that lacks the last seconds."""


def _consequences(last_event_at: datetime, numbers: str) -> str:
    return f"""\
The last event in the database was at {time_text(last_event_at)}. The bot has forgotten everything after that:
- People must make newer requests and decisions again. Newer orders may be at Tango, and the bot doesn't know them. Look
  them up in the Tango portal before people ask for them again.
- Orders that wait may have been sent since. The bot asks Tango about each, and sends those that Tango doesn't have.
  It sends them under the same reference, so nobody is paid twice. For an hour, an order that Tango refuses waits for
  an admin.
- Messages that were due then are posted again, and so are the cards and receipts of requests that wait. A request that
  was approved since can be approved again: its orders keep their references.
- {numbers}"""


def _holds(contents: Contents) -> str:
    last = f", the last event at {time_text(contents.last_event_at)}" if contents.last_event_at else ""
    return f"{_counted(contents.requests, contents.orders)}{last}"


def _counted(requests: int, orders: int) -> str:
    ends = ("" if requests == 1 else "s", "" if orders == 1 else "s")
    return f"{requests:,} request{ends[0]}, {orders:,} order{ends[1]}"
