"""The gift log: appended to in step with the orders, read by report, and nothing in it changes but names that go."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from bot.domain.gift_log import GiftChange, GiftKind, GiftRecord, logged_of, missing_rows
from bot.domain.money import Money
from bot.domain.numbers import order_number
from bot.domain.order import OrderStatus
from storage.database import Database, Row, from_ms, to_ms
from storage.order_rows import charge_of

# The brand is that of the catalog of now, because no order keeps it. Of a reward that is gone, its name stands for it.
_ORDER: Final = """
SELECT orders.*, requests.requester_name, requests.decided_by, requests.first_approved_by, requests.details,
    requests.occasion, requests.taxable, requests.budgets,
    (SELECT brand FROM catalog WHERE catalog.utid = orders.utid) AS brand
FROM orders JOIN requests ON requests.id = orders.request_id
WHERE orders.id = :order_id
"""
_OF_ORDER: Final = """
SELECT kind, face_minor, charged_minor, charged_currency FROM gift_log WHERE order_id = :order_id ORDER BY id
"""
_ADD: Final = """
INSERT INTO gift_log
    (order_id, kind, at, number, requester_id, requester_name, recipient_id, recipient_name, approved_by,
     first_approved_by, utid, reward_name, brand, currency, face_minor, charged_minor, charged_currency, occasion,
     taxable, team, campaign, purchase_order)
VALUES
    (:order_id, :kind, :at, :number, :requester_id, :requester_name, :recipient_id, :recipient_name, :approved_by,
     :first_approved_by, :utid, :reward_name, :brand, :currency, :face_minor, :charged_minor, :charged_currency,
     :occasion, :taxable, :team, :campaign, :purchase_order)
"""

# A page goes on behind the last row of the one before, so that nobody waits for more than a page.
_ROWS: Final = """
SELECT * FROM gift_log INDEXED BY gift_log_by_time
WHERE (at, id) > (:at, :id) AND at < :until AND (requester_id = :requester_id OR :requester_id IS NULL)
ORDER BY at, id LIMIT :most
"""

_NEWEST: Final = "SELECT max(id) AS id FROM orders"
# Orders that a bot of the version before has had accepted or ended: of these the log says nothing, or not the end.
_UNLOGGED: Final = """
SELECT id, status, finalized_at FROM orders
WHERE id > :after AND id <= :last AND (
    (status = 'accepted' AND (SELECT sum(face_minor) FROM gift_log WHERE order_id = orders.id) IS NULL)
    OR (status = 'failed' AND (SELECT sum(face_minor) FROM gift_log WHERE order_id = orders.id) <> 0)
)
ORDER BY id
"""

_REMOVE_NAMES: Final = """
UPDATE gift_log SET requester_name = '', recipient_name = '', campaign = '', purchase_order = ''
WHERE id IN (
    SELECT id FROM gift_log INDEXED BY gift_log_named
    WHERE recipient_name <> '' AND at < :before ORDER BY at, id LIMIT :most
)
"""

#: Orders that are looked at for what the log lacks at a time: a few milliseconds.
_ORDERS: Final = 5_000
#: Rows of one transaction whose names are removed: no click waits noticeably.
_BATCH: Final = 100


class GiftLogStore:
    """The table of the gift log."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def record(self, order_id: int, at: datetime) -> None:
        """Append what the log lacks of an order, in the transaction in which that became known; mostly nothing."""
        params = {"order_id": order_id}
        order = self._db.one(_ORDER, params)
        if order is None:
            return
        missing = missing_rows(
            logged_of(list(map(_change, self._db.query(_OF_ORDER, params)))),
            Money(order["amount_minor"], order["currency"]),
            charge_of(order["charge"]) if order["charge"] else None,
            is_sent=order["status"] == OrderStatus.ACCEPTED,
        )
        for change in missing:
            self._db.execute(_ADD, {**_facts(order), **_amounts(change), "at": to_ms(at)})

    def rows(self, since: datetime, until: datetime, requester_id: str | None = None) -> Iterator[GiftRecord]:
        """Yield the rows of a time, oldest first.

        Args:
            since: UTC.
            until: the first moment after it, UTC.
            requester_id: of whom; None for everyone's.
        """
        params = {"until": to_ms(until), "requester_id": requester_id}
        yield from map(_record, self._db.each(_ROWS, params, behind={"at": to_ms(since), "id": 0}))

    def unlogged(self) -> Iterator[Sequence[tuple[int, datetime | None]]]:
        """Yield the orders of which the log lacks something, a few at a time, each with when Tango made its reward.

        None where that is not when the row belongs: the reward was ended.
        """
        newest = self._db.one(_NEWEST)
        last = newest["id"] if newest is not None and newest["id"] else 0
        for after in range(0, last, _ORDERS):
            found = self._db.query(_UNLOGGED, {"after": after, "last": after + _ORDERS})
            for first in range(0, len(found), _BATCH):
                yield [(row["id"], _made_at(row)) for row in found[first : first + _BATCH]]

    def remove_names(self, before: datetime) -> int:
        """Remove the names from a batch of rows older than `before`; return how many: after 0, none are left."""
        return self._db.execute(_REMOVE_NAMES, {"before": to_ms(before), "most": _BATCH})


def _made_at(order: Row) -> datetime | None:
    return from_ms(order["finalized_at"]) if order["status"] == OrderStatus.ACCEPTED else None


def _change(row: Row) -> GiftChange:
    return GiftChange(GiftKind(row["kind"]), row["face_minor"], _charged(row))


def _charged(row: Row) -> Money | None:
    return None if row["charged_minor"] is None else Money(row["charged_minor"], row["charged_currency"])


def _amounts(change: GiftChange) -> dict[str, str | int | None]:
    charged = change.charged
    return {
        "kind": change.kind,
        "face_minor": change.face_minor,
        "charged_minor": charged.minor if charged else None,
        "charged_currency": charged.currency if charged else None,
    }


def _facts(order: Row) -> dict[str, str | int | None]:
    """Return what every row of an order says."""
    details = json.loads(order["details"])
    return {
        "order_id": order["id"],
        "number": order_number(order["request_id"], order["place"]),
        "requester_id": order["requester_id"],
        "requester_name": order["requester_name"],
        "recipient_id": order["recipient_id"],
        "recipient_name": f"{order['first_name']} {order['last_name']}".strip(),
        "approved_by": order["decided_by"] or "",
        "first_approved_by": order["first_approved_by"] or "",
        "utid": order["utid"],
        "reward_name": order["reward_name"],
        "brand": order["brand"] or order["reward_name"],
        "currency": order["currency"],
        "occasion": order["occasion"],
        "taxable": order["taxable"],
        "team": ", ".join(budget["name"] for budget in json.loads(order["budgets"])),
        "campaign": details.get("campaign", ""),
        "purchase_order": details.get("purchase_order", ""),
    }


def _record(row: Row) -> GiftRecord:
    return GiftRecord(
        id=row["id"],
        order_id=row["order_id"],
        kind=GiftKind(row["kind"]),
        at=from_ms(row["at"]),
        number=row["number"],
        requester_id=row["requester_id"],
        requester_name=row["requester_name"],
        recipient_id=row["recipient_id"],
        recipient_name=row["recipient_name"],
        approved_by=row["approved_by"],
        first_approved_by=row["first_approved_by"],
        utid=row["utid"],
        reward_name=row["reward_name"],
        brand=row["brand"],
        face=Money(row["face_minor"], row["currency"]),
        charged=_charged(row),
        occasion=row["occasion"],
        is_taxable=None if row["taxable"] is None else bool(row["taxable"]),
        team=row["team"],
        campaign=row["campaign"],
        purchase_order=row["purchase_order"],
    )
