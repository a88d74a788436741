"""The progress of a request's orders, as its people are told."""

from datetime import datetime

from bot.domain.notices import THANKS, OrdersSettled, PublicThanks
from bot.domain.order import Order
from storage import Storage


def tell_progress(storage: Storage, order: Order, now: datetime) -> None:
    """Have the request's card and receipt rewritten, and the end of its last order told, perhaps in public too.

    Runs in the transaction of the order's move.
    """
    storage.outbox.refresh_request(order.request_id, order.requester_id, now)
    progress = storage.orders.progress(order.request_id)
    if progress.is_settled and progress.accepted:
        storage.outbox.add(OrdersSettled(order.request_id), order.requester_id, now)
        request = storage.requests.get(order.request_id)
        if request is not None and request.details.in_public:
            storage.outbox.add(PublicThanks(request.id), THANKS, now)
