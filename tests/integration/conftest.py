"""The bot between its stand-ins, for the tests that go through its own doors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.bot import World


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
