"""The `kudos` command, typed with settings of the test's own and none of the machine's secrets."""

from collections.abc import Mapping
from pathlib import Path

import yaml
from click.testing import CliRunner, Result

from bot.__main__ import main
from tests.kit.bot import environment


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


def kudos(config: Path, *words: str, secrets: Mapping[str, str] | None = None) -> Result:
    """Type a command, with these secrets in its environment."""
    with environment(secrets or {}):
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
