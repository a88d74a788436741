"""Undo: until when an approval can be undone, and the button for it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.domain.progress import Progress
from bot.domain.request import Request
from bot.domain.schedule import Schedule
from handlers.ids import Action
from handlers.views.blocks import (
    Json,
    actions,
    button,
    clock_time_of,
    confirm,
    mention,
    section,
    time_of,
)
from handlers.views.schedule import change_button, schedule_text

#: For so long an approval can be undone where the settings say nothing: its orders are sent at once.
NEVER: Final = timedelta(0)

_MINUTE: Final = timedelta(minutes=1)


def undone_by_text(request: Request) -> str:
    """Say who undid the approval, as a line begins."""
    return f"Undone by {mention(request.undone_by or '')}"


def undo_blocks(request: Request, progress: Progress, *, to_requester: bool) -> list[Json]:
    """Say until when the approval can be undone, and build the button; of what can't be, when the rest goes out.

    Args:
        request: the request.
        progress: of its orders.
        to_requester: whether the reader is the requester, or the approvers are.
    """
    change = [change_button(request)] if progress.goes_out_at is not None and to_requester else []
    if progress.undo_until is None:
        return _rest_blocks(progress, change)
    told = (
        "You can undo this until {at}. Nothing is sent before that."
        if to_requester
        else "{by} or an approver can undo this until {at}. Nothing is sent before that."
    )
    until = progress.undo_until
    at = clock_time_of(until) if progress.goes_out_at is None else time_of(until)
    text = told.format(by=mention(request.requester_id), at=at)
    return [section(text), actions(undo_button(request), *change)]


def _rest_blocks(progress: Progress, buttons: Sequence[Json]) -> list[Json]:
    """Say when what still waits for its date goes out: of people in several zones, some have theirs already."""
    if progress.goes_out_at is None:
        return []
    text = f"What's still waiting goes out {time_of(progress.goes_out_at)}."
    return [section(text), *([actions(*buttons)] if buttons else [])]


def undo_button(request: Request) -> Json:
    """Build the button that undoes an approval, with its question."""
    question = confirm(
        title="Undo this approval?",
        text="Nothing will be sent, and nothing is paid. To send it after all, please ask again.",
        yes="Undo",
        danger=True,
    )
    return button("Undo", Action.UNDO, request.reference, confirm=question)


def way_back_text(undo_within: timedelta, schedule: Schedule | None = None) -> str:
    """Say before an approval for how long it can be undone; of what has a date, when it is sent."""
    if schedule is not None:
        return f"It's sent {schedule_text(schedule)}. You can undo this until then."
    hours, minutes = divmod(undo_within // _MINUTE, 60)
    counted = ((hours, "hour"), (minutes, "minute"))
    parts = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counted if count]
    return f"You can undo this for {' and '.join(parts)}." if parts else "You can't undo this."
