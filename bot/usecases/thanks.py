"""Thanks in public: asked for with the request, posted once its rewards are sent."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.notices import THANKS, PublicThanks
from bot.domain.order import OrderStatus
from bot.domain.request import Recipient
from bot.usecases.received import is_told
from storage import Storage


def thank_when_sent(storage: Storage, request_id: int, now: datetime) -> None:
    """Have the thanks posted that were asked for, once every order has ended and each recipient knows of theirs.

    Whom to thank is looked up when they are posted, so that nobody reads of a present before they have it.
    """
    request = storage.requests.get(request_id)
    if request is None or not request.details.in_public:
        return
    is_over = storage.orders.progress(request_id).is_settled
    accepted = [one for one in storage.orders.of_request(request_id) if one.status is OrderStatus.ACCEPTED]
    is_due = is_over and accepted and all(map(is_told, accepted))
    if is_due and storage.outbox.find_post(PublicThanks.kind, request_id) is None:
        storage.outbox.add(PublicThanks(request_id), THANKS, now)


def find_thanked(storage: Storage, request_id: int) -> Sequence[Recipient]:
    """Return the recipients to thank in public: those who know of their rewards; nobody once the thanks are posted.

    An order that changes later is no reason to thank again.
    """
    request = storage.requests.get(request_id)
    if request is None or storage.outbox.find_post(PublicThanks.kind, request_id) is not None:
        return ()
    orders = storage.orders.of_request(request_id)
    sent = {order.recipient.user_id for order in orders if order.status is OrderStatus.ACCEPTED and is_told(order)}
    return [recipient for recipient in request.recipients if recipient.user_id in sent]
