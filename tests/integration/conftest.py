"""The bot between its stand-ins, for the tests that go through its own doors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.bot_kit import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A fresh workspace, a fresh Tango and a fresh bot, in http mode."""
    with World(tmp_path) as world:
        yield world
