"""The card beside its channel: posted again, moved, and in the list of what waits."""

from collections.abc import Callable
from typing import Final

from bot.domain.request import Request
from bot.usecases.cards import CardPosting
from handlers.views import cards
from handlers.views.blocks import Message
from tests.kit.factories import TEAM, a_request
from tests.kit.wording.common import common, of_requests, words_in


def _posting(*, begun: bool) -> Callable[[Request], Message]:
    return lambda request: cards.build_posting_again(CardPosting(request, begun=begun))


def posting_again(request_id: int) -> str:
    """Answer who had a card posted again."""
    return of_requests(_posting(begun=True), request_id)


def posted_just_now(request_id: int) -> str:
    """Answer who had a card posted again right after somebody did."""
    return of_requests(_posting(begun=False), request_id)


def _approved(request: Request) -> Message:
    return Message(words_in(cards.build_pending([], TEAM, approved=request).blocks[:1]))


#: Tell who approved a request in the list that they did.
APPROVED_IN_LIST: Final = of_requests(_approved)

#: What stands in the place of an old card.
MOVED: Final = of_requests(lambda request: cards.build_moved_card(request, None))

#: Over the list of what waits, and instead of it.
PENDING: Final[str] = cards.build_pending([a_request()], TEAM).blocks[0]["text"]["text"]
NOTHING_PENDING: Final = cards.build_pending([], TEAM).text

#: What both say.
LEFT_TO_DECIDE: Final = common(PENDING, NOTHING_PENDING)
