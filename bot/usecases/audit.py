"""The audit log as proof: its head leaves the file, and who has a head can tell whether somebody changed the log.

The log is held against its own chain, against heads that left, and against the tables of requests and orders.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from typing import Any, Final

from bot.clock import Clock
from bot.domain.alerts import AuditHeadTold
from bot.domain.audit import AuditEvent, AuditHead
from storage import ChainedRow, Storage

#: Every row is behind a head that left the file, a day after it was written.
_TELL_AFTER: Final = timedelta(days=1)

#: Rows that are held against the tables at a time.
_PAGE: Final = 1_000

#: The events that name who decided.
_DECISIONS: Final = {
    AuditEvent.REQUEST_APPROVED: "decided_by",
    AuditEvent.REQUEST_DECLINED: "decided_by",
    AuditEvent.REQUEST_WITHDRAWN: "decided_by",
    AuditEvent.REQUEST_FIRST_APPROVED: "first_approved_by",
}

#: What a request was made with, and what an order is: the names of the facts, and of the columns.
_ASKED: Final = ("amount_minor", "currency", "utid")
_ORDERED: Final = ("external_ref_id", "recipient_id", *_ASKED)


class AuditFaultKind(StrEnum):
    """A way in which the log, or what it tells of, can have been changed."""

    CHANGED = "changed"
    """A row's hash doesn't follow from it and the row before: it was changed, or rows before it are gone or new."""
    UNCHAINED = "unchained"
    """The newest rows have no hash."""
    CUT = "cut"
    """The row of a head that left the file is gone."""
    REPLACED = "replaced"
    """A head that left the file has another hash: rows up to it were changed, and every hash was made again."""
    DIFFERS = "differs"
    """A request or an order differs from what the log says of it."""
    UNHEARD = "unheard"
    """The log doesn't tell of an approval or an order that is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFault:
    """One thing that is not as it was written.

    Attributes:
        kind: what is wrong.
        entry_id: the first row that it shows in, if it does in any.
        before: the row before that one, if there is one.
        request_id: the request that it is about, if any.
        order_id: the order that it is about, if any.
        what: the name of what differs.
        logged: what the log says.
        found: what the tables say, or the hash that was found.
    """

    kind: AuditFaultKind
    entry_id: int | None = None
    before: int | None = None
    request_id: int | None = None
    order_id: int | None = None
    what: str = ""
    logged: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a look at the whole log came to.

    Attributes:
        rows: how many it has.
        head: its end; None of an empty log.
        faults: what is wrong, in the order of the rows; what shows in no row comes last.
    """

    rows: int
    head: AuditHead | None
    faults: Sequence[AuditFault]


def begin_chain(storage: Storage, now: datetime) -> None:
    """Chain the rows that an earlier version wrote, if the newest is one: the row that says so covers them."""
    if not storage.audit_chain.is_complete():
        with storage.transaction():
            storage.audit.add(AuditEvent.AUDIT_CHAINED, now=now)


class AuditHeads:
    """Lets the head of the log leave the file.

    Args:
        storage: of the log.
        clock: tells the time.
        audience: who is told.
    """

    def __init__(self, *, storage: Storage, clock: Clock, audience: str) -> None:
        self._storage = storage
        self._clock = clock
        self._audience = audience

    def tell(self) -> None:
        """Have the head told once a row has been behind no told head for a day. An idle log is not told again."""
        with self._storage.transaction():
            now = self._clock.now()
            oldest, head = self._storage.audit_chain.oldest_untold(), self._storage.audit_chain.head()
            # A row of days ahead was written by a clock that was put back since.
            if oldest is None or head is None or abs(now - oldest) < _TELL_AFTER:
                return
            self._storage.audit.add(AuditEvent.AUDIT_HEAD_TOLD, now=now, head=str(head))
            self._storage.outbox.add(AuditHeadTold(str(head)), self._audience, now)


def verify(storage: Storage, heads: Sequence[AuditHead] = ()) -> Verified:
    """Read the whole log, and find what is not as it was written.

    Args:
        storage: of the log.
        heads: that left the file.
    """
    chain, tables = _Chain(heads), _Tables(storage)
    rows = chain.read(storage.audit_chain.rows())
    while page := list(islice(rows, _PAGE)):
        tables.compare(page)
    faults = sorted([*chain.faults, *tables.faults], key=lambda fault: fault.entry_id or 0)
    return Verified(rows=chain.count, head=chain.head, faults=[*faults, *chain.ends(), *tables.unheard()])


class _Chain:
    """Follows the chain, and remembers what doesn't hold."""

    def __init__(self, heads: Sequence[AuditHead]) -> None:
        self.faults: list[AuditFault] = []
        self.count = 0
        self.head: AuditHead | None = None
        self._wanted = {head.entry_id: head for head in heads}
        self._loose: int | None = None

    def read(self, rows: Iterator[ChainedRow]) -> Iterator[ChainedRow]:
        """Yield each row once it was looked at."""
        for row in rows:
            before = self.head.entry_id if self.head else None
            if row.stored is None:
                self._loose = self._loose or row.entry_id
            else:
                self._loose = None
                if row.stored != row.computed:
                    fault = AuditFault(kind=AuditFaultKind.CHANGED, entry_id=row.entry_id, before=before)
                    self.faults.append(fault)
            self.head = AuditHead(row.entry_id, row.stored or row.computed)
            self._compare(self.head)
            self.count += 1
            yield row

    def ends(self) -> Iterator[AuditFault]:
        """Yield what shows at the end of the log."""
        if self._loose is not None:
            yield AuditFault(kind=AuditFaultKind.UNCHAINED, entry_id=self._loose)
        last = self.head.entry_id if self.head else None
        for head in self._wanted.values():
            yield AuditFault(kind=AuditFaultKind.CUT, entry_id=head.entry_id, before=last)

    def _compare(self, found: AuditHead) -> None:
        head = self._wanted.pop(found.entry_id, None)
        if head is not None and head != found:
            self.faults.append(
                AuditFault(kind=AuditFaultKind.REPLACED, entry_id=found.entry_id, logged=head.hash, found=found.hash)
            )


# ------------------------------------------------------------------------------------- the tables


class _Tables:
    """Holds the log against requests and orders.

    What is there is listed before the log is read, so that what is added meanwhile is not missed in it.
    """

    def __init__(self, storage: Storage) -> None:
        self.faults: list[AuditFault] = []
        self._witness = storage.witness
        self._unheard = {
            AuditEvent.REQUEST_APPROVED: self._witness.approved_requests(),
            AuditEvent.ORDER_QUEUED: self._witness.all_orders(),
        }

    def compare(self, page: Sequence[ChainedRow]) -> None:
        """Compare some rows of the log with what they tell of."""
        requests = self._witness.requests(sorted({row.request_id for row in page if row.request_id is not None}))
        orders = self._witness.orders(sorted({row.order_id for row in page if row.order_id is not None}))
        for row in page:
            self._hear(row)
            facts = json.loads(row.facts)
            said = [
                *_of_request(row, facts, requests.get(row.request_id or 0)),
                *_of_order(row, facts, orders.get(row.order_id or 0)),
            ]
            self.faults += [
                AuditFault(
                    kind=AuditFaultKind.DIFFERS,
                    entry_id=row.entry_id,
                    request_id=row.request_id,
                    order_id=row.order_id,
                    what=what,
                    logged=str(logged),
                    found=str(found),
                )
                for what, logged, found in said
                if str(logged) != str(found)
            ]

    def unheard(self) -> Iterator[AuditFault]:
        """Yield the approvals and the orders of which no row tells."""
        for request_id in sorted(self._unheard[AuditEvent.REQUEST_APPROVED]):
            yield AuditFault(kind=AuditFaultKind.UNHEARD, request_id=request_id)
        for order_id in sorted(self._unheard[AuditEvent.ORDER_QUEUED]):
            yield AuditFault(kind=AuditFaultKind.UNHEARD, order_id=order_id)

    def _hear(self, row: ChainedRow) -> None:
        if row.event == AuditEvent.REQUEST_APPROVED:
            self._unheard[AuditEvent.REQUEST_APPROVED].discard(row.request_id or 0)
        elif row.event == AuditEvent.ORDER_QUEUED:
            self._unheard[AuditEvent.ORDER_QUEUED].discard(row.order_id or 0)


def _of_request(
    row: ChainedRow, facts: Mapping[str, Any], request: Mapping[str, Any] | None
) -> Iterator[tuple[str, object, object]]:
    """Yield what a row says of its request, and what the request says: a name, and both values."""
    stored = request or {}
    if row.event == AuditEvent.REQUEST_FILED:
        yield "requester_id", row.actor, stored.get("requester_id")
        yield from ((name, facts[name], stored.get(name)) for name in _ASKED if name in facts)
    for event, column in _DECISIONS.items():
        if row.event == event:
            yield column, facts.get("rule") or row.actor, stored.get(column)


def _of_order(
    row: ChainedRow, facts: Mapping[str, Any], order: Mapping[str, Any] | None
) -> Iterator[tuple[str, object, object]]:
    """Yield the same of its order."""
    stored = order or {}
    if row.event == AuditEvent.ORDER_QUEUED:
        yield from ((name, facts[name], stored.get(name)) for name in _ORDERED if name in facts)
