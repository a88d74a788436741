"""Small builders of what tests are about: each with sensible defaults, each fact can be named.

People: Maya asks, Rob is given, Alex approves, Ada is the admin.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Lock
from typing import Any, Final, TypeVar
from uuid import uuid4

from bot.clock import Clock
from bot.domain.catalog import Reward
from bot.domain.duplicate import OtherReward
from bot.domain.money import Money
from bot.domain.order import BY_HAND, OF_BATCH, ApprovedOrder, Order, OrderMove, OrderStatus
from bot.domain.policy import Person, Roles
from bot.domain.request import Delivery, NewRequest, Recipient, Request, RequestMove, RequestStatus
from bot.tango.bodies import NewOrder
from bot.tango.models import TangoPerson
from bot.usecases.halts import Halts
from bot.usecases.holds import Holds
from bot.usecases.outcomes import Outcomes
from bot.usecases.present import Present
from storage import Storage

MAYA: Final = "U0MAYA001"
ROB: Final = "U0ROB0001"
ALEX: Final = "U0ALEX001"
ADA: Final = "U0ADA0001"
CHANNEL: Final = "C0REWARDS"
TEAM: Final = "T0ACME001"

Result = TypeVar("Result")

#: A moment that is no round number of anything, so that rounding shows.
NOON: Final = datetime(2026, 3, 14, 12, 0, 0, 123_000, tzinfo=UTC)


class FakeClock(Clock):
    """A clock that stands still until it is set or advanced."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = self._began = now
        self._passed = 0.0
        self._lock = Lock()

    def now(self) -> datetime:
        """What it was set to."""
        with self._lock:
            return self._now

    def set(self, now: datetime) -> None:
        """Put it to `now`, also backwards: no time passes by that."""
        with self._lock:
            self._now = now

    def advance(self, seconds: float) -> datetime:
        """Let `seconds` pass; the time then."""
        with self._lock:
            self._now += timedelta(seconds=seconds)
            self._passed += seconds
            return self._now

    def right(self) -> datetime:
        """The time by a clock that nobody has set since the beginning."""
        return self._began + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """The seconds that somebody has let pass."""
        with self._lock:
            return self._passed


# ------------------------------------------------------------------------------------------- values


def a_person(user_id: str = ROB, **facts: Any) -> Person:
    """A member who can be given a reward."""
    usual: dict[str, Any] = {
        "name": "Rob Weiss",
        "first_name": "Rob",
        "last_name": "Weiss",
        "email": f"{user_id.lower()}@example.com",
    }
    return Person(user_id=user_id, **(usual | facts))


def some_roles(**facts: Any) -> Roles:
    """Everyone sends, Alex approves, Ada is the admin."""
    usual: dict[str, Any] = {"everyone_sends": True, "approvers": frozenset({ALEX}), "admins": frozenset({ADA})}
    return Roles(**(usual | facts))


def a_recipient(user_id: str = ROB, **facts: Any) -> Recipient:
    """Somebody who is to be given a reward."""
    usual: dict[str, Any] = {
        "first_name": "Rob",
        "last_name": "Weiss",
        "email": f"{user_id.lower()}@example.com",
        "external_ref_id": uuid4().hex,
    }
    return Recipient(user_id=user_id, **(usual | facts))


def a_reward(**facts: Any) -> Reward:
    """A reward of 5 to 500 dollars."""
    usual: dict[str, Any] = {
        "utid": "U561593",
        "name": "Reward Link Preferred",
        "brand": "Reward Link",
        "currency": "USD",
        "minimum": 5_00,
        "maximum": 500_00,
    }
    return Reward(**(usual | facts))


def a_new_request(**facts: Any) -> NewRequest:
    """Maya asks for 25 dollars for Rob. Each has a `submission_id` of its own."""
    usual: dict[str, Any] = {
        "requester_id": MAYA,
        "requester_name": "Maya Lopez",
        "recipients": (a_recipient(),),
        "utid": "U561593",
        "reward_name": "Reward Link Preferred",
        "amount": Money(25_00, "USD"),
        "message": "Thank you for the launch",
        "submission_id": f"V{uuid4().hex[:10]}",
        "reference": uuid4().hex,
    }
    return NewRequest(**(usual | facts))


def a_request(**facts: Any) -> Request:
    """The same, as if stored."""
    new = a_new_request()
    usual: dict[str, Any] = {name: getattr(new, name) for name in NewRequest.__dataclass_fields__} | {
        "id": 1,
        "status": RequestStatus.PENDING_APPROVAL,
        "created_at": NOON,
    }
    return Request(**(usual | facts))


def some_gifts(count: int, **facts: Any) -> tuple[Recipient, ...]:
    """The recipients of a batch: the first gets a dollar, the next two, each with words of their own."""
    return tuple(
        a_recipient(
            f"U0P{n:06d}",
            first_name="Person",
            last_name=str(n),
            amount=Money(n * 100, "USD"),
            message=f"Thanks, {n}",
            **facts,
        )
        for n in range(1, count + 1)
    )


def a_batch(count: int = 3, **facts: Any) -> dict[str, Any]:
    """What a request of a batch is made of: for `a_new_request`, `a_request` and `file_request`."""
    usual: dict[str, Any] = {"recipients": some_gifts(count), "amount": Money(count * 100, "USD"), "message": ""}
    return {**usual, "is_batch": True, **facts}


def an_other_reward(recipient_id: str = ROB, **facts: Any) -> OtherReward:
    """Another request for a recipient, which waits, for another reward."""
    usual: dict[str, Any] = {
        "request_id": 10**15 - 3,
        "requester_id": ALEX,
        "requester_name": "Alex Kim",
        "is_approved": False,
        "is_same": False,
        "requested_at": NOON,
    }
    return OtherReward(recipient_id=recipient_id, **(usual | facts))


def an_approved_order(request_id: int, **facts: Any) -> ApprovedOrder:
    """Rob's order of a request, under the reference that was made for him."""
    recipient: Recipient = facts.get("recipient") or a_recipient()
    reference = recipient.external_ref_id
    usual: dict[str, Any] = {
        "request_id": request_id,
        "place": 0,
        "requester_id": MAYA,
        "recipient": recipient,
        "utid": "U561593",
        "reward_name": "Reward Link Preferred",
        "amount": Money(25_00, "USD"),
        "external_ref_id": reference,
        "body": f'{{"externalRefID":"{reference}","amount":25.0}}'.encode(),
        "delivery": Delivery.EMAIL,
    }
    return ApprovedOrder(**(usual | facts))


def an_order(**facts: Any) -> Order:
    """A queued order, as if stored."""
    approved = an_approved_order(1)
    usual: dict[str, Any] = {
        name: getattr(approved, name) for name in ApprovedOrder.__dataclass_fields__ if name != "in_doubt_since"
    } | {
        "id": 1,
        "status": OrderStatus.QUEUED,
        "attempts": 0,
        "outcome_unknown": False,
        "available_at": NOON,
        "created_at": NOON,
    }
    return Order(**(usual | facts))


def a_present(order: Order | None = None, **facts: Any) -> Present:
    """An order with its request and no picture; `facts` are the request's."""
    return Present(order=order or an_order(), request=a_request(**facts), look=None)


# ------------------------------------------------------------------------------- what a storage holds


def file_request(storage: Storage, *, now: datetime = NOON, **facts: Any) -> Request:
    """Store a request that waits for a decision."""
    with storage.transaction():
        request_id = storage.requests.add(a_new_request(**facts), now)
        assert request_id is not None, "this submission_id was used before"
        request = storage.requests.get(request_id)
    assert request is not None
    return request


def approve(storage: Storage, request: Request, *, by: str = ALEX, now: datetime = NOON, **facts: Any) -> list[Order]:
    """Approve a stored request and enqueue one order for each recipient."""
    with storage.transaction():
        assert storage.requests.move(request.id, RequestMove.APPROVE, by=by, now=now), "it was decided before"
        is_single = len(request.recipients) == 1
        for place, recipient in enumerate(request.recipients, start=1):
            usual: dict[str, Any] = {
                "place": 0 if is_single else place,
                "requester_id": request.requester_id,
                "recipient": recipient,
                "utid": request.utid,
                "reward_name": request.reward_name,
                "amount": request.amount_for(recipient),
                "priority": OF_BATCH if request.is_batch else BY_HAND,
            }
            storage.orders.enqueue(an_approved_order(request.id, **(usual | facts)), now)
        return storage.orders.of_request(request.id)


def enqueue(storage: Storage, *, now: datetime = NOON, delivery: Delivery = Delivery.EMAIL, **facts: Any) -> Order:
    """File and approve a request; its first order. `facts` are the request's."""
    return approve(storage, file_request(storage, now=now, **facts), now=now, delivery=delivery)[0]


def claim(storage: Storage, order: Order, *, now: datetime = NOON) -> Order:
    """Claim the order that is due, which must be this one."""
    with storage.transaction():
        claimed = storage.orders.claim(now)
    assert claimed is not None, "nothing is due"
    assert claimed.id == order.id, f"order {claimed.id} is due before {order.id}"
    return claimed


def accept(storage: Storage, order: Order, *, now: datetime = NOON, **facts: Any) -> Order:
    """Claim a queued order and have Tango accept (and mail) it; the order then."""
    usual: dict[str, Any] = {
        "outcome_unknown": False,
        "reference_order_id": f"RA260314-{order.id}-42",
        "tango_status": "COMPLETE",
        "last_sent_at": now if order.is_mailed else None,
    }
    claimed = claim(storage, order, now=now)
    with storage.transaction():
        assert storage.orders.move(claimed, OrderMove.ACCEPT, now=now, **(usual | facts))
    return again(storage, order)


def again(storage: Storage, order: Order) -> Order:
    """The order as it is stored now."""
    stored = storage.orders.get(order.id)
    assert stored is not None
    return stored


def at(order: Order, **facts: Any) -> Order:
    """The same order with some facts changed, as a stale or forged copy would have them."""
    return replace(order, **facts)


def together(count: int, work: Callable[[int], Result]) -> list[Result]:
    """What `work` of 0, 1, … answers when `count` threads start it at the same moment."""
    start = Barrier(count)

    def wait_and_work(number: int) -> Result:
        start.wait(30)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(wait_and_work, range(count)))


def at_once(*acts: Callable[[], Result]) -> list[Result]:
    """What each of these answers when threads start them at the same moment."""
    return together(len(acts), lambda number: acts[number]())


def some_outcomes(storage: Storage) -> Outcomes:
    """What records Tango's answers, as the bot has it; Ada is the admin."""
    halts = Halts(storage=storage, holds=Holds(storage=storage, clock=FakeClock()))
    return Outcomes(storage=storage, admins=lambda: frozenset({ADA}), halts=halts)


def a_body(reference: str) -> NewOrder:
    """What is sent to Tango for Rob's 25 dollars."""
    return NewOrder(
        external_ref_id=reference,
        customer_identifier="kudos-demo",
        account_identifier="kudos-demo-usd",
        utid="U561593",
        amount=Decimal(25),
        recipient=TangoPerson(first_name="Rob", email="rob@example.com"),
        send_email=True,
    )
