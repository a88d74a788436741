"""The control API that a browser page uses, its event stream, and what survives a restart."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.sandbox.serve import serve
from bot.sandbox.slack import SlackSandbox, people
from bot.sandbox.slack.model import Message
from tests.kit.slack import Bot, actions, button, field, modal, over_http, section, text

MANIFEST = {
    "display_information": {"name": "Kudos"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [{"command": "/kudos", "description": "Send", "usage_hint": "@who", "should_escape": True}],
        "shortcuts": [{"type": "message", "name": "Thank", "callback_id": "thank", "description": "for this"}],
    },
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened"]},
        "interactivity": {"is_enabled": True},
    },
}


@pytest.fixture(scope="module")
def bot() -> Iterator[Bot]:
    sandbox = SlackSandbox()
    with over_http(sandbox) as bot:
        sandbox.manifest(MANIFEST)
        yield bot


@pytest.fixture
def page(bot: Bot) -> Iterator["Page"]:
    bot.on.clear()
    with httpx.Client(base_url=f"{bot.sandbox.url}/_sandbox", trust_env=False) as http:
        yield Page(http)


class Page:
    """The browser page's side of the control."""

    def __init__(self, http: httpx.Client) -> None:
        self.http = http

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(path, params=query).json()

    def post(self, path: str, **body: Any) -> Any:
        return self.http.post(path, json=body).json()


def test_one_read_tells_a_page_all_it_needs(page: Page):
    state = page.get("/state", **{"as": people.ALEX})
    assert state["ok"] is True
    assert (state["me"]["name"], state["app"]["mode"], state["team"]["name"]) == ("alex", "http", "Acme")
    names = [channel["name"] for channel in state["channels"]]
    assert names == ["general", "random", "rewards-approvals", "Kudos"]
    assert state["commands"][0]["usage_hint"] == "@who"
    assert state["shortcuts"][0]["callback_id"] == "thank"
    assert {one["id"] for one in state["people"] if not one["can_act"]} == {
        people.DORA,
        people.OTHER_BOT,
        people.BOT_USER,
    }


def test_the_main_acts_go_through(bot: Bot, page: Page):
    def open_form(args: Any) -> None:
        args.client.views_open(
            trigger_id=args.body["trigger_id"],
            view=modal(
                field("amount", {"type": "plain_text_input"}),
                field("reward", {"type": "external_select", "min_query_length": 1}, optional=True),
                actions(button("more", "More"), block_id="more"),
            ),
        )
        args.ack("The form is open")

    bot.on["command"] = open_form
    who = {"as": people.MAYA}
    opened = page.post("/command", **who, command="/kudos", text="", channel=people.GENERAL)
    (view,) = opened["modals"]
    assert opened["ephemerals"][0]["text"] == "The form is open"
    on = {"view_id": view["id"]}
    bot.on["options"] = lambda args: args.ack(options=[{"text": text("Ten"), "value": "10"}])
    found = page.post("/options", **who, on=on, block_id="reward", action_id="entry", query="t")
    assert found["options"][0]["value"] == "10"
    values = {"amount": {"entry": "25"}}
    clicked = page.post("/click", **who, on=on, block_id="more", action_id="more", values=values)
    assert clicked["ok"] is True
    assert bot.last["view"]["state"]["values"]["amount"]["entry"]["value"] == "25"
    bot.on["view"] = lambda args: args.ack(response_action="errors", errors={"amount": "Too much"})
    refused = page.post("/submit", **who, view_id=view["id"], values=values)
    assert (refused["errors"], refused["closed"]) == ({"amount": "Too much"}, False)
    assert page.get("/state", **who)["modals"][0]["entered"]["amount"] == {"entry": "25"}
    assert page.post("/close", **who, view_id=view["id"])["modals"] == []


def test_a_click_on_what_was_rewritten_meanwhile_reaches_the_app(bot: Bot, page: Page):
    card: dict[str, Any] = {"channel": people.APPROVALS, "text": "A card"}
    posted = bot.client.chat_postMessage(**card, blocks=[actions(button("approve", "Approve", "r1"))])
    there: dict[str, Any] = {"channel": people.APPROVALS, "ts": str(posted["ts"])}
    bot.client.chat_update(**there, text="Asked again", blocks=[actions(button("ask", "Ask again", "r1"))])
    (shown,) = page.get("/messages", **{"as": people.SAM}, channel=people.APPROVALS, limit=1)["messages"]
    bot.client.chat_update(**there, text="Approved", blocks=[])
    bot.on["action"] = lambda args: (args.ack(), args.respond("Alex approved it already", replace_original=False))

    late = {"as": people.SAM, "action_id": "approve", "block_id": "acts"}
    answer = page.post("/click", **late, on=there | {"edited": ""})
    assert (bot.last["actions"][0]["value"], bot.last["message"]["text"]) == ("r1", "Approved")
    assert [one["text"] for one in answer["ephemerals"]] == ["Alex approved it already"]
    page.post("/click", **late | {"action_id": "ask"}, on=there | {"edited": shown["edited"]["ts"]})
    assert bot.last["actions"][0]["action_id"] == "ask"

    bot.seen.clear()
    for version in ("", "1.0"):
        error = page.post("/click", **late | {"action_id": "pay"}, on=there | {"edited": version})["error"]
        assert error["kind"] == "not_possible", "no version ever had this button"
    assert page.post("/click", **late, on=there)["error"]["kind"] == "not_possible"
    assert bot.seen == []


def test_a_click_on_a_home_tab_that_was_published_anew_reaches_the_app(bot: Bot, page: Page):
    def publish(*blocks: Any) -> dict[str, Any]:
        view: Any = bot.client.views_publish(user_id=people.SAM, view={"type": "home", "blocks": list(blocks)})["view"]
        return dict(view)

    before = publish(actions(button("approve", "Approve", "r1")))
    publish(section("Nothing waits for you"))
    late = {"as": people.SAM, "action_id": "approve", "block_id": "acts"}
    assert page.post("/click", **late, on={"view_id": before["id"], "hash": before["hash"]})["ok"]
    assert bot.last["actions"][0]["value"] == "r1"
    assert bot.last["view"]["blocks"][0]["text"]["text"] == "Nothing waits for you"
    assert not page.post("/click", **late, on={"view_id": before["id"]})["ok"]


def test_what_fails_says_whose_fault_it_is(bot: Bot, page: Page):
    bot.sandbox.faults.set("drop_acks", times=1)
    body = {"as": people.MAYA, "command": "/kudos", "text": "", "channel": people.GENERAL}
    error = page.post("/command", **body)["error"]
    assert (error["kind"], error["words"]) == ("trouble", '/kudos failed with the error "operation_timeout"')
    error = page.post("/command", **body | {"command": "/nope"})["error"]
    assert (error["kind"], error["words"]) == ("not_possible", "/nope is not a valid command.")
    assert page.http.post("/command", json={"as": "U0NOBODY"}).status_code == 404
    assert page.http.post("/command", json={"as": people.MAYA}).status_code == 400
    assert page.http.get("/messages", params={"as": people.MAYA, "channel": people.APPROVALS}).json()["ok"] is False


def test_only_a_page_of_this_machine_may_look_in(page: Page):
    url, state = "/state", {"as": people.MAYA}
    assert page.http.get(url, params=state, headers={"Host": "evil.example"}).status_code == 403
    assert page.http.get(url, params=state, headers={"Origin": "http://evil.example"}).status_code == 403
    own = str(page.http.base_url).removesuffix("/_sandbox/")
    assert page.http.get(url, params=state, headers={"Origin": own}).status_code == 200
    sneaky = page.http.post("/message", content=json.dumps({"as": people.MAYA}), headers={"Content-Type": "text/plain"})
    assert sneaky.status_code == 415


def test_two_thousand_messages_are_paged_and_marked_unread(bot: Bot, page: Page):
    for number in range(2000):
        bot.sandbox.workspace.post(_message(bot.sandbox, f"message {number}"))
    who = {"as": people.LI, "channel": people.TEAM_BLUE}
    newest = page.get("/messages", **who, limit=100)
    assert (len(newest["messages"]), newest["has_more"]) == (100, True)
    assert newest["messages"][-1]["text"] == "message 1999"
    older = page.get("/messages", **who, limit=1000, before=newest["messages"][0]["ts"])
    assert older["messages"][-1]["text"] == "message 1899"
    (channel,) = (one for one in page.get("/channels", **who)["channels"] if one["id"] == people.TEAM_BLUE)
    assert channel["unread"] >= 2000
    page.post("/read", **who)
    (channel,) = (one for one in page.get("/channels", **who)["channels"] if one["id"] == people.TEAM_BLUE)
    assert channel["unread"] == 0


def _message(sandbox: SlackSandbox, words: str) -> Any:
    return Message(people.TEAM_BLUE, sandbox.workspace.stamps.ts(), people.BOT_USER, words, bot_id=people.BOT_ID)


def test_changes_stream_to_whom_they_concern_and_resume_by_number(bot: Bot, page: Page):
    since = page.get("/state", **{"as": people.ROB})["seq"]
    bot.client.chat_postMessage(channel=people.APPROVALS, text="not for Rob")
    posted = bot.client.chat_postMessage(channel=people.TEAM_BLUE, text="one")
    bot.client.chat_postEphemeral(channel=people.TEAM_BLUE, user=people.KIM, text="for Kim")
    bot.client.chat_update(channel=posted["channel"], ts=posted["ts"], text="two")
    bot.client.views_publish(user_id=people.ROB, view={"type": "home", "blocks": [section("Yours")]})
    threading.Timer(0.05, lambda: bot.client.chat_delete(channel=posted["channel"], ts=posted["ts"])).start()
    seen = []
    with page.http.stream("GET", "/events", params={"as": people.ROB, "since": str(since)}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for name, data in _events(stream.iter_lines()):
            seen.append(name)
            assert "for Kim" not in json.dumps(data)
            assert "not for Rob" not in json.dumps(data)
            if name == "message_deleted":
                break
    assert [name for name in seen if name != "channel"] == ["message", "message_changed", "home", "message_deleted"]


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def test_one_persons_modals_do_not_hide_anothers_from_the_stream(bot: Bot, page: Page):
    since = page.get("/state", **{"as": people.ROB})["seq"]
    for who in (people.ROB, people.KIM):
        trigger = bot.sandbox._state.issue_trigger(who)
        bot.client.views_open(trigger_id=trigger, view=modal(section(who)))
    with page.http.stream("GET", "/events", params={"as": people.ROB, "since": str(since)}) as stream:
        name, data = next(_events(stream.iter_lines()))
    assert (name, data["modals"][0]["blocks"][0]["text"]["text"]) == ("modals", people.ROB)
    for who in ("rob", "kim"):
        bot.sandbox.person(who).close()


def test_a_page_that_was_away_too_long_starts_anew(page: Page):
    query = {"as": people.ROB, "since": str(10**9)}
    with page.http.stream("GET", "/events", params=query) as stream:
        assert next(_events(stream.iter_lines())) == ("reset", {})


def test_faults_files_and_the_log_are_at_hand(bot: Bot, page: Page):
    assert "rate_limited" in page.post("/faults", name="rate_limited", method="chat.postMessage", times=2)["faults"]
    assert page.post("/faults", name="rate_limited", on=False)["faults"] == {}
    assert page.post("/faults", name="earthquake")["ok"] is False
    uploaded = page.http.post("/upload", params={"as": people.MAYA, "filename": "a.html"}, content=b"<script>").json()
    answer = page.http.get(f"/files/{uploaded['file']['id']}", params={"as": people.ROB})
    assert (answer.content, answer.headers["content-disposition"]) == (b"<script>", "attachment")
    page.post("/home", **{"as": people.MAYA})
    assert page.get("/deliveries", limit=1)["deliveries"][0]["type"] == "app_home_opened"


def test_the_workspace_is_the_same_after_a_restart(tmp_path: Path):
    path = tmp_path / "demo folder" / "slack.jsonl"
    first = SlackSandbox(path=path)
    with over_http(first) as bot:
        posted = bot.client.chat_postMessage(channel=people.GENERAL, text="kept", blocks=[section("kept")])
        bot.client.chat_update(channel=people.GENERAL, ts=posted["ts"], text="kept, changed", blocks=[])
        gone = bot.client.chat_postMessage(channel=people.GENERAL, text="gone")
        bot.client.chat_delete(channel=people.GENERAL, ts=gone["ts"])
        bot.client.views_publish(
            user_id=people.ROB, view={"type": "home", "blocks": [field("a", {"type": "datepicker"})]}
        )
        first.person("rob").upload("a.txt", b"\x00bytes")
        first.workspace.read(people.ROB, people.GENERAL)
        first.invite("kudos", "random", inviter="maya")
    second = SlackSandbox(path=path)
    rob = second.person("rob")
    assert [message.text for message in rob.messages("general")] == ["kept, changed"]
    assert second.workspace.unread(people.ROB, people.GENERAL) == []
    assert rob.home is not None
    assert rob.home.entered == {"a": {"entry": None}}
    assert [stored.content for stored in second.workspace.files.values()] == [b"\x00bytes"]
    assert people.BOT_USER in second.workspace.channels[people.RANDOM].members
    second.close()


def test_a_served_sandbox_learns_its_own_address():
    sandbox = SlackSandbox()
    with pytest.raises(RuntimeError, match="not known yet"):
        _ = sandbox.url
    with serve(sandbox.app) as server:
        httpx.get(f"{server.url}/_sandbox/people", trust_env=False)
        assert sandbox.url == server.url
