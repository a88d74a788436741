"""Payloads that no client of Slack's would send: made by hand, with the right signature.

Slack docs, "Slash commands" and "Interaction payloads". Each carries a real `response_url` and `trigger_id`, so that
what the bot answers is seen by the person it is made in the name of.
"""

import json
from typing import Any, Final

from bot.sandbox.slack import ShownView, SlackSandbox, people
from bot.sandbox.slack.ids import object_id
from handlers.views.forms import ASKED_ABOUT

Json = dict[str, Any]

#: What a hand-made `value` or `private_metadata` may hold instead of one of our references.
FORGED_IDS: Final = [
    "",
    "abc",
    "0",
    "1",
    "-1",
    "1.0",
    "0x1",
    "1e3",
    " 1",
    "٢٥",
    "9" * 15,
    "9" * 19,
    "9" * 4_000,
    "1 OR 1=1",
    "1; DROP TABLE requests",
    "' UNION SELECT email FROM recipients --",
    "<!channel>",
    '{"id": 1}',
    "null",
    "0" * 32,
    "f" * 33,
]


def _interaction(kind: str, user_id: str) -> Json:
    return {
        "type": kind,
        "user": {"id": user_id, "username": "somebody", "name": "somebody", "team_id": people.TEAM_ID},
        "api_app_id": people.APP_ID,
        "team": {"id": people.TEAM_ID, "domain": people.TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def a_click(
    slack: SlackSandbox, user_id: str, action_id: str, value: str, *, channel: str = people.APPROVALS, **facts: Any
) -> Json:
    """Somebody pressed a button, wherever it came from."""
    state = slack._state
    action = {"type": "button", "block_id": "b", "action_id": action_id, "value": value, "action_ts": "1.0"}
    return _interaction("block_actions", user_id) | {
        "container": {"type": "message", "message_ts": "1.0", "channel_id": channel, "is_ephemeral": False},
        "channel": {"id": channel, "name": "somewhere"},
        "trigger_id": state.issue_trigger(user_id, channel=channel),
        "response_url": state.issue_response_url("actions", user_id, channel),
        "actions": [action | facts],
    }


def a_choice(slack: SlackSandbox, user_id: str, callback_id: str, author_id: str = "", text: str = "Done") -> Json:
    """Somebody chose a shortcut: a global one, or one of a message of this author."""
    state = slack._state
    choice = {"callback_id": callback_id, "trigger_id": state.issue_trigger(user_id), "action_ts": "1.0"}
    if not author_id:
        return _interaction("shortcut", user_id) | choice
    message = {"type": "message", "user": author_id, "ts": "1700000000.000100", "text": text, "team": people.TEAM_ID}
    return (
        _interaction("message_action", user_id)
        | choice
        | {
            "channel": {"id": people.GENERAL, "name": "general"},
            "message_ts": message["ts"],
            "message": message,
            "response_url": state.issue_response_url("app", user_id, people.GENERAL),
        }
    )


def a_submission(
    slack: SlackSandbox,
    user_id: str,
    callback_id: str,
    values: Json,
    *,
    private_metadata: str | None = None,
    view_id: str = "",
) -> Json:
    """Somebody submitted a modal, whatever is in it.

    A filled-in request has asked whether a second reward within a day is meant, if nothing is said of its metadata.
    """
    view = {
        "id": view_id or object_id("V"),
        "team_id": people.TEAM_ID,
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": meant(values) if private_metadata is None else private_metadata,
        "state": {"values": values},
        "hash": "1.abc",
        "blocks": [],
        "title": {"type": "plain_text", "text": "Forged"},
    }
    return _interaction("view_submission", user_id) | {
        "trigger_id": slack._state.issue_trigger(user_id),
        "view": view,
        "response_urls": [],
    }


def a_request_form(recipients: list[str], reward: str, amount: str, message: str = "") -> Json:
    """The values of a filled-in request."""
    return {
        "recipients": {"request_recipients": {"type": "multi_users_select", "selected_users": recipients}},
        "reward": {"request_reward": {"type": "static_select", "selected_option": {"value": reward}}},
        "amount": {"request_amount": {"type": "plain_text_input", "value": amount}},
        "message": {"request_message": {"type": "plain_text_input", "value": message}},
    }


def meant(values: Json) -> str:
    """The metadata of a request of which a second reward within a day is meant for its recipients."""
    recipients = values.get("recipients", {}).get("request_recipients", {}).get("selected_users") or []
    reward = (values.get("reward", {}).get("request_reward", {}).get("selected_option") or {}).get("value", "")
    return json.dumps({ASKED_ABOUT: " ".join([reward, *recipients])}) if recipients else ""


def a_reason(text: str) -> Json:
    """The values of a filled-in decline."""
    return {"reason": {"decline_reason": {"type": "plain_text_input", "value": text}}}


def a_command(
    slack: SlackSandbox, user_id: str, command: str, text: str, *, channel: str = people.GENERAL
) -> dict[str, str]:
    """Somebody typed a command, as it arrives."""
    state = slack._state
    return {
        "team_id": people.TEAM_ID,
        "team_domain": people.TEAM_DOMAIN,
        "channel_id": channel,
        "channel_name": "somewhere",
        "user_id": user_id,
        "user_name": "somebody",
        "command": command,
        "text": text,
        "api_app_id": people.APP_ID,
        "is_enterprise_install": "false",
        "response_url": state.issue_response_url("commands", user_id, channel),
        "trigger_id": state.issue_trigger(user_id, channel=channel),
    }


def an_act_in(slack: SlackSandbox, user_id: str, shown: ShownView, action_id: str, **fields: Json) -> Json:
    """Somebody acted in a modal as it was on their screen, with these fields filled in by then: a screen is behind."""
    [block] = [one for one in shown.blocks if action_id in _action_ids(one)]
    view = dict(shown.data) | {"state": {"values": shown.data["state"]["values"] | fields}}
    action = {"action_id": action_id, "block_id": block["block_id"], "action_ts": "1.0"}
    return _interaction("block_actions", user_id) | {
        "container": {"type": "view", "view_id": shown.id},
        "trigger_id": slack._state.issue_trigger(user_id, view_id=shown.id),
        "view": view,
        "actions": [action],
    }


def _action_ids(block: Json) -> list[str]:
    return [
        one["action_id"]
        for one in (block.get("element"), block.get("accessory"), *block.get("elements", ()))
        if one and "action_id" in one
    ]
