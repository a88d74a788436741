"""The layering holds: imports point down only, each library has one home, and there are no other folders of code.

A contract that names rooms covers a file on its first day. So a fresh file in each room, and one beside the rooms,
imports what each contract forbids, and the contract must break.
"""

import ast
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path
from typing import Any, Final

import grimp
import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("bot", "handlers", "storage")

LINT: Final = "from importlinter.cli import lint_imports_command; lint_imports_command()"

#: What is no code of ours: made by tools, or by `make`.
MADE: Final = {"build", "dist", "node_modules"}

#: The files of bot/ beside its rooms.
GROUND: Final = "bot"

#: Every folder of code.
ROOMS: Final = tuple(
    sorted(
        ".".join(path.parent.relative_to(ROOT).parts)
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
    )
)

FLOORS: Final = "Imports point down only"

#: Of each contract, modules that it forbids, with the rooms (and the folders in them) that may import them all the
#: same. The ground may import anything by the floors, because a fresh file there has none yet: another test sees that.
FORBIDDEN: Final[Mapping[str, Mapping[str, set[str]]]] = {
    FLOORS: {
        "bot.app": {GROUND},
        "handlers": {GROUND, "bot.ops", "handlers"},
        "bot.usecases.orders": {GROUND, "bot.ops", "bot.worker", "bot.usecases", "handlers"},
        "bot.tango.client": {GROUND, "bot.ops", "bot.worker", "bot.usecases", "bot.tango", "handlers"},
        "storage": {GROUND, "bot.ops", "bot.worker", "bot.usecases", "storage", "handlers"},
    },
    "The product imports no stand-in": {"bot.sandbox.demo": {"bot.sandbox"}},
    "The domain is pure: no third party, no I/O": {
        module: {room for room in ROOMS if room != "bot.domain"} for module in ("httpx", "pydantic", "sqlite3", "os")
    },
    "slack_bolt and slack_sdk live in handlers": {"slack_bolt": {"handlers"}, "slack_sdk": {"handlers"}},
    "SQL drivers live in storage": {
        driver: {"storage"} for driver in ("psycopg", "psycopg_pool", "sqlite3", "sqlite_utils")
    },
    "httpx lives in bot.tango": {"httpx": {"bot.tango"}},
    "prometheus_client lives in bot.metrics": {"prometheus_client": set()},
    "APScheduler lives in bot.scheduler": {"apscheduler": set()},
    "openpyxl lives in bot.sheets": {"openpyxl": set()},
    "pydantic lives at the edges: settings, Tango's wire, Slack's payloads": {
        "pydantic": {"bot.tango", "handlers.bolt"},
        "pydantic_settings": set(),
    },
}

#: What a fresh file imports.
TRIED: Final = frozenset(chain.from_iterable(FORBIDDEN.values())) | {"socket", "random", "urllib"}

#: All that the domain may import: nothing that reads, writes, waits or draws lots. zoneinfo reads files, but only the
#: tables of the zones, which are facts.
PURE: Final = frozenset(
    {"bot.clock", "bot.domain", "bot.errors", "bot.faults"}
    | {"abc", "bisect", "calendar", "collections", "csv", "dataclasses", "datetime", "decimal", "difflib", "enum"}
    | {"fractions", "functools", "hashlib", "heapq", "itertools", "json", "math", "operator", "re", "string", "types"}
    | {"typing", "unicodedata", "zoneinfo"}
)

#: In the linter's report: the headline of a contract, and an import that breaks it.
HEADLINE: Final = re.compile(r"^(.+)\n-{5,}$", re.MULTILINE)
IMPORT: Final = re.compile(r"^- +(\S+) -> (\S+) \(", re.MULTILINE)

#: The lines of a module that has one subject, and of a function that does one thing.
MOST_IN_MODULE: Final = 400
MOST_IN_FUNCTION: Final = 60


# --------------------------------------------------------------------------------------- contracts


def test_every_import_contract_is_kept():
    linted = lint(ROOT)

    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert " 0 broken" in linted.stdout


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree, with a fresh file in each room that imports all that is forbidden anywhere."""
    copy = tmp_path_factory.mktemp("spoiled")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    for room in ROOMS:
        fresh = copy.joinpath(*room.split("."), "fresh.py")
        fresh.write_text("".join(f"import {module}\n" for module in sorted(TRIED)))
    return copy


@pytest.fixture(scope="module")
def broken(spoiled: Path) -> Mapping[str, set[tuple[str, str]]]:
    """The imports that break each contract: importer and imported."""
    _, *report = HEADLINE.split(lint(spoiled).stdout)
    return {name.strip(): set(IMPORT.findall(text)) for name, text in zip(report[::2], report[1::2], strict=True)}


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("contract", FORBIDDEN)
def test_a_forbidden_import_in_a_fresh_file_breaks_the_contract(
    broken: Mapping[str, set[tuple[str, str]]], contract: str, room: str
):
    forbidden = {module for module, homes in FORBIDDEN[contract].items() if not is_home(room, homes)}
    refused = {module for importer, module in broken.get(contract, ()) if importer == f"{room}.fresh"}

    assert refused >= forbidden


def test_every_contract_is_tried():
    assert {contract["name"] for contract in contracts()} == set(FORBIDDEN)


def test_every_room_and_file_of_the_ground_has_a_floor(spoiled: Path):
    assert without_floor(ROOT) == set()
    assert without_floor(spoiled) == {"bot.fresh"}


def test_the_domain_imports_nothing_but_what_is_pure(spoiled: Path):
    assert imported_by_domain(ROOT) <= PURE
    assert imported_by_domain(spoiled) - PURE == TRIED


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LINT, "--no-cache"],
        cwd=root,
        env={"COLUMNS": "1000"},  # an import is one line, however long
        capture_output=True,
        text=True,
        check=False,
    )


def is_home(room: str, homes: set[str]) -> bool:
    return room in homes or any(room.startswith(f"{home}.") for home in homes - {GROUND})


def contracts() -> list[dict[str, Any]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    found: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    return found


def without_floor(root: Path) -> set[str]:
    layers = next(contract["layers"] for contract in contracts() if contract["name"] == FLOORS)
    named = {module.strip() for floor in layers for module in floor.split("|")}
    found = {f"bot.{module.name}" for module in pkgutil.iter_modules([str(root / "bot")])}
    return (found | {"handlers", "storage"}) - named


def imported_by_domain(root: Path) -> set[str]:
    names = chain.from_iterable(map(imports, (root / "bot" / "domain").rglob("*.py")))
    return {re.sub(r"^(bot\.domain|(?!bot\.)\w+)\..*", r"\1", name) for name in names}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(module="bot"):
                yield from (f"bot.{alias.name}" for alias in node.names)
            case ast.ImportFrom(module=str() as name, level=0):
                yield name


# ------------------------------------------------------------------------------------------- shape


def test_there_is_no_circle_of_imports():
    # grimp is what import-linter reads imports with.
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)

    # Raises a CycleError, which names the circle.
    TopologicalSorter({module: graph.find_modules_directly_imported_by(module) for module in graph.modules}).prepare()


def test_no_module_is_long():
    lines = {path: len(path.read_text().splitlines()) for room in ROOMS for path in files(room)}

    assert {str(path): count for path, count in lines.items() if count > MOST_IN_MODULE} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_no_function_is_long(room: str):
    functions = {
        f"{path.name}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in files(room)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {name: lines for name, lines in functions.items() if lines > MOST_IN_FUNCTION} == {}


def files(room: str) -> list[Path]:
    return list(ROOT.joinpath(*room.split(".")).glob("*.py"))


# ----------------------------------------------------------------------------------------- folders


def test_code_is_in_four_folders_and_no_other():
    folders = {
        path.relative_to(ROOT).parts[0]
        for path in ROOT.glob("*/**/*.py")
        if not path.parts[len(ROOT.parts)].startswith(".")
    }

    assert folders - MADE == {"bot", "handlers", "storage", "tests"}
    assert list(ROOT.glob("*.py")) == []


def test_every_folder_of_code_is_a_package():
    lacking = {
        str(path.parent.relative_to(ROOT))
        for name in PACKAGES
        for path in (ROOT / name).rglob("*.py")
        if not (path.parent / "__init__.py").exists()
    }

    assert lacking == set()


def test_no_two_classes_of_the_product_share_a_name():
    named = Counter(
        node.name
        for folder in ("bot", "handlers", "storage")
        for path in (ROOT / folder).rglob("*.py")
        if "sandbox" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )

    assert len(named) > 100, "the product was found"
    assert [name for name, count in named.items() if count > 1] == []
