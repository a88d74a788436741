"""The Slack app manifest, made from the table of contents, so that it cannot drift."""

from collections.abc import Mapping
from typing import Any, Final

from handlers import COMMANDS, EVENTS, FUNCTIONS, SHORTCUTS
from handlers.bolt.doors import Door
from handlers.ids import Command, Function, Input, Output, Shortcut

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

#: The step in Workflow Builder: its inputs, each with its type, name, description and hint. All but the message are
#: required. `occasion` is asked for where the settings have occasions. Two have lists.
_STEP_INPUTS: Final[Mapping[Input, tuple[str, str, str, str]]] = {
    Input.RECIPIENT: (
        "slack#/types/user_id",
        "Recipient",
        "Who gets the reward",
        "A colleague. Guests can't get rewards.",
    ),
    Input.REWARD: ("string", "Reward", "The gift card", "Type to search."),
    Input.AMOUNT: ("string", "Amount", "How much they get", "Like 25 or 25.00, in the reward's currency."),
    Input.MESSAGE: ("string", "Message", "What they read with it", "An approver reads it first."),
    Input.OCCASION: ("string", "Occasion", "What it's for", "Type to search."),
}

#: The functions that fill lists, by the input.
_LISTS: Final[Mapping[Input, Function]] = {
    Input.REWARD: Function.REWARDS_ON_OFFER,
    Input.OCCASION: Function.OCCASIONS_ON_OFFER,
}


def build_manifest(
    *, request_url: str | None = None, files: bool = False, workflows: bool = False, occasions: bool = False
) -> dict[str, Any]:
    """Return the manifest.

    Args:
        request_url: the address to which Slack posts in http mode; None for Socket Mode.
        files: whether /kudos batch takes files.
        workflows: whether it has the step for Workflow Builder. Slack wants an app with a step to be ready for an
            organization; no scope is needed.
        occasions: whether that step asks for an occasion.
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
            "shortcuts": _shortcuts(),
            "slash_commands": commands,
        },
        "oauth_config": {"scopes": {"bot": [*SCOPES, *(FILE_SCOPES if files else ())]}},
        "settings": {
            "event_subscriptions": {
                **({} if socket else {"request_url": request_url}),
                "bot_events": [event.value for event in EVENTS] + ([Door.FUNCTION.value] if workflows else []),
            },
            "interactivity": interactivity,
            "org_deploy_enabled": workflows,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
            **({"function_runtime": "remote"} if workflows else {}),
        },
        **({"functions": _functions(occasions=occasions)} if workflows else {}),
    }


def _shortcuts() -> list[dict[str, Any]]:
    return [
        {"type": kind, "name": name, "callback_id": shortcut.value, "description": description}
        for shortcut, (kind, name, description) in ((one, _SHORTCUTS[one]) for one in SHORTCUTS)
    ]


def _functions(*, occasions: bool) -> dict[str, Any]:
    """Return the functions in the form of manifests of version 1, which these are (Slack docs, App manifest)."""
    inputs = [name for name in _STEP_INPUTS if occasions or name is not Input.OCCASION]
    made: dict[Function, dict[str, Any]] = {
        Function.ASK_FOR_REWARD: {
            "title": "Ask for a reward",
            "description": "Ask for a gift-card reward. It's sent once an approver agrees.",
            "input_parameters": {name.value: _step_input(name) for name in inputs},
            "output_parameters": {
                Output.REQUEST_NUMBER.value: _parameter(
                    Output.REQUEST_NUMBER, "string", "Request number", "Like R-8, for /orders"
                )
            },
        },
        Function.REWARDS_ON_OFFER: _list("Rewards"),
        Function.OCCASIONS_ON_OFFER: _list("Occasions"),
    }
    return {
        function.value: made[function]
        for function in FUNCTIONS
        if occasions or function is not Function.OCCASIONS_ON_OFFER
    }


def _list(title: str) -> dict[str, Any]:
    """Return the function that fills a list of the step."""
    return {
        "title": f"{title} on offer",
        "description": "Fills the list in Ask for a reward. It's of no use as a step of its own.",
        "input_parameters": {
            Input.QUERY.value: _parameter(Input.QUERY, "string", "Query", "What is typed", is_required=False)
        },
        "output_parameters": {
            Output.OPTIONS.value: _parameter(
                Output.OPTIONS, "slack#/types/options_select", title, f"The {title.lower()} that match"
            )
        },
    }


def _step_input(name: Input) -> dict[str, Any]:
    kind, title, description, hint = _STEP_INPUTS[name]
    made = _parameter(name, kind, title, description, is_required=name is not Input.MESSAGE) | {"hint": hint}
    return made | ({"dynamic_options": _filled_by(_LISTS[name])} if name in _LISTS else {})


def _filled_by(function: Function) -> dict[str, Any]:
    """Say which function fills a list, by what is typed (Slack docs, Custom Steps dynamic options)."""
    return {"function": f"#/functions/{function}", "inputs": {Input.QUERY.value: {"value": "{{client.query}}"}}}


def _parameter(
    name: Input | Output, kind: str, title: str, description: str, *, is_required: bool = True
) -> dict[str, Any]:
    return {"type": kind, "name": name.value, "title": title, "description": description, "is_required": is_required}
