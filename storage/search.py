"""Searching orders: one condition for each criterion, on the columns and the frozen body of an order.

Some facts are in the body alone, as JSON. A search goes by the index of requesters, recipients or states, and reads
the bodies of those orders only.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from bot.domain.money import UNUSUAL_DECIMALS
from bot.domain.order import Order, OrderStatus
from bot.domain.request import RequestStatus
from bot.domain.search import OrderSearch
from storage.database import Database, to_ms
from storage.order_rows import order_of

#: The most decimals that a currency has: amounts of all currencies are compared in thousandths.
_MOST_DECIMALS: Final = 3

_NEWEST: Final = "SELECT id FROM orders WHERE id < :before ORDER BY id DESC LIMIT 1"

# The words of the index, so that SQLite finds it to be the right one.
_UNDELIVERED: Final = "orders INDEXED BY orders_undelivered WHERE problem = 'undelivered' AND status = 'accepted'"

_OF_REFERENCES: Final = "SELECT * FROM orders WHERE external_ref_id IN (SELECT value FROM json_each(:references))"


# An index has the requests that wait; those that were decided are looked at from the newest on.
_WAITING: Final = """
SELECT id FROM requests INDEXED BY requests_pending
WHERE status = 'pending_approval' AND id < :before AND (requester_id = :requester_id OR :requester_id IS NULL)
ORDER BY id DESC LIMIT :most
"""
_DECIDED: Final = """
SELECT id FROM requests
WHERE status = :status AND id < :before AND (requester_id = :requester_id OR :requester_id IS NULL)
ORDER BY id DESC LIMIT :most
"""


def _currencies_with(decimals: int) -> str:
    return ", ".join(f"'{code}'" for code, has in UNUSUAL_DECIMALS.items() if has == decimals)


_THOUSANDTHS: Final = (
    f"amount_minor * CASE WHEN currency IN ({_currencies_with(0)}) THEN 1000"
    f" WHEN currency IN ({_currencies_with(3)}) THEN 1 ELSE 10 END"
)


def _sent(path: str) -> str:
    """Return the SQL for what the body says at `path`, in small letters: the search ignores case."""
    return f"lower(json_extract(CAST(body AS TEXT), '$.{path}'))"


def _same(text: str, name: str) -> str:
    return f"{text} = lower(:{name})"


def _within(text: str, name: str) -> str:
    return f"{text} LIKE lower(:{name}) ESCAPE '\\'"


#: One condition for each criterion that the tables can answer. Only Tango knows line items.
_CONDITIONS: Final[Mapping[str, str]] = {
    "requester_id": "requester_id = :requester_id",
    "recipient_id": "recipient_id = :recipient_id",
    "order_status": "status = :order_status",
    "is_scheduled": "(is_held = 1 AND send_at IS NOT NULL) = :is_scheduled",
    "recipient_email": _same("lower(email)", "recipient_email"),
    "recipient_name": _within("' ' || lower(first_name) || ' ' || lower(last_name) || ' '", "recipient_name"),
    "recipient_first_name": _same("lower(first_name)", "recipient_first_name"),
    "recipient_last_name": _same("lower(last_name)", "recipient_last_name"),
    "sender_first_name": _same(_sent("sender.firstName"), "sender_first_name"),
    "sender_last_name": _same(_sent("sender.lastName"), "sender_last_name"),
    "sender_email": _same(_sent("sender.email"), "sender_email"),
    "reward_name": _within("lower(reward_name)", "reward_name"),
    "utid": _same("lower(utid)", "utid"),
    "ptid": _same(_sent("ptid"), "ptid"),
    "min_amount": f"{_THOUSANDTHS} >= :min_amount",
    "max_amount": f"{_THOUSANDTHS} <= :max_amount",
    "currency_code": "currency = :currency_code",
    "begins_at": "created_at >= :begins_at",
    "ends_at": "created_at < :ends_at",
    "tango_status": _same("lower(tango_status)", "tango_status"),
    "campaign": _same(_sent("campaign"), "campaign"),
    "purchase_order_number": _same(_sent("purchaseOrderNumber"), "purchase_order_number"),
    "notes": _within(_sent("notes"), "notes"),
    "send_email": "(delivery = 'email') = :send_email",
    "external_ref_id": _same("lower(external_ref_id)", "external_ref_id"),
}


def _pattern(text: str) -> str:
    """Return the pattern of LIKE for a text that stands anywhere."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


#: How a value is passed to SQL, where not as it is.
_WRITTEN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "order_status": str,
    "recipient_name": lambda name: _pattern(f" {name} "),
    "reward_name": _pattern,
    "notes": _pattern,
    "min_amount": lambda amount: int(amount.scaleb(_MOST_DECIMALS)),
    "max_amount": lambda amount: int(amount.scaleb(_MOST_DECIMALS)),
    "begins_at": to_ms,
    "ends_at": to_ms,
}


class SearchStore:
    """Finds orders, and requests, newest first."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def page(self, wanted: OrderSearch, *, before: int | None, after: int = 0, most: int) -> Sequence[Order]:
        """Return the newest orders that are wanted, whose ids are below `before` and above `after`."""
        where, params = _conditions(wanted, before, after)
        sql = f"SELECT * FROM {_orders_for(wanted)} WHERE {where} ORDER BY id DESC LIMIT :most"  # noqa: S608 (fixed words)
        return [order_of(row) for row in self._db.query(sql, {**params, "most": most})]

    def counts(self, wanted: OrderSearch, *, after: int = 0, most: int) -> dict[OrderStatus, int]:
        """Return how many orders are wanted, by status, counted up to `most` together; with ids above `after`."""
        where, params = _conditions(wanted, None, after)
        found = f"SELECT status FROM {_orders_to_count(wanted)} WHERE {where} LIMIT :most"  # noqa: S608 (same)
        sql = f"SELECT status, count(*) AS n FROM ({found}) AS found GROUP BY status"  # noqa: S608 (same)
        rows = self._db.query(sql, {**params, "most": most})
        return {OrderStatus(row["status"]): int(row["n"]) for row in rows}

    def undelivered(self, wanted: OrderSearch, *, after: int = 0) -> int:
        """Return how many of the accepted orders that are wanted Kudos could not give to their recipients yet.

        Args:
            wanted: the search.
            after: the id above which orders are looked at.
        """
        where, params = _conditions(wanted, None, after)
        row = self._db.one(f"SELECT count(*) AS n FROM {_UNDELIVERED} AND {where}", params)  # noqa: S608 (same)
        return int(row["n"])  # type: ignore[index]  # count answers a row

    def newest_id(self) -> int:
        """Return the id of the newest order; 0 where there is none."""
        row = self._db.one(_NEWEST, {"before": _below(None)})
        return int(row["id"]) if row else 0

    def request_ids(
        self, status: RequestStatus, *, requester_id: str | None, before: int | None, most: int
    ) -> Sequence[int]:
        """Return the newest requests of that status, by one requester or (None) anybody, with ids below `before`."""
        params = {"requester_id": requester_id, "before": _below(before), "most": most}
        if status is RequestStatus.PENDING_APPROVAL:
            return [row["id"] for row in self._db.query(_WAITING, params)]
        return [row["id"] for row in self._db.query(_DECIDED, {**params, "status": status})]

    def of_references(self, references: Sequence[str]) -> dict[str, Order]:
        """Return our orders that have one of these `externalRefID`s, by it."""
        rows = self._db.query(_OF_REFERENCES, {"references": list(references)})
        return {order.external_ref_id: order for order in map(order_of, rows)}


def _orders_for(wanted: OrderSearch) -> str:
    """Return the table, with the index where SQLite would choose a slower one.

    Few orders need a person, while somebody may have received very many. INDEXED BY: see storage/migrations.py.
    """
    if wanted.order_status is OrderStatus.NEEDS_ATTENTION and wanted.recipient_id and not wanted.requester_id:
        return "orders INDEXED BY orders_by_status"
    return "orders"


def _orders_to_count(wanted: OrderSearch) -> str:
    """Return the table, with the index that has the status, so that no order is read for it."""
    if wanted.criteria == {"requester_id"}:
        return "orders INDEXED BY orders_by_requester_status"
    return "orders"


def _below(before: int | None) -> int:
    """Return the id below which rows are wanted: past every id where `before` is None."""
    return 2**62 if before is None else before


def _conditions(wanted: OrderSearch, before: int | None, after: int) -> tuple[str, dict[str, Any]]:
    """Return the condition after WHERE, made of fixed words, and its parameters."""
    parts = ["id < :before"]
    params: dict[str, Any] = {"before": _below(before)}
    if after:
        parts.append("id > :after")
        params["after"] = after
    for name, condition in _CONDITIONS.items():
        value = getattr(wanted, name)
        if value is not None:
            parts.append(condition)
            params[name] = _WRITTEN[name](value) if name in _WRITTEN else value
    return " AND ".join(parts), params
