"""Takes the pictures of the windows and lists that the real bot opens; also the stage on which all such are taken."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.sandbox.page import create_page_app
from bot.sandbox.serve import serve
from bot.sandbox.slack import Person, people
from tests.camera import OF_A_WINDOW, Camera
from tests.kit.bot import CARD, World
from tests.looks_story import LEADS, WORDS


@contextmanager
def stage(settings: Mapping[str, Any]) -> Iterator[tuple[World, str]]:
    """Serve the page in front of a bot with these settings; also the page's address."""
    with (
        TemporaryDirectory(prefix="kudos-looks-") as folder,
        World(Path(folder), settings=settings) as world,
        serve(create_page_app(world.slack, world.tango)) as server,
    ):
        world.clock.set(datetime.now(UTC))  # lists and budgets say the day of the messages
        yield world, server.url


def take_windows(camera: Camera) -> Iterator[tuple[str, str]]:
    """Take the pictures; yield the name and the title of each."""
    with stage({"thanks_channel": people.TEAM_BLUE, "budgets": [LEADS]}) as (world, url):
        maya, alex = world.maya, world.alex

        def take(who: Person, name: str, title: str, of: str = "dialog.modal") -> tuple[str, str]:
            camera.take(f"{url}/?as={who.id}&in={people.GENERAL}", name, of=of, height=OF_A_WINDOW)
            return name, title

        form = world.form(text=f"@rob 25 {WORDS}")
        yield take(maya, "form", "Form, before a reward is chosen")
        maya.select(form, "request_reward", CARD)
        world.until(lambda: maya.modal and "$1,000" in maya.modal.words)
        yield take(maya, "form-filled", "Form, filled in")
        form = world.form(text="@maya 0.005")
        maya.select(form, "request_reward", CARD)
        world.until(lambda: maya.modal and "$1,000" in maya.modal.words)
        assert maya.modal is not None
        assert maya.submit(maya.modal, {}).errors
        yield take(maya, "form-faults", "Form, with faults")
        maya.close(everything=True)
        for recipients in (["rob"], ["kim", "li"]):
            world.place(recipients=recipients)
        pending = world.ask(recipients=["ana"], message="Thank you for the review")
        alex.click(world.card(pending), "decline")
        yield take(alex, "decline", "Reason for a decline")
        alex.close(everything=True)
        maya.command("/orders", channel=people.GENERAL)
        world.settle()
        yield take(maya, "orders", "List of `/orders`", of="#main .messages")
        maya.command("/orders", "filter")
        yield take(maya, "filter", "Filter of `/orders`")
        maya.close(everything=True)
        listed = world.answer(maya, lambda: maya.command("/resend"))
        menu = listed.find("resend_listed").element
        maya.select(listed, "resend_listed", menu["options"][1]["value"])
        yield take(maya, "resend-changes", "Sending an email again, with changes")
