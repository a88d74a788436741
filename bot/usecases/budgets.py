"""Budgets and limits, as people meet them: what is left, what is refused, and what the admins are warned of."""

from collections.abc import Callable, Iterator, Sequence

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
from bot.errors import InvalidForm, SlackUnavailable
from bot.faults import Fault
from storage import Storage

#: A field of the form, and what is wrong with it.
Found = tuple[str, Fault]


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
        budgets: Sequence[Budget] = (),
        limits: Limits = Limits(),  # noqa: B008 (frozen)
        zone: str = "UTC",
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._budgets = budgets
        self.limits = limits
        self._zone = zone

    def rooms(self, requester_id: str, currency: str | None = None) -> Sequence[Room]:
        """Return what the budgets that name a requester have left, in one currency or in all.

        Nothing while Slack has not told who is in a user group: a request is refused then.
        """
        try:
            budgets = self._of(requester_id)
        except SlackUnavailable:
            return ()
        currencies = dict.fromkeys(one.amount.currency for one in budgets) if currency is None else [currency]
        return [room for one in currencies for room in self._rooms(requester_id, in_currency(budgets, one))]

    def check(self, new: NewRequest) -> Iterator[Found]:
        """Find what the settings alone say against a request.

        Raises:
            SlackUnavailable: Slack has not told yet who is in a user group that a budget is for.
        """
        currency = new.amount.currency
        for fault in (self.limits.currency_fault(currency), currency_fault(self._of(new.requester_id), currency)):
            if fault is not None:
                yield "reward", fault
        over = self.limits.reward_fault(new.amount)
        if over is not None:
            yield "amount", over

    def check_room(self, new: NewRequest, *, but: int = 0) -> Iterator[Found]:
        """Find what was asked for so far says against a request; `but` is the id under which it is stored already.

        Raises:
            SlackUnavailable: Slack has not told yet who is in a user group that a budget is for.
        """
        short = self.short_of(new)
        if short is not None:
            yield "amount", short
        yield from (("recipients", fault) for _, fault in self.over_in_year(new, but=but))

    def short_of(self, new: NewRequest) -> Fault | None:
        """Return that a budget has no room for a request, or None.

        Raises:
            SlackUnavailable: Slack has not told yet who is in a user group that a budget is for.
        """
        return room_fault(self._rooms_for(new), new.total)

    def reserve(self, request_id: int, new: NewRequest) -> None:
        """Have a request that was just stored reserve what it asks for, in the transaction that stores it.

        Raises:
            InvalidForm: there is no room, or a recipient would get too much.
            SlackUnavailable: Slack has not told yet who is in a user group that a budget is for.
        """
        rooms = self._rooms_for(new)
        short = room_fault(rooms, new.total)
        over = self.over_in_year(new, but=request_id)
        found = [*([("amount", short)] if short else []), *(("recipients", fault) for _, fault in over)]
        if found:
            raise InvalidForm(_by_field(found))
        if rooms:
            self._storage.budgets.reserve(request_id, rooms, new.total, self._month())

    def look_over(self) -> Sequence[Room]:
        """Warn the admins of budgets that are nearly or wholly used; return what each has left.

        Of a budget that each has for themselves, what the one has who used most of it.
        """
        with self._storage.transaction():
            return [self._look(budget) for budget in self._budgets]

    def _look(self, budget: Budget) -> Room:
        month = self._month()
        used = self._storage.budgets.by_requester(budget, month)
        by_owner = used if budget.each else {"": sum(used.values())}
        rooms = {owner: _room(budget, minor, month) for owner, minor in by_owner.items()}
        for owner, room in rooms.items():
            self._warn(owner, room)
        return max(rooms.values(), key=lambda room: room.used.minor, default=_room(budget, 0, month))

    def _warn(self, owner: str, room: Room) -> None:
        """Tell the admins, once, of the highest level that is reached and new."""
        budget, period = room.budget, room.period
        new = [level for level in room.warnings if self._storage.budgets.warn(budget, period.first, owner, level)]
        if new:
            notice = BudgetUsed(
                name=budget.name,
                owner=owner,
                percent=max(new),
                used_minor=room.used.minor,
                amount_minor=budget.amount.minor,
                currency=budget.amount.currency,
                last_day=period.last_day.isoformat(),
            )
            self._storage.outbox.add(notice, ADMINS, self._clock.now())

    def over_in_year(self, new: NewRequest, *, but: int = 0) -> Iterator[tuple[Recipient, Fault]]:
        """Find the recipients who would get too much in this year; `but` is the id under which it is stored already."""
        currency = new.amount.currency
        if currency not in self.limits.per_recipient_per_year:
            return
        year = year_of(self._month())
        people = [recipient.user_id for recipient in new.recipients]
        given = self._storage.budgets.given(people, currency, start_of(year.first_day, self._zone), but=but)
        for recipient in new.recipients:
            had = Money(given.get(recipient.user_id, 0), currency)
            fault = self.limits.recipient_fault(recipient.name, new.amount_for(recipient), had)
            if fault is not None:
                yield recipient, fault

    def _rooms_for(self, new: NewRequest) -> Sequence[Room]:
        if not self._budgets:
            return ()
        return self._rooms(new.requester_id, in_currency(self._of(new.requester_id), new.amount.currency))

    def _rooms(self, requester_id: str, budgets: Sequence[Budget]) -> Sequence[Room]:
        month = self._month()
        return rooms_of(budgets, self._storage.budgets.sums(budgets, requester_id, month), month)

    def _of(self, requester_id: str) -> Sequence[Budget]:
        return budgets_of(self._budgets, requester_id, self._roles().groups) if self._budgets else ()

    def _month(self) -> int:
        return month_of(self._clock.now(), self._zone)


def _room(budget: Budget, minor: int, month: int) -> Room:
    return Room(budget=budget, period=budget.period(month), used=Money(minor, budget.amount.currency))


def _by_field(found: Sequence[Found]) -> dict[str, list[Fault]]:
    by_field: dict[str, list[Fault]] = {}
    for field, fault in found:
        by_field.setdefault(field, []).append(fault)
    return by_field
