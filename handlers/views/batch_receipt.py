"""What the receipt of a batch says besides: how long it still takes, who got nothing, and what can be done."""

from datetime import timedelta
from typing import Final

from bot.domain.order import OrderStatus
from bot.domain.people import visible_name
from bot.domain.progress import Progress
from bot.domain.request import Request
from handlers.ids import Action
from handlers.views.batch import minutes_of
from handlers.views.blocks import Json, Message, actions, button, confirm, name_text, section
from handlers.views.people import few_of
from handlers.views.states import ORDER_STATES

#: How long the rest takes, in a minute and in more.
_LEFT: Final = ("About a minute left.", "About {minutes} minutes left.")


def progress_blocks(request: Request, progress: Progress, lasts: timedelta, *, is_on_hold: bool = False) -> list[Json]:
    """Say how far a batch is, for its requester.

    Args:
        request: the batch; nothing of any other request.
        progress: of its orders.
        lasts: how long what waits takes at the pace.
        is_on_hold: whether nothing is sent at present, so that nobody knows how long it takes.
    """
    if not request.is_batch or not progress.counts:
        return []
    if lasts:
        # Of what waits for a date, that is said instead.
        left = [] if is_on_hold or progress.goes_out_at is not None else [section(_left_text(lasts))]
        return [*left, actions(_cancel_button(request))] if progress.counts.get(OrderStatus.QUEUED) else left
    if not progress.failed:
        return []
    names = [name_text(visible_name(name)) or "someone" for name in progress.failed]
    again = button("Try these again", Action.BATCH_AGAIN, request.reference)
    failed = few_of(names, count=progress.counts[OrderStatus.FAILED])
    return [section(f"{ORDER_STATES[OrderStatus.FAILED]}: {failed}."), actions(again)]


def _left_text(lasts: timedelta) -> str:
    """Say how long the rest takes at the pace."""
    minutes = minutes_of(lasts)
    one, more = _LEFT
    return one if minutes == 1 else more.format(minutes=f"{minutes:,}")


def _cancel_button(request: Request) -> Json:
    question = confirm(
        title="Cancel the rest?",
        text="What hasn't been sent won't be, and isn't paid. You can't undo this.",
        yes="Cancel the rest",
        danger=True,
    )
    return button("Cancel the rest", Action.BATCH_CANCEL, request.reference, style="danger", confirm=question)


def build_canceled_rest(count: int) -> Message:
    """Say how much of a batch was canceled."""
    if count == 0:
        return Message("Nothing was waiting any more, so nothing was canceled.")
    if count == 1:
        return Message("🚫 1 reward is canceled. Nothing was paid for it.")
    return Message(f"🚫 {count:,} rewards are canceled. Nothing was paid for them.")
