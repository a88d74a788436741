"""`kudos init`: asks for what an installation needs, and writes app.yaml and secrets.env."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
import yaml

from bot.errors import ConfigurationError
from bot.settings import SECRETS_FILE, TANGO_SANDBOX
from bot.settings_values import (
    BY_DM,
    ApprovalsChannel,
    AppToken,
    BotToken,
    PlatformName,
    Secret,
    TangoIdentifier,
    UserOrGroupId,
    fault_in,
)

#: Tango's production (Tango docs, API endpoint overview).
_TANGO_PRODUCTION: Final = "https://api.tangocard.com/raas/v2"

#: Readable by its owner alone.
_PRIVATE: Final = 0o600

_MODE: Final = click.Choice(["socket", "http"])
_PLATFORM: Final = click.Choice(["sandbox", "production"])


def ask_and_write(path: Path) -> str:
    """Ask on the terminal, fill in the example at `path`, and write the secrets beside it; return what to do next.

    Nothing is written before the last question is answered, and what is there already is never replaced.

    Raises:
        ConfigurationError: the file is not the example any more, or there are secrets.
    """
    secrets = path.parent / SECRETS_FILE
    example = _example(path)
    if secrets.exists():
        raise ConfigurationError([f"{secrets}: is there already; change it by hand, or move it away first"])
    click.echo("Slack (https://api.slack.com/apps, your app)")
    mode = click.prompt("  Does the bot call Slack (socket), or Slack the bot (http)?", default="socket", type=_MODE)
    kept = {"SLACK_BOT_TOKEN": _ask("Bot User OAuth Token (OAuth & Permissions)", BotToken, hidden=True)}
    if mode == "socket":
        where = "App-level token (Basic Information → App-Level Tokens)"
        kept["SLACK_APP_TOKEN"] = _ask(where, AppToken, hidden=True)
    else:
        kept["SLACK_SIGNING_SECRET"] = _ask("Signing Secret (Basic Information)", Secret, hidden=True)
    channel = _ask("Channel for approvals (its id, at the end of Copy link), or dm: to each approver", ApprovalsChannel)
    approvers = _ask("Who approves (member ids or user group ids, with spaces between)", UserOrGroupId, several=True)
    admins = _ask("Who sees all orders and hears of trouble (the same)", UserOrGroupId, several=True)
    click.echo("Tango (its portal)")
    base_url = {"sandbox": TANGO_SANDBOX, "production": _TANGO_PRODUCTION}[
        click.prompt("  Tango's sandbox, or production with real money?", default="sandbox", type=_PLATFORM)
    ]
    kept["TANGO_PLATFORM_NAME"] = _ask("Platform name", PlatformName)
    kept["TANGO_PLATFORM_KEY"] = _ask("Platform key", Secret, hidden=True)
    customer = _ask("Customer identifier: whose account pays", TangoIdentifier)
    account = _ask("Account identifier: the account that pays", TangoIdentifier)
    filled = _filled(
        path,
        example,
        {
            r"(?<=mode: )socket": mode,
            re.escape(TANGO_SANDBOX) + r"(?=   #)": base_url,
            "your-customer": _as_text(customer),
            "your-account": _as_text(account),
            r"(?<=channel: )C0123456789": channel,
            r"\n    - U0123456789": "".join(f"\n    - {one}" for one in approvers.split()),
            r"(?<=admins: )\[\]": f"[{', '.join(admins.split())}]",
        },
    )
    _write_private(secrets, "".join(f"{name}={value}\n" for name, value in kept.items()))
    path.write_text(filled, encoding="utf-8")
    invite = "" if channel == BY_DM else "invite the bot to the channel for approvals (/invite @Kudos), and "
    return f"{path} and {secrets} are written; only you can read {secrets.name}.\nNext: {invite}run kudos check."


def _example(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError([f"{path}: there is no such file; copy app.yaml from the repository"]) from None
    if "your-customer" not in text:
        raise ConfigurationError([f"{path}: has settings of its own already; change it by hand"])
    return text


def _filled(path: Path, text: str, values: Mapping[str, str]) -> str:
    for place, value in values.items():
        text, found = re.subn(place, lambda _, value=value: value, text, count=1)  # type: ignore[misc]  # no escapes
        if not found:
            raise ConfigurationError([f"{path}: is not the example any more; change it by hand"])
    return text


def _ask(question: str, kind: Any, *, several: bool = False, hidden: bool = False) -> str:
    """Ask until the answer is right.

    Args:
        question: what is asked for, and where it is found.
        kind: of the setting.
        several: whether the answer may be several values, with spaces between.
        hidden: whether the answer is a secret.
    """

    def check(answer: str) -> str:
        for value in answer.split() if several else [answer.strip()]:
            if (fault := fault_in(value, kind)) is not None:
                raise click.UsageError(fault)
        return answer.strip()

    return str(click.prompt(f"  {question}", value_proc=check, hide_input=hidden))


def _as_text(value: str) -> str:
    """Return a text as YAML writes it: 12345, false and 2026-11-27 need quotes."""
    return value if yaml.safe_load(value) == value else f'"{value}"'


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=_PRIVATE, exist_ok=False)
    path.write_text(text, encoding="utf-8")
