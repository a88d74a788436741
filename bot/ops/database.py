"""The commands about the database as a whole: `kudos migrate`, `backup`, `restore`."""

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from bot.clock import Clock
from bot.domain.order import IDEMPOTENCY_HORIZON
from bot.ops.console import time_text
from bot.settings import LocalSettings
from bot.usecases.queue import CONSOLE
from storage import Contents, Storage, back_up, restore

#: The orders that wait in a backup are sent in the hours after the restore, and those hours must be within Tango's 90
#: days too.
_MARGIN: Final = timedelta(days=1)

_TOO_OLD: Final = (
    "The backup is older than the 90 days for which Tango knows a reference: what is queued in it may have been sent, "
    "and its reference no longer protects from paying twice. The queue is therefore paused. Start the bot: it asks "
    "Tango about each order, also while the queue is paused. See what `kudos queue list` shows then, before "
    "`kudos queue resume`: what is past the 90 days is not sent, but set aside for an admin."
)


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


def make_backup(settings: LocalSettings, to: Path) -> str:
    """Copy the database to the new file `to`, also while the bot runs, and return what the copy holds.

    Raises:
        StorageError: no backup was made; the text says what to do.
    """
    contents = back_up(settings.storage.path, to)
    return f"{to} was found sound. It holds {_holds(contents)}."


def restore_backup(settings: LocalSettings, backup: Path) -> str:
    """Put a backup in the place of the database, and return what that means.

    Raises:
        StorageError: nothing was changed; the text says what to do.
    """
    now = Clock().now()
    restored = restore(
        settings.storage.path, backup, now=now, known_since=now - (IDEMPOTENCY_HORIZON - _MARGIN), actor=CONSOLE
    )
    last_event_at = restored.contents.last_event_at
    lines = [f"{settings.storage.path} is {backup} now. It holds {_holds(restored.contents)}."]
    if restored.kept_as is not None:
        lines.append(f"The replaced file is kept as {restored.kept_as}: it holds names and addresses as well.")
    if last_event_at is not None:
        lines.append(_consequences(last_event_at))
    if restored.is_paused:
        lines.append(_TOO_OLD)
    return "\n".join(lines)


def _consequences(last_event_at: datetime) -> str:
    return f"""\
The last thing that it knows of happened {time_text(last_event_at)}. What came after that is gone from the bot:
- Requests and decisions made since must be made again. Orders approved since may be at Tango, which the bot does not
  know: look them up in the Tango portal before anybody files them again.
- Orders that wait in the backup may have been sent since. The bot asks Tango about each, and sends those that Tango
  doesn't have, under the same reference, so nobody is paid twice. Within an hour of the restore, one that Tango
  refuses waits for an admin.
- Messages that were due at that time are posted again, and so are the cards and receipts of requests that wait. One
  that was approved since can be approved again: it is sent under the same reference.
- New requests and orders are numbered on from the replaced file's last numbers."""


def _holds(contents: Contents) -> str:
    last = f", the last event at {time_text(contents.last_event_at)}" if contents.last_event_at else ""
    return f"requests: {contents.requests:,}, orders: {contents.orders:,}{last}"
