"""The storing of what was approved: the orders of a request, one or thousands, which are the same few statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.domain.order import ApprovedOrder
from storage.database import Database, Touched, to_ms

_INSERT: Final = """
INSERT INTO orders
    (request_id, place, requester_id, recipient_id, first_name, last_name, email, utid, reward_name, amount_minor,
     currency, external_ref_id, body, delivery, outcome_unknown, first_attempt_at, status, created_at, available_at,
     not_before, is_held, priority)
VALUES
    (:request_id, :place, :requester_id, :recipient_id, :first_name, :last_name, :email, :utid, :reward_name,
     :amount_minor, :currency, :external_ref_id, :body, :delivery, :outcome_unknown, :in_doubt_since,
     'queued', :now, :available_at, :not_before, :is_held, :priority)
"""
_IDS: Final = "SELECT id, external_ref_id FROM orders WHERE request_id = :request_id"


def insert_orders(database: Database, orders: Sequence[ApprovedOrder], now: datetime) -> Sequence[int]:
    """Store the orders of a request, each due at once, or held until its `not_before`; return their ids."""
    database.execute_many(_INSERT, [_params_of(order, now) for order in orders])
    database.touch(Touched.ORDERS)
    rows = database.query(_IDS, {"request_id": orders[0].request_id})
    ids = {row["external_ref_id"]: int(row["id"]) for row in rows}
    return [ids[order.external_ref_id] for order in orders]


def _params_of(new: ApprovedOrder, now: datetime) -> dict[str, object]:
    return {
        "request_id": new.request_id,
        "place": new.place,
        "requester_id": new.requester_id,
        "recipient_id": new.recipient.user_id,
        "first_name": new.recipient.first_name,
        "last_name": new.recipient.last_name,
        "email": new.recipient.email,
        "utid": new.utid,
        "reward_name": new.reward_name,
        "amount_minor": new.amount.minor,
        "currency": new.amount.currency,
        "external_ref_id": new.external_ref_id,
        "body": new.body,
        "delivery": new.delivery,
        "outcome_unknown": int(new.in_doubt_since is not None),
        "in_doubt_since": to_ms(new.in_doubt_since) if new.in_doubt_since else None,
        "available_at": to_ms(new.not_before or now),
        "not_before": to_ms(new.not_before) if new.not_before else None,
        "is_held": int(new.not_before is not None),
        "priority": new.priority,
        "now": to_ms(now),
    }
