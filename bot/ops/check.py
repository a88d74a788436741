"""`kudos check`: try all that the bot will need, and send nothing. Each finding is a line, with its remedy."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console

from bot.clock import Clock
from bot.errors import ConfigurationError, StorageError, TangoError, TangoRefused
from bot.ops.check_postgres import check_postgres
from bot.settings import Settings, load_settings
from bot.tango.catalog import rewards_of
from bot.tango.client import TangoClient
from bot.tango.wire import word_of
from bot.usecases.tango_account import mismatch_text
from bot.usecases.undelivered import MESSAGES_TAB_OFF
from handlers.check import MESSAGES_TAB_REMEDY, Finding, check_slack
from handlers.views.tango import words_of
from storage import Storage, inspect_file, open_to_others

#: The end of every address of Tango's API (Tango docs, API endpoint overview).
_API: Final = "/raas/v2"

#: Orders a second that Tango takes (Tango docs, Manage orders, Create an order).
_TANGOS_PACE: Final = 1.0

#: A clock that is wrong by more makes Slack's posts too old (Slack docs, Verifying requests from Slack).
_CLOCK_OFF: Final = timedelta(minutes=5)

#: What to do about other notices that have stepped aside.
_NOTICE_REMEDY: Final = (
    "Slack's docs of chat.postMessage say what the code means. Each notice is tried again within the hour, and at the "
    "bot's next start."
)


def run_checks(config: Path) -> bool:
    """Print every finding, and return whether the bot can run."""
    out = Console(highlight=False, soft_wrap=True)
    good = True
    for finding in _findings(config):
        good = good and (finding.good or finding.is_warning)
        out.print(_mark_of(finding), end=" ")
        out.print(f"{finding.subject}: {finding.text}", markup=False)
        if finding.remedy:
            out.print(f"     → {finding.remedy}", markup=False)
    return good


def _mark_of(finding: Finding) -> str:
    if finding.good:
        return "[green]ok  [/green]"
    return "[yellow]warn[/yellow]" if finding.is_warning else "[red]FAIL[/red]"


def _findings(config: Path) -> Iterator[Finding]:
    try:
        settings = load_settings(config)
    except ConfigurationError as error:
        for fault in error.faults:
            yield Finding("Settings", False, fault)
        return
    yield Finding("Settings", True, str(config))
    yield from _doubtful(settings)
    yield from _database(settings.storage.where)
    yield from _contents(settings)
    socket = settings.slack.mode == "socket" and settings.slack_app_token is not None
    yield from check_slack(
        token=settings.slack_bot_token.get_secret_value(),
        api_url=settings.slack.api_url,
        app_token=settings.slack_app_token.get_secret_value() if socket and settings.slack_app_token else None,
        channel=settings.approvals.channel,
        thanks_channel=settings.thanks_channel,
        people=settings.approvals.approvers | settings.roles.admins | (settings.roles.senders - {"*"}),
        admins=settings.roles.admins,
    )
    if not settings.roles.admins:
        yield Finding(
            "Admins", False, "nobody", "Name somebody under roles.admins: who else hears that orders are on hold?"
        )
    told: list[datetime] = []
    tango = TangoClient(
        base_url=settings.tango.base_url,
        platform_name=settings.tango_platform_name,
        platform_key=settings.tango_platform_key,
        timeout=settings.tango.timeout,
        on_date=told.append,
    )
    try:
        yield from _tango(tango, settings)
        yield from _clock(told)
    finally:
        tango.close()


def _doubtful(settings: Settings) -> Iterator[Finding]:
    """Find settings that can work and seldom do."""
    url, pace = settings.tango.base_url, settings.tango.orders_per_second
    if not url.rstrip("/").endswith(_API):
        remedy = f"Tango's addresses end in {_API}. With another one, every call is answered with 404."
        yield Finding("Settings", False, f"tango.base_url is {url}", remedy, is_warning=True)
    if pace > _TANGOS_PACE:
        remedy = "Tango takes one order a second, and refuses what comes earlier. Set 1.0, unless Tango agreed to more."
        yield Finding("Settings", False, f"tango.orders_per_second is {pace:g}", remedy, is_warning=True)


def _files(path: Path) -> Iterator[Finding]:
    """Tell whether others can read the database or what is beside it; nothing where there is no database."""
    if not path.exists():
        return
    found = open_to_others(path)
    if not found:
        yield Finding("Files", True, "the database and all beside it are their owner's alone")
        return
    modes = ", ".join(f"{file.name} has mode {mode:04o}" for file, mode in found.items())
    names = " ".join(str(file) for file in found)
    yield Finding("Files", False, modes, f"They hold names and addresses. Type: chmod 600 {names}")


def _clock(told: Sequence[datetime]) -> Iterator[Finding]:
    """Compare the machine's clock with Tango's, of the newest answer."""
    if not told:
        return
    off = abs(Clock().now() - told[-1])
    text = f"{off.total_seconds():,.0f} s from Tango's"
    if off <= _CLOCK_OFF:
        yield Finding("Clock", True, text)
    else:
        remedy = (
            "Set the machine's clock right, with NTP. Until then Slack's clicks may be refused, and nothing expires."
        )
        yield Finding("Clock", False, text, remedy)


def _database(where: Path | str) -> Iterator[Finding]:
    if isinstance(where, str):
        yield from check_postgres(where)
        return
    try:
        yield Finding("Database", True, inspect_file(where))
    except StorageError as error:
        yield Finding("Database", False, str(error))
    yield from _files(where)


def _contents(settings: Settings) -> Iterator[Finding]:
    """Check what the database holds; nothing of one that can't be read."""
    try:
        storage = Storage.visit(settings.storage.where)
    except StorageError:
        return
    try:
        yield _binding(settings, storage)
        yield from _notices(storage)
    finally:
        storage.close()


def _binding(settings: Settings, storage: Storage) -> Finding:
    """Tell whether the database belongs to the account that the settings name."""
    bound = storage.tango_account.get()
    if bound is None or bound == settings.tango_account:
        return Finding("Database's account", True, str(settings.tango_account))
    return Finding("Database's account", False, str(bound), mismatch_text(bound, settings.tango_account))


def _notices(storage: Storage) -> Iterator[Finding]:
    """Tell which notices wait because Slack refuses them, by its code."""
    for code, count in storage.backlog.refused_notices().items():
        remedy = MESSAGES_TAB_REMEDY if code == MESSAGES_TAB_OFF else _NOTICE_REMEDY
        yield Finding("Notices", False, f"{count} not taken by Slack so far: {code}", remedy)


def _tango(tango: TangoClient, settings: Settings) -> Iterator[Finding]:
    try:
        account = tango.get_account(settings.tango.account)
    except TangoRefused as error:
        yield Finding("Tango account", False, str(error), words_of(error.i18n_key, error.status).remedy)
        return
    except TangoError as error:
        yield Finding("Tango", False, str(error), "Check tango.base_url and the network.")
        return
    balance = f"{account.current_balance} {account.currency_code}"
    active = account.status is None or word_of(account.status) == "active"
    text = f"{settings.tango.account} is {account.status or 'there'}, balance {balance}"
    yield Finding("Tango account", active, text, "" if active else "Ask your Tango contact.")
    if account.current_balance is not None and account.current_balance <= 0:
        yield Finding("Tango balance", False, balance, "Add funds in the Tango portal.")
    yield _catalog(tango, settings)


def _catalog(tango: TangoClient, settings: Settings) -> Finding:
    offered = None if settings.rewards == "all" else settings.rewards
    try:
        rewards = list(rewards_of(tango.list_catalog(verbose=False), offered))
    except TangoError as error:
        return Finding("Catalog", False, str(error), "Try again in a minute.")
    missing = sorted({utid.upper() for utid in offered or ()} - {reward.utid.upper() for reward in rewards})
    if missing:
        text = f"not in the catalog, or not active: {', '.join(missing)}"
        return Finding("Catalog", False, text, "Take them out of rewards, or have Tango add them to the platform.")
    if not rewards:
        return Finding("Catalog", False, "no rewards", "Have Tango add rewards to the platform.")
    return Finding("Catalog", True, f"{len(rewards)} rewards on offer")
