"""The review: is what was asked for still right?

A request may wait for weeks, and an order for hours. Meanwhile people leave, addresses change, rewards go. Pending
requests are looked over in the background, and once more at the click, from what is known then. An order that has
waited for long is looked at before it is sent.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final

from bot.clock import Clock
from bot.domain.catalog import Catalog
from bot.domain.notices import RequestChanged
from bot.domain.order import Order
from bot.domain.policy import Person, Roles, check_may_send
from bot.domain.problem import Problem
from bot.domain.request import Delivery, Recipient, Request
from bot.domain.review import Obstacle, ObstacleCode
from bot.errors import InvalidAmount, NotAllowed, SlackUnavailable
from bot.usecases.batch_check import Members
from bot.usecases.find_order import request_of
from bot.usecases.outcomes import Outcomes
from bot.usecases.schedules import ends_too_soon
from storage import Storage

logger = logging.getLogger(__name__)

#: The obstacles that are about the reward, which the catalog tells.
_OF_REWARD: Final = frozenset({ObstacleCode.REWARD_GONE, ObstacleCode.REWARD_AMOUNT})

#: Return the person, or None where that is not known.
Look = Callable[[str], Person | None]


class Review:
    """Looks at requests and orders once more.

    Args:
        storage: of requests and orders.
        clock: tells the time.
        roles: return who may do what.
        catalog: return the rewards on offer.
        ask: return a person, from Slack if need be; raises SlackUnavailable.
        remembered: return a person as Slack last told of them, without asking; None if it never did.
        outcomes: sets orders aside.
        members: ask Slack for all members, for the people of batches; None where nothing is looked over.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        roles: Callable[[], Roles],
        catalog: Callable[[], Catalog],
        ask: Callable[[str], Person],
        remembered: Look,
        outcomes: Outcomes,
        members: Callable[[], Members] | None = None,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._catalog = catalog
        self._ask = ask
        self._remembered = remembered
        self._outcomes = outcomes
        self._members = members

    def look_over(self) -> None:
        """Look at every pending request. This waits for the network."""
        among_all: Look | None = None
        for request_id in self._storage.requests.pending_ids():
            request = self._storage.requests.get(request_id)
            if request is not None and request.is_pending:
                if request.is_batch and among_all is None:
                    among_all = self._among_all()
                found = tuple(self._of_request(request, among_all if request.is_batch and among_all else self._asked))
                if found != request.obstacles:
                    with self._storage.transaction():
                        self._keep(request, found)

    def look_at(self, request: Request) -> tuple[Obstacle, ...]:
        """Return what stands against a pending request by what is known now; no network.

        What is new is stored, in the caller's transaction, so that card and receipt show it, and the requester is told.
        """
        found = tuple(self._of_request(request, self._remembered))
        if found != request.obstacles:
            self._keep(request, found)
        return found

    def look_at_order(self, order: Order) -> None:
        """Look at an order that has waited for long: let it be sent, or set it aside. This waits for the network.

        One with a date whose recipient has left is canceled: it was meant for who is here on that day.

        Raises:
            SlackUnavailable: Slack did not say who the recipient is. The order waits.
        """
        request = request_of(self._storage, order)
        recipient = next(one for one in request.recipients if one.user_id == order.recipient.user_id)
        person = self._ask(recipient.user_id)
        with self._storage.transaction():
            now = self._clock.now()
            found = [*_of_recipient(request, recipient, person), *self._of_reward(request), *_of_date(request, now)]
            if order.schedule is not None and ObstacleCode.LEFT in {obstacle.code for obstacle in found}:
                self._outcomes.call_off(order, now)
            elif found:
                detail = ", ".join(obstacle.code for obstacle in found)
                self._outcomes.set_aside(order, Problem.CHANGED, detail, now)
            else:
                self._storage.orders.mark_reviewed(order, now)

    def _among_all(self) -> Look:
        """Ask Slack for all members once: the people of a batch one by one would be thousands of calls."""
        if self._members is None:
            return self._remembered
        try:
            return self._members().by_id
        except SlackUnavailable:
            return self._remembered  # the next look may know

    def _asked(self, user_id: str) -> Person | None:
        try:
            return self._ask(user_id)
        except SlackUnavailable:
            return None  # the next look may know

    def _keep(self, request: Request, found: tuple[Obstacle, ...]) -> None:
        if not self._storage.requests.set_obstacles(request.id, found):
            return  # decided meanwhile, or found by another thread
        now = self._clock.now()
        self._storage.outbox.refresh_request(request.id, request.requester_id, now)
        if set(found) - set(request.obstacles):
            self._storage.outbox.add(RequestChanged(request.id), request.requester_id, now)
        logger.info(
            "Request %s: %s",
            request.number,
            ", ".join(obstacle.code for obstacle in found) or "nothing is against it any more",
            extra={"request_id": request.id},
        )

    def _of_request(self, request: Request, look: Look) -> Iterator[Obstacle]:
        """Find what stands against a request; about who is not known now, what was found before."""
        requester = look(request.requester_id)
        if requester is None:
            yield from _kept(request, {request.requester_id})
        else:
            yield from self._of_requester(requester)
        for recipient in request.recipients:
            person = look(recipient.user_id)
            if person is None:
                yield from _kept(request, {recipient.user_id})
            else:
                yield from _of_recipient(request, recipient, person)
        yield from self._of_reward(request)
        yield from _of_date(request, self._clock.now())

    def _of_requester(self, person: Person) -> Iterator[Obstacle]:
        if person.is_deactivated:
            yield Obstacle(ObstacleCode.LEFT, person.user_id)
            return
        try:
            check_may_send(person, self._roles())
        except NotAllowed:
            yield Obstacle(ObstacleCode.SENDER, person.user_id)

    def _of_reward(self, request: Request) -> Iterator[Obstacle]:
        catalog = self._catalog()
        if not len(catalog):  # Tango has not been reached yet
            yield from (obstacle for obstacle in request.obstacles if obstacle.code in _OF_REWARD)
            return
        reward = catalog.get(request.utid)
        if reward is None:
            yield Obstacle(ObstacleCode.REWARD_GONE)
            return
        try:
            for amount in {request.amount_for(one) for one in request.recipients}:
                reward.check(amount)
        except InvalidAmount:
            yield Obstacle(ObstacleCode.REWARD_AMOUNT)


def _kept(request: Request, user_ids: Iterable[str]) -> Iterator[Obstacle]:
    yield from (obstacle for obstacle in request.obstacles if obstacle.user_id in user_ids)


def _of_recipient(request: Request, recipient: Recipient, person: Person) -> Iterator[Obstacle]:
    """Find what is wrong with a recipient: one thing a person, because who has left has no other address."""
    codes = (
        (ObstacleCode.LEFT, person.is_deactivated),
        (ObstacleCode.GUEST, person.is_guest),
        (ObstacleCode.OUTSIDER, person.is_outsider),
        (ObstacleCode.ADDRESS, request.details.delivery is Delivery.EMAIL and _is_other(recipient, person)),
    )
    found = next((code for code, holds in codes if holds), None)
    if found is not None:
        yield Obstacle(found, person.user_id)


def _is_other(recipient: Recipient, person: Person) -> bool:
    return recipient.email.casefold() != (person.email or "").casefold()


def _of_date(request: Request, now: datetime) -> Iterator[Obstacle]:
    """Find a last day of which Tango would make no Promo Link any more (Tango docs, Manage choice products)."""
    last_day = request.details.expires_on
    if last_day is not None and any(ends_too_soon(last_day, one.zone, now) for one in request.recipients):
        yield Obstacle(ObstacleCode.DATE)
