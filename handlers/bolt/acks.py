"""The arguments of acks: what Slack is answered with."""

from collections.abc import Mapping
from typing import Any, assert_never

from handlers.bolt.answers import AskAgain, FieldErrors, Options, OptionsAnswer, Say, Trouble
from handlers.bolt.payloads import Spot
from handlers.views.blocks import Message

#: The arguments of an ack.
Reply = dict[str, Any]


def ephemeral(message: Message) -> Reply:
    """Answer a command to the person alone."""
    return {"text": message.text, "blocks": message.blocks, "response_type": "ephemeral"}


def told(message: Message, spot: Spot) -> Reply:
    """Answer a command: to the person alone, or by an ordinary message where only they and the app are."""
    return {**ephemeral(message), "response_type": "in_channel"} if spot.is_own else ephemeral(message)


def field_errors(texts: Mapping[str, str]) -> Reply:
    """Keep a modal open, with texts under its fields."""
    return {"response_action": "errors", "errors": dict(texts)}


def options_reply(answer: OptionsAnswer | Trouble) -> Reply:
    """Offer options in a type-ahead field; a trouble offers none."""
    match answer:
        case Options(choices):
            return choices
        case Say() | AskAgain() | FieldErrors():
            return {"options": []}
        case _:
            assert_never(answer)
