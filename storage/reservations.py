"""What requests reserve of budgets, in step with their orders: counted again each time, so that nothing frees twice."""

from typing import Final

from bot.domain.budget import settled
from bot.domain.money import Money
from bot.domain.order import OrderStatus
from storage.database import Database
from storage.order_rows import charge_of

# Nothing of a request without budgets.
_ORDERS: Final = """
SELECT orders.request_id, orders.amount_minor, orders.currency, orders.status, orders.charge
FROM orders JOIN requests ON requests.id = orders.request_id
WHERE requests.id = (SELECT request_id FROM orders WHERE id = :order_id) AND requests.budget_set IS NOT NULL
"""
_SETTLE: Final = "UPDATE requests SET reserved_minor = :minor WHERE id = :id AND reserved_minor <> :minor"

#: An order in one of these states takes nothing.
_VOID: Final = (OrderStatus.FAILED, OrderStatus.CANCELED)


def settle(database: Database, order_id: int) -> None:
    """Have the request of an order reserve what its orders have cost, or may still cost, in the open transaction."""
    orders = database.query(_ORDERS, {"order_id": order_id})
    if not orders:
        return
    minor = sum(
        settled(Money(row["amount_minor"], row["currency"]), charge_of(row["charge"]) if row["charge"] else None)
        for row in orders
        if row["status"] not in _VOID
    )
    database.execute(_SETTLE, {"id": orders[0]["request_id"], "minor": minor})
