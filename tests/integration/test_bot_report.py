"""`/kudos report`: finance sees what everyone gave, everybody else their own, and payroll is for finance alone."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.report_words import ReportNotUnderstood
from bot.errors import Rule
from bot.sandbox.slack import Person, ShownMessage, people
from handlers.manifest import SCOPES
from handlers.views.messages import asking_text
from handlers.views.report import not_understood_text
from tests.kit import wording
from tests.kit.bot import World


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    """Maya has given Rob 25 dollars and Kim 40, and Priya has given Li 10."""
    settings = {"roles": {"finance": [people.FIONA]}}
    with World(tmp_path, where=database, settings=settings) as world:
        world.place()
        world.place(recipients=["kim"], amount="40")
        world.place(world.slack.person("priya"), recipients=["li"], amount="10")
        yield world


def report(who: Person, words: str = "") -> ShownMessage:
    """What somebody is shown in the end."""
    before = {message.ts for message in (*who.ephemerals(), *who.dms())}
    who.command("/kudos", f"report {words}".strip())

    def told() -> ShownMessage | None:
        new = (one for one in (*who.ephemerals(), *who.dms()) if one.ts not in before)
        # A file comes with a message of words alone.
        return next((one for one in new if one.blocks and asking_text() not in one.words), None)

    return who.wait_for(told)


def table(shown: ShownMessage) -> list[list[str]]:
    """The table's rows without its head: name, rewards and face value."""
    (block,) = [block for block in shown.blocks if block["type"] == "data_table"]
    return [[cell["text"] for cell in row[:3]] for row in block["rows"][1:]]


def test_finance_and_admins_see_what_everyone_gave_and_others_their_own(world: World):
    everyone = [["Maya Lindqvist", "2", "$65.00"], ["Priya Nair", "1", "$10.00"]]
    fiona = world.slack.person("fiona")

    assert table(report(fiona, "this month")) == everyone
    assert table(report(world.ada, "by sender")) == everyone
    assert table(report(world.maya)) == [
        ["Kim Park", "1", "$40.00"],
        ["Rob Hale", "1", "$25.00"],
    ]
    assert table(report(world.maya, "by sender"))[0][2] == "$65.00", "hers alone, whatever she asks for"
    assert "$75.00" in report(fiona, "2026-03 by reward").text, "a screen reader hears the sum"
    assert not [block for block in report(world.alex).blocks if block["type"] == "data_table"], "he gave nothing"


def test_the_list_for_payroll_is_for_finance_and_admins(world: World):
    told = world.answer(world.maya, lambda: world.maya.command("/kudos", "report payroll"))
    assert told.text == wording.not_allowed(Rule.FINANCE_ONLY, people.FIONA)
    for who in (world.ada, world.slack.person("fiona")):
        shown = report(who, "payroll 2026-03")
        assert "$75.00" in shown.words
        assert "2026-03-01..2026-03-31 --csv" in shown.words, "files are off, so it says how to have it"
        assert "Rob Hale" not in shown.words, "names are in the list alone"


def test_a_word_without_a_meaning_is_named(world: World):
    told = world.answer(world.ada, lambda: world.ada.command("/kudos", "report last fortnight"))
    assert told.text == not_understood_text(ReportNotUnderstood("last"))


@pytest.mark.parametrize("refused", ["data_table", "data_visualization"])
def test_what_slack_does_not_draw_arrives_as_text_with_the_same_numbers(world: World, refused: str):
    world.slack.faults.set("refused", method="response_url", block=refused)
    shown = report(world.ada, "by recipient")

    assert not {"data_table", "data_visualization"} & {block["type"] for block in shown.blocks}
    for part in ("Kim Park", "$40.00", "Rob Hale", "$25.00", "Li Wei", "$10.00", "$75.00"):
        assert part in shown.words


def test_each_reward_is_logged_once_with_its_charge(world: World):
    rows = world.rows("SELECT kind, face_minor, charged_minor, charged_currency FROM gift_log ORDER BY id")
    assert [(row["kind"], row["face_minor"]) for row in rows] == [("sent", 2500), ("sent", 4000), ("sent", 1000)]
    assert all(row["charged_minor"] >= row["face_minor"] and row["charged_currency"] == "USD" for row in rows)


def test_where_files_are_on_the_same_numbers_come_as_a_file(tmp_path: Path, database: Path | str):
    settings = {"slack": {"files": True}, "roles": {"finance": [people.FIONA]}}
    with World(tmp_path, where=database, settings=settings) as world:
        world.slack.grant({*SCOPES, "files:write"})
        world.place()
        fiona = world.slack.person("fiona")
        summed, listed = report(fiona, "2026-03 by recipient"), report(fiona, "payroll 2026-03")
        files = [file.content.decode("utf-8-sig") for file in world.slack.workspace.files.values()]
        rows, gifts = (list(csv.DictReader(io.StringIO(text))) for text in files)

    assert [block for block in summed.blocks if block["type"] == "data_table"]
    assert [(row["name"], row["face_value"], row["currency"]) for row in rows] == [("Rob Hale", "25.00", "USD")]
    assert [(row["recipient"], row["sender"], row["kind"]) for row in gifts] == [("Rob Hale", "Maya Lindqvist", "sent")]
    assert "slack.files" not in listed.words
