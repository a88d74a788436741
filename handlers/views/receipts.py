"""The requester's receipt, which is rewritten from the request to the reward; and what needs the requester."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bot.domain.order import OrderStatus
from bot.domain.progress import Progress
from bot.domain.request import Delivery, Request, RequestStatus
from handlers.ids import Action
from handlers.views.addresses import address_blocks
from handlers.views.approval import approved_clause, first_blocks, rule_text
from handlers.views.batch_receipt import progress_blocks
from handlers.views.blocks import Message, actions, context, mention, section, time_of
from handlers.views.cancel import cancel_button
from handlers.views.charges import charges_text
from handlers.views.delivery import deliver_button
from handlers.views.headline import counts_of, headline_of
from handlers.views.names import about_request
from handlers.views.people import few_names
from handlers.views.queue import Hold, wait_on_hold_text
from handlers.views.reminders import ask_another_button
from handlers.views.request_buttons import again_button, card_again_button, withdraw_button
from handlers.views.requests import (
    details_blocks,
    message_blocks,
    obstacle_blocks,
    of_request,
    reason_blocks,
    reason_clause,
    repeat_lines,
    undelivered_to,
)
from handlers.views.review import obstacles_text
from handlers.views.schedule import change_button
from handlers.views.undo import undo_blocks
from handlers.views.workflows import requested_text

#: What was asked for, for one and for several.
_ASKED: Final[Mapping[Delivery, tuple[str, str]]] = {
    Delivery.EMAIL: (
        "You asked to send {names} a {amount} {reward} by email.",
        "You asked to send {names} {gift_each} by email, {total} in all.",
    ),
    Delivery.MESSAGE: (
        "You asked to send {names} a {amount} {reward} by direct message.",
        "You asked to send {names} {gift_each} by direct message, {total} in all.",
    ),
    Delivery.POST: (
        "You asked to send {names} a {amount} {reward} by post.",
        "You asked to send {names} {gift_each} by post, {total} in all.",
    ),
}

#: The same of a workflow, which asks for one. None goes by post now: a workflow has no address.
_ASKED_BY_WORKFLOW: Final[Mapping[Delivery, str]] = {
    Delivery.EMAIL: "A workflow asked in your name to send {names} a {amount} {reward} by email.",
    Delivery.MESSAGE: "A workflow asked in your name to send {names} a {amount} {reward} by direct message.",
    Delivery.POST: "A workflow asked in your name to send {names} a {amount} {reward} by post.",
}

#: The same once it is sent, for one and for several.
_SENT: Final[Mapping[Delivery, tuple[str, str]]] = {
    Delivery.EMAIL: (
        "{names}'s {amount} {reward} is on its way by email.",
        "All {people} rewards are on their way by email: {reward_each} for {names}.",
    ),
    Delivery.MESSAGE: (
        "{names}'s {amount} {reward} is on its way by direct message.",
        "All {people} rewards are on their way by direct message: {reward_each} for {names}.",
    ),
    Delivery.POST: (
        "{names}'s {amount} {reward} is on its way by post.",
        "All {people} rewards are on their way by post: {reward_each} for {names}.",
    ),
}

_DELIVERED: Final = (
    "{names} has the {amount} {reward}.",
    "All {people} rewards are delivered: {reward_each} for {names}.",
)


def build_receipt(
    request: Request, progress: Progress, hold: Hold | None = None, lasts: timedelta = timedelta(0)
) -> Message:
    """Build the requester's own copy: where the request stands, and what the requester can do while it waits.

    `lasts`: how long the orders that wait take at the pace, which is said of a batch.
    """
    said = _said(request, progress, hold)
    blocks = [
        section(said),
        *reason_blocks(request),
        *message_blocks(request),
        *details_blocks(request),
        *address_blocks(request),
    ]
    if request.is_pending:
        blocks += [*first_blocks(request), *obstacle_blocks(request)]
        change = [] if request.details.schedule is None else [change_button(request)]
        buttons = (withdraw_button(request), card_again_button(request), ask_another_button(request))
        blocks.append(actions(*buttons, *change))
    blocks += undo_blocks(request, progress, to_requester=True)
    blocks += (
        progress_blocks(request, progress, lasts, is_on_hold=hold is not None) if progress.undo_until is None else []
    )
    # Of several orders, each has the button in its own detail; of one that is held, Undo is the way back.
    has_buttons = sum(progress.counts.values()) == 1 and progress.undo_until is None
    if has_buttons:
        blocks += [actions(cancel_button(Action.RECEIPT_CANCEL, one)) for one in progress.cancelable]
        blocks += [actions(deliver_button(one)) for one in progress.undelivered]
    blocks.append(context("\n".join([*repeat_lines(request), " · ".join(_facts(request, progress))])))
    return Message(f"{said.replace('*', '')}{reason_clause(request)} · {request.number}", blocks)


def _said(request: Request, progress: Progress, hold: Hold | None) -> str:
    """Say where the request stands, and what it is."""
    headline = headline_of(request, progress, hold)
    if request.is_pending:
        return f"{_asked_text(request)}\n*{headline.first}.* I'll let you know."
    if is_sent(request, progress) and not progress.undelivered:
        is_delivered = progress.delivered == progress.accepted
        return f"*✅ {'Delivered' if is_delivered else 'Sent'}!* {_sent_text(request, is_delivered=is_delivered)}"
    lines = [headline.marked, _asked_text(request)]
    if hold is not None and progress.undo_until is None and progress.counts.get(OrderStatus.QUEUED):
        lines = [
            " · ".join([f"*{headline.first}*", *counts_of(progress)]),
            _asked_text(request),
            wait_on_hold_text(hold, is_one=len(request.recipients) == 1),
        ]
    if progress.counts.get(OrderStatus.NEEDS_ATTENTION):
        lines.append("The admins are looking into it.")
    if progress.undelivered:
        lines.append(_undelivered_text(request, progress))
    return "\n".join(lines)


def _undelivered_text(request: Request, progress: Progress) -> str:
    """Say whose rewards could not be delivered, and what the requester can do."""
    left = undelivered_to(request, progress)
    names = few_names(left)
    paid = "The reward is paid for." if len(left) == 1 else "Their rewards are paid for."
    if len(request.recipients) == 1:
        return f"I can't send {names} a direct message. {paid} Once I can reach them, press *Deliver again*."
    return (
        f"I can't send a direct message to {names}. {paid} "
        f"Once I can reach them, you can deliver again from `/orders {request.number}`."
    )


def is_sent(request: Request, progress: Progress) -> bool:
    """Tell whether every reward of the request is sent."""
    return progress.is_settled and progress.accepted == len(request.recipients)


def _asked_text(request: Request) -> str:
    one, several = _ASKED[request.details.delivery]
    if request.is_batch:
        people = len(request.recipients)
        # A few names of many would say nothing: they are small, below.
        return of_request(request, one, several, **({"names": f"{people:,} people"} if people > 1 else {}))
    if request.by_workflow:
        one = several = _ASKED_BY_WORKFLOW[request.details.delivery]
    names = ", ".join(mention(recipient.user_id) for recipient in request.recipients)
    return of_request(request, one, several, names=names)


def _sent_text(request: Request, *, is_delivered: bool) -> str:
    one, several = _DELIVERED if is_delivered else _SENT[request.details.delivery]
    return of_request(request, one, several)


def _facts(request: Request, progress: Progress) -> list[str]:
    """Give the number, the moments and the costs, which are small and come last."""
    facts = [request.number, requested_text(request)]
    if request.is_pending:
        facts.append(f"addressed to {few_names(request.recipients)}")
        facts += [rule_text(request)] if rule_text(request) else []
    if request.decided_at is not None and request.status is RequestStatus.APPROVED and request.decided_by:
        facts.append(f"{approved_clause(request)} {time_of(request.decided_at)}")
    elif request.decided_at is not None:
        facts.append(f"decided {time_of(request.decided_at)}")
    return [*facts, *([f"charged {charges_text(progress.charges)}"] if progress.charges else [])]


def build_decision(request: Request) -> Message:
    """Tell the requester that the request was declined, by whom and why; or that nobody decided in time."""
    again = actions(again_button(request))
    if request.status is RequestStatus.DECLINED:
        text = of_request(
            request,
            "🚫 {by} declined the {amount} {reward} for {names}.",
            "🚫 {by} declined the rewards for {names} ({each}, {total} in all).",
            by=mention(request.decided_by or ""),
        )
        said = [section(text), *reason_blocks(request)]
        return Message(f"{text}{reason_clause(request)} ({request.number})", [*said, again, context(request.number)])
    text = of_request(
        request,
        "⌛ Nobody decided in time about the {amount} {reward} for {names}, so your request has expired.",
        "⌛ Nobody decided in time about the rewards for {names} ({each}, {total} in all), so your request has "
        "expired.",
    )
    return about_request(request, text, again)


def build_approval_undone(request: Request) -> Message:
    """Tell the requester that an approver has undone the approval, and that they can ask again."""
    text = of_request(
        request,
        "↩️ {by} undid the approval of the {amount} {reward} for {names}. Nothing was sent, and nothing was paid.",
        "↩️ {by} undid the approval of the rewards for {names} ({each}, {total} in all). Nothing was sent, and "
        "nothing was paid.",
        by=mention(request.undone_by or ""),
    )
    return about_request(request, text, actions(again_button(request)))


def build_changed(request: Request) -> Message:
    """Tell the requester what stands against their request now, and that they can ask again."""
    if not request.obstacles:
        text = of_request(
            request,
            "✅ Nothing stands in the way of the {amount} {reward} for {names} any more.",
            "✅ Nothing stands in the way of the rewards for {names} any more ({each}, {total} in all).",
        )
        return about_request(request, text)
    refused = of_request(
        request,
        "⚠️ The {amount} {reward} for {names} can't be approved as requested.",
        "⚠️ The rewards for {names} ({each}, {total} in all) can't be approved as requested.",
    )
    text = f"{refused} {obstacles_text(request.named_obstacles())}"
    remedy = "You can withdraw the request and ask again."
    return Message(
        f"{text} {remedy} ({request.number})",
        [section(text), section(remedy), actions(again_button(request)), context(request.number)],
    )
