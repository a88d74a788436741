"""The modals around a decision."""

from bot.domain.request import Request
from bot.usecases.requests import LONGEST_REASON
from handlers.ids import Action, Block, View
from handlers.views.blocks import Json, Message, escape, input_block, mention, plain, section


def build_decline_form(request: Request) -> Json:
    """Build the form that asks for the reason, which the requester gets."""
    return {
        "type": "modal",
        "callback_id": View.DECLINE.value,
        "title": plain("Decline the request", 24),
        "submit": plain("Decline", 24),
        "close": plain("Go back", 24),
        "private_metadata": request.reference,
        "blocks": [
            section(
                f"Request #{request.id} by {mention(request.requester_id)}: "
                f"{request.total} ({escape(request.reward_name)})."
            ),
            input_block(
                Block.REASON,
                "Reason",
                {
                    "type": "plain_text_input",
                    "action_id": Action.REASON.value,
                    "multiline": True,
                    "max_length": LONGEST_REASON,
                },
                hint="The requester gets it by direct message.",
            ),
        ],
    }


def build_notice(text: str) -> Json:
    """Build the modal that takes a form's place when there is nothing left to fill in."""
    return {
        "type": "modal",
        "title": plain("Kudos", 24),
        "close": plain("Close", 24),
        "blocks": [section(text)],
    }


def build_window(message: Message) -> Json:
    """Build a modal that shows a message."""
    return {
        "type": "modal",
        "title": plain("Kudos", 24),
        "close": plain("Close", 24),
        "blocks": list(message.blocks) or [section(message.text)],
    }
