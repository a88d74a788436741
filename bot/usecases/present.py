"""An order as its recipient is told of it."""

from dataclasses import dataclass

from bot.domain.catalog import Reward
from bot.domain.order import Order
from bot.domain.request import Request
from bot.usecases.find_order import request_of
from storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """An order with what makes it a present.

    Attributes:
        order: the order that Tango made, or makes, the reward for.
        request: the order's request, with the message to this recipient.
        look: the reward in the catalog, with its picture; None where it is on offer no more.
    """

    order: Order
    request: Request
    look: Reward | None


def find_present(storage: Storage, order: Order) -> Present:
    """Return the order with its message and picture. Who may see it is checked by the caller."""
    request = request_of(storage, order).for_one(order.recipient.user_id)
    return Present(order=order, request=request, look=storage.catalog.get(order.utid))
