"""`kudos init`: asks for what an installation needs, and writes app.yaml and secrets.env."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import click
import yaml

from bot.domain.approval import BY_DM
from bot.errors import ConfigurationError
from bot.settings import TANGO_SANDBOX
from bot.settings_values import (
    ApprovalsChannel,
    AppToken,
    BotToken,
    PlatformName,
    Secret,
    TangoIdentifier,
    UserOrGroupId,
    fault_in,
)
from bot.settings_words import SECRETS_FILE

#: Tango's production (Tango docs, API endpoint overview).
_TANGO_PRODUCTION: Final = "https://api.tangocard.com/raas/v2"

#: Readable by its owner alone.
_PRIVATE: Final = 0o600

_MODE: Final = click.Choice(["socket", "http"])
_PLATFORM: Final = click.Choice(["sandbox", "production"])


#: What to do where nothing has been set yet.
INIT_HINT: Final = "Type `kudos init`. It asks for all of this, and writes both files."


def is_untouched(path: Path) -> bool:
    """Return whether the settings are still the example, and there are no secrets beside them."""
    try:
        _example(path)
    except (ConfigurationError, OSError, UnicodeDecodeError):
        return False
    return not (path.parent / SECRETS_FILE).exists()


def ask_and_write(path: Path) -> str:
    """Ask on the terminal, fill in the example at `path`, write the secrets beside it, and return what to do next.

    Nothing is written before the last question is answered, and what is there already is never replaced.

    Raises:
        ConfigurationError: the file isn't the example any more, or there are secrets.
    """
    secrets = path.parent / SECRETS_FILE
    example = _example(path)
    if secrets.exists():
        raise ConfigurationError([f"{secrets}: This file is here already. Change it by hand, or move it away first."])
    click.echo("Slack: your app at https://api.slack.com/apps")
    mode = click.prompt("  Socket Mode, or http where Slack posts to you?", default="socket", type=_MODE)
    kept = {"SLACK_BOT_TOKEN": _ask("Bot User OAuth Token, xoxb-… (OAuth & Permissions)", BotToken, hidden=True)}
    if mode == "socket":
        where = "App-level token, xapp-… (Basic Information → App-Level Tokens)"
        kept["SLACK_APP_TOKEN"] = _ask(where, AppToken, hidden=True)
    else:
        kept["SLACK_SIGNING_SECRET"] = _ask("Signing Secret (Basic Information)", Secret, hidden=True)
    where = "Channel for approvals, C… (at the end of its Copy link), or dm to write to each approver"
    channel = _ask(where, ApprovalsChannel)
    approvers = _ask(
        "Who approves: ids of people (U…) or user groups (S…), with spaces between", UserOrGroupId, several=True
    )
    admins = _ask("Who sees all orders and hears of trouble: the same kind of ids", UserOrGroupId, several=True)
    click.echo("Tango: its portal")
    base_url = {"sandbox": TANGO_SANDBOX, "production": _TANGO_PRODUCTION}[
        click.prompt("  Tango's sandbox, or production with real money", default="sandbox", type=_PLATFORM)
    ]
    kept["TANGO_PLATFORM_NAME"] = _ask("Platform name (Team Settings → API credentials)", PlatformName)
    kept["TANGO_PLATFORM_KEY"] = _ask("Platform key (the same page)", Secret, hidden=True)
    customer = _ask("Customer identifier: the group that owns the account", TangoIdentifier)
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
    saved = f"Saved your settings to {path} and your secrets to {secrets}, which only you can read."
    if channel == BY_DM:
        return f"{saved}\nNext, type: kudos check"
    return f"{saved}\nNext, invite the bot to the approvals channel (/invite @Kudos). Then type: kudos check"


def _example(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError([f"{path}: There's no such file. Copy app.yaml from the repository."]) from None
    if "your-customer" not in text:
        raise ConfigurationError([f"{path}: This file has your settings already. Change it by hand."])
    return text


def _filled(path: Path, text: str, values: Mapping[str, str]) -> str:
    for place, value in values.items():
        text, found = re.subn(place, lambda _, value=value: value, text, count=1)  # type: ignore[misc]  # no escapes
        if not found:
            raise ConfigurationError([f"{path}: This isn't the example any more. Change it by hand."])
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
