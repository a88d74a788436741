"""The commands for whoever runs the bot, typed while it runs, and while it does not."""

import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.domain.attempt import AttemptOutcome
from bot.domain.audit import AuditEvent
from bot.domain.order import OrderMove, OrderStatus
from bot.domain.problem import Problem
from bot.domain.progress import Progress
from bot.domain.queue import PAUSED, HaltCause
from bot.domain.resend import ResendStatus
from bot.errors import QueuePaused, SeveralOrders
from bot.usecases.queue import CONSOLE
from handlers.views.messages import refusal_text
from handlers.views.problems import problem_text
from handlers.views.queue import cause_text
from storage import Storage, back_up
from tests.kit import wording
from tests.kit.bot import CARD, World
from tests.kit.console import kudos, said
from tests.kit.factories import a_recipient, again, approve, claim, enqueue, file_request


@pytest.fixture
def world(database: Path | str, tmp_path: Path) -> Iterator[World]:
    with World(tmp_path, where=database) as world:
        yield world


# ------------------------------------------------------------------------- beside a bot that runs


def test_a_paused_queue_sends_nothing_says_so_and_goes_on(world: World):
    config = world.folder / "app.yaml"
    assert said(config, "queue", "pause").startswith("Paused")
    assert "already" in said(config, "queue", "pause")
    world.approve()
    world.said(world.maya, wording.WAITS_ON_HOLD)
    world.clock.advance(3600)
    world.wake()
    told = world.answer(world.ada, lambda: world.ada.command("/orders", "1"))
    listed = said(config, "queue", "list")

    assert wording.WAITS_PAUSED in told.words
    assert "The queue has been paused since" in listed
    assert "1 queued" in listed
    assert re.search(r"^1 +queued +\$25\.00", listed, re.MULTILINE)
    assert not world.tango.orders

    assert said(config, "queue", "resume").startswith("Resumed")
    world.settle()
    assert len(world.tango.orders) == 1
    assert said(config, "queue", "list").startswith("The queue runs.\n0 queued, 0 being sent")
    assert "nothing to do" in said(config, "queue", "resume")
    events = world.rows("SELECT event, actor FROM audit WHERE event LIKE 'queue.%' ORDER BY id")
    assert [tuple(row.values()) for row in events] == [("queue.paused", "console"), ("queue.unpaused", "console")]


def test_a_pause_outlasts_a_restart_and_a_cause_of_tangos(world: World):
    config = world.folder / "app.yaml"
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    told = world.said(world.ada, wording.ON_HOLD)
    said(config, "queue", "pause")
    world.tango.faults.clear()
    world.stop()
    world.start()
    world.clock.advance(3600)
    refused = world.answer(world.ada, lambda: world.ada.click(told, "queue_resume"))

    assert refusal_text(QueuePaused()) in refused.words
    assert world.one("SELECT halt_cause FROM queue")["halt_cause"] == PAUSED
    assert not world.tango.orders
    said(config, "queue", "resume")
    world.settle()
    assert len(world.tango.orders) == 1


def test_a_queue_on_hold_because_of_tango_is_tried_at_once(world: World):
    config = world.folder / "app.yaml"
    world.clock.set(datetime.now(UTC) + timedelta(minutes=1))  # the command goes by the machine's clock
    world.bot._directory.refresh_roles()
    world.tango.faults.set("insufficient_funds")
    world.place_in_halt()
    assert "on hold" in said(config, "queue", "list")
    assert cause_text(HaltCause.INSUFFICIENT_FUNDS) in said(config, "queue", "list")
    world.tango.faults.clear()
    world.clock.advance(1.1)  # since the last try, which the pace counts from

    assert "Trying one order now" in said(config, "queue", "resume")
    world.until(lambda: world.tango.orders, step=0)


def test_an_order_is_canceled_and_its_card_tells_so(world: World):
    config = world.folder / "app.yaml"
    said(config, "queue", "pause")
    request_id = world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders"))
    assert "canceled" in said(config, "queue", "cancel", "1")
    world.settle()
    told = world.answer(world.ada, lambda: world.ada.command("/orders", "1"))

    assert wording.event(AuditEvent.ORDER_CANCELED, CONSOLE) in told.words
    assert wording.standing(Progress(counts={OrderStatus.CANCELED: 1})) in world.card(request_id).words
    assert any(wording.canceled(1, CONSOLE) in told.text for told in world.maya.dms())
    refused = kudos(config, "queue", "cancel", "1")
    assert (refused.exit_code, "canceled" in refused.output) == (1, True)


def test_the_story_of_an_order_is_the_one_that_slack_tells(world: World):
    config = world.folder / "app.yaml"
    world.tango.faults.set("unavailable_before", times=1)
    world.place()
    world.set_since_mailed(31)
    world.maya.command("/resend", "1")
    world.settle_resends()
    told = world.answer(world.ada, lambda: world.ada.command("/orders", "1")).words
    shown = said(config, "queue", "show", "1")

    unnamed, named = (wording.event(AuditEvent.REQUEST_APPROVED, by) for by in (None, world.alex.id))
    slack = [line.partition(" · ")[2].replace(named, unnamed) for line in told.splitlines() if line.startswith("• ")]
    terminal = [line.partition("UTC  ")[2] for line in shown.splitlines() if line.startswith("20")]
    who = f"<@{world.maya.id}>", "The requester"
    assert [_without_facts(line) for line in terminal] == [_without_facts(line).replace(*who) for line in slack]
    assert wording.resent(ResendStatus.SENT, world.maya.id) in told
    assert world.alex.id not in shown
    for outcome, status in ((AttemptOutcome.AMBIGUOUS, 503), (AttemptOutcome.ACCEPTED, 201)):
        assert wording.attempt(outcome, status) in shown


def _without_facts(line: str) -> str:
    """Return what happened, without the facts for machines."""
    return re.sub(r" \([^()]*\)$", "", line)


@pytest.mark.file
def test_a_backup_is_made_of_a_bot_that_runs(world: World, tmp_path: Path):
    world.place()
    to = tmp_path / "backup.db"
    told = said(world.folder / "app.yaml", "backup", str(to))

    assert f"Backup saved to {to} and verified: 1 request, 1 order, the last event at" in told
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    refused = kudos(world.folder / "app.yaml", "restore", str(to))
    assert refused.exit_code == 2
    assert "Another bot runs" in refused.output


@pytest.mark.file
def test_after_a_restore_what_was_sent_since_is_placed_once_and_told(world: World, tmp_path: Path):
    config = world.folder / "app.yaml"
    said(config, "queue", "pause")
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders"))
    said(config, "backup", str(tmp_path / "backup.db"))
    said(config, "queue", "resume")
    world.settle()
    world.ask(recipients=["kim"])
    world.stop()
    told = said(config, "restore", str(tmp_path / "backup.db"))
    world.start()
    said(config, "queue", "resume")
    world.settle()

    assert "under the same reference" in told
    assert len(world.tango.orders) == 1, "the same reference is the same order"
    assert world.one("SELECT status FROM orders")["status"] == "accepted"
    assert world.one("SELECT count(*) AS n FROM requests")["n"] == 1
    assert len(list(tmp_path.glob("kudos.db.replaced-*Z"))) == 1


@pytest.mark.file
def test_what_tango_refuses_after_a_restore_may_have_been_paid_and_waits_for_a_person(world: World, tmp_path: Path):
    config = world.folder / "app.yaml"
    said(config, "queue", "pause")
    world.approve()
    world.until(lambda: world.rows("SELECT 1 FROM orders"))
    said(config, "backup", str(tmp_path / "backup.db"))
    world.stop()
    said(config, "restore", str(tmp_path / "backup.db"))
    world.start()
    world.tango.catalog.remove(CARD)
    refused = kudos(config, "queue", "cancel", "1")
    said(config, "queue", "resume")
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status NOT IN ('queued', 'submitting')"))

    assert refused.exit_code == 1
    assert world.one("SELECT status, problem FROM orders") == {
        "status": "needs_attention",
        "problem": "refused_after_unknown",
    }


# ------------------------------------------------------------------------------------ while none runs


def test_an_order_that_needs_a_person_is_sent_again(storage: Storage, config: Path):
    now = datetime.now(UTC)
    order = claim(storage, enqueue(storage, now=now), now=now)
    with storage.transaction():
        storage.orders.move(order, OrderMove.SET_ASIDE, now=now, problem=Problem.DIFFERS)
    listed = said(config, "queue", "list")

    assert "1 needs attention" in listed
    assert "differs" in listed
    assert "back in the queue" in said(config, "queue", "retry", "1")
    assert again(storage, order).status == "queued"
    assert [(entry.event, entry.actor) for entry in storage.audit.story(request_id=1, order_id=1)] == [
        ("order.retried", "console")
    ]
    assert kudos(config, "queue", "retry", "1").exit_code == 1
    for word in ("show", "retry", "cancel", "check", "close"):
        for number in ("7", "1.2", "x"):
            told = kudos(config, "queue", word, number).output
            assert told == f"There's no order {number}. Type `kudos queue list` to see the next ones.\n"


def test_an_order_of_several_is_named_by_its_place(storage: Storage, config: Path):
    now = datetime.now(UTC)
    enqueue(storage, now=now)
    approve(storage, file_request(storage, now=now, recipients=(a_recipient("U0P1"), a_recipient("U0P2"))), now=now)

    assert re.findall(r"^([0-9.]+) +queued +\$", said(config, "queue", "list"), re.MULTILINE) == ["1", "2.1", "2.2"]
    assert said(config, "queue", "show", "2.1").partition("\n")[0].endswith(" (2.1)")
    assert re.search(r"^request +R-2$", said(config, "queue", "show", "2.1"), re.MULTILINE)
    refused = kudos(config, "queue", "cancel", "2")
    assert (refused.exit_code, refused.output) == (1, f"{refusal_text(SeveralOrders('R-2', ['2.1', '2.2']))}\n")
    assert said(config, "queue", "cancel", "R-2.2").endswith(" (2.2)\n")
    assert [order.status for order in storage.orders.of_request(2)] == ["queued", "canceled"]
    assert said(config, "queue", "cancel", "R-1").endswith(" (R-1)\n")


def test_a_row_of_the_list_is_one_line_for_a_program_that_reads_it(storage: Storage, config: Path):
    now = datetime.now(UTC)
    order = claim(storage, enqueue(storage, now=now), now=now)
    with storage.transaction():
        storage.orders.move(
            order, OrderMove.RESCHEDULE, now=now, available_at=now + timedelta(hours=1), outcome_unknown=True
        )
    listed = said(config, "queue", "list").splitlines()

    assert listed[1] == "1 queued, 0 being sent, 0 need attention"
    assert len(listed) == 4
    assert re.fullmatch(
        r"1 +queued +\$25\.00 +[-0-9]+ [:0-9]+ UTC +0 +[-0-9]+ [:0-9]+ UTC +outcome unknown *", listed[3]
    )


def test_a_list_names_nobody(storage: Storage, config: Path):
    order = enqueue(storage, message="Recognisable")
    listed = said(config, "queue", "list")

    for private in (order.recipient.first_name, order.recipient.email, order.recipient.user_id, "Recognisable"):
        assert private not in listed


def test_the_story_of_an_order_names_and_quotes_nobody(storage: Storage, config: Path):
    now = datetime.now(UTC)
    order = claim(storage, enqueue(storage, now=now, message="Recognisable"), now=now)
    with storage.transaction():
        storage.orders.move(
            order,
            OrderMove.SET_ASIDE,
            now=now,
            problem=Problem.DIFFERS,
            problem_detail=f"is for {order.recipient.email}",
        )
    shown = said(config, "queue", "show", "1")
    (aside,) = storage.backlog.orders(OrderStatus.NEEDS_ATTENTION, most=1)

    assert problem_text(replace(aside, problem_detail=None), None) in shown
    assert order.external_ref_id in shown
    recipient = order.recipient
    for private in (recipient.first_name, recipient.email, recipient.user_id, order.requester_id, "Recognisable"):
        assert private not in shown


def test_the_story_of_an_order_that_waits_says_for_what(storage: Storage, config: Path):
    now = datetime.now(UTC)
    enqueue(storage, now=now)
    enqueue(storage, now=now)

    assert "UTC, 1 before it" in said(config, "queue", "show", "2")
    said(config, "queue", "pause")
    assert "The queue has been paused since" in said(config, "queue", "show", "2")


def test_help_has_an_example(config: Path):
    assert "kudos queue show 8.2" in said(config, "queue", "show", "--help")


@pytest.mark.file
def test_a_backup_older_than_tangos_memory_leaves_the_queue_paused(storage: Storage, config: Path, tmp_path: Path):
    long_ago = datetime.now(UTC) - timedelta(days=90)
    enqueue(storage, now=long_ago)
    storage.audit.add(AuditEvent.REQUEST_APPROVED, now=long_ago, request_id=1)
    back_up(tmp_path / "kudos.db", tmp_path / "backup.db")
    storage.close()
    told = said(config, "restore", str(tmp_path / "backup.db"))

    assert "older than the 90 days" in told
    assert "they wait for an admin" in told
    assert "The queue has been paused" in said(config, "queue", "list")


@pytest.mark.file
def test_a_young_backup_leaves_the_queue_running(storage: Storage, config: Path, tmp_path: Path):
    storage.audit.add(AuditEvent.REQUEST_FILED, now=datetime.now(UTC), request_id=1)
    back_up(tmp_path / "kudos.db", tmp_path / "backup.db")
    storage.close()

    assert "90 days" not in said(config, "restore", str(tmp_path / "backup.db"))
    assert said(config, "queue", "list").startswith("The queue runs.")


@pytest.mark.file
@pytest.mark.parametrize(
    "words", [("queue", "list"), ("queue", "show", "1"), ("queue", "pause"), ("backup", "backup.db")], ids=str
)
def test_a_command_makes_no_database_by_mistake(config: Path, tmp_path: Path, words: tuple[str, ...]):
    result = kudos(config, *words)

    assert result.exit_code == 2
    assert "no" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["app.yaml"]


def test_settings_that_cannot_work_are_named(config: Path):
    config.write_text("approvals: {channel: here}")
    result = kudos(config, "queue", "list")

    assert result.exit_code == 2
    assert "approvals.channel" in result.output
    assert "approvals.approvers" in result.output
