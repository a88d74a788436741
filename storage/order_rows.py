"""The rows of the table of orders, as the stores read them."""

import json
from decimal import Decimal

from bot.domain.charge import Charge
from bot.domain.money import Money
from bot.domain.order import Order, OrderStatus
from bot.domain.problem import problem_from
from bot.domain.request import Delivery, Recipient
from storage.database import Row, from_ms, from_ms_or_none


def order_of(row: Row) -> Order:
    """Return the order that a row of the table holds."""
    return Order(
        id=row["id"],
        request_id=row["request_id"],
        place=row["place"],
        requester_id=row["requester_id"],
        recipient=Recipient(
            user_id=row["recipient_id"],
            first_name=row["first_name"],
            last_name=row["last_name"],
            email=row["email"],
            external_ref_id=row["external_ref_id"],
        ),
        utid=row["utid"],
        reward_name=row["reward_name"],
        amount=Money(row["amount_minor"], row["currency"]),
        external_ref_id=row["external_ref_id"],
        body=row["body"],
        delivery=Delivery(row["delivery"]),
        status=OrderStatus(row["status"]),
        attempts=row["attempts"],
        outcome_unknown=bool(row["outcome_unknown"]),
        created_at=from_ms(row["created_at"]),
        available_at=from_ms(row["available_at"]),
        not_before=from_ms_or_none(row["not_before"]),
        is_held=bool(row["is_held"]),
        claimed_at=from_ms_or_none(row["claimed_at"]),
        first_attempt_at=from_ms_or_none(row["first_attempt_at"]),
        reviewed_at=from_ms_or_none(row["reviewed_at"]),
        finalized_at=from_ms_or_none(row["finalized_at"]),
        reference_order_id=row["reference_order_id"],
        tango_status=row["tango_status"],
        tango_status_at=from_ms_or_none(row["tango_status_at"]),
        problem=problem_from(row["problem"]) if row["problem"] else None,
        problem_detail=row["problem_detail"],
        last_sent_at=from_ms_or_none(row["last_sent_at"]),
        delivered_at=from_ms_or_none(row["delivered_at"]),
        watches=row["watches"],
        watch_at=from_ms_or_none(row["watch_at"]),
        charge=charge_of(row["charge"]) if row["charge"] else None,
        priority=row["priority"],
    )


def charge_of(stored: str) -> Charge:
    """Return the charge that a column holds."""
    facts = json.loads(stored)
    numbers = {name: Decimal(text) for name, text in facts.items() if name != "currency"}
    return Charge(currency=facts["currency"], **numbers)
