"""An order on the screen: in detail with its timeline, and the messages about it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from bot.domain.audit import AuditEvent
from bot.domain.inquiry import Inquiry
from bot.domain.order import Attempt, AttemptOutcome, Order, OrderMove, OrderStatus
from bot.domain.people import visible_name
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
    clip,
    confirm,
    context,
    escape,
    fields,
    header,
    mention,
    name_text,
    say,
    section,
    sentence,
    time_of,
)
from handlers.views.cancel import anew_button, cancel_button
from handlers.views.charges import charge_text
from handlers.views.delivery import deliver_button
from handlers.views.names import about, number_text, of_order, order_text, reward_text
from handlers.views.problems import problem_facts, problem_text
from handlers.views.queue import cause_text
from handlers.views.resend import again_text, resend_buttons
from handlers.views.states import ORDER_STATES, State, order_state, since_text
from storage import AuditEntry

_EVENTS: Final[Mapping[str, str]] = {
    AuditEvent.REQUEST_FILED: "requested",
    AuditEvent.REQUEST_APPROVED: "approved",
    AuditEvent.REQUEST_EXPIRED: "expired",
    AuditEvent.REQUEST_ADDRESS_SHOWN: "address shown",
    AuditEvent.REQUEST_CARD_POSTED_AGAIN: "card posted again",
    AuditEvent.REQUEST_CARD_REFUSED: "card refused by Slack",
    AuditEvent.REQUEST_THANKS_REFUSED: "public thanks refused by Slack",
    AuditEvent.REQUEST_REQUESTER_UNTOLD: "message to the requester refused by Slack",
    AuditEvent.REQUEST_CLEARED: "names, addresses and messages removed because of their age",
    AuditEvent.ORDER_QUEUED: "put into the queue",
    AuditEvent.ORDER_RESCUED: "sent again after a restart, under the same reference",
    AuditEvent.ORDER_ACCEPTED: "accepted by Tango",
    AuditEvent.ORDER_OVERCHARGED: "charged more than its value explains",
    AuditEvent.ORDER_COMPLETED: "completed by Tango",
    AuditEvent.ORDER_ENDED_AT_TANGO: "ended by Tango without a reward",
    AuditEvent.ORDER_WATCH_ENDED: "no longer watched at Tango",
    AuditEvent.ORDER_WATCH_REQUESTED: "watched at Tango again",
    AuditEvent.ORDER_DELIVERED: "delivered by direct message",
    AuditEvent.ORDER_NOT_DELIVERED: "not delivered: the recipient can't get direct messages",
    AuditEvent.ORDER_DELIVERY_REQUESTED: "delivery requested again",
    AuditEvent.ORDER_RECIPIENT_UNTOLD: "message to the recipient refused by Slack",
    AuditEvent.ORDER_REWARD_SHOWN: "shown to the recipient",
    AuditEvent.ORDER_ADDRESS_DISPUTED: "address disputed",
    AuditEvent.ORDER_FAILED: "refused by Tango",
    AuditEvent.ORDER_NEEDS_ATTENTION: "set aside for an admin",
    AuditEvent.ORDER_RETRIED: "put back into the queue",
    AuditEvent.ORDER_CLOSED: "closed without sending",
    AuditEvent.ORDER_INQUIRY_REQUESTED: "check with Tango requested",
    AuditEvent.ORDER_CANCELED: "canceled",
    AuditEvent.ATTEMPT_REFUSED: "tried without the right to",
    AuditEvent.QUEUE_HALTED: "not sent: Tango accepted no orders at that time",
}

_OUTCOMES: Final[Mapping[AttemptOutcome, str]] = {
    AttemptOutcome.ACCEPTED: "accepted",
    AttemptOutcome.REJECTED: "refused",
    AttemptOutcome.THROTTLED: "too early, tried again right away",
    AttemptOutcome.AMBIGUOUS: "no clear answer",
    AttemptOutcome.HALTED: "not possible at that time",
}

#: The state of an order that has failed, which comes first.
_FAILED: Final = ORDER_STATES[OrderStatus.FAILED]

#: The characters of a name in a title, which has room for 150 with the reward.
_MOST_OF_NAME: Final = 60

_UNFINISHED: Final = frozenset({Standing.OPEN, Standing.UNEXPECTED})

_RESENT: Final[Mapping[ResendStatus, str]] = {
    ResendStatus.CLAIMED: "waiting its turn",
    ResendStatus.SENDING: "being sent",
    ResendStatus.SENT: "sent",
    ResendStatus.REFUSED: "refused by Tango",
    ResendStatus.AMBIGUOUS: "sent or not, because Tango didn't answer",
}


def build_order_detail(story: OrderStory) -> Message:
    """Show one order with all that happened to it, to the viewer alone."""
    order, last = story.order, story.attempts[0] if story.attempts else None
    state, since = _standing(story)
    whom = f"{mention(order.recipient.user_id)}\n{escape(order.recipient.email) or 'address no longer kept'}"
    blocks = [
        header(_title(order)),
        section(f"*{state}*{since}"),
        *_problem_blocks(order, last, to_admin=story.by_admin),
        *_finding_blocks(order, story.inquiry, story.asked_at),
        fields(
            [
                ("For", whom),
                ("Requested by", mention(order.requester_id)),
                ("Reward", reward_text(order)),
                *([("Charged", charge_text(order.charge))] if story.by_admin and order.charge else []),
            ]
        ),
        *_timeline(story),
    ]
    if story.seconds_to_resend:
        blocks.append(context(again_text(order, story.seconds_to_resend)))
    if buttons := _detail_buttons(story):
        blocks.append(actions(*buttons))
    small = " · ".join(filter(None, [number_text(order), *_at_tango(order), problem_facts(order, last)]))
    blocks.append(context(small))
    return Message(f"{order_text(order)}: {state}{since} ({number_text(order)})", blocks)


def _title(order: Order) -> str:
    """Name the order over its detail, where nothing is formatted."""
    name, reward = visible_name(order.recipient.name), f"{order.amount} {order.reward_name}"
    return f"{clip(name, _MOST_OF_NAME)}'s {reward}" if name else reward


def _at_tango(order: Order) -> list[str]:
    """Give what Tango and its portal know the order by, and when Tango is asked again."""
    facts = [f"our reference {order.external_ref_id}"]
    if order.reference_order_id:
        facts.append(f"Tango's number {escape(order.reference_order_id)}")
    if order.tango_status_at is not None:
        status = escape(order.tango_status or "not said")
        facts.append(f"Tango's status {status}, {time_of(order.tango_status_at)}")
    if order.watch_at:
        facts.append(f"next check {time_of(order.watch_at)}")
    return facts


def build_public_order(order: Order) -> Message:
    """Show an order to everyone: no amount, no address, no message, no reference, and nobody is pinged."""
    name = name_text(visible_name(order.recipient.name)) or "someone"
    text = say(
        "{state}: {name}'s {reward} ({number})",
        state=order_state(order),
        name=name,
        reward=escape(order.reward_name),
        number=number_text(order),
    )
    return Message(text, [section(text)])


def build_failed(order: Order, last: Attempt | None, *, to_admin: bool = True) -> Message:
    """Tell the requester and the admins that an order has failed, and why, at the last attempt."""
    text = of_order(order, "{state}: {name}'s {amount} {reward} couldn't be sent.", state=_FAILED)
    why = problem_text(order, last, to_admin=to_admin, in_full=False)
    paid = "" if order.problem == Problem.ENDED_AT_TANGO else "Nothing was paid."
    said = " ".join(part for part in (why, paid) if part)
    small = _asked_by(order, problem_facts(order, last))
    return about(order, text, *([section(said)] if said else []), actions(anew_button(order)), facts=small)


def build_needs_attention(
    order: Order,
    last: Attempt | None,
    inquiry: Inquiry | None = None,
    asked_at: datetime | None = None,
    *,
    to_admin: bool = True,
) -> Message:
    """Tell the admins that an order needs one of them, and what Tango said about it; the requester, that it's held up.

    Args:
        order: as it is now.
        last: its last attempt, if any.
        inquiry: the last question to Tango that was answered, if any.
        asked_at: when Tango is asked next, UTC; None if it is not.
        to_admin: whether the reader is an admin, or there is none.
    """
    if not to_admin:
        # What has changed, the requester may know best how to fix.
        why = _problem_blocks(order, last, to_admin=False) if order.problem == Problem.CHANGED else []
        text = of_order(order, "{name}'s {amount} {reward} is held up. The admins are looking into it.")
        return about(order, text, *why, _what_to_do(order))
    text = f"{ORDER_STATES[OrderStatus.NEEDS_ATTENTION]}: {order_text(order)}."
    blocks = [*_problem_blocks(order, last), *_finding_blocks(order, inquiry, asked_at), _what_to_do(order)]
    return about(order, text, *blocks, facts=_asked_by(order, problem_facts(order, last)))


def build_still_unknown(order: Order) -> Message:
    """Tell admins that the outcome is unknown, and that the order is still being tried."""
    text = of_order(
        order,
        "Tango hasn't answered {attempts} attempts to send {name}'s {amount} {reward}. "
        "I'll keep trying with the same reference, so nobody can be paid twice.",
        attempts=order.attempts,
    )
    return about(order, text, _what_to_do(order), facts=_asked_by(order))


def _asked_by(order: Order, facts: str = "") -> str:
    """Say who asked for it, for the small line, before the facts for machines."""
    return " · ".join(filter(None, [f"requested by {mention(order.requester_id)}", facts]))


def _problem_blocks(order: Order, last: Attempt | None, *, to_admin: bool = True) -> list[Json]:
    text = problem_text(order, last, to_admin=to_admin, in_full=False)
    return [section(text)] if text else []


def _finding_blocks(order: Order, inquiry: Inquiry | None, asked_at: datetime | None) -> list[Json]:
    text = inquiries.finding_text(order, inquiry, asked_at)
    return [section(text)] if text else []


def _what_to_do(order: Order) -> Json:
    check = [inquiries.check_button(order)] if order.can_be_asked_about else []
    return actions(button("Details", Action.ORDER_DETAILS, order.external_ref_id), *check)


def _standing(story: OrderStory) -> tuple[State, str]:
    """Return the state, and what follows it: since when, why, or how long it will take."""
    order, cause = story.order, story.queue.halt_cause
    state = order_state(order, on_hold=cause is not None)
    if order.status is not OrderStatus.QUEUED:
        return state, since_text(order)
    if cause is not None:
        return state, f" · {cause_text(cause)}"
    if order.outcome_unknown:
        return state, f" · tried again {time_of(order.available_at)} with the same reference"
    if story.ahead == 0:
        return state, " · it's next"
    more = "more than " if story.ahead >= MOST_AHEAD else ""
    return state, f" · {more}{story.ahead:,} before it"


def _timeline(story: OrderStory) -> list[Json]:
    lines = ["*Timeline*", *(_line(event) for _, event in story.timeline())]
    blocks = [section(text) for text in _paragraphs(lines)]
    if story.is_cut:
        blocks.append(context(f"The timeline shows the last {MOST_IN_TIMELINE} attempts and resends."))
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
    template = f" with template {escape(resend.changes.template)}" if resend.changes.template else ""
    said = " ".join(part for part in (resend.i18n_key, resend.detail) if part)
    asked = f"by {mention(resend.requested_by)}, {time_of(resend.requested_at)}"
    return f"• Resend{elsewhere}{template} {asked}: {resend_text(resend)}{f' ({escape(said)})' if said else ''}"


def _attempt_line(attempt: Attempt) -> str:
    said = " ".join(str(part) for part in (attempt.http_status, attempt.i18n_key, attempt.detail) if part)
    came_to = outcome_text(attempt)
    return f"• Attempt {time_of(attempt.started_at)}: {came_to}{f' ({escape(said)})' if said else ''}"


def _detail_buttons(story: OrderStory) -> list[Json]:
    order = story.order
    buttons = []
    if order.status is OrderStatus.ACCEPTED and order.is_mailed:
        buttons += resend_buttons(order, Action.ORDER_RESEND)
    if _was_delivered(story):
        buttons.append(deliver_button(order.external_ref_id))
    if order.status in (OrderStatus.FAILED, OrderStatus.CANCELED):
        buttons.append(anew_button(order))
    if story.by_admin and order.status is OrderStatus.ACCEPTED and standing_of(order.tango_status) in _UNFINISHED:
        buttons.append(button("Check with Tango again", Action.ORDER_ASK, order.external_ref_id))
    buttons += inquiries.inquiry_buttons(
        order,
        by_admin=story.by_admin,
        can_be_sent=order.allows(OrderMove.RETRY) and not story.is_past_idempotency,
        can_be_closed=order.allows(OrderMove.CLOSE),
    )
    if order.allows(OrderMove.CANCEL):
        buttons.append(cancel_button(Action.ORDER_CANCEL, order.external_ref_id))
    buttons.append(_show_button(order))
    return buttons


def _show_button(order: Order) -> Json:
    """Build the button that shows an order to everyone in the channel, with its question."""
    question = confirm(
        title="Show this to everyone here?",
        text="Everyone here will see whose reward it is and its state. They won't see the amount or an address.",
        yes="Show",
    )
    return button("Show in channel", Action.ORDER_SHOW, order.external_ref_id, confirm=question)


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
