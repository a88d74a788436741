"""Reminders to those who can act, as one digest a person and day, in their daytime; and asking another approver."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.days import zone_of
from bot.domain.notices import ApproverAsked, HomeChanged, Reminder, home_of
from bot.domain.policy import Roles, may_approve
from bot.domain.reminder import end_of_daytime, reminders_due, who_can_act
from bot.domain.request import Request, check_is_pending
from bot.errors import NotFound, Rule, SlackUnavailable
from storage import Storage


@dataclass(frozen=True, slots=True)
class Asking:
    """What came of asking someone else.

    Attributes:
        request: the request.
        asked: the approver who is asked now; None where there is nobody left to ask.
        before: who was asked before.
    """

    request: Request
    asked: str | None
    before: Sequence[str]


class Reminders:
    """Reminds approvers, and asks one of them for a requester.

    Args:
        storage: of the requests.
        clock: tells the time.
        roles: return who may do what.
        zone_of: returns a person's time zone by Slack id, as an IANA name.
        believes: return whether the machine's clock is believed.
        after: how long a request has waited at each reminder, the shortest first; none where nobody is reminded.
        expire_after: how long a request waits for a decision.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        clock: Clock,
        roles: Callable[[], Roles],
        zone_of: Callable[[str], str],
        believes: Callable[[], bool],
        after: Sequence[timedelta],
        expire_after: timedelta,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._zone_of = zone_of
        self._believes = believes
        self._after = after
        self._expire_after = expire_after

    def remind(self) -> None:
        """Remind each approver of all that waits for them: in their daytime, when something is due, and once a day.

        Absences that are over are removed.
        """
        if not self._believes():
            return  # by a wrong clock it may be night, and nobody is back yet
        due = self._due()
        with self._storage.transaction():
            now = self._clock.now()
            for user_id in self._storage.absences.forget(now):
                self._storage.outbox.add(HomeChanged(user_id), home_of(user_id), now)
            for approver_id, reminders in sorted(due.items()):
                day = now.astimezone(zone_of(self._zone_of(approver_id))).date()
                if self._storage.reminders.begin_digest(approver_id, day):
                    for request_id, number in reminders.items():
                        self._storage.reminders.tell(request_id, approver_id, number)
                    self._storage.outbox.add(Reminder(), approver_id, now)

    def _due(self) -> Mapping[str, Mapping[int, int]]:
        """Return the approvers who are to be reminded now: of each request that is due, the number of the reminder.

        A digest stands for all that is due until the evening.
        """
        now, roles = self._clock.now(), self._roles()
        away = self._storage.absences.away(now)
        evening = cache(lambda approver_id: end_of_daytime(now, self._zone_of(approver_id)))
        today: defaultdict[str, dict[int, int]] = defaultdict(dict)
        reminded = set()
        for request in self._waiting(now) if self._after else ():
            told = self._storage.reminders.told(request.id)
            for approver_id in who_can_act(request, roles, away):
                had, until = told.get(approver_id, 0), evening(approver_id)
                if until is None or had >= (number := reminders_due(request, until, self._after)):
                    continue
                today[approver_id][request.id] = number
                if had < reminders_due(request, now, self._after):
                    reminded.add(approver_id)
        return {approver_id: today[approver_id] for approver_id in reminded}

    def waiting_for(self, approver_id: str) -> Sequence[Request]:
        """Return all that an approver may approve now, the oldest first; nothing while they are away.

        Raises:
            SlackUnavailable: Slack has not confirmed lately that they are an approver.
        """
        now, roles = self._clock.now(), self._roles()
        is_known = approver_id in roles.all_approvers
        if not is_known and roles.rule_for(approver_id, Rule.APPROVERS_ONLY) is Rule.MEMBERSHIP_UNKNOWN:
            raise SlackUnavailable
        if approver_id in self._storage.absences.away(now):
            return []
        return [request for request in self._waiting(now) if may_approve(request, approver_id, roles)]

    def _waiting(self, now: datetime) -> Iterator[Request]:
        """Return the requests that wait and can still be decided, the oldest first."""
        pending = self._storage.requests.each_pending()
        return (request for request in pending if not request.is_overdue(now, self._expire_after))

    def ask_another(self, reference: str, actor_id: str) -> Asking:
        """Ask an approver to look at one's own request, the next one each time. Who is away is not asked.

        Raises:
            NotFound: there is no such request, or it is somebody else's.
            AlreadyDecided: the request was decided.
        """
        with self._storage.transaction():
            request = self._storage.requests.by_reference(reference)
            if request is None or request.requester_id != actor_id:
                raise NotFound(reference)
            check_is_pending(request)
            now = self._clock.now()
            before = self._storage.reminders.asked(request.id)
            away = self._storage.absences.away(now)
            able = who_can_act(request, self._roles(), away)
            asked = next((one for one in _from_another(able, request.id) if one not in before), None)
            if asked is not None and self._storage.reminders.ask(request.id, asked, now):
                self._storage.outbox.add(ApproverAsked(request.id), asked, now)
                self._storage.audit.add(
                    AuditEvent.REQUEST_APPROVER_ASKED,
                    now=now,
                    actor=actor_id,
                    request_id=request.id,
                    approver=asked,
                )
        return Asking(request, asked, before)


def _from_another(able: Sequence[str], request_id: int) -> Sequence[str]:
    """Return the same people, for each request from another one on: nobody is the first to be asked about all."""
    first = request_id % max(len(able), 1)
    return [*able[first:], *able[:first]]
