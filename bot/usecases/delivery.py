"""Rewards that the bot gives itself (`sendEmail: false`: Tango then sends nothing).

Tango is asked for a reward at the moment of giving or showing it (Tango docs, Manage orders, GET
/orders/{referenceOrderID}). Its credentials go to the screen of its recipient and nowhere else: they are neither
stored nor logged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.clock import Clock
from bot.domain.notices import (
    ApprovalCard,
    DeliveryDelayed,
    DeliveryFailed,
    Receipt,
    RewardDelivery,
    RewardsDelivered,
)
from bot.domain.order import ATTEMPTS_BEFORE_ALARM, Order, OrderStatus
from bot.domain.policy import Roles, check_is_admin, check_may_see
from bot.domain.request import Delivery, Request
from bot.domain.tango_status import Standing, standing_of
from bot.errors import NotFound, RewardNotReady, WrongState
from bot.tango.client import TangoClient
from bot.tango.models import TangoReward
from bot.usecases.outcomes import Recorder
from storage import Delivery as Notified
from storage import Storage

_ORDERED_ANEW: Final = frozenset({OrderStatus.FAILED, OrderStatus.CANCELED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Gift:
    """A reward as its recipient gets it.

    Attributes:
        order: whose delivery this is.
        request: with the message that goes with it.
        reward: its credentials and how to redeem them, as Tango has just answered.
    """

    order: Order
    request: Request
    reward: TangoReward


class Rewards:
    """What becomes of an order once it is placed, as far as Tango does not see to it.

    Args:
        storage: where orders are.
        tango: asked for rewards.
        clock: what time it is.
        roles: who may do what, asked anew each time.
        recorder: writes down what Tango said of the order, and tells the admins.
        approvals_channel: where cards are.
        on_order: called when there is something to ask of Tango.
        on_notice: called when the outbox has something new.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        tango: TangoClient,
        clock: Clock,
        roles: Callable[[], Roles],
        recorder: Recorder,
        approvals_channel: str,
        on_order: Callable[[], None],
        on_notice: Callable[[], None],
    ) -> None:
        self._storage = storage
        self._tango = tango
        self._clock = clock
        self._roles = roles
        self._recorder = recorder
        self._channel = approvals_channel
        self._on_order = on_order
        self._on_notice = on_notice

    # ------------------------------------------------------------------------------------- delivery

    def fetch(self, order_id: int) -> Gift:
        """Ask Tango for a reward. This waits for the network.

        Raises:
            NotFound: no such order, or not one that the bot delivers.
            WrongState: there is no reward: it is not placed, or Tango has ended it without one.
            RewardNotReady: Tango has not made it yet.
            TangoError: Tango did not say.
        """
        order = self._delivered_by_us(order_id)
        if order.status is not OrderStatus.ACCEPTED or order.reference_order_id is None:
            raise WrongState(order_id=order.id, status=order.status, move="show")
        answer = self._tango.get_order(order.reference_order_id)
        if standing_of(answer.current_status) is Standing.FAILED:
            with self._storage.transaction():
                self._recorder.status(order, answer.current_status, self._clock.now())
            self._on_notice()
            raise WrongState(order_id=order.id, status=OrderStatus.FAILED, move="show")
        if answer.reward is None or not answer.reward.credential_list:
            raise RewardNotReady(order.id)
        return Gift(order=order, request=self._request(order), reward=answer.reward)

    def given(self, notified: Notified, order_id: int) -> None:
        """Slack has taken the message with the reward: the requester hears it, the first time."""
        with self._storage.transaction():
            now = self._clock.now()
            order = self._delivered_by_us(order_id)
            self._storage.outbox.sent(notified, now)
            first = self._storage.tango_status.delivered(order_id, now)
            self._audit(order, "order.delivered")
            if first:
                self._storage.outbox.add(ApprovalCard(order.request_id), self._channel, now)
                self._storage.outbox.add(Receipt(order.request_id), order.requester_id, now)
                progress = self._storage.orders.progress(order.request_id)
                if progress.is_settled and progress.delivered == progress.placed:
                    self._storage.outbox.add(RewardsDelivered(order.request_id), order.requester_id, now)
        self._on_notice()

    def delayed(self, notified: Notified, order_id: int) -> None:
        """Tango did not give the reward this time; from some time on the admins should know."""
        if notified.attempts != ATTEMPTS_BEFORE_ALARM:
            return
        with self._storage.transaction():
            self._recorder.tell_admins(DeliveryDelayed(order_id), self._clock.now())
        self._on_notice()

    def not_given(self, notified: Notified, order_id: int, reason: str) -> None:
        """The message with the reward can never be taken: the recipient has left, or takes none from the bot."""
        with self._storage.transaction():
            now = self._clock.now()
            order = self._delivered_by_us(order_id)
            self._storage.outbox.undeliverable(notified, reason, now)
            if order.status is OrderStatus.ACCEPTED:
                self._audit(order, "order.not_delivered", reason=reason)
                self._storage.outbox.add(DeliveryFailed(order_id), order.requester_id, now)
                self._recorder.tell_admins(DeliveryFailed(order_id), now)
        self._on_notice()

    # -------------------------------------------------------------------------------- what people do

    def check_may_show(self, order_id: int, actor_id: str) -> None:
        """Whether this person may see that reward: its recipient alone, admins are no exception.

        Raises:
            NotFound: no such order, or somebody else's.
        """
        if self._delivered_by_us(order_id).recipient.user_id != actor_id:
            raise NotFound(str(order_id))

    def show(self, order_id: int, actor_id: str) -> Gift:
        """The reward once more, fetched anew, for its recipient. This waits for the network.

        Raises:
            NotFound: no such order, or somebody else's.
            WrongState: there is no reward: Tango has ended it without one.
            RewardNotReady: Tango has not made it yet.
            TangoError: Tango did not say.
        """
        self.check_may_show(order_id, actor_id)
        gift = self.fetch(order_id)
        self._audit(gift.order, "order.reward_shown", actor_id)
        return gift

    def give_again(self, order_id: int, actor_id: str) -> Order:
        """Have the recipient given the reward once more; who asked for it and admins may.

        Raises:
            NotFound: no such order, or not one that this person may see.
            WrongState: there is no reward to give.
        """
        with self._storage.transaction():
            order = self._delivered_by_us(order_id)
            check_may_see(order, actor_id, self._roles(), str(order_id))
            complete = standing_of(order.tango_status) is Standing.COMPLETE
            if order.status is not OrderStatus.ACCEPTED or not complete:
                raise WrongState(order_id=order.id, status=order.status, move="give")
            self._storage.outbox.add(RewardDelivery(order.id), order.recipient.user_id, self._clock.now())
            self._audit(order, "order.delivery_requested", actor_id)
        self._on_notice()
        return order

    def ask_again(self, order_id: int, actor_id: str) -> Order:
        """Have Tango asked again, from now on, whether it has finished an order. Admins only.

        Raises:
            NotAllowed: not an admin.
            NotFound: no such order.
            WrongState: it is known what became of it.
        """
        check_is_admin(actor_id, self._roles())
        with self._storage.transaction():
            order = self._order(order_id)
            if order.status is not OrderStatus.ACCEPTED or standing_of(order.tango_status) is Standing.COMPLETE:
                raise WrongState(order_id=order.id, status=order.status, move="ask")
            self._storage.tango_status.watch(order.id, self._clock.now())
            self._audit(order, "order.watch_requested", actor_id)
        self._on_order()
        return order

    def to_repeat(self, order_id: int, actor_id: str) -> tuple[Order, Request]:
        """An order that came to nothing, and its request: what is asked for anew is a request of its own.

        Raises:
            NotFound: no such order, or not one that this person may see.
            WrongState: it may still come to something.
        """
        order = self._order(order_id)
        check_may_see(order, actor_id, self._roles(), str(order_id))
        if order.status not in _ORDERED_ANEW:
            raise WrongState(order_id=order.id, status=order.status, move="repeat")
        return order, self._request(order)

    # ---------------------------------------------------------------------------------------- parts

    def _order(self, order_id: int) -> Order:
        order = self._storage.orders.get(order_id)
        if order is None:
            raise NotFound(str(order_id))
        return order

    def _delivered_by_us(self, order_id: int) -> Order:
        order = self._order(order_id)
        if order.delivery is not Delivery.MESSAGE:
            raise NotFound(str(order_id))
        return order

    def _request(self, order: Order) -> Request:
        request = self._storage.requests.get(order.request_id)
        if request is None:  # the file's foreign key
            raise LookupError(f"order {order.id} has no request")
        return request

    def _audit(self, order: Order, event: str, actor_id: str | None = None, **facts: str) -> None:
        now = self._clock.now()
        self._storage.audit.add(event, now=now, actor=actor_id, request_id=order.request_id, order_id=order.id, **facts)
