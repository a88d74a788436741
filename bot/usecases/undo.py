"""Undo: an approval is taken back while its orders are held (`approvals.hold_minutes`).

The orders are canceled while all of them are queued, so that none can have been claimed meanwhile. The request stays
approved, and says who undid that.
"""

from collections.abc import Callable, Sequence

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.notices import ApprovalUndone
from bot.domain.order import Order, OrderStatus, undoable
from bot.domain.policy import Roles, check_may_undo
from bot.domain.request import Request, decided_before
from bot.errors import NotFound, Wish, WrongState
from storage import Storage


class Undo:
    """Takes approvals back.

    Args:
        storage: of the requests.
        clock: tells the time.
        roles: return who may do what.
    """

    def __init__(self, *, storage: Storage, clock: Clock, roles: Callable[[], Roles]) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles

    def undo(self, reference: str, actor_id: str) -> None:
        """Cancel the orders of a request while all are held. The requester, and approvers who may decide about it, may.

        Raises:
            NotFound: no request has this reference, or it waits for a decision.
            NotAllowed: the actor is neither the requester nor an approver who may decide about the request.
            AlreadyDecided: the request came to nothing.
            WrongState: the hold of one has ended, Tango may have one, or all were canceled before. Nothing is canceled.
        """
        with self._storage.transaction():
            request = self._storage.requests.by_reference(reference)
            if request is None or request.is_pending:
                raise NotFound(reference)
            check_may_undo(request, actor_id, self._roles())
            self._undo(request, self._held(request), actor_id)

    def _held(self, request: Request) -> Sequence[Order]:
        """Return the orders to cancel."""
        orders = self._storage.orders.of_request(request.id)
        if held := undoable(orders):
            return held
        if not orders:
            raise decided_before(request)
        left = [one for one in orders if one.status is not OrderStatus.CANCELED]
        order = next((one for one in left if not one.can_be_undone), orders[0])
        raise WrongState(number=order.number, status=order.status, move=Wish.UNDO)

    def _undo(self, request: Request, held: Sequence[Order], actor_id: str) -> None:
        now = self._clock.now()
        canceled = self._storage.orders.cancel_queued(request.id, now, only_held=True)
        if not (len(canceled) == len(held) and self._storage.undo.mark_undone(request.id, by=actor_id, now=now)):
            # The transaction began with a write lock, so these rows were ours since they were read.
            raise RuntimeError(f"the orders of request {request.id} moved under a lock")
        audit = self._storage.audit
        audit.add(AuditEvent.REQUEST_UNDONE, now=now, actor=actor_id, request_id=request.id)
        no_facts: dict[int, dict[str, str]] = {order_id: {} for order_id in canceled}
        audit.add_of_orders(AuditEvent.ORDER_CANCELED, no_facts, now=now, actor=actor_id, request_id=request.id)
        self._storage.outbox.refresh_request(request.id, request.requester_id, now)
        if actor_id != request.requester_id:
            self._storage.outbox.add(ApprovalUndone(request.id), request.requester_id, now)
