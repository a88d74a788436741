"""The Home tab: what a person sees there, by their rights, and whose tab is rewritten when something has changed.

Slack tells when somebody opens the tab, and not when they leave it. So a tab counts as open for a working day.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from bot.clock import Clock
from bot.domain.balance import AccountBalance
from bot.domain.budget import Room
from bot.domain.notices import APPROVALS, HomeChanged, home_of
from bot.domain.order import Order, OrderStatus
from bot.domain.policy import Person, Roles, check_may_send
from bot.domain.queue import QueueState
from bot.domain.request import Request
from bot.domain.search import OrderSearch, SearchStatus
from bot.errors import NotAllowed, Rule
from bot.usecases.balance import fresh_balance
from bot.usecases.budgets import Budgets
from bot.usecases.cards import Cards
from bot.usecases.received import newest_told
from storage import Storage

#: For so long after its opening a tab is rewritten. Who looks again on the next day opens it again.
OPEN_FOR: Final = timedelta(hours=10)

#: The requests that are counted as waiting: beyond, "more than 200" says enough.
MOST_WAITING: Final = 200

#: The viewer's pending requests, the orders they asked for, the rewards they received, and the orders that need
#: attention: with the cards that wait they must fit into the hundred blocks of a tab (handlers/views/home.py).
MOST_PENDING: Final = 5
MOST_ORDERS: Final = 5
MOST_RECEIVED: Final = 5
MOST_ATTENTION: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """How the queue stands, for admins.

    Attributes:
        queue: the state.
        waiting: how many orders are still to be sent.
        attention: how many orders need a person.
        listed: the first of them.
        per_second: the pace.
        balance: of the account at Tango, in major units with its currency; None where it is not known.
        funds: the same, with how long it lasts; None where the settings name no amount for an alert.
    """

    queue: QueueState
    waiting: int
    attention: int
    listed: Sequence[Order]
    per_second: float
    balance: tuple[Decimal, str] | None
    funds: AccountBalance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFacts:
    """All that a person's Home is made of. There is nothing in it that the person may not see.

    Attributes:
        sends: whether they may ask for rewards.
        decides: whether they are an approver.
        is_unconfirmed: whether Slack has not confirmed lately what they may do.
        admins: whom to ask, by Slack id.
        waiting: requests that they may decide about, the oldest first; one more than MOST_WAITING tells of more.
        pending: their own requests that wait, the newest first.
        orders: the newest orders that they asked for.
        received: the newest rewards that they were told of as recipients.
        sending: how the queue stands; None for who is no admin.
        on_hold: whether nothing is sent at present.
        undo_within: for how long an approval can be undone.
        away_until: the day until which they are away; None for who is here.
        rooms: what the budgets have left that name the person.
    """

    sends: bool
    decides: bool
    is_unconfirmed: bool
    admins: Sequence[str]
    waiting: Sequence[Request]
    pending: Sequence[Request]
    orders: Sequence[Order]
    received: Sequence[Order]
    sending: Sending | None
    on_hold: bool = False
    undo_within: timedelta = timedelta(0)
    away_until: date | None = None
    rooms: Sequence[Room] = ()


class Homes:
    """Gathers what a person's Home shows, and has open tabs rewritten.

    Args:
        storage: of everything.
        clock: tells the time.
        roles: return who may do what.
        cards: find what a person may decide.
        budgets: tell what is left in budgets.
        orders_per_second: the pace.
        balance: returns the account's balance, if this bot knows it.
        undo_within: how long an approval can be undone.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        roles: Callable[[], Roles],
        cards: Cards,
        budgets: Budgets,
        orders_per_second: float,
        balance: Callable[[], tuple[Decimal, str] | None],
        undo_within: timedelta = timedelta(0),
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._cards = cards
        self._budgets = budgets
        self._orders_per_second = orders_per_second
        self._balance = balance
        self._undo_within = undo_within
        self._followed: Roles | None = None

    def open(self, user_id: str) -> None:
        """Note that a person has opened Home: from now on it is rewritten for them."""
        with self._storage.transaction():
            now = self._clock.now()
            self._storage.homes.open(user_id, now, forget_before=now - OPEN_FOR)

    def rewrite_for(self, audience: str) -> None:
        """Have Home rewritten for those of an audience who have it open: what they were told changes it too.

        Args:
            audience: a Slack id, or APPROVALS.
        """
        open_for = self._storage.homes.opened_since(self._clock.now() - OPEN_FOR)
        if not open_for:
            return
        readers = open_for & (self._roles().all_approvers if audience == APPROVALS else {audience})
        for user_id in sorted(readers):
            self._storage.outbox.add(HomeChanged(user_id), home_of(user_id), self._clock.now())

    def follow_rights(self) -> None:
        """Have Home rewritten for those whose rights have changed since the last look: they see what they may now.

        The first look is after a start, which may have been for other settings: it is for everyone who has it open.
        """
        roles, before = self._roles(), self._followed
        readers = self._storage.homes.opened_since(self._clock.now() - OPEN_FOR)
        if before is not None:
            changed = (before.senders ^ roles.senders) | (before.all_approvers ^ roles.all_approvers)
            readers &= changed | (before.admins ^ roles.admins)
        with self._storage.transaction():
            for user_id in sorted(readers):
                self._storage.outbox.add(HomeChanged(user_id), home_of(user_id), self._clock.now())
        self._followed = roles

    def facts(self, person: Person) -> HomeFacts:
        """Return what the person's Home shows now."""
        roles, user_id = self._roles(), person.user_id
        decides = user_id in roles.all_approvers
        received = OrderSearch(recipient_id=user_id, status=SearchStatus.ACCEPTED)
        sends = _sends(person, roles)
        return HomeFacts(
            sends=sends,
            decides=decides,
            is_unconfirmed=roles.rule_for(user_id, Rule.APPROVERS_ONLY) is Rule.MEMBERSHIP_UNKNOWN,
            admins=sorted(roles.admins),
            waiting=self._cards.pending_for(user_id, MOST_WAITING + 1) if decides else (),
            pending=self._storage.requests.pending(requester_id=user_id, most=MOST_PENDING),
            orders=self._storage.search.page(OrderSearch(requester_id=user_id), before=None, most=MOST_ORDERS),
            received=newest_told(self._storage, received, before=None, most=MOST_RECEIVED),
            sending=self._sending() if user_id in roles.admins else None,
            on_hold=self._storage.queue.state().is_on_hold,
            undo_within=self._undo_within,
            away_until=self._storage.absences.away(self._clock.now()).get(user_id),
            rooms=self._budgets.rooms(user_id) if sends else (),
        )

    def _sending(self) -> Sending:
        backlog = self._storage.backlog
        counts = backlog.size().orders
        return Sending(
            queue=self._storage.queue.state(),
            waiting=counts[OrderStatus.QUEUED] + counts[OrderStatus.SUBMITTING],
            attention=counts[OrderStatus.NEEDS_ATTENTION],
            listed=backlog.orders(OrderStatus.NEEDS_ATTENTION, MOST_ATTENTION),
            per_second=self._orders_per_second,
            balance=self._balance(),
            funds=fresh_balance(self._storage, self._clock.now()),
        )


def _sends(person: Person, roles: Roles) -> bool:
    try:
        check_may_send(person, roles)
    except NotAllowed:
        return False
    return True
