"""Takes the pictures of one request wherever people read of it: on the terminal, on Home, in the form and on the card.

All four are of one bot. Maya has $500.00 a month, of which $125.00 is spent, and asks for $300.00 for Rob.
"""

import html
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bot.sandbox.page import create_page_app
from bot.sandbox.serve import serve
from bot.sandbox.slack import people
from tests.camera import OF_A_WINDOW, Camera
from tests.kit.bot import CARD, World
from tests.kit.console import try_policy

#: What Maya may ask for, as the settings have it.
LEADS: Final[Mapping[str, Any]] = {
    "name": "Team leads",
    "senders": [people.MAYA],
    "each": True,
    "amount": "500 USD",
    "per": "month",
}

#: Her message.
WORDS: Final = "You carried the launch over the line. Thank you!"

_SPENT: Final = "125"
_ASKED: Final = "300"

#: What all four say: what is left of the budget, and above which amount two people approve.
_LEFT: Final = "$375.00"
_ABOVE: Final = "$250"

#: A terminal, as a page.
_TERMINAL: Final = """\
<!doctype html>
<meta charset="utf-8">
<title>Terminal</title>
<style>
  body { margin: 0; background: #fff; color: #1d1c1d; }
  pre { margin: 0; padding: 16px 20px 8px; font: 14px/1.6 "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
  b { color: #14665a; }
  @media (prefers-color-scheme: dark) { body { background: #1a1d21; color: #e8e8e8; } b { color: #6fcfbd; } }
</style>
<main><pre>"""


def take_story(camera: Camera) -> Iterator[tuple[str, str]]:
    """Take the four pictures; yield the name and the title of each."""
    with (
        TemporaryDirectory(prefix="kudos-looks-") as folder,
        World(Path(folder), settings={"approvals": {"second_above": ["250 USD"]}, "budgets": [LEADS]}) as world,
        serve(create_page_app(world.slack, world.tango)) as server,
    ):
        maya, alex = world.maya, world.alex
        world.clock.set(datetime.now(UTC))  # the command goes by the machine's clock
        world.place(amount=_SPENT, recipients=["kim"], message="Lovely drawings!")

        camera.take(_terminal(world), "story-terminal", of="main")
        yield "story-terminal", "One request: what `kudos policy try` says before it"

        maya.open_home()
        maya.wait_for(lambda: maya.home and _LEFT in maya.home.words)
        camera.take(f"{server.url}/?as={maya.id}&in={maya.dm_channel}&tab=home", "story-home", of=".home")
        yield "story-home", "One request: Home of the requester before it"

        form = world.form(text=f"@rob {_ASKED} {WORDS}")
        maya.select(form, "request_reward", CARD)
        world.until(lambda: maya.modal and all(said in maya.modal.words for said in ("$1,000", _LEFT, _ABOVE)))
        camera.take(
            f"{server.url}/?as={maya.id}&in={people.GENERAL}", "story-form", of="dialog.modal", height=OF_A_WINDOW
        )
        yield "story-form", "One request: its form"

        asked = world.ask(amount=_ASKED, message=WORDS)
        assert all(said in world.card(asked).words for said in (f"{_LEFT} → ", _ABOVE))
        camera.take(f"{server.url}/?as={alex.id}&in={people.APPROVALS}", "story-card")
        yield "story-card", "One request: its card"


def _terminal(world: World) -> str:
    """Type the command, and return the address of a page that shows it with what it printed."""
    amount = f"{_ASKED} USD"
    result = try_policy(world.folder / "app.yaml", people.MAYA, amount, people.ROB)
    assert result.exit_code == 0, result.output
    assert all(said in result.output for said in (_LEFT, _ABOVE))
    typed = f'$ kudos policy try --sender {people.MAYA} --amount "{amount}" --to {people.ROB}'
    page = world.folder / "terminal.html"
    page.write_text(f"{_TERMINAL}<b>{html.escape(typed)}</b>\n{html.escape(result.output)}</pre></main>\n")
    return page.as_uri()
