"""Access: notes who has which role, and reviews it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.clock import Clock
from bot.domain.access import Held, RoleName, holders
from bot.domain.audit import AuditEvent
from bot.domain.policy import Roles
from storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What a review of access found.

    Attributes:
        held: the roles that somebody has, by role and person.
        reviewed_at: the time of the review before, UTC; None before the first.
        changed: the roles that somebody got or lost since then.
        self_approvals: how many requests their requester has approved; the database refuses it.
    """

    held: Sequence[Held]
    reviewed_at: datetime | None
    changed: Sequence[Held]
    self_approvals: int


class Access:
    """Notes who has which role.

    Args:
        storage: keeps it.
        clock: tells the time.
        roles: return who has which role, as Slack has told.
        senders: the ids that the settings name as senders.
    """

    def __init__(self, *, storage: Storage, clock: Clock, roles: Callable[[], Roles], senders: frozenset[str]) -> None:
        self._storage = storage
        self._clock = clock
        self._roles = roles
        self._senders = senders

    def note(self) -> None:
        """Note who got a role, and who has it no longer. A role of which Slack doesn't tell stays as it was."""
        found = holders(self._roles(), self._senders)
        with self._storage.transaction():
            _note(self._storage, found, self._clock.now())

    def review(self, actor: str) -> Reviewed:
        """Return who has which role now, and what has changed since the review before; note that there was one.

        Args:
            actor: who reviews it.
        """
        found = holders(self._roles(), self._senders)
        self_approvals = self._storage.witness.self_approvals()
        with self._storage.transaction():
            now, before = self._clock.now(), self._storage.audit.reviewed_at()
            _note(self._storage, found, now)
            held = self._storage.access.held()
            changed = self._storage.access.changed_since(before) if before is not None else ()
            self._storage.audit.add(
                AuditEvent.ACCESS_REVIEWED,
                now=now,
                actor=actor,
                held=len(held),
                changed=len(changed),
                self_approvals=self_approvals,
            )
        return Reviewed(held=held, reviewed_at=before, changed=changed, self_approvals=self_approvals)


def _note(storage: Storage, found: Mapping[RoleName, frozenset[str]], now: datetime) -> None:
    known = storage.access.held()
    for role, people in found.items():
        before = {one.user_id for one in known if one.role is role}
        for user_id in sorted(people - before):
            storage.access.begin(role, user_id, now)
        for user_id in sorted(before - people):
            storage.access.end(role, user_id, now)
