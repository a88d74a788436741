"""Onlookers: recipients in the channel of their card, who can so read of their reward. The card warns of them."""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from threading import Lock
from typing import Final

from bot.clock import Clock
from bot.domain.approval import Route
from bot.domain.notices import APPROVALS, ApprovalCard
from bot.errors import DatabaseClosed, SlackUnavailable
from storage import Storage

logger = logging.getLogger(__name__)

#: Recipients that are looked at together: more than wait for it unless Slack was down for long.
_BATCH: Final = 300


class Onlookers:
    """Looks up which recipients are in the channel of their card.

    Args:
        storage: of the requests.
        clock: tells the time.
        members: return the Slack ids of those in a channel, from Slack.
        usual: the route of requests that keep none.
    """

    def __init__(
        self, *, storage: Storage, clock: Clock, members: Callable[[str], Collection[str]], usual: Route
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._members = members
        self._usual = usual
        self._busy = Lock()
        self._since = 0  # the first request that may be left to look at: thousands may wait for a decision

    def look(self) -> None:
        """Look up the recipients of pending requests, and have the cards rewritten that are to warn.

        Where Slack does not tell who is in the channel, nothing is kept: they are looked up the next time. Whoever
        comes while it is under way need not wait: it goes on until nothing more can be told.
        """
        if not self._busy.acquire(blocking=False):
            return
        try:
            while waiting := self._storage.onlookers.unlooked(self._since, _BATCH):
                if not (found := self._find(waiting)):
                    break
                self._keep(found)
                # The last request may have more recipients than were read.
                self._since = min((one[0] for one in waiting if one not in found), default=waiting[-1][0])
        except DatabaseClosed:
            logger.info("Recipients were not looked up in their card's channel: the bot has stopped")
        finally:
            self._busy.release()

    def _find(self, waiting: Collection[tuple[int, str]]) -> Mapping[tuple[int, str], bool]:
        """Return which of the recipients can read their card, as far as Slack tells; each by request and Slack id."""
        routes = {request_id: self._route_of(request_id) for request_id in dict(waiting)}
        by_route: defaultdict[Route, list[tuple[int, str]]] = defaultdict(list)
        for request_id, user_id in waiting:
            by_route[routes[request_id]].append((request_id, user_id))
        found: dict[tuple[int, str], bool] = {}
        for route, recipients in by_route.items():
            try:
                members = () if route.by_dm else self._members(route.channel)
            except SlackUnavailable:
                logger.warning("I couldn't see which recipients can read channel %s: Slack did not tell", route.channel)
                continue
            found |= {(request_id, user_id): user_id in members for request_id, user_id in recipients}
        return found

    def _route_of(self, request_id: int) -> Route:
        request = self._storage.requests.get(request_id)
        return (request.route if request is not None else None) or self._usual

    def _keep(self, found: Mapping[tuple[int, str], bool]) -> None:
        with self._storage.transaction():
            self._storage.onlookers.set(found)
            for request_id in {request_id for (request_id, _), in_channel in found.items() if in_channel}:
                self._storage.outbox.add(ApprovalCard(request_id), APPROVALS, self._clock.now())
