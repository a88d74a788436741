"""`kudos init`: what is asked for, what is written, and what is left alone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest
from click.testing import CliRunner, Result
from dotenv import dotenv_values

from bot.__main__ import main
from bot.errors import ConfigurationError
from bot.settings import load_settings

EXAMPLE: Final = Path(__file__).parents[2] / "app.yaml"
SECRETS: Final = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "TANGO_PLATFORM_NAME",
    "TANGO_PLATFORM_KEY",
)
ANSWERS: Final = {
    "mode": "socket",
    "bot token": "xoxb-1-abc",
    "app token": "xapp-1-abc",
    "channel": "C0AAAAAAA1",
    "approvers": "U0AAAAAAA1 S0AAAAAAA2",
    "admins": "U0AAAAAAA3",
    "platform": "sandbox",
    "name": "Acme Platform",
    "key": "k$1#2",
    "customer": "acme-customer",
    "account": "acme-account",
}


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("KUDOS_")]:
        monkeypatch.delenv(name)
    for name in SECRETS:  # set first, so that what a test loads is taken back
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    path = tmp_path / "app.yaml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def init(config: Path, *answers: str) -> Result:
    return CliRunner().invoke(main, ["init", "--config", str(config)], input="".join(f"{one}\n" for one in answers))


def test_the_answers_are_settings_that_serve(config: Path):
    result = init(config, *ANSWERS.values())

    assert result.exit_code == 0, result.output
    settings = load_settings(config)
    assert (settings.tango.customer, settings.tango.account) == ("acme-customer", "acme-account")
    assert settings.approvals.channel == "C0AAAAAAA1"
    assert settings.approvals.approvers == {"U0AAAAAAA1", "S0AAAAAAA2"}
    assert settings.roles.admins == {"U0AAAAAAA3"}
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1-abc"
    assert settings.tango_platform_key.get_secret_value() == "k$1#2"


def test_cards_may_go_to_each_approver_and_then_no_channel_is_invited_to(config: Path):
    result = init(config, *{**ANSWERS, "channel": "dm"}.values())

    assert load_settings(config).approvals.by_dm
    assert "/invite" not in result.output


def test_an_identifier_of_digits_stays_a_text(config: Path):
    result = init(config, *{**ANSWERS, "customer": "12345", "account": "false"}.values())

    assert result.exit_code == 0, result.output
    assert (load_settings(config).tango.customer, load_settings(config).tango.account) == ("12345", "false")


def test_the_comments_of_the_example_stay(config: Path):
    before = [line.partition("#")[2] for line in config.read_text(encoding="utf-8").splitlines()]
    init(config, *ANSWERS.values())
    after = [line.partition("#")[2] for line in config.read_text(encoding="utf-8").splitlines()]

    assert [comment for comment in after if comment] == [comment for comment in before if comment]


def test_only_the_owner_can_read_the_secrets_and_none_is_shown(config: Path):
    result = init(config, *ANSWERS.values())

    secrets = config.parent / "secrets.env"
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    for secret in ("xoxb-1-abc", "xapp-1-abc", "k$1#2"):
        assert secret in secrets.read_text(encoding="utf-8")
        assert secret not in result.output
        assert secret not in config.read_text(encoding="utf-8")


def test_for_http_the_signing_secret_is_asked_for_and_production_is_named(config: Path):
    answers = {**ANSWERS, "mode": "http", "app token": "8f742231b10e", "platform": "production"}
    result = init(config, *answers.values())

    assert result.exit_code == 0, result.output
    settings = load_settings(config)
    assert settings.slack.mode == "http"
    assert settings.slack_signing_secret is not None
    assert settings.tango.base_url == "https://api.tangocard.com/raas/v2"


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        ("bot token", "xapp-1-abc"),
        ("app token", "xoxb-1"),
        ("channel", "#rewards"),
        ("approvers", "@rob"),
        ("admins", "U0AAAAAAA1 rob"),
        ("customer", "a c"),
        ("key", "…"),
    ],
)
def test_a_wrong_answer_is_asked_for_again(config: Path, what: str, wrong: str):
    answers = [one for name, right in ANSWERS.items() for one in ([wrong, right] if name == what else [right])]
    result = init(config, *answers)

    assert result.exit_code == 0, result.output
    assert "Error:" in result.output
    load_settings(config)


def test_nothing_is_written_before_the_last_answer(config: Path):
    before = config.read_text(encoding="utf-8")
    result = init(config, *list(ANSWERS.values())[:-1])

    assert result.exit_code == 1
    assert config.read_text(encoding="utf-8") == before
    assert not (config.parent / "secrets.env").exists()


def test_settings_and_secrets_that_are_there_are_not_replaced(config: Path):
    init(config, *ANSWERS.values())
    again = init(config, *ANSWERS.values())
    assert again.exit_code == 2
    assert "has your settings already" in again.output

    config.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    again = init(config, *ANSWERS.values())
    assert again.exit_code == 2
    assert "is here already" in again.output


@pytest.mark.parametrize("command", ["check", "run"])
def test_who_has_set_nothing_yet_hears_of_init(config: Path, command: str):
    said = CliRunner().invoke(main, [command, "--config", str(config)])
    assert "This is still the example. Put your own here. It says 'your-customer'." in said.output
    assert "Type `kudos init`" in said.output

    (config.parent / "secrets.env").touch()
    assert "kudos init" not in CliRunner().invoke(main, [command, "--config", str(config)]).output


def test_an_example_that_was_changed_is_not_filled_in_by_half(config: Path):
    config.write_text(
        config.read_text(encoding="utf-8").replace("admins: []", "admins: [U0BBBBBBB1]"), encoding="utf-8"
    )
    before = config.read_text(encoding="utf-8")
    result = init(config, *ANSWERS.values())

    assert result.exit_code == 2
    assert config.read_text(encoding="utf-8") == before
    assert not (config.parent / "secrets.env").exists()


def test_the_environment_goes_before_the_file_of_secrets(config: Path, monkeypatch: pytest.MonkeyPatch):
    init(config, *ANSWERS.values())
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-2-of-the-environment")

    assert load_settings(config).slack_bot_token.get_secret_value() == "xoxb-2-of-the-environment"


@pytest.fixture
def another_user() -> Iterator[Path]:
    """Be no owner of the files in a folder that everyone may look into; as root, which reads everything, be nobody."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
        if os.getuid() == 0:
            os.seteuid(0)


def test_secrets_that_only_root_reads_may_come_by_the_environment(
    config: Path, another_user: Path, monkeypatch: pytest.MonkeyPatch
):
    """systemd reads the file before it changes the user, and hands on what is in it."""
    init(config, *ANSWERS.values())
    secrets = dotenv_values(config.parent / "secrets.env")
    for name, value in secrets.items():
        monkeypatch.setenv(name, value or "")
    path = another_user / "app.yaml"
    path.write_text(config.read_text(encoding="utf-8"), encoding="utf-8")
    path.chmod(0o644)
    (another_user / "secrets.env").touch(0o600)
    if os.getuid() == 0:
        os.seteuid(65_534)
    else:
        (another_user / "secrets.env").chmod(0)

    assert load_settings(path).slack_bot_token.get_secret_value() == "xoxb-1-abc"


def test_secrets_that_are_no_text_are_a_fault(config: Path):
    (config.parent / "secrets.env").write_bytes(b"SLACK_BOT_TOKEN=\xff\xfe")

    with pytest.raises(ConfigurationError, match=r"secrets\.env: I can't read"):
        load_settings(config)
