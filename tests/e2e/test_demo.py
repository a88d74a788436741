"""`kudos demo --script`: the main job between the stand-ins, as whoever tries Kudos first sees it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

KUDOS: Final = Path(sys.executable).with_name("kudos")

#: What the play tells, in this order; it waits out the real thirty seconds between two e-mails.
FACTS: Final = (
    "1. Maya asks for a reward for Rob",
    "the form to say what is left",
    "Alex sees (in #rewards-approvals)",
    "the card to say what would be left",
    "the refusal to say what is left",
    "Her Home says: Your budget",
    "$475.00 left",
    "Approve $25.00",
    "Rob sees",
    "no button to approve",
    "Tango received POST /orders",
    "one order at Tango",
    "Sam sees, alone",
    "still one order at Tango",
    "the form to stay and ask",
    "Ada to see Rob's order",
    "no second email",
    "two attempts and one order",
    "kill -9",
    "one order for Li, in spite of the kill",
    "nothing at Tango after one yes",
    "one order for Priya, by two people",
    "Tango to have mailed Rob twice",
    "Maya presses Undo",
    "no button to undo it again",
    "no order for Ada",
    "$120.00 left",
    "4 orders approved, 4 at Tango",
    "no two arrivals under a second apart",
    "All of it happened.",
)


@pytest.mark.timeout(120)  # as of any test; with it named, the longest of all begins early, and no worker ends alone
def test_the_demo_plays_in_a_directory_with_spaces_and_with_an_empty_home(tmp_path: Path):
    folders = {name: tmp_path / name for name in ("a directory with spaces", "an empty home", "temporary files")}
    for folder in folders.values():
        folder.mkdir()
    here, home, temporary = folders.values()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "TMPDIR": str(temporary)}
    play = subprocess.run(
        [KUDOS, "demo", "--script"], cwd=here, env=environment, capture_output=True, text=True, timeout=110, check=False
    )
    told = play.stdout + play.stderr
    assert play.returncode == 0, told
    assert "✗" not in told, told
    place = 0
    for fact in FACTS:
        place = play.stdout.find(fact, place)
        assert place >= 0, f"{fact!r} is missing, or comes too early:\n{told}"
    for folder in folders.values():  # it leaves nothing behind
        assert list(folder.iterdir()) == []
