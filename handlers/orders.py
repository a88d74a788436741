"""`/orders`: where is it? Pages, one order in detail, and the buttons that mend."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlencode

from bot.domain.order import OrderFilter, OrderStatus
from handlers.binding import Answer, Desk, Replace, Say, ShowAll
from handlers.ids import Command
from handlers.payloads import Click, SlashCommand
from handlers.views.blocks import Message, escape
from handlers.views.help import build_help
from handlers.views.messages import STATUS
from handlers.views.orders import build_order_detail, build_order_page, build_public_order
from handlers.views.queue import build_probing

#: A short id, our reference (32 hexadecimal digits), or Tango's number.
_REFERENCE: Final = re.compile(r"#?([0-9]{1,15}|[0-9a-fA-F]{32}|[A-Za-z]{2}[0-9]{6}-[0-9]+-[0-9]+)")

_STATUS_WORDS: Final[Mapping[str, OrderStatus]] = {
    "queued": OrderStatus.QUEUED,
    "waiting": OrderStatus.QUEUED,
    "submitting": OrderStatus.SUBMITTING,
    "placed": OrderStatus.ACCEPTED,
    "accepted": OrderStatus.ACCEPTED,
    "failed": OrderStatus.FAILED,
    "canceled": OrderStatus.CANCELED,
    "cancelled": OrderStatus.CANCELED,
    "attention": OrderStatus.NEEDS_ATTENTION,
    "needs attention": OrderStatus.NEEDS_ATTENTION,
    "needs_attention": OrderStatus.NEEDS_ATTENTION,
}


@dataclass(frozen=True, slots=True)
class _Turn:
    """Which page a button leads to: no more than a filter and an id; whose orders is decided by who clicks."""

    wanted: OrderFilter
    before: int | None

    @property
    def value(self) -> str:
        parts = {"before": self.before, "status": self.wanted.status, "person": self.wanted.recipient_id}
        return urlencode({key: value for key, value in parts.items() if value is not None})

    @classmethod
    def of(cls, value: str) -> "_Turn":
        parts = {key: values[0] for key, values in parse_qs(value).items()}
        before = parts.get("before", "")
        return cls(
            OrderFilter(status=_STATUS_WORDS.get(parts.get("status", "")), recipient_id=parts.get("person")),
            int(before) if before.isascii() and before.isdecimal() and len(before) <= 15 else None,
        )


def look_up(desk: Desk, command: SlashCommand) -> Answer:
    """`/orders`, `/orders @person`, `/orders <status>`, `/orders <id>`."""
    words, people = " ".join(command.words()).lower(), command.mentions()
    if words == "help":
        return Say(build_help(Command.ORDERS))
    if reference := _REFERENCE.fullmatch(words):
        return Say(build_order_detail(desk.service.story_of_order(command.user_id, reference[1])))
    status = _STATUS_WORDS.get(words)
    if words and status is None:
        return Say(build_help(Command.ORDERS, f"Kudos does not know what `{escape(words[:100])}` is."))
    wanted = OrderFilter(status=status, recipient_id=people[0] if people else None)
    return Say(_page(desk, command.user_id, _Turn(wanted, None)))


def turn_page(desk: Desk, click: Click) -> Answer:
    """Older, or back to the newest, in place."""
    return Replace(_page(desk, click.user_id, _Turn.of(click.value)))


def show_details(desk: Desk, click: Click) -> Answer:
    """One order, below the list."""
    return Say(build_order_detail(desk.service.story_of_order(click.user_id, str(click.id))))


def show_in_channel(desk: Desk, click: Click) -> Answer:
    """Post a version without private data where the command was typed."""
    return ShowAll(build_public_order(desk.service.story_of_order(click.user_id, str(click.id)).order))


def retry(desk: Desk, click: Click) -> Answer:
    """An admin has looked: send it once more."""
    desk.service.retry_order(click.id, click.user_id)
    return Replace(build_order_detail(desk.service.story_of_order(click.user_id, str(click.id))))


def cancel(desk: Desk, click: Click) -> Answer:
    """An admin takes it out of the queue."""
    desk.service.cancel_order(click.id, click.user_id)
    return Replace(build_order_detail(desk.service.story_of_order(click.user_id, str(click.id))))


def resume_queue(desk: Desk, click: Click) -> Answer:
    """An admin says that the cause of a halt is gone."""
    return Say(build_probing(halted=desk.service.resume_queue(click.user_id)))


def _page(desk: Desk, actor_id: str, turn: _Turn) -> Message:
    page = desk.service.page_of_orders(actor_id, turn.wanted, before=turn.before)
    whose = "All orders" if page.everyone else "Your orders"
    what = f", {STATUS[turn.wanted.status]}" if turn.wanted.status else ""
    whom = ", for one person" if turn.wanted.recipient_id else ""
    return build_order_page(
        page,
        title=f"{whose}{whom}{what}",
        older=_Turn(turn.wanted, page.next_before).value if page.next_before is not None else None,
        newer=_Turn(turn.wanted, None).value or "newest" if turn.before is not None else None,
    )
