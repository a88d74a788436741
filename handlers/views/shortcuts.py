"""The words of *Reward this*: why a message's author can't be given a reward, and the message on the card."""

from collections.abc import Mapping
from typing import Final

from bot.domain.request import Request
from bot.faults import FaultCode
from handlers.views.blocks import Json, link, mention, paragraph, pieces_of, rich_text

_REFUSED: Final[Mapping[FaultCode, str]] = {
    FaultCode.IS_ONESELF: "You wrote this message, and you can't reward yourself. Choose a message of someone else.",
    FaultCode.IS_BOT: "An app wrote this message, and apps can't get rewards. Choose a message of a person.",
    FaultCode.IS_DEACTIVATED: "{author} has left, so I can't send them a reward. Choose a message of a colleague.",
    FaultCode.IS_GUEST: "{author} is a guest, and guests can't get rewards. Choose a message of a colleague.",
    FaultCode.IS_OUTSIDER: (
        "{author} isn't from this workspace, and only its members can get rewards. Choose a message of a colleague."
    ),
}


def looking_at_text() -> str:
    """Say that the author of the message is looked up."""
    return "Looking up who wrote this…"


def app_wrote_text() -> str:
    """Say that an app wrote the message, and names nobody."""
    return _REFUSED[FaultCode.IS_BOT]


def refused_text(code: FaultCode, author_id: str) -> str:
    """Say why the author of a message can't be given a reward, and what to do."""
    return _REFUSED[code].format(author=mention(author_id))


def shortened_text(most: int) -> str:
    """Say that the text of the message is not whole."""
    return f"The message is longer than {most:,} characters, so its end is missing here. Please shorten it."


def linked_text() -> str:
    """Say that those who approve can go to the message."""
    return "Approvers get a link to the message."


def about_message(request: Request) -> list[Json]:
    """Link the message that a request is about; nothing where there is none."""
    if not request.permalink:
        return []
    return [rich_text(paragraph(*pieces_of("About {message}", message=[link(request.permalink, "this message")])))]
