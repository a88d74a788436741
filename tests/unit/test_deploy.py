"""What is shipped for whoever runs the bot names only what there is."""

import configparser
import re
from pathlib import Path
from typing import Any, Final

import click
import pytest
import yaml

from bot.__main__ import main
from bot.settings import Settings
from bot.settings_storage import StorageSettings
from tests.integration.test_ops_metrics import METRICS

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "docs/operations.md", "docs/finance.md")
DATABASE: Final = "/var/lib/kudos/kudos.db"

#: "kudos queue list" in a page, as code or as a line to type.
COMMAND: Final = re.compile(r"(?:^|[` ]|bin/)kudos ([a-z]+)(?: ([a-z]+))?")


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def code_in(page: str) -> str:
    """What a page has between backticks."""
    found = text(page)
    return "\n".join([*re.findall(r"```(.*?)```", found, re.DOTALL), *re.findall(r"`([^`\n]+)`", found)])


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_on_a_page_are_there(page: str):
    for name, second in COMMAND.findall(code_in(page)):
        if name == "kudos":  # docker exec kudos kudos …
            continue
        command = main.commands.get(name)
        assert command is not None, name
        if isinstance(command, click.Group):
            assert second in command.commands


def test_every_command_for_operators_is_described():
    queue = main.commands["queue"]
    assert isinstance(queue, click.Group)

    for words in [*(f"queue {name}" for name in queue.commands), "backup", "restore", "restored", "migrate", "move"]:
        assert f"kudos {words}" in text("docs/operations.md")


def test_every_metric_is_described():
    named = set(re.findall(r"`(kudos_[a-z_]+)", text("docs/operations.md")))

    assert {name.removesuffix("_total") for name in named} == set(METRICS)


@pytest.mark.parametrize("page", PAGES)
def test_the_links_of_a_page_lead_somewhere(page: str):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text(page)):
        if not target.startswith("http") and target != "BENCHMARKS.md":  # made by make bench
            assert ((ROOT / page).parent / target).exists(), target


def test_the_settings_of_the_unit_and_the_image_are_settings():
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(text("deploy/kudos.service"))
    given = re.findall(r"\b(KUDOS_\w+__\w+)\b", text("Dockerfile") + text("deploy/compose.yaml"))

    assert "KUDOS_STORAGE__URL" in given
    for name in given:
        section, key = name.removeprefix("KUDOS_").lower().split("__")
        field = Settings.model_fields[section].annotation
        assert key in field.model_fields  # type: ignore[union-attr]
    # Where the file is by default. No variable names it: beside KUDOS_STORAGE__URL it would be one too many.
    file = StorageSettings().where
    assert f"{unit['Service']['WorkingDirectory']}/{file}" == DATABASE
    assert re.findall(r"WORKDIR (\S+)", text("Dockerfile"))[-1] == str(Path(DATABASE).parent)


def test_the_composed_bots_are_three_alike_on_one_postgresql_and_keep_their_secrets_from_it():
    composed: dict[str, Any] = yaml.safe_load(text("deploy/compose.yaml"))
    bots = {name: service for name, service in composed["services"].items() if name.startswith("bot-")}
    server = composed["services"]["postgres"]

    assert len(bots) == 3
    for bot in bots.values():
        assert bot == bots["bot-1"]
        assert bot["env_file"] == ["secrets.env"]
        assert (ROOT / "deploy" / bot["build"] / "Dockerfile").exists()
        assert bot["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert server["env_file"] == ["postgres.env"]
    assert set(server["environment"]) == {"POSTGRES_USER", "POSTGRES_DB"}
    assert server["command"] == ["postgres", "-c", "log_error_verbosity=terse"]
    assert "test" in server["healthcheck"]


def test_what_the_image_is_made_of_is_sent_to_the_builder():
    sent = {
        line.removeprefix("!").removesuffix("/**") for line in text(".dockerignore").splitlines() if line[:1] == "!"
    }
    copied = {
        source
        for line in text("Dockerfile").splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    }

    assert copied == sent
    assert all((ROOT / source).exists() for source in copied)


def test_litestream_copies_the_file_that_the_unit_names():
    config: dict[str, Any] = yaml.safe_load(text("deploy/litestream.yml"))

    assert [database["path"] for database in config["dbs"]] == [DATABASE]
    # Litestream 0.5: one replica, and what was set for each of many before is set for all.
    assert set(config) == {"snapshot", "dbs"}
    assert set(config["snapshot"]) == {"interval", "retention"}
    assert set(config["dbs"][0]) == {"path", "replica"}


def test_the_files_that_contributing_names_are_there():
    page = text("CONTRIBUTING.md")
    head, _, *rows = re.findall(r"^\| (?:feature|---|\*\*).*$", page.partition("## Glossary")[0], re.MULTILINE)
    folders = re.findall(r"`([\w/]+)`", head)
    named = {
        f"{folder}/{word}.py"
        for row in rows
        for folder, cell in zip(folders, row.split("|")[2:-1], strict=True)
        for word in re.findall(r"`([\w/]+)`", cell)
    }
    named |= set(re.findall(r"`(\w+/[\w/]+\.\w+)`", page))

    assert len(rows) > 10
    assert {path for path in named if not (ROOT / path).exists()} == set()
