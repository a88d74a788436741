"""The messages about what Slack does not let Kudos tell, to somebody who can act."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.order import Order
from bot.domain.request import Request
from bot.usecases.undelivered import NO_APPROVER
from handlers.views.blocks import Json, Message, actions, clip, context, escape, mention, section
from handlers.views.names import about, about_request, details_button, of_order
from handlers.views.request_buttons import card_again_button
from handlers.views.requests import of_request

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
    if not request.is_pending:
        text = of_request(
            request,
            "Slack didn't show the card about the {amount} {reward} for {names}. It has been decided, so there's "
            "nothing to do.",
            "Slack didn't show the card about the rewards for {names} ({each}, {total} in all). It has been "
            "decided, so there's nothing to do.",
        )
        return _about(request, text, [], reason)
    if reason == NO_APPROVER:
        return _nobody_decides(request, to_admin=to_admin)
    text = of_request(
        request,
        "⚠️ Slack doesn't show the card about the {amount} {reward} for {names}, so the approvers can't see it. "
        "Please tell one of them: they can decide with `/orders pending`.",
        "⚠️ Slack doesn't show the card about the rewards for {names} ({each}, {total} in all), so the approvers "
        "can't see it. Please tell one of them: they can decide with `/orders pending`.",
    )
    remedy = _REMEDIES.get(reason)
    shown = [*([section(remedy)] if remedy else []), actions(card_again_button(request))]
    return _about(request, text, shown, reason)


def _nobody_decides(request: Request, *, to_admin: bool) -> Message:
    admins, others = _ANOTHER_KEPT if request.route is not None else _ANOTHER
    remedy = admins if to_admin else others
    told = of_request(
        request,
        "⚠️ Nobody can approve the {amount} {reward} for {names}. Each approver asked for it, receives it, or has left.",
        "⚠️ Nobody can approve the rewards for {names} ({each}, {total} in all). Each approver asked for them, "
        "receives one, or has left.",
    )
    return _about(request, f"{told} {remedy}", [actions(card_again_button(request))])


def build_approver_untold(request: Request, approver_id: str, reason: str) -> Message:
    """Tell admins that one of the approvers gets no cards; the others have them."""
    text = (
        f"⚠️ Slack doesn't let me write to {mention(approver_id)}, so they don't get cards. "
        "The other approvers have them. All of them can decide with `/orders pending`."
    )
    return Message(text, [section(text), context(f"{request.number} · Slack: {escape(clip(reason, _MOST_OF_CODE))}")])


def build_requester_untold(request: Request, reason: str) -> Message:
    """Tell admins that the requester doesn't hear what becomes of their request."""
    text = of_request(
        request,
        "⚠️ Slack doesn't let me write to {requester}. They hear nothing about the {amount} {reward} for {names}. "
        "Please tell them, or look after it yourself in `/orders`.",
        "⚠️ Slack doesn't let me write to {requester}. They hear nothing about the rewards for {names} ({each}, "
        "{total} in all). Please tell them, or look after it yourself in `/orders`.",
        requester=mention(request.requester_id),
    )
    return _about(request, text, [], reason)


def build_recipient_untold(order: Order, reason: str) -> Message:
    """Tell the requester and admins that the recipient doesn't hear of the reward, which is sent all the same."""
    text = of_order(
        order,
        "⚠️ Slack doesn't let me write to {who}, so they don't know about their {amount} {reward}. It has been sent. "
        "Please tell them.",
        who=mention(order.recipient.user_id),
    )
    details = details_button(order)
    return about(order, text, actions(details), facts=f"Slack: {escape(clip(reason, _MOST_OF_CODE))}")


def _about(request: Request, text: str, blocks: Sequence[Json], reason: str = "") -> Message:
    """Build a message about a request, with its number and Slack's code last and small."""
    code = f"Slack: {escape(clip(reason, _MOST_OF_CODE))}" if reason else ""
    return about_request(request, text, *blocks, facts=code)
