"""The messages about what Slack does not let Kudos tell, to somebody who can act."""

from collections.abc import Mapping
from typing import Final

from bot.domain.order import Order
from bot.domain.request import Request
from bot.usecases.undelivered import NO_APPROVER
from handlers.ids import Action
from handlers.views.blocks import Json, Message, actions, button, clip, context, escape, mention, section
from handlers.views.people import names_text
from handlers.views.requests import card_again_button

#: What an admin does about a channel that Slack keeps Kudos from; all else Slack's code says.
_REMEDIES: Final[Mapping[str, str]] = {
    "not_in_channel": "Kudos isn't in the approvals channel. Anyone in it can type there: `/invite @Kudos`.",
    "channel_not_found": (
        "Kudos can't see the approvals channel. If it's private, anyone in it can type there: `/invite @Kudos`."
    ),
    "is_archived": "The approvals channel is archived. Anyone who was in it can unarchive it.",
}

#: Slack's codes are shorter; a longer text is not one.
_MOST_OF_CODE: Final = 100


def build_card_refused(request: Request, reason: str) -> Message:
    """Tell the requester and admins that the approvers can't see the card, and where they can decide all the same."""
    card = f"the card of request #{request.id} ({request.total} for {escape(names_text(request.recipients))})"
    if not request.is_pending:
        text = f"Slack didn't take {card}. The request has been decided, so nothing is left to do."
        return Message(text, [section(text)])
    text = (
        f"Slack doesn't take {card}, so the approvers can't see it. Please tell one of them: they can decide with "
        "`/orders pending`."
    )
    if reason == NO_APPROVER:
        return _nobody_decides(request)
    remedy = _REMEDIES.get(reason)
    shown = [section(text), *([section(remedy)] if remedy else []), actions(card_again_button(request))]
    return Message(text, [*shown, _code(reason)])


def _nobody_decides(request: Request) -> Message:
    text = (
        f"⚠️ Nobody can approve {request.total} for {escape(names_text(request.recipients))} ({request.number}). "
        "Each approver asked for it, receives it, or has left. "
        "An admin can name another one under `approvals.approvers`."
    )
    return Message(text, [section(text), actions(card_again_button(request))])


def build_approver_untold(request: Request, approver_id: str, reason: str) -> Message:
    """Tell admins that one of the approvers gets no cards; the others have them."""
    text = (
        f"⚠️ Slack doesn't let me write to {mention(approver_id)}, so they don't get cards. "
        "The other approvers have them. All of them can decide with `/orders pending`."
    )
    return Message(text, [section(text), context(f"{request.number} · Slack: {escape(clip(reason, _MOST_OF_CODE))}")])


def build_requester_untold(request: Request, reason: str) -> Message:
    """Tell admins that the requester doesn't hear what becomes of their request."""
    text = (
        f"Slack doesn't take Kudos's messages to {mention(request.requester_id)}, so they don't hear what becomes of "
        f"request #{request.id} ({request.total} for {escape(names_text(request.recipients))}). Please tell them, or "
        "look after it in their place: it's in `/orders`."
    )
    return Message(text, [section(text), _code(reason)])


def build_recipient_untold(order: Order, reason: str) -> Message:
    """Tell the requester and admins that the recipient doesn't hear of the reward, which is sent all the same."""
    text = (
        f"Slack doesn't take Kudos's messages to {mention(order.recipient.user_id)}, so they don't hear of the reward "
        f"of order #{order.id}: {order.amount} ({escape(order.reward_name)}). It was sent all the same, so please tell "
        "them."
    )
    details = button("Details", Action.ORDER_DETAILS, order.external_ref_id)
    return Message(text, [section(text), actions(details), _code(reason)])


def _code(reason: str) -> Json:
    return context(f"Slack: {escape(clip(reason, _MOST_OF_CODE))}")
