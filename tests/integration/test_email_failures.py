"""Emails that did not arrive: Tango is asked three times in ten minutes at most, and each is told once."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Final

import pytest
from pydantic import SecretStr

from bot.domain.alerts import EmailsUnseen
from bot.domain.email_failure import EmailFailed, EmailFailure
from bot.domain.notices import ADMINS
from bot.sandbox.slack import people
from bot.tango.client import TangoClient
from bot.usecases.email_failures import EmailFailures
from bot.usecases.form import Payer
from handlers.views.alerts import build_emails_unseen
from handlers.views.email_failures import build_email_failed
from storage import Storage
from tests.kit.bot import World
from tests.kit.factories import FakeClock, a_recipient, accept, an_order, enqueue
from tests.kit.wording.common import common

TEN_MINUTES: Final = 600.0

_OTHER: Final = an_order(
    reward_name="Xylophone Hut",
    recipient=a_recipient("W7YYY", first_name="Zoë", last_name="Quist", email="q@test.elsewhere"),
)

#: What is said of every email that bounced.
FAILED: Final = common(
    *(build_email_failed(order, EmailFailure.BOUNCE, to_admin=True).text for order in (an_order(), _OTHER)),
    holding="arrive",
)


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    with World(tmp_path, where=database) as world:
        yield world


def look(world: World) -> int:
    """Have the bot look for more minutes than there are statuses; how many calls that were."""
    before = calls(world)
    for _ in range(5):
        world.tick("emails")
    return calls(world) - before


def look_at_the_start(world: World) -> int:
    """Start the bot, which looks by itself then, and go on; how many calls that were."""
    before = calls(world)
    world.start()
    world.until(lambda: calls(world) == before + 1)
    return 1 + look(world)


def calls(world: World) -> int:
    return sum(request.path.endswith("/lineItems") for request in world.tango.requests)


def pass_ten_minutes(world: World) -> None:
    world.clock.advance(TEN_MINUTES)


def told(world: World, audience: str) -> int:
    sql = "SELECT 1 FROM outbox WHERE kind = :kind AND audience = :audience"
    return len(world.rows(sql, kind=EmailFailed.kind, audience=audience))


def test_the_requester_and_the_admins_hear_of_it_once_and_can_send_it_again(world: World):
    world.tango.faults.set("bounced", times=1)
    world.place()
    pass_ten_minutes(world)
    assert look(world) == 3
    for_maya, for_ada = world.said(world.maya, FAILED), world.said(world.ada, FAILED)
    for message in (for_maya, for_ada):
        assert "rob@acme.example" not in message.words + message.text, "the address is masked"
        assert message.find("resend_refused")
    assert for_ada.find("resend_changes")
    assert "resend_changes" not in for_maya.action_ids
    pass_ten_minutes(world)
    look(world)
    world.settle()
    assert told(world, people.MAYA) == told(world, people.ADA) == 1
    world.maya.click(for_maya, "resend_refused")
    world.until(lambda: len(world.tango.resends) == 1)


def test_another_status_is_told_again(world: World):
    world.place()
    [order] = world.tango.orders
    for status in (EmailFailure.BOUNCE, EmailFailure.BLOCKED, EmailFailure.BOUNCE):
        world.tango.bounce(order.reference_order_id, status)
        pass_ten_minutes(world)
        look(world)
        world.settle()
    assert told(world, people.MAYA) == 2
    assert len(world.rows("SELECT 1 FROM audit WHERE event = 'order.email_failed'")) == 2


def test_an_email_that_comes_back_again_after_it_was_sent_again_is_told_again(world: World):
    world.tango.faults.set("bounced", times=1)
    world.place()
    pass_ten_minutes(world)
    look(world)
    world.settle()  # what Ada has not been told yet would be told once, for both times
    again = world.said(world.maya, FAILED)
    world.maya.click(again, "resend_refused")
    world.settle_resends()
    for _ in range(3):
        pass_ten_minutes(world)
        look(world)
        world.settle()
    assert told(world, people.MAYA) == told(world, people.ADA) == 2, "once for each time that it was sent"


def test_the_address_is_that_of_the_last_email(world: World):
    world.place()
    [order] = world.tango.orders
    world.clock.advance(60)
    world.ada.command("/resend", "1 rob.hale@home.example")
    world.settle_resends()
    world.tango.bounce(order.reference_order_id)
    pass_ten_minutes(world)
    look(world)
    said = world.said(world.maya, FAILED)
    assert "r…@home.example" in said.words
    assert "acme.example" not in said.words


def test_what_may_still_arrive_is_not_told(world: World):
    world.place()
    [order] = world.tango.orders
    for status in ("DEFERRED", "PENDING"):
        world.tango.bounce(order.reference_order_id, status)
        pass_ten_minutes(world)
        assert look(world) == 3
    assert told(world, people.MAYA) == 0


def test_tango_is_asked_every_ten_minutes_at_most_also_over_a_restart(world: World):
    assert look(world) == 0, "no email was sent yet"
    world.place()
    pass_ten_minutes(world)
    assert [look(world), look(world)] == [3, 0]
    world.stop()
    world.start()
    assert look(world) == 0
    world.stop()
    pass_ten_minutes(world)
    assert look_at_the_start(world) == 3
    assert look(world) == 0


def test_where_the_platform_may_not_look_that_is_said_once_and_it_rests(world: World):
    world.place()
    world.tango.faults.set("forbidden", endpoint="line_items")
    pass_ten_minutes(world)
    assert look(world) == 1, "the first answer says it"
    world.said(world.ada, build_emails_unseen().text)
    pass_ten_minutes(world)
    assert look(world) == 0
    world.clock.advance(24 * 3600)
    assert look(world) == 1
    world.settle()
    sql = "SELECT 1 FROM outbox WHERE kind = :kind AND audience = :ada"
    assert len(world.rows(sql, kind=EmailsUnseen.kind, ada=people.ADA)) == 1
    world.tango.faults.clear()
    [order] = world.tango.orders
    world.tango.bounce(order.reference_order_id)
    world.clock.advance(24 * 3600)
    assert look(world) == 3
    world.said(world.maya, FAILED)


def test_a_wrong_key_is_no_refusal_of_this_alone(world: World):
    world.place()
    world.tango.faults.set("unauthorized", endpoint="line_items")
    pass_ten_minutes(world)
    assert look(world) == 1
    world.tango.faults.clear()
    pass_ten_minutes(world)
    assert look(world) == 3, "it is asked again as usual"
    assert world.rows("SELECT 1 FROM outbox WHERE kind = :kind", kind=EmailsUnseen.kind) == []


def copy_order(world: World, copies: int) -> None:
    """Have the one order many times, here and at Tango; not while the bot runs."""
    [row] = world.rows("SELECT * FROM orders")
    changed = {
        "id": ":id + n",
        "recipient_id": "'U0COPY' || n",
        "external_ref_id": "'copy' || n",
        "reference_order_id": "'RA-COPY-' || n",
    }
    numbers = (
        "(WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :copies)"
        " SELECT n FROM numbers) AS numbers"
    )
    names, values = ", ".join(row), ", ".join(changed.get(name, name) for name in row)
    sql = f"INSERT INTO orders ({names}) SELECT {values} FROM orders, {numbers} WHERE id = :id"  # noqa: S608 (fixed names)
    world.write(sql, id=row["id"], copies=copies)
    [order] = world.tango.orders
    with world.tango._ledger.lock:
        for n in range(1, copies + 1):
            copy = replace(order, reference_order_id=f"RA-COPY-{n}", external_ref_id=f"copy{n}")
            world.tango._ledger._orders[copy.reference_order_id] = copy


def test_of_a_thousand_orders_the_thirty_bad_ones_are_told_once_with_restarts_in_between(world: World):
    world.place()
    world.stop()
    copy_order(world, 999)
    bad = [f"RA-COPY-{n}" for n in range(33, 1000, 33)]
    for number, status in zip(bad, cycle(EmailFailure), strict=False):
        world.tango.bounce(number, status)
    for _ in range(3):
        world.stop()
        pass_ten_minutes(world)
        assert look_at_the_start(world) == 3
    world.settle()

    assert len(bad) == 30
    assert told(world, people.MAYA) == told(world, people.ADA) == 30


def test_of_more_than_a_page_the_older_ones_have_their_turn(world: World):
    world.place()
    world.stop()
    copy_order(world, 119)
    for order in world.tango.orders:
        world.tango.bounce(order.reference_order_id)
    assert look_at_the_start(world) == 3
    world.until(lambda: told(world, people.MAYA) == 100)  # those of the first page
    pass_ten_minutes(world)
    assert look(world) == 3
    assert told(world, people.MAYA) == 120


def test_an_order_that_waits_comes_first(storage: Storage, clock: FakeClock):
    tango = TangoClient(base_url="http://127.0.0.1:9/", platform_name="nobody", platform_key=SecretStr("no key"))
    payer = Payer(customer="kudos-demo", account="kudos-demo-usd")
    failures = EmailFailures(storage=storage, tango=tango, clock=clock, payer=payer, audiences=[ADMINS])
    accept(storage, enqueue(storage))
    waits = enqueue(storage)
    failures.look()
    assert storage.email_failures.poll() is None, "Tango was not asked"
    accept(storage, waits)
    failures.look()
    tango.close()
    assert storage.email_failures.poll() is not None
