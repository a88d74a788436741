"""The steps of the schema: what was released is never edited, and PostgreSQL gets the same tables."""

import hashlib
from typing import Final

import pytest

from storage.migrations import MIGRATIONS, STEPS, known_migrations
from storage.schema import rendered

#: The beginning of the SHA-256 of each step. A file that has a step is never given it again: a step that was edited
#: would leave two kinds of files. A new step is added here.
RELEASED: Final = {
    "m001_requests_orders_outbox_audit": "fed0a5674377b6b2",
    "m002_queue_remembers_what_held_it_up": "bd433e3ef6e2de35",
    "m003_outbox_of_kind": "a19604819db1a3b3",
    "m004_references": "eb7f38feca208285",
    "m005_charges": "ec67e75d3b8491a6",
    "m006_people": "56c17dd75b1f4d04",
    "m007_what_changed_since": "f6ce9df8d43bdae7",
    "m008_pace_learns": "ab66c9a8274f886b",
    "m009_halts": "133d2c86223ac746",
    "m010_turns": "3bf61e0c932227bf",
    "m011_inquiries": "4eb8eabf95b935a6",
    "m013_card_again": "40d63dd4bffc055d",
    "m014_clock": "e289158cf082ca7c",
    "m015_duty": "ef1b5c3219d408d9",
    "m016_fewer_pages": "759b310e5449b075",
    "m017_homes": "d4f21e2e7d28905d",
    "m018_places": "fa8681adfe9f8b2e",
    "m019_pictures": "d2069fa57e54c6bf",
    "m020_cards": "32c016c2d01e2428",
    "m021_donations": "fdc65c8eeaf59a0e",
    "m022_recipients": "3d95664d5bedb52e",
    "m023_conversations": "60dfd2c232bc0de4",
    "m024_budgets": "e206c6a4ed532be7",
    "m025_policy": "bfa362b35522ab8d",
    "m026_hold": "4b39b7d8a5a63bfd",
    "m027_asking": "e552d941c5d5e48f",
    "m028_reminders": "876e5105d554714d",
    "m029_counts": "9166cbe2d87dea14",
    "m033_batches": "dc8be5c42ae73ade",
    "m034_priority": "e9e9b14f4f776494",
    "m035_workflows": "c485b345df243bad",
    "m036_schedules": "4b4d2fbd77077ca3",
    "m037_occasions": "79e92883edc7c2b4",
    "m038_gift_log": "66a6f3895d528535",
    "m039_audit_chain": "7457dc79e8b4f03c",
    "m040_access": "d4a51ba522ab0c74",
    "m041_email_statuses": "c0690628988a00f0",
    "m042_undo": "74848b13cf2c2190",
}


def test_a_step_is_appended_and_never_edited():
    assert {step: hashlib.sha256(sql.encode()).hexdigest()[:16] for step, sql in STEPS.items()} == RELEASED


def test_steps_are_applied_in_the_order_of_their_numbers():
    assert list(STEPS) == sorted(STEPS)
    assert [migration.name for migration in MIGRATIONS._migrations] == list(STEPS)
    assert known_migrations() == set(STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_nothing_that_only_sqlite_knows_is_left_for_postgresql(step: str):
    for statement in rendered(step):
        for word in (
            "STRICT",
            "AUTOINCREMENT",
            "BLOB",
            "json_valid",
            "RAISE(",
            "randomblob",
            "INDEXED BY",
            "INTEGER",
            "ROWID",
        ):
            assert word not in statement, statement


def test_what_refuses_a_change_in_sqlite_refuses_it_in_postgresql():
    triggers = [statement for step in STEPS for statement in rendered(step) if "CREATE TRIGGER" in statement]

    assert len(triggers) == sum(sql.count("CREATE TRIGGER") for sql in STEPS.values()) >= 5
    assert all("FOR EACH ROW" in trigger and "EXECUTE FUNCTION refuse(" in trigger for trigger in triggers)
