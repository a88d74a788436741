"""`kudos report` on the terminal: the same words and numbers as in Slack, for whoever runs the bot."""

import csv
import io
import json
from pathlib import Path

import pytest

from bot.domain.report_words import ReportNotUnderstood
from handlers.views.report import not_understood_text
from storage import Storage
from tests.kit.console import refused, said, settings_file
from tests.kit.factories import NOON, a_recipient, accept, enqueue


@pytest.fixture
def config(database: Path | str, tmp_path: Path, storage: Storage) -> Path:
    """The settings of a bot over a database with two rewards of March 2026: Rob's and Kim's."""
    for person in (a_recipient(), a_recipient("U0KIM0001", first_name="Kim", last_name="Park")):
        order = accept(storage, enqueue(storage, recipients=(person,)))
        storage.gift_log.record(order.id, NOON)
    return settings_file(tmp_path, database)


def test_a_report_is_a_table_with_its_sums(config: Path):
    told = said(config, "report", "2026-03", "by", "recipient")

    assert "$50.00 in 2 rewards" in told
    assert [line.split()[:2] for line in told.splitlines() if "$25.00" in line] == [["Kim", "Park"], ["Rob", "Weiss"]]
    assert "█" in told, "each has a bar"


def test_it_is_the_same_as_csv_and_json(config: Path):
    rows = list(csv.DictReader(io.StringIO(said(config, "report", "2026-03", "by", "recipient", "--csv"))))
    told = json.loads(said(config, "report", "2026-03", "by", "recipient", "--json"))

    assert [(row["name"], row["face_value"], row["currency"]) for row in rows] == [
        ("Kim Park", "25.00", "USD"),
        ("Rob Weiss", "25.00", "USD"),
    ]
    assert [(row["name"], row["face_value"]) for row in told["rows"]] == [("Kim Park", "25.00"), ("Rob Weiss", "25.00")]
    assert told["totals"] == [{"currency": "USD", "rewards": 2, "face_value": "50.00", "charged": []}]
    assert (told["from"], told["to"]) == ("2026-03-01", "2026-03-31")


def test_payroll_lists_every_reward(config: Path):
    rows = list(csv.DictReader(io.StringIO(said(config, "report", "payroll", "2026-03", "--csv"))))
    told = said(config, "report", "payroll", "2026-03")

    assert [(row["kind"], row["recipient"], row["date"]) for row in rows] == [
        ("sent", "Rob Weiss", "2026-03-14"),
        ("sent", "Kim Park", "2026-03-14"),
    ]
    assert "$50.00 in 2 rewards" in told
    assert "Rob Weiss" not in told, "names are in the list alone"
    assert json.loads(said(config, "report", "payroll", "2026-03", "--json"))[0]["order"] == "1"


def test_an_empty_time_and_a_word_without_a_meaning_are_told(config: Path):
    assert "$" not in said(config, "report", "2025-03")
    assert not_understood_text(ReportNotUnderstood("last")) in refused(config, "report", "last", "fortnight")
