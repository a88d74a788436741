"""The layering holds: imports point down only, each library has one home, and there are no other folders of code."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

LINT: Final = "from importlinter.cli import lint_imports_command; lint_imports_command()"

#: What is no code of ours: made by tools, or by `make`.
MADE: Final = {"build", "dist", "node_modules"}


def test_every_import_contract_is_kept():
    linted = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert " 0 broken" in linted.stdout


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
        for name in ("bot", "handlers", "storage")
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
