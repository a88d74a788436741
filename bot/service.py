"""The use cases: what people do with requests and orders. One method is one transaction.

Rights are checked here, at the click, by who clicked; every refusal is raised before anything is written.
Notices and the audit entry of a move are written in the move's own transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import uuid4

from bot.clock import Clock
from bot.domain.catalog import Catalog, Reward
from bot.domain.order import (
    Attempt,
    Order,
    OrderStatus,
    Resend,
)
from bot.domain.policy import (
    Person,
    Roles,
    check_is_admin,
    check_may_decide,
    check_may_see,
    check_may_send,
    check_may_withdraw,
)
from bot.domain.request import Delivery, Request, RequestMove
from bot.errors import (
    AlreadyDecided,
    Fault,
    InvalidAmount,
    InvalidForm,
    NotFound,
    RewardUnavailable,
)
from bot.filing import Filing, RequestForm
from bot.mending import Mending
from bot.notifications import ApprovalCard, Decided, Receipt
from bot.tango.client import TangoClient
from bot.tango.rewards import rewards_of
from storage import AuditEntry, QueueState, Storage

#: A reason is read in a direct message: a paragraph.
LONGEST_REASON: Final = 500

#: How far the queue is counted before an order: beyond, "more than 1,000" says enough.
MOST_AHEAD: Final = 1_000

#: How many attempts and resends a timeline shows.
MOST_IN_TIMELINE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderStory:
    """An order with all that happened to it.

    Attributes:
        order: as it stands.
        request: which it delivers.
        story: the audit entries, oldest first.
        attempts: the last ones, newest first.
        resends: the last ones, newest first.
        ahead: how many orders are sent before it, while it waits.
        queue: how the queue stands.
        by_admin: whether the viewer may mend it.
        seconds_to_resend: until its e-mail can be sent again; 0 where that is now, or there is none.
    """

    order: Order
    request: Request
    story: Sequence[AuditEntry]
    attempts: Sequence[Attempt]
    resends: Sequence[Resend]
    ahead: int
    queue: QueueState
    by_admin: bool
    seconds_to_resend: int


class Service:
    """What people can do.

    Args:
        storage: where it is kept.
        tango: asked for the catalog; orders go through the dispatcher.
        clock: what time it is.
        roles: who may do what, asked anew each time.
        filing: checks forms and makes orders of requests.
        approvals_channel: where cards go.
        offered: the utids on offer; None for the whole catalog.
        on_order: called when the queue has something new.
        on_notice: called when the outbox has something new.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        tango: TangoClient,
        clock: Clock,
        roles: Callable[[], Roles],
        filing: Filing,
        approvals_channel: str,
        offered: frozenset[str] | None,
        on_order: Callable[[], None],
        on_notice: Callable[[], None],
    ) -> None:
        self._storage = storage
        self._tango = tango
        self._clock = clock
        self._roles = roles
        self._filing = filing
        self._channel = approvals_channel
        self._offered = offered
        self._on_order = on_order
        self._on_notice = on_notice
        self._mending = Mending(
            storage=storage,
            clock=clock,
            approvals_channel=approvals_channel,
            on_order=on_order,
            on_notice=on_notice,
        )
        self.catalog = Catalog(storage.catalog.all())

    # -------------------------------------------------------------------------------------- catalog

    def refresh_catalog(self) -> int:
        """Ask Tango what can be given, keep it, and offer it; how many rewards.

        Raises:
            TangoError: Tango did not say; what was offered stays on offer.
        """
        rewards = list(rewards_of(self._tango.list_catalog(verbose=False), self._offered))
        with self._storage.transaction():
            self._storage.catalog.replace(rewards, self._clock.now())
        self.catalog = Catalog(rewards)
        return len(self.catalog)

    @property
    def delivers_by_message(self) -> bool:
        """Whether rewards are given by direct message where the form does not say."""
        return self._filing.defaults.delivery is Delivery.MESSAGE

    def check_is_admin(self, actor_id: str) -> None:
        """Whether this person may mend.

        Raises:
            NotAllowed: not an admin.
        """
        check_is_admin(actor_id, self._roles())

    def catalog_age(self) -> timedelta | None:
        """How long ago Tango was asked; None if never."""
        fetched_at = self._storage.catalog.fetched_at()
        return None if fetched_at is None else self._clock.now() - fetched_at

    # ------------------------------------------------------------------------------------- requests

    def check_may_send(self, person: Person) -> None:
        """Whether this person may file requests at all.

        Raises:
            NotAllowed: not a sender.
        """
        check_may_send(person, self._roles())

    def file_request(self, form: RequestForm) -> None:
        """Check a form, store the request, and have its card posted. The same modal twice is one request.

        Raises:
            NotAllowed: the requester is not a sender.
            InvalidForm: what is wrong, field by field: recipients, reward, amount, message.
        """
        self.check_may_send(form.requester)
        new = self._filing.check(form, self.catalog)
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
                order = self._filing.order(request, recipient, reference, reward.kind)
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
            raise InvalidForm({"reason": Fault("required", {})})
        if len(reason) > LONGEST_REASON:
            raise InvalidForm({"reason": Fault("too_long", {"limit": LONGEST_REASON, "length": len(reason)})})
        with self._storage.transaction():
            request = self._to_decide(request_id, actor_id)
            self._move(request, RequestMove.DECLINE, by=actor_id, reason=reason)
            self._storage.audit.add("request.declined", now=self._clock.now(), actor=actor_id, request_id=request_id)
            self._tell_decision(request)
        self._on_notice()

    def request_to_decide(self, request_id: int, actor_id: str) -> Request:
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

    # --------------------------------------------------------------------------------------- orders

    def story_of_order(self, actor_id: str, reference: str) -> OrderStory:
        """An order with its timeline, by short id, `externalRefID` or `referenceOrderID`.

        Raises:
            NotFound: no such order, or not one that this person may see.
        """
        order = self._order_for(actor_id, reference)
        orders = self._storage.orders
        waits = order.status is OrderStatus.QUEUED
        return OrderStory(
            order=order,
            request=self._request(order.request_id),
            story=self._storage.audit.story(request_id=order.request_id, order_id=order.id),
            attempts=orders.attempts(order.id, MOST_IN_TIMELINE),
            resends=orders.resends(order.id, MOST_IN_TIMELINE),
            ahead=orders.ahead_of(order, MOST_AHEAD) if waits else 0,
            queue=self._storage.queue.state(),
            by_admin=actor_id in self._roles().admins,
            seconds_to_resend=order.seconds_to_resend(self._clock.now()),
        )

    def own_request(self, actor_id: str, number: str) -> tuple[Request, Sequence[Order]] | None:
        """One's own request of that number, and its orders; None where `number` is none, or no request of theirs."""
        if not (number.isascii() and number.isdecimal() and len(number) <= 15):  # fits SQLite's integer
            return None
        request = self._storage.requests.get(int(number))
        if request is None or request.requester_id != actor_id:
            return None
        return request, self._storage.orders.of_request(request.id)

    def retry_order(self, order_id: int, actor_id: str) -> None:
        """Send an order that needed a person once more, under its own reference. Admins only.

        Raises:
            NotAllowed: not an admin.
            NotFound: no such order.
            WrongState: it does not wait for a person.
            PastIdempotency: its reference is too old to be safe.
        """
        self.check_is_admin(actor_id)
        self._mending.retry_order(order_id, actor_id)

    def cancel_order(self, order_id: int, actor_id: str) -> None:
        """Take an order out of the queue before it was first claimed. Admins only.

        Raises:
            NotAllowed: not an admin.
            NotFound: no such order.
            WrongState: an attempt was already made.
        """
        self.check_is_admin(actor_id)
        self._mending.cancel_order(order_id, actor_id)

    def resume_queue(self, actor_id: str) -> bool:
        """Try a halted queue now instead of at its next probe. Admins only; whether it was halted.

        Raises:
            NotAllowed: not an admin.
            QueuePaused: whoever runs the bot has stopped it.
        """
        self.check_is_admin(actor_id)
        return self._mending.probe_queue(actor_id)

    # ---------------------------------------------------------------------------------------- parts

    def _reward_of(self, request: Request) -> Reward:
        """The reward as it is offered now, which takes the request's amount."""
        reward = self.catalog.get(request.utid)
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

    def _order_for(self, actor_id: str, reference: str) -> Order:
        order = self._storage.orders.find(reference)
        if order is None:
            raise NotFound(reference)
        check_may_see(order, actor_id, self._roles(), reference)
        return order

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
