"""Budgets and limits, as people meet them: what is left, what is refused, and what the admins are warned of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from bot.clock import Clock
from bot.domain.budget import (
    Budget,
    BudgetUsed,
    Limits,
    Room,
    budgets_of,
    currency_fault,
    in_currency,
    month_of,
    room_fault,
    rooms_of,
    year_of,
)
from bot.domain.days import start_of
from bot.domain.money import Money
from bot.domain.notices import ADMINS
from bot.domain.policy import Roles
from bot.domain.request import NewRequest, Recipient
from bot.errors import GroupUnknown
from bot.faults import Fault
from bot.usecases.form_faults import FormFaults, Found
from storage import Storage


class Budgets:
    """Holds requests against budgets and limits.

    Args:
        storage: of the requests.
        clock: tells the time.
        roles: return who may do what, with the members of user groups.
        budgets: of the settings.
        limits: of the settings.
        zone: the installation's, in which days, months and years begin.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        roles: Callable[[], Roles],
        budgets: Sequence[Budget],
        limits: Limits,
        zone: str,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._budgets = budgets
        self.limits = limits
        self._zone = zone

    def rooms(self, requester_id: str, currency: str | None = None) -> Sequence[Room]:
        """Return what the budgets that name a requester have left, in one currency or in all.

        Nothing while Slack doesn't tell who is in a user group: a request is refused then.
        """
        try:
            budgets = self._of(requester_id)
        except GroupUnknown:
            return ()
        month = self._month(self._clock.now())
        currencies = dict.fromkeys(one.amount.currency for one in budgets) if currency is None else [currency]
        return [room for one in currencies for room in self._rooms(requester_id, in_currency(budgets, one), month)]

    def check(self, new: NewRequest) -> Iterator[Found]:
        """Find what the settings alone say against a request.

        Raises:
            GroupUnknown: Slack doesn't tell who is in a user group that a budget is for.
        """
        currency = new.amount.currency
        for fault in (self.limits.currency_fault(currency), currency_fault(self._of(new.requester_id), currency)):
            if fault is not None:
                yield "reward", fault
        over = self.limits.reward_fault(new.amount)
        if over is not None:
            yield "amount", over

    def check_room(self, new: NewRequest) -> Iterator[Found]:
        """Find what was asked for so far says against a request that is not stored.

        Raises:
            GroupUnknown: Slack doesn't tell who is in a user group that a budget is for.
        """
        month = self._month(self._clock.now())
        yield from self._faults(new, self._rooms_for(new, month), month)

    def short_of(self, new: NewRequest) -> Fault | None:
        """Return that a budget has no room for a request, or None.

        Raises:
            GroupUnknown: Slack doesn't tell who is in a user group that a budget is for.
        """
        return room_fault(self._rooms_for(new, self._month(self._clock.now())), new.total)

    def over_in_year(self, new: NewRequest) -> Iterator[tuple[Recipient, Fault]]:
        """Find the recipients who would get too much in this year by a request that is not stored."""
        return self._over_in_year(new, self._month(self._clock.now()))

    def reserve(self, request_id: int, new: NewRequest, now: datetime) -> None:
        """Have a request that was stored at `now` reserve what it asks for, in the transaction that stores it.

        Raises:
            GroupUnknown: Slack doesn't tell who is in a user group that a budget is for.
            InvalidForm: there is no room, or a recipient would get too much.
        """
        if not self._budgets and not self.limits.per_recipient_per_year:
            return  # whoever submits waits for this
        month = self._month(now)
        rooms = self._rooms_for(new, month)
        faults = FormFaults()
        faults.add_all(self._faults(new, rooms, month, but=request_id))
        faults.check()
        if new.approvals_needed == 0 and not rooms:
            raise GroupUnknown  # the budget that let a rule approve it named the requester a moment ago
        if rooms:
            self._storage.budgets.reserve(request_id, rooms, new.total, month)

    def look_over(self) -> Sequence[Room]:
        """Warn the admins of budgets that are nearly or wholly used; return what each has left in the current period.

        Of a budget that each has for themselves, what the one has who used most of it. A period that ended within the
        last month is looked at too: what was asked for at its end, and what Tango charged for it since.
        """
        month = self._month(self._clock.now())
        for budget in self._budgets:
            if budget.period(month - 1) != budget.period(month):
                self._look(budget, month - 1, is_over=True)
        return [self._look(budget, month) for budget in self._budgets]

    def _look(self, budget: Budget, month: int, *, is_over: bool = False) -> Room:
        """Warn of a budget in its period around a month; return what it has left.

        What is used is summed outside of a transaction: submits would wait for it.
        """
        rooms = self._by_owner(budget, month)
        told = self._storage.budgets.warned(budget, budget.period(month).first)
        for owner, room in rooms.items():
            if not told.issuperset((owner, level) for level in room.warnings):
                self._warn(owner, room, is_over=is_over)
        return max(rooms.values(), key=lambda room: room.used.minor, default=_room(budget, 0, month))

    def _by_owner(self, budget: Budget, month: int) -> Mapping[str, Room]:
        """Return what a budget has left, by the Slack id of whose it is; under an empty one where it is shared."""
        if budget.each:
            used = self._storage.budgets.by_requester(budget, month)
            return {owner: _room(budget, minor, month) for owner, minor in used.items()}
        [room] = self._rooms("", [budget], month)
        return {"": room}

    def _warn(self, owner: str, room: Room, *, is_over: bool) -> None:
        """Tell the admins, once, of the highest level that is reached and new."""
        budget, period = room.budget, room.period
        with self._storage.transaction():
            new = [level for level in room.warnings if self._storage.budgets.warn(budget, period.first, owner, level)]
            if not new:
                return
            notice = BudgetUsed(
                name=budget.name,
                owner=owner,
                percent=max(new),
                used_minor=room.used.minor,
                amount_minor=budget.amount.minor,
                currency=budget.amount.currency,
                last_day=period.last_day.isoformat(),
                is_over=is_over,
            )
            self._storage.outbox.add(notice, ADMINS, self._clock.now())

    def _faults(self, new: NewRequest, rooms: Sequence[Room], month: int, *, but: int = 0) -> Iterator[Found]:
        """Find that there is no room, or that a recipient would get too much; `but` is the id of the request itself."""
        short = room_fault(rooms, new.total)
        if short is not None:
            yield "amount", short
        yield from (("recipients", over) for _, over in self._over_in_year(new, month, but=but))

    def _over_in_year(self, new: NewRequest, month: int, *, but: int = 0) -> Iterator[tuple[Recipient, Fault]]:
        currency = new.amount.currency
        if currency not in self.limits.per_recipient_per_year:
            return
        since = start_of(year_of(month).first_day, self._zone)
        people = [recipient.user_id for recipient in new.recipients]
        given = self._storage.budgets.given(people, currency, since, but=but)
        for recipient in new.recipients:
            had = Money(given.get(recipient.user_id, 0), currency)
            over = self.limits.recipient_fault(recipient.name, new.amount_for(recipient), had)
            if over is not None:
                yield recipient, over

    def _rooms_for(self, new: NewRequest, month: int) -> Sequence[Room]:
        return self._rooms(new.requester_id, in_currency(self._of(new.requester_id), new.amount.currency), month)

    def _rooms(self, requester_id: str, budgets: Sequence[Budget], month: int) -> Sequence[Room]:
        return rooms_of(budgets, self._storage.budgets.sums(budgets, requester_id, month), month)

    def _of(self, requester_id: str) -> Sequence[Budget]:
        return budgets_of(self._budgets, requester_id, self._roles().groups) if self._budgets else ()

    def _month(self, now: datetime) -> int:
        return month_of(now, self._zone)


def _room(budget: Budget, minor: int, month: int) -> Room:
    return Room(budget=budget, period=budget.period(month), used=Money(minor, budget.amount.currency))
