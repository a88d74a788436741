"""Thanks in public: asked for with the request, posted once its rewards are sent."""

from collections.abc import Sequence

from bot.domain.notices import PublicThanks
from bot.domain.order import OrderStatus
from bot.domain.request import Recipient
from storage import Storage


def find_thanked(storage: Storage, request_id: int) -> Sequence[Recipient]:
    """Return the recipients to thank for in public: those whose rewards are sent; nobody once the thanks are posted.

    An order that changes later is no reason to thank again.
    """
    request = storage.requests.get(request_id)
    if request is None or storage.outbox.find_post(PublicThanks.kind, request_id) is not None:
        return ()
    orders = storage.orders.of_request(request_id)
    sent = {order.recipient.user_id for order in orders if order.status is OrderStatus.ACCEPTED}
    return [recipient for recipient in request.recipients if recipient.user_id in sent]
