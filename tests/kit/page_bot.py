"""A small Bolt app in the bot's place, for what the page must do for any app: every input, every way to answer."""

import html
import json
from typing import Any, Final

from slack_bolt import App
from slack_bolt.adapter.starlette.handler import SlackRequestHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

#: The rewards that the menu offers, one of them with characters that must not become markup.
REWARDS: Final = [
    f"{brand} {kind}" for brand in ("Reward Link", "Bean & Leaf", "Page <Turner>") for kind in ("US", "EU")
]

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "Kudos"},
    "features": {
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {
                "command": "/form",
                "description": "Open every kind of field",
                "usage_hint": "[anything]",
                "should_escape": True,
            },
            {"command": "/card", "description": "Post a card with buttons", "should_escape": True},
            {"command": "/whisper", "description": "Answer you alone", "usage_hint": "<words>", "should_escape": True},
            {"command": "/silent", "description": "Never answer"},
        ],
        "shortcuts": [
            {"type": "message", "name": "Thank the author", "callback_id": "thank", "description": "For this message"},
            {"type": "global", "name": "Open a form", "callback_id": "form", "description": "From anywhere"},
        ],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write", "users:read", "im:write", "files:read"]}},
    "settings": {
        "event_subscriptions": {"bot_events": ["app_home_opened"]},
        "interactivity": {"is_enabled": True},
    },
}


def plain(text: str) -> dict[str, Any]:
    """Make a plain text object."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> dict[str, Any]:
    """Make a mrkdwn text object."""
    return {"type": "mrkdwn", "text": text}


def option(text: str, note: str | None = None) -> dict[str, Any]:
    """Make an option whose value is its text."""
    return {"text": plain(text), "value": text, **({"description": plain(note)} if note else {})}


def field(name: str, label: str, element: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Make an input block whose block_id and action_id are its name."""
    return {"type": "input", "block_id": name, "label": plain(label), "element": {"action_id": name, **element}, **more}


def form(text: str = "") -> dict[str, Any]:
    """Make a modal with every kind of input."""
    text_input = {"type": "plain_text_input"}
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Every field"),
        "submit": plain("Send"),
        "close": plain("Cancel"),
        "notify_on_close": True,
        "blocks": [
            {"type": "section", "block_id": "intro", "text": mrkdwn(f"You typed: *{text or 'nothing'}*")},
            field("people", "People", {"type": "multi_users_select", "max_selected_items": 3}),
            field("reward", "Reward", {"type": "external_select", "min_query_length": 0}),
            field("amount", "Amount", text_input, hint=plain("From 5 to 500.")),
            field("why", "Why", text_input | {"multiline": True, "max_length": 40}, optional=True),
            field(
                "count", "Count", {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"}, optional=True
            ),
            field("mail", "E-mail", {"type": "email_text_input"}, optional=True),
            field(
                "size", "Size", {"type": "static_select", "options": [option("Small"), option("Large")]}, optional=True
            ),
            field(
                "how",
                "How",
                {"type": "radio_buttons", "options": [option("By e-mail", "At once"), option("By link")]},
                optional=True,
            ),
            field(
                "also",
                "Also",
                {"type": "checkboxes", "options": [option("Tell the team"), option("Tell me")]},
                optional=True,
            ),
            field("day", "Day", {"type": "datepicker"}, optional=True),
            field("hour", "Hour", {"type": "timepicker"}, optional=True),
            field("moment", "Moment", {"type": "datetimepicker"}, optional=True),
            field("room", "Channel", {"type": "conversations_select"}, optional=True),
            field("file", "File", {"type": "file_input", "max_files": 2}, optional=True),
            {
                "type": "actions",
                "block_id": "more",
                "elements": [{"type": "button", "action_id": "push", "text": plain("One more")}],
            },
        ],
    }


def card(state: str = "waiting") -> list[dict[str, Any]]:
    """Make a message with buttons and a menu while it waits, and with its outcome after that."""
    ask = {
        "title": plain("Approve $25?"),
        "text": mrkdwn("For <@U00ROB000>."),
        "confirm": plain("Approve"),
        "deny": plain("Back"),
    }
    buttons = [
        {"type": "button", "action_id": "approve", "text": plain("Approve"), "style": "primary", "confirm": ask},
        {"type": "button", "action_id": "fail", "text": plain("Fail"), "style": "danger"},
        {"type": "overflow", "action_id": "menu", "options": [option("Later"), option("Never")]},
    ]
    waiting = [{"type": "actions", "block_id": "buttons", "elements": buttons}] if state == "waiting" else []
    return [
        {"type": "header", "text": plain("A request")},
        {"type": "section", "fields": [mrkdwn("*For*\n<@U00ROB000>"), mrkdwn(f"*State*\n{state}")]},
        {"type": "context", "elements": [mrkdwn("Asked <!date^1800000000^{date_short_pretty} at {time}|then>")]},
        *waiting,
    ]


def make_app(slack_url: str) -> Starlette:
    """Make the app as a server, for a stand-in's ``request_url``."""
    app = App(
        client=WebClient(base_url=f"{slack_url}/api/"),
        signing_secret="demo-signing-secret",
        process_before_response=True,
        authorize=lambda: AuthorizeResult(
            enterprise_id=None, team_id="T00ACME00", bot_token="xoxb-demo", bot_id="B00KUDOS0", bot_user_id="U00KUDOS0"
        ),
    )
    _listen_for_forms(app)
    _listen_for_cards(app)
    handler = SlackRequestHandler(app)

    async def events(request: Request) -> Response:
        return await handler.handle(request)

    return Starlette(routes=[Route("/slack/events", events, methods=["POST"])])


def _listen_for_forms(app: App) -> None:
    @app.command("/form")
    def open_form(ack: Any, client: WebClient, body: dict[str, Any], command: dict[str, Any]) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form(command["text"]))

    @app.shortcut("form")
    def open_form_too(ack: Any, client: WebClient, body: dict[str, Any]) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form("a shortcut"))

    @app.shortcut("thank")
    def thank(ack: Any, client: WebClient, body: dict[str, Any]) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=form(f"thanks for: {body['message']['text']}"))

    @app.options("reward")
    def rewards(ack: Any, payload: dict[str, Any]) -> None:
        ack(options=[option(name) for name in REWARDS if payload["value"].lower() in name.lower()])

    @app.action("push")
    def push(ack: Any, client: WebClient, body: dict[str, Any]) -> None:
        ack()
        second = form("on top") | {"title": plain("Second"), "blocks": form("on top")["blocks"][:2]}
        client.views_push(trigger_id=body["trigger_id"], view=second)

    @app.view("form")
    def submitted(ack: Any, client: WebClient, view: dict[str, Any], body: dict[str, Any]) -> None:
        values = {block: next(iter(actions.values())) for block, actions in view["state"]["values"].items()}
        if values.get("amount", {}).get("value") == "0":
            ack(response_action="errors", errors={"amount": "More than nothing, please."})
            return
        ack()
        words = html.escape(json.dumps(values, ensure_ascii=False), quote=False)
        client.chat_postMessage(channel=body["user"]["id"], text=f"```{words}```")

    @app.view_closed("form")
    def closed(ack: Any) -> None:
        ack()


def _listen_for_cards(app: App) -> None:
    @app.command("/card")
    def post_card(ack: Any, client: WebClient, body: dict[str, Any]) -> None:
        ack()
        client.chat_postMessage(channel=body["channel_id"], text="A request", blocks=card())

    @app.command("/whisper")
    def whisper(ack: Any, command: dict[str, Any]) -> None:
        ack(f"You said: {command['text']}")

    @app.action("approve")
    def approve(ack: Any, client: WebClient, body: dict[str, Any], respond: Any) -> None:
        ack()
        who = body["user"]["id"]
        if body["message"]["text"] == "Approved":
            respond("Somebody approved it before you.", replace_original=False)
            return
        client.chat_update(
            channel=body["channel"]["id"],
            ts=body["message"]["ts"],
            text="Approved",
            blocks=card(f"approved by <@{who}>"),
        )

    @app.action("menu")
    def menu(ack: Any, respond: Any, payload: dict[str, Any]) -> None:
        ack()
        respond(text=f"You chose {payload['selected_option']['value']}", replace_original=False)

    @app.event("app_home_opened")
    def home(client: WebClient, event: dict[str, Any]) -> None:
        blocks = [{"type": "header", "text": plain("Welcome")}, *card("at home")]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})
