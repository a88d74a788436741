"""Absences: an approver is away until a day. Reminders and cards go to the others; the right to decide stays."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.days import start_of, zone_of
from bot.domain.notices import ApproversAway, HomeChanged, home_of
from bot.domain.policy import Roles, check_is_approver
from bot.domain.reminder import enough_can_act
from bot.errors import InvalidForm
from bot.faults import Fault, FaultCode
from storage import Storage

#: An absence of more than a year is a slip of the finger.
_LONGEST: Final = timedelta(days=365)


class Absences:
    """Keeps who is away, and tells requesters where nobody is left.

    Args:
        storage: of the absences.
        clock: tells the time.
        roles: return who may do what.
        zone_of: returns a person's time zone by Slack id, as an IANA name.
    """

    def __init__(
        self, *, storage: Storage, clock: Clock, roles: Callable[[], Roles], zone_of: Callable[[str], str]
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._zone_of = zone_of

    def check_may_be_away(self, actor_id: str) -> None:
        """Refuse who is no approver.

        Raises:
            NotAllowed: not an approver.
        """
        check_is_approver(actor_id, self._roles())

    def leave(self, actor_id: str, until: date | None) -> None:
        """Keep that an approver is away until the beginning of a day.

        Args:
            actor_id: the approver.
            until: the day on which they are back, where they are.

        Raises:
            NotAllowed: not an approver.
            InvalidForm: there is no day, or it is not within the next year.
        """
        self.check_may_be_away(actor_id)
        now, zone = self._clock.now(), self._zone_of(actor_id)
        today = now.astimezone(zone_of(zone)).date()
        if until is None:
            raise InvalidForm({"away_until": Fault(FaultCode.TOO_SOON)})
        if not today < until <= today + _LONGEST:
            code = FaultCode.TOO_SOON if until <= today else FaultCode.TOO_LATE
            raise InvalidForm({"away_until": Fault(code)})
        with self._storage.transaction():
            self._storage.absences.set(actor_id, start_of(until, zone), until)
            self._storage.outbox.add(HomeChanged(actor_id), home_of(actor_id), now)

    def come_back(self, actor_id: str) -> None:
        """Keep that an approver is back.

        Raises:
            NotAllowed: not an approver.
        """
        self.check_may_be_away(actor_id)
        with self._storage.transaction():
            self._storage.absences.end(actor_id)

    def here(self, approvers: Sequence[str], needed: int) -> Sequence[str]:
        """Return who of these approvers is not away; all of them where fewer than `needed` are here."""
        away = self._storage.absences.away(self._clock.now())
        here = [one for one in approvers if one not in away]
        return here if len(here) >= needed else approvers

    def tell_if_nobody_is_left(self, request_id: int) -> None:
        """Tell the requester where too few are left to approve, in the transaction that stores the request."""
        now = self._clock.now()
        away = self._storage.absences.away(now)
        request = self._storage.requests.get(request_id) if away else None
        if request is None:
            return
        roles = self._roles()
        if enough_can_act(request, roles) and not enough_can_act(request, roles, away):
            self._storage.outbox.add(ApproversAway(request.id), request.requester_id, now)
