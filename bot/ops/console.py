"""The `kudos queue` commands, whether a bot runs or not."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from rich.console import Console
from rich.table import Table

from bot.clock import Clock
from bot.domain.attempt import Attempt
from bot.domain.balance import AccountBalance
from bot.domain.order import Order, OrderStatus
from bot.domain.queue import QueueState
from bot.domain.resend import Resend
from bot.settings import LocalSettings
from bot.usecases.find_order import find_numbered
from bot.usecases.holds import Holds
from bot.usecases.inquiry import InquiryControl
from bot.usecases.orders import MOST_AHEAD, OrderStory, read_story
from bot.usecases.queue import CONSOLE, QueueControl
from handlers.views.alerts import lasts_text
from handlers.views.blocks import say
from handlers.views.charges import charge_text
from handlers.views.names import number_text
from handlers.views.occasions import occasion_text
from handlers.views.people import name_of
from handlers.views.problems import problem_text
from handlers.views.queue import cause_text
from handlers.views.states import order_state
from handlers.views.timeline import attempt_text, cut_text, event_text, found_text, resend_text
from storage import AuditEntry, Storage

#: Orders of each state in the list: they fit on a screen. The counts above the list are of all orders.
_LISTED: Final = 20

#: Columns of a list that goes to a file or a program, which reads a row as one line. The widest list has about 150.
_PIPED: Final = 200

#: The states in the list. What needs a person comes first.
_STATES: Final = (OrderStatus.NEEDS_ATTENTION, OrderStatus.SUBMITTING, OrderStatus.QUEUED)

#: How long `kudos queue check` waits: the bot looks every second, and Tango mostly answers within a few.
_PATIENCE: Final = timedelta(seconds=15)

#: Seconds between two looks at the file for the answer.
_LOOK_EVERY: Final = 0.1

# ------------------------------------------------------------------------------------------- queue


def show_queue(settings: LocalSettings) -> None:
    """Print the state of the queue and the orders in it, without names: a terminal is shared, and its output kept.

    Raises:
        StorageError: the file can't be used; the text says what to do.
    """
    now = Clock().now()
    with _storage(settings) as storage:
        state, size = storage.queue.state(), storage.backlog.size()
        # What is kept from before the setting was taken out is out of date.
        funds = storage.balance.get() if settings.alerts.balance_below else None
        orders = [order for status in _STATES for order in storage.backlog.orders(status, _LISTED)]
        orders += storage.backlog.orders(OrderStatus.QUEUED, _LISTED, held=True)
    out = Console(highlight=False, markup=False, soft_wrap=True)
    if not out.is_terminal:
        out.width = _PIPED
    out.print(_state_text(state))
    counted = [_counted(count, status) for status, count in size.orders.items()]
    out.print(", ".join([*counted, *([f"{size.held:,} held"] if size.held else [])]))
    if funds is not None:
        out.print(_funds_text(funds))
    if orders:
        table = Table("order", "status", "amount", "approved", "attempts", "next", "problem", box=None, pad_edge=False)
        for order in orders:
            table.add_row(*_row(order, now))
        out.print(table)


def show_order(settings: LocalSettings, number: str) -> str:
    """Return the story of an order, as `/orders` tells it, without names.

    Tango's words are left out as well: they may quote an address.

    Raises:
        StorageError: the file can't be used; the text says what to do.
        Refusal: the number is no order's.
    """
    now = Clock().now()
    with _storage(settings) as storage:
        order = find_numbered(storage, number)
        story = read_story(storage, order, by_admin=True, now=now)
    facts = [f"{name:<16}{fact}" for name, fact in _facts(story, now).items() if fact]
    events = [f"{time_text(at)}  {_event(event, order)}" for at, event in story.timeline()]
    cut = [cut_text()] if story.is_cut else []
    return "\n".join([f"{order.amount} {order.reward_name} ({number_text(order)})", *facts, "", *events, *cut])


def pause_queue(settings: LocalSettings) -> str:
    """Send no more orders until the queue is resumed, and return what happened, as a sentence.

    Raises:
        StorageError: the file can't be used; the text says what to do.
    """
    with _storage(settings) as storage:
        news = _queue_control(storage).pause_queue(CONSOLE)
    if not news:
        return "The queue was paused already."
    return "Paused. No order is sent until you type `kudos queue resume`. Orders under way are still recorded."


def resume_queue(settings: LocalSettings) -> str:
    """Send orders again, and return what happened, as a sentence.

    Raises:
        StorageError: the file can't be used; the text says what to do.
    """
    with _storage(settings) as storage:
        stood_still = _queue_control(storage).resume_queue(CONSOLE)
        halted = storage.queue.state().halted_at is not None
    if not stood_still:
        return "The queue isn't on hold, so there's nothing to do."
    return (
        "Trying one order now. The others follow if Tango accepts it." if halted else "Resumed. Orders are sent again."
    )


def retry_order(settings: LocalSettings, number: str) -> str:
    """Send an order that needs attention once more, and return what happened, as a sentence.

    Raises:
        StorageError: the file can't be used; the text says what to do.
        Refusal: the order can't be sent again.
    """
    with _storage(settings) as storage:
        order = find_numbered(storage, number)
        _queue_control(storage).retry_order(order.id, CONSOLE)
    return _told(order, "The {amount} {reward} is back in the queue, with the same reference.")


def cancel_order(settings: LocalSettings, number: str) -> str:
    """Take an order out of the queue, and return what happened, as a sentence.

    Raises:
        StorageError: the file can't be used; the text says what to do.
        Refusal: the order can't be canceled any more.
    """
    with _storage(settings) as storage:
        order = find_numbered(storage, number)
        _queue_control(storage).cancel_order(order.id, CONSOLE)
    return _told(order, "The {amount} {reward} is canceled. Nothing was paid.")


def check_order(settings: LocalSettings, number: str, *, patience: timedelta = _PATIENCE) -> str:
    """Have the bot ask Tango what became of an order, wait for the answer, and return it, as a sentence.

    Args:
        settings: of the file.
        number: of the order.
        patience: how long to wait for the answer.

    Raises:
        StorageError: the file can't be used; the text says what to do.
        Refusal: nothing about the order is open.
    """
    with _storage(settings) as storage:
        asked = find_numbered(storage, number)
        inquiry_id = _inquiry_control(storage).ask(asked.id, CONSOLE)
        until = time.monotonic() + patience.total_seconds()
        while (inquiry := storage.inquiries.get(inquiry_id)) and inquiry.finding is None and time.monotonic() < until:
            time.sleep(_LOOK_EVERY)
        order = storage.orders.get(asked.id)
    if inquiry is None or inquiry.finding is None or order is None:
        return _told(
            asked,
            "Tango hasn't answered about the {amount} {reward} yet. The bot keeps asking while it runs. "
            "Type `kudos queue show {number}` later to see the answer.",
        )
    small = ", ".join(part for part in (number_text(order), inquiry.detail) if part)
    return f"{found_text(inquiry.finding, inquiry.sent_as)} {order_state(order).told} ({small})"


def close_order(settings: LocalSettings, number: str) -> str:
    """End an order that needs attention and that Tango does not have, and return what happened, as a sentence.

    Raises:
        StorageError: the file can't be used; the text says what to do.
        Refusal: the order can't be closed.
    """
    with _storage(settings) as storage:
        order = find_numbered(storage, number)
        _inquiry_control(storage).close(order.id, CONSOLE)
    return _told(order, "The {amount} {reward} is closed and won't be sent. Nothing was paid.")


@contextmanager
def _storage(settings: LocalSettings) -> Iterator[Storage]:
    storage = Storage.visit(settings.storage.where)
    try:
        yield storage
    finally:
        storage.close()


def _queue_control(storage: Storage) -> QueueControl:
    clock = Clock()
    return QueueControl(storage=storage, clock=clock, holds=Holds(storage=storage, clock=clock))


def _inquiry_control(storage: Storage) -> InquiryControl:
    return InquiryControl(storage=storage, clock=Clock())


def _told(order: Order, told: str) -> str:
    """Say something about an order without naming anybody; its number comes last."""
    number = number_text(order)
    text = say(told, amount=order.amount, reward=order.reward_name, number=order.number)
    return f"{text} ({number})"


def _state_text(state: QueueState) -> str:
    if state.halted_at is None:
        return "The queue runs."
    if state.is_paused or state.probe_at is None:
        return f"The queue has been paused since {time_text(state.halted_at)}."
    return (
        f"The queue has been on hold since {time_text(state.halted_at)}: {cause_text(state.halt_cause or '')}. "
        f"The next try is at {time_text(state.probe_at)}."
    )


def _funds_text(funds: AccountBalance) -> str:
    text = f"The Tango account had {funds.held} at {time_text(funds.told_at)}. {lasts_text(funds.days)}"
    return text.strip()


def _row(order: Order, now: datetime) -> tuple[str, ...]:
    waits = order.status is OrderStatus.QUEUED and order.available_at > now
    return (
        order.number,
        "held" if order.is_held else _status_words(order.status),
        str(order.amount),
        time_text(order.created_at),
        str(order.attempts),
        time_text(order.available_at) if waits else "",
        str(order.problem or "") or ("outcome unknown" if order.outcome_unknown else ""),
    )


def _facts(story: OrderStory, now: datetime) -> dict[str, str]:
    """Return the facts of an order by their names; an empty fact is not shown."""
    order = story.order
    quoting_nobody = replace(order, problem_detail=None)
    status = order.tango_status_at and f"{order.tango_status or 'not said'}, {time_text(order.tango_status_at)}"
    return {
        "status": order_state(order).word,
        "problem": problem_text(quoting_nobody, story.attempts[0] if story.attempts else None),
        "next attempt": _next_attempt(story, now) if order.status is OrderStatus.QUEUED else "",
        "reward": f"{order.amount}, {order.reward_name}, by {_words(order.delivery)}",
        "request": story.request.number,
        "occasion": occasion_text(story.request.occasion),
        "our reference": order.external_ref_id,
        "Tango's number": order.reference_order_id or "",
        "Tango's status": status or "",
        "charged": charge_text(order.charge) if order.charge else "",
        "asked again": time_text(order.watch_at) if order.watch_at else "",
    }


def _next_attempt(story: OrderStory, now: datetime) -> str:
    if story.queue.halted_at is not None:
        return _state_text(story.queue)
    at = time_text(max(story.order.available_at, now))
    if story.ahead >= MOST_AHEAD:
        return f"{at}, more than {story.ahead:,} before it"
    return f"{at}, {story.ahead:,} before it"


def _event(event: AuditEntry | Attempt | Resend, order: Order) -> str:
    """Return one event as a line, with Tango's request id, which is in the log and which Tango's support asks for."""
    match event:
        case AuditEntry():
            return event_text(event, _by(event.actor, order))
        case Attempt():
            answer = _answer(event.http_status, event.i18n_key, event.detail, event.tango_request_id)
            return f"{attempt_text(event)}{answer}"
        case Resend():
            answer = _answer(event.http_status, event.i18n_key, None, event.tango_request_id)
            return f"{resend_text(event, _by(event.requested_by, order))}{answer}"


def _by(actor: str | None, order: Order) -> str | None:
    """Return who did it, as a sentence begins, if no Slack id is needed to say so."""
    known = {CONSOLE: name_of(CONSOLE), order.requester_id: "The requester", order.recipient.user_id: "The recipient"}
    return known.get(actor) if actor else None


def _answer(status: int | None, key: str | None, detail: str | None, request_id: str | None) -> str:
    found = [str(part) for part in (status, key, detail, request_id and f"request {request_id}") if part]
    return f" ({', '.join(found)})" if found else ""


def _counted(count: int, status: OrderStatus) -> str:
    if status is OrderStatus.NEEDS_ATTENTION and count != 1:
        return f"{count:,} need attention"
    return f"{count:,} {_status_words(status)}"


def _status_words(status: OrderStatus) -> str:
    return "being sent" if status is OrderStatus.SUBMITTING else _words(status)


def _words(code: str) -> str:
    return code.replace("_", " ")


def time_text(at: datetime) -> str:
    """Write a time out."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
