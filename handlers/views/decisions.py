"""The modals around a decision."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from bot.domain.request import Request
from bot.usecases.requests import LONGEST_REASON
from handlers.ids import Action, Block, View
from handlers.views.blocks import Json, Message, context, input_block, option, plain, section, sentence
from handlers.views.requests import of_request
from handlers.views.workflows import asker_text


class DeclineReason(StrEnum):
    """The reasons for which requests are often declined."""

    OVER_BUDGET = "over_budget"
    DUPLICATE = "duplicate"
    NOT_ELIGIBLE = "not_eligible"
    OTHER = "other"


_REASONS: Final[Mapping[str, str]] = {
    DeclineReason.OVER_BUDGET: "Over budget",
    DeclineReason.DUPLICATE: "A duplicate of another request",
    DeclineReason.NOT_ELIGIBLE: "Not eligible for this reward",
    DeclineReason.OTHER: "Another reason…",
}


#: The room for a chosen reason before the typed one.
_LONGEST_CHOICE: Final = 50


def reason_text(chosen: str, typed: str) -> str:
    """Return the reason that the requester and the card get.

    Args:
        chosen: a word of `DeclineReason`, or none.
        typed: what the approver wrote. Of another reason it is all that there is.
    """
    reason = "" if chosen == DeclineReason.OTHER else _REASONS.get(chosen, "")
    return ". ".join(part for part in (reason, typed.strip()) if part)


def build_decline_form(request: Request) -> Json:
    """Build the form that asks for the reason, which the requester and the card get."""
    return {
        "type": "modal",
        "callback_id": View.DECLINE.value,
        "title": plain("Decline this request?", 24),
        "submit": plain("Decline", 24),
        "close": plain("Go back", 24),
        "private_metadata": request.reference,
        "blocks": [
            section(_asked_text(request)),
            input_block(
                Block.REASON_CHOICE,
                "Reason",
                {
                    "type": "static_select",
                    "action_id": Action.REASON_CHOICE.value,
                    "placeholder": plain("Choose a reason", 150),
                    "options": [option(words, value) for value, words in _REASONS.items()],
                },
            ),
            input_block(
                Block.REASON,
                "In your words",
                {
                    "type": "plain_text_input",
                    "action_id": Action.REASON.value,
                    "multiline": True,
                    "max_length": LONGEST_REASON - _LONGEST_CHOICE,
                },
                hint="Please fill this in if you choose another reason. The requester and the other approvers see it.",
                optional=True,
            ),
            context(request.number),
        ],
    }


def _asked_text(request: Request) -> str:
    return of_request(
        request,
        "{by} asked for the {amount} {reward} for {names}.",
        "{by} asked for the rewards for {names} ({amount} each, {total} in all).",
        by=sentence(asker_text(request)),
    )


def build_notice(text: str) -> Json:
    """Build the modal that takes a form's place when there is nothing left to fill in."""
    return {
        "type": "modal",
        "title": plain("Kudos", 24),
        "close": plain("Close", 24),
        "blocks": [section(text)],
    }


def build_window(message: Message) -> Json:
    """Build a modal that shows a message. What acts in the channel is left out, because a modal has none."""
    blocks = [block for block in map(_without_channel, message.blocks) if block.get("elements") != []]
    return {
        "type": "modal",
        "title": plain("Kudos", 24),
        "close": plain("Close", 24),
        "blocks": blocks or [section(message.text)],
    }


def _without_channel(block: Json) -> Json:
    """Return the block without the button that shows something to everyone in the channel."""
    if block["type"] != "actions":
        return block
    return {**block, "elements": [one for one in block["elements"] if one["action_id"] != Action.ORDER_SHOW]}
