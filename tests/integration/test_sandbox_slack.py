"""The stand-in's contract with a real Bolt app, over HTTP and over Socket Mode alike."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import NotPossible, SlackSandbox, SlackTrouble, people
from bot.sandbox.slack.people import User
from tests.kit.factories import at_once
from tests.kit.slack import (
    Bot,
    actions,
    button,
    field,
    modal,
    over_http,
    over_socket,
    section,
    text,
)

GLOBAL = {"type": "global", "name": "Send a reward", "callback_id": "send_reward", "description": "Send a gift card"}
MANIFEST: dict[str, Any] = {
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/kudos", "description": "Send", "should_escape": True}],
        "shortcuts": [GLOBAL, GLOBAL | {"type": "message", "name": "Thank", "callback_id": "thank_for_this"}],
    },
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened", "app_mention", "message.im"]},
        "interactivity": {"is_enabled": True},
    },
}


@pytest.fixture(scope="module", params=["http", "socket"])
def connected(request: pytest.FixtureRequest) -> Iterator[Bot]:
    with (over_http if request.param == "http" else over_socket)(SlackSandbox(ack_seconds=1.0)) as bot:
        bot.sandbox.manifest(MANIFEST)
        assert bot.sandbox.mode == request.param
        yield bot


@pytest.fixture
def bot(connected: Bot) -> Iterator[Bot]:
    connected.on.clear()
    connected.seen.clear()
    yield connected
    connected.sandbox.faults.clear()
    for person in ("maya", "alex"):
        if connected.sandbox.person(person).modal:
            connected.on.clear()
            connected.sandbox.person(person).close(everything=True)


def opens(view: dict[str, Any]) -> Any:
    def listener(args: Any) -> None:
        args.client.views_open(trigger_id=args.body["trigger_id"], view=view)
        args.ack()

    return listener


def test_a_command_carries_what_the_person_typed_with_mentions_as_ids(bot: Bot):
    bot.sandbox.person("maya").command("/kudos", "@rob 25 <b> & #team-blue @approvers @nobody", channel="general")
    body = bot.last
    assert body["text"] == (
        f"<@{people.ROB}|rob> 25 &lt;b&gt; &amp; <#{people.TEAM_BLUE}|team-blue> "
        f"<!subteam^{people.APPROVERS_GROUP}|@approvers> @nobody"
    )
    assert (body["command"], body["user_id"], body["channel_name"]) == ("/kudos", people.MAYA, "general")
    assert body["team_id"] == people.TEAM_ID
    assert body["is_enterprise_install"] == "false"


def test_links_and_addresses_in_a_command_are_marked_up_as_slack_does(bot: Bot):
    typed = "https://acme.example/a?x=1&y=2, acme.example/b. rob@acme.example <@here> @here 1.50 acme.de b.db"
    bot.sandbox.person("maya").command("/kudos", typed, channel="general")
    assert bot.last["text"] == (
        "<https://acme.example/a?x=1&amp;y=2>, <http://acme.example/b|acme.example/b>. "
        "<mailto:rob@acme.example|rob@acme.example> &lt;<!here>&gt; <!here> 1.50 <http://acme.de|acme.de> b.db"
    )


@pytest.mark.parametrize("is_org_wide", [True, False])
def test_payloads_of_a_grid_organization_name_it_and_whose_workspace_it_is(bot: Bot, *, is_org_wide: bool):
    workspace = bot.sandbox.workspace
    greta = User("W00GRETA0", "greta", "Greta Grid", team_id="T00ACMEUK", grid_teams=("T00ACMEUK",))
    workspace.users[greta.id] = greta
    workspace.channels[people.GENERAL].members.append(greta.id)
    workspace.enterprise_id, workspace.is_org_install = "E00ACME00", is_org_wide
    person = bot.sandbox.person("greta")
    team = "T00ACMEUK" if is_org_wide else people.TEAM_ID
    try:
        person.command("/kudos", channel="general")
        assert (bot.last["team_id"], bot.last["enterprise_id"]) == (team, "E00ACME00")
        assert bot.last["is_enterprise_install"] == str(is_org_wide).lower()
        person.shortcut("send_reward")
        assert bot.last["enterprise"] == {"id": "E00ACME00", "name": people.ENTERPRISE_NAME}
        assert (bot.last["team"]["id"], bot.last["team"]["enterprise_id"]) == (team, "E00ACME00")
        assert (bot.last["user"]["team_id"], bot.last["is_enterprise_install"]) == ("T00ACMEUK", is_org_wide)
        person.open_home()
        (authorization,) = bot.last["authorizations"]
        assert bot.last["enterprise_id"] == authorization["enterprise_id"] == "E00ACME00"
        assert authorization["team_id"] == (None if is_org_wide else people.TEAM_ID)
    finally:
        workspace.enterprise_id, workspace.is_org_install = None, False
        workspace.channels[people.GENERAL].members.remove(greta.id)
        del workspace.users[greta.id]


def test_a_private_channel_is_a_mention_for_its_members_alone_and_never_by_name(bot: Bot):
    typed = "#rewards-approvals and #general"
    bot.sandbox.person("alex").command("/kudos", typed, channel="general")
    assert bot.last["text"] == f"<#{people.APPROVALS}|> and <#{people.GENERAL}|general>"
    bot.sandbox.person("maya").command("/kudos", f"{typed} <#{people.APPROVALS}>", channel="general")
    assert bot.last["text"] == (f"#rewards-approvals and <#{people.GENERAL}|general> &lt;#{people.APPROVALS}&gt;")


def test_private_channels_and_direct_messages_have_no_name_in_payloads(bot: Bot):
    bot.sandbox.person("alex").command("/kudos", channel="rewards-approvals")
    assert bot.last["channel_name"] == "privategroup"
    bot.sandbox.person("alex").command("/kudos")
    assert (bot.last["channel_name"], bot.last["channel_id"][0]) == ("directmessage", "D")


def test_a_command_is_answered_in_its_ack_to_one_or_to_all(bot: Bot):
    maya, rob = bot.sandbox.person("maya"), bot.sandbox.person("rob")
    bot.on["command"] = lambda args: args.ack("Only you")
    outcome = maya.command("/kudos", channel="general")
    assert outcome.ephemeral is not None
    assert (outcome.ephemeral.text, outcome.ephemeral.ephemeral) == ("Only you", True)
    assert all(message.text != "Only you" for message in rob.messages("general"))

    bot.on["command"] = lambda args: args.ack(response_type="in_channel", text="All of you")
    assert maya.command("/kudos", channel="general").ephemerals == []
    assert rob.messages("general")[-1].text == "All of you"


def test_a_modal_goes_from_command_to_errors_to_closed(bot: Bot):
    maya = bot.sandbox.person("maya")
    bot.on["command"] = opens(
        modal(field("amount", {"type": "plain_text_input"}), private_metadata='{"id": 7}', notify_on_close=True)
    )
    form = maya.command("/kudos", channel="general").modal
    assert form is not None
    assert (form.title, form.entered) == ("A form", {"amount": {"entry": None}})

    bot.on["view"] = lambda args: args.ack(response_action="errors", errors={"amount": "Too much"})
    outcome = maya.submit(form, {"amount": "1e9"})
    assert (outcome.errors, outcome.closed) == ({"amount": "Too much"}, False)
    assert maya.modal is not None
    assert maya.modal.errors == {"amount": "Too much"}
    view = bot.last["view"]
    assert view["state"]["values"]["amount"]["entry"] == {"type": "plain_text_input", "value": "1e9"}
    assert (view["private_metadata"], view["root_view_id"], view["previous_view_id"]) == (
        '{"id": 7}',
        form.id,
        None,
    )

    bot.on["view"] = lambda args: args.ack()
    outcome = maya.submit(form, {"amount": "25"})
    assert (outcome.errors, outcome.closed, maya.modals) == (None, True, [])


def test_an_empty_required_field_is_slacks_own_complaint_and_reaches_nobody(bot: Bot):
    maya = bot.sandbox.person("maya")
    bot.on["command"] = opens(
        modal(
            field("amount", {"type": "plain_text_input", "min_length": 2, "max_length": 4}),
            field("mail", {"type": "email_text_input"}, optional=True),
            field("count", {"type": "number_input", "is_decimal_allowed": False, "max_value": "9"}, optional=True),
        )
    )
    form = maya.command("/kudos").modal
    assert form is not None
    bot.seen.clear()
    outcome = maya.submit(form)
    assert (outcome.errors, outcome.delivered) == ({"amount": "Please complete this required field."}, False)
    outcome = maya.submit(form, {"amount": "12345", "mail": "nope", "count": "10"})
    assert outcome.errors is not None
    assert set(outcome.errors) == {"amount", "mail", "count"}
    assert bot.seen == []


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"no_such_block": "x"}},
        {"response_action": "errors", "errors": {"words": "not an input"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "update", "view": modal() | {"title": text("t" * 25)}},
        {"response_action": "vanish"},
    ],
)
def test_an_invalid_answer_to_a_submit_is_trouble_and_the_modal_stays(bot: Bot, answer: dict[str, Any]):
    maya = bot.sandbox.person("maya")
    bot.on["command"] = opens(modal(section("words", block_id="words"), field("amount", {"type": "plain_text_input"})))
    form = maya.command("/kudos").modal
    assert form is not None
    bot.on["view"] = lambda args: args.ack(answer)
    with pytest.raises(SlackTrouble, match="We had some trouble connecting"):
        maya.submit(form, {"amount": "1"})
    assert maya.modal is not None


def test_views_are_pushed_updated_and_cleared_and_the_stack_ends_at_three(bot: Bot):
    maya = bot.sandbox.person("maya")
    bot.on["command"] = opens(modal(field("a", {"type": "plain_text_input"})))
    first = maya.command("/kudos").modal
    assert first is not None
    bot.on["view"] = lambda args: args.ack(response_action="push", view=modal(field("b", {"type": "plain_text_input"})))
    second = maya.submit(first, {"a": "x"}).modal
    assert second is not None
    assert (second.data["previous_view_id"], second.data["root_view_id"]) == (first.id, first.id)
    third = maya.submit(second, {"b": "x"}).modal
    assert third is not None
    with pytest.raises(SlackTrouble, match="push_limit_reached"):
        maya.submit(third, {"b": "x"})
    with pytest.raises(NotPossible, match="not on top"):
        maya.submit(first, {"a": "x"})

    bot.on["view"] = lambda args: args.ack(response_action="update", view=modal(section("done"), submit=None))
    updated = maya.submit(third, {"b": "x"}).modal
    assert updated is not None
    assert (updated.id, updated.words) == (third.id, "done")
    maya.close(updated)
    bot.on["view"] = lambda args: args.ack(response_action="clear")
    maya.submit(second, {"b": "x"})
    assert maya.modals == []


def test_closing_is_told_only_where_it_was_asked_for(bot: Bot):
    maya = bot.sandbox.person("maya")
    bot.on["command"] = opens(modal(section("a"), notify_on_close=True))
    maya.command("/kudos")
    maya.close()
    assert (bot.last["type"], bot.last["is_cleared"]) == ("view_closed", False)
    bot.on["command"] = opens(modal(section("a")))
    maya.command("/kudos")
    maya.close()
    assert "command" in bot.last


def test_what_was_typed_survives_an_update_where_the_ids_stay(bot: Bot):
    maya = bot.sandbox.person("maya")
    more = actions(button("more", "More options"), block_id="more")
    bot.on["command"] = opens(modal(field("note", {"type": "plain_text_input"}), more))
    form = maya.command("/kudos").modal
    assert form is not None

    def extend(args: Any) -> None:
        fields = (
            field("note", {"type": "plain_text_input"}),
            field("day", {"type": "datepicker"}, optional=True),
        )
        args.client.views_update(view_id=args.body["view"]["id"], hash=args.body["view"]["hash"], view=modal(*fields))
        args.ack()

    bot.on["action"] = extend
    maya.type(form, "note", "well done")
    assert bot.seen[-1].get("type") != "block_actions"
    outcome = maya.click(form, "more")
    assert bot.last["container"] == {"type": "view", "view_id": form.id}
    assert bot.last["view"]["state"]["values"]["note"]["entry"]["value"] == "well done"
    assert outcome.modal is not None
    assert outcome.modal.entered == {"note": {"entry": "well done"}, "day": {"entry": None}}


EVERY_INPUT: list[tuple[dict[str, Any], Any, dict[str, Any]]] = [
    ({"type": "plain_text_input"}, "hi", {"value": "hi"}),
    ({"type": "email_text_input"}, "a@b.example", {"value": "a@b.example"}),
    ({"type": "url_text_input"}, "https://b.example", {"value": "https://b.example"}),
    ({"type": "number_input", "is_decimal_allowed": True}, "2.5", {"value": "2.5"}),
    ({"type": "users_select"}, "rob", {"selected_user": people.ROB}),
    ({"type": "multi_users_select"}, [people.ROB, "kim"], {"selected_users": [people.ROB, people.KIM]}),
    ({"type": "conversations_select"}, people.GENERAL, {"selected_conversation": people.GENERAL}),
    ({"type": "multi_conversations_select"}, [people.GENERAL], {"selected_conversations": [people.GENERAL]}),
    ({"type": "channels_select"}, people.GENERAL, {"selected_channel": people.GENERAL}),
    ({"type": "multi_channels_select"}, [people.GENERAL], {"selected_channels": [people.GENERAL]}),
    ({"type": "datepicker"}, "2026-11-22", {"selected_date": "2026-11-22"}),
    ({"type": "timepicker"}, "14:30", {"selected_time": "14:30"}),
    ({"type": "datetimepicker"}, 1_763_800_000, {"selected_date_time": 1_763_800_000}),
]
OPTION = {"text": {"type": "plain_text", "text": "Ten", "emoji": True}, "value": "10"}
OPTIONS = [{"text": text("Ten"), "value": "10"}, {"text": text("Twenty"), "value": "20"}]
EVERY_INPUT += [
    ({"type": "static_select", "options": OPTIONS}, "10", {"selected_option": OPTION}),
    ({"type": "radio_buttons", "options": OPTIONS}, "10", {"selected_option": OPTION}),
    ({"type": "checkboxes", "options": OPTIONS}, ["10"], {"selected_options": [OPTION]}),
    ({"type": "multi_static_select", "options": OPTIONS}, ["10"], {"selected_options": [OPTION]}),
]


def test_every_input_has_its_shape_in_the_submitted_state(bot: Bot):
    maya = bot.sandbox.person("maya")
    blocks = [field(f"b{number}", element) for number, (element, _, _) in enumerate(EVERY_INPUT)]
    bot.on["command"] = opens(modal(*blocks))
    form = maya.command("/kudos").modal
    assert form is not None
    maya.submit(form, {f"b{number}": value for number, (_, value, _) in enumerate(EVERY_INPUT)})
    values = bot.last["view"]["state"]["values"]
    for number, (element, _, expected) in enumerate(EVERY_INPUT):
        assert values[f"b{number}"]["entry"] == {"type": element["type"], **expected}


def test_the_same_elements_send_their_value_when_used_in_an_actions_block(bot: Bot):
    alex = bot.sandbox.person("alex")
    able = [entry for entry in EVERY_INPUT if "text_input" not in entry[0]["type"] and "number" not in entry[0]["type"]]
    blocks = [actions({"action_id": "use", **element}, block_id=f"b{n}") for n, (element, _, _) in enumerate(able)]
    bot.client.chat_postMessage(channel=people.APPROVALS, text="Elements", blocks=blocks)
    message = alex.messages("rewards-approvals")[-1]
    for number, (element, value, expected) in enumerate(able):
        alex.select(message, "use", value, block_id=f"b{number}")
        (action,) = bot.last["actions"]
        assert action.pop("action_ts")
        assert action == {"action_id": "use", "block_id": f"b{number}", "type": element["type"], **expected}
        assert bot.last["state"]["values"][f"b{number}"]["use"] == {"type": element["type"], **expected}


def test_a_click_on_a_message_carries_it_and_the_card_is_rewritten(bot: Bot):
    alex = bot.sandbox.person("alex")
    posted = bot.client.chat_postMessage(
        channel=people.APPROVALS,
        text="A request",
        blocks=[
            section("*A request*", block_id="head"),
            actions(
                button(
                    "approve",
                    "Approve",
                    "r1",
                    style="primary",
                    confirm={
                        "title": text("Sure?"),
                        "text": text("25 for Rob"),
                        "confirm": text("Yes"),
                        "deny": text("No"),
                    },
                )
            ),
        ],
        metadata={"event_type": "card", "event_payload": {"id": "r1"}},
    )
    card = alex.messages("rewards-approvals")[-1]
    assert card.buttons == {"Approve": "approve"}
    assert alex.click(card, "approve", confirm=False).delivered is False
    assert bot.seen == []

    def approve(args: Any) -> None:
        args.ack()
        args.client.chat_update(
            channel=args.body["channel"]["id"], ts=args.body["message"]["ts"], text="Done", blocks=[]
        )

    bot.on["action"] = approve
    alex.click(card, "approve")
    body = bot.last
    assert body["container"] == {
        "type": "message",
        "message_ts": posted["ts"],
        "channel_id": people.APPROVALS,
        "is_ephemeral": False,
    }
    assert (body["actions"][0]["value"], body["actions"][0]["text"]["text"]) == ("r1", "Approve")
    assert body["message"]["text"] == "A request"
    assert body["user"] == {"id": people.ALEX, "username": "alex", "name": "alex", "team_id": people.TEAM_ID}
    after = alex.now(card)
    assert (after.text, after.blocks, after.edited) == ("Done", [], True)
    with pytest.raises(NotPossible):
        alex.click(after, "approve")
    alex.click(card, "approve")  # a screen that is a moment behind
    assert len(bot.seen) == 2


def test_a_response_url_answers_replaces_and_deletes(bot: Bot):
    alex = bot.sandbox.person("alex")
    bot.client.chat_postMessage(channel=people.APPROVALS, text="card", blocks=[actions(button("go", "Go"))])
    card = alex.messages("rewards-approvals")[-1]

    def answer(**body: Any) -> Any:
        def listener(args: Any) -> None:
            assert args.respond(**body).status_code == 200
            args.ack()

        return listener

    bot.on["action"] = answer(text="Not you", response_type="ephemeral", replace_original=False)
    outcome = alex.click(card, "go")
    assert outcome.ephemeral is not None
    assert outcome.ephemeral.text == "Not you"
    bot.on["action"] = answer(text="replaced", replace_original=True)
    alex.click(card, "go")
    assert alex.now(card).text == "replaced"
    bot.on["action"] = answer(delete_original=True)
    alex.click(card, "go")
    with pytest.raises(NotPossible, match="not there any more"):
        alex.click(card, "go")


def test_a_response_url_is_good_for_five_uses(bot: Bot):
    answers: list[int] = []

    def answer(args: Any) -> None:
        answers.extend(args.respond("again").status_code for _ in range(6))
        args.ack()

    bot.on["command"] = answer
    outcome = bot.sandbox.person("maya").command("/kudos", channel="general")
    assert answers == [200] * 5 + [404]
    assert len(outcome.ephemerals) == 5


def test_type_ahead_offers_what_the_app_answers_and_nothing_else_can_be_chosen(bot: Bot):
    maya = bot.sandbox.person("maya")
    select = {"type": "external_select", "min_query_length": 2}
    bot.on["command"] = opens(modal(field("reward", select)))
    bot.on["options"] = lambda args: args.ack(options=[{"text": text("Ten"), "value": f"x-{args.payload['value']}"}])
    form = maya.command("/kudos").modal
    assert form is not None
    with pytest.raises(NotPossible, match="more letters"):
        maya.options(form, "reward", "a")
    (offered,) = maya.options(form, "reward", "am")
    assert offered["value"] == "x-am"
    assert (bot.last["type"], bot.last["block_id"], bot.last["value"]) == ("block_suggestion", "reward", "am")
    with pytest.raises(NotPossible, match="no option"):
        maya.submit(form, {"reward": "x-never-offered"})
    maya.submit(form, {"reward": "x-am"})
    assert bot.last["view"]["state"]["values"]["reward"]["entry"]["selected_option"]["value"] == "x-am"


def test_too_many_options_are_trouble(bot: Bot):
    maya = bot.sandbox.person("maya")
    bot.on["command"] = opens(modal(field("reward", {"type": "external_select", "min_query_length": 0})))
    many = [{"text": text(str(n)), "value": str(n)} for n in range(101)]
    bot.on["options"] = lambda args: args.ack(options=many)
    form = maya.command("/kudos").modal
    assert form is not None
    with pytest.raises(SlackTrouble, match="problem loading"):
        maya.options(form, "reward", "")


def test_shortcuts_open_modals_and_carry_their_message(bot: Bot):
    maya = bot.sandbox.person("maya")
    bot.on["shortcut"] = opens(modal(section("from a shortcut")))
    assert maya.shortcut("send_reward").modal is not None
    assert (bot.last["type"], bot.last["callback_id"]) == ("shortcut", "send_reward")
    assert bot.last["user"] == {"id": people.MAYA, "username": "maya", "team_id": people.TEAM_ID}
    assert not {"channel", "message", "response_url"} & set(bot.last)
    maya.close()
    said = maya.say("Rob saved the day", channel="team-blue")
    assert maya.message_shortcut("thank_for_this", said).modal is not None
    payload = bot.last
    assert payload["type"] == "message_action"
    assert (payload["message"]["text"], payload["message"]["user"]) == ("Rob saved the day", people.MAYA)
    assert payload["channel"] == {"id": people.TEAM_BLUE, "name": "team-blue"}
    assert payload["team"] == {"id": people.TEAM_ID, "domain": people.TEAM_DOMAIN}
    assert (payload["message_ts"], payload["message"]["ts"]) == (said.ts, said.ts)
    assert payload["user"]["name"] == "maya"


def test_a_message_shortcut_works_in_threads_and_where_the_app_is_no_member(bot: Bot):
    """Its response_url answers the person there, though the app may not post there."""
    maya, rob = bot.sandbox.person("maya"), bot.sandbox.person("rob")
    root = rob.say("Who can help?", channel="random")
    reply = rob.say("<3 for @kim", channel="random", thread_ts=root.ts)
    bot.on["shortcut"] = lambda args: (args.ack(), args.respond("Noted"))
    outcome = maya.message_shortcut("thank_for_this", reply)
    message = bot.last["message"]
    assert (message["thread_ts"], message["parent_user_id"]) == (root.ts, people.ROB)
    assert message["text"] == f"&lt;3 for <@{people.KIM}>"
    assert outcome.ephemeral is not None
    assert (outcome.ephemeral.text, outcome.ephemeral.thread_ts) == ("Noted", root.ts)
    with pytest.raises(SlackApiError, match="not_in_channel"):
        bot.client.chat_postMessage(channel=people.RANDOM, text="Hello")

    ada = bot.sandbox.person("ada")
    ada.message_shortcut("thank_for_this", ada.say("Well done", channel="rewards-approvals"))
    assert bot.last["channel"]["name"] == "privategroup"


def test_messages_of_apps_and_of_other_companies_say_whose_they_are(bot: Bot):
    maya, olga = bot.sandbox.person("maya"), bot.sandbox.person("olga")
    bot.sandbox.webhook("general", "Deployed", username="Builds")
    maya.message_shortcut("thank_for_this", maya.messages("general")[-1])
    message = bot.last["message"]
    assert (message["subtype"], message["username"]) == ("bot_message", "Builds")
    assert message["bot_id"] == people.OTHER_BOT_ID
    assert "user" not in message
    maya.message_shortcut("thank_for_this", olga.say("Hello", channel="general"))
    assert (bot.last["message"]["user"], bot.last["message"]["team"]) == (people.OLGA, people.OTHER_TEAM_ID)


def test_only_shortcuts_of_the_manifest_are_offered_and_not_on_what_one_alone_sees(bot: Bot):
    maya = bot.sandbox.person("maya")
    bot.on["command"] = lambda args: args.ack("Only you")
    whispered = maya.command("/kudos").ephemeral
    assert whispered is not None
    bot.seen.clear()
    with pytest.raises(NotPossible, match=r"no global shortcut 'thank_for_this' in the menu, only \['send_reward'\]"):
        maya.shortcut("thank_for_this")
    with pytest.raises(NotPossible, match="no message shortcut 'send_reward'"):
        maya.message_shortcut("send_reward", maya.say("Hi", channel="random"))
    with pytest.raises(NotPossible, match="only you see"):
        maya.message_shortcut("thank_for_this", whispered)
    assert bot.seen == []


@pytest.mark.parametrize(
    ("shortcuts", "fault"),
    [
        ([GLOBAL | {"name": "n" * 25}], "/features/shortcuts/0/name"),
        ([GLOBAL | {"description": "d" * 151}], "/features/shortcuts/0/description"),
        ([GLOBAL | {"type": "app"}], "must be global or message"),
        ([GLOBAL | {"callback_id": ""}], "/features/shortcuts/0/callback_id"),
        ([GLOBAL | {"url": "https://a.example"}], "invalid additional property: url"),
        ([GLOBAL, GLOBAL], "is used more than once"),
        ([GLOBAL | {"callback_id": str(n)} for n in range(11)], "no more than 10 items"),
    ],
)
def test_a_manifest_with_a_faulty_shortcut_is_refused(shortcuts: list[dict[str, str]], fault: str):
    with pytest.raises(ValueError, match=re.escape(fault)):
        SlackSandbox().manifest(MANIFEST | {"features": {"shortcuts": shortcuts}})


def test_shortcuts_need_interactivity():
    with pytest.raises(ValueError, match="shortcuts need interactivity"):
        SlackSandbox().manifest({"features": {"shortcuts": [GLOBAL]}})


def test_opening_the_home_tab_is_an_event_and_shows_what_is_published(bot: Bot):
    kim = bot.sandbox.person("kim")

    def publish(args: Any) -> None:
        args.client.views_publish(
            user_id=args.event["user"], view={"type": "home", "blocks": [section("Hello"), actions(button("go", "Go"))]}
        )

    bot.on["event"] = publish
    home = kim.open_home()
    assert home is not None
    assert home.words == "Hello\nGo"
    assert (bot.last["event"]["type"], bot.last["event"]["tab"]) == ("app_home_opened", "home")
    kim.click(home, "go")
    assert bot.last["container"] == {"type": "view", "view_id": home.id}
    assert kim.open_home() is not None
    assert bot.last["event"]["view"]["id"] == home.id


def test_direct_messages_and_mentions_are_events(bot: Bot):
    rob = bot.sandbox.person("rob")
    rob.dm_app("I didn't get mine")
    event = bot.last["event"]
    assert (event["type"], event["channel_type"], event["text"]) == ("message", "im", "I didn't get mine")
    rob.say("@kudos help", channel="general")
    assert (bot.last["event"]["type"], bot.last["event"]["text"]) == ("app_mention", f"<@{people.BOT_USER}> help")


def test_files_travel_both_ways(bot: Bot):
    maya = bot.sandbox.person("maya")
    bot.on["command"] = opens(modal(field("list", {"type": "file_input", "max_files": 1})))
    form = maya.command("/kudos").modal
    assert form is not None
    maya.submit(form, {"list": [maya.upload("people.csv", b"rob,25\n")]})
    (given,) = bot.last["view"]["state"]["values"]["list"]["entry"]["files"]
    assert (given["name"], given["size"], given["mimetype"]) == ("people.csv", 7, "text/csv")

    bot.client.files_upload_v2(channel=maya.dm_channel, filename="report.csv", content="a,b\n", initial_comment="Here")
    message = maya.dms()[-1]
    assert message.text == "Here"
    assert message.data["files"][0]["name"] == "report.csv"


def test_a_late_or_failing_app_is_what_slack_says_it_is(bot: Bot):
    maya = bot.sandbox.person("maya")
    bot.sandbox.faults.set("drop_acks", times=1)
    with pytest.raises(SlackTrouble, match='/kudos failed with the error "operation_timeout"'):
        maya.command("/kudos")
    bot.on["command"] = opens(modal(field("a", {"type": "plain_text_input"})))
    form = maya.command("/kudos").modal
    assert form is not None
    bot.sandbox.faults.set("drop_acks", times=1)
    with pytest.raises(SlackTrouble) as caught:
        maya.submit(form, {"a": "x"})
    assert caught.value.words == "We had some trouble connecting. Try again?"
    assert bot.sandbox.deliveries[-1].error == "operation_timeout"


def test_two_people_click_together_two_hundred_times(bot: Bot):
    alex, sam = bot.sandbox.person("alex"), bot.sandbox.person("sam")
    bot.client.chat_postMessage(channel=people.APPROVALS, text="card", blocks=[actions(button("go", "Go"))])
    card = alex.messages("rewards-approvals")[-1]
    lock = threading.Lock()
    clicks: list[str] = []

    def note(args: Any) -> None:
        with lock:
            clicks.append(args.body["user"]["id"])
        args.ack()

    bot.on["action"] = note

    def click(person: Any) -> Any:
        return lambda: [person.click(card, "go") for _ in range(100)]

    at_once(click(alex), click(sam))
    assert (clicks.count(people.ALEX), clicks.count(people.SAM)) == (100, 100)


def test_a_person_waits_for_what_the_app_does_after_its_ack(bot: Bot):
    maya = bot.sandbox.person("maya")

    def place_later(args: Any) -> None:
        args.ack()
        post = {"channel": people.MAYA, "text": "Placed"}
        threading.Timer(0.02, args.client.chat_postMessage, kwargs=post).start()

    bot.on["command"] = place_later
    maya.command("/kudos")
    assert maya.wait_for(lambda: next((m for m in maya.dms() if m.text == "Placed"), None)).text == "Placed"
    with pytest.raises(TimeoutError, match="maya waited"):
        maya.wait_for(lambda: None, timeout=0.01)


def test_what_people_cannot_do_is_said(bot: Bot):
    sandbox = bot.sandbox
    with pytest.raises(NotPossible, match="is not in"):
        sandbox.person("maya").command("/kudos", channel="rewards-approvals")
    with pytest.raises(KeyError, match="nobody"):
        sandbox.person("nobody")
    tabs = {"messages_tab_enabled": True}
    commands = [{"command": "/kudos", "should_escape": False}]
    sandbox.manifest({"features": {"slash_commands": commands, "app_home": tabs}})
    try:
        with pytest.raises(NotPossible, match="/other is not a valid command"):
            sandbox.person("maya").command("/other")
        sandbox.person("maya").command("/kudos", "@rob <b>")
        assert bot.last["text"] == "@rob <b>"
        bot.seen.clear()
        sandbox.person("maya").dm_app("nobody subscribed to this")
        assert bot.seen == []
    finally:
        sandbox.manifest(MANIFEST)
