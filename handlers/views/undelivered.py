"""The messages about what Slack does not let Kudos tell, to somebody who can act."""

from collections.abc import Mapping
from typing import Final

from bot.domain.order import Order
from bot.domain.request import Request
from bot.usecases.undelivered import NO_APPROVER
from handlers.ids import Action
from handlers.views.blocks import Json, Message, actions, button, clip, context, escape, mention, section
from handlers.views.names import about, reward_text
from handlers.views.requests import card_again_button, thing_text

#: What an admin does about a channel that Slack keeps Kudos from; all else Slack's code says.
_REMEDIES: Final[Mapping[str, str]] = {
    "not_in_channel": "I'm not in the approvals channel. Anyone in it can type `/invite @Kudos` there.",
    "channel_not_found": (
        "I can't see the approvals channel. If it's private, anyone in it can type `/invite @Kudos` there."
    ),
    "is_archived": "The approvals channel is archived. Anyone who was in it can unarchive it.",
}

#: How somebody else comes to approve, to admins and to others; then the same of a request that keeps its approvers.
_ANOTHER: Final = (
    "Please name another one under `approvals.approvers`, then post the card again.",
    "The admins can name another one. Once they have, post the card again.",
)
_ANOTHER_KEPT: Final = (
    "Please add someone to their user group and post the card again, or name another one and have them ask again.",
    "The admins can name another one. Once they have, please withdraw this and ask again.",
)

#: Slack's codes are shorter; a longer text is not one.
_MOST_OF_CODE: Final = 100


def build_card_refused(request: Request, reason: str, *, to_admin: bool = True) -> Message:
    """Tell the requester and admins that the approvers can't see the card, and where they can decide all the same.

    Args:
        request: as it is now.
        reason: Slack's error code, or NO_APPROVER.
        to_admin: whether the reader may change the settings; others aren't sent to what they can't open.
    """
    what = thing_text(request)
    if not request.is_pending:
        text = f"Slack didn't show the card about {what} ({request.number}). It has been decided, so all is done."
        return Message(text, [section(text), _code(reason)])
    text = (
        f"⚠️ Slack doesn't show the card about {what} ({request.number}), so the approvers can't see it. Please tell "
        "one of them: they can decide with `/orders pending`."
    )
    if reason == NO_APPROVER:
        return _nobody_decides(request, to_admin=to_admin)
    remedy = _REMEDIES.get(reason)
    shown = [section(text), *([section(remedy)] if remedy else []), actions(card_again_button(request))]
    return Message(text, [*shown, _code(reason)])


def _nobody_decides(request: Request, *, to_admin: bool) -> Message:
    admins, others = _ANOTHER_KEPT if request.route is not None else _ANOTHER
    remedy = admins if to_admin else others
    text = (
        f"⚠️ Nobody can approve {thing_text(request)} ({request.number}). "
        f"Each approver asked for it, receives it, or has left. {remedy}"
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
        f"⚠️ Slack doesn't let me write to {mention(request.requester_id)}. They hear nothing about "
        f"{thing_text(request)} ({request.number}). Please tell them, or look after it yourself in `/orders`."
    )
    return Message(text, [section(text), _code(reason)])


def build_recipient_untold(order: Order, reason: str) -> Message:
    """Tell the requester and admins that the recipient doesn't hear of the reward, which is sent all the same."""
    text = (
        f"⚠️ Slack doesn't let me write to {mention(order.recipient.user_id)}, so they don't know about their "
        f"{reward_text(order)}. It has been sent. Please tell them."
    )
    details = button("Details", Action.ORDER_DETAILS, order.external_ref_id)
    return about(order, text, actions(details), facts=f"Slack: {escape(clip(reason, _MOST_OF_CODE))}")


def _code(reason: str) -> Json:
    return context(f"Slack: {escape(clip(reason, _MOST_OF_CODE))}")
