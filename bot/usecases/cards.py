"""The approval card: posted again where it was lost; and what waits for a person's decision, with the card or without.

Who decides in the list decides by bot/usecases/requests.py, as on the card.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import Final

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.notices import APPROVALS, ApprovalCard, CardAgain
from bot.domain.policy import Roles, check_is_approver, check_may_have_card, may_approve
from bot.domain.request import Request, check_is_pending
from bot.errors import NotFound
from bot.usecases.balance import with_cover
from bot.usecases.duplicates import with_other_rewards
from storage import Storage

#: The shortest time between two new cards of one request: Slack shows a card at once, so who presses again within a
#: minute has pressed twice, or has not looked.
CARD_EVERY: Final = timedelta(minutes=1)

#: The requests that are shown as whole cards, in the list or on Home: more than fit there (handlers/views/home.py).
_MOST_WHOLE: Final = 12


@dataclass(frozen=True, slots=True)
class CardPosting:
    """What came of asking for a card.

    Attributes:
        request: whose card it is.
        begun: whether a card is being posted; not if one was posted a moment ago.
    """

    request: Request
    begun: bool


class Cards:
    """Has cards posted again, and finds what a person may decide.

    Args:
        storage: of the requests.
        clock: tells the time.
        roles: return who may do what.
        expire_after: how long a request waits for a decision.
    """

    def __init__(self, *, storage: Storage, clock: Clock, roles: Callable[[], Roles], expire_after: timedelta) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._expire_after = expire_after

    def post_again(self, reference: str, actor_id: str) -> CardPosting:
        """Have a pending request's card posted once more. The requester, approvers and admins may ask for it.

        Raises:
            NotFound: no request has this reference, or this person has nothing to do with it.
            NotAllowed: it is not known whether this person is an approver or admin.
            AlreadyDecided: the request was decided.
        """
        with self._storage.transaction():
            request = self._clicked(reference)
            check_may_have_card(request, actor_id, self._roles())
            check_is_pending(request)
            now, outbox = self._clock.now(), self._storage.outbox
            if self._is_posted(request.id) and not self._mark_posted_again(request.id):
                return CardPosting(request, begun=False)
            outbox.add_anew(CardAgain(request.id), APPROVALS, now)
            self._storage.audit.add(
                AuditEvent.REQUEST_CARD_POSTED_AGAIN, now=now, actor=actor_id, request_id=request.id
            )
        return CardPosting(request, begun=True)

    def _is_posted(self, request_id: int) -> bool:
        is_in_channel = self._storage.outbox.find_post(ApprovalCard.kind, request_id) is not None
        return is_in_channel or bool(self._storage.copies.holders(request_id))

    def _mark_posted_again(self, request_id: int) -> bool:
        now = self._clock.now()
        in_channel = self._storage.outbox.mark_posted_again(ApprovalCard.kind, request_id, now, now - CARD_EVERY)
        return self._storage.copies.mark_posted_again(request_id, now, now - CARD_EVERY) or in_channel

    def pending_for(
        self, actor_id: str, most: int, *, after: str | None = None, start: str | None = None
    ) -> Sequence[Request]:
        """Return the oldest requests that wait for this person: those that they may approve now.

        Args:
            actor_id: the viewer.
            most: how many at the most.
            after: the reference of a request: only those made later. None for all.
            start: the reference of a request to begin with, as long as it waits for the viewer; else with the oldest.

        Raises:
            NotAllowed: the viewer is no approver.
            NotFound: no request has this reference.
        """
        roles = self._roles()
        check_is_approver(actor_id, roles)
        last_id = 0 if after is None else self._clicked(after).id
        first = None if start is None else self._storage.requests.by_reference(start)
        if first is not None and self._waits_for(first, actor_id, roles):
            last_id = first.id - 1
        found = list(islice(self._decidable(actor_id, roles, last_id), most))
        # Whole cards are shown of the first alone.
        whole = [with_other_rewards(self._storage, request) for request in found[:_MOST_WHOLE]]
        return [*with_cover(self._storage, whole, self._clock.now()), *found[_MOST_WHOLE:]]

    def _waits_for(self, request: Request, actor_id: str, roles: Roles) -> bool:
        is_overdue = request.is_overdue(self._clock.now(), self._expire_after)
        return request.is_pending and not is_overdue and may_approve(request, actor_id, roles)

    def _decidable(self, actor_id: str, roles: Roles, last_id: int) -> Iterator[Request]:
        pending = self._storage.requests.each_pending(last_id)
        return (request for request in pending if self._waits_for(request, actor_id, roles))

    def _clicked(self, reference: str) -> Request:
        request = self._storage.requests.by_reference(reference)
        if request is None:
            raise NotFound(reference)
        return request
