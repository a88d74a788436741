"""The rows of a batch, page by page, for an approver."""

from typing import Final

from bot.domain.request import Recipient, Request
from handlers.ids import Action
from handlers.views.blocks import Json, actions, bullets, button, clip, context, plain, rich_text, words
from handlers.views.people import profile_link

#: The rows on a page of a batch: a screen or two, with a line of the message each.
ROWS_ON_PAGE: Final = 25
_MOST_OF_MESSAGE: Final = 120


def build_batch_rows(request: Request, page: int, team_id: str) -> Json:
    """Build the modal in which an approver looks through a batch, to them alone.

    Args:
        request: the batch.
        page: from 0; one that is not there is the last.
        team_id: of the workspace.
    """
    last = (len(request.recipients) - 1) // ROWS_ON_PAGE
    page = min(max(page, 0), last)
    first = page * ROWS_ON_PAGE
    shown = request.recipients[first : first + ROWS_ON_PAGE]
    turns = [
        *([button("Previous", Action.BATCH_PREVIOUS, request.reference)] if page else []),
        *([button("Next", Action.BATCH_NEXT, request.reference)] if page < last else []),
    ]
    where = f"{first + 1:,} to {first + len(shown):,} of {len(request.recipients):,} · {request.total} in all"
    return {
        "type": "modal",
        "title": plain("All rewards", 24),
        "close": plain("Close", 24),
        "private_metadata": str(page),
        "blocks": [
            context(f"{where} · {request.number}"),
            rich_text(bullets(_row_of(request, one, team_id) for one in shown)),
            *([actions(*turns)] if turns else []),
        ],
    }


def _row_of(request: Request, recipient: Recipient, team_id: str) -> list[Json]:
    """Say who gets what, with which words: the link shows the account, and the address is for an approver's eyes."""
    message = " ".join(request.message_for(recipient).split())
    said = [str(request.amount_for(recipient)), recipient.email, clip(message, _MOST_OF_MESSAGE)]
    facts = " · ".join(filter(None, said))
    return [profile_link(team_id, recipient.user_id, recipient.name), words(f" · {facts}")]
