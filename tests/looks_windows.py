"""Takes the pictures of the windows and lists that the real bot opens; also the stage on which all such are taken."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.sandbox.page import create_page_app
from bot.sandbox.serve import serve
from bot.sandbox.slack import Person, ShownMessage, people
from handlers.ids import Action
from tests.camera import OF_A_WINDOW, Camera
from tests.kit.bot import CARD, WHOLE, World
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


def take_small_windows(camera: Camera) -> Iterator[tuple[str, str]]:
    """Take the forms that ask for one thing, and a reward that is shown; yield the name and the title of each."""
    with stage({}) as (world, url):
        alex, ada, rob = world.alex, world.ada, world.slack.person("rob")

        alex.open_home()
        home = alex.wait_for(lambda: now if (now := alex.home) and Action.AWAY in now.action_ids else None)
        alex.click(home, Action.AWAY)
        take_window(camera, url, alex, "away-form")
        yield "away-form", "Home of an approver: the form to be away"

        ada.click(_refused_in_doubt(world), Action.ORDER_SENT_AS)
        take_window(camera, url, ada, "sent-as-form")
        yield "sent-as-form", "Details of an order, for an admin: the form for Tango's number"

        world.place(reward=WHOLE, message=WORDS, delivery="message")
        [order] = world.tango.orders
        rob.click(world.said(rob, order.code), Action.REWARD_SHOW)
        world.until(lambda: rob.modal and order.code in rob.modal.words)
        take_window(camera, url, rob, "reward-window")
        yield "reward-window", "What the recipient gets: the reward in a window"


def take_window(camera: Camera, url: str, who: Person, name: str) -> None:
    """Take the window that somebody has open."""
    camera.take(f"{url}/?as={who.id}&in={people.GENERAL}", name, of="dialog.modal", height=OF_A_WINDOW)


def _refused_in_doubt(world: World) -> ShownMessage:
    """Have an order refused after an attempt that went unanswered; return its details, as an admin has them."""
    world.tango.faults.set("unavailable_before", times=1)
    asked_id = world.approve(recipients=["kim"], message=WORDS)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND attempts = 1"), step=0)
    world.tango.faults.set("rejected", endpoint="create")
    world.settle()
    world.tango.faults.clear()
    return world.answer(world.ada, lambda: world.ada.command("/orders", str(asked_id), channel=people.GENERAL))
