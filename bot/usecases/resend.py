"""Sending a reward email again: one use case with one set of rules, from whichever door somebody asks for it.

At most once in 30 seconds per order, counted from the last send including the first email, and claimed in SQL before
the call (Tango docs, Manage orders, Resend a specific order). The dispatcher makes the call.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.addresses import domain_of, folded
from bot.domain.audit import AuditEvent
from bot.domain.notices import RewardReaddressed
from bot.domain.order import Order, OrderStatus
from bot.domain.policy import Person, Roles, check_may_resend, check_not_own_address, not_found
from bot.domain.resend import (
    AS_BEFORE,
    MOST_RESENDS_AN_HOUR,
    READDRESS_COOLDOWN,
    RESEND_COOLDOWN,
    ResendChanges,
    cooldown_left,
)
from bot.errors import (
    AlreadyReaddressed,
    InvalidForm,
    NotFound,
    NotMailed,
    ResendTooSoon,
    SlackUnavailable,
    TooManyResends,
    Wish,
    WrongState,
)
from bot.faults import Fault
from bot.tango.bodies import ResendBody
from bot.tango.rules import resend_breaches
from bot.usecases.present import Present, find_present
from storage import Storage

#: How many orders `/resend` offers: as many as a page of `/orders` lists. An older one has its number.
MOST_OFFERED: Final = 10

_HOUR: Final = timedelta(hours=1)

#: The form's field for each field of Tango's that has a fault.
_FIELDS: Final[Mapping[str, str]] = {"newEmail": "new_email", "newEtid": "new_template"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailed:
    """An order whose email can be sent again, now or soon.

    Attributes:
        order: accepted, and emailed by Tango.
        seconds_left: of the cooldown, whole and rounded up; 0 once it has passed.
        by_admin: whether the viewer may send the email to another address.
    """

    order: Order
    seconds_left: int
    by_admin: bool


class Resends:
    """Sends emails again that did not arrive.

    Args:
        storage: of the orders.
        clock: tells the time.
        roles: return who may do what.
        remembered: return a person as Slack last told of them, without asking; None if it never did.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        roles: Callable[[], Roles],
        remembered: Callable[[str], Person | None],
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._remembered = remembered

    def recent(self, actor_id: str) -> Sequence[Mailed]:
        """Return the newest orders whose email can be sent again: one's own, for admins everyone's."""
        by_admin = actor_id in self._roles().admins
        orders = self._storage.resends.find_mailed(requester_id=None if by_admin else actor_id, most=MOST_OFFERED)
        return [self._mailed(order, actor_id) for order in orders]

    def find(self, actor_id: str, reference: str, changes: ResendChanges) -> Order:
        """Return an order by number, `externalRefID` or `referenceOrderID`, whether or not its email can be sent again.

        Raises:
            NotFound: there is no such order, or this person may not have its email sent again.
            NotAllowed: to another address, and the actor is no admin, or it is the actor's own.
            SlackUnavailable: to another address, and the actor's own is not known.
        """
        order = self._storage.orders.find(reference)
        if order is None:
            raise not_found(actor_id, self._roles(), reference)
        check_may_resend(order, actor_id, self._roles(), changes, reference)
        if changes.email is not None:
            actor = self._remembered(actor_id)
            if actor is None or actor.email is None:
                raise SlackUnavailable
            check_not_own_address(changes.email, actor, order.id)
        return order

    def look_up(self, actor_id: str, reference: str) -> Mailed:
        """Return an order, found as by `find`, whose email this person can have sent again, now or soon.

        Raises:
            NotFound: there is no such order, or this person may not have its email sent again.
            WrongState: Tango has not accepted the order.
            NotMailed: Tango sent no email for the order.
        """
        return self._mailed(self._order(actor_id, reference, AS_BEFORE), actor_id)

    def find_received(self, actor_id: str, reference: str) -> Order:
        """Return an order whose email this person received, by its `externalRefID`. Admins are no exception.

        Raises:
            NotFound: no order has it, or it is for somebody else.
            NotMailed: Tango sent no email for the order, or has not made the reward.
        """
        order = self._storage.orders.by_reference(reference)
        if order is None or order.recipient.user_id != actor_id:
            raise NotFound(reference)
        if not order.can_be_mailed_again:
            raise NotMailed
        return order

    def present(self, order: Order) -> Present:
        """Return an order as its recipient is told of it. Who may see it is checked by the caller."""
        return find_present(self._storage, order)

    def send_again(self, actor_id: str, reference: str, changes: ResendChanges = AS_BEFORE) -> Order:
        """Claim one more email for an accepted order, found as by `find`.

        Raises:
            NotFound: there is no such order, or this person may not have its email sent again.
            NotAllowed: to another address, and the actor is no admin, or it is the actor's own.
            SlackUnavailable: to another address, and the actor's own is not known.
            WrongState: Tango has not accepted the order.
            NotMailed: Tango sent no email for the order.
            InvalidForm: what Tango would refuse: new_email, new_template.
            AlreadyReaddressed: it went to another address less than a day ago.
            ResendTooSoon: the cooldown has not passed.
            TooManyResends: the actor had as many sent again within the hour as one person may.
        """
        self._bring_back(reference)
        with self._storage.transaction():
            now = self._clock.now()
            order = self._order(actor_id, reference, changes)
            _check_form(changes)
            self._check_not_too_many(actor_id, now)
            if changes.email is not None:
                self._check_not_readdressed(order)
            claimed = self._storage.resends.claim(
                order, requested_by=actor_id, sent_before=now - RESEND_COOLDOWN, now=now, changes=changes
            )
            if claimed is None:
                left = cooldown_left(order.last_sent_at or now, now)
                raise ResendTooSoon(number=order.number, again_at=now + left)
            self._storage.audit.add(
                AuditEvent.ORDER_RESEND_REQUESTED,
                now=now,
                actor=actor_id,
                request_id=order.request_id,
                order_id=order.id,
                resend_id=claimed,
                template=changes.template,
                **self._trace_of(changes.email),
            )
            if changes.email is not None:
                for person in sorted({order.requester_id, order.recipient.user_id} - {actor_id}):
                    self._storage.outbox.add(RewardReaddressed(claimed), person, now)
        return order

    def _check_not_too_many(self, actor_id: str, now: datetime) -> None:
        first = self._storage.resends.asked_at(actor_id, nth_newest=MOST_RESENDS_AN_HOUR, since=now - _HOUR, now=now)
        if first is not None:
            raise TooManyResends(most=MOST_RESENDS_AN_HOUR, again_at=first + _HOUR)

    def _bring_back(self, reference: str) -> None:
        """Let no cooldown last longer because the clock was put back. Kept also where the resend is refused."""
        order = self._storage.orders.find(reference)
        if order is not None:
            with self._storage.transaction():
                self._storage.resends.bring_back(order.id, self._clock.now())

    def _check_not_readdressed(self, order: Order) -> None:
        last = self._storage.resends.last_readdressed_at(order.id)
        if last is not None and self._clock.now() < last + READDRESS_COOLDOWN:
            raise AlreadyReaddressed(number=order.number, again_at=last + READDRESS_COOLDOWN)

    def _trace_of(self, email: str | None) -> dict[str, str | int]:
        """Return what the audit log keeps of another address: never the address itself."""
        if email is None:
            return {}
        hashed = self._storage.audit.hash_of(folded(email))
        return {"readdressed": 1, "address_domain": domain_of(email), "address_hash": hashed}

    def _order(self, actor_id: str, reference: str, changes: ResendChanges) -> Order:
        order = self.find(actor_id, reference, changes)
        if order.status is not OrderStatus.ACCEPTED:
            raise WrongState(number=order.number, status=order.status, move=Wish.RESEND)
        if not order.is_mailed or order.last_sent_at is None:
            raise NotMailed
        return order

    def _mailed(self, order: Order, actor_id: str) -> Mailed:
        return Mailed(
            order=order,
            seconds_left=order.seconds_to_resend(self._clock.now()),
            by_admin=actor_id in self._roles().admins,
        )


def _check_form(changes: ResendChanges) -> None:
    found = resend_breaches(ResendBody(new_email=changes.email, new_etid=changes.template))
    if found:
        # Of several faults of a field the first one is shown: a later entry of the same key replaces an earlier one.
        raise InvalidForm({_FIELDS[one.field]: Fault(one.code, one.facts) for one in reversed(found)})
