"""What people do with requests: file, approve, decline, withdraw. One method is one transaction.

Rights are checked here, at the click, by who clicked; every refusal is raised before anything is written.
Notices and the audit entry of a move are written in the move's own transaction.
"""

from collections.abc import Callable
from typing import Final
from uuid import uuid4

from bot.clock import Clock
from bot.domain.catalog import Reward
from bot.domain.notices import ApprovalCard, Decided, Receipt
from bot.domain.policy import Person, Roles, check_may_decide, check_may_send, check_may_withdraw
from bot.domain.request import Delivery, Request, RequestMove
from bot.errors import AlreadyDecided, InvalidAmount, InvalidForm, NotFound, RewardUnavailable
from bot.faults import Fault, FaultCode
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.form import RequestForm, RequestForms
from storage import Storage

#: A reason is read in a direct message: a paragraph.
LONGEST_REASON: Final = 500


class Requests:
    """What people can do with requests.

    Args:
        storage: where they are kept.
        clock: what time it is.
        roles: who may do what, asked anew each time.
        forms: checks forms and makes orders of requests.
        catalog: the rewards on offer.
        approvals_channel: where cards go.
        on_order: called when the queue has something new.
        on_notice: called when the outbox has something new.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        roles: Callable[[], Roles],
        forms: RequestForms,
        catalog: CatalogKeeper,
        approvals_channel: str,
        on_order: Callable[[], None],
        on_notice: Callable[[], None],
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._forms = forms
        self._catalog = catalog
        self._channel = approvals_channel
        self._on_order = on_order
        self._on_notice = on_notice

    @property
    def delivers_by_message(self) -> bool:
        """Whether rewards are given by direct message where the form does not say."""
        return self._forms.defaults.delivery is Delivery.MESSAGE

    def check_may_send(self, person: Person) -> None:
        """Whether this person may file requests at all.

        Raises:
            NotAllowed: not a sender.
        """
        check_may_send(person, self._roles())

    def file(self, form: RequestForm) -> None:
        """Check a form, store the request, and have its card posted. The same modal twice is one request.

        Raises:
            NotAllowed: the requester is not a sender.
            InvalidForm: what is wrong, field by field: recipients, reward, amount, message.
        """
        self.check_may_send(form.requester)
        new = self._forms.check(form, self._catalog.current)
        with self._storage.transaction():
            now = self._clock.now()
            request_id = self._storage.requests.add(new, now)
            if request_id is not None:
                self._storage.audit.add(
                    "request.filed",
                    now=now,
                    actor=new.requester_id,
                    request_id=request_id,
                    recipients=len(new.recipients),
                    amount_minor=new.amount.minor,
                    currency=new.amount.currency,
                    utid=new.utid,
                )
                self._tell_request(request_id, new.requester_id)
        self._on_notice()

    def approve(self, request_id: int, actor_id: str) -> None:
        """Decide for a request: its orders are stored, each under its own reference, and due at once.

        Raises:
            NotFound: no such request.
            NotAllowed: not an approver, or a party to the request.
            AlreadyDecided: somebody was faster.
            RewardUnavailable: the reward can no longer be given as requested.
        """
        with self._storage.transaction():
            now = self._clock.now()
            request = self._to_decide(request_id, actor_id)
            reward = self._reward_of(request)
            self._move(request, RequestMove.APPROVE, by=actor_id)
            self._storage.audit.add("request.approved", now=now, actor=actor_id, request_id=request_id)
            for recipient in request.recipients:
                reference = uuid4().hex
                order = self._forms.order(request, recipient, reference, reward.kind)
                order_id = self._storage.orders.enqueue(order, now)
                self._storage.audit.add(
                    "order.queued", now=now, request_id=request_id, order_id=order_id, external_ref_id=reference
                )
            self._tell_decision(request)
        self._on_order()
        self._on_notice()

    def decline(self, request_id: int, actor_id: str, reason: str) -> None:
        """Decide against a request; the requester hears the reason.

        Raises:
            NotFound: no such request.
            NotAllowed: not an approver, or a party to the request.
            AlreadyDecided: somebody was faster.
            InvalidForm: no reason, or one that is too long.
        """
        reason = reason.strip()
        if not reason:
            raise InvalidForm({"reason": Fault(FaultCode.REQUIRED)})
        if len(reason) > LONGEST_REASON:
            raise InvalidForm({"reason": Fault(FaultCode.TOO_LONG, {"limit": LONGEST_REASON, "length": len(reason)})})
        with self._storage.transaction():
            request = self._to_decide(request_id, actor_id)
            self._move(request, RequestMove.DECLINE, by=actor_id, reason=reason)
            self._storage.audit.add("request.declined", now=self._clock.now(), actor=actor_id, request_id=request_id)
            self._tell_decision(request)
        self._on_notice()

    def find_to_decide(self, request_id: int, actor_id: str) -> Request:
        """The request, if this person could decide it now.

        Raises:
            NotFound: no such request.
            NotAllowed: not an approver, or a party to the request.
            AlreadyDecided: it was decided.
        """
        return self._to_decide(request_id, actor_id)

    def withdraw(self, request_id: int, actor_id: str) -> None:
        """Take one's own request back, while nobody has decided.

        Raises:
            NotFound: no such request.
            NotAllowed: somebody else's.
            AlreadyDecided: it was decided.
        """
        with self._storage.transaction():
            request = self._request(request_id)
            check_may_withdraw(request, actor_id)
            _check_pending(request)
            self._move(request, RequestMove.WITHDRAW, by=actor_id)
            self._storage.audit.add("request.withdrawn", now=self._clock.now(), actor=actor_id, request_id=request_id)
            self._tell_request(request_id, request.requester_id)
        self._on_notice()

    def _reward_of(self, request: Request) -> Reward:
        """The reward as it is offered now, which takes the request's amount."""
        reward = self._catalog.current.get(request.utid)
        if reward is None:
            raise RewardUnavailable(request.reward_name)
        try:
            reward.check(request.amount)
        except InvalidAmount as error:
            raise RewardUnavailable(request.reward_name) from error
        return reward

    def _request(self, request_id: int) -> Request:
        request = self._storage.requests.get(request_id)
        if request is None:
            raise NotFound(str(request_id))
        return request

    def _to_decide(self, request_id: int, actor_id: str) -> Request:
        request = self._request(request_id)
        check_may_decide(request, actor_id, self._roles())
        _check_pending(request)
        return request

    def _move(self, request: Request, move: RequestMove, *, by: str, reason: str | None = None) -> None:
        moved = self._storage.requests.move(request.id, move, by=by, now=self._clock.now(), reason=reason)
        if not moved:  # the transaction began with a write lock, so this row was ours since it was read
            raise RuntimeError(f"request {request.id} moved under a lock")

    def _tell_request(self, request_id: int, requester_id: str) -> None:
        now = self._clock.now()
        self._storage.outbox.add(ApprovalCard(request_id), self._channel, now)
        self._storage.outbox.add(Receipt(request_id), requester_id, now)

    def _tell_decision(self, request: Request) -> None:
        self._tell_request(request.id, request.requester_id)
        self._storage.outbox.add(Decided(request.id), request.requester_id, self._clock.now())


def _check_pending(request: Request) -> None:
    if not request.is_pending:
        at = request.decided_at or request.created_at
        raise AlreadyDecided(status=request.status, by=request.decided_by, at=at)
