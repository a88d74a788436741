"""The acts of people that Slack tells the app as events: posting, joining, profile changes, the Home tab.

Source: Slack docs, "Event types": app_home_opened, app_mention, message.im, message.channels, member_joined_channel,
user_change, team_join.
"""

from typing import Any, Final

from bot.sandbox.slack import payloads, people
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.model import Channel, Json, Message, StoredFile
from bot.sandbox.slack.people import User
from bot.sandbox.slack.snapshots import Outcome, ShownMessage, message_data
from bot.sandbox.slack.state import State
from bot.sandbox.slack.web_api.files import FILE_BYTES, new_file

#: Slack's composer turns longer messages into snippets.
MESSAGE_LENGTH: Final = 12_000


class Events:
    """Posting, joining, profile changes: each done, then told to the app where it subscribed."""

    def __init__(self, state: State, courier: Courier, interactions: Interactions) -> None:
        self._state = state
        self._workspace = state.workspace
        self._courier = courier
        self._interactions = interactions

    def tell(self, event: Json, *, subscription: str | None = None) -> None:
        """Deliver an event, if the app subscribed to it. Without a manifest: to all but the talk in channels."""
        name = subscription or str(event["type"])
        known = self._state.events
        wanted = name not in {"message.channels", "message.groups"} if known is None else name in known
        if wanted and self._courier.installed:
            event.setdefault("event_ts", self._workspace.stamps.ts())
            self._courier.deliver_event(payloads.event_callback(self._state, event))

    def open_home(self, user: str, tab: str = "home") -> Outcome:
        """Open the app's Home (or Messages) tab, if the app has it."""
        if not (self._state.home_enabled if tab == "home" else self._state.messages_enabled):
            raise NotPossible(f"The app's {tab} tab is off")
        before = self._workspace.homes.get(user)
        event: Json = {
            "type": "app_home_opened",
            "user": user,
            "channel": self._workspace.dm(user).id,
            "tab": tab,
        }
        if before is not None and tab == "home":
            event["view"] = before.to_slack()
        self.tell(event)
        return Outcome(modals=self._interactions.modals(user))

    def say(
        self, user: str, channel: str, text: str, *, thread_ts: str | None = None, files: tuple[str, ...] = ()
    ) -> Outcome:
        """Write a message, as a person does."""
        where = self._interactions.channel(user, channel)
        if where.is_dm and (self._state.messages_read_only or not self._state.messages_enabled):
            raise NotPossible("Sending messages to this app has been turned off")
        if not text.strip() and not files:
            raise NotPossible("There is nothing to send")
        if len(text) > MESSAGE_LENGTH:
            raise NotPossible("The message is too long")
        if thread_ts is not None:
            self._interactions.message(user, channel, thread_ts)
        for one in files:
            self._workspace.file(one)
        message = Message(
            channel=where.id,
            ts=self._workspace.stamps.ts(),
            user=user,
            text=payloads.escaped(self._state, text, by=user, names=False),
            thread_ts=thread_ts,
            files=list(files),
            subtype="file_share" if files else None,
        )
        self._workspace.post(message)
        self._tell_message(where, message)
        return Outcome(message=ShownMessage(message_data(self._state, message)), modals=self._interactions.modals(user))

    def _tell_message(self, where: Channel, message: Message) -> None:
        if people.BOT_USER not in where.members:
            return
        event = payloads.message_event(self._state, message)
        if where.is_dm:
            self.tell(event, subscription="message.im")
            return
        if f"<@{people.BOT_USER}>" in message.text:
            mention = {key: value for key, value in event.items() if key != "channel_type"}
            self.tell(mention | {"type": "app_mention"})
        self.tell(event, subscription="message.groups" if where.is_private else "message.channels")

    def upload(self, user: str, name: str, content: bytes) -> StoredFile:
        """Choose a file in a dialog; it is there for a message or a file input."""
        if len(content) > FILE_BYTES:
            raise NotPossible("The file is too large", code="file_too_large")
        return self._workspace.add_file(new_file(self._state, name or "file", user, content))

    def invite(self, user: str, channel: str, *, inviter: str) -> None:
        """Add somebody to a channel."""
        where = self._workspace.channels.get(channel)
        if where is None or where.is_dm:
            raise NotPossible(f"There is no channel {channel} to join", code="channel_not_found")
        if user in where.members:
            return
        where.members.append(user)
        self._workspace.save_channel(where)
        if people.BOT_USER in where.members:
            self.tell(
                {
                    "type": "member_joined_channel",
                    "user": user,
                    "channel": channel,
                    "channel_type": "G" if where.is_private else "C",
                    "team": people.TEAM_ID,
                    "inviter": inviter,
                }
            )

    def change_user(self, user: str, **fields: Any) -> None:
        """Change an account: a name, an address, ``deleted`` …; tell the app ``user_change``."""
        account = self._workspace.users[user]
        for name, value in fields.items():
            if name not in User.__slots__:
                raise AttributeError(f"An account has no {name!r}")
            setattr(account, name, value)
        account.updated = int(self._workspace.now())
        self._workspace.event_log.publish("people")
        self.tell({"type": "user_change", "user": account.to_slack(), "cache_ts": account.updated})

    def add_user(self, account: User) -> None:
        """Add a colleague; tell the app ``team_join``."""
        self._workspace.users[account.id] = account
        self._workspace.event_log.publish("people")
        self.tell({"type": "team_join", "user": account.to_slack()})
