"""Schedules: approved orders wait for a date, which their requester can change until then.

*Undo* and *Cancel* are those of any held order. People and reward are looked at once more when the date has come, as
of every order that has waited for an hour (bot/usecases/review.py).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.days import last_second_of
from bot.domain.order import Order
from bot.domain.request import Details, Recipient, Request, RequestStatus, decided_before
from bot.domain.schedule import Schedule, civil_text, schedule_fault
from bot.errors import InvalidForm, NotFound, Wish, WrongState
from bot.faults import Fault, FaultCode
from bot.tango.limits import EXPIRATION_LEAST
from bot.usecases.find_order import find_clicked, request_of
from storage import Storage


def ends_too_soon(last_day: date, zone: str, moment: datetime) -> bool:
    """Tell whether Tango would make no Promo Link at this moment that ends with this day, in that zone."""
    return last_second_of(last_day, zone) < moment + EXPIRATION_LEAST


def send_on_fault(details: Details, recipients: Iterable[Recipient], now: datetime) -> Fault | None:
    """Return what is wrong with the date on which these recipients get it; None where nothing is, or there is none.

    A Promo Link must not have expired by then.
    """
    schedule, last_day, zones = details.schedule, details.expires_on, {one.zone for one in recipients}
    fault = schedule_fault(schedule, zones, now)
    if fault is not None or schedule is None or last_day is None:
        return fault
    if any(ends_too_soon(last_day, zone, schedule.due(zone)) for zone in zones):
        return Fault(FaultCode.REVERSED)
    return None


class Schedules:
    """Lets go what is due, and changes dates.

    A date is a matter of the world's clock, unlike a hold, and the machine's may be wrong. Tango's is asked, without
    which nothing can be sent anyway. The rules of the zones are read when a process starts, so that the first look
    finds each moment anew.

    Args:
        storage: of the orders.
        clock: tells the machine's time.
        world_time: return the world's time, UTC, from Tango if need be; None while Tango doesn't tell it.
        undo_within: for how long an approval can be undone: no order is held for less.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        world_time: Callable[[], datetime | None],
        undo_within: timedelta = timedelta(0),
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._world_time = world_time
        self._undo_within = undo_within
        self._is_first = True

    def look(self) -> None:
        """Let go the orders whose date has come, and have their cards and receipts rewritten."""
        if self._is_first:
            self._find_moments()
            self._is_first = False
        first = self._storage.schedules.first()
        world_time = None if first is None else self._world_time()
        if first is None or world_time is None or first > world_time:
            return
        with self._storage.transaction():
            now = self._clock.now()
            for request_id, requester_id in sorted(self._storage.schedules.release(due_by=world_time, now=now)):
                self._storage.outbox.refresh_request(request_id, requester_id, now)

    def find_to_change(self, reference: str, actor_id: str) -> Request:
        """Return one's own request with a date, while it waits for approval or some of it for its date.

        Raises:
            NotFound: there is none.
            AlreadyDecided: the request came to nothing.
            WrongState: nothing of it waits for a date any more.
        """
        return self._to_change(self._storage.requests.by_reference(reference), reference, actor_id)[0]

    def find_of_order(self, reference: str, actor_id: str) -> Request:
        """Return the request of one's own order, while some of it waits for its date.

        Raises:
            NotFound: no order has this `externalRefID`, it is another's, or it had no date.
            WrongState: nothing of the request waits for a date any more.
        """
        request = request_of(self._storage, find_clicked(self._storage, reference))
        return self._to_change(request, request.reference, actor_id)[0]

    def passed_for(self, request: Request, user_ids: Collection[str]) -> Collection[str]:
        """Return for whom of these recipients the date of a request has passed; nobody where it has none."""
        schedule, now = request.details.schedule, self._clock.now()
        left = [one for one in request.recipients if one.user_id in user_ids]
        return [one.user_id for one in left if schedule and schedule.due(one.zone) <= now]

    def last_day_ahead(self, request: Request, user_ids: Collection[str]) -> date | None:
        """Return the last day of a Promo Link, if Tango still makes one for each of these recipients; else None."""
        last_day, now = request.details.expires_on, self._clock.now()
        zones = {one.zone for one in request.recipients if one.user_id in user_ids}
        is_ahead = last_day is not None and not any(ends_too_soon(last_day, zone, now) for zone in zones)
        return last_day if is_ahead else None

    def change(self, reference: str, actor_id: str, schedule: Schedule | None) -> None:
        """Send what still waits of one's own request on another date.

        Raises:
            NotFound: there is no such request with a date, or it is another's.
            AlreadyDecided: the request came to nothing.
            WrongState: nothing of it waits for a date any more.
            InvalidForm: there is no date, or it does not do.
        """
        with self._storage.transaction():
            now = self._clock.now()
            found = self._storage.requests.by_reference(reference)
            request, orders = self._to_change(found, reference, actor_id)
            if schedule is None:
                raise InvalidForm({"send_on": Fault(FaultCode.REQUIRED)})
            changed = replace(request, details=replace(request.details, schedule=schedule))
            waiting = {order.recipient.user_id for order in orders}
            left = [one for one in request.recipients if one.user_id in waiting] if orders else request.recipients
            fault = send_on_fault(changed.details, left, now)
            if fault is not None:
                raise InvalidForm({"send_on": fault})
            self._storage.schedules.change(changed, self._holds(changed, schedule, orders))
            event, told = AuditEvent.REQUEST_DATE_CHANGED, civil_text(schedule.at)
            self._storage.audit.add(event, now=now, actor=actor_id, request_id=request.id, send_at=told)
            self._storage.outbox.refresh_request(request.id, request.requester_id, now)

    def _to_change(self, request: Request | None, reference: str, actor_id: str) -> tuple[Request, Sequence[Order]]:
        """Return the request, and its orders that wait for their date: none before the approval."""
        if request is None or request.requester_id != actor_id or request.details.schedule is None:
            raise NotFound(reference)
        if request.is_pending:
            return request, []
        if request.status is not RequestStatus.APPROVED:
            raise decided_before(request)
        orders = self._storage.orders.of_request(request.id)
        waiting = [order for order in orders if order.waits_for_date]
        if not waiting:
            raise WrongState(number=orders[-1].number, status=orders[-1].status, move=Wish.CHANGE_DATE)
        return request, waiting

    def _holds(
        self, request: Request, schedule: Schedule, orders: Sequence[Order]
    ) -> Mapping[int, tuple[Schedule, datetime]]:
        """Return until when each order is held for another date, in the zone that counts for its recipient."""
        zones = {recipient.user_id: recipient.zone for recipient in request.recipients}
        own = {order.id: schedule.of_recipient(zones[order.recipient.user_id]) for order in orders}
        return {
            order.id: (own[order.id], own[order.id].held_until(order.created_at, self._undo_within)) for order in orders
        }

    def _find_moments(self) -> None:
        """Find anew when each civil time is, by the rules that its zone has now."""
        with self._storage.transaction():
            for order in self._storage.schedules.all():
                until = order.schedule.held_until(order.approved_at, self._undo_within)
                if until != order.not_before:
                    self._storage.schedules.hold(order.id, until)
