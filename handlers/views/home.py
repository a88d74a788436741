"""The Home tab: what waits for the reader, what they asked for and received, and for admins how the queue stands.

Nothing in it is typed, so that publishing it again loses nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.money import money_text
from bot.domain.order import Order, OrderStatus
from bot.domain.queue import QueueStatus
from bot.domain.request import Delivery, Request
from bot.usecases.home import MOST_WAITING, HomeFacts, Sending
from handlers.ids import Action
from handlers.views.alerts import lasts_text
from handlers.views.blocks import (
    Json,
    actions,
    button,
    context,
    escape,
    header,
    mention,
    section,
    time_of,
)
from handlers.views.budgets import budgets_blocks
from handlers.views.entries import order_entry, request_text_of_entry
from handlers.views.names import reward_text
from handlers.views.people import any_of
from handlers.views.queue import build_hold
from handlers.views.reminders import absence_blocks, waiting_line
from handlers.views.request_buttons import withdraw_button
from handlers.views.requests import card_facts, decision_blocks
from handlers.views.states import ORDER_STATES

#: The blocks for whole cards. Each takes up to fourteen, all else on the tab up to 47, and a view has room for a
#: hundred (Slack docs, views.publish).
_FOR_CARDS: Final = 52

#: The waiting requests that follow in a line each: those that come next, at a glance.
_MOST_LINES: Final = 10

_DIVIDER: Final[Json] = {"type": "divider"}

#: The button of a reward that was received, and how it came.
_RECEIVED: Final[Mapping[Delivery, tuple[str, Action, str]]] = {
    Delivery.EMAIL: ("I didn't get it", Action.RESEND_MINE, "By email from Tango"),
    Delivery.MESSAGE: ("Show my reward", Action.REWARD_SHOW, "In our direct messages"),
    Delivery.POST: ("That isn't my address", Action.ADDRESS_WRONG, "By post"),
}


def build_home(facts: HomeFacts, team_id: str, now: datetime) -> Json:
    """Build the Home tab.

    Args:
        facts: what the reader may see.
        team_id: of the workspace.
        now: tells a halt from a probe, UTC.
    """
    blocks = [
        *_beginning(facts),
        *(_waiting(facts.waiting, team_id, facts.undo_within) if facts.decides else []),
        *(absence_blocks(facts.away_until) if facts.decides else []),
        *(_sending(facts.sending, now) if facts.sending else []),
        *(_own(facts) if facts.sends or facts.pending or facts.orders else []),
        *_received(facts.received),
    ]
    return {"type": "home", "blocks": blocks}


def build_home_opening() -> Json:
    """Build what Home shows until Kudos has made it."""
    return {"type": "home", "blocks": [section("I'm getting this ready. Please open this tab again in a moment.")]}


def _beginning(facts: HomeFacts) -> Iterator[Json]:
    """Say what this is and how to begin; to somebody without rights, whom to ask."""
    yield section("🎁 *Say thank you with a gift card.* Kudos sends it once it's approved.")
    if facts.is_unconfirmed:
        yield section("I'm still asking Slack what you may do here. Please open this tab again in a minute.")
    if facts.sends:
        yield actions(button("Send a reward", Action.HOME_SEND, "form"))
        yield context(
            "`/kudos` opens the same form · `/orders` shows where rewards are · `/resend` sends an email again"
        )
    elif not (facts.decides or facts.sending or facts.is_unconfirmed):
        yield section(_no_sender_text(facts.admins))


def _no_sender_text(admins: Sequence[str]) -> str:
    if not admins:
        return "You can't send rewards yourself. Please ask the colleague who set up Kudos."
    return f"You can't send rewards yourself. If you'd like to, please ask {any_of(admins)}."


# --------------------------------------------------------------------------------- for approvers


def _waiting(requests: Sequence[Request], team_id: str, undo_within: timedelta) -> list[Json]:
    """Show what waits for the reader's decision, the oldest first: as many whole cards as fit, then lines."""
    blocks = [_DIVIDER, header("Waiting for your approval")]
    if not requests:
        return [*blocks, section("✅ Nothing is waiting for you.")]
    blocks.append(context(f"{_count(requests)}, the oldest first"))
    room, shown = _FOR_CARDS, 0
    for request in requests:
        card = [*card_facts(request, team_id), *decision_blocks(request, Action.APPROVE, undo_within=undo_within)]
        if len(card) + (shown > 0) > room:
            break
        blocks += [_DIVIDER, *card] if shown else card
        room -= len(card) + (shown > 0)
        shown += 1
    return [*blocks, *_next(requests[shown:])]


def _count(requests: Sequence[Request]) -> str:
    if len(requests) == 1:
        return "1 request"
    return f"More than {MOST_WAITING} requests" if len(requests) > MOST_WAITING else f"{len(requests)} requests"


def _next(requests: Sequence[Request]) -> list[Json]:
    if not requests:
        return []
    blocks = [section("\n".join(["*Next*", *map(waiting_line, requests[:_MOST_LINES])]))]
    if len(requests) > _MOST_LINES:
        blocks.append(context("There are more: `/orders pending` shows them all."))
    return blocks


# ------------------------------------------------------------------------------------ for admins


def _sending(sending: Sending, now: datetime) -> list[Json]:
    """Show whether rewards go out, how fast, from how much money, and which need somebody."""
    blocks: list[Json] = [_DIVIDER, header("Sending")]
    if sending.queue.is_on_hold:
        blocks += build_hold(sending.queue, sending.waiting).blocks
        if sending.queue.status(now) is QueueStatus.PROBING:
            blocks.append(context("I'm trying one right now."))
    else:
        blocks.append(section("✅ Rewards are going out."))
    facts = [f"{sending.waiting:,} waiting", f"up to {sending.per_second:g} a second"]
    if sending.balance is not None:
        facts.append(f"{escape(money_text(*sending.balance))} at Tango")
    blocks.append(context(" · ".join(facts)))
    if sending.funds is not None and (lasts := lasts_text(sending.funds.days, "The balance at Tango")):
        icon = "⚠️ " if sending.funds.below_since else ""
        blocks.append(context(f"{icon}{lasts}"))
    if sending.attention:
        need = "1 needs attention" if sending.attention == 1 else f"{sending.attention:,} need attention"
        blocks.append(section(f"{ORDER_STATES[OrderStatus.NEEDS_ATTENTION].icon} *{need}*"))
        blocks += [order_entry(order, "") for order in sending.listed]
    if sending.attention > len(sending.listed):
        blocks.append(context("There are more: `/orders attention` shows them all."))
    return blocks


# ---------------------------------------------------------------------------------- for everyone


def _own(facts: HomeFacts) -> list[Json]:
    """Show what the reader has left, and asked for: what waits first, then the newest orders."""
    blocks = [_DIVIDER, header("Rewards you asked for"), *budgets_blocks(facts.rooms)]
    if not (facts.pending or facts.orders):
        return [*blocks, section("None yet. Your first one is a click away.")]
    for request in facts.pending:
        text = request_text_of_entry(request, request.requester_id)
        blocks.append(section(text, withdraw_button(request)))
    entries = [order_entry(order, order.requester_id, on_hold=facts.on_hold) for order in facts.orders]
    return [*blocks, *entries, context("`/orders` shows them all.")]


def _received(orders: Sequence[Order]) -> list[Json]:
    """Show the rewards that the reader was given, each with what they may do about it."""
    if not orders:
        return []
    return [_DIVIDER, header("Rewards you received"), *map(_reward, orders)]


def _reward(order: Order) -> Json:
    label, action, how = _RECEIVED[order.delivery]
    at = order.last_sent_at or order.delivered_at or order.finalized_at or order.created_at
    text = f"🎉 *{reward_text(order)}* from {mention(order.requester_id)}\n{how} {time_of(at)}"
    return section(text, button(label, action, order.external_ref_id))
