"""What several modules of these tests are given: the bot between its stand-ins, settings, a stand-in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.bot import World
from tests.kit.console import settings_file
from tests.kit.tango import Tango


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    """A fresh workspace, a fresh Tango and a fresh bot, in http mode."""
    with World(tmp_path, where=database) as world:
        yield world


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory, module_database: Path | str) -> Iterator[World]:
    """One for a whole module of tests in which nothing is changed: what is asked there is refused, or only read."""
    with World(tmp_path_factory.mktemp("calm"), where=module_database) as world:
        yield world


@pytest.fixture
def config(database: Path | str, tmp_path: Path) -> Path:
    """The settings of a bot that does not run, over the database of the `storage` fixture."""
    return settings_file(tmp_path, database)


@pytest.fixture
def tango() -> Iterator[Tango]:
    """A fresh stand-in for Tango."""
    with Tango() as tango:
        yield tango
