"""Schedules: approved orders wait for a date, which their requester can change until then.

*Undo* and *Cancel* are those of any held order. People and reward are looked at once more when the date has come, as
of every order that has waited for an hour (bot/usecases/review.py).
"""

from collections.abc import Callable
from dataclasses import replace

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.request import Request
from bot.domain.schedule import Schedule, civil_text, due_at, schedule_fault
from bot.errors import InvalidForm, NotFound
from bot.faults import Fault, FaultCode
from storage import Storage


class Schedules:
    """Lets go what is due, and changes dates.

    A date is a matter of the world's clock, unlike a hold: nothing is let go while the machine's is not believed. The
    rules of the zones are read when a process starts, so that each moment is found anew at the first look.

    Args:
        storage: of the orders.
        clock: tells the time.
        believes: tells whether the clock is believed.
    """

    def __init__(self, *, storage: Storage, clock: Clock, believes: Callable[[], bool]) -> None:
        self._storage = storage
        self._clock = clock
        self._believes = believes
        self._is_first = True

    def look(self) -> None:
        """Let go the orders whose date has come, and have their cards and receipts rewritten."""
        if not self._believes():
            return
        if self._is_first:
            self._find_moments()
            self._is_first = False
        now = self._clock.now()
        due = self._storage.schedules.due(now)
        if not due:
            return
        with self._storage.transaction():
            self._storage.schedules.release([order.id for order in due], now)
            for request_id, requester_id in sorted({(one.request_id, one.requester_id) for one in due}):
                self._storage.outbox.refresh_request(request_id, requester_id, now)

    def find_to_change(self, reference: str, actor_id: str) -> Request:
        """Return one's own approved request, while some of it waits for its date.

        Raises:
            NotFound: there is none.
        """
        request = self._storage.requests.by_reference(reference)
        if request is None or request.requester_id != actor_id or request.details.schedule is None:
            raise NotFound(reference)
        if not self._storage.orders.progress(request.id).is_scheduled:
            raise NotFound(reference)
        return request

    def change(self, reference: str, actor_id: str, schedule: Schedule | None) -> None:
        """Send what still waits of one's own request on another date.

        Raises:
            NotFound: nothing of it waits any more.
            InvalidForm: there is no date, it is over somewhere, or too far away.
        """
        with self._storage.transaction():
            request = self.find_to_change(reference, actor_id)
            zones = {recipient.user_id: recipient.zone for recipient in request.recipients}
            fault = schedule_fault(schedule, zones.values(), self._clock.now())
            if schedule is None or fault is not None:
                raise InvalidForm({"send_on": fault or Fault(FaultCode.REQUIRED)})
            moments = {}
            for order in self._storage.orders.of_request(request.id):
                zone = schedule.zone_for(zones.get(order.recipient.user_id, ""))
                if order.is_held:
                    moments[order.id] = Schedule(schedule.at, zone), due_at(schedule.at, zone)
            changed = replace(request, details=replace(request.details, schedule=schedule))
            self._storage.schedules.change(changed, moments)
            now = self._clock.now()
            self._storage.audit.add(
                AuditEvent.REQUEST_RESCHEDULED,
                now=now,
                actor=actor_id,
                request_id=request.id,
                send_at=civil_text(schedule.at),
            )
            self._storage.outbox.refresh_request(request.id, request.requester_id, now)

    def _find_moments(self) -> None:
        """Find anew when each civil time is, by the rules that its zone has now."""
        found = [(order, due_at(order.schedule.at, order.schedule.zone)) for order in self._storage.schedules.all()]
        moved = [(order, at) for order, at in found if at != order.not_before]
        if moved:
            with self._storage.transaction():
                for order, at in moved:
                    self._storage.schedules.move(order, at)
