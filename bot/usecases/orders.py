"""One order: its story, and what admins can do with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Final

from bot.clock import Clock
from bot.domain.attempt import Attempt
from bot.domain.audit import AuditEvent
from bot.domain.inquiry import Inquiry
from bot.domain.numbers import Number
from bot.domain.order import Order, OrderStatus
from bot.domain.policy import Roles, check_is_admin, check_may_see, check_may_see_request, not_found
from bot.domain.queue import ProbeAnswer, QueueState
from bot.domain.request import Request
from bot.domain.resend import Resend
from bot.usecases.find_order import find_clicked, find_clicked_by_admin, request_of
from bot.usecases.queue import QueueControl
from storage import AuditEntry, Storage

#: How many orders before an order are counted: beyond, "more than 1,000" says enough.
MOST_AHEAD: Final = 1_000

#: How many attempts and resends a timeline shows: more would not fit into a message.
MOST_IN_TIMELINE: Final = 20

#: How the events of resends begin: a timeline has them from the resends themselves, of which the audit log knows less.
_RESENDS: Final = "order.resend_"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStory:
    """An order with all that happened to it.

    Attributes:
        order: as it stands.
        request: the order's request.
        story: the audit entries, oldest first; refused attempts among them for admins alone.
        attempts: the last attempts, newest first.
        resends: the last resends, newest first.
        ahead: how many orders are before it in the queue, while it waits.
        queue: how the queue stands.
        inquiry: the last answer about an order whose outcome nobody knows; None where there is none.
        asked_at: when Tango is asked next what became of it, UTC; None where it is not asked.
        by_admin: whether the viewer may put it right.
        seconds_to_resend: until its email can be sent again; 0 where that is now, or there is no email.
        is_past_idempotency: whether its reference is too old to be sent again.
    """

    order: Order
    request: Request
    story: Sequence[AuditEntry]
    attempts: Sequence[Attempt]
    resends: Sequence[Resend]
    ahead: int
    queue: QueueState
    by_admin: bool
    seconds_to_resend: int
    inquiry: Inquiry | None = None
    asked_at: datetime | None = None
    is_past_idempotency: bool = False

    def timeline(self) -> Sequence[tuple[datetime, AuditEntry | Attempt | Resend]]:
        """Return what happened and when, oldest first, each thing once."""
        events: list[tuple[datetime, AuditEntry | Attempt | Resend]] = []
        events += [(attempt.finished_at or attempt.started_at, attempt) for attempt in self.attempts]
        events += [(resend.requested_at, resend) for resend in self.resends]
        events += [(entry.at, entry) for entry in self.story if not entry.event.startswith(_RESENDS)]
        # The sort is stable: an attempt stands before the event of the same moment that it led to.
        return sorted(events, key=itemgetter(0))

    @property
    def is_cut(self) -> bool:
        """Return whether the order has more attempts or resends than its timeline shows."""
        return max(len(self.attempts), len(self.resends)) >= MOST_IN_TIMELINE


def read_story(storage: Storage, order: Order, *, by_admin: bool, now: datetime) -> OrderStory:
    """Return an order with its timeline. Who may see it is checked by the caller."""
    waits = order.status is OrderStatus.QUEUED
    story = storage.audit.story(request_id=order.request_id, order_id=order.id)
    return OrderStory(
        order=order,
        request=request_of(storage, order),
        story=[entry for entry in story if by_admin or entry.event != AuditEvent.ATTEMPT_REFUSED],
        attempts=storage.attempts.of_order(order.id, MOST_IN_TIMELINE),
        resends=storage.resends.of_order(order.id, MOST_IN_TIMELINE),
        ahead=storage.orders.ahead_of(order, MOST_AHEAD) if waits else 0,
        queue=storage.queue.state(),
        inquiry=storage.inquiries.latest(order.id) if order.can_be_asked_about else None,
        asked_at=storage.inquiries.open_until(order.id) if order.can_be_asked_about else None,
        by_admin=by_admin,
        seconds_to_resend=order.seconds_to_resend(now),
        is_past_idempotency=order.is_past_idempotency(now),
    )


class Orders:
    """Shows an order, and carries out what its requester and admins ask of it.

    Args:
        storage: of the orders.
        clock: tells the time.
        roles: return who may do what.
        queue: retries and cancels orders, and probes the queue.
    """

    def __init__(self, *, storage: Storage, clock: Clock, roles: Callable[[], Roles], queue: QueueControl) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._queue = queue

    def story(self, actor_id: str, reference: str) -> OrderStory:
        """Return an order with its timeline, by number, `externalRefID` or `referenceOrderID`.

        Raises:
            NotFound: there is no such order, or this person may not see it.
            NotAllowed: Slack has not confirmed lately whether this person is an admin.
        """
        order = self._order_for(actor_id, reference)
        by_admin = actor_id in self._roles().admins
        return read_story(self._storage, order, by_admin=by_admin, now=self._clock.now())

    def find_request(self, actor_id: str, number: Number, asked: str) -> tuple[Request, Sequence[Order]]:
        """Return the request that a number is of, and its orders.

        Args:
            actor_id: who asks.
            number: the number.
            asked: how it was typed.

        Raises:
            NotFound: there is no such request, or this person may not see it; with the order that the number means.
            NotAllowed: Slack has not confirmed lately whether this person is an admin.
        """
        request = self._storage.requests.get(number.request_id)
        if request is None:
            raise not_found(actor_id, self._roles(), asked)
        orders = self._storage.orders.of_request(request.id)
        meant = number.pick(orders)
        check_may_see_request(request, actor_id, self._roles(), asked, meant.id if meant else None)
        return request, orders

    def hold_cause(self) -> str | None:
        """Return why nothing is sent at present, a word of HaltCause or PAUSED; None while orders are sent."""
        return self._storage.queue.state().halt_cause

    def retry(self, reference: str, actor_id: str) -> None:
        """Send an order that needs a person once more, under its own reference. Admins only.

        Raises:
            NotAllowed: the actor is no admin.
            NotFound: no order has this `externalRefID`.
            WrongState: the order does not need a person.
            PastIdempotency: the reference is too old to be safe.
            MadeElsewhere: Tango would make a second order.
        """
        self._queue.retry_order(find_clicked_by_admin(self._storage, self._roles(), reference, actor_id).id, actor_id)

    def cancel(self, reference: str, actor_id: str) -> None:
        """Take an order out of the queue that Tango surely does not have. Its requester and admins may.

        Raises:
            NotFound: no order has this `externalRefID`, or this person may not see it.
            WrongState: Tango may have the order, an attempt is under way, or the order waits no more.
        """
        order = find_clicked(self._storage, reference)
        check_may_see(order, actor_id, self._roles(), reference)
        self._queue.cancel_order(order.id, actor_id)

    def probe_queue(self, actor_id: str) -> ProbeAnswer:
        """Make the probe of a halted queue due now; return whether an order is tried. Admins only.

        Raises:
            NotAllowed: the actor is no admin.
            QueuePaused: the operator has paused the queue.
        """
        check_is_admin(actor_id, self._roles())
        return self._queue.probe_queue(actor_id)

    def _order_for(self, actor_id: str, reference: str) -> Order:
        order = self._storage.orders.find(reference)
        if order is None:
            raise not_found(actor_id, self._roles(), reference)
        check_may_see(order, actor_id, self._roles(), reference)
        return order
