"""Slack's payloads, parsed once. Nothing in them is believed beyond an id: rights are checked by who acted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bot.errors import StaleReference
from handlers.bolt.markup import as_written
from handlers.ids import WITH_WORDS

#: `<@U024BE7LH|rob>`, as Slack escapes a mention in a command's text (manifest: should_escape). Here and below a `<`
#: ends the try: else a text of thousands of them takes seconds.
_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")

#: What buttons and forms name a request or an order by: 128 random bits in hexadecimal (storage/migrations.py).
_REFERENCE: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """The place on Slack where somebody acted, and where an answer reaches them.

    Attributes:
        user_id: who acted.
        response_url: answers there: five times, for thirty minutes.
        channel_id: the channel or conversation.
        is_own: whether it is the app's own conversation with them, where answers are ordinary messages.
    """

    user_id: str
    response_url: str
    channel_id: str
    is_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """Somebody typed a command (Slack docs, Slash commands).

    Attributes:
        name: the command, with its slash.
        user_id: who typed it.
        text: what came after the command.
        trigger_id: opens a modal for three seconds.
        response_url: says more where the command was typed.
        channel_id: where the command was typed.
    """

    name: str
    user_id: str
    text: str
    trigger_id: str
    response_url: str
    channel_id: str = ""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "SlashCommand":
        """Parse the payload.

        Raises:
            KeyError: Slack always sends what is missing, so somebody made the payload by hand.
        """
        return cls(
            name=body["command"],
            user_id=body["user_id"],
            text=body.get("text", "").strip(),
            trigger_id=body["trigger_id"],
            response_url=body["response_url"],
            channel_id=body.get("channel_id", ""),
        )

    @property
    def spot(self) -> Spot:
        """Where the command was typed."""
        return Spot(user_id=self.user_id, response_url=self.response_url, channel_id=self.channel_id)

    @property
    def sub_command(self) -> str:
        """The text as the table of contents names a sub-command: small letters, one space between words.

        It is the first word alone where that is a sub-command with words after it.
        """
        first, *others = self.text.lower().split() or [""]
        return first if first in WITH_WORDS else " ".join([first, *others])

    def mentions(self) -> list[str]:
        """Return the user ids named in the text."""
        return _MENTION.findall(self.text)

    def words(self) -> list[str]:
        """Return the text without mentions, in words, as it was typed."""
        return self.rest().split()

    def rest(self) -> str:
        """Return the text without mentions, as it was typed, line breaks and all."""
        return as_written(_MENTION.sub(" ", self.text)).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenMessage:
    """The message from whose menu a shortcut was chosen.

    Attributes:
        author_id: who wrote it; empty where an app did that says no person.
        text: as Slack sends it, with its markup.
        channel_id: where it is; the bot may be no member there.
        ts: Slack's name for it.
    """

    author_id: str
    text: str
    channel_id: str
    ts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutChoice:
    """Somebody chose a shortcut (Slack docs, Shortcut and message_action payloads).

    Attributes:
        user_id: who chose it.
        callback_id: of the shortcut.
        trigger_id: opens a modal for three seconds.
        response_url: answers where the message is; None for a global shortcut.
        message: from whose menu the shortcut was chosen; None for a global one.
    """

    user_id: str
    callback_id: str
    trigger_id: str
    response_url: str | None = None
    message: ChosenMessage | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "ShortcutChoice":
        """Parse the payload.

        Raises:
            KeyError: Slack always sends what is missing, so somebody made the payload by hand.
        """
        message = body.get("message")
        return cls(
            user_id=body["user"]["id"],
            callback_id=body["callback_id"],
            trigger_id=body["trigger_id"],
            response_url=body.get("response_url") or None,
            message=None if message is None else _chosen(body, message),
        )

    @property
    def spot(self) -> Spot | None:
        """Where the message is; None for a global shortcut, which has no place."""
        if self.response_url is None or self.message is None:
            return None
        return Spot(user_id=self.user_id, response_url=self.response_url, channel_id=self.message.channel_id)


def _chosen(body: Mapping[str, Any], message: Mapping[str, Any]) -> ChosenMessage:
    return ChosenMessage(
        author_id=str(message.get("user") or ""),
        text=str(message.get("text") or ""),
        channel_id=body["channel"]["id"],
        ts=body["message_ts"],
    )


class Entered:
    """The fields of a modal as they are filled in, by block id. Each of our inputs is alone in its block."""

    def __init__(self, view: Mapping[str, Any]) -> None:
        values: Mapping[str, Mapping[str, Mapping[str, Any]]] = view.get("state", {}).get("values", {})
        self._action_ids = {block_id: next(iter(inputs)) for block_id, inputs in values.items() if inputs}
        self._fields = {block_id: next(iter(inputs.values())) for block_id, inputs in values.items() if inputs}

    def __contains__(self, block_id: str) -> bool:
        """Tell whether the modal shows this field."""
        return block_id in self._fields

    def moved_to(self, fields: Mapping[str, Mapping[str, Any]]) -> "Entered":
        """Return these fields of another view, filled in as here where both views have the field."""
        values = {
            block_id: {name: self._fields[block_id] if self.action_id(block_id) == name else first}
            for block_id, inputs in fields.items()
            for name, first in inputs.items()
        }
        return Entered({"state": {"values": values}})

    def action_id(self, block_id: str) -> str:
        """Return the `action_id` of the field; empty if it is not shown."""
        return self._action_ids.get(block_id, "")

    def text(self, block_id: str) -> str:
        """Return the typed text; empty if there is none."""
        return self._fields.get(block_id, {}).get("value") or ""

    def option(self, block_id: str) -> str:
        """Return the value of the chosen option; empty if there is none."""
        chosen = self._fields.get(block_id, {}).get("selected_option") or {}
        return str(chosen.get("value", ""))

    def text_or_option(self, block_id: str) -> str:
        """Return the typed text, or the value of the chosen option where the field offers some; empty for neither."""
        return self.text(block_id) or self.option(block_id)

    def options(self, block_id: str) -> Sequence[tuple[str, str]]:
        """Return the chosen options, each with its value and its words."""
        chosen = self._fields.get(block_id, {}).get("selected_options") or ()
        return [(str(one["value"]), str(one["text"]["text"])) for one in chosen]

    def is_ticked(self, block_id: str) -> bool:
        """Return whether a box of the field is ticked."""
        return bool(self._fields.get(block_id, {}).get("selected_options"))

    def user(self, block_id: str) -> str:
        """Return the user id of the chosen person; empty if there is none."""
        return self._fields.get(block_id, {}).get("selected_user") or ""

    def users(self, block_id: str) -> tuple[str, ...]:
        """Return the user ids of the chosen people, each once, in the order chosen."""
        return tuple(dict.fromkeys(self._fields.get(block_id, {}).get("selected_users") or ()))

    def files(self, block_id: str) -> tuple[str, ...]:
        """Return Slack's ids of the chosen files."""
        return tuple(str(one["id"]) for one in self._fields.get(block_id, {}).get("files") or ())

    def day(self, block_id: str) -> date | None:
        """Return the chosen date, if there is one."""
        chosen = self._fields.get(block_id, {}).get("selected_date")
        return date.fromisoformat(chosen) if chosen else None

    def time(self, block_id: str) -> str:
        """Return the chosen time of a day, like 09:00; empty if there is none."""
        return self._fields.get(block_id, {}).get("selected_time") or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Modal:
    """The modal in which somebody acted.

    Attributes:
        id: Slack's id of the modal: the same one submitted twice is one.
        hash: Slack's hash of the state that was seen, against lost updates.
        private_metadata: our text; believed no further than a reference or typed text.
        entered: its fields.
    """

    id: str
    hash: str
    private_metadata: str
    entered: Entered

    @property
    def reference(self) -> str:
        """The reference of the request or order that the form is about.

        Raises:
            StaleReference: the form carries none; ours always do, since they no longer carry numbers.
        """
        return _reference(self.private_metadata)

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> "Modal":
        """Parse the view of a payload."""
        return cls(
            id=view["id"],
            hash=view.get("hash", ""),
            private_metadata=view.get("private_metadata", ""),
            entered=Entered(view),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Click:
    """Somebody pressed a button or changed a field (Slack docs, block_actions).

    Attributes:
        user_id: who pressed it.
        action_id: the button's or the field's.
        value: the button's, or of the line chosen in a menu.
        selected_users: the user ids in a field for people.
        trigger_id: opens a modal for three seconds.
        response_url: answers where the button is; None in a modal.
        channel_id: where the button is; empty in a modal.
        message_ts: Slack's name for the message with the button; empty where one person alone sees it, and in a modal.
        modal: where the button is; None in a message, and on Home.
        is_on_home: whether the button is on the Home tab.
    """

    user_id: str
    action_id: str
    value: str
    selected_users: tuple[str, ...]
    trigger_id: str
    response_url: str | None
    channel_id: str
    message_ts: str
    modal: Modal | None
    is_on_home: bool = False

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Click":
        """Parse the payload.

        Raises:
            KeyError: Slack always sends what is missing, so somebody made the payload by hand.
        """
        action = body["actions"][0]
        view = body.get("view")
        container = body.get("container") or {}
        return cls(
            user_id=body["user"]["id"],
            action_id=action.get("action_id", ""),
            value=str(action.get("value") or (action.get("selected_option") or {}).get("value", "")),
            selected_users=tuple(action.get("selected_users") or ()),
            trigger_id=body["trigger_id"],
            response_url=body.get("response_url") or None,
            channel_id=(body.get("channel") or {}).get("id", ""),
            message_ts="" if container.get("is_ephemeral") else container.get("message_ts", ""),
            modal=Modal.of(view) if view and view.get("type") == "modal" else None,
            is_on_home=view is not None and view.get("type") == "home",
        )

    @property
    def spot(self) -> Spot | None:
        """Where the button is; None in a modal, which is no such place."""
        if self.response_url is None or self.modal is not None:
            return None
        return Spot(user_id=self.user_id, response_url=self.response_url, channel_id=self.channel_id)

    @property
    def reference(self) -> str:
        """The reference of the request or order that the button carries.

        Raises:
            StaleReference: the button carries none; ours always do, since they no longer carry numbers.
        """
        return _reference(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeOpened:
    """Somebody opened the app's Home (Slack docs, app_home_opened).

    Attributes:
        user_id: who opened it.
        tab: `home` or `messages`.
        channel_id: the app's conversation with them.
    """

    user_id: str
    tab: str
    channel_id: str = ""

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "HomeOpened":
        """Parse the payload.

        Raises:
            KeyError: Slack always sends what is missing, so somebody made the payload by hand.
        """
        event = body["event"]
        return cls(user_id=event["user"], tab=event.get("tab", ""), channel_id=event.get("channel", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Somebody submitted a modal (Slack docs, view_submission).

    Attributes:
        user_id: who submitted it.
        modal: the modal with its fields.
    """

    user_id: str
    modal: Modal

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Submission":
        """Parse the payload.

        Raises:
            KeyError: Slack always sends what is missing, so somebody made the payload by hand.
        """
        return cls(user_id=body["user"]["id"], modal=Modal.of(body["view"]))


def _reference(text: str) -> str:
    if _REFERENCE.fullmatch(text) is None:
        raise StaleReference
    return text
