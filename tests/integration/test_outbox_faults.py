"""What people are told, while Slack misbehaves: everything, once, in order; and nobody waits for it."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.notices import APPROVALS
from bot.domain.order import OrderStatus
from bot.domain.progress import Progress
from bot.sandbox.slack import people
from bot.sandbox.slack.people import UserGroup
from tests.kit import wording
from tests.kit.bot import CARD, World
from tests.kit.mirror import Mirror
from tests.kit.payloads import a_click, a_request_form, a_submission


def _dms(world: World, who: str) -> list[str]:
    return [message.text for message in world.slack.person(who).dms()]


def _outbox(world: World, status: str) -> list[tuple[str, str, str | None]]:
    rows = world.rows("SELECT kind, audience, problem FROM outbox WHERE status = :status ORDER BY id", status=status)
    return [(row["kind"], row["audience"], row["problem"]) for row in rows]


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
@pytest.mark.parametrize("fault", ["rate_limited", "outage", "internal_error", "cut"])
def test_every_notice_is_told_once_and_in_order(world: World, fault: str, method: str):
    world.slack.faults.set(fault, method=method, times=6, retry_after=3)
    request_id = world.place(recipients=["rob", "kim"])
    assert world.slack.faults.take(fault, method) is None, "all of the fault was met"
    assert wording.standing(Progress(counts={OrderStatus.ACCEPTED: 2})) in world.card(request_id).words
    assert wording.SENT in world.receipt(request_id).words
    assert len(world.alex.messages(people.APPROVALS)) == 1
    assert len(_dms(world, "maya")) == 1
    for handle in ("rob", "kim"):
        assert len(_dms(world, handle)) == 1
    assert _outbox(world, "undeliverable") == []


def test_slack_is_away_for_a_day_and_everybody_hears_in_the_end(world: World):
    requests = [world.ask(message=str(n)) for n in range(3)]
    for method in ("chat.postMessage", "chat.update"):
        world.slack.faults.set("outage", method=method)
    for request_id in requests:
        world.alex.click(world.card(request_id), "approve")
    world.until(lambda: len(world.tango.orders) == 3)
    assert _dms(world, "rob") == []
    end = world.clock.now().timestamp() + 86_400
    world.until(lambda: world.clock.now().timestamp() > end, step=600)
    assert _outbox(world, "undeliverable") == []
    assert world.rows("SELECT kind FROM outbox WHERE problem IS NOT NULL") == [], "an outage is nobody's own problem"
    world.slack.faults.clear()
    world.settle(step=60)
    assert len(_dms(world, "rob")) == 3
    assert len(_dms(world, "maya")) == 3
    for request_id in requests:
        assert wording.SENT in world.receipt(request_id).words
        assert wording.ORDER_PLACED in world.card(request_id).words


@pytest.mark.parametrize("asked", ["Wed, 21 Oct 2026 07:28:00 GMT", "soon", "", "-1", "nan", "9" * 30])
def test_a_wait_that_is_no_number_of_seconds_stops_nobody(tmp_path: Path, database: Path | str, asked: str):
    world = World(tmp_path, where=database)
    mirror = Mirror(world.slack.app)
    world.slack.app = mirror
    with world:
        mirror.hold_up("/api/chat.postMessage", status=429, headers={"Retry-After": asked}, times=3)
        world.place()
        assert mirror.done
        assert len(_dms(world, "rob")) == 1


def test_a_wait_of_zero_is_a_second_each_time(world: World):
    world.slack.faults.set("rate_limited", method="chat.postMessage", retry_after=0)
    assert world.fill_in().closed
    tries = "SELECT 1 FROM outbox WHERE kind = 'receipt' AND status = 'pending' AND attempts = :attempts"
    for attempts in range(1, 5):
        world.until(lambda attempts=attempts: world.rows(tries, attempts=attempts), step=0)  # type: ignore[misc]
        world.clock.advance(0.9)
        world.wake()
        world.clock.advance(0.2)
        world.wake()
    world.slack.faults.clear()
    world.settle()


def test_the_wait_that_slack_asks_for_is_kept(world: World):
    world.slack.faults.set("rate_limited", method="chat.postMessage", times=1, retry_after=3_600)
    started = world.clock.now()
    world.slack.deliver(
        "interactive", a_submission(world.slack, people.MAYA, "request", a_request_form([people.ROB], CARD, "5"))
    )
    world.until(lambda: world.is_posted("receipt", 1) or world.is_posted("approval_card", 1))
    world.until(lambda: world.is_posted("receipt", 1) and world.is_posted("approval_card", 1), step=60)
    assert (world.clock.now() - started).total_seconds() >= 3_600


def test_a_channel_that_is_archived_holds_up_nobody_else_and_has_its_card_when_it_is_back(world: World):
    channel = world.slack.workspace.channels[people.APPROVALS]
    channel.is_archived = True
    world.fill_in(recipients=["rob"])
    world.until(lambda: _dms(world, "maya"), step=0)
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE status = 'pending' AND attempts >= 3"), step=60)
    assert _outbox(world, "undeliverable") == []
    channel.is_archived = False
    world.settle(step=60)
    assert len(world.alex.messages(people.APPROVALS)) == 1


def test_admins_whose_group_cannot_be_looked_up_hear_when_it_can(tmp_path: Path, database: Path | str):
    group = UserGroup("S00ADMINS", "admins", "Admins", [people.ADA])
    approvers = {"approvers": [people.ALEX, people.SAM]}
    world = World(tmp_path, where=database, settings={"roles": {"admins": [group.id]}, "approvals": approvers})
    world.slack.workspace.usergroups[group.id] = group
    world.slack.faults.set("outage", method="usergroups.users.list")
    with world:
        world.tango.faults.set("insufficient_funds")
        world.place_in_halt()
        world.until(lambda: world.rows("SELECT 1 FROM queue WHERE halted_at IS NOT NULL"))
        world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE audience = 'admins' AND attempts >= 2"), step=5)
        assert world.ada.dms() == []
        world.slack.faults.clear()
        assert world.said(world.ada, wording.ON_HOLD)


@pytest.mark.file
def test_a_notice_that_could_not_be_put_back_is_told_later(world: World):
    world.slack.faults.set("slow", method="chat.postMessage", seconds=1.5, times=1)
    world.slack.faults.set("outage", method="chat.postMessage", times=1)
    world.fill_in(recipients=["rob"])
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE status = 'sending'"), step=0)
    with closing(sqlite3.connect(world.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # for longer than the bot waits
        time.sleep(3)
        other.execute("ROLLBACK")
    world.settle(step=60)
    assert _outbox(world, "sending") == []
    assert len(world.alex.messages(people.APPROVALS)) == 1
    assert len(_dms(world, "maya")) == 1


def test_a_channel_that_the_bot_is_not_in_is_tried_until_it_is_invited(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings={"approvals": {"channel": people.RANDOM}}) as world:
        assert world.fill_in().closed
        # No time passes, so the card waits for its next try: the others are not held up by it.
        world.until(lambda: world.is_posted("receipt", 1), step=0)
        world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'approval_card' AND attempts >= 3"), step=10)
        assert _outbox(world, "undeliverable") == []
        world.slack.invite("kudos", "random", inviter="ada")
        world.settle(step=60)
        cards = [message for message in world.alex.messages("random") if wording.card(1) in message.text]
        assert len(cards) == 1


def test_somebody_who_left_is_given_up_and_the_others_hear(world: World):
    request_id = world.ask(recipients=["rob", "kim"])
    world.slack.faults.set("outage", method="chat.postMessage")
    world.alex.click(world.card(request_id), "approve")
    world.until(lambda: len(world.tango.orders) == 2)
    world.slack.change_user("rob", deleted=True)
    world.slack.faults.clear()
    world.settle(step=60)
    assert [(kind, audience) for kind, audience, _ in _outbox(world, "undeliverable")] == [
        ("reward_on_its_way", people.ROB)
    ]
    assert len(_dms(world, "kim")) == 1
    assert wording.SENT in world.receipt(request_id).words


def test_no_answer_waits_for_a_message(world: World):
    world.ask()
    # Longer than any test: what is asserted until the stand-in goes away happens while Slack is still busy.
    world.slack.faults.set("slow", method="chat.postMessage", seconds=600)
    world.slack.faults.set("slow", method="chat.update", seconds=600)
    form = a_submission(world.slack, people.MAYA, "request", a_request_form([people.ROB], CARD, "5"))
    assert world.slack.deliver("interactive", form) is None
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE status = 'sending'"))
    assert (
        world.slack.deliver("interactive", a_click(world.slack, people.ALEX, "approve", world.reference("requests", 2)))
        is None
    )
    assert (
        world.slack.deliver("interactive", a_click(world.slack, people.ALEX, "approve", world.reference("requests", 1)))
        is None
    )
    assert [row["status"] for row in world.rows("SELECT status FROM requests")] == ["approved"] * 2
    world.until(lambda: len(world.tango.orders) == 2)
    assert world.rows("SELECT 1 FROM outbox WHERE status = 'sending'"), "Slack is still busy with the first message"
    assert not world.is_posted("approval_card", 2)
    world.slack_server.stop()


def test_what_was_being_told_when_the_bot_died_is_told_by_the_next(world: World):
    request_id = world.ask()
    world.slack.faults.set("outage", method="chat.update")
    world.alex.click(world.card(request_id), "approve")
    world.until(lambda: len(world.tango.orders) == 1)
    world.stop()
    world.write("UPDATE outbox SET status = 'sending' WHERE status = 'pending'")
    assert _outbox(world, "sending")
    world.slack.faults.clear()
    world.start()
    world.settle(step=60)
    assert wording.ORDER_PLACED in world.card(request_id).words
    (receipt,) = world.maya.dms()
    assert wording.SENT in receipt.words


def test_a_card_goes_to_the_approvals_channel_which_an_earlier_version_wrote_down_by_its_id(world: World):
    world.slack.faults.set("outage", method="chat.postMessage")
    for _ in range(2):
        assert world.fill_in().closed
    world.until(lambda: len(world.rows("SELECT 1 FROM outbox WHERE kind = 'approval_card'")) == 2)
    world.stop()
    written = world.rows("SELECT DISTINCT audience FROM outbox WHERE kind = 'approval_card'")
    assert [row["audience"] for row in written] == [APPROVALS]
    world.write(
        "UPDATE outbox SET audience = :channel WHERE kind = 'approval_card' AND facts LIKE '%: 1}'",
        channel=people.APPROVALS,
    )
    world.slack.faults.clear()
    world.start()
    world.settle(step=60)
    assert len(world.alex.messages(people.APPROVALS)) == 2
    assert world.is_posted("approval_card", 1)
    assert world.is_posted("approval_card", 2)
