"""The machine's clock is set while the bot runs: nobody waits for longer, and nothing is lost for good."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from bot.domain.resend import READDRESS_COOLDOWN, RESEND_COOLDOWN
from bot.errors import AlreadyReaddressed
from bot.sandbox.slack import people
from handlers.bolt.directory import Directory
from handlers.bolt.membership import RoleIds
from handlers.bolt.profiles import Home
from handlers.views.messages import refusal_text
from tests.kit import wording
from tests.kit.bot import CARD, World
from tests.kit.factories import FakeClock

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1).total_seconds()
YEARS: Final = timedelta(days=800)

#: Seconds that pass within a test before somebody has waited for too long: every wait of these tests is shorter.
SOON: Final = 120.0


def put_back(world: World, by: timedelta) -> float:
    """Put the machine's clock back; return the moment by the clock that nobody sets."""
    world.clock.set(world.clock.now() - by)
    return world.clock.monotonic()


# ------------------------------------------------------------------------------------------- waits


@pytest.mark.parametrize("by", [HOUR, timedelta(days=800)])
def test_everybody_hears_at_once_though_the_clock_was_put_back(world: World, by: timedelta):
    world.ask()  # the channel and Maya were written to just now, and wait a second
    since = put_back(world, by)
    world.place(recipients=["kim"])
    assert len(world.slack.person("kim").dms()) == 1
    assert world.clock.monotonic() - since < SOON


def test_the_measured_pace_is_none_that_goes_backwards(world: World):
    since = world.clock.monotonic()
    world.place()
    put_back(world, HOUR)
    world.place(recipients=["kim"])
    text = world.bot._metrics.render().decode()
    [seconds] = [line for line in text.splitlines() if line.startswith("kudos_pace_gap_seconds_sum ")]
    assert 0 < float(seconds.split()[1]) <= world.clock.monotonic() - since, "no longer than has passed"


def test_a_wait_that_slack_asked_for_passes_though_the_clock_was_put_back(world: World):
    world.slack.faults.set("rate_limited", method="chat.postMessage", times=1, retry_after=30)
    world.fill_in()
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE status = 'pending' AND attempts = 1"), step=0)
    since = put_back(world, HOUR)
    world.until(lambda: len(world.alex.messages(people.APPROVALS)) == 1)
    assert world.clock.monotonic() - since < SOON


def test_a_profile_is_believed_for_ten_minutes_whatever_the_clock_is_set_to(world: World, clock: FakeClock):
    ids = RoleIds(senders=frozenset(), approvers=frozenset(), admins=frozenset())
    directory = Directory(client=world.bot._slack.client, clock=clock, ids=ids, home=lambda: Home(team_id="T1"))
    directory.person(people.ROB)
    clock.set(clock.now() + timedelta(days=800))
    assert directory.known(people.ROB) is not None
    clock.set(clock.now() - timedelta(days=801))
    clock.advance(601)
    assert directory.known(people.ROB) is None
    directory.close()


@pytest.mark.parametrize("by", [HOUR, YEARS])
def test_an_email_goes_out_again_after_the_cooldown_though_the_clock_was_put_back(world: World, by: timedelta):
    world.place()
    put_back(world, by)
    seconds = int(RESEND_COOLDOWN.total_seconds())
    told = world.maya.command("/resend", "1").ephemeral
    assert told is not None
    wait = wording.seconds_to_resend(told.text, world.clock.now())
    assert wait is not None
    assert wait <= seconds + 1, "never more than the cooldown"
    world.clock.advance(seconds)
    world.maya.command("/resend", "1")
    world.settle_resends()
    assert len(world.rows("SELECT 1 FROM resends")) == 1, "Tango's clock was put back too, and Tango refuses it"


def test_an_email_goes_to_another_address_a_day_later_though_the_clock_was_put_back(world: World):
    world.place()
    world.clock.set(world.clock.now() + YEARS)  # for a minute
    world.ada.command("/resend", "1 rob@private.example")
    world.settle_resends()
    world.clock.set(world.clock.now() - YEARS)
    world.clock.advance(60)
    told = world.ada.command("/resend", "1 rob@other.example").ephemeral
    again_at = world.clock.now() + READDRESS_COOLDOWN
    assert told is not None
    assert told.text == refusal_text(AlreadyReaddressed(number="1", again_at=again_at))
    world.clock.set(again_at)
    world.ada.command("/resend", "1 rob@other.example")
    world.settle_resends()
    assert len(world.rows("SELECT 1 FROM resends WHERE readdressed = 1")) == 2


def test_tango_is_asked_for_a_status_though_the_clock_was_put_back(world: World):
    world.tango.faults.set("pending_then_complete", after_gets=99)
    world.ask()
    world.alex.click(world.card(1), "approve")
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE watch_at IS NOT NULL AND watches >= 1"))
    since = put_back(world, YEARS)
    before = world.one("SELECT watches FROM orders")["watches"]
    world.tick("rescue")  # as every minute, and at once when the clock is set
    world.until(lambda: world.one("SELECT watches FROM orders")["watches"] > before)
    assert world.clock.monotonic() - since < SOON


def test_the_catalog_is_fetched_again_though_it_was_fetched_in_the_future(world: World):
    world.clock.set(world.clock.now() + YEARS)  # for a minute
    world.bot._catalog.refresh()
    put_back(world, YEARS)
    world.tango.catalog.remove(CARD)
    world.bot._catalog.keep_fresh()
    assert world.bot._catalog.current.get(CARD) is None


def test_a_refused_attempt_is_noted_though_one_was_noted_in_the_future(world: World):
    world.clock.set(world.clock.now() + YEARS)  # for a minute
    card = world.card(world.ask(world.alex))
    world.answer(world.alex, lambda: world.alex.click(card, "approve"))
    put_back(world, YEARS)
    for _ in range(2):  # the second is in the log already
        world.answer(world.alex, lambda: world.alex.click(card, "approve"))
    noted = [row["at"] for row in world.rows("SELECT at FROM audit WHERE event = 'attempt.refused' ORDER BY id")]
    assert len(noted) == 2
    assert noted[1] < noted[0]


def test_the_ninety_days_begin_no_later_than_they_did(world: World):
    world.tango.faults.set("unavailable_after")
    world.clock.set(world.clock.now() + YEARS)  # for a minute
    world.ask()
    world.alex.click(world.card(1), "approve")
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND outcome_unknown = 1"))
    since = put_back(world, YEARS)
    now = int(world.clock.now().timestamp() * 1_000)

    def is_right() -> bool:
        world.tick("rescue")  # as every minute; it leaves alone what is under way
        sql = "SELECT 1 FROM orders WHERE first_attempt_at BETWEEN :now AND :now + 120000"
        return bool(world.rows(sql, now=now))

    world.until(is_right)
    assert world.clock.monotonic() - since < SOON


# --------------------------------------------------------------------------- what can't be taken back


@pytest.fixture
def kept(tmp_path: Path, database: Path | str) -> Iterator[World]:
    """A bot that keeps personal data for a year, with an order that is done."""
    with World(tmp_path, where=database, settings={"storage": {"retention_days": 365}}) as world:
        world.place(message="Recognisable thanks")
        world.tick("clock")
        yield world


def look(world: World) -> None:
    """Let the bot do what it does every hour."""
    for job in world.jobs():
        if job.name in ("retention", "expiry"):
            job.func()


def is_kept(world: World) -> bool:
    return bool(world.rows("SELECT 1 FROM requests WHERE message = 'Recognisable thanks'"))


@pytest.mark.parametrize("restarted", [False, True])
def test_a_clock_800_days_ahead_for_a_minute_erases_no_name(kept: World, *, restarted: bool):
    kept.clock.set(kept.clock.now() + YEARS)
    if restarted:
        kept.stop()
        kept.start()
    look(kept)
    kept.clock.advance(60)
    look(kept)
    kept.clock.set(kept.clock.now() - YEARS)
    look(kept)
    assert is_kept(kept)


def test_a_year_that_has_passed_erases_names_though_the_bot_was_off_for_most_of_it(kept: World):
    kept.stop()
    kept.clock.advance(366 * DAY)
    kept.start()
    look(kept)
    assert not is_kept(kept)


def test_without_tango_a_year_that_has_passed_is_believed_a_day_later(kept: World):
    kept.stop()
    kept.clock.advance(366 * DAY)
    kept.tango_server.stop()
    kept.begin()
    look(kept)
    assert is_kept(kept)
    kept.clock.advance(DAY)
    look(kept)
    assert not is_kept(kept)


def test_an_order_is_not_past_the_ninety_days_by_a_clock_that_has_jumped(world: World):
    world.tango.faults.set("unavailable_after")
    world.ask()
    world.alex.click(world.card(1), "approve")
    # Time stands still: a try that is under way while the clock is set would meet a Tango of another year.
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND outcome_unknown = 1"), step=0)
    world.clock.set(world.clock.now() + YEARS)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE status = 'queued' AND attempts >= 1"), step=30)
    for _ in range(20):
        world.clock.advance(30)
        world.wake()
    assert world.rows("SELECT 1 FROM orders WHERE status = 'needs_attention'") == []
    world.tango.faults.clear()
    world.clock.set(world.clock.now() - YEARS)
    world.tick("rescue")
    world.settle()
    assert wording.ORDER_PLACED in world.card(1).words
    assert len(world.tango.orders) == 1
