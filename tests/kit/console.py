"""The `kudos` command, typed with settings of the test's own and no secret in its environment."""

from pathlib import Path

import yaml
from click.testing import CliRunner, Result

from bot.__main__ import main
from tests.kit.bot import SECRETS, environment


def settings_file(folder: Path, where: Path | str) -> Path:
    """Write the settings of a bot over that file, or over that address of PostgreSQL; return their path."""
    path = folder / "app.yaml"
    path.write_text(
        yaml.safe_dump(
            {
                "tango": {"customer": "acme-hr", "account": "acme-rewards"},
                "storage": {"path": str(where)} if isinstance(where, Path) else {"url": where},
                "approvals": {"channel": "C0REWARDS", "approvers": ["U0ALEX001"]},
            }
        )
    )
    return path


def kudos(config: Path, *words: str) -> Result:
    """Type a command."""
    with environment({}):
        return CliRunner().invoke(main, [*words, "--config", str(config)])


def said(config: Path, *words: str) -> str:
    """What a command that works prints."""
    result = kudos(config, *words)
    assert result.exit_code == 0, result.output
    return result.output


def refused(config: Path, *words: str) -> str:
    """What a command that can't be done prints."""
    result = kudos(config, *words)
    assert result.exit_code == 2, result.output
    return result.output


def kudos_with_secrets(config: Path, *words: str) -> Result:
    """Type a command that asks Slack or Tango, beside a bot that runs with these settings."""
    with environment(SECRETS):
        return CliRunner().invoke(main, [*words, "--config", str(config)])


def try_policy(config: Path, sender: str, amount: str, *to: str) -> Result:
    """Type `kudos policy try`, beside a bot that runs with these settings."""
    named = [word for one in to for word in ("--to", one)]
    words = ["policy", "try", "--sender", sender, "--amount", amount, *named, "--config", str(config)]
    with environment(SECRETS):
        return CliRunner().invoke(main, words)


def tried_policy(config: Path, sender: str, amount: str, *to: str) -> dict[str, str]:
    """What it prints, by the word with which a line begins."""
    result = try_policy(config, sender, amount, *to)
    assert result.exit_code == 0, result.output
    return dict(line.split(None, 1) for line in result.output.splitlines())
