"""What people do about an order whose outcome nobody knows: have Tango asked, name Tango's number, close it.

Tango is asked by the dispatcher, and the answer is recorded by bot/usecases/inquiry_answers.py.
"""

import re
from collections.abc import Callable
from typing import Final

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.notices import AttentionEnded
from bot.domain.order import Order, OrderMove
from bot.domain.policy import Roles, check_may_see
from bot.domain.problem import Problem
from bot.errors import InvalidForm, Wish, WrongState
from bot.faults import Fault, FaultCode
from bot.usecases.find_order import find_by_id, find_clicked, find_clicked_by_admin
from storage import Storage

#: Tango's number of an order (Tango docs, Manage orders, referenceOrderID), also of the first version of its API.
_NUMBER: Final = re.compile(r"(?:[A-Za-z]{2}[0-9]{6}|[0-9]{3})-[0-9]{1,30}-[0-9]{1,10}")


class InquiryControl:
    """Has Tango asked about an order, and closes one. The caller checks the rights, as of `QueueControl`.

    Args:
        storage: of orders and inquiries.
        clock: tells the time.
    """

    def __init__(self, *, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def ask(self, order_id: int, actor: str, *, sent_as: str | None = None) -> int:
        """Have Tango asked what became of an order; return the inquiry's id.

        Args:
            order_id: the order.
            actor: who asks.
            sent_as: Tango's number, under which the actor says that it was sent.

        Raises:
            NotFound: there is no such order.
            WrongState: nothing about the order is open.
        """
        with self._storage.transaction():
            now = self._clock.now()
            order = find_by_id(self._storage, order_id)
            _check_open(order, Wish.INQUIRE if sent_as is None else Wish.SENT_AS)
            inquiry_id = self._storage.inquiries.open(order.id, now=now, requested_by=actor, sent_as=sent_as)
            self._storage.audit.add(
                AuditEvent.ORDER_INQUIRY_REQUESTED,
                now=now,
                actor=actor,
                request_id=order.request_id,
                order_id=order.id,
                sent_as=sent_as,
            )
        return inquiry_id

    def close(self, order_id: int, actor: str) -> None:
        """End an order that needs a person, and that Tango surely does not have; tell the requester and the admins.

        Raises:
            NotFound: there is no such order.
            WrongState: it needs nobody, or Tango has it or may have it.
        """
        with self._storage.transaction():
            now = self._clock.now()
            order = find_by_id(self._storage, order_id)
            order.check(OrderMove.CLOSE)
            if not self._storage.orders.move(order, OrderMove.CLOSE, now=now, problem=Problem.CLOSED):
                raise RuntimeError(f"order {order.id} moved under a lock")
            self._storage.inquiries.end(order.id, now)
            event = AuditEvent.ORDER_CLOSED
            self._storage.audit.add(event, now=now, actor=actor, request_id=order.request_id, order_id=order.id)
            notice = AttentionEnded(order.id, event, actor)
            self._storage.outbox.add_for_requester_and_admins(notice, order.requester_id, now)
            self._storage.outbox.refresh_of(order, now)


class Inquiries:
    """Carries out what people ask for on Slack.

    Args:
        storage: of the orders.
        roles: return who may do what.
        control: has Tango asked, and closes orders.
    """

    def __init__(self, *, storage: Storage, roles: Callable[[], Roles], control: InquiryControl) -> None:
        self._storage = storage
        self._roles = roles
        self._control = control

    def ask(self, reference: str, actor_id: str) -> Order:
        """Have Tango asked what became of an order. The requester and admins may ask for it.

        Raises:
            NotFound: no order has this `externalRefID`, or this person may not see it.
            WrongState: nothing about the order is open.
        """
        order = find_clicked(self._storage, reference)
        check_may_see(order, actor_id, self._roles(), reference)
        self._control.ask(order.id, actor_id)
        return order

    def find_to_say(self, reference: str, actor_id: str) -> Order:
        """Return an order of which this person can say under which number of Tango's it was sent. Admins only.

        Raises:
            NotAllowed: the actor is no admin.
            NotFound: no order has this `externalRefID`.
            WrongState: it needs nobody, or Tango has an order under its reference.
        """
        order = find_clicked_by_admin(self._storage, self._roles(), reference, actor_id)
        _check_open(order, Wish.SENT_AS)
        return order

    def say_sent_as(self, reference: str, actor_id: str, number: str) -> Order:
        """Have Tango asked whether an order was sent under that number of Tango's. Admins only.

        Raises:
            NotAllowed: the actor is no admin.
            NotFound: no order has this `externalRefID`.
            WrongState: it needs nobody, or Tango has an order under its reference.
            InvalidForm: that is no number of Tango's, or is another order's: sent_as.
        """
        order = self.find_to_say(reference, actor_id)
        number = number.strip().upper()
        if _NUMBER.fullmatch(number) is None:
            raise InvalidForm({"sent_as": Fault(FaultCode.REQUIRED if not number else FaultCode.MALFORMED)})
        other = self._storage.orders.referenced(number)
        if other is not None and other.id != order.id:
            what = {"name": other.recipient.name, "amount": f"{other.amount}", "reward": other.reward_name}
            raise InvalidForm({"sent_as": Fault(FaultCode.TAKEN, {**what, "number": other.number})})
        self._control.ask(order.id, actor_id, sent_as=number)
        return order

    def close(self, reference: str, actor_id: str) -> None:
        """End an order that needs a person without sending it. Admins only.

        Raises:
            NotAllowed: the actor is no admin.
            NotFound: no order has this `externalRefID`.
            WrongState: it needs nobody, or Tango has it or may have it.
        """
        self._control.close(find_clicked_by_admin(self._storage, self._roles(), reference, actor_id).id, actor_id)


def _check_open(order: Order, wish: Wish) -> None:
    is_open = order.can_be_asked_about if wish is Wish.INQUIRE else order.can_be_sent_as
    if not is_open:
        raise WrongState(number=order.number, status=order.status, move=wish)
