"""What is clicked is what the card shows: buttons and forms carry a reference, and numbers may come round again."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.sandbox.slack import ShownMessage, elements, people
from handlers.ids import Action
from storage import back_up, restore
from tests.kit import wording
from tests.kit.bot import World
from tests.kit.payloads import a_click, a_reason, a_submission

#: All of this is about files: a fresh one, an older one, a restored one.
pytestmark = pytest.mark.file


def carried(shown: ShownMessage, action: Action) -> str:
    """What the message's button carries."""
    [value] = [one.element["value"] for one in elements.placed(shown.blocks) if one.action_id == action]
    return str(value)


def begin_with_a_fresh_file(world: World) -> None:
    """Lose the file, as after a trial; the messages on Slack stay."""
    world.stop()
    for path in world.folder.glob("kudos.db*"):
        path.unlink()
    world.start()


def undo_migration(world: World) -> None:
    """Make the file one that the version before references has left."""
    world.stop()
    with closing(sqlite3.connect(world.database)) as db:
        db.executescript("""
            DROP TRIGGER requests_reference_is_frozen;
            DROP TRIGGER recipients_reference_is_frozen;
            DROP INDEX requests_by_reference;
            DROP TABLE tango_account;
            ALTER TABLE requests DROP COLUMN in_doubt_since;
            ALTER TABLE requests DROP COLUMN reference;
            ALTER TABLE recipients DROP COLUMN external_ref_id;
            ALTER TABLE requests DROP COLUMN repeats;
            DROP INDEX recipients_by_time;
            DROP INDEX requests_untold;
            ALTER TABLE requests DROP COLUMN untold;
            ALTER TABLE requests DROP COLUMN batch;
            DROP TABLE batches;
        """)
        steps = "('m004_references', 'm022_recipients', 'm027_asking', 'm033_batches')"
        db.execute(f"DELETE FROM _sqlite_migrations WHERE name IN {steps}")  # noqa: S608 (fixed names)
        db.commit()


def restore_backup(world: World, backup: Path) -> None:
    """Put the backup in the file's place, as `kudos restore` does."""
    world.stop()
    now = world.clock.now()
    restore(world.database, backup, now=now, known_since=now - timedelta(days=89), actor="console")
    world.start()


def status_of(world: World, request_id: int) -> str:
    return str(world.one("SELECT status FROM requests WHERE id = :id", id=request_id)["status"])


@pytest.mark.parametrize("action", ["approve", "decline"])
def test_a_card_from_before_a_fresh_file_decides_nothing(world: World, action: str):
    old = world.card(world.ask(recipients=["rob"], amount="5"))
    begin_with_a_fresh_file(world)
    again = world.ask(recipients=["kim"], amount="900")
    assert again == 1, "the number came round again"
    told = world.answer(world.alex, lambda: world.alex.click(old, action))
    assert told.text == wording.STALE
    world.settle()
    assert status_of(world, 1) == "pending_approval"
    assert world.alex.modal is None
    assert world.tango.orders == []
    world.alex.click(world.card(1), "approve")
    world.settle()
    assert [order.amount for order in world.tango.orders] == [900]


def test_a_form_from_before_a_fresh_file_declines_nothing(world: World):
    world.ask(recipients=["rob"], amount="5")
    form = world.alex.click(world.card(1), "decline").modal
    assert form is not None
    begin_with_a_fresh_file(world)
    world.ask(recipients=["kim"], amount="900")
    answer = world.slack.deliver(
        "interactive",
        a_submission(
            world.slack, people.ALEX, "decline", a_reason("No"), private_metadata=form.data["private_metadata"]
        ),
    )
    assert wording.STALE in str(answer)
    assert status_of(world, 1) == "pending_approval"


def test_an_orders_buttons_from_before_a_fresh_file_do_nothing(world: World):
    world.place()
    detail = world.ada.command("/orders", "1").ephemeral
    assert detail is not None
    begin_with_a_fresh_file(world)
    world.clock.advance(60)
    world.place(recipients=["kim"])
    world.clock.advance(60)
    told = world.answer(world.ada, lambda: world.ada.click(detail, "order_resend"))
    assert told.text == wording.STALE
    assert world.rows("SELECT 1 FROM resends") == []


def test_the_reference_of_each_order_is_stored_with_the_request(world: World):
    world.ask(recipients=["rob", "kim"])
    asked = world.rows("SELECT user_id, external_ref_id FROM recipients ORDER BY position")
    assert len({row["external_ref_id"] for row in asked}) == 2
    world.alex.click(world.card(1), "approve")
    world.settle()
    ordered = world.rows("SELECT recipient_id AS user_id, external_ref_id FROM orders ORDER BY id")
    assert ordered == asked
    assert {order.external_ref_id for order in world.tango.orders} == {row["external_ref_id"] for row in asked}


def test_no_button_carries_a_number(world: World):
    world.place()
    world.ask(recipients=["kim"])
    shown = [world.card(1), world.card(2), world.receipt(1), world.receipt(2), *world.slack.person("rob").dms()]
    for command, text in (("/orders", ""), ("/orders", "1"), ("/resend", "")):
        answer = world.ada.command(command, text).ephemeral
        assert answer is not None
        shown.append(answer)
    placed = [one.element for message in shown for one in elements.placed(message.blocks)]
    values = [each["value"] for element in placed for each in element.get("options", [element])]
    assert values
    assert not [value for value in values if value.isdecimal()]


def test_the_cards_of_an_older_version_are_rewritten_and_their_numbers_are_refused(world: World):
    world.place()
    waits = world.ask(recipients=["kim"], amount="40")
    placed = world.reference("orders", 1)
    undo_migration(world)
    world.start()
    told = world.answer(
        world.alex,
        lambda: world.slack.deliver("interactive", a_click(world.slack, people.ALEX, "approve", str(waits))),
    )
    assert told.text == wording.STALE
    world.settle()
    assert status_of(world, waits) == "pending_approval"
    assert world.reference("orders", 1) == placed
    assert world.one("SELECT external_ref_id FROM recipients WHERE request_id = 1")["external_ref_id"] == placed
    reference = world.reference("requests", waits)
    assert carried(world.card(waits), Action.APPROVE) == carried(world.receipt(waits), Action.WITHDRAW) == reference
    world.alex.click(world.card(waits), "approve")
    world.settle()
    assert [order.amount for order in world.tango.orders] == [25, 40]


# ------------------------------------------------------------------------------------------ restore


def test_after_a_restore_an_old_card_does_not_approve_what_got_its_number(world: World, tmp_path: Path):
    back_up(world.database, tmp_path / "backup.db")
    old = world.card(world.ask(recipients=["rob"], amount="5"))
    restore_backup(world, tmp_path / "backup.db")
    again = world.ask(recipients=["kim"], amount="900")
    told = world.answer(world.alex, lambda: world.alex.click(old, "approve"))
    assert told.text == wording.STALE
    world.settle()
    assert world.tango.orders == []
    assert status_of(world, again) == "pending_approval"


def test_a_restore_gives_no_number_again(world: World, tmp_path: Path):
    world.place()
    back_up(world.database, tmp_path / "backup.db")
    world.place(recipients=["kim", "priya"])
    restore_backup(world, tmp_path / "backup.db")
    request_id = world.place(recipients=["kim", "priya"])
    assert request_id == 3
    assert [order.number for order in world.bot._storage.orders.of_request(3)] == ["3.1", "3.2"]


def test_a_restore_into_an_empty_file_goes_on_with_the_numbers_too(world: World, tmp_path: Path):
    back_up(world.database, tmp_path / "backup.db")
    world.place()
    restore_backup(world, tmp_path / "backup.db")
    assert world.place(recipients=["kim"]) == 2


def test_a_decision_that_is_made_again_after_a_restore_pays_once(world: World, tmp_path: Path):
    request_id = world.ask(recipients=["rob", "kim"])
    back_up(world.database, tmp_path / "backup.db")
    world.alex.click(world.card(request_id), "approve")
    world.settle()
    assert len(world.tango.orders) == 2
    restore_backup(world, tmp_path / "backup.db")
    assert status_of(world, request_id) == "pending_approval"
    world.settle()
    world.sam.click(world.card(request_id), "approve")
    world.settle()
    assert len(world.tango.orders) == 2
    assert world.rows("SELECT status FROM orders") == [{"status": "accepted"}] * 2


def test_what_is_approved_after_a_restore_counts_as_sent_when_the_backup_ends(world: World, tmp_path: Path):
    request_id = world.ask()
    back_up(world.database, tmp_path / "backup.db")
    ends = world.one("SELECT max(at) AS at FROM audit")["at"]
    restore_backup(world, tmp_path / "backup.db")
    world.settle()
    world.tango.faults.set("insufficient_funds")
    world.alex.click(world.card(request_id), "approve")
    world.until(lambda: world.rows("SELECT 1 FROM queue WHERE halted_at IS NOT NULL"))
    order = world.one("SELECT status, outcome_unknown, first_attempt_at FROM orders")
    assert order == {"status": "queued", "outcome_unknown": 1, "first_attempt_at": ends}


def test_a_restore_posts_the_card_and_the_receipt_of_what_waits_again(world: World, tmp_path: Path):
    waits = world.ask()
    back_up(world.database, tmp_path / "backup.db")
    old_card, old_receipt = world.card(waits), world.receipt(waits)
    world.alex.click(old_card, "approve")
    world.settle()
    assert "approve" not in world.card(waits).action_ids
    restore_backup(world, tmp_path / "backup.db")
    world.settle()
    card, receipt = world.card(waits), world.receipt(waits)
    assert card.ts != old_card.ts
    assert receipt.ts != old_receipt.ts
    assert {"approve", "decline"} <= set(card.action_ids)
    assert "withdraw" in receipt.action_ids
