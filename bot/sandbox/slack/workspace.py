"""The workspace's memory: people, channels, messages, modals, home tabs, files, unread marks.

Everything here is done under one re-entrant lock and logged as an event; nothing here talks to the app.
"""

import bisect
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from bot.sandbox.event_log import EventLog
from bot.sandbox.slack import elements, people
from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.ids import Stamps, object_id
from bot.sandbox.slack.model import Channel, Json, Message, StoredFile, View
from bot.sandbox.slack.seed import seeded_channels, seeded_usergroups, seeded_users
from bot.sandbox.slack.store import Store
from bot.sandbox.slack.versions import Versions

MessageKey = tuple[str, str]


class Workspace:
    """Acme, as it is now. ``store`` keeps messages, channels, homes and files over a restart of the demo."""

    def __init__(self, *, now: Callable[[], float] = time.time, store: Store, seed: bool = True) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.event_log = EventLog(self.changed)
        self.now = now
        self.stamps = Stamps(now)
        self.users = {user.id: user for user in (seeded_users() if seed else [])}
        self.usergroups = {group.id: group for group in (seeded_usergroups() if seed else [])}
        self.enterprise_id: str | None = None
        self.is_org_install = False
        self.channels: dict[str, Channel] = {}
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, StoredFile] = {}
        self.entered: dict[tuple[str, str, str], dict[tuple[str, str], Json]] = {}
        self.versions = Versions()
        self.last_read: dict[tuple[str, str], str] = {}
        self._messages: dict[str, list[Message]] = {}
        self._threads: dict[MessageKey, list[Message]] = {}
        self._store = store
        self._restore()
        if seed and not self.channels:
            for channel in seeded_channels():
                self.add_channel(channel)

    def _restore(self) -> None:
        for fields in self._store.all("channel"):
            channel = Channel(**fields)
            self.channels[channel.id] = channel
            self._messages.setdefault(channel.id, [])
        for fields in self._store.all("message"):
            message = Message(**fields)
            self._append(message)
            self.stamps.after(message.ts)
        for fields in self._store.all("read"):
            self.last_read[fields["user"], fields["channel"]] = fields["ts"]
        for fields in self._store.all("home"):
            home = View(**fields)
            home.entered = elements.initial_state(home.blocks)
            self.homes[home.user] = home
        self.files.update((stored.id, stored) for stored in self._store.all_files())

    # People -------------------------------------------------------------------------------------------------------

    def user_by_handle(self, handle: str) -> str | None:
        """Return the id of the person whose handle this is."""
        return next((user.id for user in self.users.values() if user.handle == handle), None)

    def is_member(self, user: str, channel: Channel) -> bool:
        """Tell whether the person has this conversation in the sidebar."""
        return channel.user == user or user in channel.members

    # Channels -----------------------------------------------------------------------------------------------------

    def add_channel(self, channel: Channel) -> Channel:
        """Create a channel."""
        with self.lock:
            self.channels[channel.id] = channel
            self._messages.setdefault(channel.id, [])
            self.save_channel(channel)
        return channel

    def save_channel(self, channel: Channel) -> None:
        """Keep a channel's change, and log it."""
        self._store.put("channel", channel.id, channel)
        self.event_log.publish("channel", channel=channel.id)

    def dm(self, user: str) -> Channel:
        """Return the app's direct messages with a person; open them where they were not."""
        with self.lock:
            identifier = "D" + user[1:]
            found = self.channels.get(identifier)
            if found is None:
                found = self.add_channel(Channel(identifier, "Kudos", [user, people.BOT_USER], user=user))
            return found

    def channel_named(self, name: str) -> str | None:
        """Return the id of the channel of this name."""
        return next((c.id for c in self.channels.values() if c.name == name and not c.is_dm), None)

    def channels_of(self, user: str) -> list[Channel]:
        """Return what is in a person's sidebar: the channels, then the app."""
        with self.lock:
            rooms = [c for c in self.channels.values() if not c.is_dm and user in c.members]
            return [*sorted(rooms, key=lambda c: c.name), self.dm(user)]

    # Messages -----------------------------------------------------------------------------------------------------

    def post(self, message: Message) -> Message:
        """Append a message."""
        with self.lock:
            self._append(message)
            self._store.put("message", f"{message.channel}/{message.ts}", message)
            if message.user in self.users and not message.visible_to:
                self._mark(message.user, message.channel, message.ts)
            self.event_log.publish("message", user=message.visible_to, channel=message.channel, ts=message.ts)
            if message.is_reply and message.thread_ts:
                self.event_log.publish(
                    "message_changed", user=message.visible_to, channel=message.channel, ts=message.thread_ts
                )
            self.event_log.publish("channel", user=message.visible_to, channel=message.channel)
        return message

    def _append(self, message: Message) -> None:
        """Put a message at its place: last, unless two were stamped in one order and came in the other."""
        bisect.insort(self._messages.setdefault(message.channel, []), message, key=lambda one: one.ts)
        if message.thread_ts not in (None, message.ts):
            thread = self._threads.setdefault((message.channel, str(message.thread_ts)), [])
            bisect.insort(thread, message, key=lambda one: one.ts)

    def message(self, channel: str, ts: str) -> Message | None:
        """Return the message at this place, if it is (still) there."""
        with self.lock:
            messages = self._messages.get(channel, [])
            at = bisect.bisect_left(messages, ts, key=lambda message: message.ts)
            return messages[at] if at < len(messages) and messages[at].ts == ts else None

    def messages(self, channel: str) -> list[Message]:
        """Return all messages of a channel, oldest first, whoever may see them."""
        with self.lock:
            return list(self._messages.get(channel, ()))

    def seen_by(self, user: str, channel: str) -> list[Message]:
        """Return what a person sees there, their own ephemerals included."""
        return [m for m in self.messages(channel) if m.visible_to in (None, user)]

    def replies(self, channel: str, thread_ts: str) -> list[Message]:
        """Return the replies of a thread, without its root."""
        with self.lock:
            return list(self._threads.get((channel, thread_ts), ()))

    def save_message(self, message: Message) -> None:
        """Keep a message's change, and log it."""
        with self.lock:
            self._store.put("message", f"{message.channel}/{message.ts}", message)
            self.event_log.publish("message_changed", user=message.visible_to, channel=message.channel, ts=message.ts)

    def delete(self, message: Message) -> None:
        """Remove a message."""
        with self.lock:
            self._messages[message.channel].remove(message)
            thread = self._threads.get((message.channel, str(message.thread_ts)), [])
            if message in thread:
                thread.remove(message)
            self._store.put("message", f"{message.channel}/{message.ts}", None)
            self.event_log.publish("message_deleted", user=message.visible_to, channel=message.channel, ts=message.ts)

    def read(self, user: str, channel: str, ts: str | None = None) -> None:
        """Mark what the person has read; all of it, unless ``ts`` says how far."""
        with self.lock:
            messages = self._messages.get(channel)
            self._mark(user, channel, ts or (messages[-1].ts if messages else "0"))
            self.event_log.publish("channel", user=user, channel=channel)

    def _mark(self, user: str, channel: str, ts: str) -> None:
        if ts > self.last_read.get((user, channel), "0"):
            self.last_read[user, channel] = ts
            self._store.put("read", f"{user}/{channel}", {"user": user, "channel": channel, "ts": ts})

    def unread(self, user: str, channel: str) -> list[Message]:
        """Return the messages after the person's mark."""
        with self.lock:
            messages = self._messages.get(channel, [])
            mark = self.last_read.get((user, channel), "0")
            at = bisect.bisect_right(messages, mark, key=lambda message: message.ts)
            return [m for m in messages[at:] if m.visible_to in (None, user) and m.user != user and not m.is_reply]

    def message_state(self, user: str, message: Message) -> dict[tuple[str, str], Json]:
        """Return what a person has chosen in a message's menus."""
        with self.lock:
            key = (user, message.channel, message.ts)
            found = elements.initial_state(message.blocks, self.entered.get(key))
            self.entered[key] = found
            return found

    # Modals and home tabs -----------------------------------------------------------------------------------------

    def stack(self, user: str) -> list[View]:
        """Return a person's modals, the bottom one first."""
        with self.lock:
            return list(self.modals.get(user, ()))

    def set_stack(self, user: str, stack: Iterable[View]) -> None:
        """Replace a person's modals."""
        with self.lock:
            self.modals[user] = list(stack)
            self.event_log.publish("modals", user=user)

    def new_view(self, user: str, body: Json, *, previous: View | None = None, channel: str | None = None) -> View:
        """Make a view of this body, not yet shown. ``channel``: where the person was who asked for it."""
        body = stored_body(body)
        identifier = object_id("V")
        return View(
            id=identifier,
            user=user,
            body=body,
            hash=self.stamps.view_hash(),
            root_view_id=previous.root_view_id if previous else identifier,
            previous_view_id=previous.id if previous else None,
            entered=elements.initial_state(body["blocks"], channel=channel),
        )

    def replace_view(self, view: View, body: Json) -> None:
        """Give a view a new body; what was typed stays where the ids stayed."""
        with self.lock:
            if view.type == "home":
                self.versions.keep(view.id, view.hash, view.blocks)
            view.body = stored_body(body)
            view.hash = self.stamps.view_hash()
            view.entered = elements.initial_state(view.blocks, view.entered)
            view.errors = {}
            self.tell_view(view)

    def tell_view(self, view: View) -> None:
        """Log a view's change."""
        with self.lock:
            if view.type == "home":
                self._store.put("home", view.user, _stored_view(view))
                self.event_log.publish("home", user=view.user)
            else:
                self.event_log.publish("modals", user=view.user)

    def view(self, identifier: str) -> View | None:
        """Return an open modal or a home tab, by its id."""
        with self.lock:
            for stack in self.modals.values():
                for view in stack:
                    if view.id == identifier:
                        return view
            return next((home for home in self.homes.values() if home.id == identifier), None)

    def view_by_external_id(self, external_id: str) -> View | None:
        """Return an open modal or a home tab, by the id its app gave it."""
        with self.lock:
            every = [*self.homes.values(), *(view for stack in self.modals.values() for view in stack)]
            return next((view for view in every if view.body.get("external_id") == external_id), None)

    # Files --------------------------------------------------------------------------------------------------------

    def add_file(self, stored: StoredFile) -> StoredFile:
        """Keep an uploaded file."""
        with self.lock:
            self.files[stored.id] = stored
            self._store.put_file(stored)
        return stored

    def file(self, identifier: str) -> StoredFile:
        """Return a file by id.

        Raises:
            NotPossible: there is none.
        """
        found = self.files.get(identifier)
        if found is None:
            raise NotPossible(f"There is no file {identifier}", code="file_not_found")
        return found


def stored_body(body: Json) -> Json:
    """Return a view's body as Slack stores it."""
    found = dict(body)
    found["blocks"] = elements.normalized(body.get("blocks") or [])
    for key in ("title", "submit", "close"):
        found[key] = elements.normalized_text(body.get(key))
    return found


def _stored_view(view: View) -> dict[str, Any]:
    return {
        "id": view.id,
        "user": view.user,
        "body": view.body,
        "hash": view.hash,
        "root_view_id": view.root_view_id,
    }
