"""`approvals.channel: dm`: each approver has a copy of the card, and each copy says the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from bot.errors import Rule
from bot.sandbox.slack import Person, ShownMessage, people
from handlers.check import Finding, check_slack
from handlers.ids import Action
from handlers.views.cards import build_closed_card
from handlers.views.undelivered import build_approver_untold
from storage import Storage
from tests.kit import wording
from tests.kit.bot import BOT_TOKEN, World
from tests.kit.factories import a_request
from tests.kit.payloads import a_click

BY_DM: Final[Any] = {"approvals": {"channel": "dm"}}


@pytest.fixture
def world(tmp_path: Path, database: Path | str) -> Iterator[World]:
    """A world in which cards go to each approver: Alex and Sam."""
    with World(tmp_path, where=database, settings=BY_DM) as world:
        yield world


def _filed(world: World, who: Person | None = None, **values: Any) -> int:
    """File a request, and wait until nothing is left to tell; its id."""
    assert world.fill_in(who, **values).closed
    world.settle()
    found: int = world.one("SELECT max(id) AS id FROM requests")["id"]
    return found


def _cards(who: Person) -> list[ShownMessage]:
    """The messages with a card's buttons that a person has."""
    return [message for message in who.dms() if Action.APPROVE in message.action_ids]


def _copy(world: World, who: Person, request_id: int) -> ShownMessage:
    """A person's copy, as it is now."""
    place = world.one(
        "SELECT ts FROM card_copies WHERE request_id = :id AND approver_id = :who", id=request_id, who=who.id
    )
    return next(message for message in who.dms() if message.ts == place["ts"])


def test_each_approver_has_a_copy_and_a_decision_rewrites_all(world: World):
    request_id = _filed(world)
    assert world.alex.messages(people.APPROVALS) == []
    before = {who.id: len(who.dms()) for who in (world.alex, world.sam)}
    for who in (world.alex, world.sam):
        assert len(_cards(who)) == 1
    for who in (world.maya, world.ada, world.slack.person("rob")):
        assert _cards(who) == []
    stale = _copy(world, world.sam, request_id)
    world.alex.click(_copy(world, world.alex, request_id), Action.APPROVE)
    world.settle()
    assert len(world.tango.orders) == 1
    for who in (world.alex, world.sam):
        assert _cards(who) == []
        assert wording.ORDER_PLACED in _copy(world, who, request_id).words
        assert len(who.dms()) == before[who.id], "rewritten, and not told beside"
    reference = world.reference("requests", request_id)
    body = a_click(world.slack, people.SAM, Action.APPROVE, reference, channel=stale.channel)
    assert wording.ALREADY_DECIDED in world.answer(world.sam, lambda: world.slack.deliver("interactive", body)).text
    assert len(world.tango.orders) == 1


@pytest.mark.file
def test_a_halt_rewrites_every_copy(world: World):
    world.tango.faults.set("insufficient_funds")
    request_id = _filed(world)
    world.alex.click(_copy(world, world.alex, request_id), Action.APPROVE)
    because = wording.on_hold_because("insufficient_funds")
    for who in (world.alex, world.sam):
        world.until(lambda who=who: because in _copy(world, who, request_id).words)  # type: ignore[misc]  # a default binds it
    world.tango.faults.clear()
    world.settle(step=60)
    for who in (world.alex, world.sam):
        assert wording.ORDER_PLACED in _copy(world, who, request_id).words


@pytest.mark.file
def test_who_asks_or_receives_has_no_copy(world: World):
    own = _filed(world, world.sam)
    received = _filed(world, recipients=["alex"])
    assert [copy["approver_id"] for copy in _holders(world, own)] == [people.ALEX]
    assert [copy["approver_id"] for copy in _holders(world, received)] == [people.SAM]
    assert len(_cards(world.alex)) == len(_cards(world.sam)) == 1


def _holders(world: World, request_id: int) -> list[dict[str, Any]]:
    sql = "SELECT approver_id, ts FROM card_copies WHERE request_id = :id ORDER BY approver_id"
    return world.rows(sql, id=request_id)


@pytest.mark.file
def test_who_becomes_an_approver_later_finds_what_waits_in_the_list(world: World):
    request_id = _filed(world)
    _approvers(world, people.ALEX, people.SAM, people.PRIYA)
    priya = world.slack.person("priya")
    world.alex.click(_copy(world, world.alex, request_id), Action.CARD_DETAILS)
    world.settle()
    assert _cards(priya) == []
    listed = priya.command("/orders", "pending").ephemeral
    assert listed is not None
    priya.click(listed, Action.APPROVE_LISTED)
    world.settle()
    for who in (world.alex, world.sam):
        assert wording.ORDER_PLACED in _copy(world, who, request_id).words


def _approvers(world: World, *user_ids: str) -> None:
    with world.slack.workspace.lock:
        world.slack.workspace.usergroups[people.APPROVERS_GROUP].users[:] = user_ids
    world.refresh_roles()


@pytest.mark.file
def test_the_copy_of_who_is_no_approver_any_more_is_closed_and_then_left(world: World):
    request_id = _filed(world)
    place = _copy(world, world.sam, request_id)
    _approvers(world, people.ALEX)
    world.alex.click(_copy(world, world.alex, request_id), Action.APPROVE)
    world.settle()
    assert wording.ORDER_PLACED in _copy(world, world.alex, request_id).words
    (left,) = (message for message in world.sam.dms() if message.ts == place.ts)
    assert left.text == build_closed_card(a_request(id=request_id)).text
    assert left.action_ids == []
    assert [copy["approver_id"] for copy in _holders(world, request_id)] == [people.ALEX]


def test_the_card_again_is_a_new_copy_for_each_and_the_old_ones_point_to_it(world: World):
    request_id = _filed(world)
    old = {who.id: _copy(world, who, request_id) for who in (world.alex, world.sam)}
    press = lambda: world.maya.click(world.receipt(request_id), Action.CARD_AGAIN)  # noqa: E731
    assert wording.posting_again(request_id) in world.answer(world.maya, press).text
    assert wording.posted_just_now(request_id) in world.answer(world.maya, press).text
    world.settle()
    for who in (world.alex, world.sam):
        new = _copy(world, who, request_id)
        assert [card.ts for card in _cards(who)] == [new.ts]
        pointer = next(message for message in who.dms() if message.ts == old[who.id].ts)
        assert wording.MOVED in pointer.words
        assert f"/p{new.ts.replace('.', '')}" in str(pointer.blocks)


@pytest.mark.file
def test_a_copy_that_was_deleted_comes_back_while_it_is_needed_and_not_later(world: World):
    request_id = _filed(world)
    _delete(world, _copy(world, world.sam, request_id))
    with world.bot._storage.transaction():
        world.bot._storage.outbox.refresh_request(request_id, people.MAYA, world.clock.now())
    world.settle()
    assert len(_cards(world.sam)) == 1
    _delete(world, _copy(world, world.sam, request_id))
    world.alex.click(_copy(world, world.alex, request_id), Action.APPROVE)
    world.settle()
    assert wording.ORDER_PLACED in _copy(world, world.alex, request_id).words
    assert _cards(world.sam) == []
    assert world.sam.dms() == [], "what was decided is no news for him"


def _delete(world: World, shown: ShownMessage) -> None:
    message = world.slack.workspace.message(shown.channel, shown.ts)
    assert message is not None
    world.slack.workspace.delete(message)


@pytest.mark.file
def test_where_nobody_may_decide_requester_and_admins_hear_of_it(world: World):
    _approvers(world, people.SAM)
    request_id = _filed(world)
    _approvers(world, people.MAYA)
    world.maya.click(world.receipt(request_id), Action.CARD_AGAIN)
    world.settle()
    for who in (world.maya, world.ada):
        world.said(who, wording.NOBODY_DECIDES)
        (told,) = [message for message in who.dms() if wording.NOBODY_DECIDES in message.text]
        assert ("approvals.approvers" in told.text) == (who.id == people.ADA), "the settings are an admin's to change"
    _approvers(world, people.MAYA, people.ALEX)
    world.clock.advance(61)
    world.ada.click(told, Action.CARD_AGAIN)
    world.settle()
    assert len(_cards(world.alex)) == 1
    assert _cards(world.maya) == []


@pytest.mark.file
@pytest.mark.parametrize("code", ["restricted_action", "user_disabled"])
def test_an_approver_who_cant_be_reached_is_named_to_the_admins(world: World, code: str):
    world.slack.faults.set("refused", method="chat.postMessage", channel=world.sam.dm_channel, code=code)
    assert world.fill_in().closed
    told = world.said(world.ada, build_approver_untold(a_request(), people.SAM, code).text)
    assert code in told.words
    assert len(_cards(world.alex)) == 1
    world.alex.click(_cards(world.alex)[0], Action.APPROVE)
    world.until(lambda: len(world.tango.orders) == 1)
    world.slack.faults.clear()
    world.settle(step=60)
    assert _cards(world.sam) == []
    assert not [message for message in world.maya.dms() if code in message.words], "others decide"


@pytest.mark.file
def test_where_no_approver_can_be_reached_the_requester_hears_of_it_too(world: World):
    _approvers(world, people.ALEX)
    world.slack.faults.set(
        "refused", method="chat.postMessage", channel=world.alex.dm_channel, code="restricted_action"
    )
    assert world.fill_in().closed
    for who in (world.maya, world.ada):
        world.said(who, wording.card_refused(1))


@pytest.mark.file
def test_after_kill_9_between_two_copies_none_is_missing_and_none_is_there_twice(world: World):
    sam = world.sam.dm_channel
    world.slack.faults.set("refused", method="chat.postMessage", channel=sam, code="service_unavailable")
    assert world.fill_in().closed
    world.until(lambda: _cards(world.alex))
    world.stop()
    world.write("UPDATE outbox SET status = 'sending' WHERE status = 'pending' AND audience = :sam", sam=people.SAM)
    world.slack.faults.clear()
    world.start()
    world.settle()
    assert [len(_cards(who)) for who in (world.alex, world.sam)] == [1, 1]


@pytest.mark.file
def test_a_copy_whose_place_was_not_stored_is_posted_again_and_the_orphan_gives_way(world: World):
    request_id = _filed(world)
    orphan = _copy(world, world.alex, request_id)
    world.stop()
    world.write("UPDATE card_copies SET channel = NULL, ts = NULL WHERE approver_id = :alex", alex=people.ALEX)
    world.write(
        "UPDATE outbox SET status = 'sending' WHERE kind = 'approval_card' AND audience = :alex", alex=people.ALEX
    )
    world.start()
    world.settle()
    assert [len(_cards(who)) for who in (world.alex, world.sam)] == [2, 1], "what was in hand, and no more"
    world.alex.click(orphan, Action.CARD_DETAILS)
    current = _copy(world, world.alex, request_id)
    world.until(lambda: [card.ts for card in _cards(world.alex)] == [current.ts])


@pytest.mark.file
def test_a_card_stays_where_it_is_when_the_setting_changes(world: World):
    by_dm = _filed(world)
    world.stop()
    world._more = {}
    world.start()
    in_channel = world.ask()
    world.alex.click(_copy(world, world.alex, by_dm), Action.APPROVE)
    world.settle()
    for who in (world.alex, world.sam):
        assert wording.ORDER_PLACED in _copy(world, who, by_dm).words
        assert _cards(who) == []
    world.stop()
    world._more = BY_DM
    world.start()
    world.sam.click(world.card(in_channel), Action.APPROVE)
    world.settle()
    assert wording.ORDER_PLACED in world.card(in_channel).words


@pytest.mark.file
def test_a_restored_file_has_new_copies(world: World):
    request_id = _filed(world)
    old = _copy(world, world.alex, request_id)
    world.stop()
    storage = Storage.open(world.database)
    with storage.transaction():
        storage.doubt.mark(now=world.clock.now(), known_since=world.clock.now(), actor="an operator")
    storage.close()
    world.start()
    world.until(lambda: len(_cards(world.alex)) == 2 and len(_cards(world.sam)) == 2)
    world.settle()
    assert _copy(world, world.alex, request_id).ts != old.ts
    world.alex.click(old, Action.CARD_DETAILS)
    world.until(lambda: len(_cards(world.alex)) == 1)


@pytest.mark.file
def test_only_who_may_decide_decides_by_a_copy(world: World):
    request_id = _filed(world)
    priya, reference = world.slack.person("priya"), world.reference("requests", request_id)
    body = a_click(world.slack, priya.id, Action.APPROVE, reference, channel=priya.dm_channel)
    told = world.answer(priya, lambda: world.slack.deliver("interactive", body))
    assert told.text == wording.not_allowed(Rule.APPROVERS_ONLY, waits=True)
    assert world.one("SELECT status FROM requests")["status"] == "pending_approval"


@pytest.mark.file
def test_the_check_asks_whether_each_approver_can_be_sent_a_card(world: World):
    assert [finding.good for finding in _found(world, people.APPROVERS_GROUP)] == [True]
    (gone,) = _found(world, people.APPROVERS_GROUP, people.DORA)
    assert people.DORA in gone.text
    assert not gone.good
    _approvers(world)
    (nobody,) = _found(world, people.APPROVERS_GROUP)
    assert not nobody.good
    assert world.alex.dms() == []


def _found(world: World, *approvers: str) -> list[Finding]:
    findings = check_slack(
        token=BOT_TOKEN,
        api_url=f"{world.slack.url}/api/",
        app_token=None,
        channel=None,
        approvers=frozenset(approvers),
        thanks_channel=None,
        alerts_channel=None,
        people=frozenset(),
        admins=frozenset(),
    )
    return [finding for finding in findings if finding.subject.startswith("Approv")]
