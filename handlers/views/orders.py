"""An order on the screen: in detail with its timeline, and the messages about it."""

from datetime import datetime
from typing import Final

from bot.domain.attempt import Attempt
from bot.domain.audit import AuditEvent
from bot.domain.inquiry import Inquiry
from bot.domain.order import Order, OrderMove, OrderStatus
from bot.domain.people import visible_name
from bot.domain.problem import Problem
from bot.domain.request import Delivery
from bot.domain.tango_status import Standing, standing_of
from bot.usecases.orders import MOST_AHEAD, OrderStory
from handlers.ids import Action
from handlers.views import inquiry as inquiries
from handlers.views.blocks import (
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
    time_of,
)
from handlers.views.cancel import anew_button, cancel_button
from handlers.views.charges import charge_text
from handlers.views.delivery import deliver_button
from handlers.views.names import about, number_text, of_order, order_text, reward_text
from handlers.views.occasions import occasion_text
from handlers.views.problems import problem_facts, problem_text
from handlers.views.queue import cause_text
from handlers.views.resend import again_text, resend_buttons
from handlers.views.states import ON_HOLD, ORDER_STATES, State, order_state, since_text
from handlers.views.timeline import timeline_blocks

#: The state of an order that has failed, which comes first.
_FAILED: Final = ORDER_STATES[OrderStatus.FAILED]

#: The characters of a name in a title, which has room for 150 with the reward.
_MOST_OF_NAME: Final = 60

_UNFINISHED: Final = frozenset({Standing.OPEN, Standing.UNEXPECTED})


def build_order_detail(story: OrderStory) -> Message:
    """Show one order with all that happened to it, to the viewer alone."""
    order, last = story.order, story.attempts[0] if story.attempts else None
    state, since = _standing(story)
    occasion = occasion_text(story.request.occasion)
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
                *([("Occasion", escape(occasion))] if occasion else []),
                *([("Charged", charge_text(order.charge))] if story.by_admin and order.charge else []),
            ]
        ),
        *timeline_blocks(story),
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
        return about(order, text, *why, inquiries.what_to_do(order))
    text = f"{ORDER_STATES[OrderStatus.NEEDS_ATTENTION]}: {order_text(order)}."
    blocks = [*_problem_blocks(order, last), *_finding_blocks(order, inquiry, asked_at), inquiries.what_to_do(order)]
    return about(order, text, *blocks, facts=_asked_by(order, problem_facts(order, last)))


def build_still_unknown(order: Order) -> Message:
    """Tell admins that the outcome is unknown, and that the order is still being tried."""
    text = of_order(
        order,
        "Tango hasn't answered {attempts} attempts to send {name}'s {amount} {reward}. "
        "I'll keep trying with the same reference, so nobody can be paid twice.",
        attempts=order.attempts,
    )
    return about(order, text, inquiries.what_to_do(order), facts=_asked_by(order))


def _asked_by(order: Order, facts: str = "") -> str:
    """Say who asked for it, for the small line, before the facts for machines."""
    return " · ".join(filter(None, [f"requested by {mention(order.requester_id)}", facts]))


def _problem_blocks(order: Order, last: Attempt | None, *, to_admin: bool = True) -> list[Json]:
    text = problem_text(order, last, to_admin=to_admin, in_full=False)
    return [section(text)] if text else []


def _finding_blocks(order: Order, inquiry: Inquiry | None, asked_at: datetime | None) -> list[Json]:
    text = inquiries.finding_text(order, inquiry, asked_at)
    return [section(text)] if text else []


def _standing(story: OrderStory) -> tuple[State, str]:
    """Return the state, and what follows it: since when, why, or how long it will take."""
    order, cause = story.order, story.queue.halt_cause
    state = order_state(order, on_hold=cause is not None)
    if cause is not None and state is ON_HOLD:
        return state, f" · {cause_text(cause)}"
    if order.status is not OrderStatus.QUEUED or order.is_held:
        return state, since_text(order)
    if order.outcome_unknown:
        return state, f" · I'll try again {time_of(order.available_at)} with the same reference"
    if story.ahead == 0:
        return state, " · it's next"
    if story.ahead >= MOST_AHEAD:
        return state, f" · more than {story.ahead:,} before it"
    return state, f" · {story.ahead:,} before it"


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
        can_be_sent=order.allows(OrderMove.RETRY) and not (story.is_past_idempotency or order.is_elsewhere),
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
