"""Email templates by name: offered as Tango lists them, asked for twice a day at most; an etid can still be typed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from bot.domain.template import Template, find_templates
from bot.sandbox.tango.listings import MADE
from bot.usecases.templates import Templates
from handlers.views.templates import template_choices
from tests.kit.asked import submit
from tests.kit.bot import CARD, World

HALF_A_DAY: Final = 12 * 3600.0
TEMPLATES: Final = [
    Template(etid="E000002", name="Thanks", subject="Well done"),
    Template(etid="E000001", name="Anniversaries"),
    Template(etid="E000000", name="Tango standard"),
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["E000001", "E000000", "E000002"]),
        ("thanks", ["E000002"]),
        ("DONE well", ["E000002"]),
        ("e000001", ["E000001"]),
        ("birthday", []),
    ],
)
def test_a_template_is_found_by_its_words(typed: str, found: list[str]):
    assert [one.etid for one in find_templates(TEMPLATES, typed)] == found


@pytest.mark.parametrize(
    ("typed", "values"),
    [("E000777", ["E000777"]), (" e000002 ", ["E000002"]), ("E12", []), ("", ["E000001", "E000000", "E000002"])],
)
def test_an_etid_that_is_not_listed_is_offered_as_typed(typed: str, values: list[str]):
    assert [one["value"] for one in template_choices(TEMPLATES, typed)["options"]] == values


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    with World(tmp_path, where=database) as world:
        yield world


def calls(world: World) -> int:
    return sum(request.path.endswith("/digitalTemplates") for request in world.tango.requests)


def list_templates(world: World) -> None:
    """Have somebody make templates in the portal, and the bot hear of them."""
    world.tango.templates.extend(MADE)
    world.clock.advance(HALF_A_DAY)
    world.tick("templates")


def test_the_form_offers_them_by_name_and_the_order_has_the_etid(world: World):
    list_templates(world)
    form = world.form(text="@rob 25")
    world.maya.click(form, "request_more")
    unfolded = world.until(lambda: now if (now := world.maya.modal) and "template" in now.entered else None)
    [offered] = world.maya.options(unfolded, "template", "acme thanks")
    assert offered["value"] == "E000001"
    assert submit(world.maya, unfolded, {"reward": CARD, "template": "E000001"}).closed
    world.settle()
    assert '"template": "E000001"' in world.one("SELECT details FROM requests")["details"]


@pytest.mark.parametrize(
    ("listed", "etid", "is_gone"),
    [(0, "E000777", False), (3, "e000002", False), (3, "", False), (3, "E000777", True), (100, "E000777", False)],
    ids=["none known", "listed", "none chosen", "gone", "maybe on the next page"],
)
def test_a_template_is_gone_where_all_are_listed_and_it_is_not(world: World, listed: int, etid: str, *, is_gone: bool):
    storage = world.bot._storage
    world.until(storage.templates.asked_at, step=0)  # by the bot, as it starts: what it hears takes their place
    storage.templates.replace([Template(etid=f"E{n:06}", name="Thanks") for n in range(listed)], world.clock.now())
    templates = Templates(storage=storage, tango=world.bot._tango, clock=world.clock)
    assert templates.is_gone(etid) is is_gone


def test_the_resend_form_takes_a_typed_etid(world: World):
    world.place()
    list_templates(world)
    page = world.answer(world.maya, lambda: world.maya.command("/resend"))
    menu = page.find("resend_listed").element
    form = world.maya.select(page, "resend_listed", menu["options"][1]["value"]).modal
    assert form is not None
    [typed] = world.maya.options(form, "resend_new_template", "E000777")
    assert typed["value"] == "E000777"
    world.maya.submit(form, {"new_template": "E000777"})
    world.settle_resends()
    assert world.one("SELECT new_etid FROM resends")["new_etid"] == "E000777"


def test_where_there_is_only_the_standard_one_an_etid_is_typed(world: World):
    form = world.form(text="@rob 25")
    world.maya.click(form, "request_more")
    unfolded = world.until(lambda: now if (now := world.maya.modal) and "template" in now.entered else None)
    assert unfolded.find("request_template").element["type"] == "plain_text_input"


def test_tango_is_asked_twice_a_day_at_most_also_where_it_does_not_answer(world: World):
    world.until(lambda: world.rows("SELECT 1 FROM template_refresh"))  # the bot asks once when it starts
    world.tick("templates")
    world.clock.advance(HALF_A_DAY - 60)
    world.tick("templates")
    assert calls(world) == 1
    world.tango.faults.set("unavailable_before", endpoint="templates")
    world.clock.advance(60)
    world.tick("templates")
    world.tick("templates")
    assert calls(world) == 2
