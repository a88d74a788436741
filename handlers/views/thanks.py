"""Thanks in public: the box in the form that asks for it, and the message in the channel for thanks."""

from collections.abc import Sequence

from bot.domain.request import Recipient, Request
from handlers.ids import Action, Block
from handlers.views.blocks import Json, Message, context, escape, input_block, mention, section, tick_box
from handlers.views.requests import message_blocks


def thanks_block(channel: str, *, ticked: bool) -> Json:
    """Build the box of the form that asks for thanks in this channel (a Slack id)."""
    text = f"Also thank them in <#{channel}>"
    description = "With your message, once the reward is sent. The amount isn't shown."
    box = tick_box(Action.IN_PUBLIC, text, description, ticked=ticked)
    return input_block(Block.IN_PUBLIC, "In public", box, optional=True)


def build_thanks(request: Request, thanked: Sequence[Recipient]) -> Message:
    """Thank the recipients whose rewards are sent, in public. Neither the amount nor the reward is shown."""
    people = [mention(recipient.user_id) for recipient in thanked]
    named = people[0] if len(people) == 1 else f"{', '.join(people[:-1])} and {people[-1]}"
    text = f"\N{PARTY POPPER} {mention(request.requester_id)} thanks {named}!"
    return Message(text, [section(text), *message_blocks(request)])


def build_thanks_refused(request: Request, reason: str) -> Message:
    """Tell the requester that the thanks could not be posted; the reward is sent all the same."""
    text = "I couldn't post your thanks in public. The reward itself is sent, and you can thank them there yourself."
    return Message(text, [section(text), context(f"{request.number} · Slack: {escape(reason)}")])
