"""Requests, as people handle them: file, approve, decline, withdraw. One method is one transaction.

Rights are checked here, at the click, by who clicked. Every refusal is raised before anything is written. A move's
notices and audit entry are written in the move's own transaction.
"""

from collections.abc import Callable
from typing import Final
from uuid import uuid4

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.catalog import Reward
from bot.domain.notices import Decided
from bot.domain.policy import Person, Roles, check_is_approver, check_may_decide, check_may_send, check_may_withdraw
from bot.domain.request import Delivery, Request, RequestMove
from bot.errors import AlreadyDecided, InvalidAmount, InvalidForm, NotFound, RewardUnavailable
from bot.faults import Fault, FaultCode
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.form import RequestForm, RequestForms
from storage import Storage

#: A reason is read in a direct message, where a paragraph is enough.
LONGEST_REASON: Final = 500


class Requests:
    """Takes requests and decisions.

    Args:
        storage: of the requests.
        clock: tells the time.
        roles: return who may do what.
        forms: checks forms, and makes orders of requests.
        catalog: has the rewards on offer.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        roles: Callable[[], Roles],
        forms: RequestForms,
        catalog: CatalogKeeper,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._forms = forms
        self._catalog = catalog

    @property
    def delivers_by_message(self) -> bool:
        """Return whether rewards go by direct message where the form does not say."""
        return self._forms.defaults.delivery is Delivery.MESSAGE

    def check_may_send(self, person: Person) -> None:
        """Refuse whoever may not send rewards.

        Raises:
            NotAllowed: the person is no sender.
        """
        check_may_send(person, self._roles())

    def file(self, form: RequestForm) -> None:
        """Check a form, store the request, and have its card posted. The same modal twice makes one request.

        Raises:
            NotAllowed: the requester is no sender.
            InvalidForm: what is wrong, field by field: recipients, reward, amount, message.
        """
        self.check_may_send(form.requester)
        new = self._forms.check(form, self._catalog.current)
        with self._storage.transaction():
            now = self._clock.now()
            request_id = self._storage.requests.add(new, now)
            if request_id is not None:
                self._storage.audit.add(
                    AuditEvent.REQUEST_FILED,
                    now=now,
                    actor=new.requester_id,
                    request_id=request_id,
                    recipients=len(new.recipients),
                    amount_minor=new.amount.minor,
                    currency=new.amount.currency,
                    utid=new.utid,
                )
                self._tell_request(request_id, new.requester_id)

    def approve(self, request_id: int, actor_id: str) -> None:
        """Approve a request, and store its orders, each under its own reference and due at once.

        Raises:
            NotFound: there is no such request.
            NotAllowed: the actor is no approver, or is a party to the request.
            AlreadyDecided: somebody was faster.
            RewardUnavailable: the reward can no longer be given as requested.
        """
        with self._storage.transaction():
            now = self._clock.now()
            request = self._to_decide(request_id, actor_id)
            reward = self._reward_of(request)
            self._move(request, RequestMove.APPROVE, by=actor_id)
            self._storage.audit.add(AuditEvent.REQUEST_APPROVED, now=now, actor=actor_id, request_id=request_id)
            for recipient in request.recipients:
                reference = uuid4().hex
                order = self._forms.order(request, recipient, reference, reward.kind)
                order_id = self._storage.orders.enqueue(order, now)
                self._storage.audit.add(
                    AuditEvent.ORDER_QUEUED,
                    now=now,
                    request_id=request_id,
                    order_id=order_id,
                    external_ref_id=reference,
                )
            self._tell_decision(request)

    def decline(self, request_id: int, actor_id: str, reason: str) -> None:
        """Decline a request, and tell the requester the reason.

        Raises:
            NotFound: there is no such request.
            NotAllowed: the actor is no approver, or is a party to the request.
            AlreadyDecided: somebody was faster.
            InvalidForm: the reason is missing or too long.
        """
        reason = reason.strip()
        if not reason:
            raise InvalidForm({"reason": Fault(FaultCode.REQUIRED)})
        if len(reason) > LONGEST_REASON:
            raise InvalidForm({"reason": Fault(FaultCode.TOO_LONG, {"limit": LONGEST_REASON, "length": len(reason)})})
        with self._storage.transaction():
            request = self._to_decide(request_id, actor_id)
            self._move(request, RequestMove.DECLINE, by=actor_id, reason=reason)
            self._storage.audit.add(
                AuditEvent.REQUEST_DECLINED, now=self._clock.now(), actor=actor_id, request_id=request_id
            )
            self._tell_decision(request)

    def find_to_decide(self, request_id: int, actor_id: str) -> Request:
        """Return the request, if this person could decide about it now.

        Raises:
            NotFound: there is no such request.
            NotAllowed: the actor is no approver, or is a party to the request.
            AlreadyDecided: the request was decided.
        """
        return self._to_decide(request_id, actor_id)

    def find_to_review(self, request_id: int, actor_id: str) -> Request:
        """Return the request in whatever state, for approvers' eyes.

        Raises:
            NotFound: there is no such request.
            NotAllowed: the actor is no approver.
        """
        request = self._request(request_id)
        check_is_approver(actor_id, self._roles(), request.id)
        return request

    def withdraw(self, request_id: int, actor_id: str) -> None:
        """Withdraw one's own request, while nobody has decided.

        Raises:
            NotFound: there is no such request.
            NotAllowed: the request is somebody else's.
            AlreadyDecided: the request was decided.
        """
        with self._storage.transaction():
            request = self._request(request_id)
            check_may_withdraw(request, actor_id)
            _check_pending(request)
            self._move(request, RequestMove.WITHDRAW, by=actor_id)
            self._storage.audit.add(
                AuditEvent.REQUEST_WITHDRAWN, now=self._clock.now(), actor=actor_id, request_id=request_id
            )
            self._tell_request(request_id, request.requester_id)

    def _reward_of(self, request: Request) -> Reward:
        """Return the reward as it is on offer now, if it takes the request's amount."""
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
        self._storage.outbox.refresh_request(request_id, requester_id, self._clock.now())

    def _tell_decision(self, request: Request) -> None:
        self._tell_request(request.id, request.requester_id)
        self._storage.outbox.add(Decided(request.id), request.requester_id, self._clock.now())


def _check_pending(request: Request) -> None:
    if not request.is_pending:
        at = request.decided_at or request.created_at
        raise AlreadyDecided(status=request.status, by=request.decided_by, at=at)
