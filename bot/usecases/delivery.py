"""Delivery of rewards by Kudos itself (`sendEmail: false`: Tango then sends nothing).

The reward is fetched from Tango when it is given or shown (Tango docs, Manage orders, GET
/orders/{referenceOrderID}). Its credentials go to the recipient's screen and nowhere else: they are neither stored nor
logged.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.notices import (
    AddressDisputed,
    DeliveryDelayed,
    DeliveryFailed,
    RewardDelivered,
    RewardDelivery,
)
from bot.domain.order import ATTEMPTS_BEFORE_ALARM, Order, OrderStatus
from bot.domain.policy import Roles, check_may_see
from bot.domain.request import Delivery, Request
from bot.domain.resend import RESEND_COOLDOWN
from bot.domain.tango_status import Standing, standing_of
from bot.errors import DeliveredTooSoon, NotFound, RewardNotReady, Wish, WrongState
from bot.tango.client import TangoClient
from bot.tango.models import TangoReward
from bot.usecases.find_order import find_by_id, find_clicked, find_clicked_by_admin, request_of
from bot.usecases.outcomes import Outcomes
from bot.usecases.present import Present, find_present
from storage import QueuedNotice, Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift(Present):
    """A reward as its recipient gets it.

    Attributes:
        reward: the credentials and how to redeem them, as Tango has just answered.
    """

    reward: TangoReward


class Deliveries:
    """Delivers accepted orders, as far as Tango does not, and carries out what people ask of them.

    Args:
        storage: of the orders.
        tango: has the rewards.
        clock: tells the time.
        roles: return who may do what.
        outcomes: records Tango's status, and tells the admins.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        tango: TangoClient,
        clock: Clock,
        roles: Callable[[], Roles],
        outcomes: Outcomes,
    ) -> None:
        self._storage = storage
        self._tango = tango
        self._clock = clock
        self._roles = roles
        self._outcomes = outcomes

    # ------------------------------------------------------------------------------------- delivery

    def fetch(self, order_id: int) -> Gift:
        """Fetch a reward from Tango. This waits for the network.

        Raises:
            NotFound: there is no such order, or Kudos does not deliver it.
            WrongState: there is no reward: Tango has not accepted the order, or ended it without a reward.
            RewardNotReady: Tango has not made the reward yet.
            TangoError: Tango did not answer.
        """
        order = _delivered_by_us(find_by_id(self._storage, order_id))
        if order.status is not OrderStatus.ACCEPTED or order.reference_order_id is None:
            raise WrongState(number=order.number, status=order.status, move=Wish.SHOW)
        answer = self._tango.get_order(order.reference_order_id)
        if standing_of(answer.current_status) is Standing.FAILED:
            with self._storage.transaction():
                self._outcomes.record_answer(order, answer, self._clock.now())
            raise WrongState(number=order.number, status=OrderStatus.FAILED, move=Wish.SHOW)
        if answer.charge not in (None, order.charge):
            with self._storage.transaction():
                self._outcomes.record_charge(order, answer.charge, self._clock.now())
        if answer.reward is None or not answer.reward.credential_list:
            raise RewardNotReady(order.number)
        present = find_present(self._storage, order)
        return Gift(order=order, request=present.request, look=present.look, reward=answer.reward)

    def record_delivery(self, queued: QueuedNotice, order_id: int) -> None:
        """Record that Slack has taken the message with the reward.

        The first time, the receipt says so, and a requester who asked for it is told.
        """
        with self._storage.transaction():
            now = self._clock.now()
            order = _delivered_by_us(find_by_id(self._storage, order_id))
            self._storage.outbox.mark_sent(queued, now)
            first = self._storage.deliveries.mark_delivered(order_id, now)
            self._audit(order, AuditEvent.ORDER_DELIVERED)
            if first:
                self._storage.outbox.refresh_of(order, now)
                if request_of(self._storage, order).details.tell_delivered:
                    self._storage.outbox.add(RewardDelivered(order_id), order.requester_id, now)

    def record_delay(self, queued: QueuedNotice, order_id: int) -> None:
        """Tell the admins of a reward that Tango did not give, once it was tried often enough."""
        if queued.attempts != ATTEMPTS_BEFORE_ALARM:
            return
        with self._storage.transaction():
            self._outcomes.tell_admins(DeliveryDelayed(order_id), self._clock.now())

    def record_failure(self, queued: QueuedNotice, order_id: int, reason: str) -> None:
        """Record that the reward can't be delivered: the recipient has left, or takes no messages from Kudos.

        Card and receipt say so from now on.
        """
        with self._storage.transaction():
            now = self._clock.now()
            order = _delivered_by_us(find_by_id(self._storage, order_id))
            self._storage.outbox.mark_undeliverable(queued, reason, now)
            if order.status is OrderStatus.ACCEPTED:
                self._audit(order, AuditEvent.ORDER_NOT_DELIVERED, reason=reason)
                self._storage.deliveries.mark_undelivered(order_id)
                self._storage.outbox.refresh_of(order, now)
                self._storage.outbox.add(DeliveryFailed(order_id), order.requester_id, now)
                self._outcomes.tell_admins(DeliveryFailed(order_id), now)

    # -------------------------------------------------------------------------------- what people do

    def check_may_show(self, reference: str, actor_id: str) -> None:
        """Refuse whoever is not the recipient of the reward; admins are no exception.

        Raises:
            NotFound: no order has this `externalRefID`, or it is somebody else's.
        """
        self._own(reference, actor_id)

    def show(self, reference: str, actor_id: str) -> Gift:
        """Fetch the reward once more for its recipient. This waits for the network.

        Raises:
            NotFound: no order has this `externalRefID`, or it is somebody else's.
            WrongState: Tango has ended the order without a reward.
            RewardNotReady: Tango has not made the reward yet.
            TangoError: Tango did not answer.
        """
        gift = self.fetch(self._own(reference, actor_id).id)
        self._audit(gift.order, AuditEvent.ORDER_REWARD_SHOWN, actor_id)
        return gift

    def give_again(self, reference: str, actor_id: str) -> Order:
        """Have the reward delivered once more. The requester and admins may ask for it.

        Raises:
            NotFound: no order has this `externalRefID`, or this person may not see it.
            WrongState: there is no reward to give.
            DeliveredTooSoon: the cooldown has not passed since it was last given, or asked for.
        """
        with self._storage.transaction():
            now = self._clock.now()
            order = _delivered_by_us(find_clicked(self._storage, reference))
            check_may_see(order, actor_id, self._roles(), reference)
            complete = standing_of(order.tango_status) is Standing.COMPLETE
            if order.status is not OrderStatus.ACCEPTED or not complete:
                raise WrongState(number=order.number, status=order.status, move=Wish.GIVE)
            last = self._storage.deliveries.given_at(order.id)
            if not self._storage.deliveries.claim(order.id, given_before=now - RESEND_COOLDOWN, now=now):
                raise DeliveredTooSoon(number=order.number, again_at=(last or now) + RESEND_COOLDOWN)
            self._storage.outbox.add_anew(RewardDelivery(order.id), order.recipient.user_id, now)
            self._audit(order, AuditEvent.ORDER_DELIVERY_REQUESTED, actor_id)
        return order

    def dispute_address(self, reference: str, actor_id: str) -> Order:
        """Tell the requester and the admins, once, that the address of a posted reward is not its recipient's.

        Raises:
            NotFound: there is no such order, it is somebody else's, or its recipient was not told of it.
        """
        with self._storage.transaction():
            order = find_clicked(self._storage, reference)
            told = order.status is OrderStatus.ACCEPTED and standing_of(order.tango_status) is Standing.COMPLETE
            if order.delivery is not Delivery.POST or order.recipient.user_id != actor_id or not told:
                raise NotFound(reference, order_id=order.id)
            now = self._clock.now()
            if self._storage.tango_status.dispute_address(order.id, now):
                self._audit(order, AuditEvent.ORDER_ADDRESS_DISPUTED, actor_id)
                self._storage.outbox.add(AddressDisputed(order.id), order.requester_id, now)
                self._outcomes.tell_admins(AddressDisputed(order.id), now)
        return order

    def ask_again(self, reference: str, actor_id: str) -> Order:
        """Have Tango asked again, from now on, whether it has finished an order. Admins only.

        Raises:
            NotAllowed: the actor is no admin.
            NotFound: no order has this `externalRefID`.
            WrongState: the end of the order is known.
        """
        with self._storage.transaction():
            order = find_clicked_by_admin(self._storage, self._roles(), reference, actor_id)
            if order.status is not OrderStatus.ACCEPTED or standing_of(order.tango_status) is Standing.COMPLETE:
                raise WrongState(number=order.number, status=order.status, move=Wish.ASK)
            self._storage.tango_status.watch(order.id, self._clock.now())
            self._audit(order, AuditEvent.ORDER_WATCH_REQUESTED, actor_id)
        return order

    def find_to_repeat(self, reference: str, actor_id: str) -> tuple[Order, Request]:
        """Return an order that came to nothing and its request, as the start of a new request.

        Raises:
            NotFound: no order has this `externalRefID`, or this person may not see it.
            WrongState: the order may still come to something.
        """
        order = find_clicked(self._storage, reference)
        check_may_see(order, actor_id, self._roles(), reference)
        if not order.is_repeatable:
            raise WrongState(number=order.number, status=order.status, move=Wish.REPEAT)
        return order, request_of(self._storage, order).for_one(order.recipient.user_id)

    # ---------------------------------------------------------------------------------------- parts

    def _own(self, reference: str, actor_id: str) -> Order:
        order = _delivered_by_us(find_clicked(self._storage, reference))
        if order.recipient.user_id != actor_id:
            raise NotFound(reference, order_id=order.id)
        return order

    def _audit(self, order: Order, event: AuditEvent, actor_id: str | None = None, **facts: str) -> None:
        now = self._clock.now()
        self._storage.audit.add(event, now=now, actor=actor_id, request_id=order.request_id, order_id=order.id, **facts)


def _delivered_by_us(order: Order) -> Order:
    if order.delivery is not Delivery.MESSAGE:
        raise NotFound(str(order.id))
    return order
