"""The rewards that somebody received, as far as they were told of them: a list must not spoil the surprise."""

from collections.abc import Sequence
from typing import Final

from bot.domain.order import Order
from bot.domain.request import Delivery
from bot.domain.search import OrderSearch
from bot.domain.tango_status import Standing, standing_of
from storage import Storage

#: The newest orders for a recipient that are looked at for one page of those that they were told of: nearly all are.
_LOOKED_AT: Final = 50


def newest_told(storage: Storage, wanted: OrderSearch, *, before: int | None, most: int) -> Sequence[Order]:
    """Return the newest rewards of somebody that they were told of, as far as `_LOOKED_AT` orders have them."""
    found = storage.search.page(wanted, before=before, most=max(most, _LOOKED_AT))
    return [order for order in found if is_told(order)][:most]


def is_told(order: Order) -> bool:
    """Tell whether the recipient has heard of the reward."""
    match order.delivery:
        case Delivery.EMAIL:
            return order.last_sent_at is not None
        case Delivery.MESSAGE:
            return order.delivered_at is not None
        case Delivery.POST:
            return standing_of(order.tango_status) is Standing.COMPLETE
