"""`kudos audit`: proves that nobody has changed the audit log, and writes it out."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import chain
from typing import Final

from bot.domain.audit import AuditHead
from bot.domain.csv_lines import csv_lines
from bot.errors import ConfigurationError
from bot.settings import LocalSettings
from bot.usecases.audit import AuditFault, AuditFaultKind, Verified, verify
from storage import ChainedRow, Storage

#: Faults that are shown. Whoever reads them looks at the first; the count tells how far it goes.
_SHOWN: Final = 20

#: What differs, in words.
_NAMES: Final = {
    "requester_id": "requester",
    "decided_by": "decider",
    "first_approved_by": "first approver",
    "amount_minor": "amount in minor units",
    "recipient_id": "recipient",
    "utid": "reward",
    "external_ref_id": "reference",
}

#: The columns of an export, in this order. A new one is added at the end.
COLUMNS: Final = ("id", "at", "event", "actor", "request", "order", "facts", "hash")


@dataclass(frozen=True, slots=True)
class AuditExport:
    """An export of the audit log.

    Attributes:
        lines: of the file.
        head: the end of the log, which is kept apart from the file; None of an empty log.
    """

    lines: Iterator[str]
    head: AuditHead | None


def read_head(text: str) -> AuditHead:
    """Read a head as people copy it.

    Raises:
        ConfigurationError: it is none.
    """
    try:
        return AuditHead.read(text)
    except ValueError:
        right = "It looks like 1234:0f3a…: a row's number, and 64 letters and digits."
        raise ConfigurationError([f"--head: {text!r} isn't a head. {right}"]) from None


def verify_log(settings: LocalSettings, heads: list[AuditHead]) -> tuple[bool, str]:
    """Look at the whole log; return whether it is as it was written, and what was found, a line for each thing.

    Raises:
        StorageError: the database can't be used; the text says what to do.
    """
    with closing(Storage.visit(settings.storage.where)) as storage:
        found = verify(storage, heads)
    return not found.faults, "\n".join(_verdict(found, len(heads)))


def export_log(storage: Storage, since: date | None, *, as_csv: bool) -> AuditExport:
    """Return the rows since a day (UTC), as CSV or as a JSON object a line, and the head of the log.

    The day begins at midnight UTC. The head is that of the newest row, so that rows written meanwhile come after it.
    """
    head = storage.audit_chain.head()
    begins = datetime.combine(since, time.min, UTC) if since else None
    rows = (
        row
        for row in storage.audit_chain.rows()
        if (begins is None or row.at >= begins) and head is not None and row.entry_id <= head.entry_id
    )
    return AuditExport(_as_csv(rows) if as_csv else map(_as_json, rows), head)


def head_text(head: AuditHead | None) -> str:
    """Say how the log ends, and what to do with that."""
    if head is None:
        return "The audit log is empty."
    return f"The log ends with the head {head}. Keep it apart from this machine: `kudos audit verify --head` needs it."


# --------------------------------------------------------------------------------------------- words


def _verdict(found: Verified, heads: int) -> Iterator[str]:
    if not found.faults:
        rows = "1 row" if found.rows == 1 else f"{found.rows:,} rows"
        yield f"The audit log is as it was written: {rows}, and requests and orders agree with them."
        if not heads:
            yield "No head was given, so a log that was rewritten as a whole, or cut, would look the same."
        elif heads == 1:
            yield "It agrees with the head."
        else:
            yield f"It agrees with all {heads} heads."
    else:
        yield from map(_fault_text, found.faults[:_SHOWN])
        if len(found.faults) > _SHOWN:
            yield f"There are {len(found.faults) - _SHOWN:,} more."
    yield head_text(found.head)


def _fault_text(fault: AuditFault) -> str:
    match fault.kind:
        case AuditFaultKind.CHANGED:
            return _changed_text(fault)
        case AuditFaultKind.UNCHAINED:
            return (
                f"The rows from {fault.entry_id} on have no hash. An older version of Kudos wrote them, or somebody "
                "took the hashes away. The next start of the bot chains them as they are."
            )
        case AuditFaultKind.CUT:
            if fault.before is None:
                return f"The log was cut: the head that you gave is of row {fault.entry_id}, and it is empty."
            return (
                f"The log was cut: the head that you gave is of row {fault.entry_id}. It ends with row {fault.before}, "
                "or lacks that row."
            )
        case AuditFaultKind.REPLACED:
            return (
                f"The log was rewritten: row {fault.entry_id} has the hash {fault.found}, and had {fault.logged} when "
                "the head left. A row up to there was changed, and all hashes were made again."
            )
        case AuditFaultKind.DIFFERS:
            return (
                f"{_subject(fault)} was changed: its {_NAMES.get(fault.what, fault.what)} is {fault.found}, and row "
                f"{fault.entry_id} of the log says {fault.logged}."
            )
        case AuditFaultKind.UNHEARD:
            if fault.order_id is None:
                return f"{_subject(fault)} was approved, and no row of the log tells of that."
            return f"{_subject(fault)} isn't in the log."


def _changed_text(fault: AuditFault) -> str:
    if fault.before is None:
        return f"Row {fault.entry_id}, the first, was changed, or rows before it were removed."
    if fault.entry_id is not None and fault.entry_id > fault.before + 1:
        return f"Rows after {fault.before} were removed, or row {fault.entry_id} was changed."
    return f"Row {fault.entry_id} was changed."


def _subject(fault: AuditFault) -> str:
    return f"Request {fault.request_id}" if fault.order_id is None else f"The order with the id {fault.order_id}"


# --------------------------------------------------------------------------------------------- files


def _as_csv(rows: Iterator[ChainedRow]) -> Iterator[str]:
    return map(str.rstrip, csv_lines(chain([COLUMNS], map(_values, rows))))


def _as_json(row: ChainedRow) -> str:
    return json.dumps(dict(zip(COLUMNS, _values(row), strict=True)) | {"facts": json.loads(row.facts)})


def _values(row: ChainedRow) -> tuple[object, ...]:
    at = row.at.isoformat(timespec="milliseconds")
    hashed = row.stored or row.computed
    return row.entry_id, at, row.event, row.actor, row.request_id, row.order_id, row.facts, hashed
