"""What Slack sends, parsed once. Nothing in it is believed beyond an id: rights are checked by who acted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bot.domain.numbers import number_of
from bot.errors import NotFound

#: `<@U024BE7LH|rob>`, as Slack escapes a mention in a command's text (manifest: should_escape).
_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")

#: `<mailto:rob@acme.example|rob@acme.example>`, as Slack escapes an address in it.
_ADDRESS: Final = re.compile(r"<mailto:([^|>]+)(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True, kw_only=True)
class SlashCommand:
    """Somebody typed a command (Slack docs, Slash commands).

    Attributes:
        user_id: who.
        text: what came after the command.
        trigger_id: opens a modal for three seconds.
        response_url: says more where the command was typed.
    """

    user_id: str
    text: str
    trigger_id: str
    response_url: str

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "SlashCommand":
        """From the payload."""
        return cls(
            user_id=body["user_id"],
            text=body.get("text", "").strip(),
            trigger_id=body["trigger_id"],
            response_url=body["response_url"],
        )

    def mentions(self) -> list[str]:
        """The user ids named in the text."""
        return _MENTION.findall(self.text)

    def words(self) -> list[str]:
        """The text without mentions, in words, as it was typed."""
        return self.rest().split()

    def rest(self) -> str:
        """The text without mentions, as it was typed, line breaks and all."""
        return _unescaped(_ADDRESS.sub(r"\1", _MENTION.sub(" ", self.text))).strip()


def _unescaped(text: str) -> str:
    """Slack sends `& < >` in a command's text as entities (Slack docs, Formatting text)."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


class Entered:
    """What is in the fields of a modal, by block id. Each of our inputs is alone in its block."""

    def __init__(self, view: Mapping[str, Any]) -> None:
        values: Mapping[str, Mapping[str, Mapping[str, Any]]] = view.get("state", {}).get("values", {})
        self._fields = {block_id: next(iter(inputs.values())) for block_id, inputs in values.items() if inputs}

    def __contains__(self, block_id: str) -> bool:
        """Whether the modal shows this field."""
        return block_id in self._fields

    def text(self, block_id: str) -> str:
        """What was typed; empty if nothing was."""
        return self._fields.get(block_id, {}).get("value") or ""

    def option(self, block_id: str) -> str:
        """The value of the chosen option; empty if none was."""
        chosen = self._fields.get(block_id, {}).get("selected_option") or {}
        return str(chosen.get("value", ""))

    def user(self, block_id: str) -> str:
        """The id of the chosen person; empty if nobody was."""
        return self._fields.get(block_id, {}).get("selected_user") or ""

    def users(self, block_id: str) -> tuple[str, ...]:
        """The chosen people, each once, in the order chosen."""
        return tuple(dict.fromkeys(self._fields.get(block_id, {}).get("selected_users") or ()))

    def day(self, block_id: str) -> date | None:
        """The chosen date, if one was."""
        chosen = self._fields.get(block_id, {}).get("selected_date")
        return date.fromisoformat(chosen) if chosen else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Modal:
    """The modal in which somebody acted.

    Attributes:
        id: Slack's id of it: the same one submitted twice is one.
        hash: of the state that was seen, against lost updates.
        private_metadata: what we put there; believed no further than an id or what was typed.
        entered: what is in its fields.
    """

    id: str
    hash: str
    private_metadata: str
    entered: Entered

    @classmethod
    def of(cls, view: Mapping[str, Any]) -> "Modal":
        """From a payload's view."""
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
        user_id: who.
        action_id: which.
        value: the button's.
        selected_users: of a field for people.
        trigger_id: opens a modal for three seconds.
        response_url: answers where the button is; None in a modal.
        modal: where the button is; None in a message.
    """

    user_id: str
    action_id: str
    value: str
    selected_users: tuple[str, ...]
    trigger_id: str
    response_url: str | None
    modal: Modal | None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Click":
        """From the payload."""
        action = body["actions"][0]
        view = body.get("view")
        return cls(
            user_id=body["user"]["id"],
            action_id=action.get("action_id", ""),
            value=str(action.get("value", "")),
            selected_users=tuple(action.get("selected_users") or ()),
            trigger_id=body["trigger_id"],
            response_url=body.get("response_url") or None,
            modal=Modal.of(view) if view and view.get("type") == "modal" else None,
        )

    @property
    def id(self) -> int:
        """The id that the button carries.

        Raises:
            NotFound: what it carries is no id; ours always do.
        """
        return an_id(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Somebody submitted a modal (Slack docs, view_submission).

    Attributes:
        user_id: who.
        modal: which, and what was entered.
    """

    user_id: str
    modal: Modal

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> "Submission":
        """From the payload."""
        return cls(user_id=body["user"]["id"], modal=Modal.of(body["view"]))


def an_id(text: str) -> int:
    """The id that a button or a modal carries.

    Raises:
        NotFound: it is none: nobody but us makes these, so somebody made it by hand.
    """
    number = number_of(text)
    if number is None:
        raise NotFound(text[:40])
    return number
