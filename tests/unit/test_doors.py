"""mypy refuses a listener whose answer its door would drop: each door with each answer of every other door."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final, get_args

from handlers.bolt import answers
from handlers.bolt.answers import (
    ClickAnswer,
    CommandAnswer,
    EventAnswer,
    FunctionAnswer,
    OptionsAnswer,
    ShortcutAnswer,
    SubmissionAnswer,
)

ROOT: Final = Path(__file__).parents[2]

#: How each door is bound, with the payload that its listener is given.
_DOORS: Final = {
    "CommandAnswer": ('bind.command({{"": {listener}}})', "SlashCommand"),
    "ClickAnswer": ("bind.click({listener})", "Click"),
    "SubmissionAnswer": ('bind.submission({listener}, main_block="main")', "Submission"),
    "OptionsAnswer": ("bind.options({listener})", "str"),
    "ShortcutAnswer": ("bind.shortcut({listener})", "ShortcutChoice"),
    "EventAnswer": ("bind.event({listener})", "HomeOpened"),
    "FunctionAnswer": ("bind.function({listener})", "FunctionExecution"),
}

_TAKEN: Final = {
    "CommandAnswer": get_args(CommandAnswer),
    "ClickAnswer": get_args(ClickAnswer),
    "SubmissionAnswer": get_args(SubmissionAnswer),
    "OptionsAnswer": (OptionsAnswer,),
    "ShortcutAnswer": get_args(ShortcutAnswer),
    "EventAnswer": get_args(EventAnswer),
    "FunctionAnswer": get_args(FunctionAnswer),
}

_ANSWERS: Final = sorted({answer.__name__ for taken in _TAKEN.values() for answer in taken})


def test_each_door_refuses_the_answers_of_the_others(tmp_path: Path):
    head = [
        f"from handlers.bolt.answers import {', '.join(_ANSWERS)}",
        "from handlers.bolt.binding import Binding",
        "from handlers.bolt.desk import Desk",
        "from handlers.bolt.functions import FunctionExecution",
        "from handlers.bolt.payloads import Click, HomeOpened, ShortcutChoice, SlashCommand, Submission",
        "",
        "",
        "def bind_all(bind: Binding) -> None:",
    ]
    lines, refused = list(head), set[tuple[str, str]]()
    tried: dict[int, tuple[str, str]] = {}
    for door, (call, payload) in _DOORS.items():
        for answer in _ANSWERS:
            listener = f"{door}_{answer}"
            lines.append(f"    def {listener}(_desk: Desk, _given: {payload}) -> {answer}: raise NotImplementedError")
            lines.append(f"    {call.format(listener=listener)}")
            tried[len(lines)] = door, answer
    snippet = tmp_path / "listeners.py"
    snippet.write_text("\n".join([*lines, ""]), "utf-8")

    said = _mypy(snippet)
    for number in map(int, re.findall(r"listeners\.py:(\d+): error:", said)):
        refused.add(tried[number])

    taken = {(door, answer.__name__) for door, kinds in _TAKEN.items() for answer in kinds}
    assert refused == set(tried.values()) - taken, said
    for door in _DOORS:
        assert [answer for refusing, answer in refused if refusing == door], f"{door} refuses something"


def test_every_answer_is_carried_out_by_a_door():
    classes = [kind for kind in vars(answers).values() if isinstance(kind, type)]
    kinds = {kind.__name__ for kind in classes if kind.__module__ == answers.__name__}
    assert kinds == set(_ANSWERS)


def _mypy(snippet: Path) -> str:
    """Return what mypy says, by the project's own settings and cache."""
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(snippet)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.stderr == ""
    return checked.stdout
