"""What the receipt of a batch says besides: how long it still takes, who got nothing, and what can be done."""

from datetime import timedelta

from bot.domain.order import OrderStatus, Progress
from bot.domain.people import visible_name
from bot.domain.request import Request
from handlers.ids import Action
from handlers.views.batch import lasts_text
from handlers.views.blocks import Json, Message, actions, button, confirm, name_text, section, sentence
from handlers.views.people import few_of


def progress_blocks(request: Request, progress: Progress, lasts: timedelta) -> list[Json]:
    """Say how far a batch is, for its requester.

    Args:
        request: the batch; nothing of any other request.
        progress: of its orders.
        lasts: how long what waits takes at the pace.
    """
    if not request.is_batch or not progress.counts:
        return []
    if lasts:
        left = section(f"{sentence(lasts_text(lasts))} left.")
        return [left, actions(_cancel_button(request))] if progress.counts.get(OrderStatus.QUEUED) else [left]
    if not progress.failed:
        return []
    names = few_of([name_text(visible_name(name)) or "someone" for name in progress.failed])
    count = progress.counts[OrderStatus.FAILED]
    more = count - len(progress.failed)
    listed = f"{names} and {more:,} others" if more > 0 else names
    again = button("Try these again", Action.BATCH_AGAIN, request.reference)
    return [section(f"❌ {count:,} failed: {listed}."), actions(again)]


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
