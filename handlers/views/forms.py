"""The modals: pure functions of what they show."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.catalog import Catalog, Reward
from bot.domain.request import Request
from bot.filing import MOST_RECIPIENTS
from bot.service import LONGEST_REASON
from handlers.ids import Action, Block, View
from handlers.views.blocks import (
    MOST_OPTIONS,
    Json,
    context,
    escape,
    input_block,
    mention,
    option,
    plain,
    section,
)

#: Slack's own limit of a text field, and Tango's of a message (Tango docs, Manage orders: message).
LONGEST_MESSAGE = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefill:
    """What the words after `/kudos` fill in.

    Attributes:
        recipients: user ids.
        amount: as typed.
        message: as typed.
    """

    recipients: Sequence[str] = ()
    amount: str = ""
    message: str = ""


def build_request_form(catalog: Catalog, approvals_channel: str, prefill: Prefill) -> Json:
    """The form that `/kudos` opens."""
    recipients: Json = {
        "type": "multi_users_select",
        "action_id": Action.RECIPIENTS.value,
        "placeholder": plain("Who is it for?", 150),
        "max_selected_items": MOST_RECIPIENTS,
    }
    if prefill.recipients:
        recipients["initial_users"] = list(prefill.recipients[:MOST_RECIPIENTS])
    amount: Json = {
        "type": "plain_text_input",
        "action_id": Action.AMOUNT.value,
        "placeholder": plain("25.00", 150),
        "max_length": 40,
    }
    if prefill.amount:
        amount["initial_value"] = prefill.amount[:40]
    message: Json = {
        "type": "plain_text_input",
        "action_id": Action.MESSAGE.value,
        "multiline": True,
        "max_length": LONGEST_MESSAGE,
        "placeholder": plain("What did they do?", 150),
    }
    if prefill.message:
        message["initial_value"] = prefill.message[:LONGEST_MESSAGE]
    return {
        "type": "modal",
        "callback_id": View.REQUEST.value,
        "title": plain("Send a reward", 24),
        "submit": plain("Ask for approval", 24),
        "close": plain("Cancel", 24),
        "blocks": [
            # dispatch: the chosen people are looked up while the rest is filled in
            input_block(Block.RECIPIENTS, "Recipients", recipients, dispatch=True),
            input_block(Block.REWARD, "Reward", _reward_select(catalog)),
            input_block(
                Block.AMOUNT,
                "Amount for each",
                amount,
                hint="In the reward's currency: 25, 25.00 or 1,000. Leave it empty for a reward with a fixed value.",
                optional=True,
            ),
            input_block(
                Block.MESSAGE,
                "Message",
                message,
                hint="It is in the e-mail that the recipients get, and on the approval card.",
                optional=True,
            ),
            context(
                f"It is posted to <#{approvals_channel}> for approval. "
                "Each recipient gets an e-mail from Tango once it is approved."
            ),
        ],
    }


def _reward_select(catalog: Catalog) -> Json:
    placeholder = plain("Choose a reward", 150)
    if len(catalog) <= MOST_OPTIONS:
        return {
            "type": "static_select",
            "action_id": Action.REWARD.value,
            "placeholder": placeholder,
            "options": reward_options(catalog.rewards),
        }
    return {
        "type": "external_select",
        "action_id": Action.REWARD.value,
        "placeholder": plain("Type a brand, a name or a currency", 150),
        "min_query_length": 0,
    }


def reward_options(rewards: Sequence[Reward]) -> list[Json]:
    """The choices of the reward field."""
    return [option(reward.name, reward.utid, reward.amounts) for reward in rewards]


def build_decline_form(request: Request) -> Json:
    """The form that asks for the reason; the requester gets it."""
    return {
        "type": "modal",
        "callback_id": View.DECLINE.value,
        "title": plain("Decline the request", 24),
        "submit": plain("Decline", 24),
        "close": plain("Go back", 24),
        "private_metadata": str(request.id),
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
    """What takes a form's place when there is nothing left to fill in."""
    return {
        "type": "modal",
        "title": plain("Kudos", 24),
        "close": plain("Close", 24),
        "blocks": [section(text)],
    }
