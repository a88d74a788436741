"""People's rights: to have what is kept about them, and to have it removed as far as that may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.audit import AuditEvent
from storage import Storage


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What became of the removal of a person's data.

    Attributes:
        requests: how many requests something was removed from.
        open: the ids of the requests that are not done, and keep theirs until then.
    """

    requests: int
    open: Sequence[int]


def export_person(storage: Storage, person: str, now: datetime, actor: str) -> Mapping[str, Any]:
    """Return all that names a person, as JSON has it, and note that somebody wrote it out.

    Args:
        storage: of the installation.
        person: their Slack id.
        now: UTC.
        actor: who writes it out.
    """
    found = storage.person.rows(person)  # outside of the transaction: it takes its time
    with storage.transaction():
        storage.audit.add(AuditEvent.PERSON_EXPORTED, now=now, actor=actor, person=person)
    return {"person": person, "exported_at": now.isoformat(timespec="seconds"), "tables": found}


def erase_person(storage: Storage, person: str, now: datetime, actor: str) -> Erased:
    """Remove a person's name, addresses and texts from all that is done, each request in a transaction of its own.

    Ids, amounts, times and states stay, and with them every sum.

    Args:
        storage: of the installation.
        person: their Slack id.
        now: UTC.
        actor: who removes it.
    """
    found = storage.person.requests(person)
    left = [request_id for request_id in found if not _erase(storage, request_id, person)]
    with storage.transaction():
        storage.person.forget(person)
        done = len(found) - len(left)
        storage.audit.add(AuditEvent.PERSON_ERASED, now=now, actor=actor, person=person, requests=done)
    storage.empty_log()  # it has what was removed
    return Erased(requests=done, open=left)


def _erase(storage: Storage, request_id: int, person: str) -> bool:
    with storage.transaction():
        if storage.person.is_open(request_id):
            return False
        storage.person.erase(request_id, person)
    return True
