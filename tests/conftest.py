"""What most tests are given: a database of their own and a clock that they move."""

import gc
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from bot.sandbox.postgres import PostgresServer
from storage import Storage
from tests.kit.factories import FakeClock
from tests.kit.fresh import certificates, fresh_file, openers, trust_the_power
from tests.kit.postgres import EmptySchema, empty_schema, fresh_schema, postgres

__all__ = ["certificates", "empty_schema", "openers", "postgres"]

# How long an example takes is the machine's matter, and no test's.
settings.register_profile("kudos", deadline=None)
settings.load_profile("kudos")

#: The engines on which a test runs that asks for a storage; `--engine` chooses.
ENGINES = ("sqlite", "postgres")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the engine be chosen."""
    parser.addoption("--engine", choices=ENGINES, default="sqlite", help="what the storage is tested on")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that asks for a storage on each engine; one that is about the file, on SQLite alone."""
    if "engine" in metafunc.fixturenames:
        on_file = metafunc.definition.get_closest_marker("file") or "database_path" in metafunc.fixturenames
        metafunc.parametrize("engine", ENGINES[:1] if on_file else ENGINES, indirect=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Have Python look for garbage among what the tests make alone: what is collected stays, thousands of tests."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what `--engine` does not name, and begin with what may take longest: else one worker ends alone.

    What asks for no storage runs with SQLite's.
    """
    on_postgres = config.getoption("engine") == "postgres"
    left_out = [item for item in items if _is_on_postgres(item) != on_postgres]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _is_on_postgres(item) == on_postgres]
    items.sort(key=_longest, reverse=True)


def _is_on_postgres(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    chosen = call.params.get("engine") if call is not None else None
    return chosen == "postgres" or "postgres" in getattr(item, "fixturenames", ())


def _longest(item: pytest.Item) -> float:
    """Return the seconds that a test may take where it says so; 0 where it is as short as most."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark is not None else 0.0


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    """On which engine this test's storage is."""
    name: str = request.param
    return name


@pytest.fixture
def database_path(tmp_path: Path) -> Path:
    """Where this test's database file is, or will be."""
    return tmp_path / "kudos.db"


@pytest.fixture
def database(engine: str, request: pytest.FixtureRequest) -> Path | str:
    """Where this test's database is, or will be: a path, or an address of PostgreSQL."""
    if engine == "sqlite":
        path: Path = request.getfixturevalue("database_path")
        return path
    schema: EmptySchema = request.getfixturevalue("empty_schema")
    schema.empty()
    return schema.url


@pytest.fixture(scope="module")
def module_database(
    engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Path | str:
    """Where the database of all tests of a module is, or will be."""
    if engine == "sqlite":
        return tmp_path_factory.mktemp("database") / "kudos.db"
    server: PostgresServer = request.getfixturevalue("postgres")
    return fresh_schema(server)


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    """An empty schema."""
    return fresh_schema(postgres)


@pytest.fixture
def storage(database: Path | str) -> Iterator[Storage]:
    """The stores over a real database, closed after the test."""
    if isinstance(database, Path):
        fresh_file(database)
    opened = Storage.open(database)
    trust_the_power(opened)
    yield opened
    opened.close()


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until the test moves it."""
    return FakeClock()
