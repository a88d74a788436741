"""A reward email that an admin sends to another address: never to an own one, never silently, once a day."""

import hashlib
import json
import logging
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from bot.errors import Rule
from bot.sandbox.slack import Person, ShownMessage, people
from bot.worker.retention import clear_old
from storage import Storage
from tests.kit import wording
from tests.kit.bot import World

DAY: Final = timedelta(days=1).total_seconds()

#: The other address, and as it is shown.
NEW: Final = "rob.hale@new.example"
MASKED: Final = "r…@new.example"

ALLOWED: Final = wording.SENDING_AGAIN


@pytest.fixture
def placed(world: World) -> World:
    """Maya's order #1 for Rob, mailed more than the cooldown ago."""
    world.place()
    world.clock.advance(60)
    return world


def _resend(world: World, text: str, who: Person | None = None) -> str:
    told = (who or world.ada).command("/resend", text).ephemeral
    assert told is not None
    return told.text


def _heard(who: Person) -> list[ShownMessage]:
    return [message for message in who.dms() if wording.READDRESSED in message.text]


def _facts(world: World) -> list[dict[str, Any]]:
    rows = world.rows("SELECT facts FROM audit WHERE event = 'order.resend_requested' ORDER BY id")
    return [json.loads(row["facts"]) for row in rows]


@pytest.mark.parametrize(
    "address", ["ada@acme.example", "ADA@ACME.example", "ada+gifts@acme.example", "Ada+a+b@acme.Example"]
)
def test_an_admin_has_nothing_mailed_to_an_own_address(placed: World, address: str):
    assert _resend(placed, f"1 {address}") == wording.not_allowed(Rule.NOT_OWN_ADDRESS)
    placed.settle()
    assert placed.tango.resends == []
    assert placed.rows("SELECT 1 FROM resends") == []


def test_nor_once_the_profile_is_old_and_slack_tells_nothing(placed: World):
    placed.slack.faults.set("outage", method="users.info")
    placed.clock.advance(DAY)
    # Nobody says any more that she is an admin.
    assert _resend(placed, "1 ada@acme.example") == wording.not_allowed(Rule.MEMBERSHIP_UNKNOWN)
    assert placed.rows("SELECT 1 FROM resends") == []


def test_an_admin_whose_own_address_is_not_known_sends_nothing_elsewhere(placed: World):
    placed.slack.change_user("ada", email=None)
    placed.clock.advance(DAY)
    placed.bot._directory.refresh_roles()
    assert ALLOWED not in _resend(placed, f"1 {NEW}")
    assert placed.rows("SELECT 1 FROM resends") == []
    assert ALLOWED in _resend(placed, "1"), "to the first address it goes"


def test_requester_and_recipient_are_told_at_once_with_the_address_masked(placed: World):
    placed.tango.faults.set("slow", endpoint="resend", seconds=600)  # longer than any test
    assert ALLOWED in _resend(placed, f"1 {NEW}")
    for who in (placed.maya, placed.slack.person("rob")):
        told = placed.said(who, wording.READDRESSED)
        assert MASKED in told.text
        assert NEW not in told.text + told.words
        assert f"<@{people.ADA}>" in told.text
    assert _heard(placed.ada) == [], "she knows"
    placed.tango.faults.clear()


def test_an_admin_who_asked_for_the_reward_is_told_nothing_new_and_the_recipient_is(world: World):
    world.place(world.ada)
    world.clock.advance(60)
    assert ALLOWED in _resend(world, f"1 {NEW}")
    world.settle()
    assert _heard(world.ada) == []
    assert len(_heard(world.slack.person("rob"))) == 1


def test_it_goes_to_another_address_once_a_day_whoever_asks_and_over_a_restart(placed: World):
    assert ALLOWED in _resend(placed, f"1 {NEW}")
    placed.settle_resends()
    placed.stop()
    placed.start()
    placed.clock.advance(60)
    assert wording.READDRESSED_TODAY in _resend(placed, "1 another@new.example")
    assert ALLOWED in _resend(placed, "1"), "to the first address it goes at any time"
    placed.settle()
    placed.clock.advance(DAY)
    assert ALLOWED in _resend(placed, "1 another@new.example")
    placed.settle()
    assert [resend.email for resend in placed.tango.resends] == [NEW, "rob@acme.example", "another@new.example"]
    assert len(_heard(placed.maya)) == 2


def test_each_order_has_its_own_day(world: World):
    world.place(recipients=["rob", "kim"])
    world.clock.advance(60)
    assert ALLOWED in _resend(world, f"1.1 {NEW}")
    world.settle_resends()
    assert ALLOWED in _resend(world, "1.2 kim@new.example")


def test_what_tango_refused_leaves_the_day_open(placed: World):
    placed.tango.faults.set("too_many", endpoint="resend", times=1)
    assert ALLOWED in _resend(placed, f"1 {NEW}")
    placed.settle()
    assert placed.one("SELECT status FROM resends")["status"] == "refused"
    placed.clock.advance(60)
    assert ALLOWED in _resend(placed, f"1 {NEW}")


@pytest.mark.file
def test_the_log_keeps_a_salted_hash_and_the_domain_and_never_the_address(
    placed: World, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    for spelling in (NEW, "Rob.Hale+1@NEW.example", "other@new.example"):
        assert ALLOWED in _resend(placed, f"1 {spelling}")
        placed.settle()
        placed.clock.advance(DAY)
    one, same, other = _facts(placed)
    assert {facts["address_domain"] for facts in (one, same, other)} == {"new.example"}
    assert one["address_hash"] == same["address_hash"] != other["address_hash"]
    assert one["address_hash"] != hashlib.sha256(NEW.encode()).hexdigest()
    with closing(sqlite3.connect(placed.database)) as db:
        (salt,) = db.execute("SELECT salt FROM address_salt").fetchone()
    for secret in (salt, NEW, "rob.hale"):
        assert secret not in caplog.text
    assert NEW not in json.dumps([one, same, other])


def test_each_installation_has_a_salt_of_its_own(
    placed: World, tmp_path_factory: pytest.TempPathFactory, module_database: Path | str
):
    if isinstance(module_database, Path):
        Storage.open(module_database).close()  # made anew, and no copy of the one that all tests have
    with World(tmp_path_factory.mktemp("another"), where=module_database) as another:
        another.place()
        another.clock.advance(60)
        for world in (placed, another):
            assert ALLOWED in _resend(world, f"1 {NEW}")
        assert _facts(placed)[0]["address_hash"] != _facts(another)[0]["address_hash"]


def test_retention_removes_what_was_shown_of_the_address(placed: World):
    assert ALLOWED in _resend(placed, f"1 {NEW}")
    placed.settle()
    assert placed.one("SELECT masked_email FROM resends") == {"masked_email": MASKED}
    placed.clock.advance(31 * DAY)
    clear_old(placed.bot._storage, placed.clock, timedelta(days=30))
    assert placed.one("SELECT masked_email, readdressed FROM resends") == {"masked_email": None, "readdressed": 1}
