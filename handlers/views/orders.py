"""An order on the screen: in detail with its timeline, and the messages about it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.domain.audit import AuditEvent
from bot.domain.inquiry import Inquiry
from bot.domain.order import FINAL, Attempt, AttemptOutcome, Order, OrderMove, OrderStatus
from bot.domain.problem import Problem
from bot.domain.request import Delivery
from bot.domain.resend import Resend, ResendStatus
from bot.domain.tango_status import Standing, standing_of
from bot.usecases.orders import MOST_AHEAD, MOST_IN_TIMELINE, OrderStory
from handlers.ids import Action
from handlers.views import inquiry as inquiries
from handlers.views.blocks import (
    MOST_IN_SECTION,
    Json,
    Message,
    actions,
    button,
    context,
    escape,
    fields,
    header,
    mention,
    section,
    sentence,
    time_of,
)
from handlers.views.cancel import anew_button, cancel_button
from handlers.views.charges import charge_text
from handlers.views.messages import STATUS
from handlers.views.problems import problem_text
from handlers.views.queue import Hold, hold_text
from handlers.views.resend import resend_buttons, wait_text
from storage import AuditEntry

_EVENTS: Final[Mapping[str, str]] = {
    AuditEvent.REQUEST_FILED: "filed",
    AuditEvent.REQUEST_APPROVED: "approved",
    AuditEvent.REQUEST_EXPIRED: "expired",
    AuditEvent.REQUEST_ADDRESS_SHOWN: "its address looked at",
    AuditEvent.REQUEST_CARD_POSTED_AGAIN: "its card posted again",
    AuditEvent.REQUEST_CARD_REFUSED: "its card not taken by Slack",
    AuditEvent.REQUEST_THANKS_REFUSED: "the thanks in public refused by Slack",
    AuditEvent.REQUEST_REQUESTER_UNTOLD: "the requester not told: Slack takes no message to them",
    AuditEvent.REQUEST_CLEARED: "old, so names, addresses and messages were removed",
    AuditEvent.ORDER_QUEUED: "put into the queue",
    AuditEvent.ORDER_RESCUED: "sent again after a restart, under the same reference",
    AuditEvent.ORDER_ACCEPTED: "placed with Tango",
    AuditEvent.ORDER_OVERCHARGED: "charged more than its value explains",
    AuditEvent.ORDER_COMPLETED: "finished by Tango",
    AuditEvent.ORDER_ENDED_AT_TANGO: "ended by Tango without a reward",
    AuditEvent.ORDER_WATCH_ENDED: "not asked about any more",
    AuditEvent.ORDER_WATCH_REQUESTED: "asked about again",
    AuditEvent.ORDER_DELIVERED: "given by direct message",
    AuditEvent.ORDER_NOT_DELIVERED: "not given: the recipient takes no direct messages",
    AuditEvent.ORDER_DELIVERY_REQUESTED: "asked to be given again",
    AuditEvent.ORDER_RECIPIENT_UNTOLD: "the recipient not told: Slack takes no message to them",
    AuditEvent.ORDER_REWARD_SHOWN: "shown to the recipient",
    AuditEvent.ORDER_ADDRESS_DISPUTED: "said to go to a wrong address",
    AuditEvent.ORDER_FAILED: "refused by Tango",
    AuditEvent.ORDER_NEEDS_ATTENTION: "set aside for a person",
    AuditEvent.ORDER_RETRIED: "put back into the queue",
    AuditEvent.ORDER_CLOSED: "closed without sending",
    AuditEvent.ORDER_INQUIRY_REQUESTED: "asked about at Tango",
    AuditEvent.ORDER_CANCELED: "canceled",
    AuditEvent.ATTEMPT_REFUSED: "tried without the right to",
    AuditEvent.QUEUE_HALTED: "not taken: Tango takes no orders at present",
}

_OUTCOMES: Final[Mapping[AttemptOutcome, str]] = {
    AttemptOutcome.ACCEPTED: "accepted",
    AttemptOutcome.REJECTED: "refused",
    AttemptOutcome.THROTTLED: "too early, tried again at once",
    AttemptOutcome.AMBIGUOUS: "no clear answer",
    AttemptOutcome.HALTED: "not possible at that time",
}

_UNFINISHED: Final = frozenset({Standing.OPEN, Standing.UNEXPECTED})

_RESENT: Final[Mapping[ResendStatus, str]] = {
    ResendStatus.CLAIMED: "waits its turn",
    ResendStatus.SENDING: "is being sent",
    ResendStatus.SENT: "sent",
    ResendStatus.REFUSED: "not sent, Tango refused",
    ResendStatus.AMBIGUOUS: "sent or not, Tango did not answer",
}


def build_order_detail(story: OrderStory) -> Message:
    """Show one order with all that happened to it, to the viewer alone."""
    order, request = story.order, story.request
    standing = _standing(story)
    blocks = [
        header(f"Order #{order.id}"),
        section(f"*{standing}*"),
        fields(
            [
                (
                    "For",
                    f"{mention(order.recipient.user_id)}\n{escape(order.recipient.email) or 'address no longer kept'}",
                ),
                ("Reward", f"{escape(order.reward_name)}\n{order.amount}"),
                ("Asked for by", f"{mention(order.requester_id)} (request #{request.id})"),
                ("Tango's status", _tango_status(order)),
                ("Tango's number", escape(order.reference_order_id or "none yet")),
                ("Our reference", order.external_ref_id),
                *([("Charged", charge_text(order.charge))] if story.by_admin and order.charge else []),
            ]
        ),
        *_timeline(story),
    ]
    blocks += _problem_blocks(order, story.attempts[0] if story.attempts else None)
    blocks += _finding_blocks(order, story.inquiry, story.asked_at)
    if story.seconds_to_resend:
        blocks.append(context(f"The e-mail can be sent again {wait_text(story.seconds_to_resend)}."))
    if buttons := _detail_buttons(story):
        blocks.append(actions(*buttons))
    return Message(f"Order #{order.id} for {mention(order.recipient.user_id)}: {standing}", blocks)


def _tango_status(order: Order) -> str:
    """Give Tango's word, since when it is known, and when Tango is asked again."""
    if order.tango_status_at is None:
        return "none yet"
    again = f"\nAsked again {time_of(order.watch_at)}" if order.watch_at else ""
    return f"{escape(order.tango_status or 'not said')}, {time_of(order.tango_status_at)}{again}"


def build_public_order(order: Order) -> Message:
    """Show an order to everyone: no address, no message, no reference."""
    text = (
        f"Order #{order.id}: {escape(order.reward_name)}, {order.amount}, asked for by {mention(order.requester_id)}: "
        f"{STATUS[order.status]}{since_text(order)}."
    )
    return Message(text, [section(text)])


def build_failed(order: Order, last: Attempt | None) -> Message:
    """Tell the requester that Tango refused the order, at the last attempt."""
    text = (
        f"Failed: {order.amount} ({escape(order.reward_name)}) for {mention(order.recipient.user_id)}, "
        f"order #{order.id}, asked for by {mention(order.requester_id)}."
    )
    paid = [] if order.problem == Problem.ENDED_AT_TANGO else [context("Nothing was paid.")]
    return Message(text, [section(text), *_problem_blocks(order, last), *paid, actions(anew_button(order))])


def build_needs_attention(
    order: Order, last: Attempt | None, inquiry: Inquiry | None = None, asked_at: datetime | None = None
) -> Message:
    """Tell admins and the requester that the order needs a person, and what Tango said about it."""
    text = f"Order #{order.id} ({order.amount} for {mention(order.recipient.user_id)}) needs a person to look at it."
    blocks = [section(text), *_problem_blocks(order, last), *_finding_blocks(order, inquiry, asked_at)]
    return Message(text, [*blocks, _what_to_do(order)])


def build_still_unknown(order: Order) -> Message:
    """Tell admins that the outcome is unknown, and that the order is still being tried."""
    text = (
        f"Outcome unknown, checking: Tango has not answered {order.attempts} attempts at order #{order.id} "
        f"({order.amount} for {mention(order.recipient.user_id)}). The same reference is sent again with growing "
        "waits, so nobody can be paid twice."
    )
    return Message(text, [section(text), _what_to_do(order)])


def _problem_blocks(order: Order, last: Attempt | None) -> list[Json]:
    text = problem_text(order, last)
    return [section(text)] if text else []


def _finding_blocks(order: Order, inquiry: Inquiry | None, asked_at: datetime | None) -> list[Json]:
    text = inquiries.finding_text(order, inquiry, asked_at)
    return [section(text)] if text else []


def _what_to_do(order: Order) -> Json:
    check = [inquiries.check_button(order)] if order.can_be_asked_about else []
    return actions(button("Details", Action.ORDER_DETAILS, order.external_ref_id), *check)


def status_text(order: Order) -> str:
    """Say the order's status, in a word or two."""
    if order.outcome_unknown and order.status not in FINAL and order.status is not OrderStatus.NEEDS_ATTENTION:
        return "outcome unknown, checking"
    return STATUS[order.status]


def since_text(order: Order) -> str:
    """Say since when the order has its status, to follow the status."""
    return f", {time_of(order.finalized_at or order.created_at)}"


def _standing(story: OrderStory) -> str:
    order = story.order
    if order.status is not OrderStatus.QUEUED:
        return f"{sentence(status_text(order))}{since_text(order)}"
    if story.queue.halt_cause is not None:
        return hold_text(Hold(story.queue.halt_cause)).removesuffix(".")
    if order.outcome_unknown:
        return f"Outcome unknown, checking: sent again {time_of(order.available_at)} under the same reference"
    if story.ahead == 0:
        return "Waiting in the queue: next"
    more = "more than " if story.ahead >= MOST_AHEAD else ""
    return f"Waiting in the queue: {more}{story.ahead:,} before it, about {story.ahead:,} s"


def _timeline(story: OrderStory) -> list[Json]:
    lines = ["*Timeline*", *(_line(event) for _, event in story.timeline())]
    blocks = [section(text) for text in _paragraphs(lines)]
    if story.is_cut:
        blocks.append(context(f"Of attempts and of resends, the last {MOST_IN_TIMELINE} are shown."))
    return blocks


def _line(event: AuditEntry | Attempt | Resend) -> str:
    match event:
        case AuditEntry():
            return _event_line(event)
        case Attempt():
            return _attempt_line(event)
        case Resend():
            return _resend_line(event)


def _paragraphs(lines: Sequence[str]) -> Iterator[str]:
    """Put as many whole lines together as a section holds: half a date or mention would show as code."""
    paragraph = ""
    for line in lines:
        if len(paragraph) + 1 + len(line) > MOST_IN_SECTION:
            yield paragraph
            paragraph = ""
        paragraph = f"{paragraph}\n{line}".strip()
    yield paragraph


def _event_line(entry: AuditEntry) -> str:
    return f"• {sentence(event_text(entry))}{inquiries.by_text(entry.actor)}, {time_of(entry.at)}"


def _resend_line(resend: Resend) -> str:
    """Say who had the email sent again, when, how, and what became of it."""
    elsewhere = " to another address" if resend.readdressed else ""
    template = f" with the template {escape(resend.changes.template)}" if resend.changes.template else ""
    said = " ".join(part for part in (resend.i18n_key, resend.detail) if part)
    asked = f"asked for by {mention(resend.requested_by)}, {time_of(resend.requested_at)}"
    return f"• E-mail again{elsewhere}{template}, {asked}: {resend_text(resend)}{f' ({escape(said)})' if said else ''}"


def _attempt_line(attempt: Attempt) -> str:
    said = " ".join(str(part) for part in (attempt.http_status, attempt.i18n_key, attempt.detail) if part)
    came_to = outcome_text(attempt)
    return f"• Attempt: {came_to}{f' ({escape(said)})' if said else ''}, {time_of(attempt.started_at)}"


def _detail_buttons(story: OrderStory) -> list[Json]:
    order = story.order
    buttons = []
    if order.status is OrderStatus.ACCEPTED and order.is_mailed:
        buttons += resend_buttons(order, Action.ORDER_RESEND)
    if _was_delivered(story):
        buttons.append(button("Deliver again", Action.REWARD_DELIVER, order.external_ref_id))
    if order.status in (OrderStatus.FAILED, OrderStatus.CANCELED):
        buttons.append(anew_button(order))
    if story.by_admin and order.status is OrderStatus.ACCEPTED and standing_of(order.tango_status) in _UNFINISHED:
        buttons.append(button("Ask Tango again", Action.ORDER_ASK, order.external_ref_id))
    buttons += inquiries.inquiry_buttons(
        order,
        by_admin=story.by_admin,
        can_be_sent=order.allows(OrderMove.RETRY) and not story.is_past_idempotency,
        can_be_closed=order.allows(OrderMove.CLOSE),
    )
    if order.allows(OrderMove.CANCEL):
        buttons.append(cancel_button(Action.ORDER_CANCEL, order.external_ref_id))
    buttons.append(button("Show in channel", Action.ORDER_SHOW, order.external_ref_id))
    return buttons


def _was_delivered(story: OrderStory) -> bool:
    """Tell whether Kudos has given the reward, or has tried to and could not."""
    failed = any(entry.event == AuditEvent.ORDER_NOT_DELIVERED for entry in story.story)
    order = story.order
    ours = order.delivery is Delivery.MESSAGE and order.status is OrderStatus.ACCEPTED
    return ours and (order.delivered_at is not None or failed)


def event_text(entry: AuditEntry) -> str:
    """Return what happened, by the audit log."""
    if entry.event == AuditEvent.ORDER_INQUIRY_FINISHED:
        return inquiries.event_text(entry.facts)
    return _EVENTS.get(entry.event, entry.event)


def outcome_text(attempt: Attempt) -> str:
    """Return what an attempt came to."""
    return _OUTCOMES[attempt.outcome] if attempt.outcome else "under way"


def resend_text(resend: Resend) -> str:
    """Return what became of a resend."""
    return _RESENT[resend.status]
