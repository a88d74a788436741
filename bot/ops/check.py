"""`kudos check`: tries all that the bot will need, and sends nothing. Each finding is a line, with its remedy."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from shlex import quote
from typing import Final

from rich.console import Console

from bot.clock import Clock
from bot.domain.catalog import Reward
from bot.domain.money import money_text
from bot.errors import ConfigurationError, StorageError, TangoRefused, TangoUnavailable
from bot.ops.check_postgres import check_postgres
from bot.ops.init import INIT_HINT, is_untouched
from bot.settings import Settings, load_settings
from bot.tango.catalog import rewards_of
from bot.tango.client import TangoClient
from bot.tango.models import Account
from bot.tango.outcomes import Reason
from bot.tango.wire import word_of
from bot.usecases.tango_account import mismatch_text
from bot.usecases.undelivered import MESSAGES_TAB_OFF
from handlers.check import MESSAGES_TAB_REMEDY, NO_ADMINS_REMEDY, Finding, check_slack
from handlers.check_approvals import check_approvals
from handlers.check_workflows import check_workflows
from handlers.views.tango import words_of
from storage import Storage, inspect_file, open_to_others

#: The end of every address of Tango's API (Tango docs, API endpoint overview).
_API: Final = "/raas/v2"

_ADDRESS_REMEDY: Final = f"Tango's addresses end in {_API}. Any other address answers each call with 404."

#: Orders a second that Tango takes (Tango docs, Manage orders, Create an order).
_TANGOS_PACE: Final = 1.0

#: A clock that is wrong by more makes Slack's posts too old (Slack docs, Verifying requests from Slack).
_CLOCK_OFF: Final = timedelta(minutes=5)

#: What to do about other notices that have stepped aside.
_NOTICE_REMEDY: Final = (
    "Look the code up in Slack's docs of chat.postMessage. The bot tries each message again within the hour, and when "
    "it starts."
)


#: What trouble on the way to Tango means, by its reason; the other reasons are words already.
_TROUBLES: Final[Mapping[str, str]] = {
    Reason.TIMEOUT: "it didn't answer in time",
    Reason.CONNECTION_CUT: "the connection was cut",
    Reason.NOT_CONNECTED: "nothing answers at its address, or the network is down",
    Reason.SERVER_ERROR: "it answers with an error of its own",
    Reason.UNREADABLE: "its answer isn't readable",
    Reason.UNEXPECTED: "it answers in a way that I don't know",
    Reason.FOREIGN: "something else answers in its place, such as a proxy",
    Reason.TOO_MANY: "it got too many requests",
}


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
        *most, last = error.faults
        for fault in most:
            yield Finding("Settings", False, fault)
        yield Finding("Settings", False, last, INIT_HINT if is_untouched(config) else "")
        return
    yield Finding("Settings", True, f"{config}, with the hash {settings.hash}")
    yield from _doubtful(settings)
    yield from _database(settings.storage.where)
    yield from _contents(settings)
    socket = settings.slack.mode == "socket" and settings.slack_app_token is not None
    yield from check_slack(
        token=settings.slack_bot_token.get_secret_value(),
        api_url=settings.slack.api_url,
        app_token=settings.slack_app_token.get_secret_value() if socket and settings.slack_app_token else None,
        channel=None if settings.approvals.by_dm else settings.approvals.channel,
        approvers=settings.approvals.approvers,
        thanks_channel=settings.thanks_channel,
        alerts_channel=settings.alerts.channel,
        people=settings.approvals.policy.named
        | settings.roles.admins
        | settings.roles.finance
        | (settings.roles.senders - {"*"})
        | settings.named_by_budgets,
        admins=settings.roles.admins,
        files=settings.slack.files,
    )
    yield from check_approvals(
        token=settings.slack_bot_token.get_secret_value(),
        api_url=settings.slack.api_url,
        policy=settings.approvals.policy,
        budgeted=frozenset(one.amount.currency for one in settings.budgets),
    )
    if settings.slack.workflow_requester is not None:
        yield from check_workflows(
            token=settings.slack_bot_token.get_secret_value(),
            api_url=settings.slack.api_url,
            requester_id=settings.slack.workflow_requester,
            senders=settings.roles.senders,
        )
    if not settings.roles.admins:
        yield Finding("Admins", False, "the settings name none", NO_ADMINS_REMEDY)
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
    """Find settings that rarely work."""
    url, pace = settings.tango.base_url, settings.tango.orders_per_second
    if not _is_tangos(url):
        yield Finding("Settings", False, f"tango.base_url is {url}", _ADDRESS_REMEDY, is_warning=True)
    if pace > _TANGOS_PACE:
        remedy = "Tango accepts one order a second and refuses more. Set 1.0, unless Tango agreed to more."
        yield Finding("Settings", False, f"tango.orders_per_second is {pace:g}", remedy, is_warning=True)


def _is_tangos(url: str) -> bool:
    return url.rstrip("/").endswith(_API)


def _files(path: Path) -> Iterator[Finding]:
    """Tell whether others can read the database or what is beside it; nothing where there is no database."""
    if not path.exists():
        return
    found = open_to_others(path)
    if not found:
        yield Finding("Files", True, "only their owner can read the database and the files beside it")
        return
    modes = ", ".join(f"{file.name} (mode {mode:04o})" for file, mode in found.items())
    names = " ".join(quote(str(file)) for file in found)
    remedy = f"These files hold names and addresses. Type: chmod 600 {names}"
    yield Finding("Files", False, f"others can read {modes}", remedy)


def _clock(told: Sequence[datetime]) -> Iterator[Finding]:
    """Compare the machine's clock with Tango's, of the newest answer."""
    if not told:
        return
    off = abs(Clock().now() - told[-1])
    seconds = round(off.total_seconds())
    text = f"{seconds:,} seconds away from Tango's clock" if seconds != 1 else "1 second away from Tango's clock"
    if off <= _CLOCK_OFF:
        yield Finding("Clock", True, text)
    else:
        remedy = (
            "Set this machine's clock right, with NTP. Until then clicks may be refused, and requests don't expire."
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
        return Finding("Database", True, f"it belongs to {settings.tango_account}")
    return Finding("Database", False, f"it belongs to {bound}", mismatch_text(bound, settings.tango_account))


def _notices(storage: Storage) -> Iterator[Finding]:
    """Tell which notices wait because Slack refuses them, by its code."""
    for code, count in storage.backlog.refused_notices().items():
        remedy = MESSAGES_TAB_REMEDY if code == MESSAGES_TAB_OFF else _NOTICE_REMEDY
        yield Finding("Messages that wait", False, f"Slack has refused {count} so far ({code})", remedy)


def _tango(tango: TangoClient, settings: Settings) -> Iterator[Finding]:
    try:
        account = tango.get_account(settings.tango.account)
    except TangoRefused as error:
        words = words_of(error.i18n_key, error.status)
        wrong_address = error.status == HTTPStatus.NOT_FOUND and not _is_tangos(settings.tango.base_url)
        what = "Tango doesn't have this address" if wrong_address else words.what
        remedy = _ADDRESS_REMEDY if wrong_address else words.remedy
        yield Finding("Tango account", False, f"{what} ({_small(error)})", remedy)
        return
    except TangoUnavailable as error:
        remedy = "Check this machine's network, its proxy and tango.base_url, then try again."
        yield Finding("Tango account", False, f"I can't reach Tango, so I couldn't check this: {_why(error)}", remedy)
        return
    balance = _balance_of(account)
    active = account.status is None or word_of(account.status) == "active"
    named = settings.tango.account
    if account.status:
        text = f"{named} is {account.status.lower()}, and its balance is {balance}"
    else:
        text = f"Tango has {named}, and its balance is {balance}"
    yield Finding("Tango account", active, text, "" if active else "Ask your Tango contact to activate it.")
    if account.current_balance is not None and account.current_balance <= 0:
        yield Finding("Tango balance", False, f"{balance}, so no reward can be sent", "Add funds in the Tango portal.")
    yield from _catalog(tango, settings)


def _balance_of(account: Account) -> str:
    if account.current_balance is None:
        return "unknown"
    return money_text(account.current_balance, account.currency_code or "")


def _small(error: TangoRefused) -> str:
    """Return what Tango's support asks for."""
    return f"Tango {error.i18n_key or error.status}, request {error.request_id or 'unknown'}"


def _why(error: TangoUnavailable) -> str:
    request = f" (request {error.request_id})" if error.request_id else ""
    return f"{_TROUBLES.get(error.reason, error.reason)}{request}"


def _catalog(tango: TangoClient, settings: Settings) -> Iterator[Finding]:
    offered = None if settings.rewards == "all" else settings.rewards
    try:
        rewards = list(rewards_of(tango.list_catalog(verbose=False), offered))
    except TangoRefused as error:
        words = words_of(error.i18n_key, error.status)
        yield Finding("Catalog", False, f"{words.what} ({_small(error)})", words.remedy)
        return
    except TangoUnavailable as error:
        yield Finding("Catalog", False, f"I can't read it: {_why(error)}", "Try again in a minute.")
        return
    yield _offer(rewards, offered)
    if rewards:
        yield from _currencies(settings, frozenset(reward.currency for reward in rewards))


def _offer(rewards: Sequence[Reward], offered: frozenset[str] | None) -> Finding:
    missing = sorted({utid.upper() for utid in offered or ()} - {reward.utid.upper() for reward in rewards})
    if missing:
        text = f"these rewards aren't in it, or aren't active: {', '.join(missing)}"
        remedy = "Take them out of the setting rewards, or ask Tango to add them to your platform."
        return Finding("Catalog", False, text, remedy)
    if not rewards:
        return Finding("Catalog", False, "it has no rewards", "Ask Tango to add rewards to your platform.")
    return Finding("Catalog", True, f"{len(rewards)} rewards on offer" if len(rewards) != 1 else "1 reward on offer")


def _currencies(settings: Settings, offered: frozenset[str]) -> Iterator[Finding]:
    """Find amounts in a currency that no reward has, as by a slip of the finger: they count for no request."""
    approvals, limits = settings.approvals, settings.limits
    named = {
        "approvals.second_above": approvals.second_above,
        "approvals.automatic_up_to": approvals.automatic_up_to,
        "limits.per_reward": limits.per_reward,
        "limits.per_recipient_per_year": limits.per_recipient_per_year,
        **{f"the budget {one.name!r}": {one.amount.currency} for one in settings.budgets},
    }
    for setting, currencies in named.items():
        for currency in sorted(set(currencies) - offered):
            text = f"{setting} has an amount in {currency}, but no reward on offer is in {currency}"
            remedy = "Check how the currency is written, or remove the amount."
            yield Finding("Currencies", False, text, remedy, is_warning=True)
