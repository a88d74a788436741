"""Undo: until when an approval can be undone, and the button for it."""

from datetime import datetime, timedelta
from typing import Final

from bot.domain.order import Progress
from bot.domain.request import Request
from handlers.ids import Action
from handlers.views.blocks import (
    Json,
    actions,
    button,
    clock_time_of,
    confirm,
    mention,
    section,
)

#: For so long an approval can be undone where the settings say nothing: its orders are sent at once.
NEVER: Final = timedelta(0)

_MINUTE: Final = timedelta(minutes=1)


def goes_out_text(until: datetime) -> str:
    """Say when what is held goes out, as a part of a line."""
    return f"goes out at {clock_time_of(until)}"


def undone_by_text(request: Request) -> str:
    """Say who undid the approval, as a line begins."""
    return f"Undone by {mention(request.undone_by or '')}"


def undo_blocks(request: Request, progress: Progress, *, to_requester: bool) -> list[Json]:
    """Say until when the approval can be undone, and build the button; nothing where it can't be, or no more.

    Args:
        request: the request.
        progress: of its orders.
        to_requester: whether the reader is the requester, or the approvers are.
    """
    if progress.undo_until is None:
        return []
    told = (
        "You can undo this until {at}. Nothing is sent before that."
        if to_requester
        else "{by} or an approver can undo this until {at}. Nothing is sent before that."
    )
    text = told.format(by=mention(request.requester_id), at=clock_time_of(progress.undo_until))
    return [section(text), actions(undo_button(request))]


def undo_button(request: Request) -> Json:
    """Build the button that undoes an approval, with its question."""
    question = confirm(
        title="Undo this approval?",
        text="Nothing will be sent, and nothing is paid. To send it after all, please ask again.",
        yes="Undo",
        danger=True,
    )
    return button("Undo", Action.UNDO, request.reference, confirm=question)


def way_back_text(undo_within: timedelta) -> str:
    """Say before an approval for how long it can be undone."""
    hours, minutes = divmod(undo_within // _MINUTE, 60)
    counted = ((hours, "hour"), (minutes, "minute"))
    parts = [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counted if count]
    return f"You can undo this for {' and '.join(parts)}." if parts else "You can't undo this."
