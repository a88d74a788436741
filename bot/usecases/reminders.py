"""Reminders to those who can act, as one digest a person in their daytime; and asking another approver."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.clock import Clock
from bot.domain.audit import AuditEvent
from bot.domain.notices import ApproverAsked, Reminder
from bot.domain.policy import Roles
from bot.domain.reminder import is_daytime, reminders_due, who_can_act
from bot.domain.request import Request
from bot.errors import AlreadyDecided, NotFound
from storage import Storage

logger = logging.getLogger(__name__)

#: The requests that are read at once: the table is not held for longer than a click may wait.
_BATCH: Final = 50


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
        """Send each approver for whom it is day the reminders that are due, in one digest."""
        if not self._believes():
            return  # by a wrong clock it may be night, and nobody is back yet
        due = self._due()
        with self._storage.transaction():
            now = self._clock.now()
            self._storage.absences.forget(now)
            for approver_id, requests in sorted(due.items()):
                # What another bot has told meanwhile is no news.
                news = [one for one, told in requests.items() if self._storage.reminders.tell(one, approver_id, told)]
                if news:
                    self._storage.outbox.add(Reminder(tuple(news)), approver_id, now)

    def _due(self) -> Mapping[str, Mapping[int, int]]:
        """Return the requests of which each approver is to be reminded, with the number of the reminder."""
        now, roles = self._clock.now(), self._roles()
        away = self._storage.absences.away(now)
        due: defaultdict[str, dict[int, int]] = defaultdict(dict)
        for request in self._waiting() if self._after else ():
            number = reminders_due(request, now, self._after)
            if not number or request.is_overdue(now, self._expire_after):
                continue
            told = self._storage.reminders.told(request.id)
            for approver_id in who_can_act(request, roles, away):
                if told.get(approver_id, 0) < number and is_daytime(now, self._zone_of(approver_id)):
                    due[approver_id][request.id] = number
        return due

    def _waiting(self) -> Iterator[Request]:
        last_id = 0
        while batch := self._storage.requests.pending_after(last_id, _BATCH):
            yield from batch
            last_id = batch[-1].id

    def ask_another(self, reference: str, actor_id: str) -> Asking:
        """Ask the next approver to look at one's own request: each once. Who is away is not asked.

        Raises:
            NotFound: there is no such request, or it is somebody else's.
            AlreadyDecided: the request was decided.
        """
        with self._storage.transaction():
            request = self._storage.requests.by_reference(reference)
            if request is None or request.requester_id != actor_id:
                raise NotFound(reference)
            if not request.is_pending:
                at = request.decided_at or request.created_at
                raise AlreadyDecided(status=request.status, by=request.decider, at=at)
            now = self._clock.now()
            before = self._storage.reminders.asked(request.id)
            away = self._storage.absences.away(now)
            asked = next((one for one in who_can_act(request, self._roles(), away) if one not in before), None)
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
