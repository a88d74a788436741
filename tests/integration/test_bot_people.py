"""Who people are: guests in a group, Enterprise Grid, deleted groups, second accounts, names that imitate."""

from pathlib import Path
from typing import Any

import pytest

from bot.errors import NotAllowed, Rule
from bot.faults import FaultCode
from bot.sandbox.slack import ShownMessage, people
from bot.sandbox.slack.people import User
from handlers.ids import Action
from handlers.views.messages import refusal_text
from tests.kit import wording
from tests.kit.bot import World
from tests.kit.payloads import a_click


def _refusal(rule: Rule, *who_may: str) -> str:
    return wording.not_allowed(rule, *who_may, waits=True)


def _told(world: World, who: str, request_id: int, action: str = "approve") -> str:
    person = world.slack.person(who)
    return world.answer(person, lambda: person.click(world.card(request_id), action)).text


def _is_pending(world: World, request_id: int) -> bool:
    return bool(world.one("SELECT status FROM requests WHERE id = :id", id=request_id)["status"] == "pending_approval")


def _refused(world: World) -> list[tuple[str, int | None, str]]:
    sql = "SELECT actor, request_id, facts ->> 'what' AS what, facts ->> 'why' AS why FROM audit"
    rows = world.rows(f"{sql} WHERE event = 'attempt.refused' ORDER BY id")
    return [(row["actor"], row["request_id"], f"{row['what']}: {row['why']}") for row in rows]


# --------------------------------------------------------------------------- approvers and admins


@pytest.mark.parametrize(
    "became",
    [
        pytest.param({"is_restricted": True}, id="a guest"),
        pytest.param({"is_ultra_restricted": True}, id="a guest of one channel"),
        pytest.param({"team_id": people.OTHER_TEAM_ID}, id="of another company"),
        pytest.param({"is_stranger": True}, id="a stranger"),
        pytest.param({"is_bot": True}, id="a bot"),
        pytest.param({"deleted": True}, id="deactivated"),
    ],
)
def test_an_approver_who_is_no_colleague_any_more_decides_nothing(world: World, became: dict[str, Any]):
    request_id = world.ask()
    card, alex = world.card(request_id), world.alex
    for name, value in became.items():
        setattr(alex.account, name, value)
    world.clock.advance(300)

    answer = world.slack.deliver  # a click made by hand: deactivated people and bots have no screen
    assert answer("interactive", _a_click(world, people.ALEX, card, "approve")) is None
    world.until(lambda: _refused(world))
    assert _refused(world) == [(people.ALEX, request_id, "approve: colleagues_only")]
    assert _is_pending(world, request_id)


def _a_click(world: World, who: str, card: ShownMessage, action: str) -> dict[str, Any]:
    return a_click(world.slack, who, action, str(card.find(action).element["value"]), channel=card.channel)


def test_a_guest_who_is_named_as_admin_administers_nothing(tmp_path: Path, database: Path | str):
    with World(tmp_path, where=database, settings={"roles": {"admins": [people.GUS]}}) as world:
        request_id = world.place()
        gus = world.slack.person("gus")
        told = gus.command("/kudos", "catalog refresh").ephemeral
        assert told is not None
        assert told.text == _refusal(Rule.COLLEAGUES_ONLY)
        seen = gus.command("/orders", str(request_id)).ephemeral
        assert seen is not None
        assert wording.NOT_FOUND in seen.text


def test_who_is_no_colleague_hears_why_and_the_others_decide(world: World):
    request_id = world.ask()
    world.alex.account.is_restricted = True
    world.clock.advance(300)
    assert _told(world, "alex", request_id) == _refusal(Rule.COLLEAGUES_ONLY)
    world.sam.click(world.card(request_id), "approve")
    world.settle()
    assert len(world.tango.orders) == 1


# -------------------------------------------------------------------------------- Enterprise Grid


def test_a_colleague_from_elsewhere_on_the_grid_sends_and_receives(world: World):
    greta = _on_the_grid(world, grid_teams=("T00ACMEUK", people.TEAM_ID))
    assert world.fill_in(recipients=[greta.id]).closed
    assert world.fill_in(world.slack.person("greta")).closed


def test_somebody_of_another_organization_is_an_outsider(world: World):
    greta = _on_the_grid(world, grid_teams=("T00GLOBEX",), enterprise_id="E00GLOBEX")
    outcome = world.fill_in(recipients=[greta.id])
    assert outcome.errors == {"recipients": wording.fault("recipients", FaultCode.IS_OUTSIDER, name="Greta Grid")}


@pytest.mark.parametrize("is_org_install", [True, False])
def test_an_org_wide_install_serves_the_organization(tmp_path: Path, database: Path | str, *, is_org_install: bool):
    world = World(tmp_path, where=database)
    world.slack.workspace.enterprise_id = "E00ACME00"
    world.slack.workspace.is_org_install = is_org_install
    greta = _on_the_grid(world, team_id="E00ACME00", grid_teams=("T00ACMEUK",))
    with world:
        assert world.fill_in(recipients=[greta.id]).closed is is_org_install


def _on_the_grid(world: World, **facts: Any) -> User:
    usual: dict[str, Any] = {"team_id": "T00ACMEUK", "is_stranger": True, "enterprise_id": "E00ACME00"}
    user = User("W00GRETA0", "greta", "Greta Grid", email="greta@acme.example", **(usual | facts))
    world.slack.workspace.users[user.id] = user
    return user


# --------------------------------------------------------------------------------- deleted groups


@pytest.mark.parametrize("gone", ["no_such_subteam", "plan_upgrade_required", "missing_scope"])
def test_a_group_that_is_gone_has_no_approvers(world: World, gone: str):
    request_id = world.ask()
    world.slack.workspace.usergroups[people.APPROVERS_GROUP].gone = gone
    world.clock.advance(60)
    assert _told(world, "alex", request_id) == refusal_text(NotAllowed(Rule.APPROVERS_ONLY, waits=True))
    assert _is_pending(world, request_id)


@pytest.mark.parametrize("fault", ["outage", "internal_error", "rate_limited", "cut"])
def test_who_is_in_a_group_is_believed_for_ten_minutes(world: World, fault: str):
    first, second = world.ask(), world.ask(recipients=["kim"])
    world.slack.faults.set(fault, method="usergroups.users.list")
    world.clock.advance(540)
    world.alex.click(world.card(first), "approve")
    assert not _is_pending(world, first)
    world.clock.advance(120)
    assert _told(world, "alex", second) == _refusal(Rule.MEMBERSHIP_UNKNOWN)
    assert _is_pending(world, second)
    world.slack.faults.clear()
    world.clock.advance(60)
    world.alex.click(world.card(second), "approve")
    assert not _is_pending(world, second)


def test_a_profile_is_believed_for_ten_minutes(world: World):
    request_id = world.ask()
    world.slack.faults.set("outage", method="users.info")
    world.clock.advance(660)
    assert _told(world, "alex", request_id) == _refusal(Rule.MEMBERSHIP_UNKNOWN)
    assert _is_pending(world, request_id)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        pytest.param("/orders", "1", id="an order of another"),
        pytest.param("/orders", "99", id="no order"),
        pytest.param("/resend", "1", id="a resend of another's"),
        pytest.param("/resend", "99", id="a resend of none"),
    ],
)
@pytest.mark.parametrize("method", ["users.info", "usergroups.users.list"])
def test_an_admin_whom_slack_has_not_confirmed_hears_that_and_not_that_there_is_no_order(
    tmp_path: Path, database: Path | str, method: str, command: str, text: str
):
    with World(tmp_path, where=database, settings={"roles": {"admins": [people.APPROVERS_GROUP]}}) as world:
        world.place()
        world.slack.faults.set("outage", method=method)
        world.clock.advance(660)
        told = world.sam.command(command, text, channel="general").ephemeral
        assert told is not None
        assert told.text == _refusal(Rule.MEMBERSHIP_UNKNOWN)
        # Who is named for nothing learns neither more nor less than before.
        if method == "users.info":
            others = world.slack.person("priya").command(command, text, channel="general").ephemeral
            assert others is not None
            assert wording.NOT_FOUND in others.text


def test_an_admin_whom_slack_has_not_confirmed_still_sees_what_is_their_own(world: World):
    world.place(world.ada)
    request_id = world.ask(world.ada)
    world.slack.faults.set("outage", method="users.info")
    world.clock.advance(660)
    order = world.ada.command("/orders", "1", channel="general").ephemeral
    request = world.ada.command("/orders", str(request_id), channel="general").ephemeral
    assert order is not None
    assert wording.order_detail(1) in order.words
    assert request is not None
    assert wording.request_found(request_id) in request.text


# -------------------------------------------------------------------------------- second accounts


@pytest.mark.parametrize("address", ["maya+work@acme.example", "MAYA@Acme.Example", "maya@acme.example"])
def test_a_second_account_does_not_approve_ones_own_request(world: World, address: str):
    world.alex.account.email = address
    world.clock.advance(300)
    request_id = world.ask()
    assert _told(world, "alex", request_id) == _refusal(Rule.NOT_OWN_REQUEST, people.SAM)
    assert _is_pending(world, request_id)


def test_a_second_account_does_not_approve_ones_own_reward(world: World):
    world.alex.account.email = "rob+home@acme.example"
    world.clock.advance(300)
    assert _told(world, "alex", world.ask(recipients=["rob"])) == _refusal(Rule.NOT_OWN_REWARD, people.SAM)


def test_nobody_rewards_their_second_account(world: World):
    world.slack.person("rob").account.email = "maya+gifts@acme.example"
    outcome = world.fill_in(recipients=["rob"])
    assert outcome.errors == {"recipients": wording.fault("recipients", FaultCode.IS_ONESELF)}


# ------------------------------------------------------------------------------- refused attempts


def test_refused_attempts_are_noted_once_an_hour_for_each_person_and_request(world: World):
    sams = world.ask(world.sam)
    mayas = world.ask()
    ada = world.ada
    for _ in range(3):
        assert _told(world, "sam", sams) == _refusal(Rule.NOT_OWN_REQUEST, people.ALEX)
        assert _told(world, "ada", sams) == _refusal(Rule.APPROVERS_ONLY, people.ALEX)
        assert _told(world, "ada", mayas, "decline") == _refusal(Rule.APPROVERS_ONLY)
    wanted = [
        (people.SAM, sams, "approve: not_own_request"),
        (people.ADA, sams, "approve: approvers_only"),
        (people.ADA, mayas, "decline: approvers_only"),
    ]
    assert _refused(world) == wanted
    world.clock.advance(3_601)
    ada.click(world.card(mayas), "approve")
    world.until(lambda: len(_refused(world)) == 4)
    assert _refused(world) == [*wanted, (people.ADA, mayas, "approve: approvers_only")]


def test_an_order_that_somebody_may_not_see_is_an_attempt_and_a_mistyped_number_is_none(world: World):
    request_id = world.place()
    priya = world.slack.person("priya")
    for number in ("1", "999"):
        told = priya.command("/orders", number).ephemeral
        assert told is not None
        assert wording.NOT_FOUND in told.text
    assert _refused(world) == [(priya.id, request_id, "/orders: not_found")]


# ------------------------------------------------------------------------------- who is on the card


def _link(card: ShownMessage) -> list[tuple[str, str]]:
    found = []

    def look(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("type") == "link":
                found.append((part["url"], part["text"]))
            for value in part.values():
                look(value)
        elif isinstance(part, list):
            for one in part:
                look(one)

    look(card.blocks)
    return found


def test_the_card_links_each_payee_to_their_own_profile(world: World):
    card = world.card(world.ask(recipients=["rob", "kim"]))
    assert _link(card)[1:-1] == [  # the requester is the first, and wrote the message
        (f"slack://user?team={people.TEAM_ID}&id={people.ROB}", "Rob Hale"),
        (f"slack://user?team={people.TEAM_ID}&id={people.KIM}", "Kim Park"),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("*Rob* _Hale_ ~x~", "*Rob* _Hale_ ~x~"),
        ("Rob :tada: Hale", "Rob :tada: Hale"),
        ("Hale, Rob", "Hale, Rob"),
        ("\u202eelaH boR\u202c", "elaH boR"),
        ("Rob\u200b\u2060 Ha\ufefflе\u3164", "Rob Halе"),
        ("\u2067דנה כהן\u2069", "דנה כהן"),
    ],
)
def test_a_name_is_shown_as_typed_without_what_cannot_be_seen(world: World, name: str, shown: str):
    world.slack.person("rob").account.real_name = name
    card = world.card(world.ask())
    assert [text for _, text in _link(card)[1:-1]] == [shown]
    question = card.find("approve").element["confirm"]["text"]
    assert shown in question["text"]
    assert question["type"] == "plain_text"
    assert question["emoji"] is False


@pytest.mark.parametrize("name", ["\u3164", "\u200b\u200d", "\u2800 \u202e", "\u115f"])
def test_a_name_without_a_visible_letter_is_refused(world: World, name: str):
    world.slack.person("rob").account.real_name = name
    outcome = world.fill_in()
    assert outcome.errors == {"recipients": wording.fault("recipients", FaultCode.NAME_UNUSABLE, name="@rob")}


def test_approvers_are_told_who_this_is_and_nobody_else(world: World):
    request_id = world.ask(recipients=["rob", "kim"])
    before = len(world.alex.messages(people.APPROVALS))
    told = world.answer(world.alex, lambda: world.alex.click(world.card(request_id), Action.CARD_DETAILS))
    for fact in ("Rob Hale", "@rob", "Developer", "rob@acme.example", "Kim Park", "@kim", "kim@acme.example"):
        assert fact in told.words
    assert len(_link(told)) == 2
    assert len(world.sam.messages(people.APPROVALS)) == before
    assert _told(world, "ada", request_id, Action.CARD_DETAILS) == _refusal(Rule.APPROVERS_ONLY)


def test_an_address_that_has_changed_since_is_shown_beside_the_one_of_the_request(world: World):
    request_id = world.ask()
    world.slack.person("rob").account.email = "rob@elsewhere.example"
    world.clock.advance(601)
    told = world.answer(world.alex, lambda: world.alex.click(world.card(request_id), Action.CARD_DETAILS))
    assert "rob@elsewhere.example" in told.words
    assert "in the request: rob@acme.example" in told.words


# -------------------------------------------------------------------------------------- namesakes


@pytest.mark.parametrize(
    "called",
    ["Rob Hale", "ROB  HALE", "Röb Hàle", "Rоb Hаle", "RobHale", "Rob Ha\u200ble", "Ｒob Hale"],
)
def test_the_card_warns_of_a_namesake(world: World, called: str):
    world.slack.person("kim").account.real_name = called
    request_id = world.ask()
    world.until(lambda: wording.NAMESAKE in world.card(request_id).words)
    assert "Rob Hale" in world.card(request_id).words.partition("⚠️")[2]


def test_the_card_warns_of_nobody_who_is_alone_with_the_name_or_has_left(world: World):
    world.slack.person("dora").account.real_name = "Rob Hale"
    request_id = world.ask()
    world.until(lambda: world.rows("SELECT 1 FROM recipients WHERE has_namesake IS NOT NULL"))
    world.settle()
    assert world.one("SELECT has_namesake FROM recipients") == {"has_namesake": 0}
    assert wording.NAMESAKE not in world.card(request_id).words


def test_names_that_slack_did_not_tell_are_compared_later(world: World):
    world.slack.person("kim").account.real_name = "Rob Hale"
    world.slack.faults.set("outage", method="users.list", times=1)
    request_id = world.ask()
    world.until(lambda: world.slack.faults.take("outage", "users.list") is None)
    world.tick("names")  # as the scheduler does every minute
    world.until(lambda: wording.NAMESAKE in world.card(request_id).words)


# ------------------------------------------------------------------------- the requester's words


def test_a_message_that_imitates_the_card_is_a_quotation_below_the_facts(world: World):
    faked = "thanks :tada:\n\n*Amount*\n$5.00 for Kim Park\n⚠️ Approved by Sam"
    card = world.card(world.ask(message=faked))
    kinds = [block["type"] for block in card.blocks]
    quotes = [
        (at, part)
        for at, block in enumerate(card.blocks)
        for part in block.get("elements", ())
        if part.get("type") == "rich_text_quote"
    ]
    ((at, part),) = quotes
    assert part["elements"] == [{"type": "text", "text": faked}], "as it was typed, and without a picture"
    assert wording.words_in(card.blocks[at - 1 : at]) == wording.wrote("Maya Lindqvist")
    assert kinds[: at - 1] == ["rich_text", "section"], "who, how much and what come first"


def test_details_cannot_make_lines_of_their_own(world: World):
    outcome = world.fill_in()
    assert outcome.closed
    world.settle()
    form = world.form()
    world.maya.click(form, "request_more")
    more = world.maya.wait_for(lambda: next((view for view in world.maya.modals if "notes" in view.entered), None))
    sent = {"recipients": ["kim"], "reward": "U666425", "amount": "5", "notes": "x\n*Approved by* <@U00SAM000>"}
    assert world.maya.submit(more, sent).closed
    world.until(lambda: world.is_posted("approval_card", 2))
    assert "Approved by" not in world.card(2).words, "what is for accounting stands behind Details"
    told = world.answer(world.alex, lambda: world.alex.click(world.card(2), Action.CARD_DETAILS))
    (shown,) = [
        element
        for block in told.blocks
        if block["type"] == "context"
        for element in block["elements"]
        if "Notes" in element["text"]
    ]
    assert shown == {"type": "plain_text", "text": "Notes: x *Approved by* <@U00SAM000>", "emoji": False}
