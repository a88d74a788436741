"""A person at a screen: what a test or a script does in the workspace, and what it then sees."""

import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from bot.sandbox.slack.errors import NotPossible
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.model import Json, Message
from bot.sandbox.slack.people import User
from bot.sandbox.slack.snapshots import Outcome, Shown, ShownMessage, ShownView, message_data, view_data
from bot.sandbox.slack.state import State

T = TypeVar("T")

#: Seconds that ``wait_for`` waits unless told otherwise: an app's work behind its ack takes far less, also while a
#: machine is busy with other tests.
PATIENCE: Final = 20.0

#: Seconds between two looks while nothing changes in the workspace: short beside what a person would notice.
GLANCE: Final = 0.05


class Person:
    """One person's client. Every method may be called from any thread; acts block until the app has answered.

    Raises :class:`~bot.sandbox.slack.errors.SlackTrouble` where the app fails, with the words that Slack shows, and
    :class:`~bot.sandbox.slack.errors.NotPossible` where the screen does not offer what is asked for.
    """

    def __init__(self, state: State, interactions: Interactions, events: Events, account: User) -> None:
        self._state = state
        self._workspace = state.workspace
        self._interactions = interactions
        self._events = events
        self.account = account
        self.id = account.id

    def __repr__(self) -> str:
        return f"<Person {self.account.handle} {self.id}>"

    # Acts ------------------------------------------------------------------------------------------------------------

    def command(self, name: str, text: str = "", *, channel: str | None = None) -> Outcome:
        """Type a slash command; in the direct messages with the app unless a channel (name or id) is given."""
        return self._interactions.command(self.id, name, text, self._channel(channel))

    def click(self, on: Shown, action_id: str, block_id: str | None = None, *, confirm: bool = True) -> Outcome:
        """Press a button. Where it asks "Are you sure?", ``confirm`` is the answer; without a yes nothing is sent."""
        element = on.find(action_id, block_id).element
        if element.get("confirm") and not confirm:
            return Outcome(modals=self.modals, delivered=False)
        return self._interactions.use(self.id, on, action_id, block_id)

    def select(
        self,
        on: Shown,
        action_id: str,
        value: Any,
        *,
        block_id: str | None = None,
        values: Json | None = None,
        confirm: bool = True,
    ) -> Outcome:
        """Choose in a menu, tick boxes, pick a date. ``value`` is an option's value, an id, or a list of them.

        Sends nothing where the element is in an input block without ``dispatch_action``. ``action_id`` may also be
        the id of the block, where that holds one element.
        """
        action_id, block_id = self._addressed(on, action_id, block_id)
        if on.find(action_id, block_id).element.get("confirm") and not confirm:
            return Outcome(modals=self.modals, delivered=False)
        return self._interactions.use(self.id, on, action_id, block_id, value=value, values=values)

    def type(self, on: Shown, action_id: str, text: str, *, block_id: str | None = None) -> Outcome:
        """Type into a text field (replacing what it held)."""
        return self.select(on, action_id, text, block_id=block_id)

    def options(self, on: Shown, action_id: str, query: str, *, block_id: str | None = None) -> list[Json]:
        """Type into a menu that asks the app; return the options that it offers, those of groups too."""
        action_id, block_id = self._addressed(on, action_id, block_id)
        found = self._interactions.options(self.id, on, action_id, block_id, query)
        return [*found["options"], *(option for group in found["option_groups"] for option in group["options"])]

    def submit(self, view: ShownView, values: Json | None = None) -> Outcome:
        """Fill in fields, ``{block_id: value}``, and press the modal's submit button."""
        return self._interactions.submit(self.id, view.id, values or {})

    def close(self, view: ShownView | None = None, *, everything: bool = False) -> Outcome:
        """Press the close button of the modal on top; ``everything``: close the whole stack."""
        view = view or self.modal
        if view is None:
            raise NotPossible("There is no modal to close")
        return self._interactions.close(self.id, view.id, everything=everything)

    def shortcut(self, callback_id: str) -> Outcome:
        """Choose a global shortcut."""
        return self._interactions.shortcut(self.id, callback_id)

    def message_shortcut(self, callback_id: str, message: ShownMessage) -> Outcome:
        """Choose a shortcut from a message's menu."""
        return self._interactions.message_shortcut(self.id, callback_id, message.channel, message.ts)

    def open_home(self) -> ShownView | None:
        """Open the app's Home tab; return what it shows once the app was told."""
        self._events.open_home(self.id)
        return self.home

    def say(
        self, text: str, *, channel: str, thread_ts: str | None = None, files: tuple[str, ...] = ()
    ) -> ShownMessage:
        """Write a message into a channel (name or id)."""
        outcome = self._events.say(self.id, self._channel(channel), text, thread_ts=thread_ts, files=files)
        assert outcome.message is not None  # noqa: S101 - say() always has one; this is for the type checker
        return outcome.message

    def dm_app(self, text: str) -> ShownMessage:
        """Write to the app."""
        return self.say(text, channel=self.dm_channel)

    def upload(self, name: str, content: bytes) -> str:
        """Upload a file; return its id, which is the value for a file input, or goes with a message."""
        return self._events.upload(self.id, name, content).id

    # What is on the screen ----------------------------------------------------------------------------------------

    @property
    def dm_channel(self) -> str:
        """Return the id of the direct messages with the app."""
        return self._workspace.dm(self.id).id

    @property
    def modals(self) -> list[ShownView]:
        """Return the open modals, bottom first."""
        return self._interactions.modals(self.id)

    @property
    def modal(self) -> ShownView | None:
        """Return the modal on top."""
        found = self.modals
        return found[-1] if found else None

    @property
    def home(self) -> ShownView | None:
        """Return the app's Home tab, as last published."""
        with self._workspace.lock:
            view = self._workspace.homes.get(self.id)
            return None if view is None else ShownView(view_data(view))

    def messages(self, channel: str, *, thread_ts: str | None = None) -> list[ShownMessage]:
        """Return what the person sees in a channel (name or id), own ephemerals included, oldest first.

        Replies are left out, unless ``thread_ts`` names the thread to look into (its root comes first).
        """
        where = self._channel(channel)

        def belongs(message: Message) -> bool:
            return not message.is_reply if thread_ts is None else thread_ts in (message.ts, message.thread_ts)

        return self._shown(where, belongs)

    def _shown(self, where: str, belongs: Callable[[Message], bool]) -> list[ShownMessage]:
        self._interactions.channel(self.id, where)
        with self._workspace.lock:
            return [
                ShownMessage(message_data(self._state, message))
                for message in self._workspace.seen_by(self.id, where)
                if belongs(message)
            ]

    def dms(self) -> list[ShownMessage]:
        """Return the direct messages with the app."""
        return self.messages(self.dm_channel)

    def answers(self) -> list[ShownMessage]:
        """Return what this person alone sees, and the answers in the app's own conversation, where all see the same."""
        return [*self.ephemerals(), *self._shown(self.dm_channel, lambda message: message.answer_to == self.id)]

    def ephemerals(self, channel: str | None = None) -> list[ShownMessage]:
        """Return what only this person sees, in one channel or (None) in all."""
        channels = [self._channel(channel)] if channel else [c.id for c in self._workspace.channels_of(self.id)]

        def belongs(message: Message) -> bool:
            return message.visible_to is not None and not message.is_reply

        return [shown for one in channels for shown in self._shown(one, belongs)]

    def now(self, shown: ShownMessage) -> ShownMessage:
        """Return the same message as it is by now."""
        with self._workspace.lock:
            return ShownMessage(message_data(self._state, self._interactions.message(self.id, shown.channel, shown.ts)))

    def wait_for(self, look: Callable[[], T | None], timeout: float = PATIENCE) -> T:
        """Look again at every change until there is something to see (anything true), and return that.

        Also every ``GLANCE`` seconds, for what changes elsewhere. Raises TimeoutError after ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            seq = self._workspace.event_log.seq
            found = look()  # not under the lock: it may itself act, and the app needs the workspace to answer
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{self.account.handle} waited {timeout} s and did not see it")
            self._workspace.event_log.wait_beyond(seq, min(left, GLANCE))

    def _channel(self, named: str | None) -> str:
        if named is None:
            return self.dm_channel
        return self._workspace.channel_named(named.removeprefix("#")) or named

    def _addressed(self, on: Shown, action_id: str, block_id: str | None) -> tuple[str, str | None]:
        """Take the id of a block that holds one element for that element's."""
        if block_id is None and action_id not in on.action_ids:
            for block in on.blocks:
                if block["block_id"] == action_id:
                    element = block.get("element") or block.get("accessory") or (block.get("elements") or [{}])[0]
                    return str(element.get("action_id")), action_id
        return action_id, block_id
