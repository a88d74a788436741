"""The machine's clock is set while the bot runs: nobody waits for longer, and nothing is lost for good."""

from datetime import timedelta
from typing import Final

import pytest

from bot.sandbox.slack import people
from handlers.bolt.directory import Directory
from handlers.bolt.membership import RoleIds
from handlers.bolt.profiles import Home
from tests.kit.bot import World
from tests.kit.factories import FakeClock

HOUR: Final = timedelta(hours=1)

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
