"""What `kudos check` has Slack validate: each view that the bot has, at its longest, within the documented limits."""

import inspect
import sys
from typing import Any, Final

import pytest

from bot.sandbox.slack.blockkit import message_problems, view_problems
from handlers import specimens
from handlers.specimens import messages, modals, tabs
from tests.unit.test_views import _modules

Json = dict[str, Any]

VIEWS: Final = dict([*modals(), *tabs()])


def _view_builders() -> set[str]:
    """Return the functions of handlers/views that build a modal or a tab."""
    return {
        name
        for module in _modules()
        for name, member in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("build_") and member.__annotations__["return"] == Json
        if member.__module__ == module.__name__
    }


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_is_within_the_documented_limits(name: str):
    assert view_problems(VIEWS[name]) == []


def test_a_message_is_within_the_documented_limits():
    for name, message in messages():
        assert message_problems(list(message.blocks), message.text) == [], name


def test_every_builder_of_a_view_has_a_specimen():
    used = {name for name in vars(sys.modules[specimens.__name__]) if name.startswith("build_")}
    assert _view_builders() - used == set()
