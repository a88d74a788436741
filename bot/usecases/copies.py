"""Who gets a copy of a card, where cards go to each approver by direct message (`dm` in the place of a channel).

The approvers of the moment at which the card is first sent get one. Who becomes an approver later finds what waits on
Home and by `/orders pending`. The copy of who is none any more is closed with the next change, and tells nothing
further.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from bot.clock import Clock
from bot.domain.approval import Route
from bot.domain.notices import ApprovalCard, CardAgain
from bot.domain.policy import Roles, is_party
from bot.domain.reminder import enough_can_act, who_can_act
from bot.domain.request import Request
from bot.errors import SlackUnavailable
from bot.usecases.undelivered import NO_APPROVER, UndeliveredNotices
from storage import QueuedNotice, Storage


class Copies:
    """Hands out the copies of cards.

    Args:
        storage: of the requests and of the copies.
        clock: tells the time.
        roles: return who may do what.
        approvers: return whom approvers' ids name; None while that is not known.
        usual: the route of requests that keep none.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        roles: Callable[[], Roles],
        approvers: Callable[[frozenset[str]], frozenset[str] | None],
        usual: Route,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._approvers = approvers
        self._usual = usual
        self._undelivered = UndeliveredNotices(storage=storage, clock=clock)

    def route_of(self, request: Request) -> Route:
        """Return where the request's card goes, and who decides."""
        return request.route or self._usual

    def hand_out(self, queued: QueuedNotice, notice: ApprovalCard | CardAgain) -> bool:
        """Write a notice to each approver who has a copy, or gets one, beside the one to APPROVALS.

        Copies that are there are rewritten also once cards go to a channel, and a card in a channel once they don't.

        Returns:
            Whether that was all; if not, the card in the channel is still to be posted or rewritten.

        Raises:
            SlackUnavailable: Slack has not told yet who the approvers are.
        """
        request = self._storage.requests.get(notice.request_id)
        if request is None:
            raise LookupError(f"no request {notice.request_id}")
        again = isinstance(notice, CardAgain)
        is_in_channel = self._storage.outbox.find_post(ApprovalCard.kind, request.id) is not None
        is_all = self.route_of(request).by_dm and (again or not is_in_channel)
        holders = self._holders(request, again=again)
        if is_all and request.is_pending and not holders:
            self._undelivered.give_up(queued, NO_APPROVER)
            return True
        with self._storage.transaction():
            now = self._clock.now()
            self._storage.copies.add(request.id, holders)
            for approver_id in holders:
                self._storage.outbox.add(notice, approver_id, now)
            if is_all:
                self._storage.outbox.mark_sent(queued, now)
        return is_all

    def _holders(self, request: Request, *, again: bool) -> Sequence[str]:
        """Return who gets this notice: who has a copy; when it is first sent, or asked for again, who may decide.

        What a rule approved is shown to those who would have decided: nobody else sees it.
        """
        holders = self._storage.copies.holders(request.id)
        is_news = request.is_pending or request.is_automatic
        if self.route_of(request).by_dm and is_news and (again or not holders):
            return self._asked(request)
        return [] if again else holders

    def is_for(self, user_id: str, request: Request) -> bool:
        """Return whether a person is an approver of the request still, and so gets copies.

        Raises:
            SlackUnavailable: Slack has not told yet who the approvers are.
        """
        return user_id in self._known(self.route_of(request))

    def _asked(self, request: Request) -> Sequence[str]:
        """Return who gets a first copy: who may decide and is not away; all of them where too few or none are here."""
        approvers, roles = self._known(self.route_of(request)), self._roles()
        asked = sorted(one for one in approvers if not is_party(request, one, roles))
        away = self._storage.absences.away(self._clock.now())
        here = [one for one in asked if one not in away]
        return here if here and enough_can_act(request, roles, away) else asked

    def missed(self, request: Request) -> Mapping[str, date]:
        """Return who is away, each with the day until which, where too few approvers are here for a pending request."""
        roles, away = self._roles(), self._storage.absences.away(self._clock.now())
        if not request.is_pending or enough_can_act(request, roles, away):
            return {}
        able = who_can_act(request, roles)
        return {one: day for one, day in away.items() if one in able}

    def _known(self, route: Route) -> frozenset[str]:
        approvers = self._approvers(route.approvers)
        if approvers is None:
            raise SlackUnavailable
        return approvers
