"""What most tests are given: a database file of their own and a clock that they move."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Storage
from tests.kit.factories import FakeClock


@pytest.fixture
def database_path(tmp_path: Path) -> Path:
    """Where this test's database file is, or will be."""
    return tmp_path / "kudos.db"


@pytest.fixture
def storage(database_path: Path) -> Iterator[Storage]:
    """The stores over a real file, closed after the test."""
    opened = Storage.open(database_path)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()
