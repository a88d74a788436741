"""What is told of the commands is in step with the table of contents: the help in Slack and the README."""

import re
from pathlib import Path
from typing import Final

import pytest

from handlers import COMMANDS
from handlers.ids import Command
from handlers.views.help import build_help

README: Final = (Path(__file__).parents[2] / "README.md").read_text("utf-8")

#: A row of the README's table of commands: the command, and all that is said of it.
_ROW: Final = re.compile(r"^\| `(/[a-z]+)` (.*) \|$", re.MULTILINE)

#: A command and the words after it, as they stand in a text.
_TYPED: Final = re.compile(r"`(/[a-z]+ [a-z ]+)`")

each_command = pytest.mark.parametrize("command", Command)


def typed(command: Command) -> set[str]:
    """Every sub-command of this command as it is typed, but for `help`, which each has."""
    return {f"{command} {sub}" for sub in COMMANDS[command] if sub not in ("", "help")}


def rows() -> dict[str, str]:
    return dict(_ROW.findall(README))


@each_command
def test_each_command_has_help_and_a_listener_for_all_else(command: Command):
    assert COMMANDS[command].keys() >= {"", "help"}


@each_command
def test_sub_commands_are_named_as_a_command_reads_what_is_typed(command: Command):
    for sub in COMMANDS[command]:
        assert sub == " ".join(sub.lower().split())


@each_command
def test_the_help_names_each_sub_command_and_no_other(command: Command):
    named = {text for text in _TYPED.findall(build_help(command).text) if text.startswith(f"{command} ")}
    assert named == typed(command)


def test_the_readme_has_a_row_for_each_command_and_no_other():
    assert list(rows()) == [command.value for command in COMMANDS]
    assert "`help` after each" in README


@each_command
def test_the_readme_names_each_sub_command_and_no_other(command: Command):
    named = set(_TYPED.findall(rows()[command]))
    assert named - {f"{command} help"} == typed(command)
