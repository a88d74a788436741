"""Requests, as people handle them: file, approve, decline, withdraw. One method is one transaction.

Rights are checked here, at the click, by who clicked. Every refusal is raised before anything is written. A move's
notices and audit entry are written in the move's own transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.approval import BY_RULE
from bot.domain.audit import AuditEvent
from bot.domain.duplicate import DuplicateRequest
from bot.domain.notices import Decided
from bot.domain.occasion import Occasion
from bot.domain.order import ApprovedOrder
from bot.domain.policy import (
    Person,
    Roles,
    check_may_approve,
    check_may_decide,
    check_may_review,
    check_may_send,
    check_may_withdraw,
)
from bot.domain.request import Delivery, NewRequest, Repeated, Request, RequestMove, RequestStatus, check_is_pending
from bot.errors import AlreadyAsked, AlreadyDecided, ChangedSince, InvalidForm, NoRewards, NotFound
from bot.faults import Fault, FaultCode
from bot.usecases.absences import Absences
from bot.usecases.approval import Approvals
from bot.usecases.budgets import Budgets
from bot.usecases.catalog import CatalogKeeper
from bot.usecases.duplicates import check_duplicates
from bot.usecases.form import RequestForm, RequestForms
from bot.usecases.review import Review
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
        review: looks at what is to be approved once more.
        approvals: say how a request is approved.
        budgets: hold requests against budgets and limits.
        absences: tell who is away.
        expire_after: how long a request waits for a decision.
        undo_within: how long approved orders are held, so that the approval can be undone; zero where they are not.
        settings_hash: of the settings that are in force, which each decision keeps.

    Attributes:
        undo_within: the same.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        roles: Callable[[], Roles],
        forms: RequestForms,
        catalog: CatalogKeeper,
        review: Review,
        approvals: Approvals,
        budgets: Budgets,
        absences: Absences,
        expire_after: timedelta,
        settings_hash: str,
        undo_within: timedelta = timedelta(0),
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._forms = forms
        self._catalog = catalog
        self._review = review
        self._approvals = approvals
        self._budgets = budgets
        self._absences = absences
        self._expire_after = expire_after
        self._settings_hash = settings_hash
        self.undo_within = undo_within

    @property
    def delivers_by_message(self) -> bool:
        """Return whether rewards go by direct message where the form does not say."""
        return self._forms.defaults.delivery is Delivery.MESSAGE

    @property
    def occasions(self) -> Sequence[Occasion]:
        """Return the occasions of which the form asks for one; none where the settings have none."""
        return self._forms.occasions

    def usual_currency(self) -> str:
        """Return the currency of most of the latest requests; of most of the rewards on offer before the first."""
        return self._storage.requests.usual_currency() or self._catalog.current.usual_currency

    def check_may_send(self, person: Person) -> None:
        """Refuse whoever may not send rewards.

        Raises:
            NotAllowed: the person is no sender.
        """
        check_may_send(person, self._roles())

    def file(self, form: RequestForm) -> None:
        """Check a form, store the request, and have its card posted. The same submit twice makes one request.

        What needs no approver is approved at once.

        Raises:
            AlreadyAsked: the submit made a request with other content before.
            AlreadyDecided: it asks again for a request that was approved meanwhile.
            DuplicateRequest: the requester is to be asked whether a second reward is meant.
            NotAllowed: the requester is no sender.
            NotFound: it asks again for what is not the requester's.
            InvalidForm: what is wrong, field by field: recipients, reward, amount, message.
            GroupUnknown: Slack doesn't tell who is in a user group of the policy, or that a budget is for.
        """
        self.check_may_send(form.requester)
        rules, room = (self._approvals.check, self._budgets.check), self._budgets.check_room
        new = self._approvals.routed(self._forms.check(form, self._catalog.current, *rules, room=room))
        with self._storage.transaction():
            if not self._store(form, new):
                self._check_asks_the_same(new)

    def keep(self, new: NewRequest, now: datetime) -> int | None:
        """Store a request that was checked, with all that follows from it, in the caller's transaction; return its id.

        None: its submit made a request before.

        Raises:
            GroupUnknown: Slack doesn't tell who is in a user group that a budget is for.
            InvalidForm: a budget has no room, or a recipient would get too much.
        """
        request_id = self._storage.requests.add(new, now)
        if request_id is None:
            return None
        self._budgets.reserve(request_id, new, now)
        self._storage.audit.add(
            AuditEvent.REQUEST_FILED,
            now=now,
            actor=new.requester_id,
            request_id=request_id,
            recipients=len(new.recipients),
            amount_minor=new.amount.minor,
            currency=new.amount.currency,
            utid=new.utid,
            workflow_run=new.submission_id if new.by_workflow else None,
        )
        self._tell_request(request_id, new.requester_id)
        if new.approvals_needed == 0:
            self._approve(self._stored(request_id), BY_RULE)
        else:
            self._absences.tell_if_nobody_is_left(request_id)
        return request_id

    def approve(self, reference: str, actor_id: str) -> None:
        """Approve a request, and store its orders, each under the reference made with the request.

        They are due at once, or after the hold, or on the date of the request.

        The first of two approvers is recorded, and the request goes on waiting.

        Raises:
            NotFound: no request has this reference.
            NotAllowed: the actor is no approver of it, is a party to it, or has approved it already.
            AlreadyDecided: somebody was faster.
            ChangedSince: something stands against it now.
            NoRewards: the catalog is empty.
        """
        with self._storage.transaction():
            request = self._to_decide(reference, actor_id)
            check_may_approve(request, actor_id, self._roles())
            found = self._review.look_at(request)
            if not found and request.needs_another:
                self._approve_first(request, actor_id)
            elif not found:
                self._approve(request, actor_id)
        if found:  # its card shows it, too
            raise ChangedSince(replace(request, obstacles=found).named_obstacles())

    def decline(self, reference: str, actor_id: str, reason: str) -> None:
        """Decline a request, and tell the requester the reason.

        Raises:
            NotFound: no request has this reference.
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
            request = self._to_decide(reference, actor_id)
            self._move(request, RequestMove.DECLINE, by=actor_id, reason=reason)
            self._note(AuditEvent.REQUEST_DECLINED, request, actor_id)
            self._tell_request(request.id, request.requester_id)
            self._storage.outbox.add(Decided(request.id), request.requester_id, self._clock.now())

    def find_to_decide(self, reference: str, actor_id: str) -> Request:
        """Return the request, if this person could decide about it now.

        Raises:
            NotFound: no request has this reference.
            NotAllowed: the actor is no approver, or is a party to the request.
            AlreadyDecided: the request was decided.
        """
        return self._to_decide(reference, actor_id)

    def find_to_review(self, reference: str, actor_id: str) -> Request:
        """Return the request in whatever state, for approvers' eyes.

        Raises:
            NotFound: no request has this reference.
            NotAllowed: the actor is no approver of it.
        """
        request = self._request(reference)
        check_may_review(request, actor_id, self._roles())
        return request

    def show_address(self, reference: str, actor_id: str) -> Request:
        """Return the request with its postal address to who may decide about it now, and write that down.

        Raises:
            NotFound: there is no such request, or its reward is not posted.
            NotAllowed: the actor is no approver, or is a party to the request.
            AlreadyDecided: the request was decided.
        """
        with self._storage.transaction():
            if self._request(reference).details.address is None:
                raise NotFound(reference)
            request = self._to_decide(reference, actor_id)
            self._storage.audit.add(
                AuditEvent.REQUEST_ADDRESS_SHOWN, now=self._clock.now(), actor=actor_id, request_id=request.id
            )
        return request

    def withdraw(self, reference: str, actor_id: str) -> None:
        """Withdraw one's own request, while nobody has decided.

        Raises:
            NotFound: no request has this reference.
            NotAllowed: the request is somebody else's.
            AlreadyDecided: the request was decided.
        """
        with self._storage.transaction():
            request = self._request(reference)
            check_may_withdraw(request, actor_id)
            check_is_pending(request)
            self._move(request, RequestMove.WITHDRAW, by=actor_id)
            self._storage.audit.add(
                AuditEvent.REQUEST_WITHDRAWN, now=self._clock.now(), actor=actor_id, request_id=request.id
            )
            self._tell_request(request.id, request.requester_id)

    def find_to_repeat(self, reference: str, actor_id: str) -> Request:
        """Return one's own request that came to nothing, as the start of a new one.

        Raises:
            NotFound: there is no such request, or it is somebody else's.
            AlreadyDecided: the request was approved, and none of its orders came to nothing.
        """
        request = self._request(reference)
        if request.requester_id != actor_id:
            raise NotFound(reference)
        if request.status is RequestStatus.APPROVED:
            orders = self._storage.orders.of_request(request.id)
            if not any(order.is_repeatable for order in orders):
                check_is_pending(request)
        return request

    def _store(self, form: RequestForm, new: NewRequest) -> bool:
        """Store a request with all that follows from it; return False where its submit was stored before."""
        now = self._clock.now()
        if form.repeats:
            if self._storage.requests.by_submission(new.submission_id) is not None:
                return False  # what it asks for again may be decided by now
            old = self.find_to_repeat(form.repeats, form.requester.user_id)
            new = replace(new, repeats=Repeated(old.id, old.status))
        try:  # before a number is taken, which PostgreSQL would leave out
            check_duplicates(self._storage, new, form.asked_about, now)
        except DuplicateRequest:
            if self._storage.requests.by_submission(new.submission_id) is None:
                raise
            return False  # its answer was lost, and somebody else asked meanwhile
        return self.keep(new, now) is not None

    def _approve_first(self, request: Request, actor_id: str) -> None:
        now = self._clock.now()
        if not self._storage.requests.approve_first(request.id, by=actor_id, now=now):
            raise RuntimeError(f"request {request.id} moved under a lock")
        self._note(AuditEvent.REQUEST_FIRST_APPROVED, request, actor_id)
        self._tell_request(request.id, request.requester_id)

    def _approve(self, request: Request, by: str) -> None:
        reward = self._catalog.current.get(request.utid)
        if reward is None:  # the review has found it, unless there is no catalog
            raise NoRewards
        now = self._clock.now()
        self._move(request, RequestMove.APPROVE, by=by)
        actor, rule = (None, by) if by == BY_RULE else (by, None)
        self._note(AuditEvent.REQUEST_APPROVED, request, actor, rule=rule)
        is_single = len(request.recipients) == 1
        orders = [
            self._held(self._forms.order(request, recipient, reward.kind, place=place), request, now)
            for place, recipient in enumerate(request.recipients, start=0 if is_single else 1)
        ]
        queued = dict(zip(self._storage.orders.enqueue_all(orders, now), orders, strict=True))
        for order_id, order in queued.items():
            if order.in_doubt_since is not None:
                self._storage.inquiries.open(order_id, now=now)  # before it is sent once more
        facts = {order_id: order.facts for order_id, order in queued.items()}
        self._storage.audit.add_of_orders(AuditEvent.ORDER_QUEUED, facts, now=now, request_id=request.id)
        self._tell_request(request.id, request.requester_id)

    def _held(self, order: ApprovedOrder, request: Request, now: datetime) -> ApprovedOrder:
        """Return the order as it is held: until the date of its request, or while its approval can be undone.

        A date that is over holds it as well: whether it is over, the machine's clock alone doesn't say.
        """
        if request.details.schedule is not None:
            own = request.details.schedule.of_recipient(order.recipient.zone)
            return replace(order, not_before=own.held_until(now, self.undo_within), schedule=own)
        return replace(order, not_before=now + self.undo_within) if self.undo_within else order

    def _stored(self, request_id: int) -> Request:
        request = self._storage.requests.get(request_id)
        if request is None:
            raise LookupError(f"no request {request_id}")
        return request

    def _check_asks_the_same(self, new: NewRequest) -> None:
        made = self._storage.requests.by_submission(new.submission_id)
        if made is None or made.requester_id != new.requester_id:
            raise NotFound(new.submission_id)  # another's modal, so somebody made this one by hand
        if not made.asks_the_same(new):
            names = [recipient.name for recipient in made.recipients]
            raise AlreadyAsked(number=made.number, amount=str(made.amount), names=names)

    def _request(self, reference: str) -> Request:
        request = self._storage.requests.by_reference(reference)
        if request is None:
            raise NotFound(reference)
        return request

    def _to_decide(self, reference: str, actor_id: str) -> Request:
        request = self._request(reference)
        check_may_decide(request, actor_id, self._roles())
        check_is_pending(request)
        if request.is_overdue(self._clock.now(), self._expire_after):
            at = (request.waits_since or request.created_at) + self._expire_after
            raise AlreadyDecided(status=RequestStatus.EXPIRED, by=None, at=at)
        return request

    def _move(self, request: Request, move: RequestMove, *, by: str, reason: str | None = None) -> None:
        moved = self._storage.requests.move(request.id, move, by=by, now=self._clock.now(), reason=reason)
        if not moved:  # the transaction began with a write lock, so this row was ours since it was read
            raise RuntimeError(f"request {request.id} moved under a lock")

    def _note(self, decision: AuditEvent, request: Request, actor_id: str | None, rule: str | None = None) -> None:
        """Note a decision, with the hash of the settings under which it was made."""
        self._storage.audit.add(
            decision,
            now=self._clock.now(),
            actor=actor_id,
            request_id=request.id,
            rule=rule,
            settings=self._settings_hash,
        )

    def _tell_request(self, request_id: int, requester_id: str) -> None:
        self._storage.outbox.refresh_request(request_id, requester_id, self._clock.now())
