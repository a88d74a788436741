"""The order that somebody means: by its number, or by the reference that a button carries."""

from bot.domain.order import Order
from bot.domain.policy import Roles, check_is_admin
from bot.errors import NotFound
from storage import Storage


def find_numbered(storage: Storage, order_id: int) -> Order:
    """Return the order of that number.

    Raises:
        NotFound: there is no such order.
    """
    order = storage.orders.get(order_id)
    if order is None:
        raise NotFound(str(order_id))
    return order


def find_clicked(storage: Storage, reference: str) -> Order:
    """Return the order whose buttons carry this `externalRefID`.

    Raises:
        NotFound: no order has it.
    """
    order = storage.orders.by_reference(reference)
    if order is None:
        raise NotFound(reference)
    return order


def find_clicked_by_admin(storage: Storage, roles: Roles, reference: str, actor_id: str) -> Order:
    """Return the order whose buttons carry this `externalRefID`, for an admin.

    Raises:
        NotAllowed: the actor is no admin.
        NotFound: no order has it.
    """
    order = storage.orders.by_reference(reference)
    check_is_admin(actor_id, roles, order.id if order else None)
    if order is None:
        raise NotFound(reference)
    return order
