"""The stand-in's Web API as the real client meets it: answers, refusals, limits, faults."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSandbox, people
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.state import DEFAULT_SCOPES
from tests.kit.slack import actions, button, field, modal, section, text


class Hands:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture(scope="module")
def now() -> Hands:
    return Hands()


@pytest.fixture(scope="module")
def served(now: Hands) -> Iterator[SlackSandbox]:
    sandbox = SlackSandbox(now=now)
    with serve(sandbox.app) as server:
        sandbox.url = server.url
        yield sandbox
        sandbox.close()


@pytest.fixture
def sandbox(served: SlackSandbox) -> Iterator[SlackSandbox]:
    yield served
    served.faults.clear()
    served.grant(DEFAULT_SCOPES)
    served._state.limiter.enabled = False


@pytest.fixture
def client(sandbox: SlackSandbox) -> WebClient:
    return WebClient(token="xoxb-demo", base_url=f"{sandbox.url}/api/", retry_handlers=[])


def error_of(call: Callable[[], Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return str(caught.value.response["error"])


def test_who_am_i_and_what_may_i_do(sandbox: SlackSandbox, client: WebClient):
    answer = client.auth_test()
    assert (answer["user_id"], answer["bot_id"], answer["team"]) == (people.BOT_USER, people.BOT_ID, "Acme")
    assert set(answer.headers["x-oauth-scopes"].split(",")) == DEFAULT_SCOPES
    sandbox.grant({"chat:write"})
    with pytest.raises(SlackApiError) as caught:
        client.users_info(user=people.ROB)
    assert caught.value.response.data == {
        "ok": False,
        "error": "missing_scope",
        "needed": "users:read",
        "provided": "chat:write",
    }


def test_tokens_are_told_apart(sandbox: SlackSandbox):
    def call(token: str | None, method: str = "auth.test") -> str:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return str(httpx.post(f"{sandbox.url}/api/{method}", headers=headers, trust_env=False).json().get("error"))

    assert call(None) == "not_authed"
    assert call("xoxb-wrong") == "invalid_auth"
    assert call("xapp-demo") == "not_allowed_token_type"
    assert call("xoxb-demo", "apps.connections.open") == "not_allowed_token_type"
    assert call("xapp-wrong", "apps.connections.open") == "invalid_auth"
    assert call("xapp-demo", "apps.connections.open") == "None"
    assert call("xoxb-demo", "no.such.method") == "unknown_method"


def test_posting_reaches_channels_threads_and_people(sandbox: SlackSandbox, client: WebClient):
    posted = client.chat_postMessage(channel=people.TEAM_BLUE, text="Well done")
    reply = client.chat_postMessage(channel=people.TEAM_BLUE, text="a reply", thread_ts=posted["ts"])
    rob = sandbox.person("rob")
    root = rob.messages("team-blue")[-1]
    assert (root.text, root.data["reply_count"]) == ("Well done", 1)
    assert [one.ts for one in rob.messages("team-blue", thread_ts=root.ts)] == [root.ts, reply["ts"]]
    direct = client.chat_postMessage(channel=people.ROB, text="for you")
    assert direct["channel"] == rob.dm_channel == client.conversations_open(users=[people.ROB])["channel"]["id"]
    assert rob.dms()[-1].text == "for you"
    assert client.chat_getPermalink(channel=posted["channel"], message_ts=posted["ts"])["permalink"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE0", "text": "x"}, "channel_not_found"),
        ({"channel": people.RANDOM, "text": "x"}, "not_in_channel"),
        ({"channel": people.DORA, "text": "x"}, "channel_not_found"),
        ({"channel": people.OTHER_BOT, "text": "x"}, "cannot_dm_bot"),
        ({"channel": people.GENERAL, "text": " "}, "no_text"),
        ({"channel": people.GENERAL, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": people.GENERAL, "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        ({"channel": people.GENERAL, "text": "x", "blocks": "not json"}, "invalid_blocks_format"),
        ({"channel": people.GENERAL, "text": "x", "blocks": [section("x" * 3001)]}, "invalid_blocks"),
        ({"channel": people.GENERAL, "text": "x", "blocks": [section("x" * 2401)] * 5}, "msg_blocks_too_long"),
    ],
)
def test_posting_is_refused_in_slacks_words(client: WebClient, arguments: dict[str, Any], error: str):
    assert error_of(lambda: client.api_call("chat.postMessage", json=arguments)) == error


def test_archived_channels_take_no_posts(sandbox: SlackSandbox, client: WebClient):
    channel = sandbox.workspace.channels[people.TEAM_BLUE]
    channel.is_archived = True
    assert error_of(lambda: client.chat_postMessage(channel=people.TEAM_BLUE, text="x")) == "is_archived"
    channel.is_archived = False


def test_a_refused_block_says_where(client: WebClient):
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=people.GENERAL, text="x", blocks=[section("x" * 3001)])
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    ]


def test_a_message_is_bounded_over_all_its_blocks_and_its_text_when_it_is_rewritten(client: WebClient):
    words = {"type": "text", "text": "x" * 2400}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [words]}]}
    full = [section("x" * 2400)] * 4 + [rich]
    posted = client.chat_postMessage(channel=people.GENERAL, text="x" * 40_000, blocks=full)
    there = {"channel": posted["channel"], "ts": posted["ts"]}
    assert (
        error_of(lambda: client.chat_update(**there, text="x", blocks=[*full, section("x")])) == "msg_blocks_too_long"
    )
    assert client.chat_update(**there, text="x" * 4_000, blocks=full)["ok"]
    assert error_of(lambda: client.chat_update(**there, text="x" * 4_001, blocks=full)) == "msg_too_long"


def test_updating_retains_blocks_that_are_not_mentioned(sandbox: SlackSandbox, client: WebClient):
    posted = client.chat_postMessage(channel=people.GENERAL, text="a", blocks=[section("block")])
    there = {"channel": posted["channel"], "ts": posted["ts"]}
    client.chat_update(**there, text="b")
    assert sandbox.person("rob").messages("general")[-1].words == "block"
    client.chat_update(**there, text="c", blocks=[])
    assert sandbox.person("rob").messages("general")[-1].words == "c"
    client.chat_delete(**there)
    assert error_of(lambda: client.chat_update(**there, text="d")) == "message_not_found"
    said = sandbox.person("rob").say("mine", channel="general")
    mine: dict[str, Any] = {"channel": said.channel, "ts": said.ts}
    assert error_of(lambda: client.chat_update(**mine, text="x")) == "cant_update_message"
    assert error_of(lambda: client.chat_delete(**mine)) == "cant_delete_message"


def test_ephemerals_are_seen_by_one_member_and_never_updated(sandbox: SlackSandbox, client: WebClient):
    sent = client.chat_postEphemeral(channel=people.GENERAL, user=people.ROB, text="psst")
    assert sandbox.person("rob").messages("general")[-1].text == "psst"
    assert all(message.text != "psst" for message in sandbox.person("kim").messages("general"))
    there = {"channel": people.GENERAL, "ts": sent["message_ts"]}
    assert error_of(lambda: client.chat_update(**there, text="x")) == "message_not_found"
    outside = {"channel": people.APPROVALS, "user": people.ROB, "text": "x"}
    assert error_of(lambda: client.api_call("chat.postEphemeral", json=outside)) == "user_not_in_channel"


def test_people_are_looked_up(sandbox: SlackSandbox, client: WebClient):
    assert client.users_info(user=people.ROB)["user"]["profile"]["email"] == "rob@acme.example"
    assert client.users_info(user=people.MAYA, include_locale=True)["user"]["locale"] == "en-GB"
    assert "email" not in client.users_info(user=people.NOEMAIL)["user"]["profile"]
    assert client.users_info(user=people.DORA)["user"]["deleted"] is True
    assert client.users_info(user=people.GINA)["user"]["is_ultra_restricted"] is True
    assert client.users_info(user=people.OLGA)["user"]["team_id"] == people.OTHER_TEAM_ID
    assert error_of(lambda: client.users_info(user="U0NOBODY0")) == "user_not_found"
    assert client.users_lookupByEmail(email="ROB@acme.example")["user"]["id"] == people.ROB
    assert error_of(lambda: client.users_lookupByEmail(email="dora@acme.example")) == "users_not_found"
    sandbox.grant({"users:read"})
    assert "email" not in client.users_info(user=people.ROB)["user"]["profile"]


def test_lists_are_paged_by_cursor(client: WebClient):
    assert [len(page["members"]) for page in client.users_list(limit=6)] == [6, 6, 5]
    assert {one["id"] for one in client.conversations_list(types="public_channel,private_channel")["channels"]} == {
        people.GENERAL,
        people.APPROVALS,
        people.TEAM_BLUE,
        people.RANDOM,
    }
    assert people.ADA in client.conversations_members(channel=people.APPROVALS)["members"]
    assert client.conversations_info(channel=people.RANDOM)["channel"]["is_member"] is False
    assert error_of(lambda: client.users_list(limit=5000)) == "invalid_limit"
    assert error_of(lambda: client.users_list(cursor="x")) == "invalid_cursor"


def test_user_groups_teams_and_bots(client: WebClient):
    assert client.usergroups_users_list(usergroup=people.APPROVERS_GROUP)["users"] == [people.ALEX, people.SAM]
    assert client.usergroups_list(include_users=True)["usergroups"][0]["handle"] == "approvers"
    assert error_of(lambda: client.usergroups_users_list(usergroup="S0NONE00")) == "no_such_subteam"
    assert client.team_info()["team"]["domain"] == people.TEAM_DOMAIN
    assert client.bots_info(bot=people.BOT_ID)["bot"]["user_id"] == people.BOT_USER
    assert client.api_test(foo="bar")["args"] == {"foo": "bar"}


def trigger(sandbox: SlackSandbox) -> str:
    return sandbox._state.issue_trigger(people.MAYA)


def test_a_trigger_lives_three_seconds_and_opens_once(sandbox: SlackSandbox, client: WebClient, now: Hands):
    view = modal(section("x"))
    first = trigger(sandbox)
    client.views_open(trigger_id=first, view=view)
    assert error_of(lambda: client.views_open(trigger_id=first, view=view)) == "exchanged_trigger_id"
    late = trigger(sandbox)
    now.time += 3.1
    assert error_of(lambda: client.views_open(trigger_id=late, view=view)) == "expired_trigger_id"
    assert error_of(lambda: client.views_open(trigger_id="1.2.3", view=view)) == "invalid_trigger_id"


def test_views_are_updated_under_their_hash_and_pushed_twice(sandbox: SlackSandbox, client: WebClient):
    opened = client.views_open(trigger_id=trigger(sandbox), view=modal(section("x"), external_id="mine"))["view"]
    updated = client.views_update(view_id=opened["id"], hash=opened["hash"], view=modal(section("y")))["view"]
    assert updated["hash"] != opened["hash"]
    stale = {"view_id": opened["id"], "hash": opened["hash"], "view": modal(section("z"))}
    assert error_of(lambda: client.views_update(**stale)) == "hash_conflict"
    assert error_of(lambda: client.views_update(view_id="V0NONE", view=modal(section("z")))) == "not_found"
    for _ in range(2):
        client.views_push(trigger_id=trigger(sandbox), view=modal(section("pushed")))
    assert error_of(lambda: client.views_push(trigger_id=trigger(sandbox), view=modal())) == "push_limit_reached"
    assert len(sandbox.person("maya").modals) == 3
    sandbox.person("maya").close(everything=True)
    assert error_of(lambda: client.views_update(view_id=opened["id"], view=modal(section("z")))) == "not_found"


def test_an_invalid_view_is_refused_with_its_faults(sandbox: SlackSandbox, client: WebClient):
    bad = modal(field("a", {"type": "plain_text_input"}), title=text("t" * 25), submit=None)
    with pytest.raises(SlackApiError) as caught:
        client.views_open(trigger_id=trigger(sandbox), view=bad)
    assert caught.value.response["error"] == "invalid_arguments"
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 25 characters [json-pointer:/view/title/text]",
        "[ERROR] must be provided when there is an input block [json-pointer:/view/submit]",
    ]


def test_home_tabs_are_published_per_person(sandbox: SlackSandbox, client: WebClient):
    home = {"type": "home", "blocks": [section("Yours"), actions(button("a", "A"))]}
    view = client.views_publish(user_id=people.LI, view=home)["view"]
    assert sandbox.person("li").home is not None
    assert sandbox.person("kim").home is None
    assert client.views_publish(user_id=people.LI, view=home, hash=view["hash"])["view"]["id"] == view["id"]
    assert error_of(lambda: client.views_publish(user_id=people.LI, view=home, hash="old")) == "hash_conflict"


def test_files_are_uploaded_in_two_steps_and_read_back_with_the_token(sandbox: SlackSandbox, client: WebClient):
    uploaded = client.files_upload_v2(channel=people.TEAM_BLUE, filename="a.csv", content="x,y\n")
    url = client.files_info(file=uploaded["file"]["id"])["file"]["url_private_download"]
    authorized = {"Authorization": "Bearer xoxb-demo"}
    assert httpx.get(url, headers=authorized, trust_env=False).content == b"x,y\n"
    assert httpx.get(url, trust_env=False).status_code == 302
    assert error_of(lambda: client.files_info(file="F0NONE")) == "file_not_found"


def test_one_message_a_second_and_channel_after_a_short_burst(sandbox: SlackSandbox, client: WebClient, now: Hands):
    sandbox._state.limiter.enabled = True

    def post(channel: str) -> str:
        return str(client.chat_postMessage(channel=channel, text="x")["ts"])

    for _ in range(4):
        post(people.GENERAL)
    with pytest.raises(SlackApiError) as caught:
        post(people.GENERAL)
    response = caught.value.response
    assert (response.status_code, response["error"], response.headers["retry-after"]) == (429, "ratelimited", "1")
    post(people.TEAM_BLUE)
    now.time += 1
    post(people.GENERAL)


def test_faults_strike_the_method_they_name_as_often_as_they_say(sandbox: SlackSandbox, client: WebClient):
    sandbox.faults.set("rate_limited", method="chat.postMessage", times=1, retry_after=0)
    patient = WebClient(
        token="xoxb-demo", base_url=client.base_url, retry_handlers=[RateLimitErrorRetryHandler(max_retry_count=1)]
    )
    assert client.auth_test()["ok"]
    assert patient.chat_postMessage(channel=people.GENERAL, text="in the end")["ok"]
    sandbox.faults.set("outage", times=1)
    with pytest.raises(SlackApiError) as caught:
        client.auth_test()
    assert caught.value.response.status_code == 503
    sandbox.faults.set("cut", times=1)
    with pytest.raises(OSError, match=r"[Cc]onnection|reset|closed"):
        client.auth_test()
    sandbox.faults.set("internal_error", method="auth.test", times=1)
    assert error_of(client.auth_test) == "internal_error"
    assert client.auth_test()["ok"]
    assert sandbox.faults.to_page() == {}


def test_a_message_is_refused_for_one_kind_of_block_or_in_one_channel(sandbox: SlackSandbox, client: WebClient):
    def post(channel: str, *blocks: dict[str, Any]) -> str:
        try:
            client.chat_postMessage(channel=channel, text="x", blocks=blocks)
        except SlackApiError as error:
            return str(error.response["error"])
        return "taken"

    picture = {"type": "image", "image_url": "https://acme.example/a.png", "alt_text": "a picture"}
    link = {"type": "link", "url": "slack://user?team=T1&id=U1", "text": "Rob"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}
    plain = section("words")
    sandbox.faults.set("refused", block="image")
    assert post(people.GENERAL, picture) == post(people.GENERAL, {**plain, "accessory": picture}) == "invalid_blocks"
    assert post(people.GENERAL, plain, rich) == "taken"
    sandbox.faults.set("refused", block="slack://", code="msg_blocks_too_long")
    assert post(people.GENERAL, plain, rich) == "msg_blocks_too_long"
    assert post(people.GENERAL, plain) == "taken"
    sandbox.faults.set("refused", block="https://acme.example/")
    assert post(people.GENERAL, {**picture, "image_url": "https://other.example/a.png"}) == "taken"
    assert post(people.GENERAL, plain, {**plain, "accessory": picture}) == "invalid_blocks"
    sandbox.faults.set("refused", channel=people.GENERAL, code="restricted_action", times=1)
    assert post(people.TEAM_BLUE, plain) == "taken"
    assert post(people.GENERAL, plain) == "restricted_action"
    assert post(people.GENERAL, plain) == "taken"


PICTURE = {"type": "image", "image_url": "https://acme.example/a.png", "alt_text": "a picture"}


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost:8080/a.png",
        "http://127.0.0.1/a.png",
        "https://intranet/a.png",
        "https://[::1/a.png",
        "https://cards.local/a.png",
        "data:image/png;base64,aGk=",
        "/a.png",
    ],
)
def test_a_picture_that_slack_cannot_fetch_is_refused_with_its_place(client: WebClient, address: str):
    picture = PICTURE | {"image_url": address}
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(
            channel=people.GENERAL, text="x", blocks=[section("words"), section("words", accessory=picture)]
        )
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["errors"] == ["downloading image failed [json-pointer:/blocks/1/accessory/image_url]"]
    assert client.chat_postMessage(channel=people.GENERAL, text="x", blocks=[PICTURE])["ok"]


def test_a_view_is_refused_for_a_picture_or_for_one_kind_of_block(sandbox: SlackSandbox, client: WebClient):
    def publish(*blocks: dict[str, Any]) -> list[str]:
        with pytest.raises(SlackApiError) as caught:
            client.views_publish(user_id=people.KIM, view={"type": "home", "blocks": list(blocks)})
        assert caught.value.response["error"] == "invalid_arguments"
        errors: list[str] = caught.value.response["errors"]
        return errors

    elsewhere = PICTURE | {"image_url": "http://localhost/a.png"}
    assert publish(elsewhere) == ["downloading image failed [json-pointer:/view/blocks/0/image_url]"]
    sandbox.faults.set("refused", block="https://acme.example/")
    assert publish(section("x"), PICTURE) == ["downloading image failed [json-pointer:/view/blocks/1/image_url]"]
    sandbox.faults.set("refused", block="divider")
    assert publish({"type": "divider"}) == ["unsupported: divider [json-pointer:/view/blocks/0/type]"]
    assert client.views_publish(user_id=people.KIM, view={"type": "home", "blocks": [section("x")]})["ok"]


def test_blocks_messages_and_views_are_validated_without_being_shown(sandbox: SlackSandbox):
    def validate(**given: Any) -> Any:
        form = {name: json.dumps(value) for name, value in given.items()}
        return httpx.post(f"{sandbox.url}/api/blocks.validate", data=form, trust_env=False).json()

    bad = section("words") | {"text": {"type": "invalid", "text": "words"}}
    error = {"code": "failed_constraint", "message": "must be plain_text or mrkdwn"}
    assert validate(blocks=[section("words")]) == {"ok": True}
    assert validate(message={"text": "x", "blocks": [section("words")]}) == {"ok": True}
    assert validate(view=modal(section("words"))) == {"ok": True}
    assert validate(blocks=[bad]) == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [error | {"pointer": "/0/text/type"}],
    }
    assert validate(message={"blocks": [bad]}) == {
        "ok": False,
        "error": "invalid_message",
        "errors": [error | {"pointer": "/blocks/0/text/type"}],
    }
    faulty = validate(view=modal(bad) | {"title": text("t" * 25)})
    assert faulty["error"] == "invalid_view"
    assert [one["pointer"] for one in faulty["errors"]] == ["/title/text", "/blocks/0/text/type"]


def test_one_thing_is_validated_at_a_time_and_as_a_form(sandbox: SlackSandbox):
    url, blocks = f"{sandbox.url}/api/blocks.validate", json.dumps([section("words")])
    with httpx.Client(trust_env=False) as http:
        refused = [
            http.post(url, data={"blocks": blocks, "view": "{}"}).json(),
            http.post(url).json(),
            http.post(url, json={"blocks": [section("words")]}).json(),
            http.post(url, json={"blocks": blocks}).json(),
        ]
        assert http.post(url, data={"blocks": "[{"}).json()["error"] == "invalid_blocks"
    messages = ["must provide exactly one of `blocks`, `view`, or `message`"]
    assert [(one["error"], one["response_metadata"]["messages"]) for one in refused] == [
        ("invalid_arguments", messages)
    ] * 4


def test_arguments_may_come_as_json_or_as_a_form(sandbox: SlackSandbox):
    url, headers = f"{sandbox.url}/api/chat.postMessage", {"Authorization": "Bearer xoxb-demo"}
    body = {"channel": people.GENERAL, "text": "x", "blocks": [section("block")]}
    form = {"channel": people.GENERAL, "text": "x", "blocks": json.dumps([section("block")])}
    with httpx.Client(trust_env=False, headers=headers) as http:
        for answer in (http.post(url, json=body), http.post(url, data=form), http.post(url, params=form)):
            assert answer.json()["message"]["blocks"][0]["text"]["text"] == "block"
        del http.headers["Authorization"]
        assert http.post(url, data=form | {"token": "xoxb-demo"}).json()["ok"] is True
        broken = http.post(url, content=b"{", headers={"Content-Type": "application/json"})
        assert broken.json()["error"] == "invalid_json"


# ----------------------------------------------------------------------------------------- the app's tabs


@pytest.mark.parametrize("tabs", [None, {"messages_tab_enabled": True}, {"home_tab_enabled": True}])
def test_home_is_there_where_the_manifest_turns_it_on(tabs: dict[str, bool] | None):
    sandbox = SlackSandbox()
    with serve(sandbox.app) as server:
        client = WebClient(token="xoxb-demo", base_url=f"{server.url}/api/", retry_handlers=[])
        sandbox.manifest({"features": {} if tabs is None else {"app_home": tabs}})
        maya = sandbox.person("maya")
        view = {"type": "home", "blocks": [{"type": "divider"}]}
        if tabs and "home_tab_enabled" in tabs:
            first = client.views_publish(user_id=maya.id, view=view)["view"]
            client.views_publish(user_id=maya.id, view=view, hash=first["hash"])
            late = lambda: client.views_publish(user_id=maya.id, view=view, hash=first["hash"])  # noqa: E731
            assert error_of(late) == "hash_conflict"
            full = {"type": "home", "blocks": [{"type": "divider"}] * 101}
            assert error_of(lambda: client.views_publish(user_id=maya.id, view=full)) == "invalid_arguments"
            assert maya.open_home() is not None
        else:
            assert error_of(lambda: client.views_publish(user_id=maya.id, view=view)) == "not_enabled"
            with pytest.raises(NotPossible):
                maya.open_home()


# ------------------------------------------------------------------------------------- the Messages tab


@pytest.mark.parametrize(
    ("tabs", "code", "takes_messages"),
    [
        (None, "messages_tab_disabled", False),
        ({"home_tab_enabled": True}, "messages_tab_disabled", False),
        ({"messages_tab_enabled": True, "messages_tab_read_only_enabled": True}, None, False),
        ({"messages_tab_enabled": True}, None, True),
    ],
)
def test_direct_messages_are_in_the_tab_that_the_manifest_turns_on(
    *, tabs: dict[str, bool] | None, code: str | None, takes_messages: bool
):
    sandbox = SlackSandbox()
    with serve(sandbox.app) as server:
        client = WebClient(token="xoxb-demo", base_url=f"{server.url}/api/", retry_handlers=[])
        sandbox.manifest({"features": {} if tabs is None else {"app_home": tabs}})
        maya = sandbox.person("maya")
        for channel in (maya.id, maya.dm_channel):
            if code is None:
                client.chat_postMessage(channel=channel, text="A receipt")
                client.chat_postEphemeral(channel=maya.dm_channel, user=maya.id, text="A word")
            else:
                assert error_of(lambda: client.chat_postMessage(channel=channel, text="A receipt")) == code  # noqa: B023
        assert client.chat_postMessage(channel=people.APPROVALS, text="A card")["ok"]
        if takes_messages:
            maya.dm_app("Hello")
        else:
            with pytest.raises(NotPossible, match="turned off"):
                maya.dm_app("Hello")
        sandbox.close()
