"""All that names one person: written out for them, or removed for good.

Both pass over whole tables, which is why only an operator's commands do it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from storage.database import Database, from_ms, to_json
from storage.retention import CLEAR_ORDERS, CLEAR_RECIPIENTS, CLEAR_RESENDS

#: The columns that hold one Slack id, by table.
ID_COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "requests": ("requester_id", "decided_by", "first_approved_by", "undone_by"),
    "recipients": ("user_id",),
    "orders": ("requester_id", "recipient_id"),
    "resends": ("requested_by",),
    "inquiries": ("requested_by",),
    "audit": ("actor",),
    "outbox": ("audience",),
    "hold_posts": ("audience",),
    "homes": ("user_id",),
    "card_copies": ("approver_id",),
    "budget_warnings": ("requester_id",),
    "reminders": ("approver_id",),
    "digests": ("approver_id",),
    "access": ("user_id",),
    "absences": ("user_id",),
    "gift_log": ("requester_id", "recipient_id", "approved_by", "first_approved_by"),
    "batches": ("requester_id",),
    "workflow_runs": ("recipient_id",),
}

#: The columns that hold Slack ids within a JSON text.
JSON_COLUMNS: Final[Mapping[str, Sequence[str]]] = {
    "requests": ("policy", "obstacles"),
    "audit": ("facts",),
    "outbox": ("facts",),
    "batches": ("asks_for",),
}

#: Whose a row is, and the columns that nobody else is given: another's name, address and words.
_OWN: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "requests": (
        "requester_id",
        frozenset(
            {"requester_name", "requester_email", "message", "details", "permalink", "occasion", "policy", "obstacles"}
        ),
    ),
    "orders": ("recipient_id", frozenset({"first_name", "last_name", "email", "body", "problem_detail"})),
    "gift_log": ("recipient_id", frozenset({"recipient_name", "requester_name", "campaign", "purchase_order"})),
    "batches": ("requester_id", frozenset({"asks_for"})),
}

_MESSAGES: Final = """
SELECT requests.id, requests.created_at, requests.requester_id,
    coalesce(recipients.own_message, requests.message) AS message
FROM recipients JOIN requests ON requests.id = recipients.request_id
WHERE recipients.user_id = :person ORDER BY requests.id
"""

#: Columns of time, besides those that end in `_at`.
_TIMES: Final = frozenset({"at", "since", "until", "not_before", "waits_since", "in_doubt_since"})

_REQUESTS: Final = """
SELECT id, requester_id, decided_by, details FROM requests WHERE id > :id ORDER BY id LIMIT :most
"""
_TO: Final = "SELECT request_id FROM recipients WHERE user_id = :person"
# Who decides about an order must know its recipient, and what waits is not sent without a name.
_IS_OPEN: Final = """
SELECT 1 FROM requests WHERE id = :request_id AND (
    status = 'pending_approval' OR EXISTS (
        SELECT 1 FROM orders WHERE orders.request_id = requests.id
        AND (orders.finalized_at IS NULL OR orders.watch_at IS NOT NULL)
    )
)
"""
_ERASE_WORDS: Final = """
UPDATE requests SET message = '', details = :details, permalink = '', occasion = '', reason = NULL
WHERE id = :request_id
"""
_ERASE_REASON: Final = "UPDATE requests SET reason = NULL WHERE id = :request_id"
_ERASE_REQUESTER: Final = "UPDATE requests SET requester_name = '', requester_email = '' WHERE id = :request_id"
_ERASE_RECIPIENT: Final = CLEAR_RECIPIENTS + "AND user_id = :person"
_ERASE_OWN_MESSAGES: Final = "UPDATE recipients SET own_message = NULL WHERE request_id = :request_id"
_ERASE_ORDER: Final = CLEAR_ORDERS + "AND recipient_id = :person"
# The body names its sender too.
_ERASE_BODIES: Final = "UPDATE orders SET body = :emptied, problem_detail = NULL WHERE request_id = :request_id"
_ERASE_RESENDS: Final = (
    CLEAR_RESENDS + "AND order_id IN (SELECT id FROM orders WHERE recipient_id = :person)"  # noqa: S608 (names of our own)
)
_FORGET_ABSENCE: Final = "DELETE FROM absences WHERE user_id = :person"
_FORGET_HOME: Final = "DELETE FROM homes WHERE user_id = :person"
# Nobody has to decide about these: lists that were checked and not asked for, and answered runs of workflows.
_FORGET_BATCHES: Final = """
DELETE FROM batches INDEXED BY batches_unasked
WHERE request_id IS NULL AND (requester_id = :person OR asks_for LIKE :quoted)
"""
_FORGET_RUNS: Final = """
DELETE FROM workflow_runs INDEXED BY workflow_runs_by_answer WHERE answered_at > 0 AND recipient_id = :person
"""

#: Of the details of a request, those that are about money and delivery, and not about a person.
_IMPERSONAL: Final = frozenset(
    {"delivery", "template", "campaign", "purchase_order", "expires_on", "printed_template", "in_public"}
)


class PersonStore:
    """Finds and removes what names a person, by their Slack id."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def rows(self, person: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """Return all rows that name a person, by table; as JSON has them.

        Of rows that are another's, what is private there is left out. Under `messages`: what was written to them.
        """
        found = {table: list(self._of_table(table, person)) for table in sorted(ID_COLUMNS.keys() | JSON_COLUMNS)}
        found["messages"] = self._db.query(_MESSAGES, {"person": person})
        return {table: [_plain_row(row) for row in rows] for table, rows in found.items() if rows}

    def requests(self, person: str) -> Sequence[int]:
        """Return the ids of the requests that have something private of a person: asked for, given, or decided."""
        given = {row["request_id"] for row in self._db.query(_TO, {"person": person})}
        return [
            row["id"]
            for row in self._db.each(_REQUESTS)
            if row["id"] in given or person in (row["requester_id"], row["decided_by"])
        ]

    def is_open(self, request_id: int) -> bool:
        """Return whether something may still happen to a request or its orders."""
        return self._db.one(_IS_OPEN, {"request_id": request_id}) is not None

    def erase(self, request_id: int, person: str) -> None:
        """Remove what a request that is done has of a person: their name and addresses, and texts by or to them."""
        [row] = self._db.query(_REQUESTS, {"id": request_id - 1, "most": 1})
        params = {"request_id": request_id}
        theirs = {**params, "person": person}
        asked, given = row["requester_id"] == person, self._db.execute(_ERASE_RECIPIENT, theirs) > 0
        if row["decided_by"] == person:
            self._db.execute(_ERASE_REASON, params)
        if asked:
            self._db.execute(_ERASE_REQUESTER, params)
            self._db.execute(_ERASE_OWN_MESSAGES, params)
            self._db.execute(_ERASE_BODIES, {**params, "emptied": b"{}"})
        if given:
            self._db.execute(_ERASE_ORDER, {**theirs, "emptied": b"{}"})
            self._db.execute(_ERASE_RESENDS, theirs)
        if asked or given:
            self._db.execute(_ERASE_WORDS, {**params, "details": _impersonal(row["details"])})

    def forget(self, person: str) -> None:
        """Remove what of a person belongs to no request: absence, Home, lists not asked for, and answered runs."""
        self._db.execute(_FORGET_ABSENCE, {"person": person})
        self._db.execute(_FORGET_HOME, {"person": person})
        self._db.execute(_FORGET_BATCHES, {"person": person, "quoted": f'%"{person}"%'})
        self._db.execute(_FORGET_RUNS, {"person": person})

    def _of_table(self, table: str, person: str) -> Iterator[Mapping[str, Any]]:
        wanted = [
            *(f"{column} = :person" for column in ID_COLUMNS.get(table, ())),
            *(f"{column} LIKE :quoted" for column in JSON_COLUMNS.get(table, ())),
        ]
        sql = f"SELECT * FROM {table} WHERE {' OR '.join(wanted)}"  # noqa: S608 (names of our own)
        used = {"person": person, "quoted": f'%"{person}"%'}
        for row in self._db.query(sql, {name: value for name, value in used.items() if f":{name}" in sql}):
            owner, private = _OWN.get(table, (None, frozenset[str]()))
            is_own = owner is None or row.get(owner) == person
            yield {name: value for name, value in row.items() if is_own or name not in private}


def _impersonal(details: str) -> str:
    return to_json({name: value for name, value in json.loads(details).items() if name in _IMPERSONAL})


def _plain_row(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: _plain(name, value) for name, value in row.items() if value is not None}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return json.loads(value)
    if isinstance(value, int) and (name in _TIMES or name.endswith("_at")):
        return from_ms(value).isoformat(timespec="seconds")
    return value
