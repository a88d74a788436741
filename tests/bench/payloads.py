"""What Slack sends when a form is submitted and when Approve is clicked, in Slack's shape and of its size."""

import json
import time
from itertools import count
from typing import Any, Final

from handlers.ids import Action, Block, View
from handlers.views.forms import ASKED_ABOUT
from tests.bench.cast import CHANNEL, TEAM, UTID

_numbers = count(1)
_MESSAGE: Final = "Thank you for the launch: nobody else would have seen that coming."
_LABELS: Final = ("Recipients", "Reward", "Amount for each", "Message", "Delivery", "More options")


def submission(manager: str, recipient: str) -> dict[str, Any]:
    """A filled-in form; each is another modal."""
    number = next(_numbers)
    option = {"text": _text("Reward Link"), "value": UTID}
    state = {
        Block.RECIPIENTS: {Action.RECIPIENTS: {"type": "multi_users_select", "selected_users": [recipient]}},
        Block.REWARD: {Action.REWARD: {"type": "external_select", "selected_option": option}},
        Block.AMOUNT: {Action.AMOUNT: {"type": "plain_text_input", "value": "25.00"}},
        Block.MESSAGE: {Action.MESSAGE: {"type": "plain_text_input", "value": _MESSAGE}},
    }
    # The blocks come back as they were sent; nobody reads them, but they must be parsed.
    blocks = [
        {
            "type": "input",
            "block_id": label.lower(),
            "label": _text(label),
            "hint": _text(_MESSAGE),
            "optional": False,
            "dispatch_action": False,
            "element": {"type": "plain_text_input", "action_id": label, "placeholder": _text(_MESSAGE)},
        }
        for label in _LABELS
    ]
    return _interaction("view_submission", manager) | {
        "view": {
            "id": f"V{number:010d}",
            "team_id": TEAM,
            "type": "modal",
            "blocks": blocks,
            # Everyone is given many rewards a day here: that is looked up all the same, and is meant.
            "private_metadata": json.dumps({ASKED_ABOUT: f"{UTID} {recipient}"}),
            "callback_id": View.REQUEST.value,
            "state": {"values": state},
            "hash": f"{number}.abcdef",
            "title": _text("Send a reward"),
            "close": _text("Cancel"),
            "submit": _text("Ask for approval"),
            "root_view_id": f"V{number:010d}",
            "app_id": "A00KUDOS0",
            "bot_id": "B00KUDOS0",
        },
        "response_urls": [],
    }


def approval(approver: str, reference: str, ts: str) -> dict[str, Any]:
    """A click on Approve, with the card that the button is on.

    Args:
        approver: who clicks.
        reference: of the request.
        ts: the card's, or empty where it is not posted yet: a click on another message would have that rewritten.
    """
    stamp = f"{time.time():.6f}"
    button = {
        "type": "button",
        "action_id": Action.APPROVE.value,
        "block_id": "decide",
        "text": _text("Approve 25.00 USD"),
        "value": reference,
        "style": "primary",
    }
    blocks: list[dict[str, Any]] = [
        {"type": "header", "block_id": "a", "text": _text("Reward request #12345")},
        {"type": "section", "block_id": "b", "fields": [_text(_MESSAGE) for _ in range(4)]},
        {"type": "section", "block_id": "c", "text": _text(_MESSAGE)},
        {"type": "actions", "block_id": "decide", "elements": [button, button | {"action_id": Action.DECLINE.value}]},
    ]
    return _interaction("block_actions", approver) | {
        "container": {"type": "message", "message_ts": ts, "channel_id": CHANNEL, "is_ephemeral": False},
        "channel": {"id": CHANNEL, "name": "approvals"},
        "message": {"type": "message", "user": "U00KUDOS0", "ts": stamp, "text": _MESSAGE, "blocks": blocks},
        "state": {"values": {}},
        "response_url": "http://127.0.0.1:9/actions/T/1/x",
        "actions": [button | {"action_ts": stamp}],
    }


def _text(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words, "emoji": True}


def _interaction(kind: str, user: str) -> dict[str, Any]:
    return {
        "type": kind,
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": TEAM},
        "api_app_id": "A00KUDOS0",
        "token": "unused",
        "trigger_id": f"{next(_numbers)}.1.abcdef",
        "team": {"id": TEAM, "domain": "acme"},
        "enterprise": None,
        "is_enterprise_install": False,
    }
