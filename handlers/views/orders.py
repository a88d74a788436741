"""Orders as they are seen: pages, one in detail with its timeline, and what is told about one."""

from collections.abc import Mapping
from typing import Final

from bot.domain.order import FINAL, Attempt, Order, OrderMove, OrderStatus, Problem, Resend, ResendStatus
from bot.domain.request import Request
from bot.service import MOST_AHEAD, OrderPage, OrderStory
from handlers.ids import Action
from handlers.views.blocks import (
    MOST_IN_SECTION,
    Json,
    Message,
    actions,
    button,
    confirm,
    context,
    escape,
    fields,
    header,
    mention,
    section,
    time_of,
)
from handlers.views.messages import STATUS
from storage import AuditEntry

_EVENTS: Final[Mapping[str, str]] = {
    "request.filed": "filed",
    "request.approved": "approved",
    "order.queued": "put into the queue",
    "order.rescued": "sent again after a restart, under the same reference",
    "order.accepted": "placed with Tango",
    "order.failed": "refused by Tango",
    "order.needs_attention": "set aside for a person",
    "order.retried": "put back into the queue",
    "order.canceled": "canceled",
    "order.resend_requested": "asked to be mailed again",
    "order.resend_sent": "mailed again",
    "order.resend_refused": "not mailed again: Tango refused",
    "order.resend_unclear": "mailed again or not: Tango did not answer",
    "queue.halted": "not taken: Tango takes no orders at present",
}

_OUTCOMES: Final[Mapping[str, str]] = {
    "accepted": "accepted",
    "rejected": "refused",
    "throttled": "too early, tried again at once",
    "ambiguous": "no clear answer",
    "halted": "not possible at that time",
}

_PROBLEMS: Final[Mapping[str, str]] = {
    Problem.DIFFERS: "Tango has another order under this reference. Compare the two in the Tango portal",
    Problem.PAST_IDEMPOTENCY: (
        "It was first sent 90 days ago or more, so sending it again could make a second order. Look in the Tango portal"
    ),
    Problem.REFUSED_AFTER_UNKNOWN: (
        "Tango refuses it now, but an earlier attempt went unanswered and may have placed it. Look in the Tango portal"
    ),
}


def build_order_page(page: OrderPage, *, title: str, older: str | None, newer: str | None) -> Message:
    """A page of orders, for the viewer alone.

    Args:
        page: what to list.
        title: what is listed.
        older: what the button to the next page carries; None on the last.
        newer: what the button to the first page carries; None on the first.
    """
    blocks = [header(title)]
    if page.pending:
        blocks.append(section("*Waiting for approval*\n" + "\n".join(_pending_line(r) for r in page.pending)))
    blocks += [section(_order_line(order), button("Details", Action.ORDER_DETAILS, order.id)) for order in page.orders]
    if not page.orders and not page.pending:
        blocks.append(section("No orders here. `/kudos` sends a reward."))
    turns = []
    if newer is not None:
        turns.append(button("Newest", Action.ORDERS_NEWER, newer))
    if older is not None:
        turns.append(button("Older", Action.ORDERS_OLDER, older))
    if turns:
        blocks.append(actions(*turns))
    return Message(f"{title}: {len(page.orders)} orders.", blocks)


def build_order_detail(story: OrderStory) -> Message:
    """One order with all that happened to it, for the viewer alone."""
    order, request = story.order, story.request
    standing = _standing(story)
    blocks = [
        header(f"Order #{order.id}"),
        section(f"*{standing}*"),
        fields(
            [
                ("For", f"{mention(order.recipient.user_id)}\n{escape(order.recipient.email)}"),
                ("Reward", f"{escape(order.reward_name)}\n{order.amount}"),
                ("Asked for by", f"{mention(order.requester_id)} (request #{request.id})"),
                ("Tango's status", escape(order.tango_status or "none yet")),
                ("Tango's number", escape(order.reference_order_id or "none yet")),
                ("Our reference", order.external_ref_id),
            ]
        ),
        section("*Timeline*\n" + _timeline(story)),
    ]
    if order.problem:
        blocks.append(section(problem_text(order)))
    if buttons := _detail_buttons(story):
        blocks.append(actions(*buttons))
    return Message(f"Order #{order.id} for {mention(order.recipient.user_id)}: {standing}", blocks)


def build_public_order(order: Order) -> Message:
    """An order as everyone may see it: no address, no message, no reference."""
    text = (
        f"Order #{order.id}: {escape(order.reward_name)}, {order.amount}, asked for by {mention(order.requester_id)}: "
        f"{STATUS[order.status]}{_since(order)}."
    )
    return Message(text, [section(text)])


def build_failed(order: Order) -> Message:
    """To the requester: Tango refused the order."""
    text = (
        f"Failed: {order.amount} ({escape(order.reward_name)}) for {mention(order.recipient.user_id)}, "
        f"order #{order.id}. Nothing was paid."
    )
    return Message(text, [section(text), *_problem_blocks(order), context("You can file a new request with `/kudos`.")])


def build_needs_attention(order: Order) -> Message:
    """To admins and the requester: a machine could only guess."""
    text = f"Order #{order.id} ({order.amount} for {mention(order.recipient.user_id)}) needs a person to look at it."
    return Message(text, [section(text), *_problem_blocks(order), _details_button(order)])


def build_still_unknown(order: Order) -> Message:
    """To admins: nobody knows yet, and it is still being tried."""
    text = (
        f"Outcome unknown, checking: Tango has not answered {order.attempts} attempts at order #{order.id} "
        f"({order.amount} for {mention(order.recipient.user_id)}). The same reference is sent again with growing "
        "waits, so nobody can be paid twice."
    )
    return Message(text, [section(text), _details_button(order)])


def build_on_its_way(order: Order) -> Message:
    """To the recipient, once the order is placed."""
    text = (
        f"{mention(order.requester_id)} sent you a reward: {escape(order.reward_name)}, {order.amount}. "
        "Look for the e-mail from Tango, also in your spam folder."
    )
    return Message(text, [section(text)])


def build_resend_finished(order: Order, resend: Resend) -> Message:
    """To who asked for it: what became of a resend."""
    whom = f"the e-mail of order #{order.id} to {mention(order.recipient.user_id)}"
    match resend.status:
        case ResendStatus.SENT:
            text = f"Sent again: {whom}, {time_of(resend.finished_at or resend.requested_at)}."
        case ResendStatus.REFUSED:
            why = f" ({escape(resend.i18n_key)})" if resend.i18n_key else ""
            said = f" It says: {escape(resend.detail)}" if resend.detail else ""
            text = f"Tango did not send {whom} again{why}.{said} Try `/resend {order.id}` later."
        case _:
            text = (
                f"Tango did not answer, so {whom} may or may not have been sent again. "
                f"Ask the recipient; `/resend {order.id}` is possible after 30 seconds."
            )
    return Message(text, [section(text)])


def build_resending(order: Order) -> Message:
    """At once, to who asked for a resend."""
    text = (
        f"Sending the e-mail of order #{order.id} to {mention(order.recipient.user_id)} again. "
        "You will hear when Tango has done it."
    )
    return Message(text, [section(text)])


def problem_text(order: Order) -> str:
    """Why an order failed or needs a person, and what to do."""
    if order.problem is not None and order.problem in _PROBLEMS:
        detail = f" ({escape(order.problem_detail)})" if order.problem_detail else ""
        return f"{_PROBLEMS[order.problem]}{detail}."
    said = f": {escape(order.problem_detail)}" if order.problem_detail else ""
    return f"Tango refused it ({escape(order.problem or 'no reason given')}){said}"


def _problem_blocks(order: Order) -> list[Json]:
    return [section(problem_text(order))] if order.problem else []


def _details_button(order: Order) -> Json:
    return actions(button("Details", Action.ORDER_DETAILS, order.id))


def _pending_line(request: Request) -> str:
    return (
        f"Request #{request.id}: {request.total} ({escape(request.reward_name)}) for "
        f"{escape(', '.join(r.name for r in request.recipients[:3]))}"
        f"{' and others' if len(request.recipients) > 3 else ''}, {time_of(request.created_at)}"
    )


def _order_line(order: Order) -> str:
    return (
        f"*#{order.id}* {escape(order.recipient.name)}: {escape(order.reward_name)}, {order.amount}\n"
        f"{_status(order)}{_since(order)}"
    )


def _status(order: Order) -> str:
    if order.outcome_unknown and order.status not in FINAL and order.status is not OrderStatus.NEEDS_ATTENTION:
        return "outcome unknown, checking"
    return STATUS[order.status]


def _since(order: Order) -> str:
    return f", {time_of(order.finalized_at or order.created_at)}"


def _standing(story: OrderStory) -> str:
    order = story.order
    if order.status is not OrderStatus.QUEUED:
        return f"{_sentence(_status(order))}{_since(order)}"
    if story.queue.halted_at is not None:
        return "Waiting: the queue is on hold, and goes on by itself once the cause is gone"
    if order.outcome_unknown:
        return f"Outcome unknown, checking: sent again {time_of(order.available_at)} under the same reference"
    if story.ahead == 0:
        return "Waiting in the queue: next"
    more = "more than " if story.ahead >= MOST_AHEAD else ""
    return f"Waiting in the queue: {more}{story.ahead:,} before it, about {story.ahead:,} s"


def _timeline(story: OrderStory) -> str:
    events = [(attempt.finished_at or attempt.started_at, _attempt_line(attempt)) for attempt in story.attempts]
    events += [(entry.at, _event_line(entry)) for entry in story.story]
    # The sort is stable: an attempt stands before the event of the same moment that it led to.
    return "\n".join(_that_fit([line for _, line in sorted(events, key=lambda event: event[0])]))


def _that_fit(lines: list[str]) -> list[str]:
    """The first lines that one section holds, whole: half a date or mention would show as code."""
    room = MOST_IN_SECTION - 50  # for the title, and the line that says there was more
    fitting: list[str] = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return [*fitting, "• …"]
        fitting.append(line)
    return fitting


def _event_line(entry: AuditEntry) -> str:
    by = f" by {mention(entry.actor)}" if entry.actor else ""
    return f"• {_sentence(_EVENTS.get(entry.event, entry.event))}{by}, {time_of(entry.at)}"


def _attempt_line(attempt: Attempt) -> str:
    said = " ".join(str(part) for part in (attempt.http_status, attempt.i18n_key, attempt.detail) if part)
    came_to = _OUTCOMES.get(attempt.outcome or "", "under way")
    return f"• Attempt: {came_to}{f' ({escape(said)})' if said else ''}, {time_of(attempt.started_at)}"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _detail_buttons(story: OrderStory) -> list[Json]:
    order = story.order
    buttons = []
    if order.status is OrderStatus.ACCEPTED and order.is_mailed:
        buttons.append(button("Send the e-mail again", Action.ORDER_RESEND, order.id))
    if story.by_admin and order.allows(OrderMove.RETRY):
        question = confirm(
            title="Send this order again?",
            text="It goes to Tango under the same reference, so it cannot be paid twice.",
            yes="Send again",
        )
        buttons.append(button("Retry", Action.ORDER_RETRY, order.id, confirm=question))
    if story.by_admin and order.allows(OrderMove.CANCEL):
        question = confirm(
            title="Cancel this order?",
            text="It leaves the queue and is never sent. This cannot be undone.",
            yes="Cancel the order",
            danger=True,
        )
        buttons.append(button("Cancel order", Action.ORDER_CANCEL, order.id, style="danger", confirm=question))
    buttons.append(button("Show in channel", Action.ORDER_SHOW, order.id))
    return buttons
