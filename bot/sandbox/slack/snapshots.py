"""Snapshots of a person's screen: messages, views, channels, and the outcome of an act.

A snapshot does not change. A click on one that is out of date is what a person does whose screen is a moment behind.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.slack import elements
from bot.sandbox.slack.elements import Placed
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.model import Channel, Json, Message, View
from bot.sandbox.slack.state import State


class Shown:
    """A message or a view as it was on the screen. ``data`` is its JSON, as the control API gives it."""

    def __init__(self, data: Json) -> None:
        self.data = data

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.words!r}>"

    @property
    def blocks(self) -> list[Json]:
        """Return the blocks."""
        found: list[Json] = self.data["blocks"]
        return found

    @property
    def words(self) -> str:
        """Return every text of the blocks, in reading order, a line each; the plain text where there are none."""
        return "\n".join(texts(self.blocks)) or str(self.data.get("text") or "")

    @property
    def action_ids(self) -> list[str]:
        """Return the action_ids of the elements."""
        return [one.action_id for one in elements.placed(self.blocks)]

    @property
    def buttons(self) -> dict[str, str]:
        """Return the buttons: label → action_id."""
        found = elements.placed(self.blocks)
        return {one.element["text"]["text"]: one.action_id for one in found if one.type == "button"}

    def find(self, action_id: str, block_id: str | None = None) -> Placed:
        """Return the element of this action_id (in this block).

        Raises:
            NotPossible: it is not on the screen.
        """
        for one in elements.placed(self.blocks):
            if one.action_id == action_id and block_id in (None, one.block_id):
                return one
        raise NotPossible(f"There is no {action_id!r} on the screen, only {self.action_ids}")

    def block(self, block_id: str) -> Json:
        """Return the block of this id.

        Raises:
            NotPossible: there is none.
        """
        for block in self.blocks:
            if block["block_id"] == block_id:
                return block
        raise NotPossible(f"There is no block {block_id!r}, only {[block['block_id'] for block in self.blocks]}")


class ShownMessage(Shown):
    """A message on the screen."""

    @property
    def channel(self) -> str:
        """Return the channel's id."""
        return str(self.data["channel"])

    @property
    def ts(self) -> str:
        """Return the timestamp, which is the message's id in the channel."""
        return str(self.data["ts"])

    @property
    def text(self) -> str:
        """Return the ``text``: what notifications and screen readers get."""
        return str(self.data["text"])

    @property
    def user(self) -> str:
        """Return who wrote the message."""
        return str(self.data["user"])

    @property
    def ephemeral(self) -> bool:
        """Tell whether only this person sees it."""
        return bool(self.data["ephemeral"])

    @property
    def thread_ts(self) -> str | None:
        """Return the thread that the message belongs to."""
        found: str | None = self.data["thread_ts"]
        return found

    @property
    def edited(self) -> bool:
        """Tell whether the message was changed since it was posted."""
        return self.data["edited"] is not None


class ShownView(Shown):
    """A modal or a home tab on the screen."""

    @property
    def id(self) -> str:
        """Return the view's id."""
        return str(self.data["id"])

    @property
    def title(self) -> str:
        """Return the title."""
        return str(self.data["title"]["text"])

    @property
    def callback_id(self) -> str:
        """Return the callback_id."""
        return str(self.data["callback_id"])

    @property
    def private_metadata(self) -> str:
        """Return what the app put away in the view; it is not on the screen."""
        return str(self.data["private_metadata"])

    @property
    def entered(self) -> dict[str, dict[str, Any]]:
        """Return what the fields hold: block_id → action_id → plain value."""
        found: dict[str, dict[str, Any]] = self.data["entered"]
        return found

    @property
    def errors(self) -> dict[str, str]:
        """Return what is said in red under the fields: block_id → text."""
        found: dict[str, str] = self.data["errors"]
        return found


@dataclass(slots=True)
class Outcome:
    """The screen after an act.

    ``ephemerals``: shown to this person alone while the act ran; ``modals``: the person's stack after it, bottom first;
    ``errors``: block_id → text after a submit, ``delivered`` False where Slack itself refused to send it;
    ``closed``: the submitted or closed view is gone; ``message``: what the person posted.
    """

    ack_seconds: float | None = None
    ephemerals: list[ShownMessage] = field(default_factory=list)
    modals: list[ShownView] = field(default_factory=list)
    errors: dict[str, str] | None = None
    closed: bool = False
    message: ShownMessage | None = None
    delivered: bool = True
    ack: Any = None

    @property
    def modal(self) -> ShownView | None:
        """Return the modal on top."""
        return self.modals[-1] if self.modals else None

    @property
    def ephemeral(self) -> ShownMessage | None:
        """Return the last ephemeral of the act."""
        return self.ephemerals[-1] if self.ephemerals else None

    def to_page(self) -> Json:
        """Write the outcome as the control API gives it."""
        return {
            "ok": True,
            "ephemerals": [one.data for one in self.ephemerals],
            "modals": [one.data for one in self.modals],
            "errors": self.errors,
            "closed": self.closed,
            "message": self.message.data if self.message else None,
        }


def texts(part: Any) -> Iterator[str]:
    """Yield every text in a piece of Block Kit, in order. A confirm dialog is not on the screen until it asks."""
    if isinstance(part, list):
        for one in part:
            yield from texts(one)
    elif isinstance(part, dict):
        if isinstance(part.get("text"), str):
            yield part["text"]
        for key, value in part.items():
            if key not in {"confirm", "initial_option", "initial_options"} and isinstance(value, dict | list):
                yield from texts(value)


def message_data(state: State, message: Message) -> Json:
    """Write a message for the screen."""
    workspace = state.workspace
    replies = workspace.replies(message.channel, message.ts) if message.thread_ts in (None, message.ts) else []
    return {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "username": message.username,
        "bot_id": message.bot_id,
        "subtype": message.subtype,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "thread_ts": message.thread_ts,
        "reply_count": len(replies),
        "reply_users": list(dict.fromkeys(reply.user for reply in replies)),
        "latest_reply": replies[-1].ts if replies else None,
        "edited": message.edited,
        "ephemeral": message.visible_to is not None,
        "files": [workspace.files[one].to_slack(state.url) for one in message.files if one in workspace.files],
    }


def view_data(view: View) -> Json:
    """Write a view for the screen."""
    held: dict[str, dict[str, Any]] = {}
    for (block_id, action_id), value in view.entered.items():
        held.setdefault(block_id, {})[action_id] = elements.simple(value)
    return view.to_slack() | {"entered": held, "errors": dict(view.errors)}


def channel_data(state: State, user: str, channel: Channel) -> Json:
    """Write a channel for the sidebar of a person."""
    workspace = state.workspace
    unread = workspace.unread(user, channel.id)
    latest = next((m.ts for m in reversed(workspace.messages(channel.id)) if m.visible_to in (None, user)), "0")
    mention = f"<@{user}"
    return {
        "id": channel.id,
        "name": state.app_name if channel.is_dm else channel.name,
        "kind": "dm" if channel.is_dm else "channel",
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_member": workspace.is_member(user, channel),
        "topic": channel.topic,
        "members": list(channel.members),
        "unread": len(unread),
        "mentions": len(unread) if channel.is_dm else sum(mention in message.text for message in unread),
        "last_read": workspace.last_read.get((user, channel.id), "0"),
        "latest": latest,
    }
