"""The records of the workspace: channels, messages, views, files. Each knows how Slack writes it."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.sandbox.slack import people

Json = dict[str, Any]


@dataclass(slots=True)
class Channel:
    """A channel, or (``user`` set) the direct messages between one person and the app."""

    id: str
    name: str
    members: list[str]
    topic: str = ""
    purpose: str = ""
    is_private: bool = False
    is_archived: bool = False
    user: str | None = None
    created: int = 1_700_000_000

    @property
    def is_dm(self) -> bool:
        """Tell whether these are the app's direct messages with one person."""
        return self.user is not None

    def payload_name(self) -> str:
        """Return the name in payloads: Slack hides the names of private channels and direct messages there."""
        if self.is_dm:
            return "directmessage"
        return "privategroup" if self.is_private else self.name

    def to_slack(self, *, num_members: bool = False) -> Json:
        """Return the conversation object of ``conversations.info``."""
        if self.is_dm:
            return {
                "id": self.id,
                "created": self.created,
                "is_im": True,
                "is_org_shared": False,
                "user": self.user,
                "is_archived": False,
                "is_user_deleted": False,
                "priority": 0,
            }
        found = {
            "id": self.id,
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.is_private,
            "is_group": self.is_private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.is_private,
            "is_archived": self.is_archived,
            "is_general": self.id == people.GENERAL,
            "is_shared": False,
            "is_ext_shared": False,
            "is_org_shared": False,
            "is_member": people.BOT_USER in self.members,
            "created": self.created,
            "creator": people.ADA,
            "context_team_id": people.TEAM_ID,
            "topic": {"value": self.topic, "creator": people.ADA, "last_set": self.created},
            "purpose": {"value": self.purpose, "creator": people.ADA, "last_set": self.created},
        }
        if num_members:
            found["num_members"] = len(self.members)
        return found


@dataclass(slots=True)
class StoredFile:
    """An uploaded file. ``url_private`` needs the bot's token, or a person of the workspace."""

    id: str
    name: str
    mimetype: str
    user: str
    created: int
    content: bytes = b""
    title: str = ""
    channels: list[str] = field(default_factory=list)

    def to_slack(self, base_url: str) -> Json:
        """Return the file object."""
        kind = self.name.rpartition(".")[2].lower() if "." in self.name else "text"
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": kind,
            "pretty_type": kind.upper(),
            "user": self.user,
            "user_team": people.TEAM_ID,
            "editable": False,
            "size": len(self.content),
            "mode": "hosted",
            "is_external": False,
            "is_public": False,
            "url_private": f"{base_url}/files-pri/{people.TEAM_ID}-{self.id}/{self.name}",
            "url_private_download": f"{base_url}/files-pri/{people.TEAM_ID}-{self.id}/download/{self.name}",
            "permalink": f"{base_url}/files/{self.user}/{self.id}/{self.name}",
            "channels": [c for c in self.channels if c.startswith("C")],
            "ims": [c for c in self.channels if c.startswith("D")],
            "groups": [],
        }


@dataclass(slots=True)
class Message:
    """A message. ``visible_to`` names the one person who sees an ephemeral one.

    ``username`` is the name that an incoming webhook gives itself: its messages have no ``user``.
    ``answer_to`` is the person whose act the message answers, by the ack or by a response_url.
    """

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    bot_id: str | None = None
    subtype: str | None = None
    thread_ts: str | None = None
    edited: Json | None = None
    visible_to: str | None = None
    files: list[str] = field(default_factory=list)
    metadata: Json | None = None
    username: str = ""
    answer_to: str | None = None

    @property
    def is_reply(self) -> bool:
        """Tell whether the message is shown in a thread and not in the channel."""
        return self.thread_ts is not None and self.thread_ts != self.ts and self.subtype != "thread_broadcast"

    def to_slack(self, *, with_metadata: bool = False, files: Iterable[Json] = ()) -> Json:
        """Return the message object of payloads and of the Web API."""
        found: Json = {
            "type": "message",
            "ts": self.ts,
            "text": self.text,
            "team": people.TEAM_ID,
            **({"username": self.username} if self.username else {"user": self.user}),
        }
        if self.subtype:
            found["subtype"] = self.subtype
        if self.bot_id and self.bot_id != people.BOT_ID:
            found["bot_id"] = self.bot_id
        elif self.bot_id:
            found |= {
                "bot_id": self.bot_id,
                "app_id": people.APP_ID,
                "bot_profile": {
                    "id": self.bot_id,
                    "deleted": False,
                    "name": "Kudos",
                    "updated": 1_700_000_000,
                    "app_id": people.APP_ID,
                    "user_id": self.user,
                    "team_id": people.TEAM_ID,
                },
            }
        if self.blocks:
            found["blocks"] = self.blocks
        if self.attachments:
            found["attachments"] = self.attachments
        if self.thread_ts:
            found["thread_ts"] = self.thread_ts
        if self.edited:
            found["edited"] = self.edited
        if with_metadata and self.metadata:
            found["metadata"] = self.metadata
        attached = list(files)
        if attached:
            found["files"] = attached
        if self.visible_to:
            found["is_ephemeral"] = True
        return found

    def stored(self) -> Json:
        """Return every field, also those that Slack shows to nobody."""
        return asdict(self)


@dataclass(slots=True)
class View:
    """A modal or a home tab of one person, in its present version.

    ``entered`` holds what the person put in: for each (block_id, action_id) the element's piece of ``state.values``.
    """

    id: str
    user: str
    body: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    entered: dict[tuple[str, str], Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def blocks(self) -> list[Json]:
        """Return the blocks, each with a ``block_id``."""
        found: list[Json] = self.body["blocks"]
        return found

    @property
    def type(self) -> str:
        """Return ``modal`` or ``home``."""
        return str(self.body["type"])

    def state(self) -> Json:
        """Return ``{"values": {block_id: {action_id: …}}}`` as payloads carry it."""
        values: Json = {}
        for (block, action), value in self.entered.items():
            values.setdefault(block, {})[action] = value
        return {"values": values}

    def to_slack(self) -> Json:
        """Return the view object of payloads and of the Web API."""
        body = self.body
        found: Json = {
            "id": self.id,
            "team_id": people.TEAM_ID,
            "type": body["type"],
            "blocks": body["blocks"],
            "private_metadata": body.get("private_metadata") or "",
            "callback_id": body.get("callback_id") or "",
            "state": self.state(),
            "hash": self.hash,
            "title": body.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
            "clear_on_close": bool(body.get("clear_on_close")),
            "notify_on_close": bool(body.get("notify_on_close")),
            "close": body.get("close"),
            "submit": body.get("submit"),
            "previous_view_id": self.previous_view_id,
            "root_view_id": self.root_view_id,
            "app_id": people.APP_ID,
            "external_id": body.get("external_id") or "",
            "app_installed_team_id": people.TEAM_ID,
            "bot_id": people.BOT_ID,
        }
        if body.get("submit_disabled") is not None:
            found["submit_disabled"] = body["submit_disabled"]
        return found
