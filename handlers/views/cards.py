"""The approval card beside its channel: posted again, moved, and as an entry of the list of what waits."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.domain.request import Request
from bot.usecases.cards import CardPosting
from handlers.ids import Action
from handlers.views.blocks import (
    MOST_BLOCKS,
    MOST_IN_BLOCKS,
    Json,
    Message,
    actions,
    button,
    header,
    length_of,
    link,
    paragraph,
    rich_text,
    section,
)
from handlers.views.names import about_request
from handlers.views.request_buttons import card_again_button
from handlers.views.requests import card_facts, decision_blocks, of_request
from handlers.views.undo import NEVER

#: The most entries of a page: each is a card of up to thirteen blocks, most are far shorter, and a message takes fifty.
MOST_PENDING: Final = 4

#: What follows Post the card again, for one reward and for several; and the same right after it.
_POSTING: Final = (
    "I'm posting the card about the {amount} {reward} for {names} again. The old one will point to the new one.",
    (
        "I'm posting the card about the rewards for {names} ({each}, {total} in all) again. "
        "The old one will point to the new one."
    ),
)
_POSTED_JUST_NOW: Final = (
    "The card about the {amount} {reward} for {names} was posted again less than a minute ago.",
    "The card about the rewards for {names} ({each}, {total} in all) was posted again less than a minute ago.",
)

#: What takes the place of an old card, and of an old receipt.
_MOVED_CARD: Final = (
    "There's a new card about the {amount} {reward} for {names}.",
    "There's a new card about the rewards for {names} ({each}, {total} in all).",
)
_MOVED_RECEIPT: Final = (
    "This copy of your request is out of date. It's about the {amount} {reward} for {names}.",
    "This copy of your request is out of date. It's about the rewards for {names} ({each}, {total} in all).",
)

#: What the viewer has just approved: one reward, or several.
_APPROVED: Final = (
    "✅ You approved the {amount} {reward} for {names} · {number}",
    "✅ You approved the rewards for {names} ({each}, {total} in all) · {number}",
)
#: The same of the first of two approvers.
_FIRST_APPROVED: Final = (
    "✅ You approved the {amount} {reward} for {names}. One more approval is needed · {number}",
    "✅ You approved the rewards for {names} ({each}, {total} in all). One more approval is needed · {number}",
)


def build_posting_again(posting: CardPosting) -> Message:
    """Answer Post the card again."""
    return about_request(
        posting.request, of_request(posting.request, *(_POSTING if posting.begun else _POSTED_JUST_NOW))
    )


def build_moved_card(request: Request, url: str | None) -> Message:
    """Build what takes an old card's place: where the new one is, and no buttons.

    Args:
        request: whose card it is.
        url: of the new card; None where Slack gives none.
    """
    return about_request(request, of_request(request, *_MOVED_CARD), *_link_to(url, "Go to the new card"))


def build_closed_card(request: Request) -> Message:
    """Build what takes the place of a copy whose holder may decide no more: no news, and no buttons."""
    text = "You can't decide about this request any more, so this card is closed."
    return about_request(request, text)


def build_moved_receipt(request: Request, url: str | None) -> Message:
    """Build what takes an old receipt's place: where the current one is, and no buttons.

    Args:
        request: whose receipt it is.
        url: of the current receipt; None where Slack gives none.
    """
    return about_request(request, of_request(request, *_MOVED_RECEIPT), *_link_to(url, "Go to the current one"))


def _link_to(url: str | None, label: str) -> list[Json]:
    return [] if url is None else [rich_text(paragraph(link(url, label)))]


def build_pending(
    requests: Sequence[Request], team_id: str, *, approved: Request | None = None, undo_within: timedelta = NEVER
) -> Message:
    """Show an approver what waits for their decision, as on the card, to them alone; as many as there is room for.

    Args:
        requests: the oldest first; with more than fit, there is a button to the next page.
        team_id: of the workspace.
        approved: what the viewer has just approved in the list.
        undo_within: for how long an approval can be undone.
    """
    done = [] if approved is None else [section(_approved_text(approved))]
    if not requests:
        text = "✅ Nothing is waiting for you."
        return Message(text, [*done, section(text)])
    blocks, shown = [*done, header("Waiting for your approval")], 0
    for request in requests[:MOST_PENDING]:
        entry = [{"type": "divider"}, *_entry(request, team_id, undo_within)]
        is_full = len(blocks) + len(entry) >= MOST_BLOCKS or length_of(blocks + entry) > MOST_IN_BLOCKS
        if shown and is_full:
            break  # a single entry that is longer is shown all the same, with its texts cut
        blocks += entry
        shown += 1
    if shown < len(requests):
        blocks.append(actions(button("More", Action.PENDING_MORE, requests[shown - 1].reference)))
    waiting = ", ".join(request.number for request in requests[:shown])
    return Message(f"Waiting for your approval: {waiting}", blocks)


def _approved_text(request: Request) -> str:
    one, several = _FIRST_APPROVED if request.needs_another else _APPROVED
    return of_request(request, one, several, number=request.number)


def _entry(request: Request, team_id: str, undo_within: timedelta) -> list[Json]:
    again = card_again_button(request)
    decision = decision_blocks(request, Action.APPROVE_LISTED, again, undo_within=undo_within)
    return card_facts(request, team_id) + decision
