"""A batch after its approval: its messages, rewritten now and then; the rest canceled; the failed ones tried again."""

from collections.abc import Callable, Sequence

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.batch import MOST_ROWS, NumberCell, Sheet, sheet_of
from bot.domain.order import OrderStatus
from bot.domain.policy import Roles, check_may_see_request
from bot.domain.request import Recipient, Request, RequestStatus
from bot.errors import NotFound
from storage import Storage


class BatchProgress:
    """Follows batches until all of their orders have ended.

    Args:
        storage: of the batches.
        clock: tells the time.
        roles: return who may do what.
    """

    def __init__(self, *, storage: Storage, clock: Clock, roles: Callable[[], Roles]) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles

    def tell(self) -> None:
        """Have the cards and receipts rewritten of batches whose orders have moved since the last time."""
        if not self._storage.outbox.has_untold_batches():
            return
        with self._storage.transaction():
            self._storage.outbox.tell_batches(self._clock.now())

    def cancel_rest(self, reference: str, actor_id: str) -> int:
        """Cancel the orders of a batch that Tango surely does not have; return how many. Requester and admins may.

        Raises:
            NotFound: there is no such batch, or this person may not see it.
            NotAllowed: Slack has not confirmed lately whether this is an admin.
        """
        with self._storage.transaction():
            request = self._batch(reference)
            check_may_see_request(request, actor_id, self._roles(), reference, None)
            now = self._clock.now()
            canceled = self._storage.orders.cancel_queued(request.id, now)
            no_facts: dict[int, dict[str, str]] = {order_id: {} for order_id in canceled}
            self._storage.audit.add_of_orders(
                AuditEvent.ORDER_CANCELED, no_facts, now=now, actor=actor_id, request_id=request.id
            )
            self._storage.outbox.refresh_request(request.id, request.requester_id, now)
        return len(canceled)

    def to_try_again(self, reference: str, actor_id: str) -> tuple[Request, Sheet]:
        """Return one's own batch, and the list of those in it who got nothing, as it is checked once more.

        Of a batch that was declined, withdrawn, undone or has expired these are all; else those whose orders failed.

        Raises:
            NotFound: there is no such batch, it is another's, or nobody is left to ask for.
        """
        request = self._batch(reference)
        left = self._left(request)
        if request.requester_id != actor_id or not left:
            raise NotFound(reference)
        rows = [(one.user_id, NumberCell(request.amount_for(one).amount), request.message_for(one)) for one in left]
        return request, sheet_of(rows, most=MOST_ROWS)

    def _left(self, request: Request) -> Sequence[Recipient]:
        if request.is_pending:
            return ()
        if request.status is not RequestStatus.APPROVED or request.undone_by is not None:
            return request.recipients
        orders = self._storage.orders.of_request(request.id)
        failed = {order.recipient.user_id for order in orders if order.status is OrderStatus.FAILED}
        return [one for one in request.recipients if one.user_id in failed]

    def _batch(self, reference: str) -> Request:
        request = self._storage.requests.by_reference(reference)
        if request is None or not request.is_batch:
            raise NotFound(reference)
        return request
