"""The commands about the database as a whole, on a file and on PostgreSQL."""

from contextlib import closing
from pathlib import Path

import pytest

from bot.sandbox.postgres import PostgresServer
from storage import Storage
from storage.migrations import STEPS
from tests.kit.console import refused, said, settings_file
from tests.kit.postgres import fresh_schema


@pytest.fixture
def empty(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The settings over a database that nobody has made yet."""
    if engine == "sqlite":
        return settings_file(tmp_path, tmp_path / "kudos.db")
    server: PostgresServer = request.getfixturevalue("postgres")
    return settings_file(tmp_path, fresh_schema(server))


# ------------------------------------------------------------------------------------------ migrate


def test_migrate_makes_the_database_and_then_finds_nothing_to_do(empty: Path):
    assert ", ".join(STEPS) in said(empty, "migrate")
    assert said(empty, "migrate") == "The database is up to date already.\n"
    assert said(empty, "queue", "list").startswith("The queue runs.")


def test_a_file_is_not_migrated_under_a_bot_that_runs_on_it(database_path: Path, tmp_path: Path):
    config = settings_file(tmp_path, database_path)
    with closing(Storage.open_for_run(database_path)):
        assert "Another bot runs" in refused(config, "migrate")
