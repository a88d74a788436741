"""The workspace as one person sees it, in the shapes of the control API."""

from typing import Final

from bot.sandbox.event_log import Event
from bot.sandbox.slack import people
from bot.sandbox.slack.delivery import Courier
from bot.sandbox.slack.functions import OPTIONS_SELECT
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.snapshots import channel_data, message_data, view_data
from bot.sandbox.slack.state import State

#: Events that say all there is to say of a thing.
REPEATING: Final = frozenset({"channel", "modals", "home", "app", "manifest", "people", "faults"})


class Screen:
    """Reads of the workspace in the control API's shapes."""

    def __init__(self, state: State, courier: Courier) -> None:
        self._state = state
        self._workspace = state.workspace
        self._courier = courier

    def people(self) -> list[Json]:
        """Return everybody."""
        return [account.to_page() for account in self._workspace.users.values()]

    def channels(self, user: str) -> list[Json]:
        """Return a person's sidebar."""
        with self._workspace.lock:
            return [channel_data(self._state, user, channel) for channel in self._workspace.channels_of(user)]

    def state(self, user: str) -> Json:
        """Return all that a page needs to start."""
        with self._workspace.lock:
            home = self._workspace.homes.get(user)
            channels = self.channels(user)  # before the number is read: a first look opens the app's messages
            return {
                "seq": self._workspace.event_log.seq,
                "team": self._state.team(),
                "app": {
                    "id": people.APP_ID,
                    "name": self._state.app_name,
                    "bot_user": people.BOT_USER,
                    "bot_id": people.BOT_ID,
                    "mode": self._courier.mode,
                },
                "me": self._workspace.users[user].to_page(),
                "people": self.people(),
                "usergroups": [
                    {"id": group.id, "handle": group.handle, "name": group.name, "users": group.users}
                    for group in self._workspace.usergroups.values()
                ],
                "channels": channels,
                "public_channels": {
                    room.id: room.name
                    for room in self._workspace.channels.values()
                    if not (room.is_dm or room.is_private)
                },
                **self.registered(),
                "modals": self.modals(user),
                "home": view_data(home) if home else None,
                "faults": self._state.faults.to_page(),
            }

    def registered(self) -> Json:
        """Return the commands, shortcuts and steps that the app's manifest registers."""
        commands = [
            {
                "command": one["command"],
                "description": one.get("description", ""),
                "usage_hint": one.get("usage_hint", ""),
            }
            for one in (self._state.commands or {}).values()
        ]
        return {
            "commands": commands,
            "shortcuts": [dict(one) for one in self._state.shortcuts],
            "steps": self._steps(),
        }

    def _steps(self) -> list[Json]:
        """Return the functions that a workflow can have as a step: not those that only fill a list."""
        return [
            {"callback_id": callback_id, **one}
            for callback_id, one in self._state.functions.items()
            if not any(given["type"] == OPTIONS_SELECT for given in one["output_parameters"].values())
        ]

    def modals(self, user: str) -> list[Json]:
        """Return a person's modals, bottom first."""
        return [view_data(view) for view in self._workspace.stack(user)]

    def messages(
        self,
        user: str,
        channel: str,
        *,
        limit: int,
        before: str | None = None,
        after: str | None = None,
        thread_ts: str | None = None,
    ) -> Json:
        """Return a page of a channel or a thread, oldest first."""
        with self._workspace.lock:
            found = [
                message
                for message in self._workspace.seen_by(user, channel)
                if (before is None or message.ts < before)
                and (after is None or message.ts > after)
                and (not message.is_reply if thread_ts is None else thread_ts in (message.ts, message.thread_ts))
            ]
            page = found[-limit:]
            return {
                "messages": [message_data(self._state, message) for message in page],
                "has_more": len(found) > len(page),
                "seq": self._workspace.event_log.seq,
            }

    def deliveries(self, limit: int) -> list[Json]:
        """Return what went to the app lately, newest first."""
        log = list(self._courier.log)
        return [
            {
                "id": entry.id,
                "type": entry.type,
                "at": entry.at,
                "transport": entry.transport,
                "ack_seconds": entry.ack_seconds,
                "status": entry.status,
                "payload": entry.payload,
                "ack": entry.ack,
                "error": entry.error,
            }
            for entry in reversed(log[-limit:] if limit > 0 else [])
        ]

    def event_data(self, user: str, event: Event) -> Json | None:
        """Return an event as this person may see it; None where it is none of their business."""
        with self._workspace.lock:
            if "channel" in event.data:
                return self._in_channel(user, event)
            if event.type == "modals":
                return {"modals": self.modals(user)}
            if event.type == "home":
                home = self._workspace.homes.get(user)
                return {"view": view_data(home)} if home else None
            if event.type == "manifest":
                return self.registered()
            if event.type == "people":
                return {"people": self.people()}
            return {"faults": self._state.faults.to_page()} if event.type == "faults" else {"mode": self._courier.mode}

    def _in_channel(self, user: str, event: Event) -> Json | None:
        channel = self._workspace.channels[event.data["channel"]]
        if event.type == "channel":
            hidden = channel.is_dm and channel.user != user
            return None if hidden else {"channel": channel_data(self._state, user, channel)}
        if not self._workspace.is_member(user, channel):
            return None
        if event.type == "message_deleted":
            return dict(event.data)
        message = self._workspace.message(channel.id, event.data["ts"])
        return None if message is None else {"channel": channel.id, "message": message_data(self._state, message)}
