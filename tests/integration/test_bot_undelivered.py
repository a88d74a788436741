"""What Slack doesn't let Kudos tell is told to somebody who can act; and nothing is given up that can be put right."""

from pathlib import Path
from typing import Any, Final

import pytest

from bot.ops.check import run_checks
from bot.sandbox.slack import Person, ShownMessage, people
from bot.usecases.undelivered import MESSAGES_TAB_OFF
from handlers.check import MESSAGES_TAB_REMEDY, check_slack
from handlers.ids import Action
from handlers.manifest import build_manifest
from tests.kit import wording
from tests.kit.bot import SECRETS, World, environment

_HOUR: Final = 3_600


def _refuse(world: World, who: str | None = None, code: str = "restricted_action") -> None:
    """Have Slack refuse every message to this person; to the approvals channel without one."""
    channel = people.APPROVALS if who is None else world.slack.person(who).dm_channel
    world.slack.faults.set("refused", method="chat.postMessage", channel=channel, code=code)


def _told(who: Person, words: str) -> list[ShownMessage]:
    return [message for message in who.dms() if words in message.text]


def _ask(world: World, **values: Any) -> int:
    """File a request whose card Slack does not take; its number."""
    assert world.fill_in(**values).closed
    request_id: int = world.one("SELECT max(id) AS id FROM requests")["id"]
    world.until(lambda: world.is_posted("receipt", request_id))
    return request_id


# --------------------------------------------------------------------------------------- the card


@pytest.mark.parametrize("code", ["invalid_blocks", "restricted_action", "not_in_channel", "never_heard_of"])
def test_a_card_that_slack_refuses_is_told_and_decided_elsewhere(world: World, code: str):
    _refuse(world, code=code)
    request_id = _ask(world)
    for who in (world.maya, world.ada):
        told = world.said(who, wording.card_refused(request_id))
        assert code in told.words
    listed = world.alex.command("/orders", "pending").ephemeral
    assert listed is not None
    world.alex.click(listed, Action.APPROVE_LISTED)
    world.until(lambda: len(world.tango.orders) == 1)
    world.until(lambda: wording.SENT in world.receipt(request_id).words)
    world.slack.faults.clear()
    world.settle(step=60)
    assert wording.ORDER_PLACED in world.card(request_id).words, "the card is still owed"
    for who in (world.maya, world.ada):
        assert len(_told(who, wording.card_refused(request_id))) == 1


def test_whoever_hears_of_it_has_the_card_posted_once_it_can_be(world: World):
    _refuse(world)
    request_id = _ask(world)
    told = world.said(world.ada, wording.card_refused(request_id))
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'approval_card' AND attempts = 4"), step=10)
    answer = world.answer(world.ada, lambda: world.ada.click(told, Action.CARD_AGAIN))
    assert wording.posting_again(request_id) in answer.text
    world.until(lambda: len(_told(world.maya, wording.card_refused(request_id))) == 2)
    assert not world.is_posted("approval_card", request_id)
    world.slack.faults.clear()
    # The last try is a moment old, and the next would be in a minute: the press does not wait for it.
    world.ada.click(told, Action.CARD_AGAIN)
    world.until(lambda: world.is_posted("approval_card", request_id), step=0)
    world.settle(step=60)
    (card,) = world.alex.messages(people.APPROVALS)
    assert "approve" in card.action_ids


def test_a_requester_who_is_an_admin_hears_of_it_once(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings={"roles": {"admins": [people.ADA, people.MAYA]}}) as world:
        _refuse(world)
        request_id = _ask(world)
        for who in (world.maya, world.ada):
            world.said(who, wording.card_refused(request_id))
        world.until(lambda: not world.rows("SELECT 1 FROM outbox WHERE kind = 'card_refused' AND status <> 'sent'"))
        assert len(_told(world.maya, wording.card_refused(request_id))) == 1


def test_admins_hear_once_an_hour_of_cards_that_are_refused_alike(world: World):
    _refuse(world)
    requests = [_ask(world, message=str(n)) for n in range(3)]
    for request_id in requests:
        assert world.said(world.maya, wording.card_refused(request_id))
    assert len([one for one in world.ada.dms() if Action.CARD_AGAIN in one.action_ids]) == 1
    world.clock.advance(_HOUR)
    later = _ask(world)
    assert world.said(world.ada, wording.card_refused(later))


def test_a_card_that_is_refused_after_the_decision_is_no_news(world: World):
    request_id = world.ask()
    world.slack.faults.set("refused", method="chat.update", channel=people.APPROVALS, code="restricted_action")
    world.alex.click(world.card(request_id), "approve")
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'approval_card' AND problem IS NOT NULL"))
    world.slack.faults.clear()
    world.settle(step=60)
    assert _told(world.maya, wording.card_refused(request_id)) == []


# ------------------------------------------------------------------------------- direct messages


@pytest.mark.parametrize("code", ["user_disabled", "restricted_action"])
def test_a_reward_that_cannot_be_delivered_is_told_and_offered_in_the_orders(world: World, code: str):
    _refuse(world, "rob", code)
    request_id = world.approve(delivery="message")
    for who in (world.maya, world.ada):
        assert world.said(who, wording.NOT_DELIVERED)
    world.until(lambda: wording.ORDER_UNDELIVERED in world.receipt(request_id).words)
    world.slack.faults.clear()
    shown = [who.command("/orders", "1").ephemeral for who in (world.maya, world.ada)]
    assert all(detail is not None and Action.REWARD_DELIVER in detail.action_ids for detail in shown)
    assert shown[1] is not None
    world.ada.click(shown[1], Action.REWARD_DELIVER)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE delivered_at IS NOT NULL"), step=0)
    world.settle(step=60)
    assert len(world.slack.person("rob").dms()) == 1
    for who in (world.maya, world.ada):
        assert len(_told(who, wording.NOT_DELIVERED)) == 1


def test_a_reward_on_its_way_to_its_first_delivery_is_not_offered_again(world: World):
    world.slack.faults.set("outage", method="chat.postMessage")
    request_id = _asked_in_outage(world)
    detail = world.maya.command("/orders", str(request_id)).ephemeral
    assert detail is not None
    assert Action.REWARD_DELIVER not in detail.action_ids


def _asked_in_outage(world: World) -> int:
    assert world.fill_in(delivery="message").closed
    listed = world.alex.command("/orders", "pending").ephemeral
    assert listed is not None
    world.alex.click(listed, Action.APPROVE_LISTED)
    world.until(lambda: world.rows("SELECT 1 FROM orders WHERE tango_status = 'COMPLETE'"))
    order_id: int = world.one("SELECT id FROM orders")["id"]
    return order_id


@pytest.mark.parametrize("code", ["user_disabled", "restricted_action"])
def test_a_recipient_who_cannot_be_told_is_named_once(world: World, code: str):
    _refuse(world, "rob", code)
    world.approve()
    for who in (world.maya, world.ada):
        assert code in world.said(who, wording.RECIPIENT_UNTOLD).words
    world.clock.advance(_HOUR)
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE status = 'sending'") == [])
    for who in (world.maya, world.ada):
        assert len(_told(who, wording.RECIPIENT_UNTOLD)) == 1
        assert _told(who, wording.NOT_DELIVERED) == []


def test_a_requester_who_cannot_be_told_is_named_to_the_admins_once_a_request(world: World):
    request_id = world.ask()
    _refuse(world, "maya", "user_disabled")
    world.alex.click(world.card(request_id), "decline")
    form = world.alex.modal
    assert form is not None
    world.alex.submit(form, {"reason_choice": "other", "reason": "Over budget"})
    assert "user_disabled" in world.said(world.ada, wording.requester_untold(request_id)).words
    world.settle()
    assert len(_told(world.ada, wording.requester_untold(request_id))) == 1


def test_admins_who_cannot_be_told_are_told_of_nothing(world: World):
    _refuse(world)
    _refuse_too(world, "ada")
    request_id = _ask(world)
    assert world.said(world.maya, wording.card_refused(request_id))
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'card_refused' AND problem IS NOT NULL"))
    assert world.rows("SELECT 1 FROM outbox WHERE kind IN ('requester_untold', 'recipient_untold')") == []


def _refuse_too(world: World, who: str) -> None:
    # By any method: what `_refuse` has set is for the one that posts, and stays.
    world.slack.faults.set("refused", channel=world.slack.person(who).dm_channel, code="user_disabled")


# ------------------------------------------------------------------------------- the Messages tab


def test_a_messages_tab_that_is_off_loses_nothing(world: World, capsys: pytest.CaptureFixture[str]):
    manifest = build_manifest()
    del manifest["features"]["app_home"]
    world.slack.manifest(manifest)
    assert world.fill_in(delivery="message").closed
    world.until(lambda: world.is_posted("approval_card", 1))
    world.alex.click(world.card(1), "approve")
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'reward_delivery' AND problem IS NOT NULL"))
    world.until(lambda: world.rows("SELECT 1 FROM outbox WHERE kind = 'receipt' AND problem IS NOT NULL"), step=10)
    assert world.rows("SELECT 1 FROM outbox WHERE status = 'undeliverable'") == []
    with environment(SECRETS):
        assert not run_checks(world.folder / "app.yaml")
    said = capsys.readouterr().out
    assert "FAIL Direct messages:" in said
    assert "FAIL Messages that wait:" in said
    assert MESSAGES_TAB_OFF in said
    assert said.count(MESSAGES_TAB_REMEDY) == 2
    world.slack.manifest(build_manifest())
    world.settle(step=60)
    with environment(SECRETS):
        run_checks(world.folder / "app.yaml")
    said = capsys.readouterr().out
    assert "ok   Direct messages:" in said
    assert "Notices:" not in said
    assert len(world.slack.person("rob").dms()) == 1
    assert any(wording.DELIVERED in message.text for message in world.maya.dms())
    assert world.rows("SELECT 1 FROM outbox WHERE status = 'undeliverable'") == []
    for who in (world.maya, world.ada):
        assert _told(who, wording.NOT_DELIVERED) == [], "it was put right, so nobody has to act"
    assert len(world.ada.dms()) == 0


def test_the_check_asks_for_a_groups_member_where_the_settings_name_nobody(world: World):
    for people_named, found in (({people.APPROVERS_GROUP}, [True]), ({"S00NOBODY", people.DORA}, [])):
        findings = check_slack(
            token=SECRETS["SLACK_BOT_TOKEN"],
            api_url=f"{world.slack.url}/api/",
            app_token=None,
            channel=people.APPROVALS,
            thanks_channel=None,
            alerts_channel=None,
            approvers=frozenset(),
            people=frozenset(people_named),
            admins=frozenset(),
        )
        assert [one.good for one in findings if one.subject == "Direct messages"] == found
    assert world.alex.dms() == []
