"""The payloads that Slack sends an app, field by field.

Sources: Slack docs, "Slash commands", "Interaction payloads" (block_actions, view_submission, view_closed, shortcuts,
block_suggestion), "The Events API", function_executed.
"""

import re
from typing import Any, Final

from bot.sandbox.slack import elements, ids, people
from bot.sandbox.slack.elements import Placed
from bot.sandbox.slack.functions import Execution
from bot.sandbox.slack.model import Channel, Json, Message, View
from bot.sandbox.slack.state import State

VERIFICATION_TOKEN: Final = "deprecated-verification-token"  # noqa: S105 - what Slack calls a token is public to the app

#: The endings of names that Slack takes for a site without https:// before it: the common ones.
_ENDINGS: Final = "com|org|net|io|dev|app|co|ai|de|uk|fr|eu|info|edu|gov|example"

_TYPED: Final = re.compile(
    r"(?P<url>https?://[^\s<>]*[^\s<>.,;:!?)])"
    r"|(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    rf"|(?<![\w.@/])(?P<site>[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:{_ENDINGS})\b(?:/[^\s<>]*[^\s<>.,;:!?)])?)"
    r"|<@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<#(?P<room>C[A-Z0-9]+)(?:\|[^>]*)?>"
    r"|<!subteam\^(?P<group>S[A-Z0-9]+)[^>]*>"
    r"|(?<![\w.])@(?P<handle>[a-z0-9][a-z0-9._-]*)"
    r"|(?<!\w)#(?P<name>[a-z0-9][a-z0-9_-]*)"
)


def escaped(state: State, text: str, *, by: str, names: bool = True) -> str:
    """Write what a person typed as an app gets it: mentions become ids, links get brackets, ``& < >`` become entities.

    ``by``: who typed it; a private channel that this person is not in is a mere word. ``names``: with the name behind
    the id, as in commands; messages carry the id alone, and so does every mention of a private channel.
    (Slack docs, "Slash commands", escaping; "Formatting text", escaping.)
    """
    found = []
    at = 0
    for match in _TYPED.finditer(text):
        found += [
            _entities(text[at : match.start()]),
            _mention(state, match, by=by, names=names) or _entities(match[0]),
        ]
        at = match.end()
    return "".join([*found, _entities(text[at:])])


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _mention(state: State, match: re.Match[str], *, by: str, names: bool) -> str | None:
    if match["url"]:
        return f"<{_entities(match['url'])}>"
    if match["address"]:
        return f"<mailto:{match['address']}|{match['address']}>"
    if match["site"]:
        return f"<http://{_entities(match['site'])}|{_entities(match['site'])}>"
    workspace = state.workspace
    handle = (match["handle"] or "").rstrip(".")
    trailing = (match["handle"] or "")[len(handle) :]
    user = match["user"] or workspace.user_by_handle(handle)
    if user in workspace.users:
        return f"<@{user}|{workspace.users[user].handle}>{trailing}" if names else f"<@{user}>{trailing}"
    if handle in {"here", "channel", "everyone"}:
        return f"<!{handle}>{trailing}"
    group = workspace.usergroups.get(match["group"] or "") or next(
        (group for group in workspace.usergroups.values() if handle and group.handle == handle), None
    )
    if group is not None:
        return f"<!subteam^{group.id}|@{group.handle}>{trailing}" if names else f"<!subteam^{group.id}>{trailing}"
    room = workspace.channels.get(match["room"] or workspace.channel_named(match["name"] or "") or "")
    if room is None or (room.is_private and by not in room.members):
        return None
    return f"<#{room.id}|{room.name if names and not room.is_private else ''}>"


def command(state: State, user: str, channel: Channel, name: str, text: str) -> dict[str, str]:
    """Make the payload of a slash command: flat fields, form-encoded over HTTP.

    In an Enterprise Grid organization it names the organization, and the workspace in which the person is.
    """
    enterprise = state.workspace.enterprise_id
    grid = {"enterprise_id": enterprise, "enterprise_name": people.ENTERPRISE_NAME} if enterprise else {}
    return grid | {
        "token": VERIFICATION_TOKEN,
        "team_id": _team_of(state, user),
        "team_domain": people.TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel.payload_name(),
        "user_id": user,
        "user_name": state.workspace.users[user].handle,
        "command": name,
        "text": text,
        "api_app_id": people.APP_ID,
        "is_enterprise_install": str(state.workspace.is_org_install).lower(),
        "response_url": state.issue_response_url("commands", user, channel.id),
        "trigger_id": state.issue_trigger(user, channel=channel.id),
    }


def _team_of(state: State, user: str) -> str:
    """Return the workspace in which a person acts: of an org-wide install, any of the organization's."""
    teams = state.workspace.users[user].grid_teams
    elsewhere = state.workspace.is_org_install and teams and people.TEAM_ID not in teams
    return teams[0] if elsewhere else people.TEAM_ID


def _interaction(state: State, kind: str, user: str) -> Json:
    account = state.workspace.users[user]
    enterprise = state.workspace.enterprise_id
    grid = {"enterprise_id": enterprise, "enterprise_name": people.ENTERPRISE_NAME} if enterprise else {}
    return {
        "type": kind,
        "user": {"id": user, "username": account.handle, "name": account.handle, "team_id": account.team_id},
        "api_app_id": people.APP_ID,
        "token": VERIFICATION_TOKEN,
        "team": {"id": _team_of(state, user), "domain": people.TEAM_DOMAIN, **grid},
        "enterprise": {"id": enterprise, "name": people.ENTERPRISE_NAME} if enterprise else None,
        "is_enterprise_install": state.workspace.is_org_install,
    }


def _message(state: State, message: Message) -> Json:
    workspace = state.workspace
    found = message.to_slack(files=[workspace.files[one].to_slack(state.url) for one in message.files])
    author = workspace.users.get(message.user)
    if author is not None:
        found["team"] = author.team_id
    root = workspace.message(message.channel, message.thread_ts or message.ts)
    if message.is_reply and root is not None:
        found["parent_user_id"] = root.user
    return found


def _message_container(message: Message) -> Json:
    found: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.visible_to is not None,
    }
    if message.thread_ts:
        found["thread_ts"] = message.thread_ts
    return found


def block_actions(
    state: State, user: str, one: Placed, held: Json, *, message: Message | None = None, view: View | None = None
) -> Json:
    """Make the payload for a use of an element. ``held`` is the element's own value now."""
    payload = _interaction(state, "block_actions", user)
    if message is not None:
        channel = state.workspace.channels[message.channel]
        values = View("", user, {}, "", "", entered=state.workspace.message_state(user, message)).state()
        payload |= {
            "container": _message_container(message),
            "trigger_id": state.issue_trigger(user, channel=channel.id),
            "channel": {"id": channel.id, "name": channel.payload_name()},
            "state": values,
            "response_url": state.issue_response_url(
                "actions", user, channel.id, message_ts=message.ts, thread_ts=message.thread_ts
            ),
        }
        if message.visible_to is None:
            payload["message"] = _message(state, message)
    elif view is not None:
        is_modal = view.type == "modal"
        payload |= {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": state.issue_trigger(user, view_id=view.id if is_modal else None),
            "view": view.to_slack(),
        }
    action: Json = {"action_id": one.action_id, "block_id": one.block_id}
    action |= {key: value for key, value in held.items() if key != "type"}
    if one.type == "button":
        action["text"] = one.element["text"]
        action |= {key: one.element[key] for key in ("value", "style", "url") if key in one.element}
    if one.type in {"static_select", "external_select"} and one.element.get("placeholder"):
        action["placeholder"] = one.element["placeholder"]
    action["type"] = one.type
    action["action_ts"] = state.workspace.stamps.ts()
    payload["actions"] = [action]
    return payload


def block_suggestion(
    state: State, user: str, one: Placed, query: str, *, message: Message | None = None, view: View | None = None
) -> Json:
    """Make the payload for words typed into a menu whose options come from the app."""
    payload = _interaction(state, "block_suggestion", user)
    payload |= {"action_id": one.action_id, "block_id": one.block_id, "value": query}
    if message is not None:
        channel = state.workspace.channels[message.channel]
        payload |= {
            "container": _message_container(message),
            "channel": {"id": channel.id, "name": channel.payload_name()},
            "message": _message(state, message),
        }
    elif view is not None:
        payload |= {"container": {"type": "view", "view_id": view.id}, "view": view.to_slack()}
    return payload


def view_submission(state: State, view: View) -> Json:
    """Make the payload of a submitted modal."""
    return _interaction(state, "view_submission", view.user) | {
        "trigger_id": state.issue_trigger(view.user, view_id=view.id),
        "view": view.to_slack(),
        "response_urls": _response_urls(state, view),
    }


def _response_urls(state: State, view: View) -> list[Json]:
    """Issue one for each conversations_select with ``response_url_enabled`` that has a conversation chosen."""
    found = []
    for one in elements.placed(view.blocks):
        if one.element.get("response_url_enabled") and one.type in {"conversations_select", "channels_select"}:
            channel = elements.simple(view.entered[one.block_id, one.action_id])
            if channel:
                found.append(
                    {
                        "block_id": one.block_id,
                        "action_id": one.action_id,
                        "channel_id": channel,
                        "response_url": state.issue_response_url("app", view.user, channel),
                    }
                )
    return found


def view_closed(state: State, view: View, *, cleared: bool) -> Json:
    """Make the payload of a closed modal that asked to be told. ``cleared``: the whole stack at once."""
    return _interaction(state, "view_closed", view.user) | {"view": view.to_slack(), "is_cleared": cleared}


def shortcut(state: State, user: str, callback_id: str) -> Json:
    """Make the payload of a global shortcut. It has no channel, and so no response_url, and no name of the person."""
    payload = _interaction(state, "shortcut", user)
    del payload["user"]["name"]
    return payload | {
        "callback_id": callback_id,
        "trigger_id": state.issue_trigger(user),
        "action_ts": state.workspace.stamps.ts(),
    }


def message_action(state: State, callback_id: str, user: str, message: Message) -> Json:
    """Make the payload of a message shortcut: the whole message, also where the app is no member."""
    channel = state.workspace.channels[message.channel]
    return _interaction(state, "message_action", user) | {
        "callback_id": callback_id,
        "trigger_id": state.issue_trigger(user, channel=channel.id),
        "action_ts": state.workspace.stamps.ts(),
        "channel": {"id": channel.id, "name": channel.payload_name()},
        "message_ts": message.ts,
        "message": _message(state, message),
        "response_url": state.issue_response_url("app", user, channel.id, thread_ts=message.thread_ts),
    }


def event_callback(state: State, event: Json) -> Json:
    """Put an event into its envelope. The same event_id comes with every retry."""
    enterprise = state.workspace.enterprise_id
    is_org_wide = state.workspace.is_org_install
    return ({"enterprise_id": enterprise} if enterprise else {}) | {
        "token": VERIFICATION_TOKEN,
        "team_id": people.TEAM_ID,
        "context_team_id": people.TEAM_ID,
        "context_enterprise_id": enterprise,
        "api_app_id": people.APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": ids.object_id("Ev"),
        "event_time": int(state.workspace.now()),
        "authorizations": [
            {
                "enterprise_id": enterprise,
                "team_id": None if is_org_wide else people.TEAM_ID,
                "user_id": people.BOT_USER,
                "is_bot": True,
                "is_enterprise_install": is_org_wide,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": "4-" + ids.token(40),
    }


def message_event(state: State, message: Message, **more: Any) -> Json:
    """Make a ``message.im`` or ``message.channels`` event."""
    channel = state.workspace.channels[message.channel]
    kind = "im" if channel.is_dm else "group" if channel.is_private else "channel"
    return _message(state, message) | {
        "channel": channel.id,
        "event_ts": message.ts,
        "channel_type": kind,
        **more,
    }


def function_executed(state: State, execution: Execution, function: Json) -> Json:
    """Make the event of an execution of a function. It says nothing of who started the workflow."""
    made = int(state.workspace.now())
    return {
        "type": "function_executed",
        "function": {
            "id": "Fn" + execution.callback_id.upper().replace("_", "")[:9],
            "callback_id": execution.callback_id,
            "title": function["title"],
            "description": function["description"],
            "type": "app",
            "input_parameters": list(function["input_parameters"].values()),
            "output_parameters": list(function["output_parameters"].values()),
            "app_id": people.APP_ID,
            "date_created": made,
            "date_updated": made,
            "date_deleted": 0,
        },
        "inputs": execution.inputs,
        "function_execution_id": execution.id,
        "workflow_execution_id": ids.object_id("Wx"),
        "event_ts": state.workspace.stamps.ts(),
        "bot_access_token": execution.token,
    }
