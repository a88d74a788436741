"""The Slack app manifest, made from the table of contents, so that it cannot drift."""

from collections.abc import Mapping
from typing import Any, Final

from handlers import COMMANDS, EVENTS, SHORTCUTS
from handlers.ids import Command, Shortcut

#: The fewest scopes that the job needs, each with its purpose.
SCOPES: Final[Mapping[str, str]] = {
    "commands": "the slash commands and the shortcuts",
    "chat:write": "cards and direct messages, also to people who never wrote to the app",
    "users:read": "who recipients and approvers are, how they write numbers, and who has the same name",
    "users:read.email": "where rewards go",
    "usergroups:read": "approvers, admins and recipients by user group",
    "channels:read": "whether the bot is in the approvals channel (kudos check), and which recipients are",
    "groups:read": "the same for a private channel",
}

#: Two more, where /kudos batch takes files (slack.files).
FILE_SCOPES: Final[Mapping[str, str]] = {
    "files:read": "lists of rewards that people upload",
    "files:write": "the same list, with what is wrong in it",
}

#: The description and the usage hint of each command.
_COMMANDS: Final[Mapping[Command, tuple[str, str]]] = {
    Command.KUDOS: ("Send a gift-card reward", "[@people] [amount] [message] | batch | report | help"),
    Command.ORDERS: ("See where rewards are", "[number | words to look for | filter | pending | help]"),
    Command.RESEND: ("Send a reward email again", "[order number] [template E000000]"),
}

#: The type, the name and the description of each shortcut.
_SHORTCUTS: Final[Mapping[Shortcut, tuple[str, str, str]]] = {
    Shortcut.SEND: ("global", "Send a reward", "Thank someone with a gift card"),
    Shortcut.REWARD_THIS: ("message", "Reward this", "Thank who wrote this message with a gift card"),
}


def build_manifest(*, request_url: str | None = None, files: bool = False) -> dict[str, Any]:
    """Return the manifest.

    Args:
        request_url: the address to which Slack posts in http mode; None for Socket Mode.
        files: whether /kudos batch takes files.
    """
    socket = request_url is None
    place = {} if socket else {"url": request_url}
    commands = [
        {
            "command": command.value,
            "description": _COMMANDS[command][0],
            "usage_hint": _COMMANDS[command][1],
            # Mentions arrive as <@U…>: two people may have the same name.
            "should_escape": True,
            **place,
        }
        for command in COMMANDS
    ]
    shortcuts = [
        {"type": kind, "name": name, "callback_id": shortcut.value, "description": description}
        for shortcut, (kind, name, description) in ((one, _SHORTCUTS[one]) for one in SHORTCUTS)
    ]
    interactivity: dict[str, Any] = {"is_enabled": True}
    if not socket:
        interactivity |= {"request_url": request_url, "message_menu_options_url": request_url}
    return {
        "display_information": {
            "name": "Kudos",
            "description": "Send gift-card rewards, with approval",
            "background_color": "#1f3d2f",
        },
        "features": {
            # A tab that is not turned on is off. Home needs its event and no scope. The Messages tab has every receipt
            # and reward; where it is read-only, Slack lets nobody type there, not even a command.
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "Kudos", "always_online": True},
            "shortcuts": shortcuts,
            "slash_commands": commands,
        },
        "oauth_config": {"scopes": {"bot": [*SCOPES, *(FILE_SCOPES if files else ())]}},
        "settings": {
            "event_subscriptions": {
                **({} if socket else {"request_url": request_url}),
                "bot_events": [event.value for event in EVENTS],
            },
            "interactivity": interactivity,
            "org_deploy_enabled": False,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
        },
    }
